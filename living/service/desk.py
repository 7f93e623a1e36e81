"""The start of a working day: what waits for me and why, my drafts, claims and remarks, what I did lately."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from living.model.record import Record
from living.review.judging_work import in_plain_words
from living.review.trail import KINDS, Trail, trail
from living.service.claims import ClaimView, claims
from living.service.drafts import OpenDraft, open_drafts
from living.service.house import House
from living.service.kept_forms import FORMS, page_of_form
from living.service.policy import Person
from living.service.remarks import RemarkView, remarks_to
from living.service.surveillance import surveillance
from living.service.tasks import KINDS as TASK_KINDS
from living.service.tasks import Waiting, only, page_of, waiting_for
from living.service.topics import active, evidence_of

OLDEST, LATELY, PAGE = 5, 10, 50


@dataclass(frozen=True)
class Group:
    """What waits for me of one kind: the oldest, and how many in all."""

    kind: str
    said_kind: str
    total: int
    oldest: tuple[Waiting, ...]


@dataclass(frozen=True)
class TopicWork:
    """One topic I belong to, my roles in it, what waits for me there, and how its sources are `watched`."""

    topic: str
    title: str
    roles: tuple[str, ...]
    groups: tuple[Group, ...]
    mine: int
    every: int
    watched: str


@dataclass(frozen=True)
class Draft:
    """A draft of mine, with the page that goes on with it."""

    label: str
    form: str
    at: str
    href: str


@dataclass(frozen=True)
class Done:
    """Something I said: one line for each hand-in of one kind on one study."""

    at: str
    kind: str
    label: str
    facts: int
    href: str


@dataclass(frozen=True)
class Home:
    """Everything on the first page of one person."""

    topics: tuple[TopicWork, ...]
    drafts: tuple[Draft, ...]
    claims: tuple[ClaimView, ...]
    labels: dict[str, str]
    remarks: tuple[RemarkView, ...]
    lately: tuple[Done, ...]


@dataclass(frozen=True)
class Queue:
    """One page of a topic's queue. `kinds`: those that wait, with how many of them under the other filter."""

    rows: tuple[Waiting, ...]
    total: int
    page: int
    pages: int
    before: int
    after: int
    kind: str
    whose: str
    kinds: tuple[tuple[str, str, int], ...]
    counts: tuple[tuple[str, str, int], ...]


WHOSE = (("all", "All"), ("mine", "For me"), ("asked", "Asked of me"), ("unclaimed", "For me, unclaimed"))


def home(house: House, person: Person) -> Home:
    """Return what one person's first page shows."""
    mine = [topic for topic in house.store.topics() if person.roles_in(topic)]
    held = [claim for topic in mine for claim in claims(house, topic) if claim.by == person.id]
    return Home(
        tuple(_topic(house, topic, person) for topic in mine),
        tuple(_draft(house, item) for item in open_drafts(house, person.id) if item.topic in mine),
        tuple(held),
        {claim.study: evidence_of(house, claim.topic).label(claim.study) for claim in held},
        tuple(remark for topic in mine for remark in remarks_to(house, topic, person.id)),
        _lately(house, mine, person.id),
    )


def queue_page(house: House, topic: str, person: Person, kind: str, whose: str, page: int) -> Queue:
    """Return one page of the queue, as it stands for one person."""
    every = waiting_for(house, topic, person)
    whose = whose if whose in dict(WHOSE) else "all"
    found = only(every, kind, whose)
    pages = max(1, -(-len(found) // PAGE))
    page = min(max(page, 1), pages)
    numbers = Counter(item.kind for item in only(every, "", whose))
    names = {item.kind: item.said_kind for item in every}
    kinds = tuple((name, said, numbers[name]) for name, said in names.items())
    counts = tuple((name, said, len(only(every, "", name))) for name, said in WHOSE)
    rows, near = found[(page - 1) * PAGE : page * PAGE], (page - 1, page + 1)
    return Queue(rows, len(found), page, pages, *near, kind, whose, kinds, counts)


def _topic(house: House, topic: str, person: Person) -> TopicWork:
    every = waiting_for(house, topic, person)
    mine = only(every, "", "mine")
    kinds = dict.fromkeys(item.kind for item in mine)
    groups = tuple(_group(kind, only(mine, kind)) for kind in kinds)
    title = active(house, topic)[1].topic.title
    roles = tuple(sorted(role.value for role in person.roles_in(topic)))
    watched = surveillance(house, topic).said
    return TopicWork(topic, title, roles, groups, len(mine), len(every), watched)


def _group(kind: str, items: tuple[Waiting, ...]) -> Group:
    oldest = sorted(items, key=lambda item: (not item.asked_of_me, item.since, item.study))[:OLDEST]
    return Group(kind, TASK_KINDS.get(kind, items[0].said_kind), len(items), tuple(oldest))


def _draft(house: House, item: OpenDraft) -> Draft:
    evidence = evidence_of(house, item.topic)
    about, _, result = item.subject.partition(" ")
    key = evidence.studies.key_of.get(about, "")
    analyses = {one.id: one.label for one in evidence.protocol.analyses}
    label = evidence.label(key) if key else analyses.get(about, item.subject)
    told = f"{label}: {in_plain_words(evidence, key, result)}" if result else label
    page = page_of_form(item.topic, item.form, item.subject)
    return Draft(told, FORMS[item.form][0], item.at, page)


def _lately(house: House, topics: Iterable[str], person: str) -> tuple[Done, ...]:
    found: list[Done] = []
    for topic in topics:
        evidence = evidence_of(house, topic)
        found += _done(topic, trail(evidence.state, evidence.studies), person, evidence.label)
    return tuple(sorted(found, key=lambda item: item.at, reverse=True)[:LATELY])


def _done(topic: str, told: Trail, person: str, label: object) -> list[Done]:
    """The latest of what one person said, hand-ins as one."""
    found: dict[tuple[str, str, str], int] = {}
    for line in reversed(told.state.lines):
        if line.by != person or isinstance(line.fact, Record):
            continue
        place = (line.at, line.fact.kind, told.study_of(line))
        if place not in found and len(found) == LATELY:
            break
        found[place] = found.get(place, 0) + 1
    name = label if callable(label) else str
    return [
        Done(
            at,
            KINDS[kind],
            name(study) if study else topic,
            facts,
            page_of(topic, "", study) if study else "",
        )
        for (at, kind, study), facts in found.items()
    ]
