"""Funnel asymmetry of trials that count events: an odds ratio and its standard error depend on each other, so
Egger's test finds asymmetry where there is none; these tests use something else than that standard error.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.special import gammaln

from living.stats.asymmetry import Asymmetry, unusable, weighted_line
from living.stats.cautions import funnel_cautions
from living.stats.effects import FloatArray, floats
from living.stats.influence import columns
from living.stats.rank import RankTest, rank_test
from living.stats.status import NotEstimable, Status


def harbord(
    events1: npt.ArrayLike,
    n1: npt.ArrayLike,
    events2: npt.ArrayLike,
    n2: npt.ArrayLike,
    *,
    level: float = 0.95,
) -> Asymmetry | NotEstimable:
    """Egger's regression on the score of the log odds ratio and its variance; t on k - 2.

    Shapes: [k]. `slope` is the bias (intercept of Z/sqrt(V) on sqrt(V)); no cell needs an addition, but a
    study without events, or with nothing else, is left out.
    **Source** Harbord, Egger & Sterne 2006, Stat Med 25:3443-3457. Oracle: `metabias(metabin(sm="OR"),
    method.bias="Harbord")` of meta.
    """
    a, n, c, m = _table(events1, n1, events2, n2)
    total, events = n + m, a + c
    v = n * m * events * (total - events) / (total**2 * (total - 1))
    return _line("Harbord", "se of the score", (a - events * n / total) / v, 1 / np.sqrt(v), v, level)


def peters(
    yi: npt.ArrayLike,
    events1: npt.ArrayLike,
    n1: npt.ArrayLike,
    events2: npt.ArrayLike,
    n2: npt.ArrayLike,
    *,
    level: float = 0.95,
) -> Asymmetry | NotEstimable:
    """Regression of the log ratio on 1 / number of people, weighted by all events and all others; t on k - 2.

    Shapes: [k]; `yi` as the review pools it (zero cells by its rule).
    **Source** Peters et al. 2006, JAMA 295:676-680. Oracle: `metabias(metabin(...), method.bias="Peters")`
    of meta.
    """
    a, n, c, m, y = _table(events1, n1, events2, n2, yi)
    events, total = a + c, n + m
    return _line("Peters", "inverse-n", y, 1 / total, events * (total - events) / total, level)


def deeks(
    yi: npt.ArrayLike, n1: npt.ArrayLike, n2: npt.ArrayLike, *, level: float = 0.95
) -> Asymmetry | NotEstimable:
    """Regression of the log ratio on 1 / sqrt(effective size), weighted by that size; t on k - 2.

    Shapes: [k]; the effective size is 4 n1 n2 / (n1 + n2).
    **Source** Deeks, Macaskill & Irwig 2005, J Clin Epidemiol 58:882-893. Oracle: `metabias(metabin(...),
    method.bias="Deeks")` of meta.
    """
    y, n, m = floats(yi, n1, n2)
    size = 4 * n * m / (n + m)
    return _line("Deeks", "inverse root of effective size", y, 1 / np.sqrt(size), size, level)


def macaskill(
    yi: npt.ArrayLike, vi: npt.ArrayLike, n: npt.ArrayLike, *, level: float = 0.95
) -> Asymmetry | NotEstimable:
    """Regression of the log ratio on the number of people, weighted by inverse variances; t on k - 2.

    Shapes: [k].
    **Source** Macaskill, Walter & Irwig 2001, Stat Med 20:641-654. Oracle: `metabias(metabin(...),
    method.bias="Macaskill")` of meta; `regtest(model="lm", predictor="ni")`.
    """
    y, v = columns(yi, vi)
    size = np.asarray(n, dtype=np.float64)
    if (why := unusable(y, v, size)) is not None:
        return why
    return weighted_line("Macaskill", "n", y, size, 1 / v, level, funnel_cautions(v))


def schwarzer(
    events1: npt.ArrayLike, n1: npt.ArrayLike, events2: npt.ArrayLike, n2: npt.ArrayLike
) -> RankTest | NotEstimable:
    """Rank correlation of the standardised event counts with their information; made for rare events.

    Shapes: [k]. Counts are compared with the hypergeometric distribution of the pooled odds ratio; studies
    without events, or with nothing else, are left out. P is the normal approximation.
    **Source** Schwarzer, Antes & Schumacher 2007, Stat Med 26:721-733. Oracle: `metabias(metabin(...),
    method.bias="Schwarzer")` of meta.
    """
    a, n, c, m = _table(events1, n1, events2, n2)
    total = n + m
    against, favour = ((n - a) * c / total).sum(), (a * (m - c) / total).sum()
    if len(a) < 3 or not (against > 0 and favour > 0):
        return NotEstimable(Status.TOO_FEW_STUDIES if len(a) < 3 else Status.ZERO_CELL)
    moments = [_hypergeometric(*row, np.log(favour / against)) for row in zip(n, m, a + c, strict=True)]
    mean, variance = np.array(moments).T
    return rank_test(
        "Schwarzer", (a - mean) / np.sqrt(variance), 1 / variance, False, funnel_cautions(variance)
    )


def _table(*cells: npt.ArrayLike) -> list[FloatArray]:
    """The columns without the studies that say nothing about a ratio (no events, or nothing else)."""
    given = floats(*cells)
    a, n, c, m = given[:4]
    keep = (a + c > 0) & (a + c < n + m)
    return [column[keep] for column in given]


def _line(
    test: str, predictor: str, y: FloatArray, x: FloatArray, w: FloatArray, level: float
) -> Asymmetry | NotEstimable:
    with np.errstate(divide="ignore"):
        v = 1 / w
    if (why := unusable(y, v, x)) is not None:
        return why
    return weighted_line(test, predictor, y, x, w, level, funnel_cautions(v))


def _hypergeometric(n: float, m: float, events: float, log_odds: float) -> tuple[float, float]:
    """Mean and variance of the first group's events, given all margins and an odds ratio.

    **Source** McCullagh & Nelder 1989, section 7.3.2.
    """
    x = np.arange(max(0.0, events - m), min(n, events) + 1)
    parts = (x, n - x, events - x, m - events + x)
    log_share = x * log_odds - sum(gammaln(part + 1) for part in parts)
    share = np.exp(log_share - log_share.max())
    share = share / share.sum()
    mean = float((share * x).sum())
    return mean, float((share * (x - mean) ** 2).sum())
