"""The verbs of searches at a terminal: try, the refusal to load, sign, load, list."""

import shutil
from pathlib import Path

import pytest

from living.errors import Exit
from tests.fakes import TOY
from tests.flow.test_cli import Desk, desk, ready, standin
from tests.flow.test_daemon import service, urls
from tests.standin import Standin

__all__ = ["desk", "ready", "standin"]
NARROW = '"invented remedy"[tiab] NOT BETA[ti]'
SIGN = ("--as", "ed", "--reason", "as the protocol says")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The topic's folder, in which somebody has changed the query of PubMed."""
    folder = Path(shutil.copytree(TOY, tmp_path / "edited" / "toy"))
    path = folder / "protocol.toml"
    text, query = path.read_text(encoding="utf-8"), '"invented remedy"[tiab]'
    changed = text.replace(f"query = '{query}'\nclauses = ['{query}']", f"query = '{NARROW}'")
    assert changed != text
    path.write_text(changed, encoding="utf-8")
    return folder


def test_a_changed_search_goes_from_try_to_load(desk: Desk, folder: Path) -> None:
    before = desk.dump()
    refused = desk("topics", "load", folder)
    assert refused.code == Exit.BAD_INPUT
    assert refused.err.count("\n") == 1
    assert f"living strategy try {folder}" in refused.err
    tried = desk("strategy", "try", folder)
    assert tried.code == 0
    assert "lost: 1 that must be listed, 0 others" in tried.out
    assert "! pubmed:90000002 (Beta 2021, included): The invented BETA trial" in tried.out
    assert "gained: 1: 90000006" in tried.out
    assert desk.dump() == before
    unnamed = desk("strategy", "sign", folder, *SIGN)
    assert unnamed.code == Exit.BAD_INPUT
    assert "--losing 90000002" in unnamed.err
    assert desk.dump() == before
    signed = desk("strategy", "sign", folder, "--losing", "90000002", *SIGN)
    assert signed.code == 0, signed.err
    assert f"It comes into force with `living topics load {folder}`." in signed.out
    assert "protocol activated" in desk("topics", "load", folder).out


def test_a_start_goes_on_with_the_search_in_force_and_says_so(
    desk: Desk, folder: Path, standin: Standin, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LIVING_TOPICS", str(folder.parent))
    with service(desk.home, topics=str(folder.parent), **urls(standin)) as running:
        running.until("toy: as before.")
        running.until("PubMed: 6 entries listed")  # BETA is among them
        assert "nobody has signed what it would lose" in running.said
        assert "living strategy try toy" in running.said
        assert running.stop() == 0
    assert "! PubMed: the topic's file holds another query" in desk("strategy", "list").out


def test_a_query_is_tried_as_it_is_typed(desk: Desk) -> None:
    tried = desk("strategy", "try", "toy", "--source", "pubmed", "--query", NARROW, "--json").json
    assert isinstance(tried, list)
    [trial] = tried
    assert (trial["found"], trial["in_force"]) == (5, False)
    assert [(lost["key"], lost["must_be_listed"]) for lost in trial["lost"]] == [("pubmed:90000002", True)]
    assert "finds" not in desk("strategy", "try").out
    assert "nothing to try" in desk("strategy", "try").out


def test_the_search_in_force_can_be_signed_as_it_is_read(desk: Desk) -> None:
    done = desk("strategy", "sign", "toy", "--source", "pubmed", *SIGN)
    assert "the search in force" in done.out
    assert "lost: 0 that must be listed, 0 others" in done.out
    assert "Signed." in done.out
    assert "Signed already" in desk("strategy", "sign", "toy", "--source", "pubmed", *SIGN).out
    listed = desk("strategy", "list")
    assert "signed by ed: as the protocol says" in listed.out
    assert 'read as: "invented remedy"[Title/Abstract]' in listed.out
    found = desk("strategy", "list", "--json").json
    assert isinstance(found, dict)
    assert [source["id"] for source in found["sources"]] == ["pubmed", "ctgov"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("try", "toy", "--query", NARROW), "Name one of them: pubmed, ctgov"),
        (("try", "toy", "--source", "embase"), "no source 'embase'"),
        (("try", "toy", "--source", "pubmed", "--query", " "), "no query was given"),
        (("try", "/nowhere/toy"), "no such file"),
        (("try", "nothing"), "no topic 'nothing'"),
        (("sign", "toy", "--source", "pubmed", "--as", "ed", "--reason", " "), "says nothing"),
        (("sign", "toy", "--source", "pubmed", "--as", "Not An Id", "--reason", "x"), "cannot be a person"),
    ],
)
def test_bad_input_is_one_line_and_changes_nothing(desk: Desk, arguments: tuple[str, ...], said: str) -> None:
    before = desk.dump()
    found = desk("strategy", *arguments)
    assert found.code == Exit.BAD_INPUT
    assert said in found.err
    assert found.err.count("\n") == 1
    assert desk.dump() == before


def test_a_registry_that_reads_the_query_otherwise_refuses(desk: Desk, standin: Standin) -> None:
    before = desk.dump()
    arguments = ("toy", "--source", "pubmed", "--query", "BETA[ti] AND abcxyz")
    for verb in (("try",), ("sign", *SIGN)):
        found = desk("strategy", *verb, *arguments)
        assert found.code == Exit.SOURCE
        assert "did not search for all of our query" in found.err
    assert desk.dump() == before
