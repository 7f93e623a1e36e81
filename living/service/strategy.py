"""Trying how a source could be searched, and an editor's signature on what that loses."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path

from living.errors import UserError
from living.model.protocol import Source
from living.model.surveillance import Strategy
from living.model.values import canonical, digest
from living.review.evidence import Evidence
from living.review.sightings import away
from living.review.strategy import Compared, compared, in_force_since, signed_strategy
from living.service.house import House
from living.service.poll import ask_source, polled_sources
from living.service.saying import Said, known_name, said_in
from living.service.topics import active, changed_searches, evidence_of, protocol_in, while_others_write
from living.sources.run import Ask


@dataclass(frozen=True)
class Trial:
    """What a source lists by a query, next to the last full search and to what must be listed.

    `in_force`: it is the query that the source is searched by. `before_at`: when the last full search was;
    empty when there was none, and then there is nothing to lose but canaries. `seen`: the digest of what a
    signature on this is put on. `signed`: nobody needs to sign it (again) before it comes into force.
    """

    source: str
    label: str
    query: str
    query_digest: str
    translation: str
    in_force: bool
    before_at: str
    found: int
    before: int
    gained: tuple[str, ...]
    compared: Compared
    signed: bool
    requests: int
    seen: str


@dataclass(frozen=True)
class Tried:
    """A trial, and all that is needed to compare it again with evidence that has moved."""

    wanted: Source
    listed: frozenset[str]
    translation: str
    requests: int


def source_named(house: House, topic: str, name: str | None) -> Source:
    """Return the source of that id, or the only one, as the protocol in force has it.

    Raises UserError where it is not clear, or where it is searched by hand.
    """
    found = polled_sources(active(house, topic)[1])
    chosen = [source for source in found if name in (None, source.id)]
    if len(chosen) == 1:
        return chosen[0]
    known = ", ".join(source.id for source in found) or "none"
    what = f"no source '{name}' that is searched by machine" if name else f"{len(found)} sources here"
    raise UserError(what, where="--source", fix=f"Name one of them: {known}")


def with_query(source: Source, query: str) -> Source:
    """Return a source with another query, whose clauses nobody has listed. Raises UserError for none."""
    text = query.strip()
    if not text:
        raise UserError("no query was given", where="query", fix="Say what to search for")
    if text == source.query:
        return source
    return Source.model_validate(source.model_dump() | {"query": text, "clauses": ()})


def in_file(house: House, topic: str, folder: Path, name: str | None) -> tuple[Source, ...]:
    """Return the sources that a topic's file searches otherwise than the protocol in force, or no longer.

    With `name` that source, whether or not its query differs. Raises UserError naming file and fault.
    """
    protocol = protocol_in(folder)
    if protocol.topic.id != topic:
        what = f"the file is of the topic '{protocol.topic.id}', not '{topic}'"
        raise UserError(what, where=str(folder))
    changed = changed_searches(active(house, topic)[1], protocol)
    if name is None:
        return changed
    found = {source.id: source for source in (*polled_sources(protocol), *changed)}
    if name not in found:
        known = ", ".join(found) or "none"
        raise UserError(f"no source '{name}' that is searched by machine", fix=f"There are: {known}")
    return (found[name],)


def try_search(house: House, topic: str, wanted: Source) -> Trial:
    """Ask the registry what a search would list; nothing is stored but its answers.

    Raises SourceError when it does not answer completely, HeldElsewhere while another process searches.
    """
    return _trial(evidence_of(house, topic), house, _ask(house, wanted))


def sign_search(
    house: House,
    topic: str,
    wanted: Source,
    reason: str,
    by: str,
    *,
    losing: Iterable[str] = (),
    seen: str = "",
) -> tuple[Trial, Said]:
    """Try a search and sign it: from then on it may come into force, and what it loses is accepted.

    `losing` names each record that every full search must list and this one does not, by id or key. `seen`
    is what was shown before, where it was. Raises UserError, and signs nothing, when one is not named or the
    registry answers otherwise by now; and what `try_search` raises.
    """
    known_name(by)
    why = " ".join(said_in(reason, "reason").split())
    tried = _ask(house, wanted)
    named = frozenset(name if name.startswith(f"{wanted.id}:") else f"{wanted.id}:{name}" for name in losing)

    def attempt() -> tuple[Trial, Said]:
        evidence = evidence_of(house, topic)
        trial = _trial(evidence, house, tried)
        _refuse_moved(trial, seen)
        _refuse_unnamed(trial, named)
        fact = _strategy(trial, why)
        stands = signed_strategy(evidence.state, wanted)
        if stands and stands[1] == fact and trial.signed:
            return trial, Said(0, evidence.state.seq)
        done = house.store.append(topic, house.now(), [(by, fact)], after=evidence.state.seq)
        return trial, Said(1, done.last)

    return while_others_write(topic, attempt)


def last_listed(house: House, topic: str, source: Source) -> frozenset[str]:
    """Return the ids that the last full search of a source listed, and what its windows found since.

    These are the entries stored from it, less those that the full search did not list.
    """
    census = house.store.last_complete(topic, source.id, "census")
    if census is None:
        return frozenset()
    gone = {
        key.partition(":")[2] for key in away(house.store.state(topic)) if key.startswith(f"{source.id}:")
    }
    stored = {name for name, marker in house.store.known(topic, source.id).items() if not marker.seeded}
    return frozenset(stored - set(census.details.unlisted) - set(census.details.canaries_missing) - gone)


def _ask(house: House, wanted: Source) -> Tried:
    if not wanted.by_machine:  # nothing is asked any more, so nothing is found
        return Tried(wanted, frozenset(), "", 0)
    with house.alone("searching"):
        today = house.clock().astimezone(UTC).date()
        run = ask_source(house, Ask(source=wanted, today=today, census=True, list_only=True))
    return Tried(wanted, frozenset(run.listed), run.translation, run.requests)


def _trial(evidence: Evidence, house: House, tried: Tried) -> Trial:
    wanted, topic = tried.wanted, evidence.state.topic
    census = house.store.last_complete(topic, wanted.id, "census")
    found = compared(evidence, wanted, tried.listed, last_listed(house, topic, wanted))
    in_force = any(item.query_digest == wanted.query_digest for item in _same(evidence, wanted))
    signed = signed_strategy(evidence.state, wanted)
    shown = [wanted.id, wanted.query_digest, tried.translation, sorted(tried.listed), found.lost_included]
    return Trial(
        source=wanted.id,
        label=wanted.label,
        query=wanted.query,
        query_digest=wanted.query_digest,
        translation=tried.translation,
        in_force=in_force,
        before_at=census.at if census else "",
        found=found.found,
        before=found.before,
        gained=found.gained,
        compared=found,
        signed=signed is not None and (in_force or signed[0].seq > in_force_since(evidence.state, wanted.id)),
        requests=tried.requests,
        seen=digest(canonical(shown)),
    )


def _same(evidence: Evidence, wanted: Source) -> tuple[Source, ...]:
    return tuple(source for source in polled_sources(evidence.protocol) if source.id == wanted.id)


def _strategy(trial: Trial, why: str) -> Strategy:
    return Strategy(
        source=trial.source,
        query=trial.query,
        query_digest=trial.query_digest,
        translation=trial.translation,
        found=trial.found,
        lost_included=trial.compared.lost_included,
        lost=sum(item.listed_before for item in trial.compared.lost),
        gained=len(trial.gained),
        reason=why,
    )


def _refuse_moved(trial: Trial, seen: str) -> None:
    if seen and seen != trial.seen:
        fix = "Look at what it finds now, then sign that"
        raise UserError("the search finds something else than when it was shown", where="seen", fix=fix)


def _refuse_unnamed(trial: Trial, named: frozenset[str]) -> None:
    lost = {item.key: item for item in trial.compared.lost if item.counts}
    unnamed = sorted(lost.keys() - named)
    if unnamed:
        words = "; ".join(f"{key} ({lost[key].study or lost[key].title or 'a canary'})" for key in unnamed)
        fix = "Mend the query, or name each with --losing to accept the loss: " + " ".join(
            f"--losing {key.partition(':')[2]}" for key in unnamed
        )
        raise UserError(f"it does not list what every full search must: {words}", where="losing", fix=fix)
