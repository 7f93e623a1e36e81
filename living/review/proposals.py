"""Which records may be one study or one report, for people to rule on: each proposal with its evidence."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from living.model.record import Record
from living.model.state import ReviewState
from living.review.identity import Homes, Rulings, fold_rulings, homes
from living.review.leads import Index, Kind, Lead, Relation
from living.review.misprints import meant

Pair = tuple[str, str]
Place = tuple[int, str, str, "Proposal"]  # no two alike before the last: one question for two studies
Ends = frozenset[str]  # the studies of a pair: two, or one that both belong to
# What each kind of evidence is worth, at most 100; of several the strongest counts and 3 more for each other.
# Set by tests/benchmarks/links_quality.py where its labels know the kind; `near_miss` is worth less than
# that: the labels hold misprints alone, and in life a whole number is as likely another trial's own.
WORTH: dict[Kind, int] = {
    "same_id": 97,
    "version": 95,
    "named": 92,
    "listed": 88,
    "other_register": 85,
    "misprint": 80,
    "trial_title": 88,
    "report_title": 85,
    "notice": 75,
    "study_title": 60,
    "near_miss": 55,
    "near_title": 50,
    "shared_id": 40,
    "author": 30,
}
PER_MORE, MOST = 3, 99


@dataclass(frozen=True)
class Proposal:
    """Two records (by name) that may belong together, what they may be to each other, how likely, and why.

    `kinds`: of what sort the evidence is, the strongest first.
    """

    a: str
    b: str
    relation: Relation
    score: int
    evidence: tuple[str, ...]
    kinds: tuple[Kind, ...] = ()

    @property
    def pair(self) -> tuple[str, str]:
        return self.a, self.b


@dataclass(frozen=True)
class Misprint:
    """A trial number that cannot be right and is close to none that is known: to be looked up."""

    record: str
    printed: str
    where: str


@dataclass
class Questions:
    """One question for each two studies that are neither joined nor held apart, kept as they change."""

    belong: Homes = field(default_factory=lambda: Homes({}))
    apart: frozenset[Ends] = frozenset()
    ends: dict[Pair, Ends] = field(default_factory=dict)
    between: dict[Ends, set[Pair]] = field(default_factory=lambda: defaultdict(set))
    asked: dict[Ends, Proposal] = field(default_factory=dict)
    order: list[Place] = field(default_factory=list)  # the strongest first

    def ruled(self, rulings: Rulings, first: Mapping[str, int], of: Mapping[str, set[Pair]]) -> set[Pair]:
        """Take in the rulings as they stand; return the pairs whose question may be another one now."""
        before, was_apart = self.belong, self.apart
        self.belong = homes(rulings.values(), first)
        self.apart = frozenset(
            frozenset((self.belong.of(link.a), self.belong.of(link.b)))
            for link, _ in rulings.values()
            if link.relation == "different"
        )
        linked = before.groups.keys() | self.belong.groups.keys()
        elsewhere = {key for key in linked if before.of(key) != self.belong.of(key)}
        moved = {pair for key in elsewhere for pair in of.get(key, ())}
        return moved.union(*(self.between.get(ends, set()) for ends in was_apart ^ self.apart))

    def ask(self, moved: Iterable[Pair], pairs: Mapping[Pair, Proposal]) -> None:
        """Ask again about the studies that these pairs lie between, or lay."""
        again: set[Ends] = set()
        for pair in moved:
            old = self.ends.pop(pair, None)
            if old:
                self.between[old].discard(pair)
                again.add(old)
            if pair in pairs:
                new = self.ends[pair] = frozenset(map(self.belong.of, pair))
                self.between[new].add(pair)
                again.add(new)
        for ends in again & self.asked.keys():
            del self.order[bisect_left(self.order, _place(self.asked.pop(ends)))]
        for ends in again:
            if not self.between[ends]:
                del self.between[ends]
            elif len(ends) > 1 and ends not in self.apart:
                self.asked[ends] = _together([pairs[pair] for pair in self.between[ends]])
                insort(self.order, _place(self.asked[ends]))


@dataclass
class Standing:
    """What is proposed as far as a ledger was read: kept, so that one more line costs one more look.

    It holds the same after any division of the same lines into calls of `read`.
    """

    index: Index = field(default_factory=Index)
    pairs: dict[Pair, Proposal] = field(default_factory=dict)
    of: dict[str, set[Pair]] = field(default_factory=lambda: defaultdict(set))
    first: dict[str, int] = field(default_factory=dict)
    rulings: Rulings = field(default_factory=dict)
    questions: Questions = field(default_factory=Questions)
    lines: int = 0

    def read(self, state: ReviewState) -> bool:
        """Take in the lines that came since the last call; return whether any was about records or links."""
        new = state.lines[self.lines :]
        self.lines = len(state.lines)
        come: set[str] = set()
        changed: set[str] = set()
        for line in new:
            if isinstance(line.fact, Record):
                come.add(line.fact.key)
                self.first.setdefault(line.fact.key, line.seq)
                changed |= self.index.put(line.fact)
        moved = self._look_again(changed)
        ruled = fold_rulings(self.rulings, new) or any(come & set(pair) for pair in self.rulings)
        if ruled:
            moved |= self.questions.ruled(self.rulings, self.first, self.of)
        self.questions.ask(moved, self.pairs)
        return bool(ruled or changed)

    def proposals(self) -> tuple[Proposal, ...]:
        """Return what people may rule on: pairs of studies nobody has held apart, the strongest first.

        Of two studies one pair of records stands for all, with the evidence of all. What exact ids prove is
        linked without being asked (`identity.new_links`); here stands what they do not prove. A pair with a
        ruling `different` between any of their records is not proposed again.
        """
        return tuple(item for *_, item in self.questions.order)

    def misprints(self) -> tuple[Misprint, ...]:
        """Return the trial numbers that no register can have given and that resemble none known here."""
        return tuple(
            Misprint(key, named.printed, named.where)
            for key in sorted(self.index.odd, key=self.first.__getitem__)
            for named in self.index.named[key]
            if not named.whole and not meant(named, self.index.trials)
        )

    def _look_again(self, changed: set[str]) -> set[Pair]:
        """Find again what leads from these records; return the pairs that were or are proposed."""
        moved: set[Pair] = set()
        for key in changed:
            for pair in self.of.pop(key, ()):
                moved.add(pair)
                del self.pairs[pair]
                other = pair[0] if pair[1] == key else pair[1]
                self.of[other].discard(pair)
                if not self.of[other]:
                    del self.of[other]
        looked: set[str] = set()
        for key in changed:
            found = self.index.near(key, but=looked)
            looked.add(key)
            for other, leads in found.items():
                pair = (key, other) if key < other else (other, key)
                if pair not in self.pairs:
                    self.pairs[pair] = _proposal(pair, leads)
                    self.of[key].add(pair)
                    self.of[other].add(pair)
                    moved.add(pair)
        return moved


def proposals(state: ReviewState) -> tuple[Proposal, ...]:
    """Return what people may rule on, found from the whole ledger at once (`Standing.proposals`)."""
    standing = Standing()
    standing.read(state)
    return standing.proposals()


def misprints(state: ReviewState) -> tuple[Misprint, ...]:
    """Return the trial numbers to be looked up, found from the whole ledger at once."""
    standing = Standing()
    standing.read(state)
    return standing.misprints()


def _place(item: Proposal) -> Place:
    return -item.score, item.a, item.b, item


def _together(items: list[Proposal]) -> Proposal:
    """The strongest of several proposals on the same studies, with what the weaker ones add."""
    if len(items) == 1:
        return items[0]
    (*_, first), *rest = sorted(map(_place, items))
    told = dict.fromkeys(first.evidence)
    for *_, item in rest:
        told.update(dict.fromkeys(item.evidence))
    return Proposal(first.a, first.b, first.relation, first.score, tuple(told), first.kinds)


def _proposal(pair: tuple[str, str], leads: Iterable[Lead]) -> Proposal:
    ranked = sorted(leads, key=lambda lead: (-WORTH[lead.kind], lead.text))
    kinds = tuple(dict.fromkeys(lead.kind for lead in ranked))
    texts = tuple(dict.fromkeys(lead.text for lead in ranked))
    score = min(MOST, WORTH[kinds[0]] + PER_MORE * (len(texts) - 1))
    return Proposal(*pair, ranked[0].relation, score, texts, kinds)
