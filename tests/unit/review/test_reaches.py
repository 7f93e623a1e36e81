"""How far the evidence of the next version reaches when methods changed among what no version holds yet."""

import pytest

from living.model.facts import Release
from living.model.state import ReviewState
from living.review.reaches import evidence_until, last_said, next_reach, reach_of
from living.review.snapshot import build_snapshot, released, snapshot_digest
from tests import factories as make
from tests.unit.review.scenes import TEXTS, activated, changed, difference, read, then, toy, trial

WALD = changed("toy", ('interval = "HK-guarded"', 'interval = "wald"'))
DL = changed("toy", ('interval = "HK-guarded"', 'interval = "wald"'), ('tau2 = "REML"', 'tau2 = "DL"'))
WORDS = changed("toy", ("One invented trial", "A trial"))
START = toy(*(fact for n in "123" for fact in trial(n, read(f"pubmed:{n}", difference(float(n))))))


def released_at(state: ReviewState, upto: int | None = None) -> ReviewState:
    return then(state, ("machine", make.release(digest="a" * 64, upto=upto)))


FIRST = released_at(START)
NUMBER = read("pubmed:2", difference(0.5))


def test_before_the_first_version_all_is_taken_together() -> None:
    state = then(START, NUMBER, activated(WALD), NUMBER)
    assert next_reach(state) == state.seq


def test_without_changed_methods_all_is_taken_together() -> None:
    state = then(FIRST, NUMBER, activated(WORDS), NUMBER)
    assert next_reach(state) == state.seq == last_said(state)


def test_data_before_methods_come_first_then_the_methods_then_the_rest() -> None:
    state = then(FIRST, NUMBER, activated(WALD), NUMBER)
    line = FIRST.seq + 2
    assert next_reach(state) == line - 1
    assert next_reach(state, passed=line - 1) == line
    assert next_reach(state, passed=line) == state.seq
    bound = released_at(state, upto=line - 1)
    assert next_reach(bound) == line
    assert next_reach(released_at(bound, upto=line)) == state.seq


def test_methods_that_change_twice_in_a_row_are_one_change() -> None:
    state = then(FIRST, activated(WALD), activated(DL), NUMBER)
    assert next_reach(state, passed=FIRST.seq) == FIRST.seq + 2


def test_methods_that_change_twice_with_data_between_are_two() -> None:
    state = then(FIRST, activated(WALD), NUMBER, activated(DL))
    reaches, passed = [], FIRST.seq - 1
    while not reaches or reaches[-1] < state.seq:
        passed = next_reach(state, passed)
        reaches.append(passed)
    assert reaches == [FIRST.seq, FIRST.seq + 1, FIRST.seq + 2, FIRST.seq + 3]


def test_methods_that_the_last_version_holds_are_no_change_any_more() -> None:
    state = released_at(then(FIRST, NUMBER, activated(WALD)))
    assert next_reach(then(state, NUMBER)) == state.seq + 1


@pytest.mark.parametrize(("upto", "reach"), [(None, FIRST.seq), (3, 3), (0, 0)])
def test_a_release_reaches_to_its_own_line_unless_it_says_how_far(upto: int | None, reach: int) -> None:
    line = released_at(FIRST, upto).lines[-1]
    assert isinstance(line.fact, Release)
    assert reach_of(line, line.fact) == reach


def test_a_version_bound_late_is_rebuilt_from_what_it_reaches_and_the_versions_before_it() -> None:
    state = then(FIRST, NUMBER, activated(WALD))
    bound = released_at(state, upto=FIRST.seq + 1)
    line = bound.lines[-1]
    found = released(bound, line, "f" * 64)
    assert found.protocol_text == TEXTS["toy"]
    assert snapshot_digest(found) == snapshot_digest(build_snapshot(then(FIRST, NUMBER)))
    assert [item.seq for item in evidence_until(bound, 2, line.seq).lines] == [1, 2, FIRST.seq]
    later = then(bound, NUMBER, activated(DL))
    assert released(later, line, "f" * 64) == found
