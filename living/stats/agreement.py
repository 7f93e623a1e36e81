"""How far two people agree beyond chance: Cohen's kappa."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri

from living.stats.effects import FloatArray
from living.stats.status import Status


class Kappas(NamedTuple):
    """Shape of the batch each: kappa, its standard error, its limits, the shares behind it, and why not."""

    kappa: FloatArray
    se: FloatArray
    low: FloatArray
    high: FloatArray
    observed: FloatArray
    expected: FloatArray
    status: npt.NDArray[np.int64]


def cohen_kappa(counts: npt.ArrayLike, level: float = 0.95) -> Kappas:
    """Agreement of two people on categories, as the share of what chance leaves open.

    Shapes: `counts` [..., categories, categories], rows the first person's, columns the second's; every
    result [...]. 1 is agreement on every item, 0 as much as the two people's own frequencies give by chance.
    Wald limits at `level`, cut at -1 and 1; with few items they are rough. NO_ITEMS without an item,
    ONE_CATEGORY when both put every item into the same one, IMPOSSIBLE_INPUT for a negative count; all NaN.
    Raises ValueError when the last two axes are not square or `level` is not between 0 and 1.
    **Source** Cohen 1960, Educ Psychol Meas 20:37-46, eq. 1; standard error of Fleiss, Cohen & Everitt 1969,
    Psychol Bull 72:323-327, eq. 13. Oracle: vcd::Kappa.
    """
    table = np.asarray(counts, dtype=float)
    if table.ndim < 2 or table.shape[-1] != table.shape[-2]:
        raise ValueError(f"a table of two people has as many rows as columns; this one is {table.shape}")
    if not 0 < level < 1:
        raise ValueError(f"a level lies between 0 and 1, not {level}")
    items = table.sum(axis=(-2, -1))
    with np.errstate(divide="ignore", invalid="ignore"):
        share = table / items[..., None, None]
        rows, columns = share.sum(axis=-1), share.sum(axis=-2)
        observed = np.trace(share, axis1=-2, axis2=-1)
        expected = (rows * columns).sum(axis=-1)
        kappa = (observed - expected) / (1 - expected)
        se = np.sqrt(_variance(share, rows, columns, kappa, expected) / items)
    half = ndtri((1 + level) / 2) * se
    status = _status(table, items, rows * columns)

    def shown(value: FloatArray) -> FloatArray:
        return np.where(status == Status.OK, value, np.nan)

    low, high = np.maximum(kappa - half, -1), np.minimum(kappa + half, 1)
    return Kappas(shown(kappa), shown(se), shown(low), shown(high), shown(observed), shown(expected), status)


def _variance(
    share: FloatArray, rows: FloatArray, columns: FloatArray, kappa: FloatArray, expected: FloatArray
) -> FloatArray:
    """n times the large-sample variance; the terms on and off the diagonal apart, so none is a difference."""
    diagonal = np.diagonal(share, axis1=-2, axis2=-1)
    on = (diagonal * (1 - (rows + columns) * (1 - kappa[..., None])) ** 2).sum(axis=-1)
    sums = columns[..., :, None] + rows[..., None, :]
    off = share * sums**2
    off = off.sum(axis=(-2, -1)) - np.trace(off, axis1=-2, axis2=-1)
    whole = on + (1 - kappa) ** 2 * off - (kappa - expected * (1 - kappa)) ** 2
    return np.asarray(np.maximum(whole, 0) / (1 - expected) ** 2)


def _status(table: FloatArray, items: FloatArray, chance: FloatArray) -> npt.NDArray[np.int64]:
    """Both people used one and the same category when chance alone, product by product, fills it."""
    status = np.full(items.shape, int(Status.OK), dtype=np.int64)
    status = np.where((chance == 1).any(axis=-1), Status.ONE_CATEGORY, status)
    status = np.where(items == 0, Status.NO_ITEMS, status)
    wrong = (table < 0).any(axis=(-2, -1)) | ~np.isfinite(table).all(axis=(-2, -1))
    return np.where(wrong, Status.IMPOSSIBLE_INPUT, status)
