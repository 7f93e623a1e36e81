"""Every subset of the studies pooled (GOSH): a picture of what the result hangs on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from living.stats.cautions import Caution
from living.stats.effects import BoolArray, FloatArray, IntArray
from living.stats.heterogeneity import i2_from_q, i2_from_tau2
from living.stats.influence import columns, few_cautions
from living.stats.moments import divide, lay_out
from living.stats.status import NotEstimable, Status
from living.stats.subset_likelihood import grid_columns, grid_of, maximise_subsets
from living.stats.subsets import AllSubsets, DrawnSubsets
from living.stats.tau2 import TAU2

LARGEST = 24  # studies: 16 million subsets, 1 GB of results; beyond that, sample
BATCHED = {"REML": True, "ML": False}  # whether the likelihood is the restricted one
CANCELLED = 1e-6  # Q relative to the sum it is left over from: below this, Q is summed again from distances


@dataclass(frozen=True, eq=False)
class Gosh:
    """One pooled result for each subset; arrays [n], `include` [n, k].

    A subset of one study is a SINGLE_STUDY: `mu` is its effect, the rest is NaN. `q` is Cochran's Q. `i2` is
    percent, from tau2 as metafor prints it (from Q for the common effect).
    """

    include: BoolArray
    k: IntArray
    mu: FloatArray
    tau2: FloatArray
    q: FloatArray
    i2: FloatArray
    status: IntArray
    cautions: tuple[Caution, ...]


def gosh(
    yi: npt.ArrayLike,
    vi: npt.ArrayLike,
    *,
    tau2: str = "REML",
    sample: int | None = None,
    seed: int | None = None,
    threads: int = 1,
) -> Gosh | NotEstimable:
    """Pool every subset of the studies, or a random sample of the subsets of two and more.

    Shapes: `yi`, `vi` [k]. All 2^k - 1 subsets come in the order of their binary codes, the first study being
    the lowest digit, so the last row is the full set. `sample` draws that many, each study in or out with
    equal chance, from PCG64(`seed`): the same numbers every time, whatever the number of `threads`. Raises
    KeyError on an unknown method, ValueError on another shape, on all subsets of more than LARGEST studies,
    and on a sample that is empty or has no seed.
    **Source** Olkin, Dahabreh & Trikalinos 2012, Res Synth Methods 3:214-223. Oracle: `gosh(rma(...))`.

    >>> found = gosh([0.1, 0.3, 0.8], [0.02, 0.03, 0.05], tau2="CE")
    >>> found.include[2].tolist(), found.mu.round(3).tolist()
    ([True, True, False], [0.1, 0.3, 0.18, 0.8, 0.3, 0.488, 0.3])
    """
    y, v = columns(yi, vi)
    TAU2[tau2]
    status = Status(int(lay_out(y, v).status))
    if status is not Status.OK:
        return NotEstimable(status)
    subsets = _subsets(len(y), sample, seed)
    centre = float((y / v).sum() / (1 / v).sum())
    found = _Pooler(y - centre, v, tau2, subsets).run(threads)
    mu, variance, q, i2 = found[:, subsets.first :]
    k = subsets.include.sum(-1)[subsets.first :]
    codes = np.where(
        k > 1, np.where(np.isnan(variance), Status.NOT_CONVERGED, Status.OK), Status.SINGLE_STUDY
    )
    return Gosh(
        include=subsets.include[subsets.first :],
        k=k,
        mu=mu + centre,
        tau2=variance,
        q=q,
        i2=i2,
        status=codes.astype(np.int64),
        cautions=few_cautions(len(y)) + ((Caution.SAMPLED,) if sample is not None else ()),
    )


def _subsets(k: int, sample: int | None, seed: int | None) -> AllSubsets | DrawnSubsets:
    if sample is None:
        if k > LARGEST:
            raise ValueError(f"{k} studies have too many subsets: give sample and seed")
        return AllSubsets.of(k)
    if seed is None or sample < 1:
        raise ValueError("a sample of subsets needs a size and a seed")
    return DrawnSubsets.of(k, sample, seed)


@dataclass(frozen=True, eq=False)
class _Pooler:
    """Pools block after block; `y` lies around zero, so that sums of squares lose few digits."""

    y: FloatArray
    v: FloatArray
    tau2: str
    subsets: AllSubsets | DrawnSubsets

    def run(self, threads: int) -> FloatArray:
        """mu, tau2, Q and I2 of every subset, [4, n]."""
        grid = grid_of(self.y, self.v) if self.tau2 in BATCHED else np.zeros(0)
        w = 1 / self.v
        summands = np.stack([np.ones_like(w), w, w * self.y, w * self.y**2, w**2])
        if self.tau2 in BATCHED:
            summands = np.concatenate([summands, grid_columns(self.y, self.v, grid)])
        sums_of = self.subsets.summer(summands)
        found = np.empty((4, len(self.subsets.include)))

        def fill(block: int) -> None:
            rows = self.subsets.rows(block)
            with np.errstate(all="ignore"):  # the empty set divides by nothing
                found[:, rows] = self.pool(self.subsets.include[rows], sums_of(block), grid)

        if threads == 1:
            for block in range(self.subsets.blocks):
                fill(block)
            return found
        from concurrent.futures import ThreadPoolExecutor  # slow to import, and rarely needed

        with ThreadPoolExecutor(threads) as workers:
            list(workers.map(fill, range(self.subsets.blocks)))
        return found

    def pool(self, include: BoolArray, sums: FloatArray, grid: FloatArray) -> FloatArray:
        """mu, tau2, Q and I2 of one block, [4, n]."""
        k, s1, first, second, s2 = sums[:5]
        several = k > 1.5
        mu = first / s1
        q = self.scatter(include, several, second - first * mu, second, mu)
        if self.tau2 == "CE":
            return np.stack([mu, *np.where(several, [np.zeros_like(q), q, i2_from_q(q, k - 1)], np.nan)])
        trace = s1 - s2 / s1
        tau2 = np.zeros_like(q)
        if self.tau2 == "DL":
            tau2 = np.where(several, np.maximum((q - k + 1) / trace, 0.0), 0.0)
        else:
            tau2[several] = self.estimate(include[several], sums[5:, several], grid)
        w = include / (self.v + tau2[:, None])
        mu = (w @ self.y) / w.sum(-1)
        i2 = i2_from_tau2(tau2, divide(k - 1, trace))
        return np.stack([mu, *np.where(several, [tau2, q, i2], np.nan)])

    def estimate(self, include: BoolArray, sums: FloatArray, grid: FloatArray) -> FloatArray:
        """tau2 of subsets of two and more, [n]."""
        if self.tau2 in BATCHED:
            member = include.astype(np.float64)
            return maximise_subsets(self.y, self.v, member, sums, grid, BATCHED[self.tau2])
        return TAU2[self.tau2](lay_out(self.y, self.v, include))

    def scatter(
        self, include: BoolArray, several: BoolArray, q: FloatArray, second: FloatArray, mu: FloatArray
    ) -> FloatArray:
        """Cochran's Q, from distances where the difference of sums has lost its digits."""
        lost = np.flatnonzero(several & (q < CANCELLED * second))
        if len(lost):
            q[lost] = (include[lost] * (self.y - mu[lost, None]) ** 2 / self.v).sum(-1)
        return q
