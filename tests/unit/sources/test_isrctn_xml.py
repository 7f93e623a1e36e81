"""Reading ISRCTN's entries: what a trial is, its numbers elsewhere, and what moves without news."""

from typing import Any

import pytest

from living.errors import SourceChanged, SourceDown
from living.model.record import Item, Record, Reference
from living.review.record_changes import typed_changes
from living.sources.isrctn_xml import parse, total, unmapped
from tests.standin.synthetic_registers import trial_xml

SPACE = "http://www.67bricks.com/isrctn"


def listed(*entries: str) -> bytes:
    return f'<allTrials totalCount="{len(entries)}" xmlns="{SPACE}">{"".join(entries)}</allTrials>'.encode()


def one(**fields: Any) -> Record:
    [record] = parse(listed(trial_xml("90000001", **fields)), "sha")
    return record


def about(**fields: Any) -> Any:
    return one(**fields).registration


def test_an_entry_is_read_into_a_record() -> None:
    record = one(eudract="2025-123456-12")
    assert (record.key, record.version, record.payload) == ("isrctn:ISRCTN90000001", 1, "sha")
    assert record.title == "Low-dose naltrexone for a synthetic ache"
    assert [part.label for part in record.abstract] == [
        "Scientific title",
        "Study hypothesis",
        "Plain English summary",
        "Inclusion criteria",
        "Exclusion criteria",
    ]
    assert (record.container, record.published, record.types) == (
        "ISRCTN registry",
        "2025-11-03",
        ("Interventional",),
    )
    assert {(item.scheme, item.value) for item in record.identifiers} == {
        ("isrctn", "ISRCTN90000001"),
        ("eudract", "2025-123456-12"),
        ("doi", "10.1186/isrctn90000001"),
    }


def test_the_registration_holds_what_the_register_says_and_nothing_it_does_not() -> None:
    found = about()
    assert (found.status, found.allocation, found.masking) == ("", "RANDOMIZED", "Blinded (masking used)")
    assert (found.enrolment, found.phases, found.conditions) == (60, ("Phase II",), ("Chronic pain",))
    assert found.interventions == (Item(name="Naltrexone", type="Drug", detail="4.5 mg daily or placebo"),)
    assert found.arms == ()  # the register has none
    assert found.primary_outcomes == (Item(name="Pain", detail="12 weeks\n0-10 scale"),)
    assert found.secondary_outcomes == (Item(name="Sleep, by a diary"),)  # older entries hold one text
    assert (found.start, found.completion, found.primary_completion) == ("2026-02-01", "2027-06-30", "")
    assert (found.last_update_posted, found.has_results, found.results_first_posted) == (
        "2026-01-15",
        False,
        "",
    )


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("Randomized controlled trial", "RANDOMIZED"),
        ("Randomised", "RANDOMIZED"),
        ("Non-randomised study", "NON_RANDOMIZED"),
        ("Nonrandomized", "NON_RANDOMIZED"),
        ("N/A: single arm study", "N/A: single arm study"),
        ("", ""),
    ],
)
def test_allocation_is_told_in_one_language_where_it_is_plain(said: str, meant: str) -> None:
    assert about(allocation=said).allocation == meant


@pytest.mark.parametrize(
    ("said", "meant"),
    [("Stopped", "TERMINATED"), ("Suspended", "SUSPENDED"), ("On hold", "ON_HOLD"), ("", "")],
)
def test_a_status_is_what_somebody_set_and_never_what_follows_from_dates(said: str, meant: str) -> None:
    assert about(override=said).status == meant


def test_the_final_number_of_people_comes_before_the_planned_one() -> None:
    assert about(final="58").enrolment == 58
    assert about(target="about 60").enrolment is None


def test_numbers_of_other_registers_count_only_when_they_are_whole() -> None:
    record = one(
        nct="nct09000001",
        eudract="2026-526711-10-00",  # the number of another system in this field
        secondary=[("nct", "Nil known"), ("ctis", "NCT09000002 and others"), ("iras", "298897")],
    )
    assert {item.scheme: item.value for item in record.identifiers} == {
        "isrctn": "ISRCTN90000001",
        "nct": "NCT09000001",
        "ctis": "2026-526711-10-00",
        "doi": "10.1186/isrctn90000001",
    }


def test_results_and_the_papers_they_link_to_are_read() -> None:
    found = about(
        outputs=[
            ("resultsarticle", "https://pubmed.ncbi.nlm.nih.gov/123/", "2026-02-02"),
            ("protocolarticle", "https://www.ncbi.nlm.nih.gov/pubmed/456", "2026-01-05"),
            ("otherpublications", "https://pubmed.ncbi.nlm.nih.gov/789/", "2026-01-06"),
            ("basicresults", "https://example.org/results.pdf", "2026-02-01"),
        ]
    )
    assert (found.has_results, found.results_first_posted) == (True, "2026-02-01")
    assert found.references == (
        Reference(type="BACKGROUND", pmid="789"),
        Reference(type="DERIVED", pmid="456"),
        Reference(type="RESULT", pmid="123"),
    )


LATER = {"edited": "2026-03-01T08:00:00Z"}


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({}, ("DATES_ONLY",)),
        ({"contact": "another@example.org"}, ("DATES_ONLY",)),
        ({"end": "2028-01-31T00:00:00.000Z"}, ("DATES_ONLY",)),
        ({"outcome": "Sleep"}, ("PRIMARY_OUTCOME",)),
        ({"weeks": 24}, ("PRIMARY_OUTCOME",)),
        ({"drug": "Naltrexone 3 mg"}, ("TEXT", "ARMS_DOSE")),
        ({"target": "90"}, ("ENROLMENT",)),
        ({"override": "Stopped"}, ("STATUS",)),
        ({"outputs": [("basicresults", "https://example.org/", "2026-03-01")]}, ("RESULTS_POSTED",)),
        ({"allocation": "Non-randomised study"}, ("OTHER",)),
    ],
)
def test_each_change_of_an_entry_has_its_type(changes: dict[str, Any], told: tuple[str, ...]) -> None:
    assert typed_changes(one(), one(**LATER, **changes)) == told


def test_an_edit_that_changes_nothing_else_moves_its_day_alone() -> None:
    touched = one(edited="2026-01-15T23:59:59Z", version=9)
    assert one().content_hash == touched.content_hash


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        (b"", SourceDown),
        (b"<html><body>500</body></html>", SourceDown),
        (listed(trial_xml("90000001"))[:-200], SourceDown),
        (b"plain words", SourceChanged),
        (b'<allTrials totalCount="0"/>', SourceChanged),  # without the register's name space
        (listed("<fullTrial><trial/></fullTrial>"), SourceChanged),
        (listed(trial_xml("123")), SourceChanged),
        (b'<!DOCTYPE a [<!ENTITY x "y">]>' + listed(), SourceChanged),
    ],
)
def test_what_is_no_list_of_trials_is_refused(body: bytes, fault: type[Exception]) -> None:
    with pytest.raises(fault):
        list(parse(body))


@pytest.mark.parametrize("count", ["", "many", "-1"])
def test_a_list_that_does_not_count_itself_is_refused(count: str) -> None:
    with pytest.raises(SourceChanged, match="totalCount"):
        total(f'<allTrials totalCount="{count}" xmlns="{SPACE}"/>'.encode())


def test_what_is_not_known_is_counted() -> None:
    odd = trial_xml("90000001", outputs=[("poem", "", "2026-01-01")]).replace(
        "<conditions>", "<mood/><conditions>"
    )
    assert unmapped(listed(odd, trial_xml("90000002"))) == {"element mood": 1, "output poem": 1}
