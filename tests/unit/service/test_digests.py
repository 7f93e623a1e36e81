"""When the week and the month of an instant began."""

import pytest

from living.service.digests import began


@pytest.mark.parametrize(
    ("instant", "week", "month"),
    [
        ("2026-02-15T23:59:59Z", "2026-02-09", "2026-02-01"),  # a Sunday
        ("2026-02-16T00:00:00Z", "2026-02-16", "2026-02-01"),  # the Monday after
        ("2026-03-01T00:00:00Z", "2026-02-23", "2026-03-01"),  # a month that begins within a week
        ("2027-01-01T06:00:00Z", "2026-12-28", "2027-01-01"),
        ("2028-02-29T06:00:00Z", "2028-02-28", "2028-02-01"),
    ],
)
def test_a_week_begins_on_monday_and_a_month_on_its_first_day(instant: str, week: str, month: str) -> None:
    assert began(instant) == (f"{week}T00:00:00Z", f"{month}T00:00:00Z")
