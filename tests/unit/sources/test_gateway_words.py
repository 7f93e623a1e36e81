"""The gateway's small decisions, without a network."""

import pytest

from living.errors import SourceChanged, SourceDown, UserError
from living.model.values import digest
from living.sources.gateway import Answer, Gateway, excerpt, is_html, judge_status, seconds_to_wait, shown
from living.sources.pace import AFTER_ANSWER, CTGOV_PACE, NCBI_PACE, NCBI_PACE_WITH_KEY, Queue, queue_of
from living.sources.registry import pace_of


def answer(status: int, body: bytes = b"", **headers: str) -> Answer:
    return Answer("http://127.0.0.1/", status, headers, body, digest(body))


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "120"}, 120.0),
        ({"retry-after": " 0 "}, 0.0),
        (
            {"retry-after": "Sun, 22 Nov 2026 10:00:30 GMT", "date": "Sun, 22 Nov 2026 10:00:00 GMT"},
            30.0,
        ),
        (
            {"retry-after": "Sunday, 22-Nov-26 10:00:30 GMT", "date": "Sun, 22 Nov 2026 10:00:00 GMT"},
            30.0,
        ),
        ({"retry-after": "Sun Nov 22 10:00:30 2026", "date": "Sun, 22 Nov 2026 10:00:00 GMT"}, 30.0),
        ({"retry-after": "Thu, 01 Jan 1970 00:00:00 GMT"}, 0.0),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "-5"}, None),
        ({}, None),
    ],
)
def test_retry_after_is_read_in_every_form(headers: dict[str, str], seconds: float | None) -> None:
    assert seconds_to_wait(headers) == seconds


def test_the_shown_address_holds_neither_the_key_nor_the_address_of_the_asker() -> None:
    assert shown("https://x/y", {"term": "a b", "api_key": "k", "email": "e@f"}) == "https://x/y?term=a+b"


def test_a_busy_or_broken_server_is_down_and_any_other_refusal_is_a_change() -> None:
    for status in (408, 429, 500, 502, 503, 504):
        with pytest.raises(SourceDown):
            judge_status("pubmed", answer(status))
    for status in (400, 401, 403, 404, 410, 418, 204):
        with pytest.raises(SourceChanged):
            judge_status("pubmed", answer(status))
    judge_status("pubmed", answer(200))


def test_what_a_busy_server_says_is_never_repeated() -> None:
    with pytest.raises(SourceDown) as caught:
        judge_status("pubmed", answer(429, b'{"api-key":"SECRET"}'))
    assert "SECRET" not in str(caught.value)


@pytest.mark.parametrize("body", [b"<!DOCTYPE html><p>", b"\xef\xbb\xbf  <HTML>", b"\n<html lang='en'>"])
def test_a_web_page_is_known_by_its_beginning(body: bytes) -> None:
    assert is_html(body)
    assert not is_html(b"<?xml version='1.0'?><PubmedArticleSet/>")


def test_an_excerpt_is_one_short_printable_line() -> None:
    assert excerpt(b"a\n\x00b\xff" + b"c" * 500).startswith("a b")
    assert len(excerpt(b"c" * 500)) == 160


def test_the_production_pace_is_safely_below_what_the_registries_allow() -> None:
    assert (NCBI_PACE, NCBI_PACE_WITH_KEY, CTGOV_PACE) == (0.4, 0.12, 1.2)
    for pace, allowed in (
        (pace_of("pubmed"), 3),
        (pace_of("pubmed", with_key=True), 10),
        (pace_of("ctgov"), 1),
    ):
        assert pace * AFTER_ANSWER * allowed > 1.0


class Clock:
    """A clock that only moves when somebody waits or works."""

    def __init__(self) -> None:
        self.now = 100.0

    def pass_by(self, seconds: float) -> None:
        self.now += seconds

    def read(self) -> float:
        return self.now


def starts(work: list[float]) -> list[float]:
    """Return when requests start that take this long each, one after the other, at a pace of 0.4 s."""
    clock, queue, started = Clock(), Queue(), []
    for seconds in work:
        with queue.turn(0.4, clock.pass_by, clock.read):
            started.append(round(clock.now - 100.0, 3))
            clock.pass_by(seconds)
    return started


def test_requests_start_a_pace_apart() -> None:
    assert starts([0.0, 0.0, 0.01]) == [0.0, 0.4, 0.8]


def test_a_slow_request_may_have_arrived_late_and_pushes_the_next_ones_back() -> None:
    assert starts([0.3, 0.0, 0.0, 0.0]) == [0.0, 0.64, 1.04, 1.44]
    assert starts([5.0, 0.0]) == [0.0, 5.34]


def test_a_request_that_fails_counts_as_one() -> None:
    clock, queue = Clock(), Queue()
    with pytest.raises(ValueError, match="fails"), queue.turn(0.4, clock.pass_by, clock.read):
        raise ValueError("fails")
    with queue.turn(0.4, clock.pass_by, clock.read):
        assert clock.now == 100.4


def test_a_host_has_one_queue_however_many_gateways_there_are() -> None:
    assert queue_of("one.example") is queue_of("one.example")
    assert queue_of("one.example") is not queue_of("two.example")


def test_a_host_that_is_not_configured_is_never_called() -> None:
    with (
        Gateway("a@b.example", "1", {"eutils.example": 1.0}) as gateway,
        pytest.raises(UserError, match="not a configured"),
    ):
        gateway.get("pubmed", "https://elsewhere.example/x", {}, lambda _: None)
    assert gateway.requests == 0
