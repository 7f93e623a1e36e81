"""When a cell's numbers may be used: two readers, or an adjudication, or an import in their place."""

from itertools import permutations
from typing import Any

import pytest

from living.model.facts import Adjudication, Extraction
from living.model.numbers import NoNumbers
from living.review.readings import Open, Reading, Readings
from tests import factories as make
from tests.unit.review.scenes import Entry, difference, evidence, read, toy

STUDY = make.STUDY
ONE, TWO = difference(-0.5), difference(-0.7)


def said(numbers: Any = ONE, study: str = STUDY, **kw: Any) -> Extraction:
    return read(study, numbers, imported=None, **kw)


def imported(numbers: Any = ONE, study: str = STUDY, **kw: Any) -> Extraction:
    return read(study, numbers, **kw)


def ruled(numbers: Any) -> Adjudication:
    extraction = said(numbers)
    return make.adjudication(
        cell=extraction.cell, numbers=extraction.numbers, quotes=extraction.quotes, reason="the table counts"
    )


def readings(*entries: Entry) -> Readings:
    return evidence(toy(make.record(), *entries)).readings


def settled(*entries: Entry) -> Reading | None:
    found = readings(*entries).settled
    assert len(found) < 2
    return found[0] if found else None


def still_open(*entries: Entry) -> Open | None:
    found = readings(*entries).open
    assert len(found) < 2
    return found[0] if found else None


def value(reading: Reading | None) -> float | None:
    return getattr(reading.numbers, "estimate", None) if reading else None


# --- people ---------------------------------------------------------------------------------------


def test_one_extraction_never_settles_a_cell() -> None:
    assert settled(("ann", said())) is None
    waiting = still_open(("ann", said()))
    assert waiting is not None
    assert (waiting.kind, waiting.missing) == ("waiting", 1)


def test_one_person_entering_twice_is_still_one_reader() -> None:
    assert settled(("ann", said()), ("ann", said())) is None


def test_two_readers_with_equal_numbers_agree() -> None:
    reading = settled(("ann", said()), ("bob", said()))
    assert reading is not None
    assert (reading.standing, value(reading)) == ("agreed", -0.5)
    assert [line.by for line, _ in reading.read_by] == ["ann", "bob"]


def test_two_readers_whose_numbers_differ_leave_the_cell_open() -> None:
    found = readings(("ann", said(ONE)), ("bob", said(TWO)))
    assert found.settled == ()
    assert [(item.kind, item.missing) for item in found.open] == [("differ", 0)]


def test_a_third_equal_reader_does_not_outvote_a_second_who_differs() -> None:
    assert settled(("ann", said(ONE)), ("bob", said(TWO)), ("eve", said(ONE))) is None


def test_the_latest_extraction_of_each_person_counts() -> None:
    assert value(settled(("ann", said(ONE)), ("bob", said(TWO)), ("ann", said(TWO)))) == -0.7
    assert settled(("ann", said(ONE)), ("bob", said(ONE)), ("ann", said(TWO))) is None


@pytest.mark.parametrize("order", [*permutations(range(3))])
def test_who_came_first_changes_nothing(order: tuple[int, ...]) -> None:
    entries = (
        ("ann", said(population="completers", notes="ann's")),
        ("bob", said(population="all_randomised", notes="bob's")),
        ("import", imported(TWO)),
    )
    mixed = settled(*(entries[i] for i in order))
    assert mixed is not None
    assert (mixed.standing, mixed.population, mixed.notes) == ("agreed", "completers", "ann's")


def test_two_who_found_nothing_usable_agree_in_words_of_their_own() -> None:
    nothing = {"shape": "no_numbers", "status": "not_measured"}
    entries = [
        ("ann", said({**nothing, "reason": "no pain scale"})),
        ("bob", said({**nothing, "reason": "none"})),
    ]
    reading = settled(*entries)
    assert reading is not None
    assert isinstance(reading.numbers, NoNumbers)
    assert not reading.usable
    entries[1] = ("bob", said({"shape": "no_numbers", "status": "authors_asked", "reason": "none"}))
    assert settled(*entries) is None


# --- an import in their place ---------------------------------------------------------------------


def test_an_import_alone_is_used_and_unverified() -> None:
    reading = settled(imported())
    assert reading is not None
    assert (reading.standing, value(reading)) == ("unverified", -0.5)
    assert still_open(imported()) is None


@pytest.mark.parametrize(
    "people",
    [[("ann", said(TWO))], [("ann", said(ONE)), ("bob", said(TWO))]],
    ids=["one reader", "two differ"],
)
def test_an_import_stands_in_while_people_have_not_settled(people: list[Entry]) -> None:
    reading = settled(imported(), *people)
    assert reading is not None
    assert (reading.standing, value(reading)) == ("unverified", -0.5)
    assert still_open(imported(), *people) is not None


def test_two_readers_equal_to_the_import_verify_it() -> None:
    reading = settled(imported(ONE), ("ann", said(ONE)), ("bob", said(ONE)))
    assert reading is not None
    assert (reading.standing, [line.by for line, _ in reading.read_by]) == ("verified", ["ann", "bob"])


def test_two_readers_who_differ_from_the_import_correct_it() -> None:
    reading = settled(imported(ONE), ("ann", said(TWO)), ("bob", said(TWO)))
    assert reading is not None
    assert (reading.standing, value(reading)) == ("agreed", -0.7)


def test_the_latest_import_is_the_one_that_stands_in() -> None:
    assert value(settled(imported(ONE), imported(TWO))) == -0.7


# --- adjudication ---------------------------------------------------------------------------------

DISPUTE: tuple[Entry, ...] = (("ann", said(ONE)), ("bob", said(TWO)))


def test_an_adjudication_settles_a_dispute_and_the_originals_stay() -> None:
    reading = settled(*DISPUTE, ("eve", ruled(TWO)))
    assert reading is not None
    assert (reading.standing, value(reading)) == ("adjudicated", -0.7)
    assert [line.by for line, _ in reading.read_by] == ["ann", "bob"]
    assert reading.adjudicated is not None
    assert reading.adjudicated.by == "eve"


def test_an_adjudication_holds_when_a_later_extraction_says_the_same() -> None:
    reading = settled(*DISPUTE, ("eve", ruled(TWO)), ("kim", said(TWO)))
    assert reading is not None
    assert reading.standing == "adjudicated"


def test_a_later_extraction_that_contradicts_it_reopens_the_cell() -> None:
    later = (*DISPUTE, ("eve", ruled(TWO)), ("kim", said(ONE)))
    assert settled(*later) is None
    found = still_open(*later)
    assert found is not None
    assert found.kind == "differ"


def test_an_adjudication_stands_before_an_import() -> None:
    assert value(settled(imported(ONE), *DISPUTE, ("eve", ruled(TWO)))) == -0.7


# --- cells follow identity ------------------------------------------------------------------------

OTHER = "pubmed:40000002"


def test_extractions_of_two_records_meet_in_one_cell_when_the_records_are_one_study() -> None:
    both = make.record(id="40000002"), ("ann", said()), ("bob", said(study=OTHER))
    assert len(readings(*both).open) == 2
    joined = readings(*both, make.link(b=OTHER))
    assert joined.open == ()
    assert [reading.cell.study for reading in joined.settled] == [STUDY]


def test_a_split_takes_each_extraction_back_to_its_record() -> None:
    both = make.record(id="40000002"), ("ann", said()), ("bob", said(study=OTHER)), make.link(b=OTHER)
    parted = readings(*both, make.link(b=OTHER, relation="different"))
    assert [item.cell.study for item in parted.open] == [STUDY, OTHER]


def test_another_time_scale_or_kind_of_value_is_another_cell() -> None:
    others = (said(weeks=8.0), said(estimand="final"), said(scale=""), said(outcome="any-ae"))
    found = readings(("ann", said()), *(("bob", other) for other in others))
    assert len(found.open) == 1 + len(others)


def test_a_cell_of_an_unknown_study_is_left_out() -> None:
    assert readings(imported(study="pubmed:404")).settled == ()
