"""Signing in and being signed in: password, second factor, sessions, and patience with wrong ones."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import timedelta

import pyotp

from living.errors import UserError
from living.model.values import later
from living.service.accounts import known_account, person_of, secret_hash
from living.service.house import House
from living.service.passwords import fits, hashed, outdated, refuse_weak
from living.service.policy import Person, Role
from living.store.accounts import Account
from living.store.sessions import Session

IDLE, LONGEST = timedelta(hours=2), timedelta(hours=12)
A_MINUTE = timedelta(minutes=1)  # how exactly it is noted when a session was last used
MEMORY = timedelta(days=1)  # how long a failure counts
FREE_OF_NAME, FREE_OF_PLACE = 5, 30  # failures before waiting begins; a team may share one place
LONGEST_WAIT = 900  # seconds
WITH_SECOND = frozenset({Role.EDITOR, Role.ADMINISTRATOR})
LOCAL = ("127.0.0.1", "::1", "")
PERIOD = 30  # seconds that a code counts
WRONG = "login, password or code is not right"


@dataclass(frozen=True)
class Seat:
    """A signed-in person at one browser. `unready`: the roles ask for a second factor not yet set up."""

    person: Person
    session: Session
    unready: bool


def sign_in(house: House, login: str, password: str, code: str, place: str, agent: str = "") -> str:
    """Return the secret of a new session. Raises UserError, the same for unknown logins and wrong words."""
    who, where = _keyed(house, "who", login.casefold()), _place(house, place)
    _wait(house, who, where)
    found = house.store.account_called(login)
    kept = found.password_hash if found and found.state == "active" else ""
    if not fits(kept, password) or found is None or not _second(house, found, code):
        now = house.now()
        house.store.note_attempt(who, where, now, later(now, -MEMORY), FREE_OF_NAME)
        raise UserError(WRONG)
    house.store.forget_attempts(who)
    if outdated(kept):
        house.store.rehash(found.id, hashed(password))
    return begin(house, found.id, agent)


def begin(house: House, account: str, agent: str = "") -> str:
    """Open a session and return its secret."""
    secret, now = secrets.token_urlsafe(32), house.now()
    house.store.open_session(
        Session(
            token_hash=secret_hash(secret),
            account=account,
            csrf=secrets.token_urlsafe(24),
            created_at=now,
            seen_at=now,
            until=later(now, LONGEST),
            password_at=now,
            agent=agent[:200],
        )
    )
    return secret


def seat_of(house: House, secret: str) -> Seat | None:
    """Return who sits at the browser that shows this secret; None when session or account ended."""
    now = house.now()
    session = house.store.session(secret_hash(secret), now, later(now, -IDLE)) if secret else None
    person = person_of(house, session.account) if session else None
    if session is None or person is None:
        return None
    if session.seen_at <= later(now, -A_MINUTE):
        house.store.seen(session.token_hash, now)
    return Seat(person, session, needs_second(house, person))


def needs_second(house: House, person: Person) -> bool:
    """Return whether the person's roles ask for a second factor that is not there yet."""
    held = frozenset[Role]().union(*person.roles.values())
    return bool(held & WITH_SECOND) and not known_account(house, person.id).totp_confirmed


def right_password(house: House, person: Person, password: str, place: str) -> bool:
    """Compare the password of somebody signed in. Raises UserError when too many were wrong."""
    who, where = _keyed(house, "again", person.id), _place(house, place)
    _wait(house, who, where)
    if fits(known_account(house, person.id).password_hash, password):
        house.store.forget_attempts(who)
        return True
    now = house.now()
    house.store.note_attempt(who, where, now, later(now, -MEMORY), FREE_OF_NAME)
    return False


def change_password(house: House, person: Person, new: str, agent: str = "") -> str:
    """Set a new password, end every session, and return the secret of a new one for this browser."""
    login = known_account(house, person.id).login or ""
    refuse_weak(new, login)
    house.store.set_password(person.id, hashed(new), house.now(), "changed")
    return begin(house, person.id, agent)


def begin_second(house: House, person: Person) -> str:
    """Return the secret of a second factor to confirm, the same until then. Raises UserError when set."""
    found = known_account(house, person.id)
    if found.totp_confirmed:
        raise UserError("a second factor is set up already", fix="An administrator can reset it")
    if not found.totp_secret:
        secret = pyotp.random_base32()
        house.store.set_totp(person.id, secret, house.now(), confirmed=False)
        return secret
    return found.totp_secret


def confirm_second(house: House, person: Person, code: str) -> None:
    """Confirm a second factor by one of its codes. Raises UserError for a wrong one."""
    found = known_account(house, person.id)
    counter = _counter(house, found.totp_secret, code) if not found.totp_confirmed else None
    if counter is None:
        raise UserError("this is not the code shown now", where="code", fix="Check the clock of the device")
    house.store.set_totp(person.id, found.totp_secret, house.now(), confirmed=True, counter=counter)


def second_address(house: House, person: Person, secret: str) -> str:
    """Return what an authenticator reads from the picture."""
    login = known_account(house, person.id).login or person.id
    return pyotp.TOTP(secret, interval=PERIOD).provisioning_uri(name=login, issuer_name="Living review")


def _second(house: House, account: Account, code: str) -> bool:
    """A code works once, also when two browsers send it at one instant."""
    if not account.totp_confirmed:
        return True
    counter = _counter(house, account.totp_secret, code)
    return counter is not None and house.store.use_totp(account.id, counter)


def _counter(house: House, secret: str, code: str) -> int | None:
    """Return the period of a code: this one, or one beside it for clocks that differ a little."""
    typed = "".join(code.split())
    if not secret or len(typed) != 6 or not typed.isascii() or not typed.isdigit():
        return None
    here = int(house.clock().timestamp()) // PERIOD
    maker = pyotp.TOTP(secret, interval=PERIOD)
    return next(
        (n for n in (here, here - 1, here + 1) if hmac.compare_digest(maker.generate_otp(n), typed)), None
    )


def _wait(house: House, who: str, place: str) -> None:
    now = house.now()
    of_name, of_place = house.store.attempts(who, place, later(now, -MEMORY))
    until = max(_until(*of_name, FREE_OF_NAME), _until(*of_place, FREE_OF_PLACE) if place else "")
    if until > now:
        raise UserError("too many wrong tries", fix=f"Try again after {until[11:16]} UTC")


def _until(count: int, last: str, free: int) -> str:
    """Each failure beyond the free ones doubles the wait after it."""
    if count < free:
        return ""
    return later(last, timedelta(seconds=min(LONGEST_WAIT, 2 ** min(count - free + 1, 20))))


def _place(house: House, place: str) -> str:
    """Behind a proxy everybody comes from this machine: waiting for all would be an attack of its own."""
    return "" if place in LOCAL else _keyed(house, "place", place)


def _keyed(house: House, kind: str, name: str) -> str:
    """A name that fails is kept as a hash under the home's key: it may be somebody's password."""
    return hmac.new(house.secret, f"{kind}:{name}".encode(), hashlib.sha256).hexdigest()[:32]
