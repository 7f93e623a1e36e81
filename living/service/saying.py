"""One person says something: checked against the evidence as it stands, appended on that very head."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from living.errors import NotAllowed, UserError
from living.model.facts import (
    IMPORT,
    MACHINE,
    Adjudication,
    AuthorQuestion,
    Characteristics,
    Extraction,
    Fact,
    FullText,
    Judgement,
    Link,
    Particulars,
    Recusal,
    ScreeningVote,
    Signature,
)
from living.model.values import canonical
from living.review.evidence import Evidence
from living.review.recused import kept_from, recused
from living.service.house import House
from living.service.topics import evidence_of, while_others_write

WHO = re.compile(r"[a-z0-9][a-z0-9._-]{0,39}")


@dataclass(frozen=True)
class Said:
    """What was appended: the number of facts, 0 when all had been said before."""

    facts: int
    last_seq: int


def say(house: House, topic: str, by: str, facts: Callable[[Evidence], Sequence[Fact]]) -> Said:
    """Append what somebody says, made from the evidence as it stands; whole or not at all.

    What the person has said before and not changed since is left out. Raises NotAllowed for a fact about a
    study that the person keeps away from.
    """
    known_name(by)

    def attempt() -> Said:
        evidence = evidence_of(house, topic)
        mine = {canonical(fact) for fact in _standing(evidence, by)}
        new = [fact for fact in facts(evidence) if canonical(fact) not in mine]
        _refuse_recused(evidence, by, new)
        if not new:
            return Said(0, evidence.state.seq)
        entries = [(by, fact) for fact in new]
        done = house.store.append(topic, house.now(), entries, after=evidence.state.seq)
        return Said(len(new), done.last)

    return while_others_write(topic, attempt)


def _refuse_recused(evidence: Evidence, by: str, facts: Sequence[Fact]) -> None:
    away = recused(evidence.state, evidence.studies)
    study = next((found for fact in facts if (found := kept_from(fact, by, away, evidence.studies))), "")
    if study:
        what = f"'{by}' keeps away from this study for a conflict of interest"
        raise NotAllowed(what, where=study, fix="Leave it to others; an editor can lift the recusal")


def _standing(evidence: Evidence, by: str) -> list[Fact]:
    """This person's latest fact on each thing, so that saying a thing twice adds nothing.

    Of what counts by whoever said it last, only what others have not said otherwise since.
    """
    latest: dict[tuple[str, str], tuple[str, Fact]] = {}
    for line in evidence.state.lines:
        if line.by == by or (_shared(line.fact) and line.by not in (MACHINE, IMPORT)):
            latest[(line.fact.kind, _about(line.fact))] = (line.by, line.fact)
    return [fact for who, fact in latest.values() if who == by]


def _shared(fact: Fact) -> bool:
    """Whether the latest of such a fact counts, whoever said it."""
    match fact:
        case Judgement(round="together"):
            return True
        case Link() | Characteristics() | Particulars() | FullText() | AuthorQuestion() | Recusal():
            return True
        case _:
            return False


def _about(fact: Fact) -> str:
    match fact:
        case Extraction() | Adjudication():
            return canonical(fact.cell)
        case ScreeningVote(record=record):
            return record
        case Link():
            return " ".join(fact.pair)
        case Characteristics(study=study) | Particulars(study=study):
            return study
        case Judgement():
            return f"{fact.tool} {fact.round} {fact.subject}"
        case FullText(record=record):
            return record
        case AuthorQuestion(id=name):
            return name
        case Recusal():
            return f"{fact.person} {fact.study}"
        case Signature(digest=signed):
            return signed
        case _:
            return canonical(fact)


def known_name(by: str) -> None:
    """Refuse what cannot be a person's id."""
    if by in (MACHINE, IMPORT) or not WHO.fullmatch(by):
        fix = "Use small letters, digits, dot, dash or underscore"
        raise UserError(f"'{by}' cannot be a person's id", where="--as", fix=fix)


def said_in(text: str, where: str) -> str:
    """Return what somebody wrote. Raises UserError when it says nothing."""
    if not text.strip():
        raise UserError("says nothing", where=where, fix="A sentence is needed")
    return text
