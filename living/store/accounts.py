"""People who may sign in, and their roles. Login, name and address live here alone and can be erased."""

from __future__ import annotations

from typing import Literal

from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.dialects.sqlite import insert as upsert
from sqlalchemy.exc import IntegrityError

from living.errors import UserError
from living.model.values import Instant, Text, Value
from living.store.engine import Connected
from living.store.operations import note
from living.store.people_tables import ACCOUNT, ONETIME, ROLE, SESSION
from living.store.rows import of_table, value, values

Standing = Literal["invited", "active", "closed"]
OPEN = ("invited", "active")


class Account(Value):
    """Somebody with an account. An empty `password_hash` lets nobody in; `letters` is how mail is wanted."""

    id: Text
    login: str | None
    name: str
    address: str | None
    password_hash: str
    totp_secret: str
    totp_confirmed: bool
    totp_last: int
    state: Standing
    letters: Literal["at_once", "daily", "none"]
    created_at: Instant
    changed_at: Instant


class Holding(Value):
    """One role of one account; an empty topic is every topic."""

    topic: str
    account: Text
    role: Text
    at: Instant
    by: str


class Accounts(Connected):
    def add_account(self, account: Account, by: str) -> None:
        """Raises UserError when the login is somebody's already."""
        with self._writing() as conn:
            try:
                conn.execute(insert(ACCOUNT), account.model_dump())
            except IntegrityError as fault:
                raise UserError(
                    "this login is somebody's already", where="login", fix="Choose another"
                ) from fault
            note(conn, account.created_at, "account_added", {"account": account.id, "by": by})

    def account(self, account: str) -> Account | None:
        with self._reading() as conn:
            return value(conn, of_table(ACCOUNT, Account).where(ACCOUNT.c.id == account), Account)

    def account_called(self, login: str) -> Account | None:
        """Capital letters make no difference to a login."""
        with self._reading() as conn:
            return value(conn, of_table(ACCOUNT, Account).where(ACCOUNT.c.login == login), Account)

    def accounts(self) -> tuple[Account, ...]:
        """Everybody, the closed ones too, oldest first."""
        with self._reading() as conn:
            query = of_table(ACCOUNT, Account).order_by(ACCOUNT.c.created_at, ACCOUNT.c.id)
            return values(conn, query, Account)

    def any_account(self) -> bool:
        with self._reading() as conn:
            return conn.execute(select(ACCOUNT.c.id).limit(1)).first() is not None

    def set_password(self, account: str, password_hash: str, at: str, why: str) -> None:
        """Every session of the account ends: whoever knew the old password is out."""
        with self._writing() as conn:
            _change(conn, account, at, password_hash=password_hash, state="active")
            conn.execute(delete(SESSION).where(SESSION.c.account == account))
            note(conn, at, "password_changed", {"account": account, "why": why})

    def rehash(self, account: str, password_hash: str) -> None:
        """The same password, hashed with today's parameters."""
        with self._writing() as conn:
            mine = ACCOUNT.c.id == account
            conn.execute(update(ACCOUNT).where(mine).values(password_hash=password_hash))

    def set_totp(self, account: str, secret: str, at: str, *, confirmed: bool, counter: int = 0) -> None:
        """Note a second factor; it counts once it is confirmed. An empty secret is none."""
        with self._writing() as conn:
            _change(conn, account, at, totp_secret=secret, totp_confirmed=confirmed, totp_last=counter)
            kind = "totp_confirmed" if confirmed else "totp_begun" if secret else "totp_removed"
            note(conn, at, kind, {"account": account})

    def use_totp(self, account: str, counter: int) -> bool:
        """Use up a code. False when it, or a later one, was used before: of two at once one wins."""
        with self._writing() as conn:
            mine = (ACCOUNT.c.id == account, ACCOUNT.c.totp_last < counter)
            return conn.execute(update(ACCOUNT).where(*mine).values(totp_last=counter)).rowcount == 1

    def change_account(self, account: str, at: str, *, name: str, address: str | None, letters: str) -> None:
        with self._writing() as conn:
            _change(conn, account, at, name=name, address=address, letters=letters)

    def choose_login(self, account: str, login: str, at: str) -> None:
        """Raises UserError when the login is somebody's already."""
        with self._writing() as conn:
            try:
                _change(conn, account, at, login=login)
            except IntegrityError as fault:
                raise UserError(
                    "this login is somebody's already", where="login", fix="Choose another"
                ) from fault

    def close_account(self, account: str, at: str, by: str) -> None:
        """Let nobody in any more: sessions, links, password and second factor are gone, the id stays."""
        with self._writing() as conn:
            gone = {"password_hash": "", "totp_secret": "", "totp_confirmed": False}
            _change(conn, account, at, state="closed", **gone)
            conn.execute(delete(SESSION).where(SESSION.c.account == account))
            conn.execute(delete(ONETIME).where(ONETIME.c.account == account))
            note(conn, at, "account_closed", {"account": account, "by": by})

    def erase_account(self, account: str, at: str, by: str) -> None:
        """Forget login, name and address of a closed account; what the id said stays on the ledger."""
        with self._writing() as conn:
            _change(conn, account, at, login=None, name="", address=None, letters="none")
            note(conn, at, "account_erased", {"account": account, "by": by})
        self._empty_the_log()

    def grant(self, topic: str, account: str, role: str, at: str, by: str) -> bool:
        """False when the role was held already."""
        row = Holding(topic=topic, account=account, role=role, at=at, by=by).model_dump()
        with self._writing() as conn:
            if conn.execute(upsert(ROLE).values(row).on_conflict_do_nothing()).rowcount == 0:
                return False
            said = {"topic": topic, "account": account, "role": role, "by": by}
            note(conn, at, "role_granted", said)
        return True

    def take(self, topic: str, account: str, role: str, at: str, by: str) -> bool:
        """False when the role was not held."""
        mine = (ROLE.c.topic == topic, ROLE.c.account == account, ROLE.c.role == role)
        with self._writing() as conn:
            if conn.execute(delete(ROLE).where(*mine)).rowcount == 0:
                return False
            note(conn, at, "role_taken", {"topic": topic, "account": account, "role": role, "by": by})
        return True

    def holdings(self, account: str | None = None) -> tuple[Holding, ...]:
        """The roles of one account, or of all."""
        query = of_table(ROLE, Holding).order_by(ROLE.c.account, ROLE.c.topic, ROLE.c.role)
        with self._reading() as conn:
            if account is not None:
                query = query.where(ROLE.c.account == account)
            return values(conn, query, Holding)


def _change(conn: Connection, account: str, at: str, **fields: object) -> None:
    conn.execute(update(ACCOUNT).where(ACCOUNT.c.id == account).values(changed_at=at, **fields))
