"""Other reviews' prints from the file to the ledger, the command line, the page and the tables."""

import csv
import io
import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from living.errors import UserError
from living.model.facts import PublishedPool
from living.service.checks import check_folder
from living.service.reconciled import reconciled
from living.service.start import first_version
from living.service.topics import PUBLISHED, load_topic
from tests.fakes import TOY, Home, home_at
from tests.terminal import typed
from tests.unit.review.test_published import TEXT

CORRECTED = """
[[reviews.results]]
id = "a-2020-ache"
available_from = "2021"
outcome = "Ache"
measure = "MD"
unit = "points on 0-10"
estimate = "-1.00"
low = "-1.78"
high = "-0.22"
tau2_method = "CE"
interval_method = "wald"
analysis = "ache"
inputs = [
  { label = "Alpha 2020", study = "pubmed:90000001", estimate = -1.0, se = 0.4, comparison = "placebo" },
]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    found = tmp_path / "topics" / "toy"
    shutil.copytree(TOY, found)
    (found / PUBLISHED).write_text(TEXT, encoding="utf-8")
    return found


@pytest.fixture
def home(tmp_path: Path, folder: Path) -> Iterator[Home]:
    with home_at(tmp_path / "home", topics=(folder,)) as found:
        yield found


def prints(home: Home) -> list[PublishedPool]:
    return [fact for _, fact in home.house.store.state("toy").of_kind(PublishedPool)]


def test_loading_twice_adds_nothing_and_a_new_print_supersedes(home: Home, folder: Path) -> None:
    assert [fact.estimate for fact in prints(home)] == ["-0.50"]
    assert load_topic(home.house, folder).facts == 0
    (folder / PUBLISHED).write_text(TEXT + CORRECTED, encoding="utf-8")
    assert load_topic(home.house, folder).facts == 1
    assert load_topic(home.house, folder).facts == 0
    assert [fact.estimate for fact in prints(home)] == ["-0.50", "-1.00"]
    (folder / PUBLISHED).write_text(TEXT, encoding="utf-8")
    assert load_topic(home.house, folder).facts == 1  # taken back to the first print: said again
    assert [out.pool.estimate for out in reconciled(home.house, "toy")] == ["-0.50"]


def test_a_fault_in_the_file_leaves_the_ledger_as_it_was(home: Home, folder: Path) -> None:
    before = home.head()
    (folder / PUBLISHED).write_text(TEXT.replace('"-0.50"', '"half"'), encoding="utf-8")
    with pytest.raises(UserError, match=r"published.toml.*'half' is no number"):
        load_topic(home.house, folder)
    assert home.head() == before


def test_a_topic_without_the_file_has_no_other_reviews(tmp_path: Path) -> None:
    with home_at(tmp_path / "plain") as plain:
        assert reconciled(plain.house, "toy") == ()
        first_version(plain.house, "toy")
        assert not plain.site("v1.0/reviews.html").exists()
        assert 'id="reviews"' not in plain.page("v1.0/index.html")


def test_a_version_has_its_page_its_tables_and_passes_its_checks(home: Home, folder: Path) -> None:
    (folder / PUBLISHED).write_text(TEXT + CORRECTED, encoding="utf-8")
    load_topic(home.house, folder)
    first_version(home.house, "toy")
    assert check_folder(home.site("v1.0")) == []
    assert 'href="reviews.html#review-a-2020-ache"' in home.page("v1.0/index.html")
    page = home.page("v1.0/reviews.html")
    assert "\N{MINUS SIGN}1.00 (\N{MINUS SIGN}1.78 to \N{MINUS SIGN}0.22)" in page
    assert "common effect, z interval, from the inputs printed with it" in page
    assert "Two studies not among theirs" in page
    (row,) = csv.DictReader(io.StringIO(home.page("v1.0/data/raw/published.csv")))
    assert (row["estimate"], row["reproduction"], row["again_estimate"]) == ("-1.00", "reproduced", "-1")
    ways = list(csv.DictReader(io.StringIO(home.page("v1.0/data/raw/published-walks.csv"))))
    assert [way["cause"] for way in ways] == ["inputs", "added", "method"]
    pool = json.loads(home.page("v1.0/snapshot.json"))["comparisons"][0]["analyses"][0]["pool"]
    assert float(ways[-1]["after"]) == pool["estimate"]


def test_the_command_line_tells_the_same(home: Home, folder: Path) -> None:
    (folder / PUBLISHED).write_text(TEXT + CORRECTED, encoding="utf-8")
    load_topic(home.house, folder)
    told = typed(home.path, "reconcile", "toy")
    assert told.returncode == 0, told.stderr
    assert told.stdout.splitlines()[0] == "A 2020: Ache: -1.00 (-1.78 to -0.22), MD"
    assert "reproduced: common effect, z interval, from the inputs printed with it" in told.stdout
    assert "step 1: Their inputs pooled again by their rule" in told.stdout
    (found,) = json.loads(typed(home.path, "reconcile", "--json").stdout)
    (ours,) = reconciled(home.house, "toy")
    assert found == json.loads(ours.model_dump_json())


def test_a_topic_without_prints_says_so_on_the_command_line(tmp_path: Path) -> None:
    with home_at(tmp_path / "plain") as plain:
        assert typed(plain.path, "reconcile").stdout == "No result of another review is entered.\n"
