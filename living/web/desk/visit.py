"""What a page of the workbench is given and what it answers with. Everything else is the frame's business."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from living.service.house import House
from living.service.policy import Act, Person

MOST_BYTES = 1_000_000  # of a request's body, unless a route says otherwise


@dataclass(frozen=True)
class Sent:
    """A file that came with a form."""

    name: str
    content: bytes
    media_type: str = ""


@dataclass(frozen=True)
class Visit:
    """One request by one signed-in person. `topic` is empty on pages of no topic.

    `path` are the parts of the address, `asked` its query, `said` the posted fields in the order they came,
    each name with all its values; `files` what was uploaded. `place` is the address of this page. `quick`:
    the page's own script asks (header `Living-Quick: 1`), and wants a fragment or a JSON answer rather than a
    page; without a session it gets 401, with an old token 403 and `csrf`, a token that holds.
    """

    house: House
    person: Person
    topic: str
    place: str
    path: Mapping[str, str] = field(default_factory=dict)
    asked: Mapping[str, str] = field(default_factory=dict)
    said: Mapping[str, Sequence[str]] = field(default_factory=dict)
    files: Mapping[str, Sent] = field(default_factory=dict)
    quick: bool = False
    csrf: str = ""
    password_fresh: bool = False  # the password was typed in within this very request and was right

    def field(self, name: str, default: str = "") -> str:
        """Return a posted field, the last one where it came more than once."""
        return (self.said.get(name) or (default,))[-1]

    def fields(self, name: str) -> tuple[str, ...]:
        """Return every value of a posted field."""
        return tuple(self.said.get(name, ()))


@dataclass(frozen=True)
class Page:
    """A template under `workbench/` and what it shows.

    The frame adds `me`, `topic`, `csrf`, `told` and `place`.
    """

    template: str
    shown: Mapping[str, Any] = field(default_factory=dict)
    status: int = 200


@dataclass(frozen=True)
class Moved:
    """Done: go on to another page, which shows one sentence about it."""

    to: str
    told: str = ""
    session: str | None = None  # of the account's own pages: a new session's secret, or empty to end it


@dataclass(frozen=True)
class File:
    """Bytes to keep or, of a picture, to show. `kind` decides how a browser may treat them."""

    content: bytes
    media_type: str
    name: str = ""
    kind: Literal["download", "picture"] = "download"


@dataclass(frozen=True)
class Data:
    """A JSON answer to the page's own script or to a program."""

    value: Any
    status: int = 200


Answer = Page | Moved | File | Data
Handler = Callable[[Visit], Answer]


@dataclass(frozen=True)
class Route:
    """One address, and what it takes. A route that is not in `routes.ROUTES` does not exist.

    `act` None: any signed-in person. `password`: the form asks for the password again (field `password`), and
    the handler runs only when it was right.
    """

    method: Literal["GET", "POST"]
    path: str
    act: Act | None
    handler: Handler
    most_bytes: int = MOST_BYTES
    password: bool = False
