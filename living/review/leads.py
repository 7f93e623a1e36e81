"""What leads from one record to another that may belong with it: an index that is kept as records arrive."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Literal, TypeVar

from living.model.record import Record
from living.review.identity import is_notice, is_secondary, older
from living.review.ids import OF_REPORTS, ids_of
from living.review.misprints import NCT, Named, meant, numbers_named, slipped
from living.review.titles import SMALL, Yardstick, but_for_a_slip, due_for, one_title, words_of

T = TypeVar("T")
Relation = Literal["same_report", "same_study"]
Kind = Literal[
    "same_id", "version", "named", "listed", "other_register", "misprint", "near_miss",
    "report_title", "notice", "trial_title", "study_title", "near_title", "shared_id", "author",
]  # fmt: skip
REPORT_TITLE = 0.9  # cosine of two titles' rare words from which they are taken for one report's
STUDY_TITLE = 0.72  # and for one study's, by one author
# Of a registration and a paper that is no older. On the recorded citations a likeness from 0.8 on was right
# in 19 of 20 cases, one from 0.55 on in 7 of 10, one below in less than half (benchmarks/links_quality).
TRIAL_TITLE, NEAR_TITLE = 0.8, 0.55
OVERLAP = 0.25  # enough beside the same first author and year
RARE = 60  # a word in more titles than this leads to no comparison: it would tell little and cost much
ENOUGH = 2  # rare words in common lead to a comparison; one does where a title has no second
FEWEST_WORDS = 3  # a title of fewer words ("Erratum", "Reply") says nothing
OFFICIAL = "Official title"  # the part of a registration's text that holds it
REMARKS = frozenset({"letter", "comment", "editorial"})
VERSIONS = ("UpdateOf", "UpdateIn", "PreprintOf", "PreprintOfByTitle")


@dataclass(frozen=True, order=True)
class Lead:
    """One reason why another record may belong with this one. `text` is said to people."""

    other: str
    kind: Kind
    relation: Relation
    text: str


@dataclass
class Index:
    """Records by what leads from one to another, so that a new one is compared with few of many.

    What it holds depends on the records that came and their order of first sight, not on how they were
    handed over; `put` says of which records the leads may have changed, and of all others they have not.
    """

    records: dict[str, Record] = field(default_factory=dict)
    titles: dict[str, tuple[frozenset[str], ...]] = field(default_factory=dict)  # each as its words
    words: dict[str, frozenset[str]] = field(default_factory=dict)  # those of all its titles
    by_word: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    by_author: dict[tuple[str, str], set[str]] = field(default_factory=lambda: defaultdict(set))
    by_id: dict[tuple[str, str], set[str]] = field(default_factory=lambda: defaultdict(set))
    by_version: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    few: set[str] = field(default_factory=set)  # whose titles have not enough rare words
    named: dict[str, tuple[Named, ...]] = field(default_factory=dict)
    odd: set[str] = field(default_factory=set)  # that print a number no register can have given
    naming: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))  # by number as printed
    trials: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))  # by every number of theirs
    listing: dict[str, set[tuple[str, str]]] = field(default_factory=lambda: defaultdict(set))  # by PMID
    yardstick: Yardstick = field(default_factory=Yardstick)
    rare: int = RARE
    small: int = SMALL
    _first: list[frozenset[str]] = field(default_factory=list)  # titles as first seen, for the yardstick

    @classmethod
    def of(cls, records: Iterable[Record]) -> Index:
        """Build the index of these records, the later of two with one key in place of the earlier."""
        index = cls()
        for record in records:
            index.put(record)
        return index

    def put(self, record: Record) -> set[str]:
        """Take in a record or its new content; return the records whose leads may have changed."""
        before = self.records.get(record.key)
        self.records[record.key] = record
        changed = {record.key}
        changed |= self._put_title(record)
        changed |= self._put_numbers(record, before)
        _move(self.by_id, record.key, ids_of(before) if before else frozenset(), ids_of(record))
        _move(self.by_author, record.key, _authors(before) if before else frozenset(), _authors(record))
        _move(self.by_version, record.key, _versions(before) if before else frozenset(), _versions(record))
        return changed

    def near(self, key: str, but: Collection[str] = ()) -> dict[str, frozenset[Lead]]:
        """Return the leads from one record to others, by the other's key; the same from either end.

        Titles are not compared with those of `but`: they were already, from the other end.
        """
        found: dict[str, set[Lead]] = defaultdict(set)
        for lead in (
            *_by_ids(self, key), *_by_versions(self, key), *_by_numbers(self, key),
            *_by_lists(self, key), *_by_titles(self, key, but),
        ):  # fmt: skip
            if lead.other != key:
                found[lead.other].add(lead)
        return {other: frozenset(leads) for other, leads in found.items()}

    def trial(self, number: str) -> str:
        """Return the record that answers for a known number: a registration's former number leads to it."""
        return min(self.trials[number], key=lambda key: (self.records[key].id == number, key))

    def _put_title(self, record: Record) -> set[str]:
        """A word that begins or ceases to lead anywhere matters to its titles; a new yardstick to all."""
        key = record.key
        self.titles[key] = _titles(record)
        words = frozenset().union(*self.titles[key])
        seen, before = key in self.words, self.words.get(key, frozenset())
        self.words[key] = words
        changed = {key}.union(
            *(self.by_word[word] for word in before - words if len(self.by_word[word]) == self.rare + 1),
            *(self.by_word[word] for word in words - before if len(self.by_word[word]) == self.rare),
        )
        _move(self.by_word, key, before, words)
        for other in changed:
            leading = sum(len(self.by_word[word]) <= self.rare for word in self.words[other])
            (self.few.add if leading < ENOUGH else self.few.discard)(other)
        if not seen:
            self._first.append(words)
            if due_for(len(self._first), self.small):
                self.yardstick = Yardstick.of(self._first)
                changed |= self.records.keys()
        return changed

    def _put_numbers(self, record: Record, before: Record | None) -> set[str]:
        """A number that became known, or is no more, matters to the papers that print it or a slip of it."""
        key = record.key
        old, new = (_numbers(before) if before else frozenset()), _numbers(record)
        _move(self.trials, key, old, new)
        changed = set()
        for number in old ^ new:
            digits = number.removeprefix("NCT")
            for printed in {digits, *slipped(digits)}:
                changed |= self.naming.get(f"NCT{printed}", set())
        was, listed = (_listed_by(before) if before else frozenset()), _listed_by(record)
        for pmid, kind in was - listed:
            self.listing[pmid].discard((key, kind))
            if not self.listing[pmid]:
                del self.listing[pmid]
        for pmid, kind in listed - was:
            self.listing[pmid].add((key, kind))
        changed |= {paper for pmid, _ in was ^ listed if (paper := f"pubmed:{pmid}") in self.records}
        printed_before = frozenset(one.id for one in self.named.pop(key, ()))
        self.odd.discard(key)
        if named := numbers_named(record):
            self.named[key] = named
            if not all(one.whole for one in named):
                self.odd.add(key)
        _move(self.naming, key, printed_before, frozenset(one.id for one in named))
        return changed


def _move(held: dict[T, set[str]], key: str, old: frozenset[T], new: frozenset[T]) -> None:
    """Put a record where it is to be found from now on, leaving no empty place behind."""
    for at in old - new:
        held[at].discard(key)
        if not held[at]:
            del held[at]
    for at in new - old:
        held[at].add(key)


# --- by ids -------------------------------------------------------------------------------------------------


def _by_ids(index: Index, key: str) -> Iterator[Lead]:
    """The same DOI, PMID or other register's number, however it is spelled."""
    one = index.records[key]
    for scheme, value in ids_of(one):
        for name in index.by_id[scheme, value] - {key}:
            other = index.records[name]
            if scheme not in OF_REPORTS:
                if not (is_secondary(one) or is_secondary(other)):
                    yield Lead(name, "other_register", "same_study", f"Both name {scheme} {value}")
            elif one_title(one.title, other.title):
                yield Lead(name, "same_id", "same_report", f"Both are {scheme.upper()} {value}")
            else:  # letters on one page have one DOI
                text = f"Both are {scheme.upper()} {value}, under titles that have little in common"
                yield Lead(name, "shared_id", "same_report", text)


def _by_versions(index: Index, key: str) -> Iterator[Lead]:
    """A preprint and the article it became, where the source itself points from one to the other."""
    record = index.records[key]
    pointed = _versions(record) & index.records.keys()
    for name in pointed | index.by_version.get(key, set()):
        other = index.records[name]
        if any("preprint" in map(str.lower, item.types) for item in (record, other)):
            a, b = sorted((record.key, name))
            text = f"The source gives {a} and {b} as versions of one text"
            yield Lead(name, "version", "same_study", text)


def _by_numbers(index: Index, key: str) -> Iterator[Lead]:
    """A paper that names a registration, rightly or with a slip; from either end."""
    yield from _named(index, key)
    for number in _numbers(index.records[key]):
        digits = number.removeprefix("NCT")
        for printed in {digits, *slipped(digits)}:
            for paper in index.naming.get(f"NCT{printed}", ()):
                yield from (
                    Lead(paper, lead.kind, lead.relation, lead.text)
                    for lead in _named(index, paper)
                    if lead.other == key
                )


def _named(index: Index, key: str) -> Iterator[Lead]:
    if is_secondary(index.records[key]):
        return
    for named in index.named.get(key, ()):
        if named.id in index.trials and named.clean:
            text = f"{key} names {named.id} in {named.where}"
            yield Lead(index.trial(named.id), "named", "same_study", text)
        elif named.id in index.trials:
            text = f"{key} names “{named.printed}” in {named.where}, which reads as {named.id}"
            yield Lead(index.trial(named.id), "misprint", "same_study", text)
        for number in meant(named, index.trials):
            fault = (
                f"which is one slip from {number}"
                if named.whole
                else f"which has {len(named.digits)} digits, not 8; {number} differs by one slip"
            )
            text = f"{key} names “{named.printed}” in {named.where}, {fault}"
            kind: Kind = "near_miss" if named.whole else "misprint"
            yield Lead(index.trial(number), kind, "same_study", text)


def _by_lists(index: Index, key: str) -> Iterator[Lead]:
    """A registration that lists a paper as a report of its results; one in its background never links."""
    record = index.records[key]
    if record.source == "pubmed":
        yield from _listed(index, key)
    for paper in {f"pubmed:{pmid}" for pmid, _ in _listed_by(record)} & index.records.keys():
        yield from (
            Lead(paper, lead.kind, lead.relation, lead.text)
            for lead in _listed(index, paper)
            if lead.other == key
        )


def _listed(index: Index, key: str) -> Iterator[Lead]:
    record = index.records[key]
    listing = index.listing.get(record.id, set())
    if is_secondary(record):
        return
    more = len({trial for trial, _ in listing}) - 1
    others = f"; so do {more} other registrations" if more > 0 else ""
    for trial, kind in listing:
        if older(record, index.records[trial]):
            continue
        yield Lead(trial, "listed", "same_study", f"{trial} lists PMID {record.id} as {kind}{others}")


# --- by titles ----------------------------------------------------------------------------------------------


def _by_titles(index: Index, key: str, but: Collection[str]) -> Iterator[Lead]:
    """Titles that share their rare words; or some of them, and the first author and the year."""
    record = index.records[key]
    rare = [word for word in index.words[key] if len(index.by_word[word]) <= index.rare]
    near: Counter[str] = Counter(other for word in rare for other in index.by_word[word])
    few = key in index.few
    close = {other for other, shared in near.items() if few or shared >= ENOUGH or other in index.few}
    alike = {other for author in _authors(record) for other in index.by_author[author]}
    for other in (name for name in close | alike if name != key and name not in but):
        yield from _compared(index, record, index.records[other], same_author=other in alike)


def _compared(index: Index, one: Record, other: Record, *, same_author: bool) -> Iterator[Lead]:
    both = bool(one.registration) == bool(other.registration)
    least = OVERLAP if same_author else STUDY_TITLE if both else NEAR_TITLE
    likeness = max(
        (
            index.yardstick.likeness(mine, theirs, within=not both, least=least)
            for mine in index.titles[one.key]
            for theirs in index.titles[other.key]
        ),
        default=0.0,
    )
    if likeness < least:
        return
    telling = index.yardstick.telling(index.words[one.key] & index.words[other.key])
    shared = ", ".join(telling[:6])
    if likeness >= REPORT_TITLE and both and not one.registration:
        yield from _one_title(index, one, other, f"Nearly the same title ({likeness:.0%} of the rarer words)")
    elif not telling or is_secondary(one) or is_secondary(other) or _contradicted(index, one, other):
        return
    elif not both or likeness >= STUDY_TITLE:
        kind: Kind = "study_title" if both else "trial_title" if likeness >= TRIAL_TITLE else "near_title"
        if same_author or not both:
            text = f"Titles share {likeness:.0%} of their rarer words: {shared}"
            yield Lead(other.key, kind, "same_study", text)
    elif same_author:
        name, year = min(one.authors[0], other.authors[0]), one.published[:4]
        text = f"Same first author and year ({name}, {year}), and titles share: {shared}"
        yield Lead(other.key, "author", "same_study", text)


def _one_title(index: Index, one: Record, other: Record, text: str) -> Iterator[Lead]:
    """A notice bears the title of the report it is about; so do letters, which are no reports of a trial."""
    notices, remarks = (sum(map(is_sort, (one, other))) for is_sort in (is_notice, _is_remark))
    same = but_for_a_slip(index.words[one.key], index.words[other.key])
    if notices == 1 and not remarks:
        key = min(item.key for item in (one, other) if is_notice(item))
        yield Lead(other.key, "notice", "same_study", f"{text}, and {key} is a correction or a notice")
    elif (not notices and not remarks) or (same and 1 not in (notices, remarks)):
        yield Lead(other.key, "report_title", "same_report", text)


def _is_remark(record: Record) -> bool:
    return any(kind.lower() in REMARKS for kind in record.types)


def _contradicted(index: Index, one: Record, other: Record) -> bool:
    """Whether titles prove nothing: one is older than the trial, or both name trials and none in common."""
    if older(one, other) or older(other, one):
        return True
    left, right = (_trials(index, record) for record in (one, other))
    return bool(left and right) and left.isdisjoint(right)


def _trials(index: Index, record: Record) -> frozenset[str]:
    own = _numbers(record)
    return own or frozenset(named.id for named in index.named.get(record.key, ()) if named.whole)


# --- what a record may be found by --------------------------------------------------------------------------


def _titles(record: Record) -> tuple[frozenset[str], ...]:
    """A record's title, and of a registration its official one too, which is closer to a paper's."""
    told = [record.title]
    if record.registration:
        told += [part.text for part in record.abstract if part.label == OFFICIAL]
    found = dict.fromkeys(frozenset(words_of(title)) for title in told)
    return tuple(words for words in found if len(words) >= FEWEST_WORDS)


def _numbers(record: Record) -> frozenset[str]:
    """The numbers of ClinicalTrials.gov that a registration answers for."""
    if not record.registration:
        return frozenset()
    return frozenset(number for number in (record.id, *record.registration.aliases) if NCT.match(number))


def _listed_by(record: Record) -> frozenset[tuple[str, str]]:
    """The papers that a registration lists as reports of its results: PMID and how it is listed."""
    listed = record.registration.references if record.registration else ()
    return frozenset((item.pmid, item.type) for item in listed if item.type != "BACKGROUND")


def _versions(record: Record) -> frozenset[str]:
    """The records that a source gives as other versions of this text."""
    pointers = (relation.partition(" ") for relation in record.relations)
    return frozenset(key for word, _, key in pointers if word in VERSIONS)


def _authors(record: Record) -> frozenset[tuple[str, str]]:
    """The first author's surname and the year, in small plain letters; none where either is missing."""
    year = record.published[:4]
    if not record.authors or not year.isdigit():
        return frozenset()
    surname = words_of(record.authors[0].partition(",")[0])[:1]
    return frozenset((name, year) for name in surname)
