"""Who wants which letter."""

from itertools import pairwise
from typing import get_args

import pytest

from living.model.decision import Code
from living.service.letters import LEVELS, wants
from living.store.subscribers import Wish

CODES: tuple[Code, ...] = get_args(Code)
WANTED = {
    "retraction": {"retraction", "concern"},
    "conclusions": {"retraction", "concern", "conclusions_changed"},
    "new_study": {
        "retraction", "concern", "conclusions_changed", "conclusions_confirmed", "first_version",
        "new_evidence", "methods_change",
    },
    "every_bulletin": set(CODES),
}  # fmt: skip


def test_the_levels_are_those_that_the_store_knows() -> None:
    assert set(LEVELS) == set(get_args(Wish)) == set(WANTED)


@pytest.mark.parametrize("level", LEVELS)
def test_a_level_gets_its_kinds_of_news_and_no_other(level: str) -> None:
    assert {code for code in CODES if wants(level, code)} == WANTED[level]


def test_a_wider_level_gets_all_that_a_narrower_one_gets() -> None:
    narrow_to_wide = [WANTED[level] for level in ("retraction", "conclusions", "new_study", "every_bulletin")]
    assert all(one < other for one, other in pairwise(narrow_to_wide))
