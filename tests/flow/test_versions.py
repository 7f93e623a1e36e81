"""How versions follow each other: methods and data apart, old evidence again when due, any two compared."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from living.model.facts import Release
from living.publish.verify import verify_folder
from living.review.recompute import recompute
from living.service import differences
from living.service.checks import check_store, rebuild
from living.service.differences import difference_of, present_differences
from living.service.people import sign
from living.service.publish import present, publish_bound
from living.service.refresh import refresh
from living.service.topics import load_topic
from tests.fakes import (
    EPSILON,
    TOY,
    Home,
    articles,
    epsilon_article,
    form,
    home_at,
    opened,
    site_of,
    toy_records,
)
from tests.terminal import typed

MODEL = ('interval = "HK-guarded"', 'interval = "wald"')
RULE = ('[update_rule]\nversion = "1"', '[update_rule]\nversion = "2"')


class Killed(BaseException):
    """The program ends here, as by a power cut."""


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    """The invented topic with its first version; EPSILON appears on 10 February."""
    with home_at(tmp_path, toy_records(articles(epsilon_article(), since="2026-02-10"))) as home:
        home.turn()
        yield home
        assert check_store(home.house) == []
        home.quiet()


@pytest.fixture
def quiet(tmp_path: Path) -> Iterator[Home]:
    """The invented topic with its first version, and registries in which nothing ever happens."""
    with home_at(tmp_path / "quiet", toy_records()) as home:
        home.turn()
        yield home
        assert check_store(home.house) == []
        home.quiet()


def releases(home: Home) -> list[Release]:
    return [release for _, release in home.house.store.state("toy").releases]


def told(home: Home) -> list[tuple[str, str]]:
    return [(release.version, release.decision.code) for release in releases(home)]


def other_protocol(home: Home, *replacements: tuple[str, str]) -> None:
    """Load the topic with some passages of its protocol replaced."""
    folder = home.path / "edited" / "toy"
    folder.mkdir(parents=True, exist_ok=True)
    text = (TOY / "protocol.toml").read_text(encoding="utf-8")
    for old, new in replacements:
        assert old in text
        text = text.replace(old, new)
    (folder / "protocol.toml").write_text(text, encoding="utf-8")
    load_topic(home.house, folder)


def epsilon_is_read(home: Home, mean: float = 3.5) -> None:
    home.read(form(mean=mean))


def epsilon_is_found(home: Home) -> None:
    home.move_to("2026-02-11T06:00:00")
    home.poll()
    home.include(EPSILON)


def versions_are_true(home: Home) -> None:
    for version in home.versions:
        assert verify_folder(home.site(version), recompute) == []
        assert rebuild(home.house, "toy", version).findings == ()


# --- the same evidence ----------------------------------------------------------------------------


def test_a_year_without_a_change_makes_a_version_of_the_same_evidence(quiet: Home) -> None:
    quiet.move_to("2027-01-31T06:00:00")
    quiet.turn()
    assert quiet.versions == ["v1.0"]
    quiet.move_to("2027-02-02T07:00:00")
    quiet.turn()
    assert told(quiet) == [("v1.0", "first_version"), ("v1.1", "scheduled_version")]
    first, second = releases(quiet)
    assert second.digest == first.digest
    assert [item.to for item in second.searched] == ["2027-02-02"] * 2
    quiet.forward(hours=2)
    quiet.turn()
    assert quiet.versions == ["v1.0", "v1.1"]
    quiet.move_to("2028-02-03T07:00:00")
    quiet.turn()
    assert told(quiet)[-1] == ("v1.2", "scheduled_version")
    codes = [item.decision.code for item in quiet.house.store.decisions("toy")]
    assert codes.count("scheduled_version") == 2
    assert quiet.site("latest").resolve() == quiet.site("v1.2").resolve()
    versions_are_true(quiet)


def test_old_evidence_is_not_published_again_when_no_source_was_searched_since(quiet: Home) -> None:
    quiet.move_to("2027-03-01T06:00:00")
    assert refresh(quiet.house, "toy").version == ""
    quiet.poll()
    assert refresh(quiet.house, "toy").version == "v1.1"
    publish_bound(quiet.house, "toy")
    present(quiet.house, "toy")


def test_identical_reruns_are_one_decision_and_no_version(quiet: Home) -> None:
    refresh(quiet.house, "toy")
    before = quiet.house.store.decisions("toy")
    head = quiet.head()
    for _ in range(3):
        quiet.forward(hours=5)
        refresh(quiet.house, "toy")
    assert quiet.house.store.decisions("toy") == before
    assert before[-1].decision.code == "no_new_evidence"
    assert (quiet.head(), quiet.versions) == (head, ["v1.0"])


# --- methods and data -----------------------------------------------------------------------------


def test_methods_that_change_between_two_changes_of_data_make_three_versions(home: Home) -> None:
    epsilon_is_found(home)
    epsilon_is_read(home)
    other_protocol(home, MODEL)
    home.forward(hours=1)
    epsilon_is_read(home, mean=3.6)
    turned = home.turn()
    assert turned.refreshed.versions == ("v2.0", "v3.0", "v3.1")
    assert told(home)[1:] == [("v2.0", "new_evidence"), ("v3.0", "methods_change"), ("v3.1", "correction")]
    data, methods, later = releases(home)[1:]
    assert methods.upto is not None
    assert (data.upto, later.upto) == (methods.upto - 1, None)
    kinds = [{cause.kind for cause in release.decision.causes} for release in releases(home)[1:]]
    assert [("methods" in found, bool(found & {"added", "correction"})) for found in kinds] == [
        (False, True),
        (True, False),
        (False, True),
    ]
    assert home.versions == ["v1.0", "v2.0", "v3.0", "v3.1"]
    versions_are_true(home)


def test_a_version_bound_late_claims_no_search_whose_finds_it_does_not_hold(home: Home) -> None:
    epsilon_is_found(home)
    epsilon_is_read(home)
    other_protocol(home, MODEL)
    home.move_to("2026-03-01T06:00:00")
    home.turn()
    data, methods = ({item.source: item.to for item in release.searched} for release in releases(home)[1:])
    assert data == {"pubmed": "2026-02-11", "ctgov": "2026-02-02"}
    assert methods == {"pubmed": "2026-03-01", "ctgov": "2026-03-01"}
    versions_are_true(home)


def test_the_update_rule_alone_makes_a_version_of_its_own(home: Home) -> None:
    epsilon_is_found(home)
    other_protocol(home, RULE)
    epsilon_is_read(home)
    assert home.turn().refreshed.versions == ("v2.0", "v3.0")
    assert [code for _, code in told(home)[1:]] == ["methods_change", "new_evidence"]
    assert releases(home)[1].decision.reason.startswith("rule 2: the protocol changed: update rule")


def test_methods_that_change_twice_with_nothing_said_in_between_change_once(home: Home) -> None:
    other_protocol(home, MODEL)
    other_protocol(home, MODEL, RULE)
    assert home.turn().refreshed.versions == ("v2.0",)


def test_another_sentence_and_other_data_may_share_a_version(home: Home) -> None:
    epsilon_is_found(home)
    other_protocol(home, ("Two invented trials, too few", "Two trials, too few"))
    epsilon_is_read(home)
    assert home.turn().refreshed.versions == ("v2.0",)


@pytest.mark.parametrize("place", ["refresh.decided", "refresh.bound"])
def test_killed_between_data_and_methods_the_rest_is_done_at_the_next_start(home: Home, place: str) -> None:
    epsilon_is_found(home)
    epsilon_is_read(home)
    other_protocol(home, MODEL)

    def dies(name: str) -> None:
        if name == place:
            raise Killed

    home.house.failpoint = dies
    with pytest.raises(Killed):
        home.turn()
    home.house.failpoint = lambda _: None
    home.turn()
    assert told(home)[1:] == [("v2.0", "new_evidence"), ("v3.0", "methods_change")]
    assert [item.decision.code for item in home.house.store.decisions("toy")][-2:] == [
        "new_evidence",
        "methods_change",
    ]
    versions_are_true(home)


# --- conclusions ----------------------------------------------------------------------------------


def test_a_conclusion_signed_on_a_later_version_is_held_against_the_one_signed_before(home: Home) -> None:
    sign(home.house, "toy", "v1.0", "It may help.", "ed", "low")
    home.turn()
    epsilon_is_found(home)
    epsilon_is_read(home)
    home.turn()
    sign(home.house, "toy", "v2.0", "It helps.", "ed", "moderate")
    home.turn()
    assert [code for _, code in told(home)[1:]] == [
        "conclusions_confirmed",
        "new_evidence",
        "conclusions_confirmed",
    ]
    last = dict(releases(home)[-1].decision.inputs)
    assert last["conclusion signed before"].startswith("certainty low; ")
    assert dict(releases(home)[-1].decision.thresholds)["conclusion needs studies"] == "5"


# --- any two versions -----------------------------------------------------------------------------


@pytest.fixture
def four(home: Home) -> Home:
    epsilon_is_found(home)
    epsilon_is_read(home)
    other_protocol(home, MODEL)
    epsilon_is_read(home, mean=3.6)
    home.turn()
    return home


PAIRS = ("v1.0...v2.0", "v1.0...v3.0", "v1.0...v3.1", "v2.0...v3.0", "v2.0...v3.1", "v3.0...v3.1")


def test_every_pair_of_versions_has_a_page_and_a_document_that_sums(four: Home) -> None:
    assert sorted(path.name for path in four.site("diff").iterdir()) == list(PAIRS)
    for pair in PAIRS:
        found = json.loads(four.page(f"diff/{pair}/difference.json"))
        for course in found["courses"]:
            shifts = [move["shift"] for move in course["moves"]]
            if course["total"] is not None and None not in shifts:
                assert sum(shifts) == pytest.approx(course["total"], abs=1e-10)
        assert f"From {pair.replace('...', ' to ')}" in four.page(f"diff/{pair}/index.html")
    whole = json.loads(four.page("diff/v1.0...v3.1/difference.json"))
    assert {move["cause"] for move in whole["courses"][0]["moves"]} == {"methods", "added"}


def test_a_version_and_the_list_lead_to_what_changed(four: Home) -> None:
    assert '<a href="../diff/v2.0...v3.0/index.html">' in four.page("v3.0/index.html")
    assert "../diff/" not in four.page("v1.0/index.html")
    index = four.page("index.html")
    for pair in ("v3.0...v3.1", "v1.0...v3.1", "v1.0...v2.0"):
        assert f'<a href="diff/{pair}/index.html">' in index


def test_a_difference_that_stands_is_not_made_again_until_the_program_is_another(
    four: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = four.site("diff/v1.0...v2.0/index.html")
    page.write_text("as it was", encoding="utf-8")
    present(four.house, "toy")
    again = opened(four.path, four.clock)
    present_differences(again, "toy")
    assert page.read_text() == "as it was"
    four.house.compared.clear()
    monkeypatch.setattr(differences, "__version__", "another")
    present_differences(four.house, "toy")
    assert "From v1.0 to v2.0" in page.read_text()
    page.unlink()
    present_differences(four.house, "toy")
    assert page.is_file()
    again.store.close()


def test_of_many_versions_neighbours_and_pairs_with_the_latest_stand_ready_and_the_site_makes_the_others(
    four: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(differences, "ALL_PAIRS", 3)
    missing = four.site("diff/v1.0...v3.0/index.html")
    for path in four.site("diff").rglob("*.*"):
        if path.is_file():
            path.unlink()
    present_differences(four.house, "toy")
    assert not missing.is_file()
    assert four.site("diff/v1.0...v3.1/index.html").is_file()
    with site_of(four.house) as browser:
        page = browser.get("/toy/diff/v1.0...v3.0/")
        assert (page.status, "From v1.0 to v3.0" in page.text) == (200, True)
        document = browser.get("/toy/diff/v1.0...v3.0/difference.json")
        assert document.headers["content-type"] == "application/json"
        assert json.loads(document.body)["newer"]["version"] == "v3.0"
        assert browser.get("/toy/diff/v1.0...v3.1/").status == 200
        for nowhere in ("v3.0...v1.0", "v1.0...v9.9", "v1.0", "v1.0...v1.0", "..%2f..%2f"):
            assert browser.get(f"/toy/diff/{nowhere}/").status == 404, nowhere
        assert browser.get("/none/diff/v1.0...v3.0/").status == 404
        assert browser.get("/toy/diff/v1.0...v3.0/other.json").status == 404


def test_the_command_line_tells_a_difference_in_sentences_or_as_json(four: Home) -> None:
    said = typed(four.path, "diff", "toy", "v1.0", "v3.1")
    assert said.returncode == 0, said.stderr
    first, *moves = said.stdout.splitlines()
    assert first.startswith(
        "Ache intensity, remedy against placebo: −0.88 (−1.95 to 0.18; three studies) became"
    )
    assert moves[0].startswith("  Methods: interval HK-guarded became wald: ")
    assert moves[1].startswith("  Epsilon 2026 entered with ")
    found = json.loads(typed(four.path, "diff", "toy", "v1.0", "v3.1", "--json").stdout)
    stored = json.loads(four.page("diff/v1.0...v3.1/difference.json"))
    assert [course["said"] for course in found["courses"]] == [course["said"] for course in stored["courses"]]
    assert found["newer"]["version"] == "v3.1"
    for older, newer, why in (("v3.1", "v1.0", "is newer than"), ("v1.0", "v9.9", "no published version")):
        refused = typed(four.path, "diff", "toy", older, newer)
        assert (refused.returncode, why in refused.stderr) == (4, True)


def test_the_difference_of_two_versions_names_both(four: Home) -> None:
    found = difference_of(four.house, "toy", "v1.0", "v3.1")
    assert (found.older.version, found.newer.version) == ("v1.0", "v3.1")
    assert found.courses[0].id == found.headline == "ache"
