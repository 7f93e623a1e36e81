"""What waits for whom: every task, the page that does it, and why somebody cannot do it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from urllib.parse import quote

from living.model.facts import Extraction
from living.review.evidence import Evidence
from living.review.judging_work import to_judge
from living.review.recused import recused
from living.review.work import Task
from living.service import screening
from living.service.accounts import names, person_of
from living.service.claims import ClaimView, claims
from living.service.house import House
from living.service.policy import MAY, Act, Person
from living.service.proposing import proposed
from living.service.topics import evidence_of

SIGN = "sign"
KINDS: Mapping[str, str] = {
    "retraction": "retraction",
    "adjudicate": "settle",
    "second_reader": "read, second",
    "extract": "read",
    "look_again": "look again",
    "link": "link",
    "screen": "screen",
    "verify": "verify",
    "trust": "trustworthiness",
    "rob": "risk of bias",
    "grade": "certainty",
    "judge_again": "judge again",
    SIGN: "sign",
}
READING = ("extract", "second_reader", "verify", "look_again")
ACTS: Mapping[str, Act] = {
    "retraction": Act.SCREEN,
    "screen": Act.SCREEN,
    "link": Act.LINK,
    "adjudicate": Act.ADJUDICATE,
    "trust": Act.JUDGE,
    "rob": Act.JUDGE,
    "judge_again": Act.JUDGE,
    "grade": Act.GRADE,
    SIGN: Act.SIGN,
} | dict.fromkeys(READING, Act.EXTRACT)
PAGES: Mapping[str, str] = {
    "retraction": "screen",
    "screen": "screen",
    "adjudicate": "settle",
    "trust": "trust",
    "rob": "rob",
    "judge_again": "study",
    "grade": "grade",
} | dict.fromkeys(READING, "read")
DETAILS = 2  # of cells named in one line; the page of the task has them all


@dataclass(frozen=True)
class Request:
    """Somebody was asked to do a task."""

    account: str
    who: str
    by: str
    at: str


@dataclass(frozen=True)
class Waiting:
    """One task. `why_not`: why this person cannot do it; blank when it can be done now."""

    topic: str
    kind: str
    said_kind: str
    study: str
    label: str
    detail: str
    line: int
    since: str
    href: str
    why_not: str = ""
    claims: tuple[ClaimView, ...] = ()
    asked: tuple[Request, ...] = ()
    asked_of_me: bool = False
    claimed_by_me: bool = False

    @property
    def mine(self) -> bool:
        return not self.why_not


def waiting_for(house: House, topic: str, person: Person) -> tuple[Waiting, ...]:
    """Return every task of a topic as it stands for one person: most urgent kind first, then the oldest."""
    evidence = evidence_of(house, topic)
    found = [*_grouped(house, evidence), *_unsigned(house, evidence)]
    held, asked = claims(house, topic), _requests(house, topic)
    barred = _Barred.of(evidence, topic, person)
    return tuple(
        replace(
            item,
            why_not=barred.from_(item),
            claims=(at_it := tuple(claim for claim in held if claim.study == item.study)),
            asked=(whom := asked.get((item.study, item.kind), ())),
            asked_of_me=any(one.account == person.id for one in whom),
            claimed_by_me=any(claim.by == person.id for claim in at_it),
        )
        for item in found
    )


def page_of(topic: str, kind: str, study: str) -> str:
    """Return the address of the page on which a task is done."""
    if kind == SIGN:
        return f"/desk/{topic}/sign/"
    if kind == "link":
        return f"/desk/{topic}/links/"
    return f"/desk/{topic}/{PAGES.get(kind, 'study')}/{quote(study, safe=':')}"


def _grouped(house: House, evidence: Evidence) -> Iterator[Waiting]:
    """One line for each kind of task on each study."""
    lines: dict[tuple[str, str], list[Task]] = {}
    links = proposed(house, evidence.state.topic).links
    for task in (*evidence.queue(links), *to_judge(evidence)):
        lines.setdefault((task.kind, task.study), []).append(task)
    for tasks in lines.values():
        yield _waiting(evidence, tasks)


def _waiting(evidence: Evidence, tasks: list[Task]) -> Waiting:
    first, topic = tasks[0], evidence.state.topic
    details = list(dict.fromkeys(task.detail for task in tasks))
    more = len(details) - DETAILS
    detail = "; ".join(details[:DETAILS]) + (f"; and {more} more" if more > 0 else "")
    since = min(task.since for task in tasks)
    at = next((line.at for line in evidence.state.lines[since - 1 :]), "") if since else ""
    kind = str(first.kind)
    return Waiting(
        topic, kind, KINDS.get(kind, kind.replace("_", " ")), first.study, first.label, detail, since, at,
        page_of(topic, kind, first.study),
    )  # fmt: skip


def _unsigned(house: House, evidence: Evidence) -> Iterator[Waiting]:
    """The newest version waits for an editor's signature until somebody has signed its digest."""
    published = house.store.published(evidence.state.topic)
    signed = {signature.digest for _, signature in evidence.state.signatures}
    if published and published[-1].digest not in signed:
        newest, topic = published[-1], evidence.state.topic
        yield Waiting(
            topic, SIGN, KINDS[SIGN], newest.version, newest.version, "published and not signed yet",
            newest.ledger_seq, newest.at, page_of(topic, SIGN, ""),
        )  # fmt: skip


def _requests(house: House, topic: str) -> dict[tuple[str, str], tuple[Request, ...]]:
    called = names(house)
    found: dict[tuple[str, str], tuple[Request, ...]] = {}
    for item in house.store.assignments(topic):
        one = Request(
            item.account, called.get(item.account, item.account), called.get(item.by, item.by), item.at
        )
        found[item.study, item.task] = (*found.get((item.study, item.task), ()), one)
    return found


@dataclass(frozen=True)
class _Barred:
    """Why one person cannot do a task: the role, a conflict of interest, or what was done already."""

    person: Person
    topic: str
    away: frozenset[str]
    read: frozenset[str]
    to_screen: frozenset[str]
    to_judge: frozenset[tuple[str, str]]
    third_person: bool

    @classmethod
    def of(cls, evidence: Evidence, topic: str, person: Person) -> _Barred:
        apart = recused(evidence.state, evidence.studies)
        home = evidence.studies.key_of
        read = (
            fact.cell.study
            for line, fact in evidence.state.of_kind(Extraction)
            if line.by == person.id and fact.imported is None
        )
        return cls(
            person,
            topic,
            frozenset(key for key, people in apart.items() if person.id in people),
            frozenset(home.get(key, key) for key in read),
            frozenset(screening.waiting_for(evidence, person.id)),
            frozenset((task.kind, task.study) for task in to_judge(evidence, person.id)),
            evidence.protocol.people.adjudicator == "third_person",
        )

    def from_(self, item: Waiting) -> str:
        act = ACTS.get(item.kind, Act.LOOK)
        if not self.person.may(act, self.topic):
            return f"takes one of the roles {_roles(act)}"
        if item.study in self.away:
            return "you keep away from this study"
        if item.kind in ("second_reader", "verify", "extract") and item.study in self.read:
            return "you have read it; somebody else must too"
        if item.kind == "adjudicate" and self.third_person and item.study in self.read:
            return "you read it; a third person settles it"
        if item.kind == "screen" and item.study not in self.to_screen:
            return "you have voted; somebody else must too"
        if item.kind in ("trust", "rob") and (item.kind, item.study) not in self.to_judge:
            return "you have judged it; somebody else must too"
        return ""


def _roles(act: Act) -> str:
    return ", ".join(sorted(role.value for role in MAY[act]))


def able(house: House, topic: str) -> dict[str, tuple[tuple[str, str], ...]]:
    """Return, by kind of task, the people whose roles allow it: id and name, by name."""
    everybody = (person_of(house, account.id) for account in house.store.accounts())
    people = sorted((item for item in everybody if item), key=lambda item: (item.name.casefold(), item.id))
    return {
        kind: tuple((item.id, item.name) for item in people if item.may(act, topic))
        for kind, act in ACTS.items()
    }


def only(items: Iterable[Waiting], kind: str = "", whose: str = "") -> tuple[Waiting, ...]:
    """Return the tasks of a kind and, of these, `mine`, those `asked` of me, or those `unclaimed`."""
    return tuple(item for item in items if kind in ("", item.kind) and _whose(item, whose))


def _whose(item: Waiting, whose: str) -> bool:
    match whose:
        case "mine":
            return item.mine
        case "asked":
            return item.asked_of_me
        case "unclaimed":
            return item.mine and not item.claims
        case _:
            return True
