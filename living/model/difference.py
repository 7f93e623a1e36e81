"""The difference between two versions: how every number came from the older to the newer, cause by cause."""

from __future__ import annotations

from typing import Literal

from living.model.decision import Cause
from living.model.values import Count, Num, Text, Value

DIFFERENCE = "living-difference/1"
CauseKind = Literal["methods", "corrected", "verified", "removed", "added", "judged"]


class Point(Value):
    """What an analysis comes to at one place of its way: its average or one study's own estimate.

    Ratios are logarithms. `given` is False for a number that a version does not give as its result, because
    the protocol asks for more studies. `reason` says why there is no number, `asks` names the question: two
    numbers that answer different questions, or are on different scales, are no shift of each other.
    """

    k: Count
    estimate: Num | None = None
    low: Num | None = None
    high: Num | None = None
    given: bool = False
    reason: str = ""
    asks: str = ""
    measure: str = ""
    measure_label: str = ""
    unit: str = ""
    ratio: bool = False


class Move(Value):
    """One cause and what an analysis comes to after it.

    `text` names the cause, `said` is the whole sentence with its numbers. `shift` is None where one side has
    no number or the two are not on one scale; `no_shift` then says why.
    """

    cause: CauseKind
    study: str = ""
    label: str = ""
    text: Text
    said: Text
    after: Point
    shift: Num | None = None
    no_shift: str = ""


class Course(Value):
    """The way of one number: of an analysis, of one level of a subgroup, or of a sensitivity analysis.

    `total` is the sum of all shifts. It is None where a version has no number, or another measure.
    """

    id: Text
    analysis: Text
    kind: Literal["analysis", "subgroup", "sensitivity"]
    label: Text
    before: Point
    moves: tuple[Move, ...]
    after: Point
    total: Num | None = None
    said: Text
    favours_low: str = ""
    favours_high: str = ""


class VersionOf(Value):
    """One of the two versions compared."""

    version: Text
    date: Text
    digest: Text
    headline: Text
    signed: bool


class Difference(Value):
    """Everything that differs between an older and a newer version of a topic.

    `courses` holds every number that moved, the headline's first; `still` names the analyses that did not
    move. `causes` tells in words all that differs, lists and notices too; `notes` what cannot be told apart.
    """

    schema_id: Literal["living-difference/1"] = "living-difference/1"
    topic: Text
    title: Text
    public_note: str = ""
    replay: bool = False
    older: VersionOf
    newer: VersionOf
    headline: str = ""
    courses: tuple[Course, ...] = ()
    still: tuple[str, ...] = ()
    causes: tuple[Cause, ...] = ()
    notes: tuple[str, ...] = ()
    engine: Text
