"""Distributions of counts given a linear predictor: log-likelihood, residual and weight."""

from __future__ import annotations

import numpy as np
from scipy.special import expit, gammaln

from living.stats.effects import FloatArray
from living.stats.random_intercept import Family


def log_choose(n: FloatArray, x: FloatArray) -> FloatArray:
    """Logarithm of the binomial coefficient. Shapes: broadcast."""
    return np.asarray(gammaln(n + 1) - gammaln(x + 1) - gammaln(n - x + 1))


def binomial(x: FloatArray, n: FloatArray) -> Family:
    """`x` events among `n`, both [k, arms]; the predictor is a logit."""
    events, size, constant = x[..., None], n[..., None], log_choose(n, x)[..., None]

    def family(eta: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        p = expit(eta)
        return constant + events * eta - size * np.logaddexp(0.0, eta), events - size * p, size * p * (1 - p)

    return family


def poisson(x: FloatArray) -> Family:
    """`x` events [k, arms]; the predictor is the logarithm of their expected number."""
    events, constant = x[..., None], gammaln(x + 1)[..., None]

    def family(eta: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        mean = np.exp(eta)
        return events * eta - mean - constant, events - mean, mean

    return family


def hypergeometric(a: FloatArray, n1: FloatArray, c: FloatArray, n2: FloatArray) -> Family:
    """`a` of `n1` events beside `c` of `n2`, all [k], given their sum; the predictor is the log odds ratio.

    **Source** Fisher's noncentral hypergeometric distribution; Stijnen, Hamza & Ozdemir 2010, Stat Med
    29:3046-3067.
    """
    total = a + c
    low, high = np.maximum(0.0, total - n2), np.minimum(n1, total)
    steps = np.arange(int((high - low).max(initial=0.0)) + 1, dtype=np.float64)
    inside = low[:, None] + steps <= high[:, None]
    x: FloatArray = np.where(inside, low[:, None] + steps, low[:, None])
    ways = log_choose(n1[:, None], x) + log_choose(n2[:, None], total[:, None] - x)
    ways = np.where(inside, ways, -np.inf)
    observed = log_choose(n1, a) + log_choose(n2, c)

    def family(eta: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        e = eta[:, 0, :]
        parts = ways[:, None, :] + e[..., None] * x[:, None, :]
        top = parts.max(-1, keepdims=True)
        share = np.exp(parts - top)
        sums = share.sum(-1)
        mean = (share * x[:, None, :]).sum(-1) / sums
        spread = (share * (x[:, None, :] - mean[..., None]) ** 2).sum(-1) / sums
        log_lik = observed[:, None] + a[:, None] * e - top[..., 0] - np.log(sums)
        return log_lik[:, None, :], (a[:, None] - mean)[:, None, :], spread[:, None, :]

    return family
