"""Which records may be one study or one report, for people to rule on: each proposal with its evidence."""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Literal

from rapidfuzz.distance import OSA

from living.model.record import Record
from living.model.state import ReviewState
from living.review.identity import NOT_A_TRIAL_REPORT, Studies, latest_rulings
from living.review.misprints import Named, meant, numbers_named, other_numbers

Relation = Literal["same_report", "same_study"]
# What each kind of evidence is worth, at most 100; of several the strongest counts and 3 more for each other.
SAME_ID, NAMED, LISTED, OTHER_REGISTER, MISPRINT, NEAR_MISS = 97, 92, 88, 85, 80, 55
TITLE, ALIKE = 78, 45
PER_MORE, MOST = 3, 99
REPORT_TITLE = 0.9  # cosine of two titles' rare words from which they are taken for one report's
STUDY_TITLE = 0.72  # and for one study's
OVERLAP = 0.25  # enough beside the same first author and year
RARE = 60  # a word in more titles than this leads to no comparison: it would tell little and cost much
FEWEST_WORDS = 3  # a title of fewer words ("Erratum", "Reply") says nothing
LONG_WORD = 7  # letters from which one slip within a word is taken for the same word
_WORDS = re.compile(r"[a-z0-9]+")
_IDLE = frozenset("a an and as at by for from in of on or the to versus vs with".split())
_DOI = re.compile(r"(10\.\d{4,9}/\S+)")


@dataclass(frozen=True)
class Proposal:
    """Two records (by name) that may belong together, what they may be to each other, how likely, and why."""

    a: str
    b: str
    relation: Relation
    score: int
    evidence: tuple[str, ...]

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
class Index:
    """Records by what leads from one to another, so that a new one is compared with few of many."""

    records: dict[str, Record] = field(default_factory=dict)
    words: dict[str, frozenset[str]] = field(default_factory=dict)
    by_word: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    by_author: dict[tuple[str, str], set[str]] = field(default_factory=lambda: defaultdict(set))
    by_id: dict[tuple[str, str], set[str]] = field(default_factory=lambda: defaultdict(set))
    named: dict[str, tuple[Named, ...]] = field(default_factory=dict)
    trials: dict[str, str] = field(default_factory=dict)  # every number of a registration -> its record
    naming: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))  # by exact number named
    listing: dict[str, list[tuple[str, str]]] = field(default_factory=lambda: defaultdict(list))  # by PMID

    @classmethod
    def of(cls, records: Iterable[Record]) -> Index:
        """Build the index of these records."""
        index = cls()
        for record in records:
            index.add(record)
        return index

    def add(self, record: Record) -> None:
        """Add one record, whose key is not in the index yet."""
        key = record.key
        self.records[key] = record
        self.words[key] = frozenset(_words(record.title))
        for word in self.words[key]:
            self.by_word[word].add(key)
        if author := _author(record):
            self.by_author[author].add(key)
        for known in _ids(record):
            self.by_id[known].add(key)
        if record.registration:
            self.trials |= dict.fromkeys((record.id, *record.registration.aliases), key)
            for reference in record.registration.references:
                if reference.type != "BACKGROUND":
                    self.listing[reference.pmid].append((key, reference.type))
        else:
            self.named[key] = numbers_named(record)
            for one in self.named[key]:
                self.naming[one.id].add(key)

    def near(self, key: str) -> tuple[Proposal, ...]:
        """Return what one record of the index may belong to, the strongest first."""
        found: dict[str, list[tuple[int, Relation, str]]] = defaultdict(list)
        for other, *evidence in (
            *_by_ids(self, key), *_by_numbers(self, key), *_by_lists(self, key), *_by_titles(self, key),
        ):  # fmt: skip
            if other != key:
                found[other].append(tuple(evidence))  # type: ignore[arg-type]
        proposals = (_proposal(key, other, evidence) for other, evidence in found.items())
        return tuple(sorted(proposals, key=lambda item: (-item.score, item.pair)))


Found = tuple[str, int, Relation, str]


def proposals(state: ReviewState, studies: Studies, index: Index | None = None) -> tuple[Proposal, ...]:
    """Return what people may rule on: pairs of studies nobody has held apart, the strongest first.

    Of two studies one pair of records stands for all, with the evidence of all. What exact ids prove is
    linked without being asked (`identity.new_links`); here stands what they do not prove. A pair with a
    ruling `different` between any of their records is not proposed again.
    """
    index = index or Index.of(state.records.values())
    apart = {
        frozenset((studies.key_of.get(link.a, ""), studies.key_of.get(link.b, "")))
        for link, _ in latest_rulings(state)
        if link.relation == "different"
    }
    best: dict[frozenset[str], Proposal] = {}
    for key in state.records:
        for item in index.near(key):
            ends = frozenset((studies.key_of[item.a], studies.key_of[item.b]))
            if len(ends) == 2 and ends not in apart:
                best[ends] = _stronger(best.get(ends), item)
    return tuple(sorted(best.values(), key=lambda item: (-item.score, item.pair)))


def misprints(state: ReviewState, index: Index | None = None) -> tuple[Misprint, ...]:
    """Return the trial numbers that no register can have given and that resemble none known here."""
    index = index or Index.of(state.records.values())
    return tuple(
        Misprint(key, named.printed, named.where)
        for key, numbers in index.named.items()
        for named in numbers
        if not named.whole and not meant(named, index.trials)
    )


def _stronger(one: Proposal | None, other: Proposal) -> Proposal:
    """The stronger of two proposals on the same studies, with what the weaker one adds."""
    if one is None or one.pair == other.pair:
        return one or other
    first, second = sorted((one, other), key=lambda item: (-item.score, item.pair))
    more = tuple(text for text in second.evidence if text not in first.evidence)
    return Proposal(first.a, first.b, first.relation, first.score, first.evidence + more)


def _proposal(key: str, other: str, found: list[tuple[int, Relation, str]]) -> Proposal:
    ranked = sorted(set(found), key=lambda item: (-item[0], item[2]))
    score = min(MOST, ranked[0][0] + PER_MORE * (len(ranked) - 1))
    a, b = sorted((key, other))
    return Proposal(a, b, ranked[0][1], score, tuple(dict.fromkeys(text for *_, text in ranked)))


# --- what leads from one record to another ------------------------------------------------------------------


def _by_ids(index: Index, key: str) -> Iterator[Found]:
    """The same DOI, PMID or other register's number, however it is spelled."""
    for scheme, value in _ids(index.records[key]):
        for other in index.by_id[scheme, value]:
            if scheme in ("doi", "pmid", "pmc"):
                yield other, SAME_ID, "same_report", f"Both are {scheme.upper()} {value}"
            elif not (_secondary(index.records[key]) or _secondary(index.records[other])):
                yield other, OTHER_REGISTER, "same_study", f"Both name {scheme} {value}"


def _by_numbers(index: Index, key: str) -> Iterator[Found]:
    """A paper that names a registration, rightly or with a slip; from either end."""
    record = index.records[key]
    if record.registration:
        for number in (record.id, *record.registration.aliases):
            digits = number.removeprefix("NCT")
            for printed in {digits, *_slipped(digits)}:
                for paper in index.naming.get(f"NCT{printed}", ()):
                    yield from ((paper, *found[1:]) for found in _named(index, paper) if found[0] == key)
    else:
        yield from _named(index, key)


def _named(index: Index, key: str) -> Iterator[Found]:
    if _secondary(index.records[key]):
        return
    for named in index.named.get(key, ()):
        if named.id in index.trials:
            yield index.trials[named.id], NAMED, "same_study", f"{key} names {named.id} in {named.where}"
        for number in meant(named, index.trials):
            fault = (
                "which is one slip from" if named.whole else f"which has {len(named.digits)} digits, not 8;"
            )
            known = f"{fault} {number}" if named.whole else f"{fault} {number} differs by one slip"
            weight = NEAR_MISS if named.whole else MISPRINT
            text = f"{key} names “{named.printed}” in {named.where}, {known}"
            yield index.trials[number], weight, "same_study", text


def _slipped(digits: str) -> Iterator[str]:
    """Every way in which one slip prints a whole number."""
    for at in range(len(digits)):
        yield digits[:at] + digits[at + 1 :]
        for one in "0123456789":
            yield digits[:at] + one + digits[at:]
            yield digits[:at] + one + digits[at + 1 :]
        if at + 1 < len(digits):
            yield digits[:at] + digits[at + 1] + digits[at] + digits[at + 2 :]
    yield from (digits + one for one in "0123456789")


def _by_lists(index: Index, key: str) -> Iterator[Found]:
    """A registration that lists a paper as a report of its results; one in its background never links."""
    record = index.records[key]
    if record.registration:
        for reference in record.registration.references:
            paper = f"pubmed:{reference.pmid}"
            if reference.type != "BACKGROUND" and paper in index.records:
                yield from ((paper, *found[1:]) for found in _listed(index, paper) if found[0] == key)
    elif record.source == "pubmed":
        yield from _listed(index, key)


def _listed(index: Index, key: str) -> Iterator[Found]:
    record = index.records[key]
    listing = index.listing.get(record.id, [])
    if record.source != "pubmed" or _secondary(record):
        return
    for trial, kind in listing:
        others = f"; so do {len(listing) - 1} other registrations" if len(listing) > 1 else ""
        yield trial, LISTED, "same_study", f"{trial} lists PMID {record.id} as {kind}{others}"


def _by_titles(index: Index, key: str) -> Iterator[Found]:
    """Titles that share their rare words; or some of them, and the first author and the year."""
    record = index.records[key]
    mine = index.words[key]
    rare = [word for word in mine if len(index.by_word[word]) <= RARE]
    author = _author(record)
    alike = index.by_author[author] if author else set()
    near: Counter[str] = Counter(other for word in rare for other in index.by_word[word])
    for other in {*(name for name, shared in near.items() if shared > 1 or len(rare) < 2), *alike} - {key}:
        yield from _compared(index, record, index.records[other], same_author=other in alike)


def _compared(index: Index, one: Record, other: Record, *, same_author: bool) -> Iterator[Found]:
    if min(len(index.words[one.key]), len(index.words[other.key])) < FEWEST_WORDS:
        return
    both = bool(one.registration) == bool(other.registration)
    likeness = _likeness(index, one.key, other.key, within=not both)
    telling = _telling(index, index.words[one.key] & index.words[other.key])
    shared = ", ".join(telling[:6])
    if likeness >= REPORT_TITLE and both and not one.registration:
        yield other.key, TITLE, "same_report", f"Nearly the same title ({likeness:.0%} of the rarer words)"
    elif _secondary(one) or _secondary(other) or _contradicted(index, one, other):
        return
    elif telling and likeness >= STUDY_TITLE and (same_author or not both):
        yield (
            other.key,
            TITLE - 10,
            "same_study",
            f"Titles share {likeness:.0%} of their rarer words: {shared}",
        )
    elif same_author and telling and likeness >= OVERLAP:
        name, year = one.authors[0], one.published[:4]
        text = f"Same first author and year ({name}, {year}), and titles share: {shared}"
        yield other.key, ALIKE, "same_study", text


def _telling(index: Index, words: frozenset[str]) -> list[str]:
    """Those of some words that do not stand in most titles of the collection, the longest first."""
    most = max(2, len(index.records) // 4)
    return sorted((word for word in words if len(index.by_word[word]) <= most), key=lambda w: (-len(w), w))


def _contradicted(index: Index, one: Record, other: Record) -> bool:
    """Whether two records name trials, and none in common: then their titles alone prove nothing."""
    left, right = (_trials(index, record) for record in (one, other))
    return bool(left and right) and left.isdisjoint(right)


def _trials(index: Index, record: Record) -> set[str]:
    if record.registration:
        return {record.id, *record.registration.aliases}
    return {named.id for named in index.named[record.key] if named.whole}


def _likeness(index: Index, one: str, other: str, *, within: bool) -> float:
    """The cosine of two titles, each word weighed by its rarity; long words may differ by one slip.

    `within`: a registration's title is often part of the paper's, so that half of it is how much of the
    shorter one stands in the longer one.
    """
    left, right = index.words[one], index.words[other]
    total = len(index.records)

    def weight(word: str) -> float:
        return math.log(1 + total / len(index.by_word[word])) ** 2

    shared = sum(weight(word) for word in left & right)
    rest = set(right - left)
    for word in sorted(left - right):
        twin = next((name for name in sorted(rest) if _slip_within(word, name)), None)
        if twin:
            rest.discard(twin)
            shared += min(weight(word), weight(twin))
    sizes = sum(map(weight, left)), sum(map(weight, right))
    cosine = shared / math.sqrt(sizes[0] * sizes[1])
    return (cosine + shared / min(sizes)) / 2 if within else cosine


def _slip_within(word: str, other: str) -> bool:
    long = min(len(word), len(other)) >= LONG_WORD and word.isalpha() and other.isalpha()
    return long and OSA.distance(word, other, score_cutoff=1) <= 1


# --- in one spelling ----------------------------------------------------------------------------------------


def _words(title: str) -> Iterator[str]:
    plain = unicodedata.normalize("NFKD", re.sub(r"<[^>]{0,20}>", "", title))
    text = plain.encode("ascii", "ignore").decode().lower().replace("randomiz", "randomis")
    return (word for word in _WORDS.findall(text) if word not in _IDLE)


def _author(record: Record) -> tuple[str, str] | None:
    """The first author's surname and the year, in small plain letters."""
    year = record.published[:4]
    if not record.authors or not year.isdigit():
        return None
    surname = next(_words(record.authors[0].partition(",")[0]), "")
    return (surname, year) if surname else None


def _ids(record: Record) -> Iterator[tuple[str, str]]:
    """Every id that may be spelled in several ways, in one."""
    if record.source == "pubmed":
        yield "pmid", record.id.lstrip("0")
    yield from other_numbers(record)
    for item in record.identifiers:
        if item.scheme == "doi" and not record.registration and (doi := plain_doi(item.value)):
            yield "doi", doi
        elif item.scheme in ("pmid", "pubmed") and (digits := re.sub(r"\D", "", item.value).lstrip("0")):
            yield "pmid", digits
        elif item.scheme in ("pmc", "pmcid") and (digits := re.sub(r"\D", "", item.value).lstrip("0")):
            yield "pmc", digits


def plain_doi(text: str) -> str:
    """Return a DOI in one spelling, without address, prefix or trailing stop; empty when there is none."""
    found = _DOI.search(text.replace("%2F", "/").replace("%2f", "/"))
    return found[1].rstrip(".,;)").lower() if found else ""


def _secondary(record: Record) -> bool:
    return any(kind.lower() in NOT_A_TRIAL_REPORT for kind in record.types)
