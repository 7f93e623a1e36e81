"""Estimators of the between-study variance, one function per named method.

Each takes a `Layout` and returns tau2 >= 0 of shape [...], in squared units of the effects; NaN where an
iteration did not settle. Rows with fewer than two studies hold a number without meaning: `fit` replaces it by
a status.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.special import chdtri

from living.stats.effects import FloatArray
from living.stats.likelihood import maximise
from living.stats.moments import Layout, divide
from living.stats.roots import solve_q


def common_effect(layout: Layout) -> FloatArray:
    """No between-study variance: every study estimates the same effect. Oracle: `rma(method="EE")`."""
    return np.zeros_like(layout.k)


def dersimonian_laird(layout: Layout) -> FloatArray:
    """Moment estimator from Cochran's Q.

    **Source** DerSimonian & Laird 1986, Control Clin Trials 7:177-188, equation 8. Oracle:
    `rma(method="DL")`.
    """
    return np.maximum(divide(layout.q(0.0) - layout.df, layout.trace_p(layout.weights(0.0))), 0.0)


def dersimonian_laird_two_step(layout: Layout) -> FloatArray:
    """Moment estimator from the generalised Q with the weights that DerSimonian and Laird's first step gives.

    Nearer to Paule and Mandel's than the first step is when heterogeneity is large.
    **Source** DerSimonian & Kacker 2007, Contemp Clin Trials 28:105-114, the two-step DL2. Oracle:
    `rma(method="GENQ", weights=1 / (vi + tau2))` with tau2 of `rma(method="DL")`.
    """
    first = dersimonian_laird(layout)
    w = layout.weights(first)
    sampling = (w * layout.v).sum(-1) - divide((w**2 * layout.v).sum(-1), w.sum(-1))
    return np.maximum(divide(layout.q(first) - sampling.sum(-1), layout.trace_p(w)), 0.0)


def hedges(layout: Layout) -> FloatArray:
    """Moment estimator from the unweighted variance (variance component, Cochran ANOVA).

    **Source** Hedges & Olkin 1985, chapter 9, equation 9; DerSimonian & Kacker 2007. Oracle:
    `rma(method="HE")`.
    """
    return np.maximum(layout.mean_square() - divide(layout.unweighted_trace(), layout.df), 0.0)


def hunter_schmidt(layout: Layout) -> FloatArray:
    """Hunter and Schmidt's estimator; biased towards zero. **Source** Viechtbauer 2005, equation 5.

    Oracle: `rma(method="HS")`.
    """
    return np.maximum(divide(layout.q(0.0) - layout.k, layout.weights(0.0).sum(-1).sum(-1)), 0.0)


def hunter_schmidt_corrected(layout: Layout) -> FloatArray:
    """Hunter and Schmidt's estimator with a small-sample factor on Q.

    **Source** Brannick et al. 2019, Res Synth Methods 10:343-363. Oracle: `rma(method="HSk")`.
    """
    q = divide(layout.k, layout.df) * layout.q(0.0)
    return np.maximum(divide(q - layout.k, layout.weights(0.0).sum(-1).sum(-1)), 0.0)


def sidik_jonkman(layout: Layout) -> FloatArray:
    """Two-step estimator that starts from the unweighted variance of the effects; never below zero by
    construction.

    **Source** Sidik & Jonkman 2005, J R Stat Soc C 54:367-384, equation 4. Oracle: `rma(method="SJ")`.
    """
    grand = divide((layout.member * layout.y).sum(-1).sum(-1), layout.k)
    start = divide((layout.member * (layout.y - grand[..., None, None]) ** 2).sum(-1).sum(-1), layout.k)
    return start * divide(layout.q(start), layout.df)


def paule_mandel(layout: Layout) -> FloatArray:
    """The variance at which the generalised Q equals its degrees of freedom.

    **Source** Paule & Mandel 1982, J Res NBS 87:377-385; DerSimonian & Kacker 2007. Oracle:
    `rma(method="PM")`.
    """
    return solve_q(layout, np.maximum(layout.df, 1.0))


def paule_mandel_median(layout: Layout) -> FloatArray:
    """The variance at which the generalised Q equals the median of its distribution: median-unbiased.

    **Source** Viechtbauer 2021, in Schmid, Stijnen & White, Handbook of Meta-Analysis. Oracle:
    `rma(method="PMM")`.
    """
    return solve_q(layout, chdtri(np.maximum(layout.df, 1.0), 0.5))


def empirical_bayes(layout: Layout) -> FloatArray:
    """Morris's empirical Bayes estimator; its equation is that of Paule and Mandel, so the value is the same.

    **Source** Morris 1983, J Am Stat Assoc 78:47-55; Viechtbauer 2005, section 2.5. Oracle:
    `rma(method="EB")`.
    """
    return paule_mandel(layout)


def maximum_likelihood(layout: Layout) -> FloatArray:
    """The global maximum of the likelihood.

    **Source** Viechtbauer 2005, equation 11. Oracle: `rma(method="ML")`.
    """
    return maximise(layout, restricted=False)


def restricted_maximum_likelihood(layout: Layout) -> FloatArray:
    """The global maximum of the restricted likelihood.

    **Source** Viechtbauer 2005, equation 15. Oracle: `rma(method="REML")`.
    """
    return maximise(layout, restricted=True)


TAU2: dict[str, Callable[[Layout], FloatArray]] = {
    "CE": common_effect,
    "DL": dersimonian_laird,
    "DL2": dersimonian_laird_two_step,
    "HE": hedges,
    "HS": hunter_schmidt,
    "HSk": hunter_schmidt_corrected,
    "SJ": sidik_jonkman,
    "PM": paule_mandel,
    "PMM": paule_mandel_median,
    "EB": empirical_bayes,
    "ML": maximum_likelihood,
    "REML": restricted_maximum_likelihood,
}


def estimator_of(tau2: str | float) -> Callable[[Layout], FloatArray]:
    """Return the estimator of that name, or one that gives the known value.

    Raises KeyError on a name that is not in TAU2, ValueError on a value that is negative or not finite.
    Oracle for a value: `rma(tau2=)`.
    """
    if isinstance(tau2, str):
        return TAU2[tau2]
    if not 0 <= tau2 < np.inf:
        raise ValueError(f"a between-study variance is not negative and finite, unlike {tau2}")
    return lambda layout: np.full_like(layout.k, tau2)
