"""The site for programs: static JSON with permanent addresses, and the shapes of what stands there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal

from living.model.values import Count, Sha256, Text, Value, canonical
from living.publish import archive
from living.publish.pages import Topic, TopicRow, VersionRow
from living.publish.surveillance import RUNS

INDEX = "api/v1/index.json"
VERSIONS, LATEST = "versions.json", "latest.json"


class VersionOut(Value):
    """One version with its addresses, relative to the topic's folder; nothing under them ever changes.

    `notice`: one word that readers must see before its answer, such as withdrawn; empty: none stands.
    """

    version: Text
    date: Text
    code: Text
    banner: str
    headline: str
    signed: bool
    notice: str
    page: Text
    snapshot: Text
    manifest: Text
    cite: Text
    data_package: Text
    archive: Text


class VersionsOut(Value):
    """Every version of a topic, oldest first."""

    schema_id: Literal["living-versions/1"] = "living-versions/1"
    topic: Text
    title: Text
    public_note: str
    replay: bool
    versions: tuple[VersionOut, ...]


class LatestOut(Value):
    """Which version is the newest; `version` None before the first."""

    schema_id: Literal["living-latest/1"] = "living-latest/1"
    topic: Text
    replay: bool
    version: VersionOut | None


class AsOfOut(Value):
    """Which version was in force at the end of a day; None where there was none yet."""

    schema_id: Literal["living-as-of/1"] = "living-as-of/1"
    topic: Text
    replay: bool
    date: Text
    version: VersionOut | None


class TopicOut(Value):
    """One review with its addresses, relative to the site's root."""

    topic: Text
    title: Text
    public_note: str
    replay: bool
    version: str | None
    version_date: str | None
    page: Text
    status: Text
    runs: Text
    versions: Text
    latest: Text
    feed: Text


class IndexOut(Value):
    """Every review of the site, and the schemas of all that it says to programs."""

    schema_id: Literal["living-index/1"] = "living-index/1"
    topics: tuple[TopicOut, ...]
    schemas: dict[str, Text]


class StatusSource(Value):
    id: Text
    label: Text
    state: Literal["current", "alarm", "stale", "failed", "never"]
    searched_to: str | None
    next_due: str | None
    message: str | None
    alarms: tuple[str, ...]


class StatusQueue(Value):
    to_screen: Count
    to_extract: Count
    to_adjudicate: Count


class StatusNotice(Value):
    kind: Text
    date: str
    text: Text


class StatusOut(Value):
    """The pulse of a topic, as `pages.status_json` writes it."""

    schema_id: Literal["living-status/1"]
    topic: Text
    title: Text
    public_note: str
    replay: bool
    version: str | None
    version_date: str | None
    signed: bool | None
    checked_at: Text
    sources: tuple[StatusSource, ...]
    queue: StatusQueue
    last_failure: str | None
    news: str | None
    notices: tuple[StatusNotice, ...]


class ManifestOut(Value):
    """What a version's folder promises: SHA-256 of every file, and 16 digits of one for every value."""

    schema_id: Literal["living-manifest/1"]
    topic: Text
    version: Text
    digest: Sha256
    ledger_seq: Count
    ledger_head: Sha256
    files: dict[str, Sha256]
    pointers: dict[str, str]
    self_sha256: Sha256


def versions(topic: Topic, rows: Sequence[VersionRow]) -> bytes:
    """Return every version of a topic, in the order given."""
    return _json(
        VersionsOut(
            topic=topic.id,
            title=topic.title,
            public_note=topic.note,
            replay=topic.replay,
            versions=tuple(map(version, rows)),
        )
    )


def latest(topic: Topic, row: VersionRow | None) -> bytes:
    """Return the pointer to the newest version."""
    return _json(LatestOut(topic=topic.id, replay=topic.replay, version=version(row) if row else None))


def as_of(topic: Topic, day: str, row: VersionRow | None) -> bytes:
    """Return the pointer to the version that was in force on a day."""
    found = version(row) if row else None
    return _json(AsOfOut(topic=topic.id, replay=topic.replay, date=day, version=found))


def index(rows: Sequence[TopicRow], schemas: dict[str, str]) -> bytes:
    """Return the list of all reviews."""
    return _json(IndexOut(topics=tuple(_topics(rows)), schemas=schemas))


def version(row: VersionRow) -> VersionOut:
    """Return one version as programs read it."""
    place = row.version
    return VersionOut(
        version=row.version,
        date=row.date,
        code=row.code,
        banner=row.banner,
        headline=row.answer,
        signed=row.signed,
        notice=row.notice,
        page=f"{place}/",
        snapshot=f"{place}/snapshot.json",
        manifest=f"{place}/manifest.json",
        cite=f"{place}/cite/version.json",
        data_package=f"{place}/datapackage.json",
        archive=f"{archive.FOLDER}/{place}.zip",
    )


def _topics(rows: Sequence[TopicRow]) -> Iterator[TopicOut]:
    for row in rows:
        topic, newest = row.topic, row.latest
        yield TopicOut(
            topic=topic.id,
            title=topic.title,
            public_note=topic.note,
            replay=topic.replay,
            version=newest.version if newest else None,
            version_date=newest.date if newest else None,
            page=f"{topic.id}/",
            status=f"{topic.id}/status.json",
            runs=f"{topic.id}/{RUNS}",
            versions=f"{topic.id}/{VERSIONS}",
            latest=f"{topic.id}/{LATEST}",
            feed=f"{topic.id}/feed.json",
        )


def _json(value: Value) -> bytes:
    return canonical(value).encode()
