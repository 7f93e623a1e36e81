"""What is new, for programs that watch: Atom and JSON Feed, of one topic and of the whole site."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from living.model.values import Text, Value, canonical
from living.publish import words
from living.publish.pages import Bulletin, Notice, Topic, VersionRow
from living.publish.words import plain_title, visible

ATOM, JSON = "feed.xml", "feed.json"
KINDS = {"version": "Version", "bulletin": "Bulletin", "notice": "Notice"}
MOST_ENTRIES = 100
NEVER = "1970-01-01T00:00:00Z"  # an empty feed must be dated, and nothing has happened yet


@dataclass(frozen=True)
class Entry:
    """One piece of news. `path` leads to it from the site's root; `id` stays the same for ever."""

    id: str
    title: str
    text: str
    at: str
    kind: str
    path: str


@dataclass(frozen=True)
class Feed:
    """A feed before it is written. `address` is the site's, without a slash; empty: none is configured."""

    id: str
    title: str
    folder: str
    address: str
    entries: tuple[Entry, ...]
    language: str = "en"

    @property
    def updated(self) -> str:
        return max((entry.at for entry in self.entries), default=NEVER)

    @property
    def home_link(self) -> str:
        """Where the pages are that the feed tells of."""
        return self.link(f"{self.folder}/" if self.folder else "")

    @property
    def self_link(self) -> str:
        """Where the feed itself is."""
        return self.link(f"{self.folder}/{ATOM}" if self.folder else ATOM)

    def link(self, path: str) -> str:
        """Return where a path of the site is: an absolute address, or one relative to the feed."""
        if self.address:
            return f"{self.address}/{path}"
        up = "../" if self.folder else ""
        return f"{up}{path}" or "./"


class FeedItem(Value):
    id: Text
    url: str
    title: str
    content_text: str
    date_published: Text
    tags: tuple[Text, ...]


class FeedOut(Value):
    """JSON Feed 1.1 (jsonfeed.org)."""

    version: Literal["https://jsonfeed.org/version/1.1"] = "https://jsonfeed.org/version/1.1"
    title: Text
    home_page_url: str
    feed_url: str
    description: str
    language: str
    items: tuple[FeedItem, ...]


def entries(
    topic: Topic,
    rows: Sequence[VersionRow],
    bulletins: Iterable[Bulletin],
    notices: Iterable[tuple[VersionRow, Notice]],
) -> tuple[Entry, ...]:
    """Return a topic's news, newest first: its versions, bulletins, and the notices on its versions."""
    found = [*_versions(topic, rows), *_bulletins(topic, bulletins), *_notices(topic, notices)]
    return _newest(found)


def of_topic(topic: Topic, address: str, found: Sequence[Entry]) -> Feed:
    """Return a topic's feed."""
    return Feed(_id(topic.id), _title(topic), topic.id, address, tuple(found))


def of_site(address: str, found: Iterable[Entry]) -> Feed:
    """Return the feed of all reviews, newest first."""
    return Feed(_id("site"), "Living systematic reviews", "", address, _newest(found))


def atom(feed: Feed) -> bytes:
    """Return a feed as Atom (RFC 4287)."""
    return words.render("feeds/atom.xml", feed=feed, kinds=KINDS)


def json_feed(feed: Feed) -> bytes:
    """Return a feed as JSON Feed 1.1."""
    folder = f"{feed.folder}/" if feed.folder else ""
    return canonical(
        FeedOut(
            title=feed.title,
            home_page_url=feed.home_link,
            feed_url=feed.link(f"{folder}{JSON}"),
            description="Versions, bulletins and notices",
            language=feed.language,
            items=tuple(_item(feed, entry) for entry in feed.entries),
        )
    ).encode()


def _newest(found: Iterable[Entry]) -> tuple[Entry, ...]:
    once = {entry.id: entry for entry in found}
    return tuple(sorted(once.values(), key=lambda entry: (entry.at, entry.id), reverse=True)[:MOST_ENTRIES])


def _item(feed: Feed, entry: Entry) -> FeedItem:
    return FeedItem(
        id=entry.id,
        url=feed.link(entry.path),
        title=entry.title,
        content_text=entry.text,
        date_published=entry.at,
        tags=(entry.kind,),
    )


def _versions(topic: Topic, rows: Sequence[VersionRow]) -> Iterator[Entry]:
    for row in rows:
        title = f"{_title(topic)}: {row.version}"
        text = visible(f"{row.banner} {row.answer}".strip())
        place = f"{topic.id}/{row.version}/"
        yield Entry(_id(topic.id, row.version), title, text, _at(row.date), "version", place)


def _bulletins(topic: Topic, found: Iterable[Bulletin]) -> Iterator[Entry]:
    for item in found:
        named = _id(topic.id, "bulletin", item.date, item.text)
        title = f"{_title(topic)}: bulletin"
        yield Entry(named, title, visible(item.text), _at(item.date), "bulletin", f"{topic.id}/")


def _notices(topic: Topic, found: Iterable[tuple[VersionRow, Notice]]) -> Iterator[Entry]:
    for row, notice in found:
        named = _id(topic.id, row.version, notice.kind, notice.date, notice.text)
        title = f"{_title(topic)}, {row.version}: {notice.label}"
        place = f"{topic.id}/{row.version}/"
        yield Entry(named, title, visible(notice.text), _at(notice.date or row.date), "notice", place)


def _title(topic: Topic) -> str:
    marked = f"{topic.short or topic.title} (replay)" if topic.replay else topic.short or topic.title
    return plain_title(marked)


def _at(date: str) -> str:
    """A day as an instant; the hour is not told, so it is the first."""
    return date if "T" in date else f"{date}T00:00:00Z"


def _id(*parts: str) -> str:
    """A name that stays the same wherever the site is: made from what is told, not from an address."""
    return uuid.uuid5(uuid.NAMESPACE_OID, "\n".join(("living", *parts))).urn
