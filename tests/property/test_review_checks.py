"""Real whole-number answers never trip a check that refuses, however they were rounded."""

import statistics

from hypothesis import given
from hypothesis import strategies as st

from tests.unit.review.checks.scene import cell, means, seen, study

ANSWERS = st.lists(st.integers(0, 10), min_size=2, max_size=60).filter(lambda x: len(set(x)) > 1)
TRIAL = study(arms=(("ldn", "ldn", 60), ("placebo", "placebo", 60)))


def printed(answers: list[int], digits: int) -> tuple[int, float, float]:
    sd = max(round(statistics.stdev(answers), digits), 10.0**-digits)
    return len(answers), round(statistics.mean(answers), digits), sd


@given(ANSWERS, ANSWERS, st.integers(1, 3))
def test_real_answers_are_never_refused_and_never_fail_grim(
    one: list[int], two: list[int], digits: int
) -> None:
    a, b = printed(one, digits), printed(two, digits)
    words = "; ".join(f"{mean:.{digits}f} ({sd:.{digits}f}), n = {n}" for n, mean, sd in (a, b))
    found = seen(cell(means(a, b), words), TRIAL)
    assert "impossible" not in {item.level for item in found.values()}
    assert not {"grim", "grimmer"} & set(found)


@given(ANSWERS, st.lists(st.integers(0, 10), min_size=60, max_size=60), st.integers(1, 3))
def test_real_changes_are_never_refused(before: list[int], after: list[int], digits: int) -> None:
    change = [late - early for early, late in zip(before, after, strict=False)]
    if len(set(change)) < 2:
        return
    a = printed(change, digits)
    words = f"{a[1]:.{digits}f} ({a[2]:.{digits}f}), n = {a[0]}"
    found = seen(cell(means(a, a, "change"), words), TRIAL)
    assert "impossible" not in {item.level for item in found.values()}
    assert not {"grim", "grimmer"} & set(found)
