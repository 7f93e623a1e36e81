"""Nothing ships undocumented: every verb, option, setting and exit code is in README.md."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer.main

from living.cli.main import app
from living.config import Settings
from living.errors import Exit

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def readme() -> str:
    return (ROOT / "README.md").read_text(encoding="utf-8")


def commands(command: Any, name: str = "living") -> Iterator[tuple[str, Any]]:
    """Every verb with its whole name, and what typer makes of it."""
    inner = getattr(command, "commands", None)
    if inner is None:
        yield name, command
        return
    for word, item in inner.items():
        yield from commands(item, f"{name} {word}")


VERBS = dict(commands(typer.main.get_command(app)))


def test_there_are_verbs_to_document() -> None:
    assert {"living run", "living poll", "living extract submit", "living topics load"} <= VERBS.keys()


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_says_what_it_does_and_what_each_option_means(verb: str) -> None:
    command = VERBS[verb]
    assert command.help, verb
    silent = [
        item.name for item in command.params if item.name != "help" and not getattr(item, "help", "said")
    ]
    assert silent == [], verb


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_and_option_is_in_the_readme(readme: str, verb: str) -> None:
    assert re.search(rf"`{verb.removeprefix('living ')}[ `]", readme)
    options = {name for item in VERBS[verb].params for name in item.opts if name.startswith("--")} - {
        "--help"
    }
    assert {name for name in options if name not in readme} == set()


def test_every_setting_is_in_the_readme(readme: str) -> None:
    assert [name for name in Settings.model_fields if f"LIVING_{name.upper()}" not in readme] == []


@pytest.mark.parametrize("code", Exit)
def test_every_exit_code_is_explained_in_the_readme_and_in_the_runbook(readme: str, code: Exit) -> None:
    runbook = (ROOT / "deploy" / "RUNBOOK.md").read_text(encoding="utf-8")
    explained = readme.partition("Exit codes:")[2].partition("\n\n")[0]
    assert re.search(rf"(^|; ?|\n){int(code)} \w+", explained.strip())
    assert re.search(rf"^\| {int(code)} \| \w+", runbook, re.MULTILINE)
