"""What differs between two versions, by cause, and what each cause did to each average."""

import math
from itertools import pairwise

import pytest

from living.model.decision import Cause
from living.model.record import Notice
from living.model.snapshot import Snapshot
from living.model.state import ReviewState
from living.review.compare import Changes, analyses, average, compare, model_of, under_new_keys
from living.review.snapshot import build_snapshot
from tests import factories as make
from tests.unit.review.scenes import (
    V1,
    V2,
    Entry,
    changed,
    difference,
    ldn,
    read,
    seeded,
    then,
    toy,
    trial,
    what,
)

EXACT = 1e-12
BETA = "pubmed:90000002"
THREE: tuple[Entry, ...] = tuple(
    fact
    for name, value, se in (("1", -1.0, 0.4), ("2", -0.5, 0.4), ("3", 0.8, 0.8))
    for fact in trial(name, read(f"pubmed:{name}", difference(value, se)))
)
NOT_RANDOMISED = {"vote": "exclude", "criterion": "X1", "imported": "A"}


def fourth(value: float = 0.9) -> tuple[Entry, ...]:
    return trial("4", read("pubmed:4", difference(value)))


def corrected(name: str, value: float) -> Entry:
    return read(f"pubmed:{name}", difference(value))


def out(name: str) -> Entry:
    return make.vote(record=f"pubmed:{name}", **NOT_RANDOMISED)


def agreed(name: str, value: float) -> list[Entry]:
    return [(who, read(f"pubmed:{name}", difference(value), imported=None)) for who in ("ann", "bob")]


def differs(old: ReviewState, new: ReviewState) -> Changes:
    return compare(build_snapshot(old), build_snapshot(new))


def after(*entries: Entry) -> Changes:
    return differs(toy(*THREE), toy(*THREE, *entries))


def told(causes: tuple[Cause, ...]) -> list[tuple[str, str]]:
    return [(cause.kind, cause.text) for cause in causes]


# --- nothing --------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", [toy(), toy(*THREE), seeded(), ldn(V2)])
def test_a_snapshot_differs_from_itself_in_nothing(state: ReviewState) -> None:
    same = differs(state, state)
    assert same == Changes((), ())
    assert not same


def test_before_the_first_version_there_is_nothing_to_compare() -> None:
    assert compare(None, build_snapshot(seeded())) == Changes((), ())


# --- causes ---------------------------------------------------------------------------------------


def test_a_new_study_is_added_once_however_many_analyses_it_enters() -> None:
    found = differs(ldn(V1), ldn(V2))
    assert [(cause.kind, cause.label) for cause in found.of("added")] == [("added", "INNOVA 2026")]
    assert found.of("correction") == found.of("removed") == ()
    assert ("list", "INNOVA 2026: ongoing became included") in told(found.causes)


def test_a_study_that_leaves_is_removed() -> None:
    found = after(out("2"))
    assert told(found.of("removed")) == [("removed", "Trial 2 left the analysis")]
    assert told(found.of("list")) == [("list", "Trial 2: included became excluded")]


def test_a_number_that_changes_is_a_correction_with_both_values() -> None:
    assert told(after(corrected("2", -0.7)).causes) == [
        (
            "correction",
            (
                "Ache intensity, remedy against placebo, Trial 2: "
                "−0.50 (−1.28 to 0.28) became −0.70 (−1.48 to 0.08)"
            ),
        )
    ]


def test_two_readers_who_find_the_same_number_are_a_verification() -> None:
    assert told(after(*agreed("2", -0.5)).causes) == [
        ("verification", "Ache intensity, remedy against placebo, Trial 2: unverified became verified")
    ]


def test_readers_who_fall_out_again_verify_nothing() -> None:
    settled = toy(*THREE, *agreed("2", -0.5))
    reopened = then(settled, ("bob", read("pubmed:2", difference(-0.6), imported=None)))
    assert told(differs(settled, reopened).causes) == [
        ("list", "Ache intensity, remedy against placebo, Trial 2: verified became unverified")
    ]


@pytest.mark.parametrize("kind", ["retraction", "concern", "erratum", "update"])
def test_a_notice_is_named_by_its_kind_and_told_once(kind: str) -> None:
    bad = make.record(id="2", identifiers=(), notices=(Notice(kind=kind, record="pubmed:99"),))
    found = after(("machine", bad))
    assert told(found.of("notice")) == [("notice", f"{kind}: Trial 2 (pubmed:2)")]
    noticed = toy(*THREE, ("machine", bad))
    assert differs(noticed, then(noticed, bad)).of("notice") == ()


def test_changed_methods_are_named() -> None:
    text = changed("toy", ('tau2 = "REML"', 'tau2 = "PM"'), ("nearest = 12", "nearest = 10"))
    found = differs(seeded(), seeded(text=text))
    assert told(found.of("methods")) == [("methods", "the protocol changed: windows, models")]


def test_a_comment_or_a_sentence_is_no_method() -> None:
    text = changed("toy", ("[models.random]", "# why\n[models.random]"), ("One invented trial", "A trial"))
    assert not differs(seeded(), seeded(text=text))


def test_a_new_ongoing_trial_and_a_new_study_to_classify_are_listed() -> None:
    key = "ctgov:NCT09000001"
    assert told(after(make.registered(identifiers=()), make.vote(record=key, imported="A")).causes) == [
        ("list", "Salt for Sore Knees: new, ongoing")
    ]
    unsure = make.vote(record=make.STUDY, vote="unsure", imported="A")
    assert told(after(make.record(), unsure).causes) == [
        ("list", "Example 2026: new, awaiting classification")
    ]
    assert told(after(*trial("4")).causes) == [("list", "Trial 4: new, included, awaiting data")]


# --- a study known from another analysis ----------------------------------------------------------

COUNTS = {
    "shape": "event_counts",
    "experimental": {"events": 4, "total": 40},
    "control": {"events": 5, "total": 40},
}


def harms() -> Entry:
    return read("pubmed:4", COUNTS, outcome="any-ae", scale="", estimand="count")


def test_a_known_study_that_enters_the_primary_analysis_is_news() -> None:
    old = toy(*THREE, *trial("4", harms()))
    found = differs(old, then(old, read("pubmed:4", difference(0.9))))
    assert ("added", "Trial 4 entered the analysis Ache intensity, remedy against placebo") in told(
        found.causes
    )


def test_a_known_study_that_leaves_the_primary_analysis_only_is_removed_from_it() -> None:
    old = toy(*THREE, *fourth(), harms())
    unusable = {"shape": "no_numbers", "status": "no_usable_data", "reason": "retyped"}
    found = differs(old, then(old, read("pubmed:4", unusable)))
    assert ("removed", "Trial 4 left the analysis Ache intensity, remedy against placebo") in told(
        found.causes
    )


def test_further_numbers_of_a_known_study_elsewhere_are_a_correction() -> None:
    old = toy(*THREE, *fourth())
    assert told(differs(old, then(old, harms())).causes) == [
        (
            "correction",
            "Any adverse event, remedy against placebo, Trial 4: no number became 0.80 (0.23 to 2.76)",
        )
    ]


# --- one study under another key ------------------------------------------------------------------

REGISTER = make.registered(identifiers=(), seeded=True)


def joined(*facts: Entry) -> tuple[Entry, ...]:
    return (*facts, make.link(a="pubmed:4", b=REGISTER.key))


def test_a_study_that_is_joined_to_an_older_registration_neither_leaves_nor_enters() -> None:
    apart = (REGISTER, *THREE, *fourth())
    old, new = build_snapshot(toy(*apart)), build_snapshot(toy(*joined(*apart)))
    assert "pubmed:4" in {row.study for row in analyses(old)["ache"].contrasts}
    assert REGISTER.key in {row.study for row in analyses(new)["ache"].contrasts}
    assert compare(old, new) == Changes((), ())
    assert compare(new, old).of("added") == compare(new, old).of("removed") == ()


def test_a_joined_study_is_looked_up_under_its_new_key() -> None:
    apart = (REGISTER, *THREE, *fourth())
    old, new = build_snapshot(toy(*apart)), build_snapshot(toy(*joined(*apart)))
    assert {row.study for row in analyses(under_new_keys(old, new))["ache"].contrasts} == {
        row.study for row in analyses(new)["ache"].contrasts
    }
    assert under_new_keys(new, new) is new


def test_two_listed_studies_that_turn_out_to_be_one_are_told_as_that() -> None:
    facts = (*THREE, *fourth(), *trial("5", read("pubmed:5", difference(0.9))))
    found = differs(toy(*facts), toy(*facts, make.link(a="pubmed:4", b="pubmed:5", method="person")))
    assert told(found.causes) == [
        ("removed", "Trial 5 left the analysis"),
        ("list", "Trial 5: now one study with Trial 5"),
    ]


# --- what changed of a study's description, and what people judged ----------------------------------

SPLIT = (
    '[[analyses]]\nid = "ache"',
    """[[subgroups]]
id = "dose"
label = "Dose"
by = "dose"
cuts_mg = [2.0]
[[subgroups.levels]]
id = "low"
label = "Low dose"
[[subgroups.levels]]
id = "high"
label = "High dose"

[[analyses]]
id = "ache"
subgroups = ["dose"]""",
)


def test_a_dose_that_moves_a_study_to_another_level_is_a_correction() -> None:
    text = changed("toy", SPLIT)
    old, new = toy(*THREE, text=text), toy(*THREE, what("pubmed:2", "Trial 2", dose=4.5), text=text)
    assert told(differs(old, new).causes) == [
        ("correction", "Dose of Remedy, Trial 2: 1 mg became 4.5 mg"),
    ]


def test_a_dose_that_moves_nothing_is_told_and_is_no_correction() -> None:
    text = changed("toy", SPLIT)
    old, new = toy(*THREE, text=text), toy(*THREE, what("pubmed:2", "Trial 2", dose=1.5), text=text)
    assert told(differs(old, new).causes) == [("list", "Dose of Remedy, Trial 2: 1 mg became 1.5 mg")]


def test_a_design_that_moves_a_sensitivity_analysis_is_a_correction() -> None:
    variant = 'id = "par"\nlabel = "Parallel"\ndesign = "parallel"\n[[analyses.sensitivity]]\nid = "dl-wald"'
    text = changed("toy", ('id = "dl-wald"', variant))
    old, new = toy(*THREE, text=text), toy(*THREE, what("pubmed:2", "Trial 2", design="cluster"), text=text)
    assert told(differs(old, new).causes) == [("correction", "Design, Trial 2: parallel became cluster")]


# --- the shifts are those of the courses ----------------------------------------------------------


def shifts(old: Snapshot, new: Snapshot, name: str = "ache") -> list[tuple[str, float | None, float | None]]:
    return [
        (item.cause, item.before, item.after) for item in compare(old, new).shifts if item.analysis == name
    ]


MOVES: dict[str, tuple[Entry, ...]] = {
    "a correction": (corrected("2", 1.4),),
    "a study added": fourth(),
    "a study excluded": (out("1"),),
    "all at once": (
        corrected("2", 1.4),
        out("1"),
        *fourth(),
        *trial("5", read("pubmed:5", difference(-3.0))),
    ),
}


@pytest.mark.parametrize("model", ["", 'tau2 = "REML"'], ids=["same methods", "other methods"])
@pytest.mark.parametrize("moves", MOVES.values(), ids=MOVES)
def test_the_parts_join_up_and_sum_to_the_whole_shift(moves: tuple[Entry, ...], model: str) -> None:
    text = changed("toy", (model, 'tau2 = "DL"')) if model else ""
    old, new = build_snapshot(toy(*THREE)), build_snapshot(toy(*THREE, *moves, text=text))
    steps = shifts(old, new)
    first, last = analyses(old)["ache"], analyses(new)["ache"]
    expected = average(first.contrasts, model_of(old, "ache")), average(last.contrasts, model_of(new, "ache"))
    assert (steps[0][1], steps[-1][2]) == expected
    assert all(left[2] == right[1] for left, right in pairwise(steps))
    parts = [(end or 0) - (start or 0) for _, start, end in steps]
    assert math.fsum(parts) == pytest.approx((expected[1] or 0) - (expected[0] or 0), abs=EXACT)
    assert any(abs(part) > EXACT for part in parts)


def test_an_average_that_is_not_given_is_followed_all_the_same() -> None:
    two, three = build_snapshot(ldn(V1)), build_snapshot(ldn(V2))
    steps = shifts(two, three, "pain")
    assert [name for name, _, _ in steps] == ["INNOVA 2026 entered with 0.49 (−0.32 to 1.31)"]
    assert steps[0][1] == pytest.approx(0.0434, abs=5e-5)
    assert steps[-1][2] == pytest.approx(0.1640, abs=5e-5)


def test_from_no_study_to_one_the_first_shift_starts_at_nothing() -> None:
    steps = shifts(build_snapshot(toy()), build_snapshot(toy(*fourth(0.25))))
    assert (steps[0][1], steps[-1][2]) == (None, 0.25)


def test_an_analysis_that_did_not_move_has_no_shift() -> None:
    found = after(*fourth())
    assert {shift.analysis for shift in found.shifts} == {"ache"}
