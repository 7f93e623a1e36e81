"""Large topics: appended in bounded memory, read once."""

import time
import weakref
from collections.abc import Iterator

import pytest

from living.model.facts import Fact
from living.store import Store, memory
from living.store.ledger import BATCH
from tests.factories import AT, TOPIC, record, vote

NALTREXONE_IN_PUBMED = 34_000
GENEROUS_SECONDS = 60  # a slow machine under load takes a fifth of it


def test_an_import_is_never_in_memory_as_a_whole(store: Store) -> None:
    alive = most = 0

    def gone() -> None:
        nonlocal alive
        alive -= 1

    def entries() -> Iterator[tuple[str, Fact]]:
        nonlocal alive, most
        for n in range(6 * BATCH):
            fact = record(id=str(n))
            weakref.finalize(fact, gone)
            alive += 1
            most = max(most, alive)
            yield "machine", fact

    store.append(TOPIC, AT, entries())
    assert most <= 2 * BATCH + 1


def test_topics_read_longest_ago_are_forgotten_first(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "LINES_KEPT", 5)
    for topic in ("a", "b", "c"):
        store.append(topic, AT, [("reader-1", vote())] * 2)
    states = {topic: store.state(topic) for topic in ("a", "b")}
    assert store.state("a") is states["a"]
    store.state("c")
    assert store.state("a") is states["a"]
    assert store.state("b") is not states["b"]
    assert store.state("b") == states["b"]


@pytest.mark.soak
def test_all_of_pubmed_on_one_drug_is_appended_and_read_in_seconds(store: Store) -> None:
    start = time.monotonic()
    store.append(TOPIC, AT, (("machine", record(id=str(n))) for n in range(NALTREXONE_IN_PUBMED)))
    assert store.state(TOPIC).seq == len(store.known(TOPIC, "pubmed")) == NALTREXONE_IN_PUBMED
    assert store.verify_store() == ()
    assert time.monotonic() - start < GENEROUS_SECONDS
