"""Versions that bring other dates or contacts alone: kept, and news to nobody."""

from living.model.record import Record
from living.review.quiet import quiet_lines, telling_payloads
from tests import factories as make
from tests.unit.review.scenes import ledger


def entry(payload: str, **kw: object) -> Record:
    found = make.registered(registration=make.registration(**kw))
    return found.model_copy(update={"payload": payload * 64})


FIRST, LATER = entry("a"), entry("b", last_update_posted="2026-03-01", contacts="c" * 64)
NEWS, LAST = entry("d", enrolment=90, last_update_posted="2026-03-01"), entry("e", enrolment=90)


def test_only_lines_that_bring_dates_or_contacts_alone_are_quiet() -> None:
    assert quiet_lines(ledger("toy", FIRST, LATER, NEWS, LAST)) == {2, 4}


def test_the_first_sight_and_a_first_live_sight_are_never_quiet() -> None:
    seed = make.registered(seeded=True)
    assert quiet_lines(ledger("toy", FIRST)) == frozenset()
    assert quiet_lines(ledger("toy", seed, FIRST)) == frozenset()


def test_the_bytes_that_count_are_those_of_the_last_version_that_told_something() -> None:
    states = [ledger("toy", *(FIRST, LATER, NEWS, LAST)[:count]) for count in (1, 2, 3, 4)]
    assert [telling_payloads(state)[make.TRIAL][0] for state in states] == ["a", "a", "d", "d"]
