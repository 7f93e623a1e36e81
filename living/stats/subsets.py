"""Subsets of studies in blocks, and sums over each subset."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from living.stats.effects import BoolArray, FloatArray, IntArray

BLOCK_STUDIES = 11
BLOCK = 1 << BLOCK_STUDIES  # subsets: the weights of 20 studies take 330 kB and stay in a core's cache
WORD = 64  # bits of one raw number of the generator
Summer = Callable[[int, FloatArray], None]


@dataclass(frozen=True, eq=False)
class AllSubsets:
    """All subsets of k studies in the order of their binary codes; the first study is the lowest digit.

    A block holds all subsets of the `low` first studies beside one choice of the others. Row 0 is the empty
    set and is left out by `first`.
    """

    k: int
    low: int
    first: int = 1

    @classmethod
    def of(cls, k: int, block_studies: int = BLOCK_STUDIES) -> AllSubsets:
        """The 2^k subsets of k studies."""
        return cls(k, min(k, block_studies))

    def __len__(self) -> int:
        return 1 << self.k

    @property
    def include(self) -> BoolArray:
        """Who is in which subset, [n, k]."""
        include = np.zeros((len(self), self.k), dtype=bool)
        for study in range(self.k):
            include.reshape(-1, 2, 1 << study, self.k)[:, 1, :, study] = True
        return include

    @property
    def sizes(self) -> IntArray:
        """Studies in each subset, [n]."""
        return np.bitwise_count(np.arange(len(self))).astype(np.int64)

    @property
    def singles(self) -> IntArray:
        """The rows of one study."""
        return 1 << np.arange(self.k)

    @property
    def blocks(self) -> int:
        """Number of blocks."""
        return len(self) >> self.low

    def rows(self, block: int) -> slice:
        """The rows of a block."""
        return slice(block << self.low, (block + 1) << self.low)

    def chosen(self, rows: IntArray) -> BoolArray:
        """Who is in the subsets of these rows, [n, k]."""
        return (rows[:, None] >> np.arange(self.k) & 1).astype(bool)

    def members(self, block: int) -> tuple[IntArray, FloatArray]:
        """The studies that are in some subset of a block, [m], and 1 where one is, [m, n]."""
        others = self._others(block)
        always = np.ones((len(others), 1 << self.low))
        studies = np.concatenate([np.arange(self.low), others])
        return studies, np.concatenate([self._pattern, always])

    def summer(self, columns: FloatArray) -> Summer:
        """A function that writes the sums of `columns` [c, k] over each subset of a block to [c, n].

        One addition a subset: the sums over the low studies are made once, by doubling.
        """
        table = doubled(columns[:, : self.low])

        def sums(block: int, out: FloatArray) -> None:
            np.add(table, columns[:, self._others(block)].sum(1, keepdims=True), out=out)

        return sums

    @cached_property
    def _pattern(self) -> FloatArray:
        return doubled(np.eye(self.low))

    def _others(self, block: int) -> IntArray:
        high = np.arange(self.low, self.k)
        inside: BoolArray = (block >> (high - self.low) & 1) == 1
        return high[inside]


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

    def __len__(self) -> int:
        return len(self.include)

    @property
    def sizes(self) -> IntArray:
        """Studies in each subset, [n]."""
        return np.asarray(self.include.sum(-1))

    @property
    def singles(self) -> IntArray:
        """The rows of one study: none."""
        return np.zeros(0, dtype=np.int64)

    @property
    def blocks(self) -> int:
        """Number of blocks."""
        return -(-len(self) // BLOCK)

    def rows(self, block: int) -> slice:
        """The rows of a block."""
        return slice(block * BLOCK, min((block + 1) * BLOCK, len(self)))

    def chosen(self, rows: IntArray) -> BoolArray:
        """Who is in the subsets of these rows, [n, k]."""
        return self.include[rows]

    def members(self, block: int) -> tuple[IntArray, FloatArray]:
        """All studies [k], and 1 where one is in a subset, [k, n]."""
        member = self.include[self.rows(block)].T.astype(np.float64, order="C")
        return np.arange(len(member)), member

    def summer(self, columns: FloatArray) -> Summer:
        """A function that writes the sums of `columns` [c, k] over each subset of a block to [c, n]."""

        def sums(block: int, out: FloatArray) -> None:
            np.matmul(columns, self.members(block)[1], out=out)

        return sums


def doubled(columns: FloatArray) -> FloatArray:
    """The sums of columns [c, k] over all subsets, [c, 2^k]: each study adds itself to those before it."""
    c, k = columns.shape
    table = np.zeros((c, 1 << k))
    for study in range(k):
        half = 1 << study
        np.add(table[:, :half], columns[:, study, None], out=table[:, half : 2 * half])
    return table
