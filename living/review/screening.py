"""Where each study stands: included, excluded by a named criterion, awaiting, ongoing, stopped."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from living.model.facts import IMPORT, LedgerLine, ScreeningVote
from living.model.protocol import Protocol
from living.model.record import Record
from living.model.state import ReviewState
from living.review.identity import Studies, Study

Verdict = Literal["include", "exclude", "unsure"]
Status = Literal["included", "excluded", "awaiting_classification", "ongoing", "stopped", "unscreened"]
PROTOCOL_PAPER = "clinical trial protocol"  # the publication type of a paper that reports no results
STOPPED = frozenset({"TERMINATED", "WITHDRAWN", "SUSPENDED", "NO_LONGER_AVAILABLE"})
REGISTER = "ctgov"  # a seeded entry of it may still lack what the registry says


@dataclass(frozen=True)
class Screened:
    """A study's standing. `voters` are the people whose latest votes count; `conflict`: they disagree."""

    status: Status
    criterion: str = ""
    reason: str = ""
    decided_by: str = ""
    voters: tuple[str, ...] = ()
    conflict: bool = False


def screening(state: ReviewState, studies: Studies, protocol: Protocol) -> dict[str, Screened]:
    """Return the standing of every study, by study key.

    Each person's latest vote on any of a study's records counts. A verdict holds when as many people as the
    protocol asks give it and more than give any other. An import stands in until people have decided. An
    included study with a registration and no report of results is ongoing; it is stopped when every
    registration that states a status says that the trial ended early or never began.
    """
    votes: dict[str, list[tuple[LedgerLine, ScreeningVote]]] = {}
    for line, vote in state.of_kind(ScreeningVote):
        study = studies.study_of(vote.record)
        if study:
            votes.setdefault(study.key, []).append((line, vote))
    return {
        key: _standing(state, study, votes.get(key, []), protocol.people.screeners)
        for key, study in studies.by_key.items()
    }


def _standing(
    state: ReviewState, study: Study, votes: list[tuple[LedgerLine, ScreeningVote]], needed: int
) -> Screened:
    latest = {line.by: vote for line, vote in votes if not vote.imported}
    people = {name: latest[name] for name in sorted(latest)}  # who voted first changes nothing
    imported = next((vote for _, vote in reversed(votes) if vote.imported), None)
    verdict = _verdict(list(people.values()), needed)
    voters = tuple(sorted(people))
    if verdict is not None:
        return _as_status(state, study, verdict, ", ".join(voters), voters)
    conflict = len({vote.vote for vote in people.values()}) > 1
    if imported is not None:
        standing = _as_status(state, study, imported, IMPORT, voters)
        return standing if not conflict else _with_conflict(standing)
    if people:
        reason = "screeners disagree" if conflict else _one_voice(list(people.values()), needed)
        return Screened("awaiting_classification", reason=reason, voters=voters, conflict=conflict)
    return Screened("unscreened")


def _verdict(votes: list[ScreeningVote], needed: int) -> ScreeningVote | None:
    counts: dict[str, int] = {}
    for vote in votes:
        counts[vote.vote] = counts.get(vote.vote, 0) + 1
    best = max(counts, key=lambda name: counts[name], default=None)
    if best is None or best == "unsure" or counts[best] < needed:
        return None
    if sum(1 for count in counts.values() if count == counts[best]) > 1:
        return None
    return next(vote for vote in votes if vote.vote == best)


def _as_status(
    state: ReviewState, study: Study, vote: ScreeningVote, decided_by: str, voters: tuple[str, ...]
) -> Screened:
    status: Status = "included"
    if vote.vote == "exclude":
        status = "excluded"
    elif vote.vote == "unsure":
        status = "awaiting_classification"
    elif _only_registered(state, study):
        status = "stopped" if _stopped(state, study) else "ongoing"
    return Screened(status, vote.criterion, vote.reason, decided_by, voters)


def _only_registered(state: ReviewState, study: Study) -> bool:
    records = [state.records[key] for key in study.records]
    if any(_may_hold_results(record) for record in records):
        return False
    return not any(record.registration.has_results for record in records if record.registration)


def _stopped(state: ReviewState, study: Study) -> bool:
    registrations = [state.records[key].registration for key in study.records]
    stated = {item.status for item in registrations if item and item.status}
    return bool(stated) and stated <= STOPPED


def _may_hold_results(record: Record) -> bool:
    registered = record.registration is not None or record.source == REGISTER
    return not registered and PROTOCOL_PAPER not in (kind.lower() for kind in record.types)


def _with_conflict(standing: Screened) -> Screened:
    return Screened(
        standing.status,
        standing.criterion,
        standing.reason,
        standing.decided_by,
        standing.voters,
        conflict=True,
    )


def _one_voice(votes: list[ScreeningVote], needed: int) -> str:
    return f"{len(votes)} of {needed} screeners have voted; {votes[-1].reason or votes[-1].vote}"
