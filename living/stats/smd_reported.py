"""Standardised mean differences from reported test statistics, and to and from log odds ratios."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.special import stdtrit

from living.stats.effects import Effects, floats, rescale
from living.stats.means import smd_from_difference
from living.stats.status import Status

# SDs of d in a unit of log odds: that of the standard logistic distribution, and Cox's for a normal outcome.
ODDS_SCALES = {"logistic": np.pi / np.sqrt(3), "normal": 1.65}


def smd_from_t(
    t: npt.ArrayLike,
    n1: npt.ArrayLike,
    n2: npt.ArrayLike,
    *,
    correction: str = "exact",
    vtype: str = "LS",
) -> Effects:
    """Standardised mean difference from the t statistic of two independent groups; it keeps t's sign.

    Shapes: broadcast. Only for the plain two-sample t: that of an adjusted or paired analysis gives another
    d. Raises KeyError on an unknown `correction` or `vtype`.
    **Source** Borenstein 2009, chapter 4; Cochrane Handbook 6.3, section 6.5.2.3. Oracle:
    `escalc(measure="SMD", ti=, n1i=, n2i=, vtype=)`.

    >>> round(float(smd_from_t(2.0, 20, 20, correction="none").yi), 4)
    0.6325
    """
    return smd_from_difference(t, 1.0, n1, n2, correction=correction, vtype=vtype)


def smd_from_f(
    f: npt.ArrayLike,
    sign: npt.ArrayLike,
    n1: npt.ArrayLike,
    n2: npt.ArrayLike,
    *,
    correction: str = "exact",
    vtype: str = "LS",
) -> Effects:
    """Standardised mean difference from the F of a one-way analysis of variance with two groups.

    Shapes: broadcast. F has no direction: `sign` is +1 where the first group's mean is larger, -1 where it is
    smaller. A negative F, or a sign of 0, is IMPOSSIBLE_INPUT.
    **Source** Cochrane Handbook 6.3, section 6.5.2.3 (F on 1 degree of freedom is t squared).
    """
    value, direction = floats(f, sign)
    with np.errstate(invalid="ignore"):
        t = np.sign(direction) * np.sqrt(value)
    bad = (value < 0) | (direction == 0)
    return _refused(smd_from_t(np.where(bad, np.nan, t), n1, n2, correction=correction, vtype=vtype), bad)


def smd_from_p(
    p: npt.ArrayLike,
    sign: npt.ArrayLike,
    n1: npt.ArrayLike,
    n2: npt.ArrayLike,
    *,
    correction: str = "exact",
    vtype: str = "LS",
) -> Effects:
    """Standardised mean difference from the two-sided P of a two-sample t test.

    Shapes: broadcast; `sign` as in `smd_from_f`. A P outside (0, 1] is IMPOSSIBLE_INPUT; one printed as an
    inequality ("< 0.001") bounds d and does not give it.
    **Source** Cochrane Handbook 6.3, section 6.5.2.3; Borenstein 2009, chapter 4.
    """
    prob, direction, n, m = floats(p, sign, n1, n2)
    bad = (prob <= 0) | (prob > 1) | (direction == 0)
    t = np.abs(stdtrit(n + m - 2, np.where(bad, np.nan, prob) / 2))
    found = smd_from_t(np.sign(direction) * t, n, m, correction=correction, vtype=vtype)
    return _refused(found, bad)


def log_odds_from_smd(smd: Effects, scale: str = "logistic") -> Effects:
    """Log odds ratio of the outcome cut in two, from standardised mean differences (best uncorrected).

    Shapes: any. `scale` "logistic" (pi / sqrt 3) or "normal" (Cox's 1.65); raises KeyError on another. The
    odds ratio is that of the larger half: turn the sign for a scale on which less is better.
    **Source** Hasselblad & Hedges 1995, Psychol Bull 117:167-178; Chinn 2000, Stat Med 19:3127-3131; Cox &
    Snell 1989 for 1.65; Cochrane Handbook 6.3, section 10.6. Oracle: `escalc(measure="D2ORL")`, "D2ORN".
    """
    return rescale(smd, float(ODDS_SCALES[scale]))


def smd_from_log_odds(log_odds_ratio: Effects, scale: str = "logistic") -> Effects:
    """Standardised mean difference from log odds ratios: the reverse of `log_odds_from_smd`.

    Shapes: any. Raises KeyError on an unknown `scale`.
    **Source** as there. Oracle: `escalc(measure="OR2DL")`, "OR2DN".
    """
    return rescale(log_odds_ratio, 1 / float(ODDS_SCALES[scale]))


def _refused(found: Effects, bad: npt.ArrayLike) -> Effects:
    return Effects(found.yi, found.vi, np.where(bad, int(Status.IMPOSSIBLE_INPUT), found.status))
