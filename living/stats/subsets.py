"""Subsets of studies in blocks, and sums over each subset."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from living.stats.effects import BoolArray, FloatArray

BLOCK_STUDIES = 11
BLOCK = 1 << BLOCK_STUDIES  # subsets: the weights of 20 studies take 330 kB and stay in a core's cache
WORD = 64  # bits of one raw number of the generator


@dataclass(frozen=True, eq=False)
class AllSubsets:
    """All subsets in the order of their binary codes; row 0 is the empty set and is left out by `first`."""

    include: BoolArray
    low: int
    first: int = 1

    @classmethod
    def of(cls, k: int) -> AllSubsets:
        """The 2^k subsets of k studies; the first study is the lowest binary digit."""
        include = np.zeros((1 << k, k), dtype=bool)
        for study in range(k):
            include.reshape(-1, 2, 1 << study, k)[:, 1, :, study] = True
        return cls(include, min(k, BLOCK_STUDIES))

    @property
    def blocks(self) -> int:
        """Number of blocks; each holds all subsets of the low studies beside one choice of the others."""
        return len(self.include) >> self.low

    def rows(self, block: int) -> slice:
        """The rows of a block."""
        return slice(block << self.low, (block + 1) << self.low)

    def summer(self, columns: FloatArray) -> Callable[[int], FloatArray]:
        """A function that gives the sums of `columns` [c, k] over each subset of a block, [c, n].

        One addition a subset: the sums over the low studies are made once, by doubling.
        """
        table = np.zeros((len(columns), 1))
        for study in range(self.low):
            table = np.concatenate([table, table + columns[:, study, None]], axis=1)
        others = columns[:, self.low :]

        def sums(block: int) -> FloatArray:
            chosen = self.include[block << self.low, self.low :]
            return np.asarray(table + others[:, chosen].sum(1, keepdims=True))

        return sums


@dataclass(frozen=True, eq=False)
class DrawnSubsets:
    """A random sample of the subsets of at least two studies."""

    include: BoolArray
    first: int = 0

    @classmethod
    def of(cls, k: int, sample: int, seed: int) -> DrawnSubsets:
        """Each study in or out with equal chance; draws of fewer than two are drawn again."""
        source = np.random.PCG64(seed)
        words = -(-k // WORD)
        kept: list[BoolArray] = []
        while sum(map(len, kept)) < sample:
            raw = source.random_raw(sample * words).astype("<u8").reshape(sample, words)
            bits = np.unpackbits(raw.view(np.uint8), axis=1, count=k, bitorder="little").astype(bool)
            kept.append(bits[bits.sum(-1) > 1])
        return cls(np.concatenate(kept)[:sample])

    @property
    def blocks(self) -> int:
        """Number of blocks."""
        return -(-len(self.include) // BLOCK)

    def rows(self, block: int) -> slice:
        """The rows of a block."""
        return slice(block * BLOCK, min((block + 1) * BLOCK, len(self.include)))

    def summer(self, columns: FloatArray) -> Callable[[int], FloatArray]:
        """A function that gives the sums of `columns` [c, k] over each subset of a block, [c, n]."""

        def sums(block: int) -> FloatArray:
            return np.asarray(columns @ self.include[self.rows(block)].astype(np.float64).T)

        return sums
