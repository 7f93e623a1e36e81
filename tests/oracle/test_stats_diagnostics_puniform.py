"""p-uniform* against its likelihood maximised in R, and against metafor where the two models are one."""

import numpy as np
import pytest

from living import stats
from tests.oracle.golden_files import Comparison, numbers
from tests.oracle.test_stats_diagnostics import own

# nlminb and uniroot stop at about half the digits of a flat maximum and at 1e-10.
SEARCHES = {"rtol": 1e-6, "atol": 1e-7}
# tau2 at zero: the two maxima agree to the last digits, and so their difference is rounding.
AT_ZERO = {"rtol": 1e-6, "atol": 1e-6}
SAME_MAXIMUM = 1e-6


def test_estimates_limits_and_tests_agree_with_a_direct_maximisation() -> None:
    c = Comparison()
    for case in own("puniform"):
        side, want = "greater" if case["sign"] > 0 else "less", case["result"]
        found = stats.p_uniform_star(numbers(case["yi"]), numbers(case["vi"]), alternative=side)
        assert isinstance(found, stats.PUniform), case["id"]
        c.same("p-uniform*", case["id"], [found.mu, found.tau2], [want["b"], want["tau2"]], SEARCHES)
        c.same("p-uniform* limits", case["id"], [found.ci_low, found.ci_high], want["limits"], SEARCHES)
        c.same("p-uniform* height", case["id"], found.log_likelihood, want["logLik"], SEARCHES)
        c.same("p-uniform* P", case["id"], found.p, want["p"], SEARCHES)
        c.same("p-uniform* P of tau2", case["id"], found.tau2_p, want["p_tau2"], AT_ZERO)
    c.check()


@pytest.mark.parametrize("seed", [1, 2])
def test_equally_precise_studies_have_the_estimates_of_the_three_parameter_model(seed: int) -> None:
    """The step model itself is held to metafor in test_stats_diagnostics_selection.py."""
    yi = np.random.default_rng(seed).normal(0.4, 0.3, 25)
    vi = np.full(25, 0.04)
    one, other = stats.p_uniform_star(yi, vi), stats.three_parameter_selection(yi, vi)
    assert isinstance(one, stats.PUniform)
    assert isinstance(other, stats.Selection)
    assert stats.Caution.CAPPED not in other.cautions
    assert one.mu == pytest.approx(other.mu, abs=SAME_MAXIMUM)
    assert one.tau2 == pytest.approx(other.tau2, abs=SAME_MAXIMUM)
