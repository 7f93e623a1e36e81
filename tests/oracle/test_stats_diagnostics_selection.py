"""Selection models against metafor's selmodel."""

from typing import Any

import numpy as np
import pytest

from living import stats
from living.stats.selection import log_likelihood_at
from tests.oracle.golden_files import Comparison, is_error, numbers, unsupported
from tests.oracle.test_stats_diagnostics import extras, own

# The two metafor versions differ by this much on selmodel (golden/README.md): its search stops at a relative
# change of the likelihood of 1e-8, and its integrals at 1e-4.
SELECTION = {"rtol": 1e-4, "atol": 1e-4}
# Standard errors come from numerical second derivatives at an optimum that is itself known to 1e-4.
SELECTION_SE = {"rtol": 2e-3, "atol": 1e-4}
CURVES = {"beta": "beta", "negexp": "negative-exponential", "power": "power", "halfnorm": "half-normal"}
SAMPLE = 23  # every 23rd case, coprime to the kinds of model; all of them with --soak
SAME_HEIGHT = 1e-5  # of the log-likelihood
# Runs with a search to 1e-14 and integrals to 1e-11; numDeriv's second derivatives keep four to five digits.
STRICT = {"rtol": 1e-4, "atol": 1e-6}
TWO_MODES = "bangertdrowns2004"  # with the beta curve: -13.64 at tau2 = 0, where the reference finds -14.57


def run(key: str, yi: np.ndarray, vi: np.ndarray) -> stats.Selection | stats.NotEstimable:
    kind, steps, alternative = key.split("_")
    if kind != "stepfun":
        return stats.curve_selection(yi, vi, curve=CURVES[kind], alternative=alternative)
    cuts = tuple(float(step) for step in steps.split("-"))
    return stats.step_selection(yi, vi, steps=cuts, alternative=alternative)


def cases() -> list[tuple[str, np.ndarray, np.ndarray, str, Any]]:
    return [
        (name, yi, vi, key, want)
        for name, yi, vi, wanted, _ in extras("selmodel")
        for key, want in wanted.items()
    ]


def test_a_sample_of_the_selection_models_agrees_with_selmodel() -> None:
    compare_all(cases()[::SAMPLE])


@pytest.mark.soak
def test_all_selection_models_agree_with_selmodel() -> None:
    compare_all(cases())


def compare_all(chosen: list[tuple[str, np.ndarray, np.ndarray, str, Any]]) -> None:
    c = Comparison()
    for name, yi, vi, key, want in chosen:
        if is_error(want):
            unsupported["selmodel: reference refused"] += 1
            continue
        found = run(key, yi, vi)
        assert isinstance(found, stats.Selection), (name, key)
        compare(c, key, name, (yi, vi), found, want)
    c.check()


def compare(c: Comparison, key: str, name: str, data: Any, found: stats.Selection, want: Any) -> None:
    """Where the reference stopped elsewhere, ours must be at least as high, on the same likelihood."""
    steps = key.startswith("stepfun")
    delta = numbers(want["delta"])[1 if steps else 0 :]
    mine = [found.mu, found.tau2, *found.weights.values()]
    theirs = [want["b"], want["tau2"], *delta]
    feature = f"selmodel {key}"
    same_height = abs(found.log_likelihood - want["logLik_ML"]) < SAME_HEIGHT
    if not (np.allclose(mine, theirs, **SELECTION) and same_height):
        there = log_likelihood_at(*data, found, want["b"], want["tau2"], tuple(delta))
        reached = found.log_likelihood >= there - SAME_HEIGHT
        c.same(f"{feature}, reference elsewhere", name, float(reached), 1.0, SELECTION)
        return
    c.same(feature, f"{name} parameters", mine, theirs, SELECTION)
    c.same(feature, f"{name} LRT", found.lrt, want["LRT"], SELECTION)
    if want["LRT"] > 0.01:  # its P has an infinite slope at 0
        c.same(feature, f"{name} P of LRT", found.lrt_p, want["LRTp"], SELECTION_SE)
    if steps:
        c.same(feature, f"{name} counts", found.counts, want["counts"], SELECTION)
    if not steps:
        unsupported["selmodel: standard errors from coarse integrals"] += 1
    elif None in (found.mu_se, found.tau2_se, want["se"]) or stats.Caution.CAPPED in found.cautions:
        unsupported["selmodel: standard errors at a limit"] += 1
    else:
        compare_errors(c, feature, name, found, want, SELECTION_SE)


def compare_errors(
    c: Comparison, feature: str, name: str, found: stats.Selection, want: Any, tolerance: dict[str, float]
) -> None:
    errors = [found.mu_se, found.tau2_se, *found.weights_se.values()]
    expected = [want["se"], want["se_tau2"], *numbers(want["delta_se"])[-len(found.weights) :]]
    c.same(feature, f"{name} standard errors", errors, expected, tolerance)
    limits = [found.p, found.ci_low, found.ci_high]
    c.same(feature, f"{name} interval", limits, [want["p"], want["ci_lb"], want["ci_ub"]], tolerance)


def test_selection_models_agree_with_selmodel_at_full_precision() -> None:
    c = Comparison()
    for case in own("selmodel"):
        yi, vi, want = numbers(case["yi"]), numbers(case["vi"]), case["result"]
        steps = "-".join(str(step) for step in case["steps"]) or "NA"
        kind = f"{case['type']}_{steps}_{case['alternative'].replace('.', '-')}"
        found = run(kind, yi, vi)
        assert isinstance(found, stats.Selection), kind
        feature, name = f"selmodel {case['type']} strict", f"{case['id']} {kind}"
        delta = want["delta"][1 if case["steps"] else 0 :]
        there = log_likelihood_at(yi, vi, found, want["b"], want["tau2"], tuple(delta))
        c.same(feature, f"{name} height", there, want["logLik_ML"], STRICT)
        if found.log_likelihood > there + SAME_HEIGHT:
            c.same(f"{feature}, ours is higher", name, float(case["id"] == TWO_MODES), 1.0, STRICT)
            continue
        mine = [found.mu, found.tau2, *found.weights.values()]
        c.same(feature, f"{name} parameters", mine, [want["b"], want["tau2"], *delta], STRICT)
        c.same(feature, f"{name} LRT", found.lrt, want["LRT"], STRICT)
        compare_errors(c, feature, name, found, want, STRICT)
    c.check()
