"""What later versions of a trial's registration say otherwise than earlier ones."""

from __future__ import annotations

from typing import Literal

from living.model.values import Count, RecordKey, Value

About = Literal[
    "primary_outcome",
    "secondary_outcome",
    "sample_size",
    "allocation",
    "masking",
    "arm",
    "treatment",
    "start",
    "primary_completion",
    "completion",
    "status",
    "results",
]
What = Literal[
    "dropped",
    "added",
    "promoted",
    "demoted",
    "time",
    "redefined",
    "reworded",
    "respelled",
    "by_half",
    "by_a_fifth",
    "slightly",
    "reached",
    "stated",
    "changed",
    "stopped",
    "moved",
    "posted",
    "taken_down",
]
Weight = Literal["major", "minor", "noise"]
Phase = Literal["before_start", "unclear", "after_start", "after_completion", "with_results", "after_results"]


class RegistryChange(Value):
    """One thing that a version of a registration says otherwise than the version before it.

    `when` places it in the trial's own course. `seen`: the day on which the version came in here; `posted`:
    the day the register gives it, as written there. `old` and `new` are the register's words, blank where it
    says nothing; `old_line` and `new_line` the ledger lines of both versions, `old_payload` and `new_payload`
    the SHA-256 of the answers they came in.
    """

    about: About
    what: What
    weight: Weight
    when: Phase
    seen: str
    posted: str = ""
    old: str = ""
    new: str = ""
    old_line: Count
    new_line: Count
    old_payload: str = ""
    new_payload: str = ""


class RegistryWatch(Value):
    """The major and minor changes of one registration since its first version here.

    What changed before `first_seen` is not known; `first_posted` is the day the register gives that version.
    """

    registration: RecordKey
    first_seen: str
    first_posted: str = ""
    changes: tuple[RegistryChange, ...] = ()
