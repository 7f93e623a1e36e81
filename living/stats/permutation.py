"""Permutation tests: how extreme the result is among those the same studies could have given by chance."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from living.stats.design import Design, design
from living.stats.effects import BoolArray, FloatArray, IntArray
from living.stats.intervals import INTERVALS
from living.stats.likelihood import climb, common_grid, maximise
from living.stats.moments import lay_out
from living.stats.regression import Solution, design_columns, omnibus, solve
from living.stats.status import NotEstimable, Status
from living.stats.subset_likelihood import CANCELLED, SubsetLikelihood
from living.stats.tau2 import TAU2

TIE = 1.5e-8  # statistics this close are equal: square root of the machine precision, as the reference has it
MOST = 1 << 20  # arrangements enumerated; beyond it the answer is drawn
BLOCK = 1 << 15  # numbers in one block of arrangements: small enough to stay in the cache


@dataclass(frozen=True)
class PermutationTest:
    """P of each coefficient (the intercept, if any, first) and of all moderators together.

    `p_moderators` is None without moderators. `arrangements`: how many were evaluated, the observed one among
    them; when `exact` these are all there are, and P cannot fall below one (or two) of them.
    """

    p: tuple[float, ...]
    p_moderators: float | None
    statistic: tuple[float, ...]
    arrangements: int
    exact: bool


def permutation_test(
    yi: npt.ArrayLike,
    vi: npt.ArrayLike,
    moderators: npt.ArrayLike | None = None,
    *,
    tau2: str = "REML",
    interval: str = "wald",
    intercept: bool = True,
    draws: int | None = None,
    seed: int | None = None,
) -> PermutationTest | NotEstimable:
    """Refit the model to rearranged data: signs flipped without moderators, moderators shuffled with them.

    Shapes: `yi`, `vi` [k]; `moderators` [k] or [k, m]. Without `draws` every distinct arrangement is
    evaluated (2^k signs, or k! orders less the repeated ones); with `draws` the observed one and `draws` - 1
    random ones from `seed`. The statistic is the coefficient over its standard error under `interval`; P
    counts the arrangements at least as far from zero. Raises KeyError on an unknown method, ValueError on
    shapes that do not fit, on draws without a seed and on more than a million arrangements without draws.
    **Source** Higgins & Thompson 2004, Stat Med 23:1663-1682; Follmann & Proschan 1999, Biometrics
    55:732-737. Oracle: `permutest(rma(yi, vi, mods =, method=, test=), exact=TRUE)`.

    >>> permutation_test([0.2, 0.5, 0.4, 0.9, 0.3], [0.04, 0.06, 0.05, 0.1, 0.02]).p
    (0.0625,)
    """
    estimator: Callable[[Design], FloatArray] = TAU2[tau2]
    basis = INTERVALS[interval]
    if draws is not None and (seed is None or draws < 2):
        raise ValueError("a sampled permutation test takes a seed and at least two draws")
    given = np.empty((np.size(yi), 0)) if moderators is None else moderators
    x = design_columns(given, intercept)
    y, v = np.asarray(yi, dtype=np.float64), np.asarray(vi, dtype=np.float64)
    if not (y.ndim == 1 and y.shape == v.shape and x.ndim == 2):
        raise ValueError("a permutation test takes one list of effects, of variances and of moderators")
    m = x.shape[-1] - int(intercept)
    if tau2 == "REML":
        estimator = _restricted if m else _flipped
    d = design(y, v, x)
    if d.status != Status.OK:
        return NotEstimable(Status(int(d.status)))

    def fitted(signs_or_orders: IntArray) -> Solution:
        return solve(_rearranged(d, signs_or_orders, m > 0), estimator, basis)

    blocks = _orders(x, draws, seed) if m else _signs(len(y), draws, seed)
    return _count(fitted, blocks, len(y), m, int(intercept), draws)


def _count(
    fitted: Callable[[IntArray], Solution],
    blocks: Iterator[IntArray],
    k: int,
    m: int,
    first: int,
    draws: int | None,
) -> PermutationTest | NotEstimable:
    """Compare every arrangement with the first one of the first block, which is the observed."""
    observed, reached, total = np.zeros(0), np.zeros(0), 0
    for block in blocks:
        with np.errstate(all="ignore"):
            solution = fitted(block)
            statistics = _statistics(solution, m, first)
        if total == 0:
            observed, reached = statistics[0], np.zeros(statistics.shape[-1])
            if solution.status[0] != Status.OK:
                return NotEstimable(Status(int(solution.status[0])))
        if np.isnan(statistics).any():
            return NotEstimable(Status.NOT_CONVERGED)
        reached = reached + (np.abs(statistics) >= np.abs(observed) - TIE).sum(0)
        total += len(statistics)
    coefficients = len(observed) - (m > 0)
    if not m and draws is None:
        total, reached = 2 * total, 2 * reached
    p = reached / total
    return PermutationTest(
        p=tuple(float(value) for value in p[:coefficients]),
        p_moderators=float(p[-1]) if m else None,
        statistic=tuple(float(value) for value in observed[:coefficients]),
        arrangements=total,
        exact=draws is None,
    )


def _statistics(s: Solution, m: int, first: int) -> FloatArray:
    """Coefficients over standard errors, then (with moderators) their joint test; infinite without width."""
    no_width = (s.status == Status.NO_WIDTH)[:, None]
    z = np.where(no_width, np.inf, s.b / s.se)
    if not m:
        return z
    return np.concatenate([z, np.where(no_width, np.inf, omnibus(s, first)[0][:, None])], axis=-1)


def _rearranged(d: Design, rows: IntArray, shuffle: bool) -> Design:
    """The same studies beside rearranged columns: an effect with its sign flipped is a flipped column."""
    k = rows.shape[-1]
    z = d.z[:, rows].swapaxes(0, 1) if shuffle else d.z * rows[:, None, :]
    y, v, member = (np.broadcast_to(a, (len(rows), 1, k)) for a in (d.y, d.v, d.member))
    status = np.full(len(rows), int(Status.OK), dtype=np.int64)
    return Design(y=y, v=v, member=member, status=status, z=np.ascontiguousarray(z), r=d.r)


def _flipped(d: Design) -> FloatArray:
    """REML of a block of signs: a flip is the subset that holds each study or, instead, its mirror image."""
    y, v = d.y[0, 0], d.v[0, 0]
    signs = np.sign(d.z[:, 0].T)
    member = np.concatenate([signs > 0, signs < 0]).astype(np.float64)
    likelihood = SubsetLikelihood.of(np.concatenate([y, -y]), np.concatenate([v, v]), restricted=True)
    tau2 = likelihood.maximise(np.arange(len(member)), member, likelihood.columns @ member)
    lost = _cancelled(y, v, signs, tau2)
    if lost.any():
        tau2[lost] = maximise(lay_out((y[:, None] * signs[:, lost]).T, v), restricted=True)
    return tau2


def _cancelled(y: FloatArray, v: FloatArray, signs: FloatArray, tau2: FloatArray) -> BoolArray:
    """Flips so far from zero beside their scatter that a sum of squares says little about it, [n]."""
    w = 1 / (v[:, None] + tau2)
    squares = w * w
    mu = (y @ (w * signs)) / w.sum(0)
    second = y**2 @ squares
    scatter = second - 2 * mu * (y @ (squares * signs)) + mu**2 * squares.sum(0)
    return np.asarray(scatter < CANCELLED * second)


def _restricted(d: Design) -> FloatArray:
    """REML of a block of arrangements: as the studies are the same, the grid is one matrix product."""
    grid = common_grid(d)
    y, w = d.y[0, 0], 1 / (d.v[0, 0] + grid[:, None])
    rows, p, _ = d.z.shape
    gram = np.empty((p, p, rows, len(grid)))
    right = np.empty((p, rows, len(grid)))
    for i in range(p):
        right[i] = d.z[:, i] @ (w * y).T
        for j in range(i + 1):
            gram[i, j] = (d.z[:, i] * d.z[:, j]) @ w.T
    explained, log_determinant = _eliminate(gram, right)
    values = np.log(w).sum(-1) - (w * y**2).sum(-1) + explained - log_determinant
    return climb(d, np.broadcast_to(grid[:, None], (len(grid), rows)), 0.5 * values.T, True)


def _eliminate(gram: FloatArray, right: FloatArray) -> tuple[FloatArray, FloatArray]:
    """right' gram^-1 right and log |gram| for many matrices at once, [p, p, ...] and [p, ...]: Cholesky."""
    explained, log_determinant = np.zeros_like(right[0]), np.zeros_like(right[0])
    for i in range(len(right)):
        for j in range(i):
            gram[i:, i] -= gram[i:, j] * gram[i, j]
            right[i] -= gram[i, j] * right[j]
        log_determinant += np.log(gram[i, i])
        root = np.sqrt(gram[i, i])
        gram[i:, i] /= root
        right[i] /= root
        explained += right[i] ** 2
    return explained, log_determinant


def _signs(k: int, draws: int | None, seed: int | None) -> Iterator[IntArray]:
    """Blocks of sign patterns, the observed first. All of them: the first sign stays, as -s mirrors s."""
    step = max(1, BLOCK // k)
    if draws is not None:
        chosen = np.random.default_rng(seed).integers(0, 2, size=(draws, k)) * 2 - 1
        chosen[0] = 1
        yield from (chosen[start : start + step] for start in range(0, draws, step))
        return
    half = _enumerable(2.0 ** (k - 1))
    for start in range(0, half, step):
        patterns = np.arange(start, min(start + step, half), dtype=np.int64)
        yield 1 - 2 * ((patterns[:, None] >> np.arange(k)) & 1)


def _orders(x: FloatArray, draws: int | None, seed: int | None) -> Iterator[IntArray]:
    """Blocks of orders of the studies, the observed first."""
    k = len(x)
    step = max(1, BLOCK // k)
    if draws is not None:
        generator = np.random.default_rng(seed)
        chosen = generator.permuted(np.tile(np.arange(k), (draws, 1)), axis=1)
        chosen[0] = np.arange(k)
        yield from (chosen[start : start + step] for start in range(0, draws, step))
        return
    _, labels = np.unique(x, axis=0, return_inverse=True)
    labels = labels.reshape(-1)
    counts = Counter(labels.tolist())
    _enumerable(math.exp(math.lgamma(k + 1) - sum(math.lgamma(c + 1) for c in counts.values())))
    yield np.arange(k)[None, :]
    place = np.argsort(labels, kind="stable")
    block: list[list[int]] = []
    for arrangement in _arrangements(labels.tolist()):
        block.append(arrangement)
        if len(block) == step:
            yield _order(np.array(block), place)
            block = []
    if block:
        yield _order(np.array(block), place)


def _order(arrangements: IntArray, place: IntArray) -> IntArray:
    """Which row of moderators stands beside each study when the studies carry these labels."""
    orders = np.empty_like(arrangements)
    sorted_studies = np.argsort(arrangements, axis=1, kind="stable")
    np.put_along_axis(orders, sorted_studies, np.broadcast_to(place, arrangements.shape), 1)
    return orders


def _arrangements(observed: list[int]) -> Iterator[list[int]]:
    """Every distinct order of the labels but the observed one, in lexicographic order."""
    a = sorted(observed)
    while True:
        if a != observed:
            yield list(a)
        i = len(a) - 2
        while i >= 0 and a[i] >= a[i + 1]:
            i -= 1
        if i < 0:
            return
        j = len(a) - 1
        while a[j] <= a[i]:
            j -= 1
        a[i], a[j] = a[j], a[i]
        a[i + 1 :] = reversed(a[i + 1 :])


def _enumerable(count: float) -> int:
    if count > MOST:
        raise ValueError(f"{count:.3g} arrangements are too many to try them all: give draws and a seed")
    return round(count)
