"""Reads the published tables and writes numbers as they are printed."""

import csv
from pathlib import Path

import numpy as np

from living import stats

DATA = Path(__file__).parent / "data"


def table(name: str) -> dict[str, np.ndarray]:
    """Columns of data/NAME.csv; numbers where every cell is one or empty."""
    with (DATA / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return {column: _column([row[column] for row in rows]) for column in rows[0]}


def _column(cells: list[str]) -> np.ndarray:
    try:
        return np.array([float(cell) if cell else np.nan for cell in cells])
    except ValueError:
        return np.array(cells)


def shown(values: object, digits: int) -> list[str]:
    """The numbers as a table prints them; a rounded zero has no sign."""
    return [f"{round(float(x), digits) + 0.0:.{digits}f}" for x in np.atleast_1d(np.asarray(values))]


def pooled(yi: object, vi: object, **rules: object) -> stats.PoolResult:
    """Pool studies that can be pooled; a Wald interval unless told otherwise."""
    found = stats.pool(yi, vi, **({"interval": "wald"} | rules))
    assert isinstance(found, stats.PoolResult)
    return found


def triple(found: stats.PoolResult) -> list[float]:
    """Estimate and interval."""
    return [found.mu, found.ci_low, found.ci_high]
