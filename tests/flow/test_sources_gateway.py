"""The gateway against a stand-in that misbehaves in every way a network can."""

import tracemalloc
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from time import monotonic

import pytest
import requests

from living.errors import SourceChanged, SourceDown
from living.model.values import digest
from living.sources.gateway import Answer, Gateway
from tests.standin import RecordSet, Standin, faults, from_ctgov, from_pubmed_xml
from tests.standin.poller import IN_NO_HURRY, Poller
from tests.standin.synthetic import article_set, article_xml, study_json

TODAY = date(2026, 2, 2)
MEGABYTE = 1_048_576


@pytest.fixture(scope="module")
def held() -> RecordSet:
    text = "low dose naltrexone " * 50
    articles = article_set(*(article_xml(100 + n, abstract=text) for n in range(20)))
    return from_pubmed_xml(articles) + from_ctgov([study_json("NCT09990001", aliases=["NCT09990002"])])


@pytest.fixture
def standin(held: RecordSet) -> Iterator[Standin]:
    with Standin(held, TODAY, ncbi_per_second=IN_NO_HURRY, ctgov_per_second=IN_NO_HURRY) as running:
        yield running
        assert not running.crashes


def ask(standin: Standin, **options: object) -> Answer:
    """Fetch twenty articles through a gateway with these options."""
    with Poller(standin, **options) as poller:
        fields = {"db": "pubmed", "retmode": "xml", "id": ",".join(str(100 + n) for n in range(20))}
        return poller.gateway.post("pubmed", f"{standin.pubmed_url}/efetch.fcgi", fields, lambda _: None)


def test_an_answer_arrives_whole_unpacked_and_named_by_its_hash(standin: Standin) -> None:
    answer = ask(standin)
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.body.count(b"<PubmedArticle>") == 20
    assert answer.sha256 == digest(answer.body)


@pytest.mark.parametrize(
    "fault",
    [
        faults.cut(300),
        faults.cut_gzip(0.5),
        faults.cut_gzip(0.99),
        faults.cut_chunks(),
        faults.reset(),
        faults.no_http(),
        faults.many_headers(),
    ],
    ids=lambda fault: fault.name,
)
def test_an_answer_that_breaks_off_is_asked_for_again(standin: Standin, fault: faults.Fault) -> None:
    standin.fault(fault, times=2)
    assert ask(standin).body.endswith(b"</PubmedArticleSet>")
    assert len(standin.log) == 3


@pytest.mark.parametrize(
    "fault",
    [faults.cut(300), faults.cut_gzip(0.5), faults.cut_chunks(), faults.reset()],
    ids=lambda fault: fault.name,
)
def test_half_an_answer_is_never_taken_for_a_whole_one(standin: Standin, fault: faults.Fault) -> None:
    standin.fault(fault, times=None)
    with pytest.raises(SourceDown):
        ask(standin)
    assert len(standin.log) == 5


@pytest.mark.parametrize(
    "fault",
    [faults.drip(0.02), faults.drip(0.02, headers=True), faults.hang(30), faults.always_continue()],
    ids=["body", "headers", "silence", "interim answers"],
)
def test_a_server_that_drips_is_left_at_the_deadline(standin: Standin, fault: faults.Fault) -> None:
    standin.fault(fault, times=None)
    start = monotonic()
    with pytest.raises(SourceDown):
        ask(standin, total_deadline=0.5, attempts=1)
    assert monotonic() - start < 1.5


@pytest.mark.parametrize(
    "fault",
    [
        faults.inflating(300 * MEGABYTE),
        faults.inflating(300 * MEGABYTE, status=503),
        faults.inflating(300 * MEGABYTE, status=301, location="/elsewhere"),
        faults.endless(),
    ],
    ids=["inflating", "inflating failure", "inflating redirect", "endless"],
)
def test_a_body_without_end_is_cut_at_the_cap_in_bounded_memory(
    standin: Standin, fault: faults.Fault
) -> None:
    standin.fault(faults.html())  # loads what is loaded lazily, so that only the body is measured
    ask(standin)
    standin.fault(fault, times=None)
    tracemalloc.start()
    with pytest.raises(SourceDown, match="larger"):
        ask(standin, max_bytes=2 * MEGABYTE, attempts=1)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 12 * MEGABYTE


def test_a_pause_grows_and_the_server_s_own_wish_comes_first(standin: Standin) -> None:
    standin.fault(faults.busy(503), times=2)
    standin.fault(faults.busy(429, retry_after="7"))
    standin.fault(faults.busy(503, retry_after=faults.until(datetime.now(UTC) + timedelta(seconds=30))))
    with Poller(standin) as poller:
        poller.gateway.get("ctgov", f"{standin.ctgov_url}/version", {}, busy_is_down)
        growing, asked = poller.slept[:2], poller.slept[2:]
    assert growing == [1.0, 2.0]
    assert asked[0] == 7.0
    assert 27 <= asked[1] <= 31


@pytest.mark.parametrize(
    ("said", "pause"),
    [
        ("0", 1.0),  # our own pause is the least
        ("7", 7.0),
        (" 7 ", 7.0),
        ("-5", 1.0),
        ("+5", 1.0),
        ("1.5", 1.0),
        ("soon", 1.0),
        ("", 1.0),
        ("\xb2", 1.0),  # a digit to Python, and no number
        ("Wed, 21 Oct 2015 07:28:00 GMT", 1.0),  # over
        ("Wed, 99 Foo 2015 07:28:00 GMT", 1.0),
    ],
)
def test_a_wish_in_any_form_is_understood_or_passed_over(standin: Standin, said: str, pause: float) -> None:
    standin.fault(faults.busy(429, retry_after=said))
    with Poller(standin) as poller:
        answer = poller.gateway.get("ctgov", f"{standin.ctgov_url}/version", {}, busy_is_down)
    assert answer.status == 200
    assert poller.slept == [pause]


@pytest.mark.parametrize("said", ["99999999999999999999", "Fri, 31 Dec 9999 23:59:59 GMT"])
def test_an_absurd_wish_ends_the_run_and_not_the_service(standin: Standin, said: str) -> None:
    standin.fault(faults.busy(503, retry_after=said), times=None)
    with Poller(standin) as poller, pytest.raises(SourceDown) as caught:
        poller.gateway.get("ctgov", f"{standin.ctgov_url}/version", {}, busy_is_down)
    assert caught.value.retry_after is not None
    assert caught.value.retry_after > 900_000_000
    assert len(standin.log) == 1


def busy_is_down(answer: Answer) -> None:
    if answer.status != 200:
        raise SourceDown("any", "busy", retry_after=answer.retry_after)


def test_a_long_wish_ends_the_run_and_is_handed_on(standin: Standin) -> None:
    standin.fault(faults.busy(429, retry_after="3600"), times=None)
    with Poller(standin) as poller, pytest.raises(SourceDown) as caught:
        poller.gateway.get("ctgov", f"{standin.ctgov_url}/version", {}, busy_is_down)
    assert caught.value.retry_after == 3600
    assert poller.slept == []
    assert len(standin.log) == 1


def test_what_will_not_pass_by_itself_is_not_asked_again(standin: Standin) -> None:
    def refuse(_: Answer) -> None:
        raise SourceChanged("any", "changed")

    with Poller(standin) as poller, pytest.raises(SourceChanged):
        poller.gateway.get("ctgov", f"{standin.ctgov_url}/version", {}, refuse)
    assert len(standin.log) == 1


def test_an_alias_is_followed_to_its_study_on_the_same_host(standin: Standin) -> None:
    with Poller(standin) as poller:
        answer = poller.gateway.get("ctgov", f"{standin.ctgov_url}/studies/NCT09990002", {}, lambda _: None)
    assert (answer.status, answer.url.rpartition("/")[2]) == (200, "NCT09990001")


@pytest.mark.parametrize(
    "place",
    [
        "http://127.0.0.1:1/secret",
        "http://localhost/version",
        "https://evil.example/x",
        "file:///etc/passwd",
        "//evil.example/x",
        "",
        "http://[",
        "//[x]/",
    ],
)
def test_a_redirect_off_the_host_is_refused(standin: Standin, place: str) -> None:
    standin.fault(faults.redirect(place), times=None)
    with Poller(standin) as poller, pytest.raises(SourceChanged, match="redirects"):
        poller.gateway.get("ctgov", f"{standin.ctgov_url}/version", {}, lambda _: None)


def test_the_asker_is_named_and_the_environment_s_proxies_are_not_used(
    standin: Standin, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    ask(standin)
    assert standin.log[0].headers["user-agent"] == "living-review/1.0 (mailto:review@example.org)"
    assert "cookie" not in standin.log[0].headers


def test_cookies_are_not_carried(standin: Standin) -> None:
    with Poller(standin) as poller:
        for _ in range(2):
            url, fields = f"{standin.pubmed_url}/efetch.fcgi", {"id": "100", "retmode": "xml"}
            poller.gateway.post("pubmed", url, fields, lambda _: None)
    assert "cookie" not in standin.log[1].headers


def test_a_failure_tells_neither_the_key_nor_the_address(standin: Standin) -> None:
    standin.fault(faults.reset(), times=None)
    fields = {"api_key": "SECRET", "email": "someone@example.org"}
    with Poller(standin) as poller, pytest.raises(SourceDown) as caught:
        poller.gateway.get("pubmed", f"{standin.pubmed_url}/esearch.fcgi", fields, lambda _: None)
    told = f"{caught.value!r} {caught.value.__context__!r} {caught.value.__cause__!r}"
    assert "SECRET" not in told
    assert "someone" not in told


def test_what_a_registry_repeats_of_us_is_neither_told_nor_kept(standin: Standin) -> None:
    echo = b"bad request: api_key=SECRET&email=someone%40example.org (someone@example.org)"
    standin.fault(faults.says(echo, 400), times=None)
    fields = {"api_key": "SECRET", "email": "someone@example.org"}
    bodies = []

    def judge(answer: Answer) -> None:
        bodies.append(answer.body)
        raise SourceChanged("pubmed", f"answered {answer.body.decode()}", payload=answer.sha256)

    with Poller(standin) as poller, pytest.raises(SourceChanged) as caught:
        poller.gateway.post("pubmed", f"{standin.pubmed_url}/esearch.fcgi", fields, judge)
    told = str(caught.value)
    assert "SECRET" not in told
    assert "someone" not in told
    assert caught.value.payload == digest(bodies[0])
    assert b"SECRET" not in bodies[0]


def test_an_address_that_names_the_asker_is_not_remembered(standin: Standin) -> None:
    standin.fault(faults.redirect("/api/v2/version?api_key=SECRET&x=1", 301))
    with Poller(standin) as poller:
        answer = poller.gateway.get("ctgov", f"{standin.ctgov_url}/version", {}, lambda _: None)
    assert answer.url.rpartition("/")[2] == "version?x=1"


def test_an_unreachable_host_is_down_in_plain_words() -> None:
    with (
        Gateway("a@b.example", "1", {"127.0.0.1:1": 0.0}, attempts=2, sleep=lambda _: None) as gateway,
        pytest.raises(SourceDown, match="cannot be reached"),
    ):
        gateway.get("pubmed", "http://127.0.0.1:1/x", {}, lambda _: None)


def test_a_server_that_cannot_prove_who_it_is_gets_no_question(standin: Standin) -> None:
    url = standin.ctgov_url.replace("http://", "https://")
    with Poller(standin, attempts=1) as poller, pytest.raises(SourceDown):
        poller.gateway.get("ctgov", f"{url}/version", {}, lambda _: None)
    assert not standin.log


def test_at_the_production_pace_no_registry_is_hurried(held: RecordSet) -> None:
    with Standin(held, TODAY) as strict, Poller(strict, real_pace=True) as poller:
        for _ in range(6):
            poller.gateway.get(
                "pubmed", f"{strict.pubmed_url}/esearch.fcgi", {"term": "all[sb]"}, lambda _: None
            )
        for _ in range(2):
            poller.gateway.get("ctgov", f"{strict.ctgov_url}/version", {}, lambda _: None)
        assert strict.violations == []
        assert len(strict.log) == 8


def test_a_registry_that_says_its_second_is_used_up_is_left_alone_for_one(held: RecordSet) -> None:
    with Standin(held, TODAY) as strict, Poller(strict, real_pace=True) as ours:
        url = f"{strict.pubmed_url}/esearch.fcgi"
        for _ in range(2):  # somebody else at the same address
            requests.get(url, {"term": "all[sb]"}, timeout=5)
        for _ in range(2):
            ours.gateway.get("pubmed", url, {"term": "all[sb]"}, lambda _: None)
        third, fourth = (question.at for question in strict.log[2:])
        assert fourth - third >= 1.0
        assert strict.violations == []


def test_two_gateways_share_one_pace(held: RecordSet) -> None:
    with (
        Standin(held, TODAY) as strict,
        Poller(strict, real_pace=True) as one,
        Poller(strict, real_pace=True) as other,
    ):
        for poller in (one, other, one, other, one):
            poller.gateway.get(
                "pubmed", f"{strict.pubmed_url}/esearch.fcgi", {"term": "all[sb]"}, lambda _: None
            )
        assert strict.violations == []


def test_a_caller_in_a_hurry_is_caught_by_the_stand_in(held: RecordSet) -> None:
    with Standin(held, TODAY) as strict, Poller(strict, attempts=1) as poller:
        statuses = [
            poller.gateway.get("pubmed", f"{strict.pubmed_url}/esearch.fcgi", {}, lambda _: None).status
            for _ in range(4)
        ]
        assert statuses == [200, 200, 200, 429]
        assert strict.violations == ["NCBI: 4 requests in one second, 3 allowed"]
