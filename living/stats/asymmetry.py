"""Do small studies report other effects than large ones? Regressions of the effect on precision or size."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from living.stats.cautions import Caution, funnel_cautions
from living.stats.effects import FloatArray
from living.stats.heterogeneity import i2_from_q
from living.stats.influence import columns
from living.stats.intervals import critical, two_sided_p
from living.stats.moments import lay_out
from living.stats.regression import EXACT_FIT, straight_line
from living.stats.status import NotEstimable, Status

NEED_N = ("n", "inverse-n", "root-n", "inverse-root-n")
AT_ZERO = ("se", "variance", "inverse-n", "inverse-root-n")  # 0 stands for a study without end
PREDICTORS = ("se", "variance", *NEED_N)
FLAT = 1e-12  # spread of the predictor around its mean, relative to its size: rounding, not information


@dataclass(frozen=True)
class Asymmetry:
    """Result of one test of funnel asymmetry; `df` is None where the statistic is normal.

    `slope` is the change of the effect per unit of the predictor. `limit`, `limit_low`, `limit_high`: the
    effect predicted for a study without end, or None where the predictor has no such point. `tau2` is None in
    a regression whose residual scatter is a factor on the variances.
    """

    test: str
    predictor: str
    k: int
    slope: float
    slope_se: float
    statistic: float
    df: float | None
    p: float
    intercept: float
    intercept_se: float
    limit: float | None
    limit_low: float | None
    limit_high: float | None
    tau2: float | None
    cautions: tuple[Caution, ...]


def egger(
    yi: npt.ArrayLike,
    vi: npt.ArrayLike,
    *,
    predictor: str = "se",
    n: npt.ArrayLike | None = None,
    level: float = 0.95,
) -> Asymmetry | NotEstimable:
    """Weighted regression of the effect on its standard error, variances known up to a factor; t on k - 2.

    Shapes: `yi`, `vi`, `n` [k], at least three studies; `n` is the study's number of people. The slope is the
    intercept of Egger's own formulation (effect over standard error on precision). With `predictor="n"` it
    is Macaskill's test, with `"inverse-root-n"` and `"inverse-n"` the same idea on other scales. Raises
    KeyError on an unknown predictor or a missing `n`, ValueError on another shape or an impossible level.
    **Source** Egger et al. 1997, BMJ 315:629-634; Sterne & Egger 2005, in Rothstein, Sutton & Borenstein;
    Macaskill, Walter & Irwig 2001, Stat Med 20:641-654. Oracle: `regtest(rma(...), model="lm",
    predictor=)`.

    >>> found = egger([0.9, 0.7, 0.5, 0.3, 0.25], [0.16, 0.09, 0.04, 0.01, 0.01])
    >>> round(found.slope, 2), round(found.p, 3), round(found.limit, 2), found.cautions[0].name
    (2.13, 0.002, 0.06, 'FEW_STUDIES')
    """
    y, v = columns(yi, vi)
    x = predictor_of(predictor, v, n)
    if (why := unusable(y, v, x)) is not None:
        return why
    return weighted_line("Egger", predictor, y, x, 1 / v, level, funnel_cautions(v, _i2(y, v)))


def egger_random(
    yi: npt.ArrayLike,
    vi: npt.ArrayLike,
    *,
    predictor: str = "se",
    n: npt.ArrayLike | None = None,
    tau2: str | float = "REML",
    interval: str = "wald",
    level: float = 0.95,
) -> Asymmetry | NotEstimable:
    """Meta-regression of the effect on its standard error: residual scatter is a between-study variance.

    Shapes and raises as `egger`; `tau2` and `interval` as in `meta_regression`.
    **Source** Thompson & Sharp 1999, Stat Med 18:2693-2708; Moreno et al. 2009, BMC Med Res Methodol 9:2.
    Oracle: `regtest(rma(...), model="rma", predictor=)`.
    """
    critical(1.0, level)
    y, v = columns(yi, vi)
    x = predictor_of(predictor, v, n)
    if (why := unusable(y, v, x)) is not None:
        return why
    line = straight_line(y, v, x, tau2, interval)
    if line.status != Status.OK:
        return NotEstimable(Status(int(line.status)))
    factor, statistic = float(critical(line.df, level)), float(line.b[1] / line.se[1])
    intercept, se = float(line.b[0]), float(line.se[0])
    limit, low, high = _limits(predictor, intercept, factor * se)
    return Asymmetry(
        test="Egger with a between-study variance",
        predictor=predictor,
        k=len(y),
        slope=float(line.b[1]),
        slope_se=float(line.se[1]),
        statistic=statistic,
        df=float(line.df) if np.isfinite(line.df) else None,
        p=float(two_sided_p(statistic, line.df)),
        intercept=intercept,
        intercept_se=se,
        limit=limit,
        limit_low=low,
        limit_high=high,
        tau2=float(line.tau2),
        cautions=funnel_cautions(v),
    )


def predictor_of(predictor: str, v: FloatArray, n: npt.ArrayLike | None) -> FloatArray:
    """The regressor of that name, [k]. Raises KeyError on another name or where it needs an `n` not given."""
    if predictor not in PREDICTORS or (predictor in NEED_N and n is None):
        raise KeyError(f"predictor {predictor!r} needs n or is not one of {', '.join(PREDICTORS)}")
    if predictor in ("se", "variance"):
        return np.sqrt(v) if predictor == "se" else v
    size = np.asarray(n, dtype=np.float64)
    if size.shape != v.shape:
        raise ValueError(f"{size.shape} study sizes do not fit {v.shape} variances")
    root = np.sqrt(size) if "root" in predictor else size
    with np.errstate(divide="ignore"):
        return np.asarray(1 / root if predictor.startswith("inverse") else root)


def unusable(y: FloatArray, v: FloatArray, x: FloatArray) -> NotEstimable | None:
    """Why no line can be drawn: bad numbers, fewer than three studies, or a predictor that does not vary."""
    status = Status(int(lay_out(y, v).status))
    if status in (Status.MISSING_INPUT, Status.NO_VARIANCE):
        return NotEstimable(status)
    if not np.isfinite(x).all():
        return NotEstimable(Status.MISSING_INPUT)
    if len(y) < 3:
        return NotEstimable(Status.TOO_FEW_STUDIES)
    flat = np.abs(x - x.mean()).max() <= FLAT * np.abs(x).max()
    return NotEstimable(Status.COLLINEAR) if flat else None


def weighted_line(
    test: str,
    predictor: str,
    y: FloatArray,
    x: FloatArray,
    w: FloatArray,
    level: float,
    cautions: tuple[Caution, ...],
) -> Asymmetry | NotEstimable:
    """Least squares with known relative weights, t on k - 2. Oracle: `lm(y ~ x, weights=w)`."""
    factor = float(critical(len(y) - 2, level))
    total, df = w.sum(), len(y) - 2
    centre = (w * x).sum() / total
    spread = (w * (x - centre) ** 2).sum()
    mean = (w * y).sum() / total
    slope = (w * (x - centre) * (y - mean)).sum() / spread
    left = y - mean - slope * (x - centre)
    scatter = float((w * left**2).sum())
    if scatter <= EXACT_FIT * float((w * y**2).sum()):
        return NotEstimable(Status.NO_WIDTH)
    scale = scatter / df
    slope_se = float(np.sqrt(scale / spread))
    intercept, se = float(mean - slope * centre), float(np.sqrt(scale * (1 / total + centre**2 / spread)))
    limit, low, high = _limits(predictor, intercept, factor * se)
    return Asymmetry(
        test=test,
        predictor=predictor,
        k=len(y),
        slope=float(slope),
        slope_se=slope_se,
        statistic=float(slope / slope_se),
        df=float(df),
        p=float(two_sided_p(slope / slope_se, df)),
        intercept=intercept,
        intercept_se=se,
        limit=limit,
        limit_low=low,
        limit_high=high,
        tau2=None,
        cautions=cautions,
    )


def _limits(predictor: str, intercept: float, half: float) -> tuple[float | None, float | None, float | None]:
    """The effect of a study without end and its interval, where the predictor's zero stands for one."""
    if predictor not in AT_ZERO:
        return None, None, None
    return intercept, intercept - half, intercept + half


def _i2(y: FloatArray, v: FloatArray) -> float:
    layout = lay_out(y, v)
    return float(i2_from_q(layout.q(0.0), layout.df))
