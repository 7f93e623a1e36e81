"""Linear algebra of correlated effects: a covariance that falls apart into blocks of dependent effects.

Effects that share neither a random effect nor sampling error are independent, so the big matrix is never
built: all blocks are padded to one size and handled as a batch.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from living.stats.effects import BoolArray, FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class Blocks:
    """Effects arranged in blocks; `place` [m, s] holds positions, `real` [m, s] is False on the padding.

    `sampling` [m, s, s]: sampling covariance, an identity on the padding. `shared` [c, m, s, s]: 1 where two
    effects share a level of random component c.
    """

    place: IntArray
    real: BoolArray
    sampling: FloatArray
    shared: FloatArray

    def gather(self, columns: FloatArray) -> FloatArray:
        """Columns [k, n] as [m, s, n], zero on the padding."""
        return np.where(self.real[..., None], columns[self.place], 0.0)

    def scatter(self, values: FloatArray) -> FloatArray:
        """Values [m, s] as [k]: the way back from `gather` for one column."""
        flat = np.empty(int(self.real.sum()))
        flat[self.place[self.real]] = values[self.real]
        return flat

    def marginal(self, sigma2: FloatArray) -> FloatArray:
        """Covariance of the effects at these variance components [c], as blocks [m, s, s]."""
        return np.asarray(self.sampling + np.tensordot(sigma2, self.shared, axes=1))

    def dense(self, blocks: FloatArray) -> FloatArray:
        """Blocks [m, s, s] as one matrix [k, k]."""
        k = int(self.real.sum())
        whole = np.zeros((k, k))
        for place, real, block in zip(self.place, self.real, blocks, strict=True):
            whole[np.ix_(place[real], place[real])] = block[np.ix_(real, real)]
        return whole


def arrange(covariance: FloatArray, random: list[IntArray]) -> Blocks:
    """Find the blocks of a sampling covariance [k, k] and groupings [k] (integer codes)."""
    k = len(covariance)
    linked = covariance != 0
    shared = np.array([codes[:, None] == codes[None, :] for codes in random]).reshape(-1, k, k)
    component = _components(linked | shared.any(0))
    members = [np.flatnonzero(component == label) for label in np.unique(component)]
    size = max(len(group) for group in members)
    place = np.array([np.concatenate([g, np.full(size - len(g), g[0])]) for g in members])
    real = np.arange(size) < np.array([len(g) for g in members])[:, None]
    rows, columns = place[:, :, None], place[:, None, :]
    both = real[:, :, None] & real[:, None, :]
    sampling = np.where(both, covariance[rows, columns], np.eye(size))
    return Blocks(place, real, sampling, np.where(both, shared[:, rows, columns], False).astype(np.float64))


def codes(labels: npt.ArrayLike) -> IntArray:
    """Integer codes of labels [k]."""
    return np.unique(np.asarray(labels), return_inverse=True)[1].reshape(-1).astype(np.int64)


def _components(linked: BoolArray) -> IntArray:
    """Label of the connected component of each row of a symmetric relation, [k]: the smallest member."""
    label = np.arange(len(linked))
    while True:
        lowest = np.where(linked, label[None, :], len(linked)).min(1)
        lowest = np.minimum(lowest, label)
        lowest = lowest[lowest]
        if (lowest == label).all():
            return label
        label = lowest
