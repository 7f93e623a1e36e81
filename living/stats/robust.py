"""Cluster-robust standard errors: right when the model of the dependence is wrong, if clusters are many."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from living.stats.blocks import codes
from living.stats.effects import FloatArray, IntArray
from living.stats.intervals import critical, two_sided_p
from living.stats.moments import divide
from living.stats.multilevel import refusal
from living.stats.regression import design_columns
from living.stats.status import NotEstimable, Status

NULL_EIGENVALUE = 1e-12  # relative to the largest: a direction the coefficients use up completely


@dataclass(frozen=True, eq=False)
class Robust:
    """Coefficients [p] (the intercept, if any, first) with robust errors; `df` [p], one for each coefficient.

    `few`: below ten clusters, or a coefficient with fewer than four degrees of freedom; do not read P then.
    """

    clusters: int
    b: FloatArray
    se: FloatArray
    covariance: FloatArray
    statistic: FloatArray
    df: FloatArray
    p: FloatArray
    ci_low: FloatArray
    ci_high: FloatArray
    few: bool


@dataclass(frozen=True, eq=False)
class Clustered:
    """A weighted least squares fit and its clusters: `x` [k, p], `w`, `phi` [k, k] with w = phi^-1.

    `bread` = (X'WX)^-1, `residual` [k], `members`: the rows of each cluster.
    """

    x: FloatArray
    w: FloatArray
    phi: FloatArray
    bread: FloatArray
    residual: FloatArray
    members: tuple[IntArray, ...]


Meat = tuple[FloatArray, FloatArray]  # covariance [p, p] of the coefficients and their df [p]


def cr0(c: Clustered) -> Meat:
    """The plain sandwich; too small with few clusters. **Source** Hedges, Tipton & Johnson 2010, Res
    Synth Methods 1:39-65.

    Oracle: `robust(rma(...), cluster, adjust=FALSE)`.
    """
    meat = np.zeros_like(c.bread)
    for rows in c.members:
        score = c.x.T @ c.w[:, rows] @ c.residual[rows]
        meat += np.outer(score, score)
    m, p = len(c.members), len(c.bread)
    return c.bread @ meat @ c.bread, np.full(p, float(m - p))


def cr1(c: Clustered) -> Meat:
    """The sandwich times m / (m - p) for m clusters. **Source** Hedges, Tipton & Johnson 2010, Res Synth
    Methods 1:39-65.

    Oracle: `robust(rma(...), cluster, adjust=TRUE)`.
    """
    covariance, df = cr0(c)
    m, p = len(c.members), len(c.bread)
    return covariance * (m / (m - p)), df


def cr2(c: Clustered) -> Meat:
    """Residuals corrected so that the sandwich is unbiased when the model holds; df of Satterthwaite.

    **Source** Bell & McCaffrey 2002, Surv Methodol 28:169-181; Tipton 2015, Psychol Methods 20:375-393;
    Pustejovsky & Tipton 2018, J Bus Econ Stat 36:672-683. Oracle: `robust(..., clubSandwich=TRUE)`.
    """
    k, p = c.x.shape
    keep = np.eye(k) - c.x @ c.bread @ c.x.T @ c.w
    meat, directions = np.zeros_like(c.bread), []
    for rows in c.members:
        half = np.linalg.cholesky(c.phi[np.ix_(rows, rows)]).T
        hat = c.phi[np.ix_(rows, rows)] - c.x[rows] @ c.bread @ c.x[rows].T
        adjust = half.T @ _inverse_root(half @ hat @ half.T) @ half
        pull = c.bread @ c.x.T @ c.w[:, rows] @ adjust
        score = pull @ c.residual[rows]
        meat += np.outer(score, score)
        directions.append(pull @ keep[rows])
    g = np.array(directions)
    df = np.empty(p)
    for j in range(p):
        product = g[:, j] @ c.phi @ g[:, j].T
        df[j] = np.trace(product) ** 2 / (product**2).sum()
    return meat, df


ROBUST: dict[str, Callable[[Clustered], Meat]] = {"CR0": cr0, "CR1": cr1, "CR2": cr2}


def cluster_robust(
    yi: npt.ArrayLike,
    marginal: npt.ArrayLike,
    clusters: npt.ArrayLike,
    moderators: npt.ArrayLike | None = None,
    *,
    kind: str = "CR2",
    level: float = 0.95,
    intercept: bool = True,
) -> Robust | NotEstimable:
    """Weighted least squares whose errors allow any dependence within clusters.

    Shapes: `yi`, `clusters` [k]; `marginal` [k] (`vi` + tau2 of a pool) or [k, k] (`marginal` of a
    multilevel model), the weights being its inverse; `moderators` [k] or [k, m]. Raises KeyError on an
    unknown kind, ValueError on shapes that do not fit or an impossible level.
    **Source** and oracle: see `cr0`, `cr1`, `cr2`.

    >>> found = cluster_robust([0.1, 0.3, 0.2, 0.6, 0.5], [0.1] * 5, ["a", "a", "b", "c", "c"])
    >>> found.b.round(2).tolist(), found.se.round(3).tolist(), found.df.round(2).tolist()
    ([0.34], [0.134], [1.8])
    """
    variance = ROBUST[kind]
    critical(1.0, level)
    y, phi = np.asarray(yi, dtype=np.float64), np.asarray(marginal, dtype=np.float64)
    phi = np.diag(phi) if phi.ndim == 1 else phi
    x = design_columns(np.empty((y.size, 0)) if moderators is None else moderators, intercept)
    labels = codes(clusters)
    if y.ndim != 1 or phi.shape != (len(y), len(y)) or not len(x) == len(labels) == len(y):
        raise ValueError("effects, covariance, clusters and moderators must have one length")
    status = refusal(y, phi, x)
    members = tuple(np.flatnonzero(labels == label) for label in np.unique(labels))
    if status is None and len(members) <= x.shape[-1]:
        status = Status.TOO_FEW_STUDIES
    if status is not None:
        return NotEstimable(status)
    fitted = _fitted(y, phi, x, members)
    covariance, df = variance(fitted)
    b, se = fitted.bread @ x.T @ fitted.w @ y, np.sqrt(np.diagonal(covariance))
    if not (se > 0).all():
        return NotEstimable(Status.NO_WIDTH)
    half = critical(df, level) * se
    few = len(members) < 10 or bool((df < 4).any())
    p = two_sided_p(b / se, df)
    return Robust(len(members), b, se, covariance, b / se, df, p, b - half, b + half, few)


def _fitted(y: FloatArray, phi: FloatArray, x: FloatArray, members: tuple[IntArray, ...]) -> Clustered:
    w: FloatArray = np.asarray(np.linalg.inv(phi), dtype=np.float64)
    bread: FloatArray = np.asarray(np.linalg.inv(x.T @ w @ x), dtype=np.float64)
    return Clustered(x, w, phi, bread, y - x @ (bread @ x.T @ w @ y), members)


def _inverse_root(matrix: FloatArray) -> FloatArray:
    """The symmetric square root of the (generalised) inverse."""
    values, vectors = np.linalg.eigh((matrix + matrix.T) / 2)
    usable = values > NULL_EIGENVALUE * values[-1]
    root = divide(np.ones_like(values), np.sqrt(np.where(usable, values, 0.0)))
    return np.asarray((vectors * root) @ vectors.T)
