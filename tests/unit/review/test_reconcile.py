"""Another review's result made again and walked to ours: every status, every step, and sums that hold."""

from math import exp, fsum
from typing import Any

import pytest

from living import stats
from living.model.facts import PublishedInput, PublishedPool
from living.model.snapshot import Snapshot
from living.model.surroundings import PublishedOut
from living.review.compare import compare
from living.review.pairs import analyses
from living.review.protocol import parse
from living.review.published import known_then, read_published
from living.review.recompute import recompute
from living.review.reconcile import printed_results, reconcile
from living.review.seed import read_seed
from living.review.snapshot import build_snapshot
from living.review.walks import adds_up
from tests.replications.printed import table
from tests.unit.review.scenes import (
    FOLDERS,
    ROOT,
    V2,
    activated,
    ldn,
    ledger,
    protocol,
    seeded,
    version,
)
from tests.unit.review.test_printed import pool

FINAL, YOUNGER, TSUI = "pubmed:38258677", "pubmed:23359310", "pubmed:38408060"
MACKEY, PAULA, INNOVA = "pubmed:19453963", "hand:paula-2023", "ctgov:NCT04739995"
PRINTS = read_published(
    (FOLDERS["ldn"] / "published.toml").read_text(encoding="utf-8"), "published.toml", protocol("ldn")
)


@pytest.fixture(scope="module")
def ours() -> Snapshot:
    return build_snapshot(ldn(V2))


def one(snapshot: Snapshot, given: PublishedPool) -> PublishedOut:
    (out,) = reconcile([given], snapshot.comparisons, snapshot.studies)
    return out


def line(label: str, study: str, estimate: float | None, se: float | None, **kw: Any) -> PublishedInput:
    return PublishedInput(label=label, study=study, estimate=estimate, se=se, **kw)


INPUTS = (
    line("Younger 2013", YOUNGER, -0.45, 0.20, comparison="placebo"),
    line("FINAL 2024", FINAL, -0.23, 0.20, comparison="placebo"),
    line("Tsui 2024", TSUI, 0.60, 0.40, comparison="active"),
    line("Younger and Mackey 2009", MACKEY, -1.10, 0.45, comparison="placebo"),
    line("Paula 2023", PAULA, -0.80, 0.32, comparison="placebo"),
    line("Nobody 1999", "pubmed:1", 0.10, 0.30, comparison="placebo"),
)


def printed(
    inputs: tuple[PublishedInput, ...], tau2: str = "DL", rule: str = "wald", **kw: Any
) -> PublishedPool:
    """A pool printed to two decimals from its inputs, as an honest review prints it."""
    yi = [item.estimate or 0.0 for item in inputs]
    found = stats.pool(yi, [(item.se or 1.0) ** 2 for item in inputs], tau2=tau2, interval=rule)
    assert isinstance(found, stats.PoolResult)
    texts = [f"{x:.2f}" for x in (found.mu, found.ci_low, found.ci_high)]
    given = {"k": len(inputs), "analysis": "pain-continuity", "inputs": inputs}
    stated = {"tau2_method": tau2, "interval_method": rule}
    return pool(*texts, **{**given, **stated, **kw})


# --- made again ---------------------------------------------------------------------------------------------


def test_a_result_whose_inputs_are_printed_is_reproduced_within_rounding(ours: Snapshot) -> None:
    found = one(ours, printed(INPUTS)).reproduction
    assert (found.status, found.k, found.reason, found.missing) == ("reproduced", 6, "", ())
    assert found.method == "DL, z interval, from the inputs printed with it"


BCG = table("bcg")
BCG_RR = stats.risk_ratio(BCG["tpos"], BCG["tpos"] + BCG["tneg"], BCG["cpos"], BCG["cpos"] + BCG["cneg"])
TRIALS = tuple(
    line(f"BCG {at + 1}", "", float(y), float(v) ** 0.5)
    for at, (y, v) in enumerate(zip(BCG_RR.yi, BCG_RR.vi, strict=True))
)


@pytest.mark.parametrize(
    ("texts", "rule", "method"),
    [
        (("0.65", "0.60", "0.70"), ("CE", "wald"), "common effect, z interval"),
        (("0.49", "0.33", "0.73"), ("REML", "HK"), "REML, Hartung-Knapp"),
        (("0.49", "0.33", "0.73"), ("", ""), "DL, Hartung-Knapp"),
    ],
)
def test_the_bcg_trials_give_the_ratios_that_were_printed_of_them(
    ours: Snapshot, texts: tuple[str, str, str], rule: tuple[str, str], method: str
) -> None:
    """Printed by Stata's metan and by metafor's README; see tests/replications/test_bcg.py."""
    stated = {"tau2_method": rule[0], "interval_method": rule[1]}
    found = one(ours, pool(*texts, measure="RR", inputs=TRIALS, k=13, **stated)).reproduction
    assert found.status == "reproduced"
    assert found.method.startswith(f"{method}, from the inputs")
    assert ("not stated in full" in found.method) == (not rule[0])
    assert found.estimate is not None
    assert f"{exp(found.estimate):.2f}" == texts[0]


@pytest.fixture(scope="module")
def magnesium() -> Snapshot:
    """The 22 trials of Li and colleagues, 2007, as our own numbers, beside what their abstract prints."""
    folder = ROOT / "db/topics/magnesium-mi"
    text, seeds, prints = (
        (folder / name).read_text(encoding="utf-8")
        for name in ("protocol.toml", "evidence.toml", "published.toml")
    )
    asked = parse(text, "protocol.toml")
    facts = (seed.fact for seed in read_seed(seeds, "evidence.toml", asked))
    pools = known_then(read_published(prints, "published.toml", asked), "2026-01-01")
    return build_snapshot(ledger("magnesium-mi", activated(text), *facts, *pools))


def of_li(magnesium: Snapshot, name: str, **kw: Any) -> PublishedOut:
    found = next(out.pool for out in magnesium.published if out.pool.id == name)
    return one(magnesium, found.model_copy(update=kw))


def test_li_2007_s_random_effects_are_reproduced_from_our_numbers_of_its_trials(magnesium: Snapshot) -> None:
    out = of_li(magnesium, "li-2007-random")
    assert (out.reproduction.status, out.reproduction.k) == ("reproduced", 22)
    assert out.walk[0].cause == "inputs"
    assert abs(out.walk[0].shift or 1) < 0.01  # the print's own rounding, on the log scale


@pytest.mark.parametrize("stated", ["", "MH"])
def test_li_2007_s_fixed_effect_is_that_of_mantel_and_haenszel(magnesium: Snapshot, stated: str) -> None:
    out = of_li(magnesium, "li-2007-fixed", tau2_method=stated)
    found = out.reproduction
    assert (found.status, found.k) == ("reproduced", 22)
    assert found.method.startswith("Mantel-Haenszel, z interval")
    assert [f"{exp(x or 9):.2f}" for x in (found.estimate, found.low, found.high)] == ["0.99", "0.94", "1.04"]


def test_li_2007_s_fixed_effect_is_not_that_of_inverse_variance(magnesium: Snapshot) -> None:
    out = of_li(magnesium, "li-2007-fixed", tau2_method="CE")
    assert out.reproduction.status == "not_reproduced"
    assert "0.99 (0.94 to 1.05), not the print: upper limit differs" in out.reproduction.reason
    assert [step.cause for step in out.walk] == ["numbers"]
    assert out.walk[0].shift is not None


def test_mantel_and_haenszel_s_method_needs_counts(ours: Snapshot) -> None:
    given = pool("0.65", "0.60", "0.70", measure="RR", inputs=TRIALS, tau2_method="MH")
    found = one(ours, given).reproduction
    assert found.status == "not_reproduced"
    assert "events and people of both arms are not given for every study" in found.reason


def test_a_result_that_comes_out_otherwise_names_the_inputs_that_do_not_match(ours: Snapshot) -> None:
    pretended = printed(INPUTS[:2]).model_copy(update={"estimate": "-0.99"})
    found = one(ours, pretended).reproduction
    assert found.status == "not_reproduced"
    assert "not the print: estimate differs beyond rounding" in found.reason
    assert [text.partition(":")[0] for text in found.missing] == ["Younger 2013", "FINAL 2024"]
    assert "here \N{MINUS SIGN}0.22, 0.202" in found.missing[1]


def test_a_count_of_studies_that_does_not_match_its_inputs_is_named(ours: Snapshot) -> None:
    given = printed(INPUTS).model_copy(update={"k": 7, "estimate": "0.50"})
    found = one(ours, given).reproduction
    assert found.missing[0] == "seven studies are printed, six are listed"


def test_one_blank_input_makes_it_impossible_and_is_named(ours: Snapshot) -> None:
    blank = line("Paula 2023", PAULA, None, None)
    found = one(ours, printed(INPUTS).model_copy(update={"inputs": (*INPUTS[:2], blank)})).reproduction
    assert (found.status, found.missing) == ("impossible", ("Paula 2023",))
    assert found.reason == "cannot be reproduced because the review prints no numbers for Paula 2023"


def test_without_any_list_it_says_plainly_why_it_cannot_be_reproduced(ours: Snapshot) -> None:
    found = one(ours, pool("-0.61", "-1.14", "-0.08", analysis="pain-continuity")).reproduction
    assert (found.status, found.estimate) == ("impossible", None)
    assert found.reason == (
        "cannot be reproduced because the review prints no study-level numbers, and no list of the studies "
        "behind this result was found"
    )


def test_studies_without_numbers_are_pooled_from_ours_where_all_are_here(ours: Snapshot) -> None:
    two = (line("Younger 2013", YOUNGER, None, None), line("FINAL 2024", FINAL, None, None))
    given = pool("-0.33", "-0.59", "-0.08", analysis="pain-continuity", inputs=two, k=2)
    found = one(ours, given).reproduction
    assert found.status == "reproduced"
    assert "from this review's numbers of the same studies" in found.method
    assert one(ours, given.model_copy(update={"estimate": "-0.40"})).reproduction.status == "not_reproduced"


def test_a_before_after_result_is_refused_as_a_comparison_of_arms(ours: Snapshot) -> None:
    out = one(ours, printed(INPUTS, between_arms=False))
    assert (out.reproduction.status, out.reproduction.estimate, out.walk) == ("refused", None, ())


def test_a_print_without_interval_is_compared_by_its_estimate_and_says_so(ours: Snapshot) -> None:
    found = one(ours, printed(INPUTS).model_copy(update={"low": "", "high": ""})).reproduction
    assert found.status == "reproduced"
    assert "no interval is printed to compare with" in found.method


def test_a_print_that_is_no_number_is_not_made_again(ours: Snapshot) -> None:
    assert one(ours, pool("none", analysis="pain-continuity")).reproduction.status == "impossible"


def test_studies_by_another_measure_than_ours_are_not_pooled_for_it(ours: Snapshot) -> None:
    two = (line("Younger 2013", YOUNGER, None, None), line("FINAL 2024", FINAL, None, None))
    out = one(ours, pool("1.2", "0.9", "1.6", measure="RR", analysis="pain-continuity", inputs=two))
    assert "no analysis here has its measure" in out.reproduction.reason
    assert [(step.cause, step.shift) for step in out.walk] == [("ours", None)]
    assert "are not on one scale" in out.walk[0].reason


# --- the walk -----------------------------------------------------------------------------------------------


def test_the_walk_goes_cause_by_cause_and_its_shifts_sum_to_the_whole(ours: Snapshot) -> None:
    out = one(ours, printed(INPUTS, tau2="REML", rule="HK"))
    assert [(step.cause, step.studies) for step in out.walk[:2]] == [
        ("inputs", ()),
        ("comparators", ("Tsui 2024",)),
    ]
    assert [step.cause for step in out.walk] == [
        "inputs",
        "comparators",
        "criteria",
        "unusable",
        "numbers",
        "added",
        "method",
    ]
    criteria, unusable, numbers, added = out.walk[2:6]
    assert (criteria.text, criteria.studies) == (
        "One study not eligible here (X1)",
        ("Younger and Mackey 2009",),
    )
    assert unusable.studies == (
        "Paula 2023 (Means and SDs are in the full text, which is open and not yet read)",
        "Nobody 1999 (not known in this review)",
    )
    assert numbers.studies == ("Younger 2013", "FINAL 2024")
    assert set(added.studies) == {"Tsui 2024", "INNOVA 2026"}
    assert [step.k for step in out.walk] == [6, 5, 4, 2, 2, 4, 4]
    shifts = [step.shift for step in out.walk if step.shift is not None]
    target = analyses(ours)["pain-continuity"].pool
    assert out.estimate is not None
    assert target.estimate is not None
    assert len(shifts) == 7
    assert fsum(shifts) == pytest.approx(target.estimate - out.estimate, abs=1e-10)
    assert (out.walk[-1].after, out.walk[-1].low) == (target.estimate, target.low)


def test_each_step_is_a_pool_made_again_of_what_is_left(ours: Snapshot) -> None:
    out = one(ours, printed(INPUTS))
    left = [item for item in INPUTS if item.comparison == "placebo"]
    again = stats.pool(
        [x.estimate or 0 for x in left], [(x.se or 1) ** 2 for x in left], tau2="DL", interval="wald"
    )
    assert isinstance(again, stats.PoolResult)
    assert out.walk[1].after == pytest.approx(again.mu)
    assert out.walk[1].low == pytest.approx(again.ci_low)


def test_a_walk_from_our_own_rule_has_no_step_of_method(ours: Snapshot) -> None:
    assert "method" not in [step.cause for step in one(ours, printed(INPUTS)).walk]


def test_a_walk_from_our_own_pool_stays_where_it_is(ours: Snapshot) -> None:
    rows = analyses(ours)["pain-continuity"].contrasts
    inputs = tuple(line(row.label, row.study, row.estimate, row.se, comparison="placebo") for row in rows)
    out = one(ours, printed(inputs))
    assert out.reproduction.status == "reproduced"
    assert [step.cause for step in out.walk] == ["inputs"]
    assert out.walk[0].shift == pytest.approx(0, abs=0.005)


def test_without_inputs_the_walk_says_where_it_cannot_be_told_and_goes_on_from_our_numbers() -> None:
    found = out_of("hegde-2025-pain-fibromyalgia")
    assert [(step.cause, step.studies) for step in found.walk] == [
        ("inputs", ()),
        ("numbers", ("Younger 2013", "FINAL 2024")),
        ("added", ("INNOVA 2026",)),
    ]
    first, same, new = found.walk
    assert (first.before, first.after, first.shift) == (-0.34, None, None)
    assert first.reason.startswith("cannot be reproduced because the review prints no study-level numbers")
    assert (same.before, same.shift) == (None, None)
    assert (f"{same.after:.2f}", f"{same.low:.2f}", f"{same.high:.2f}") == ("-0.33", "-0.59", "-0.08")
    assert new.shift == pytest.approx((new.after or 0) - (same.after or 0))


def test_hegdes_overall_result_splits_its_comparators_and_names_what_is_missing() -> None:
    found = out_of("hegde-2025-pain")
    split = next(step for step in found.walk if step.cause == "comparators")
    assert split.studies == ("Srinivasan 2021", "Tsui 2024")
    assert "none of them has a number here" in split.reason
    named = [text.partition(":")[0] for text in found.reproduction.missing]
    assert named == ["Bested 2023", "Paula 2023", "Beaudette-Zlatanova 2023", "Srinivasan 2021", "Tsui 2024"]


def test_a_mean_difference_on_unstated_points_is_not_shifted_to_ours() -> None:
    (step,) = out_of("vatvani-2024-pain").walk
    assert (step.cause, step.shift) == ("ours", None)
    assert "does not say on how many points" in step.reason


def test_an_analysis_that_the_protocol_no_longer_has_gives_no_walk(ours: Snapshot) -> None:
    out = one(ours, printed(INPUTS, analysis="gone"))
    assert (out.analysis, out.walk, out.reproduction.status) == ("", (), "reproduced")


def test_every_walk_of_every_print_adds_up() -> None:
    outs = of_all()
    assert len(outs) == 26
    assert all(adds_up(out.walk) for out in outs)
    statuses = [out.reproduction.status for out in outs]
    assert {name: statuses.count(name) for name in set(statuses)} == {"impossible": 24, "refused": 2}
    assert all(out.reproduction.reason for out in outs)


# --- in a snapshot ------------------------------------------------------------------------------------------


def of_all() -> tuple[PublishedOut, ...]:
    return build_snapshot(ldn(V2, *known_then(PRINTS, "2026-11-22"))).published


def out_of(name: str) -> PublishedOut:
    return next(out for out in of_all() if out.pool.id == name)


def test_a_snapshot_holds_every_print_and_gives_it_again_from_its_own_document() -> None:
    found = build_snapshot(ldn(V2, *known_then(PRINTS, "2026-11-22")))
    assert recompute(found) == []
    first = found.published[0]
    forged = first.model_copy(
        update={"reproduction": first.reproduction.model_copy(update={"status": "reproduced"})}
    )
    assert recompute(found.model_copy(update={"published": (forged, *found.published[1:])})) == [
        "/published/0/reproduction/status is 'reproduced', from its data 'impossible'"
    ]


def test_a_later_print_of_the_same_id_supersedes_in_its_place() -> None:
    first, second, corrected = pool("1", id="a"), pool("2", id="b"), pool("3", id="a")
    assert printed_results(seeded(first, second, corrected)) == (corrected, second)


def test_results_that_come_or_change_are_listed_review_by_review_and_are_no_evidence() -> None:
    before, after = pool("1", id="a"), pool("2", id="a", corrigendum="Corrected")
    old, new = version(seeded(before)), version(seeded(before, after, pool("3", id="b")))
    told = [cause for cause in compare(old, new).causes if cause.label == "A 2020"]
    assert [(cause.kind, cause.text) for cause in told] == [
        ("list", "A 2020: one printed result now beside ours"),
        ("list", "A 2020: one printed result changed"),
    ]
    assert [cause.kind for cause in compare(new, old).causes] == ["list", "list"]
