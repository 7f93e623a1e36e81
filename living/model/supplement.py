"""What stands beside an analysis: how it grew, what looking often does to it, and facts for a judgement.

Everything here is supplementary: the headline never follows from it. Ratios are logarithms, as in the pool.
"""

from __future__ import annotations

from living.model.values import Count, Num, Text, Value


class Step(Value):
    """The average after one more study, in the order in which their evidence was to be had."""

    study: Text
    label: Text
    available: str
    k: Count
    estimate: Num | None = None
    low: Num | None = None
    high: Num | None = None
    reason: str = ""


class Omitted(Value):
    """The average without one study."""

    study: Text
    label: Text
    estimate: Num | None = None
    low: Num | None = None
    high: Num | None = None
    reason: str = ""


class AsymmetryTest(Value):
    """One small-study test; `reason` says why there is no number."""

    id: Text
    label: Text
    statistic: Num | None = None
    p: Num | None = None
    reason: str = ""


class Look(Value):
    """One look of a sequential analysis. `fraction` of the required information; `boundary` for |z|.

    `reason` says why a look has no boundary.
    """

    label: Text
    available: str
    k: Count
    fraction: Num
    z: Num
    boundary: Num | None = None
    crossed: bool = False
    reason: str = ""


class Sequential(Value):
    """Trial sequential analysis: O'Brien-Fleming limits at the information that was there at each look.

    `difference` is the smallest that matters (a logarithm for a ratio), `diversity` D2 in percent, `required`
    and `people` in people. `rests_on` says where the spread or the baseline risk of `required` comes from.
    """

    difference: Num | None = None
    alpha: Num
    beta: Num
    rests_on: str = ""
    diversity: Num | None = None
    required: Count | None = None
    people: Count | None = None
    fraction: Num | None = None
    looks: tuple[Look, ...] = ()
    reason: str = ""


class EStep(Value):
    """The e-value and the confidence sequence after one more study; `log10_e` is the decimal logarithm."""

    study: Text
    label: Text
    available: str
    log10_e: Num
    low: Num | None = None
    high: Num | None = None


class Anytime(Value):
    """Evidence that stays valid however often one looks. `null` says in words what is tested."""

    method: Text
    null: Text
    level: Num
    prior_sd: Num | None = None
    log10_e: Num | None = None
    low: Num | None = None
    high: Num | None = None
    steps: tuple[EStep, ...] = ()
    reason: str = ""


class EarlierLook(Value):
    """What an earlier version said of the analysis before its data moved on; `day` is that version's."""

    version: Text
    day: Text
    k: Count
    estimate: Num | None = None
    se: Num | None = None


class Companion(Value):
    """What looking again and again does to one analysis.

    `looks` counts how often its data were looked at after they had moved, this time included; `earlier` are
    the looks before this one, by the first version that took each.
    """

    looks: Count
    earlier: tuple[EarlierLook, ...] = ()
    anytime: Anytime
    sequential: Sequential
    caution: Text


class Absolute(Value):
    """A ratio as people per thousand, at a stated baseline risk (a proportion)."""

    baseline: Num
    baseline_source: Text
    per: Count = 1000
    control: Num
    experimental: Num
    experimental_low: Num
    experimental_high: Num
    difference: Num
    difference_low: Num
    difference_high: Num


class Pointer(Value):
    """One fact for a GRADE judgement, never a rating: a number where there is one, and what it says."""

    id: Text
    domain: Text
    label: Text
    value: Num | None = None
    said: Text


class Supplement(Value):
    """All of it for one analysis; `absolute_reason` says why a ratio of counts has no absolute effect."""

    cumulative: tuple[Step, ...] = ()
    omitted: tuple[Omitted, ...] = ()
    asymmetry: tuple[AsymmetryTest, ...] = ()
    companion: Companion | None = None
    absolute: Absolute | None = None
    absolute_reason: str = ""
    pointers: tuple[Pointer, ...] = ()
