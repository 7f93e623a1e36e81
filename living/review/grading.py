"""Certainty of the evidence (GRADE): five reasons down, three up, and the arithmetic of levels.

**Source**: Guyatt G et al., J Clin Epidemiol 2011;64:383-394 and the series after it; Handbook chapter 14.
Trials that randomise start high. The arithmetic is shown; the rating is the person's.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from living.review.assessed import (
    OVERALL,
    REASON,
    Assessed,
    Missing,
    Typed,
    judgement_field,
    read,
    reason_field,
    too_long,
    words,
)

LEVELS = ("very_low", "low", "moderate", "high")
START = "high"
DOWN = {"not_serious": 0, "serious": -1, "very_serious": -2, "extremely_serious": -3}
UP = {"none": 0, "raises": 1, "raises_much": 2}


@dataclass(frozen=True)
class Ground:
    """One reason to rate certainty down or up. `pointers`: the facts that bear on it, by their domain."""

    id: str
    label: str
    asks: str
    steps: Mapping[str, int]
    pointers: tuple[str, ...] = ()


_RAISES = {"none": 0, "raises": 1}
GROUNDS = (
    Ground(
        "risk_of_bias",
        "risk of bias",
        "Do limits of the trials' conduct lower confidence in this result?",
        {name: DOWN[name] for name in ("not_serious", "serious", "very_serious")},
        ("risk of bias", "how far the numbers are checked"),
    ),
    Ground(
        "inconsistency",
        "inconsistency",
        "Do the trials differ in ways that are not explained and matter?",
        {name: DOWN[name] for name in ("not_serious", "serious", "very_serious")},
        ("inconsistency",),
    ),
    Ground(
        "indirectness",
        "indirectness",
        "Do people, treatment, comparator or outcome differ from what the question asks?",
        {name: DOWN[name] for name in ("not_serious", "serious", "very_serious")},
    ),
    Ground(
        "imprecision",
        "imprecision",
        "Does the interval include effects that would lead to different choices, or rest on too few people?",
        DOWN,
        ("imprecision",),
    ),
    Ground(
        "publication_bias",
        "publication bias",
        "Is it likely that results are missing because of what they showed?",
        {name: DOWN[name] for name in ("not_serious", "serious", "very_serious")},
        ("publication bias",),
    ),
    Ground("large_effect", "large effect", "Is the effect so large that bias cannot explain it?", UP),
    Ground(
        "dose_response", "dose and response", "Does more of the treatment have more of the effect?", _RAISES
    ),
    Ground(
        "opposing_bias",
        "bias the other way",
        "Would what may have biased the result rather have made it smaller?",
        _RAISES,
    ),
)


@dataclass(frozen=True)
class Arithmetic:
    """How levels add up: `down` (zero or less) and `up` from where randomised trials start."""

    down: int
    up: int

    @property
    def level(self) -> str:
        """Return the level that the steps lead to; no lower than very low, no higher than high."""
        place = LEVELS.index(START) + self.down + self.up
        return LEVELS[min(max(place, 0), len(LEVELS) - 1)]


def arithmetic(judged: Mapping[str, str]) -> Arithmetic:
    """Add up the levels of judged grounds; a ground that is not judged counts nothing."""
    steps = [ground.steps.get(judged.get(ground.id, ""), 0) for ground in GROUNDS]
    return Arithmetic(sum(step for step in steps if step < 0), sum(step for step in steps if step > 0))


def read_grade(typed: Typed) -> Assessed:
    """Read a filled rating; what is wrong stands in `faults`, nothing is raised.

    Every ground is judged and every step away has a reason. No rating is filled in; one that differs from
    the sum of its steps has a reason.
    """
    judged = {ground.id: read(typed, judgement_field(ground.id)) for ground in GROUNDS}
    told = read(typed, OVERALL)
    return Assessed(
        told,
        tuple((ground.id, judged[ground.id], read(typed, reason_field(ground.id))) for ground in GROUNDS),
        read(typed, REASON),
        (),
        {},
        (
            *(fault for ground in GROUNDS for fault in _ground(typed, ground)),
            *_rating(typed, told, judged),
            *too_long(typed),
        ),
    )


def _ground(typed: Typed, ground: Ground) -> Iterator[Missing]:
    told = read(typed, judgement_field(ground.id))
    if told not in ground.steps:
        known = ", ".join(words(name) for name in ground.steps)
        yield Missing(judgement_field(ground.id), f"{ground.label}: judge it: {known}")
    elif ground.steps[told] and not read(typed, reason_field(ground.id)):
        yield Missing(reason_field(ground.id), f"{ground.label}: say why it is {words(told)}")


def _rating(typed: Typed, told: str, judged: Mapping[str, str]) -> Iterator[Missing]:
    if told not in LEVELS:
        yield Missing(OVERALL, f"choose a rating: {', '.join(words(name) for name in reversed(LEVELS))}")
        return
    if any(judged[ground.id] not in ground.steps for ground in GROUNDS):
        return
    level = arithmetic(judged).level
    if told != level and not read(typed, REASON):
        yield Missing(REASON, f"the steps lead to {words(level)}; say why the rating is {words(told)}")
