"""What a letter says, what its headers promise, and what cannot be smuggled into them."""

import email
import email.policy
from dataclasses import replace
from email.message import EmailMessage

import pytest

from living.errors import UserError
from living.publish.letters import Envelope, compose, compose_confirmation
from living.publish.news import Kind, Links
from living.publish.pages import Notice, Pulse, Shell, SourcePulse, Topic
from tests.unit.publish import hostile, snapshots

TOKEN = "t" * 43
LINKS = Links(
    page="http://127.0.0.1:8080/ldn-chronic-pain/v2.0/",
    unsubscribe=f"https://reviews.example.org/letters/leave/{TOKEN}/{'x' * 120}",
    manage=f"https://reviews.example.org/letters/{TOKEN}",
    confirm=f"https://reviews.example.org/letters/confirm/{TOKEN}",
)
ENVELOPE = Envelope(
    "Living reviews",
    "letters@example.org",
    "reader@example.org",
    f"<ldn-chronic-pain.v2.0.{'a' * 64}@example.org>",
    "2026-06-18T06:00:00Z",
)
RETRACTED = Notice(
    "retraction", "An invented report was retracted on 1 May 2026. Without it: 0.10.", "2026-05-01"
)
PULSE = Pulse("2026-11-21T06:00:00Z", (SourcePulse("pubmed", "PubMed", "2026-11-21"),), news="Nothing new.")
KINDS: tuple[Kind, ...] = ("major", "minor", "bulletin", "retraction", "catch_up")


def letter(kind: Kind = "major", version=snapshots.v2, shell: Shell | None = None) -> EmailMessage:  # type: ignore[no-untyped-def]
    return compose(kind, version(), shell or Shell((RETRACTED,), pulse=PULSE), LINKS, ENVELOPE)


def received(message: EmailMessage) -> EmailMessage:
    """The letter as a mail program reads it from the wire."""
    return email.message_from_bytes(message.as_bytes(), policy=email.policy.default)  # type: ignore[return-value]


def part(message: EmailMessage, kind: str) -> str:
    body = message.get_body((kind,))
    assert body is not None
    return str(body.get_content())


@pytest.mark.parametrize(
    ("kind", "version", "subject"),
    [
        ("major", snapshots.v2, "one trial added, average now 0.16 (−1.42 to 1.75)"),
        ("major", snapshots.v1, "first version, two trials, no average"),
        ("bulletin", snapshots.v2, "no new version, searched to 21 November 2026"),
        (
            "catch_up",
            snapshots.v2,
            "you may have received this: one trial added, average now 0.16 (−1.42 to 1.75)",
        ),
        (
            "retraction",
            snapshots.v2,
            "retraction: An invented report was retracted on 1 May 2026. Without it: 0.10.",
        ),
    ],
)
def test_the_subject_says_the_change(kind: Kind, version, subject: str) -> None:  # type: ignore[no-untyped-def]
    assert received(letter(kind, version))["Subject"] == f"[Replay] {snapshots.TITLE}: {subject}"


def test_a_letter_that_is_no_replay_does_not_say_so() -> None:
    base = snapshots.v2(public_note="")
    assert base.release
    real = base.model_copy(update={"release": base.release.model_copy(update={"replay": False})})
    message = received(compose("major", real, Shell(), LINKS, ENVELOPE))
    assert message["Subject"].startswith(snapshots.TITLE)
    assert "eplay" not in part(message, "plain") + part(message, "html")


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_letter_has_the_same_bytes(kind: Kind) -> None:
    assert letter(kind).as_bytes() == letter(kind).as_bytes()


@pytest.mark.parametrize("kind", KINDS)
def test_both_forms_carry_the_note_the_answer_the_way_out_and_the_chain_head(kind: Kind) -> None:
    message = received(letter(kind))
    release = snapshots.v2().release
    assert release
    for form in ("plain", "html"):
        text = part(message, form)
        for needed in (
            "This is a replay",
            "do not show whether",
            LINKS.unsubscribe,
            release.ledger_head,
            "0.16 (−1.42",
        ):
            assert needed in text, (form, needed)


def test_headers_are_those_that_mail_programs_need() -> None:
    message = received(letter())
    assert message["List-Unsubscribe"] == f"<{LINKS.unsubscribe}>"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert message["Message-ID"] == ENVELOPE.message_id
    assert message["Date"] == "Thu, 18 Jun 2026 06:00:00 +0000"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["From"] == "Living reviews <letters@example.org>"
    assert message["To"] == "reader@example.org"


def test_an_unsubscribe_address_travels_in_one_piece() -> None:
    assert f"List-Unsubscribe: <{LINKS.unsubscribe}>\r\n".encode() in letter().as_bytes()


def test_a_retraction_is_told_before_the_answer() -> None:
    text = part(received(letter("retraction")), "plain")
    assert text.index("An invented report was retracted") < text.index("do not show whether")


@pytest.mark.parametrize("bad", ["a\r\nBcc: all@example.org", "a\nb", "a\x00b", "a\u2028b"])
def test_no_line_end_gets_into_a_header(bad: str) -> None:
    for field in ("sender_name", "sender_address", "to", "message_id", "reply_to"):
        with pytest.raises(UserError):
            compose("major", snapshots.v2(), Shell(), LINKS, replace(ENVELOPE, **{field: bad}))
    with pytest.raises(UserError):
        compose("major", snapshots.v2(), Shell(), replace(LINKS, unsubscribe=f"https://x/{bad}"), ENVELOPE)


@pytest.mark.parametrize("link", ["mailto:x@example.org", "javascript:alert(1)", "/relative"])
def test_an_unsubscribe_link_is_a_web_address(link: str) -> None:
    with pytest.raises(UserError):
        compose("major", snapshots.v2(), Shell(), replace(LINKS, unsubscribe=link), ENVELOPE)


def test_an_address_that_is_none_is_refused() -> None:
    for bad in ("", "nobody", "a@b@c", "a b@example.org"):
        with pytest.raises(UserError):
            compose("major", snapshots.v2(), Shell(), LINKS, replace(ENVELOPE, to=bad))


def test_a_hostile_title_stays_one_subject_line_and_no_markup() -> None:
    message = received(letter(version=hostile.snapshot))
    assert "\n" not in message["Subject"]
    assert len(message.get_all("Subject") or []) == 1
    html = part(message, "html")
    for tag in ("<script", "<img", "<iframe", "<svg", "onmouseover=alert(1)>"):
        assert tag not in html
    assert "&lt;script&gt;" in html


def test_a_confirmation_says_nothing_but_the_question() -> None:
    topic = Topic("ldn-chronic-pain", snapshots.TITLE, note="This is a replay.", replay=True)
    message = received(compose_confirmation(topic, LINKS, ENVELOPE))
    assert LINKS.confirm in part(message, "plain")
    assert LINKS.confirm in part(message, "html")
    assert "This is a replay." in part(message, "plain")
    assert message["List-Unsubscribe"] is None
    assert message["Subject"] == f"[Replay] Please confirm: letters about {snapshots.TITLE}"
