"""Which records may be one study or one report, for people to rule on: each proposal with its evidence."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from living.model.facts import Link
from living.model.record import Record
from living.model.state import ReviewState
from living.review.identity import Homes, fold_rulings, homes
from living.review.leads import Index, Kind, Lead, Relation
from living.review.misprints import meant

# What each kind of evidence is worth, at most 100; of several the strongest counts and 3 more for each other.
WORTH: dict[Kind, int] = {
    "same_id": 97,
    "version": 95,
    "named": 92,
    "listed": 88,
    "other_register": 85,
    "misprint": 80,
    "report_title": 78,
    "study_title": 68,
    "near_miss": 55,
    "shared_id": 50,
    "author": 45,
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
class Standing:
    """What is proposed as far as a ledger was read: kept, so that one more line costs one more look.

    It holds the same after any division of the same lines into calls of `read`.
    """

    index: Index = field(default_factory=Index)
    pairs: dict[tuple[str, str], Proposal] = field(default_factory=dict)
    of: dict[str, set[tuple[str, str]]] = field(default_factory=lambda: defaultdict(set))
    first: dict[str, int] = field(default_factory=dict)
    rulings: dict[tuple[str, str], tuple[Link, int]] = field(default_factory=dict)
    lines: int = 0

    def read(self, state: ReviewState) -> bool:
        """Take in the lines that came since the last call; return whether any was about records or links."""
        new = state.lines[self.lines :]
        changed: set[str] = set()
        for line in new:
            if isinstance(line.fact, Record):
                self.first.setdefault(line.fact.key, line.seq)
                changed |= self.index.put(line.fact)
        about = fold_rulings(self.rulings, new) or bool(changed)
        self._look_again(changed)
        self.lines = len(state.lines)
        return about

    def proposals(self) -> tuple[Proposal, ...]:
        """Return what people may rule on: pairs of studies nobody has held apart, the strongest first.

        Of two studies one pair of records stands for all, with the evidence of all. What exact ids prove is
        linked without being asked (`identity.new_links`); here stands what they do not prove. A pair with a
        ruling `different` between any of their records is not proposed again.
        """
        belong = homes(self.rulings.values(), self.first)
        return asked(self.pairs.values(), belong, _apart(self.rulings, belong))

    def misprints(self) -> tuple[Misprint, ...]:
        """Return the trial numbers that no register can have given and that resemble none known here."""
        return tuple(
            Misprint(key, named.printed, named.where)
            for key in sorted(self.index.named, key=lambda key: self.first[key])
            for named in self.index.named[key]
            if not named.whole and not meant(named, self.index.trials)
        )

    def _look_again(self, changed: set[str]) -> None:
        for key in changed:
            for pair in self.of.pop(key, ()):
                self.pairs.pop(pair, None)
                other = pair[0] if pair[1] == key else pair[1]
                self.of[other].discard(pair)
                if not self.of[other]:
                    del self.of[other]
        for key in changed:
            for other, leads in self.index.near(key).items():
                pair = (key, other) if key < other else (other, key)
                if pair not in self.pairs:
                    self.pairs[pair] = _proposal(pair, leads)
                    self.of[key].add(pair)
                    self.of[other].add(pair)


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


def asked(pairs: Iterable[Proposal], belong: Homes, apart: frozenset[frozenset[str]]) -> tuple[Proposal, ...]:
    """Return one question for each two studies that are neither joined nor held apart."""
    between: dict[frozenset[str], list[Proposal]] = defaultdict(list)
    for item in pairs:
        ends = frozenset((belong.of(item.a), belong.of(item.b)))
        if len(ends) == 2 and ends not in apart:
            between[ends].append(item)
    found = (items[0] if len(items) == 1 else _together(items) for items in between.values())
    return tuple(sorted(found, key=_strongest))


def _strongest(item: Proposal) -> tuple[int, tuple[str, str]]:
    return -item.score, item.pair


def _apart(rulings: Mapping[tuple[str, str], tuple[Link, int]], belong: Homes) -> frozenset[frozenset[str]]:
    return frozenset(
        frozenset((belong.of(link.a), belong.of(link.b)))
        for link, _ in rulings.values()
        if link.relation == "different"
    )


def _together(items: list[Proposal]) -> Proposal:
    """The strongest of several proposals on the same studies, with what the weaker ones add."""
    first, *rest = sorted(items, key=_strongest)
    told = dict.fromkeys(first.evidence)
    for item in rest:
        told.update(dict.fromkeys(item.evidence))
    return Proposal(first.a, first.b, first.relation, first.score, tuple(told), first.kinds)


def _proposal(pair: tuple[str, str], leads: Iterable[Lead]) -> Proposal:
    ranked = sorted(leads, key=lambda lead: (-WORTH[lead.kind], lead.text))
    kinds = tuple(dict.fromkeys(lead.kind for lead in ranked))
    texts = tuple(dict.fromkeys(lead.text for lead in ranked))
    score = min(MOST, WORTH[kinds[0]] + PER_MORE * (len(texts) - 1))
    return Proposal(*pair, ranked[0].relation, score, texts, kinds)
