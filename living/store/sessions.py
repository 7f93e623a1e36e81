"""Signed-in browsers, links that work once, and sign-ins that failed. Only hashes of secrets are kept."""

from __future__ import annotations

from typing import Literal

from sqlalchemy import delete, func, insert, or_, select, update

from living.model.values import Instant, Sha256, Text, Value
from living.store.engine import Connected
from living.store.operations import note
from living.store.people_tables import ATTEMPT, ONETIME, SESSION
from living.store.rows import of_table, value, values

Purpose = Literal["first", "invite", "reset"]


class Session(Value):
    """One signed-in browser. `told` is the sentence that its next page shows."""

    token_hash: Sha256
    account: Text
    csrf: Text
    created_at: Instant
    seen_at: Instant
    until: Instant
    password_at: Instant
    agent: str
    told: str = ""


class Onetime(Value):
    """A link that works once; `account` is empty for the first administrator, who has none yet."""

    token_hash: Sha256
    purpose: Purpose
    account: str
    created_at: Instant
    until: Instant
    used_at: Instant | None = None


class Sessions(Connected):
    def open_session(self, session: Session) -> None:
        """What has run out is cleared away on this occasion."""
        with self._writing() as conn:
            conn.execute(delete(SESSION).where(SESSION.c.until <= session.created_at))
            conn.execute(insert(SESSION), session.model_dump())
            note(conn, session.created_at, "signed_in", {"account": session.account})

    def session(self, token_hash: str, now: str, idle_since: str) -> Session | None:
        """None for one that nobody has, that has run out, or that nobody used since `idle_since`."""
        live = (SESSION.c.token_hash == token_hash, SESSION.c.until > now, SESSION.c.seen_at > idle_since)
        with self._reading() as conn:
            return value(conn, of_table(SESSION, Session).where(*live), Session)

    def sessions(self, account: str, now: str, idle_since: str) -> tuple[Session, ...]:
        live = (SESSION.c.account == account, SESSION.c.until > now, SESSION.c.seen_at > idle_since)
        with self._reading() as conn:
            query = of_table(SESSION, Session).where(*live).order_by(SESSION.c.created_at)
            return values(conn, query, Session)

    def seen(self, token_hash: str, at: str) -> None:
        with self._writing() as conn:
            conn.execute(update(SESSION).where(SESSION.c.token_hash == token_hash).values(seen_at=at))

    def leave_word(self, token_hash: str, told: str) -> None:
        """Keep a sentence for the next page."""
        with self._writing() as conn:
            conn.execute(update(SESSION).where(SESSION.c.token_hash == token_hash).values(told=told))

    def end_session(self, token_hash: str) -> None:
        with self._writing() as conn:
            conn.execute(delete(SESSION).where(SESSION.c.token_hash == token_hash))

    def end_sessions(self, account: str, at: str) -> int:
        """End every session of an account; returns how many there were."""
        with self._writing() as conn:
            ended = conn.execute(delete(SESSION).where(SESSION.c.account == account)).rowcount
            note(conn, at, "sessions_ended", {"account": account, "count": ended})
        return ended

    # --- links that work once -------------------------------------------------------------------------------

    def give_link(self, link: Onetime, by: str) -> None:
        """A new link replaces the older ones of the same purpose and account."""
        same = (ONETIME.c.account == link.account, ONETIME.c.purpose == link.purpose)
        with self._writing() as conn:
            old = or_(ONETIME.c.used_at.is_not(None), ONETIME.c.until <= link.created_at)
            conn.execute(delete(ONETIME).where(old))
            conn.execute(delete(ONETIME).where(*same))
            conn.execute(insert(ONETIME), link.model_dump())
            body = {"purpose": link.purpose, "account": link.account, "by": by}
            note(conn, link.created_at, "link_given", body)

    def link(self, token_hash: str, now: str) -> Onetime | None:
        """None for one that nobody has, that was used, or that has run out."""
        live = (ONETIME.c.token_hash == token_hash, ONETIME.c.until > now, ONETIME.c.used_at.is_(None))
        with self._reading() as conn:
            return value(conn, of_table(ONETIME, Onetime).where(*live), Onetime)

    def use_link(self, token_hash: str, now: str) -> bool:
        """Use a link up. Of two who press at once, one wins."""
        live = (ONETIME.c.token_hash == token_hash, ONETIME.c.until > now, ONETIME.c.used_at.is_(None))
        with self._writing() as conn:
            return conn.execute(update(ONETIME).where(*live).values(used_at=now)).rowcount == 1

    # --- sign-ins that failed -------------------------------------------------------------------------------

    def note_attempt(self, who: str, place: str, at: str, since: str, burst: int) -> None:
        """Note a failure; those from before `since` are forgotten. The `burst`th in a row is an operation."""
        with self._writing() as conn:
            conn.execute(delete(ATTEMPT).where(ATTEMPT.c.at <= since))
            conn.execute(insert(ATTEMPT), {"who": who, "place": place, "at": at})
            mine = select(func.count()).select_from(ATTEMPT).where(ATTEMPT.c.who == who)
            count = conn.execute(mine).scalar_one()
            if count % burst == 0:
                note(conn, at, "sign_in_failures", {"who": who, "count": count})

    def attempts(self, who: str, place: str, since: str) -> tuple[tuple[int, str], tuple[int, str]]:
        """How many failed since, and when the last did: under this name, and from this place."""
        with self._reading() as conn:
            found = []
            for mine in (ATTEMPT.c.who == who, ATTEMPT.c.place == place):
                query = select(func.count(), func.coalesce(func.max(ATTEMPT.c.at), "")).where(
                    mine, ATTEMPT.c.at > since
                )
                count, last = conn.execute(query).one()
                found.append((count, last))
        return found[0], found[1]

    def forget_attempts(self, who: str) -> None:
        with self._writing() as conn:
            conn.execute(delete(ATTEMPT).where(ATTEMPT.c.who == who))
