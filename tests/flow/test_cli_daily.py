"""The verbs around a study's numbers say the same as the pages and refuse the same."""

import json
from pathlib import Path

import pytest

from living.errors import Exit
from tests.fakes import home_at
from tests.papers import pdf
from tests.terminal import typed

ALPHA = "pubmed:90000001"


@pytest.fixture
def place(tmp_path: Path) -> Path:
    with home_at(tmp_path / "home"):
        pass
    return tmp_path / "home"


def told(place: Path, *words: str) -> str:
    done = typed(place, *words)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_question_is_asked_answered_and_listed(place: Path) -> None:
    assert told(place, "ask", ALPHA, "Is 2.1 an SD?", "--as", "ann").startswith("Stored: 1 facts")
    assert told(place, "ask", ALPHA, "Is 2.1 an SD?", "--as", "ben").startswith("Nothing new")
    told(place, "answer", "q1", "answered", "--as", "ann", "--words", "It is.")
    (row,) = json.loads(told(place, "answer", "--json"))
    assert (row["status"], row["answer"], row["question"]) == ("answered", "It is.", "Is 2.1 an SD?")
    refused = typed(place, "answer", "q9", "asked", "--as", "ann")
    assert refused.returncode == Exit.BAD_INPUT
    assert "no question 'q9'" in refused.stderr


def test_full_texts_files_and_notes_are_kept(place: Path) -> None:
    told(place, "fulltext", ALPHA, "obtained", "--language", "Polish", "--as", "ann")
    file = place.parent / "alpha.pdf"
    file.write_bytes(pdf("one", "two"))
    assert told(place, "paper", ALPHA, str(file), "--as", "ann").startswith("Kept alpha.pdf, 2 pages")
    told(place, "note", ALPHA, "funder", "A public fund", "--as", "ann")
    half = typed(place, "note", ALPHA, "rescue", "Allowed", "--locator", "page 2", "--as", "ann")
    assert half.returncode == Exit.BAD_INPUT
    assert "a quote has a place and words" in half.stderr


def test_whoever_keeps_away_is_refused_until_it_is_lifted(place: Path) -> None:
    told(place, "recuse", ALPHA, "--reason", "my own trial", "--as", "ann")
    refused = typed(place, "screen", ALPHA, "include", "--as", "ann")
    assert refused.returncode == Exit.BAD_INPUT
    assert "keeps away from this study" in refused.stderr
    told(place, "recuse", ALPHA, "--lift", "--reason", "it was not", "--as", "ann")
    told(place, "screen", ALPHA, "include", "--as", "ann")


def test_the_proposal_says_what_would_be_published_and_binds_nothing(place: Path) -> None:
    found = json.loads(told(place, "proposal", "--json"))
    assert (found["version"], found["publishes"], found["decision"]["code"]) == (
        "v1.0",
        True,
        "first_version",
    )
    assert "would make v1.0" in told(place, "proposal")
    assert not list((place / "site").glob("toy/v*"))
