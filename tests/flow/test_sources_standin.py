"""The stand-in answers by query, window, page and clock, and is as unhelpful as the real thing."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
import requests
from lxml import etree

from tests.standin import Standin, from_ctgov, from_pubmed_xml
from tests.standin.poller import IN_NO_HURRY, LDN
from tests.standin.pubmed_query import Index, Reader, Reading
from tests.standin.synthetic import article_set, article_xml, study_json

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
STUDIES = from_ctgov(
    [
        study_json("NCT09990001", "Naltrexone in pain", updated="2026-01-05"),
        study_json("NCT09990002", updated="2026-02-04", interventions=["Gabapentin"], status="COMPLETED"),
        study_json("NCT09990003", updated="2026-02-07", aliases=["NCT09990009"]),
    ]
)


@pytest.fixture
def standin() -> Iterator[Standin]:
    held = ARTICLES + STUDIES
    with Standin(held, FRIDAY, ncbi_per_second=IN_NO_HURRY, ctgov_per_second=IN_NO_HURRY) as running:
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
    result = requests.get(f"{standin.pubmed_url}/esummary.fcgi", {"id": "999"}, timeout=5).json()["result"]
    assert result == {"uids": ["999"], "999": {"uid": "999", "error": "cannot get document summary"}}


def test_in_json_the_counts_of_a_search_are_texts(standin: Standin) -> None:
    answer = requests.get(
        f"{standin.pubmed_url}/esearch.fcgi", {"term": "all[sb]", "retmode": "json"}, timeout=5
    ).json()["esearchresult"]
    assert (answer["count"], len(answer["idlist"])) == ("4", 4)


# --- the register ---------------------------------------------------------------------------------------


def ctgov(standin: Standin, path: str = "studies", **params: str) -> requests.Response:
    named = {name.replace("__", "."): value for name, value in params.items()}
    return requests.get(f"{standin.ctgov_url}/{path}", named, timeout=5, allow_redirects=False)


def ids(answer: requests.Response) -> list[str]:
    return [study["protocolSection"]["identificationModule"]["nctId"] for study in answer.json()["studies"]]


def test_the_data_move_on_working_days_only(standin: Standin) -> None:
    standin.now = date(2026, 2, 7)  # a Saturday
    assert ctgov(standin, "version").json()["dataTimestamp"] == "2026-02-06T14:00:00"
    assert "NCT09990003" not in ids(ctgov(standin))
    standin.now = date(2026, 2, 9)
    assert "NCT09990003" in ids(ctgov(standin))


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({"query__intr": "naltrexone"}, ["NCT09990001"]),
        ({"query__intr": "naltrexone OR gabapentin"}, ["NCT09990001", "NCT09990002"]),
        ({"query__cond": '"chronic pain" AND NOT gabapentin'}, ["NCT09990001", "NCT09990002"]),
        ({"query__term": "AREA[LastUpdatePostDate]RANGE[2026-02-01,MAX]"}, ["NCT09990002"]),
        ({"filter__advanced": "AREA[InterventionName]Gabapentin"}, ["NCT09990002"]),
        ({"filter__overallStatus": "COMPLETED"}, ["NCT09990002"]),
        ({"filter__ids": "NCT09990002,NCT09990077"}, ["NCT09990002"]),
        ({"query__intr": "ALL"}, ["NCT09990001", "NCT09990002"]),
    ],
)
def test_the_register_s_queries_are_evaluated(
    standin: Standin, params: dict[str, str], expected: list[str]
) -> None:
    assert sorted(ids(ctgov(standin, **params))) == expected


def test_the_total_is_told_once_and_a_full_last_page_names_an_empty_next_one(standin: Standin) -> None:
    first = ctgov(standin, pageSize="2", countTotal="true").json()
    assert (first["totalCount"], len(first["studies"])) == (2, 2)
    second = ctgov(standin, pageSize="2", countTotal="true", pageToken=first["nextPageToken"]).json()
    assert second == {"studies": []}


def test_a_token_used_with_another_query_returns_other_studies_without_complaint(standin: Standin) -> None:
    token = ctgov(standin, pageSize="1").json()["nextPageToken"]
    wrong = ctgov(standin, pageSize="1", pageToken=token, query__intr="gabapentin")
    assert (wrong.status_code, wrong.json()) == (200, {"studies": []})


def test_only_the_fields_asked_for_are_sent(standin: Standin) -> None:
    study = ctgov(standin, query__intr="gabapentin", fields="NCTId,OverallStatus,HasResults").json()[
        "studies"
    ][0]
    assert study == {
        "protocolSection": {
            "identificationModule": {"nctId": "NCT09990002"},
            "statusModule": {"overallStatus": "COMPLETED"},
        },
        "hasResults": False,
    }


def test_an_alias_is_redirected_to_its_study(standin: Standin) -> None:
    standin.now = date(2026, 2, 9)
    answer = ctgov(standin, "studies/NCT09990009")
    assert (answer.status_code, answer.headers["location"]) == (301, "/api/v2/studies/NCT09990003")
    assert ids(ctgov(standin, filter__ids="NCT09990009")) == ["NCT09990003"]


def test_an_unchanged_data_set_is_not_sent_twice(standin: Standin) -> None:
    url = f"{standin.ctgov_url}/studies"
    tag = requests.get(url, timeout=5).headers["etag"]
    assert requests.get(url, headers={"If-None-Match": tag}, timeout=5).status_code == 304
    standin.now = date(2026, 2, 9)
    assert requests.get(url, headers={"If-None-Match": tag}, timeout=5).status_code == 200


REFUSALS: list[tuple[str, str, dict[str, str], int]] = [
    ("ctgov_404_unknown_nct.txt", "studies/NCT99999999", {}, 404),
    ("ctgov_400_malformed_nct.txt", "studies/ABC123", {}, 400),
    ("ctgov_400_filter_ids.txt", "studies", {"filter.ids": "ABC123,NCT09990001"}, 400),
    ("ctgov_400_unknown_parameter.txt", "studies", {"bogusParam": "1"}, 400),
    ("ctgov_400_bad_status.txt", "studies", {"filter.overallStatus": "NOT_A_STATUS"}, 400),
    ("ctgov_400_unknown_area.txt", "studies", {"filter.advanced": "AREA[NotARealField]x"}, 400),
    ("ctgov_400_unbalanced_paren.txt", "studies", {"query.term": "(naltrexone"}, 400),
    ("ctgov_400_bad_field.txt", "studies", {"fields": "NCTId,StudyDesign"}, 400),
    ("ctgov_400_sort_text_field.txt", "studies", {"sort": "BriefTitle:asc"}, 400),
    ("ctgov_400_sort_format.txt", "studies", {"sort": "BriefTitle:sideways"}, 400),
]


@pytest.mark.parametrize(("name", "path", "params", "status"), REFUSALS, ids=[item[0] for item in REFUSALS])
def test_the_register_refuses_in_the_words_that_were_recorded(
    recorded: Path, standin: Standin, name: str, path: str, params: dict[str, str], status: int
) -> None:
    answer = requests.get(f"{standin.ctgov_url}/{path}", params, timeout=5)
    assert (answer.status_code, answer.text) == (
        status,
        (recorded / "errors" / name).read_text().rstrip("\n"),
    )


def test_the_empty_answers_are_those_that_were_recorded(recorded: Path, standin: Standin) -> None:
    unknown = ctgov(standin, filter__ids="NCT99999999").json()
    assert unknown == json.loads((recorded / "errors/ctgov_200_filter_ids_unknown.json").read_text())
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
