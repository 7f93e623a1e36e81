"""Delivery reports are read as the mail server states them, and never by guess."""

import pytest

from living.publish.bounces import LONGEST, Report, read_report
from tests.unit.publish.reports import delivery_report

ID = "0123456789abcdef" * 2
OURS = f"<{ID}@reviews.example.org>"


@pytest.mark.parametrize("headers_only", [True, False])
def test_a_letter_that_came_back_is_named_with_the_server_s_words_and_no_address(headers_only: bool) -> None:
    found = read_report(delivery_report(OURS, headers_only=headers_only))
    why = "5.1.1 smtp; 550 5.1.1 <the reader>: Recipient address rejected: User unknown"
    assert found == Report(ID, True, "failed", why)


@pytest.mark.parametrize(
    ("action", "status", "permanent"),
    [
        ("failed", "5.1.1", True),
        ("Failed", "5.2.2", True),
        ("failed", "4.4.7", False),
        ("delayed", "4.4.1", False),
        ("delivered", "2.0.0", False),
        ("relayed", "2.0.0", False),
    ],
)
def test_only_a_lasting_failure_counts(action: str, status: str, permanent: bool) -> None:
    found = read_report(delivery_report(OURS, action=action, status=status))
    assert found is not None
    assert found.permanent is permanent


def test_the_report_s_own_id_is_not_taken_for_the_letter_s() -> None:
    report = delivery_report("").replace(b"<report@mail.example.org>", OURS.encode())
    found = read_report(report)
    assert found is not None
    assert found.letter == ""


def test_an_id_of_another_form_is_not_ours() -> None:
    for other in ("<abc@example.org>", f"<{ID}>", f"<{ID}0@example.org>", f"<{ID.upper()}@example.org>"):
        found = read_report(delivery_report(other))
        assert found is not None
        assert found.letter == "", other


def test_long_words_of_a_server_are_cut() -> None:
    found = read_report(delivery_report(OURS, said="smtp; 550 " + "no " * 400))
    assert found is not None
    assert len(found.why) <= LONGEST


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\x00\xff\xfe",
        b"Subject: away\r\n\r\nI am away until Monday.",
        b"Content-Type: multipart/report; boundary=x\r\n\r\nno parts",
        b"Content-Type: message/delivery-status\r\n\r\n",
        b"Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\r\nAction: failed\r\n--x--",
    ],
)
def test_what_is_no_report_is_none_and_no_fault(raw: bytes) -> None:
    assert read_report(raw) is None


def test_a_report_forwarded_inside_a_letter_is_not_looked_into() -> None:
    inner = delivery_report(OURS)
    assert read_report(b"Content-Type: message/rfc822\r\n\r\n" + inner) is None
