"""RoB 2: the signalling questions of each variant, which of them apply, and what the answers suggest."""

from __future__ import annotations

from collections.abc import Sequence

from living.review.rob2 import cluster, crossover, parallel
from living.review.rob2.tables import RISKS, WORDS, Answers, Domain, Question, Risk

VARIANTS: dict[str, tuple[Domain, ...]] = {
    "parallel": parallel.DOMAINS,
    "crossover": crossover.DOMAINS,
    "cluster": cluster.DOMAINS,
}
__all__ = [
    "RISKS",
    "VARIANTS",
    "WORDS",
    "Answers",
    "Domain",
    "Question",
    "Risk",
    "overall",
    "several_concerns",
    "variant_of",
]


def variant_of(design: str) -> str:
    """Return the variant that a study's design calls for; several arms or factors are parallel groups."""
    return design if design in VARIANTS else "parallel"


def overall(risks: Sequence[Risk]) -> Risk | None:
    """Return the overall risk that domain judgements suggest; None without any.

    Low when every domain is low, high when one is high, else some concerns. That several domains with some
    concerns lower confidence enough for high is the assessor's to say (`several_concerns`).

    **Source**: Sterne 2019, table 2.
    """
    return max(risks, key=RISKS.index) if risks else None


def several_concerns(risks: Sequence[Risk]) -> bool:
    """Return whether an assessor may call some concerns in several domains high all in all."""
    return overall(risks) == "some_concerns" and risks.count("some_concerns") > 1
