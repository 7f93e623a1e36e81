"""Models of the counts themselves, without continuity corrections: odds ratios, rate ratios, proportions."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import chdtrc

from living.stats.effects import BoolArray, FloatArray, floats
from living.stats.families import binomial, hypergeometric, poisson
from living.stats.intervals import critical, two_sided_p
from living.stats.random_intercept import Family, Model, gauss_hermite, maximise_likelihood, saturated
from living.stats.status import NotEstimable, Status

ODDS_RATIO_MODELS = ("UM.FS", "CM.EL", "CM.AL")
RATE_RATIO_MODELS = ("UM.FS", "CM.EL")
METHODS = ("ML", "CE")
NODES = 61  # enough for a tau of 6 (extreme on a logarithmic scale), where 31 leave the likelihood uneven


@dataclass(frozen=True)
class CountPool:
    """One pooled estimate from counts; ratios are natural logarithms, a proportion is a logit.

    `k` studies were given and `informative` of them say something about the effect. `q_lrt` on `q_df`:
    likelihood ratio test of heterogeneity, against an effect for each study. `log_likelihood` includes all
    constants.
    """

    model: str
    method: str
    k: int
    informative: int
    mu: float
    se: float
    ci_low: float
    ci_high: float
    statistic: float
    p: float
    level: float
    tau2: float
    log_likelihood: float
    q_lrt: float
    q_df: int
    q_p: float


def glmm_odds_ratio(
    ai: npt.ArrayLike,
    n1i: npt.ArrayLike,
    ci: npt.ArrayLike,
    n2i: npt.ArrayLike,
    *,
    model: str = "UM.FS",
    method: str = "ML",
    level: float = 0.95,
) -> CountPool | NotEstimable:
    """Pool odds ratios by logistic regression with a random effect.

    Shapes: `ai` events of `n1i` against `ci` of `n2i`, all [k]. `model`: "UM.FS" gives each study a level of
    its own; "CM.EL" conditions on each study's total (noncentral hypergeometric); "CM.AL" replaces that by a
    binomial, which is right for rare events only. `method`: "ML", or "CE" with tau2 = 0. A study without
    events, or with nothing else, says nothing here. Raises KeyError on another model or method, ValueError on
    shapes that do not fit or an impossible level.
    **Source** Turner et al. 2000, Stat Med 19:3417-3432 (UM.FS); Stijnen, Hamza & Ozdemir 2010, Stat Med
    29:3046-3067 (CM). Oracle: `rma.glmm(measure="OR", model=, method=)`.

    >>> found = glmm_odds_ratio([3, 5, 0, 9], [50, 60, 40, 80], [6, 11, 2, 12], [50, 61, 42, 79])
    >>> round(found.mu, 3), round(found.se, 3), found.tau2
    (-0.678, 0.32, 0.0)
    """
    if model not in ODDS_RATIO_MODELS:
        raise KeyError(model)
    a, n1, c, n2 = _columns(ai, n1i, ci, n2i)
    refused = _refusal((a, c), (n1, n2), method, level)
    if refused is not None:
        return NotEstimable(refused)
    used = (a + c > 0) & (a + c < n1 + n2)
    k, a, n1, c, n2 = len(a), a[used], n1[used], c[used], n2[used]
    refused = _uninformative(a, n1 - a, c, n2 - c, approximate=model == "CM.AL")
    if refused is not None:
        return NotEstimable(refused)
    counts, sizes = np.stack([a, c], 1), np.stack([n1, n2], 1)
    if model == "UM.FS":
        alpha = np.log((counts.sum(1) + 0.5) / ((sizes - counts).sum(1) + 0.5))
        return _fit(
            _own_level(binomial(counts, sizes), np.zeros_like(counts)), alpha, model, method, k, level
        )
    if model == "CM.AL":
        one = _conditional(binomial(a[:, None], (a + c)[:, None]), np.log(n1 / n2))
    else:
        one = _conditional(hypergeometric(a, n1, c, n2), np.zeros_like(a))
    return _fit(one, np.zeros_like(a), model, method, k, level)


def glmm_rate_ratio(
    x1i: npt.ArrayLike,
    t1i: npt.ArrayLike,
    x2i: npt.ArrayLike,
    t2i: npt.ArrayLike,
    *,
    model: str = "UM.FS",
    method: str = "ML",
    level: float = 0.95,
) -> CountPool | NotEstimable:
    """Pool rate ratios by Poisson regression with a random effect.

    Shapes: `x1i` events in person-time `t1i` against `x2i` in `t2i`, all [k]. `model`: "UM.FS" gives each
    study a rate of its own; "CM.EL" conditions on its total (binomial, exactly). A study without events says
    nothing here. Raises as `glmm_odds_ratio`.
    **Source** Stijnen, Hamza & Ozdemir 2010, Stat Med 29:3046-3067; Bagos & Nikolopoulos 2009, Int J
    Biostat 5(1). Oracle: `rma.glmm(measure="IRR", model=, method=)`.
    """
    if model not in RATE_RATIO_MODELS:
        raise KeyError(model)
    x1, t1, x2, t2 = _columns(x1i, t1i, x2i, t2i)
    infinite = (np.full_like(x1, np.inf), np.full_like(x1, np.inf))
    refused = _refusal((x1, x2), infinite, method, level)
    if refused is None and not (np.isfinite([t1, t2]).all() and (np.stack([t1, t2]) > 0).all()):
        refused = Status.IMPOSSIBLE_INPUT if np.isfinite([t1, t2]).all() else Status.MISSING_INPUT
    if refused is not None:
        return NotEstimable(refused)
    used = x1 + x2 > 0
    k, x1, t1, x2, t2 = len(x1), x1[used], t1[used], x2[used], t2[used]
    refused = _uninformative(x1, t1, x2, t2, approximate=True)
    if refused is not None:
        return NotEstimable(refused)
    if model == "UM.FS":
        counts, times = np.stack([x1, x2], 1), np.stack([t1, t2], 1)
        alpha = np.log(counts.sum(1) / times.sum(1))
        return _fit(_own_level(poisson(counts), np.log(times)), alpha, model, method, k, level)
    one = _conditional(binomial(x1[:, None], (x1 + x2)[:, None]), np.log(t1 / t2))
    return _fit(one, np.zeros_like(x1), model, method, k, level)


def glmm_proportion(
    xi: npt.ArrayLike, ni: npt.ArrayLike, *, method: str = "ML", level: float = 0.95
) -> CountPool | NotEstimable:
    """Pool proportions by logistic regression with a random intercept; `mu` is a logit.

    Shapes: `xi` events of `ni`, both [k]. Raises as `glmm_odds_ratio`.
    **Source** Stijnen, Hamza & Ozdemir 2010, Stat Med 29:3046-3067. Oracle: `rma.glmm(measure="PLO",
    method=)`.
    """
    x, n, _, _ = _columns(xi, ni, 0.0, 0.0)
    refused = _refusal((x,), (n,), method, level)
    if refused is None and (x.sum() == 0 or x.sum() == n.sum()):
        refused = Status.ZERO_CELL
    if refused is not None:
        return NotEstimable(refused)
    one = _conditional(binomial(x[:, None], n[:, None]), np.zeros_like(x))
    return _fit(one, np.zeros_like(x), "logit-normal", method, len(x), level)


def _columns(*values: npt.ArrayLike) -> tuple[FloatArray, ...]:
    columns = floats(*values)
    if columns[0].ndim != 1:
        raise ValueError(f"counts come as lists of one length, not {columns[0].shape}")
    return columns


def _refusal(
    counts: tuple[FloatArray, ...], sizes: tuple[FloatArray, ...], method: str, level: float
) -> Status | None:
    critical(1.0, level)
    if method not in METHODS:
        raise KeyError(method)
    x, n = np.stack(counts), np.stack(sizes)
    if not x.size:
        return Status.NO_STUDIES
    if not np.isfinite(x).all() or np.isnan(n).any():
        return Status.MISSING_INPUT
    if (x < 0).any() or (x > n).any() or (n <= 0).any() or (x != np.floor(x)).any():
        return Status.IMPOSSIBLE_INPUT
    return Status.SINGLE_STUDY if x.shape[1] == 1 else None


def _uninformative(
    a: FloatArray, b: FloatArray, c: FloatArray, d: FloatArray, approximate: bool
) -> Status | None:
    """Why the studies left over have no finite ratio: `a` and `c` events, `b` and `d` the rest."""
    if len(a) < 2:
        return Status.SINGLE_STUDY if len(a) else Status.DOUBLE_ZERO

    def extreme(one: BoolArray, other: BoolArray) -> bool:
        return bool(one.all() or other.all())

    if approximate:
        return Status.ONE_SIDED if extreme(a == 0, c == 0) else None
    return Status.ONE_SIDED if extreme((a == 0) | (d == 0), (c == 0) | (b == 0)) else None


def _own_level(family: Family, offset: FloatArray) -> Model:
    """Two arms around a level of their study, with the random effect split evenly between them."""
    nodes, log_weights = gauss_hermite(NODES)
    treated, halves = np.array([1.0, 0.0]), np.array([0.5, -0.5])
    return Model(family, offset[..., None], np.ones(2), treated, halves, nodes, log_weights)


def _conditional(family: Family, offset: FloatArray) -> Model:
    """One observation for each study, whose predictor is the effect itself."""
    nodes, log_weights = gauss_hermite(NODES)
    return Model(family, offset[:, None, None], np.zeros(1), np.ones(1), np.ones(1), nodes, log_weights)


def _fit(
    model: Model, alpha: FloatArray, name: str, method: str, k: int, level: float
) -> CountPool | NotEstimable:
    with np.errstate(over="ignore"):
        common = maximise_likelihood(model, alpha, common=True)
        best = common if method == "CE" else maximise_likelihood(model, alpha, common=False)
        if common is None or best is None:
            return NotEstimable(Status.NOT_CONVERGED)
        ceiling = saturated(model)
    variance = 1 / best.information[0, 0]
    if best.tau > 0:
        variance = np.linalg.inv(best.information)[0, 0]
    if not variance > 0:
        return NotEstimable(Status.NOT_CONVERGED)
    mu, se = float(best.theta), float(np.sqrt(variance))
    half = float(critical(np.inf, level)) * se
    q = max(2 * (ceiling - common.log_likelihood), 0.0)
    df = len(alpha) - 1
    return CountPool(
        model=name,
        method=method,
        k=k,
        informative=len(alpha),
        mu=mu,
        se=se,
        ci_low=mu - half,
        ci_high=mu + half,
        statistic=mu / se,
        p=float(two_sided_p(mu / se, np.inf)),
        level=level,
        tau2=float(best.tau) ** 2,
        log_likelihood=best.log_likelihood,
        q_lrt=q,
        q_df=df,
        q_p=float(chdtrc(df, q)),
    )
