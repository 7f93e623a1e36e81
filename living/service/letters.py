"""Letters: who gets which, the links in them, and sending what waits in the outbox."""

from __future__ import annotations

import hashlib
import hmac

from living.errors import UserError
from living.model.decision import Code, Decision
from living.model.facts import Release
from living.service.house import House
from living.service.topics import known
from living.store import CONFIRMATION, NewLetter, NewSubscriber, Subscriber

LEVELS = ("every_bulletin", "new_study", "conclusions", "retraction")
NOTICES: frozenset[Code] = frozenset({"retraction", "concern"})
CONCLUSIONS: frozenset[Code] = frozenset({"conclusions_confirmed", "conclusions_changed"})
STUDIES: frozenset[Code] = frozenset({"first_version", "new_evidence", "methods_change"})


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
    """Return the letters that a new version makes, one for each reader who asked for its kind."""
    kind = "major" if release.minor == 0 else "minor"
    return tuple(
        NewLetter(event=release.version, subscriber=reader.id, kind=kind)
        for reader in house.store.subscribers(topic)
        if wants(reader.level, release.decision.code)
    )


def bulletin_letters(house: House, topic: str, event: str, decision: Decision) -> tuple[NewLetter, ...]:
    """Return the letters of a bulletin. One that tells of no change is mailed to nobody."""
    if not decision.causes:
        return ()
    kind = "retraction" if decision.code in NOTICES else "bulletin"
    return tuple(
        NewLetter(event=event, subscriber=reader.id, kind=kind)
        for reader in house.store.subscribers(topic)
        if wants(reader.level, decision.code)
    )


def token(house: House, purpose: str, subscriber: str) -> str:
    """Return the secret part of a link; it can be made again for every letter and guessed by nobody."""
    return hmac.new(house.secret, f"{purpose}:{subscriber}".encode(), hashlib.sha256).hexdigest()


def subscribe(house: House, topic: str, address: str, level: str, name: str = "") -> Subscriber:
    """Note the wish; queue the letter that asks to confirm it. Raises UserError for an odd address or level.

    The reader's id is made from the address with the home's key: opaque, and the same when asked again.
    """
    known(house, topic)
    if level not in LEVELS:
        raise UserError(f"no level '{level}'", fix=f"Known: {', '.join(LEVELS)}")
    if not _plain_address(address):
        raise UserError(f"'{address}' is no e-mail address")
    person = token(house, "reader", f"{topic}:{address.strip().lower()}")[:32]
    wish = NewSubscriber.model_validate(
        {
            "id": person,
            "topic": topic,
            "address": address.strip(),
            "name": name,
            "level": level,
            "confirm_hash": _hash(token(house, "confirm", person)),
            "leave_hash": _hash(token(house, "leave", person)),
        }
    )
    reader = house.store.subscribe(wish, house.now())
    if reader.state == "pending":
        once_a_day = f"confirm-{house.now()[:10]}"
        letter = NewLetter(event=once_a_day, subscriber=reader.id, kind=CONFIRMATION)
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


def leave(house: House, secret: str) -> Subscriber | None:
    """End a subscription by the secret of its link; after this returns no letter is begun."""
    return house.store.leave(_hash(secret), house.now())


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _plain_address(address: str) -> bool:
    local, _, host = address.strip().rpartition("@")
    plain = not any(char.isspace() or char in '<>",;:\\()[]' for char in address.strip())
    return bool(local) and "." in host.strip(".") and plain and len(address) <= 254
