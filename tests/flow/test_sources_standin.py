"""The stand-in of PubMed answers by query, window and clock, and is as unhelpful as the real one."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml
from lxml import etree

from tests.standin import Standin, from_pubmed_xml
from tests.standin.poller import IN_NO_HURRY, LDN
from tests.standin.pubmed_query import Index, Reader, Reading
from tests.standin.synthetic import article_set, article_xml

FRIDAY = datetime(2026, 2, 6, 20, tzinfo=UTC)
ARTICLES = from_pubmed_xml(
    article_set(
        article_xml(
            11, "Naltrexone at a low dose", entered="2026-01-05", headings=["Naltrexone"], keywords=["LDN"]
        ),
        article_xml(
            12, "Buprenorphine", abstract="naltrexone or else", entered="2026-01-06", indexed="2019-01-01"
        ),
        article_xml(13, "A trial", entered="2026-02-01", types=["Randomized Controlled Trial"]),
        article_xml(14, "A trial", version=2, entered="2026-02-01"),
        article_xml(14, "A trial", version=1, entered="2026-02-01"),
    )
)


@pytest.fixture
def standin() -> Iterator[Standin]:
    with Standin(ARTICLES, FRIDAY, ncbi_per_second=IN_NO_HURRY) as running:
        yield running
        assert not running.crashes


def read(query: str) -> Reading:
    shown = frozenset(ARTICLES.articles_at(FRIDAY))
    return Reader(Index(ARTICLES), frozenset(), shown).read(query)


def found(query: str) -> list[str]:
    return sorted({ARTICLES.articles[place].pmid for place in read(query).found})


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("naltrexone[mh]", ["11"]),
        ("naltrexone[tiab]", ["11", "12"]),
        ("naltrexone[ti]", ["11"]),
        ("LDN[ot]", ["11"]),
        ('"low dose"[tiab]', ["11"]),
        ('"dose low"[tiab]', []),
        ('"naltrexone low"[tiab:~3]', ["11"]),
        ('"dose naltrexone"[tiab:~1]', []),
        ("naltrex*[tiab]", ["11", "12"]),
        ("naltrexone[tiab] NOT naltrexone[mh]", ["12"]),
        ("buprenorphine[ti] OR trial[ti] AND naltrexone[tiab]", ["12"]),  # from left to right
        ("buprenorphine[ti] OR (trial[ti] AND naltrexone[tiab])", ["12"]),
        ("randomized controlled trial[pt]", ["13"]),
        ('("2026/02/01"[crdt] : "2026/02/28"[crdt])', ["13", "14"]),
        ("2026/01:2026/01[crdt]", ["11", "12"]),
        ("2019[edat]", ["12"]),
        ("12[uid] OR 13[uid]", ["12", "13"]),
        ("low dose naltrexone", ["11"]),
        (LDN, ["11"]),
        ("all[sb]", ["11", "12", "13", "14"]),
    ],
)
def test_pubmed_s_syntax_is_evaluated(query: str, ids: list[str]) -> None:
    assert found(query) == ids


def test_what_pubmed_does_not_know_is_dropped_reported_and_the_rest_answered() -> None:
    reading = read("naltrexone[tiab] AND abcxyz")
    assert (len(reading.found), reading.phrases, reading.translation) == (
        2,
        ["abcxyz"],
        '"naltrexone"[Title/Abstract]',
    )
    assert read("naltrexone[NoSuchField]").fields == ["NoSuchField"]


def test_what_is_visible_depends_on_the_clock_alone(standin: Standin) -> None:
    counts = []
    for day in (date(2026, 1, 4), date(2026, 1, 5), date(2026, 2, 1), date(2026, 1, 5)):
        standin.now = day
        counts.append(count(standin, "all[sb]"))
    assert counts == [0, 1, 4, 1]


def test_a_later_version_replaces_the_earlier_when_its_day_comes(standin: Standin) -> None:
    held = ARTICLES + from_pubmed_xml(
        article_set(article_xml(11, "Naltrexone, corrected")), appears=datetime(2026, 2, 5, tzinfo=UTC)
    )
    with Standin(held, date(2026, 2, 4), ncbi_per_second=IN_NO_HURRY) as moving:
        assert b"at a low dose" in fetch(moving, "11")
        moving.now = date(2026, 2, 5)
        assert b"corrected" in fetch(moving, "11")
        assert count(moving, "2026/02/05[mdat]") == 1
        assert count(moving, '"low dose"[tiab]') == 0


def test_a_withdrawn_record_is_absent_without_a_word() -> None:
    held = ARTICLES.withdrawn(["11"], at=datetime(2026, 2, 5, tzinfo=UTC))
    with Standin(held, FRIDAY, ncbi_per_second=IN_NO_HURRY) as gone:
        assert b"<PubmedArticle>" not in fetch(gone, "11")


def test_fetching_reorders_reads_letters_away_and_serves_every_version(standin: Standin) -> None:
    pmids = [item.text for item in etree.fromstring(fetch(standin, "11,ABC12,14,99")).iter("PMID")]
    assert pmids == ["14", "14", "12", "11"]


def test_a_listing_is_cut_at_the_ceiling_and_says_so_only_in_a_warning(standin: Standin) -> None:
    answer = search(standin, "all[sb]", retmax="20000")
    assert (
        answer.findtext("WarningList/OutputMessage")
        == "Restrictions achieved. start and count adjusted to 0, 9999"
    )
    assert "cannot be larger" in (search(standin, "all[sb]", retstart="9999").findtext("ERROR") or "")


def test_a_summary_of_nothing_is_an_answer_with_an_error_inside(standin: Standin) -> None:
    result = requests.get(
        f"{standin.pubmed_url}/esummary.fcgi", {"id": "999", "retmode": "json"}, timeout=5
    ).json()["result"]
    assert result == {"uids": ["999"], "999": {"uid": "999", "error": "cannot get document summary"}}


def test_in_json_the_counts_of_a_search_are_texts(standin: Standin) -> None:
    answer = requests.get(
        f"{standin.pubmed_url}/esearch.fcgi", {"term": "all[sb]", "retmode": "json"}, timeout=5
    ).json()["esearchresult"]
    assert (answer["count"], len(answer["idlist"])) == ("4", 4)


def test_in_json_what_was_dropped_and_lowered_is_told_as_in_xml(standin: Standin) -> None:
    def said(**params: str) -> Any:
        fields = {"retmode": "json", **params}
        return requests.get(f"{standin.pubmed_url}/esearch.fcgi", fields, timeout=5).json()["esearchresult"]

    dropped = said(term="naltrexone AND abcxyz AND the", retmax="20000")
    assert dropped["errorlist"]["phrasesnotfound"] == ["abcxyz"]
    assert dropped["warninglist"]["phrasesignored"] == ["the"]
    assert dropped["warninglist"]["outputmessages"] == [
        "Restrictions achieved. start and count adjusted to 0, 9999"
    ]
    assert "cannot be larger than 9998" in said(term="all[sb]", retstart="9999")["ERROR"]


def test_a_word_too_common_to_be_indexed_is_ignored_with_a_warning(standin: Standin) -> None:
    answer = search(standin, "naltrexone AND the")
    assert answer.findtext("WarningList/PhraseIgnored") == "the"
    assert answer.findtext("Count") == "2"


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({"mindate": "2026/02/01", "maxdate": "2026/02/28", "datetype": "crdt"}, "2"),
        ({"mindate": "2019/01/01", "maxdate": "2019/12/31"}, "1"),  # the default is edat
        ({"mindate": "2026/02/01", "datetype": "crdt"}, "4"),  # one alone is no window
        ({"reldate": "10", "datetype": "crdt"}, "2"),
    ],
)
def test_a_window_can_be_asked_for_by_parameters_too(
    standin: Standin, params: dict[str, str], expected: str
) -> None:
    assert search(standin, "all[sb]", **params).findtext("Count") == expected


def test_a_record_can_be_listed_before_it_is_served() -> None:
    held = ARTICLES.served_late(["11"], at=datetime(2026, 2, 5, tzinfo=UTC))
    with Standin(held, date(2026, 2, 4), ncbi_per_second=IN_NO_HURRY) as moving:
        assert count(moving, "11[uid]") == 1
        assert b"<PubmedArticle>" not in fetch(moving, "11")
        moving.now = date(2026, 2, 5)
        assert fetch(moving, "11").count(b"<PubmedArticle>") == 1


def test_a_withdrawn_record_can_come_back(standin: Standin) -> None:
    again = from_pubmed_xml(article_set(article_xml(11, "Naltrexone")), datetime(2026, 2, 6, tzinfo=UTC))
    held = ARTICLES.withdrawn(["11"], at=datetime(2026, 2, 5, tzinfo=UTC)) + again
    with Standin(held, date(2026, 2, 4), ncbi_per_second=IN_NO_HURRY) as moving:
        seen = []
        for day in (4, 5, 6):
            moving.now = date(2026, 2, day)
            seen.append(count(moving, "11[uid]"))
        assert seen == [1, 0, 1]


def test_words_can_be_understood_as_others_and_only_the_translation_tells(standin: Standin) -> None:
    standin.understood_as["naltrexone"] = "opioid antagonists"
    answer = search(standin, "naltrexone[mh]")
    assert answer.findtext("QueryTranslation") == '"opioid antagonists"[MeSH Terms]'
    assert answer.findtext("Count") == "0"
    assert answer.find("ErrorList") is None


def test_without_retmode_xml_the_answer_is_text(recorded: Path, standin: Standin) -> None:
    answer = requests.get(f"{standin.pubmed_url}/efetch.fcgi", {"id": "32816848"}, timeout=5)
    assert answer.headers["content-type"] == "text/plain; charset=UTF-8"
    assert answer.text.strip() == (recorded / "errors/efetch_unknown_pmid_text_mode.txt").read_text().strip()


def test_a_summary_is_as_odd_as_recorded(recorded: Path, standin: Standin) -> None:
    def summary(**params: str) -> requests.Response:
        return requests.get(f"{standin.pubmed_url}/esummary.fcgi", params, timeout=5)

    for name, given in (("missing", "999999999"), ("invalid", "ABC123")):
        stored = json.loads((recorded / f"errors/esummary_{name}_uid.json").read_text())
        assert summary(id=given, retmode="json").json() == stored
    assert summary().text.split() == (recorded / "pubmed/eutils/esummary8.xml").read_text().split()
    held = etree.fromstring(summary(id="11").content)
    assert held.findtext("DocSum/Item[@Name='Title']") == "naltrexone at a low dose"


def test_pubmed_answers_by_get_and_post_packed_in_chunks_under_the_recorded_headers(
    recorded: Path, standin: Standin
) -> None:
    cassette = yaml.safe_load((recorded / "pubmed/http/test_efetch.yaml").read_text())
    names = {name.lower() for name in cassette["interactions"][0]["response"]["headers"]}
    url, fields = f"{standin.pubmed_url}/efetch.fcgi", {"id": "11,12,13,14", "retmode": "xml"}
    posted, got = requests.post(url, fields, timeout=5), requests.get(url, fields, timeout=5)
    assert posted.content == got.content
    assert names == {name.lower() for name in posted.headers}
    assert posted.headers["Transfer-Encoding"] == "chunked"
    assert posted.headers["Content-Encoding"] == "gzip"


def test_who_asks_too_fast_is_told_so_with_the_key_inside() -> None:
    with Standin(ARTICLES, FRIDAY) as strict:
        url = f"{strict.pubmed_url}/esearch.fcgi"
        answers = [requests.get(url, {"term": "11[uid]", "api_key": "KEY"}, timeout=5) for _ in range(11)]
        assert [answer.status_code for answer in answers] == [200] * 10 + [429]
        assert answers[-1].json() == {
            "error": "API rate limit exceeded",
            "api-key": "KEY",
            "count": "11",
            "limit": "10",
        }
        assert answers[-1].headers["X-RateLimit-Remaining"] == "0"
        assert len(strict.violations) == 1


def test_the_empty_answers_are_those_that_were_recorded(recorded: Path, standin: Standin) -> None:
    for name, given in (("id_param_empty_200", ""), ("id_list_empty_400", "00000000")):
        body = requests.post(f"{standin.pubmed_url}/efetch.fcgi", {"id": given}, timeout=5).text
        assert body.split() == (recorded / f"errors/efetch_{name}.xml").read_text().split()


# --- asking ---------------------------------------------------------------------------------------------


def search(standin: Standin, term: str, **params: str) -> Any:
    answer = requests.post(f"{standin.pubmed_url}/esearch.fcgi", {"term": term, **params}, timeout=5)
    return etree.fromstring(answer.content)


def count(standin: Standin, term: str) -> int:
    return int(search(standin, term).findtext("Count"))


def fetch(standin: Standin, given: str) -> bytes:
    fields = {"id": given, "retmode": "xml"}
    return requests.post(f"{standin.pubmed_url}/efetch.fcgi", fields, timeout=5).content
