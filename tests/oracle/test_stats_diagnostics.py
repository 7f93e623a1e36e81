"""Cumulative results, influence, residuals and Baujat's coordinates against metafor."""

import json
from collections.abc import Iterator
from typing import Any

import numpy as np

from living import stats
from living.stats.heterogeneity import i2_from_tau2, typical_variance
from living.stats.moments import lay_out
from tests.oracle.golden_files import (
    CLOSED_FORM,
    OWN,
    Comparison,
    is_error,
    load,
    measured,
    numbers,
    paths,
    unsupported,
)

Json = dict[str, Any]
METHODS = {"EE": "CE"} | {name: name for name in stats.TAU2}
# Deletion diagnostics divide small differences; golden/README.md sets this.
INFLUENCE = {"rtol": 1e-6, "atol": 1e-10}


def extras(feature: str) -> Iterator[tuple[str, np.ndarray, np.ndarray, Json, Json]]:
    """(name, yi, vi, expected, block) of every set that holds the feature."""
    for name, _, measure, block in measured():
        rows = numbers(block["used_rows"]).astype(int) - 1
        first = next(iter(block["escalc"].values()))
        yi, vi = numbers(first["yi"])[rows], numbers(first["vi"])[rows]
        if feature in (block.get("extras") or {}):
            yield f"{name} {measure}", yi, vi, block["extras"][feature], block
    for path in paths("synthetic_generic.json.gz"):
        for case in load(path)["analyses"]:
            if feature in (case.get("extras") or {}):
                yield case["id"], numbers(case["yi"]), numbers(case["vi"]), case["extras"][feature], case


def own(feature: str) -> list[Json]:
    """Cases of ours_diagnostics.json, which tests/oracle/r/diagnostics.R makes."""
    cases: list[Json] = json.loads((OWN / "ours_diagnostics.json").read_text())[feature]
    return cases


def test_pooling_study_after_study_agrees_with_cumul() -> None:
    c = Comparison()
    for name, yi, vi, wanted, _ in extras("cumulative"):
        order = numbers(wanted["order"])
        for key, want in wanted.items():
            if key == "order":
                continue
            fits = stats.cumulative(yi, vi, order=order, tau2=METHODS[key.partition("_")[0]], interval="wald")
            pairs = {"estimate": fits.mu, "se": fits.se, "zval": fits.statistic}
            pairs |= {"ci.lb": fits.ci_low, "ci.ub": fits.ci_high}
            for column, mine in pairs.items():
                c.same(f"cumulative {key}", f"{name} {column}", mine, want[column], CLOSED_FORM)
            later = {"Q": fits.q, "Qp": fits.q_p}
            later |= (
                {"I2": fits.i2_q}
                if key == "EE_z"
                else {"tau2": fits.tau2, "I2": i2_there(yi, vi, order, want)}
            )
            for column, mine in later.items():
                c.same(f"cumulative {key}", f"{name} {column}", mine[1:], want[column][1:], CLOSED_FORM)
    c.check()


def i2_there(yi: np.ndarray, vi: np.ndarray, order: np.ndarray, want: Json) -> np.ndarray:
    """I2 at the reference's tau2: as a percentage it magnifies where the reference stopped short of zero."""
    rows = np.argsort(order, kind="stable")
    typical = typical_variance(lay_out(yi[rows], vi[rows], np.tri(len(rows), dtype=bool)))
    return i2_from_tau2(numbers(want["tau2"]), typical)


def test_influence_of_each_study_agrees_with_influence() -> None:
    c = Comparison()
    for name, yi, vi, wanted, _ in extras("influence"):
        for method, want in wanted.items():
            if is_error(want):
                unsupported["influence: reference refused"] += 1
                continue
            found = stats.influence(yi, vi, tau2=method)
            assert isinstance(found, stats.Influence), name
            pairs = {
                "rstudent": found.rstudent,
                "dffits": found.dffits,
                "cook.d": found.cooks_distance,
                "cov.r": found.covariance_ratio,
                "tau2.del": found.tau2_without,
                "QE.del": found.q_without,
                "hat": found.hat,
                "weight": found.weight,
                "dfbs": found.dfbetas,
            }
            for column, mine in pairs.items():
                c.same(f"influence {method}", f"{name} {column}", mine, want[column], INFLUENCE)
            c.same(f"influence {method} flags", name, found.influential, want["is_infl"], CLOSED_FORM)
    c.check()


def test_residuals_agree_with_rstandard() -> None:
    c = Comparison()
    for name, yi, vi, want, _ in extras("rstandard_REML"):
        found = stats.standardised_residuals(yi, vi)
        assert isinstance(found, stats.Residuals), name
        for column, mine in {"resid": found.residual, "se": found.se, "z": found.z}.items():
            c.same("rstandard", f"{name} {column}", mine, want[column], INFLUENCE)
    c.check()


def test_shrunken_effects_agree_with_blup() -> None:
    c = Comparison()
    for name, yi, vi, want, _ in extras("blup_REML"):
        found = stats.blup(yi, vi)
        assert isinstance(found, stats.Blups), name
        pairs = {"pred": found.effect, "se": found.se, "pi.lb": found.low, "pi.ub": found.high}
        for column, mine in pairs.items():
            c.same("blup", f"{name} {column}", mine, want[column], INFLUENCE)
    c.check()


def test_coordinates_agree_with_baujat() -> None:
    c = Comparison()
    for name, yi, vi, want, _ in extras("baujat_REML"):
        found = stats.baujat(yi, vi, tau2="REML")
        assert isinstance(found, stats.Baujat), name
        c.same("baujat", f"{name} x", found.heterogeneity, want["x"], INFLUENCE)
        c.same("baujat", f"{name} y", found.influence, want["y"], INFLUENCE)
    c.check()
