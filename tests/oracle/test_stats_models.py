"""Pooled estimates, heterogeneity, intervals, subgroups and leave-one-out against metafor's rma."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from living import stats
from living.stats.heterogeneity import h2_from_tau2, i2_from_tau2, typical_variance
from living.stats.likelihood import log_likelihood
from living.stats.moments import lay_out
from tests.oracle.golden_files import (
    CLOSED_FORM,
    QUADRATURE,
    SAME_TAU2,
    SEARCHED,
    SUPPORT_POINTS,
    TOTAL_VARIANCE,
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
METHODS = {"EE": "CE"} | {name: name for name in stats.TAU2}
TESTS = {"z": "wald", "t": "wald-t", "knha": "HK", "adhoc": "HK-guarded"}
EXTRAS_DONE = {"leave1out", "permutest_exact_DL", "permutest_exact_REML"}
EXTRAS_DONE |= {"cumulative", "influence", "rstandard_REML", "blup_REML", "baujat_REML", "gosh", "trimfill"}
EXTRAS_DONE |= {"regtest", "ranktest", "fsn", "tes", "selmodel", "henmi_copas"}
DONE = {
    "escalc",
    "used_rows",
    "ni",
    "fits",
    "subgroup",
    "extras",
    "metareg",
    "three_level",
    "robust",
    "aggregate_CS",
    "glmm",
}
FIXED_WEIGHTS = {"GENQ_inv_v", "GENQ_n", "REML_unweighted"}  # test_stats_fixed_weights.py
DONE |= {"mantel_haenszel", "mantel_haenszel_nocorrect", "peto"}  # test_stats_tables.py


def model_sets() -> Iterator[tuple[str, np.ndarray, np.ndarray, Json]]:
    """(name, yi, vi, block) of everything the reference has fitted."""
    for name, _, measure, block in measured():
        rows = numbers(block["used_rows"]).astype(int) - 1
        first = next(iter(block["escalc"].values()))
        yield f"{name} {measure}", numbers(first["yi"])[rows], numbers(first["vi"])[rows], block
    for path in paths("synthetic_generic.json.gz"):
        for case in load(path)["analyses"]:
            yield case["id"], numbers(case["yi"]), numbers(case["vi"]), case
    for path in paths("synthetic_zero_events.json.gz"):
        data = load(path)
        for case in data["rates"] + data["binary"]:
            for variant, fits in case["fits"].items():
                yi, vi = numbers(case["escalc"][variant]["yi"]), numbers(case["escalc"][variant]["vi"])
                used = np.isfinite(yi) & np.isfinite(vi)
                yield f"{case['id']} {variant}", yi[used], vi[used], {"fits": fits}
    for path in paths("synthetic_designs.json.gz"):
        case = load(path)["morris2008"]
        yield "morris2008", numbers(case["yi"]), numbers(case["vi"]), case


def test_every_fit_agrees_with_rma() -> None:
    c = Comparison()
    for name, yi, vi, block in model_sets():
        for method, want in block["fits"].items():
            if method in FIXED_WEIGHTS:
                continue
            if method not in METHODS or is_error(want):
                unsupported[f"fit {method}"] += 1
            elif (vi <= 0).any():
                refused = stats.pool(yi, vi) == stats.NotEstimable(stats.Status.NO_VARIANCE)
                c.same("refusal of zero variances", name, float(refused), 1.0, CLOSED_FORM)
            else:
                compare_fit(c, f"{name} {method}", yi, vi, method, want)
    c.check()


def compare_fit(c: Comparison, name: str, yi: np.ndarray, vi: np.ndarray, method: str, want: Json) -> None:
    if "tests" not in want:
        unsupported[f"fit {method} without tests"] += 1
        return
    own = stats.fit(yi, vi, tau2=METHODS[method], interval="wald")
    c.same(f"fit {method} tau2", name, own.tau2, want["tau2"], CLOSED_FORM)
    tau2 = at_which_tau2(float(own.tau2), want["tau2"])
    fit = stats.fit(yi, vi, tau2=tau2, interval="wald")
    heterogeneity = (fit.i2_q, fit.h2_q) if method == "EE" else (fit.i2_tau2, fit.h2_tau2)
    for key, mine in zip(("I2", "H2", "Q", "Qp", "k"), (*heterogeneity, fit.q, fit.q_p, fit.k), strict=True):
        c.same(f"fit {method} {key}", name, mine, want[key], CLOSED_FORM)
    for test, expected in want["tests"].items():
        compare_test(c, name, yi, vi, method, tau2, test, expected)
    if "hts_pi" in want and not is_error(want["hts_pi"]):
        c.same(
            "prediction HTS",
            name,
            [fit.pi_low, fit.pi_high],
            [want["hts_pi"]["lb"], want["hts_pi"]["ub"]],
            CLOSED_FORM,
        )
    if "qprofile" in want:
        compare_profile(c, name, yi, vi, want)
    if "fitstats" in want:
        found = log_likelihood(lay_out(yi, vi), own.tau2, restricted=method == "REML")
        c.same(f"log-likelihood {method}", name, found, want["fitstats"]["logLik"], CLOSED_FORM)


def at_which_tau2(own: float, reference: float) -> float:
    """Our own tau2, unless the reference stopped short of it."""
    return own if abs(own - reference) <= SAME_TAU2 * reference else reference


def compare_test(
    c: Comparison,
    name: str,
    yi: np.ndarray,
    vi: np.ndarray,
    method: str,
    tau2: float,
    test: str,
    want: Json,
) -> None:
    prediction = "normal" if test == "z" else "t(k-1)"
    fit = stats.fit(yi, vi, tau2=tau2, interval=TESTS[test], prediction=prediction)
    if number(want["se"]) == 0:
        c.same("refusal of intervals without width", name, fit.status, stats.Status.NO_WIDTH, CLOSED_FORM)
        return
    found = {
        "b": fit.mu,
        "se": fit.se,
        "stat": fit.statistic,
        "p": fit.p,
        "ci_lb": fit.ci_low,
        "ci_ub": fit.ci_high,
    }
    for key, mine in found.items():
        c.same(f"test {test}", f"{name} {key}", mine, want[key], CLOSED_FORM)
    c.same(f"test {test}", f"{name} ddf", fit.df, np.inf if want["ddf"] is None else want["ddf"], CLOSED_FORM)
    if method != "EE":
        c.same(
            f"prediction {prediction}",
            name,
            [fit.pi_low, fit.pi_high],
            [want["pi_lb"], want["pi_ub"]],
            CLOSED_FORM,
        )


def compare_profile(c: Comparison, name: str, yi: np.ndarray, vi: np.ndarray, want: Json) -> None:
    """The reference stops searching at 100, 1000 tau2 or 1000 var(yi); a limit found there is a cap: ours
    must say so.
    """
    if is_error(want["qprofile"]):
        unsupported["Q-profile refused"] += 1
        return
    tau2, low, high = numbers(want["qprofile"]["tau2"])
    caps = (100.0, 1000 * tau2, 1000 * float(np.var(yi, ddof=1)))
    capped = any(cap > 0 and abs(high / cap - 1) < 1e-9 for cap in caps)
    found = stats.q_profile(yi, vi, limit=high if capped else np.inf)
    c.same("Q-profile tau2", name, [found.low, found.high], [low, high], SEARCHED)
    c.same("Q-profile beyond the search", name, float(found.beyond), float(capped), CLOSED_FORM)
    typical = typical_variance(lay_out(yi, vi))
    limits = np.array([low, high])
    c.same("Q-profile I2", name, i2_from_tau2(limits, typical), want["qprofile"]["I2"][1:], SEARCHED)
    c.same("Q-profile H2", name, h2_from_tau2(limits, typical), want["qprofile"]["H2"][1:], SEARCHED)
    ours = i2_from_tau2(np.array([found.low, found.high]), typical)
    c.same("Q-profile I2", f"{name} own limits", [found.i2_low, found.i2_high], list(ours), CLOSED_FORM)


def test_other_confidence_levels_agree_with_rma() -> None:
    c = Comparison()
    for path in paths("synthetic_generic.json.gz"):
        for case in load(path)["analyses"]:
            for want in case["levels_REML_knha"]:
                if is_error(want):
                    unsupported["levels: reference refused"] += 1
                    continue
                fit = stats.fit(
                    numbers(case["yi"]), numbers(case["vi"]), interval="HK", level=want["level"] / 100
                )
                if want["ci_lb"] == want["ci_ub"]:
                    c.same("levels", case["id"], fit.status, stats.Status.NO_WIDTH, CLOSED_FORM)
                else:
                    c.same(
                        "levels",
                        case["id"],
                        [fit.ci_low, fit.ci_high],
                        [want["ci_lb"], want["ci_ub"]],
                        CLOSED_FORM,
                    )
    c.check()


def test_leaving_out_each_study_agrees_with_leave1out() -> None:
    c = Comparison()
    for name, yi, vi, block in model_sets():
        wanted = (block.get("extras") or {}).get("leave1out") or {}
        for key, want in wanted.items():
            method, _, test = key.partition("_")
            if is_error(want) or method not in METHODS or test not in TESTS:
                unsupported[f"leave1out {key}"] += 1
                continue
            fits = stats.leave_one_out(yi, vi, tau2=METHODS[method], interval=TESTS[test])
            compare_rows(c, f"leave1out {key}", name, fits, want, method, len(yi) > 2)
    c.check()


def compare_rows(
    c: Comparison, feature: str, name: str, fits: stats.Fits, want: Json, method: str, pooled: bool
) -> None:
    """I2 is compared at the reference's tau2: as a percentage it magnifies where the reference stopped on
    tiny scales.
    """
    pairs = {"estimate": fits.mu, "se": fits.se, "pval": fits.p, "ci.lb": fits.ci_low, "ci.ub": fits.ci_high}
    if pooled:
        pairs |= {"Q": fits.q, "Qp": fits.q_p}
        pairs |= {"I2": fits.i2_q} if method == "EE" else {"tau2": fits.tau2}
    for column, mine in pairs.items():
        c.same(feature, f"{name} {column}", mine, want[column], CLOSED_FORM)
    if pooled and method != "EE":
        with np.errstate(all="ignore"):
            typical = np.where(fits.tau2 > 0, fits.tau2 / (fits.h2_tau2 - 1), np.nan)
        known = np.isfinite(typical)
        at_reference = i2_from_tau2(numbers(want["tau2"]), typical)
        c.same(feature, f"{name} I2", at_reference[known], list(numbers(want["I2"])[known]), CLOSED_FORM)


def test_subgroups_agree_with_separate_and_moderator_models() -> None:
    c = Comparison()
    for name, yi, vi, block in model_sets():
        if "subgroup" not in block:
            continue
        given = block["subgroup"]
        rows = numbers(given["index"]).astype(int) - 1
        group = given["group"]
        for method, want in given["by_method"].items():
            case = (yi[rows], vi[rows], group, METHODS[method])
            compare_separate(c, f"{name} {method}", case, want)
            compare_common(c, f"{name} {method}", case, want)
    c.check()


def compare_separate(c: Comparison, name: str, case: tuple[Any, ...], want: Json) -> None:
    yi, vi, group, method = case
    if any(is_error(level) for level in want["separate_tau2"].values()):
        unsupported["subgroups separate: reference refused"] += 1
        return
    found = stats.subgroups(yi, vi, group, tau2=method, interval="wald")
    knha = stats.subgroups(yi, vi, group, tau2=method, interval="HK")
    for label, expected in want["separate_tau2"].items():
        level = found.levels[label]
        if isinstance(level, stats.NotEstimable):
            c.same("subgroups separate", f"{name} {label}", 1, expected["k"], CLOSED_FORM)
            continue
        pairs = {"k": level.k, "b": level.mu, "se": level.se, "p": level.p, "ci_lb": level.ci_low}
        pairs |= {"ci_ub": level.ci_high, "Q": level.q, "Qp": level.q_p, "tau2": level.tau2}
        for key, mine in pairs.items():
            c.same("subgroups separate", f"{name} {label} {key}", mine, expected[key], CLOSED_FORM)
        hk = knha.levels[label]
        if isinstance(hk, stats.PoolResult) and not is_error(expected.get("knha", {"error": 1})):
            c.same(
                "subgroups separate",
                f"{name} {label} HK",
                [hk.ci_low, hk.ci_high],
                [expected["knha"]["ci_lb"], expected["knha"]["ci_ub"]],
                CLOSED_FORM,
            )
    between = found.between
    assert isinstance(between, stats.Between)
    expected = want["separate_Qb"]
    c.same(
        "subgroups separate Q between",
        name,
        [between.statistic, between.df, between.p],
        [expected["Q"], expected["df"], expected["p"]],
        CLOSED_FORM,
    )


def compare_common(c: Comparison, name: str, case: tuple[Any, ...], want: Json) -> None:
    yi, vi, group, method = case
    if not want["common_tau2"]:
        unsupported["subgroups common: reference refused"] += 1
        return
    for test, expected in want["common_tau2"].items():
        if is_error(expected) or test not in TESTS:
            unsupported[f"subgroups common {test}"] += 1
            continue
        found = stats.subgroups_common_tau2(yi, vi, group, tau2=method, interval=TESTS[test])
        assert isinstance(found, stats.CommonSubgroups)
        levels = list(found.levels.values())
        pairs = {"b": [x.mu for x in levels], "se": [x.se for x in levels], "p": [x.p for x in levels]}
        pairs |= {"ci_lb": [x.ci_low for x in levels], "ci_ub": [x.ci_high for x in levels]}
        pairs |= {"tau2": found.tau2, "QE": found.q_within, "QEp": found.q_p}
        assert isinstance(found.between, stats.Between)
        pairs |= {"QM": found.between.statistic, "QMp": found.between.p}
        for key, mine in pairs.items():
            c.same(f"subgroups common {test}", f"{name} {key}", mine, expected[key], CLOSED_FORM)


PRIORS = {"HalfNormal": "half-normal", "HalfCauchy": "half-cauchy", "uniform": "uniform"}


def test_posteriors_agree_with_bayesmeta() -> None:
    c = Comparison()
    for path in paths("packages_bayesmeta.json.gz"):
        for case in load(path)["analyses"]:
            for key, want in case["fits"].items():
                tau, mu = key.split("|")
                family, _, scale = tau.partition("_")
                found = stats.bayes(
                    numbers(case["yi"]),
                    numbers(case["vi"]),
                    tau_prior=PRIORS[family],
                    tau_scale=float(scale or 1),
                    mu_prior=None if mu == "flat" else (0.0, 2.0),
                )
                assert isinstance(found, stats.BayesResult), (case["id"], key)
                compare_posterior(c, f"{case['id']} {key}", found, want)
    c.check()


def compare_posterior(c: Comparison, name: str, found: stats.BayesResult, want: Json) -> None:
    """Median, mean, SD and central limits; the reference's mode is a summary we do not give.

    With a half-Cauchy prior and two or three studies tau's density falls like tau^-3 or tau^-4, so an SD is
    infinite or hangs on the far tail, which the reference cuts off at a probability of 1e-4; its SD is not
    compared there.
    """
    c.same("bayesmeta tau", name, summaries(found.tau), want["tau"][1:], QUADRATURE)
    heavy = found.tau_prior == "half-cauchy" and found.k <= 3
    for quantity, mine in (("mu", found.mu), ("theta_new", found.new_study)):
        width = {"rtol": 0.0, "atol": SUPPORT_POINTS * (mine.high - mine.low) / 4}
        kept = np.array([True, True, not heavy, True, True])
        unsupported["bayesmeta SD of a heavy tail"] += heavy
        expected = list(numbers(want[quantity][1:])[kept])
        c.same(f"bayesmeta {quantity}", name, np.array(summaries(mine))[kept], expected, width)
    c.same(
        "bayesmeta P(mu < 0)",
        name,
        found.p_below,
        want["p_mu_below_0"],
        {"rtol": 0.0, "atol": SUPPORT_POINTS},
    )
    if found.tau.sd is not None and found.tau.mean is not None:
        assert found.new_study.sd is not None
        assert found.mu.sd is not None
        total = found.mu.sd**2 + found.tau.sd**2 + found.tau.mean**2
        assert abs(found.new_study.sd**2 / total - 1) < TOTAL_VARIANCE


def summaries(posterior: stats.Posterior) -> list[Any]:
    moments = [np.nan if value is None else value for value in (posterior.mean, posterior.sd)]
    return [posterior.median, *moments, posterior.low, posterior.high]


def test_whatever_else_the_reference_holds_is_counted() -> None:
    for _, _, _, block in measured():
        for key in block.keys() - DONE:
            unsupported[f"other: {key}"] += 1
        for key in (block.get("extras") or {}).keys() - EXTRAS_DONE:
            unsupported[f"other: {key}"] += 1
    assert paths("dat.*.json.gz")
