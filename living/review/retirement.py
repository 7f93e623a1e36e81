"""Whether a review could end its living mode: each published trigger with its facts, for people to decide."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from living.model.snapshot import Snapshot
from living.review.answer import rating_of
from living.review.conclusions import effect_of
from living.review.pairs import analyses
from living.review.wording import spelled

UNANSWERED = frozenset({"none given", "no clear difference"})


@dataclass(frozen=True)
class Suggestion:
    """One trigger of the protocol. `met` None: only people can tell. Even a met one retires nothing."""

    id: Literal["answered", "quiet", "relevance", "superseded"]
    trigger: str
    met: bool | None
    said: str


def suggestions(versions: Sequence[Snapshot], day: str) -> tuple[Suggestion, ...]:
    """Return every trigger as of a day, from the published versions, oldest first; none without a version."""
    if not versions:
        return ()
    return (
        _answered(versions),
        _quiet(versions, day),
        Suggestion(
            "relevance",
            "The question no longer matters to those who asked it",
            None,
            "Only people can tell; nobody has said so.",
        ),
        Suggestion(
            "superseded",
            "Another review has taken its place",
            None,
            "Only people can tell; nobody has said so.",
        ),
    )


def _answered(versions: Sequence[Snapshot]) -> Suggestion:
    needed = versions[-1].protocol.retirement.stable_versions
    trigger = (
        f"The question is answered with high certainty, and the answer held in {spelled(needed)} versions"
    )
    now = _state(versions[-1])
    held = 0
    for version in reversed(versions):
        if _state(version) != now:
            break
        held += 1
    rating, effect = now
    met = rating == "high" and effect not in UNANSWERED and held >= needed
    certainty = f"certainty {rating.replace('_', ' ')}" if rating else "certainty not rated by people"
    versions_held = "one version" if held == 1 else f"{spelled(held)} versions"
    return Suggestion("answered", trigger, met, f"Main result: {effect}; {certainty}; so in {versions_held}.")


def _state(version: Snapshot) -> tuple[str, str]:
    main = analyses(version)[version.answer.analysis]
    return rating_of(main), effect_of(main)


def _quiet(versions: Sequence[Snapshot], day: str) -> Suggestion:
    months = versions[-1].protocol.retirement.quiet_months
    trigger = f"No new study and no ongoing trial for {months} months"
    last = _last_new(versions)
    since = _months_before(date.fromisoformat(day), months)
    recent = [one for one in versions if _day(one) > since]
    before = [one for one in versions if _day(one) <= since]
    in_force = (*before[-1:], *recent)
    ongoing = versions[-1].flow.ongoing
    met = bool(before) and _day(last) <= since and not any(one.flow.ongoing for one in in_force)
    trials = "no ongoing trial" if not ongoing else f"{spelled(ongoing)} ongoing"
    version = last.release.version if last.release else ""
    return Suggestion(
        "quiet", trigger, met, f"The last study came with {version}, {_day(last).isoformat()}; {trials} now."
    )


def _last_new(versions: Sequence[Snapshot]) -> Snapshot:
    """Return the last version that used a study which no earlier one had."""
    seen: set[str] = set()
    last = versions[0]
    for version in versions:
        used = {row.study for item in analyses(version).values() for row in item.contrasts}
        if used - seen:
            last = version
        seen |= used
    return last


def _day(version: Snapshot) -> date:
    if version.release is None:
        raise ValueError(f"{version.topic}: only versions with a number have a day")
    return date.fromisoformat(version.release.date)


def _months_before(day: date, months: int) -> date:
    """Return the same day so many months earlier, or the last of that month where it has no such day."""
    index = day.year * 12 + day.month - 1 - months
    for number in range(day.day, 27, -1):
        try:
            return date(index // 12, index % 12 + 1, number)
        except ValueError:
            continue
    return date(index // 12, index % 12 + 1, min(day.day, 28))
