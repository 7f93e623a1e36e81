"""Letters: who gets which, how often, and the links in them."""

from __future__ import annotations

import hashlib
import hmac
from datetime import timedelta
from typing import get_args

from living.errors import UserError
from living.model.decision import Code, Decision
from living.model.facts import Release
from living.model.values import later
from living.service.house import House
from living.service.topics import known
from living.store import CONFIRMATION, NewLetter, NewSubscriber, Pace, Subscriber

LEVELS = ("every_bulletin", "new_study", "conclusions", "retraction")
PACES: tuple[str, ...] = get_args(Pace)
NOTICES: frozenset[Code] = frozenset({"retraction", "concern"})
CONCLUSIONS: frozenset[Code] = frozenset({"conclusions_confirmed", "conclusions_changed"})
STUDIES: frozenset[Code] = frozenset({"first_version", "new_evidence", "methods_change"})
ALREADY = "already"  # the kind of letter to a confirmed reader who asks again: it leads to the choices
OF_ADDRESS, OF_ALL = 3, 60  # wishes through the form: of one address in a day, of all in an hour


def wants(level: str, code: Code) -> bool:
    """Return whether a subscriber of this level gets a letter about this decision."""
    match level:
        case "retraction":
            return code in NOTICES
        case "conclusions":
            return code in NOTICES or code == "conclusions_changed"
        case "new_study":
            return code in NOTICES | CONCLUSIONS | STUDIES
        case _:
            return True


def version_letters(house: House, topic: str, release: Release) -> tuple[NewLetter, ...]:
    """Return the letters that a new version makes, one for each reader who asked for its kind.

    A version without a retracted study waits for no digest.
    """
    kind = "major" if release.minor == 0 else "minor"
    urgent = release.decision.code in NOTICES
    return tuple(
        NewLetter(event=release.version, subscriber=reader.id, kind=kind, urgent=urgent)
        for reader in house.store.subscribers(topic)
        if wants(reader.level, release.decision.code)
    )


def bulletin_letters(house: House, topic: str, event: str, decision: Decision) -> tuple[NewLetter, ...]:
    """Return the letters of a bulletin. One that tells of no change is mailed to nobody.

    Nor is one on a notice: `service.notices` tells those, also when something graver was decided.
    """
    if not decision.causes or decision.code in NOTICES:
        return ()
    return tuple(
        NewLetter(event=event, subscriber=reader.id, kind="bulletin")
        for reader in house.store.subscribers(topic)
        if wants(reader.level, decision.code)
    )


def token(house: House, purpose: str, subscriber: str) -> str:
    """Return the secret part of a link; it can be made again for every letter and guessed by nobody."""
    return hmac.new(house.secret, f"{purpose}:{subscriber}".encode(), hashlib.sha256).hexdigest()


def team_of(house: House) -> tuple[str, ...]:
    """Make the team on record that of the settings, and return the opaque ids of its members."""
    members = {
        token(house, "team", address.lower())[:32]: address for address in house.settings.team_addresses
    }
    return house.store.team(members, house.now())


def ask(house: House, topic: str, address: str, level: str, pace: str) -> bool:
    """Take a wish from the public form. False when too many come at once, whoever asks.

    Nothing that the caller may show depends on whether the address is known, or was typed in before.
    """
    _checked(house, topic, address, level, pace)
    now = house.now()
    found = house.store.may_ask(
        token(house, "asked", address.strip().lower()),
        now,
        hour_ago=later(now, timedelta(hours=-1)),
        day_ago=later(now, timedelta(days=-1)),
        of_address=OF_ADDRESS,
        of_all=OF_ALL,
    )
    if found == "yes":
        subscribe(house, topic, address, level, pace=pace)
    return found != "all"


def subscribe(
    house: House, topic: str, address: str, level: str, name: str = "", pace: str = "at_once"
) -> Subscriber:
    """Note the wish; queue the letter that asks to confirm it. Raises UserError for an odd address or level.

    The reader's id is made from the address with the home's key: opaque, and the same when asked again. Who
    has confirmed already gets a letter that leads to the choices, and keeps what was chosen until then.
    """
    _checked(house, topic, address, level, pace)
    person = token(house, "reader", f"{topic}:{address.strip().lower()}")[:32]
    wish = NewSubscriber.model_validate(
        {
            "id": person,
            "topic": topic,
            "address": address.strip(),
            "name": name,
            "level": level,
            "pace": pace,
            "confirm_hash": _hash(token(house, "confirm", person)),
            "leave_hash": _hash(token(house, "leave", person)),
        }
    )
    reader = house.store.subscribe(wish, house.now())
    kind = CONFIRMATION if reader.state == "pending" else ALREADY
    once_a_day = f"{'confirm' if kind == CONFIRMATION else ALREADY}-{house.now()[:10]}"
    letter = NewLetter(event=once_a_day, subscriber=reader.id, kind=kind, urgent=True)
    house.store.queue_letters(topic, house.now(), [letter])
    return reader


def of_link(house: House, purpose: str, secret: str) -> Subscriber | None:
    """Return whose link this is; looking changes nothing."""
    if purpose == "confirm":
        return house.store.subscriber_confirming(_hash(secret))
    return house.store.subscriber_leaving(_hash(secret))


def confirm(house: House, secret: str) -> Subscriber | None:
    """Confirm a subscription by the secret of its link; None for a link nobody has."""
    return house.store.confirm(_hash(secret), house.now())


def choose(house: House, secret: str, level: str, pace: str) -> Subscriber | None:
    """Change what a reader gets and how often, by the secret with which one may also leave."""
    _known_choice(level, pace)
    return house.store.choose(_hash(secret), level, pace, house.now())  # type: ignore[arg-type]


def leave(house: House, secret: str) -> Subscriber | None:
    """End a subscription by the secret of its link; after this returns no letter is begun."""
    return house.store.leave(_hash(secret), house.now())


def _checked(house: House, topic: str, address: str, level: str, pace: str) -> None:
    known(house, topic)
    _known_choice(level, pace)
    if not _plain_address(address):
        raise UserError(f"'{address}' is no e-mail address")


def _known_choice(level: str, pace: str) -> None:
    if level not in LEVELS:
        raise UserError(f"no level '{level}'", fix=f"Known: {', '.join(LEVELS)}")
    if pace not in PACES:
        raise UserError(f"no pace '{pace}'", fix=f"Known: {', '.join(PACES)}")


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _plain_address(address: str) -> bool:
    local, _, host = address.strip().rpartition("@")
    plain = not any(char.isspace() or char in '<>",;:\\()[]' for char in address.strip())
    return bool(local) and "." in host.strip(".") and plain and len(address) <= 254
