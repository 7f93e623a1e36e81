"""Which records are one study: rulings on pairs, closed into groups."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from living.model.facts import Link
from living.model.record import Record
from living.model.state import ReviewState

NOT_A_TRIAL_REPORT = frozenset(
    {"review", "systematic review", "meta-analysis", "editorial", "comment", "guideline"}
)


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


def link_studies(state: ReviewState) -> Studies:
    """Group records into studies by the latest ruling on each pair, a person's before any machine's.

    A ruling `different` keeps two records apart whatever other rulings would join them: a person's word comes
    before a machine's, then the earlier before the later, and a ruling that would join records held apart is
    reported as a conflict and not followed. The grouping does not depend on the order of entry of unrelated
    facts; a study's key is its member with the lowest first ledger line. Links to records that were never
    stored wait until they are.
    """
    rulings = latest_rulings(state)
    apart = {link.pair for link, _ in rulings if link.relation == "different"}
    groups = {key: [key] for key in state.first_seen}
    conflicts = []
    for link, _ in sorted(rulings, key=ruling_strength):
        if link.relation == "different" or link.a not in groups or link.b not in groups:
            continue
        if not _join(groups, link, apart):
            conflicts.append(link)
    return _studies(state, groups.values(), conflicts)


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
    reference, never by BACKGROUND; two records with one DOI are one report. A paper that names several
    registrations, is claimed by several, or is a review proves nothing about identity and is left to people.
    """
    ruled = {link.pair for link, _ in latest_rulings(state)}
    found: dict[tuple[str, str], Link] = {}
    aliases = {
        f"{record.source}:{alias}": record.key
        for record in state.records.values()
        if record.registration
        for alias in record.registration.aliases
    }
    claims = _claims(state)
    for record in state.records.values():
        for link in (*_by_databank(record, state, aliases), *_by_reference(record, state, claims)):
            if link.pair not in ruled:
                found.setdefault(link.pair, link)
    for link in (*_by_doi(state), *_by_alias(state, aliases)):
        if link.pair not in ruled:
            found.setdefault(link.pair, link)
    return tuple(found[pair] for pair in sorted(found))


def latest_rulings(state: ReviewState) -> tuple[tuple[Link, int], ...]:
    """Return the ruling that counts on each pair, with its line: the latest, people's before machines'."""
    latest: dict[tuple[str, str], tuple[Link, int]] = {}
    for line, link in state.of_kind(Link):
        standing = latest.get(link.pair)
        if standing is None or said_by_people(link) or not said_by_people(standing[0]):
            latest[link.pair] = (link, line.seq)
    return tuple(latest.values())


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


def _studies(state: ReviewState, groups: Iterable[list[str]], conflicts: list[Link]) -> Studies:
    order = {key: line.seq for key, line in state.first_seen.items()}
    by_key: dict[str, Study] = {}
    for group in groups:
        members = tuple(sorted(set(group), key=lambda key: order[key]))
        by_key[members[0]] = Study(members[0], members)
    by_key = dict(sorted(by_key.items(), key=lambda item: order[item[0]]))
    key_of = {record: study.key for study in by_key.values() for record in study.records}
    return Studies(by_key, tuple(conflicts), key_of)


def _by_databank(record: Record, state: ReviewState, aliases: dict[str, str]) -> Iterator[Link]:
    if record.registration or _is_secondary(record):
        return
    keys = {f"ctgov:{item.value}" for item in record.identifiers if item.scheme == "nct"}
    keys = {aliases.get(key, key) for key in keys}
    if len(keys) == 1 and (target := keys.pop()) in state.records:
        yield Link(
            a=record.key,
            b=target,
            relation="same_study",
            method="databank",
            evidence=f"{record.key} names {target.partition(':')[2]} in its accession list",
        )


def _by_alias(state: ReviewState, aliases: dict[str, str]) -> Iterator[Link]:
    """An earlier number of a registration that is stored as an entry of its own is that registration."""
    for old, current in aliases.items():
        if old != current and old in state.records:
            evidence = f"{current} is registered under {old.partition(':')[2]} too"
            yield Link(
                a=old, b=current, relation="same_report", method="registry_reference", evidence=evidence
            )


def _claims(state: ReviewState) -> dict[str, set[str]]:
    """Which registrations list each paper as a report of their results, by PMID."""
    claims: dict[str, set[str]] = {}
    for record in state.records.values():
        for reference in record.registration.references if record.registration else ():
            if reference.type != "BACKGROUND":
                claims.setdefault(reference.pmid, set()).add(record.key)
    return claims


def _by_reference(record: Record, state: ReviewState, claims: dict[str, set[str]]) -> Iterator[Link]:
    if not record.registration:
        return
    for reference in record.registration.references:
        paper = state.records.get(f"pubmed:{reference.pmid}")
        if reference.type == "BACKGROUND" or paper is None or _is_secondary(paper):
            continue
        if len(claims[reference.pmid]) > 1:
            continue
        if len({item.value for item in paper.identifiers if item.scheme == "nct"} - {record.id}):
            continue
        yield Link(
            a=paper.key,
            b=record.key,
            relation="same_study",
            method="registry_reference",
            evidence=f"{record.key} lists PMID {reference.pmid} as {reference.type}",
        )


def _by_doi(state: ReviewState) -> Iterator[Link]:
    holders: dict[str, str] = {}
    for record in state.records.values():
        for item in record.identifiers:
            if item.scheme != "doi" or record.registration:
                continue
            first = holders.setdefault(item.value.lower(), record.key)
            if first != record.key:
                yield Link(
                    a=first,
                    b=record.key,
                    relation="same_report",
                    method="doi",
                    evidence=f"both carry doi {item.value}",
                )


def _is_secondary(record: Record) -> bool:
    return any(kind.lower() in NOT_A_TRIAL_REPORT for kind in record.types)
