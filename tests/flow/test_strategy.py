"""A changed search: what it would lose is shown, it is refused until signed, and then it comes into force."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from living.errors import SourceDown, SourceError, UserError
from living.model.surveillance import Strategy
from living.service.alarms import alarms
from living.service.start import first_version
from living.service.strategy import in_file, sign_search, source_named, try_search, with_query
from living.service.strategy_views import searches
from living.service.topics import QueryNotSigned, active, evidence_of, load_topic
from tests.fakes import TOY, Home, articles, at, home_at, toy_article, toy_records

QUERY, NARROW = '"invented remedy"[tiab]', '"invented remedy"[tiab] NOT BETA[ti]'
WIDE = '"invented remedy"[tiab] OR "invented balm"[tiab]'
BALM = toy_article(6, "BALM", title="The invented BALM trial of an invented balm")
BETA = "pubmed:90000002"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(TOY, tmp_path / "topics" / "toy"))


@pytest.fixture
def home(tmp_path: Path, folder: Path) -> Iterator[Home]:
    with home_at(tmp_path / "home", toy_records(articles(BALM)), topics=[folder]) as home:
        home.house.settings = home.house.settings.model_copy(update={"topics": folder.parent})
        first_version(home.house, "toy")
        home.turn()
        yield home
        home.quiet()


def edit(folder: Path, query: str, source: str = QUERY) -> None:
    path = folder / "protocol.toml"
    text = path.read_text(encoding="utf-8")
    changed = text.replace(f"query = '{source}'\nclauses = ['{source}']", f"query = '{query}'")
    assert changed != text
    path.write_text(changed, encoding="utf-8")


def query(home: Home) -> str:
    return source_named(home.house, "toy", "pubmed").query


def sign(home: Home, wanted: str, *losing: str) -> Strategy:
    source = with_query(source_named(home.house, "toy", "pubmed"), wanted)
    _, said = sign_search(home.house, "toy", source, "as the protocol says", "ed", losing=losing)
    assert said.facts == 1
    return [fact for _, fact in evidence_of(home.house, "toy").state.of_kind(Strategy)][-1]


# --- trying -------------------------------------------------------------------------------------------------


def test_a_try_shows_what_is_gained_and_lost_and_stores_answers_alone(home: Home) -> None:
    head, runs = home.head(), home.house.store.runs("toy", "pubmed")
    source = source_named(home.house, "toy", "pubmed")
    narrow = try_search(home.house, "toy", with_query(source, NARROW))
    assert (narrow.before, narrow.found, narrow.gained, narrow.in_force) == (4, 3, (), False)
    [lost] = narrow.compared.lost
    assert (lost.key, lost.study, lost.standing, lost.counts) == (BETA, "Beta 2021", "included", True)
    assert narrow.translation == '"invented remedy"[Title/Abstract] NOT "beta"[Title]'
    wide = try_search(home.house, "toy", with_query(source, WIDE))
    assert (wide.found, wide.gained, wide.compared.lost) == (5, ("90000006",), ())
    assert (home.head(), home.house.store.runs("toy", "pubmed")) == (head, runs)


def test_what_need_not_be_listed_is_lost_without_being_named(home: Home) -> None:
    fact = sign(home, '"invented remedy"[tiab] NOT DELTA[ti]')  # DELTA is excluded
    assert (fact.found, fact.lost, fact.gained, fact.lost_included) == (3, 1, 0, ())


def test_the_register_is_tried_like_pubmed(home: Home) -> None:
    source = source_named(home.house, "toy", "ctgov")
    trial = try_search(home.house, "toy", with_query(source, "another remedy"))
    assert [item.key for item in trial.compared.lost] == ["ctgov:NCT99000001"]
    assert trial.compared.lost_included == ("ctgov:NCT99000001",)


def test_only_what_the_file_changes_is_tried_unless_a_source_is_named(home: Home, folder: Path) -> None:
    assert in_file(home.house, "toy", folder, None) == ()
    edit(folder, NARROW)
    assert [source.query for source in in_file(home.house, "toy", folder, None)] == [NARROW]
    assert [source.id for source in in_file(home.house, "toy", folder, "ctgov")] == ["ctgov"]
    with pytest.raises(UserError, match="no source 'embase'"):
        in_file(home.house, "toy", folder, "embase")


# --- signing ------------------------------------------------------------------------------------------------


def test_a_loss_that_is_not_named_is_not_signed(home: Home) -> None:
    head = home.head()
    with pytest.raises(UserError, match=r"pubmed:90000002 \(Beta 2021\).*--losing 90000002"):
        sign(home, NARROW)
    assert home.head() == head
    assert sign(home, NARROW, "90000002").lost_included == (BETA,)


def test_signing_the_same_again_adds_nothing(home: Home) -> None:
    sign(home, WIDE)
    source = with_query(source_named(home.house, "toy", "pubmed"), WIDE)
    assert sign_search(home.house, "toy", source, "as the protocol says", "ed")[1].facts == 0


def test_a_signature_on_a_search_makes_no_version(home: Home) -> None:
    before = home.house.store.bulletins("toy")
    sign(home, WIDE)
    assert home.turn().refreshed.version == ""
    assert home.versions == ["v1.0"]
    assert home.house.store.bulletins("toy") == before


def test_nothing_is_signed_while_the_registry_does_not_answer(home: Home) -> None:
    head = home.head()
    with home.standin.down(), pytest.raises(SourceDown):
        sign(home, WIDE)
    assert home.head() == head


def test_a_query_that_is_not_read_as_a_whole_is_not_signed(home: Home) -> None:
    with pytest.raises(SourceError, match="did not search for all of our query"):
        sign(home, "BETA[ti] AND abcxyz")


# --- coming into force --------------------------------------------------------------------------------------


def test_a_changed_search_is_refused_until_it_is_signed(home: Home, folder: Path) -> None:
    head = home.head()
    edit(folder, NARROW)
    with pytest.raises(QueryNotSigned) as refused:
        load_topic(home.house, folder)
    assert "the search of pubmed was changed" in str(refused.value)
    assert "living strategy try toy" in str(refused.value)
    assert (home.head(), query(home)) == (head, QUERY)
    sign(home, NARROW, BETA)
    assert load_topic(home.house, folder).activated
    assert query(home) == NARROW
    home.forward(days=1)
    home.turn()
    census = home.house.store.last_complete("toy", "pubmed")
    assert census is not None
    assert (census.mode, census.details.found, census.details.canaries_missing) == ("census", 3, ())
    assert alarms(home.house, "toy") == ()  # the loss was accepted by name
    assert BETA in home.records()  # and the record itself is not lost


def test_losing_nothing_takes_a_signature_too(home: Home, folder: Path) -> None:
    edit(folder, WIDE)
    with pytest.raises(QueryNotSigned):
        load_topic(home.house, folder)
    sign(home, WIDE)
    assert load_topic(home.house, folder).activated


def test_the_signature_on_another_query_does_not_help(home: Home, folder: Path) -> None:
    sign(home, WIDE)
    edit(folder, NARROW)
    with pytest.raises(QueryNotSigned):
        load_topic(home.house, folder)


@pytest.mark.parametrize("instead", ["nothing", "by hand"])
def test_a_source_that_is_searched_no_longer_takes_a_signature_on_all_that_it_loses(
    home: Home, folder: Path, instead: str
) -> None:
    path = folder / "protocol.toml"
    text = path.read_text(encoding="utf-8")
    begin = text.index('[[sources]]\nid = "ctgov"')
    end = text.index("[[interventions]]", begin)
    by_hand = '[[sources]]\nid = "ctgov"\nlabel = "ClinicalTrials.gov"\nkind = "import"\n'
    path.write_text(text[:begin] + (by_hand if instead == "by hand" else "") + text[end:], encoding="utf-8")
    with pytest.raises(QueryNotSigned, match="the search of ctgov was changed"):
        load_topic(home.house, folder)
    [dropped] = in_file(home.house, "toy", folder, None)
    requests = home.house.gateway.requests
    trial = try_search(home.house, "toy", dropped)
    assert (trial.found, trial.before, home.house.gateway.requests) == (0, 1, requests), "nothing is asked"
    with pytest.raises(UserError, match="--losing NCT99000001"):
        sign_search(home.house, "toy", dropped, "moved to another topic", "ed")
    sign_search(home.house, "toy", dropped, "moved to another topic", "ed", losing=["NCT99000001"])
    assert load_topic(home.house, folder).activated
    assert [source.id for source in active(home.house, "toy")[1].sources if source.by_machine] == ["pubmed"]
    assert not [alarm for alarm in alarms(home.house, "toy") if alarm.source == "ctgov"]


def test_going_back_to_an_earlier_search_is_a_change_of_its_own(home: Home, folder: Path) -> None:
    sign(home, QUERY)
    sign(home, WIDE)
    old = (folder / "protocol.toml").read_text(encoding="utf-8")
    edit(folder, WIDE)
    load_topic(home.house, folder)
    (folder / "protocol.toml").write_text(old, encoding="utf-8")
    with pytest.raises(QueryNotSigned):
        load_topic(home.house, folder)
    home.turn()
    assert sign(home, QUERY).lost == 1  # BALM was found by the wider search
    assert load_topic(home.house, folder).activated


def test_other_changes_of_the_protocol_need_no_signature_and_void_none(home: Home, folder: Path) -> None:
    sign(home, WIDE)
    path = folder / "protocol.toml"
    path.write_text(path.read_text(encoding="utf-8") + "\n# a remark\n", encoding="utf-8")
    assert load_topic(home.house, folder).activated
    edit(folder, WIDE)
    assert load_topic(home.house, folder).activated


def test_a_source_that_was_never_searched_has_nothing_to_lose(tmp_path: Path, folder: Path) -> None:
    with home_at(tmp_path / "other", topics=[folder]) as home:
        edit(folder, NARROW)
        assert load_topic(home.house, folder).activated
        assert query(home) == NARROW


def test_a_waiting_search_is_an_alarm_while_the_old_one_goes_on(home: Home, folder: Path) -> None:
    edit(folder, NARROW)
    [alarm] = alarms(home.house, "toy")
    assert (alarm.kind, alarm.source, alarm.public) == ("unsigned", "pubmed", False)
    assert searches(home.house, "toy").named("pubmed").waiting == NARROW
    home.forward(days=1)
    [pubmed, _] = home.turn().polled
    assert (pubmed.ok, pubmed.listed) == (True, 4)
    sign(home, NARROW, BETA)
    assert alarms(home.house, "toy") == ()


def test_the_page_tells_every_step_of_how_a_source_is_searched(home: Home, folder: Path) -> None:
    sign(home, NARROW, BETA)
    edit(folder, NARROW)
    load_topic(home.house, folder)
    steps = searches(home.house, "toy").named("pubmed").versions
    assert [(step.what, step.query) for step in steps] == [
        ("in force", NARROW),
        ("signed", NARROW),
        ("in force", QUERY),
    ]
    assert steps[1].lost_included == (BETA,)
    assert active(home.house, "toy")[1].sources[0].query == NARROW


def test_a_great_loss_is_refused_until_somebody_signed_what_is_left(tmp_path: Path) -> None:
    many = articles(*(toy_article(100 + number, f"SERIES {number}") for number in range(20)))
    gone = [str(90000100 + number) for number in range(20)]
    records = toy_records(many).withdrawn(gone, at=at("2026-02-03"))
    with home_at(tmp_path / "home", records) as home:
        first_version(home.house, "toy")
        home.turn()
        home.move_to("2026-02-03T06:00:00")
        home.turn()
        [alarm] = alarms(home.house, "toy")
        assert (alarm.kind, alarm.command[:24]) == ("refused", "living strategy sign toy")
        fact = sign(home, QUERY)
        assert (fact.found, fact.lost) == (4, 20)
        home.forward(days=1)
        [pubmed, _] = home.turn().polled
        assert pubmed.ok, pubmed.error
        assert alarms(home.house, "toy") == ()
        assert len(home.records()) == 25  # what went away stays stored
        home.quiet()
