"""Which records are one report, and whether a machine or people said so."""

from __future__ import annotations

from dataclasses import dataclass

from living.model.facts import Link
from living.model.state import ReviewState
from living.review.identity import Studies, latest_rulings, ruling_strength, said_by_people


@dataclass(frozen=True)
class Reports:
    """Each record's report, named by its first record. `by_people`: records that people's rulings added."""

    report_of: dict[str, str]
    by_people: frozenset[str] = frozenset()

    @property
    def duplicates(self) -> int:
        """How many records only repeat a report that another record stands for."""
        return sum(self.is_duplicate(record) for record in self.report_of)

    def is_duplicate(self, record: str) -> bool:
        """Return whether a record is a further record of a report that another record stands for."""
        return self.report_of[record] != record


def reports_of(state: ReviewState, studies: Studies) -> Reports:
    """Group the records of each study into reports by the rulings `same_report` that hold.

    A ruling holds when both records are in one study; records that are held apart never are. Where several
    rulings would join the same records, people's come before machines', then the earlier before the later.
    """
    order = {key: line.seq for key, line in state.first_seen.items()}
    first = {key: key for key in order}
    people: set[str] = set()
    for link, _ in sorted(latest_rulings(state), key=ruling_strength):
        ends = _ends(link, studies, first)
        if ends is None:
            continue
        kept, joined = sorted(ends, key=lambda key: order[key])
        if said_by_people(link):
            people.add(joined)
        first = {key: kept if report == joined else report for key, report in first.items()}
    return Reports(first, frozenset(people))


def _ends(link: Link, studies: Studies, first: dict[str, str]) -> set[str] | None:
    """The two reports that a ruling joins; None when it joins none."""
    keys = studies.key_of.get(link.a), studies.key_of.get(link.b)
    if link.relation != "same_report" or None in keys or keys[0] != keys[1]:
        return None
    ends = {first[link.a], first[link.b]}
    return ends if len(ends) == 2 else None
