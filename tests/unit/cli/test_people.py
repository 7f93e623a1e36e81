"""The verbs about people on the command line, and that nobody speaks there without the right to."""

import ast
import re
from pathlib import Path

import pytest

from tests.fakes import TOY
from tests.terminal import typed

ROOT = Path(__file__).resolve().parents[3]
VERBS = sorted((ROOT / "living" / "cli").glob("*.py"))


def speaking(source: str) -> list[tuple[str, bool]]:
    """Every verb that takes a person, and whether it asks, itself or through a function of its module."""
    made = [node for node in ast.parse(source).body if isinstance(node, ast.FunctionDef)]
    asking = {node.name for node in made if "speaker" in called_in(node)}
    return [
        (node.name, bool(called_in(node) & {"speaker", *asking}))
        for node in made
        if any(isinstance(one.annotation, ast.Name) and one.annotation.id == "As" for one in node.args.args)
    ]


def called_in(node: ast.FunctionDef) -> set[str]:
    return {
        call.func.id
        for call in ast.walk(node)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name)
    }


def test_the_rule_sees_a_verb_that_does_not_ask() -> None:
    assert speaking("def say(by: As) -> None:\n    shout(by)") == [("say", False)]
    assert speaking("def say(by: As) -> None:\n    shout(speaker(by))") == [("say", True)]
    through = "def say(by: As) -> None:\n    ask(by)\ndef ask(by: str) -> None:\n    speaker(by)"
    assert speaking(through) == [("say", True)]


@pytest.mark.parametrize("path", VERBS, ids=lambda path: path.stem)
def test_every_verb_that_takes_a_person_asks_whether_they_may(path: Path) -> None:
    assert [name for name, asks in speaking(path.read_text(encoding="utf-8")) if not asks] == []


def test_people_are_invited_given_roles_and_closed_from_the_command_line(tmp_path: Path) -> None:
    home = tmp_path / "home"
    assert typed(home, "topics", "load", str(TOY)).returncode == 0
    nobody = typed(home, "people", "list")
    assert "people first" in nobody.stdout
    assert re.search(r"http://127\.0\.0\.1:8080/desk/link/[\w-]{43}", typed(home, "people", "first").stdout)
    invited = typed(home, "people", "invite", "Ann Example", "extractor", "--topic", "toy")
    found = re.search(r"Ann Example is (p-[a-z0-9]{10}) on the ledger", invited.stdout)
    assert found, invited.stderr
    assert typed(home, "people", "grant", found[1], "editor").stdout == "The role is given.\n"
    assert "was held already" in typed(home, "people", "grant", found[1], "editor").stdout
    assert "not held" in typed(home, "people", "take", found[1], "screener").stdout
    shown = typed(home, "people", "list", "--json").stdout
    assert '"editor"' in shown
    assert typed(home, "people", "close", found[1], "--erase").returncode == 0
    assert "Ann Example" not in typed(home, "people", "list", "--json").stdout


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("grant", "nobody", "editor"), "no such account"),
        (("invite", "Ann", "queen"), "no such role"),
        (("invite", "Ann", "administrator", "--topic", "toy"), "every topic"),
        (("invite", "Ann", "editor", "--topic", "elsewhere"), "no such topic"),
        (("invite", "", "editor"), "not a name"),
        (("invite", "Ann", "editor", "--address", "ann@x>\nBcc: all@example.org"), "not an e-mail address"),
    ],
)
def test_what_cannot_be_is_refused_with_what_to_do(tmp_path: Path, words: tuple[str, ...], told: str) -> None:
    home = tmp_path / "home"
    typed(home, "topics", "load", str(TOY))
    done = typed(home, "people", *words)
    assert done.returncode == 4
    assert told in done.stderr
    assert done.stderr.count("\n") == 1


def test_with_accounts_only_those_whose_roles_allow_it_speak(tmp_path: Path) -> None:
    home = tmp_path / "home"
    typed(home, "topics", "load", str(TOY))
    typed(home, "people", "invite", "Ann Example", "extractor", "--topic", "toy")
    done = typed(home, "link", "a:1", "a:2", "different", "--as", "ann", "--why", "no")
    assert done.returncode == 4
    assert "nobody with this login or id may act here" in done.stderr
