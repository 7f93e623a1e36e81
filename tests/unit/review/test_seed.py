"""The seed: what is known at the start becomes facts, each with its source and with nothing added."""

from pathlib import Path

import pytest

from living.errors import UserError
from living.model.facts import Characteristics, Extraction, Link, ScreeningVote
from living.model.numbers import EventRates, NoNumbers, NotReported, Numbers
from living.model.record import Record
from living.review.protocol import parse
from living.review.quotes import entered, missing_numbers
from living.review.seed import Seed, known_by, read_seed

ROOT = Path(__file__).resolve().parents[3]
FOLDERS = {"ldn": ROOT / "db/topics/ldn-chronic-pain", "toy": ROOT / "tests/payloads/topics/toy"}
PROTOCOLS = {
    name: parse((folder / "protocol.toml").read_text(encoding="utf-8"), "protocol.toml")
    for name, folder in FOLDERS.items()
}
TEXTS = {name: (folder / "evidence.toml").read_text(encoding="utf-8") for name, folder in FOLDERS.items()}
SEEDS = {name: read_seed(TEXTS[name], "evidence.toml", PROTOCOLS[name]) for name in FOLDERS}
LDN = SEEDS["ldn"]
EXTRACTIONS = [seed.fact for name in FOLDERS for seed in SEEDS[name] if isinstance(seed.fact, Extraction)]


def cells(study: str, seeds: tuple[Seed, ...] = LDN) -> dict[tuple[str, str, str], Extraction]:
    return {
        (seed.fact.cell.outcome, seed.fact.cell.control, seed.fact.cell.estimand): seed.fact
        for seed in seeds
        if isinstance(seed.fact, Extraction) and seed.fact.cell.study == study
    }


def values(numbers: Numbers) -> list[float]:
    return [value for _, value in entered(numbers)]


def fault_of(old: str, new: str) -> str:
    assert old in TEXTS["toy"]
    with pytest.raises(UserError) as caught:
        read_seed(TEXTS["toy"].replace(old, new, 1), "toy/evidence.toml", PROTOCOLS["toy"])
    assert "\n" not in str(caught.value)
    return str(caught.value)


# --- every seed -----------------------------------------------------------------------------------


@pytest.mark.parametrize("extraction", EXTRACTIONS, ids=lambda item: f"{item.cell.study}-{item.cell.outcome}")
def test_every_number_of_the_seed_stands_in_the_text_that_is_cited_for_it(extraction: Extraction) -> None:
    cited = [quote.model_copy(update={"kind": "verbatim"}) for quote in extraction.quotes]
    assert missing_numbers(extraction.numbers, cited) == ()


@pytest.mark.parametrize("extraction", EXTRACTIONS, ids=lambda item: f"{item.cell.study}-{item.cell.outcome}")
def test_every_import_has_a_grade_and_every_transcript_its_source(extraction: Extraction) -> None:
    assert extraction.imported in ("A", "B", "C")
    for quote in extraction.quotes:
        if quote.kind == "transcribed":
            assert quote.text.startswith("transcribed by ")


@pytest.mark.parametrize("name", FOLDERS)
def test_records_come_before_what_refers_to_them(name: str) -> None:
    seen: set[str] = set()
    for _, by, fact in SEEDS[name]:
        assert by == "import"
        match fact:
            case Record():
                seen.add(fact.key)
                assert fact.seeded
                assert fact.content_hash
            case Link():
                assert {fact.a, fact.b} <= seen
                assert fact.method == "seed"
            case ScreeningVote():
                assert fact.record in seen
            case Characteristics():
                assert fact.study in seen
            case Extraction():
                assert {fact.cell.study, *(quote.report for quote in fact.quotes)} <= seen


def test_the_facts_are_plain_facts_that_the_ledger_can_hold() -> None:
    assert {type(seed.fact) for seed in LDN} == {Record, Link, ScreeningVote, Characteristics, Extraction}


def test_reading_twice_gives_the_same_facts() -> None:
    assert read_seed(TEXTS["ldn"], "evidence.toml", PROTOCOLS["ldn"]) == LDN


# --- time -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "known"), [("2019-12-31", 2), ("2020-01-01", 9), ("2021-05-31", 9), ("2021-06-01", 13)]
)
def test_evidence_is_known_from_the_month_it_was_to_be_had(day: str, known: int) -> None:
    assert len(known_by(SEEDS["toy"], day)) == known


def test_in_mid_2025_innova_is_a_registration_and_in_mid_2026_a_result() -> None:
    study = "ctgov:NCT04739995"
    before, after = known_by(LDN, "2025-06-20"), known_by(LDN, "2026-06-30")
    keys = {seed.fact.key for seed in before if isinstance(seed.fact, Record)}
    assert study in keys
    assert "pubmed:42385209" not in keys
    assert not cells(study, before)
    assert len(cells(study, after)) == 5


# --- what the LDN seed lets in --------------------------------------------------------------------


def test_exactly_the_numbers_that_may_enter_have_entered() -> None:
    usable = {
        (item.cell.study, item.cell.outcome, item.cell.control, item.cell.estimand): values(item.numbers)
        for item in (seed.fact for seed in LDN)
        if isinstance(item, Extraction) and not isinstance(item.numbers, NoNumbers)
    }
    assert usable == {
        ("pubmed:38258677", "pain", "placebo", "adjusted"): [-0.34, -0.95, 0.27, 49, 50],
        ("pubmed:38258677", "relief-30", "placebo", "count"): [20, 49, 13, 50],
        ("pubmed:38258677", "any-ae", "placebo", "count"): [41, 49, 43, 50],
        ("pubmed:38408060", "pain", "placebo", "change"): [0.88, -0.7, 2.46, 15, 15],
        ("ctgov:NCT04739995", "pain", "placebo", "adjusted"): [0.49, -0.32, 1.31, 47, 49],
        ("ctgov:NCT04739995", "pain", "placebo", "change"): [47, -0.33, 49, -0.64],
        ("ctgov:NCT04739995", "relief-30", "placebo", "count"): [5, 47, 9, 49],
        ("ctgov:NCT04739995", "any-ae", "placebo", "count"): [33, 48, 36, 50],
        ("pubmed:23359310", "pain", "placebo", "percent_change"): [28, -10.8, 0.016, 23.98, 27.85],
        ("hand:srinivasan-2021", "ae-events", "amitriptyline", "count"): [8, 52],
    }


@pytest.mark.parametrize(
    "study",
    ["pubmed:38226027", "hand:paula-2023", "hand:srinivasan-2021", "pubmed:37045708", "pubmed:23359310"],
)
def test_a_trial_whose_pain_cannot_be_used_says_why(study: str) -> None:
    reasons = [
        item.numbers.reason
        for key, item in cells(study).items()
        if key[0] == "pain" and isinstance(item.numbers, NoNumbers)
    ]
    assert len(reasons) == 1
    assert len(reasons[0]) > 40


def test_no_treatment_related_serious_event_is_not_read_as_no_serious_event() -> None:
    for study in ("pubmed:38258677", "ctgov:NCT04739995"):
        assert isinstance(cells(study)["sae", "placebo", "count"].numbers, NoNumbers)


def test_events_without_person_time_stay_events() -> None:
    numbers = cells("hand:srinivasan-2021")["ae-events", "amitriptyline", "count"].numbers
    assert isinstance(numbers, EventRates)
    assert numbers.experimental.person_weeks is None


def test_the_change_values_of_innova_carry_no_invented_spread() -> None:
    numbers = cells("ctgov:NCT04739995")["pain", "placebo", "change"].numbers
    assert numbers.experimental.spread == numbers.control.spread == NotReported()  # type: ignore[union-attr]


def test_the_sensitivity_by_change_names_a_study_of_the_seed() -> None:
    named = [
        item.alternative.study
        for analysis in PROTOCOLS["ldn"].analyses
        for item in analysis.sensitivity
        if item.alternative
    ]
    assert named == ["ctgov:NCT04739995"]


@pytest.mark.parametrize(
    ("record", "criterion"),
    [
        ("pubmed:20695007", "E2"),
        ("hand:sharafaddinzadeh-2010", "E2"),
        ("hand:brewer-2018", "E2"),
        ("pubmed:19453963", "X1"),
        ("ctgov:NCT06723561", "X2"),
        ("ctgov:NCT05537935", "X3"),
    ],
)
def test_an_excluded_study_names_its_criterion(record: str, criterion: str) -> None:
    votes = [seed.fact for seed in LDN if isinstance(seed.fact, ScreeningVote) and seed.fact.record == record]
    assert [(vote.vote, vote.criterion) for vote in votes] == [("exclude", criterion)]


def test_the_reports_of_final_are_one_study() -> None:
    joined = {seed.fact.b for seed in LDN if isinstance(seed.fact, Link) and seed.fact.a == "pubmed:38258677"}
    assert joined == {"ctgov:NCT04270877", "pubmed:40214857", "pubmed:42586891"}


def test_no_title_is_passed_off_as_the_real_one() -> None:
    titles = [seed.fact.title for seed in LDN if isinstance(seed.fact, Record)]
    assert all(title.startswith("[") and title.endswith("]") for title in titles)


# --- bad seeds ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('topic = "toy"', 'topic = "joy"', "topic: 'joy' is not the protocol's topic 'toy'"),
        (
            'id = "90000002"',
            'id = "90000001"',
            "studies: the record 'pubmed:90000001' stands 2 times",
        ),
        ('id = "beta"', 'id = "alpha"', "studies: the study 'alpha' stands 2 times"),
        (
            'same_study_because = "The article names this registration"',
            "",
            "studies[alpha].records[NCT99000001].same_study_because is missing",
        ),
        (
            'criterion = "X1"',
            'criterion = "X9"',
            "studies[delta].votes: no criterion 'X9'; known: E1, X1, X2",
        ),
        (
            'vote = "include"\nimported = "A"',
            'vote = "include"',
            "studies[alpha].votes: the grade `imported` is missing",
        ),
        ('vote = "include"', 'vot = "include"', "unknown key 'vot'; did you mean 'vote'?"),
        ("sd = 2.0", "sd = 0.0", "experimental.spread.sd must be above 0, not 0.0"),
        ("sd = 2.0", "sdd = 2.0", "experimental.spread.sdd: unknown key 'sdd'; did you mean 'sd'?"),
        (
            "events = 10, total = 50",
            "events = 60, total = 50",
            "60 participants with the event of 50 cannot be",
        ),
        (
            '[[studies.extractions.quotes]]\nlocator = "invented table 1"',
            '[[studies.extractions.quotes]]\nreport = "pubmed:9"\nlocator = "invented table 1"',
            "studies[alpha]: pubmed:9 is none of its records",
        ),
        (
            "mean ache 4.0",
            "mean ache 4.1",
            "pubmed:90000001, ache at 12 weeks: no quote contains experimental mean 4",
        ),
        (
            'outcome = "ache", experimental',
            'outcome = "itch", experimental',
            "pubmed:90000001, itch at 12 weeks: no outcome 'itch'",
        ),
    ],
)
def test_a_fault_of_the_seed_is_one_line_that_finds_it(old: str, new: str, message: str) -> None:
    assert message in fault_of(old, new)
