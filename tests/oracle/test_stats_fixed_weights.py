"""Fixed weights, standard errors and intervals of tau2, and Henmi and Copas's interval, against metafor and
meta.
"""

import json
from typing import Any

import numpy as np

from living import stats
from tests.oracle.golden_files import (
    CLOSED_FORM,
    OWN,
    SAME_TAU2,
    SEARCHED,
    Comparison,
    is_error,
    load,
    number,
    numbers,
    paths,
    unsupported,
)
from tests.oracle.test_stats_models import model_sets

Json = dict[str, Any]
# meta and metafor's hc() leave R's uniroot at its default tolerance, .Machine$double.eps^0.25 = 1.22e-4; what
# it is the tolerance of (tau2 there, the standardised limit here) is said at each use.
UNIROOT = 1.23e-4
META_LIMIT = 100.0  # and meta stops searching at 100
WEIGHTED = {"GENQ_inv_v": "GENQ", "GENQ_n": "GENQ", "REML_unweighted": "REML"}


def test_standard_errors_of_tau2_agree_with_rma() -> None:
    c = Comparison()
    for name, yi, vi, block in model_sets():
        for method in stats.TAU2_SE:
            want = block["fits"].get(method)
            if want is None or (vi <= 0).any():
                continue
            if is_error(want) or "se_tau2" not in want:
                unsupported[f"se of tau2 {method}: reference refused"] += 1
                continue
            found = stats.tau2_se(yi, vi, tau2=method)
            c.same(f"se of tau2 {method}", name, found, want["se_tau2"], CLOSED_FORM)
    c.check()


def weights_of(key: str, vi: np.ndarray, block: Json) -> Any:
    if key == "GENQ_n":
        return numbers(block["ni"]) if block.get("ni") else None
    return 1 / vi if key == "GENQ_inv_v" else 1.0


def test_pools_with_fixed_weights_agree_with_rma() -> None:
    c = Comparison()
    for name, yi, vi, block in model_sets():
        for key in WEIGHTED.keys() & block["fits"].keys():
            want = block["fits"][key]
            if (vi <= 0).any():
                refused = stats.fit_weighted(yi, vi, 1.0, tau2=WEIGHTED[key]).status
                c.same("refusal of zero variances", name, refused, stats.Status.NO_VARIANCE, CLOSED_FORM)
            elif is_error(want) or (weights := weights_of(key, vi, block)) is None:
                unsupported[f"fit {key}"] += 1
            else:
                compare_weighted(c, name, key, yi, vi, weights, want)
    c.check()


def compare_weighted(
    c: Comparison, name: str, key: str, yi: np.ndarray, vi: np.ndarray, weights: Any, want: Json
) -> None:
    """Where the reference's REML stopped short on a tiny scale, the rest is compared at its own tau2."""
    found = stats.fit_weighted(yi, vi, weights, tau2=WEIGHTED[key])
    c.same(f"fit {key}", f"{name} tau2", found.tau2, want["tau2"], CLOSED_FORM)
    if WEIGHTED[key] == "REML" and abs(found.tau2 - want["tau2"]) > SAME_TAU2 * want["tau2"]:
        found = stats.fit_weighted(yi, vi, weights, tau2=want["tau2"])
    test = want["tests"]["z"]
    pairs = {"b": found.mu, "se": found.se, "stat": found.statistic, "p": found.p, "ci_lb": found.ci_low}
    pairs |= {"ci_ub": found.ci_high, "pi_lb": found.pi_low, "pi_ub": found.pi_high}
    for column, mine in pairs.items():
        c.same(f"fit {key}", f"{name} {column}", mine, test[column], CLOSED_FORM)
    for column, mine in {"I2": found.i2_tau2, "Q": found.q, "k": found.k}.items():
        if column in want:
            c.same(f"fit {key}", f"{name} {column}", mine, want[column], CLOSED_FORM)


def test_the_two_step_estimator_agrees_with_two_rma_in_turn() -> None:
    """Cases of ours_two_step.json, which tests/oracle/r/two_step.R makes."""
    c = Comparison()
    for case in json.loads((OWN / "ours_two_step.json").read_text())["cases"]:
        yi, vi = numbers(case["yi"]), numbers(case["vi"])
        c.same("fit DL2 tau2", case["id"], stats.fit(yi, vi, tau2="DL2").tau2, case["tau2"], CLOSED_FORM)
        first = stats.fit(yi, vi, tau2="DL").tau2
        second = stats.fit_weighted(yi, vi, 1 / (vi + first)).tau2
        c.same("fit DL2 tau2", f"{case['id']} by its weights", second, case["tau2"], CLOSED_FORM)
    c.check()


def test_profile_likelihood_intervals_agree_with_confint() -> None:
    """The reference stops searching at 100, at 100 times the effects' variance or at 1000 tau2; a limit found
    there is a cap: ours must say so.
    """
    c = Comparison()
    for name, yi, vi, block in model_sets():
        for method in ("REML", "ML"):
            want = block["fits"].get(method, {}).get("profile_lik_tau2")
            if want is None or (vi <= 0).any():
                continue
            if is_error(want):
                unsupported["profile likelihood refused"] += 1
                continue
            tau2, low, high = numbers(want)
            caps = (100.0, 1000 * tau2, 100 * float(np.var(yi, ddof=1)), 1000 * float(np.var(yi, ddof=1)))
            capped = any(cap > 0 and abs(high / cap - 1) < 1e-9 for cap in caps)
            found = stats.profile_likelihood(yi, vi, tau2=method, limit=high if capped else np.inf)
            feature = f"profile likelihood {method}"
            c.same(feature, name, [found.low, found.high], [low, high], SEARCHED)
            c.same(feature, f"{name} beyond", float(found.beyond), float(capped), CLOSED_FORM)
    c.check()


def test_generalised_q_intervals_agree_with_metas_jackson() -> None:
    """meta prints Jackson's interval also where "PL" is asked for with DL, and Q-profile with REML."""
    c = Comparison()
    for path in paths("packages_meta.json.gz"):
        for case in load(path)["metagen"]:
            yi, vi = numbers(case["yi"]), numbers(case["vi"])
            for key, want in case["tau2_ci"].items():
                rule = key.partition("|")[2]
                if rule in ("J", "BJ") or key == "DL|PL":
                    weights = "1/v" if rule == "BJ" else "1/se"
                    found = stats.generalised_q_interval(yi, vi, weights=weights, limit=META_LIMIT)
                elif key == "REML|PL":
                    found = stats.q_profile(yi, vi, limit=META_LIMIT)
                else:
                    continue
                limits = [number(want["lower"]), number(want["upper"])]
                name = f"{case['id']} {key}"
                at = {"rtol": 0.0, "atol": UNIROOT}
                c.same(f"metagen tau2 interval {rule}", name, [found.low, found.high], limits, at)
    c.check()


def test_henmi_and_copas_intervals_agree_with_hc() -> None:
    """The reference searches the limit in units of the SD of its pivot, sqrt(1 + tau2 w2) times the se."""
    c = Comparison()
    for name, yi, vi, block in model_sets():
        want = (block.get("extras") or {}).get("henmi_copas")
        if want is None or is_error(want):
            unsupported["Henmi-Copas: reference refused"] += want is not None
            continue
        found = stats.henmi_copas(yi, vi)
        for key, mine in {"b": found.mu, "se": found.se, "tau2": found.tau2}.items():
            c.same("Henmi-Copas", f"{name} {key}", mine, want[key], CLOSED_FORM)
        w = 1 / vi
        unit = float(found.se * np.sqrt(1 + found.tau2 * (w**2).sum() / w.sum()))
        at = {"rtol": 0.0, "atol": UNIROOT * unit}
        limits = [want["ci_lb"], want["ci_ub"]]
        c.same("Henmi-Copas interval", name, [found.ci_low, found.ci_high], limits, at)
    c.check()
