"""How the sources of a topic are searched, as pages show it: query, signatures, what must be listed."""

from __future__ import annotations

from dataclasses import dataclass

from living.errors import UserError
from living.model.facts import IMPORT
from living.model.protocol import Source
from living.review.evidence import Evidence
from living.review.strategy import Version, accepted, canaries, required, title_of, versions
from living.service.accounts import names
from living.service.alarms import Alarm, alarms
from living.service.house import House
from living.service.topics import evidence_of, waiting_searches
from living.store import StoredRun


@dataclass(frozen=True)
class Canary:
    """An entry that every full search must list. `last_listed`: when one did; empty when none has.

    `accepted`: an editor signed that this search does not list it, so that it is not missed.
    """

    key: str
    study: str
    title: str
    listed: bool
    last_listed: str
    accepted: bool


@dataclass(frozen=True)
class Step:
    """One line of how a source came to be searched as it is."""

    at: str
    what: str
    by: str
    query: str
    reason: str = ""
    translation: str = ""
    found: int | None = None
    gained: int = 0
    lost: int = 0
    lost_included: tuple[str, ...] = ()


@dataclass(frozen=True)
class Search:
    """How one source is searched now. `waiting`: the query in the topic's file that nobody has signed."""

    id: str
    label: str
    query: str
    clauses: tuple[str, ...]
    since: str
    census: str
    found: int
    translation: str
    canaries: tuple[Canary, ...]
    versions: tuple[Step, ...]
    waiting: str = ""

    @property
    def missing(self) -> tuple[Canary, ...]:
        return tuple(item for item in self.canaries if not item.listed and not item.accepted)


@dataclass(frozen=True)
class Searches:
    sources: tuple[Search, ...]
    alarms: tuple[Alarm, ...]

    def named(self, source: str) -> Search:
        """Return one of them. Raises UserError for a source that is not searched by machine."""
        found = next((item for item in self.sources if item.id == source), None)
        if found is None:
            known = ", ".join(item.id for item in self.sources) or "none"
            raise UserError("no such source", where="source", fix=f"There are: {known}")
        return found


def searches(house: House, topic: str) -> Searches:
    """Return how each source that a machine searches is searched, newest step first, and every alarm."""
    evidence = evidence_of(house, topic)
    waiting = {source.id: source.query for source in waiting_searches(house, topic)}
    return Searches(
        tuple(
            _search(house, evidence, source, waiting.get(source.id, ""))
            for source in evidence.protocol.sources
            if source.by_machine
        ),
        alarms(house, topic),
    )


def _search(house: House, evidence: Evidence, source: Source, waiting: str) -> Search:
    topic = evidence.state.topic
    census = house.store.last_census(topic, source.id, source.query_digest)
    last = house.store.first_reading(topic, source.id, source.query_digest)
    read = house.store.searches_of(topic, source.id, source.query_digest, limit=1) if last else ()
    said = names(house)
    steps = tuple(_step(item, said) for item in reversed(versions(evidence.state, source.id)))
    return Search(
        id=source.id,
        label=source.label,
        query=source.query,
        clauses=source.clauses,
        since=next((item.at for item in steps if item.found is None), ""),
        census=census.at if census else "",
        found=census.details.found if census else 0,
        translation=read[0].details.translation if read else "",
        canaries=_canaries(house, evidence, source, census),
        versions=steps,
        waiting=waiting,
    )


def _canaries(
    house: House, evidence: Evidence, source: Source, census: StoredRun | None
) -> tuple[Canary, ...]:
    """Those that are missing first."""
    if census is None:
        runs: tuple[StoredRun, ...] = ()
    elif census.details.canaries_missing or accepted(evidence.state, source):
        runs = house.store.searches_of(evidence.state.topic, source.id, source.query_digest, "census")
    else:
        runs = (census,)
    wanted, every = canaries(evidence, source), required(evidence, source)
    found = [_canary(evidence, source, name, runs, name not in wanted) for name in every]
    return tuple(sorted(found, key=lambda item: (item.listed, item.accepted, item.key)))


def _canary(
    evidence: Evidence, source: Source, name: str, runs: tuple[StoredRun, ...], accepted: bool
) -> Canary:
    key = f"{source.id}:{name}"
    study = evidence.studies.key_of.get(key, "")
    last = next((run.at for run in runs if _lists(run, name)), "")
    return Canary(
        key=key,
        study=evidence.label(study) if study in evidence.standing else "",
        title=title_of(evidence.state, key),
        listed=bool(runs) and last == runs[0].at,
        last_listed=last,
        accepted=accepted,
    )


def _lists(run: StoredRun, name: str) -> bool:
    return name not in run.details.canaries_missing and name not in run.details.unlisted


def _step(item: Version, called: dict[str, str]) -> Step:
    by = "the topic's file" if item.line.by == IMPORT else called.get(item.line.by, item.line.by)
    fact = item.signed
    if fact is None:
        return Step(item.line.at, "in force", by, item.query)
    return Step(
        item.line.at,
        "signed",
        by,
        item.query,
        fact.reason,
        fact.translation,
        fact.found,
        fact.gained,
        fact.lost,
        fact.lost_included,
    )
