"""Whatever happens in whatever order: no letter twice, none against a wish, and none lost by the store."""

from collections import Counter
from itertools import count
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from living.model.values import digest
from living.store import NewLetter, NewSubscriber, Store

MIGRATIONS = Path(__file__).resolve().parents[2] / "db" / "migrations"
FINISHED = {"sent", "failed", "unknown"}
fresh = map("topic-{}".format, count())


def instant(minutes: int) -> str:
    return f"2026-03-{1 + minutes // 1440:02}T{minutes // 60 % 24:02}:{minutes % 60:02}:00Z"


class Mailing(RuleBasedStateMachine):
    """A sender that crashes, readers who come and go, and a mail server that keeps what it is given."""

    store: Store

    def __init__(self) -> None:
        super().__init__()
        self.topic, self.minutes, self.readers = next(fresh), 0, 0
        self.leased: list[tuple[int, str]] = []
        self.sending: list[int] = []
        self.delivered: Counter[int] = Counter()
        self.left: set[str] = set()

    @property
    def now(self) -> str:
        self.minutes += 1
        return instant(self.minutes)

    def name(self, reader: int) -> str:
        return f"{self.topic}-{reader}"

    @precondition(lambda self: self.readers < 4)
    @rule(confirmed=st.booleans())
    def a_reader_comes(self, confirmed: bool) -> None:
        name = self.name(self.readers)
        wish = NewSubscriber(
            id=name, topic=self.topic, address=f"{name}@example.org", level="new_study",
            confirm_hash=digest(f"c{name}"), leave_hash=digest(f"l{name}"),
        )  # fmt: skip
        self.store.subscribe(wish, self.now)
        if confirmed:
            self.store.confirm(wish.confirm_hash, self.now)
        self.readers += 1

    @precondition(lambda self: self.readers)
    @rule(version=st.integers(1, 2))
    def a_version_is_told(self, version: int) -> None:
        to = [self.name(n) for n in range(self.readers)]
        letters = [NewLetter(event=f"v{version}.0", subscriber=one, kind="new_study") for one in to]
        self.store.queue_letters(self.topic, self.now, letters)

    @rule(limit=st.integers(1, 3), patience=st.sampled_from([60, 600]))
    def the_sender_takes_some(self, limit: int, patience: int) -> None:
        taken = self.store.lease_letters(self.now, "daemon", limit, patience)
        assert not {one.letter.subscriber for one in taken} & self.left
        self.leased += [
            (one.letter.id, one.letter.subscriber) for one in taken if one.letter.topic == self.topic
        ]

    @precondition(lambda self: self.leased)
    @rule(data=st.data())
    def the_sender_begins(self, data: st.DataObject) -> None:
        letter, reader = self.leased.pop(data.draw(st.integers(0, len(self.leased) - 1)))
        if self.store.mark_sending(letter, "daemon", self.now):
            assert reader not in self.left
            self.sending.append(letter)

    @precondition(lambda self: self.sending)
    @rule(end=st.sampled_from(["sent", "refused for now", "refused", "lost after", "lost before"]))
    def the_server_answers(self, end: str) -> None:
        letter = self.sending.pop()
        now = self.now
        self.delivered[letter] += end in ("sent", "lost after")
        match end:
            case "sent":
                self.store.mark_sent(letter, now)
            case "refused for now":
                self.store.mark_retry(letter, now, instant(self.minutes + 3), "451")
            case "refused":
                self.store.mark_failed(letter, now, "550")
            case _:
                self.store.mark_unknown(letter, now, "connection lost")

    @rule(delivered=st.booleans())
    def the_sender_crashes(self, delivered: bool) -> None:
        for letter in self.sending:
            self.delivered[letter] += delivered
        self.leased, self.sending = [], []
        self.store.recover_letters(self.now)

    @precondition(lambda self: self.readers)
    @rule(data=st.data(), erased=st.booleans())
    def a_reader_leaves(self, data: st.DataObject, erased: bool) -> None:
        name = self.name(data.draw(st.integers(0, self.readers - 1)))
        if erased:
            self.store.erase(name, self.now)
        else:
            self.store.leave(digest(f"l{name}"), self.now)
        self.left.add(name)

    @invariant()
    def no_letter_arrives_twice(self) -> None:
        assert all(times <= 1 for times in self.delivered.values())

    @invariant()
    def a_letter_that_arrived_says_so(self) -> None:
        states = {one.id: one.state for one in self.store.letters(self.topic)}
        assert all(states[letter] in FINISHED for letter, times in self.delivered.items() if times)

    def teardown(self) -> None:
        """Leases know no topics: what is left here would be taken in the next example."""
        self.store.recover_letters(self.now)
        for reader in range(self.readers):
            self.store.leave(digest(f"l{self.name(reader)}"), self.now)
        assert self.store.verify_store() == ()


def test_no_letter_is_sent_twice_or_against_a_wish(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    soak = request.config.getoption("--soak")
    with Store.open(tmp_path / "living.db", MIGRATIONS) as store:
        Mailing.store = store
        run_state_machine_as_test(
            Mailing,
            settings=settings(max_examples=300 if soak else 15, stateful_step_count=30, deadline=None),
        )
