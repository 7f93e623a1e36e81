"""Accounts and roles: the first administrator, invitations, roles, closing, links that work once."""

from __future__ import annotations

import hashlib
import re
import secrets
from dataclasses import dataclass
from datetime import timedelta

from living.errors import UserError
from living.model.values import later
from living.service.house import House
from living.service.passwords import hashed, refuse_weak
from living.service.policy import EVERY_TOPIC, Act, Person, Role, allow
from living.store.accounts import Account
from living.store.sessions import Onetime, Purpose

LOGIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@+-]{1,79}")
ADDRESS = re.compile(r"[^@\s<>,;\x00-\x1f]{1,64}@[^@\s<>,;\x00-\x1f]{1,190}")
LETTERS = "abcdefghijkmnpqrstuvwxyz23456789"  # none that is taken for another when read aloud
LASTS: dict[Purpose, timedelta] = {
    "first": timedelta(days=1), "invite": timedelta(days=7), "reset": timedelta(days=1),
}  # fmt: skip
LONGEST_NAME = 120
CONSOLE = "console"  # who did it, when it was done with the right to read the home itself


@dataclass(frozen=True)
class Behind:
    """What a link that works once is for: whose login it may choose."""

    purpose: Purpose
    account: str
    login: str
    name: str


def person_of(house: House, account: str) -> Person | None:
    """Return somebody with an open account and a password, with all roles."""
    found = house.store.account(account)
    if found is None or found.state != "active":
        return None
    roles: dict[str, frozenset[Role]] = {}
    for item in house.store.holdings(account):
        roles[item.topic] = roles.get(item.topic, frozenset()) | {Role(item.role)}
    return Person(found.id, found.name or found.id, roles)


def names(house: House) -> dict[str, str]:
    """Return the name that the team knows for each id; an erased one is its id."""
    return {item.id: item.name or item.id for item in house.store.accounts()}


def first_link(house: House) -> str:
    """Return a new link that makes the first administrator; an older one stops working.

    Raises UserError once somebody has an account.
    """
    if house.store.any_account():
        fix = "`living people reset LOGIN` lets somebody choose a new password"
        raise UserError("there are accounts already", where="people", fix=fix)
    return _link(house, "first", "", CONSOLE)


def invite(
    house: House, by: str, name: str, role: str, topic: str = EVERY_TOPIC, address: str = ""
) -> tuple[str, str]:
    """Make an account without a password. Return its id and the link on which the person chooses one."""
    _manager(house, by)
    checked_role(house, role, topic)
    account = _new(house, by, checked_name(name), checked_address(address))
    house.store.grant(topic, account, role, house.now(), by)
    return account, _link(house, "invite", account, by)


def reset_link(house: House, by: str, account: str) -> str:
    """Return a link on which somebody chooses a new password; the second factor is set up anew."""
    _manager(house, by)
    found = known_account(house, account)
    if found.state == "closed":
        raise UserError("the account is closed", where=found.id, fix="Invite the person again")
    house.store.end_sessions(found.id, house.now())
    return _link(house, "invite" if found.state == "invited" else "reset", found.id, by)


def behind(house: House, secret: str) -> Behind | None:
    """Return what a link is for; None when it does not work (any more). Looking changes nothing."""
    link = house.store.link(secret_hash(secret), house.now())
    if link is None or (link.purpose == "first" and house.store.any_account()):
        return None
    account = house.store.account(link.account) if link.account else None
    return Behind(
        link.purpose, link.account, (account and account.login) or "", account.name if account else ""
    )


def redeem(house: House, secret: str, login: str, password: str, name: str = "") -> str:
    """Use a link: choose login and password. Return the account. Raises UserError and uses nothing up."""
    link = behind(house, secret)
    if link is None:
        raise UserError("this link does not work any more", where="link", fix="Ask for a new one")
    login = link.login or _login(house, login, link.account)
    refuse_weak(password, login)
    kept = hashed(password)
    given = checked_name(name) if link.purpose == "first" else ""
    if not house.store.use_link(secret_hash(secret), house.now()):
        raise UserError("this link was used a moment ago", where="link", fix="Ask for a new one")
    account = link.account or _new(house, CONSOLE, given, None)
    if link.purpose == "first":
        house.store.grant(EVERY_TOPIC, account, Role.ADMINISTRATOR, house.now(), CONSOLE)
    if not link.login:
        house.store.choose_login(account, login, house.now())
    house.store.set_password(account, kept, house.now(), link.purpose)
    if link.purpose == "reset":
        house.store.set_totp(account, "", house.now(), confirmed=False)
    return account


def grant(house: House, by: str, account: str, role: str, topic: str = EVERY_TOPIC) -> bool:
    """Give a role. False when it was held already."""
    _manager(house, by)
    checked_role(house, role, topic)
    found = known_account(house, account)
    if found.state == "closed":
        raise UserError("the account is closed", where=found.id)
    return house.store.grant(topic, found.id, role, house.now(), by)


def take(house: House, by: str, account: str, role: str, topic: str = EVERY_TOPIC) -> bool:
    """Take a role away. False when it was not held. The last administrator keeps theirs."""
    _manager(house, by)
    found = known_account(house, account)
    if role == Role.ADMINISTRATOR:
        _refuse_last(house, found.id)
    return house.store.take(topic, found.id, role, house.now(), by)


def close(house: House, by: str, account: str, *, erase: bool = False) -> None:
    """Let somebody in no more; with `erase` also forget login, name and address. What they said stays."""
    _manager(house, by)
    found = known_account(house, account)
    _refuse_last(house, found.id)
    if found.state != "closed":
        house.store.close_account(found.id, house.now(), by)
    if erase:
        house.store.erase_account(found.id, house.now(), by)


def known_account(house: House, named: str) -> Account:
    """Return the account with this id or login. Raises UserError when there is none."""
    found = house.store.account(named) or house.store.account_called(named)
    if found is None:
        raise UserError("no such account", where="people", fix="`living people list` shows them")
    return found


def acting(house: House, named: str, act: Act, topic: str) -> str:
    """Return the id that facts carry for whoever the command line names.

    With accounts in the home it must be one of them, open, with a role that allows the act; without, any id.
    """
    if not house.store.any_account():
        return named
    found = house.store.account(named) or house.store.account_called(named)
    person = person_of(house, found.id) if found else None
    if person is None:
        raise UserError(
            "nobody with this login or id may act here", where="--as", fix="See `living people list`"
        )
    allow(person, act, topic)
    return person.id


def checked_role(house: House, role: str, topic: str) -> None:
    """Raise UserError for a role or topic that there is not. People are managed for all topics together."""
    if role not in set(Role):
        raise UserError("no such role", where="role", fix=f"There are: {', '.join(Role)}")
    if topic != EVERY_TOPIC and topic not in house.store.topics():
        raise UserError("no such topic", where="topic", fix=f"There are: {', '.join(house.store.topics())}")
    if role == Role.ADMINISTRATOR and topic != EVERY_TOPIC:
        raise UserError("an administrator is one for every topic", where="topic", fix="Choose all topics")


def secret_hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _manager(house: House, by: str) -> None:
    """The console may do anything: whoever has it can read the home itself."""
    if by == CONSOLE:
        return
    person = person_of(house, by)
    if person is None:
        raise UserError("no such account", where="people")
    allow(person, Act.MANAGE, EVERY_TOPIC)


def _new(house: House, by: str, name: str, address: str | None) -> str:
    now = house.now()
    account = Account(
        id="p-" + "".join(secrets.choice(LETTERS) for _ in range(10)),
        login=None, name=name, address=address, password_hash="", totp_secret="", totp_confirmed=False,
        totp_last=0, state="invited", letters="daily", created_at=now, changed_at=now,
    )  # fmt: skip
    house.store.add_account(account, by)
    return account.id


def _link(house: House, purpose: Purpose, account: str, by: str) -> str:
    secret = secrets.token_urlsafe(32)
    now = house.now()
    until = later(now, LASTS[purpose])
    link = Onetime(
        token_hash=secret_hash(secret), purpose=purpose, account=account, created_at=now, until=until
    )
    house.store.give_link(link, by)
    return f"{house.settings.address}/desk/link/{secret}"


def _login(house: House, login: str, account: str) -> str:
    if not LOGIN.fullmatch(login):
        raise UserError(
            "not a login", where="login", fix="2 to 80 letters, digits, dots, dashes, or an e-mail address"
        )
    other = house.store.account_called(login) or house.store.account(login)
    if other is not None and other.id != account:
        raise UserError("this login is somebody's already", where="login", fix="Choose another")
    return login


def checked_name(name: str) -> str:
    """Return a name in one line. Raises UserError for what is none."""
    said = " ".join(name.split())
    if not said or len(said) > LONGEST_NAME or not said.isprintable():
        raise UserError("not a name", where="name", fix=f"1 to {LONGEST_NAME} characters")
    return said


def checked_address(address: str) -> str | None:
    if address and not ADDRESS.fullmatch(address):
        raise UserError("not an e-mail address", where="address", fix="One such as name@example.org")
    return address or None


def _refuse_last(house: House, account: str) -> None:
    """Somebody must be left who can let others in."""
    open_ones = {item.id for item in house.store.accounts() if item.state == "active"}
    lead = {
        item.account
        for item in house.store.holdings()
        if item.role == Role.ADMINISTRATOR and item.account in open_ones
    }
    if lead == {account}:
        raise UserError("the last administrator stays", where="people", fix="Make another one first")
