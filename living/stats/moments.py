"""Weighted sums over studies, for a batch of meta-analyses whose studies may lie in several groups.

Every array has the shape [..., groups, studies]; an ordinary meta-analysis has one group. A study that is
left out, or that belongs to another group, has membership 0. With more than one group the model gives each
group a mean of its own and all of them one between-study variance.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from living.stats.effects import BoolArray, FloatArray, IntArray, floats
from living.stats.status import Status


@dataclass(frozen=True, eq=False)
class Layout:
    """A batch made safe to compute on: rows with a bad status hold harmless placeholders.

    `y`, `v`: [..., 1, k]; `member`: [..., g, k], 1 where a study belongs to a group; `status`: [...].
    """

    y: FloatArray
    v: FloatArray
    member: FloatArray
    status: IntArray

    @cached_property
    def k(self) -> FloatArray:
        """Studies in each row, [...]."""
        return np.asarray(self.member.sum(-1).sum(-1))

    @cached_property
    def means(self) -> FloatArray:
        """Groups that hold at least one study, [...]: the number of means to estimate."""
        return np.asarray((self.member.sum(-1) > 0).sum(-1), dtype=np.float64)

    @cached_property
    def df(self) -> FloatArray:
        """Degrees of freedom for heterogeneity, [...]: studies minus means."""
        return self.k - self.means

    @cached_property
    def identical(self) -> BoolArray:
        """Rows whose studies all report the same effect, [...]: rounding must not pass for scatter there."""
        inside = self.member > 0
        low, high = np.where(inside, self.y, np.inf), np.where(inside, self.y, -np.inf)
        return np.asarray(low.min((-2, -1), initial=np.inf) == high.max((-2, -1), initial=-np.inf))

    def weights(self, tau2: npt.ArrayLike) -> FloatArray:
        """Inverse-variance weights at a between-study variance [...]; 0 outside the group."""
        t = np.asarray(tau2, dtype=np.float64)[..., None, None]
        return self.member / (self.v + t)

    def mu(self, weights: FloatArray) -> FloatArray:
        """Weighted mean of each group, [..., g]; 0 for an empty group."""
        return divide((weights * self.y).sum(-1), weights.sum(-1))

    def squares(self, weights: FloatArray) -> FloatArray:
        """Squared distances from the own group's weighted mean, [..., g, k]."""
        return (self.y - self.mu(weights)[..., None]) ** 2

    def q(self, tau2: npt.ArrayLike) -> FloatArray:
        """Generalised Q at a between-study variance, [...]: weighted squares within groups."""
        w = self.weights(tau2)
        return np.asarray((w * self.squares(w)).sum(-1).sum(-1))

    def trace_p(self, weights: FloatArray) -> FloatArray:
        """Trace of P = W - W X (X'WX)^-1 X'W, [...]."""
        return np.asarray((weights.sum(-1) - divide((weights**2).sum(-1), weights.sum(-1))).sum(-1))

    def trace_pp(self, weights: FloatArray) -> FloatArray:
        """Trace of P P, [...]."""
        one, two, three = weights.sum(-1), (weights**2).sum(-1), (weights**3).sum(-1)
        return np.asarray((two - 2 * divide(three, one) + divide(two, one) ** 2).sum(-1))

    def py_squares(self, weights: FloatArray) -> tuple[FloatArray, FloatArray]:
        """y'PPy and y'PPPy at these weights, both [...]: the parts of the likelihoods' derivatives."""
        py = weights * (self.y - self.mu(weights)[..., None])
        lost = divide((weights * py).sum(-1) ** 2, weights.sum(-1))
        return np.asarray((py**2).sum(-1).sum(-1)), np.asarray(((weights * py**2).sum(-1) - lost).sum(-1))

    def derivative_parts(self, weights: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
        """y'PPy, y'PPPy, trace P and trace PP, all [...]: the restricted likelihood's derivatives."""
        return *self.py_squares(weights), self.trace_p(weights), self.trace_pp(weights)

    def log_determinant(self, weights: FloatArray) -> FloatArray:
        """log |X'WX| - log |X'X|, [...]: the term by which the restricted likelihood differs."""
        total, size = weights.sum(-1), np.maximum(self.member.sum(-1), 1.0)
        log_total = np.where(total > 0, np.log(np.where(total > 0, total, 1.0)), 0.0)
        return np.asarray((log_total - np.log(size)).sum(-1))

    def unweighted_trace(self) -> FloatArray:
        """Trace of P V with equal weights, [...]: what sampling error adds to the unweighted squares."""
        sampling = self.member * self.v
        return np.asarray((sampling.sum(-1) - divide(sampling.sum(-1), self.member.sum(-1))).sum(-1))

    def mean_square(self) -> FloatArray:
        """Unweighted squares within groups over their degrees of freedom, [...]."""
        return divide((self.member * self.squares(self.member)).sum(-1).sum(-1), self.df)


def lay_out(
    yi: npt.ArrayLike,
    vi: npt.ArrayLike,
    include: npt.ArrayLike | None = None,
    groups: npt.ArrayLike | None = None,
) -> Layout:
    """Check and arrange a batch.

    Shapes: `yi`, `vi`, `include` broadcast to [..., k]; `groups` is [k], any labels. Units: `vi` in squared
    units of `yi`.
    """
    y, v = (np.atleast_1d(a) for a in floats(yi, vi))
    chosen = np.ones(y.shape, dtype=bool) if include is None else np.asarray(include, dtype=bool)
    y, v, chosen = (np.ascontiguousarray(a) for a in np.broadcast_arrays(y, v, chosen))
    status = _check(y, v, chosen)
    usable = chosen & np.isin(status, (Status.OK, Status.SINGLE_STUDY))[..., None]
    y, v = np.where(usable, y, 0.0), np.where(usable, v, 1.0)
    own = np.ones((1, y.shape[-1]), dtype=bool) if groups is None else membership(groups)
    member = (usable[..., None, :] & own).astype(np.float64)
    return Layout(y[..., None, :], v[..., None, :], member, status)


def membership(groups: npt.ArrayLike) -> BoolArray:
    """Which study belongs to which group, [g, k]; groups in the order of their sorted labels."""
    labels = np.asarray(groups)
    return np.asarray(np.unique(labels)[:, None] == labels[None, :], dtype=np.bool_)


def divide(top: FloatArray, bottom: FloatArray) -> FloatArray:
    """Divide, giving 0 where the denominator is 0 (an empty group has no share in a sum)."""
    return np.where(bottom > 0, top / np.where(bottom > 0, bottom, 1.0), 0.0)


def _check(y: FloatArray, v: FloatArray, chosen: BoolArray) -> IntArray:
    k = chosen.sum(-1)
    with np.errstate(invalid="ignore"):
        rules = (
            (Status.NO_STUDIES, k == 0),
            (Status.MISSING_INPUT, (chosen & ~(np.isfinite(y) & np.isfinite(v))).any(-1)),
            (Status.NO_VARIANCE, (chosen & (v <= 0)).any(-1)),
            (Status.SINGLE_STUDY, k == 1),
        )
    status = np.full(k.shape, int(Status.OK), dtype=np.int64)
    for code, where in rules:
        status = np.where((status == Status.OK) & where, int(code), status)
    return status
