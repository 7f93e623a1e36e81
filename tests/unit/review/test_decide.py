"""The update rule: one fixture for each verdict, with the banner that readers see."""

import pytest

from living.model.decision import Decision
from living.model.facts import Adjudication, Searched
from living.model.judgements import CertaintyOut
from living.model.protocol import UpdateRule
from living.model.record import Notice
from living.model.snapshot import Snapshot
from living.model.state import ReviewState
from living.review.compare import compare
from living.review.conclusions import conclusion_of
from living.review.decide import decide, next_number
from living.review.protocol import rule_digest
from living.review.snapshot import build_snapshot, released, snapshot_digest
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
    version,
)

SOON = "2026-07-02T06:00:00Z"  # the day after the last version
BETA = "pubmed:90000002"
OLD = seeded()
RETRACTED = (
    "machine",
    make.record(id="90000002", identifiers=(), notices=(Notice(kind="retraction", record="pubmed:99"),)),
    "2026-06-15T00:00:00Z",
)
BETA_NUMBERS = difference(-0.5, n_experimental=40, n_control=40, measure="MD",
                          precision={"by": "ci", "low": -1.5, "high": 0.5})  # fmt: skip


def to(day: str, source: str = "pubmed") -> Searched:
    return Searched(source=source, label=source, to=day)


def decided(
    state: ReviewState, old: ReviewState = OLD, at: str = SOON, searched: tuple[Searched, ...] = ()
) -> Decision:
    before, now = version(old), build_snapshot(state)
    return decide(before, now, compare(before, now), at, searched)


def after(*entries: Entry, at: str = SOON, searched: tuple[Searched, ...] = ()) -> Decision:
    return decided(then(OLD, *entries), at=at, searched=searched)


def verdict(decision: Decision) -> tuple[str, str]:
    return decision.code, decision.level


def out(key: str = BETA) -> Entry:
    return make.vote(record=key, vote="exclude", criterion="X1", imported="A")


def readers(value: float) -> list[Entry]:
    numbers = {**BETA_NUMBERS, "estimate": value}
    return [(who, read(BETA, numbers, imported=None)) for who in ("ann", "bob")]


def recruiting(number: str) -> tuple[Entry, ...]:
    entry = make.registered(id=f"NCT{number}", identifiers=(), seeded=True)
    return entry, make.vote(record=entry.key, imported="A")


def noticed(kind: str, name: str = "90000002") -> Entry:
    notice = Notice(kind=kind, record="pubmed:99")
    return ("machine", make.record(id=name, identifiers=(), notices=(notice,)))


def signed(state: ReviewState, conclusion: str = "The invented remedy may help a little.") -> Entry:
    return ("ed", make.signature(digest=snapshot_digest(build_snapshot(state)), conclusion=conclusion))


def ruling(value: float) -> Adjudication:
    decided_as = read(BETA, {**BETA_NUMBERS, "estimate": value})
    return make.adjudication(cell=decided_as.cell, numbers=decided_as.numbers)


# --- one verdict each -----------------------------------------------------------------------------


def test_the_first_version() -> None:
    new = build_snapshot(OLD)
    found = decide(None, new, compare(None, new), SOON)
    assert verdict(found) == ("first_version", "major")
    assert found.banner == "First version: 3 studies included, 3 of them in the main analysis; 0 await data."
    assert found.reason == "rule 1: the first version of the topic"
    assert found.rule_sha256 == rule_digest(new.protocol)


def test_new_evidence_in_the_ldn_review() -> None:
    found = decided(ldn(V2), ldn(V1))
    assert verdict(found) == ("new_evidence", "major")
    assert found.banner == (
        "Studies added: INNOVA 2026. Pain intensity: no average to 0.16 (−1.42 to 1.75). "
        "Conclusion under review."
    )
    assert found.reason.startswith("rule 1: INNOVA 2026 entered the analysis")


def test_a_known_study_that_enters_the_primary_analysis_is_new_evidence() -> None:
    waiting = then(OLD, *trial("4"))
    found = decided(then(waiting, read("pubmed:4", difference(0.3))), waiting)
    assert verdict(found) == ("new_evidence", "major")
    assert found.banner.startswith("Studies added: Trial 4.")


def test_a_methods_change_tells_the_estimate_under_old_and_new_methods() -> None:
    found = decided(seeded(text=changed("toy", ('interval = "HK-guarded"', 'interval = "wald"'))))
    assert verdict(found) == ("methods_change", "major")
    assert found.banner == (
        "Methods changed: the protocol changed: models. Under old methods: −0.88 (−1.95 to 0.18); under new: "
        "−0.88 (−1.37 to −0.40)."
    )


def test_a_correction_tells_field_study_both_values_and_by_whose_word() -> None:
    found = after(*readers(-0.1))
    assert verdict(found) == ("correction", "minor")
    assert found.banner == (
        "Ache intensity for Beta 2021 changed from −0.50 (−1.50 to 0.50) to −0.10 (−1.50 to 0.50): agreed by "
        "two readers in place of the imported number. Estimate −0.88 (−1.95 to 0.18) to −0.79 (−1.95 to 0.37)"
        ". Conclusion under review."
    )


@pytest.mark.parametrize(
    ("entries", "reason"),
    [
        ([read(BETA, {**BETA_NUMBERS, "estimate": -0.2})], "the imported number changed"),
        (
            [
                ("ann", read(BETA, {**BETA_NUMBERS, "estimate": -0.2}, imported=None)),
                ("bob", read(BETA, {**BETA_NUMBERS, "estimate": -0.3}, imported=None)),
                ("eve", ruling(-0.2)),
            ],
            "decided by an adjudicator, because readers differed",
        ),
    ],
)  # fmt: skip
def test_a_correction_says_who_decided(entries: list[Entry], reason: str) -> None:
    found = after(*entries)
    assert found.code == "correction"
    assert f": {reason}. Estimate" in found.banner


def test_readers_who_correct_themselves_replace_no_import() -> None:
    old = then(OLD, *readers(-0.4))
    found = decided(then(old, *readers(-0.1)), old)
    assert ": agreed by two readers. Estimate" in found.banner


def test_a_study_that_leaves_for_another_reason_than_a_retraction_is_a_correction() -> None:
    found = after(out())
    assert verdict(found) == ("correction", "minor")
    assert found.banner == (
        "Beta 2021 left the analysis. Ache intensity: −0.88 (−1.95 to 0.18) to no average."
    )


def test_a_verification_counts_numbers_and_names_studies() -> None:
    found = after(*readers(-0.5))
    assert verdict(found) == ("verification", "minor")
    assert found.banner == (
        "Numbers of Beta 2021 were read by 2 people independently and agree with what stood here: 1 verified."
    )


def test_a_retraction_is_a_bulletin_at_once_with_its_weight_and_the_result_without_it() -> None:
    found = after(RETRACTED)
    assert verdict(found) == ("retraction", "bulletin")
    assert found.banner == (
        "Beta 2021 was retracted on 2026-06-15. It supplied 24% of the weight in v1.0. Without it: no "
        "average (two studies; the protocol asks for three before an average is given)."
    )


def test_the_retracted_study_s_removal_is_a_minor_version() -> None:
    noticed = then(OLD, RETRACTED)
    found = decided(then(noticed, out()), noticed)
    assert verdict(found) == ("retraction", "minor")
    assert found.banner == (
        "Beta 2021 was retracted on 2026-06-15. It supplied 24% of the weight in v1.0. "
        "Without it: no average."
    )


def test_a_concern_is_a_bulletin_and_the_study_remains() -> None:
    found = after(noticed("concern"))
    assert verdict(found) == ("concern", "bulletin")
    assert found.banner == ("Beta 2021 carries an expression of concern; it remains included pending review.")


@pytest.mark.parametrize("kind", ["erratum", "update"])
def test_an_erratum_is_no_expression_of_concern(kind: str) -> None:
    found = after(noticed(kind))
    assert verdict(found) == ("no_new_evidence", "bulletin")
    assert found.reason == f"rule 1: {kind}: Beta 2021 (pubmed:90000002)"


@pytest.mark.parametrize("kind", ["retraction", "concern"])
def test_a_notice_about_an_excluded_study_makes_no_banner(kind: str) -> None:
    assert after(noticed(kind, "90000004")).code == "no_new_evidence"


def test_a_signed_conclusion_is_a_minor_version() -> None:
    found = after(signed(OLD))
    assert verdict(found) == ("conclusions_confirmed", "minor")
    assert found.banner == "Signed 2026-07-02: the conclusion for Ache intensity is unchanged."


def test_two_signed_conclusions_change_nothing_with_fewer_studies_than_the_rule_asks() -> None:
    first = then(OLD, signed(OLD, "First sentence."))
    assert decided(then(first, signed(first, "Second sentence.")), first).code == "conclusions_confirmed"


FIVE = tuple(fact for n in range(5) for fact in trial(str(n), read(f"pubmed:{n}", difference(0.1 * n))))


def rated(state: ReviewState, certainty: str | None, conclusion: str) -> ReviewState:
    digest = snapshot_digest(build_snapshot(state))
    return then(state, ("ed", make.signature(digest=digest, conclusion=conclusion, certainty=certainty)))


@pytest.mark.parametrize(
    ("before", "after", "code"),
    [
        ("low", "moderate", "conclusions_changed"),
        ("low", "low", "conclusions_confirmed"),
        (None, "moderate", "conclusions_confirmed"),
        ("low", None, "conclusions_confirmed"),
    ],
)
def test_two_signed_conclusions_differ_by_their_rating_and_not_by_their_words(
    before: str | None, after: str | None, code: str
) -> None:
    first = rated(toy(*FIVE), before, "First.")
    found = decided(rated(first, after, "Second."), first)
    assert verdict(found) == (code, "minor")
    if code == "conclusions_changed":
        assert found.banner == (
            "Signed 2026-07-02: the conclusion for Ache intensity is changed from “First” (certainty low; no "
            "important difference) to “Second” (certainty moderate; no important difference)."
        )
        assert found.reason == "rule 1: signed on v1.0 and again: certainty low became moderate"


def test_the_first_signed_conclusion_changes_none() -> None:
    assert decided(rated(toy(*FIVE), "low", "First."), toy(*FIVE)).code == "conclusions_confirmed"


def test_an_effect_of_another_category_changes_the_conclusion_that_an_earlier_version_signed() -> None:
    much = tuple(
        fact
        for n in range(5)
        for fact in trial(str(n), read(f"pubmed:{n}", difference(-2.0 - 0.01 * n, 0.1)))
    )
    signed_before = version(rated(toy(*FIVE), "low", "First."))
    old, new = toy(*much), rated(toy(*much), "low", "Second.")
    before, now = version(old, "v2.0"), build_snapshot(new)
    found = decide(before, now, compare(before, now), SOON, (), conclusion_of(signed_before))
    assert found.code == "conclusions_changed"
    assert found.reason.endswith("effect no important difference became less, important")
    assert dict(found.inputs)["conclusion signed before"] == (
        "certainty low; no important difference; 5 studies"
    )


def test_the_same_words_with_another_rating_are_a_signed_conclusion_too() -> None:
    first = rated(toy(*FIVE), "low", "The same.")
    assert decided(rated(first, "high", "The same."), first).code == "conclusions_changed"


@pytest.mark.parametrize(
    ("at", "code"),
    [
        ("2027-06-30T06:00:00Z", "no_new_evidence"),
        ("2027-07-01T05:59:59Z", "no_new_evidence"),
        ("2027-07-01T06:00:00Z", "scheduled_version"),
    ],
)
def test_twelve_months_without_a_version_make_one(at: str, code: str) -> None:
    found = after(at=at, searched=(to(at[:10]),))
    assert found.code == code
    if code == "scheduled_version":
        assert found.level == "minor"
        assert found.banner == (
            "No version for 12 months: the evidence of v1.0 is published again as it stands on 2027-07-01."
        )


@pytest.mark.parametrize("searched", [(), (to("2026-06-30"),)], ids=["never", "no further"])
def test_old_evidence_is_not_published_again_when_nobody_has_searched_since(
    searched: tuple[Searched, ...],
) -> None:
    said = make.release(digest=snapshot_digest(build_snapshot(OLD)), searched=(to("2026-06-30"),))
    old = released(then(OLD, ("machine", said)), then(OLD, ("machine", said)).lines[-1], "f" * 64)
    new = build_snapshot(OLD)
    assert decide(old, new, compare(old, new), "2027-09-01T06:00:00Z", searched).code == "no_new_evidence"
    further = decide(old, new, compare(old, new), "2027-09-01T06:00:00Z", (to("2026-07-01"),))
    assert verdict(further) == ("scheduled_version", "minor")


def test_a_bulletin_names_the_day_that_every_source_was_searched_to() -> None:
    found = after(searched=(to("2026-07-01"), to("2026-06-28", "ctgov")))
    assert "searched to 2026-06-28;" in found.banner
    never = after(searched=(to("2026-07-01"), Searched(source="ctgov", label="ctgov")))
    assert "searched to an unknown day;" in never.banner


def test_new_ongoing_trials_are_counted_as_new() -> None:
    old = then(OLD, *recruiting("00000001"))
    found = decided(then(old, *recruiting("00000002"), *recruiting("00000003")), old)
    assert verdict(found) == ("ongoing_only", "bulletin")
    assert found.banner == "Searched to 2026-07-02. New ongoing trials: 2. No new results."


def test_an_ongoing_trial_that_ends_hides_no_new_one() -> None:
    old = then(OLD, *recruiting("00000001"))
    ended = make.registered(id="NCT00000001", registration=make.registration(status="TERMINATED"))
    found = decided(then(old, ended, *recruiting("00000002")), old)
    assert (found.code, "New ongoing trials: 1." in found.banner) == ("ongoing_only", True)


def test_a_trial_that_stops_is_no_new_ongoing_trial() -> None:
    old = then(OLD, *recruiting("00000001"))
    ended = make.registered(id="NCT00000001", registration=make.registration(status="WITHDRAWN"))
    found = decided(then(old, ended), old)
    assert found.code == "no_new_evidence"
    assert "ongoing became stopped" in found.reason


def test_studies_that_await_classification_or_data_are_counted_in_all() -> None:
    unsure = make.vote(record=make.STUDY, vote="unsure", imported="A")
    old = then(OLD, *trial("4"))
    found = decided(then(old, make.record(identifiers=()), unsure), old)
    assert verdict(found) == ("awaiting", "bulletin")
    assert found.banner == (
        "Studies that may be eligible and await classification or data: 2. Not yet in the analysis."
    )


def test_a_new_study_that_awaits_comes_before_a_new_ongoing_trial() -> None:
    assert after(*recruiting("00000001"), *trial("4")).code == "awaiting"


def test_a_newly_excluded_study_is_no_new_evidence() -> None:
    found = after(make.record(identifiers=()), out(make.STUDY))
    assert verdict(found) == ("no_new_evidence", "bulletin")
    assert found.reason == "rule 1: one study screened out"


def test_no_new_evidence() -> None:
    found = after()
    assert verdict(found) == ("no_new_evidence", "bulletin")
    assert found.banner == (
        "All 2 scheduled sources searched to 2026-07-02; no newly eligible study. Results remain those of "
        "v1.0. 0 studies await classification, 0 await data."
    )
    assert found.reason == "rule 1: nothing in the evidence differs from the last version"
    assert (found.causes, found.shifts) == ((), ())


# --- what a decision holds ------------------------------------------------------------------------


def test_a_decision_holds_what_it_was_reached_from_and_every_threshold() -> None:
    found = after(*readers(-0.1), searched=(to("2026-07-02"),))
    inputs, thresholds = dict(found.inputs), dict(found.thresholds)
    assert (inputs["causes, correction"], inputs["causes, added"], inputs["last version"]) == (
        "1",
        "0",
        "v1.0",
    )
    assert inputs["evidence of the last version"] == version(OLD).release.digest  # type: ignore[union-attr]
    assert inputs["evidence"] == snapshot_digest(build_snapshot(then(OLD, *readers(-0.1))))
    assert (inputs["effect"], inputs["pubmed searched to"]) == ("no clear difference", "2026-07-02")
    assert set(thresholds) == {name.replace("_", " ") for name in UpdateRule.model_fields}
    assert thresholds["months without version"] == "12"


def test_a_decision_of_an_older_program_is_read_without_them() -> None:
    old = make.decision().model_dump(exclude={"inputs", "thresholds", "looks"})
    assert Decision.model_validate(old) == make.decision()


# --- the rule -------------------------------------------------------------------------------------


def test_a_rating_without_new_studies_is_a_minor_version_told_as_a_correction() -> None:
    before = version(OLD)
    rating = CertaintyOut(rating="low", by="ed", at="2026-07-02T06:00:00Z")
    comparison = before.comparisons[0]
    main = comparison.analyses[0].model_copy(update={"certainty": rating})
    analyses = (main, *comparison.analyses[1:])
    now = before.model_copy(
        update={"comparisons": (comparison.model_copy(update={"analyses": analyses}),), "release": None}
    )
    found = decide(before, now, compare(before, now), SOON)
    assert verdict(found) == ("correction", "minor")
    about = "Certainty for Ache intensity, remedy against placebo"
    assert found.banner.startswith(f"{about} changed from not rated to low: people judged it.")


def test_a_study_judged_to_be_at_low_risk_of_bias_is_told_where_it_moves_a_sensitivity_analysis() -> None:
    before = version(OLD)
    low = before.studies[1].model_copy(update={"low_risk_of_bias": not before.studies[1].low_risk_of_bias})
    now = before.model_copy(
        update={"studies": (before.studies[0], low, *before.studies[2:]), "release": None}
    )
    found = decide(before, now, compare(before, now), SOON)
    assert verdict(found) == ("correction", "minor")
    assert "Risk of bias for Beta 2021 changed from" in found.banner


def test_the_rule_in_the_protocol_sets_the_level() -> None:
    text = changed("toy", ('version = "1"\n', 'version = "1"\nnew_study = "minor"\nlist_change = "minor"\n'))
    old = seeded(text=text)
    assert decided(then(old, *trial("4", read("pubmed:4", difference(0.3)))), old).level == "minor"
    assert verdict(decided(then(old, *recruiting("00000001")), old)) == ("ongoing_only", "minor")


def test_the_most_telling_change_gives_the_code_and_the_reason_names_them_all() -> None:
    found = after(*trial("4", read("pubmed:4", difference(0.3))), *readers(-0.1), RETRACTED)
    assert found.code == "new_evidence"
    for words in ("Trial 4 entered", "Beta 2021: −0.50", "retraction: Beta 2021"):
        assert words in found.reason


def test_a_study_joined_to_its_registration_is_no_news() -> None:
    entry = make.registered(identifiers=(), seeded=True)
    apart = toy(entry, *trial("4", read("pubmed:4", difference(0.3))))
    found = decided(then(apart, make.link(a="pubmed:4", b=entry.key)), apart)
    assert found.code == "no_new_evidence"


@pytest.mark.parametrize("state", [OLD, ldn(V2)])
def test_no_banner_keeps_a_brace(state: ReviewState) -> None:
    new = build_snapshot(state)
    assert "{" not in decide(None, new, compare(None, new), SOON).banner
    assert evidence(state).included


# --- numbers --------------------------------------------------------------------------------------


def under(number: str) -> Snapshot:
    return version(OLD, number)


@pytest.mark.parametrize(
    ("old", "level", "expected"),
    [
        (None, "major", (1, 0)),
        ("v1.0", "major", (2, 0)),
        ("v1.0", "minor", (1, 1)),
        ("v2.9", "minor", (2, 10)),
        ("v9.3", "major", (10, 0)),
    ],
)
def test_a_major_change_starts_a_number_and_a_minor_one_counts_on(
    old: str | None, level: str, expected: tuple[int, int]
) -> None:
    before = under(old) if old else None
    assert next_number(before, make.decision(level=level, code="correction")) == expected
