"""The weighted sums of a meta-regression, for a batch whose rows share the moderators or have their own.

The columns of the design are made orthonormal once, and again under every set of weights, so that a year of
1996 beside an intercept costs no digits and no matrix has to be inverted inside a batch.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from living.stats.effects import BoolArray, FloatArray
from living.stats.moments import Layout, across, divide, dot, lay_out
from living.stats.status import Status

COLLINEAR = 1e-10  # relative to the column: what is left of it beside the others when it adds nothing


@dataclass(frozen=True, eq=False)
class Design(Layout):
    """A layout whose mean depends on moderators.

    `z`: orthonormal columns [..., p, k]; `r`: upper triangle [..., p, p] with X = z' r. `y`, `v`, `member`:
    [..., 1, k] as in `Layout`.
    """

    z: FloatArray
    r: FloatArray

    @cached_property
    def means(self) -> FloatArray:
        """Coefficients to estimate, [...]."""
        return np.full(self.k.shape, float(self.z.shape[-2]))

    def basis(self, weights: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Columns e [..., p, k] that span the design with e W e' = 1, and t with z' = e' t, [..., p, p].

        Modified Gram-Schmidt; the columns it starts from are already orthonormal at equal weights.
        """
        w, p = weights[..., 0, :], self.z.shape[-2]
        rest = [self.z[..., j, :] for j in range(p)]
        shape = np.broadcast_shapes(w.shape, rest[0].shape)
        e, t = np.empty((*shape[:-1], p, shape[-1])), np.zeros((*shape[:-1], p, p))
        for j in range(p):
            length = np.sqrt(dot(w * rest[j], rest[j]))
            column = rest[j] * divide(np.ones_like(length), length)[..., None]
            e[..., j, :], t[..., j, j] = column, length
            weighted = w * column
            for m in range(j + 1, p):
                t[..., j, m] = shared = dot(weighted, rest[m])
                rest[m] = rest[m] - shared[..., None] * column
        return e, t

    def residuals(self, weights: FloatArray) -> FloatArray:
        """Distances from the fitted values at these weights, [..., 1, k]."""
        e, _ = self.basis(weights)
        return self._projected(e, weights)[0]

    def _projected(self, e: FloatArray, weights: FloatArray) -> tuple[FloatArray, list[FloatArray]]:
        """The effects less their parts along each column of a basis, [..., 1, k], and those parts, [...]."""
        w, rest, parts = weights[..., 0, :], self.y[..., 0, :], []
        for j in range(e.shape[-2]):
            column = e[..., j, :]
            part = dot(w * column, rest)
            rest = rest - part[..., None] * column
            parts.append(part)
        return rest[..., None, :], parts

    def squares(self, weights: FloatArray) -> FloatArray:
        """Squared distances from the fitted values, [..., 1, k]."""
        return self.residuals(weights) ** 2

    def trace_p(self, weights: FloatArray) -> FloatArray:
        """Trace of P = W - W X (X'WX)^-1 X'W, [...]."""
        e, _ = self.basis(weights)
        return np.asarray((weights.sum(-1) - (weights**2 * e**2).sum(-1).sum(-1)[..., None]).sum(-1))

    def trace_pp(self, weights: FloatArray) -> FloatArray:
        """Trace of P P, [...]."""
        e, _ = self.basis(weights)
        cross = (e * weights**2) @ np.swapaxes(e, -1, -2)
        thrice = (weights**3 * e**2).sum((-2, -1))
        return np.asarray((weights**2).sum((-2, -1)) - 2 * thrice + (cross**2).sum((-2, -1)))

    def py_squares(self, weights: FloatArray) -> tuple[FloatArray, FloatArray]:
        """y'PPy and y'PPPy, both [...]."""
        e, _ = self.basis(weights)
        py = weights * self.residuals(weights)
        lost = ((e * weights * py).sum(-1) ** 2).sum(-1)
        return np.asarray((py**2).sum((-2, -1))), np.asarray((weights * py**2).sum((-2, -1)) - lost)

    def derivative_parts(self, weights: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
        """y'PPy, y'PPPy, trace P and trace PP, all [...], from one basis."""
        e, _ = self.basis(weights)
        w, we = weights[..., 0, :], weights * e
        fitted = ((we * self.y).sum(-1)[..., None, :] @ e)[..., 0, :]
        py = w * (self.y[..., 0, :] - fitted)
        py_squared = py**2
        lost = ((we * py[..., None, :]).sum(-1) ** 2).sum(-1)
        squares = (we**2).sum(-2)
        cross = we @ np.swapaxes(we, -1, -2)
        trace = w.sum(-1) - squares.sum(-1)
        trace_pp = (w**2).sum(-1) - 2 * (w * squares).sum(-1) + (cross**2).sum((-2, -1))
        return py_squared.sum(-1), (w * py_squared).sum(-1) - lost, trace, trace_pp

    def log_determinant(self, weights: FloatArray) -> FloatArray:
        """log |X'WX| - log |X'X|, [...]."""
        _, t = self.basis(weights)
        diagonal = np.diagonal(t, axis1=-2, axis2=-1)
        return np.asarray(2 * np.log(np.where(diagonal > 0, diagonal, 1.0)).sum(-1))

    def unweighted_trace(self) -> FloatArray:
        """Trace of P V with equal weights, [...]."""
        sampling = self.member * self.v
        return np.asarray(sampling.sum((-2, -1)) - (sampling * self.z**2).sum((-2, -1)))

    def coefficients(self, weights: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Weighted least squares: coefficients [..., p], their covariance [..., p, p], scatter [...]."""
        e, t = self.basis(weights)
        rest, parts = self._projected(e, weights)
        usable = (self.status == Status.OK)[..., None, None]
        upper = np.where(usable, t @ self.r, np.eye(t.shape[-1]))
        root = np.linalg.inv(upper)
        b = (root @ np.stack(parts, axis=-1)[..., None])[..., 0]
        return b, root @ np.swapaxes(root, -1, -2), across(weights, rest**2)


def design(
    yi: npt.ArrayLike, vi: npt.ArrayLike, x: npt.ArrayLike, include: npt.ArrayLike | None = None
) -> Design:
    """Check and arrange a batch of meta-regressions.

    Shapes: `yi`, `vi`, `include` [..., k]; `x` [..., k, p], the intercept among its columns. A missing
    moderator is MISSING_INPUT, a column that the others contain COLLINEAR, and no study to spare
    TOO_FEW_STUDIES.
    """
    layout = lay_out(yi, vi, include)
    columns = np.asarray(x, dtype=np.float64)
    if columns.ndim < 2 or columns.shape[-2] != layout.y.shape[-1]:
        raise ValueError(f"moderators come as [studies, columns], not {columns.shape}")
    member = np.swapaxes(layout.member, -1, -2)
    missing = np.asarray(((member > 0) & ~np.isfinite(columns)).any((-2, -1)))
    used = np.where(member > 0, np.nan_to_num(columns), 0.0) if missing.any() or not member.all() else columns
    enough = used.shape[-2] >= used.shape[-1]
    q, r = np.linalg.qr(used if enough else np.zeros((*used.shape[:-2], used.shape[-1], used.shape[-1])))
    q = q if enough else np.zeros_like(used)
    status = _status(layout, columns.shape[-1], missing, _collinear(used, r))
    y, v, all_member = (
        np.broadcast_to(a, (*status.shape, *a.shape[-2:])) for a in (layout.y, layout.v, layout.member)
    )
    return Design(y=y, v=v, member=all_member, status=status, z=np.swapaxes(q, -1, -2), r=r)


def _collinear(columns: FloatArray, r: FloatArray) -> BoolArray:
    size = np.sqrt((columns**2).sum(-2))
    return np.asarray((np.abs(np.diagonal(r, axis1=-2, axis2=-1)) <= COLLINEAR * size).any(-1))


def _status(layout: Layout, p: int, missing: BoolArray, collinear: BoolArray) -> npt.NDArray[np.int64]:
    status = layout.status
    rules = (
        (Status.MISSING_INPUT, missing),
        (Status.TOO_FEW_STUDIES, layout.k <= p),
        (Status.COLLINEAR, collinear),
    )
    for code, where in rules:
        sound = (status == Status.OK) | (status == Status.SINGLE_STUDY)
        status = np.where(sound & where, int(code), status)
    return np.asarray(status, dtype=np.int64)
