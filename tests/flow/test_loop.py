"""The whole loop on an invented topic: search, queue, two readers, version, letters, next search."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from living.publish.verify import verify_folder
from living.review.recompute import recompute
from living.service.checks import check_store
from living.service.people import submit_form, vote
from living.service.send import send_letters
from living.service.start import first_version
from living.service.topics import load_topic
from living.service.turn import turn
from tests.fakes import (
    EPSILON,
    TOY,
    FakeMailer,
    Home,
    articles,
    epsilon_article,
    form,
    home_at,
    toy_article,
    toy_records,
)
from tests.standin import from_ctgov
from tests.standin.faults import without
from tests.standin.synthetic import study_json

ALPHA = "pubmed:90000001"
RETRACTED = ["Journal Article", "Retracted Publication"]


@pytest.fixture
def mailer() -> Iterator[FakeMailer]:
    with FakeMailer() as mailer:
        yield mailer


@pytest.fixture
def home(tmp_path: Path, mailer: FakeMailer) -> Iterator[Home]:
    """The invented topic with its first version; EPSILON appears on 10 February; ALPHA is retracted in March
    and reinstated in April."""
    records = toy_records(
        articles(epsilon_article(), since="2026-02-10"),
        articles(
            toy_article(1, "ALPHA", nct=["NCT99000001"], types=RETRACTED, revised="2026-03-01"),
            since="2026-03-01",
        ),
        articles(toy_article(1, "ALPHA", nct=["NCT99000001"], revised="2026-04-01"), since="2026-04-01"),
    )
    mail = {"smtp_host": "127.0.0.1", "smtp_port": mailer.port, "smtp_security": "none"}
    with home_at(tmp_path, records, **mail) as home:
        first_version(home.house, "toy")
        home.turn()
        yield home
        assert check_store(home.house) == []
        home.quiet()


def included(home: Home) -> None:
    """EPSILON is found, screened and read by two people who agree."""
    home.move_to("2026-02-11T06:00:00")
    home.turn()
    home.include(EPSILON)
    home.read(form())


def test_a_new_trial_becomes_a_version_and_a_letter_and_then_all_is_quiet(
    home: Home, mailer: FakeMailer
) -> None:
    home.reader()
    v1 = home.frozen()
    home.move_to("2026-02-11T06:00:00")
    home.turn()
    assert ("screen", EPSILON) in home.queue
    home.include(EPSILON)
    assert ("extract", EPSILON) in home.queue
    home.read(form(), "ann")
    assert ("second_reader", EPSILON) in home.queue
    home.read(form(), "ben")
    assert EPSILON not in [study for _, study in home.queue]
    assert home.turn().published == ("v2.0",)
    assert home.versions == ["v1.0", "v2.0"]
    assert {name: home.frozen()[name] for name in v1} == v1
    for version in home.versions:
        assert verify_folder(home.site(version), recompute) == []
    assert send_letters(home.house).sent == 1
    assert "one trial added" in mailer.subjects()[-1]
    assert "v2.0" in home.page("v1.0/index.html")
    assert home.site("latest").resolve() == home.site("v2.0").resolve()
    assert "v2.0" in home.page("as-of/2026-02-11/index.html")

    before, folders, status = home.head(), home.frozen(), home.page("status.json")
    home.forward(days=1)
    turned = home.turn()
    assert all(item.ok and item.stored == 0 for item in turned.polled)
    assert len(turned.polled) == 2
    assert (home.head(), home.frozen()) == (before, folders)
    assert home.page("status.json") != status
    assert send_letters(home.house).sent == 0


def test_one_reading_pools_nothing(home: Home) -> None:
    home.move_to("2026-02-11T06:00:00")
    home.turn()
    home.include(EPSILON)
    home.read(form(), "ann")
    home.turn()
    assert home.versions == ["v1.0"]


def test_two_readers_who_differ_pool_nothing_until_a_third_decides(home: Home) -> None:
    home.move_to("2026-02-11T06:00:00")
    home.turn()
    home.include(EPSILON)
    home.read(form(), "ann")
    home.read(form(mean=3.6), "ben")
    home.turn()
    assert ("adjudicate", EPSILON) in home.queue
    assert home.versions == ["v1.0"]


def test_the_same_evidence_makes_no_version_however_often_it_is_looked_at(home: Home) -> None:
    before = home.head()
    for _ in range(3):
        home.forward(hours=2)
        home.turn()
    assert home.versions == ["v1.0"]
    assert home.head() == before


def test_a_correction_makes_a_minor_version(home: Home) -> None:
    included(home)
    home.turn()
    home.read(form(mean=3.6))
    decided = home.turn().refreshed.decision
    assert decided is not None
    assert (decided.code, home.versions[-1]) == ("correction", "v2.1")
    assert "v2.1" in home.page("index.html")


def test_readers_who_agree_with_an_import_verify_it_in_a_minor_version(home: Home) -> None:
    text = """
study = "pubmed:90000003"
[[extractions]]
cell.outcome = "ache"
cell.experimental = "remedy"
cell.control = "placebo"
cell.scale = "nrs"
cell.weeks = 8
cell.estimand = "final"
numbers.shape = "paired_difference"
numbers.values = "final"
numbers.n = 30
numbers.difference = -1.0
numbers.precision = { by = "se", se = 0.4 }
quotes = [{ report = "pubmed:90000003", locator = "abstract", text = "30 people: -1.0 (SE 0.4)" }]
"""
    home.read(text)
    decided = home.turn().refreshed.decision
    assert decided is not None
    assert (decided.code, home.versions) == ("verification", ["v1.0", "v1.1"])


def test_a_retraction_banners_every_version_at_once_and_is_pooled_out_only_by_people(home: Home) -> None:
    home.reader("ann", "retraction")
    frozen = home.frozen()
    assert "retracted" not in home.page("v1.0/index.html")
    home.move_to("2026-03-02T06:00:00")
    home.turn()
    assert "was retracted on 2026-03-02" in home.page("v1.0/index.html")
    assert "retracted" not in home.page("v1.0/page.html")
    assert home.frozen() == frozen
    assert ("retraction", ALPHA) in home.queue
    assert ("retraction", "queued") in home.letters()

    for who in ("ann", "ben"):
        vote(home.house, "toy", ALPHA, "exclude", who, "X1", "Retracted")
    decided = home.turn().refreshed.decision
    assert decided is not None
    assert (decided.level, home.versions) == ("minor", ["v1.0", "v1.1"])
    assert {name: content for name, content in home.frozen().items() if name.startswith("v1.0")} == frozen
    assert "Alpha 2020 left the analysis" in decided.reason
    assert ("retraction", ALPHA) not in home.queue


def test_a_reinstated_report_loses_its_banner(home: Home) -> None:
    home.move_to("2026-03-02T06:00:00")
    home.turn()
    home.move_to("2026-04-02T06:00:00")
    home.turn()
    assert "was retracted" not in home.page("v1.0/index.html")


# --- a second topic -----------------------------------------------------------------------------------------


@pytest.fixture
def second(tmp_path: Path) -> Path:
    """A second topic: one more folder, and nothing else."""
    folder = tmp_path / "topics" / "second-toy"
    shutil.copytree(TOY, folder)
    for name in ("protocol.toml", "evidence.toml"):
        text = (folder / name).read_text()
        (folder / name).write_text(
            text.replace('id = "toy"', 'id = "second-toy"').replace('topic = "toy"', 'topic = "second-toy"')
        )
    return folder


def test_a_second_topic_is_one_more_folder_and_neither_sees_the_other(home: Home, second: Path) -> None:
    load_topic(home.house, second)
    assert first_version(home.house, "second-toy") == "v1.0"
    before = home.head()
    home.move_to("2026-02-11T06:00:00")
    turn(home.house, "second-toy")
    assert home.head() == before
    assert EPSILON not in home.records()
    assert EPSILON in home.house.store.state("second-toy").records
    for who in ("ann", "ben"):
        vote(home.house, "second-toy", EPSILON, "include", who)
        submit_form(home.house, "second-toy", form(), "form.toml", who)
    turn(home.house, "second-toy")
    assert home.versions == ["v1.0"]
    assert [item.version for item in home.house.store.published("second-toy")] == ["v1.0", "v2.0"]
    index = (home.house.settings.site / "index.html").read_text()
    assert "second-toy" in index
    assert '"toy/' in index or "/toy/" in index


# --- what a search must not lose ----------------------------------------------------------------------------


def test_an_id_that_does_not_come_is_asked_for_until_it_does(tmp_path: Path) -> None:
    records = toy_records(articles(epsilon_article(), since="2026-02-10"))
    with home_at(tmp_path, records) as home:
        home.poll()
        home.move_to("2026-02-11T06:00:00")
        home.standin.fault(without("90000005"), None, path="efetch")
        polled = home.poll()
        assert (polled.ok, polled.absent, polled.listed) == (True, 1, 5)
        assert [item.id for item in home.house.store.absent("toy", "pubmed")] == ["90000005"]
        home.forward(hours=1)  # the same day: no census, and the windows alone are asked
        assert home.poll().absent == 1
        home.standin.heal()
        home.forward(hours=1)
        polled = home.poll()
        assert (polled.absent, polled.stored) == (0, 1)
        assert EPSILON in home.records()
        assert home.house.store.absent("toy", "pubmed") == ()
        home.quiet()


def test_many_withdrawn_entries_do_not_stop_a_source_for_good(tmp_path: Path) -> None:
    """A registry that serves none of many ids is taken to be out; one that serves a known one is not."""
    many = articles(*(toy_article(number, f"number {number}") for number in range(10, 130)))
    gone = [str(90000000 + number) for number in range(10, 16)]
    with home_at(tmp_path, toy_records(many)) as home:
        assert home.poll().ok
        stored = home.house.store.known("toy", "pubmed")
        assert len(stored) == 124
    records = toy_records(many).withdrawn(gone, home.clock.now)
    with home_at(tmp_path, records, topics=()) as home:
        for _ in range(3):
            home.forward(days=8)
            assert home.poll().ok
        home.quiet()


def test_a_seeded_report_that_the_search_does_not_list_is_still_read(tmp_path: Path) -> None:
    unlisted = toy_article(
        3, "GAMMA", title="A report whose words the search does not ask for", types=RETRACTED
    )
    others = articles(toy_article(1, "ALPHA"), toy_article(2, "BETA"), toy_article(4, "DELTA"))
    with home_at(tmp_path, others + articles(unlisted)) as home:
        assert home.poll().ok
        found = home.records()["pubmed:90000003"]
        assert not found.seeded
        assert "Retracted Publication" in found.types
        assert ("retraction", "pubmed:90000003") in home.queue


def test_a_registration_that_names_an_article_is_joined_to_it_once(tmp_path: Path) -> None:
    registration = study_json("NCT99000009", "Invented EPSILON", interventions=["Invented remedy"])
    records = toy_records(
        articles(epsilon_article(nct=["NCT99000009"], day="2026-01-10")), from_ctgov([registration])
    )
    with home_at(tmp_path, records) as home:
        first = home.turn()
        assert first.linked == 1
        home.forward(days=1)
        assert home.turn().linked == 0
        home.quiet()
