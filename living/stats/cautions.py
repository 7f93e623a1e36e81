"""Why a diagnostic that can be calculated should still not be read, or only with care."""

from __future__ import annotations

from enum import IntEnum

import numpy as np

from living.stats.effects import FloatArray

FEW = 10  # Cochrane Handbook 6.3, section 13.3.5.4: no test for funnel asymmetry below ten studies
FEW_FOR_SELECTION = 20  # simulations of selection models rarely go lower: McShane 2016; Terrin 2003
SAME_SE = 1.2  # the largest SE over the smallest: below this the funnel has no slope to see
HIGH_I2 = 50.0  # percent: "may represent substantial heterogeneity", Cochrane Handbook 6.3, section 10.10.2


class Caution(IntEnum):
    """A ground for not reading a diagnostic; CAUTIONS has the sentence."""

    FEW_STUDIES = 1
    EQUAL_PRECISION = 2
    HETEROGENEOUS = 3
    TOO_FEW_FOR_SELECTION = 4
    EMPTY_INTERVAL = 5
    NOT_SIGNIFICANT = 6
    CAPPED = 7
    EFFECT_AND_SE_RELATED = 8
    TIES = 9
    OUTDATED = 10
    NO_INFORMATION = 11
    SAMPLED = 12
    NO_DIRECTION = 13


CAUTIONS: dict[Caution, str] = {
    Caution.FEW_STUDIES: "fewer than ten studies: chance and a real pattern cannot be told apart",
    Caution.EQUAL_PRECISION: "the studies are about equally precise: there are no small ones to compare",
    Caution.HETEROGENEOUS: "the studies differ by more than chance, which misleads this method",
    Caution.TOO_FEW_FOR_SELECTION: "fewer than twenty studies: the model rests on its assumptions alone",
    Caution.EMPTY_INTERVAL: "an interval of P values holds no study, so its weight is not estimated",
    Caution.NOT_SIGNIFICANT: "the pooled effect is not significant, so there is nothing to undo",
    Caution.CAPPED: "a parameter stopped at the limit of its search: its value has no meaning",
    Caution.EFFECT_AND_SE_RELATED: "effect and standard error of this measure depend on each other",
    Caution.TIES: "several studies tie, and the result depends on how ties are broken",
    Caution.OUTDATED: "it ignores heterogeneity and the size of the studies; do not rest a conclusion on it",
    Caution.NO_INFORMATION: "no study is significant, so the method has nothing to work on",
    Caution.SAMPLED: "subsets were drawn at random: rare combinations may be missing",
    Caution.NO_DIRECTION: "imprecise studies lean to neither side, so the side is arbitrary",
}


def funnel_cautions(vi: FloatArray, i2: float | None = None) -> tuple[Caution, ...]:
    """What speaks against reading a pattern of effects against standard errors.

    Shapes: `vi` [k] > 0; `i2` percent or None where heterogeneity does not mislead the method.
    **Source** Sterne et al. 2011, BMJ 343:d4002; Cochrane Handbook 6.3, section 13.3.5.
    """
    spread = float(np.sqrt(vi.max() / vi.min()))
    grounds = (
        (Caution.FEW_STUDIES, len(vi) < FEW),
        (Caution.EQUAL_PRECISION, spread < SAME_SE),
        (Caution.HETEROGENEOUS, i2 is not None and i2 > HIGH_I2),
    )
    return tuple(caution for caution, holds in grounds if holds)
