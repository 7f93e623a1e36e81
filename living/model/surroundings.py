"""What surrounds a topic's analyses: trials to come, earlier protocols, other people's reviews."""

from __future__ import annotations

from typing import Literal

from living.model.facts import PublishedPool
from living.model.values import Count, Num, Text, Value


class Coming(Value):
    """A registered trial that may enter. `overdue_days` counts from a year after completion, else None."""

    study: Text
    slug: Text
    label: Text
    status: str
    planned_n: Count | None = None
    expected: str = ""
    overdue_days: Count | None = None


class NextTrial(Value):
    """What one more trial of its planned size would do to an analysis, simulated with a stated seed.

    `n` people give its estimate the standard error `se`. Of `draws` simulated results, the shares that change
    the effect's category where the rule lets a conclusion change (`fires`), whose new interval excludes no
    difference, and that move the estimate by the important difference (None where none is named). `width` is
    the median width of the new interval, None where no draw gives one.
    """

    study: Text
    label: Text
    analysis: Text
    n: Count
    se: Num
    draws: Count
    seed: Count
    fires: Num
    excludes_zero: Num
    moves_by_important: Num | None
    width: Num | None = None


class Horizon(Value):
    """Trials to come, and what the next one might change.

    `as_of`: the day on which anything was last heard or ruled about which studies there are.
    """

    as_of: str
    coming: tuple[Coming, ...] = ()
    next_trials: tuple[NextTrial, ...] = ()
    assumptions: str = ""


class ProtocolVersion(Value):
    version: Text
    at: Text
    sha256: Text
    note: str = ""


class Check(Value):
    """One thing a printed row was checked for, and what came of it."""

    id: Text
    verdict: Literal["consistent", "contradicts", "not_checkable"]
    said: Text


WalkCause = Literal["inputs", "comparators", "criteria", "unusable", "numbers", "added", "method", "ours"]


class Walk(Value):
    """One step from another review's estimate to ours. Ratios are logarithms.

    `text` is the cause in words, `studies` those it concerns. A value is None where it cannot be computed,
    and `reason` says why; `k` studies give `after`. `shift` is None where either end is none, or where the
    two are not on one scale.
    """

    cause: WalkCause
    text: Text
    studies: tuple[str, ...] = ()
    before: Num | None = None
    after: Num | None = None
    low: Num | None = None
    high: Num | None = None
    k: Count | None = None
    shift: Num | None = None
    reason: str = ""


class Reproduction(Value):
    """Whether a printed estimate was made again. `reason` says plainly why it was not.

    `missing` names each input that does not match or is not to be had, and what is known of it.
    """

    status: Literal["reproduced", "not_reproduced", "impossible", "refused"]
    reason: str = ""
    missing: tuple[str, ...] = ()
    estimate: Num | None = None
    low: Num | None = None
    high: Num | None = None
    k: Count | None = None
    method: str = ""


class PublishedOut(Value):
    """One printed result of another review, checked, made again where possible, and walked to ours.

    `estimate`, `low` and `high` are the print as numbers (of a ratio their logarithms), None where it has
    none.
    """

    pool: PublishedPool
    ratio: bool = False
    estimate: Num | None = None
    low: Num | None = None
    high: Num | None = None
    checks: tuple[Check, ...] = ()
    reproduction: Reproduction
    analysis: str = ""
    walk: tuple[Walk, ...] = ()
