"""Nothing of a first reader's work leaves the house, or reaches a colleague, before the second has handed in.

Planted numbers, words and places of one reader are looked for in every byte of the site, of every page of the
workbench as every other person sees it, and of what the command line prints.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator

import pytest

from living.cli.main import main
from living.model.facts import Judgement, ScreeningVote
from living.model.values import digest
from living.review.names import cell_id
from living.service.people import submit_form
from living.service.policy import Role
from living.service.saying import say
from living.service.topics import evidence_of
from living.web.desk.routes import ROUTES
from tests.fakes import environment, form
from tests.workbench.asking import STUDY, address, seated
from tests.workbench.conftest import Client, Desk

PLANTED = ("3.4871", "4871", "sentinel", "13w", "13 weeks", "2.0193")
# `13 weeks` says which cell was read; nothing else of the topic is of that time.
FORM = (
    form(STUDY, mean=3.4871, spread=2.0193, label="Sentinel 2031")
    .replace('locator = "abstract"', 'locator = "sentinel table"')
    .replace("the mean was", "SENTINEL the mean was")
    .replace("cell.weeks = 12", "cell.weeks = 13")
    .replace('label = "Invented remedy"', 'label = "Sentinel remedy"')
    .replace('condition = "Invented ache"', 'condition = "Sentinel ache"')
    + 'notes = "SENTINEL note"\npopulation = "completers"\n'
)


@pytest.fixture
def house(desk: Desk) -> Desk:
    """Ann has read, voted and judged one study, each as the first of two; a turn has published."""
    ann = desk.person("ann", "extractor", "screener")
    home = desk.home.house
    submit_form(home, "toy", FORM, "form.toml", ann.id)
    vote = ScreeningVote(record=STUDY, vote="exclude", criterion="X1", reason="SENTINEL reason")
    judged = Judgement(
        tool="rob2",
        subject=f"{STUDY} ache",
        judged=digest("sentinel"),
        overall="high",
        domains=(("D1", "high", "SENTINEL domain"),),
        reason="SENTINEL judgement",
        round="alone",
    )
    say(home, "toy", ann.id, lambda _: [vote, judged])
    desk.home.forward(minutes=5)
    desk.home.turn()
    return desk


# Hashes and tokens, in which a few letters may stand by chance: hexadecimal, and what is secret of a session.
CHANCE = re.compile(r"\b(?=[0-9]*[a-f])[0-9a-f]{12,}\b|(?<![\w-])(?=[0-9-]*[a-z_])[\w-]{43}(?![\w-])")


def planted(text: str) -> list[str]:
    searched = CHANCE.sub("", text.casefold())
    return [word for word in PLANTED if word in searched]


def others(desk: Desk) -> Iterator[Client]:
    """A colleague of every role, one of all roles, and another reader."""
    for role in Role:
        yield desk.person(f"r-{role.value}", role)
    yield desk.person("all-roles", *Role)


def addresses(desk: Desk) -> Iterator[str]:
    """Every page that can be asked for, with the usual objects and with those that somebody might guess."""
    evidence = evidence_of(desk.home.house, "toy")
    ann = desk.people["ann"].id
    lines = [line.seq for line in evidence.state.lines if line.by == ann]
    cells = {cell_id(item.cell) for item in evidence.readings.open}
    for route in ROUTES:
        if route.method != "GET":
            continue
        yield address(route)
        for name in set(re.findall(r"\{([a-z_]+)", route.path)) - {"topic", "study"}:
            guesses = [*(str(seq) for seq in lines), *cells, "ache", "toy.csv", "long.csv", "wide.xlsx"]
            yield from (address(route, **{name: guess}) for guess in guesses)
    yield from (f"/desk/toy/read/{STUDY}?cell={name}" for name in cells)
    yield from (f"/desk/toy/audit/?{query}" for query in ("kind=extraction", f"by={ann}", f"study={STUDY}"))


def test_the_plant_is_there_to_be_found(house: Desk) -> None:
    """Ann sees her own words somewhere; otherwise the search below would prove nothing."""
    ann = house.people["ann"].id
    said = [line for line in evidence_of(house.home.house, "toy").state.lines if line.by == ann]
    assert len(said) == 4
    assert all(planted(line.model_dump_json()) for line in said)
    client = seated(house, ann)
    pages = [client.get(f"/desk/toy/{place}/{STUDY}").text for place in ("study", "screen", "daily")]
    assert any(planted(page) for page in pages)


def test_no_colleague_of_any_role_finds_any_of_it_on_any_page(house: Desk) -> None:
    asked = 0
    for client in others(house):
        fresh = seated(house, client.id)
        for place in addresses(house):
            reply = fresh.get(place)
            told = planted(reply.body.decode(errors="replace"))
            found = [word for word in told if word not in place]  # a page may name what it was asked for
            assert not found, (place, client.id, found)
            assert not planted(str(reply.headers)), place
            asked += reply.status == 200
    assert asked > 100


def test_no_file_of_the_site_holds_any_of_it(house: Desk) -> None:
    site = house.home.house.settings.site
    files = [path for path in site.rglob("*") if path.is_file()]
    assert len(files) > 50
    for path in files:
        assert not planted(path.read_bytes().decode(errors="replace")), path
    served = [f"/{path.relative_to(site)}" for path in files if path.suffix in (".html", ".json", ".xml")]
    stranger = house.stranger()
    for place in (*served, f"/toy/study/{STUDY}", "/toy/status.json", "/toy/feed.xml"):
        reply = stranger.get(place)
        assert not planted(reply.text + str(reply.headers)), place


COMMANDS = (
    ("queue", "--json"),
    ("queue",),
    ("studies", "--json"),
    ("studies",),
    ("status", "--json"),
    ("status",),
    ("versions", "--json"),
    ("extract", "form", STUDY),
    ("extract", "export", "--as", "ben"),
    ("verify", "--store"),
)


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_the_command_line_prints_none_of_it(
    house: Desk,
    command: tuple[str, ...],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name, value in environment(house.home.path).items():
        if name.startswith("LIVING_"):
            monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "argv", ["living", *command])
    capsys.readouterr()
    with pytest.raises(SystemExit):
        main()
    printed = capsys.readouterr()
    assert printed.out + printed.err
    assert not planted(printed.out + printed.err)


def test_what_the_second_reader_does_wrong_tells_nothing_of_the_first(house: Desk) -> None:
    """Not even a refusal of the same cell, or of a form that contradicts the first."""
    ben = house.person("ben", "extractor")
    for text in (FORM.replace("3.4871", "99.5"), FORM.replace('"ache"', '"no-such"', 1)):
        with pytest.raises(Exception) as refused:  # noqa: PT011 - whatever it says must say nothing of ann
            submit_form(house.home.house, "toy", text, "form.toml", ben.id)
        assert "3.4871" not in str(refused.value)


def test_all_of_it_is_there_once_the_second_has_handed_in(house: Desk) -> None:
    ben = house.person("ben", "extractor")
    why = 'reasons = [["over_enrolment", "The register counts another trial"]]'
    submit_form(house.home.house, "toy", form(STUDY, extra=why), "form.toml", ben.id)
    judge = house.person("jane", "adjudicator")
    page = judge.get(f"/desk/toy/settle/{STUDY}")
    assert page.status == 200
    assert "3.4871" in page.text
    assert "SENTINEL the mean was" in page.text
