"""Passwords: how they are kept, compared and chosen."""

from __future__ import annotations

import secrets
import threading
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from living.errors import UserError

# argon2id as OWASP advises for servers with little memory to spare; a sign-in takes some 35 ms.
HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
# Each comparison takes 19 MiB for its time: many strangers at once must not take all there is.
AT_ONCE = threading.BoundedSemaphore(4)
SHORTEST, LONGEST = 12, 200
# What people choose when twelve characters are asked for; compared without capitals.
COMMONEST = frozenset(
    """
    123456789012 1234567890123 12345678901234 123456123456 123412341234 111111111111 000000000000 qwertyuiop12
    qwertyuiop123 qwertyuiop[] qwertyqwerty qwerty123456 1qaz2wsx3edc 1q2w3e4r5t6y asdfghjkl123 zxcvbnm12345
    password1234 password12345 passwordpassword password123456 passw0rd1234 changeme1234 changemeplease
    administrator administrator1 administrator123 letmeinletmein letmein12345 welcome12345 welcomewelcome
    iloveyou1234 iloveyouiloveyou abcdefghijkl abcdefgh1234 abc123abc123 abcabcabcabc aaaaaaaaaaaa
    systematicreview meta-analysis metaanalysis livingreview livingreview1 correcthorsebatterystaple
    """.split()
)


def hashed(password: str) -> str:
    return HASHER.hash(password)


def fits(kept: str, password: str) -> bool:
    """Compare; without a kept hash as much work is done, so that the time tells nothing."""
    try:
        with AT_ONCE:
            HASHER.verify(kept or _nobody_s(), password[: LONGEST + 1])
    except (VerificationError, InvalidHashError):
        return False
    return bool(kept)


def outdated(kept: str) -> bool:
    """Return whether a hash was made with parameters that are no longer ours."""
    return HASHER.check_needs_rehash(kept)


def refuse_weak(password: str, login: str) -> None:
    """Raise UserError for a password that somebody could guess."""
    where = "password"
    if len(password) < SHORTEST:
        raise UserError(
            f"shorter than {SHORTEST} characters", where=where, fix="Three words are easy to keep"
        )
    if len(password) > LONGEST:
        raise UserError(f"longer than {LONGEST} characters", where=where)
    plain = password.casefold()
    if login and login.casefold() in (plain, plain[::-1], plain[: len(login)] if len(login) > 7 else ""):
        raise UserError("it is the login, or begins with it", where=where, fix="Choose another")
    if plain in COMMONEST or len(set(plain)) < 4:
        raise UserError("many people choose this one", where=where, fix="Choose another")


@cache
def _nobody_s() -> str:
    return hashed(secrets.token_urlsafe(24))
