"""Meta-regression and permutation tests against metafor's rma(mods = ) and permutest."""

import json
from collections.abc import Iterator
from typing import Any

import numpy as np

from living import stats
from tests.oracle.golden_files import (
    CLOSED_FORM,
    OWN,
    Comparison,
    is_error,
    measured,
    numbers,
    unsupported,
)
from tests.oracle.test_stats_models import model_sets

Json = dict[str, Any]
Columns = np.ndarray
TESTS = {"z": "wald", "t": "wald-t", "knha": "HK"}
# A moment estimate beside a moderator such as the year 1996 costs the reference four digits: its DL tau2 of
# dat.bornmann2007 is 3.5e-10 away from the one in exact rational arithmetic, ours 2e-14. The coefficients are
# therefore compared at the reference's tau2, which is compared itself, and R2, a difference of two tau2 in
# percent, at 100 times that distance.
R2_PERCENT = {"rtol": 1e-8, "atol": 1e-7}


def regressions() -> Iterator[tuple[str, Columns, Columns, Columns, Json]]:
    """(name, yi, vi, moderators, block) of every meta-regression in the reference."""
    for name, _, measure, block in measured():
        if "metareg" in block:
            rows = numbers(block["used_rows"]).astype(int) - 1
            first = next(iter(block["escalc"].values()))
            index = numbers(block["metareg"]["index"]).astype(int) - 1
            x = np.column_stack([numbers(column) for column in block["metareg"]["X"].values()])
            yi, vi = numbers(first["yi"])[rows][index], numbers(first["vi"])[rows][index]
            yield f"{name} {measure}", yi, vi, x, block["metareg"]


def test_regressions_agree_with_rma() -> None:
    c = Comparison()
    for name, yi, vi, x, block in regressions():
        for key, want in block["fits"].items():
            method, _, test = key.partition("_")
            method = "CE" if method == "EE" else method
            if is_error(want):
                unsupported["meta-regression: reference refused"] += 1
                continue
            compare_regression(c, f"{name} {key}", (yi, vi, x), method, TESTS[test], want)
    c.check()


def compare_regression(
    c: Comparison,
    name: str,
    case: tuple[Columns, Columns, Columns],
    method: str,
    interval: str,
    want: Json,
) -> None:
    own = stats.meta_regression(*case, tau2=method, interval=interval)
    feature = f"meta-regression {method}"
    c.same(f"{feature} tau2", name, own.tau2, want["tau2"], CLOSED_FORM)
    c.same("meta-regression R2", name, own.r2, want["R2"], R2_PERCENT)
    rule = method if method == "CE" else float(want["tau2"])
    fit = stats.meta_regression(*case, tau2=rule, interval=interval)
    pairs = {"b": fit.b, "se": fit.se, "stat": fit.statistic, "p": fit.p, "ci_lb": fit.ci_low}
    pairs |= {"ci_ub": fit.ci_high, "QE": fit.qe, "QEp": fit.qe_p, "QM": fit.qm, "QMp": fit.qm_p}
    pairs |= {"I2": fit.i2}
    for column, mine in pairs.items():
        c.same(f"{feature} {interval}", f"{name} {column}", mine, want[column], CLOSED_FORM)
    flat = [value for row in want["vb"] for value in row]
    c.same(f"{feature} {interval}", f"{name} vb", fit.covariance.ravel(), flat, CLOSED_FORM)
    df = [fit.qm_df1] if interval == "wald" else [fit.qm_df1, float(fit.qm_df2)]
    c.same(f"{feature} {interval}", f"{name} QMdf", df, want["QMdf"][: len(df)], CLOSED_FORM)


def test_predictions_agree_with_predict() -> None:
    c = Comparison()
    for name, yi, vi, x, block in regressions():
        want = block["predict_REML_z"]
        found = stats.predict(stats.meta_regression(yi, vi, x, interval="wald"), x)
        pairs = {"pred": found.mean, "se": found.se, "ci_lb": found.ci_low, "ci_ub": found.ci_high}
        pairs |= {"pi_lb": found.pi_low, "pi_ub": found.pi_high}
        for column, mine in pairs.items():
            c.same("meta-regression predict", f"{name} {column}", mine, want[column], CLOSED_FORM)
    c.check()


def test_exact_sign_flips_agree_with_permutest() -> None:
    c = Comparison()
    for name, yi, vi, block in model_sets():
        for method in ("DL", "REML"):
            want = (block.get("extras") or {}).get(f"permutest_exact_{method}")
            if want is None:
                continue
            if is_error(want):
                unsupported["permutation: reference refused"] += 1
                continue
            found = stats.permutation_test(yi, vi, tau2=method)
            assert isinstance(found, stats.PermutationTest), (name, found)
            assert (found.exact, found.arrangements) == (True, 2 ** len(yi))
            c.same(f"permutation exact {method}", name, found.p, want["p"], CLOSED_FORM)
    c.check()


def test_exact_orders_of_the_moderators_agree_with_permutest() -> None:
    c = Comparison()
    for case in json.loads((OWN / "ours_permutation.json").read_text())["cases"]:
        name = f"{case['id']} {case['method']} {case['test']}"
        rule = {"tau2": case["method"], "interval": TESTS[case["test"]]}
        found = stats.permutation_test(case["yi"], case["vi"], np.transpose(case["x"]), **rule)
        assert isinstance(found, stats.PermutationTest)
        c.same("permutation moderators", name, found.statistic, case["statistic"], CLOSED_FORM)
        c.same("permutation moderators", name, found.p, case["p"], CLOSED_FORM)
        c.same("permutation moderators", name, found.p_moderators, case["p_moderators"], CLOSED_FORM)
    c.check()
