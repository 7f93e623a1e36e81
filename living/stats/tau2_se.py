"""Standard errors of the estimated between-study variance, one function per estimator.

They describe the estimator over repetitions and are poor building blocks of an interval: tau2 is bounded at
0 and its distribution is skewed. Use `q_profile`, `profile_likelihood` or `generalised_q_interval` instead.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from living.stats.effects import FloatArray
from living.stats.moments import Layout, divide, lay_out
from living.stats.q_distribution import q_variance
from living.stats.status import Status
from living.stats.tau2 import TAU2


def tau2_se(
    yi: npt.ArrayLike, vi: npt.ArrayLike, *, tau2: str = "REML", include: npt.ArrayLike | None = None
) -> FloatArray:
    """Standard error of tau2 as estimated by the named method, [...]; NaN where `fit` has no result.

    Shapes: `yi`, `vi`, `include` [..., k]; in squared units of `yi`. Raises KeyError on a name that is not in
    TAU2_SE (a common effect has no tau2 to be uncertain about; none is published for DL2).
    **Source** Viechtbauer 2005, J Educ Behav Stat 30:261-293; each function its own. Oracle:
    `rma(method=)$se.tau2`.

    >>> round(float(tau2_se([0.1, 0.3, 0.8], [0.04, 0.02, 0.09], tau2="DL")), 4)
    0.0795
    """
    formula = TAU2_SE[tau2]
    layout = lay_out(yi, vi, include)
    with np.errstate(all="ignore"):
        estimate = TAU2[tau2](layout)
        value = formula(layout, np.nan_to_num(estimate))
    return np.where((layout.status == Status.OK) & np.isfinite(estimate), value, np.nan)


def se_maximum_likelihood(layout: Layout, tau2: FloatArray) -> FloatArray:
    """From the expected information. **Source** Viechtbauer 2005."""
    return np.asarray(np.sqrt(2 / (layout.weights(tau2) ** 2).sum((-2, -1))))


def se_restricted(layout: Layout, tau2: FloatArray) -> FloatArray:
    """From the expected restricted information. **Source** Viechtbauer 2005."""
    return np.sqrt(2 / layout.trace_pp(layout.weights(tau2)))


def se_dersimonian_laird(layout: Layout, tau2: FloatArray) -> FloatArray:
    """From the variance of Q at this tau2. **Source** Biggerstaff & Tweedie 1997, Stat Med 16:753-768."""
    w = layout.weights(0.0)
    return np.sqrt(_variance_of_q(layout, tau2)) / layout.trace_p(w)


def se_hunter_schmidt(layout: Layout, tau2: FloatArray) -> FloatArray:
    """The variance of Q at this tau2, over the sum of weights. **Source** Viechtbauer 2005."""
    return np.asarray(np.sqrt(_variance_of_q(layout, tau2)) / layout.weights(0.0).sum((-2, -1)))


def se_hunter_schmidt_corrected(layout: Layout, tau2: FloatArray) -> FloatArray:
    """Hunter and Schmidt's, times the small-sample factor. **Source** Brannick et al. 2019."""
    return divide(layout.k, layout.df) * se_hunter_schmidt(layout, tau2)


def se_hedges(layout: Layout, tau2: FloatArray) -> FloatArray:
    """The variance of the unweighted squares at this tau2. **Source** Viechtbauer 2005."""
    return se_generalised_q(layout, tau2, layout.member)


def se_sidik_jonkman(layout: Layout, tau2: FloatArray) -> FloatArray:
    """The variance of the second step, its starting value taken as known. Oracle: `rma(method="SJ")`."""
    grand = divide((layout.member * layout.y).sum((-2, -1)), layout.k)
    squares = layout.member * (layout.y - grand[..., None, None]) ** 2
    start = divide(squares.sum((-2, -1)), layout.k)
    return start * np.sqrt(q_variance(layout, layout.weights(start), tau2)) / layout.df


def se_paule_mandel(layout: Layout, tau2: FloatArray) -> FloatArray:
    """Empirical Bayes approximation. Oracle: `rma(method="PM")`, "EB" and "PMM"."""
    return np.asarray(np.sqrt(2 * layout.k**2 / layout.df) / layout.weights(tau2).sum((-2, -1)))


def se_generalised_q(layout: Layout, tau2: FloatArray, weights: FloatArray) -> FloatArray:
    """Standard error of the moment estimator at fixed weights [..., g, k].

    **Source** Jackson, Turner, Rhodes & Viechtbauer 2014, BMC Med Res Methodol 14:103. Oracle:
    `rma(method="GENQ", weights=)$se.tau2`.
    """
    return np.sqrt(q_variance(layout, weights, tau2)) / layout.trace_p(weights)


def _variance_of_q(layout: Layout, tau2: FloatArray) -> FloatArray:
    w = layout.weights(0.0)
    return 2 * layout.df + 4 * tau2 * layout.trace_p(w) + 2 * tau2**2 * layout.trace_pp(w)


TAU2_SE: dict[str, Callable[[Layout, FloatArray], FloatArray]] = {
    "DL": se_dersimonian_laird,
    "HE": se_hedges,
    "HS": se_hunter_schmidt,
    "HSk": se_hunter_schmidt_corrected,
    "SJ": se_sidik_jonkman,
    "PM": se_paule_mandel,
    "PMM": se_paule_mandel,
    "EB": se_paule_mandel,
    "ML": se_maximum_likelihood,
    "REML": se_restricted,
}
