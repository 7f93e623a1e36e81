"""Append then state round-trips, however the entries are cut, whatever the words hold."""

from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from living.model.facts import Fact
from living.model.numbers import CI, SD, SE, ArmMean, PairedDifference, Quartiles, ReportedContrast
from living.model.record import AbstractPart, Item, Notice, Record
from living.model.state import ReviewState
from living.model.values import canonical, digest
from living.store import Store
from tests import factories as make

MIGRATIONS = Path(__file__).resolve().parents[2] / "db" / "migrations"

# Everything a page can hold: NUL, quotes, line separators, characters beyond the first plane.
words = st.text(max_size=40)
told = st.text(min_size=1, max_size=40).filter(str.strip)
numbers = st.floats(allow_nan=False, allow_infinity=False)
positive = st.floats(min_value=1e-300, max_value=1e300)
authors = told.map("by:{}.".format)
ids = st.text("abc123/.-", min_size=1, max_size=4)
spreads = st.one_of(
    positive.map(lambda x: SD(sd=x)),
    positive.map(lambda x: SE(se=x)),
    st.tuples(positive, positive).map(lambda x: CI(low=-x[0], high=x[1])),
    st.tuples(positive, positive).map(lambda x: Quartiles(q1=-x[0], q3=x[1])),
)
arms = st.builds(lambda n, spread: ArmMean(n=n, mean=0.0, spread=spread), st.integers(1, 10**9), spreads)
shapes = st.one_of(
    st.builds(lambda a, b: make.arm_means(experimental=a, control=b), arms, arms),
    st.builds(
        lambda n, d, se: PairedDifference(values="change", n=n, difference=d, precision=SE(se=se)),
        st.integers(1, 500), numbers, positive,
    ),
    st.builds(
        lambda e, se: ReportedContrast(estimand="final", estimate=e, precision=SE(se=se)),
        numbers, positive,
    ),
)  # fmt: skip
registrations = st.builds(
    lambda status, n, names: make.registration(
        status=status, enrolment=n, arms=tuple(Item(name=name) for name in names)
    ),
    words, st.none() | st.integers(0, 10**6), st.lists(words, max_size=3),
)  # fmt: skip


@st.composite
def records(draw: st.DrawFn) -> Record:
    fields: dict[str, Any] = {
        "source": draw(st.sampled_from(["pubmed", "ctgov", "import-1"])),
        "id": draw(ids),
        "title": draw(words),
        "abstract": tuple(AbstractPart(text=text) for text in draw(st.lists(words, max_size=2))),
        "authors": tuple(draw(st.lists(words, max_size=3))),
        "seeded": draw(st.booleans()),
        "notices": tuple(Notice(kind="erratum", text=text) for text in draw(st.lists(words, max_size=1))),
        "registration": draw(st.none() | registrations),
    }
    return make.record(**fields)


facts: st.SearchStrategy[Fact] = st.one_of(
    records(),
    st.builds(lambda why: make.vote(reason=why), words),
    st.builds(
        lambda shape, quote: make.extraction(numbers=shape, quotes=(make.quote(text=quote),)), shapes, told
    ),
    st.builds(lambda text: make.protocol_activated(text=text, sha256=digest(text)), told),
    st.sampled_from(
        [make.link(), make.characteristics(), make.adjudication(), make.judgement(), make.signature()]
    ),
)
entries = st.lists(st.tuples(authors, facts), max_size=12)
fresh = map("topic-{}".format, count())


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """One file for all examples; each has a topic of its own."""
    with Store.open(tmp_path_factory.mktemp("home") / "living.db", MIGRATIONS) as store:
        yield store


def as_said(state: ReviewState) -> list[tuple[str, str]]:
    return [(line.by, canonical(line.fact)) for line in state.lines]


@given(said=entries)
def test_what_was_appended_is_what_is_read(store: Store, said: list[tuple[str, Fact]]) -> None:
    topic = next(fresh)
    store.append(topic, make.AT, iter(said))
    state = store.state(topic)
    assert [(line.by, line.fact) for line in state.lines] == said
    assert [line.seq for line in state.lines] == list(range(1, len(said) + 1))
    assert store.verify(topic) == store.head(topic)


@given(said=entries, data=st.data())
def test_it_does_not_matter_in_how_many_appends_it_was_said(
    store: Store, said: list[tuple[str, Fact]], data: st.DataObject
) -> None:
    at_once, in_parts = next(fresh), next(fresh)
    cut = data.draw(st.integers(0, len(said)))
    store.append(at_once, make.AT, said)
    store.append(in_parts, make.AT, said[:cut])
    store.append(in_parts, make.AT, said[cut:])
    assert as_said(store.state(at_once)) == as_said(store.state(in_parts))
    for source in ("pubmed", "ctgov", "import-1"):
        assert store.known(at_once, source) == store.known(in_parts, source)


@given(said=entries, data=st.data())
def test_the_state_as_of_a_line_is_the_prefix(
    store: Store, said: list[tuple[str, Fact]], data: st.DataObject
) -> None:
    topic = next(fresh)
    store.append(topic, make.AT, said)
    seq = data.draw(st.integers(0, len(said)))
    assert store.state(topic, as_of=seq) == store.state(topic).upto(seq)


@given(said=entries)
def test_what_is_known_is_what_the_state_says(store: Store, said: list[tuple[str, Fact]]) -> None:
    topic = next(fresh)
    store.append(topic, make.AT, said)
    state = store.state(topic)
    known = {
        f"{s}:{i}": marker.content_hash
        for s in ("pubmed", "ctgov", "import-1")
        for i, marker in store.known(topic, s).items()
    }
    assert known == {key: record.content_hash for key, record in state.records.items()}


@given(said=entries)
def test_rebuilding_changes_nothing(store: Store, said: list[tuple[str, Fact]]) -> None:
    topic = next(fresh)
    store.append(topic, make.AT, said)
    before = [store.known(topic, source) for source in ("pubmed", "ctgov", "import-1")]
    store.rebuild(topic)
    assert [store.known(topic, source) for source in ("pubmed", "ctgov", "import-1")] == before
