"""Looking after every study: the usual interval errs ever more often, the e-value does not.

Each history has 20 studies of equal size and is looked at after each of them. Nothing works in any of them.
"""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pytest

from living import stats

HISTORIES, LOOKS, SEED = 4000, 20, 20260101
ALPHA = 0.05
VARIANCE = 1.0
# Armitage, McPherson & Rowe 1969, J R Stat Soc A 132:235-244, Table 2: 20 looks at a normal mean, 5% each.
USUAL = 0.248
ERRORS = 4  # standard errors of a simulated share: one run in 16,000 strays further by chance


def within(share: float) -> float:
    """How far a simulated share may lie from what it estimates."""
    return ERRORS * float(np.sqrt(share * (1 - share) / HISTORIES))


def histories(tau2: float = 0.0) -> npt.NDArray[np.float64]:
    """Study results, [histories, looks]; with `tau2` each true effect differs, their mean being zero.

    The same draws serve every `tau2`: they are only stretched.
    """
    drawn = np.random.default_rng(SEED).standard_normal((HISTORIES, LOOKS))
    return np.asarray(drawn * np.sqrt(VARIANCE + tau2))


def usual(yi: npt.NDArray[np.float64]) -> npt.NDArray[np.bool_]:
    """Whether the common-effect z interval excludes zero at some look, [histories]."""
    found = stats.cumulative(yi, np.full(yi.shape, VARIANCE), tau2="CE", interval="wald")
    return np.asarray(((found.ci_low > 0) | (found.ci_high < 0)).any(-1))


def always_valid(yi: npt.NDArray[np.float64]) -> npt.NDArray[np.bool_]:
    """Whether the e-value reaches 1 / alpha at some look, [histories]."""
    ever = []
    for row in yi:
        found = stats.safe_mixture(row, np.full(LOOKS, VARIANCE), prior_variance=VARIANCE / 4)
        assert isinstance(found, stats.SafeTest)
        ever.append(bool(found.rejects(ALPHA)[-1]))
    return np.array(ever)


def covered(yi: npt.NDArray[np.float64]) -> npt.NDArray[np.bool_]:
    """Whether the confidence sequence holds zero at every look, [histories]."""
    always = []
    for row in yi:
        found = stats.confidence_sequence(row, np.full(LOOKS, VARIANCE), prior_variance=VARIANCE / 4)
        assert isinstance(found, stats.ConfidenceSequence)
        always.append(bool(((found.low <= 0) & (found.high >= 0)).all()))
    return np.array(always)


def test_the_usual_interval_errs_in_a_quarter_of_all_histories() -> None:
    assert usual(histories()).mean() == pytest.approx(USUAL, abs=within(USUAL))


def test_the_e_value_errs_in_a_twentieth_at_most() -> None:
    assert always_valid(histories()).mean() <= ALPHA + within(ALPHA)


def test_the_confidence_sequence_excludes_zero_exactly_where_the_e_value_rejects() -> None:
    yi = histories()
    assert (covered(yi) == ~always_valid(yi)).all()


def test_both_reject_more_often_when_effects_differ_around_zero(
    record_property: Callable[[str, object], None],
) -> None:
    """The common null is false then, so no error rate is promised; every rejection under it stays one."""
    plain, told = histories(), {}
    before = usual(plain), always_valid(plain)
    for tau2 in (0.25, 1.0):
        after = usual(histories(tau2)), always_valid(histories(tau2))
        assert all((now >= then).all() for now, then in zip(after, before, strict=True))
        told[tau2] = tuple(float(item.mean()) for item in after)
        record_property(f"usual interval excludes zero, tau2 {tau2:g}", told[tau2][0])
        record_property(f"e reaches 20, tau2 {tau2:g}", told[tau2][1])
        before = after
    print("tau2: usual interval, e-value", {0.0: (usual(plain).mean(), always_valid(plain).mean()), **told})
    assert told[1.0][1] > ALPHA + within(ALPHA)
