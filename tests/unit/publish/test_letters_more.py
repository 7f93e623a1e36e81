"""Digests, the team's letter, choices, and letters about one notice: what each says and promises."""

import re
from email.message import EmailMessage

import pytest

from living.publish.letters import compose, compose_brief, compose_choices, compose_digest
from living.publish.news import AFTER, Brief, Item, Kind, Used
from living.publish.pages import Notice, Shell, Topic
from tests.unit.publish import hostile, snapshots
from tests.unit.publish.test_letters import ENVELOPE, LINKS, PULSE, RETRACTED, part, received

TOPIC = Topic("ldn-chronic-pain", snapshots.TITLE, "LDN", note="This is a replay.", replay=True)
ITEMS = (
    Item("2026-06-18", "Studies added: Due Bruun 2024.", "v2.0", ("one trial entered",), LINKS.page),
    Item("2026-06-20", "New ongoing trials: 1."),
)
BRIEF = Brief(
    RETRACTED,
    "Younger 2013",
    "pubmed:23359310",
    ("v1.0", "v2.0"),
    (Used("Pain", "24", "0.16 (−1.42 to 1.75)", "no average (two studies)"),),
    "living screen pubmed:23359310 exclude --topic ldn-chronic-pain --criterion X5 --reason WHY --as YOUR-ID",
)


def digest() -> EmailMessage:
    return compose_digest(ITEMS, snapshots.v2(), Shell(pulse=PULSE), LINKS, ENVELOPE)


def test_a_digest_tells_each_event_in_order_then_the_answer_and_the_ways_out() -> None:
    message = received(digest())
    assert message["Subject"] == f"[Replay] {snapshots.TITLE}: two changes, average now 0.16 (−1.42 to 1.75)"
    assert message["List-Unsubscribe"] == f"<{LINKS.unsubscribe}>"
    for form in ("plain", "html"):
        text = part(message, form)
        places = [text.index(words) for words in ("v2.0", "no new version", "do not show whether")]
        assert places == sorted(places)
        for needed in ("This is a replay", "One trial entered", LINKS.manage, LINKS.unsubscribe):
            assert needed in text, (form, needed)
        release = snapshots.v2().release
        assert release
        assert release.ledger_head in text


def test_a_digest_names_the_notices_that_stand() -> None:
    message = compose_digest(ITEMS, snapshots.v2(), Shell((RETRACTED,), pulse=PULSE), LINKS, ENVELOPE)
    for form in ("plain", "html"):
        assert "An invented report was retracted" in part(received(message), form)


def test_the_team_reads_what_it_moves_and_how_to_decide() -> None:
    message = received(compose_brief(BRIEF, TOPIC, LINKS, ENVELOPE))
    assert message["Subject"] == "[Replay] For the team of LDN: retraction, Younger 2013"
    assert message["List-Unsubscribe"] is None
    for form in ("plain", "html"):
        text = re.sub("</?span>", "", part(message, form))
        for needed in (
            "Younger 2013",
            "v1.0, v2.0",
            "24%",
            "no average (two studies)",
            BRIEF.vote,
            "only when people have",
        ):
            assert needed in text, (form, needed)


def test_a_notice_on_a_study_that_no_version_used_says_so_to_the_team() -> None:
    unused = Brief(RETRACTED, "Younger 2013", "pubmed:1", (), (), "")
    text = part(received(compose_brief(unused, TOPIC, LINKS, ENVELOPE)), "plain")
    assert "No published version used its numbers." in text
    assert "EVERY ANALYSIS" not in text


def test_who_has_letters_already_is_led_to_the_choices() -> None:
    message = received(compose_choices(TOPIC, LINKS, ENVELOPE))
    for form in ("plain", "html"):
        assert LINKS.manage in part(message, form)
        assert LINKS.confirm not in part(message, form)


@pytest.mark.parametrize("kind", AFTER)
def test_a_letter_about_a_notice_says_it_first_and_what_it_means_for_what_is_published(kind: Kind) -> None:
    notice = Notice(kind, "Something happened to it.", "2026-05-01")
    message = received(compose(kind, snapshots.v2(), Shell((notice,), pulse=PULSE), LINKS, ENVELOPE))
    assert f": {notice.label.lower()}: Something happened" in message["Subject"]
    for form in ("plain", "html"):
        text = " ".join(part(message, form).split())
        assert text.index("Something happened") < text.index("do not show whether")
        assert AFTER[kind] in text


@pytest.mark.parametrize("kind", ["digest", "brief", "choices"])
def test_a_hostile_topic_makes_no_markup_and_no_second_header(kind: str) -> None:
    snapshot = hostile.snapshot()
    topic = Topic("odd", snapshot.title, note=snapshot.public_note)
    message = received(
        {
            "digest": lambda: compose_digest(
                (Item("2026-06-18", snapshot.title, "v1.0", (snapshot.title,)),),
                snapshot,
                Shell(),
                LINKS,
                ENVELOPE,
            ),
            "brief": lambda: compose_brief(BRIEF, topic, LINKS, ENVELOPE),
            "choices": lambda: compose_choices(topic, LINKS, ENVELOPE),
        }[kind]()
    )
    assert "\n" not in message["Subject"]
    for tag in ("<script", "<img", "<iframe", "<svg"):
        assert tag not in part(message, "html")


def test_the_same_letter_has_the_same_bytes() -> None:
    assert digest().as_bytes() == digest().as_bytes()
