"""E-values: fair under the common null whenever one stops, and what heterogeneity does to them."""

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import gammaln, hyp1f1
from scipy.stats import norm
from scipy.stats import t as student

from living import stats
from living.stats import NotEstimable, Status

ALPHA = 0.05
WALKS, STUDIES = 2000, 20
# Three standard errors of a simulated proportion of 0.05.
ABOVE = 3 * (ALPHA * (1 - ALPHA) / WALKS) ** 0.5


def hypergeometric(t: float, df: float, ncp: float) -> float:
    """The textbook ratio of the densities; exact where both terms have one sign."""
    x = t * ncp / np.sqrt(t**2 + df)
    second = np.sqrt(2) * x * np.exp(gammaln(df / 2 + 1) - gammaln((df + 1) / 2))
    return float(
        -(ncp**2) / 2
        + np.log(hyp1f1((df + 1) / 2, 0.5, x**2 / 2) + second * hyp1f1(df / 2 + 1, 1.5, x**2 / 2))
    )


@pytest.mark.parametrize("df", [1, 2, 38, 400])
@pytest.mark.parametrize(("t", "ncp"), [(0.0, 1.0), (0.5, 0.1), (1.3, 2.0), (-2.0, -3.0), (6.0, 8.0)])
def test_the_ratio_of_t_densities_is_the_textbook_s(t: float, df: int, ncp: float) -> None:
    assert float(stats.log_t_ratio(t, df, ncp)) == pytest.approx(hypergeometric(t, df, ncp), abs=1e-11)


@pytest.mark.parametrize(("n1", "n2"), [(1, 2), (4, 3), (20, 30)])
@pytest.mark.parametrize("sides", [1, 2])
def test_a_safe_t_value_expects_one_under_the_null(n1: int, n2: int, sides: int) -> None:
    def weighted(t: float) -> float:
        found = stats.safe_t([t], [n1], [n2], alternative=0.6, sides=sides)
        assert isinstance(found, stats.SafeTest)
        return float(found.e[0]) * student.pdf(t, n1 + n2 - 2)

    assert quad(weighted, -np.inf, np.inf)[0] == pytest.approx(1, abs=1e-7)


@pytest.mark.parametrize("sides", [1, 2])
def test_a_safe_z_value_expects_one_under_the_null(sides: int) -> None:
    def weighted(y: float) -> float:
        found = stats.safe_z([y], [0.3], alternative=0.5, sides=sides)
        mixed = stats.safe_mixture([y], [0.3], prior_variance=0.2)
        assert isinstance(found, stats.SafeTest)
        assert isinstance(mixed, stats.SafeTest)
        return float(found.e[0] + mixed.e[0]) * norm.pdf(y, 0, 0.3**0.5)

    assert quad(weighted, -12, 12)[0] == pytest.approx(2, abs=1e-8)


def test_a_one_sided_safe_z_value_is_the_product_over_studies() -> None:
    y, v = np.array([0.5, -0.2, 0.8]), np.array([0.1, 0.2, 0.05])
    found = stats.safe_z(y, v, alternative=0.4, sides=1)
    assert isinstance(found, stats.SafeTest)
    each = norm.pdf(y, 0.4, np.sqrt(v)) / norm.pdf(y, 0, np.sqrt(v))
    assert found.e == pytest.approx(np.cumprod(each), rel=1e-12)


def walks(tau: float) -> tuple[float, float]:
    """(share in which the common null is ever rejected, share in which the sequence always covers 0)."""
    draw = np.random.default_rng(21)
    v = draw.uniform(0.02, 0.2, STUDIES)
    rejected = covered = 0
    for _ in range(WALKS):
        y = draw.normal(0, np.sqrt(v + tau**2))
        safe = stats.safe_z(y, v, alternative=0.3)
        sequence = stats.confidence_sequence(y, v, prior_variance=0.1)
        assert isinstance(safe, stats.SafeTest)
        assert isinstance(sequence, stats.ConfidenceSequence)
        rejected += safe.rejects(ALPHA)[-1]
        covered += bool((sequence.running_low[-1] <= 0) and (sequence.running_high[-1] >= 0))
    return rejected / WALKS, covered / WALKS


def test_under_the_common_null_looking_at_every_study_keeps_the_error() -> None:
    rejected, covered = walks(0.0)
    assert rejected <= ALPHA + ABOVE
    assert covered >= 1 - ALPHA - ABOVE


def test_heterogeneity_around_zero_is_taken_for_evidence_because_the_null_is_common() -> None:
    rejected, covered = walks(0.3)
    assert rejected > 4 * ALPHA
    assert covered < 0.85


def test_the_sequence_leaves_zero_exactly_when_the_mixture_passes_one_over_alpha() -> None:
    y, v = np.linspace(-0.2, 1.2, 30), np.full(30, 0.1)
    sequence = stats.confidence_sequence(y, v, prior_variance=0.3)
    mixture = stats.safe_mixture(y, v, prior_variance=0.3)
    assert isinstance(sequence, stats.ConfidenceSequence)
    assert isinstance(mixture, stats.SafeTest)
    outside = (sequence.low > 0) | (sequence.high < 0)
    assert outside.any()
    assert not outside.all()
    assert (outside == (mixture.log_e >= np.log(20))).all()


def test_an_anytime_p_never_rises_and_overwhelming_evidence_stays_finite_on_the_log_scale() -> None:
    found = stats.safe_z([2.0, -1.0, 2.0], [1e-4] * 3, alternative=1.0)
    assert isinstance(found, stats.SafeTest)
    assert np.isfinite(found.log_e).all()
    assert (np.diff(found.p) <= 0).all()
    assert found.rejects().all()


def test_no_number_is_given_where_there_is_none() -> None:
    assert stats.safe_z([], [], alternative=0.3) == NotEstimable(Status.NO_STUDIES)
    assert stats.safe_z([0.1], [0.0], alternative=0.3) == NotEstimable(Status.NO_VARIANCE)
    assert stats.safe_z([np.nan], [0.1], alternative=0.3) == NotEstimable(Status.MISSING_INPUT)
    assert stats.safe_t([1.0], [1], [1], alternative=0.3) == NotEstimable(Status.TOO_FEW_PARTICIPANTS)
    with pytest.raises(ValueError, match="alternative other than 0"):
        stats.safe_z([0.1], [0.1], alternative=0.0)
    with pytest.raises(ValueError, match="prior variance"):
        stats.confidence_sequence([0.1], [0.1], prior_variance=0.0)


def test_the_usual_level_rejects_from_an_e_value_of_twenty_on() -> None:
    found = stats.safe_z([0.2, 0.5, 0.9, -1.6], [0.05] * 4, alternative=0.5)
    assert isinstance(found, stats.SafeTest)
    assert (found.e >= 20).tolist() == [False, False, True, False]
    assert found.rejects().tolist() == [False, False, True, True]


def test_one_side_ignores_the_other_and_both_share_the_alternative() -> None:
    one, two = (stats.safe_t([-3.0], [20], [20], alternative=0.5, sides=sides) for sides in (1, 2))
    assert isinstance(one, stats.SafeTest)
    assert isinstance(two, stats.SafeTest)
    assert one.e[0] < 0.1 < 1 < two.e[0]
    assert (one.sides, two.sides, two.alternative) == (1, 2, 0.5)
    mixed = stats.safe_mixture([0.3], [0.1], prior_variance=0.25)
    assert isinstance(mixed, stats.SafeTest)
    assert (mixed.alternative, mixed.sides) == (0.5, 2)


@pytest.mark.parametrize("level", [0.0, 1.0])
def test_a_sequence_needs_a_level(level: float) -> None:
    with pytest.raises(ValueError, match="level"):
        stats.confidence_sequence([0.1], [0.1], prior_variance=1.0, level=level)
