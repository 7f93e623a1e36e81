"""Checks of what a reader entered: each says what it saw, why that is odd, and who says so."""

from living.review.checks.catalogue import KINDS, Kind
from living.review.checks.examination import CHECKS, examine, unanswered
from living.review.checks.finding import Case, Finding

__all__ = ["CHECKS", "KINDS", "Case", "Finding", "Kind", "examine", "unanswered"]
