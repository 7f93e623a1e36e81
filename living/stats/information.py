"""How much information a meta-analysis needs: participants for means and events, trials if they differ."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, inf, isfinite

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri

from living.stats.effects import FloatArray
from living.stats.moments import lay_out
from living.stats.status import NotEstimable, Status
from living.stats.tau2 import estimator_of


def diversity(yi: npt.ArrayLike, vi: npt.ArrayLike, *, tau2: str = "DL") -> float | NotEstimable:
    """Diversity D2: the share of the random-effects variance that the common-effect variance lacks, 0 to 1.

    Shapes: `yi`, `vi` [k], k >= 2. Raises KeyError on an unknown estimator.
    **Source** Wetterslev, Thorlund, Brok & Gluud 2009, BMC Med Res Methodol 9:86. Oracle: `RTSA` D.2.
    """
    layout = lay_out(yi, vi)
    status = Status(int(layout.status))
    if status != Status.OK:
        return NotEstimable(status)
    between = estimator_of(tau2)(layout)
    if not np.isfinite(between):
        return NotEstimable(Status.NOT_CONVERGED)
    common, random = (float(layout.weights(t).sum()) for t in (np.zeros_like(between), between))
    return 1 - random / common


def required_size_means(
    difference: float, sd: float, *, alpha: float = 0.05, beta: float = 0.1, sides: int = 2
) -> int:
    """Participants in both groups together, equally split, that a single trial of a mean difference needs.

    Units: `difference` and `sd` alike; with sd = 1 the difference is a standardised one. Raises ValueError on
    a difference of 0, an SD that is not positive, or an impossible alpha or beta.
    **Source** Wetterslev et al. 2009, equation for continuous outcomes; the usual normal approximation.
    Oracle: `RTSA::ris(outcome="MD", mc=, sd_mc=)$NF`.

    >>> required_size_means(0.5, 1.0)
    169
    """
    if difference == 0 or not (isfinite(difference) and 0 < sd < inf):
        raise ValueError("a required size needs a difference other than 0 and a positive SD")
    return ceil(4 * _drift(alpha, beta, sides) ** 2 * sd**2 / difference**2)


def required_size_risks(
    risk1: float, risk2: float, *, alpha: float = 0.05, beta: float = 0.1, sides: int = 2
) -> int:
    """Participants in both groups together, equally split, that a single trial comparing two risks needs.

    Variance at the average risk, p (1 - p). Raises ValueError unless both risks lie between 0 and 1 and
    differ.
    **Source** Wetterslev et al. 2009 (binary outcomes: 4 (z + z)^2 p (1 - p) / difference^2).
    """
    if not (0 < risk1 < 1 and 0 < risk2 < 1 and risk1 != risk2):
        raise ValueError("two different risks between 0 and 1 are needed")
    average = (risk1 + risk2) / 2
    return ceil(4 * _drift(alpha, beta, sides) ** 2 * average * (1 - average) / (risk1 - risk2) ** 2)


def adjusted_size(size: int, diversity: float) -> int:
    """The size after division by 1 - D2: what the same meta-analysis needs when its trials differ.

    Raises ValueError unless 0 <= D2 < 1.
    **Source** Wetterslev et al. 2009. Oracle: `RTSA::ris(..., D2=)$NR_D2`, which rounds up twice as here.
    """
    if not 0 <= diversity < 1:
        raise ValueError(f"diversity lies between 0 and 1, not at {diversity}")
    return ceil(size / (1 - diversity))


@dataclass(frozen=True)
class Trials:
    """How many trials of which size: heterogeneity is overcome by trials, not by participants alone."""

    trials: int
    per_group: int

    @property
    def participants(self) -> int:
        """In both groups of all trials together."""
        return 2 * self.trials * self.per_group


def required_trials(
    difference: float,
    sd: float,
    tau2: float,
    *,
    alpha: float = 0.05,
    beta: float = 0.1,
    sides: int = 2,
    known: float = 0.0,
    options: int = 4,
) -> tuple[Trials, ...]:
    """The fewest trials that can reach the power, and the next few numbers, with the group size each needs.

    Units: `tau2` in squared units of `difference`; `known` is the information of the trials at hand, 1 / SE^2
    of their pool, so that the answer counts further trials. Empty where they are enough. Raises ValueError as
    `required_size_means`, or on a negative `tau2` or `known`.
    **Source** Kulinskaya & Wood 2014, Res Synth Methods 5:204-220 (random-effects trial sequential
    analysis). Oracle: `RTSA::ris(..., tau2=)$NR_tau$nPax`, columns "trials" and "per trial": the latter is
    per group there too, though its total counts it once.
    """
    if not (0 <= tau2 < inf and 0 <= known < inf):
        raise ValueError("a between-study variance and an information are finite and not negative")
    required_size_means(difference, sd, alpha=alpha, beta=beta, sides=sides)
    lacking = _drift(alpha, beta, sides) ** 2 / difference**2 - known
    if lacking <= 0:
        return ()
    fewest = int(tau2 * lacking) + 1
    return tuple(Trials(k, ceil(2 * sd**2 / (k / lacking - tau2))) for k in range(fewest, fewest + options))


def information_fraction(vi: npt.ArrayLike, tau2: float, difference: float, **power: float) -> FloatArray:
    """Share of the required statistical information after each study, cumulative; may exceed 1.

    Shapes: `vi` [k]. The information is the summed weight 1 / (vi + tau2); required is
    ((z + z) / difference)^2. `power`: alpha, beta, sides. Raises ValueError on impossible values.
    **Source** Wetterslev et al. 2009; Jennison & Turnbull 2000, chapter 3.
    """
    if difference == 0 or not 0 <= tau2 < inf:
        raise ValueError("information needs a difference other than 0 and a tau2 that is not negative")
    v = np.asarray(vi, dtype=np.float64)
    needed = (_drift(**{"alpha": 0.05, "beta": 0.1, "sides": 2} | power) / difference) ** 2
    return np.asarray(np.cumsum(1 / (v + tau2), axis=-1) / needed)


def _drift(alpha: float, beta: float, sides: float) -> float:
    """The expected Z at which a single two-group comparison has its power."""
    if sides not in (1, 2) or not 0 < alpha < 1 or not 0 < beta < 1 - alpha:
        raise ValueError("sides are 1 or 2, alpha lies between 0 and 1, beta between 0 and 1 - alpha")
    return -float(ndtri(alpha / sides) + ndtri(beta))
