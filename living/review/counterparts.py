"""Entries that belong together by what their sources say: a trial in two registers, preprint and article."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from living.model.record import Record

# Schemes under which an entry names the number of a trial, its own or another register's.
NUMBERED = ("nct", "isrctn", "eudract", "ctis")
PUBLISHED = "PreprintOf"  # drawn from registered metadata; a pointer by likeness has another name
BECAME = (PUBLISHED, "PreprintOfByTitle", "UpdateIn")  # as Europe PMC and as PubMed point to the article
_Held = dict[str, set[str]]


@dataclass(frozen=True)
class Twin:
    """Two entries of one trial, each of another register, and the number that says so."""

    a: str
    b: str
    number: str


def twins(records: Iterable[Record]) -> tuple[Twin, ...]:
    """Return the pairs of registrations that carry one number, in the order of their keys.

    A number joins two entries when it is the number of one of them or of a third register (EudraCT), stands
    in one entry of each register only, and neither entry names a second number of the kind: parents and
    extensions of a trial, and entries for several trials, prove nothing about one another.
    """
    held = [record for record in records if record.registration]
    named = {record.key: _numbers(record) for record in held}
    by_number: dict[tuple[str, str], list[Record]] = {}
    for record in held:
        for scheme, numbers in named[record.key].items():
            for number in numbers if len(numbers) == 1 else ():
                by_number.setdefault((scheme, number), []).append(record)
    contested = _contested(named)
    found: dict[tuple[str, str], Twin] = {}
    for (scheme, number), entries in sorted(by_number.items()):
        if len(entries) == 2 and (scheme, number) not in contested:
            a, b = sorted(entries, key=lambda record: record.key)
            if a.source != b.source and _agree(named[a.key], named[b.key]):
                found.setdefault((a.key, b.key), Twin(a.key, b.key, number))
    return tuple(found.values())


def one_trial(pairs: Iterable[Twin]) -> Mapping[str, str]:
    """Return, for each entry with a twin, the one that stands for the trial: the first of their keys."""
    groups: dict[str, set[str]] = {}
    for pair in pairs:
        joined = groups.setdefault(pair.a, {pair.a}) | groups.setdefault(pair.b, {pair.b})
        groups.update(dict.fromkeys(joined, joined))
    return {key: min(group) for key, group in groups.items()}


def published_as(records: Mapping[str, Record]) -> Iterator[tuple[str, str]]:
    """Yield each preprint with its article, where the source names one alone and it is stored here."""
    for record in records.values():
        articles = {
            target
            for kind, _, target in (relation.partition(" ") for relation in record.relations)
            if kind == PUBLISHED
        }
        if len(articles) == 1 and (article := articles.pop()) in records and article != record.key:
            yield record.key, article


def superseded_by(record: Record, members: Collection[str]) -> str:
    """Return the article that stands in the place of a preprint, among the reports of its study; or nothing.

    `members` are the records of the study. A pointer that rests on a likeness counts once the two are joined.
    """
    if "preprint" not in {kind.lower() for kind in record.types}:
        return ""
    pointers = (relation.partition(" ") for relation in record.relations)
    found = (target for kind, _, target in pointers if kind in BECAME and target in members)
    return next((target for target in found if target != record.key), "")


def _numbers(record: Record) -> _Held:
    """The numbers of trials that a registration carries, by scheme; a former number of its own is its own."""
    found: _Held = {}
    for scheme in NUMBERED:
        if record.id.upper().startswith(scheme.upper()):
            found[scheme] = {record.id.upper()}
    former = set(record.registration.aliases) if record.registration else set()
    for item in record.identifiers:
        number = "".join(item.value.split()).upper()
        if item.scheme in NUMBERED and number not in former - {record.id}:
            found.setdefault(item.scheme, set()).add(number)
    return found


def _contested(named: Mapping[str, _Held]) -> set[tuple[str, str]]:
    """The numbers that an entry names beside another of their kind."""
    return {
        (scheme, number)
        for schemes in named.values()
        for scheme, numbers in schemes.items()
        if len(numbers) > 1
        for number in numbers
    }


def _agree(one: _Held, other: _Held) -> bool:
    """Whether no scheme that both use has another number in each."""
    return all(one[scheme] == other[scheme] for scheme in one.keys() & other.keys())
