"""What is asked of a registry, and what a complete answer holds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date

from living.errors import SourceChanged
from living.model.protocol import Source
from living.model.record import Record
from living.sources.gateway import Answer

Keep = Callable[[Answer], str]
"""Stores the bytes of an answer before anything reads them, and returns their SHA-256."""


# A full search that lists so many fewer entries than the last one is refused: entries are withdrawn one by
# one, and more at once is likelier a fault of ours or theirs. Of a small topic a few are a large share.
MOST_LOST = 0.05
FEW = 4


class GreatLoss(SourceChanged):
    """A full search that would lose too much of what the last one found."""


@dataclass(frozen=True)
class Ask:
    """One poll of one source.

    `since` is the day of the last complete run, None for a full census. `known` maps each stored id to its
    `marker`; `refetch` names ids to read again whatever the registry says of their dates, and `look` those
    missed in two complete runs, which are each looked for directly. `read` is the registry's stamp of the
    data that the last complete run read: while it stands and nothing is to be read again, nothing is new.
    `off`: known ids that the last full search did not list either, and `before` how many that listed: one
    that lists far fewer is refused (`refuse_loss`). `list_only`: the full list of ids and nothing else, to
    see what a search would find.
    """

    source: Source
    today: date
    since: date | None = None
    known: Mapping[str, str] = field(default_factory=dict)
    census: bool = False
    refetch: frozenset[str] = frozenset()
    look: frozenset[str] = frozenset()
    read: str = ""
    off: frozenset[str] = frozenset()
    before: int = 0
    list_only: bool = False


@dataclass(frozen=True)
class Page:
    """One stored payload, and the ids in it that were asked for; other records in it are not ours."""

    payload: str
    ids: tuple[str, ...]


@dataclass(frozen=True)
class Run:
    """A complete, reconciled poll: what was listed is known, or was asked for and came, or is `absent`.

    `gone`: of the absent, those that a direct look proved gone, with the answer that shows it. `aliases`: ids
    asked for that the registry answers under another, with that and the answer. `whole`: all that the search
    finds was listed, and `unlisted` are the known ids that were not in it. `fresh` False: the data are those
    of the last complete run, so that nothing was listed.
    """

    source: str
    listed: tuple[str, ...]
    asked: tuple[str, ...]
    absent: tuple[str, ...]
    pages: tuple[Page, ...]
    windows: tuple[str, ...]
    counts: Mapping[str, int]
    translation: str
    data_timestamp: str
    requests: int
    query_digest: str
    gone: Mapping[str, str] = field(default_factory=dict)
    aliases: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    whole: bool = False
    unlisted: tuple[str, ...] = ()
    fresh: bool = True


def refuse_loss(ask: Ask, found: int) -> None:
    """Compare a full search with the last one of its query. Raises GreatLoss when too much is missing."""
    if ask.list_only:
        return
    if ask.before - found > max(FEW, MOST_LOST * ask.before) or (ask.before and not found):
        what = f"a full search finds {found} entries, the last one found {ask.before}; refused"
        raise GreatLoss(ask.source.id, what)


def query_digest(source: Source) -> str:
    """Return what identifies a search; another digest means that nothing found so far is complete."""
    return source.query_digest


def marker(record: Record) -> str:
    """Return what a listing shows of a stored record; once it shows something else, it is read again."""
    if record.registration is None:
        return ""
    about = record.registration
    return registry_marker(about.last_update_posted, about.status, has_results=about.has_results)


def registry_marker(last_update_posted: str, status: str, *, has_results: bool) -> str:
    """Return the freshness marker of a registration."""
    return f"{last_update_posted}|{status}|{has_results}"


def batches(ids: tuple[str, ...], size: int) -> list[tuple[str, ...]]:
    """Cut ids into lists of at most `size`."""
    return [ids[start : start + size] for start in range(0, len(ids), size)]
