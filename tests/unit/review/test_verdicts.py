"""The update rule as a table: for every code a ledger that leads to it, its level, its banner, its reason."""

from dataclasses import dataclass
from typing import get_args

import pytest

from living.model.decision import Code, Decision
from living.model.facts import Searched
from living.model.record import Notice
from living.model.state import ReviewState
from living.review.compare import compare
from living.review.decide import decide
from living.review.snapshot import build_snapshot, snapshot_digest
from tests import factories as make
from tests.unit.review.scenes import Entry, changed, difference, read, seeded, then, toy, trial, version

SOON, LATER = "2026-07-02T06:00:00Z", "2027-07-01T06:00:00Z"
SEARCHED = (Searched(source="pubmed", label="PubMed", to="2027-06-30"),)
BETA = "pubmed:90000002"
NUMBERS = difference(-0.5, measure="MD", precision={"by": "ci", "low": -1.5, "high": 0.5})
NOTHING_NEW = (
    "All 2 scheduled sources searched to 2027-06-30; no newly eligible study. Results remain those of v1.0. "
    "0 studies await classification, 0 await data."
)
FIVE = toy(*(fact for n in range(5) for fact in trial(str(n), read(f"pubmed:{n}", difference(0.1 * n)))))


def signed(state: ReviewState, conclusion: str, certainty: str) -> ReviewState:
    on = snapshot_digest(build_snapshot(state))
    return then(state, ("ed", make.signature(digest=on, conclusion=conclusion, certainty=certainty)))


def recruiting() -> tuple[Entry, ...]:
    entry = make.registered(id="NCT00000001", identifiers=(), seeded=True)
    return entry, make.vote(record=entry.key, imported="A")


def noticed(kind: str) -> Entry:
    return ("machine", make.record(id="90000002", identifiers=(), notices=(Notice(kind=kind),)), SOON)


def readers(value: float) -> tuple[Entry, ...]:
    found = read(BETA, {**NUMBERS, "estimate": value}, imported=None)
    return ("ann", found), ("bob", found)


@dataclass(frozen=True)
class Scene:
    """What the last version held, what is known now, and what the rule must make of it."""

    before: ReviewState | None
    now: ReviewState
    level: str
    banner: str
    reason: str
    at: str = SOON

    def decision(self) -> Decision:
        old = version(self.before) if self.before else None
        new = build_snapshot(self.now)
        return decide(old, new, compare(old, new), self.at, SEARCHED)


def scene(level: str, banner: str, reason: str, *entries: Entry, at: str = SOON) -> Scene:
    return Scene(seeded(), seeded(*entries), level, banner, reason, at)


ONCE = signed(FIVE, "First.", "low")
SCENES: dict[Code, Scene] = {
    "first_version": Scene(
        None,
        seeded(),
        "major",
        "First version: 3 studies included, 3 of them in the main analysis; 0 await data.",
        "rule 1: the first version of the topic",
    ),
    "no_new_evidence": scene(
        "bulletin", NOTHING_NEW, "rule 1: nothing in the evidence differs from the last version"
    ),
    "ongoing_only": scene(
        "bulletin",
        "Searched to 2027-06-30. New ongoing trials: 1. No new results.",
        "rule 1: Salt for Sore Knees: new, ongoing",
        *recruiting(),
    ),
    "awaiting": scene(
        "bulletin",
        "Studies that may be eligible and await classification or data: 1. Not yet in the analysis.",
        "rule 1: Trial 4: new, included, awaiting data",
        *trial("4"),
    ),
    "new_evidence": scene(
        "major",
        (
            "Studies added: Trial 4. Ache intensity: −0.88 (−1.95 to 0.18) to −0.55 (−1.58 to 0.48). "
            "Conclusion under review."
        ),
        "rule 1: Trial 4 entered the analysis; Trial 4: new, included",
        *trial("4", read("pubmed:4", difference(0.3))),
    ),
    "conclusions_confirmed": Scene(
        FIVE,
        ONCE,
        "minor",
        "Signed 2026-07-02: the conclusion for Ache intensity is unchanged.",
        "rule 1: a conclusion was signed on this evidence",
    ),
    "conclusions_changed": Scene(
        ONCE,
        signed(ONCE, "Second.", "high"),
        "minor",
        (
            "Signed 2026-07-02: the conclusion for Ache intensity is changed from “First” (certainty low; no "
            "important difference) to “Second” (certainty high; no important difference)."
        ),
        "rule 1: signed on v1.0 and again: certainty low became high",
    ),
    "correction": scene(
        "minor",
        (
            "Ache intensity for Beta 2021 changed from −0.50 (−1.50 to 0.50) to −0.10 (−1.50 to 0.50): "
            "agreed by two readers in place of the imported number. Estimate −0.88 (−1.95 to 0.18) to −0.79 "
            "(−1.95 to 0.37). Conclusion under review."
        ),
        (
            "rule 1: Ache intensity, remedy against placebo, Beta 2021: −0.50 (−1.50 to 0.50) became −0.10 "
            "(−1.50 to 0.50)"
        ),
        *readers(-0.1),
    ),
    "verification": scene(
        "minor",
        (
            "Numbers of Beta 2021 were read by 2 people independently and agree with what stood here: "
            "1 verified."
        ),
        "rule 1: Ache intensity, remedy against placebo, Beta 2021: unverified became verified",
        *readers(-0.5),
    ),
    "retraction": scene(
        "bulletin",
        (
            "Beta 2021 was retracted on 2026-07-02. It supplied 24% of the weight in v1.0. Without it: no "
            "average (two studies; the protocol asks for three before an average is given)."
        ),
        "rule 1: retraction: Beta 2021 (pubmed:90000002)",
        noticed("retraction"),
    ),
    "concern": scene(
        "bulletin",
        "Beta 2021 carries an expression of concern; it remains included pending review.",
        "rule 1: concern: Beta 2021 (pubmed:90000002)",
        noticed("concern"),
    ),
    "methods_change": Scene(
        seeded(),
        seeded(text=changed("toy", ('interval = "HK-guarded"', 'interval = "wald"'))),
        "major",
        (
            "Methods changed: the protocol changed: models. Under old methods: −0.88 (−1.95 to 0.18); under "
            "new: −0.88 (−1.37 to −0.40)."
        ),
        "rule 1: the protocol changed: models",
    ),
    "scheduled_version": scene(
        "minor",
        "No version for 12 months: the evidence of v1.0 is published again as it stands on 2027-07-01.",
        "rule 1: 12 months without a version",
        at=LATER,
    ),
}


def test_every_code_has_its_scene() -> None:
    assert set(SCENES) == set(get_args(Code))


@pytest.mark.parametrize("code", SCENES)
def test_the_rule_gives_each_code_with_its_level_banner_and_reason(code: Code) -> None:
    expected, found = SCENES[code], SCENES[code].decision()
    assert (found.code, found.level) == (code, expected.level)
    assert found.banner == expected.banner
    assert found.reason == expected.reason


@pytest.mark.parametrize("code", SCENES)
def test_the_same_inputs_give_the_same_decision(code: Code) -> None:
    assert SCENES[code].decision() == SCENES[code].decision()


def test_a_change_of_the_update_rule_alone_is_a_change_of_methods() -> None:
    text = changed(
        "toy", ('[update_rule]\nversion = "1"', '[update_rule]\nversion = "2"\nnew_study = "minor"')
    )
    old, new = version(seeded()), build_snapshot(seeded(text=text))
    found = decide(old, new, compare(old, new), SOON, SEARCHED)
    assert (found.code, found.level) == ("methods_change", "major")
    assert found.reason == "rule 2: the protocol changed: update rule"
    assert dict(found.thresholds)["new study"] == "minor"


def test_no_threshold_changes_a_conclusion_without_two_signatures() -> None:
    """An effect that turns round is new evidence; that the conclusion changed is for people to sign."""
    turned = toy(
        *(fact for n in range(5) for fact in trial(str(n), read(f"pubmed:{n}", difference(-3.0, 0.1))))
    )
    old, new = version(ONCE), build_snapshot(turned)
    assert decide(old, new, compare(old, new), SOON, SEARCHED).code == "correction"
