"""However people's work interleaves, nobody sees what another read before the rule allows it."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from living.model.facts import Characteristics, Extraction, Fact, Judgement, LedgerLine, ScreeningVote
from living.model.protocol import People, Protocol
from living.model.state import ReviewState
from living.review.blinding import EVERYBODY, Sight, sight
from living.review.identity import link_studies
from living.review.snapshot import build_snapshot
from tests import factories as make
from tests.unit.review.scenes import TEXTS, activated, evidence, protocol

pytestmark = pytest.mark.filterwarnings("error")
NAMES = ("ann", "ben", "cleo", "dee")
IDS = ("40000001", "40000002")
INSTANTS = ("2026-07-01T06:00:00Z", "2026-07-01T06:00:01Z")

Move = tuple[str, Fact, str]


@st.composite
def moves(draw: st.DrawFn) -> Move:
    study = f"pubmed:{draw(st.sampled_from(IDS))}"
    who, at = draw(st.sampled_from((*NAMES, "import"))), draw(st.sampled_from(INSTANTS))
    imported = "A" if who == "import" else None
    kind = draw(st.sampled_from(["read", "read", "read", "what", "vote", "alone"]))
    if kind == "what":
        return who, make.characteristics(study=study, imported=imported), at
    if kind == "vote":
        stage = draw(st.sampled_from(["title", "full_text"]))
        verdict = draw(st.sampled_from(["include", "exclude", "unsure", "withdrawn"]))
        return who, make.vote(record=study, vote=verdict, stage=stage, criterion="E1", imported=imported), at
    if kind == "alone":
        return who, make.judgement(subject=f"{study} pain", round="alone"), at
    cell = make.cell(study=study, weeks=draw(st.sampled_from([4.0, 12.0])))
    return who, make.extraction(cell=cell, imported=imported), at


histories = st.lists(moves(), max_size=14)
readers = st.integers(1, 3)


def state_of(history: list[Move], rename: dict[str, str] | None = None) -> ReviewState:
    records = [
        LedgerLine(seq=n, at=INSTANTS[0], by="machine", fact=make.record(id=name, identifiers=()))
        for n, name in enumerate(IDS, 1)
    ]
    said = [
        LedgerLine(seq=n, at=at, by=(rename or {}).get(by, by), fact=fact)
        for n, (by, fact, at) in enumerate(history, len(records) + 1)
    ]
    return ReviewState.of("toy", (*records, *said))


def asks(readers: int) -> Protocol:
    people = People(readers=readers, screeners=readers, judges=readers)
    return protocol().model_copy(update={"people": people})


def seen_by(state: ReviewState, readers: int) -> Sight:
    return sight(state, link_studies(state), asks(readers))


def who_read(state: ReviewState, about: Any) -> set[str]:
    """People with a reading of a study (or of one cell), found the slow and obvious way."""
    return {
        line.by
        for line in state.lines
        if isinstance(line.fact, Extraction)
        and line.by != "import"
        and about in (line.fact.cell, line.fact.cell.study)
    }


@given(histories, readers)
def test_no_reading_shows_before_enough_people_have_handed_in(history: list[Move], needed: int) -> None:
    whole = state_of(history)
    for upto in range(len(IDS) + 1, whole.seq + 1):
        state = whole.upto(upto)
        found = seen_by(state, needed)
        for line in state.lines:
            if line.by == "import" or not isinstance(line.fact, Extraction | Characteristics):
                continue
            study = line.fact.cell.study if isinstance(line.fact, Extraction) else line.fact.study
            for viewer in {*NAMES, EVERYBODY} - {line.by}:
                if found.extraction(line, viewer):
                    assert len(who_read(state, study)) >= needed


@given(histories, readers)
def test_a_cell_read_after_the_opening_shows_only_by_its_own_readers(
    history: list[Move], needed: int
) -> None:
    """Whoever sees a later reading reads that cell too, or enough do, or it came with the opening."""
    state = state_of(history)
    found = seen_by(state, needed)
    for line, fact in state.of_kind(Extraction):
        if line.by == "import":
            continue
        before = who_read(state.upto(line.seq - 1), fact.cell.study)
        was_open = len(before) >= needed
        for viewer in {*NAMES, EVERYBODY} - {line.by}:
            if was_open and found.extraction(line, viewer) and not same_hand_in(state, line):
                assert viewer in who_read(state, fact.cell) or len(who_read(state, fact.cell)) >= needed


def same_hand_in(state: ReviewState, line: LedgerLine) -> bool:
    """Whether the line before was said by the same person at the same instant about the same study."""
    before = state.lines[line.seq - 2]
    about = getattr(before.fact, "study", None) or getattr(getattr(before.fact, "cell", None), "study", None)
    here = line.fact.cell.study if isinstance(line.fact, Extraction) else ""
    return (before.by, before.at, about) == (line.by, line.at, here)


@given(histories, readers)
def test_one_s_own_and_imports_always_show(history: list[Move], needed: int) -> None:
    state = state_of(history)
    found = seen_by(state, needed)
    for line in state.lines:
        assert found.may_see(line, line.by)
        if line.by == "import":
            assert all(found.may_see(line, viewer) for viewer in (*NAMES, EVERYBODY))


@given(histories, readers)
def test_what_everybody_may_see_everyone_may(history: list[Move], needed: int) -> None:
    found = seen_by(state_of(history), needed)
    for line in state_of(history).lines:
        if found.may_see(line):
            assert all(found.may_see(line, viewer) for viewer in NAMES)


@given(histories, readers, st.permutations(NAMES))
def test_other_names_for_the_same_people_give_the_same_sight(
    history: list[Move], needed: int, others: list[str]
) -> None:
    rename = dict(zip(NAMES, others, strict=True)) | {"import": "import", EVERYBODY: EVERYBODY}
    one, other = state_of(history), state_of(history, rename)
    before, after = seen_by(one, needed), seen_by(other, needed)
    for line, renamed in zip(one.lines, other.lines, strict=True):
        for viewer in (*NAMES, EVERYBODY):
            assert before.may_see(line, viewer) == after.may_see(renamed, rename[viewer])


@given(histories, readers)
def test_no_vote_shows_to_who_still_owes_one(history: list[Move], needed: int) -> None:
    state = state_of(history)
    found = seen_by(state, needed)
    for line, vote in state.of_kind(ScreeningVote):
        if line.by == "import":
            continue
        voices = {other.by for other, said in state.of_kind(ScreeningVote) if said.record == vote.record}
        for viewer in {*NAMES, EVERYBODY} - {line.by}:
            if found.vote(line, viewer):
                assert viewer in voices or len(voices - {"import"}) >= needed


@given(histories, readers)
def test_no_judgement_made_alone_shows_before_enough_have_judged(history: list[Move], needed: int) -> None:
    state = state_of(history)
    found = seen_by(state, needed)
    for line, fact in state.of_kind(Judgement):
        if line.by != "import":
            alone = {other.by for other, said in state.of_kind(Judgement) if said.subject == fact.subject}
            for viewer in {*NAMES, EVERYBODY} - {line.by}:
                if found.judgement(line, viewer):
                    assert len(alone - {"import"}) >= needed


@settings(max_examples=25, deadline=None)  # each builds two snapshots
@given(histories, st.integers(2, 3))
def test_what_is_blind_moves_nothing_that_readers_of_the_site_or_the_queue_see(
    history: list[Move], needed: int
) -> None:
    """Change what every hidden line says, and the snapshot and the queue stay as they were, byte for byte."""
    text = TEXTS["toy"] + f"\n[people]\nreaders = {needed}\nscreeners = {needed}\njudges = {needed}\n"
    first = LedgerLine(seq=1, at=INSTANTS[0], by="machine", fact=activated(text))
    moved = [line.model_copy(update={"seq": line.seq + 1}) for line in state_of(history).lines]
    state = ReviewState.of("toy", (first, *moved))
    found = evidence(state)
    hidden = {
        line.seq for line, fact in state.of_kind(Extraction) if not found.sight.extraction(line, EVERYBODY)
    } | {line.seq for line, _ in state.of_kind(Characteristics) if not found.sight.extraction(line)}
    other = ReviewState.of("toy", [_otherwise(line) if line.seq in hidden else line for line in state.lines])
    assert build_snapshot(other) == build_snapshot(state)
    assert evidence(other).queue() == found.queue()


def _otherwise(line: LedgerLine) -> LedgerLine:
    fact: Fact = line.fact
    if isinstance(fact, Extraction):
        numbers = make.arm_means(experimental={"n": 9, "mean": 3.4871, "spread": {"by": "sd", "sd": 1.0}})
        update = {"numbers": numbers, "notes": "other", "population": "completers"}
    else:
        update = {"label": "Other 1999", "design": "crossover", "arms": ()}
    return line.model_copy(update={"fact": fact.model_copy(update=update)})
