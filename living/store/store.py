"""One installation's memory: every room of the store behind one door."""

from __future__ import annotations

import os
from contextlib import ExitStack
from pathlib import Path
from typing import Self

from living.errors import EnvironmentFault
from living.store import schema
from living.store.accounts import Accounts
from living.store.assignments import Assignments
from living.store.audit import Audit
from living.store.bounces import Bounces
from living.store.chain import Salt, fresh_salt
from living.store.claims import Claims
from living.store.decisions import Decisions
from living.store.digests import Digests
from living.store.drafts import Drafts
from living.store.engine import BUSY_SECONDS, connect
from living.store.ledger import Ledger
from living.store.operations import Operations
from living.store.outbox import Outbox
from living.store.payloads import Payloads
from living.store.publication import Publication
from living.store.remarks import Remarks
from living.store.runs import Runs
from living.store.sessions import Sessions
from living.store.subscribers import Subscribers
from living.store.teamnotes import TeamNotes
from living.store.uploads import Uploads


class Store(
    Ledger, Payloads, Runs, Decisions, Publication, Subscribers, Outbox, Digests, Bounces, Claims, Operations,
    Audit, Remarks, Assignments, TeamNotes, Uploads, Accounts, Sessions, Drafts,
):  # fmt: skip
    """The store reads no clock: every time is the caller's, as `YYYY-MM-DDTHH:MM:SSZ` in UTC."""

    @classmethod
    def open(
        cls,
        path: Path,
        migrations: Path,
        *,
        busy_seconds: float = BUSY_SECONDS,
        salt: Salt = fresh_salt,
    ) -> Self:
        """Open `living.db`, made or migrated as needed; payloads lie in a folder beside it.

        Raises EnvironmentFault for a place that cannot be written, a damaged file, another program's file, or
        one written by a newer version.
        """
        _make_private(path)
        store = cls(path, connect(path, busy_seconds), salt)
        with ExitStack() as if_refused:
            if_refused.callback(store.close)
            schema.prepare(store, migrations)
            if_refused.pop_all()
        return store

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _make_private(path: Path) -> None:
    """The file holds addresses: its owner alone may read it, from its first byte on."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    except OSError as error:
        raise EnvironmentFault(
            f"the store cannot be made here ({error.strerror})",
            where=str(path),
            fix="Give this account a LIVING_HOME it may write",
        ) from error
