"""Other reviews' printed results beside ours, as the evidence stands now."""

from __future__ import annotations

from living.model.surroundings import PublishedOut
from living.review.analysis import comparisons
from living.review.catalogue import catalogue
from living.review.reconcile import printed_results, reconcile
from living.service.house import House
from living.service.topics import evidence_of


def reconciled(house: House, topic: str) -> tuple[PublishedOut, ...]:
    """Return every printed result, checked, made again and walked to ours. Raises UserError when unknown."""
    evidence = evidence_of(house, topic)
    return reconcile(printed_results(evidence.state), comparisons(evidence.basis), catalogue(evidence))
