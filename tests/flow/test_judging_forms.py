"""Judgements from files: what the form asks is what the file answers, checked as on the page."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from living.errors import UserError
from living.service.judging_forms import form_of, hand_in
from living.service.topics import evidence_of
from tests.fakes import Home, home_at
from tests.terminal import typed

ALPHA = "pubmed:90000001"


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    with home_at(tmp_path / "home") as found:
        yield found


def filled(text: str, answer: str, judgement: str, overall: str) -> str:
    """Every question answered alike, every part judged alike."""
    text = re.sub(r'^("[\d.]+") = ""', rf'\1 = "{answer}"', text, flags=re.MULTILINE)
    text = text.replace('judgement = ""', f'judgement = "{judgement}"')
    return text.replace('overall = ""', f'overall = "{overall}"')


def trust(home: Home) -> None:
    text = filled(form_of(home.house, "toy", "trust", ALPHA), "no", "no_concerns", "no_concerns")
    for who in ("ann", "ben"):
        hand_in(home.house, "toy", "trust", ALPHA, "", text, "trust.toml", who)


def test_a_filled_form_of_each_tool_is_taken(home: Home) -> None:
    trust(home)
    text = form_of(home.house, "toy", "rob", ALPHA, "ache")
    answers = {"1.1": "Y", "1.2": "Y", "1.3": "N", "2.1": "N", "2.2": "N", "2.6": "Y", "3.1": "Y"} | {
        "4.1": "N", "4.2": "N", "4.3": "N", "5.1": "Y", "5.2": "N", "5.3": "N",
    }  # fmt: skip
    for name, answer in answers.items():
        text = text.replace(f'"{name}" = ""', f'"{name}" = "{answer}"')
    for who in ("ann", "ben"):
        hand_in(home.house, "toy", "rob", ALPHA, "ache", text, "rob.toml", who)
    (rob,) = evidence_of(home.house, "toy").basis.rob(ALPHA)
    assert (rob.overall, rob.variant, rob.assessors) == ("low", "parallel", ("ann", "ben"))
    grade = form_of(home.house, "toy", "grade", "ache")
    grade = filled(grade, "", "not_serious", "high")
    for up in ("large_effect", "dose_response", "opposing_bias"):
        head, _, rest = grade.partition(f"[domains.{up}]")
        grade = f"{head}[domains.{up}]{rest.replace('not_serious', 'none', 1)}"
    assert hand_in(home.house, "toy", "grade", "ache", "", grade, "grade.toml", "eve").facts == 1


def test_an_empty_form_is_refused_with_file_and_field(home: Home) -> None:
    text = form_of(home.house, "toy", "trust", ALPHA)
    with pytest.raises(UserError, match=r"trust\.toml, pubmed:90000001: 1\.1: choose an answer"):
        hand_in(home.house, "toy", "trust", ALPHA, "", text, "trust.toml", "ann")


def test_the_command_line_says_the_same_words(home: Home, tmp_path: Path) -> None:
    form = tmp_path / "trust.toml"
    made = typed(home.path, "judge", "form", "trust", ALPHA, "-o", str(form))
    assert made.returncode == 0, made.stderr
    form.write_text(filled(form.read_text(), "no", "no_concerns", "no_concerns"))
    said = typed(home.path, "judge", "trust", ALPHA, str(form), "--as", "ann")
    assert said.stdout.startswith("Stored: 1 facts"), said.stderr
    early = typed(home.path, "judge", "rob", ALPHA, "ache", str(form), "--as", "ann")
    assert early.returncode == 4
    assert "trustworthiness has not been settled" in early.stderr
    settle = typed(home.path, "judge", "trust", ALPHA, str(form), "--as", "eve", "--together")
    assert "nobody differs on it" in settle.stderr
