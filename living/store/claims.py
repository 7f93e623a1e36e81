"""Who is working on a study, until when. A courtesy between people; no fact depends on it."""

from __future__ import annotations

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.sqlite import insert as upsert

from living.model.values import Instant, RecordKey, Text, Value
from living.store.engine import Connected
from living.store.rows import of_table, values
from living.store.tables import CLAIM


class Claim(Value):
    study: RecordKey
    by: Text
    at: Instant
    until: Instant


class Claims(Connected):
    def claim(self, topic: str, study: str, by: str, at: str, until: str, *, places: int = 1) -> bool:
        """Take or renew a place at a study. False when others hold all its places."""
        row = Claim(study=study, by=by, at=at, until=until).model_dump() | {"topic": topic}
        mine = (CLAIM.c.topic == topic, CLAIM.c.study == study)
        with self._writing() as conn:
            conn.execute(delete(CLAIM).where(CLAIM.c.until <= at))
            others = select(func.count()).select_from(CLAIM).where(*mine, CLAIM.c.by != by)
            if conn.execute(others).scalar_one() >= places:
                return False
            renewed = {"at": at, "until": until}
            conn.execute(
                upsert(CLAIM).values(row).on_conflict_do_update(["topic", "study", "by"], set_=renewed)
            )
        return True

    def release_claim(self, topic: str, study: str, by: str) -> None:
        mine = (CLAIM.c.topic == topic, CLAIM.c.study == study, CLAIM.c.by == by)
        with self._writing() as conn:
            conn.execute(delete(CLAIM).where(*mine))

    def claims(self, topic: str, now: str) -> tuple[Claim, ...]:
        """Those that have not expired, by study."""
        query = of_table(CLAIM, Claim).where(CLAIM.c.topic == topic, CLAIM.c.until > now)
        with self._reading() as conn:
            return values(conn, query.order_by(CLAIM.c.study, CLAIM.c.at), Claim)
