"""Events worth a look: a small table of rules over the facts. None of them is a fault by itself."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from living.model.facts import (
    IMPORT,
    MACHINE,
    Adjudication,
    Extraction,
    Judgement,
    LedgerLine,
    Link,
    ProtocolActivated,
    Retirement,
    ScreeningVote,
    Withdrawal,
)
from living.model.protocol import Protocol
from living.model.state import ReviewState
from living.review.blinding import Sight, sight
from living.review.identity import Studies
from living.review.trail import Trail, trail

IN_A_HURRY, WITHIN = 12, timedelta(seconds=60)  # faster than anybody reads twelve abstracts


@dataclass(frozen=True)
class Rule:
    """Something that a planned look at the trail asks about, and why."""

    id: str
    title: str
    why: str


@dataclass(frozen=True)
class Found:
    """One event that a rule names: who, what in words that hold no reading, and its ledger lines."""

    rule: str
    by: str
    study: str
    said: str
    lines: tuple[int, ...]


@dataclass(frozen=True)
class Seen:
    """What the rules look at."""

    state: ReviewState
    protocol: Protocol
    trail: Trail
    sight: Sight


Look = Callable[[Seen], Iterator[Found]]


def unusual(state: ReviewState, studies: Studies, protocol: Protocol) -> tuple[Found, ...]:
    """Return every event that a rule names, newest first."""
    seen = Seen(state, protocol, trail(state, studies), sight(state, studies, protocol))
    found = [event for look in RULES.values() for event in look(seen)]
    return tuple(sorted(found, key=lambda event: (-event.lines[-1], event.rule)))


def _adjudicated_own(seen: Seen) -> Iterator[Found]:
    read: dict[str, set[str]] = defaultdict(set)
    for line in seen.state.lines:
        match line.fact:
            case Extraction(imported=None, cell=cell):
                read[seen.sight.home(cell.study)].add(line.by)
            case Adjudication(cell=cell) if line.by in read[seen.sight.home(cell.study)]:
                yield _found(seen, "adjudicated_own", line, "settled a study that the same person had read")
            case _:
                pass


def _changed_after_opening(seen: Seen) -> Iterator[Found]:
    for line, fact in seen.state.of_kind(Extraction):
        earlier = seen.trail.before.get(line.seq)
        opened = seen.sight.opened.get(seen.sight.home(fact.cell.study), 0)
        if earlier and fact.imported is None and 0 < opened < line.seq:
            said = "changed an own reading after the other's could be seen"
            yield _found(seen, "changed_after_opening", line, said, earlier)


def _votes_changed_late(seen: Seen) -> Iterator[Found]:
    voted: dict[str, dict[str, ScreeningVote]] = defaultdict(dict)
    for line, vote in seen.state.of_kind(ScreeningVote):
        if vote.imported is not None or line.by in (IMPORT, MACHINE):
            continue
        votes = voted[seen.sight.home(vote.record)]
        settled = len(votes) >= seen.protocol.people.screeners
        before = votes.get(line.by)
        if settled and before and before.vote != vote.vote:
            said = "withdrew a vote" if vote.vote == "withdrawn" else "changed a vote"
            earlier = seen.trail.before.get(line.seq, 0)
            yield _found(seen, "vote_changed_late", line, f"{said} after enough people had voted", earlier)
        votes[line.by] = vote
        if vote.vote == "withdrawn":
            del votes[line.by]


def _overrides(seen: Seen) -> Iterator[Found]:
    for line, fact in seen.state.of_kind(Judgement):
        departed = [name for name, _, reason in fact.domains if reason]
        if fact.tool == "rob2" and departed:
            yield _found(seen, "override", line, f"gave reasons of their own in {', '.join(departed)}")


def _answered_warnings(seen: Seen) -> Iterator[Found]:
    for line in seen.state.lines:
        match line.fact:
            case Extraction(reasons=reasons) | Adjudication(reasons=reasons) if reasons:
                codes = ", ".join(code.replace("_", " ") for code, _ in reasons)
                yield _found(seen, "answered_warning", line, f"kept numbers against a warning: {codes}")
            case _:
                pass


def _hurried(seen: Seen) -> Iterator[Found]:
    """Many separate hand-ins of one person within a minute; one form may hold many facts."""
    instants: dict[str, dict[str, int]] = defaultdict(dict)
    for line in seen.state.lines:
        if line.by not in (IMPORT, MACHINE):
            instants[line.by][line.at] = line.seq
    for by, held in instants.items():
        times = [datetime.fromisoformat(at) for at in held]
        last = -1
        for end in range(IN_A_HURRY - 1, len(times)):
            start = end - IN_A_HURRY + 1
            if start > last and times[end] - times[start] <= WITHIN:
                lines = tuple(list(held.values())[start : end + 1])
                yield Found("hurried", by, "", f"handed in {IN_A_HURRY} times within a minute", lines)
                last = end


def _split(seen: Seen) -> Iterator[Found]:
    for line, link in seen.state.of_kind(Link):
        earlier = seen.trail.line(seen.trail.before.get(line.seq, 0))
        if earlier and isinstance(earlier.fact, Link) and earlier.fact.relation != link.relation:
            said = f"ruled {link.relation.replace('_', ' ')} on {link.a} and {link.b}, ruled otherwise before"
            yield _found(seen, "ruling_reversed", line, said, earlier.seq)


def _of_the_topic(seen: Seen) -> Iterator[Found]:
    for line in seen.state.lines:
        match line.fact:
            case ProtocolActivated() if line.seq in seen.trail.before:
                yield _found(seen, "protocol", line, "put another protocol in force")
            case Withdrawal(withdrawn=out, version=version):
                said = f"{'withdrew' if out else 'put back'} {version}"
                yield _found(seen, "withdrawn", line, said)
            case Retirement(retired=out):
                yield _found(
                    seen, "withdrawn", line, "ended living mode" if out else "took living mode up again"
                )
            case _:
                pass


def _found(seen: Seen, rule: str, line: LedgerLine, said: str, earlier: int = 0) -> Found:
    lines = (earlier, line.seq) if earlier else (line.seq,)
    return Found(rule, line.by, seen.trail.study_of(line), said, lines)


RULES: dict[str, Look] = {
    "adjudicated_own": _adjudicated_own,
    "changed_after_opening": _changed_after_opening,
    "vote_changed_late": _votes_changed_late,
    "override": _overrides,
    "answered_warning": _answered_warnings,
    "hurried": _hurried,
    "ruling_reversed": _split,
    "of_the_topic": _of_the_topic,
}
RULE_WORDS: dict[str, Rule] = {
    rule.id: rule
    for rule in (
        Rule(
            "adjudicated_own", "One person read and settled", "An adjudicator should come fresh to a study."
        ),
        Rule("changed_after_opening", "Changed after seeing the other", "A reading may follow the other's."),
        Rule("vote_changed_late", "Votes changed late", "A verdict that stood was moved by one person."),
        Rule("override", "Reasons against a suggestion", "A judgement may depart from the tool's own rule."),
        Rule("answered_warning", "Warnings answered", "Numbers stand although a check asked about them."),
        Rule("hurried", "Faster than reading", "Votes in seconds may not rest on reading."),
        Rule("ruling_reversed", "Rulings reversed", "Joining or splitting studies moves what is pooled."),
        Rule("protocol", "Protocol changes", "Every change of method should be an amendment."),
        Rule("withdrawn", "Versions withdrawn, reviews ended", "Readers saw these."),
        Rule("sign_in", "Sign-ins that failed in a row", "Somebody may be guessing."),
        Rule("own_role", "Roles given to oneself", "Nobody else agreed."),
        Rule("erased", "Words and people erased", "What was there cannot be looked at again."),
    )
}
