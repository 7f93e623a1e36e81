"""What waits for people: the queue, as a query over the facts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from living.model.facts import Adjudication, Characteristics, Extraction, LedgerLine, ScreeningVote
from living.model.numbers import NoNumbers
from living.model.protocol import Protocol
from living.model.record import Record
from living.model.state import ReviewState
from living.review.identity import Studies
from living.review.readings import Readings
from living.review.record_changes import NEWS, standing_notice, typed_changes
from living.review.screening import Screened
from living.review.selection import characteristics, is_primary

Kind = Literal[
    "retraction", "adjudicate", "second_reader", "extract", "look_again", "screen", "verify", "link"
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
) -> tuple[Task, ...]:
    """Return the queue: most urgent kind first, then the longest waiting."""
    what = characteristics(state, studies)
    names = {key: label_of(state, key, what.get(key)) for key in studies.by_key}
    tasks = [
        *_screen(state, standing, names, protocol.people.screeners),
        *_open_cells(readings, names),
        *_to_extract(state, protocol, standing, readings, what, names),
        *_look_again(state, studies, standing, names),
        *(
            Task("link", link.a, link.a, f"rulings contradict: {link.a} and {link.b}", 0)
            for link in studies.conflicts
        ),
    ]
    return tuple(
        sorted(tasks, key=lambda task: (ORDER.index(task.kind), task.since, task.study, task.detail))
    )


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


def _open_cells(readings: Readings, names: dict[str, str]) -> list[Task]:
    tasks = []
    for cell in readings.open:
        kind: Kind = "adjudicate" if cell.kind == "differ" else "second_reader"
        detail = f"{cell.cell.outcome}, {cell.cell.weeks:g} weeks, {cell.cell.estimand}"
        tasks.append(Task(kind, cell.cell.study, names[cell.cell.study], detail, cell.lines[0][0].seq))
    return tasks


def _to_extract(
    state: ReviewState,
    protocol: Protocol,
    standing: dict[str, Screened],
    readings: Readings,
    what: dict[str, Characteristics],
    names: dict[str, str],
) -> list[Task]:
    tasks = []
    for key, screened in standing.items():
        begun = (cell.cell for cell in readings.open if cell.cell.study == key)
        if screened.status != "included" or any(is_primary(cell, what.get(key), protocol) for cell in begun):
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
        record = line.fact
        if not isinstance(record, Record):
            continue
        study = studies.study_of(record.key)
        if study is None or standing[study.key].status == "unscreened":
            continue
        grave = {"RETRACTED", "CONCERN"} & set(changes) and standing_notice(state.records[record.key])
        kind: Kind = "retraction" if grave else "look_again"
        if (voted if grave else seen).get(study.key, 0) > line.seq:
            continue
        if changes == ("NEW",) and study.key == record.key:
            continue
        detail = f"{record.key}: {', '.join(change for change in changes if change in NEWS)}"
        tasks.append(Task(kind, study.key, names[study.key], detail, line.seq))
    return tasks


def news(state: ReviewState) -> list[tuple[LedgerLine, tuple[str, ...]]]:
    """Return the ledger lines on which a record brought something a person must see, with what it was."""
    latest: dict[str, Record] = {}
    found: list[tuple[LedgerLine, tuple[str, ...]]] = []
    for line, record in state.of_kind(Record):
        changes = () if record.seeded else typed_changes(latest.get(record.key), record)
        latest[record.key] = record
        if any(change in NEWS for change in changes):
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
