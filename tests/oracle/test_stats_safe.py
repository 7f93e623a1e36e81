"""E-values against the ratios of densities in R (script: r/safe.R); safestats itself was not to be had."""

import json

import numpy as np

from living import stats
from tests.oracle.golden_files import CLOSED_FORM, OWN, Comparison


def evidence(found: stats.SafeTest | stats.NotEstimable) -> float:
    assert isinstance(found, stats.SafeTest)
    return float(found.e[0])


def test_safe_t_values_are_ratios_of_t_densities() -> None:
    c = Comparison()
    cases = json.loads((OWN / "ours_safe.json").read_text())["t"]
    for i, (t, n, m, delta) in enumerate(
        zip(cases["t"], cases["n1"], cases["n2"], cases["alternative"], strict=True)
    ):
        for sides, name in ((1, "one"), (2, "two")):
            found = evidence(stats.safe_t([t], [n], [m], alternative=delta, sides=sides))
            c.same("safe t", f"t={t} n={n},{m} delta={delta} {name}", found, cases[name][i], CLOSED_FORM)
    c.check()


def test_safe_z_values_are_ratios_of_normal_densities() -> None:
    c = Comparison()
    cases = json.loads((OWN / "ours_safe.json").read_text())["z"]
    for i, (y, v, delta) in enumerate(zip(cases["y"], cases["v"], cases["alternative"], strict=True)):
        where = f"y={y} v={v} delta={delta}"
        for sides, name in ((1, "one"), (2, "two")):
            found = evidence(stats.safe_z([y], [v], alternative=delta, sides=sides))
            c.same("safe z", f"{where} {name}", found, cases[name][i], CLOSED_FORM)
        mixed = evidence(stats.safe_mixture([y], [v], prior_variance=delta**2))
        c.same("safe mixture", where, mixed, cases["mixture"][i], CLOSED_FORM)
    c.check()


def test_evidence_over_studies_is_the_product_of_each_side() -> None:
    t, n, m = np.array([1.0, 2.5, -0.4]), np.array([20, 3, 20]), np.array([60, 4, 4])
    together = stats.safe_t(t, n, m, alternative=0.8, sides=1)
    assert isinstance(together, stats.SafeTest)
    each = [evidence(stats.safe_t([t[i]], [n[i]], [m[i]], alternative=0.8, sides=1)) for i in range(3)]
    assert np.allclose(together.e, np.cumprod(each), rtol=1e-12)
