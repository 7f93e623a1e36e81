"""A topic's seed evidence: from a file of what was known to facts, each with the date it was to be had."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, NamedTuple, TypeVar

from pydantic import Field

from living.model.facts import IMPORT, Characteristics, Extraction, Fact, Link, ScreeningVote
from living.model.protocol import Protocol
from living.model.record import Record
from living.model.values import Text, Value
from living.review.documents import build, load, refuse, suggestion
from living.review.entry import check_characteristics, check_extraction

V = TypeVar("V", bound=Value)
LAST_DAY = "9999-12-31"  # a seed names no today; the service compares dates with its own clock


class SeedRecord(Record):
    """A record, and why it belongs to the study whose first record stands above it."""

    available_from: str = ""
    same_study_because: str = ""


class SeedVote(ScreeningVote):
    available_from: str = ""


class SeedExtraction(Extraction):
    available_from: str = ""


class SeedStudy(Value):
    """One study of the file; its first record gives the key that the others refer to."""

    id: Text
    available_from: Text
    records: Annotated[tuple[SeedRecord, ...], Field(min_length=1)]
    characteristics: tuple[Characteristics, ...] = ()
    votes: tuple[SeedVote, ...] = ()
    extractions: tuple[SeedExtraction, ...] = ()


class SeedFile(Value):
    topic: Text
    studies: tuple[SeedStudy, ...] = ()


class Seed(NamedTuple):
    """One fact, by whom it is entered, and the date (of any precision) from which it was to be had."""

    available_from: str
    by: str
    fact: Fact


def read_seed(text: str, where: str, protocol: Protocol) -> tuple[Seed, ...]:
    """Read seed evidence and check it against the protocol; facts come in the order of the file.

    In the file a study's characteristics, votes, cells and quotes refer to its first record, and are as
    old as the study, unless they say otherwise. Raises UserError naming file, study and fault.
    """
    data = load(text, where)
    for study in _tables(data, "studies"):
        _complete(study)
    seeds = build(SeedFile, data, where)
    faults = list(_faults(seeds, protocol))
    if faults:
        refuse(faults, where)
    facts = [seed for study in seeds.studies for seed in _facts(study)]
    _check(facts, protocol)
    return tuple(facts)


def known_by(seeds: tuple[Seed, ...], day: str) -> tuple[Seed, ...]:
    """Return the facts that were to be had by the end of a day (`2025-06-20`), in their order."""
    return tuple(seed for seed in seeds if seed.available_from <= day[: len(seed.available_from)])


def _tables(data: dict[str, Any], key: str) -> list[dict[str, Any]]:
    found = data.get(key)
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []


def _complete(study: dict[str, Any]) -> None:
    """Write out what a study's parts leave to be understood: whose they are, and since when."""
    first = next(iter(_tables(study, "records")), {})
    key, since = f"{first.get('source')}:{first.get('id')}", study.get("available_from", "")
    for part in ("records", "characteristics", "votes", "extractions"):
        for item in _tables(study, part):
            item.setdefault("available_from", since)
            for quote in _tables(item, "quotes"):
                quote.setdefault("report", key)
    for item in _tables(study, "characteristics"):
        item.setdefault("study", key)
    for item in _tables(study, "votes"):
        item.setdefault("record", key)
    for item in _tables(study, "extractions"):
        if isinstance(item.get("cell"), dict):
            item["cell"].setdefault("study", key)


def _facts(study: SeedStudy) -> Iterator[Seed]:
    first = study.records[0]
    for entry in study.records:
        yield Seed(
            entry.available_from, IMPORT, _plain(entry, Record).model_copy(update={"seeded": True}).hashed()
        )
        if entry is not first:
            yield Seed(entry.available_from, IMPORT, _link(first, entry))
    for what in study.characteristics:
        yield Seed(what.available_from, IMPORT, what)
    for vote in study.votes:
        yield Seed(vote.available_from, IMPORT, _plain(vote, ScreeningVote))
    for extraction in study.extractions:
        yield Seed(extraction.available_from, IMPORT, _plain(extraction, Extraction))


def _link(first: SeedRecord, other: SeedRecord) -> Link:
    return Link(
        a=first.key, b=other.key, relation="same_study", method="seed", evidence=other.same_study_because
    )


def _plain(entry: Value, kind: type[V]) -> V:
    return kind.model_validate(entry.model_dump(include=set(kind.model_fields)))


def _faults(seeds: SeedFile, protocol: Protocol) -> Iterator[str]:
    if seeds.topic != protocol.topic.id:
        yield f"topic: '{seeds.topic}' is not the protocol's topic '{protocol.topic.id}'"
    ids = [study.id for study in seeds.studies]
    keys = [record.key for study in seeds.studies for record in study.records]
    for names, what in ((ids, "study"), (keys, "record")):
        for name in dict.fromkeys(names):
            if names.count(name) > 1:
                yield f"studies: the {what} '{name}' stands {names.count(name)} times"
    criteria = [item.id for item in protocol.eligibility]
    for study in seeds.studies:
        yield from _study_faults(study, criteria)


def _study_faults(study: SeedStudy, criteria: list[str]) -> Iterator[str]:
    path, own = f"studies[{study.id}]", {record.key for record in study.records}
    for record in study.records[1:]:
        if not record.same_study_because:
            yield f"{path}.records[{record.id}].same_study_because is missing"
    for vote in study.votes:
        if vote.imported is None:
            yield f"{path}.votes: the grade `imported` is missing"
        if vote.criterion and vote.criterion not in criteria:
            yield f"{path}.votes: no criterion '{vote.criterion}'{suggestion(vote.criterion, criteria)}"
    for extraction in study.extractions:
        if extraction.imported is None:
            yield f"{path}.extractions: the grade `imported` is missing"
    quotes = [quote for item in study.characteristics for quote in item.quotes]
    quotes += [quote for item in study.extractions for quote in item.quotes]
    for key in dict.fromkeys([*(quote.report for quote in quotes), *(vote.record for vote in study.votes)]):
        if key not in own:
            yield f"{path}: {key} is none of its records"


def _check(facts: list[Seed], protocol: Protocol) -> None:
    described = {seed.fact.study: seed.fact for seed in facts if isinstance(seed.fact, Characteristics)}
    for seed in facts:
        if isinstance(seed.fact, Characteristics):
            check_characteristics(seed.fact, protocol, LAST_DAY)
        elif isinstance(seed.fact, Extraction):
            check_extraction(seed.fact, protocol, described.get(seed.fact.cell.study))
