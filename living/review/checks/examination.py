"""Examine one filled cell by every check; a check that has not the information says nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from living.model.facts import Characteristics, Extraction
from living.model.numbers import NoNumbers
from living.model.protocol import Protocol
from living.review.checks import agreement, counted, designs, direction, ranges, sameness, spreads, whole
from living.review.checks.finding import Case, Finding

CHECKS: tuple[Callable[[Case], Iterator[Finding]], ...] = (
    *ranges.CHECKS,
    *designs.CHECKS,
    *counted.CHECKS,
    *spreads.CHECKS,
    *whole.CHECKS,
    *agreement.CHECKS,
    *direction.CHECKS,
    *sameness.CHECKS,
)


def examine(
    extraction: Extraction,
    protocol: Protocol,
    what: Characteristics | None = None,
    siblings: Sequence[Extraction] = (),
    enrolment: int | None = None,
) -> tuple[Finding, ...]:
    """Return what the checks saw in a filled cell, the impossible first.

    `siblings` are the same reader's other cells of the study, never another reader's; `enrolment` is the
    number of people in the trial's registration. A cell without numbers has nothing to examine.
    """
    if isinstance(extraction.numbers, NoNumbers):
        return ()
    others = tuple(item for item in siblings if item.cell != extraction.cell)
    case = Case(extraction, protocol, what, others, enrolment)
    seen = dict.fromkeys(finding for check in CHECKS for finding in check(case))
    return tuple(sorted(seen, key=lambda finding: finding.level != "impossible"))


def unanswered(extraction: Extraction, findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """Return the warnings to which the reader has given no reason."""
    answered = {code for code, reason in extraction.reasons if reason.strip()}
    return tuple(item for item in findings if item.level == "warning" and item.code not in answered)
