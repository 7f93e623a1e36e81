"""What a letter says: the change in a few words for its subject, and the facts for its text."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Literal

from living.model.snapshot import AnalysisOut, Snapshot
from living.publish import numerals
from living.publish.pages import Notice, Shell
from living.publish.view import headline_of, release_of

Alert = Literal["retraction", "reinstated", "withdrawn", "restored", "retired", "revived"]
Kind = Literal["major", "minor", "bulletin", "catch_up"] | Alert
AFTER: dict[str, str] = {
    "retraction": "The published versions keep their bytes and now carry this notice. The average changes"
    " only in the next version, when people have decided.",
    "reinstated": "The published versions no longer carry the notice; that it stood there is kept.",
    "withdrawn": "Its bytes stay where they are, under this notice. Do not rely on it.",
    "restored": "It stands again, as it was published.",
    "retired": "Nothing is searched any more. Every version stays at its address.",
    "revived": "The sources are searched again, as the protocol says.",
}
CAUSES = {
    "added": ("trial added", "trials added"),
    "removed": ("trial removed", "trials removed"),
    "correction": ("number corrected", "numbers corrected"),
    "verification": ("number verified", "numbers verified"),
    "judgement": ("rating changed", "ratings changed"),
}


@dataclass(frozen=True)
class Links:
    """Addresses for one subscriber; `unsubscribe` answers a one-click POST and shows a button on GET."""

    page: str
    unsubscribe: str = ""
    manage: str = ""
    confirm: str = ""


@dataclass(frozen=True)
class News:
    """Everything the templates of a letter are given."""

    kind: Kind
    snapshot: Snapshot
    shell: Shell
    links: Links
    headline: AnalysisOut | None
    what: str
    average: str

    @property
    def alert(self) -> Notice | None:
        """The notice that this letter is about, if it is about one."""
        return self.notice if self.kind in AFTER else None

    @property
    def after(self) -> str:
        """What the notice means for what is published."""
        return AFTER.get(self.kind, "")

    @property
    def notice(self) -> Notice | None:
        return self.shell.notices[0] if self.shell.notices else None


@dataclass(frozen=True)
class Item:
    """One event of a digest: a version, or a bulletin where `version` is empty."""

    date: str
    text: str
    version: str = ""
    causes: tuple[str, ...] = ()
    page: str = ""


@dataclass(frozen=True)
class Used:
    """One analysis that a retracted study fed, as the team reads it."""

    label: str
    share: str
    before: str
    after: str


@dataclass(frozen=True)
class Brief:
    """What the review team is told of a notice; `vote` is the command that excludes the study."""

    notice: Notice
    study: str
    record: str
    versions: tuple[str, ...]
    fed: tuple[Used, ...]
    vote: str


@dataclass(frozen=True)
class Raised:
    """What the review team is told of an alarm: what is wrong with a source since when, and what to do."""

    label: str
    text: str
    action: str
    command: str
    since: str
    page: str


def news(kind: Kind, snapshot: Snapshot, shell: Shell, links: Links) -> News:
    headline = headline_of(snapshot)
    first = not release_of(snapshot).previous
    return News(kind, snapshot, shell, links, headline, _what(snapshot), _average(headline, first))


def _what(snapshot: Snapshot) -> str:
    """Return the change in a few words: `one trial added, two numbers corrected`."""
    decision = release_of(snapshot).decision
    found = Counter[str](cause.kind for cause in decision.causes)
    parts = [numerals.counted(found[kind], *words) for kind, words in CAUSES.items() if found[kind]]
    if found["methods"]:
        parts.insert(0, "methods changed")
    return ", ".join(parts) or decision.code.replace("_", " ")


def _average(headline: AnalysisOut | None, first: bool) -> str:
    if headline is None:
        return "no average"
    pool = headline.pool
    if not pool.pooled:
        return f"{numerals.counted(pool.k, 'trial', 'trials')}, no average"
    limits = numerals.interval((pool.low, pool.high), headline.ratio)
    return f"average {'' if first else 'now '}{numerals.effect(pool.estimate, headline.ratio)} ({limits})"
