"""How much a change of a registration weighs: one table, each rule with where it comes from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from living.model.registration import About, Phase, RegistryChange, Weight, What

ANOTHER_OUTCOME = 0.7  # telling words in common, below which two outcomes or arms are not the same one
A_FIFTH, HALF = 0.2, 0.5  # of the number of people before
LATE: frozenset[Phase] = frozenset({"after_start", "after_completion", "with_results", "after_results"})

HOLST = (
    "Holst 2023, doi 10.1371/journal.pmed.1004306: major are primary outcomes added, dropped, "
    "or changed to or from secondary ones"
)
PLOS_ONE = (
    "PLoS ONE 2017, doi 10.1371/journal.pone.0180986: a changed time of assessment counts among the major "
    "discrepancies"
)
OURS = "a rule of this service"


class Rule(NamedTuple):
    """What a change weighs before the trial started (or while that is unclear) and after it; and by whom."""

    before: Weight
    after: Weight
    source: str = OURS


RULES: Mapping[tuple[About, What], Rule] = {
    ("primary_outcome", "dropped"): Rule("minor", "major", HOLST),
    ("primary_outcome", "added"): Rule("minor", "major", HOLST),
    ("primary_outcome", "promoted"): Rule("minor", "major", HOLST),
    ("primary_outcome", "demoted"): Rule("minor", "major", HOLST),
    ("primary_outcome", "time"): Rule("minor", "major", PLOS_ONE),
    ("primary_outcome", "redefined"): Rule("minor", "major"),
    ("primary_outcome", "reworded"): Rule("minor", "minor"),
    ("primary_outcome", "respelled"): Rule("noise", "noise"),
    ("secondary_outcome", "dropped"): Rule("minor", "minor"),
    ("secondary_outcome", "added"): Rule("minor", "minor"),
    ("secondary_outcome", "time"): Rule("minor", "minor"),
    ("secondary_outcome", "redefined"): Rule("minor", "minor"),
    ("secondary_outcome", "reworded"): Rule("noise", "minor"),
    ("secondary_outcome", "respelled"): Rule("noise", "noise"),
    ("sample_size", "by_half"): Rule("minor", "major"),
    ("sample_size", "by_a_fifth"): Rule("noise", "minor"),
    ("sample_size", "slightly"): Rule("noise", "noise"),
    ("sample_size", "reached"): Rule("minor", "minor"),
    ("sample_size", "stated"): Rule("noise", "minor"),
    ("allocation", "changed"): Rule("minor", "major"),
    ("allocation", "stated"): Rule("noise", "minor"),
    ("masking", "changed"): Rule("minor", "minor"),
    ("masking", "stated"): Rule("noise", "minor"),
    ("arm", "dropped"): Rule("minor", "major"),
    ("arm", "added"): Rule("minor", "major"),
    ("arm", "redefined"): Rule("minor", "major"),
    ("arm", "reworded"): Rule("noise", "minor"),
    ("arm", "respelled"): Rule("noise", "noise"),
    ("treatment", "dropped"): Rule("minor", "major"),
    ("treatment", "added"): Rule("minor", "major"),
    ("treatment", "redefined"): Rule("minor", "major"),
    ("treatment", "reworded"): Rule("noise", "minor"),
    ("treatment", "respelled"): Rule("noise", "noise"),
    ("start", "moved"): Rule("noise", "noise"),
    ("primary_completion", "moved"): Rule("noise", "noise"),
    ("completion", "moved"): Rule("noise", "noise"),
    ("status", "changed"): Rule("noise", "noise"),
    ("status", "stopped"): Rule("minor", "minor"),
    ("results", "posted"): Rule("minor", "minor"),
    ("results", "taken_down"): Rule("minor", "minor"),
}
NAMES: Mapping[About, str] = {
    "primary_outcome": "primary outcome",
    "secondary_outcome": "secondary outcome",
    "sample_size": "number of people",
    "allocation": "allocation",
    "masking": "masking",
    "arm": "arm",
    "treatment": "treatment",
    "start": "start",
    "primary_completion": "primary completion",
    "completion": "completion",
    "status": "status",
    "results": "results",
}
WORDS: Mapping[What, str] = {
    "dropped": "dropped",
    "added": "added",
    "promoted": "made from a secondary one",
    "demoted": "made a secondary one",
    "time": "measured at another time",
    "redefined": "defined by other numbers",
    "reworded": "in other words",
    "respelled": "spelled differently",
    "by_half": "changed by half or more",
    "by_a_fifth": "changed by a fifth or more",
    "slightly": "changed by less than a fifth",
    "reached": "other than planned by a fifth or more, as the trial ended",
    "stated": "stated in only one of the two versions",
    "changed": "changed",
    "stopped": "now says stopped, withheld or unknown",
    "moved": "moved",
    "posted": "posted",
    "taken_down": "taken down",
}
LISTS: Mapping[What, tuple[str, str]] = {
    "promoted": ("secondary", "primary"),
    "demoted": ("primary", "secondary"),
}
PHASES: Mapping[Phase, str] = {
    "before_start": "before the trial started",
    "unclear": "whether before or after the start is unclear",
    "after_start": "after the trial started",
    "after_completion": "after primary completion",
    "with_results": "with the results",
    "after_results": "after results were posted",
}


def weigh(about: About, what: What, when: Phase) -> Weight:
    """Return what a change weighs by the table; where it is unclear whether it came after the start, less."""
    rule = RULES[about, what]
    return rule.after if when in LATE else rule.before


def in_words(change: RegistryChange) -> str:
    """Return what changed in a few words: `primary outcome dropped`."""
    if change.about in ("arm", "treatment") and change.what == "redefined":
        return f"{NAMES[change.about]}: dose or another number changed"
    return f"{NAMES[change.about]} {WORDS[change.what]}"


def sides(change: RegistryChange) -> tuple[str, str]:
    """Return what stood there before and after: with its list where it changed that, a word for nothing."""
    gone = "not there" if change.what in ("dropped", "added") else "not stated"
    before, after = change.old or gone, change.new or gone
    if change.what in LISTS:
        one, other = LISTS[change.what]
        return f"{one}: {before}", f"{other}: {after}"
    return before, after
