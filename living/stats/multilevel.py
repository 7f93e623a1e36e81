"""Effects that are not independent: several from one study, a shared control group, levels within levels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from living.stats.blocks import Blocks, arrange, codes
from living.stats.components import Evaluation, evaluate, maximise_components
from living.stats.effects import FloatArray
from living.stats.heterogeneity import cochran_q_p
from living.stats.intervals import critical, two_sided_p
from living.stats.regression import design_columns
from living.stats.status import NotEstimable, Status

INTERVALS = ("wald", "wald-t")


@dataclass(frozen=True, eq=False)
class Multilevel:
    """A model with variance components `sigma2`, one for each grouping in the order given.

    `b` and what follows it [p] are the coefficients, the intercept (if any) first; `df` None for a normal
    interval. `qe` on `qe_df`: scatter around the fit beyond the sampling error alone. `marginal` [k, k]: the
    covariance of the effects under the model. `effects`, `effects_se`: predicted random effects of each
    grouping, by sorted label.
    """

    k: int
    b: FloatArray
    se: FloatArray
    covariance: FloatArray
    statistic: FloatArray
    df: int | None
    p: FloatArray
    ci_low: FloatArray
    ci_high: FloatArray
    sigma2: tuple[float, ...]
    qe: float
    qe_df: int
    qe_p: float
    log_likelihood: float
    marginal: FloatArray
    effects: tuple[FloatArray, ...]
    effects_se: tuple[FloatArray, ...]


def multilevel(
    yi: npt.ArrayLike,
    covariance: npt.ArrayLike,
    random: Sequence[npt.ArrayLike] = (),
    moderators: npt.ArrayLike | None = None,
    *,
    method: str = "REML",
    interval: str = "wald",
    level: float = 0.95,
    intercept: bool = True,
) -> Multilevel | NotEstimable:
    """Pool correlated effects with one variance component for each grouping.

    Shapes: `yi` [k]; `covariance` [k] sampling variances, or [k, k] when sampling errors are shared; each
    grouping in `random` [k], any labels; `moderators` [k] or [k, m]. Units: variances in squared units of
    `yi`. A three-level model has the groupings `study` and `nested(study, effect)`. Without groupings the
    effect is common. `interval`: wald, or wald-t on k - p. Raises KeyError on an unknown method, ValueError
    on shapes that do not fit or an impossible level.
    **Source** Konstantopoulos 2011, Res Synth Methods 2:61-76 (three levels); Gleser & Olkin 2009 (shared
    control). Oracle: `rma.mv(yi, V, random = ~ 1 | study/effect, method=, test=)`.

    >>> found = multilevel([0.2, 0.4, 0.9, 0.7, 0.1], [0.02] * 5, [["a", "a", "b", "b", "c"], range(5)])
    >>> found.b.round(3).tolist(), [round(s, 3) for s in found.sigma2]
    ([0.408], [0.117, 0.0])
    """
    if method not in ("REML", "ML") or interval not in INTERVALS:
        raise KeyError(method if method not in ("REML", "ML") else interval)
    critical(1.0, level)
    y = np.asarray(yi, dtype=np.float64)
    v = np.asarray(covariance, dtype=np.float64)
    v = np.diag(v) if v.ndim == 1 else v
    given = np.empty((y.size, 0)) if moderators is None else moderators
    x = design_columns(given, intercept)
    groups = [codes(labels) for labels in random]
    if y.ndim != 1 or v.shape != (len(y), len(y)) or any(len(g) != len(y) for g in [x, *groups]):
        raise ValueError("effects, covariance, groupings and moderators must have one length")
    status = refusal(y, v, x)
    if status is not None:
        return NotEstimable(status)
    blocks = arrange(v, groups)
    restricted = method == "REML"
    sigma2 = maximise_components(blocks, y, x, restricted)
    if sigma2 is None:
        return NotEstimable(Status.NOT_CONVERGED)
    fitted = evaluate(blocks, y, x, sigma2, restricted)
    return _result(blocks, y, x, groups, sigma2, fitted, interval, level)


def nested(outer: npt.ArrayLike, inner: npt.ArrayLike) -> npt.NDArray[np.int64]:
    """Labels of the inner grouping within the outer one, [k]: the same inner label elsewhere is another.

    Oracle: the second term of `random = ~ 1 | outer/inner`.
    """
    return codes(codes(outer) * (np.asarray(inner).size + 1) + codes(inner))


def refusal(y: FloatArray, v: FloatArray, x: FloatArray) -> Status | None:
    """Why no model can be fitted to effects [k], a covariance [k, k] and a design [k, p]; None if one can."""
    if not len(y):
        return Status.NO_STUDIES
    if not (np.isfinite(y).all() and np.isfinite(v).all() and np.isfinite(x).all()):
        return Status.MISSING_INPUT
    if (np.diagonal(v) <= 0).any():
        return Status.NO_VARIANCE
    shared = np.count_nonzero(v) > len(v)
    if shared and (not np.allclose(v, v.T) or np.linalg.eigvalsh(v)[0] <= 0):
        return Status.IMPOSSIBLE_INPUT
    if len(y) <= x.shape[-1]:
        return Status.TOO_FEW_STUDIES
    r = np.linalg.qr(x, mode="r")
    if (np.abs(np.diagonal(r)) <= 1e-10 * np.sqrt((x**2).sum(0))).any():
        return Status.COLLINEAR
    return None


def _result(
    blocks: Blocks,
    y: FloatArray,
    x: FloatArray,
    groups: list[npt.NDArray[np.int64]],
    sigma2: FloatArray,
    fitted: Evaluation,
    interval: str,
    level: float,
) -> Multilevel:
    k, p = x.shape
    df = k - p if interval == "wald-t" else None
    wide = np.inf if df is None else float(df)
    se = np.sqrt(np.diagonal(fitted.covariance))
    half = critical(wide, level) * se
    q = evaluate(blocks, y, x, np.zeros(len(sigma2)), True).squares
    marginal = blocks.dense(blocks.marginal(sigma2))
    w = np.asarray(np.linalg.inv(blocks.marginal(sigma2)), dtype=np.float64)
    effects = [_predicted(blocks, j, y, x, w, float(s), fitted) for j, s in enumerate(sigma2)]
    effects = [
        (mean[first], error[first])
        for (mean, error), g in zip(effects, groups, strict=True)
        for first in [np.unique(g, return_index=True)[1]]
    ]
    return Multilevel(
        k=k,
        b=fitted.b,
        se=se,
        covariance=fitted.covariance,
        statistic=fitted.b / se,
        df=df,
        p=two_sided_p(fitted.b / se, wide),
        ci_low=fitted.b - half,
        ci_high=fitted.b + half,
        sigma2=tuple(float(s) for s in sigma2),
        qe=q,
        qe_df=k - p,
        qe_p=float(cochran_q_p(np.asarray(q), np.asarray(float(k - p)))),
        log_likelihood=fitted.log_likelihood,
        marginal=marginal,
        effects=tuple(mean for mean, _ in effects),
        effects_se=tuple(error for _, error in effects),
    )


def _predicted(
    blocks: Blocks,
    j: int,
    y: FloatArray,
    x: FloatArray,
    w: FloatArray,
    sigma2: float,
    fitted: Evaluation,
) -> tuple[FloatArray, FloatArray]:
    """Best linear unbiased predictions of grouping j's effects and their standard errors, at every effect.

    **Source** Robinson 1991, Stat Sci 6:15-32. Oracle: `ranef(rma.mv(...))`.
    """
    spread = blocks.shared[j] @ w
    cross = spread @ blocks.gather(x)
    mean = sigma2 * (spread @ blocks.gather((y - x @ fitted.b)[:, None]))[..., 0]
    explained = (spread * blocks.shared[j]).sum(-1) - ((cross @ fitted.covariance) * cross).sum(-1)
    error = np.sqrt(np.maximum(sigma2 - sigma2**2 * explained, 0.0))
    return blocks.scatter(mean), blocks.scatter(error)
