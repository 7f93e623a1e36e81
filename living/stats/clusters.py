"""Cluster-randomised trials analysed as if people had been randomised: by how much that overstates them.

Place by place on arrays that broadcast together; impossible inputs give NaN.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from living.stats.effects import FloatArray, floats


def design_effect(mean_size: npt.ArrayLike, icc: npt.ArrayLike, size_cv: npt.ArrayLike = 0.0) -> FloatArray:
    """How many times larger the variance is because people come in clusters.

    `mean_size` people in a cluster on average, `icc` the intracluster correlation, `size_cv` the coefficient
    of variation of cluster sizes (0: all alike). The ICC is seldom reported: show the result over the values
    that comparable trials found.
    **Source** Cochrane Handbook 6.3, section 23.1.4, 1 + (M - 1) ICC; unequal sizes Eldridge, Ashby & Kerry
    2006, Int J Epidemiol 35:1292-1300.

    >>> float(design_effect(25, 0.04))
    1.96
    """
    m, r, cv = floats(mean_size, icc, size_cv)
    known = (m >= 1) & (r >= 0) & (r <= 1) & (cv >= 0)
    return np.where(known, 1 + ((cv**2 + 1) * m - 1) * r, np.nan)


def effective_n(n: npt.ArrayLike, effect: npt.ArrayLike) -> FloatArray:
    """People (or events) that count: those there are, over the design effect; not rounded.

    **Source** Cochrane Handbook 6.3, section 23.1.4.
    """
    people, deff = floats(n, effect)
    with np.errstate(all="ignore"):
        return np.where((people >= 0) & (deff >= 1), people / deff, np.nan)


def se_of_clustered(se: npt.ArrayLike, effect: npt.ArrayLike) -> FloatArray:
    """Standard error of an analysis that ignored the clusters, times the root of the design effect.

    **Source** Cochrane Handbook 6.3, section 23.1.5.
    """
    s, deff = floats(se, effect)
    with np.errstate(all="ignore"):
        return np.where((s > 0) & (deff >= 1), s * np.sqrt(deff), np.nan)
