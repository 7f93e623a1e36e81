"""Differences between versions of any history: parts sum to wholes, ways compose, like is like."""

import math
from functools import cache

from hypothesis import given, settings
from hypothesis import strategies as st

from living.model.difference import Course
from living.model.snapshot import Snapshot
from living.review.compare import analyses
from living.review.courses import SUM, adds_up, courses
from living.review.snapshot import build_snapshot
from tests import factories as make
from tests.unit.review.scenes import Entry, activated, changed, difference, read, then, toy, trial, what

PRECISE = 1e-9  # relative; what a snapshot prints against the same pool made again
FEW = settings(max_examples=60, deadline=None)
STUDIES = tuple(str(number) for number in range(6))
PROTOCOLS = (
    changed("toy"),
    changed("toy", ('tau2 = "REML"', 'tau2 = "DL"')),
    changed("toy", ("low = 6\n", "low = 2\n")),
    changed("toy", ('interval = "HK-guarded"', 'interval = "wald"')),
    changed(
        "toy",
        ('measure = "MD"', 'measure = "SMD-g"\nstandardiser = "the invented SD"'),
        ('estimands = ["adjusted", "change", "final"]', 'estimands = ["change"]'),
    ),
)
BEGUN = toy(
    *(
        fact
        for name in STUDIES[:3]
        for fact in trial(name, read(f"pubmed:{name}", difference(0.4 * int(name))))
    )
)
COUNTS = {
    "shape": "event_counts",
    "experimental": {"events": 3, "total": 40},
    "control": {"events": 5, "total": 40},
}

names = st.sampled_from(STUDIES)
values = st.integers(-20, 20).map(lambda n: n / 10)
errors = st.integers(2, 12).map(lambda n: n / 10)


@st.composite
def things_said(draw: st.DrawFn) -> Entry:
    """One thing that somebody says: a study, a number, a ruling, a description, another protocol."""
    key = f"pubmed:{draw(names)}"
    number = difference(draw(values), draw(errors))
    out = make.vote(record=key, vote="exclude", criterion="X1", imported="A")
    return draw(
        st.sampled_from(
            [
                read(key, number),
                read(key, number, weeks=4.0),
                ("ann", read(key, number, imported=None)),
                ("bob", read(key, number, imported=None)),
                read(key, COUNTS, outcome="any-ae", scale="", estimand="count"),
                make.record(id=key.partition(":")[2], seeded=True, identifiers=()),
                make.vote(record=key, imported="A"),
                make.vote(record=key, vote="unsure", imported="A"),
                out,
                what(key, f"Trial {key[-1]}", dose=draw(errors)),
                activated(draw(st.sampled_from(PROTOCOLS))),
            ]
        )
    )


histories = st.lists(things_said(), max_size=12)


def documents(*parts: list[Entry]) -> list[Snapshot]:
    """The snapshot after each part of one history, each part said after those before it."""
    state, found = BEGUN, [build_snapshot(BEGUN)]
    for part in parts:
        state = then(state, *part)
        found.append(build_snapshot(state))
    return found


def ways(old: Snapshot, new: Snapshot) -> dict[str, Course]:
    return {course.id: course for course in courses(old, new)}


@FEW
@given(histories)
def test_nothing_differs_from_itself(said: list[Entry]) -> None:
    same = documents(said)[-1]
    assert all(course.moves == () and course.total in (None, 0.0) for course in courses(same, same))


@FEW
@given(histories, histories)
def test_the_parts_of_every_way_sum_to_its_whole_and_join_the_two_versions(
    first: list[Entry], second: list[Entry]
) -> None:
    _, old, new = documents(first, second)
    for course in courses(old, new):
        assert adds_up(course)
        if course.total is not None:
            assert course.before.estimate is not None
            assert course.after.estimate is not None
            assert abs(course.after.estimate - course.before.estimate - course.total) <= SUM
        if course.moves:
            assert _close(course.moves[-1].after.estimate, course.after.estimate)


@FEW
@given(histories, histories)
def test_a_way_begins_and_ends_at_what_the_versions_print(first: list[Entry], second: list[Entry]) -> None:
    _, old, new = documents(first, second)
    for snapshot, end in ((old, "before"), (new, "after")):
        found = ways(old, new)
        for name, analysis in analyses(snapshot).items():
            point = getattr(found[name], end)
            assert point.k == len(analysis.contrasts)
            if analysis.pool.pooled:
                assert _close(point.estimate, analysis.pool.estimate)
                assert _close(point.low, analysis.pool.low)
                assert _close(point.high, analysis.pool.high)


@FEW
@given(histories, histories, histories)
def test_two_ways_one_after_the_other_are_the_way_from_end_to_end(
    first: list[Entry], second: list[Entry], third: list[Entry]
) -> None:
    _, a, b, c = documents(first, second, third)
    whole, left, right = ways(a, c), ways(a, b), ways(b, c)
    for name in whole.keys() & left.keys() & right.keys():
        parts = (left[name].total, right[name].total)
        if None not in parts and whole[name].total is not None:
            assert abs(math.fsum(part or 0.0 for part in parts) - (whole[name].total or 0.0)) <= SUM


@FEW
@given(histories, histories)
def test_the_way_back_is_as_long_as_the_way_there(first: list[Entry], second: list[Entry]) -> None:
    _, old, new = documents(first, second)
    there, back = ways(old, new), ways(new, old)
    for name in there.keys() & back.keys():
        total = there[name].total
        if total is not None:
            assert back[name].total is not None
            assert abs(total + (back[name].total or 0.0)) <= SUM


@cache
def example() -> tuple[Snapshot, Snapshot]:
    """A history in which every kind of cause occurs, so that the laws above are not empty."""
    numbers: list[Entry] = [read(f"pubmed:{name}", difference(0.3 * int(name) - 0.5)) for name in STUDIES[:3]]
    later: list[Entry] = [
        activated(PROTOCOLS[3]),
        read("pubmed:1", difference(1.0)),
        *trial("3", read("pubmed:3", difference(-1.0))),
        make.vote(record="pubmed:0", vote="exclude", criterion="X1", imported="A"),
    ]
    _, old, new = documents(numbers, later)
    return old, new


def test_histories_as_these_have_every_kind_of_cause() -> None:
    kinds = {move.cause for course in courses(*example()) for move in course.moves}
    assert kinds >= {"methods", "corrected", "added", "judged"}


def _close(left: float | None, right: float | None) -> bool:
    if left is None or right is None:
        return left is right
    return math.isclose(left, right, rel_tol=PRECISE, abs_tol=PRECISE)
