"""The normal mixture of Howard, Ramdas, McAuliffe & Sekhon 2021, Ann Stat 49:1055-1080.

Printed values read in: the tests of the authors' library (uniform_boundaries_test.cpp of
github.com/gostevehoward/confseq): with rho = 12.60056, intrinsic time 100 and a sum of 10, the log of the
two-sided mixture is -0.6510052 and its boundary at 0.05 is 30.35209. In our terms rho is one over the prior
variance, intrinsic time the information and the sum an effect times its information.
"""

import pytest

from living import stats

RHO, INFORMATION, SUM = 12.60056, 100.0, 10.0


def test_the_log_of_the_mixture() -> None:
    found = stats.safe_mixture([SUM / INFORMATION], [1 / INFORMATION], prior_variance=1 / RHO)
    assert isinstance(found, stats.SafeTest)
    assert found.log_e[-1] == pytest.approx(-0.6510052, abs=1e-6)


def test_the_boundary() -> None:
    found = stats.confidence_sequence([SUM / INFORMATION], [1 / INFORMATION], prior_variance=1 / RHO)
    assert isinstance(found, stats.ConfidenceSequence)
    assert (found.high[-1] - found.mu[-1]) * INFORMATION == pytest.approx(30.35209, abs=1e-5)
