"""Whatever another review prints, it is checked, made again or refused, and walked, and nothing breaks."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from living.model.facts import PublishedInput, PublishedPool
from living.model.values import canonical, rounded
from living.review.reconcile import reconcile
from living.review.snapshot import build_snapshot
from living.review.walks import adds_up
from tests.unit.review.scenes import seeded

TOY = build_snapshot(seeded())
TEXTS = st.one_of(
    st.sampled_from(
        ["", "0", "0.0", "1", "-1", "<0.001", ">0.05", "ns", "nan", "inf", "1e9", "\N{MINUS SIGN}0.5", "0,5"]
    ),
    st.decimals(-20, 20, places=2).map(str),
)
INPUTS = st.lists(
    st.builds(
        PublishedInput,
        label=st.sampled_from(["Alpha 2020", "Beta 2021", "Delta", "Nobody"]),
        study=st.sampled_from(["", "pubmed:90000001", "pubmed:90000002", "pubmed:90000004", "pubmed:1"]),
        estimate=st.floats(-5, 5),
        se=st.floats(0.01, 5),
        comparison=st.sampled_from(["", "placebo", "other"]),
    )
    | st.builds(PublishedInput, label=st.just("Gamma 2024"), study=st.just("pubmed:90000003")),
    max_size=6,
)
POOLS = st.builds(
    PublishedPool,
    id=st.just("x"),
    review=st.just("A 2020"),
    outcome=st.just("Ache"),
    read_in=st.just("abstract"),
    measure=st.sampled_from(["MD", "SMD (Cohen d)", "RR", "OR", "HR", "odd"]),
    unit=st.sampled_from(["", "points"]),
    estimate=TEXTS.filter(bool),
    low=TEXTS,
    high=TEXTS,
    p=TEXTS,
    k=st.none() | st.integers(0, 40),
    k_total=st.none() | st.integers(0, 40),
    tau2_method=st.sampled_from(["", "CE", "MH", "DL", "REML"]),
    interval_method=st.sampled_from(["", "wald", "HK"]),
    analysis=st.sampled_from(["", "ache", "any-ae", "gone"]),
    between_arms=st.booleans(),
    inputs=INPUTS.map(tuple),
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(POOLS)
def test_any_print_is_told_about_without_a_fault_and_the_same_way_twice(pool: PublishedPool) -> None:
    (out,) = reconcile([pool], TOY.comparisons, TOY.studies)
    assert out.checks
    assert adds_up(out.walk)
    assert out.reproduction.reason or out.reproduction.status == "reproduced"
    if out.reproduction.status in ("impossible", "refused"):
        assert out.reproduction.estimate is None
    for step, after in zip(out.walk, out.walk[1:], strict=False):
        assert step.after == after.before
    assert reconcile([pool], TOY.comparisons, TOY.studies) == (out,)
    assert canonical(rounded(out.model_dump(mode="json")))
