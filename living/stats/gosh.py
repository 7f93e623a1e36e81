"""Every subset of the studies pooled (GOSH): a picture of what the result hangs on."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from living.stats.cautions import Caution
from living.stats.effects import BoolArray, FloatArray, IntArray
from living.stats.heterogeneity import i2_from_q, i2_from_tau2
from living.stats.influence import columns, few_cautions
from living.stats.moments import divide, lay_out
from living.stats.status import NotEstimable, Status
from living.stats.subset_likelihood import CANCELLED, SubsetLikelihood
from living.stats.subsets import BLOCK_STUDIES, AllSubsets, DrawnSubsets
from living.stats.tau2 import TAU2

LARGEST = 24  # studies: 16 million subsets, 1 GB of results; beyond that, sample
BATCHED = {"REML": True, "ML": False}  # whether the likelihood is the restricted one
SUMS_ALONE = 13  # studies whose subsets make a block where no weights are needed, only sums


@dataclass(frozen=True, eq=False)
class Gosh:
    """One pooled result for each subset; arrays [n].

    A subset of one study is a SINGLE_STUDY: `mu` is its effect, the rest is NaN. `q` is Cochran's Q. `i2` is
    percent, from tau2 as metafor prints it (from Q for the common effect).
    """

    subsets: AllSubsets | DrawnSubsets
    k: IntArray
    mu: FloatArray
    tau2: FloatArray
    q: FloatArray
    i2: FloatArray
    status: IntArray
    cautions: tuple[Caution, ...]

    @cached_property
    def include(self) -> BoolArray:
        """Which studies are in each subset, [n, k]; made when asked for."""
        return self.subsets.include[self.subsets.first :]


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
    subsets = _subsets(len(y), tau2, sample, seed)
    centre = float((y / v).sum() / (1 / v).sum())
    mu, variance, q, i2 = _Pooler(y - centre, v, tau2, subsets).run(threads)
    mu += centre
    codes = np.where(np.isnan(variance), int(Status.NOT_CONVERGED), int(Status.OK))
    codes[subsets.singles] = int(Status.SINGLE_STUDY)
    for column in (variance, q, i2):
        column[subsets.singles] = np.nan
    shown = slice(subsets.first, None)
    return Gosh(
        subsets=subsets,
        k=subsets.sizes[shown],
        mu=mu[shown],
        tau2=variance[shown],
        q=q[shown],
        i2=i2[shown],
        status=codes[shown],
        cautions=few_cautions(len(y)) + ((Caution.SAMPLED,) if sample is not None else ()),
    )


def _subsets(k: int, tau2: str, sample: int | None, seed: int | None) -> AllSubsets | DrawnSubsets:
    if sample is None:
        if k > LARGEST:
            raise ValueError(f"{k} studies have too many subsets: give sample and seed")
        return AllSubsets.of(k, SUMS_ALONE if tau2 == "CE" else BLOCK_STUDIES)
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

    @cached_property
    def likelihood(self) -> SubsetLikelihood | None:
        """For the methods whose estimate is the highest point of a likelihood."""
        restricted = BATCHED.get(self.tau2)
        return None if restricted is None else SubsetLikelihood.of(self.y, self.v, restricted)

    @property
    def columns(self) -> FloatArray:
        """What has to be summed over a subset, [c, k]: 1, w, w y, w y^2, w^2 and the likelihood's own."""
        w = 1 / self.v
        moments = np.stack([np.ones_like(w), w, w * self.y, w * self.y**2, w**2])
        return moments if self.likelihood is None else np.concatenate([moments, self.likelihood.columns])

    def run(self, threads: int) -> FloatArray:
        """mu, tau2, Q and I2 of every subset, [4, n]; each of the threads takes its share of the blocks."""
        columns = self.columns
        write_sums = self.subsets.summer(columns)
        found = np.empty((4, len(self.subsets)))

        def fill(first: int) -> None:
            room = np.empty((len(columns), self.subsets.rows(0).stop))
            with np.errstate(all="ignore"):  # the empty set divides by nothing
                for block in range(first, self.subsets.blocks, threads):
                    out = found[:, self.subsets.rows(block)]
                    sums = room[:, : out.shape[1]]
                    write_sums(block, sums)
                    self.pool(block, sums, out)

        if threads == 1:
            fill(0)
            return found
        from concurrent.futures import ThreadPoolExecutor  # slow to import, and rarely needed

        with ThreadPoolExecutor(threads) as workers:
            list(workers.map(fill, range(threads)))
        return found

    def pool(self, block: int, sums: FloatArray, found: FloatArray) -> None:
        """Write mu, tau2, Q and I2 of one block to `found`, [4, n]."""
        k, s1, first, second, s2 = sums[:5]
        mu, tau2, q, i2 = found
        np.divide(first, s1, out=mu)
        np.subtract(second, first * mu, out=q)
        self.regain(block, q, second, mu)
        if self.tau2 == "CE":
            tau2[:], i2[:] = 0.0, i2_from_q(q, k - 1)
            return
        trace = s1 - s2 / s1
        studies, member = self.subsets.members(block)
        if self.tau2 == "DL":
            tau2[:] = np.where(k > 1, np.maximum((q - k + 1) / trace, 0.0), 0.0)
        elif self.likelihood is not None:
            tau2[:] = self.likelihood.maximise(studies, member, sums[5:])
        else:
            tau2[:] = self.estimate(block, k)
        w = np.add(self.v[studies, None], tau2)
        np.divide(member, w, out=w)
        np.divide(self.y[studies] @ w, w.sum(0), out=mu)
        i2[:] = i2_from_tau2(tau2, divide(k - 1, trace))

    def estimate(self, block: int, k: FloatArray) -> FloatArray:
        """tau2 by the method of whole analyses, [n]; 0 for a subset of fewer than two."""
        tau2: FloatArray = np.zeros_like(k)
        several = np.flatnonzero(k > 1)
        inside = self.subsets.chosen(several + self.subsets.rows(block).start)
        tau2[several] = TAU2[self.tau2](lay_out(self.y, self.v, inside))
        return tau2

    def regain(self, block: int, q: FloatArray, second: FloatArray, mu: FloatArray) -> None:
        """Sum Cochran's Q again from distances where the difference of sums has lost its digits."""
        lost = np.flatnonzero(q < CANCELLED * second)
        if len(lost):
            inside = self.subsets.chosen(lost + self.subsets.rows(block).start)
            q[lost] = (inside * (self.y - mu[lost, None]) ** 2 / self.v).sum(-1)
