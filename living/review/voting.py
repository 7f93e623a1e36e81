"""Whose vote a study waits for, and on what it is to rest: title and abstract first, then the full report."""

from __future__ import annotations

from typing import Literal

from living.model.facts import ScreeningVote
from living.review.screening import Screened

Asked = Literal["title", "full_text"]


def waits(screened: Screened, needed: int) -> bool:
    """Return whether a study waits for anybody's vote."""
    begun = 0 < len(screened.voters) < needed
    return screened.status == "unscreened" or screened.conflict or begun or screened.passed


def stage_asked(screened: Screened) -> Asked:
    """Return what the next vote on a study rests on."""
    return "full_text" if screened.passed or screened.stage == "full_text" else "title"


def asks(screened: Screened, own: ScreeningVote | None, needed: int) -> bool:
    """Return whether a study waits for the vote of somebody whose standing vote is `own` (None: not voted).

    A conflict waits for somebody who has not voted. One who let the title pass is asked again about the full
    report. What others said, beyond what is settled or in conflict, plays no part.
    """
    if not waits(screened, needed):
        return False
    if own is None:
        return True
    return not screened.conflict and not _said_enough(own, stage_asked(screened))


def breaks_tie(screened: Screened, own: ScreeningVote | None) -> bool:
    """Return whether another vote by this person would break a tie that the person is a party to.

    Who has judged the title only and reads the full report now is none: that view is the person's first.
    """
    return screened.conflict and own is not None and own.stage == stage_asked(screened)


def _said_enough(own: ScreeningVote, stage: Asked) -> bool:
    return stage == "title" or own.stage == "full_text" or own.vote == "exclude"
