"""The update rule's verdict on a change, with the inputs it was reached from."""

from __future__ import annotations

from typing import Literal

from living.model.values import Count, Num, Sha256, Text, Value

Code = Literal[
    "first_version",
    "no_new_evidence",
    "ongoing_only",
    "awaiting",
    "new_evidence",
    "conclusions_confirmed",
    "conclusions_changed",
    "correction",
    "verification",
    "retraction",
    "concern",
    "methods_change",
    "scheduled_version",
]
Level = Literal["major", "minor", "bulletin"]


class Cause(Value):
    """One difference between two states of the evidence, in words, with the study it concerns."""

    kind: Literal["methods", "correction", "verification", "removed", "added", "judgement", "notice", "list"]
    study: str = ""
    label: str = ""
    text: Text


class Shift(Value):
    """What one cause did to one analysis: the average before and after it; None where none is given."""

    analysis: Text
    cause: Text
    before: Num | None
    after: Num | None


class Looked(Value):
    """What a version saw of one analysis: its average and the digest of the data behind it."""

    analysis: Text
    k: Count
    estimate: Num | None
    se: Num | None
    data: Sha256


class Decision(Value):
    """One evaluation of the rule: what came in, against which thresholds, what it means, and why."""

    code: Code
    level: Level
    reason: Text
    banner: Text
    rule_sha256: Sha256
    causes: tuple[Cause, ...] = ()
    shifts: tuple[Shift, ...] = ()
    looks: tuple[Looked, ...] = ()
    inputs: tuple[tuple[str, str], ...] = ()
    thresholds: tuple[tuple[str, str], ...] = ()

    @property
    def of_change(self) -> bool:
        """Whether it was reached from other evidence than the last version's; early ones always were."""
        named = dict(self.inputs)
        return not named or named.get("evidence") != named.get("evidence of the last version")
