"""What people and programs are shown."""

import json
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import pytest

from living.cli.terminal import print_json, print_table
from living.cli.watch import told
from living.service.poll import Polled
from tests.factories import decision


class Colour(StrEnum):
    RED = "red"


@dataclass(frozen=True)
class Found:
    name: str
    colour: Colour
    place: Path


def test_any_answer_becomes_one_line_of_json(capsys: pytest.CaptureFixture[str]) -> None:
    print_json([Found("Zoë", Colour.RED, Path("/x")), decision()])
    said = capsys.readouterr().out
    assert said.count("\n") == 1
    found = json.loads(said)
    assert found[0] == {"name": "Zoë", "colour": "red", "place": "/x"}
    assert found[1]["code"] == "no_new_evidence"


def test_an_empty_table_is_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(("Key", "Why"), [], "Nothing waits.")
    assert capsys.readouterr().out == "Nothing waits.\n"


def test_a_key_is_shown_whole_however_long_its_neighbours_are(capsys: pytest.CaptureFixture[str]) -> None:
    key = "pubmed:" + "9" * 30
    print_table(("Study", "Key"), [("A very long label of a study " * 5, key)], "")
    assert key in capsys.readouterr().out


def test_what_is_shown_is_never_read_as_markup(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(("Study", "Key"), [("[red]A[/red]", "x:1")], "")
    assert "[red]A[/red]" in capsys.readouterr().out


def test_a_search_is_told_in_one_line_whether_it_went_well_or_not() -> None:
    fine = Polled("toy", "pubmed", "PubMed", True, listed=5, fetched=2, stored=1, absent=1)
    assert told(fine).startswith("PubMed: 5 entries listed, 1 new or changed, 1 listed and not received.")
    failed = Polled("toy", "pubmed", "PubMed", False, error="pubmed: no answer")
    assert told(failed).startswith("PubMed: not searched: pubmed: no answer.")
    assert "\n" not in told(fine) + told(failed)
