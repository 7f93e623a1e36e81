"""Which records are one study: rulings on pairs, closed into groups."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from living.model.facts import LedgerLine, Link
from living.model.record import Record
from living.model.state import ReviewState
from living.review.counterparts import Twin, one_trial, published_as, twins
from living.review.ids import report_ids
from living.review.misprints import numbers_named
from living.review.titles import one_title

Rulings = dict[tuple[str, str], tuple[Link, int]]

NOT_A_TRIAL_REPORT = frozenset(
    {"review", "systematic review", "meta-analysis", "editorial", "comment", "guideline"}
)
# Notices about a report sometimes carry its DOI.
NOTICES = frozenset({"published erratum", "retraction of publication", "expression of concern"})


@dataclass(frozen=True)
class Study:
    """One investigation: its key is the member first written to the ledger; the others are aliases."""

    key: str
    records: tuple[str, ...]

    @property
    def aliases(self) -> tuple[str, ...]:
        return self.records[1:]


@dataclass(frozen=True)
class Studies:
    """All studies, and the rulings that contradict each other (a person must look)."""

    by_key: dict[str, Study]
    conflicts: tuple[Link, ...] = ()
    key_of: dict[str, str] = field(default_factory=dict)

    def study_of(self, record: str) -> Study | None:
        """Return the study a record belongs to, or None when the record was never stored."""
        key = self.key_of.get(record)
        return self.by_key[key] if key else None


@dataclass(frozen=True)
class Homes:
    """The groups that rulings join, by each member, the first seen first; every other record stands alone."""

    groups: dict[str, tuple[str, ...]]
    conflicts: tuple[Link, ...] = ()

    def of(self, record: str) -> str:
        """Return the key of the study that a record belongs to."""
        group = self.groups.get(record)
        return group[0] if group else record


def link_studies(state: ReviewState) -> Studies:
    """Group records into studies by the latest ruling on each pair, a person's before any machine's.

    A ruling `different` keeps two records apart whatever other rulings would join them: a person's word comes
    before a machine's, then the earlier before the later, and a ruling that would join records held apart is
    reported as a conflict and not followed. The grouping does not depend on the order of entry of unrelated
    facts; a study's key is its member with the lowest first ledger line. Links to records that were never
    stored wait until they are.
    """
    first = {key: line.seq for key, line in state.first_seen.items()}
    belong = homes(latest_rulings(state), first)
    by_key: dict[str, Study] = {}
    key_of: dict[str, str] = {}
    for key in sorted(first, key=first.__getitem__):
        members = belong.groups.get(key, (key,))
        key_of[key] = members[0]
        if key == members[0]:
            by_key[key] = Study(key, members)
    return Studies(by_key, belong.conflicts, key_of)


def homes(rulings: Iterable[tuple[Link, int]], first: Mapping[str, int]) -> Homes:
    """Return what `link_studies` joins, of records whose first ledger lines are given."""
    listed = sorted(rulings, key=ruling_strength)
    apart = {link.pair for link, _ in listed if link.relation == "different"}
    groups: dict[str, list[str]] = {}
    conflicts = []
    for link, _ in listed:
        if link.relation == "different" or link.a not in first or link.b not in first:
            continue
        for key in link.pair:
            groups.setdefault(key, [key])
        if not _join(groups, link, apart):
            conflicts.append(link)
    ordered = {key: tuple(sorted(group, key=first.__getitem__)) for key, group in groups.items()}
    return Homes(ordered, tuple(conflicts))


def same_reports(state: ReviewState) -> dict[str, tuple[str, ...]]:
    """Return, by record key, the other records that are entries of the same report, as the rulings stand."""
    groups: dict[str, list[str]] = {}
    for link, _ in latest_rulings(state):
        if link.relation == "same_report":
            left, right = (groups.setdefault(key, [key]) for key in link.pair)
            if left is not right:
                left.extend(right)
                groups.update(dict.fromkeys(right, left))
    return {key: tuple(other for other in group if other != key) for key, group in groups.items()}


def new_links(state: ReviewState) -> tuple[Link, ...]:
    """Return the links that exact ids prove and nobody has ruled on yet, in a fixed order.

    A paper is linked to a registration by its DataBankList or by the registry's own RESULT or DERIVED
    reference, never by BACKGROUND, and never where it is older than the trial (`older`); two records with one
    DOI or PMID and one title are one report; a former number of a registration is that registration; entries
    of two registers that carry one number are one study, and so are a preprint and the article that its
    source names as its published version. A paper that names several trials, is claimed by several, names
    another than the one that claims it, or is a review proves nothing about identity and is left to people.
    So does a number that only stands in a text: it may be another trial's.
    """
    rulings = latest_rulings(state)
    ruled = {link.pair for link, _ in rulings}
    apart = {link.pair for link, _ in rulings if link.relation == "different"}
    found: dict[tuple[str, str], Link] = {}
    pairs = [pair for pair in twins(state.records.values()) if (pair.a, pair.b) not in apart]
    trial = one_trial(pairs)
    numbers = {number: trial.get(key, key) for number, key in _numbers(state).items()}
    claims = _claims(state, trial)
    for record in state.records.values():
        for link in (*_by_databank(record, numbers), *_by_reference(record, state, claims, numbers, trial)):
            found.setdefault(link.pair, link)
    for link in (*_by_report_id(state), *_by_alias(state), *_by_register(pairs), *_by_preprint(state)):
        found.setdefault(link.pair, link)
    return tuple(found[pair] for pair in sorted(found.keys() - ruled))


def latest_rulings(state: ReviewState) -> tuple[tuple[Link, int], ...]:
    """Return the ruling that counts on each pair, with its line: the latest, people's before machines'."""
    latest: Rulings = {}
    fold_rulings(latest, state.lines)
    return tuple(latest.values())


def fold_rulings(latest: Rulings, lines: Iterable[LedgerLine]) -> bool:
    """Bring the rulings that count up to these later lines, in place; return whether any was among them."""
    found = False
    for line in lines:
        if isinstance(link := line.fact, Link):
            found = True
            standing = latest.get(link.pair)
            if standing is None or said_by_people(link) or not said_by_people(standing[0]):
                latest[link.pair] = (link, line.seq)
    return found


def said_by_people(link: Link) -> bool:
    """Return whether people ruled, or a seed in their place, and no machine."""
    return link.method in ("person", "seed")


def ruling_strength(ruling: tuple[Link, int]) -> tuple[bool, int, tuple[str, str]]:
    """Return what rulings are sorted by: people's before machines', then the earlier before the later."""
    link, seq = ruling
    return not said_by_people(link), seq, link.pair


def _join(groups: dict[str, list[str]], link: Link, apart: set[tuple[str, str]]) -> bool:
    """Merge the two groups of a link in place; False when a ruling keeps them apart."""
    left, right = groups[link.a], groups[link.b]
    if left is right:
        return True
    if any((min(a, b), max(a, b)) in apart for a in left for b in right):
        return False
    left.extend(right)
    for key in right:
        groups[key] = left
    return True


def _numbers(state: ReviewState) -> dict[str, str]:
    """Every number under which a trial is registered here, with the entry that answers for it now."""
    held = [record for record in state.records.values() if record.registration]
    own = {_tight(record.id): record.key for record in held}
    return own | {_tight(old): record.key for record in held for old in _former(record)}


def _by_databank(record: Record, numbers: dict[str, str]) -> Iterator[Link]:
    """A number of a trial that is not stored is a trial too: beside it, another one proves nothing."""
    if record.registration or is_secondary(record):
        return
    listed = {_tight(item.value): item.scheme for item in record.identifiers}
    keys = {numbers.get(name, "") for name, scheme in listed.items() if name in numbers or scheme == "nct"}
    if len(keys) == 1 and (target := keys.pop()):
        named = " and ".join(sorted(number for number in listed if numbers.get(number) == target))
        yield Link(
            a=record.key,
            b=target,
            relation="same_study",
            method="databank",
            evidence=f"{record.key} names {named} in its accession list",
        )


def _by_alias(state: ReviewState) -> Iterator[Link]:
    """A former number of a registration that is stored as an entry of its own is that registration."""
    for record in state.records.values():
        for number in _former(record):
            old = f"{record.source}:{number}"
            if old in state.records:
                yield Link(
                    a=old,
                    b=record.key,
                    relation="same_report",
                    method="registry_reference",
                    evidence=f"{record.key} is registered under {number} too",
                )


def _by_register(pairs: Iterable[Twin]) -> Iterator[Link]:
    for pair in pairs:
        evidence = f"{pair.a} and {pair.b} both carry the number {pair.number}"
        yield Link(a=pair.a, b=pair.b, relation="same_study", method="register_number", evidence=evidence)


def _by_preprint(state: ReviewState) -> Iterator[Link]:
    for preprint, article in published_as(state.records):
        if not is_secondary(state.records[article]):
            evidence = f"{preprint} is, its source says, the preprint of {article}"
            yield Link(a=article, b=preprint, relation="same_study", method="preprint", evidence=evidence)


def _claims(state: ReviewState, trial: Mapping[str, str]) -> dict[str, set[str]]:
    """Which trials list each paper as a report of their results, by PMID; one in two registers is one."""
    claims: dict[str, set[str]] = {}
    for record in state.records.values():
        for reference in record.registration.references if record.registration else ():
            paper = state.records.get(f"pubmed:{reference.pmid}")
            if reference.type != "BACKGROUND" and not (paper and older(paper, record)):
                claims.setdefault(reference.pmid, set()).add(trial.get(record.key, record.key))
    return claims


def _by_reference(
    record: Record,
    state: ReviewState,
    claims: dict[str, set[str]],
    numbers: dict[str, str],
    trial: Mapping[str, str],
) -> Iterator[Link]:
    if not record.registration:
        return
    for reference in record.registration.references:
        paper = state.records.get(f"pubmed:{reference.pmid}")
        if reference.type == "BACKGROUND" or paper is None or is_secondary(paper) or older(paper, record):
            continue
        if len(claims[reference.pmid]) > 1 or _names_another(
            paper, trial.get(record.key, record.key), numbers
        ):
            continue
        yield Link(
            a=paper.key,
            b=record.key,
            relation="same_study",
            method="registry_reference",
            evidence=f"{record.key} lists PMID {reference.pmid} as {reference.type}",
        )


def _names_another(paper: Record, trial: str, numbers: dict[str, str]) -> bool:
    named = {one.id for one in numbers_named(paper) if one.whole and one.clean}
    return any(numbers.get(number, number) != trial for number in named)


def _by_report_id(state: ReviewState) -> Iterator[Link]:
    """Two entries with one DOI or PMID, unless their titles differ: letters on one page share a DOI."""
    holders: dict[tuple[str, str], list[Record]] = {}
    for record in state.records.values():
        for scheme, value in sorted(set(report_ids(record))):
            others = holders.setdefault((scheme, value), [])
            same = next((other for other in others if _one_report(other, record)), None)
            others.append(record)
            if same and scheme != "pmc":
                yield Link(
                    a=same.key,
                    b=record.key,
                    relation="same_report",
                    method="pmid" if scheme == "pmid" else "doi",
                    evidence=f"both carry {scheme} {value}",
                )


def _one_report(one: Record, other: Record) -> bool:
    return one_title(one.title, other.title) and is_notice(one) == is_notice(other)


def is_notice(record: Record) -> bool:
    """Return whether a record is a correction, retraction or concern about another report."""
    return any(kind.lower() in NOTICES for kind in record.types)


def _former(record: Record) -> tuple[str, ...]:
    listed = record.registration.aliases if record.registration else ()
    return tuple(number for number in listed if number != record.id)


def _tight(number: str) -> str:
    return "".join(number.split()).upper()


def older(paper: Record, trial: Record) -> bool:
    """Return whether a paper was printed in a year before the trial began, so that it cannot report on it.

    Sponsors list as RESULT what their trial builds on as well: 129 of the 154 recorded RESULT references are
    older than their trial, of the 105 DERIVED ones, which the register adds itself, none.
    """
    began, printed = (trial.registration.start if trial.registration else "")[:4], paper.published[:4]
    return began.isdigit() and printed.isdigit() and printed < began


def is_secondary(record: Record) -> bool:
    """Return whether a paper is about trials, and no report of one."""
    return any(kind.lower() in NOT_A_TRIAL_REPORT for kind in record.types)
