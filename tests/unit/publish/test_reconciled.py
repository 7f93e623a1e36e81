"""Other reviews on the page: digit for digit, review by review, light, and nothing they print can act."""

import csv
import io

import pytest

from living.model.snapshot import Snapshot
from living.publish.bundle import render_version
from living.publish.columns import PUBLISHED, WALKS
from living.publish.reconciled import PAGE, print_row, reviews, verdict, walk_rows
from living.review.published import known_then
from tests.unit.review.scenes import V2, ldn, seeded, version
from tests.unit.review.test_printed import pool
from tests.unit.review.test_reconcile import PRINTS

MOST_BYTES = 150_000  # of a version's page, whole
MINUS = "\N{MINUS SIGN}"


@pytest.fixture(scope="module")
def snapshot() -> Snapshot:
    return version(ldn(V2, *known_then(PRINTS, "2026-11-22")), "v2.0")


@pytest.fixture(scope="module")
def files(snapshot: Snapshot) -> dict[str, bytes]:
    return render_version(snapshot)


def test_every_review_stands_once_with_all_its_results(snapshot: Snapshot) -> None:
    found = {item.name: len(item.prints) for item in reviews(snapshot)}
    assert list(found.values()) == [5, 2, 1, 6, 4, 3, 4, 1]
    assert sum(found.values()) == len(snapshot.published) == 26


def test_hegde_2025_is_first_and_two_of_its_results_contradict(snapshot: Snapshot) -> None:
    first = reviews(snapshot)[0]
    assert first.name == "Hegde 2025"
    assert [one.out.pool.id for one in first.contradicting] == ["hegde-2025-pain", "hegde-2025-pain-active"]
    assert first.prints[0].printed == f"{MINUS}0.11 ({MINUS}0.96 to 0.74)"


def test_the_page_is_light_and_tells_the_contradictions_in_words(files: dict[str, bytes]) -> None:
    page = files["page.html"].decode()
    assert len(files["page.html"]) <= MOST_BYTES
    section = page[page.index('id="reviews"') : page.index('id="coming"')]
    assert len(section.encode()) < 8_000
    assert "P 0.31 contradicts the interval, which gives 0.800 by z and 0.762 by t on 6 df" in section
    assert "consistent only with Hartung-Knapp of two studies" in section


def test_every_result_is_on_the_page_of_reviews_with_its_fate(
    files: dict[str, bytes], snapshot: Snapshot
) -> None:
    page = files[PAGE].decode()
    assert all(f'id="{out.pool.id}"' in page for out in snapshot.published)
    assert page.count("Cannot be reproduced because the review prints no study-level numbers") >= 24
    assert page.count("Refused: a before-after change within one group is no comparison of two arms") == 2
    assert "A corrigendum was published (PMID 41469220" in page
    assert "<script" not in page


def test_the_tables_hold_every_result_and_every_step(files: dict[str, bytes], snapshot: Snapshot) -> None:
    rows = list(csv.DictReader(io.StringIO(files["data/raw/published.csv"].decode())))
    assert [row["id"] for row in rows] == [out.pool.id for out in snapshot.published]
    assert [(row["estimate"], row["low"], row["p"]) for row in rows[:2]] == [
        ("-0.11", "-0.96", "0.31"),
        ("-0.34", "-0.62", "0.0186"),
    ]
    steps = list(csv.DictReader(io.StringIO(files["data/raw/published-walks.csv"].decode())))
    assert len(steps) == sum(len(out.walk) for out in snapshot.published)
    assert len([*print_row(snapshot.published[0])]) == len(PUBLISHED.columns)
    assert {len(row) for row in walk_rows(snapshot.published[0])} == {len(WALKS.columns)}


def test_the_verdict_names_what_could_be_checked() -> None:
    given = {
        "contradicts": pool("0.5", "0.1", "0.2", id="a"),
        "consistent": pool("-0.34", "-0.62", "-0.06", "0.0186", id="b"),
        "no_p": pool("-0.34", "-0.62", "-0.06", id="c"),
        "not_checkable": pool("-0.34", id="d"),
    }
    outs = version(seeded(*given.values())).published
    assert [verdict(out) for out in outs] == list(given)


def test_what_a_review_prints_cannot_act_on_a_page() -> None:
    bad = "<script>alert(1)</script>"
    hostile = pool(
        "0.5", "0.1", "0.9", review=bad, outcome=bad, note=bad, read_in=bad, url="javascript:alert(1)"
    )
    made = render_version(version(seeded(hostile)))
    for name in ("page.html", PAGE):
        assert b"<script>alert" not in made[name]
        assert b"javascript:" not in made[name]
