"""Funnel asymmetry: regression and rank tests against metafor and meta."""

from typing import Any

import numpy as np

from living import stats
from tests.oracle.golden_files import CLOSED_FORM, Comparison, is_error, load, numbers, paths, unsupported
from tests.oracle.test_stats_diagnostics import extras

PREDICTORS = {
    "sei": "se",
    "vi": "variance",
    "ni": "n",
    "ninv": "inverse-n",
    "sqrtni": "root-n",
    "sqrtninv": "inverse-root-n",
}


def regression(key: str, yi: np.ndarray, vi: np.ndarray, n: Any) -> stats.Asymmetry | stats.NotEstimable:
    model, _, name = key.partition("_")
    run = stats.egger if model == "lm" else stats.egger_random
    return run(yi, vi, predictor=PREDICTORS[name], n=n)


def test_regressions_on_precision_agree_with_regtest() -> None:
    c = Comparison()
    for name, yi, vi, wanted, block in extras("regtest"):
        n = numbers(block["ni"]) if block.get("ni") else None
        for key, want in wanted.items():
            feature = f"regtest {key}"
            found = regression(key, yi, vi, n)
            if is_error(want):
                compare_refusal(c, f"{feature} refused", name, found, regression(key, 1e3 * yi, 1e6 * vi, n))
                continue
            assert isinstance(found, stats.Asymmetry), (name, key, found)
            pairs = {"stat": found.statistic, "dfs": found.df, "p": found.p, "limit_est": found.limit}
            pairs |= {"limit_ci_lb": found.limit_low, "limit_ci_ub": found.limit_high}
            pairs |= {
                "coef": [found.intercept, found.slope],
                "coef_se": [found.intercept_se, found.slope_se],
            }
            for column, mine in pairs.items():
                c.same(feature, f"{name} {column}", mine, want[column], CLOSED_FORM)
    c.check()


def compare_refusal(c: Comparison, feature: str, name: str, found: Any, at_usual_scale: Any) -> None:
    """Equal standard errors must be refused. On variances around 1e-8 the reference takes the design for
    singular; there our line must be the one of the same data in other units.
    """
    if name == "k8_tiny_scale":
        c.same(feature, name, found.p, at_usual_scale.p, CLOSED_FORM)
    else:
        refused = found == stats.NotEstimable(stats.Status.COLLINEAR)
        c.same(feature, name, float(refused), 1.0, CLOSED_FORM)


def test_rank_tests_agree_with_ranktest() -> None:
    c = Comparison()
    for name, yi, vi, want, _ in extras("ranktest"):
        found = stats.begg(yi, vi)
        if want["tau"] is None:
            refused = found == stats.NotEstimable(stats.Status.COLLINEAR)
            c.same("ranktest refused", name, float(refused), 1.0, CLOSED_FORM)
            continue
        assert isinstance(found, stats.RankTest), name
        c.same("ranktest", name, [found.tau, found.p], [want["tau"], want["p"]], CLOSED_FORM)
    c.check()


def binary_effects(case: dict[str, Any], table: list[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """The effects as the reference makes them: half an event where a cell is empty, for a risk ratio without
    a second half in the denominator.
    """
    a, n, c, m = table
    half = np.where((a == 0) | (a == n) | (c == 0) | (c == m), 0.5, 0.0)
    a, b, c, d = a + half, n - a + half, c + half, m - c + half
    if case["sm"] == "OR":
        return np.log(a * d / (b * c)), 1 / a + 1 / b + 1 / c + 1 / d
    n, m = n + half, m + half
    return np.log(a / n / (c / m)), 1 / a - 1 / n + 1 / c - 1 / m


def test_tests_for_events_agree_with_metabias() -> None:
    c = Comparison()
    for path in paths("packages_meta.json.gz"):
        for case in load(path)["binary_asymmetry"]:
            table = [numbers(case[name]) for name in ("ai", "n1i", "ci", "n2i")]
            keep = (table[0] + table[2] > 0) & (table[0] + table[2] < table[1] + table[3])
            table = [column[keep] for column in table]
            yi, vi = binary_effects(case, table)
            n1, n2 = table[1], table[3]
            found = {
                "Macaskill": stats.macaskill(yi, vi, n1 + n2),
                "Peters": stats.peters(yi, *table),
                "Deeks": stats.deeks(yi, n1, n2),
                "Schwarzer": stats.schwarzer(*table),
            }
            if case["sm"] == "OR":
                found["Harbord"] = stats.harbord(*table)
            for test, want in case["metabias"].items():
                if test not in found:
                    unsupported[f"metabias {test} of {case['sm']}"] += 1
                    continue
                compare(c, f"{case['id']} {case['sm']} {test}", found[test], want)
    c.check()


def compare(
    c: Comparison,
    name: str,
    mine: stats.Asymmetry | stats.RankTest | stats.NotEstimable,
    want: dict[str, Any],
) -> None:
    expected = [want["bias"], want["se_bias"], want["stat"], want["p"]]
    if isinstance(mine, stats.RankTest):
        values = [mine.score, mine.score_se, mine.score / mine.score_se, mine.p]
    else:
        assert isinstance(mine, stats.Asymmetry), name
        values = [mine.slope, mine.slope_se, mine.statistic, mine.p]
        c.same("metabias", f"{name} df", mine.df, want["df"], CLOSED_FORM)
    c.same("metabias", name, values, expected, CLOSED_FORM)
