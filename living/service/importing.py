"""Exported files of hand-searched sources: looked at, then stored whole with their search, or not at all."""

from __future__ import annotations

import mimetypes
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from urllib.parse import quote

from living.errors import UserError
from living.model.facts import MACHINE, Fact
from living.model.protocol import Protocol, Source
from living.model.surveillance import Search
from living.model.values import digest
from living.review.evidence import Evidence
from living.review.incoming import Counts, Incoming
from living.review.searches import hand_searches as searches_of
from living.service.house import House
from living.service.poll import link
from living.service.saying import known_name, said_in
from living.service.topics import evidence_of, while_others_write
from living.sources.files.entry import Fault, Found
from living.sources.files.reader import Opened, entries, opened
from living.sources.files.table import Mapping

MOST_ENTRIES = 250_000
MOST_FAULTS = 50  # shown of one file
SPELLED = 3  # faults in a message of one line
SHOWN = 8  # entries of a preview
MOST_WORDS = 100_000  # characters of a strategy
MOST_NAME = 120
_NAMES_RECORDS = re.compile(r"[a-z0-9][a-z0-9-]*")  # what stands before the colon of a record's key
FILE = "file:"  # what the address of a payload begins with that somebody handed in


@dataclass(frozen=True)
class Handed:
    """A file that somebody hands in, and what they say of the search it came from.

    `mapping`: pairs of field and column of a table, empty to take what its headings suggest. `encoding`: only
    where the file does not say it itself.
    """

    source: str
    file: str
    content: bytes = field(repr=False)
    day: str
    strategy: str
    platform: str = ""
    encoding: str = ""
    mapping: Mapping = ()


class NotImported(UserError):
    """A file was handed in and nothing of it was stored. `faults`: the first of them; `total`: how many."""

    def __init__(self, faults: list[Fault], total: int, where: str) -> None:
        self.faults, self.total = tuple(faults), total
        told = "; also ".join(item.sentence for item in faults[:SPELLED])
        more = f"; and {total - SPELLED:,} more" if total > SPELLED else ""
        super().__init__(told + more, where=where, fix="Nothing was stored")


@dataclass(frozen=True)
class Preview:
    """What importing a file would do. `columns` and `mapping`: of a table. `first`: keys and titles.

    `already`: the day of the search that this very file was imported for.
    """

    source: str
    label: str
    file: str
    sha256: str
    format: str
    encoding: str
    counts: Counts
    columns: tuple[str, ...] = ()
    mapping: Mapping = ()
    first: tuple[tuple[str, str], ...] = ()
    already: str = ""


@dataclass(frozen=True)
class Imported:
    """What importing a file did: facts appended, 0 when it had all been said before; links by exact ids."""

    preview: Preview
    facts: int
    linked: int = 0


@dataclass(frozen=True)
class HandSearch:
    """How far a source is searched by hand. `last` empty: never; `due`: the day of the next search.

    The counts are those of the last file, `imports` how many files there were.
    """

    source: str
    label: str
    last: str
    due: str
    overdue: bool
    imports: int = 0
    platform: str = ""
    file: str = ""
    found: int = 0
    stored: int = 0
    unchanged: int = 0
    repeated: int = 0
    duplicates: int = 0
    strategy: str = ""


@dataclass
class _Counted:
    """One pass over a file: what is to be stored, by number of entry, and the faults."""

    keep: set[int] = field(default_factory=set)
    faults: list[Fault] = field(default_factory=list)
    wrong: int = 0
    first: list[tuple[str, str]] = field(default_factory=list)
    counts: Counts = field(default_factory=Counts)


def hand_searches(house: House, topic: str) -> tuple[HandSearch, ...]:
    """Return every source that is searched by hand, in the protocol's order, and when it is due again.

    A source that was never searched is due when its interval has passed since the topic was loaded.
    """
    evidence = evidence_of(house, topic)
    stands, today = searches_of(evidence.state), house.now()[:10]
    begun = evidence.state.lines[0].at[:10]
    found = []
    for source in by_hand(evidence.protocol):
        searches = stands.get(source.id, ())
        last = searches[-1][1] if searches else None
        due = _later(last.day if last else begun, source.every_hours)
        named = {} if last is None else last.model_dump(include=set(_OF_A_SEARCH))
        found.append(
            HandSearch(
                source=source.id,
                label=source.label,
                last=last.day if last else "",
                due=due,
                overdue=due < today,
                imports=len(searches),
                **named,
            )
        )
    return tuple(found)


_OF_A_SEARCH = ("platform", "file", "found", "stored", "unchanged", "repeated", "duplicates", "strategy")


def by_hand(protocol: Protocol) -> tuple[Source, ...]:
    """Return the sources that people search and hand in."""
    return tuple(source for source in protocol.sources if not source.by_machine)


def preview(house: House, topic: str, handed: Handed) -> Preview:
    """Read a file and say what importing it would do; nothing is stored.

    Raises NotImported with every fault by entry and line; UserError for a file that cannot be read at all, or
    a search that says too little.
    """
    evidence = evidence_of(house, topic)
    source, file = _checked(house, evidence, handed)
    return _preview(evidence, source, file, _counted(evidence, source, file))


def import_file(house: House, topic: str, handed: Handed, by: str) -> Imported:
    """Import a file as one search: its records and the search in one transaction, whole or not at all.

    1. The raw bytes are kept under their hash before anything is stored of them.
    2. The search is the person's; the records are read by machine, and name the file.
    3. The same file with the same words adds nothing; with other words it corrects what was said of it.
    4. Exact ids link the records, as they link what comes from the registries.
    """
    known_name(by)
    _checked(house, evidence_of(house, topic), handed)
    payload = keep_file(house, topic, handed)

    def attempt() -> tuple[Preview, int]:
        evidence = evidence_of(house, topic)
        source, file = _checked(house, evidence, handed)
        counted = _counted(evidence, source, file)
        shown = _preview(evidence, source, file, counted)
        search = _search(handed, source, file, shown, payload)
        if _said_before(evidence, search):
            return shown, 0
        facts: Iterator[tuple[str, Fact]] = _entries(by, search, file, source, payload, counted.keep)
        house.store.append(topic, house.now(), facts, after=evidence.state.seq)
        return shown, 1 + len(counted.keep)

    shown, facts = while_others_write(topic, attempt)
    return Imported(shown, facts, link(house, topic) if facts else 0)


def keep_file(house: House, topic: str, handed: Handed) -> str:
    """Keep a file's bytes and return their hash, under which `kept_file` finds them."""
    name = shown_name(handed.file)
    return house.store.keep(
        handed.content,
        source=f"{topic}/{handed.source}",
        url=f"{FILE}{quote(name)}",
        status=200,
        content_type=mimetypes.guess_type(name)[0] or "text/plain",
        at=house.now(),
    )


def kept_file(house: House, sha: str) -> bytes:
    """Return the bytes of a file that was handed in. Raises UserError when there is none of that hash."""
    seen = house.store.payload_seen(sha)
    if seen is None or not seen.url.startswith(FILE):
        raise UserError("the file is not here any more", where="file", fix="Choose it again")
    return house.store.payload(sha)


def shown_name(name: str) -> str:
    """Return the last part of a file's name, without what a path or a page could take for something else."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    kept = "".join(char for char in last if char.isprintable() and char not in '<>:"|?*;').strip(". ")
    return kept[-MOST_NAME:] or "file"


def _checked(house: House, evidence: Evidence, handed: Handed) -> tuple[Source, Opened]:
    """Refuse a search that says too little; open the file."""
    sources = {source.id: source for source in by_hand(evidence.protocol)}
    if handed.source not in sources:
        known = ", ".join(sources) or "none in this protocol"
        what = f"no source '{handed.source[:40]}' that is searched by hand"
        raise UserError(what, where="source", fix=f"There are: {known}")
    if not _NAMES_RECORDS.fullmatch(handed.source):
        fix = "Write its id in the protocol with small letters, digits and dashes alone"
        raise UserError(f"the id '{handed.source}' cannot name records", where="source", fix=fix)
    _refuse_no_day(handed.day, house.now()[:10])
    said_in(handed.strategy, "strategy")
    if len(handed.strategy) > MOST_WORDS or len(handed.platform) > MOST_NAME:
        fix = f"At most {MOST_WORDS:,} characters of strategy and {MOST_NAME} of platform are kept"
        raise UserError("says too much", where="strategy", fix=fix)
    return sources[handed.source], opened(
        handed.content, shown_name(handed.file), handed.encoding, handed.mapping
    )


def _refuse_no_day(day: str, today: str) -> None:
    try:
        found = date.fromisoformat(day).isoformat()
    except ValueError as fault:
        raise UserError(f"'{day[:20]}' is no day", where="day", fix="Write it as 2026-11-01") from fault
    if found != day or not "1950" < day <= today:
        fix = f"The search was on a day up to today, {today}, written as 2026-11-01"
        raise UserError(f"'{day[:20]}' cannot be the day of a search", where="day", fix=fix)


def _counted(evidence: Evidence, source: Source, file: Opened) -> _Counted:
    """Go over a file once. Raises NotImported when any entry is at fault."""
    counted, incoming = _Counted(), Incoming(evidence.state, source.id)
    for item in entries(file, source.id, ""):
        if item.entry > MOST_ENTRIES:
            raise UserError(f"more than {MOST_ENTRIES:,} entries", where=file.name, fix="Export it in parts")
        fault = item if isinstance(item, Fault) else _clash(item, incoming)
        if fault is not None:
            counted.wrong += 1
            counted.faults += [fault] if len(counted.faults) < MOST_FAULTS else []
        elif isinstance(item, Found):
            if incoming.add(item.record, item.entry):
                counted.keep.add(item.entry)
            if len(counted.first) < SHOWN:
                counted.first.append((item.record.key, item.record.title))
    if counted.wrong:
        raise NotImported(counted.faults, counted.wrong, file.name)
    counted.counts = incoming.counts()
    return counted


def _clash(item: Found, incoming: Incoming) -> Fault | None:
    """An entry under the number or the DOI of an earlier one, with another title, is a different one."""
    before = incoming.clash(item.record)
    if not before:
        return None
    told = f"has the number or DOI of entry {before} ({item.record.id[:60]}) and another title"
    return Fault(item.entry, item.line, told)


def _preview(evidence: Evidence, source: Source, file: Opened, counted: _Counted) -> Preview:
    sha = digest(file.content)
    before = [search for _, search in searches_of(evidence.state).get(source.id, ()) if search.payload == sha]
    return Preview(
        source=source.id,
        label=source.label,
        file=file.name,
        sha256=sha,
        format=file.format,
        encoding=file.encoding.removesuffix("-sig"),
        counts=counted.counts,
        columns=file.header.columns if file.header else (),
        mapping=file.mapping,
        first=tuple(counted.first),
        already=before[-1].day if before else "",
    )


def _search(handed: Handed, source: Source, file: Opened, shown: Preview, payload: str) -> Search:
    counts = shown.counts
    return Search(
        source=source.id,
        platform=handed.platform,
        day=handed.day,
        strategy=_in_lines(handed.strategy),
        file=file.name,
        format=file.format,
        mapping=file.mapping,
        payload=payload,
        found=counts.found,
        stored=counts.new + counts.changed,
        unchanged=counts.unchanged,
        repeated=counts.repeated,
        duplicates=counts.duplicates,
    )


def _in_lines(text: str) -> str:
    """A text with plain line ends, so that a page and a file that say the same are the same."""
    return "\n".join(line.rstrip() for line in re.split(r"\r\n|\r|\n", text.strip()))


def _said_before(evidence: Evidence, search: Search) -> bool:
    """Whether this file was imported with the same words, and nothing of it would be stored now."""
    words = ("platform", "day", "strategy", "mapping")
    before = (said for _, said in searches_of(evidence.state).get(search.source, ()))
    stands = next((said for said in before if said.payload == search.payload), None)
    return (
        stands is not None
        and not search.stored
        and all(getattr(stands, word) == getattr(search, word) for word in words)
    )


def _entries(
    by: str, search: Search, file: Opened, source: Source, payload: str, keep: set[int]
) -> Iterator[tuple[str, Fact]]:
    """The search, then the records to be stored, read once more so that none has to be held in memory."""
    yield by, search
    for item in entries(file, source.id, payload):
        if isinstance(item, Found) and item.entry in keep:
            yield MACHINE, item.record


def _later(day: str, hours: int) -> str:
    """The day so many hours after another; the last day there is, when that is beyond all calendars."""
    try:
        return date.fromordinal(date.fromisoformat(day).toordinal() + -(-hours // 24)).isoformat()
    except (ValueError, OverflowError):
        return date.max.isoformat()
