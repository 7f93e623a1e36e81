"""Who may see what others read, voted and judged, and from when on."""

from collections.abc import Callable
from itertools import permutations
from typing import Any

import pytest

from living.model.facts import Fact, LedgerLine
from living.model.state import ReviewState
from living.model.values import digest
from living.review.blinding import EVERYBODY, Sight, sight
from living.review.identity import link_studies
from tests import factories as make
from tests.unit.review.scenes import AT, TEXTS, activated, evidence, ledger, protocol, toy

LATER = "2026-07-02T06:00:00Z"
OTHER = "pubmed:40000002"
VIEWERS = ("ann", "ben", "cleo", EVERYBODY)
Entry = Any


def seen(*entries: Entry, text: str = "") -> Callable[[int], str]:
    """For the fact of that place (the first is 1), who of ann, ben, cleo and everybody may see it."""
    other = make.record(id="40000002", identifiers=())
    state = toy(make.record(), other, *entries, text=text)
    found = sight(state, link_studies(state), evidence(state).protocol)

    def who(place: int) -> str:
        line = state.lines[place + 2]
        return " ".join(name or "everybody" for name in VIEWERS if found.may_see(line, name))

    return who


def read(weeks: float = 12.0, study: str = make.STUDY, **kw: Any) -> Fact:
    return make.extraction(cell=make.cell(study=study, weeks=weeks), **kw)


def vote(verdict: str = "include", stage: str = "full_text", **kw: Any) -> Fact:
    criterion = "E1" if verdict == "exclude" else ""
    return make.vote(vote=verdict, stage=stage, criterion=criterion, **kw)


def alone(**kw: Any) -> Fact:
    return make.judgement(**{"round": "alone"} | kw)


def asking(**people: int) -> str:
    """The toy protocol asking for so many readers, or screeners."""
    return TEXTS["toy"] + "\n[people]\n" + "".join(f"{name} = {n}\n" for name, n in people.items())


ALL = "ann ben cleo everybody"


# --- readings -----------------------------------------------------------------------------------------------


def test_one_person_s_reading_shows_to_that_person_alone() -> None:
    who = seen(("ann", read()), ("ann", make.characteristics()))
    assert (who(1), who(2)) == ("ann", "ann")


def test_both_readings_show_to_all_when_both_have_handed_in() -> None:
    who = seen(("ann", read()), ("ben", read(), LATER))
    assert (who(1), who(2)) == (ALL, ALL)


def test_a_reader_s_second_hand_in_opens_nothing() -> None:
    who = seen(("ann", read()), ("ann", read(24.0), LATER))
    assert (who(1), who(2)) == ("ann", "ann")


def test_what_two_people_are_is_not_what_they_read() -> None:
    who = seen(("ann", make.characteristics()), ("ben", make.characteristics(), LATER))
    assert (who(1), who(2)) == ("ann", "ben")


def test_characteristics_show_with_the_readings_of_their_study() -> None:
    who = seen(("ann", make.characteristics()), ("ann", read()), ("ben", read(), LATER))
    assert who(1) == ALL


def test_the_whole_of_the_last_hand_in_shows_whichever_cells_it_holds() -> None:
    who = seen(("ann", read()), ("ben", read(), LATER), ("ben", read(24.0), LATER))
    assert who(3) == ALL


def test_a_cell_read_later_shows_when_enough_have_read_that_very_cell() -> None:
    entries = [("ann", read()), ("ben", read()), ("ann", read(24.0), LATER)]
    assert seen(*entries)(3) == "ann"
    assert seen(*entries, ("ben", read(24.0), LATER))(3) == ALL
    assert seen(*entries, ("ben", read(26.0), LATER))(3) == "ann"


def test_who_has_read_a_cell_sees_what_is_read_there_later() -> None:
    text = asking(readers=3)
    three = [("ann", read()), ("ben", read(24.0)), ("cleo", read(26.0))]
    who = seen(*three, ("ben", read(), LATER), text=text)
    assert who(4) == "ann ben"


def test_a_correction_of_a_cell_that_enough_have_read_shows_at_once() -> None:
    who = seen(("ann", read()), ("ben", read()), ("ann", read(notes="the table, not the text"), LATER))
    assert who(3) == ALL


def test_studies_are_blind_each_for_itself() -> None:
    who = seen(("ann", read()), ("ben", read(study=OTHER)))
    assert (who(1), who(2)) == ("ann", "ben")


def test_linking_two_records_brings_their_readers_together() -> None:
    linked = make.link(a=make.STUDY, b=OTHER, method="person")
    who = seen(("ann", read()), ("ben", read(study=OTHER)), linked)
    assert (who(1), who(2)) == (ALL, ALL)


def test_an_import_shows_to_all_and_is_nobody_s_reading() -> None:
    who = seen(read(imported="A"), make.characteristics(imported="B"), ("ann", read(24.0)))
    assert (who(1), who(2), who(3)) == (ALL, ALL, "ann")


def test_a_single_reader_opens_a_study_where_the_protocol_asks_for_one() -> None:
    who = seen(("ann", read()), text=asking(readers=1))
    assert who(1) == ALL


def test_a_ruling_is_no_way_around() -> None:
    ruling = make.adjudication()
    assert seen(("ann", read()), ("cleo", ruling))(2) == "cleo"
    assert seen(("ann", read()), ("ben", read()), ("cleo", ruling))(3) == ALL


# --- votes --------------------------------------------------------------------------------------------------


def test_a_vote_shows_to_who_has_voted_and_to_all_when_enough_have() -> None:
    assert seen(("ann", vote()))(1) == "ann"
    who = seen(("ann", vote()), ("ben", vote("exclude")))
    assert (who(1), who(2)) == (ALL, ALL)


def test_of_three_votes_each_shows_only_to_who_has_voted() -> None:
    text = asking(screeners=3)
    assert seen(("ann", vote()), ("ben", vote("exclude")), text=text)(1) == "ann ben"


def test_a_vote_on_the_full_report_is_not_shown_for_one_on_the_title() -> None:
    who = seen(("ann", vote()), ("ben", vote(stage="title")))
    assert (who(1), who(2)) == ("ann", ALL)


def test_a_vote_taken_back_shows_no_other_s() -> None:
    who = seen(("ann", vote()), ("ben", vote()), ("ben", vote("withdrawn")))
    assert (who(1), who(2)) == ("ann", "ann ben")


def test_an_imported_verdict_shows_to_all() -> None:
    assert seen(vote(imported="A"))(1) == ALL


# --- judgements ---------------------------------------------------------------------------------------------


def test_judgements_made_alone_show_when_enough_judged_the_same() -> None:
    assert seen(("ann", alone()))(1) == "ann"
    assert seen(("ann", alone()), ("ben", alone()))(1) == ALL
    other = alone(subject=f"{make.STUDY} sleep")
    assert seen(("ann", alone()), ("ben", other))(1) == "ann"


def test_judgements_of_other_numbers_are_not_the_same() -> None:
    moved = alone(judged=digest("other numbers"))
    who = seen(("ann", alone()), ("ben", alone()), ("ann", moved))
    assert (who(1), who(3)) == (ALL, "ann")


def test_what_people_settled_together_shows_with_what_came_before_it() -> None:
    together = make.judgement(round="together")
    who = seen(("ann", alone()), ("cleo", together), ("ben", alone(judged=digest("moved"))))
    assert (who(1), who(2), who(3)) == (ALL, ALL, "ben")


def test_a_judgement_counts_for_its_study_whichever_record_it_names() -> None:
    linked = make.link(a=make.STUDY, b=OTHER, method="person")
    who = seen(linked, ("ann", alone()), ("ben", alone(subject=f"{OTHER} pain")))
    assert who(2) == ALL


# --- the rest -----------------------------------------------------------------------------------------------


def test_other_facts_show_to_all() -> None:
    assert seen(("ann", make.signature()))(1) == ALL


@pytest.mark.parametrize("ask", ["extraction", "vote", "judgement"])
def test_asking_about_another_kind_of_fact_is_a_mistake(ask: str) -> None:
    line = make.lines(make.signature())[0]
    found = sight(make.state(make.record()), link_studies(make.state(make.record())), protocol())
    with pytest.raises(TypeError, match="line 1 says signature"):
        getattr(found, ask)(line, "ann")


def test_a_fact_about_a_record_that_was_never_stored_stays_with_who_said_it() -> None:
    state = ledger("toy", activated(TEXTS["toy"]), ("ann", read()), ("ben", read()))
    found = sight(state, link_studies(state), protocol())
    assert [found.extraction(line, "ben") for line in state.lines[1:]] == [False, True]


def test_the_names_of_people_change_nothing() -> None:
    """Every way to hand three names to the same three roles gives each role the same sight."""
    views = set()
    for one, two, three in permutations(("ann", "ben", "cleo")):
        state = _state((one, read()), (two, read(24.0)), (one, read(26.0)), (three, vote()), (two, alone()))
        found = _sight(state)
        people = (one, two, three, EVERYBODY)
        views.add(tuple(found.may_see(line, name) for line in state.lines for name in people))
    assert len(views) == 1


def _state(*entries: tuple[str, Fact]) -> ReviewState:
    lines = [LedgerLine(seq=1, at=AT, by="import", fact=make.record())]
    for seq, (by, fact) in enumerate(entries, 2):
        lines.append(LedgerLine(seq=seq, at=AT, by=by, fact=fact))
    return ReviewState.of("toy", lines)


def _sight(state: ReviewState) -> Sight:
    return sight(state, link_studies(state), protocol())
