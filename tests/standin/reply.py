"""What a registry says before it is put on the wire."""

from __future__ import annotations

from dataclasses import dataclass, field, replace


@dataclass(frozen=True)
class Question:
    """One request, whichever way its parameters came."""

    method: str
    path: str
    params: dict[str, str]
    headers: dict[str, str]
    at: float = 0.0  # seconds of a clock that never goes back


@dataclass(frozen=True)
class Reply:
    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)

    def with_headers(self, **headers: str) -> Reply:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return replace(self, headers=self.headers | named)


def xml(body: str, status: int = 200) -> Reply:
    return Reply(status, body.encode(), {"Content-Type": "text/xml; charset=UTF-8"})


def plain(body: str, status: int) -> Reply:
    return Reply(status, body.encode(), {"Content-Type": "text/plain;charset=UTF-8"})


def json_bytes(body: bytes, status: int = 200) -> Reply:
    return Reply(status, body, {"Content-Type": "application/json"})
