"""The pages around the versions, re-rendered whenever a fact about them changes; and what they are told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from markupsafe import Markup

from living.model.snapshot import Snapshot
from living.model.values import canonical
from living.publish import cite, words
from living.publish.history import history
from living.publish.view import release_of
from living.review.retirement import Suggestion
from living.review.timeliness import NO_DELAYS, Timeliness

SourceState = Literal["current", "alarm", "stale", "failed", "never"]
BODY_BEGINS, BODY_ENDS = "<!--body-->\n", "<!--/body-->\n"
NOTICE_LABELS = {
    "retraction": "Retraction",
    "concern": "Expression of concern",
    "erratum": "Correction by the publisher",
    "withdrawn": "This version was withdrawn",
    "retired": "The end of living mode",
    "reinstated": "A notice was taken back",
    "restored": "This version was put back",
    "revived": "Living again",
}


@dataclass(frozen=True)
class Told:
    """What stands at the top of every page: the topic's public note, and whether this is a replay."""

    note: str = ""
    replay: bool = False


@dataclass(frozen=True)
class Notice:
    """A fact that readers of a version must see before its answer."""

    kind: str
    text: str
    date: str = ""
    href: str = ""

    @property
    def label(self) -> str:
        return NOTICE_LABELS.get(self.kind, "Notice")


@dataclass(frozen=True)
class Signed:
    """Who signed a version, by the name readers may see."""

    by: str
    at: str
    conclusion: str = ""
    certainty: str = ""


@dataclass(frozen=True)
class SourcePulse:
    """How a source is searched. `alarms`: what its searches do not list, read or receive as they should."""

    id: str
    label: str
    searched_to: str = ""
    next_due: str = ""
    state: SourceState = "current"
    message: str = ""
    alarms: tuple[str, ...] = ()


@dataclass(frozen=True)
class Pulse:
    """What is known now, outside any version. `news` is the last bulletin's sentence."""

    checked_at: str
    sources: tuple[SourcePulse, ...] = ()
    to_screen: int = 0
    to_extract: int = 0
    to_adjudicate: int = 0
    last_failure: str = ""
    news: str = ""

    @property
    def troubled(self) -> tuple[SourcePulse, ...]:
        return tuple(source for source in self.sources if source.state != "current")

    @property
    def searched_to(self) -> str:
        """The day that every source was searched to: the earliest of them."""
        return min((source.searched_to for source in self.sources), default="")


@dataclass(frozen=True)
class VersionRow:
    """One version in a list. `answer` is its headline; `notice` one word, such as withdrawn.

    `since` are the versions before it, oldest first: what changed since each has a page.
    """

    version: str
    date: str
    code: str
    banner: str
    signed: bool = False
    answer: str = ""
    notice: str = ""
    since: tuple[str, ...] = ()

    @property
    def offered(self) -> tuple[str, ...]:
        """The versions that a list offers a comparison with: the one before, then the earliest."""
        return tuple(dict.fromkeys((*self.since[-1:], *self.since[:1])))


@dataclass(frozen=True)
class Bulletin:
    """A dated status note without a new analysis."""

    date: str
    text: str


@dataclass(frozen=True)
class Shell:
    """The facts about a version that are no part of its bytes. `history`: notices that no longer stand."""

    notices: tuple[Notice, ...] = ()
    signature: Signed | None = None
    superseded_by: VersionRow | None = None
    pulse: Pulse | None = None
    history: tuple[Notice, ...] = ()


@dataclass(frozen=True)
class Topic:
    """One review as the lists show it. `subscribe` is the address of the form, empty where there is none."""

    id: str
    title: str
    short: str = ""
    note: str = ""
    replay: bool = False
    continues: str = ""
    subscribe: str = ""


@dataclass(frozen=True)
class TopicRow:
    """One line of the list of all reviews; `latest` None means that nothing is published yet."""

    topic: Topic
    latest: VersionRow | None
    pulse: Pulse | None = None
    timely: Timeliness = NO_DELAYS


def told_of(snapshot: Snapshot) -> Told:
    return Told(snapshot.public_note, bool(snapshot.release and snapshot.release.replay))


def render_shell(snapshot: Snapshot, page: bytes | str, shell: Shell) -> bytes:
    """Return a version's `index.html`: notices, signature and pulse above the unchanged body of its page."""
    text = page.encode() if isinstance(page, str) else page
    facts = {"snapshot": snapshot, "release": release_of(snapshot)}
    body = Markup(body_of(text))
    head = cite.head(snapshot)
    return words.render("shell.html", v=facts, head=head, told=told_of(snapshot), shell=shell, body=body)


def body_of(page: bytes) -> str:
    """Return the part of a published page that its shell shows unchanged.

    Raises ValueError when the page is none of ours.
    """
    text = page.decode()
    begin, end = text.find(BODY_BEGINS), text.find(BODY_ENDS)
    if begin < 0 or end < begin:
        raise ValueError("this page has no body that a shell could show")
    return text[begin : end + len(BODY_ENDS)]


def render_topic_index(
    topic: Topic,
    versions: Sequence[VersionRow],
    pulse: Pulse | None = None,
    bulletins: Sequence[Bulletin] = (),
    snapshots: Sequence[Snapshot] = (),
    notices: tuple[Sequence[Notice], Sequence[Notice]] = ((), ()),
    timely: Timeliness = NO_DELAYS,
    ending: Sequence[Suggestion] = (),
) -> bytes:
    """Return the dated list of a review's versions, newest first as given.

    `timely` says how long reports waited, `ending` what speaks for and against an end. `notices` are those
    that stand, then those that no longer do. From their `snapshots`, oldest first, the page draws how the
    answer and the flow went on.
    """
    facts = {"topic": topic, "versions": versions, "bulletins": bulletins, "timely": timely, "ending": ending}
    shell = Shell(tuple(notices[0]), pulse=pulse, history=tuple(notices[1]))
    past = history(snapshots, [bulletin.date for bulletin in bulletins])
    return words.render("topic.html", past=past, shell=shell, told=Told(topic.note, topic.replay), **facts)


def render_site_index(topics: Sequence[TopicRow], note: str = "", replay: bool = False) -> bytes:
    """Return the list of all reviews."""
    return words.render("site.html", topics=topics, told=Told(note, replay))


def render_as_of(topic: Topic, date: str, version: VersionRow | None) -> bytes:
    """Return the page that says which version was in force on a day."""
    return words.render(
        "as_of.html", topic=topic, date=date, row=version, told=Told(topic.note, topic.replay)
    )


def render_latest(topic: Topic, version: str) -> bytes:
    """Return the page that leads to the newest version where a folder cannot be a link."""
    return words.render("latest.html", topic=topic, version=version, told=Told(topic.note, topic.replay))


def status_json(
    topic: Topic, latest: VersionRow | None, pulse: Pulse, notices: Sequence[Notice] = ()
) -> bytes:
    """Return the pulse and the notices that stand for programs, as canonical JSON."""
    return canonical(
        {
            "schema_id": "living-status/1",
            "topic": topic.id,
            "title": topic.title,
            "public_note": topic.note,
            "replay": topic.replay,
            "version": latest.version if latest else None,
            "version_date": latest.date if latest else None,
            "signed": latest.signed if latest else None,
            "checked_at": pulse.checked_at,
            "sources": [_source(source) for source in pulse.sources],
            "queue": {
                "to_screen": pulse.to_screen,
                "to_extract": pulse.to_extract,
                "to_adjudicate": pulse.to_adjudicate,
            },
            "last_failure": pulse.last_failure or None,
            "news": pulse.news or None,
            "notices": [{"kind": item.kind, "date": item.date, "text": item.text} for item in notices],
        }
    ).encode()


def _source(source: SourcePulse) -> dict[str, object]:
    return {
        "id": source.id,
        "label": source.label,
        "state": source.state,
        "searched_to": source.searched_to or None,
        "next_due": source.next_due or None,
        "message": source.message or None,
        "alarms": list(source.alarms),
    }
