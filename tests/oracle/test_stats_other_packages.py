"""The same pools against the R package meta, whose conventions differ: I2 from Q, named prediction rules."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np

from living import stats
from tests.oracle.golden_files import (
    CLOSED_FORM,
    OWN,
    SAME_TAU2,
    Comparison,
    is_error,
    load,
    number,
    numbers,
    paths,
    unsupported,
)

INTERVALS: dict[str, Callable[..., stats.Fits]] = {
    "classic": partial(stats.fit, interval="wald"),
    "HK": partial(stats.fit, interval="HK"),
    "HK_se": partial(stats.fit, interval="HK-guarded"),
    "HK_ci": stats.fit_wider,
    "HK_IQWiG6": stats.fit_iqwig,
    "KR": stats.fit_kenward_roger,
}
# meta's prediction intervals do not depend on the interval of the mean: (interval, prediction) of ours.
PREDICTIONS = {
    "V": ("wald", "t(k-1)"),
    "S": ("wald", "normal"),
    "HTS": ("wald", "HTS"),
    "HK": ("HK", "t(k-1)"),
    "HK-PR": ("HK", "t(k-2)"),
}
# meta leaves metafor's default threshold of 1e-5 on the change of tau2 in place.
STOPPED_EARLY = {"rtol": 1e-4, "atol": 1e-5}
# meta also leaves R's uniroot at its default tolerance, .Machine$double.eps^0.25 = 1.22e-4, and stops
# searching at 100; the same limits are compared with metafor's, searched exactly, at 1e-6
# (test_stats_models.py).
UNIROOT_DEFAULT = {"rtol": 0.0, "atol": 1.23e-4}
SEARCH_LIMIT = 100.0
READ = {"dat", "synthetic_generic", "synthetic_zero_events", "synthetic_designs", "escalc_v5"}
READ |= {"packages_meta", "packages_bayesmeta", "packages_rtsa"}


def cases() -> Iterator[tuple[str, np.ndarray, np.ndarray, list[str], dict[str, Any]]]:
    for path in paths("packages_meta.json.gz"):
        for analysis in load(path)["metagen"]:
            yi, vi = numbers(analysis["yi"]), numbers(analysis["vi"])
            for key, want in analysis["results"].items():
                yield f"{analysis['id']} {key}", yi, vi, key.split("|"), want


def test_pools_agree_with_metagen() -> None:
    c = Comparison()
    for name, yi, vi, (method, interval, prediction), want in cases():
        if interval not in INTERVALS or is_error(want):
            unsupported[f"metagen {interval}"] += 1
            continue
        own = stats.fit(yi, vi, tau2=method)
        c.same("metagen tau2", name, own.tau2, want["tau2"], STOPPED_EARLY)
        near = abs(float(own.tau2) - want["tau2"]) <= SAME_TAU2 * want["tau2"]
        tau2 = float(own.tau2) if near else want["tau2"]
        fit = INTERVALS[interval](yi, vi, tau2=tau2)
        found = {
            "TE": fit.mu,
            "se": fit.se,
            "lower": fit.ci_low,
            "upper": fit.ci_high,
            "p": fit.p,
            "df": fit.df,
        }
        for column, mine in found.items():
            c.same(f"metagen {interval}", f"{name} {column}", mine, want[column], CLOSED_FORM)
        c.same("metagen I2 from Q", name, fit.i2_q / 100, want["I2"], CLOSED_FORM)
        if prediction != "KR":
            around, rule = PREDICTIONS[prediction]
            fit = stats.fit(yi, vi, tau2=tau2, interval=around, prediction=rule)
        limits = [number(want["pi_lower"]), number(want["pi_upper"])]
        found_limits = [fit.pi_low, fit.pi_high]
        c.same(f"metagen prediction {prediction}", name, found_limits, limits, CLOSED_FORM)
    c.check()


def test_intervals_of_tau2_agree_with_metagen() -> None:
    c = Comparison()
    for path in paths("packages_meta.json.gz"):
        for analysis in load(path)["metagen"]:
            found = stats.q_profile(numbers(analysis["yi"]), numbers(analysis["vi"]), limit=SEARCH_LIMIT)
            for key, want in analysis["tau2_ci"].items():
                if not key.endswith("|QP"):
                    continue  # test_stats_fixed_weights.py
                limits = [want["lower"], want["upper"]]
                c.same(
                    "metagen Q-profile",
                    f"{analysis['id']} {key}",
                    [found.low, found.high],
                    limits,
                    UNIROOT_DEFAULT,
                )
    c.check()


def test_every_reference_file_is_read_or_counted_as_not_supported() -> None:
    for path in paths("*.json.gz"):
        family = path.name.split(".")[0]
        if family not in READ:
            unsupported[f"file {family}"] += 1
    assert len(list(OWN.glob("*.json.gz"))) >= 58
