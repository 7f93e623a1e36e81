"""Models of counts against metafor's rma.glmm, which fits them with lme4 (CM.EL of odds by itself)."""

import json
from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np

from living import stats
from living.stats.families import binomial
from living.stats.random_intercept import Model, Point, at, gauss_hermite
from tests.oracle.golden_files import (
    CLOSED_FORM,
    OWN,
    Comparison,
    is_error,
    load,
    measured,
    number,
    numbers,
    paths,
    unsupported,
)

Json = dict[str, Any]
# What golden/README.md allows for GLMM: two optimisers with stopping rules of their own, and seven nodes
# there against 61 here.
OPTIMISED = {"rtol": 1e-4, "atol": 1e-4}
# glm stops its iteration at a relative change of the deviance below 1e-8, and the standard error is the one
# of the step before; with five events in all that is worth 2e-6, and twice that at a limit.
COMMON = {"rtol": 1e-5, "atol": 5e-6}
# The saturated model's coefficients run to infinity at an empty cell; the reference stops on the way there.
WALD = {"rtol": 1e-4, "atol": 1e-5}
# lme4 moves the effect, the variance and one level per study by a simplex and may stop below the top, and its
# seven nodes are too few for a handful of events and a large variance (rates_k5). A case beyond OPTIMISED
# counts as agreeing only when our point is the higher one of the likelihood integrated with 201 nodes (which
# tests/unit/stats compares with scipy's adaptive integration) by less than this.
STOPPED_BELOW = 1e-3
EXACT = {"rtol": 1e-4, "atol": 1e-5}
# The standard error of CM.EL comes from a numerical Hessian, which magnifies the last digits: the
# reference's two ways to the same density give 0.09945 (BiasedUrn) and 0.09959 for dat.collins1985a. Ours,
# 0.09956, is the analytic information, which tests/unit/stats compares with scipy's variances.
HESSIAN = {"rtol": 2e-3, "atol": 2e-4}
# How far apart such a case may be: the likelihood is flat there.
NEAR = {"rtol": 2e-2, "atol": 5e-3}
FUNCTIONS = {
    ("OR", "UM.FS"): partial(stats.glmm_odds_ratio, model="UM.FS"),
    ("OR", "CM.AL"): partial(stats.glmm_odds_ratio, model="CM.AL"),
    ("OR", "CM.EL"): partial(stats.glmm_odds_ratio, model="CM.EL"),
    ("IRR", "UM.FS"): partial(stats.glmm_rate_ratio, model="UM.FS"),
    ("IRR", "CM.EL"): partial(stats.glmm_rate_ratio, model="CM.EL"),
    ("PLO", "LOGIT"): stats.glmm_proportion,
}
ARGUMENTS = {"OR": ("ai", "n1i", "ci", "n2i"), "IRR": ("x1i", "t1i", "x2i", "t2i"), "PLO": ("xi", "ni")}


def cases() -> Iterator[tuple[str, str, tuple[np.ndarray, ...], Json]]:
    """(name, measure, counts, reference) of every data set fitted by rma.glmm."""
    for name, analysis, measure, block in measured():
        if "glmm" in block:
            columns = {key: numbers(analysis["input"][c]) for key, c in analysis["column_map"].items()}
            if "bi" in columns:
                columns |= {"n1i": columns["ai"] + columns["bi"], "n2i": columns["ci"] + columns["di"]}
            if "mi" in columns:
                columns |= {"ni": columns["xi"] + columns["mi"]}
            given = np.array([columns[key] for key in ARGUMENTS[measure]])
            yield f"{name} {measure}", measure, tuple(given[:, np.isfinite(given).all(0)]), block["glmm"]
    for path in paths("synthetic_zero_events.json.gz"):
        for case in load(path)["rates"]:
            if "glmm" in case:
                given = tuple(numbers(case["input"][key]) for key in ARGUMENTS["IRR"])
                yield case["id"], "IRR", given, case["glmm"]


def test_models_of_counts_agree_with_rma_glmm() -> None:
    c = Comparison()
    for name, measure, counts, fits in cases():
        for key, want in fits.items():
            model, _, method = key.rpartition("_")
            function = FUNCTIONS.get((measure, model))
            if function is None or is_error(want):
                unsupported[f"glmm {measure} {key}" + ": reference refused" * is_error(want)] += 1
                continue
            compare(c, f"glmm {measure} {key}", name, partial(function, *counts), method, want)
    c.check()


def compare(
    c: Comparison,
    feature: str,
    name: str,
    function: partial[stats.CountPool | stats.NotEstimable],
    method: str,
    want: Json,
) -> None:
    found = function(method="CE" if method == "EE" else method)
    assert isinstance(found, stats.CountPool), (feature, name, found)
    pairs = {"b": found.mu, "se": found.se, "p": found.p, "ci_lb": found.ci_low, "ci_ub": found.ci_high}
    pairs |= {"tau2": found.tau2}
    tolerance = COMMON if method == "EE" else OPTIMISED
    expected = {column: number(want[column]) for column in pairs if column in want}
    beyond = any(not np.isclose(pairs[column], value, **tolerance) for column, value in expected.items())
    if beyond and feature in ("glmm OR UM.FS_ML", "glmm IRR CM.EL_ML"):
        ours, theirs = ((found.mu, found.tau2), (want["b"], want["tau2"]))
        higher = height_at(feature, function, *ours) - height_at(feature, function, *theirs)
        c.same(
            f"{feature}: reference stopped below", name, float(0 <= higher < STOPPED_BELOW), 1, CLOSED_FORM
        )
        tolerance = NEAR
    for column, value in expected.items():
        c.same(feature, f"{name} {column}", pairs[column], value, tolerance)
    if "QE_LRT" in want:
        c.same(feature, f"{name} QE_LRT", found.q_lrt, want["QE_LRT"], COMMON)
    if "logLik_ML" in want and (method == "EE" or want["tau2"] == 0):
        c.same(feature, f"{name} log-likelihood", found.log_likelihood, want["logLik_ML"], COMMON)
    else:
        unsupported["glmm log-likelihood: the reference's is conditional on the random effects"] += 1
    if want.get("QE_Wld") is not None:
        c.same("glmm QE_Wld", f"{feature} {name}", wald(feature, function.args), want["QE_Wld"], WALD)


def wald(feature: str, counts: Any) -> float:
    """The Wald test of the saturated model is Cochran's Q of the studies without an empty cell; of one, 0."""
    logistic = feature.startswith("glmm OR UM")
    effects = (stats.odds_ratio if logistic else stats.rate_ratio)(*counts, stats.NOTHING_ADDED)
    if effects.ok.sum() == 1:
        return 0.0
    return float(stats.fit(effects.yi[effects.ok], effects.vi[effects.ok]).q)


def height_at(name: str, function: Any, effect: float, tau2: float) -> float:
    """The likelihood at an effect and variance, with every study's level at its best, by 201 nodes."""
    a, n1, c, n2 = function.args
    nodes = gauss_hermite(201)
    if name == "glmm IRR CM.EL_ML":
        used = a + c > 0
        family, offset = binomial(a[used, None], (a + c)[used, None]), np.log(n1 / n2)[used, None, None]
        model = Model(family, offset, np.zeros(1), np.ones(1), np.ones(1), *nodes)
        return at(model, effect, tau2**0.5, np.zeros(len(offset))).log_likelihood
    used = (a + c > 0) & (a + c < n1 + n2)
    counts, sizes = np.stack([a, c], 1)[used], np.stack([n1, n2], 1)[used]
    sides, halves = np.array([1.0, 0.0]), np.array([0.5, -0.5])
    model = Model(binomial(counts, sizes), np.zeros((*counts.shape, 1)), np.ones(2), sides, halves, *nodes)
    alpha = np.log((counts.sum(1) + 0.5) / ((sizes - counts).sum(1) + 0.5))
    here: Point = at(model, effect, tau2**0.5, alpha)
    for _ in range(60):
        here = at(model, effect, tau2**0.5, here.alpha + np.clip(here.level_step, -1, 1))
    return here.log_likelihood


def test_conditional_exact_odds_ratios_agree_with_rma_glmm() -> None:
    """Where tau2 tends to zero the reference's Hessian by log tau2 is degenerate: it warns that its standard
    error is unusually small (6e-7), so that is not compared.
    """
    c = Comparison()
    for case in json.loads((OWN / "ours_glmm.json").read_text())["cases"]:
        given = np.array([numbers(case["input"][key]) for key in ARGUMENTS["OR"]])
        counts = given[:, np.isfinite(given).all(0)]
        for method, want in case["fits"].items():
            name = f"{case['id']} {method}"
            found = stats.glmm_odds_ratio(*counts, model="CM.EL", method="CE" if method == "EE" else method)
            assert isinstance(found, stats.CountPool)
            degenerate = method == "ML" and want["tau2"] < 1e-3
            unsupported["glmm OR CM.EL: degenerate standard error"] += degenerate
            pairs = {"b": found.mu, "logLik_ML": found.log_likelihood}
            if not degenerate:
                pairs |= {"se": found.se, "p": found.p, "ci_lb": found.ci_low, "ci_ub": found.ci_high}
                pairs |= {"tau2": found.tau2}
            for column, mine in pairs.items():
                by_hessian = column in ("se", "p", "ci_lb", "ci_ub")
                tolerance = NEAR if degenerate else HESSIAN if by_hessian else EXACT
                c.same(f"glmm OR CM.EL {method}", f"{name} {column}", mine, want[column], tolerance)
            c.same(f"glmm OR CM.EL {method}", f"{name} QE_LRT", found.q_lrt, want["QE_LRT"], EXACT)
            c.same(f"glmm OR CM.EL {method}", f"{name} df", found.q_df, want["df"], CLOSED_FORM)
    c.check()
