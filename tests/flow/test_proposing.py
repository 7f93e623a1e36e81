"""Proposed links through the service: kept from call to call, and never another's or an older state's."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest

from living.config import Settings
from living.errors import UserError
from living.model.facts import MACHINE, Fact
from living.model.record import AbstractPart, Record
from living.service.house import House, open_house
from living.service.proposing import Kept, proposed
from tests import factories as make

AT = "2026-01-01T00:00:00Z"
TRIAL = "NCT04052139"


def paper(number: int, text: str = "Registered as NCT4052139.") -> Record:
    return make.record(
        id=str(number), title=f"Of {number}", abstract=(AbstractPart(text=text),), identifiers=()
    )


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    opened = open_house(Settings(home=tmp_path), clock=lambda: datetime(2026, 1, 1, tzinfo=UTC))
    yield opened
    opened.store.close()


def said(house: House, *facts: Fact, topic: str = "toy") -> list[tuple[str, str]]:
    house.store.append(topic, AT, [(MACHINE, fact) for fact in facts])
    return [item.pair for item in proposed(house, topic).links]


def pair(number: int) -> tuple[str, str]:
    return f"ctgov:{TRIAL}", f"pubmed:{number}"


def test_each_new_record_and_ruling_moves_what_it_touches_and_a_vote_moves_nothing(house: House) -> None:
    assert said(house, paper(1), make.registered(id=TRIAL, identifiers=())) == [pair(1)]
    assert said(house, paper(2)) == [pair(1), pair(2)]
    before = proposed(house, "toy")
    said(house, make.vote(record="pubmed:1"))
    assert proposed(house, "toy") is before
    assert said(house, make.link(a=pair(1)[0], b=pair(1)[1], relation="different", method="person")) == [
        pair(2)
    ]
    assert said(house, paper(2, "Nothing is named.")) == []
    assert said(house, make.link(a=pair(1)[0], b=pair(1)[1], method="person")) == []


def test_two_topics_do_not_see_each_other_s_proposals(house: House) -> None:
    said(house, paper(1), make.registered(id=TRIAL, identifiers=()))
    assert said(house, paper(1), topic="other") == []
    assert [item.pair for item in proposed(house, "toy").links] == [pair(1)]


def test_a_topic_that_is_not_there_is_named(house: House) -> None:
    with pytest.raises(UserError, match="no topic 'gone'"):
        proposed(house, "gone")


def test_where_another_history_stands_in_the_store_all_is_found_again(house: House, tmp_path: Path) -> None:
    """As after a backup was put back under a running service."""
    said(house, paper(1), make.registered(id=TRIAL, identifiers=()))
    other = open_house(Settings(home=tmp_path / "backup"), clock=house.clock)
    said(other, paper(3), paper(4), make.registered(id=TRIAL, identifiers=()))
    house.store.close()
    house.store = other.store
    assert [item.pair for item in proposed(house, "toy").links] == [pair(3), pair(4)]


def test_many_threads_that_ask_at_once_get_one_answer(house: House) -> None:
    said(house, make.registered(id=TRIAL, identifiers=()))
    house.proposed.clear()
    house.store.append("toy", AT, [(MACHINE, paper(number)) for number in range(1, 60)])
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: proposed(house, "toy"), range(32)))
    assert all(answer.links == answers[0].links for answer in answers)
    assert {item.pair for item in answers[0].links} == {pair(number) for number in range(1, 60)}
    kept = house.proposed["toy"]
    assert isinstance(kept, Kept)
    assert len(kept.standing.pairs) == len(answers[0].links)
