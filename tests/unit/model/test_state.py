"""The ledger as far as it goes, and plain look-ups into it."""

from living.model.facts import ScreeningVote
from living.model.record import Record
from living.model.state import ReviewState
from tests import factories as make

OLD, NEW, OTHER = make.record(title="As first seen"), make.record(), make.registered()
STATE = make.state(OLD, make.vote(), OTHER, NEW, make.release(), make.signature())


def test_an_empty_ledger_knows_nothing() -> None:
    empty = make.state()
    assert (empty.seq, empty.at, empty.protocol, empty.records, empty.releases) == (0, "", None, {}, ())


def test_the_latest_content_of_each_record_stands_in_the_order_of_first_sight() -> None:
    assert STATE.records == {NEW.key: NEW, OTHER.key: OTHER}
    assert list(STATE.records) == [NEW.key, OTHER.key]
    assert {key: line.seq for key, line in STATE.first_seen.items()} == {NEW.key: 1, OTHER.key: 3}


def test_the_ledger_up_to_a_line_is_what_was_known_then() -> None:
    then = STATE.upto(3)
    assert (then.seq, then.records[NEW.key]) == (3, OLD)
    assert then.releases == ()
    assert STATE.upto(0).lines == ()
    assert STATE.upto(99) == STATE


def test_facts_of_a_kind_come_oldest_first_with_their_lines() -> None:
    assert [line.seq for line, _ in STATE.of_kind(Record)] == [1, 3, 4]
    assert [fact for _, fact in STATE.of_kind(ScreeningVote)] == [make.vote()]
    assert [line.seq for line, _ in STATE.releases] == [5]
    assert [fact for _, fact in STATE.signatures] == [make.signature()]


def test_the_protocol_in_force_is_the_latest_activated() -> None:
    first, second = make.protocol_activated(), make.protocol_activated(text="later")
    state = make.state(first, second)
    assert state.protocol == second
    assert state.upto(1).protocol == first


def test_a_state_knows_where_and_when_it_ends() -> None:
    assert (STATE.seq, STATE.at) == (6, make.AT)


def test_two_states_of_the_same_lines_are_equal() -> None:
    assert ReviewState.of(make.TOPIC, list(STATE.lines)) == STATE
