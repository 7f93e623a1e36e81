"""What a registration is, apart from what the register recomputes."""

import copy
import json
from typing import Any

import pytest

from living.errors import SourceChanged, SourceDown, SourceError
from living.model.record import Record
from living.sources.ctgov import parse
from living.sources.run import marker
from tests.standin.synthetic import study_json

NCT = "NCT09990001"


def read(study: dict[str, Any]) -> Record:
    return next(iter(parse(json.dumps(study).encode())))


def changed(path: str, value: object) -> Record:
    """Return the record of a study with one value at a dotted path set, or removed for None."""
    study = copy.deepcopy(STUDY)
    *way, last = path.split(".")
    place: Any = study
    for name in way:
        place = place[int(name)] if isinstance(place, list) else place.setdefault(name, {})
    if value is None:
        del place[last]
    else:
        place[last] = value
    return read(study)


STUDY = study_json(
    NCT,
    "Low-dose naltrexone in pain",
    aliases=["NCT09990009"],
    secondary=[
        ("EUDRACT_NUMBER", "2020-000001-01"),
        ("REGISTRY", "ISRCTN12345678"),
        ("NIH", "R01XX"),
        ("OTHER", "x"),
    ],
    results_posted="2026-01-10",
)
STATUS = "protocolSection.statusModule"


def test_a_registration_tells_its_trial() -> None:
    record = read(STUDY)
    about = record.registration
    assert about is not None
    assert (record.key, record.title, record.types) == (
        f"ctgov:{NCT}",
        "Low-dose naltrexone in pain",
        ("INTERVENTIONAL",),
    )
    assert (about.status, about.allocation, about.masking, about.phases, about.enrolment) == (
        "RECRUITING",
        "RANDOMIZED",
        "QUADRUPLE",
        ("PHASE2",),
        60,
    )
    assert [(arm.name, arm.type, arm.detail) for arm in about.arms] == [
        ("Active", "EXPERIMENTAL", "4.5 mg daily")
    ]
    assert [item.name for item in about.interventions] == ["Naltrexone"]
    assert [(item.name, item.detail) for item in about.primary_outcomes] == [("Pain", "12 weeks")]
    assert about.aliases == ("NCT09990009",)


def test_dates_keep_the_text_they_were_given_in() -> None:
    about = read(STUDY).registration
    assert about is not None
    assert (about.start, about.primary_completion, about.last_update_posted, about.results_first_posted) == (
        "2025-12",
        "2027-03",
        "2026-01-15",
        "2026-01-10",
    )


def test_other_registers_ids_are_identifiers_and_aliases_are_not() -> None:
    found = {(item.scheme, item.value) for item in read(STUDY).identifiers}
    assert found == {
        ("nct", NCT),
        ("eudract", "2020-000001-01"),
        ("isrctn", "ISRCTN12345678"),
        ("nih", "R01XX"),
        ("other", "x"),
    }


def test_names_and_addresses_of_people_stay_in_the_payload() -> None:
    assert "Synthetic Person" in json.dumps(STUDY)
    text = read(STUDY).model_dump_json()
    assert "Synthetic Person" not in text
    assert "person@example.org" not in text


def test_references_keep_their_type_and_need_a_pmid() -> None:
    references = [
        {"pmid": "2", "type": "BACKGROUND"},
        {"pmid": "1", "type": "RESULT"},
        {"type": "RESULT", "citation": "no pmid"},
        {"pmid": "3", "type": "NEW_IN_2027"},
    ]
    about = changed("protocolSection.referencesModule", {"references": references}).registration
    assert about is not None
    assert [(item.type, item.pmid) for item in about.references] == [("BACKGROUND", "2"), ("RESULT", "1")]


def test_results_handed_in_and_not_posted_are_pending() -> None:
    study = study_json(NCT)
    event = {"unpostedAnnotation": {"unpostedEvents": [{"type": "RELEASE", "date": "2026-01-01"}]}}
    study["annotationSection"] = {"annotationModule": event}
    before, after = read(study_json(NCT)).registration, read(study).registration
    assert before is not None
    assert after is not None
    assert (before.results_pending, after.results_pending) == (False, True)


def test_a_withheld_study_is_a_stub_that_still_has_a_name() -> None:
    stub = {
        "protocolSection": {
            "identificationModule": {"nctId": NCT},
            "statusModule": {"overallStatus": "WITHHELD"},
        },
        "hasResults": False,
    }
    record = read(stub)
    assert record.registration is not None
    assert (record.id, record.registration.status, record.title) == (NCT, "WITHHELD", "")


# --- what counts as content -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("derivedSection", {"miscInfoModule": {"versionHolder": "2099-01-01"}}),
        ("derivedSection", None),
        (f"{STATUS}.statusVerifiedDate", "2099-01"),
        (f"{STATUS}.lastUpdatePostDateStruct.type", "ACTUAL"),
        (f"{STATUS}.studyFirstPostDateStruct.type", "ESTIMATED"),
        (f"{STATUS}.resultsFirstPostDateStruct.type", "ESTIMATED"),
        ("protocolSection.descriptionModule.briefSummary", "  A synthetic\t summary. "),
    ],
)
def test_what_moves_without_news_is_no_content(path: str, value: object) -> None:
    assert changed(path, value).content_hash == read(STUDY).content_hash


@pytest.mark.parametrize(
    ("path", "value", "field"),
    [
        (f"{STATUS}.overallStatus", "COMPLETED", "status"),
        (f"{STATUS}.lastUpdatePostDateStruct.date", "2026-02-01", "last_update_posted"),
        (f"{STATUS}.startDateStruct.date", "2025-11", "start"),
        (f"{STATUS}.startDateStruct.type", "ESTIMATED", "rest"),
        (f"{STATUS}.studyFirstSubmitDate", "2025-01-01", "rest"),
        ("protocolSection.designModule.enrollmentInfo.count", 61, "enrolment"),
        ("protocolSection.designModule.designInfo.interventionModel", "CROSSOVER", "rest"),
        ("protocolSection.armsInterventionsModule.armGroups.0.description", "3 mg daily", "arms"),
        ("protocolSection.outcomesModule.primaryOutcomes.0.timeFrame", "8 weeks", "primary_outcomes"),
        ("protocolSection.contactsLocationsModule.centralContacts.0.name", "Another", "contacts"),
        ("resultsSection.moreInfoModule", {"pointOfContact": {"title": "Another"}}, "contacts"),
        ("resultsSection.outcomeMeasuresModule.outcomeMeasures.0.title", "Other", "results"),
        ("documentSection", {"largeDocumentModule": {"largeDocs": []}}, "rest"),
        ("annotationSection", {"annotationModule": {"violationAnnotation": {}}}, "rest"),
        ("protocolSection.newModuleIn2027", {"a": 1}, "rest"),
    ],
)
def test_a_change_of_content_shows_where_it_happened(path: str, value: object, field: str) -> None:
    before, after = read(STUDY), changed(path, value)
    assert before.content_hash != after.content_hash
    assert before.registration is not None
    assert after.registration is not None
    moved = {
        name
        for name in type(before.registration).model_fields
        if getattr(before.registration, name) != getattr(after.registration, name)
    }
    assert field in moved
    assert moved <= {field, "rest"} - (
        {"rest"} if field in ("last_update_posted", "contacts", "results") else set()
    )


def test_lists_that_are_sets_have_no_order() -> None:
    a, b = {"pmid": "1", "type": "RESULT"}, {"pmid": "2", "type": "DERIVED"}
    one = changed("protocolSection.referencesModule", {"references": [a, b]})
    other = changed("protocolSection.referencesModule", {"references": [b, a]})
    assert one.content_hash == other.content_hash


def test_the_marker_is_what_a_listing_shows() -> None:
    assert marker(read(STUDY)) == "2026-01-15|RECRUITING|True"
    assert marker(read(study_json(NCT))) == "2026-01-15|RECRUITING|False"


# --- what is refused ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (b"", SourceDown),
        (b"<!DOCTYPE html><html></html>", SourceDown),
        (b'{"studies": [{"protocol', SourceDown),
        (b'{"studies": [NaN]}', SourceDown),
        (b"NCT number NCT99999999 not found", SourceChanged),
        (b'{"FullStudiesResponse": {}}', SourceChanged),
        (b'{"apiVersion":"2.0.5","dataTimestamp":"2026-08-28T09:00:06"}', SourceChanged),
        (b'{"studies": {}}', SourceChanged),
        (b'{"studies": [1]}', SourceChanged),
        (b'{"studies": [{"protocolSection": {}}]}', SourceChanged),
        (b'{"a":' * 200_000, SourceChanged),
    ],
)
def test_what_is_no_study_is_refused_by_its_kind(body: bytes, error: type[SourceError]) -> None:
    with pytest.raises(error) as caught:
        list(parse(body))
    assert type(caught.value) is error


def test_an_empty_page_is_an_answer() -> None:
    assert list(parse(b'{"studies":[  ]}')) == []
