"""The numbers of the LDN review as its protocol states them, from the topic's own files."""

from math import exp, lgamma, sqrt

import pytest

from living import stats
from living.model.snapshot import AnalysisOut, Snapshot
from living.review.answer import estimate_of
from living.review.compare import analyses
from living.review.snapshot import build_snapshot
from tests.unit.review.scenes import V1, V2, Entry, analysis, changed, difference, ldn, read

PRINTED = 0.005  # PROTOCOL.md prints two decimals
EFFECT = 0.0005  # EVIDENCE.md prints effects to four decimals from unrounded inputs
FINAL, TSUI, INNOVA, YOUNGER = "FINAL 2024", "Tsui 2024", "INNOVA 2026", "Younger 2013"


@pytest.fixture(scope="module")
def v1() -> Snapshot:
    return build_snapshot(ldn(V1))


@pytest.fixture(scope="module")
def v2() -> Snapshot:
    return build_snapshot(ldn(V2))


def rows(found: AnalysisOut) -> dict[str, tuple[float, float]]:
    return {row.label: (round(row.estimate, 4), round(row.se, 4)) for row in found.contrasts}


def pooled(found: AnalysisOut, labels: tuple[str, ...], tau2: str, interval: str) -> stats.PoolResult:
    """The engine's pool of some studies of an analysis, by the names it has there."""
    chosen = [row for row in found.contrasts if row.label in labels]
    assert len(chosen) == len(labels)
    result = stats.pool(
        [row.estimate for row in chosen], [row.se**2 for row in chosen], tau2=tau2, interval=interval
    )
    assert isinstance(result, stats.PoolResult)
    return result


# --- v1.0: evidence to mid-2025 -------------------------------------------------------------------


def test_v1_shows_two_trials_and_no_headline_average(v1: Snapshot) -> None:
    pain = analyses(v1)["pain"]
    assert rows(pain) == {FINAL: (-0.34, 0.3112), TSUI: (0.88, 0.8061)}
    assert (pain.pool.pooled, pain.pool.k) == (False, 2)
    assert pain.pool.reason == "two studies; the protocol asks for three before an average is given"
    assert estimate_of(pain) == "no average"
    assert [row.weight for row in pain.contrasts] == [None, None]


def test_v1_s_two_study_pool_stands_apart_from_the_headline(v1: Snapshot) -> None:
    found = analyses(v1)["pain"].two_study_pool
    assert found is not None
    assert found.estimate == pytest.approx(0.04, abs=PRINTED)
    assert found.n_experimental == 64


def test_v1_s_first_screen_reads(v1: Snapshot) -> None:
    assert v1.answer.headline == (
        "Two small trials of low-dose naltrexone for chronic pain, too few for an average"
    )
    assert v1.answer.lede == (
        "Two trials found −0.34 (FINAL 2024) and 0.88 (Tsui 2024). Two are too few for a dependable average, "
        "so none is given."
    )
    assert v1.answer.standing == (
        "Not checked by the review team; certainty not rated; 2 of 2 numbers rest on one source."
    )
    assert not v1.answer.headline_signed


def test_innova_is_an_ongoing_trial_until_its_article_appears(v1: Snapshot, v2: Snapshot) -> None:
    key = "ctgov:NCT04739995"
    assert {study.key: study.status for study in v1.studies}[key] == "ongoing"
    assert {study.key: study.status for study in v2.studies}[key] == "included"


# --- v2.0: INNOVA enters --------------------------------------------------------------------------


def test_v2_pools_three_trials_by_reml_with_the_guarded_interval(v2: Snapshot) -> None:
    pain = analyses(v2)["pain"]
    assert rows(pain)[INNOVA] == (0.49, 0.4158)
    found = pain.pool
    assert (found.pooled, found.method, found.interval) == (True, "REML", "HK-guarded")
    assert found.estimate == pytest.approx(0.16, abs=PRINTED)
    assert found.tau2 == pytest.approx(0.192, abs=0.0005)
    assert (found.simple_low, found.simple_high) == pytest.approx((-0.56, 0.89), abs=PRINTED)
    assert (found.low, found.high) == pytest.approx((-1.42, 1.75), abs=PRINTED)
    assert (found.n_experimental, found.n_control) == (111, 114)
    assert pain.two_study_pool is None


def test_v2_by_plain_hartung_knapp_and_by_wald(v2: Snapshot) -> None:
    text = changed("ldn", ('id = "pm"', 'id = "hk"'), ('tau2 = "PM"', 'interval = "HK"'))
    hk = {item.id: item.pool for item in analysis(ldn(V2, text=text), "pain").sensitivity}["hk"]
    assert (hk.low, hk.high) == pytest.approx((-1.33, 1.66), abs=PRINTED)
    engine = pooled(analyses(v2)["pain"], (FINAL, TSUI, INNOVA), "REML", "HK")
    assert (hk.low, hk.high) == (engine.ci_low, engine.ci_high)


def test_v2_gives_no_prediction_interval_from_three_studies(v2: Snapshot) -> None:
    found = analyses(v2)["pain"].pool
    assert (found.prediction_low, found.prediction_high) == (None, None)
    assert found.prediction_reason == "given from 5 studies"


def test_v2_s_first_screen_reads(v2: Snapshot) -> None:
    assert v2.answer.headline == (
        "Three small trials do not show whether low-dose naltrexone reduces chronic pain"
    )
    assert v2.answer.lede == (
        "Three placebo-controlled trials, 225 people analysed: average difference 0.16 points on a 0-10 "
        "scale (95% CI −1.42 to 1.75; below zero means less pain with LDN). That range includes an important "
        "benefit, no difference and an important harm."
    )


def test_the_weights_of_v2_sum_to_one_hundred(v2: Snapshot) -> None:
    weights = [row.weight for row in analyses(v2)["pain"].contrasts]
    assert sum(weight or 0 for weight in weights) == pytest.approx(100, abs=1e-9)
    assert all(weights)


@pytest.mark.parametrize(
    ("name", "estimate", "studies"),
    [
        ("dl-wald", 0.16, 3),
        ("pm", 0.15, 3),
        ("bayes", 0.15, 3),
        ("r-03", 0.16, 3),
        ("r-05", 0.16, 3),
        ("r-07", 0.16, 3),
        ("parallel", 0.16, 3),
        ("any-time", 0.16, 3),
        ("dose-5", 0.57, 2),
        ("innova-change", 0.06, 3),
    ],
)
def test_the_sensitivity_analyses_of_v2(v2: Snapshot, name: str, estimate: float, studies: int) -> None:
    found = {item.id: item for item in analyses(v2)["pain"].sensitivity}[name]
    assert found.pool.estimate == pytest.approx(estimate, abs=PRINTED)
    assert len(found.studies) == studies


@pytest.mark.parametrize("name", ["low-risk", "verified"])
def test_nothing_is_left_where_nothing_was_judged_or_verified(v2: Snapshot, name: str) -> None:
    found = {item.id: item for item in analyses(v2)["pain"].sensitivity}[name]
    assert (found.pool.pooled, found.pool.k, found.studies) == (False, 0, ())
    assert found.pool.reason == "no study gives numbers for this yet"


def test_innova_by_change_says_which_standard_error_was_lent(v2: Snapshot) -> None:
    found = {item.id: item for item in analyses(v2)["pain"].sensitivity}
    assert found["innova-change"].note == (
        "INNOVA 2026: no standard error is reported; that of the adjusted difference stands in"
    )
    assert found["dl-wald"].note == ""


def test_younger_and_its_like_are_measured_and_not_pooled(v2: Snapshot) -> None:
    told = {item.label: item.reason for item in analyses(v2)["pain"].not_pooled}
    assert set(told) == {YOUNGER, "Bested 2023", "Paula 2023", "Beaudette-Zlatanova 2023"}
    assert told[YOUNGER].startswith("Reported as percent change")
    events = {item.label: item.reason for item in analyses(v2)["active-ae-rate-continuity"].not_pooled}
    assert events == {"Srinivasan 2021": "events are counted but person-time is not reported"}


def test_two_trials_with_responders_have_no_headline_average_either(v2: Snapshot) -> None:
    found = analyses(v2)["relief-30"]
    assert [(row.label, row.events_experimental, row.events_control) for row in found.contrasts] == [
        (FINAL, 20, 13),
        (INNOVA, 5, 9),
    ]
    assert not found.pool.pooled


# --- continuity with the 2025 review --------------------------------------------------------------


def test_the_continuity_analysis_enters_younger_final_and_the_others_labelled(v2: Snapshot) -> None:
    found = analyses(v2)["pain-continuity"]
    assert rows(found)[FINAL] == (-0.2196, 0.2016)
    d, se = rows(found)[YOUNGER]
    assert d == pytest.approx(-0.4155, abs=EFFECT)
    assert se == pytest.approx(0.1695, abs=EFFECT)
    assert found.mixed_estimands == ("adjusted", "change", "percent_change")
    assert found.standardiser.startswith("SD of change")


def test_hedges_g_in_place_of_cohens_d_keeps_every_study_and_shrinks_it(v2: Snapshot) -> None:
    found = analyses(v2)["pain-continuity"]
    other = next(item for item in found.sensitivity if item.id == "g")
    freedom = {FINAL: 97, TSUI: 28, INNOVA: 94, YOUNGER: 27}  # people less groups; a crossover's less one
    shrunk = {
        row.label: row.estimate * exp(lgamma(df / 2) - lgamma((df - 1) / 2)) / sqrt(df / 2)
        for row in found.contrasts
        for df in [freedom[row.label]]
    }
    text = changed("ldn", ('measure = "SMD-d"', 'measure = "SMD-g"'))
    as_g = analysis(ldn(V2, text=text), "pain-continuity")
    assert {row.label: row.estimate for row in as_g.contrasts} == pytest.approx(shrunk, rel=1e-10)
    assert set(other.studies) == set(freedom)
    assert other.pool.estimate == pytest.approx(as_g.pool.estimate, rel=1e-12)
    assert other.pool.low == pytest.approx(as_g.pool.low, rel=1e-12)


def test_fibromyalgia_in_the_continuity_analysis_before_innova(v1: Snapshot) -> None:
    """The protocol's warning: one pair of trials, and two interval rules that say opposite things."""
    (split,) = analyses(v1)["pain-continuity"].subgroups
    level = next(item for item in split.levels if item.id == "fibromyalgia")
    assert level.studies == (FINAL, YOUNGER)
    assert level.pool.estimate == pytest.approx(-0.33, abs=PRINTED)
    assert (level.pool.low, level.pool.high) == pytest.approx((-0.59, -0.08), abs=PRINTED)
    hk = pooled(analyses(v1)["pain-continuity"], (FINAL, YOUNGER), "DL", "HK")
    assert (hk.ci_low, hk.ci_high) == pytest.approx((-1.56, 0.89), abs=PRINTED)
    assert split.test == "not tested: a test needs 10 studies and 3 in each group"


def test_the_example_of_three_trials_as_a_check_of_the_software() -> None:
    """EVIDENCE.md's pool of unlike estimands (INNOVA by its levels); never a published version."""
    levels = {
        "shape": "arm_means",
        "values": "final",
        "experimental": {"n": 47, "mean": 7.33, "spread": {"by": "sd", "sd": 1.48}},
        "control": {"n": 49, "mean": 6.83, "spread": {"by": "sd", "sd": 1.96}},
    }
    by_level = read(
        "ctgov:NCT04739995", levels, outcome="pain", experimental="ldn", weeks=13.0, estimand="final"
    )
    ranked = 'estimands = ["adjusted", "change", "percent_change"]'
    text = changed("ldn", (ranked, 'estimands = ["final", "adjusted", "percent_change"]'))
    found = analysis(ldn(V2, by_level, text=text), "pain-continuity")
    assert rows(found)[INNOVA] == (0.2871, 0.2052)
    trio = (YOUNGER, FINAL, INNOVA)
    dl, hk = pooled(found, trio, "DL", "wald"), pooled(found, trio, "DL", "HK")
    assert dl.mu == pytest.approx(-0.127, abs=EFFECT)
    assert (dl.ci_low, dl.ci_high) == pytest.approx((-0.536, 0.282), abs=EFFECT)
    assert (hk.ci_low, hk.ci_high) == pytest.approx((-1.026, 0.772), abs=2 * EFFECT)
    assert dl.tau2 == pytest.approx(0.0937, abs=EFFECT)
    assert dl.i2_q == pytest.approx(72, abs=0.5)
    assert dl.q == pytest.approx(7.11, abs=PRINTED)


# --- two comparisons ------------------------------------------------------------------------------


def test_placebo_and_active_drugs_are_never_pooled_together() -> None:
    key = "pubmed:38408060"
    against: list[Entry] = [
        read(key, difference(1.15, se=0.78), outcome="pain", experimental="ldn", control="gabapentin",
             scale="bpi-severity", weeks=8.0)
    ]  # fmt: skip
    found = build_snapshot(ldn(V2, *against))
    assert rows(analyses(found)["active-pain"]) == {TSUI: (1.15, 0.78)}
    assert rows(analyses(found)["pain"]) == rows(analysis(ldn(V2), "pain"))
    for comparison in found.comparisons:
        controls = next(item.control for item in found.protocol.comparisons if item.id == comparison.id)
        cells = {item.id: item for study in found.studies for item in study.cells}
        used = {cells[row.cell].control for item in comparison.analyses for row in item.contrasts}
        assert used <= set(controls)


def test_the_words_name_no_certainty_and_no_cause(v1: Snapshot, v2: Snapshot) -> None:
    for snapshot in (v1, v2):
        told = f"{snapshot.answer.headline} {snapshot.answer.lede}".lower()
        assert not any(
            word in told for word in ("effective", "works", "because", "proves", "moderate certainty")
        )
