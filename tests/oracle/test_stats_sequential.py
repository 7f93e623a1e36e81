"""Alpha-spending boundaries, required sizes and a cumulative analysis against the R package RTSA."""

from typing import Any

import numpy as np

from living import stats
from tests.oracle.golden_files import Comparison, is_error, load, number, numbers, paths, unsupported

# golden/README.md: RTSA searches its boundaries with steps of 1e-6 and its inflation with uniroot.
SEARCHED_BY_RTSA = {"rtol": 1e-4, "atol": 1e-4}
EXACT = {"rtol": 1e-8, "atol": 1e-10}
# RTSA writes 20 where it stops searching; we search to nine standard deviations. Neither can be crossed.
UNREACHABLE, SPENT_THERE = 20.0, 1e-9


def reference() -> list[dict[str, Any]]:
    return [load(path) for path in paths("packages_rtsa.json.gz")]


def test_boundaries_agree_with_rtsa() -> None:
    c = Comparison()
    for case in (case for data in reference() for case in data["boundaries"]):
        name = f"{case['timing']} sides {case['side']} {case['futility']}"
        found = stats.boundaries(case["timing"], alpha=case["alpha"], sides=case["side"])
        c.same("rtsa alpha spent", name, found.spent, case["alpha_spend"]["as_cum"], EXACT)
        for i, want in enumerate(case["alpha_ubound"]):
            if want == UNREACHABLE:
                small = found.spent[i] < SPENT_THERE and found.upper[i] > 6
                c.same("rtsa unreachable boundary", f"{name} {i}", float(small), 1.0, EXACT)
            else:
                c.same("rtsa boundary", f"{name} {i}", found.upper[i], want, SEARCHED_BY_RTSA)
        if case["futility"] == "none":
            grown = stats.inflation(found, beta=case["beta"])
            c.same("rtsa inflation", name, grown, case["root"], SEARCHED_BY_RTSA)
        else:
            compare_futility(c, name, found, case)
    c.check()


def compare_futility(c: Comparison, name: str, found: stats.Boundaries, case: dict[str, Any]) -> None:
    bounds = stats.futility(found, beta=case["beta"])
    want = case["beta_lbound"] if case["side"] == 1 else case["beta_ubound"]
    mine = [np.nan if bound is None else bound for bound in bounds.lower]
    c.same("rtsa futility boundary", name, mine, want, SEARCHED_BY_RTSA)
    c.same("rtsa inflation", name, bounds.factor, case["root"], SEARCHED_BY_RTSA)


def test_required_sizes_agree_with_rtsa() -> None:
    c = Comparison()
    for case in (case for data in reference() for case in data["ris"]):
        name, want = f"mc {case['mc']} sd {case['sd']} D2 {case['D2']}", case["result"]
        size = stats.required_size_means(case["mc"], case["sd"])
        c.same("rtsa required size", name, size, want["NF"], EXACT)
        if "NR_D2" in want:
            c.same("rtsa D2 size", name, stats.adjusted_size(size, case["D2"]), want["NR_D2"], EXACT)
            trials = stats.required_trials(case["mc"], case["sd"], want["settings.tau2"])
            compare_trials(c, name, trials, want["NR_tau.nPax"])
    c.check()


def compare_trials(c: Comparison, name: str, found: tuple[stats.Trials, ...], want: list[float]) -> None:
    mine = [[t.trials, t.per_group, t.trials * t.per_group] for t in found]
    c.same("rtsa trials needed", name, np.ravel(mine), want, EXACT)


def test_a_cumulative_analysis_agrees_with_rtsa() -> None:
    c = Comparison()
    for case in (case for data in reference() for case in data["analyses"]):
        if is_error(case):
            unsupported["rtsa analysis refused by the reference"] += 1
            continue
        data, want = case["data"], case["results"]
        arms = (numbers(data[name]) for name in ("mI", "sdI", "nI", "mC", "sdC", "nC"))
        effects = stats.mean_difference(*arms, pooled_sd=True)
        sizes = numbers(data["nI"]) + numbers(data["nC"])
        # The reference leaves out looks that add less than 1% of the required size.
        found = stats.sequential(effects.yi, effects.vi, sizes, required=want["HARIS"], gap=0.01)
        assert isinstance(found, stats.Sequential)
        for i, look in enumerate(found.looks):
            compare_look(c, f"{case['id']} look {i + 1}", look, want, i)
        compare_sizes(c, case, effects, found)
    c.check()


def compare_look(c: Comparison, name: str, look: stats.Look, want: dict[str, Any], i: int) -> None:
    for mine, column in ((look.mu, "outcome_random"), (look.z, "z_random"), (look.fraction, "sma_timing")):
        c.same(f"rtsa {column}", name, mine, want[f"results_df.{column}"][i], EXACT)
    bound = number(want["results_df.upper"][i])
    c.same("rtsa which looks are tested", name, float(look.tested), float(np.isfinite(bound)), EXACT)
    if not look.tested:
        return
    assert look.boundary is not None
    assert bound == UNREACHABLE, "the only tested look of the reference's example is an early one"
    c.same("rtsa unreachable boundary", name, float(look.boundary > 6), 1.0, EXACT)
    # Its adjusted interval is the estimate -/+ boundary x SE: compared at the reference's own boundary.
    low, high = look.mu - bound * look.se, look.mu + bound * look.se
    c.same("rtsa adjusted interval", name, low, want["results_df.TSAadjCIrandom_lower"][i], EXACT)
    c.same("rtsa adjusted interval", name, high, want["results_df.TSAadjCIrandom_upper"][i], EXACT)


def compare_sizes(
    c: Comparison, case: dict[str, Any], effects: stats.Effects, found: stats.Sequential
) -> None:
    want, rules = case["results"], case["settings"]
    d2 = stats.diversity(effects.yi, effects.vi)
    c.same("rtsa D2", case["id"], d2, want["metaanalysis.hete_results.hete_est.D.2"], EXACT)
    size = stats.required_size_means(rules["mc"], rules["sd_mc"])
    c.same("rtsa required size", case["id"], size, want["RIS"], EXACT)
    assert isinstance(d2, float)
    full = want["metaanalysis.ris.NR_D2.NR_D2_full"]
    c.same("rtsa D2 size", case["id"], stats.adjusted_size(size, d2), full, EXACT)
    last = found.looks[-1]
    for limit in ("NR_tau", "NR_tau_ll"):
        block = f"metaanalysis.ris.NR_tau.{limit}."
        needed = stats.required_trials(
            rules["mc"], rules["sd_mc"], want[block + "tau2"], known=1 / last.se**2
        )
        compare_trials(c, f"{case['id']} {limit}", needed, want[block + "nPax"])
