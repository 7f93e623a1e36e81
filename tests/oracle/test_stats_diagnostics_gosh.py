"""Pools of all subsets against metafor."""

from typing import Any

import numpy as np

from living import stats
from living.stats.heterogeneity import i2_from_tau2, typical_variance
from living.stats.likelihood import log_likelihood
from living.stats.moments import lay_out
from tests.oracle.golden_files import CLOSED_FORM, Comparison, is_error, numbers, unsupported
from tests.oracle.test_stats_diagnostics import METHODS, extras

# A likelihood is a sum of a few dozen logarithms: differences below this are rounding.
SAME_HEIGHT = 1e-12


def test_every_subset_agrees_with_gosh() -> None:
    c = Comparison()
    for name, yi, vi, wanted, _ in extras("gosh"):
        for method, want in wanted.items():
            if is_error(want):
                unsupported["gosh: reference refused"] += 1
            else:
                compare(c, f"gosh {method}", name, (yi, vi), method, want)
    c.check()


def compare(
    c: Comparison, feature: str, name: str, data: tuple[np.ndarray, np.ndarray], method: str, want: Any
) -> None:
    """A subset of one study has an effect and nothing else. I2 is compared at the reference's tau2: as a
    percentage it magnifies where the reference stopped short of zero.
    """
    found = stats.gosh(*data, tau2=METHODS[method])
    assert isinstance(found, stats.Gosh), name
    include = np.array([[digit == "1" for digit in row] for row in want["include"]])
    rows = include @ (1 << np.arange(include.shape[1])) - 1
    several = include.sum(-1) > 1
    tau2 = numbers(want["tau2"])
    same = ~several | np.isclose(found.tau2[rows], tau2, **CLOSED_FORM)
    if method == "REML":
        ours_is_higher(c, name, data, include[~same], found.tau2[rows][~same], tau2[~same])
    i2 = found.i2[rows] if method == "EE" else i2_from_tau2(tau2, typical_variance(lay_out(*data, include)))
    c.same(feature, f"{name} subsets", len(found.mu), len(rows), CLOSED_FORM)
    kept = same if method == "REML" else np.ones_like(same)
    pairs = {"estimate": (found.mu[rows], kept), "Q": (found.q[rows], several)}
    pairs |= {"tau2": (found.tau2[rows], several & kept), "I2": (i2, several)}
    for column, (mine, where) in pairs.items():
        expected = list(numbers(want[column])[where])
        c.same(feature, f"{name} {column}", mine[where], expected, CLOSED_FORM)


def ours_is_higher(
    c: Comparison, name: str, data: tuple[Any, Any], include: np.ndarray, own: np.ndarray, theirs: np.ndarray
) -> None:
    """Where the two differ, the reference stopped at a lower mode, or short of zero on a large scale."""
    for chosen, mine, other in zip(include, own, theirs, strict=True):
        layout = lay_out(*data, chosen)
        heights = [float(log_likelihood(layout, np.float64(t), restricted=True)) for t in (mine, other)]
        reached = heights[0] >= heights[1] - SAME_HEIGHT * abs(heights[1])
        c.same("gosh REML, reference below the maximum", name, float(reached), 1.0, CLOSED_FORM)
