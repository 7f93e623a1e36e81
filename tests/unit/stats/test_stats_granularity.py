"""Numbers that cannot come from people: GRIM, GRIMMER, ranges; printed numbers against each other."""

import doctest
from itertools import combinations_with_replacement
from statistics import mean, stdev

import pytest
from scipy.stats import ttest_ind_from_stats

from living import stats
from living.stats import granularity, reported

# The package scrutiny's README prints this table of means and sizes with its verdicts (pigs1).
PIGS = [
    ("7.22", 32, True), ("4.74", 25, False), ("5.23", 29, False), ("2.57", 24, False), ("6.77", 27, False),
    ("2.68", 28, True), ("7.01", 29, False), ("7.38", 26, True), ("3.14", 27, False), ("6.89", 31, False),
    ("5.00", 25, True), ("0.24", 28, False),
]  # fmt: skip
# People, items, lowest and highest score: small enough to list every possible result.
SMALL = [(4, 1, 0, 9), (5, 1, 1, 7), (6, 1, -3, 3), (3, 2, 0, 14), (5, 3, 0, 6)]


def everything(n: int, items: int, low: int, high: int) -> set[tuple[str, str]]:
    """Every mean and SD that whole-number scores can print to two decimals."""
    found = set()
    for scores in combinations_with_replacement(range(low, high + 1), n):
        found.add((f"{mean(scores) / items:.2f}", f"{stdev(scores) / items:.2f}"))
    return found


def test_the_examples_run_as_printed() -> None:
    for module in (granularity, reported):
        found = doctest.testmod(module)
        assert found.attempted
        assert not found.failed


@pytest.mark.parametrize(("shown", "n", "possible"), PIGS)
def test_grim_agrees_with_the_published_table(shown: str, n: int, possible: bool) -> None:
    assert stats.grim(shown, n).consistent == possible


@pytest.mark.parametrize(("n", "items", "low", "high"), SMALL)
def test_no_result_of_real_scores_is_called_impossible(n: int, items: int, low: int, high: int) -> None:
    for shown, sd in everything(n, items, low, high):
        assert stats.grim(shown, n, items=items).consistent, shown
        assert stats.grimmer(shown, sd, n, items=items).consistent, (shown, sd)
        assert stats.sd_in_range(shown, sd, n, low / items, high / items).consistent, (shown, sd)


@pytest.mark.parametrize(("n", "items", "low", "high"), SMALL[:3])
def test_most_impossible_pairs_are_found(n: int, items: int, low: int, high: int) -> None:
    possible = everything(n, items, low, high)
    means, sds = ({pair[i] for pair in possible} for i in (0, 1))
    wrong = [(m, f"{s / 100:.2f}") for m in means for s in range(30, 200) if f"{s / 100:.2f}" not in sds]
    assert len(wrong) > 200
    passed = [pair for pair in wrong if stats.grimmer(*pair, n, items=items).consistent]
    assert len(passed) < 0.02 * len(wrong)


def test_the_largest_sd_is_reached_by_people_at_the_ends() -> None:
    for up in range(1, 9):
        scores = [100.0] * up + [0.0] * (9 - up)
        found = stats.sd_in_range(f"{mean(scores):.4f}", f"{stdev(scores):.4f}", 9, 0, 100)
        assert found.consistent
        assert found.high == pytest.approx(stdev(scores), abs=1e-3)
        assert not stats.sd_in_range(
            f"{mean(scores):.2f}", f"{stdev(scores) + 0.05:.2f}", 9, 0, 100
        ).consistent


def test_a_mean_outside_its_scale_contradicts_it() -> None:
    assert "outside" in stats.sd_in_range("10.4", "1.0", 20, 0, 10).why
    assert stats.sd_in_range("10.0", "0.0", 20, 0, 10).consistent


@pytest.mark.parametrize("scores", [[1, 4, 4, 4, 7], [1, 1, 1, 7, 7], [1, 1, 1, 7, 7, 7], [1, 7]])
def test_printed_extremes_bound_the_sd_and_both_bounds_are_reached(scores: list[int]) -> None:
    found = stats.sd_of_extremes(f"{stdev(scores):.6f}", len(scores), "1.000000", "7.000000")
    assert found.consistent
    assert found.low is not None
    assert found.high is not None
    reached = [abs(found.low - stdev(scores)), abs(found.high - stdev(scores))]
    assert min(reached) < 2e-6
    for beyond in (found.low - 0.01, found.high + 0.01):
        assert not stats.sd_of_extremes(f"{beyond:.6f}", len(scores), "1.000000", "7.000000").consistent


def test_a_check_that_cannot_fail_says_so() -> None:
    assert not stats.grim("3.45", 150).read
    assert "every printed number" in stats.grim("3.45", 150).why
    assert stats.grim("3.45", 80).read
    assert not stats.grimmer("9.2", "7.13", 25).read


def test_an_impossible_mean_fails_grimmer_too_and_items_make_finer_means_possible() -> None:
    assert "GRIM" in stats.grimmer("5.27", "1.20", 43).why
    assert not stats.grim("3.33", 10).consistent
    assert stats.grim("3.33", 10, items=3).consistent


@pytest.mark.parametrize(
    ("sd", "se", "why"),
    [
        ("2.0", "0.40", ""),
        ("2.0", "0.5", "SE of 0.4"),
        ("2.0", "2.0", "same number"),
        ("0.4", "2.0", "exchanged"),
    ],
)
def test_a_standard_error_is_held_against_its_sd(sd: str, se: str, why: str) -> None:
    found = stats.se_against_sd(sd, se, 25)
    assert found.consistent == (why == "")
    assert why in found.why


def test_a_statistic_is_held_against_its_p() -> None:
    assert stats.statistic_against_p("1.96", "0.05").consistent
    assert stats.statistic_against_p("1.96", "<0.05").consistent  # 1.964 has a P of 0.0495
    assert not stats.statistic_against_p("1.90", "<0.05").consistent
    assert stats.statistic_against_p("0.0", "0.99", df=6).consistent
    assert "one-sided" in stats.statistic_against_p("-2.20", "0.02", df=18).why


def test_two_groups_are_held_against_their_p_by_both_t_tests() -> None:
    given = (5.1, 2.0, 40, 6.2, 3.0, 25)
    for equal, at in ((True, 0), (False, 1)):
        p = ttest_ind_from_stats(*given, equal_var=equal).pvalue
        checks = stats.groups_against_p(("5.10", "2.00", 40), ("6.20", "3.00", 25), f"{p:.3f}")
        assert checks[at].consistent
        assert checks[at].low is not None
        assert checks[at].low < p < (checks[at].high or 0)
        assert not stats.groups_against_p(("5.10", "2.00", 40), ("6.20", "3.00", 25), "0.3")[at].consistent


def test_rounding_alone_is_never_a_contradiction() -> None:
    student, _ = stats.groups_against_p(("5", "2", 40), ("5", "2", 40), "0.20")
    assert student.consistent
    assert not stats.groups_against_p(("5.00", "2.00", 40), ("5.00", "2.00", 40), "0.20")[0].consistent


@pytest.mark.parametrize(
    "call",
    [
        lambda: stats.grim("abc", 10),
        lambda: stats.grim("1.0", 0),
        lambda: stats.grimmer("1.0", "1.0", 1),
        lambda: stats.sd_in_range("1.0", "1.0", 10, 5, 5),
        lambda: stats.sd_of_extremes("1.0", 10, "5", "5"),
        lambda: stats.se_against_sd("1.0", "1.0", 0),
        lambda: stats.statistic_against_p("1.0", "0.1", df=0),
        lambda: stats.groups_against_p(("1", "0", 5), ("1", "0", 5), "0.5"),
    ],
)
def test_nonsense_is_refused(call: object) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - each has its own sentence
        call()


def test_the_nearest_possible_means_are_named() -> None:
    found = stats.grim("5.19", 28)
    assert (found.low, found.high) == (145 / 28, 146 / 28)
    assert stats.sd_in_range("3.0", "1.0", 10, 1, 5).low == 0


def test_the_recomputed_p_is_the_t_tests_to_many_digits() -> None:
    given = (5.1, 2.0, 40, 6.2, 3.0, 25)
    checks = stats.groups_against_p(("5.1000000", "2.0000000", 40), ("6.2000000", "3.0000000", 25), "0.1")
    for check, equal in zip(checks, (True, False), strict=True):
        p = float(ttest_ind_from_stats(*given, equal_var=equal).pvalue)
        assert [check.low, check.high] == pytest.approx([p, p], rel=1e-6)


def test_the_range_of_p_holds_every_choice_within_rounding() -> None:
    check, _ = stats.groups_against_p(("5.1", "2.0", 40), ("6.2", "3.0", 25), "0.1")
    corners = [
        (5.05, 2.05, 40, 6.25, 3.05, 25),
        (5.15, 2.05, 40, 6.15, 3.05, 25),
        (5.05, 1.95, 40, 6.25, 2.95, 25),
    ]
    found = [float(ttest_ind_from_stats(*corner).pvalue) for corner in corners]
    assert check.high == pytest.approx(found[1])
    assert check.low == pytest.approx(found[2])
    assert check.low < found[0] < check.high


def test_two_people_have_an_sd() -> None:
    assert stats.grimmer("1.5", "0.71", 2).consistent
    assert not stats.grimmer("1.5", "0.90", 2).consistent
