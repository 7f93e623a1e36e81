"""How many people's outcomes a significant result hangs on: one trial, or a whole meta-analysis."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import gammaln

from living.stats.effects import Effects, FloatArray, IntArray
from living.stats.events import odds_ratio, risk_difference, risk_ratio
from living.stats.fit import fit
from living.stats.status import NotEstimable, Status

SAME_PROBABILITY = 1e-7  # relative: tables this close in probability count as equal, as in R's fisher.test
MEASURES = {"RR": risk_ratio, "OR": odds_ratio, "RD": risk_difference}
MOST_STEPS = 1000  # a pool that withstands so many changed outcomes is not called fragile
BLOCK = 64  # changes tried at once in a single trial: most indices are smaller


@dataclass(frozen=True)
class Fragility:
    """How many outcomes must change, and the result after that.

    `index` is None where the result was not significant to begin with, or stays so whatever changes; `why`
    says which. `changes`: (study, group, people turned into events; negative: out of events), in order.
    """

    index: int | None
    why: str
    p_before: float
    p_after: float
    people: int
    changes: tuple[tuple[int, int, int], ...] = ()

    @property
    def quotient(self) -> float | None:
        """The index over the number of people."""
        return None if self.index is None else self.index / self.people


NOT_SIGNIFICANT = "the result is not significant, so it has no fragility"
ROBUST = "the result stays significant whatever changes in the declared way"
STURDY = "the result is still significant after {} changed outcomes"


def fisher_p(
    events1: npt.ArrayLike, n1: npt.ArrayLike, events2: npt.ArrayLike, n2: npt.ArrayLike
) -> FloatArray:
    """Two-sided P of Fisher's exact test: the tables no more probable than the one seen.

    Shapes: broadcast, whole numbers. Raises ValueError on negative counts or more events than people.
    **Source** Fisher 1935; two sides by probability as in R. Oracle: `fisher.test(matrix)$p.value`.
    """
    a, n, b, m = np.broadcast_arrays(*(np.asarray(x, dtype=np.int64) for x in (events1, n1, events2, n2)))
    if not ((a >= 0) & (b >= 0) & (a <= n) & (b <= m)).all():
        raise ValueError("events lie between 0 and the number of people")
    seen = np.arange(int(np.minimum(n, a + b).max(initial=0)) + 1)
    log_p = _log_table(seen, n[..., None], (a + b)[..., None] - seen, m[..., None])
    own = _log_table(a, n, b, m)
    counted = log_p <= own[..., None] + np.log1p(SAME_PROBABILITY)
    share = np.exp(log_p - log_p.max(-1, keepdims=True))
    return np.asarray(np.minimum(1.0, np.where(counted, share, 0.0).sum(-1) / share.sum(-1)))


def fragility_index(events1: int, n1: int, events2: int, n2: int, *, alpha: float = 0.05) -> Fragility:
    """Fewest people of the group with fewer events who must turn into events until Fisher's P reaches alpha.

    With equal numbers of events the first group changes. Where that group has the higher risk already, no
    index may exist. Raises ValueError as `fisher_p`.
    **Source** Walsh et al. 2014, J Clin Epidemiol 67:622-628.

    >>> fragility_index(1, 100, 9, 100).index
    1
    """
    before = p = float(fisher_p(events1, n1, events2, n2))
    if before >= alpha:
        return Fragility(None, NOT_SIGNIFICANT, before, before, n1 + n2)
    group = 0 if events1 <= events2 else 1
    room = (n1 - events1, n2 - events2)[group]
    for start in range(1, room + 1, BLOCK):
        added = np.arange(start, min(start + BLOCK, room + 1))
        changed = (events1 + added, events2) if group == 0 else (events1, events2 + added)
        tried = fisher_p(changed[0], n1, changed[1], n2)
        lost = np.flatnonzero(tried >= alpha)
        if lost.size:
            step, p = int(added[lost[0]]), float(tried[lost[0]])
            return Fragility(step, "", before, p, n1 + n2, ((0, group, step),))
        p = float(tried[-1])
    return Fragility(None, ROBUST, before, p, n1 + n2)


def fragility_of_pool(
    events1: npt.ArrayLike,
    n1: npt.ArrayLike,
    events2: npt.ArrayLike,
    n2: npt.ArrayLike,
    *,
    measure: str = "RR",
    tau2: str = "DL",
    interval: str = "wald",
    alpha: float = 0.05,
    most: int = MOST_STEPS,
) -> Fragility | NotEstimable:
    """Fewest changed outcomes that take a meta-analysis over the line, found greedily.

    Shapes: [k], whole numbers. Each step tries every single change (an event more or less in either group of
    any study) in one batch and keeps the one that moves the interval's near limit furthest towards no effect;
    so the index is an upper bound of the fewest. After `most` changes the search ends. Raises KeyError on an
    unknown name, ValueError as `fisher_p`.
    **Source** Atal, Porcher, Boutron & Ravaud 2019, J Clin Epidemiol 111:32-40.
    """
    counts = np.stack([np.asarray(events1, dtype=np.int64), np.asarray(events2, dtype=np.int64)])
    sizes = np.stack([np.asarray(n1, dtype=np.int64), np.asarray(n2, dtype=np.int64)])
    if counts.ndim != 2 or not ((counts >= 0) & (counts <= sizes)).all():
        raise ValueError("events are lists of one length, each between 0 and the number of people")
    start = _limits(counts[None], sizes, measure, tau2, interval, alpha)
    if isinstance(start, NotEstimable):
        return start
    p_before, people = float(start.p[0]), int(sizes.sum())
    if not p_before < alpha:
        return Fragility(None, NOT_SIGNIFICANT, p_before, p_before, people)
    return _walk(counts, sizes, float(start.sign[0]), p_before, (measure, tau2, interval, alpha), most)


@dataclass(frozen=True, eq=False)
class _Limits:
    """P, the limit nearer to no effect and the sign of the estimate, one per candidate."""

    p: FloatArray
    low: FloatArray
    high: FloatArray
    sign: FloatArray


def _walk(
    counts: IntArray,
    sizes: IntArray,
    sign: float,
    p_before: float,
    rules: tuple[str, str, str, float],
    most: int,
) -> Fragility:
    k, people, changes = counts.shape[1], int(sizes.sum()), []
    steps = np.array([(g, i, d) for g in (0, 1) for i in range(k) for d in (-1, 1)])
    p = p_before
    for done in range(1, most + 1):
        tried = np.repeat(counts[None], len(steps), 0)
        tried[np.arange(len(steps)), steps[:, 0], steps[:, 1]] += steps[:, 2]
        allowed = np.asarray(((tried >= 0) & (tried <= sizes)).all((-2, -1)))
        found = _limits(np.where(allowed[:, None, None], tried, counts), sizes, *rules)
        if isinstance(found, NotEstimable):
            break
        near = np.where(allowed & np.isfinite(found.p), found.low if sign > 0 else -found.high, np.inf)
        best = int(np.argmin(near))
        if not np.isfinite(near[best]):
            break
        counts, p = tried[best], float(found.p[best])
        group, study, direction = (int(x) for x in steps[best])
        changes.append((study, group, direction))
        if p >= rules[3]:
            return Fragility(done, "", p_before, p, people, tuple(changes))
    why = STURDY.format(most) if len(changes) == most else ROBUST
    return Fragility(None, why, p_before, p, people, tuple(changes))


def _limits(
    counts: IntArray, sizes: IntArray, measure: str, tau2: str, interval: str, alpha: float
) -> _Limits | NotEstimable:
    found: Effects = MEASURES[measure](counts[:, 0], sizes[0], counts[:, 1], sizes[1])
    f = fit(found.yi, found.vi, tau2=tau2, interval=interval, level=1 - alpha, include=found.ok)
    if not f.ok.any():
        return NotEstimable(Status(int(f.status[0])))
    return _Limits(f.p, f.ci_low, f.ci_high, np.sign(f.mu))


def _log_table(a: npt.ArrayLike, n: npt.ArrayLike, b: npt.ArrayLike, m: npt.ArrayLike) -> FloatArray:
    """Log of the two binomial coefficients; minus infinity for an impossible table."""
    inside = (np.asarray(a) >= 0) & (a <= np.asarray(n)) & (np.asarray(b) >= 0) & (b <= np.asarray(m))
    return np.where(inside, _log_choose(n, a, inside) + _log_choose(m, b, inside), -np.inf)


def _log_choose(n: npt.ArrayLike, k: npt.ArrayLike, inside: npt.ArrayLike) -> FloatArray:
    top, part = (np.where(inside, x, 0).astype(np.float64) for x in (n, k))
    return np.asarray(gammaln(top + 1) - gammaln(part + 1) - gammaln(top - part + 1))
