"""What people judge reaches readers by the rule: a rating makes a minor version, lost trust another."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from living.review.grading import GROUNDS
from living.review.trust import PARTS
from living.service.judging import judge_rob, judge_trust, rate_certainty
from tests.fakes import Home, home_at
from tests.unit.review.test_filled_judgements import LOW

ALPHA = "pubmed:90000001"


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    with home_at(tmp_path / "home") as found:
        found.turn()
        yield found


def decided(home: Home) -> tuple[str, str, set[str]]:
    newest = home.house.store.state("toy").releases[-1][1]
    return newest.version, newest.decision.code, {cause.kind for cause in newest.decision.causes}


def rate(home: Home, **more: str) -> None:
    chosen = {f"{ground.id}.judgement": next(iter(ground.steps)) for ground in GROUNDS}
    rate_certainty(home.house, "toy", "ache", {**chosen, "overall": "high", **more}, "eve")


def assess(home: Home, overall: str) -> None:
    typed = {check.id: "no" for part in PARTS for check in part.checks}
    typed |= {f"{part.id}.judgement": overall for part in PARTS}
    typed |= {f"{part.id}.reason": "an invented why" for part in PARTS}
    for who in ("ann", "ben"):
        judge_trust(home.house, "toy", ALPHA, {**typed, "overall": overall, "reason": "invented"}, who)


def test_a_rating_makes_a_minor_version_that_shows_it(home: Home) -> None:
    assert home.versions == ["v1.0"]
    rate(home, reason="")
    home.turn()
    assert decided(home) == ("v1.1", "correction", {"judgement"})
    assert "Certainty (GRADE)" in home.page("v1.1/index.html")
    assert ">High<" in home.page("v1.1/index.html")
    home.quiet()


def test_a_lost_trust_makes_a_minor_version_without_the_study(home: Home) -> None:
    assess(home, "serious_concerns")
    home.turn()
    version, code, kinds = decided(home)
    assert (version, code) == ("v1.1", "correction")
    assert "removed" in kinds
    assert "serious concerns about trustworthiness" in home.page("v1.1/index.html").lower()
    home.quiet()


def test_trust_without_concerns_and_bias_of_one_result_change_no_number_and_make_no_version(
    home: Home,
) -> None:
    assess(home, "no_concerns")
    judge_rob(home.house, "toy", ALPHA, "ache", LOW, "ann")
    home.turn()
    assert home.versions == ["v1.0"]
    home.quiet()


def test_low_risk_of_every_judged_result_is_a_judgement_that_makes_a_version(home: Home) -> None:
    assess(home, "no_concerns")
    for who in ("ann", "ben"):
        judge_rob(home.house, "toy", ALPHA, "ache", LOW, who)
    home.turn()
    assert decided(home)[:2] == ("v1.1", "correction")
    assert "judgement" in decided(home)[2]
    page = next(home.site("v1.1/study").glob("alpha-2020*.html")).read_text()
    assert "Trustworthiness" in page
    assert "judged by ann, ben" in page
    home.quiet()
