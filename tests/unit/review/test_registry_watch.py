"""The watch over registrations: what changed, when in the trial's course, and how much that weighs."""

from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from living.model.record import Item, Record
from living.model.registration import RegistryChange
from living.review.registry_watch import History, phase, registration_history, registry_histories, watch_of
from living.review.registry_weights import NAMES, PHASES, RULES, WORDS, in_words
from tests import factories as make
from tests.unit.review.scenes import Entry, ledger

PAIN, SLEEP = Item(name="Pain intensity (NRS)", detail="12 weeks"), Item(name="Sleep", detail="12 weeks")
WALK = Item(name="Steps a day", detail="12 weeks\nCounted by a band on the wrist")
BEFORE, AFTER, COMPLETED, POSTED = "2025-04-20", "2025-07-01", "2026-02-01", "2026-06-01"
START = {"start": "2025-05", "primary_completion": "2025-12-31", "completion": ""}


def version(**kw: Any) -> Record:
    given = {"primary_outcomes": (PAIN, SLEEP), "secondary_outcomes": (WALK,), **START}
    return make.registered(registration=make.registration(**(given | kw)))


def on(day: str, **kw: Any) -> Entry:
    """A version that the register posted on a day, and that came in here the same day."""
    return "machine", version(last_update_posted=day, **kw), f"{day}T06:00:00Z"


def history(*entries: Entry) -> History:
    return registration_history(ledger("toy", *entries), make.TRIAL)


def told(found: History) -> list[tuple[str, str]]:
    return [(in_words(change), change.weight) for change in found.changes]


def changed(day: str, first: dict[str, Any] | None = None, **kw: Any) -> list[tuple[str, str]]:
    """What a version says otherwise than one from before the trial started, without what dates do."""
    found = history(on("2025-03-01", **(first or {})), on(day, **{**(first or {}), **kw}))
    return [item for item in told(found) if "moved" not in item[0]]


# --- the acceptance -----------------------------------------------------------------------------------------


def test_a_primary_outcome_dropped_after_the_start_is_major_and_a_typo_is_noise() -> None:
    assert changed(AFTER, primary_outcomes=(PAIN,)) == [("primary outcome dropped", "major")]
    slip = Item(name="Pain intesity (NRS)", detail="12 weeks.")
    assert changed(AFTER, primary_outcomes=(slip, SLEEP)) == [
        ("primary outcome spelled differently", "noise")
    ]


@pytest.mark.parametrize("day", [BEFORE, AFTER, COMPLETED])
def test_what_is_major_after_the_start_is_minor_before_it(day: str) -> None:
    weight = "minor" if day == BEFORE else "major"
    later = Item(name="Pain intensity (NRS)", detail="24 weeks")
    other = Item(name="Death from any cause", detail="12 weeks")
    assert changed(day, primary_outcomes=(PAIN,)) == [("primary outcome dropped", weight)]
    assert changed(day, primary_outcomes=(PAIN, SLEEP, other)) == [("primary outcome added", weight)]
    assert changed(day, primary_outcomes=(later, SLEEP)) == [
        ("primary outcome measured at another time", weight)
    ]
    assert changed(day, primary_outcomes=(PAIN,), secondary_outcomes=(WALK, SLEEP)) == [
        ("primary outcome made a secondary one", weight)
    ]
    assert changed(day, primary_outcomes=(PAIN, SLEEP, WALK), secondary_outcomes=()) == [
        ("primary outcome made from a secondary one", weight)
    ]


def test_two_outcomes_that_change_places_are_one_promoted_and_one_demoted() -> None:
    found = changed(
        AFTER, {"primary_outcomes": (PAIN,)}, primary_outcomes=(WALK,), secondary_outcomes=(PAIN,)
    )
    assert sorted(found) == [
        ("primary outcome made a secondary one", "major"),
        ("primary outcome made from a secondary one", "major"),
    ]


def test_outcomes_that_exchange_their_times_are_each_followed_by_name() -> None:
    first = {"primary_outcomes": (PAIN, Item(name="Sleep", detail="24 weeks")), "secondary_outcomes": ()}
    swapped = (Item(name="Pain intensity (NRS)", detail="24 weeks"), SLEEP)
    assert (
        changed(AFTER, first, primary_outcomes=swapped)
        == [("primary outcome measured at another time", "major")] * 2
    )


def test_one_name_at_two_times_of_which_one_moves_is_one_change() -> None:
    late = Item(name=PAIN.name, detail="24 weeks")
    moved = Item(name=PAIN.name, detail="36 weeks")
    found = history(
        on("2025-03-01", primary_outcomes=(PAIN, late)), on(AFTER, primary_outcomes=(moved, PAIN))
    )
    (change,) = (item for item in found.changes if item.about == "primary_outcome")
    assert (change.old, change.new) == ("Pain intensity (NRS) (24 weeks)", "Pain intensity (NRS) (36 weeks)")


@pytest.mark.parametrize("order", tuple(permutations((PAIN, SLEEP, WALK))))
def test_the_order_of_a_list_is_nothing(order: tuple[Item, ...]) -> None:
    assert changed(AFTER, {"primary_outcomes": (PAIN, SLEEP, WALK)}, primary_outcomes=order) == []


def test_dropping_an_outcome_and_taking_it_up_again_are_two_majors() -> None:
    found = history(on(BEFORE), on(AFTER, primary_outcomes=(PAIN,)), on(COMPLETED))
    assert told(found) == [("primary outcome dropped", "major"), ("primary outcome added", "major")]


@given(st.lists(st.sampled_from((PAIN, SLEEP, WALK)), min_size=1, max_size=3, unique=True), st.randoms())
def test_folded_space_case_and_order_are_never_more_than_noise(items: list[Item], luck: Any) -> None:
    again = [
        Item(name=f" {item.name.upper()} ", detail=item.detail.replace(" ", "  ").title()) for item in items
    ]
    luck.shuffle(again)
    found = changed(AFTER, {"primary_outcomes": tuple(items)}, primary_outcomes=tuple(again))
    assert {weight for _, weight in found} <= {"noise"}


NAMED = st.builds(
    Item,
    name=st.sampled_from(("Pain", "Sleep", "Mood", "Fatigue")),
    detail=st.sampled_from(("4 weeks", "8 weeks")),
)
LISTS = st.tuples(st.lists(NAMED, max_size=4, unique=True), st.lists(NAMED, max_size=4, unique=True))


@given(LISTS, LISTS)
def test_every_outcome_is_accounted_for_and_going_back_undoes_it(
    one: tuple[list[Item], list[Item]], two: tuple[list[Item], list[Item]]
) -> None:
    sides = [
        {"primary_outcomes": tuple(item[0]), "secondary_outcomes": tuple(item[1])} for item in (one, two)
    ]
    found = history(on(BEFORE, **sides[0]), on(AFTER, **sides[1]), on(COMPLETED, **sides[0]))
    there, back = ([item for item in found.changes if item.new_line == line] for line in (2, 3))
    undone = {"dropped": "added", "added": "dropped", "promoted": "demoted", "demoted": "promoted"}
    assert sorted((undone.get(item.what, item.what), item.new, item.old) for item in there) == sorted(
        (item.what, item.old, item.new) for item in back
    )
    grown = [item for item in there if item.about == "primary_outcome"]
    count = sum({"added": 1, "promoted": 1, "dropped": -1, "demoted": -1}.get(item.what, 0) for item in grown)
    assert count == len(two[0]) - len(one[0])


# --- words and numbers --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "detail", "expected"),
    [
        ("Pain intensity", "12 weeks", ("primary outcome in other words", "minor")),
        ("Pain intensity (NRS)", "3 months", ("primary outcome in other words", "minor")),
        (
            "Pain intensity (NRS), fall of 30%",
            "12 weeks",
            ("primary outcome defined by other numbers", "major"),
        ),
        ("Pain intensity (NRS)", "12 weeks\nMean of 7 days", ("primary outcome in other words", "minor")),
        ("Pain intensity (NRS)", "13 weeks", ("primary outcome measured at another time", "major")),
        ("Pain intensity (NRS) at week 8", "12 weeks", ("primary outcome measured at another time", "major")),
        ("Pain intensity (NRS)", "at the last visit", ("primary outcome measured at another time", "major")),
        ("PAIN intensity - NRS", "week 12", ("primary outcome in other words", "minor")),
        ("PAIN intensity - NRS", "12 Weeks.", ("primary outcome spelled differently", "noise")),
    ],
)
def test_how_an_outcome_is_worded_is_told_apart_from_what_it_is(
    name: str, detail: str, expected: tuple[str, str]
) -> None:
    item = Item(name=name, detail=detail)
    assert changed(AFTER, primary_outcomes=(item, SLEEP)) == [expected]


def test_another_outcome_in_its_place_is_one_dropped_and_one_added() -> None:
    other = Item(name="Pain interference (BPI)", detail="12 weeks")
    assert changed(AFTER, primary_outcomes=(other, SLEEP)) == [
        ("primary outcome dropped", "major"),
        ("primary outcome added", "major"),
    ]


def test_a_secondary_outcome_weighs_less() -> None:
    assert changed(AFTER, secondary_outcomes=()) == [("secondary outcome dropped", "minor")]
    moved = Item(name=WALK.name, detail=WALK.detail.replace("12", "24"))
    assert changed(AFTER, secondary_outcomes=(moved,)) == [
        ("secondary outcome measured at another time", "minor")
    ]


@pytest.mark.parametrize(
    ("people", "day", "status", "expected"),
    [
        (65, AFTER, "RECRUITING", ("number of people changed by less than a fifth", "noise")),
        (72, AFTER, "RECRUITING", ("number of people changed by a fifth or more", "minor")),
        (72, BEFORE, "NOT_YET_RECRUITING", ("number of people changed by a fifth or more", "noise")),
        (30, AFTER, "RECRUITING", ("number of people changed by half or more", "major")),
        (90, AFTER, "RECRUITING", ("number of people changed by half or more", "major")),
        (30, BEFORE, "NOT_YET_RECRUITING", ("number of people changed by half or more", "minor")),
        (None, AFTER, "RECRUITING", ("number of people stated in only one of the two versions", "minor")),
    ],
)
def test_the_number_of_people_weighs_by_its_share_of_what_was_planned(
    people: int | None, day: str, status: str, expected: tuple[str, str]
) -> None:
    first = {"status": "NOT_YET_RECRUITING" if day == BEFORE else "RECRUITING"}
    assert changed(day, first, enrolment=people, status=status) == [expected]


def test_the_people_who_came_are_no_change_of_plan() -> None:
    assert changed(COMPLETED, enrolment=20, status="TERMINATED", why_stopped="slow enrolment") == [
        ("number of people other than planned by a fifth or more, as the trial ended", "minor"),
        ("status now says stopped, withheld or unknown", "minor"),
    ]


def test_of_a_trial_of_nobody_any_number_of_people_is_all_of_it() -> None:
    assert changed(AFTER, {"enrolment": 0}, enrolment=40) == [
        ("number of people changed by half or more", "major")
    ]


def test_another_dose_is_major_after_the_start() -> None:
    first = {"interventions": (Item(name="Drug: Salt", type="DRUG", detail="3 mg a day"),)}
    more = (Item(name="Drug: Salt", type="DRUG", detail="4.5 mg a day"),)
    assert changed(AFTER, first, interventions=more) == [
        ("treatment: dose or another number changed", "major")
    ]
    assert changed(BEFORE, first, interventions=more) == [
        ("treatment: dose or another number changed", "minor")
    ]


def test_an_arm_is_shown_with_what_describes_it_where_that_differs() -> None:
    first = {"arms": (Item(name="Salt", type="EXPERIMENTAL", detail="3 mg\nDrug: Salt"),)}
    found = history(
        on("2025-03-01", **first),
        on(AFTER, arms=(Item(name="Salt", type="EXPERIMENTAL", detail="4.5 mg\nDrug: Salt"),)),
        on(COMPLETED, arms=(Item(name="Salt", type="ACTIVE_COMPARATOR", detail="4.5 mg\nDrug: Salt"),)),
    )
    assert [(item.what, item.old, item.new) for item in found.changes] == [
        ("redefined", "Salt: 3 mg Drug: Salt", "Salt: 4.5 mg Drug: Salt"),
        ("reworded", "Salt (experimental)", "Salt (active comparator)"),
    ]


def test_design_status_and_results_are_told_in_the_register_s_own_words() -> None:
    found = history(
        on("2025-03-01", allocation="RANDOMIZED", masking="DOUBLE"),
        on(AFTER, allocation="NON_RANDOMIZED", masking="NONE", status="SUSPENDED"),
        on(COMPLETED, allocation="NON_RANDOMIZED", masking="NONE", status="COMPLETED"),
        on(
            POSTED,
            allocation="NON_RANDOMIZED",
            masking="NONE",
            status="COMPLETED",
            has_results=True,
            results_first_posted=POSTED,
        ),
    )
    assert [(item.about, item.old, item.new, item.weight, item.when) for item in found.changes] == [
        ("allocation", "randomized", "non randomized", "major", "after_start"),
        ("masking", "double", "none", "minor", "after_start"),
        ("status", "recruiting", "suspended", "minor", "after_start"),
        ("status", "suspended", "completed", "noise", "after_completion"),
        ("results", "none posted", f"posted, first on {POSTED}", "minor", "with_results"),
    ]


def test_dates_alone_are_noise() -> None:
    found = history(on(BEFORE), on(AFTER, start="2025-06", primary_completion="2026-12"))
    assert told(found) == [("start moved", "noise"), ("primary completion moved", "noise")]
    assert watch_of(found) is None


# --- when ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "old", "new", "expected"),
    [
        ("2025-04-30", {}, {}, "before_start"),
        ("2025-05-01", {}, {}, "unclear"),  # of the start only the month is known
        ("2025-05-31", {}, {}, "unclear"),
        ("2025-06-01", {}, {}, "after_start"),
        ("2025-05-02", {}, {"start": "2025-05-01"}, "after_start"),  # the latest word counts
        ("2025-06-01", {}, {"start": "2025-09"}, "before_start"),  # put off
        ("2025-06-01", {}, {"status": "NOT_YET_RECRUITING"}, "before_start"),  # that day has lapsed
        ("2025-06-01", {}, {"status": "WITHDRAWN"}, "before_start"),  # nobody was enrolled
        ("2025-06-01", {"start": ""}, {"start": ""}, "after_start"),  # it was recruiting before
        ("2025-06-01", {"start": "", "status": ""}, {"start": ""}, "unclear"),
        ("2026-01-01", {}, {"status": "COMPLETED"}, "after_completion"),
        ("2026-01-01", {}, {}, "after_start"),  # still recruiting, whatever the day planned
        ("2025-12-31", {}, {"status": "COMPLETED"}, "after_start"),
        ("2026-06-01", {}, {"has_results": True}, "with_results"),
        ("2026-07-01", {"has_results": True}, {"has_results": True}, "after_results"),
    ],
)
def test_a_version_stands_in_the_trial_s_course_by_intervals_of_days(
    day: str, old: dict[str, Any], new: dict[str, Any], expected: str
) -> None:
    before, after = (make.registration(**(START | kw)) for kw in (old, new))
    assert phase(before, after, day) == expected


def test_what_may_have_come_before_the_start_weighs_as_if_it_had() -> None:
    assert changed("2025-05-20", primary_outcomes=(PAIN,)) == [("primary outcome dropped", "minor")]


def test_a_version_counts_from_the_day_the_register_posted_it_and_no_later_than_it_came() -> None:
    late = ("machine", version(last_update_posted=BEFORE, primary_outcomes=(PAIN,)), "2025-08-01T06:00:00Z")
    found = history(on("2025-03-01"), late)
    assert told(found) == [("primary outcome dropped", "minor")]
    ahead = ("machine", version(last_update_posted="2025-08-01", enrolment=61), f"{BEFORE}T06:00:00Z")
    assert history(on("2025-03-01"), ahead).changes[0].when == "before_start"
    month = ("machine", version(last_update_posted="2025-08", enrolment=61), f"{AFTER}T06:00:00Z")
    assert history(on("2025-03-01"), month).changes[0].when == "after_start"


# --- what is a version --------------------------------------------------------------------------------------


def test_what_was_entered_before_the_register_was_read_is_no_version() -> None:
    seed = make.registered(seeded=True, registration=make.registration(primary_outcomes=(), enrolment=None))
    found = history(seed, on(AFTER))
    assert (len(found.versions), found.changes) == (1, ())
    assert found.versions[0].seen == AFTER


def test_the_same_bytes_read_better_later_are_no_other_version() -> None:
    first, again = (
        version(primary_outcomes=items, last_update_posted=AFTER).model_copy(update={"payload": "a" * 64})
        for items in ((PAIN,), (PAIN, SLEEP))
    )
    later = version(primary_outcomes=(SLEEP,), last_update_posted=COMPLETED)
    found = history(first, again, later)
    assert [one.line for one in found.versions] == [2, 3]
    assert told(found) == [("primary outcome dropped", "major")]


def test_a_withheld_version_drops_nothing_and_the_next_is_compared_with_the_last_whole_one() -> None:
    stub = ("machine", make.registered(registration={"status": "WITHHELD"}), "2025-08-01T06:00:00Z")
    found = history(on(AFTER), stub, on("2025-09-01", primary_outcomes=(PAIN,)))
    assert told(found) == [
        ("status now says stopped, withheld or unknown", "minor"),
        ("primary outcome dropped", "major"),
        ("status changed", "noise"),
    ]
    assert (found.changes[1].old_line, found.changes[1].new_line) == (1, 3)


def test_a_record_that_is_no_registration_has_no_history() -> None:
    state = ledger("toy", make.record())
    assert registration_history(state, make.STUDY) == History(make.STUDY, (), ())
    assert registry_histories(state) == {}


def test_every_registration_has_its_own_history() -> None:
    other = make.registered(id="NCT09000002", identifiers=())
    state = ledger("toy", on(BEFORE), other, on(AFTER, primary_outcomes=(PAIN,)))
    found = registry_histories(state)
    assert {key: len(one.versions) for key, one in found.items()} == {make.TRIAL: 2, other.key: 1}
    assert found[make.TRIAL] == registration_history(state, make.TRIAL)


def test_a_change_leads_to_both_versions_as_they_came() -> None:
    one, two = version(), version(primary_outcomes=(PAIN,), last_update_posted=AFTER)
    one, two = one.model_copy(update={"payload": "a" * 64}), two.model_copy(update={"payload": "b" * 64})
    (change,) = history(one, ("machine", two, "2025-07-02T06:00:00Z")).changes
    assert change == RegistryChange(
        about="primary_outcome",
        what="dropped",
        weight="major",
        when="after_start",
        seen="2025-07-02",
        posted=AFTER,
        old="Sleep (12 weeks)",
        old_line=1,
        new_line=2,
        old_payload="a" * 64,
        new_payload="b" * 64,
    )


def test_the_watch_of_a_snapshot_holds_what_weighs_and_the_day_since_when() -> None:
    slip = Item(name="Slep", detail="12 weeks")
    found = history(on("2025-03-01"), on(AFTER, primary_outcomes=(slip,), enrolment=61))
    assert {change.weight for change in found.changes} == {"major", "noise"}
    watch = watch_of(found)
    assert watch is not None
    assert {change.weight for change in watch.changes} == {"major"}
    assert (watch.registration, watch.first_seen, watch.first_posted) == (
        make.TRIAL, "2025-03-01", "2025-03-01",
    )  # fmt: skip


# --- the table ----------------------------------------------------------------------------------------------


def test_no_rule_weighs_more_before_the_start_than_after_it() -> None:
    rank = {"noise": 0, "minor": 1, "major": 2}
    assert [key for key, rule in RULES.items() if rank[rule.before] > rank[rule.after]] == []
    assert [key for key, rule in RULES.items() if rule.before == "major"] == []
    assert [key for key, rule in RULES.items() if not rule.source] == []


def test_everything_that_can_change_has_its_words() -> None:
    assert {about for about, _ in RULES} == set(NAMES)
    assert {what for _, what in RULES} == set(WORDS)
    assert len(PHASES) == len(set(PHASES.values()))
