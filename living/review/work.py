"""What waits for people: the queue, as a query over the facts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from living.model.facts import Adjudication, Characteristics, Extraction, LedgerLine, ScreeningVote
from living.model.numbers import NoNumbers
from living.model.protocol import Protocol
from living.model.record import Record
from living.model.state import ReviewState
from living.model.surveillance import Sighting
from living.review.blinding import Sight
from living.review.described import Description
from living.review.identity import Studies
from living.review.proposals import Proposal
from living.review.readings import Open, Readings
from living.review.record_changes import NEWS, is_news, sighted, standing_notice, typed_changes
from living.review.screening import Screened
from living.review.selection import is_primary

Kind = Literal[
    "retraction",
    "adjudicate",
    "second_reader",
    "extract",
    "look_again",
    "screen",
    "verify",
    "link",
    "judge_again",
    "trust",
    "rob",
    "grade",
]
ORDER: tuple[Kind, ...] = (
    "retraction",
    "adjudicate",
    "second_reader",
    "extract",
    "look_again",
    "link",
    "screen",
    "verify",
    "judge_again",  # from here on see `judging_work`
    "trust",
    "rob",
    "grade",
)


@dataclass(frozen=True)
class Task:
    """One thing a person should do, why, and since which ledger line."""

    kind: Kind
    study: str
    label: str
    detail: str
    since: int


def to_do(
    state: ReviewState,
    protocol: Protocol,
    studies: Studies,
    standing: dict[str, Screened],
    readings: Readings,
    seen: Sight,
    described: dict[str, Description],
    proposed: Iterable[Proposal] = (),
) -> tuple[Task, ...]:
    """Return the queue: most urgent kind first, then the longest waiting. `proposed`: links to rule on.

    Of a study that still needs a reader it says that and nothing else, not even which cells were read.
    """
    what = {key: item.what for key, item in described.items()}
    names = {key: label_of(state, key, what.get(key)) for key in studies.by_key}
    tasks = [
        *_screen(state, standing, names, protocol.people.screeners),
        *_second_reader(readings, seen, names),
        *_adjudicate(readings, seen, described, names),
        *_to_extract(state, protocol, standing, readings, what, names, seen),
        *_look_again(state, studies, standing, names),
        *(
            Task("link", link.a, link.a, f"rulings contradict: {link.a} and {link.b}", 0)
            for link in studies.conflicts
        ),
        *(_link(state, studies, names, item) for item in proposed),
    ]
    return tuple(
        sorted(tasks, key=lambda task: (ORDER.index(task.kind), task.since, task.study, task.detail))
    )


def _link(state: ReviewState, studies: Studies, names: dict[str, str], item: Proposal) -> Task:
    since = max(state.first_seen[key].seq for key in item.pair)
    study = studies.key_of[item.a]
    return Task("link", study, names[study], f"{item.a} and {item.b}: {item.evidence[0]}", since)


def label_of(state: ReviewState, key: str, what: Characteristics | None) -> str:
    """Return what a study is called: its label, else first author and year, else its title, else its key."""
    if what:
        return what.label
    record = state.records[key]
    year = record.published[:4]
    if record.authors and year:
        return f"{record.authors[0].split(',')[0].split(' ')[0]} {year}"
    return record.title or key


def _screen(
    state: ReviewState, standing: dict[str, Screened], names: dict[str, str], needed: int
) -> list[Task]:
    tasks = []
    for key, screened in standing.items():
        since = state.first_seen[key].seq
        if screened.status == "unscreened":
            tasks.append(Task("screen", key, names[key], f"{needed} votes needed", since))
        elif screened.conflict:
            tasks.append(Task("screen", key, names[key], "screeners disagree: another vote decides", since))
        elif 0 < len(screened.voters) < needed:
            voted = f"{len(screened.voters)} of {needed} screeners have voted"
            tasks.append(Task("screen", key, names[key], voted, since))
        elif screened.passed:
            tasks.append(Task("screen", key, names[key], screened.reason, since))
    return tasks


def hidden(cell: Open, seen: Sight) -> bool:
    """Return whether an open cell holds a reading that not everybody may see yet."""
    return not all(seen.extraction(line) for line, _ in cell.lines)


def _second_reader(readings: Readings, seen: Sight, names: dict[str, str]) -> list[Task]:
    """One task for each study with a reading that is still blind; it tells nothing of what was read."""
    since: dict[str, int] = {}
    for cell in readings.open:
        if hidden(cell, seen):
            first = min(line.seq for line, _ in cell.lines)
            since[cell.cell.study] = min(first, since.get(cell.cell.study, first))
    return [Task("second_reader", key, names[key], seen.wanted(key), seq) for key, seq in since.items()]


def _adjudicate(
    readings: Readings, seen: Sight, described: dict[str, Description], names: dict[str, str]
) -> list[Task]:
    tasks = []
    for cell in readings.open:
        if hidden(cell, seen):
            continue
        detail = f"{cell.cell.outcome}, {cell.cell.weeks:g} weeks, {cell.cell.estimand}"
        only = "" if cell.kind == "differ" else ": read by one person only"
        since = min(line.seq for line, _ in cell.lines)
        tasks.append(Task("adjudicate", cell.cell.study, names[cell.cell.study], detail + only, since))
    for key, item in described.items():
        if item.differ:
            detail, since = f"described differently: {', '.join(item.differ)}", item.readers[0][0].seq
            tasks.append(Task("adjudicate", key, names[key], detail, since))
    return tasks


def _to_extract(
    state: ReviewState,
    protocol: Protocol,
    standing: dict[str, Screened],
    readings: Readings,
    what: dict[str, Characteristics],
    names: dict[str, str],
    seen: Sight,
) -> list[Task]:
    tasks = []
    for key, screened in standing.items():
        begun = [cell for cell in readings.open if cell.cell.study == key]
        if screened.status != "included" or any(
            hidden(cell, seen) or is_primary(cell.cell, what.get(key), protocol) for cell in begun
        ):
            continue
        since = state.first_seen[key].seq
        cells = [
            reading for reading in readings.of_study(key) if is_primary(reading.cell, what.get(key), protocol)
        ]
        if not any(reading.usable for reading in cells):
            reasons = [reading.numbers.reason for reading in cells if isinstance(reading.numbers, NoNumbers)]
            reason = reasons[0] if reasons else "nothing read yet"
            tasks.append(Task("extract", key, names[key], reason, since))
        elif any(reading.standing == "unverified" for reading in cells):
            tasks.append(
                Task("verify", key, names[key], "the numbers in use rest on one imported source", since)
            )
    return tasks


def _look_again(
    state: ReviewState, studies: Studies, standing: dict[str, Screened], names: dict[str, str]
) -> list[Task]:
    """News about a study that somebody has already dealt with, and nobody has looked at since.

    A retraction or concern waits for a screening vote; other work on the study does not answer it.
    """
    seen, voted = _last_human_fact(state, studies), _last_human_fact(state, studies, votes_only=True)
    tasks = []
    for line, changes in news(state):
        match line.fact:
            case Record(key=key) | Sighting(record=key):
                study = studies.study_of(key)
            case _:
                continue
        if study is None or standing[study.key].status == "unscreened":
            continue
        grave = {"RETRACTED", "CONCERN"} & set(changes) and standing_notice(state.records[key])
        kind: Kind = "retraction" if grave else "look_again"
        if (voted if grave else seen).get(study.key, 0) > line.seq:
            continue
        if changes == ("NEW",) and study.key == key:
            continue
        detail = f"{key}: {', '.join(change for change in changes if change in NEWS)}"
        tasks.append(Task(kind, study.key, names[study.key], detail, line.seq))
    return tasks


def news(state: ReviewState) -> list[tuple[LedgerLine, tuple[str, ...]]]:
    """Return the ledger lines on which a source brought something a person must see, with what it was."""
    latest: dict[str, Record] = {}
    found: list[tuple[LedgerLine, tuple[str, ...]]] = []
    for line in state.lines:
        match line.fact:
            case Record() as record:
                changes = () if record.seeded else typed_changes(latest.get(record.key), record)
                latest[record.key] = record
            case Sighting() as seen:
                changes = sighted(seen)
            case _:
                continue
        if is_news(changes):
            found.append((line, tuple(changes)))
    return found


def _last_human_fact(state: ReviewState, studies: Studies, votes_only: bool = False) -> dict[str, int]:
    last: dict[str, int] = {}
    for line in state.lines:
        match line.fact:
            case ScreeningVote(record=key, imported=None, vote="include" | "exclude" | "unsure"):
                about = key
            case _ if votes_only:
                continue
            case Characteristics(study=key, imported=None):
                about = key
            case (Extraction(imported=None) | Adjudication()) as read:
                about = read.cell.study
            case _:
                continue
        study = studies.study_of(about)
        if study:
            last[study.key] = line.seq
    return last
