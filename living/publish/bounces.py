"""Delivery reports (RFC 3464): which letter, and what became of it, as the mail server states it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import Message

OUR_ID = re.compile(r"<([0-9a-f]{32})@[^<>@\s]+>")
ADDRESS = re.compile(r"[^\s<>;,()\"']+@[^\s<>;,()\"']+")
LONGEST = 300  # characters of a server's words that are kept


@dataclass(frozen=True)
class Report:
    """One delivery report. `letter` is our id of the letter that came back, empty when it is not in it.

    `permanent`: the server gave up and says that the address will not do (status 5). `why` names no address.
    """

    letter: str
    permanent: bool
    action: str
    why: str


def read_report(raw: bytes) -> Report | None:
    """Read a message; None when it is no delivery report at all.

    The letter is known by the Message-ID of the copy that the report brings back, and by nothing else.
    """
    message = message_from_bytes(raw, policy=policy.compat32)
    blocks = [block for part in _parts(message, ("message/delivery-status",)) for block in _blocks(part)]
    recipients = [block for block in blocks if block["Action"]]
    if not recipients:
        return None
    failed = [block for block in recipients if _field(block, "Action").lower() == "failed"]
    lasting = [block for block in failed if _field(block, "Status").startswith("5")]
    told = (lasting or failed or recipients)[0]
    words = f"{_field(told, 'Status')} {_field(told, 'Diagnostic-Code')}".strip()
    why = ADDRESS.sub("the reader", " ".join(words.split()))[:LONGEST]
    return Report(_letter(message), bool(lasting), _field(told, "Action").lower(), why)


def _letter(message: Message) -> str:
    for part in _parts(message, ("message/rfc822", "text/rfc822-headers", "message/rfc822-headers")):
        for original in _blocks(part):
            found = OUR_ID.search(_field(original, "Message-ID"))
            if found:
                return found[1]
    return ""


def _parts(message: Message, kinds: tuple[str, ...]) -> Iterator[Message]:
    """The parts of these kinds, not looking into the copies that they carry."""
    if message.get_content_type() in kinds:
        yield message
    elif message.get_content_maintype() == "multipart" and isinstance(message.get_payload(), list):
        for part in message.get_payload():
            if isinstance(part, Message):
                yield from _parts(part, kinds)


def _blocks(part: Message) -> Iterator[Message]:
    """The messages or groups of fields inside a part, whether or not the parser took them apart."""
    inside = part.get_payload()
    if isinstance(inside, list):
        yield from (block for block in inside if isinstance(block, Message))
        return
    text = part.get_payload(decode=True)
    if isinstance(text, bytes):
        yield message_from_bytes(text, policy=policy.compat32)


def _field(block: Message, name: str) -> str:
    return str(block.get(name, "")).strip()
