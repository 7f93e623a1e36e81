"""F8, F9, F10 and F13: the connection fails in every way, at every request of a poll of either registry."""

from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest

from tests.flow.disturbed import DAYS, EVERY_STEP, LARGEST, Pair, pair_at
from tests.standin import faults

SLOW = {
    "hang": faults.hang(30),
    "drip": faults.drip(0.02),
    "drip of headers": faults.drip(0.02, headers=True),
    "always continue": faults.always_continue(),
}
FAULTS = {
    "reset": faults.reset(),
    "no http": faults.no_http(),
    "many headers": faults.many_headers(),
    "cut": faults.cut(40),
    "cut, honestly": faults.cut(40, honest=True),
    "cut, no length said": faults.cut_unsaid(40),
    "cut gzip": faults.cut_gzip(0.5),
    "cut gzip, nearly whole": faults.cut_gzip(0.99),
    "cut chunks": faults.cut_chunks(40),
    "inflating": faults.inflating(4 * LARGEST),
    "inflating failure": faults.inflating(4 * LARGEST, status=503),
    "inflating redirect": faults.inflating(4 * LARGEST, status=301, location="/elsewhere"),
    "endless": faults.endless(),
    **SLOW,
}
# Each fault meets one step of each registry in every build, and all of them with --soak.
SAMPLE = [
    (kind, steps[number % len(steps)], name)
    for kind in ("pubmed", "ctgov")
    for steps in [[step for of, step in EVERY_STEP if of == kind]]
    for number, name in enumerate(FAULTS)
]
ALL = [(kind, step, name) for (kind, step), name in product(EVERY_STEP, FAULTS)]


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    """One pair of homes; each case is a day of its own."""
    with pair_at(tmp_path_factory.mktemp("homes")) as pair:
        yield pair


def one_case(pair: Pair, kind: str, step: str, name: str) -> None:
    pair.next_day()
    pair.disturb(kind, step, FAULTS[name])
    if name in SLOW:
        with pair.impatient():
            pair.fails(kind)
    else:
        pair.fails(kind)
    healed = pair.heals(kind)
    assert healed.stored >= 2  # what is new today, and what was revised


@pytest.mark.parametrize(("kind", "step", "name"), SAMPLE)
def test_a_broken_answer_stores_nothing_and_loses_nothing(
    pair: Pair, kind: str, step: str, name: str
) -> None:
    one_case(pair, kind, step, name)


def test_nobody_listens_and_then_somebody_does(pair: Pair) -> None:
    for kind in ("pubmed", "ctgov"):
        pair.next_day()
        with pair.disturbed.standin.down():
            failed = pair.fails(kind)
        assert "cannot be reached" in failed.error
        pair.heals(kind)


def test_a_turn_goes_on_without_its_registries_and_asks_again_when_the_pause_is_over(tmp_path: Path) -> None:
    with pair_at(tmp_path) as pair:
        pair.next_day()
        home = pair.disturbed
        with home.standin.down():
            failed = home.turn().polled
        assert [(item.source, item.ok) for item in failed] == [("pubmed", False), ("ctgov", False)]
        assert home.turn().polled == ()  # not due before its pause is over
        pair.later(minutes=6)
        turned = home.turn().polled
        assert [(item.source, item.ok, item.stored >= 2) for item in turned] == [
            ("pubmed", True, True),
            ("ctgov", True, True),
        ]
        assert [item.ok for item in pair.calm.turn().polled] == [True, True]
        for kind in ("pubmed", "ctgov"):
            hashes = [one.hashes(kind) for one in (pair.disturbed, pair.calm)]
            assert hashes[0] == hashes[1]
        home.quiet()


@pytest.mark.soak
@pytest.mark.parametrize("part", range(0, len(ALL), DAYS - 10))
def test_every_fault_at_every_request(tmp_path: Path, part: int) -> None:
    with pair_at(tmp_path) as pair:
        for kind, step, name in ALL[part : part + DAYS - 10]:
            one_case(pair, kind, step, name)
