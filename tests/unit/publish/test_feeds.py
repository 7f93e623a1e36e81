"""Feeds, lists and pointers: valid, with names that stay, and safe whatever a title holds."""

import json
import uuid
import xml.etree.ElementTree as ET

import jsonschema_rs
import pytest

from living.publish import api, feeds, schemas, sitemap
from living.publish.pages import (
    Bulletin,
    Notice,
    Pulse,
    SourcePulse,
    Topic,
    TopicRow,
    VersionRow,
    status_json,
)

ADDRESS = "https://reviews.example.org"
ODD = 'Odd "quotes" <b>&amp; ]]> 😀 \u202eעברית\u202c \x00\x0b'
ATOM = "{http://www.w3.org/2005/Atom}"
TOPIC = Topic("ldn-chronic-pain", "Low-dose naltrexone for chronic pain", "LDN for chronic pain")
V1 = VersionRow("v1.0", "2025-06-20", "first_version", "First version.", answer="Two small trials")
V2 = VersionRow("v2.0", "2026-06-18", "new_evidence", "One trial added.", answer="Three small trials")
NEWS = [Bulletin("2026-06-17", "Studies that may be eligible: 8.")]
GONE = Notice("retraction", "CEDAR 2024 was retracted.", "2026-07-01")


def news(topic: Topic = TOPIC) -> tuple[feeds.Entry, ...]:
    return feeds.entries(topic, [V1, V2], NEWS, [(V1, GONE)])


def feed(address: str = ADDRESS, topic: Topic = TOPIC) -> feeds.Feed:
    return feeds.of_topic(topic, address, news(topic))


def odd() -> Topic:
    return Topic("ldn-chronic-pain", ODD, ODD, ODD)


def validate(name: str, content: bytes) -> dict[str, object]:
    document = json.loads(content)
    jsonschema_rs.Draft202012Validator(schemas.of(name), offline=True).validate(document)
    return document  # type: ignore[no-any-return]


# --- feeds ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("topic", [TOPIC, odd()], ids=["plain", "odd"])
def test_an_atom_feed_has_all_that_the_format_asks_for(topic: Topic) -> None:
    root = ET.fromstring(feeds.atom(feed(topic=topic)))
    assert root.tag == f"{ATOM}feed"
    for item in (root, *root.findall(f"{ATOM}entry")):
        for name in ("id", "title", "updated"):
            (found,) = item.findall(f"{ATOM}{name}")
            assert found.text
        assert item.find(f"{ATOM}link[@rel='alternate']") is not None
    assert root.find(f"{ATOM}author/{ATOM}name") is not None
    assert root.find(f"{ATOM}link[@rel='self']") is not None
    assert len(root.findall(f"{ATOM}entry")) == 4


def test_news_come_newest_first_and_once() -> None:
    assert [(entry.kind, entry.at[:10]) for entry in news()] == [
        ("notice", "2026-07-01"),
        ("version", "2026-06-18"),
        ("bulletin", "2026-06-17"),
        ("version", "2025-06-20"),
    ]
    assert len(feeds.entries(TOPIC, [V1], NEWS * 3, ())) == 2


def test_the_name_of_a_piece_of_news_stays_when_address_words_and_company_change() -> None:
    ids = {entry.id for entry in news()}
    assert all(uuid.UUID(name.removeprefix("urn:uuid:")).version == 5 for name in ids)
    renamed = Topic(TOPIC.id, "Another title", "Another")
    assert {entry.id for entry in news(renamed)} == ids
    before = {entry.id for entry in feeds.entries(TOPIC, [V1], (), ())}
    assert before < ids


def test_links_are_absolute_where_an_address_is_configured_and_relative_where_not() -> None:
    absolute, relative = (json.loads(feeds.json_feed(feed(address))) for address in (ADDRESS, ""))
    assert absolute["feed_url"] == f"{ADDRESS}/ldn-chronic-pain/feed.json"
    assert absolute["items"][1]["url"] == f"{ADDRESS}/ldn-chronic-pain/v2.0/"
    assert relative["items"][1]["url"] == "../ldn-chronic-pain/v2.0/"
    assert [item["id"] for item in absolute["items"]] == [item["id"] for item in relative["items"]]


@pytest.mark.parametrize("topic", [TOPIC, odd()], ids=["plain", "odd"])
@pytest.mark.parametrize("address", [ADDRESS, ""])
def test_a_json_feed_follows_its_schema(topic: Topic, address: str) -> None:
    found = validate("feed", feeds.json_feed(feed(address, topic)))
    assert found["version"] == "https://jsonfeed.org/version/1.1"


def test_the_site_s_feed_joins_the_topics_and_an_empty_one_is_still_a_feed() -> None:
    tea = Topic("tea", "Tea")
    whole = feeds.of_site(ADDRESS, [*news(), *feeds.entries(tea, [V1], (), ())])
    assert len(whole.entries) == 5
    assert whole.link(whole.entries[0].path) == f"{ADDRESS}/ldn-chronic-pain/v1.0/"
    assert whole.self_link == f"{ADDRESS}/feed.xml"
    empty = ET.fromstring(feeds.atom(feeds.of_site("", ())))
    assert empty.find(f"{ATOM}updated").text == feeds.NEVER  # type: ignore[union-attr]


def test_a_replay_says_so_in_its_feed() -> None:
    told = Topic("tea", "Tea", replay=True)
    assert "(replay)" in feeds.of_topic(told, "", ()).title


# --- lists and pointers ---------------------------------------------------------------------------------


def test_every_list_follows_its_schema_and_points_to_what_stays() -> None:
    versions = validate("versions", api.versions(TOPIC, [V1, V2]))
    assert [item["version"] for item in versions["versions"]] == ["v1.0", "v2.0"]  # type: ignore[attr-defined]
    latest = validate("latest", api.latest(TOPIC, V2))
    assert latest["version"]["snapshot"] == "v2.0/snapshot.json"  # type: ignore[index]
    assert validate("latest", api.latest(TOPIC, None))["version"] is None
    found = validate("as-of", api.as_of(TOPIC, "2026-01-01", V1))
    assert found["version"]["version"] == "v1.0"  # type: ignore[index]
    assert validate("as-of", api.as_of(TOPIC, "2020-01-01", None))["version"] is None
    index = validate("index", api.index([TopicRow(TOPIC, V2), TopicRow(odd(), None)], schemas.paths()))
    assert [item["version"] for item in index["topics"]] == ["v2.0", None]  # type: ignore[attr-defined]


def test_the_pulse_follows_its_schema() -> None:
    pulse = Pulse("2026-11-21T06:00:00Z", (SourcePulse("pubmed", "PubMed", "2026-11-21"),), 1, 2, 0)
    for row in (V2, None):
        assert validate("status", status_json(TOPIC, row, pulse))["schema_id"] == "living-status/1"


def test_every_schema_is_one_and_its_number_is_in_its_name_and_address() -> None:
    for name, path in schemas.paths().items():
        schema = json.loads(schemas.readable(name))
        jsonschema_rs.meta.validate(schema)
        number = schemas.FORMS[name].number
        assert schema["$id"] == f"urn:living:schema:{name}:{number}"
        assert path == f"schemas/{name}-{number}.json"


# --- for search engines ---------------------------------------------------------------------------------


def test_the_map_lists_every_version_for_ever() -> None:
    text = sitemap.sitemap(ADDRESS, [sitemap.Told("tea", (("v1.0", "2026-01-01"), ("v1.1", "2026-02-01")))])
    root = ET.fromstring(text)
    found = [item.text for item in root.iter("{http://www.sitemaps.org/schemas/sitemap/0.9}loc")]
    assert found == [f"{ADDRESS}/", f"{ADDRESS}/tea/", f"{ADDRESS}/tea/v1.0/", f"{ADDRESS}/tea/v1.1/"]


def test_robots_are_kept_from_the_doors_of_letters_and_led_to_the_map() -> None:
    told = sitemap.robots(ADDRESS).decode()
    assert "Disallow: /letters/\n" in told
    assert told.endswith(f"Sitemap: {ADDRESS}/sitemap.xml\n")
    assert "Sitemap" not in sitemap.robots("").decode()
