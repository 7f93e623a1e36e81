"""The trail: what each line is about, what it said before, what it says now, why."""

from living.model.facts import LedgerLine, Link
from living.model.state import ReviewState
from living.review.identity import link_studies
from living.review.trail import KINDS, Trail, in_words, trail
from tests.factories import (
    AT,
    STUDY,
    TOPIC,
    adjudication,
    arm_means,
    characteristics,
    extraction,
    record,
    vote,
)


def said(*by_and_fact: tuple[str, object]) -> Trail:
    lines = [
        LedgerLine.model_validate({"seq": seq, "at": AT, "by": by, "fact": fact})
        for seq, (by, fact) in enumerate(by_and_fact, 1)
    ]
    state = ReviewState.of(TOPIC, lines)
    return trail(state, link_studies(state))


def entry(found: Trail, seq: int):  # type: ignore[no-untyped-def]
    line = found.line(seq)
    assert line is not None
    return found.entry(line)


def test_a_changed_vote_stands_beside_what_the_same_person_said_before() -> None:
    found = said(
        ("machine", record()),
        ("ann", vote(vote="include", reason="randomised")),
        ("ben", vote(vote="exclude", criterion="X1")),
        ("ann", vote(vote="exclude", criterion="X1", reason="open label")),
    )
    changed = entry(found, 4)
    assert (changed.before, changed.study, changed.why) == (2, STUDY, "open label")
    assert "vote include" in changed.old
    assert "vote exclude" in changed.new
    assert "criterion X1" in changed.new
    assert entry(found, 2).after == 4
    assert entry(found, 3).before == 0


def test_another_s_reading_of_the_same_cell_is_no_predecessor() -> None:
    found = said(("machine", record()), ("ann", extraction()), ("ben", extraction()), ("cem", adjudication()))
    assert [entry(found, seq).before for seq in (2, 3, 4)] == [0, 0, 0]


def test_an_extraction_shows_its_numbers_its_quote_and_its_cell() -> None:
    found = said(("machine", record()), ("ann", extraction(numbers=arm_means())))
    told = entry(found, 2)
    assert "weeks" in told.about
    assert "sd" in told.new
    assert "text " in told.why
    assert "quotes" not in told.new


def test_records_say_what_changed() -> None:
    first, second = record(), record(title="Low-dose salt for sore knees: final results", version=2)
    found = said(("machine", first), ("machine", second))
    assert entry(found, 2).old.startswith("Low-dose salt for sore knees: a randomised trial")
    assert entry(found, 2).new.startswith("Low-dose salt for sore knees: final results")


def test_a_ruling_supersedes_the_last_one_on_the_pair_whoever_gave_it() -> None:
    one = Link(a=STUDY, b="pubmed:2", relation="same_study", method="person", evidence="same register number")
    other = Link(a="pubmed:2", b=STUDY, relation="different", method="person", evidence="other year")
    found = said(("machine", record()), ("ann", one), ("ben", other))
    assert (entry(found, 3).before, entry(found, 3).why) == (2, "other year")


def test_every_kind_of_fact_has_words() -> None:
    from typing import get_args

    from living.model.facts import Fact

    kinds = {member.model_fields["kind"].default for member in get_args(get_args(Fact)[0])}
    assert kinds == set(KINDS)


def test_values_read_as_words_with_real_minus_signs_and_without_blanks() -> None:
    value = {"mean": -0.5, "spread": {"by": "sd", "sd": 2.0}, "note": "", "ok": True, "of": [1, 2]}
    assert in_words(value) == "mean −0.5, spread (by sd, sd 2), ok yes, of (1; 2)"


def test_characteristics_of_another_person_are_no_predecessor() -> None:
    found = said(("machine", record()), ("ann", characteristics()), ("ben", characteristics()))
    assert entry(found, 3).before == 0
