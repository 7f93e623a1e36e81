"""What can go wrong, and who can fix it."""

from __future__ import annotations

from enum import IntEnum


class Exit(IntEnum):
    """Exit codes of every command; documented in README.md and deploy/RUNBOOK.md."""

    OK = 0
    BUG = 1
    USAGE = 2
    HELD = 3
    BAD_INPUT = 4
    NOT_VERIFIED = 5
    SOURCE = 6
    ENVIRONMENT = 7


class LivingError(Exception):
    """Anything the service reports on purpose; every other exception is a bug."""

    exit_code: Exit = Exit.BUG


class UserError(LivingError):
    """Somebody can fix this: what is wrong, where, and what to do, in one line."""

    exit_code = Exit.BAD_INPUT

    def __init__(self, what: str, *, where: str = "", fix: str = "") -> None:
        self.what, self.where, self.fix = what, where, fix
        super().__init__(_one_line(what, where, fix))


class NotAllowed(UserError):
    """The person lacks the role for this, or may not see it yet."""


class EnvironmentFault(UserError):
    """The machine, not the data: a port, a folder, a schema version."""

    exit_code = Exit.ENVIRONMENT


class HeldElsewhere(UserError):
    """Another process holds this LIVING_HOME."""

    exit_code = Exit.HELD


class NotVerified(UserError):
    """A published folder, a chain or a rebuilt version is not what it claims to be."""

    exit_code = Exit.NOT_VERIFIED


class SourceError(LivingError):
    """A registry did not answer as it should; the cursor stays where it was."""

    exit_code = Exit.SOURCE

    def __init__(self, source: str, what: str, *, payload: str = "") -> None:
        self.source, self.what, self.payload = source, what, payload
        kept = f" (payload {payload[:12]} kept)" if payload else ""
        super().__init__(f"{source}: {what}{kept}")


class SourceDown(SourceError):
    """Transient: try again later."""

    def __init__(
        self, source: str, what: str, *, payload: str = "", retry_after: float | None = None
    ) -> None:
        super().__init__(source, what, payload=payload)
        self.retry_after = retry_after


class SourceChanged(SourceError):
    """Permanent until a person looks: the registry no longer answers as documented."""


def _one_line(what: str, where: str, fix: str) -> str:
    text = f"{where}: {what}" if where else what
    return " ".join((f"{text}. {fix}" if fix else text).split())
