"""Hand the letters that wait to the mail server, each at most once."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from email.message import EmailMessage

from living.errors import EnvironmentFault, LivingError, UserError
from living.model.values import later
from living.publish.send import BadAddress, NotSent, Refused, Smtp, Unknown, send
from living.service.compose import compose_letter
from living.service.digests import make_digests
from living.service.house import House
from living.service.teammail import tell_team
from living.store import Leased

AT_ONCE = 20
LEASE_SECONDS = 600
FIRST_RETRY = timedelta(minutes=10)
LAST_TRY = 8  # about two days of growing pauses
ENOUGH = 3  # so many letters in a row not taken: the server is in trouble, and the round ends


@dataclass(frozen=True)
class Sent:
    """What one round of sending came to."""

    sent: int = 0
    retry: int = 0
    failed: int = 0
    unknown: int = 0


class _Withdrawn(LivingError):
    """The reader left, or the lease ended, before the text went out."""


def send_letters(house: House, stop: Callable[[], bool] = lambda: False) -> Sent:
    """Send what is due, digests included. Without a mail server, or while mail is paused, letters wait.

    Each letter is committed as `sending` right before its text goes out, so a crash can lose its outcome but
    never send it twice: such a letter becomes `unknown` at the next start and is not sent again by itself.
    A server that takes no letter is left alone after a few; the others wait for their lease to end.
    """
    if not house.settings.smtp_host or house.settings.mail_paused:
        return Sent()
    make_digests(house)
    house.failpoint("digests.made")
    tell_team(house)
    counts = {"sent": 0, "retry": 0, "failed": 0, "unknown": 0}
    in_a_row = 0
    for leased in _batches(house):
        if stop() or in_a_row >= ENOUGH:
            break
        house.life.sign()
        outcome = _send(house, leased)
        in_a_row = in_a_row + 1 if outcome == "retry" else 0
        if outcome:
            counts[outcome] += 1
    return Sent(**counts)


def _batches(house: House) -> Iterator[Leased]:
    while batch := house.store.lease_letters(house.now(), house.owner, AT_ONCE, LEASE_SECONDS):
        house.failpoint("letter.leased")
        yield from batch


def _send(house: House, leased: Leased) -> str:
    letter = leased.letter

    def committed() -> None:
        if not house.store.mark_sending(letter.id, house.owner, house.now()):
            raise _Withdrawn("no longer wanted")
        house.failpoint("letter.sending")

    message = _written(house, leased)
    if message is None:
        return "failed"
    try:
        send(_smtp(house), message, committed)
    except _Withdrawn:
        return ""
    except Unknown as fault:
        house.store.mark_unknown(letter.id, house.now(), _unaddressed(leased, fault.detail))
        return "unknown"
    except BadAddress as fault:
        why = _unaddressed(leased, fault.detail)
        house.store.mark_failed(letter.id, house.now(), why)
        house.store.note_bounce(letter.message_id, house.now(), why, house.settings.bounces)
        return "failed"
    except Refused as fault:
        house.store.mark_failed(letter.id, house.now(), _unaddressed(leased, fault.detail))
        return "failed"
    except NotSent as fault:
        return _put_off(house, leased, _unaddressed(leased, fault.detail))
    house.store.mark_sent(letter.id, house.now())
    house.failpoint("letter.sent")
    return "sent"


def _written(house: House, leased: Leased) -> EmailMessage | None:
    """Write the letter. One that cannot be written fails, or is put off by a bug; the others go on."""
    done = False
    try:
        message = compose_letter(house, leased)
        done = True
        return message
    except EnvironmentFault:
        raise
    except UserError as fault:  # an address to which no mail can go
        done = house.store.mark_failed(leased.letter.id, house.now(), _unaddressed(leased, fault.what))
        return None
    finally:
        if not done:
            _put_off(house, leased, "it could not be written")


def _put_off(house: House, leased: Leased, why: str) -> str:
    if leased.letter.attempts >= LAST_TRY:
        house.store.mark_failed(leased.letter.id, house.now(), why)
        return "failed"
    at = later(house.now(), FIRST_RETRY * 2**leased.letter.attempts)
    house.store.mark_retry(leased.letter.id, house.now(), at, why)
    return "retry"


def _unaddressed(leased: Leased, words: str) -> str:
    """Servers quote the address in what they say; it stays in its own table, where it can be erased."""
    return re.sub(re.escape(leased.address), "the reader", words, flags=re.IGNORECASE)


def _smtp(house: House) -> Smtp:
    settings = house.settings
    return Smtp(
        host=settings.smtp_host,
        port=settings.smtp_port,
        security=settings.smtp_security,
        user=settings.smtp_user,
        password=settings.smtp_password.get_secret_value(),
    )
