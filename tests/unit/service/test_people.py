"""What people say is appended once, checked against what stands then, and never by a machine's name."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from living.errors import UserError
from living.model.facts import MACHINE
from living.service.people import queue, vote
from living.service.topics import TRIES, evidence_of
from living.store import HeadMoved
from tests.factories import link
from tests.fakes import Home, home_at

BETA = "pubmed:90000002"


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    with home_at(tmp_path / "home") as home:
        yield home


def says(home: Home, verdict: str = "include", by: str = "ann") -> int:
    return vote(home.house, "toy", BETA, verdict, by, "X1").facts  # type: ignore[arg-type]


def test_a_thing_said_twice_is_one_fact_and_said_by_another_person_two(home: Home) -> None:
    assert [says(home), says(home), says(home, by="ben")] == [1, 0, 1]


def test_a_vote_on_the_title_and_one_on_the_full_report_are_two_and_the_latter_decides(home: Home) -> None:
    for by in ("ann", "ben"):
        vote(home.house, "toy", BETA, "exclude", by, "X1", stage="title")
    standing = evidence_of(home.house, "toy").standing[BETA]
    assert (standing.status, standing.stage) == ("excluded", "title")
    assert [says(home), says(home, by="ben")] == [1, 1]
    standing = evidence_of(home.house, "toy").standing[BETA]
    assert (standing.status, standing.stage) == ("included", "full_text")


def test_a_mind_changed_and_changed_back_is_three_facts(home: Home) -> None:
    assert [says(home, verdict) for verdict in ("include", "exclude", "include", "include")] == [1, 1, 1, 0]


def _others_write(home: Home, times: int) -> list[int]:
    """Let somebody append between reading and appending, so often."""
    store, met = home.house.store, []
    append = store.append

    def interrupted(topic, at, entries, *, after=None):  # type: ignore[no-untyped-def]
        if len(met) < times and after is not None:
            met.append(1)
            other = link(a=f"pubmed:{len(met)}", b="pubmed:9999")
            append(topic, at, [(MACHINE, other)])
        return append(topic, at, entries, after=after)

    vars(store)["append"] = interrupted
    return met


def test_when_others_write_in_between_it_is_checked_and_said_again(home: Home) -> None:
    met = _others_write(home, 2)
    before = home.house.store.head("toy").seq
    assert says(home) == 1
    assert len(met) == 2
    assert home.house.store.head("toy").seq == before + 3
    assert home.house.store.verify_store() == ()


def test_when_others_never_stop_writing_it_gives_up_and_stores_nothing_of_ours(home: Home) -> None:
    _others_write(home, 1000)
    with pytest.raises(UserError, match="others keep writing") as refused:
        says(home)
    assert not isinstance(refused.value, HeadMoved)
    assert not [line for line in home.house.store.lines("toy") if line.by == "ann"]
    assert TRIES < 1000


def test_a_decision_is_taken_again_on_what_stands_when_somebody_wrote_in_between(home: Home) -> None:
    met = _others_write(home, 1)
    turned = home.turn()
    assert met == [1]
    assert (turned.refreshed.version, turned.published) == ("v1.0", ("v1.0",))
    home.quiet()


@pytest.mark.parametrize("name", ["machine", "import", "", "Ann", "a b", "ann\n", "../x", "a" * 41])
def test_only_a_plain_name_of_a_person_may_speak(home: Home, name: str) -> None:
    with pytest.raises(UserError, match="cannot be a person's id"):
        says(home, by=name)


def test_a_queue_of_an_unknown_topic_is_refused(home: Home) -> None:
    with pytest.raises(UserError, match="no topic 'other'; known: toy"):
        queue(home.house, "other")
