"""Handing a letter to a server that answers in every way servers do."""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from email.policy import SMTP

import pytest

from living.publish.send import BadAddress, NotSent, Refused, Smtp, TryLater, Unknown, send
from tests.unit.publish.test_letters import letter

GREETING, TEXT = "greeting", "text"
HANG_UP = ""


class Server(socketserver.ThreadingTCPServer):
    """A mail server on loopback that answers each step as told; an empty answer hangs up."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, answers: dict[str, str]) -> None:
        super().__init__(("127.0.0.1", 0), Session)
        self.answers = answers
        self.received: list[bytes] = []


class Session(socketserver.StreamRequestHandler):
    server: Server

    def handle(self) -> None:
        if not self.say(GREETING, "220 ready"):
            return
        while line := self.rfile.readline():
            verb = line.split()[0].decode().lower()
            if not self.say(verb, {"data": "354 go on", "quit": "221 bye"}.get(verb, "250 fine")):
                return
            if verb == "data" and self.server.answers.get("data", "354").startswith("354"):
                self.server.received.append(self.text())
                if not self.say(TEXT, "250 taken"):
                    return

    def say(self, step: str, usual: str) -> bool:
        answer = self.server.answers.get(step, usual)
        self.wfile.write(f"{answer}\r\n".encode() if answer else b"")
        return bool(answer)

    def text(self) -> bytes:
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line[1:] if line.startswith(b".") else line)
        return b"".join(lines)


@contextmanager
def serving(**answers: str) -> Iterator[tuple[Server, Smtp]]:
    with Server(answers) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server, Smtp("127.0.0.1", server.server_address[1], timeout=2.0)
        finally:
            server.shutdown()
            thread.join()


def outcome(**answers: str) -> tuple[type[NotSent] | None, int]:
    """Return how a sending ended and how often `on_data` was called."""
    called = []
    with serving(**answers) as (_, settings):
        try:
            send(settings, letter(), lambda: called.append(1))
        except NotSent as fault:
            return type(fault), len(called)
    return None, len(called)


def test_a_letter_arrives_as_it_was_written() -> None:
    with serving() as (server, settings):
        send(settings, letter())
    assert server.received == [letter().as_bytes()]


def test_a_line_that_begins_with_a_dot_arrives_whole() -> None:
    message = EmailMessage(policy=SMTP)
    message["From"], message["To"] = "letters@example.org", "reader@example.org"
    message.set_content(".first\n..second\n.\nlast\n", cte="7bit")
    with serving() as (server, settings):
        send(settings, message)
    assert server.received == [message.as_bytes()]


@pytest.mark.parametrize(
    ("step", "answer", "ends", "calls"),
    [
        ("mail", "550 no", Refused, 0),
        ("rcpt", "550 no such reader", BadAddress, 0),
        ("rcpt", "550 5.1.1 no such reader", BadAddress, 0),
        ("rcpt", "554 5.7.1 relaying denied", Refused, 0),
        ("rcpt", "451 greylisted", TryLater, 0),
        ("rcpt", HANG_UP, TryLater, 0),
        ("data", "451 later", TryLater, 1),
        ("data", "554 never", Refused, 1),
        ("data", HANG_UP, TryLater, 1),
        ("text", "250 taken", None, 1),
        ("text", "552 too large", Refused, 1),
        ("text", "452 disk full", TryLater, 1),
        ("text", HANG_UP, Unknown, 1),
        ("greeting", "554 go away", TryLater, 0),
        ("greeting", HANG_UP, TryLater, 0),
    ],
)
def test_every_answer_has_one_outcome(step: str, answer: str, ends: type[NotSent] | None, calls: int) -> None:
    assert outcome(**{step: answer}) == (ends, calls)


def test_no_server_is_try_later() -> None:
    with pytest.raises(TryLater, match="no connection"):
        send(Smtp("127.0.0.1", 1, timeout=1.0), letter())


def test_a_server_without_tls_gets_nothing_when_tls_is_asked_for() -> None:
    with serving() as (server, settings):
        with pytest.raises(TryLater):
            send(Smtp(settings.host, settings.port, "starttls", timeout=2.0), letter())
        assert server.received == []


def test_a_crash_in_on_data_sends_nothing() -> None:
    def crash() -> None:
        raise RuntimeError("the disk is full")

    with serving() as (server, settings):
        with pytest.raises(RuntimeError):
            send(settings, letter(), crash)
        assert server.received == []
