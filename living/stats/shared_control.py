"""Trials with several arms and one control: the control split between comparisons, or their exact covariance.

Two comparisons with the same control share its error, and that part of their variance is their covariance.
Place by place on arrays that broadcast together; impossible inputs give NaN.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from living.stats.effects import FloatArray, floats


def split_control(n: npt.ArrayLike, comparisons: npt.ArrayLike) -> FloatArray:
    """Size (or events) of the control for each of several comparisons: an equal share; not rounded.

    Means and SDs stay as they are. The comparisons then count nobody twice, but are still correlated.
    **Source** Cochrane Handbook 6.3, section 23.3.4.
    """
    people, parts = floats(n, comparisons)
    with np.errstate(all="ignore"):
        return np.where((people >= 0) & (parts >= 1), people / parts, np.nan)


def shared_covariance_md(sd: npt.ArrayLike, n: npt.ArrayLike) -> FloatArray:
    """Covariance of two mean differences: the variance of the control's mean.

    **Source** Gleser & Olkin 2009, in Handbook of Research Synthesis, chapter 19. Oracle: `vcalc`.
    """
    s, m = floats(sd, n)
    with np.errstate(all="ignore"):
        return np.where((s > 0) & (m > 0), s**2 / m, np.nan)


def shared_covariance_smd(
    d1: npt.ArrayLike, d2: npt.ArrayLike, n: npt.ArrayLike, n_total: npt.ArrayLike
) -> FloatArray:
    """Covariance of two standardised mean differences d1 and d2 against a control of n people.

    `n_total` people in all arms of the trial, whose pooled SD is the standardiser.
    **Source** Gleser & Olkin 2009, chapter 19. Oracle: `vcalc`.
    """
    a, b, m, total = floats(d1, d2, n, n_total)
    with np.errstate(all="ignore"):
        return np.where((m > 0) & (total >= m), 1 / m + a * b / (2 * total), np.nan)


def shared_covariance_log_risk_ratio(events: npt.ArrayLike, n: npt.ArrayLike) -> FloatArray:
    """Covariance of two log risk ratios, from the control's events; NaN without events.

    **Source** Gleser & Olkin 2009, chapter 19. Oracle: `vcalc`.
    """
    x, m = floats(events, n)
    with np.errstate(all="ignore"):
        return np.where((x > 0) & (m >= x), 1 / x - 1 / m, np.nan)


def shared_covariance_log_odds_ratio(events: npt.ArrayLike, n: npt.ArrayLike) -> FloatArray:
    """Covariance of two log odds ratios, from the control's events; NaN with an empty cell.

    **Source** Gleser & Olkin 2009, chapter 19. Oracle: `vcalc`.
    """
    x, m = floats(events, n)
    with np.errstate(all="ignore"):
        return np.where((x > 0) & (m > x), 1 / x + 1 / (m - x), np.nan)


def shared_covariance_risk_difference(events: npt.ArrayLike, n: npt.ArrayLike) -> FloatArray:
    """Covariance of two risk differences: the variance of the control's risk.

    **Source** Gleser & Olkin 2009, chapter 19.
    """
    x, m = floats(events, n)
    with np.errstate(all="ignore"):
        return np.where((x >= 0) & (m >= x) & (m > 0), x * (m - x) / m**3, np.nan)


def shared_covariance_log_rate_ratio(events: npt.ArrayLike) -> FloatArray:
    """Covariance of two log rate ratios, from the control's events; NaN without events.

    **Source** Gleser & Olkin 2009, chapter 19, for Poisson counts. Oracle: `vcalc`.
    """
    (x,) = floats(events)
    with np.errstate(all="ignore"):
        return np.where(x > 0, 1 / x, np.nan)


def contrast_covariance(vi: npt.ArrayLike, shared: npt.ArrayLike, trial: npt.ArrayLike) -> FloatArray:
    """Covariance matrix of contrasts, [k, k], for a multivariate or multilevel model.

    Shapes: `vi` [k] the variances, `shared` [k, k] the covariance that two contrasts have if they share a
    control (only places within one trial are read), `trial` [k] labels. Raises ValueError on other shapes.
    **Source** Gleser & Olkin 2009, chapter 19. Oracle: `vcalc(cluster=, grp2=, ...)`.
    """
    v, labels = np.asarray(vi, dtype=np.float64), np.asarray(trial)
    if v.ndim != 1 or labels.shape != v.shape or np.shape(shared) != (len(v), len(v)):
        raise ValueError("contrast_covariance takes k variances, a k by k matrix and k labels")
    off = np.where(labels[:, None] == labels, np.asarray(shared, dtype=np.float64), 0.0)
    return np.where(np.eye(len(v), dtype=bool), v, off)
