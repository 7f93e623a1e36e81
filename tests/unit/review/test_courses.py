"""Every number's way between two versions: each cause alone, in a fixed order, as a pool made again."""

import math

import pytest

from living.model.difference import Course
from living.model.facts import Arm
from living.model.record import Notice
from living.model.snapshot import Snapshot
from living.model.state import ReviewState
from living.model.values import canonical, rounded
from living.review.compare import analyses, average, model_of
from living.review.courses import NOWHERE, adds_up, courses
from living.review.judged import rob_digest
from living.review.snapshot import build_snapshot
from tests import factories as make
from tests.unit.review.scenes import (
    V1,
    V2,
    Entry,
    changed,
    difference,
    evidence,
    ldn,
    read,
    seeded,
    then,
    toy,
    trial,
    what,
)

SAME = 1e-12
NOT_RANDOMISED = {"vote": "exclude", "criterion": "X1", "imported": "A"}
FOUR: tuple[Entry, ...] = tuple(
    fact
    for name, value, se in (("1", -1.0, 0.4), ("2", -0.5, 0.4), ("3", 0.8, 0.8), ("6", -0.9, 0.5))
    for fact in trial(name, read(f"pubmed:{name}", difference(value, se)))
)
COUNTS = {
    "shape": "event_counts",
    "experimental": {"events": 4, "total": 40},
    "control": {"events": 5, "total": 40},
}
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
LOW_RISK = (
    'id = "dl-wald"',
    'id = "low"\nlabel = "Low"\nlow_risk_of_bias_only = true\n[[analyses.sensitivity]]\nid = "dl-wald"',
)


def way(old: ReviewState, new: ReviewState, name: str = "ache") -> Course:
    return next(item for item in courses(build_snapshot(old), build_snapshot(new)) if item.id == name)


def causes(course: Course) -> list[tuple[str, str]]:
    return [(move.cause, move.label) for move in course.moves]


def later(name: str, available: str, value: float = 0.9) -> tuple[Entry, ...]:
    return trial(name, read(f"pubmed:{name}", difference(value)), available_from=available)


def excluded(name: str) -> Entry:
    return make.vote(record=f"pubmed:{name}", **NOT_RANDOMISED)


# --- the order of causes --------------------------------------------------------------------------


def test_all_causes_come_in_their_order_and_added_studies_as_their_evidence_was_to_be_had() -> None:
    retracted = make.record(id="3", seeded=True, identifiers=(), notices=(Notice(kind="retraction"),))
    new = then(
        toy(*FOUR, text=changed("toy", ('tau2 = "REML"', 'tau2 = "DL"'))),
        excluded("1"),
        *later("8", "2026-05-01"),
        *later("7", "2025-11-30", -0.2),
        ("machine", retracted),
        excluded("3"),
        read("pubmed:2", difference(1.4)),
    )
    found = way(toy(*FOUR), new)
    assert causes(found) == [
        ("methods", ""),
        ("corrected", "Trial 2"),
        ("removed", "Trial 3"),
        ("added", "Trial 7"),
        ("added", "Trial 8"),
        ("judged", "Trial 1"),
    ]
    assert [move.after.k for move in found.moves] == [4, 4, 3, 4, 5, 4]
    assert found.moves[2].text == "Trial 3 was retracted and left"
    assert found.moves[5].text == "Trial 1 was excluded by X1"


def test_each_stage_is_the_pool_of_exactly_what_it_holds() -> None:
    """The stage after the methods is the old data pooled by the new model, and so on."""
    model = changed("toy", ('tau2 = "REML"', 'tau2 = "DL"'))
    new = toy(*FOUR, read("pubmed:2", difference(1.4)), *later("7", "2026-01-01"), text=model)
    found = way(toy(*FOUR), new)
    for place, state in enumerate(
        (
            toy(*FOUR, text=model),
            toy(*FOUR, read("pubmed:2", difference(1.4)), text=model),
            new,
        )
    ):
        pooled = analyses(build_snapshot(state))["ache"].pool
        after = found.moves[place].after
        assert (after.estimate, after.low, after.high) == (pooled.estimate, pooled.low, pooled.high)


def test_the_first_and_the_last_point_are_what_the_two_versions_print() -> None:
    old, new = build_snapshot(ldn(V1)), build_snapshot(ldn(V2))
    for course in courses(old, new):
        for snapshot, point in ((old, course.before), (new, course.after)):
            found = _printed(snapshot, course)
            assert found == (point.k, point.estimate if point.given else None)


def _printed(snapshot: Snapshot, course: Course) -> tuple[int, float | None]:
    analysis = analyses(snapshot)[course.analysis]
    _, _, rest = course.id.partition("/")
    kind, _, name = rest.partition("/")
    if kind == "subgroup":
        split, _, level = name.partition("/")
        pool = next(
            item.pool
            for one in analysis.subgroups
            if one.id == split
            for item in one.levels
            if item.id == level
        )
    elif kind == "sensitivity":
        pool = next(item.pool for item in analysis.sensitivity if item.id == name)
    else:
        pool = analysis.pool
    return pool.k, pool.estimate


def test_the_published_documents_alone_give_the_same_ways() -> None:
    """Two files from anybody's disk, with their twelve digits, and nothing of the ledger."""
    old, new = build_snapshot(ldn(V1)), build_snapshot(ldn(V2))
    again = courses(_from_disk(old), _from_disk(new))
    for course, other in zip(courses(old, new), again, strict=True):
        assert (course.id, causes(course), course.said) == (other.id, causes(other), other.said)
        assert other.total == (None if course.total is None else pytest.approx(course.total, abs=1e-9))


def _from_disk(snapshot: Snapshot) -> Snapshot:
    return Snapshot.model_validate_json(canonical(rounded(snapshot.model_dump(mode="json"))))


def test_a_snapshot_differs_from_itself_in_no_number() -> None:
    same = build_snapshot(ldn(V2))
    assert [course.moves for course in courses(same, same)] == [()] * len(courses(same, same))


# --- methods --------------------------------------------------------------------------------------


def test_another_measure_is_computed_again_and_is_no_shift() -> None:
    smd = changed(
        "toy",
        ('measure = "MD"', 'measure = "SMD-g"\nstandardiser = "pooled SD"'),
        ('estimands = ["adjusted", "change", "final"]', 'estimands = ["final"]'),
    )
    found = way(seeded(), seeded(text=smd))
    (move,) = found.moves
    assert (move.cause, move.shift, found.total) == ("methods", None, None)
    assert move.after.measure == "SMD-g"
    assert move.after.estimate == average(
        analyses(build_snapshot(seeded(text=smd)))["ache"].contrasts,
        model_of(build_snapshot(seeded(text=smd)), "ache"),
    )
    assert "not on one scale" in move.no_shift
    assert "measure MD became SMD-g" in move.text


def test_another_window_lets_other_cells_in_by_methods_alone() -> None:
    data = (*FOUR, *trial("9", read("pubmed:9", difference(2.0), weeks=4.0)))
    found = way(toy(*data), toy(*data, text=changed("toy", ("low = 6\n", "low = 2\n"))))
    assert causes(found) == [("methods", "")]
    assert (found.before.k, found.after.k) == (4, 5)
    assert "low 6 became 2" in found.moves[0].text


def test_an_analysis_on_one_side_only_is_asked_for_or_dropped_by_methods() -> None:
    text = changed("toy", ('id = "any-ae"\nlabel = "Any adverse', 'id = "harm"\nlabel = "Any adverse'))
    entries = (*FOUR, read("pubmed:1", COUNTS, outcome="any-ae", scale="", estimand="count"))
    gone, come = (way(toy(*entries), toy(*entries, text=text), name) for name in ("any-ae", "harm"))
    assert (gone.after, come.before) == (NOWHERE, NOWHERE)
    assert gone.moves[0].text == "Methods: the protocol does not ask for this analysis any more"
    assert come.moves[0].text == "Methods: the protocol asks for this analysis now"
    assert (gone.total, come.moves[0].shift) == (None, None)
    assert come.after.estimate == gone.before.estimate


# --- studies --------------------------------------------------------------------------------------


def test_a_study_that_gives_its_first_numbers_is_added_and_not_corrected() -> None:
    waiting = toy(*FOUR, *trial("4"))
    found = way(waiting, then(waiting, read("pubmed:4", difference(0.9))))
    assert causes(found) == [("added", "Trial 4")]
    assert found.moves[0].text == "Trial 4 gave its first numbers with 0.90 (0.12 to 1.68)"


def test_an_ongoing_trial_that_reports_is_added() -> None:
    found = next(c for c in courses(build_snapshot(ldn(V1)), build_snapshot(ldn(V2))) if c.id == "pain")
    assert causes(found) == [("added", "INNOVA 2026")]
    assert found.total == pytest.approx(0.1640 - 0.0434, abs=1e-4)


@pytest.mark.parametrize("before", ["exclude", "unsure"])
def test_a_known_study_that_people_rule_eligible_is_a_ruling(before: str) -> None:
    criterion = {"criterion": "X1"} if before == "exclude" else {}
    ruled = make.vote(record="pubmed:4", vote=before, imported="A", **criterion)
    old = toy(*FOUR, *later("4", "2026-01-01"), ruled)
    found = way(old, then(old, make.vote(record="pubmed:4", imported="A")))
    assert causes(found) == [("judged", "Trial 4")]
    was = "excluded" if before == "exclude" else "awaiting classification"
    assert found.moves[0].text == f"Trial 4 was ruled eligible, {was} until then"


def test_a_study_joined_to_another_is_gone_and_says_with_whom_it_is_one() -> None:
    facts = (*FOUR, *later("7", "2026-01-01"))
    found = way(toy(*facts), toy(*facts, make.link(a="pubmed:1", b="pubmed:7", method="person")))
    assert ("removed", "Trial 7") in causes(found)
    assert any(move.text.startswith("Trial 7 is now one study with ") for move in found.moves)


def test_a_study_that_goes_by_another_key_now_does_not_move() -> None:
    register = make.registered(identifiers=(), seeded=True)
    apart = (register, *FOUR)
    joined = (*apart, make.link(a="pubmed:1", b=register.key))
    assert way(toy(*apart), toy(*joined)).moves == ()
    assert way(toy(*joined), toy(*apart)).moves == ()


def test_a_study_that_loses_its_number_is_corrected_to_none() -> None:
    unusable = {"shape": "no_numbers", "status": "no_usable_data", "reason": "retyped"}
    found = way(toy(*FOUR), toy(*FOUR, read("pubmed:2", unusable)))
    assert causes(found) == [("corrected", "Trial 2")]
    assert found.moves[0].text == "Trial 2, corrected: −0.50 (−1.28 to 0.28) became no number"


def test_from_nothing_to_one_study_there_is_no_shift_and_the_words_say_so() -> None:
    found = way(toy(), toy(*later("7", "2026-01-01", 0.25)))
    (move,) = found.moves
    assert (move.shift, move.no_shift) == (None, "there was no number before")
    assert found.said.endswith("; there was no number before.")
    back = way(toy(*later("7", "2026-01-01")), toy())
    assert back.moves[0].no_shift == "there is no number any more"


# --- descriptions and judgements ------------------------------------------------------------------


def test_a_corrected_dose_moves_the_levels_of_a_split_and_not_the_analysis() -> None:
    text = changed("toy", SPLIT)
    old, new = toy(*FOUR, text=text), toy(*FOUR, what("pubmed:2", "Trial 2", dose=4.5), text=text)
    assert way(old, new).moves == ()
    low, high = (way(old, new, f"ache/subgroup/dose/{name}") for name in ("low", "high"))
    assert (low.before.k, low.after.k, high.before.k, high.after.k) == (4, 3, 0, 1)
    assert low.moves[0].text == "Trial 2, corrected, left this group"
    assert high.moves[0].text == "Trial 2, corrected, joined this group"


def test_a_corrected_condition_group_moves_the_levels_of_a_split() -> None:
    text = changed("toy", SPLIT, ('by = "dose"\ncuts_mg = [2.0]\n', 'by = "condition_group"\n'))
    text = text.replace('id = "low"\nlabel = "Low dose"', 'id = "ache"\nlabel = "Invented ache"')
    text = text.replace('id = "high"\nlabel = "High dose"', 'id = "other"\nlabel = "Other"')
    text = text.replace("[[scales]]", '[[condition_groups]]\nid = "other"\nlabel = "Other"\n\n[[scales]]', 1)
    corrected = what("pubmed:2", "Trial 2", condition_group="other")
    found = way(toy(*FOUR, text=text), toy(*FOUR, corrected, text=text), "ache/subgroup/dose/other")
    assert causes(found) == [("corrected", "Trial 2")]


def test_an_arm_that_was_no_arm_of_this_comparison_leaves_the_analysis() -> None:
    arms = (
        Arm(id="remedy", label="Remedy", intervention="other"),
        Arm(id="placebo", label="Placebo", intervention="placebo"),
    )
    found = way(toy(*FOUR), toy(*FOUR, what("pubmed:2", "Trial 2", arms=arms)))
    assert causes(found) == [("corrected", "Trial 2")]
    assert found.after.k == 3


def test_a_judgement_of_bias_moves_the_sensitivity_analysis_that_rests_on_it() -> None:
    text = changed("toy", LOW_RISK)
    old = toy(*FOUR, text=text)
    about = rob_digest(evidence(old).readings.of_study("pubmed:2"), "ache")
    new = then(old, ("ann", make.judgement(subject="pubmed:2 ache", judged=about)))
    found = way(old, new, "ache/sensitivity/low")
    assert causes(found) == [("judged", "Trial 2")]
    assert found.moves[0].text == "Trial 2 was judged to be at low risk of bias"
    assert (found.before.k, found.after.k) == (0, 1)


def test_two_readers_who_agree_with_an_import_verify_it_and_correct_nothing() -> None:
    checked = (
        'id = "checked"\nlabel = "Checked"\nverified_only = true\n[[analyses.sensitivity]]\nid = "dl-wald"'
    )
    text = changed("toy", ('id = "dl-wald"', checked))
    agreed = [(who, read("pubmed:2", difference(-0.5), imported=None)) for who in ("ann", "bob")]
    old, new = toy(*FOUR, text=text), toy(*FOUR, *agreed, text=text)
    assert way(old, new).moves == ()
    there, back = (way(*pair, "ache/sensitivity/checked") for pair in ((old, new), (new, old)))
    assert causes(there) == causes(back) == [("verified", "Trial 2")]
    assert there.moves[0].text == "Trial 2, checked by readers, entered with −0.50 (−1.28 to 0.28)"
    assert back.moves[0].text == "Trial 2, open again, left"


# --- sums -----------------------------------------------------------------------------------------


def test_the_parts_of_every_way_add_up_to_its_total() -> None:
    new = toy(*FOUR, read("pubmed:2", difference(1.4)), excluded("1"), *later("7", "2026-01-01"))
    found = courses(build_snapshot(toy(*FOUR)), build_snapshot(new))
    assert all(adds_up(course) for course in found)
    moved = next(course for course in found if course.id == "ache")
    assert moved.total == pytest.approx(math.fsum(move.shift or 0.0 for move in moved.moves), abs=SAME)
    assert moved.total == pytest.approx((moved.after.estimate or 0) - (moved.before.estimate or 0), abs=SAME)
    broken = moved.model_copy(update={"total": (moved.total or 0.0) + 1e-9})
    assert not adds_up(broken)


def test_estimates_in_large_units_add_up_as_well() -> None:
    far = 1e7
    many = tuple(
        fact
        for n in range(12)
        for fact in later(f"{70 + n}", f"2026-01-{n + 1:02d}", far + 1234.5678 * n * (-1) ** n)
    )
    found = way(toy(*many[:8]), toy(*many))
    assert len(found.moves) == 10
    assert adds_up(found)
