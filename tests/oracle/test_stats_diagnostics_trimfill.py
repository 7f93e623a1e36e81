"""Trim and fill against metafor."""

from typing import Any

import numpy as np

from living import stats
from tests.oracle.golden_files import CLOSED_FORM, Comparison, is_error, numbers, unsupported
from tests.oracle.test_stats_diagnostics import METHODS, extras, own

# The reference does not hand its settings on to the fits inside trimfill: with REML they stop at metafor's
# default change of tau2 (1e-5), so there only the trimming is compared. The pools with REML are compared with
# runs at a change of 1e-12 (ours_diagnostics.json).
TRIMMING = ("k0", "se_k0", "side", "p_k0")


def run(yi: np.ndarray, vi: np.ndarray, key: str) -> stats.TrimFill | stats.NotEstimable:
    method, estimator, side = key.split("_")
    return stats.trim_and_fill(yi, vi, estimator=estimator, side=side, tau2=METHODS[method], interval="wald")


def test_filled_pools_agree_with_trimfill() -> None:
    c = Comparison()
    for name, yi, vi, wanted, _ in extras("trimfill"):
        for key, want in wanted.items():
            found = run(yi, vi, key)
            if is_error(want) and name == "k8_tiny_scale":
                unsupported["trimfill: reference takes small numbers for none"] += 1
            elif is_error(want):
                refused = isinstance(found, stats.NotEstimable)
                c.same(f"trimfill {key} refused", name, float(refused), 1.0, CLOSED_FORM)
            else:
                compare(c, f"trimfill {key}", name, found, want, key.startswith("REML"))
    c.check()


def test_filled_pools_with_reml_agree_with_trimfill_at_full_precision() -> None:
    c = Comparison()
    for case in own("trimfill"):
        found = run(numbers(case["yi"]), numbers(case["vi"]), case["key"])
        compare(c, f"trimfill {case['key']} strict", case["id"], found, case["result"], False)
    c.check()


def compare(
    c: Comparison, feature: str, name: str, found: Any, want: dict[str, Any], trimming_only: bool
) -> None:
    assert isinstance(found, stats.TrimFill), (name, feature, found)
    if {stats.Caution.TIES, stats.Caution.NO_DIRECTION} & set(found.cautions):
        unsupported["trimfill: ties, which the reference breaks by rounding"] += 1
        return
    p = found.pooled
    i2 = p.i2_q if feature.startswith("trimfill EE") else p.i2_tau2
    pairs = {"k0": found.missing, "se_k0": found.missing_se, "side": found.side == "right"}
    pairs |= {"p_k0": found.missing_p, "b": p.mu, "se": p.se, "p": p.p, "ci_lb": p.ci_low, "ci_ub": p.ci_high}
    pairs |= {"tau2": p.tau2, "Q": p.q, "I2": i2}
    expected = want | {"side": float(want["side"] == "right")}
    for column, mine in pairs.items():
        if column in TRIMMING or not trimming_only:
            c.same(feature, f"{name} {column}", mine, expected[column], CLOSED_FORM)
    filled, theirs = np.sort(np.array(found.filled_yi)), np.sort(numbers(want["yi_filled"] or []))
    if trimming_only:
        unsupported["trimfill REML pools, stopped early"] += 1
    else:
        c.same(feature, f"{name} filled", filled, list(theirs), CLOSED_FORM)
