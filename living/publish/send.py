"""Hand one letter to a mail server, and know afterwards whether it has it."""

from __future__ import annotations

import re
import smtplib
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Literal

from living.errors import LivingError

# An enhanced status (RFC 3463) that speaks of us and not of the reader: 5.5 protocol, 5.7 policy.
OUR_FAULT = re.compile(r"(?<![\d.])5\.[57]\.\d")


class NotSent(LivingError):
    """A letter did not go out, or nobody knows; `detail` is what the server said."""

    def __init__(self, detail: str) -> None:
        self.detail = " ".join(detail.split())
        super().__init__(self.detail)


class Refused(NotSent):
    """The server will never take this letter: do not try again."""


class BadAddress(Refused):
    """The server says that nobody can be reached at the address."""


class TryLater(NotSent):
    """The server does not have it and may take it another time."""


class Unknown(NotSent):
    """The connection broke after the text went out: the server may have it. Never send again by itself."""


@dataclass(frozen=True)
class Smtp:
    """Where letters are handed in. `timeout` is in seconds, for each answer of the server.

    `hello` is how we introduce ourselves; looking our own name up could hang in a name server.
    """

    host: str
    port: int = 25
    security: Literal["none", "starttls", "tls"] = "none"
    user: str = ""
    password: str = ""
    timeout: float = 30.0
    hello: str = "[127.0.0.1]"


def nothing() -> None:
    """Do nothing before DATA: what happens when no outbox is kept."""


def send(settings: Smtp, message: EmailMessage, on_data: Callable[[], None] = nothing) -> None:
    """Send one letter to its one recipient.

    1. Everything that can be refused is asked before the text goes out.
    2. `on_data` is called right before DATA; the caller commits "sending" there.
    3. From the first byte of text on, a broken connection is Unknown: the server may have the letter.

    Raises Refused (BadAddress when it is the address), TryLater or Unknown.
    """
    connection = _opened(settings)
    try:
        _introduced(connection, settings)
        _addressed(connection, message)
        on_data()
        _delivered(connection, message)
    finally:
        connection.close()


def _opened(settings: Smtp) -> smtplib.SMTP:
    host, port, hello, timeout = settings.host, settings.port, settings.hello, settings.timeout
    try:
        if settings.security == "tls":
            return smtplib.SMTP_SSL(host, port, hello, timeout=timeout, context=ssl.create_default_context())
        return smtplib.SMTP(host, port, hello, timeout=timeout)
    except (OSError, smtplib.SMTPException) as fault:
        raise TryLater(f"no connection to {host}:{port}: {fault}") from fault


def _introduced(connection: smtplib.SMTP, settings: Smtp) -> None:
    try:
        if settings.security == "starttls":
            connection.starttls(context=ssl.create_default_context())
        if settings.user:
            connection.login(settings.user, settings.password)
        connection.ehlo_or_helo_if_needed()
    except smtplib.SMTPAuthenticationError as fault:
        raise TryLater(f"the server refused our name or password ({fault.smtp_code})") from fault
    except (OSError, smtplib.SMTPException) as fault:
        raise TryLater(f"{settings.host}:{settings.port} did not let us in: {fault}") from fault


def _addressed(connection: smtplib.SMTP, message: EmailMessage) -> None:
    try:
        _judge(*connection.mail(message["From"].addresses[0].addr_spec))
        code, said = connection.rcpt(message["To"].addresses[0].addr_spec)
    except (OSError, smtplib.SMTPException) as fault:
        raise TryLater(f"the connection broke before the text: {fault}") from fault
    if 500 <= code < 600 and not OUR_FAULT.search(said.decode("utf-8", "replace")):
        raise BadAddress(f"{code} {said.decode('utf-8', 'replace')}")
    _judge(code, said)


def _delivered(connection: smtplib.SMTP, message: EmailMessage) -> None:
    try:
        code, said = connection.docmd("DATA")
    except (OSError, smtplib.SMTPException) as fault:
        raise TryLater(f"the connection broke before the text: {fault}") from fault
    if code != 354:
        _judge(code, said)
        raise TryLater(f"{code} in answer to DATA")
    try:
        connection.send(_wire(message))
        code, said = connection.getreply()
    except (OSError, smtplib.SMTPException) as fault:
        raise Unknown(f"the connection broke after the text: {fault}") from fault
    _judge(code, said)


def _wire(message: EmailMessage) -> bytes:
    """Return the text as SMTP wants it: a leading dot doubled, a single dot at the end."""
    text = message.as_bytes()
    return re.sub(rb"(?m)^\.", b"..", text).rstrip(b"\r\n") + b"\r\n.\r\n"


def _judge(code: int, said: bytes) -> None:
    words = f"{code} {said.decode('utf-8', 'replace')}"
    if 500 <= code < 600:
        raise Refused(words)
    if not 200 <= code < 300:
        raise TryLater(words)
