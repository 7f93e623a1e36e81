"""Where each study stands: included, excluded by a named criterion, awaiting, ongoing, stopped."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

from living.model.facts import IMPORT, LedgerLine, ScreeningVote
from living.model.flow import Stage
from living.model.protocol import Protocol
from living.model.record import Record
from living.model.state import ReviewState
from living.review.identity import Studies, Study

Verdict = Literal["include", "exclude", "unsure"]
Status = Literal["included", "excluded", "awaiting_classification", "ongoing", "stopped", "unscreened"]
PROTOCOL_PAPER = "clinical trial protocol"  # the publication type of a paper that reports no results
STOPPED = frozenset({"TERMINATED", "WITHDRAWN", "SUSPENDED", "NO_LONGER_AVAILABLE"})
PASSED = "passed on title and abstract; the full report is to be judged"
Voted = tuple[LedgerLine, ScreeningVote]
REGISTER = "ctgov"  # a seeded entry of it may still lack what the registry says


@dataclass(frozen=True)
class Screened:
    """A study's standing. `voters` are the people whose latest votes bear on it; `conflict`: they disagree.

    `stage` is what the standing rests on: title and abstract, the full report, or neither as yet.
    """

    status: Status
    criterion: str = ""
    reason: str = ""
    decided_by: str = ""
    voters: tuple[str, ...] = ()
    conflict: bool = False
    stage: Stage = ""

    @property
    def passed(self) -> bool:
        """Whether title and abstract let the study pass and its full report waits to be judged."""
        return self.status == "awaiting_classification" and self.stage == "title"


def screening(state: ReviewState, studies: Studies, protocol: Protocol) -> dict[str, Screened]:
    """Return the standing of every study, by study key.

    Each person's latest vote on any of a study's records counts, unless it was withdrawn. A verdict holds
    when as many people as the protocol asks give it and more than give any other. Title and abstract can
    exclude a study or let it pass, never include it; once somebody has judged the full report, votes that let
    it pass count no more, and a verdict on the full report comes before any on the title. An import stands in
    until people have decided. An included study with a registration and no report of results is ongoing; it
    is stopped when every registration that states a status says that the trial ended early or never began.
    """
    votes = votes_by_study(state, studies)
    return {
        key: _standing(state, study, votes.get(key, []), protocol.people.screeners)
        for key, study in studies.by_key.items()
    }


def votes_by_study(state: ReviewState, studies: Studies) -> dict[str, list[Voted]]:
    """Return every screening vote on a study's records with its line, by study key, oldest first."""
    votes: dict[str, list[Voted]] = {}
    for line, vote in state.of_kind(ScreeningVote):
        study = studies.study_of(vote.record)
        if study:
            votes.setdefault(study.key, []).append((line, vote))
    return votes


def standing_votes(votes: Iterable[Voted]) -> dict[str, Voted]:
    """Return each person's vote that counts, by name; imports are no person's.

    The latest counts. A withdrawal takes back the vote of its stage, so that an earlier one on the other
    stage counts again: whoever takes a view of the full report back has still judged the title.
    """
    held: dict[str, dict[str, Voted]] = {}
    for line, vote in votes:
        if vote.imported:
            continue
        own = held.setdefault(line.by, {})
        own.pop(vote.stage, None)  # the latest stands last, whatever its stage
        if vote.vote != "withdrawn":
            own[vote.stage] = (line, vote)
    # Sorted by name: who voted first changes nothing.
    return {name: list(held[name].values())[-1] for name in sorted(held) if held[name]}


def _standing(state: ReviewState, study: Study, votes: list[Voted], needed: int) -> Screened:
    people = {name: vote for name, (_, vote) in standing_votes(votes).items()}
    imported = next((vote for _, vote in reversed(votes) if vote.imported), None)
    full = {name: vote for name, vote in people.items() if vote.stage == "full_text"}
    if full:
        voices = full | {name: vote for name, vote in people.items() if vote.vote == "exclude"}
        verdict = _verdict(list(full.values()), needed) or _verdict(list(voices.values()), needed)
        imported = imported if imported and imported.stage == "full_text" else None
    else:
        voices = people
        verdict = _title_verdict(list(people.values()), needed)
    voters = tuple(sorted(voices))
    if verdict is not None and not (_lets_pass(verdict) and imported):
        return _as_status(state, study, verdict, ", ".join(voters), voters)
    # Fewer voices than the protocol asks for are no conflict yet: to say so would tell the next one of them.
    enough = len(voices) >= needed
    conflict = verdict is None and enough and len({_direction(vote) for vote in voices.values()}) > 1
    if imported is not None:
        standing = _as_status(state, study, imported, IMPORT, voters)
        return standing if not conflict else replace(standing, conflict=True)
    if people:
        reason = "screeners disagree" if conflict else _voices(list(voices.values()), needed)
        stage: Stage = "full_text" if full else ""
        return Screened("awaiting_classification", "", reason, "", voters, conflict, stage)
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


def _title_verdict(votes: list[ScreeningVote], needed: int) -> ScreeningVote | None:
    """The vote that stands for a verdict on title and abstract; in doubt the full report is read."""
    out = [vote for vote in votes if not _lets_pass(vote)]
    on = [vote for vote in votes if _lets_pass(vote)]
    more, fewer = (out, on) if len(out) > len(on) else (on, out)
    return more[0] if len(more) >= needed and len(more) > len(fewer) else None


def _lets_pass(vote: ScreeningVote) -> bool:
    return vote.stage == "title" and vote.vote != "exclude"


def _direction(vote: ScreeningVote) -> str:
    return "pass" if _lets_pass(vote) else vote.vote


def _as_status(
    state: ReviewState, study: Study, vote: ScreeningVote, decided_by: str, voters: tuple[str, ...]
) -> Screened:
    if _lets_pass(vote):
        return Screened("awaiting_classification", "", PASSED, decided_by, voters, stage="title")
    status: Status = "included"
    if vote.vote == "exclude":
        status = "excluded"
    elif vote.vote == "unsure":
        status = "awaiting_classification"
    elif _only_registered(state, study):
        status = "stopped" if _stopped(state, study) else "ongoing"
    return Screened(status, vote.criterion, vote.reason, decided_by, voters, stage=vote.stage)


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


def _voices(votes: list[ScreeningVote], needed: int) -> str:
    """How many have voted; what they said, only where nobody is still to vote unseen."""
    if len(votes) < needed:
        return f"{len(votes)} of {needed} screeners have voted"
    return f"{len(votes)} screeners have voted, all unsure"
