"""What people type before they say it: every saved state a row of its own, and forms handed in once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from sqlalchemy import ColumnElement, delete, func, insert, select
from sqlalchemy.dialects.sqlite import insert as upsert

from living.model.values import Count, Instant, Text, Value
from living.store.engine import Connected
from living.store.people_tables import DRAFT, HANDED
from living.store.rows import of_table, value, values

DraftState = Literal["open", "handed_in", "dropped"]


class Sheaf(Value):
    """Whose draft of what: the form and the thing it is about. Nobody else's is ever asked for."""

    topic: Text
    form: Text
    subject: Text
    by: Text


class Draft(Sheaf):
    """One saved state. `base` is the revision the person had before them; 0 is an empty form."""

    revision: Count
    base: Count
    body: str
    at: Instant
    state: DraftState


class DraftMark(Value):
    """Where one saved state stands among the others, without what it says."""

    revision: Count
    base: Count
    at: Instant
    state: DraftState


class Handed(Value):
    """What a handed-in form led to, under the key it carried."""

    key: Text
    by: Text
    at: Instant
    told: str


class Drafts(Connected):
    def save_draft(self, sheaf: Sheaf, base: int, body: str, at: str, state: DraftState = "open") -> Draft:
        """Add a revision and return it. What the newest one says already adds none: a save may come twice."""
        mine = _of(sheaf)
        with self._writing() as conn:
            last = value(conn, of_table(DRAFT, Draft).where(*mine, DRAFT.c.revision == _newest(sheaf)), Draft)
            if last and (last.body, last.state) == (body, state):
                return last
            revision = last.revision + 1 if last else 1
            row = sheaf.model_dump() | {
                "revision": revision,
                "base": min(base, revision - 1),
                "body": body,
                "at": at,
                "state": state,
            }
            conn.execute(insert(DRAFT).values(row))
        return Draft.model_validate(row)

    def draft_marks(self, sheaf: Sheaf) -> tuple[DraftMark, ...]:
        """Return where every revision of one person's draft stands, oldest first."""
        query = of_table(DRAFT, DraftMark).where(*_of(sheaf)).order_by(DRAFT.c.revision)
        with self._reading() as conn:
            return values(conn, query, DraftMark)

    def draft_at(self, sheaf: Sheaf, revision: int) -> Draft | None:
        """Return one revision of one person's draft, or None when they have none of that number."""
        query = of_table(DRAFT, Draft).where(*_of(sheaf), DRAFT.c.revision == revision)
        with self._reading() as conn:
            return value(conn, query, Draft)

    def drafts_of(self, by: str, topic: str | None = None) -> tuple[Draft, ...]:
        """Return the newest revision of each of a person's drafts, oldest first, whatever its state."""
        mine = [DRAFT.c.by == by, *([DRAFT.c.topic == topic] if topic is not None else [])]
        kept = (DRAFT.c.topic, DRAFT.c.form, DRAFT.c.subject, DRAFT.c.by)
        newest = select(*kept, func.max(DRAFT.c.revision).label("revision")).where(*mine).group_by(*kept)
        last = newest.subquery()
        same = [DRAFT.c[name] == last.c[name] for name in ("topic", "form", "subject", "by", "revision")]
        with self._reading() as conn:
            query = of_table(DRAFT, Draft).join(last, onclause=_all(same))
            return values(conn, query.order_by(DRAFT.c.at, DRAFT.c.subject), Draft)

    def draft_subjects(self, sheaf: Sheaf, among: Sequence[str]) -> frozenset[str]:
        """Return which of these subjects have a draft of this form by this person."""
        query = (
            select(DRAFT.c.subject)
            .where(DRAFT.c.topic == sheaf.topic, DRAFT.c.form == sheaf.form, DRAFT.c.by == sheaf.by)
            .where(DRAFT.c.subject.in_(sorted(among)))
            .distinct()
        )
        with self._reading() as conn:
            return frozenset(conn.execute(query).scalars())

    def prune_drafts(self, before: str) -> int:
        """Delete what was handed in before an instant, with the revisions it grew from; returns how many.

        Of a draft that anybody went on with since, nothing is deleted.
        """
        kept = [DRAFT.c.topic, DRAFT.c.form, DRAFT.c.subject, DRAFT.c.by]
        with self._writing() as conn:
            newest = select(*kept, func.max(DRAFT.c.revision).label("revision")).group_by(*kept).subquery()
            same = _all(
                [DRAFT.c[column.name] == newest.c[column.name] for column in (*kept, DRAFT.c.revision)]
            )
            done = select(*kept).join(newest, same).where(DRAFT.c.state == "handed_in", DRAFT.c.at < before)
            gone = 0
            for row in conn.execute(done).all():
                gone += conn.execute(delete(DRAFT).where(*_of(Sheaf(**row._mapping)))).rowcount
            return gone

    def hand(self, key: str, by: str, at: str, told: str) -> Handed:
        """Keep what a handed-in form led to and return what stands under its key: the first to come."""
        row = Handed(key=key, by=by, at=at, told=told).model_dump()
        with self._writing() as conn:
            conn.execute(upsert(HANDED).values(row).on_conflict_do_nothing())
            kept = value(conn, of_table(HANDED, Handed).where(HANDED.c.key == key), Handed)
        assert kept is not None
        return kept

    def handed(self, key: str) -> Handed | None:
        """Return what the form with this key led to, or None when it was not handed in."""
        with self._reading() as conn:
            return value(conn, of_table(HANDED, Handed).where(HANDED.c.key == key), Handed)


def _of(sheaf: Sheaf) -> tuple[ColumnElement[bool], ...]:
    return tuple(DRAFT.c[name] == getattr(sheaf, name) for name in Sheaf.model_fields)


def _newest(sheaf: Sheaf) -> ColumnElement[int]:
    return select(func.max(DRAFT.c.revision)).where(*_of(sheaf)).scalar_subquery()


def _all(conditions: list[ColumnElement[bool]]) -> ColumnElement[bool]:
    first, *rest = conditions
    for condition in rest:
        first = first & condition
    return first
