"""The page says per method how many agree, how far apart, what does not, what was not compared, and why."""

from collections import Counter

import numpy as np

from tests.oracle import golden_files as golden
from tests.oracle.methods import UNKNOWN_METHOD, UNKNOWN_REASON, method, reason
from tests.oracle.validation import Results, page


def results(**counts: dict[str, int]) -> Results:
    counters = {name: Counter(value) for name, value in counts.items()}
    return Results(**counters, relative={"fit DL tau2": 3e-12}, absolute={"fit DL tau2": 5e-13})


def test_a_method_gathers_its_features_with_the_largest_difference() -> None:
    text = page(results(agree={"fit DL tau2": 7, "fit DL I2": 5}), "numpy 1", "")
    assert "| tau2 and heterogeneity: DL | 12 | 0 | 3e-12 | 5e-13 | 0 |" in text
    assert "12 agree, 0 disagree, 0 not compared" in text
    assert "## What does not agree\n\nNothing." in text


def test_a_disagreement_and_a_gap_are_named() -> None:
    text = page(results(agree={}, disagree={"tes": 1}, unsupported={"glmm OR UM.RS_EE": 76}), "numpy 1", "")
    assert "| tes | 0 | 1 | 0e+00 | 0e+00 | 0 |" in text.partition("## What is not compared")[0]
    assert "not offered: mixed-effects logistic model" in text
    assert "| 76 |" in text


def test_what_nobody_has_named_is_shown_as_unknown() -> None:
    assert method("brand new feature") == UNKNOWN_METHOD
    assert reason("brand new feature") == UNKNOWN_REASON
    assert UNKNOWN_REASON in page(results(unsupported={"brand new feature": 1}), "numpy 1", "")


def test_the_section_kept_by_hand_is_taken_as_it_is() -> None:
    assert "\n## Mutation testing\n\n96% killed.\n" in page(
        results(agree={"tes": 1}), "numpy 1", "## Mutation testing\n\n96% killed.\n"
    )


def test_differences_are_of_the_places_where_both_are_numbers() -> None:
    golden.remember("a feature", np.array([1.0, np.nan, 2e-9, np.inf]), np.array([1.5, 1.0, 1e-9, np.inf]))
    assert golden.absolute.pop("a feature") == 0.5
    assert golden.relative.pop("a feature") == 0.5 / 1.5
