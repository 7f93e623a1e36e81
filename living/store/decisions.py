"""The update rule's verdicts, each stored once for what it was reached from."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.dialects.sqlite import insert as upsert

from living.model.decision import Decision
from living.model.values import Instant, Sha256, Value, canonical
from living.store.engine import Connected
from living.store.operations import note
from living.store.outbox import NewLetter, enqueue
from living.store.tables import DECISION


class StoredDecision(Value):
    inputs_digest: Sha256
    at: Instant
    decision: Decision


class Decisions(Connected):
    def decide_once(
        self, topic: str, inputs_digest: str, at: str, decision: Decision, letters: Iterable[NewLetter] = ()
    ) -> bool:
        """Store the verdict, and the letters that tell of it, unless the same inputs were judged before."""
        stored = StoredDecision(inputs_digest=inputs_digest, at=at, decision=decision)
        row = {
            "topic": topic,
            "inputs_digest": stored.inputs_digest,
            "at": stored.at,
            "level": decision.level,
        }
        with self._writing() as conn:
            once = upsert(DECISION).values(row | {"body": canonical(decision)}).on_conflict_do_nothing()
            if conn.execute(once).rowcount == 0:
                return False
            note(conn, at, "decision", row | {"code": decision.code})
            enqueue(conn, topic, at, letters)
        return True

    def decisions(self, topic: str) -> tuple[StoredDecision, ...]:
        """Oldest first."""
        return self._decided(topic)

    def bulletins(self, topic: str) -> tuple[StoredDecision, ...]:
        """The decisions that changed no number, oldest first."""
        return self._decided(topic, level="bulletin")

    def _decided(self, topic: str, level: str | None = None) -> tuple[StoredDecision, ...]:
        query = select(DECISION.c.inputs_digest, DECISION.c.at, DECISION.c.body)
        query = query.where(DECISION.c.topic == topic).order_by(DECISION.c.id)
        if level is not None:
            query = query.where(DECISION.c.level == level)
        with self._reading() as conn:
            rows = conn.execute(query).all()
        return tuple(
            StoredDecision(inputs_digest=inputs, at=at, decision=Decision.model_validate_json(body))
            for inputs, at, body in rows
        )
