"""Every declared combination of choices at once: measure x inclusion x estimator x interval."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from living.stats.effects import Effects
from living.stats.fit import Fits, fit
from living.stats.intervals import INTERVALS
from living.stats.status import NotEstimable, Status
from living.stats.tau2 import TAU2


@dataclass(frozen=True)
class Path:
    """One combination; without a pool `reason` says why. A ratio's numbers are natural logarithms."""

    measure: str
    inclusion: str
    tau2_method: str
    interval: str
    status: Status
    k: int
    mu: float | None
    ci_low: float | None
    ci_high: float | None
    p: float | None
    tau2: float | None

    @property
    def reason(self) -> str:
        """Why there is no pool, or that there is one."""
        return NotEstimable(self.status).reason

    @property
    def pooled(self) -> bool:
        """Whether studies were pooled (one study alone is shown and not counted)."""
        return self.status == Status.OK


@dataclass(frozen=True)
class Multiverse:
    """All paths, and what they share; shares count pooled paths only and are None where there are none."""

    paths: tuple[Path, ...]
    level: float

    @property
    def pooled(self) -> tuple[Path, ...]:
        """Paths with a pool."""
        return tuple(path for path in self.paths if path.pooled)

    def share_beyond(self, threshold: float = 0.0) -> tuple[float, float] | None:
        """Share of paths whose whole interval lies below, and above, a threshold."""
        found = self.pooled
        if not found:
            return None
        below = sum(path.ci_high is not None and path.ci_high < threshold for path in found)
        above = sum(path.ci_low is not None and path.ci_low > threshold for path in found)
        return below / len(found), above / len(found)

    def range_of(self, measure: str) -> tuple[float, float] | None:
        """Least and greatest pooled estimate of one measure; measures are not comparable with each other."""
        found = [path.mu for path in self.pooled if path.measure == measure and path.mu is not None]
        return (min(found), max(found)) if found else None


def multiverse(
    effects: Mapping[str, Effects],
    *,
    inclusions: Mapping[str, npt.ArrayLike] | None = None,
    tau2: Sequence[str] = ("REML",),
    intervals: Sequence[str] = ("HK-guarded",),
    level: float = 0.95,
) -> Multiverse:
    """Pool the same k studies under every declared combination, as one batch per estimator and interval.

    `effects` holds one entry of shape [k] for every way to measure: measures, and each r or other assumption
    as an entry of its own ("SMD, r=0.5"). `inclusions` are masks [k]. A study that a measure cannot use is
    left out of that measure's paths. Paths are in the order measure, inclusion, estimator, interval. Raises
    KeyError on an unknown method, ValueError on entries of different length or on none.
    **Source** Steegen, Tuerlinckx, Gelman & Vanpaemel 2016, Perspect Psychol Sci 11:702-712; in meta-analysis
    Voracek, Kossmeier & Tran 2019, Z Psychol 227:64-82.
    """
    methods = [(name, rule) for name in tau2 for rule in intervals]
    _ = [(TAU2[name], INTERVALS[rule]) for name, rule in methods]
    if not effects or not methods or len({item.yi.shape for item in effects.values()}) != 1:
        raise ValueError("a multiverse needs measures of the same studies, estimators and intervals")
    shape = next(iter(effects.values())).yi.shape
    masks = {"all": np.ones(shape, dtype=bool)} if inclusions is None else inclusions
    rows = [(measure, inclusion) for measure in effects for inclusion in masks]
    yi = np.stack([effects[measure].yi for measure, _ in rows])
    vi = np.stack([effects[measure].vi for measure, _ in rows])
    include = np.stack(
        [effects[measure].ok & np.asarray(masks[inclusion], dtype=bool) for measure, inclusion in rows]
    )
    fits = [fit(yi, vi, tau2=name, interval=rule, level=level, include=include) for name, rule in methods]
    return Multiverse(
        tuple(
            _path(measure, inclusion, method, f, i)
            for i, (measure, inclusion) in enumerate(rows)
            for method, f in zip(methods, fits, strict=True)
        ),
        level,
    )


def _path(measure: str, inclusion: str, method: tuple[str, str], f: Fits, i: int) -> Path:
    numbers = (f.mu[i], f.ci_low[i], f.ci_high[i], f.p[i], f.tau2[i])
    mu, low, high, p, tau2 = (float(x) if np.isfinite(x) else None for x in numbers)
    return Path(measure, inclusion, *method, Status(int(f.status[i])), int(f.k[i]), mu, low, high, p, tau2)
