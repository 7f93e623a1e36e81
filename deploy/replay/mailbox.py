"""A mail server on loopback that keeps every letter as a file."""

from __future__ import annotations

import asyncio
import os
import re
import socket
from email import message_from_bytes, policy
from email.utils import parsedate_to_datetime
from pathlib import Path
from threading import Thread

from aiosmtpd.smtp import SMTP, Envelope, Session


class Mailbox:
    """Takes every letter and writes it to `folder`; use it as a context."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._socket = socket.create_server(("127.0.0.1", 0))  # listens from here on, so nobody has to wait
        self.port = int(self._socket.getsockname()[1])
        self._loop = asyncio.new_event_loop()
        self._thread = Thread(target=self._serve, name="mail", daemon=True)

    def __enter__(self) -> Mailbox:
        self.folder.mkdir(parents=True, exist_ok=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._socket.close()

    @property
    def letters(self) -> tuple[Path, ...]:
        """The files, by their virtual date and then their name."""
        return tuple(sorted(self.folder.glob("*.eml")))

    def letters_to(self, address: str) -> tuple[Path, ...]:
        """The letters to one reader."""
        return tuple(path for path in self.letters if f"-{address.partition('@')[0]}-" in path.name)

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Keep a letter; it is acknowledged once it lies in its file."""
        content = envelope.content or b""
        content = content if isinstance(content, bytes) else content.encode()
        path = self.folder / _name(content)
        draft = path.with_suffix(".new")
        draft.write_bytes(content)
        os.replace(draft, path)  # noqa: PTH105 - the one atomic step
        return "250 kept"

    def _serve(self) -> None:
        asyncio.set_event_loop(self._loop)
        serving = self._loop.create_server(self._speaker, sock=self._socket)
        server = self._loop.run_until_complete(serving)
        self._loop.run_forever()
        server.close()
        self._loop.run_until_complete(server.wait_closed())
        self._loop.close()

    def _speaker(self) -> asyncio.BaseProtocol:
        speaker: asyncio.BaseProtocol = SMTP(self, hostname="localhost", enable_SMTPUTF8=True)
        return speaker


def _name(content: bytes) -> str:
    letter = message_from_bytes(content, policy=policy.default)
    written = parsedate_to_datetime(str(letter["Date"]))
    to = re.sub(r"[^a-z0-9.-]", "_", str(letter["To"]).rpartition("<")[2].partition("@")[0].lower())
    number = re.sub(r"[^0-9a-f]", "", str(letter["Message-ID"]).partition("@")[0])
    return f"{written:%Y-%m-%d-%H%M}-{to}-{number[:8]}.eml"
