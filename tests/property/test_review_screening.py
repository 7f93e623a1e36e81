"""Taking a vote back is as if it had never been given, and one person's name is as good as another's."""

from hypothesis import given
from hypothesis import strategies as st

from living.model.facts import ScreeningVote
from living.review.identity import link_studies
from living.review.screening import Screened, screening, standing_votes, votes_by_study
from tests import factories as make
from tests.unit.review.scenes import ledger, protocol

PEOPLE = ("ann", "bob", "eve", "kim")
STAGES = ("title", "full_text")
Said = tuple[str, ScreeningVote]

votes = st.builds(
    lambda verdict, stage: make.vote(vote=verdict, stage=stage, criterion="X1"),
    st.sampled_from(["include", "exclude", "unsure", "withdrawn"]),
    st.sampled_from(STAGES),
)
histories = st.lists(st.tuples(st.sampled_from(PEOPLE), votes), max_size=8)


def stands(history: list[Said]) -> Screened:
    state = ledger("toy", make.record(), *history)
    return screening(state, link_studies(state), protocol())[make.STUDY]


def counted(history: list[Said]) -> dict[str, ScreeningVote]:
    state = ledger("toy", make.record(), *history)
    found = votes_by_study(state, link_studies(state)).get(make.STUDY, [])
    return {name: vote for name, (_, vote) in standing_votes(found).items()}


@given(histories, st.sampled_from(PEOPLE))
def test_who_takes_everything_back_might_as_well_have_been_silent(history: list[Said], who: str) -> None:
    undone = [*history, *((who, make.vote(vote="withdrawn", stage=stage)) for stage in STAGES)]
    assert stands(undone) == stands([(by, vote) for by, vote in history if by != who])


@given(histories)
def test_taking_back_what_was_never_said_changes_nothing(history: list[Said]) -> None:
    assert stands([*history, ("nobody", make.vote(vote="withdrawn"))]) == stands(history)


@given(histories)
def test_each_person_has_one_voice_at_most_and_never_a_withdrawn_one(history: list[Said]) -> None:
    found = counted(history)
    assert set(found) <= {by for by, _ in history}
    assert "withdrawn" not in {vote.vote for vote in found.values()}
    assert set(stands(history).voters) <= set(found)


@given(histories)
def test_people_may_change_names_and_nothing_else_changes(history: list[Said]) -> None:
    other = dict(zip(PEOPLE, reversed(PEOPLE), strict=True))
    mirrored = stands([(other[by], vote) for by, vote in history])
    found = stands(history)
    assert (found.status, found.stage, found.conflict) == (mirrored.status, mirrored.stage, mirrored.conflict)
    assert {other[name] for name in found.voters} == set(mirrored.voters)
