"""All facts of one topic up to a ledger line, and plain look-ups into them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

from living.model.facts import LedgerLine, ProtocolActivated, Release, Signature
from living.model.record import Record

F = TypeVar("F")


@dataclass(frozen=True)
class ReviewState:
    """The ledger as far as it goes. Derivations live in `review`; this only answers what was said."""

    topic: str
    lines: tuple[LedgerLine, ...] = ()

    @classmethod
    def of(cls, topic: str, lines: Iterable[LedgerLine]) -> ReviewState:
        """Build a state from lines in ledger order."""
        return cls(topic, tuple(lines))

    def upto(self, seq: int) -> ReviewState:
        """Return the state as it was after ledger line `seq`."""
        return ReviewState.of(self.topic, (line for line in self.lines if line.seq <= seq))

    def of_kind(self, kind: type[F]) -> Iterator[tuple[LedgerLine, F]]:
        """Yield every line whose fact is of this kind, oldest first."""
        for line in self.lines:
            if isinstance(line.fact, kind):
                yield line, line.fact

    @cached_property
    def records(self) -> dict[str, Record]:
        """The latest content of each record, by key, in order of first sight."""
        return {fact.key: fact for _, fact in self.of_kind(Record)}

    @cached_property
    def first_seen(self) -> dict[str, LedgerLine]:
        """The line on which each record key was first stored."""
        seen: dict[str, LedgerLine] = {}
        for line, record in self.of_kind(Record):
            seen.setdefault(record.key, line)
        return seen

    @cached_property
    def protocol(self) -> ProtocolActivated | None:
        """The protocol in force, or None before the first activation."""
        return next((fact for _, fact in reversed(list(self.of_kind(ProtocolActivated)))), None)

    @cached_property
    def releases(self) -> tuple[tuple[LedgerLine, Release], ...]:
        """Every version ever bound to a number, oldest first."""
        return tuple(self.of_kind(Release))

    @cached_property
    def signatures(self) -> tuple[tuple[LedgerLine, Signature], ...]:
        """Every signature, oldest first."""
        return tuple(self.of_kind(Signature))

    @property
    def seq(self) -> int:
        """The last line's number; 0 when nothing was said yet."""
        return self.lines[-1].seq if self.lines else 0

    @property
    def at(self) -> str:
        """The instant of the last line; empty when nothing was said yet."""
        return self.lines[-1].at if self.lines else ""
