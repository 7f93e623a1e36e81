"""The stand-in of ClinicalTrials.gov answers by query, page and clock, and is no more helpful than live."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import requests

from tests.standin import Standin, faults, from_ctgov
from tests.standin.poller import IN_NO_HURRY
from tests.standin.synthetic import study_json

FRIDAY = datetime(2026, 2, 6, 20, tzinfo=UTC)
STUDIES = from_ctgov(
    [
        study_json("NCT09990001", "Naltrexone in pain", updated="2026-01-05"),
        study_json("NCT09990002", updated="2026-02-04", interventions=["Gabapentin"], status="COMPLETED"),
        study_json("NCT09990003", updated="2026-02-07", aliases=["NCT09990009"]),
    ]
)


@pytest.fixture
def standin() -> Iterator[Standin]:
    with Standin(STUDIES, FRIDAY, ctgov_per_second=IN_NO_HURRY) as running:
        yield running
        assert not running.crashes


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


def test_a_study_that_was_registered_twice_is_one_study_from_the_day_it_is_merged() -> None:
    merged = study_json("NCT09990001", "Naltrexone in pain", updated="2026-02-06", aliases=["NCT09990002"])
    with Standin(STUDIES + from_ctgov([merged]), date(2026, 2, 5), ctgov_per_second=IN_NO_HURRY) as moving:
        assert ids(ctgov(moving, filter__ids="NCT09990002")) == ["NCT09990002"]
        assert len(ids(ctgov(moving))) == 2
        moving.now = FRIDAY
        assert ids(ctgov(moving, filter__ids="NCT09990002")) == ["NCT09990001"]
        assert ids(ctgov(moving)) == ["NCT09990001"]
        assert ctgov(moving, "studies/NCT09990002").status_code == 301


@pytest.mark.parametrize("given", ["NCT09990001", "nct09990001", "NCT9990001", "NcT0009990001"])
def test_an_id_may_be_spelled_as_the_api_s_description_allows(standin: Standin, given: str) -> None:
    assert ids(ctgov(standin, filter__ids=given)) == ["NCT09990001"]
    assert ctgov(standin, f"studies/{given}").status_code == 200


def test_a_query_of_nothing_but_ids_ignores_the_filters(standin: Standin) -> None:
    both = "NCT09990001, NCT09990002"
    completed = {"filter__overallStatus": "COMPLETED", "filter__ids": "NCT09990002"}
    assert sorted(ids(ctgov(standin, query__term=both, **completed))) == ["NCT09990001", "NCT09990002"]
    assert ids(ctgov(standin, query__term=f"{both} pain", **completed)) == []
    assert ids(ctgov(standin, query__term="pain", **completed)) == ["NCT09990002"]


def test_an_id_that_is_none_finds_studies_by_their_other_ids() -> None:
    held = from_ctgov([study_json("NCT09990001", secondary=[("OTHER", "ABC123")])])
    with Standin(held, FRIDAY, ctgov_per_second=IN_NO_HURRY) as other:
        assert ids(ctgov(other, query__id="ABC123")) == ["NCT09990001"]


def test_a_page_is_lowered_to_a_thousand_without_a_word_and_zero_means_ten() -> None:
    held = from_ctgov([study_json(f"NCT0999{n:04d}") for n in range(1, 1002)])
    with Standin(held, FRIDAY, ctgov_per_second=IN_NO_HURRY) as many:
        assert len(ids(ctgov(many, pageSize="5000", fields="NCTId"))) == 1000
        assert len(ids(ctgov(many, pageSize="0"))) == len(ids(ctgov(many))) == 10
        assert ctgov(many, pageSize="many").status_code == 400


def test_studies_are_sorted_by_two_fields_at_most_and_those_without_come_last() -> None:
    held = from_ctgov(
        [
            study_json("NCT09990001", enrolment=9, updated="2026-01-05"),
            study_json("NCT09990002", enrolment=20, updated="2026-01-05", results_posted="2026-01-04"),
            study_json("NCT09990003", enrolment=100, updated="2026-01-06"),
        ]
    )
    with Standin(held, FRIDAY, ctgov_per_second=IN_NO_HURRY) as sorting:
        last = [ids(ctgov(sorting, sort=text)) for text in ("EnrollmentCount", "EnrollmentCount:desc")]
        assert [[nct[-1] for nct in found] for found in last] == [["1", "2", "3"], ["3", "2", "1"]]
        assert ids(ctgov(sorting, sort="ResultsFirstPostDate"))[0] == "NCT09990002"
        two = ids(ctgov(sorting, sort="LastUpdatePostDate:asc,EnrollmentCount:desc"))
        assert [nct[-1] for nct in two] == ["2", "1", "3"]
        assert ctgov(sorting, sort="StartDate,EnrollmentCount,LastUpdatePostDate").status_code == 400


def test_an_aggregation_that_does_not_exist_finds_nothing_without_complaint(standin: Standin) -> None:
    assert len(ids(ctgov(standin, aggFilters="results:without"))) == 2
    answer = ctgov(standin, aggFilters="noSuchKey:x")
    assert (answer.status_code, ids(answer)) == (200, [])


def test_the_data_can_move_while_a_listing_is_read() -> None:
    held = STUDIES + from_ctgov([study_json("NCT09990010", updated="2026-02-07")])  # stands before the others
    with Standin(held, FRIDAY, ctgov_per_second=IN_NO_HURRY) as standin:
        standin.fault(faults.moved_on(datetime(2026, 2, 9, 15, tzinfo=UTC)), after=1)
        first = ctgov(standin, pageSize="1", countTotal="true")
        second = ctgov(standin, pageSize="1", pageToken=first.json()["nextPageToken"])
        assert (first.json()["totalCount"], ids(first), ids(second)) == (2, ["NCT09990001"], ["NCT09990001"])


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
    ("ctgov_400_bracket.txt", "studies", {"query.term": "pain [chronic]"}, 400),
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


def test_an_unknown_id_is_left_out_as_it_was_recorded(recorded: Path, standin: Standin) -> None:
    unknown = ctgov(standin, filter__ids="NCT99999999").json()
    assert unknown == json.loads((recorded / "errors/ctgov_200_filter_ids_unknown.json").read_text())
