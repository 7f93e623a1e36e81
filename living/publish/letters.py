"""Letters to subscribers as complete messages: text and HTML, with one-click unsubscribe."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.errors import MessageError
from email.header import Header
from email.headerregistry import Address, HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Any
from urllib.parse import urlsplit

from living.errors import UserError
from living.model.snapshot import Snapshot
from living.model.values import digest
from living.publish import words
from living.publish.news import Brief, Item, Kind, Links, Raised, news
from living.publish.pages import Shell, Told, Topic, told_of
from living.publish.tasks import TaskLine, grouped


class _Verbatim(UnstructuredHeader):
    """A header that is never folded: mail programs read an address in one piece or not at all."""

    name: str  # set by the registry, which joins this class with its BaseHeader

    def fold(self, *, policy: Any) -> str:
        return f"{self.name}: {self}{policy.linesep}"


class _Subject(UnstructuredHeader):
    """A subject that is folded only where a mail program puts it together again without an extra space."""

    name: str

    def fold(self, *, policy: Any) -> str:
        text = Header(str(self), header_name=self.name).encode(linesep=policy.linesep)
        return f"{self.name}: {text}{policy.linesep}"


class _Headers(HeaderRegistry):
    def __init__(self) -> None:
        super().__init__()
        self.map_to_type("subject", _Subject)  # type: ignore[arg-type]
        for name in ("list-unsubscribe", "message-id", "x-living-version"):
            self.map_to_type(name, _Verbatim)  # type: ignore[arg-type]


POLICY = SMTP.clone(header_factory=_Headers())


@dataclass(frozen=True)
class Envelope:
    """From whom, to whom, when, and the id that makes a repeated letter recognisable."""

    sender_name: str
    sender_address: str
    to: str
    message_id: str
    date: str
    reply_to: str = ""


def compose(kind: Kind, snapshot: Snapshot, shell: Shell, links: Links, envelope: Envelope) -> EmailMessage:
    """Write one subscriber's letter. The same facts give the same bytes.

    Raises UserError when an address, id or link could smuggle in a header.
    """
    facts = {"n": news(kind, snapshot, shell, links), "told": told_of(snapshot)}
    message = _message(envelope, _text("letters/subject.txt", facts))
    _unsubscribable(message, links)
    release = snapshot.release
    message["X-Living-Version"] = _ascii(f"{snapshot.topic} {release.version if release else ''}", "topic")
    return _filled(message, envelope, _text("letters/letter.txt", facts), _html("letters/letter.html", facts))


def compose_digest(
    items: Sequence[Item], snapshot: Snapshot, shell: Shell, links: Links, envelope: Envelope
) -> EmailMessage:
    """Write one letter on everything since the last, oldest first, and the answer as it stands now."""
    facts = {
        "items": items,
        "n": news("bulletin", snapshot, shell, links),
        "told": told_of(snapshot),
    }
    message = _message(envelope, _text("letters/digest.subject.txt", facts))
    _unsubscribable(message, links)
    return _filled(message, envelope, _text("letters/digest.txt", facts), _html("letters/digest.html", facts))


def compose_brief(brief: Brief, topic: Topic, links: Links, envelope: Envelope) -> EmailMessage:
    """Write the letter that tells the review team of a notice, what it moves, and what they decide."""
    facts = {"b": brief, "topic": topic, "links": links, "told": Told(topic.note, topic.replay)}
    message = _message(envelope, _text("letters/team.subject.txt", facts))
    return _filled(message, envelope, _text("letters/team.txt", facts), _html("letters/team.html", facts))


def compose_alarm(raised: Raised, topic: Topic, links: Links, envelope: Envelope) -> EmailMessage:
    """Write the letter that tells the review team what to look into about a source."""
    facts = {"a": raised, "topic": topic, "links": links, "told": Told(topic.note, topic.replay)}
    message = _message(envelope, _text("letters/alarm.subject.txt", facts))
    return _filled(message, envelope, _text("letters/alarm.txt", facts), _html("letters/alarm.html", facts))


def compose_choices(topic: Topic, links: Links, envelope: Envelope) -> EmailMessage:
    """Write the letter to a confirmed reader whose address was typed in again; it leads to the choices."""
    facts = {"topic": topic, "links": links, "told": Told(topic.note, topic.replay)}
    message = _message(envelope, _text("letters/already.subject.txt", facts))
    _unsubscribable(message, links)
    return _filled(
        message, envelope, _text("letters/already.txt", facts), _html("letters/already.html", facts)
    )


def compose_tasks(lines: Sequence[TaskLine], links: Links, replay: bool, envelope: Envelope) -> EmailMessage:
    """Write one letter to somebody of the team on everything that waits and is new."""
    facts = {"groups": grouped(lines), "many": len(lines), "links": links, "told": Told("", replay)}
    message = _message(envelope, _text("letters/tasks.subject.txt", facts))
    _unsubscribable(message, links)
    return _filled(message, envelope, _text("letters/tasks.txt", facts), _html("letters/tasks.html", facts))


def compose_confirmation(topic: Topic, links: Links, envelope: Envelope) -> EmailMessage:
    """Write the letter that asks whether the owner of an address wants letters; it says nothing else."""
    facts = {"topic": topic, "links": links, "told": Told(topic.note, topic.replay)}
    message = _message(envelope, _text("letters/confirm.subject.txt", facts))
    return _filled(
        message, envelope, _text("letters/confirm.txt", facts), _html("letters/confirm.html", facts)
    )


def _message(envelope: Envelope, subject: str) -> EmailMessage:
    message = EmailMessage(policy=POLICY)
    message["From"] = _address(envelope.sender_address, envelope.sender_name)
    message["To"] = _address(envelope.to)
    if envelope.reply_to:
        message["Reply-To"] = _address(envelope.reply_to)
    message["Subject"] = " ".join(subject.split())
    message["Date"] = format_datetime(datetime.fromisoformat(envelope.date))
    message["Message-ID"] = _ascii(envelope.message_id, "message id")
    message["Auto-Submitted"] = "auto-generated"
    return message


def _unsubscribable(message: EmailMessage, links: Links) -> None:
    """Add RFC 8058 one-click: without an https or http address there is nothing to click."""
    if links.unsubscribe:
        if urlsplit(links.unsubscribe).scheme not in ("http", "https"):
            raise UserError("the unsubscribe link is no web address", where="links")
        message["List-Unsubscribe"] = f"<{_ascii(links.unsubscribe, 'unsubscribe link')}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"


def _filled(message: EmailMessage, envelope: Envelope, text: str, html: str) -> EmailMessage:
    message.set_content(text, cte="quoted-printable")
    message.add_alternative(html, subtype="html", cte="quoted-printable")
    message.set_boundary(f"=_{digest(envelope.message_id)[:40]}")  # the default is drawn by lot
    return message


def _address(address: str, name: str = "") -> Address:
    try:
        return Address(_plain(name, "name"), addr_spec=_plain(address, "address"))
    except (ValueError, IndexError, MessageError) as fault:
        raise UserError(f"{address!r} is no mail address", where="letter") from fault


def _ascii(text: str, what: str) -> str:
    if not text.isascii():
        raise UserError(f"the {what} may hold ASCII only", where="letter")
    return _plain(text, what)


def _plain(text: str, what: str) -> str:
    """Refuse line ends and other controls in what becomes a header."""
    if any(character < " " or character in "\x7f\x85\u2028\u2029" for character in text):
        raise UserError(f"the {what} holds a line end or another control character", where="letter")
    return text


def _text(template: str, facts: dict[str, Any]) -> str:
    return words.plain_text().get_template(template).render(**facts)


def _html(template: str, facts: dict[str, Any]) -> str:
    return words.pages().get_template(template).render(**facts)
