"""The audit trail as people and programs read it: every fact and operation, filtered, exported, verified.

What the viewer may not see yet (`review/blinding`) stands as a line without its words, in exports and for
administrators too, and no filter finds words that are not shown.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace

from living.errors import NotVerified, UserError
from living.model.facts import IMPORT, MACHINE, Adjudication, Characteristics, Extraction, LedgerLine
from living.model.values import canonical
from living.publish.tables import safe
from living.review.blinding import Sight
from living.review.evidence import Evidence
from living.review.trail import KINDS, Entry, Trail, in_words, trail
from living.service.accounts import names
from living.service.house import House
from living.service.topics import evidence_of
from living.store import Operation

PAGE = 50
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
What = LedgerLine | Operation
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
    """Return what a viewer's lines are made from; what is everybody's is derived once for each state."""
    evidence = evidence_of(house, topic)
    held = house.trails.get(topic)
    if held is None or held.state is not evidence.state:
        held = house.trails[topic] = trail(evidence.state, evidence.studies)
    return Looking(house, topic, viewer, evidence, held, evidence.sight, names(house))


def audit_page(house: House, topic: str, viewer: str, filters: Filters, page: int = 1) -> AuditPage:
    """Return one page of the trail. Raises UserError for a filter that cannot be."""
    look = looking(house, topic, viewer)
    found = _wanted(look, filters)
    pages = max(1, -(-len(found) // PAGE))
    page = min(max(page, 1), pages)
    return AuditPage(
        tuple(_line(look, what) for what in found[(page - 1) * PAGE : page * PAGE]),
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
    look = looking(house, topic, viewer)
    return tuple(_line(look, what) for what in _wanted(look, filters))


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


def _wanted(look: Looking, filters: Filters) -> list[What]:
    """What passes the filters, newest first; at one instant operations come before facts.

    Only a search for words needs the words of every line.
    """
    _refuse_no_day(filters)
    study = look.evidence.studies.key_of.get(filters.study, filters.study)
    exact = replace(filters, study=study)
    done = [item for item in _operations(look) if _operation_passes(item, exact)]
    facts = [line for line in look.evidence.state.lines if _fact_passes(look, line, exact)]
    found: list[What] = [*facts, *done]
    found.sort(key=_place, reverse=True)
    return [what for what in found if _says(_line(look, what), filters.text)] if filters.text else found


def _place(what: What) -> tuple[str, bool, int]:
    return (what.at, isinstance(what, Operation), what.seq)


def _fact_passes(look: Looking, line: LedgerLine, filters: Filters) -> bool:
    if filters.kind not in ("", line.fact.kind) or filters.person not in ("", line.by):
        return False
    return _in_time(line.at, filters) and (not filters.study or look.trail.study_of(line) == filters.study)


def _operation_passes(item: Operation, filters: Filters) -> bool:
    if filters.study or filters.kind not in ("", OPERATION) or filters.person not in ("", _by(item)):
        return False
    return _in_time(item.at, filters)


def _by(item: Operation) -> str:
    """Who did it; who signs in or changes a password does it alone."""
    return str(item.body.get("by") or item.body.get("account") or "")


def _line(look: Looking, what: What) -> AuditLine:
    return _done(look, what) if isinstance(what, Operation) else _fact(look, look.trail.entry(what))


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
    body = {name: value for name, value in item.body.items() if name not in ("traceback", "topic", "by")}
    account, by = str(body.get("account", "") or ""), _by(item)
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


def _says(line: AuditLine, text: str) -> bool:
    """Whether what is shown of a line holds these words."""
    shown = (line.who, line.said_kind, line.study, line.label, line.about, line.old, line.new, line.why)
    wanted = text.casefold()
    return any(wanted in part.casefold() for part in shown)


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
