"""Numbers that a judgement of certainty asks for: chances of benefit and harm, and enough information or not.

They are facts, not ratings: people rate. Chances come from the interval's own distribution (normal or t, read
as a confidence distribution) or from a Bayesian posterior; the result says which.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr, stdtr

from living.stats.bayes import BayesResult, bayes
from living.stats.intervals import critical
from living.stats.pool import PoolResult
from living.stats.status import NotEstimable

LOWER, HIGHER = "lower", "higher"


@dataclass(frozen=True)
class Chances:
    """Where the true mean effect lies, as probabilities that add up to 1; `basis` says by which distribution.

    `important_benefit` and `important_harm` are beyond the important difference; `small` is all between.
    """

    important_benefit: float
    small: float
    important_harm: float
    any_benefit: float
    basis: str

    @property
    def any_harm(self) -> float:
        """Probability that the mean effect is on the wrong side of none."""
        return 1 - self.any_benefit


@dataclass(frozen=True)
class GradeFacts:
    """Facts for the domains imprecision and inconsistency.

    `crosses_none`, `crosses_benefit`, `crosses_harm`: whether the interval holds no effect, the important
    benefit, the important harm. `new_study_*`: chances in a new study, None without a prediction interval.
    `enough`: participants reach the optimal information size, None where one of the two was not given.
    """

    chances: Chances
    crosses_none: bool
    crosses_benefit: bool
    crosses_harm: bool
    new_study: Chances | None
    participants: int | None
    optimal_size: int | None

    @property
    def enough(self) -> bool | None:
        """Whether the optimal information size is reached."""
        if self.participants is None or self.optimal_size is None:
            return None
        return self.participants >= self.optimal_size


def chances(
    mu: float, se: float, *, important: float, better: str = LOWER, df: float = inf, none: float = 0.0
) -> Chances:
    """Probabilities that the true effect is an important benefit, small, or an important harm.

    Units: all those of the effect; ratios as logarithms. `important` > 0 is the important difference,
    `better` "lower" or "higher" says which way benefit lies from `none`, `df` infinite means normal. Raises
    ValueError on an impossible value.
    **Source** Schweder & Hjort 2016, chapter 3 (confidence distributions); Zeng et al. 2021, J Clin Epidemiol
    137:163-175 (certainty in relation to a threshold).

    >>> c = chances(-0.5, 0.2, important=0.3)
    >>> round(c.important_benefit, 3), round(c.any_harm, 4)
    (0.841, 0.0062)
    """
    if not (important > 0 and se > 0 and df > 0 and np.isfinite(mu)) or better not in (LOWER, HIGHER):
        raise ValueError("an important difference and a standard error are positive; better: lower or higher")
    gain = (none - mu) if better == LOWER else (mu - none)
    basis = "normal" if df == inf else f"t on {df:g} degrees of freedom"
    benefit, better_than_none, not_harm = (_below(gain - x, se, df) for x in (important, 0.0, -important))
    return _chances(benefit, better_than_none, not_harm, basis)


def grade_facts(
    result: PoolResult,
    *,
    important: float,
    better: str = LOWER,
    participants: int | None = None,
    optimal_size: int | None = None,
) -> GradeFacts:
    """Collect the facts about one pooled result.

    Units and raises as `chances`. `optimal_size` is the size of one adequately powered trial
    (`required_size_means` or `required_size_risks`), in participants.
    **Source** Guyatt et al. 2011, J Clin Epidemiol 64:1283-1293 (imprecision, optimal information size).
    """
    df = inf if result.df is None else result.df
    toward = -important if better == LOWER else important
    return GradeFacts(
        chances=chances(result.mu, result.se, important=important, better=better, df=df),
        crosses_none=_holds(result, 0.0),
        crosses_benefit=_holds(result, toward),
        crosses_harm=_holds(result, -toward),
        new_study=_new_study(result, important, better),
        participants=participants,
        optimal_size=optimal_size,
    )


def chances_bayes(
    yi: npt.ArrayLike,
    vi: npt.ArrayLike,
    *,
    important: float,
    tau_scale: float,
    better: str = LOWER,
    tau_prior: str = "half-normal",
    mu_prior: tuple[float, float] | None = None,
) -> Chances | NotEstimable:
    """The same probabilities from the posterior of the mean; shapes, units and raises as `bayes`.

    **Source** Roever 2020, J Stat Softw 93(6). Oracle: `bayesmeta(...)$pposterior(mu=)`.
    """
    if not important > 0 or better not in (LOWER, HIGHER):
        raise ValueError("an important difference is positive; better: lower or higher")
    toward = -1.0 if better == LOWER else 1.0
    found = []
    for line in (important, 0.0, -important):
        posterior = bayes(
            yi, vi, tau_scale=tau_scale, tau_prior=tau_prior, mu_prior=mu_prior, threshold=toward * line
        )
        if isinstance(posterior, NotEstimable):
            return posterior
        found.append(_beyond(posterior, toward))
    return _chances(found[0], found[1], found[2], f"posterior, {tau_prior} prior of scale {tau_scale:g}")


def _chances(benefit: float, better: float, not_harm: float, basis: str) -> Chances:
    return Chances(benefit, not_harm - benefit, 1 - not_harm, better, basis)


def _beyond(posterior: BayesResult, toward: float) -> float:
    return posterior.p_below if toward < 0 else 1 - posterior.p_below


def _below(distance: float, se: float, df: float) -> float:
    z = distance / se
    return float(ndtr(z) if df == inf else stdtr(df, z))


def _holds(result: PoolResult, value: float) -> bool:
    return result.ci_low <= value <= result.ci_high


def _new_study(result: PoolResult, important: float, better: str) -> Chances | None:
    """Chances in a new study, from the prediction interval's own standard error and degrees of freedom."""
    degrees = {"HTS": result.k - 2.0, "t(k-1)": result.k - 1.0, "normal": inf}
    df = degrees.get(result.prediction_method)  # a resampled interval has no distribution to read from
    if df is None or result.pi_low is None or result.pi_high is None:
        return None
    se = (result.pi_high - result.pi_low) / (2 * float(critical(df, result.level)))
    return chances(result.mu, se, important=important, better=better, df=df) if se > 0 else None
