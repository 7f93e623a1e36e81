"""Correlations as effects: as they are, and Fisher's z."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from living.stats.effects import Effects, FloatArray, Rule, effects, floats
from living.stats.status import Status


def correlation(r: npt.ArrayLike, n: npt.ArrayLike, *, average: bool = False) -> Effects:
    """A Pearson correlation of n pairs.

    Shapes: broadcast; with `average` (the variance at the size-weighted mean correlation of all studies) the
    last axis are the studies.
    **Source** Hunter & Schmidt 2004, chapter 3. Oracle: `escalc(measure="COR", vtype="LS")`, "AV".
    """
    y, m = floats(r, n)
    with np.errstate(all="ignore"):
        at = _weighted_mean(y, m) if average else y
        return effects(y, (1 - at**2) ** 2 / (m - 1), *_rules(y, m))


def fisher_z(r: npt.ArrayLike, n: npt.ArrayLike) -> Effects:
    """Fisher's z of a correlation of n > 3 pairs; its variance does not depend on r. Shapes: broadcast.

    **Source** Fisher 1921, Metron 1:3-32. Oracle: `escalc(measure="ZCOR")`.

    >>> round(float(fisher_z(0.5, 28).yi), 4), round(float(fisher_z(0.5, 28).vi), 2)
    (0.5493, 0.04)
    """
    y, m = floats(r, n)
    with np.errstate(all="ignore"):
        return effects(np.arctanh(y), 1 / (m - 3), *_rules(y, m))


def correlation_from_z(z: npt.ArrayLike) -> FloatArray:
    """A correlation from Fisher's z, for a pooled estimate and its limits. Shapes: any.

    **Source** Fisher 1921.
    """
    (value,) = floats(z)
    return np.tanh(value)


def _weighted_mean(y: FloatArray, n: FloatArray) -> FloatArray:
    known = np.isfinite(y * n)
    total = np.where(known, n, 0.0).sum(-1)
    return np.asarray(np.where(known, y * n, 0.0).sum(-1) / total)[..., None]


def _rules(r: FloatArray, n: FloatArray) -> list[Rule]:
    return [(Status.IMPOSSIBLE_INPUT, np.abs(r) > 1), (Status.TOO_FEW_PARTICIPANTS, n <= 3)]
