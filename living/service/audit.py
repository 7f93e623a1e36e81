"""The audit trail as people and programs read it: every fact and operation, filtered, exported, verified.

What the viewer may not see yet (`review/blinding`) stands as a line without its words, in exports and for
administrators too, and no filter finds words that are not shown.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, replace

from living.errors import NotVerified, UserError
from living.model.facts import IMPORT, MACHINE, Adjudication, Characteristics, Extraction, LedgerLine
from living.model.values import canonical
from living.publish.tables import safe
from living.review.blinding import Sight, sight
from living.review.evidence import Evidence
from living.review.trail import KINDS, Entry, Trail, in_words, trail
from living.service.accounts import names
from living.service.house import House
from living.service.topics import evidence_of
from living.store import Operation

PAGE = 50
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
HELD_BACK = "held back until as many people as the protocol asks have handed in theirs"
NOBODY = {IMPORT: "import", MACHINE: "the service", "": "the service"}
OPERATION = "operation"
COLUMNS = (
    "line", "at", "who", "by", "kind", "study", "label", "about", "old", "new", "why", "supersedes",
    "superseded_by",
)  # fmt: skip


@dataclass(frozen=True)
class Filters:
    """What of the trail is asked for; blank means everything. Days are UTC and both count."""

    person: str = ""
    kind: str = ""
    study: str = ""
    since: str = ""
    until: str = ""
    text: str = ""


@dataclass(frozen=True)
class AuditLine:
    """One line. `line` is its number in its chain, operations with `o` before it."""

    line: str
    at: str
    who: str
    by: str
    kind: str
    said_kind: str
    study: str = ""
    label: str = ""
    about: str = ""
    old: str = ""
    new: str = ""
    why: str = ""
    before: int = 0
    after: int = 0
    held_back: bool = False


@dataclass(frozen=True)
class AuditPage:
    """One page of the trail, newest first, and what the filters can be set to."""

    lines: tuple[AuditLine, ...]
    total: int
    page: int
    pages: int
    before: int
    after: int
    filters: Filters
    people: tuple[tuple[str, str], ...]
    kinds: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class WholeLine:
    """One fact in full: its body as it is stored, unless it is held back, and its place in the chain."""

    line: AuditLine
    body: str
    hash: str
    previous: str


@dataclass(frozen=True)
class Checked:
    """What recomputing the two chains came to."""

    sound: bool
    told: str


@dataclass(frozen=True)
class Looking:
    """Everything that lines are put in words with, for one viewer."""

    house: House
    topic: str
    viewer: str
    evidence: Evidence
    trail: Trail
    sight: Sight
    names: Mapping[str, str]

    def who(self, by: str) -> str:
        return NOBODY.get(by) or self.names.get(by, by)

    def label(self, study: str) -> str:
        return self.evidence.label(study) if study in self.evidence.studies.by_key else study


def looking(house: House, topic: str, viewer: str) -> Looking:
    """Return what a viewer's lines are made from."""
    evidence = evidence_of(house, topic)
    state, studies = evidence.state, evidence.studies
    may_see = sight(state, studies, evidence.protocol)
    return Looking(house, topic, viewer, evidence, trail(state, studies), may_see, names(house))


def audit_page(house: House, topic: str, viewer: str, filters: Filters, page: int = 1) -> AuditPage:
    """Return one page of the trail. Raises UserError for a filter that cannot be."""
    look = looking(house, topic, viewer)
    found = list(_lines(look, filters))
    pages = max(1, -(-len(found) // PAGE))
    page = min(max(page, 1), pages)
    return AuditPage(
        tuple(found[(page - 1) * PAGE : page * PAGE]),
        len(found),
        page,
        pages,
        page - 1,
        page + 1,
        filters,
        _people(look),
        (*KINDS.items(), (OPERATION, "operation of the service")),
    )


def audit_lines(house: House, topic: str, viewer: str, filters: Filters) -> tuple[AuditLine, ...]:
    """Return every line that the filters let through, newest first."""
    return tuple(_lines(looking(house, topic, viewer), filters))


def whole_line(house: House, topic: str, viewer: str, seq: int) -> WholeLine:
    """Return one fact in full. Raises UserError for a line that there is not."""
    look = looking(house, topic, viewer)
    line = look.trail.line(seq)
    if line is None:
        raise UserError(f"the ledger has no line {seq}", where=topic, fix="`living audit` lists them")
    said = _fact(look, look.trail.entry(line))
    body = (
        "" if said.held_back else json.dumps(json.loads(canonical(line.fact)), indent=1, ensure_ascii=False)
    )
    previous = house.store.head(topic, seq - 1).hash if seq > 1 else ""
    return WholeLine(said, body, house.store.head(topic, seq).hash, previous)


def check_chain(house: House, topic: str) -> Checked:
    """Recompute the topic's chain and that of the operations."""
    try:
        facts, operations = house.store.verify(topic), house.store.verify_operations()
    except NotVerified as broken:
        return Checked(False, str(broken))
    told = (
        f"{facts.seq} facts, the last with hash {facts.hash}; {operations.seq} operations, {operations.hash}"
    )
    return Checked(True, told)


def as_csv(lines: Iterable[AuditLine]) -> bytes:
    """Return lines as CSV for spreadsheets: no text can act as a formula."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for line in lines:
        told = _exported(line)
        writer.writerow([safe(told[name]) for name in COLUMNS])
    return out.getvalue().encode("utf-8-sig")


def as_json(lines: Iterable[AuditLine]) -> list[dict[str, str | int]]:
    """Return lines for programs."""
    return [_exported(line) for line in lines]


def _exported(line: AuditLine) -> dict[str, str | int]:
    plain = {item.name: getattr(line, item.name) for item in fields(line)}
    plain["supersedes"], plain["superseded_by"] = plain["before"] or "", plain["after"] or ""
    if line.held_back:
        plain["new"] = HELD_BACK
    return {name: plain[name] for name in COLUMNS}


def _lines(look: Looking, filters: Filters) -> Iterator[AuditLine]:
    """Newest first; at one instant facts come before what the service did with them."""
    _refuse_no_day(filters)
    study = look.evidence.studies.key_of.get(filters.study, filters.study)
    exact = replace(filters, study=study)
    facts = [_Place(line.at, 0, line.seq, line) for line in look.evidence.state.lines]
    done = [_Place(item.at, 1, item.seq, item) for item in _operations(look)] if not study else []
    wanted = (place for place in [*facts, *done] if _in_time(place.at, exact))
    for place in sorted(wanted, key=lambda place: (place.at, place.chain, place.number), reverse=True):
        line = _line(look, place.what, exact)
        if line and _passes(line, exact):
            yield line


@dataclass(frozen=True)
class _Place:
    at: str
    chain: int
    number: int
    what: LedgerLine | Operation


def _line(look: Looking, what: LedgerLine | Operation, filters: Filters) -> AuditLine | None:
    """The line in words; None where a plain field already says that the filters do not want it."""
    if isinstance(what, Operation):
        return None if filters.kind not in ("", OPERATION) else _done(look, what)
    if filters.kind and what.fact.kind != filters.kind:
        return None
    if filters.person and what.by != filters.person:
        return None
    if filters.study and look.trail.study_of(what) != filters.study:
        return None
    return _fact(look, look.trail.entry(what))


def _fact(look: Looking, entry: Entry) -> AuditLine:
    line, fact = entry.line, entry.line.fact
    said = AuditLine(
        str(line.seq),
        line.at,
        look.who(line.by),
        line.by,
        fact.kind,
        KINDS[fact.kind],
        entry.study,
        look.label(entry.study) if entry.study else "",
        entry.about,
        entry.old,
        entry.new,
        entry.why,
        entry.before,
        entry.after,
    )
    if not look.sight.may_see(line, look.viewer):
        read = isinstance(fact, Extraction | Adjudication | Characteristics)
        about = "" if read else said.about  # which cells somebody read says what was found
        return replace(said, about=about, old="", new="", why="", before=0, after=0, held_back=True)
    earlier = look.trail.line(entry.before) if entry.before else None
    if earlier and not look.sight.may_see(earlier, look.viewer):
        return replace(said, old="", before=0)
    return said


def _done(look: Looking, item: Operation) -> AuditLine:
    body = {name: value for name, value in item.body.items() if name not in ("traceback", "topic")}
    account = str(body.get("account", "") or "")
    by = str(body.pop("by", "") or account)  # who signs in or changes a password does it alone
    about = look.who(account) if account and account != by else ""
    study = str(body.get("study", "") or "")
    return AuditLine(
        f"o{item.seq}",
        item.at,
        look.who(by),
        by,
        OPERATION,
        item.kind.replace("_", " "),
        label=look.label(study) if study else "",
        about=about,
        new=in_words({name: value for name, value in body.items() if name != "account"}),
    )


def _operations(look: Looking) -> list[Operation]:
    """Those about this topic, and those about the installation as a whole."""
    return [item for item in look.house.store.operations() if item.body.get("topic", "") in ("", look.topic)]


def _in_time(at: str, filters: Filters) -> bool:
    return (not filters.since or at[:10] >= filters.since) and (not filters.until or at[:10] <= filters.until)


def _passes(line: AuditLine, filters: Filters) -> bool:
    if filters.person and line.by != filters.person:
        return False
    if not filters.text:
        return True
    shown = (line.who, line.said_kind, line.study, line.label, line.about, line.old, line.new, line.why)
    wanted = filters.text.casefold()
    return any(wanted in text.casefold() for text in shown)


def _people(look: Looking) -> tuple[tuple[str, str], ...]:
    """Everybody who said something here or has an account, by name."""
    ids = {line.by for line in look.evidence.state.lines} | set(look.names)
    return tuple(sorted(((by, look.who(by)) for by in ids), key=lambda item: (item[1].casefold(), item[0])))


def _refuse_no_day(filters: Filters) -> None:
    for name in ("since", "until"):
        day = getattr(filters, name)
        if day and not DAY.fullmatch(day):
            raise UserError(f"'{day[:40]}' is no day", where=name, fix="Write it as 2026-06-30")
    if filters.kind and filters.kind not in (*KINDS, OPERATION):
        raise UserError(f"no kind '{filters.kind[:40]}'", where="kind", fix=f"Known: {', '.join(KINDS)}")
