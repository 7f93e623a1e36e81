"""From contrasts to a pool, or to the plain reason why there is none."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Protocol as Shape

from living import stats
from living.model.protocol import Model, Sensitivity
from living.model.snapshot import PoolOut

INTERVAL_LABELS = {
    "wald": "z interval",
    "HK": "Hartung-Knapp",
    "HK-guarded": "guarded Hartung-Knapp",
    "bayes": "Bayesian, central interval",
}
Floats = tuple[float, ...]
COMMON = "CE"  # every study estimates one effect: there is no spread between them to estimate or predict from
NO_SPREAD = "a common effect has no spread between studies to predict from"
NONE_LEFT = "no study gives numbers for this yet"


class Effect(Shape):
    """What pooling needs of a contrast."""

    @property
    def estimate(self) -> float: ...
    @property
    def se(self) -> float: ...
    @property
    def n_experimental(self) -> int | None: ...
    @property
    def n_control(self) -> int | None: ...


def pool(
    contrasts: Sequence[Effect], model: Model, variant: Sensitivity | None = None, minimum: int = 2
) -> PoolOut:
    """Pool contrasts under a model, changed where a sensitivity analysis changes it.

    `minimum` is the fewest studies an average is given for; below it, and wherever the engine has no answer,
    the result says why. Units are those of the contrasts; ratios are logarithms.
    """
    if not contrasts:
        return _none(contrasts, NONE_LEFT)
    if len(contrasts) < minimum:
        return _none(contrasts, _too_few(len(contrasts), minimum))
    if variant and variant.bayes_half_normal is not None:
        return _bayes(contrasts, model, variant.bayes_half_normal)
    tau2 = (variant and variant.tau2) or model.tau2
    interval = (variant and variant.interval) or model.interval
    yi, vi = _arrays(contrasts)
    fitted = _fitted(yi, vi, tau2, interval, model.level)
    if isinstance(fitted, stats.NotEstimable):
        return _none(contrasts, fitted.reason)
    simple = _fitted(yi, vi, tau2, "wald", model.level)
    wald = None if isinstance(simple, stats.NotEstimable) else simple
    common = tau2 == COMMON
    wanted = len(contrasts) >= model.prediction_k and not common
    people = _people(contrasts)
    return PoolOut(
        pooled=True,
        k=len(contrasts),
        n_experimental=people[0],
        n_control=people[1],
        method=tau2,
        interval=interval,
        interval_label=INTERVAL_LABELS[interval],
        level=model.level,
        estimate=fitted.mu,
        se=fitted.se,
        low=fitted.ci_low,
        high=fitted.ci_high,
        p=fitted.p,
        simple_low=wald.ci_low if wald else None,
        simple_high=wald.ci_high if wald else None,
        tau2=fitted.tau2,
        tau2_low=None if common else fitted.tau2_low,
        tau2_high=None if common or fitted.tau2_beyond else fitted.tau2_high,
        tau2_high_beyond=fitted.tau2_beyond and not common,
        i2=fitted.i2_q if common else fitted.i2_tau2,
        q=fitted.q,
        q_df=fitted.q_df,
        q_p=fitted.q_p,
        prediction_low=fitted.pi_low if wanted else None,
        prediction_high=fitted.pi_high if wanted else None,
        prediction_reason=_no_prediction(model, common) if not wanted else "",
    )


def weights(contrasts: Sequence[Effect], model: Model) -> tuple[float | None, ...]:
    """Return each contrast's weight in percent under the model; None where nothing is pooled."""
    if len(contrasts) < 2:
        return (None,) * len(contrasts)
    fitted = _fitted(*_arrays(contrasts), model.tau2, model.interval, model.level)
    if isinstance(fitted, stats.NotEstimable):
        return (None,) * len(contrasts)
    return fitted.weights


def _bayes(contrasts: Sequence[Effect], model: Model, scale: float) -> PoolOut:
    yi, vi = _arrays(contrasts)
    found = _posterior(yi, vi, scale, model.level)
    if isinstance(found, stats.NotEstimable):
        return _none(contrasts, found.reason)
    people = _people(contrasts)
    return PoolOut(
        pooled=True,
        k=len(contrasts),
        n_experimental=people[0],
        n_control=people[1],
        method=f"Bayes, half-normal({scale:g})",
        interval="bayes",
        interval_label=INTERVAL_LABELS["bayes"],
        level=model.level,
        estimate=found.mu.median,
        se=found.mu.sd,
        low=found.mu.low,
        high=found.mu.high,
        tau2=found.tau.median**2,
        prediction_reason=f"given from {model.prediction_k} studies",
    )


def _no_prediction(model: Model, common: bool) -> str:
    return NO_SPREAD if common else f"given from {model.prediction_k} studies"


def _arrays(contrasts: Sequence[Effect]) -> tuple[Floats, Floats]:
    return tuple(item.estimate for item in contrasts), tuple(item.se**2 for item in contrasts)


@lru_cache(maxsize=1 << 13)
def _fitted(
    yi: Floats, vi: Floats, tau2: str, interval: str, level: float
) -> stats.PoolResult | stats.NotEstimable:
    """The same numbers give the same pool: versions and their differences pool the same rows many times."""
    return stats.pool(yi, vi, tau2=tau2, interval=interval, level=level)


@lru_cache(maxsize=1 << 13)
def _posterior(yi: Floats, vi: Floats, scale: float, level: float) -> stats.BayesResult | stats.NotEstimable:
    return stats.bayes(yi, vi, tau_scale=scale, level=level)


def _none(contrasts: Sequence[Effect], reason: str) -> PoolOut:
    left, right = _people(contrasts)
    return PoolOut(pooled=False, reason=reason, k=len(contrasts), n_experimental=left, n_control=right)


def _people(contrasts: Sequence[Effect]) -> tuple[int | None, int | None]:
    """People analysed on each side; None when a study does not say, or there is no study."""
    left = [item.n_experimental for item in contrasts if item.n_experimental is not None]
    right = [item.n_control for item in contrasts if item.n_control is not None]
    if not contrasts or len(left) < len(contrasts) or len(right) < len(contrasts):
        return None, None
    return sum(left), sum(right)


def _too_few(k: int, minimum: int) -> str:
    words = {1: "one study", 2: "two studies"}
    return (
        f"{words.get(k, f'{k} studies')}; the protocol asks for {_word(minimum)} before an average is given"
    )


def _word(number: int) -> str:
    return {2: "two", 3: "three", 4: "four", 5: "five"}.get(number, str(number))
