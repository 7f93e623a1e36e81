"""Facts for a GRADE judgement: each follows from the analysis, and none of them is a rating."""

from typing import Any

import pytest

from living import stats
from living.model.facts import Fact
from living.model.state import ReviewState
from living.model.supplement import Pointer
from living.stats.fragility import NOT_SIGNIFICANT
from tests.unit.review.scenes import V2, analysis, changed, difference, judged, ldn, read, then, toy, trial

RATINGS = ("high certainty", "moderate", "very low", "downgrade", "rated")


def pointers(state: ReviewState, name: str = "ache") -> dict[str, Pointer]:
    found = analysis(state, name).supplement
    assert found is not None
    return {item.id: item for item in found.pointers}


def shown(name: str, estimate: float, se: float = 0.4, **kw: Any) -> tuple[Fact, ...]:
    return trial(name, read(f"pubmed:{name}", difference(estimate, se, **kw)))


def pooled(*estimates: float, se: float = 0.4) -> list[Fact]:
    return [fact for n, estimate in enumerate(estimates) for fact in shown(str(n), estimate, se)]


def counted(name: str, a: int, b: int, of: int = 50) -> tuple[Fact, ...]:
    numbers = {
        "shape": "event_counts",
        "experimental": {"events": a, "total": of},
        "control": {"events": b, "total": of},
    }
    return trial(name, read(f"pubmed:{name}", numbers, outcome="any-ae", scale="", estimand="count"))


def test_nothing_is_pointed_out_about_no_study() -> None:
    assert pointers(toy()) == {}


def test_no_pointer_rates() -> None:
    told = " ".join(f"{item.label} {item.said}" for item in pointers(ldn(V2), "pain").values()).lower()
    assert not [word for word in RATINGS if word in told]


# --- risk of bias -----------------------------------------------------------------------------------


def test_the_weight_is_shared_out_by_judgement_and_adds_up() -> None:
    state = toy(*pooled(-0.5, 0.1, 0.3))
    told = [judged(state, "pubmed:0 ache"), judged(state, "pubmed:1 ache", "some_concerns")]
    found = pointers(then(state, *told))
    shares = {name: item.value for name, item in found.items() if name.startswith("weight-")}
    assert set(shares) == {"weight-low", "weight-some-concerns", "weight-not-judged"}
    assert sum(share or 0.0 for share in shares.values()) == pytest.approx(100)
    rows = {row.study: row.weight for row in analysis(state, "ache").contrasts}
    assert shares["weight-low"] == pytest.approx(rows["pubmed:0"])


def test_a_judgement_whose_numbers_moved_is_none() -> None:
    state = toy(*pooled(-0.5, 0.1, 0.3))
    agreed = [(who, read("pubmed:0", difference(0.9), imported=None)) for who in ("ann", "bob")]
    found = pointers(then(state, judged(state, "pubmed:0 ache"), *agreed))
    assert found["weight-not-judged"].value == pytest.approx(100)
    assert "weight-low" not in found


def test_one_study_has_all_the_weight() -> None:
    state = toy(*shown("1", 0.2))
    assert pointers(state)["weight-not-judged"].said == "100% of the weight"
    assert pointers(then(state, judged(state, "pubmed:1 ache", "high")))["weight-high"].value == 100.0


# --- inconsistency and imprecision --------------------------------------------------------------------


def test_heterogeneity_is_that_of_the_average() -> None:
    state = toy(*pooled(-0.9, 0.1, 0.8))
    pool, found = analysis(state, "ache").pool, pointers(state)
    assert (found["i2"].value, found["tau2"].value) == (pool.i2, pool.tau2)
    assert found["prediction"].said == f"none ({pool.prediction_reason})"
    five = pointers(toy(*pooled(-0.9, 0.1, 0.8, 0.2, 0.0)))
    assert " to " in five["prediction"].said


def test_a_difference_without_an_average_has_no_interval_to_judge() -> None:
    found = pointers(toy(*shown("1", 0.2), *shown("2", 0.1)))
    assert not {"i2", "tau2", "prediction", "crosses-none", "chance-benefit", "fragility"} & set(found)
    assert {"optimal-size", "small-studies", "unverified"} <= set(found)


@pytest.mark.parametrize(
    ("estimate", "se", "holds"),
    [
        (-1.5, 0.05, (0.0, 1.0, 0.0)),  # all of it beyond the important benefit of 1 point less
        (-0.5, 0.05, (0.0, 0.0, 0.0)),
        (0.0, 0.05, (1.0, 0.0, 0.0)),
        (0.0, 3.0, (1.0, 1.0, 1.0)),
        (1.5, 0.05, (0.0, 0.0, 1.0)),
    ],
)
def test_the_interval_is_held_against_none_an_important_benefit_and_an_important_harm(
    estimate: float, se: float, holds: tuple[float, float, float]
) -> None:
    found = pointers(toy(*pooled(estimate - 0.01, estimate, estimate + 0.01, se=se)))
    names = ("crosses-none", "crosses-benefit", "crosses-harm")
    assert tuple(found[name].value for name in names) == holds
    said = "includes" if holds[0] else "excludes"
    assert found["crosses-none"].said == f"the interval {said} no difference"


def test_where_more_is_better_the_benefit_lies_above() -> None:
    text = changed("toy", ('better = "lower"\nunit = "points', 'better = "higher"\nunit = "points'))
    found = pointers(toy(*pooled(1.49, 1.5, 1.51, se=0.05), text=text))
    assert (found["crosses-benefit"].value, found["crosses-harm"].value) == (1.0, 0.0)
    assert found["chance-benefit"].said.startswith("above 99%")
    assert found["chance-harm"].said.startswith("below 1%")


def test_chances_are_read_from_the_interval_s_own_distribution() -> None:
    state = toy(*pooled(-0.9, -0.2, -0.8))
    pool, found = analysis(state, "ache").pool, pointers(state)
    assert pool.estimate is not None
    assert pool.se is not None
    expected = stats.chances(pool.estimate, pool.se, important=1.0, better="lower", df=2.0)
    assert found["chance-benefit"].value == expected.important_benefit
    assert found["chance-harm"].value == expected.important_harm
    assert found["chance-benefit"].said.endswith("(t on 2 degrees of freedom)")


def test_people_so_far_stand_beside_the_size_of_one_adequate_trial() -> None:
    found = pointers(toy(*shown("1", 0.1, 2 * (2 / 40) ** 0.5), *shown("2", 0.2, 2 * (2 / 40) ** 0.5)))
    size = found["optimal-size"]
    assert size.said.startswith(
        "160 people so far; one adequate trial would need 169 for a difference of 1.00"
    )
    assert size.value == pytest.approx(160 / 169)


def test_without_an_important_difference_or_people_the_size_says_so() -> None:
    found = pointers(toy(*counted("1", 5, 9)), "any-ae")["optimal-size"]
    assert found.value is None
    assert found.said.startswith(
        "100 people so far; the size one trial would need is not given: the protocol"
    )
    lost = pointers(toy(*shown("1", 0.1, n_control=None)))["optimal-size"]
    assert lost.said.startswith("an unreported number of people so far; the size one trial would need is not")


# --- fragility, small studies, sources ------------------------------------------------------------------


def test_a_pooled_risk_ratio_tells_how_many_outcomes_it_hangs_on() -> None:
    facts = [*counted("1", 5, 20), *counted("2", 6, 22), *counted("3", 4, 19)]
    model = stats.fragility_of_pool(
        [5, 6, 4], [50] * 3, [20, 22, 19], [50] * 3, tau2="REML", interval="HK-guarded", alpha=0.05
    )
    assert isinstance(model, stats.Fragility)
    found = pointers(toy(*facts), "any-ae")["fragility"]
    assert model.index is not None
    assert found.value == model.index > 0
    assert "changed would take the interval to no difference" in found.said


def test_a_ratio_that_excludes_nothing_has_no_fragility() -> None:
    facts = [*counted("1", 5, 6), *counted("2", 6, 5), *counted("3", 4, 5)]
    found = pointers(toy(*facts), "any-ae")["fragility"]
    assert (found.value, found.said) == (None, NOT_SIGNIFICANT)
    assert "fragility" not in pointers(toy(*counted("1", 5, 6), *counted("2", 6, 5)), "any-ae")


def test_a_ratio_that_withstands_many_changed_outcomes_is_said_to() -> None:
    facts = [fact for n in "12345678" for fact in counted(n, 100, 300, 1000)]
    found = pointers(toy(*facts), "any-ae")["fragility"]
    assert (found.value, found.said) == (None, "the result is still significant after 100 changed outcomes")


def test_too_few_studies_for_a_small_study_test_are_said() -> None:
    found = pointers(toy(*pooled(0.1, 0.2, 0.3)))["small-studies"]
    assert found.said == "too few studies to test (three; ten are needed)"
    ten = pointers(toy(*(f for n in range(10) for f in shown(str(n), 0.1 * n, 0.2 + 0.02 * n))))
    assert ten["small-studies"].said == "see the small-study tests beside this analysis"


def test_numbers_that_rest_on_one_source_are_counted() -> None:
    assert pointers(toy(*pooled(0.1, 0.2)))["unverified"].said == "two of two numbers rest on one source"
    assert pointers(toy(*shown("1", 0.1)))["unverified"].said == "one of one number rests on one source"
    agreed = [(who, read("pubmed:0", difference(0.1), imported=None)) for who in ("ann", "bob")]
    assert pointers(toy(*pooled(0.1, 0.2), *agreed))["unverified"].value == 1.0
