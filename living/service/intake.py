"""What a complete search brings into the store: new content, what went away or came back, and the count."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from living.errors import NotVerified, SourceChanged
from living.model.facts import MACHINE, Fact
from living.model.protocol import Source
from living.model.record import Record
from living.model.surveillance import Sighting
from living.review.evidence import Evidence
from living.review.sightings import sightings
from living.review.strategy import canaries
from living.service.house import House
from living.sources.registry import REGISTRIES
from living.sources.run import Ask, Run
from living.store import Details, Marker
from living.store import Run as RunRow


@dataclass
class Intake:
    """One run on its way into the store: `facts` first, once; then `counted` accounts for every id.

    Every id that was asked for came, is absent, or answers under another id; NotVerified otherwise.
    """

    house: House
    source: Source
    ask: Ask
    run: Run
    evidence: Evidence
    at: str
    changed: int = 0
    unchanged: int = 0
    unmapped: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        lost = set(self.run.asked) - self.came - set(self.run.absent) - self.run.aliases.keys()
        if lost:
            what = f"{len(lost)} entries were asked for and are neither here nor absent ({min(lost)})"
            raise NotVerified(what, where=self.source.id, fix="The cursor stays where it was")

    @cached_property
    def came(self) -> frozenset[str]:
        return frozenset(name for page in self.run.pages for name in page.ids)

    @cached_property
    def absent(self) -> tuple[str, ...]:
        """Ids asked for and not received whose absence is open: those proven gone are no longer."""
        return tuple(name for name in self.run.absent if not self._is_gone(name))

    def facts(self) -> Iterator[tuple[str, Fact]]:
        """Yield, each once, the records whose content is new here and what became of those that went away."""
        known = self.house.store.known(self.evidence.state.topic, self.source.id)
        for record in self._read():
            if _is_new(known.get(record.id), record):
                self.changed += 1
                yield MACHINE, record
            else:
                self.unchanged += 1
        yield from ((MACHINE, seen) for seen in self._sightings())

    def counted(self) -> RunRow:
        """Return the run's count. Call it when `facts` has ended."""
        run, fetched = self.run, len(self.came)
        closed = run.aliases.keys() | {name for name in run.absent if self._is_gone(name)}
        listed = len((set(run.listed) | set(run.asked) | self.came) - closed)
        return RunRow(
            mode="check" if not run.fresh else "census" if run.whole else "window",
            window="; ".join(run.windows),
            listed=listed,
            skipped=listed - fetched - len(self.absent),
            fetched=fetched,
            unchanged=self.unchanged,
            details=self._details(),
        )

    def _details(self) -> Details:
        run = self.run
        expected = canaries(self.evidence, self.source) if run.whole else frozenset()
        return Details(
            query_digest=run.query_digest,
            translation=run.translation,
            data_timestamp=run.data_timestamp,
            found=len(run.listed),
            requests=run.requests,
            pages=len({page.payload for page in run.pages}),
            counts=dict(run.counts),
            unmapped=dict(sorted(self.unmapped.items())),
            unlisted=run.unlisted,
            canaries_missing=tuple(sorted(expected - set(run.listed))),
        )

    def _read(self) -> Iterator[Record]:
        """Read the stored answers one by one; of each id asked for the first record that came."""
        registry, seen = REGISTRIES[self.source.kind], set[str]()
        for page in self.run.pages:
            body = self.house.store.payload(page.payload)
            self.unmapped.update(registry.unmapped(body))
            wanted = set(page.ids)
            for record in registry.parse(body, page.payload):
                if record.id in wanted and record.id not in seen:
                    seen.add(record.id)
                    yield record
            if unread := wanted - seen:
                what = f"{len(unread)} entries came and could not be read ({min(unread)})"
                raise SourceChanged(self.source.id, what, payload=page.payload)

    def _sightings(self) -> Iterator[Sighting]:
        """What a direct look proved gone, what came again, and what stands under another id now."""
        first_missed = {
            item.id: item.first_missed_at[:10]
            for item in self.house.store.absent(self.evidence.state.topic, self.source.id)
        }
        stored = self.evidence.state.records
        for name, proof in sorted(self.run.gone.items()):
            if self._is_gone(name) and self._last(name) != "gone" and self._key(name) in stored:
                since = first_missed.get(name, self.at[:10])
                yield Sighting(record=self._key(name), state="gone", since=since, proof=proof)
        for name, (current, proof) in sorted(self.run.aliases.items()):
            if self._last(name) != "aliased" and self._key(name) in stored:
                now = self._key(current)
                yield Sighting(
                    record=self._key(name), state="aliased", since=self.at[:10], proof=proof, current=now
                )
        payload_of = {name: page.payload for page in self.run.pages for name in page.ids}
        for name in sorted(self.came):
            if self._last(name) in ("gone", "aliased"):
                proof = payload_of[name]
                yield Sighting(record=self._key(name), state="returned", since=self.at[:10], proof=proof)

    def _is_gone(self, name: str) -> bool:
        """What the search itself still lists is missing and not gone: another server may have it later.

        So a direct look proves something only in a run that listed everything.
        """
        if name in self._listed:
            return False
        return self._last(name) == "gone" or (self.run.whole and name in self.run.gone)

    @cached_property
    def _listed(self) -> frozenset[str]:
        return frozenset(self.run.listed)

    def _last(self, name: str) -> str:
        seen = self._standing.get(self._key(name))
        return seen.state if seen else ""

    @cached_property
    def _standing(self) -> dict[str, Sighting]:
        return sightings(self.evidence.state)

    def _key(self, name: str) -> str:
        return f"{self.source.id}:{name}"


def _is_new(before: Marker | None, record: Record) -> bool:
    """Whether the content is new here; the first live sight of a seeded entry is."""
    return before is None or before.seeded or before.content_hash != record.content_hash
