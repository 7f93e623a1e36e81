"""A conclusion in one sentence, graded by people's certainty and by the size of the effect."""

from __future__ import annotations

from living.model.snapshot import AnalysisOut, ComparisonOut
from living.review.answer import rating_of
from living.review.conclusions import effect_of, limit_of

# How sure a sentence may sound for each rating; very low says nothing about the effect itself.
_IS = {"high": "there is", "moderate": "there is probably", "low": "there may be"}
_MAKES = {"high": "makes", "moderate": "probably makes", "low": "may make"}
_LEAVES = {"high": "leaves", "moderate": "probably leaves", "low": "leaves"}


def graded(analysis: AnalysisOut, comparison: ComparisonOut) -> str:
    """Return the sentence that a rating allows; empty without a rating that holds or without an average.

    The machine only joins what people rated with what the interval says: it rates nothing.
    """
    rating, effect = rating_of(analysis), effect_of(analysis)
    if not rating or effect == "none given":
        return ""
    who, what = comparison.experimental_label, analysis.outcome_label
    if rating == "very_low":
        return f"The evidence is very uncertain about the effect of {who} on this outcome: {what}."
    if effect == "no important difference":
        return f"{who} {_MAKES[rating]} little or no difference against {comparison.control_label}: {what}."
    if effect == "no clear difference":
        return (
            f"The evidence {_LEAVES[rating]} open whether {who} helps or harms: its interval includes no "
            f"difference ({what})."
        )
    side = analysis.favours_low if effect.startswith("less") else analysis.favours_high
    size = _size(analysis, important="important" in effect)
    return f"{_IS[rating].capitalize()} {side}{size}."


def _size(analysis: AnalysisOut, *, important: bool) -> str:
    if important:
        return ", by an amount that matters to people"
    return ", by an amount that may be too small to matter" if limit_of(analysis) is not None else ""
