"""Weighted sums over studies, for a batch of meta-analyses whose studies may lie in several groups.

Every array has the shape [..., groups, studies]; an ordinary meta-analysis has one group. A study that is
left out, or that belongs to another group, has membership 0. With more than one group the model gives each
group a mean of its own and all of them one between-study variance.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
import numpy.typing as npt

from living.stats.effects import BoolArray, FloatArray, IntArray
from living.stats.status import Status

WIDE = 32  # studies from which `vecdot` is faster than `einsum` for one row as for many


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
    def sizes(self) -> FloatArray:
        """Studies in each group, [..., g]."""
        return total(self.member)

    @cached_property
    def k(self) -> FloatArray:
        """Studies in each row, [...]."""
        return over_groups(self.sizes)

    @cached_property
    def means(self) -> FloatArray:
        """Groups that hold at least one study, [...]: the number of means to estimate."""
        return over_groups((self.sizes > 0).astype(np.float64))

    @cached_property
    def df(self) -> FloatArray:
        """Degrees of freedom for heterogeneity, [...]: studies minus means."""
        return self.k - self.means

    @cached_property
    def identical(self) -> BoolArray:
        """Rows whose studies all report the same effect, [...]: rounding must not pass for scatter there."""
        if self.member.shape[-2] == 1 and self.member.size and everywhere(self.k == self.member.shape[-1]):
            return np.asarray((self.y == self.y[..., :1]).all((-2, -1)))
        inside = self.member > 0
        low, high = np.where(inside, self.y, np.inf), np.where(inside, self.y, -np.inf)
        return np.asarray(low.min((-2, -1), initial=np.inf) == high.max((-2, -1), initial=-np.inf))

    @cached_property
    def common(self) -> FloatArray:
        """Weights without between-study variance, [..., g, k]."""
        return self.weights(0.0)

    @cached_property
    def common_squares(self) -> FloatArray:
        """Squared distances from the mean without between-study variance, [..., g, k]."""
        return self.squares(self.common)

    @cached_property
    def cochran_q(self) -> FloatArray:
        """Cochran's Q, [...]."""
        return across(self.common, self.common_squares)

    @cached_property
    def common_trace(self) -> FloatArray:
        """Trace of P without between-study variance, [...]."""
        return self.trace_p(self.common)

    def weights(self, tau2: npt.ArrayLike) -> FloatArray:
        """Inverse-variance weights at a between-study variance [...]; 0 outside the group."""
        t = np.asarray(tau2, dtype=np.float64)[..., None, None]
        return self.member / (self.v + t)

    def mu(self, weights: FloatArray) -> FloatArray:
        """Weighted mean of each group, [..., g]; 0 for an empty group."""
        return divide(dot(weights, self.y), total(weights))

    def squares(self, weights: FloatArray) -> FloatArray:
        """Squared distances from the own group's weighted mean, [..., g, k]."""
        return self.squares_about(self.mu(weights))

    def squares_about(self, mu: FloatArray) -> FloatArray:
        """Squared distances from the own group's mean [..., g], as [..., g, k]."""
        distance = self.y - mu[..., None]
        return np.multiply(distance, distance, out=distance)

    def q(self, tau2: npt.ArrayLike) -> FloatArray:
        """Generalised Q at a between-study variance, [...]: weighted squares within groups."""
        return self.scatter(self.weights(tau2))

    def scatter(self, weights: FloatArray) -> FloatArray:
        """Weighted squares within groups, [...]."""
        return across(weights, self.squares(weights))

    def trace_p(self, weights: FloatArray) -> FloatArray:
        """Trace of P = W - W X (X'WX)^-1 X'W, [...]."""
        one = total(weights)
        return over_groups(one - divide(dot(weights, weights), one))

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
        return divide(self.scatter(self.member), self.df)


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
    y, v = np.ascontiguousarray(yi, dtype=np.float64), np.ascontiguousarray(vi, dtype=np.float64)
    if include is None and groups is None and _sound(y, v):
        status = np.zeros(y.shape[:-1], dtype=np.int64)
        return Layout(y[..., None, :], v[..., None, :], np.ones((*y.shape[:-1], 1, y.shape[-1])), status)
    if y.shape != v.shape or include is not None:
        chosen = np.asarray(True if include is None else include, dtype=np.bool_)
        y, v, chosen = (np.ascontiguousarray(a) for a in np.broadcast_arrays(y, v, chosen))
    else:
        chosen = np.ones(y.shape, dtype=np.bool_)
    status = _check(y, v, chosen)
    if status.any() or include is not None:
        chosen = chosen & ((status == Status.OK) | (status == Status.SINGLE_STUDY))[..., None]
        y, v = np.where(chosen, y, 0.0), np.where(chosen, v, 1.0)
    own = chosen[..., None, :] if groups is None else chosen[..., None, :] & membership(groups)
    return Layout(y[..., None, :], v[..., None, :], own.astype(np.float64), status)


def membership(groups: npt.ArrayLike) -> BoolArray:
    """Which study belongs to which group, [g, k]; groups in the order of their sorted labels."""
    labels = np.asarray(groups)
    return np.asarray(np.unique(labels)[:, None] == labels[None, :], dtype=np.bool_)


def divide(top: FloatArray, bottom: FloatArray) -> FloatArray:
    """Divide, giving 0 where the denominator is 0 (an empty group has no share in a sum)."""
    positive = bottom > 0
    if everywhere(positive):
        return top / bottom
    return np.where(positive, top / np.where(positive, bottom, 1.0), 0.0)


def everywhere(condition: BoolArray) -> bool:
    """Whether a condition holds in every place; `all` costs five times as much where places are few."""
    return bool(condition) if condition.size == 1 else np.count_nonzero(condition) == condition.size


def total(a: FloatArray) -> FloatArray:
    """Sum over studies, in an order that depends on their number and not on the rows that stand beside."""
    k = a.shape[-1]
    found: FloatArray = np.vecdot(a, _ones(k)) if k >= WIDE else np.einsum("...k->...", a)
    return found


def dot(a: FloatArray, b: FloatArray) -> FloatArray:
    """Sum of products over studies, as `total`."""
    found: FloatArray = np.vecdot(a, b) if a.shape[-1] >= WIDE else np.einsum("...k,...k->...", a, b)
    return found


@lru_cache(maxsize=64)
def _ones(k: int) -> FloatArray:
    ones = np.ones(k)
    ones.setflags(write=False)
    return ones


def over_groups(a: FloatArray) -> FloatArray:
    """Sum over groups, the last axis."""
    return a[..., 0] if a.shape[-1] == 1 else np.add.reduce(a, -1)


def across(a: FloatArray, b: FloatArray | None = None) -> FloatArray:
    """Sum over groups and studies, of products where `b` is given."""
    return over_groups(total(a) if b is None else dot(a, b))


def _sound(y: FloatArray, v: FloatArray) -> bool:
    """Whether no row has to be told from the others."""
    if y.shape != v.shape or y.shape[-1] < 2:
        return False
    return everywhere(np.isfinite(y) & (v > 0) & (v < np.inf))


def _check(y: FloatArray, v: FloatArray, chosen: BoolArray) -> IntArray:
    status = np.full(chosen.shape[:-1], int(Status.OK), dtype=np.int64)
    unsound = ~(np.isfinite(y) & np.isfinite(v) & (v > 0))
    k = chosen.sum(-1)
    if not (unsound.any() or (k < 2).any()):
        return status
    with np.errstate(invalid="ignore"):
        rules = (
            (Status.NO_STUDIES, k == 0),
            (Status.MISSING_INPUT, (chosen & ~(np.isfinite(y) & np.isfinite(v))).any(-1)),
            (Status.NO_VARIANCE, (chosen & (v <= 0)).any(-1)),
            (Status.SINGLE_STUDY, k == 1),
        )
    for code, where in rules:
        status = np.where((status == Status.OK) & where, int(code), status)
    return status
