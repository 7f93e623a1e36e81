"""Screening as people see it: who is asked for a vote, in which order, and one study with why it is here."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from living.errors import UserError
from living.model.facts import Fact, ScreeningVote
from living.model.protocol import Criterion
from living.publish.numerals import MINUS
from living.review.evidence import Evidence
from living.review.ranking import Ranked, rank
from living.review.recused import recused
from living.review.screening import Screened, standing_votes, votes_by_study
from living.review.voting import Asked, asks, breaks_tie, stage_asked
from living.service.accounts import names
from living.service.house import House
from living.service.record_views import RecordView, record_view
from living.service.saying import Said, say
from living.service.topics import evidence_of

Show = Literal["mine", "conflicts", "all"]
PAGE = 25  # studies on one page of the queue
STATUS = {
    "unscreened": "not screened",
    "included": "included",
    "excluded": "excluded",
    "awaiting_classification": "awaiting classification",
    "ongoing": "ongoing",
    "stopped": "stopped",
}
VOTES = {"include": "include", "exclude": "exclude", "unsure": "unsure"}
STAGES = {"title": "title and abstract", "full_text": "the full report"}


@dataclass(frozen=True)
class VoteView:
    """A vote as the page says it; `by` is the name the team knows."""

    by: str
    vote: str
    criterion: str
    reason: str
    stage: str
    at: str


@dataclass(frozen=True)
class Waiting:
    """One study in the queue. `score` and `reasons` are of the ranking; blank in the list of all studies."""

    study: str
    label: str
    title: str
    published: str
    standing: str
    mine: str = ""
    score: int | None = None
    reasons: tuple[tuple[str, str], ...] = ()
    taken: str = ""


@dataclass(frozen=True)
class ScreeningQueue:
    """One page of the queue, and how many wait under each heading. `near`: pages to go to from here."""

    show: Show
    rows: tuple[Waiting, ...]
    page: int
    near: tuple[int, ...]
    mine: int
    conflicts: int
    every: int


@dataclass(frozen=True)
class StudyToScreen:
    """One study to be voted on. `asked` is the stage its next vote rests on; `why_not` why no vote is asked.

    `previous` and `next` are neighbours among those that wait for the viewer; `position` counts from one.
    """

    study: str
    label: str
    standing: str
    asked: Asked
    conflict: bool
    needed: int
    records: tuple[RecordView, ...]
    criteria: tuple[Criterion, ...]
    mine: VoteView | None
    others: tuple[VoteView, ...]
    hidden: int
    why_not: str
    reasons: tuple[tuple[str, str], ...]
    taken: str
    previous: str
    next: str
    position: int
    waiting: int


def screening_queue(
    house: House, topic: str, person: str, show: Show = "mine", page: int = 1
) -> ScreeningQueue:
    """Return one page of what is screened here, as this person may see it."""
    evidence = evidence_of(house, topic)
    mine, split = waiting_for(evidence, person), _conflicts(evidence)
    keys = {"mine": mine, "conflicts": split, "all": list(reversed(evidence.standing))}[show]
    pages = max(1, -(-len(keys) // PAGE))
    page = min(max(1, page), pages)
    if show == "all":  # in order of first sight, latest first: most of it has been dealt with
        shown = [Ranked(key, 0, ()) for key in keys[PAGE * (page - 1) : PAGE * page]]
    else:
        shown = list(_ranked(evidence, keys))[PAGE * (page - 1) : PAGE * page]
    own, taken = _own(evidence, person), _taken(house, topic)
    rows = tuple(_row(evidence, item, own, taken, ranked=show != "all") for item in shown)
    near = tuple(sorted({1, pages, *range(max(1, page - 2), min(pages, page + 2) + 1)}))
    return ScreeningQueue(show, rows, page, near, len(mine), len(split), len(evidence.standing))


def study_to_screen(house: House, topic: str, person: str, study: str) -> StudyToScreen:
    """Return one study as the screening page shows it to this person. Raises UserError for an unknown key."""
    evidence = evidence_of(house, topic)
    key = _key(evidence, study)
    screened, needed = evidence.standing[key], evidence.protocol.people.screeners
    order = [item.study for item in _ranked(evidence, waiting_for(evidence, person))]
    before, after, position = _neighbours(order, key)
    own = _own(evidence, person).get(key)
    seen, hidden, mine = _votes(house, evidence, key, person)
    return StudyToScreen(
        study=key,
        label=evidence.label(key),
        standing=standing_words(screened, needed),
        asked=stage_asked(screened),
        conflict=screened.conflict,
        needed=needed,
        records=tuple(record_view(evidence, record) for record in evidence.studies.by_key[key].records),
        criteria=evidence.protocol.eligibility,
        mine=mine,
        others=seen,
        hidden=hidden,
        why_not=_why_not(evidence, key, own, person),
        reasons=_reasons(_ranked(evidence, [key])[0]),
        taken=_taken(house, topic).get(key, ""),
        previous=before,
        next=after,
        position=position,
        waiting=len(order),
    )


def withdraw(house: House, topic: str, study: str, by: str, reason: str = "") -> Said:
    """Take one's vote on a study back: a new fact, after which the vote counts no more.

    Raises UserError when there is none to take back.
    """

    def facts(evidence: Evidence) -> list[Fact]:
        key = _key(evidence, study)
        own = _own(evidence, by).get(key)
        if own is None:
            raise UserError(f"'{by}' has no vote to take back", where=study)
        votes = votes_by_study(evidence.state, evidence.studies)[key]
        # On each record of the study that carries such a vote, so that it stays taken back after a split.
        records = {vote.record for line, vote in votes if line.by == by and vote.stage == own.stage}
        return [
            ScreeningVote(record=record, vote="withdrawn", reason=reason, stage=own.stage)
            for record in sorted(records)
        ]

    return say(house, topic, by, facts)


def waiting_for(evidence: Evidence, person: str) -> list[str]:
    """Return the studies that wait for this person's vote, in order of first sight."""
    needed, own = evidence.protocol.people.screeners, _own(evidence, person)
    away = recused(evidence.state, evidence.studies)
    return [
        key
        for key, screened in evidence.standing.items()
        if asks(screened, own.get(key), needed) and person not in away.get(key, frozenset())
    ]


def next_to_screen(house: House, topic: str, person: str, study: str) -> str:
    """Return the study that comes after this one among those that wait; the first, or none, at the end."""
    evidence = evidence_of(house, topic)
    order = [
        item.study for item in _ranked(evidence, {*waiting_for(evidence, person), _key(evidence, study)})
    ]
    return _neighbours(order, _key(evidence, study))[1] if len(order) > 1 else ""


def refuse_tie_break(evidence: Evidence, study: str, said: ScreeningVote, by: str) -> None:
    """Refuse a vote by which one of those who disagree would settle it."""
    key = _key(evidence, study)
    own = _own(evidence, by).get(key)
    if own and breaks_tie(evidence.standing[key], own) and (own.vote, own.stage) != (said.vote, said.stage):
        what = "screeners disagree here and you are one of them; somebody who has not voted decides"
        raise UserError(what, where=study, fix="To change your own vote, say that you change it")


def standing_words(screened: Screened, needed: int) -> str:
    """Return where a study stands, without anything that a second screener must not see."""
    if screened.conflict:
        return "screeners disagree"
    if 0 < len(screened.voters) < needed and screened.status == "awaiting_classification":
        return f"{len(screened.voters)} of {needed} have voted"
    if screened.passed:
        return "passed on title and abstract"
    words = STATUS[screened.status]
    return f"{words}, {screened.criterion}" if screened.criterion else words


def _key(evidence: Evidence, study: str) -> str:
    found = evidence.studies.study_of(study)
    if found is None:
        raise UserError(f"no study '{study}' here", fix="Choose one from the list")
    return found.key


def _own(evidence: Evidence, person: str) -> dict[str, ScreeningVote]:
    """This person's standing vote on each study."""
    votes = votes_by_study(evidence.state, evidence.studies)
    found = {
        key: standing_votes(pair for pair in said if pair[0].by == person) for key, said in votes.items()
    }
    return {key: mine[person][1] for key, mine in found.items() if person in mine}


def _conflicts(evidence: Evidence) -> list[str]:
    return [key for key, screened in evidence.standing.items() if screened.conflict]


def _ranked(evidence: Evidence, keys: Iterable[str]) -> tuple[Ranked, ...]:
    return rank(keys, evidence.state, evidence.studies, evidence.protocol)


def _reasons(item: Ranked) -> tuple[tuple[str, str], ...]:
    return tuple((words, f"{points:+d}".replace("-", MINUS)) for words, points in item.reasons)


def _neighbours(order: list[str], key: str) -> tuple[str, str, int]:
    """The one before, the one after (the first after the last) and the place; of a stranger, the first."""
    others = [item for item in order if item != key]
    if key not in order:
        return "", others[0] if others else "", 0
    at = order.index(key)
    before = order[at - 1] if at else ""
    after = order[at + 1] if at + 1 < len(order) else (others[0] if others else "")
    return before, after, at + 1


def _row(
    evidence: Evidence,
    item: Ranked,
    own: dict[str, ScreeningVote],
    taken: dict[str, str],
    *,
    ranked: bool,
) -> Waiting:
    key = item.study
    record, mine = evidence.state.records[key], own.get(key)
    return Waiting(
        study=key,
        label=evidence.label(key),
        title=record.title,
        published=record.published,
        standing=standing_words(evidence.standing[key], evidence.protocol.people.screeners),
        mine=_vote_words(mine) if mine else "",
        score=item.score if ranked else None,
        reasons=_reasons(item),
        taken=taken.get(key, ""),
    )


def _votes(
    house: House, evidence: Evidence, key: str, person: str
) -> tuple[tuple[VoteView, ...], int, VoteView | None]:
    """The others' votes that this person may see, how many there are besides, and the person's own."""
    called = names(house)
    said = votes_by_study(evidence.state, evidence.studies).get(key, [])
    standing = standing_votes(said)
    views = {
        who: VoteView(
            called.get(who, who), VOTES[vote.vote], vote.criterion, vote.reason, STAGES[vote.stage], line.at
        )
        for who, (line, vote) in standing.items()
    }
    others = [who for who in standing if who != person]
    seen = [who for who in others if evidence.sight.vote(standing[who][0], person)]
    return tuple(views[who] for who in seen), len(others) - len(seen), views.get(person)


def _why_not(evidence: Evidence, key: str, own: ScreeningVote | None, person: str) -> str:
    screened, needed = evidence.standing[key], evidence.protocol.people.screeners
    if person in recused(evidence.state, evidence.studies).get(key, frozenset()):
        return "You keep away from this study for a conflict of interest."
    if asks(screened, own, needed):
        return ""
    if breaks_tie(screened, own):
        return "You and another screener disagree. Somebody else decides; you can change your own vote."
    if own is not None:
        return "You have voted. You can change your vote or take it back."
    return "Nothing waits here: the study has its verdict. A vote of yours would be added to it."


def _vote_words(vote: ScreeningVote) -> str:
    words = f"{VOTES[vote.vote]} on {STAGES[vote.stage]}"
    return f"{words}, {vote.criterion}" if vote.criterion else words


def _taken(house: House, topic: str) -> dict[str, str]:
    """Who is at a study, or was asked to screen it, by study."""
    called = names(house)
    asked = {item.study: item.account for item in house.store.assignments(topic) if item.task == "screen"}
    claimed = {claim.study: claim.by for claim in house.store.claims(topic, house.now())}
    words = {study: f"assigned to {called.get(who, who)}" for study, who in asked.items()}
    return words | {study: f"{called.get(who, who)} is at it" for study, who in claimed.items()}
