"""The audit trail: each ledger line as what it is about, what it said before, what it says now, and why."""

from __future__ import annotations

import re
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from typing import Any

from living.model.facts import (
    Adjudication,
    AuthorQuestion,
    Characteristics,
    Extraction,
    Fact,
    FullText,
    Judgement,
    LedgerLine,
    Link,
    Particulars,
    PublishedPool,
    Recusal,
    Release,
    ScreeningVote,
    Withdrawal,
)
from living.model.record import Record
from living.model.state import ReviewState
from living.model.surveillance import Search, Sighting, Strategy
from living.review.identity import Studies
from living.review.record_changes import typed_changes
from living.review.recused import records_of

MINUS = "−"
DIGITS = 12
_NAME = re.compile("[a-z]+(_[a-z]+)+")  # a word of ours, such as not_stated; texts and keys stay as they are
# What people and machines say, in words; the order is that of the list of kinds.
KINDS: Mapping[str, str] = {
    "record": "record of a source",
    "sighting": "what became of a record",
    "search": "search by hand",
    "strategy": "search strategy",
    "link": "ruling on a link",
    "screening_vote": "screening vote",
    "characteristics": "characteristics",
    "extraction": "extraction",
    "adjudication": "adjudication",
    "judgement": "judgement",
    "particulars": "how it was done",
    "full_text": "full text",
    "author_question": "question to authors",
    "recusal": "recusal",
    "signature": "signature",
    "protocol_activated": "protocol in force",
    "release": "version bound",
    "published_pool": "another review's result",
    "withdrawal": "withdrawal of a version",
    "retirement": "end of living mode",
}
# The fields that say why, and those that only say what a line is about; the others are its value.
WHY: Mapping[str, tuple[str, ...]] = {
    "link": ("evidence",),
    "screening_vote": ("reason",),
    "characteristics": ("quotes",),
    "extraction": ("quotes", "reasons"),
    "adjudication": ("reason", "quotes", "reasons"),
    "judgement": ("reason",),
    "full_text": ("note",),
    "recusal": ("reason",),
    "protocol_activated": ("note",),
    "withdrawal": ("reason",),
    "retirement": ("reason",),
    "published_pool": ("note",),
    "strategy": ("reason",),
}
ABOUT: Mapping[str, tuple[str, ...]] = {
    "link": ("a", "b"),
    "screening_vote": ("record", "imported"),
    "characteristics": ("study", "imported"),
    "extraction": ("cell", "imported"),
    "adjudication": ("cell",),
    "judgement": ("tool", "subject", "round", "judged"),
    "particulars": ("study",),
    "full_text": ("record",),
    "author_question": ("study", "id"),
    "recusal": ("study", "person"),
    "signature": ("digest",),
    "protocol_activated": ("topic", "text"),
    "withdrawal": ("version",),
    "published_pool": ("id", "imported"),
    "sighting": ("record",),
    "strategy": ("source", "query"),
    "search": ("source", "payload"),
}


@dataclass(frozen=True)
class Entry:
    """One line in words. `before`, `after`: the lines of the same thing around it; 0 where there is none."""

    line: LedgerLine
    study: str
    about: str
    old: str
    new: str
    why: str
    before: int
    after: int


@dataclass(frozen=True)
class Trail:
    """A ledger with, for each line, the line of the same thing before and after it."""

    state: ReviewState
    studies: Studies
    before: Mapping[int, int] = field(default_factory=dict)
    after: Mapping[int, int] = field(default_factory=dict)

    def line(self, seq: int) -> LedgerLine | None:
        """Return a line by its number; None when the ledger has none such."""
        lines = self.state.lines
        found = lines[seq - 1] if 0 < seq <= len(lines) else None
        return found if found is None or found.seq == seq else _searched(lines, seq)

    def study_of(self, line: LedgerLine) -> str:
        """Return the key of the study a line is about; empty when it is about none."""
        match line.fact:
            case Record(key=key):
                records: tuple[str, ...] = (key,)
            case fact:
                records = records_of(fact)
        return self.studies.key_of.get(records[0], records[0]) if records else ""

    def entry(self, line: LedgerLine) -> Entry:
        """Return a line in words, with what the same thing said before."""
        before = self.before.get(line.seq, 0)
        earlier = self.line(before) if before else None
        return Entry(
            line,
            self.study_of(line),
            about(line.fact),
            value_of(earlier.fact) if earlier else "",
            value_of(line.fact),
            _why(line.fact, earlier.fact if earlier else None),
            before,
            self.after.get(line.seq, 0),
        )


def trail(state: ReviewState, studies: Studies) -> Trail:
    """Join each line with the one of the same thing before it.

    What people read, vote and judge alone is each person's own: another's is not its predecessor.
    """
    latest: dict[Hashable, int] = {}
    before: dict[int, int] = {}
    after: dict[int, int] = {}
    for line in state.lines:
        thing = _thing(line)
        if thing in latest:
            before[line.seq], after[latest[thing]] = latest[thing], line.seq
        latest[thing] = line.seq
    return Trail(state, studies, before, after)


def about(fact: Fact) -> str:
    """Return what a fact is about, in a few words."""
    match fact:
        case Record(key=key):
            return key
        case Extraction(cell=cell) | Adjudication(cell=cell):
            arms = f"{cell.experimental} v {cell.control}"
            return ", ".join(
                part
                for part in (cell.outcome, arms, cell.scale, f"{cell.weeks:g} weeks", cell.estimand)
                if part
            )
        case Judgement():
            tool = {"rob2": "risk of bias", "trust": "trustworthiness", "grade": "certainty"}[fact.tool]
            return f"{tool}, {fact.round}: {fact.subject}"
        case Link():
            return f"{fact.a} and {fact.b}"
        case AuthorQuestion():
            return fact.id
        case Recusal():
            return fact.person
        case Withdrawal() | Release():
            return fact.version
        case Sighting(record=key):
            return key
        case Strategy(source=name) | Search(source=name):
            return name
        case PublishedPool():
            return fact.id
        case ScreeningVote(record=key) | FullText(record=key) | Characteristics(study=key):
            return key
        case Particulars(study=key):
            return key
        case _:
            return ""


def value_of(fact: Fact) -> str:
    """Return what a fact says, every field of it, in one line."""
    if isinstance(fact, Record):
        return f"{fact.title or 'no title'} (version {fact.version})"
    if isinstance(fact, Release):
        return f"{fact.decision.code}: {fact.decision.banner}"
    said = fact.model_dump(mode="json")
    left_out = {"kind", *ABOUT.get(fact.kind, ()), *WHY.get(fact.kind, ())}
    return in_words({name: item for name, item in said.items() if name not in left_out})


def in_words(value: Any) -> str:
    """Return a JSON-like value as text: names before values, blanks left out, real minus signs."""
    match value:
        case None | "":
            return ""
        case bool():
            return "yes" if value else "no"
        case int() | float():
            return f"{value:.{DIGITS}g}".replace("-", MINUS)
        case dict():
            parts = ((name.replace("_", " "), in_words(item)) for name, item in value.items())
            return ", ".join(f"{name} {_held(item)}" for name, item in parts if item)
        case list() | tuple():
            return "; ".join(item for item in map(in_words, value) if item)
        case str() if _NAME.fullmatch(value):
            return value.replace("_", " ")
        case _:
            return str(value)


def _held(text: str) -> str:
    return f"({text})" if ", " in text or "; " in text else text


def _why(fact: Fact, earlier: Fact | None) -> str:
    if isinstance(fact, Record):
        before = earlier if isinstance(earlier, Record) else None
        return ", ".join(change.lower().replace("_", " ") for change in typed_changes(before, fact))
    said = fact.model_dump(mode="json")
    return "; ".join(text for name in WHY.get(fact.kind, ()) if (text := in_words(said[name])))


def _thing(line: LedgerLine) -> Hashable:
    """What a later line on the same thing would supersede."""
    match line.fact:
        case Record(key=key):
            return ("record", key)
        case Link() as link:
            return ("link", link.pair)
        case Extraction(cell=cell):
            return ("extraction", line.by, cell)
        case Adjudication(cell=cell):
            return ("adjudication", cell)
        case ScreeningVote(record=key):
            return ("screening_vote", line.by, key)
        case Characteristics(study=key):
            return ("characteristics", line.by, key)
        case Judgement() as judged:
            whose = line.by if judged.round == "alone" else ""
            return ("judgement", judged.tool, judged.subject, judged.round, whose)
        case Release() | Withdrawal() as fact:
            return (fact.kind, fact.version)
        case fact if fact.kind in ABOUT:
            names = (name for name in ABOUT[fact.kind] if name not in ("text", "imported"))
            return (fact.kind, *(str(getattr(fact, name)) for name in names))
        case fact:
            return (fact.kind,)


def _searched(lines: tuple[LedgerLine, ...], seq: int) -> LedgerLine | None:
    return next((line for line in lines if line.seq == seq), None)
