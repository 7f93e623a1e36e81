"""Shared controls and correlations within people, against the reference's designs."""

from typing import Any

import numpy as np

from living import stats
from tests.oracle.golden_files import CLOSED_FORM, Comparison, load, numbers, paths, unsupported

Inputs = dict[str, np.ndarray]


def shared(measure: str, i: Inputs, yi: np.ndarray) -> np.ndarray | None:
    """The covariance that any two contrasts have if their control is the same, [k, k]."""
    wide = np.ones((len(yi), len(yi)))
    if measure == "SMD":
        control = np.array([i["n2"][i["study"] == study][0] for study in i["study"]])
        total = control + np.array([i["n1"][i["study"] == study].sum() for study in i["study"]])
        return stats.shared_covariance_smd(yi[:, None], yi, i["n2"], total)
    one = {
        "MD": lambda: stats.shared_covariance_md(i["sd2"], i["n2"]),
        "RR": lambda: stats.shared_covariance_log_risk_ratio(i["x2"], i["n2"]),
        "OR": lambda: stats.shared_covariance_log_odds_ratio(i["x2"], i["n2"]),
        "IRR": lambda: stats.shared_covariance_log_rate_ratio(i["x2"]),
    }.get(measure)
    return one and one() * wide


def test_covariances_of_contrasts_with_one_control_agree_with_vcalc() -> None:
    c = Comparison()
    for path in paths("synthetic_designs.json.gz"):
        for case in load(path)["shared_control"]:
            i = {name: numbers(column) for name, column in case["input"].items()}
            for measure, want in case["measures"].items():
                compare_covariance(c, case["id"], measure, i, want)
    c.check()


def compare_covariance(c: Comparison, name: str, measure: str, i: Inputs, want: dict[str, Any]) -> None:
    yi, vi = numbers(want["yi"]), numbers(want["vi"])
    common = shared(measure, i, yi)
    if common is None:
        unsupported[f"shared control {measure}"] += 1
        return
    found = stats.contrast_covariance(vi, common, i["study"])
    expected = [value for row in want["V"] for value in row]
    c.same(f"shared control {measure}", name, found.ravel(), expected, CLOSED_FORM)
    inverse = np.linalg.inv(found)
    mean = inverse.sum(0) @ yi / inverse.sum()
    c.same(f"shared control {measure}", f"{name} mean", mean, want["fixed"]["b"], CLOSED_FORM)
    c.same(f"shared control {measure}", f"{name} se", inverse.sum() ** -0.5, want["fixed"]["se"], CLOSED_FORM)


def test_a_sweep_over_correlations_agrees_with_one_escalc_each() -> None:
    c = Comparison()
    for path in paths("synthetic_designs.json.gz"):
        for case in load(path)["crossover"]:
            i = {name: numbers(column) for name, column in case["input"].items()}
            r = [float(value) for value in case["MC_imputed_r"]]
            found = stats.paired_mean_difference_sweep(i["m1i"] - i["m2i"], i["sd1i"], i["sd2i"], i["ni"], r)
            for row, value in zip(found.vi, case["MC_imputed_r"], strict=True):
                want = case["MC_imputed_r"][value]["vi"]
                c.same("crossover sweep", f"{case['id']} r={value}", row, want, CLOSED_FORM)
    c.check()
