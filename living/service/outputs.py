"""What the site says to programs: lists, pointers, feeds, schemas, the map, and the verifier."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path

from living.errors import EnvironmentFault
from living.publish import api, archive, feeds, schemas, sitemap, standalone
from living.publish.feeds import Entry
from living.publish.pages import Topic, TopicRow, VersionRow
from living.publish.write import publish_page
from living.service.house import House

VERIFIER = "verify.py"


def present_topic_outputs(
    house: House, topic: Topic, rows: Sequence[VersionRow], news: Sequence[Entry]
) -> None:
    """Write a topic's lists, pointers and feeds again; rows are oldest first."""
    newest = rows[-1] if rows else None
    feed = feeds.of_topic(topic, house.settings.public_address, news)
    in_force = {row.date: row for row in rows}
    written = {
        api.VERSIONS: api.versions(topic, rows),
        api.LATEST: api.latest(topic, newest),
        feeds.ATOM: feeds.atom(feed),
        feeds.JSON: feeds.json_feed(feed),
        **{f"as-of/{day}/index.json": api.as_of(topic, day, row) for day, row in in_force.items()},
    }
    _write(house, {f"{topic.id}/{name}": content for name, content in written.items()})
    _archive(house, topic.id, rows)


def present_site_outputs(
    house: House,
    topics: Sequence[TopicRow],
    versions: Mapping[str, Sequence[VersionRow]],
    news: Iterable[Entry],
) -> None:
    """Write what the site as a whole says to programs again."""
    address = house.settings.public_address
    feed = feeds.of_site(address, news)
    written = {
        api.INDEX: api.index(topics, schemas.paths()),
        feeds.ATOM: feeds.atom(feed),
        feeds.JSON: feeds.json_feed(feed),
        sitemap.ROBOTS: sitemap.robots(address),
        VERIFIER: Path(standalone.__file__).read_bytes(),
        **schemas.files(),
    }
    if address:
        written[sitemap.SITEMAP] = sitemap.sitemap(address, _told(versions))
    _write(house, written)


def as_of_json(topic: Topic, rows: Sequence[VersionRow], day: str) -> bytes | None:
    """Return the pointer to the version in force on a day; None where that is no day."""
    if not is_day(day):
        return None
    before = [row for row in rows if row.date <= day]
    return api.as_of(topic, day, before[-1] if before else None)


def is_day(text: str) -> bool:
    """Return whether a text is a day of the calendar."""
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _archive(house: House, topic: str, rows: Sequence[VersionRow]) -> None:
    """A version never changes, so its archive is written once."""
    site = house.settings.site
    for row in rows:
        place = archive.place_of(topic, row.version)
        if not (site / place).is_file():
            publish_page(site, place, _zipped(site / topic / row.version), house.failpoint)


def _zipped(folder: Path) -> bytes:
    try:
        return archive.archive(folder)
    except OSError as fault:
        fix = "Restore the site from a backup, or write the version again with `living rebuild --out`"
        raise EnvironmentFault(f"cannot be read ({fault.strerror})", where=str(folder), fix=fix) from fault


def _told(versions: Mapping[str, Sequence[VersionRow]]) -> Iterator[sitemap.Told]:
    for topic, rows in versions.items():
        yield sitemap.Told(topic, tuple((row.version, row.date) for row in rows))


def _write(house: House, written: Mapping[str, bytes]) -> None:
    """Replace what differs; most of it stays as it is from turn to turn."""
    for path, content in written.items():
        there = house.settings.site / path
        if not there.is_file() or there.read_bytes() != content:
            publish_page(house.settings.site, path, content, house.failpoint)
