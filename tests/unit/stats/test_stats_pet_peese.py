"""PET-PEESE: example, choice and edges."""

import doctest
import importlib

import numpy as np
import pytest

from living import stats
from living.stats.status import NotEstimable, Status

SE = np.array([0.1, 0.15, 0.2, 0.3, 0.4])


def test_the_example_runs_as_printed() -> None:
    found = doctest.testmod(importlib.import_module("living.stats.pet_peese"))
    assert found.attempted >= 2
    assert found.failed == 0


def test_the_first_regression_decides_which_one_is_read() -> None:
    wave = np.array([0.01, -0.02, 0.01, 0.02, -0.02])
    nothing, something = stats.pet_peese(2 * SE + wave, SE**2), stats.pet_peese(0.8 + SE**2 + wave, SE**2)
    assert isinstance(nothing, stats.PetPeese)
    assert isinstance(something, stats.PetPeese)
    assert (nothing.chosen, something.chosen) == ("PET", "PEESE")
    assert nothing.mu == nothing.pet.limit
    assert something.mu == something.peese.limit
    assert abs(something.mu - 0.8) < 0.05
    assert stats.Caution.FEW_STUDIES in something.cautions


def test_unusable_studies_are_refused() -> None:
    assert stats.pet_peese([0.1, 0.2, 0.3], [0.1, 0.1, 0.1]) == NotEstimable(Status.COLLINEAR)
    assert stats.pet_peese([0.1, 0.2], [0.1, 0.2]) == NotEstimable(Status.TOO_FEW_STUDIES)
    with pytest.raises(ValueError, match="alpha lies"):
        stats.pet_peese([0.1, 0.2, 0.3], [0.1, 0.2, 0.3], alpha=2)
