"""Cohen's kappa against a case worked by hand and tables printed elsewhere."""

import numpy as np
import pytest

from living.stats.agreement import cohen_kappa
from living.stats.status import Status

CLOSE = 1e-12  # the hand-worked case uses the same few operations


def test_two_people_on_fifty_items_as_worked_by_hand() -> None:
    """They agree on 20 + 15 of 50: 0.7. One says yes to 25, the other to 30: 0.5*0.6 + 0.5*0.4 by chance.

    Kappa (0.7 - 0.5)/(1 - 0.5) = 0.4. Of its variance times 50 * 0.5^2, the diagonal gives
    0.4*(1 - 1.1*0.6)^2 + 0.3*(1 - 0.9*0.6)^2 = 0.10972, the rest 0.36*(0.1*1.1^2 + 0.2*0.9^2) = 0.10188,
    less (0.4 - 0.5*0.6)^2 = 0.01: 0.2016/12.5 = 0.016128.
    """
    found = cohen_kappa([[20, 5], [10, 15]])
    assert (found.observed, found.expected) == pytest.approx((0.7, 0.5), abs=CLOSE)
    assert found.kappa == pytest.approx(0.4, abs=CLOSE)
    assert found.se == pytest.approx(np.sqrt(0.016128), abs=CLOSE)


def test_the_diagnoses_printed_by_fleiss() -> None:
    """Fleiss, Statistical Methods for Rates and Proportions, 2nd ed., section 13.1: 0.68 (0.51 to 0.85).

    The half-width there comes from the standard error as printed, 0.087; unrounded the lower limit is 0.50.
    """
    found = cohen_kappa([[75, 1, 4], [5, 4, 1], [0, 0, 10]])
    assert round(float(found.kappa), 2) == 0.68
    assert float(found.se) == pytest.approx(0.087, abs=0.001)
    assert float(found.high) == pytest.approx(0.85, abs=0.005)


def test_a_table_with_an_empty_column_as_other_software_prints_it() -> None:
    """The 3 by 3 table in statsmodels' tests of `cohens_kappa`: 0.4842, 0.1380, 0.2137 to 0.7547."""
    found = cohen_kappa([[0, 4, 1], [0, 8, 0], [0, 1, 5]])
    shown = [f"{float(value):.4f}" for value in (found.kappa, found.se, found.low, found.high)]
    assert shown == ["0.4842", "0.1380", "0.2137", "0.7547"]


def test_agreement_on_every_item_is_one() -> None:
    found = cohen_kappa([[3, 0], [0, 4]])
    assert (found.kappa, found.se, found.high) == (1.0, 0.0, 1.0)


def test_agreement_by_chance_alone_is_nought() -> None:
    assert cohen_kappa([[6, 4], [6, 4]]).kappa == pytest.approx(0.0, abs=CLOSE)


def test_kappa_can_be_negative_and_its_limits_stay_in_range() -> None:
    found = cohen_kappa([[0, 1], [1, 0]])
    assert found.kappa == -1.0
    assert found.low == -1.0


def test_exchanging_the_two_people_changes_nothing() -> None:
    table = np.array([[5, 2, 0], [1, 7, 3], [0, 0, 4]])
    one, other = cohen_kappa(table), cohen_kappa(table.T)
    assert float(one.kappa) == pytest.approx(float(other.kappa), abs=CLOSE)
    assert float(one.se) == pytest.approx(float(other.se), abs=CLOSE)


def test_tables_come_in_batches_and_each_says_why_it_has_no_kappa() -> None:
    found = cohen_kappa([[[4, 0], [0, 0]], [[0, 0], [0, 0]], [[3, 0], [0, 3]], [[-1, 0], [0, 3]]])
    assert list(found.status) == [Status.ONE_CATEGORY, Status.NO_ITEMS, Status.OK, Status.IMPOSSIBLE_INPUT]
    assert list(np.isnan(found.kappa)) == [True, True, False, True]


@pytest.mark.parametrize(("table", "level"), [([[1, 2, 3], [1, 2, 3]], 0.95), ([1, 2], 0.95), ([[1]], 1.0)])
def test_what_is_no_table_of_two_people_is_refused(table: list[int], level: float) -> None:
    with pytest.raises(ValueError, match=r"as many rows as columns|between 0 and 1"):
        cohen_kappa(table, level)
