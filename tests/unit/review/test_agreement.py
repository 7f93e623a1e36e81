"""How often two people who worked blind agreed, field by field; where there is no kappa, why."""

import pytest

from living.model.facts import Fact
from living.model.teamwork import AgreementOut
from living.review.agreement import agreement
from tests import factories as make
from tests.unit.review.scenes import TEXTS, Entry, difference, evidence, read, toy

LATER = "2026-07-02T06:00:00Z"
CLOSE = 1e-9


def found(*entries: Entry, studies: int = 1, text: str = "") -> dict[str, AgreementOut]:
    """The agreement on trials 1, 2, ... of the toy topic after these facts."""
    records = [make.record(id=str(n), identifiers=()) for n in range(1, studies + 1)]
    return {item.field: item for item in agreement(evidence(toy(*records, *entries, text=text)))}


def votes(n: int, ann: str, ben: str, **kw: str) -> list[Entry]:
    def vote(verdict: str) -> Fact:
        return make.vote(record=f"pubmed:{n}", vote=verdict, criterion="X1", **kw)

    return [("ann", vote(ann)), ("ben", vote(ben))]


def said(by: str, estimate: float = -0.5, at: str = "", study: str = "pubmed:1", **kw: object) -> Entry:
    fact = read(study, difference(estimate), imported=None, **kw)
    return (by, fact, at) if at else (by, fact)


def asking(**people: int) -> str:
    return TEXTS["toy"] + "\n[people]\n" + "".join(f"{name} = {n}\n" for name, n in people.items())


# --- screening --------------------------------------------------------------------------------------------


def test_kappa_of_ten_verdicts_as_worked_by_hand() -> None:
    """Both include 4, both exclude 3; ann alone includes 2, ben alone 1: 0.7 equal.

    Ann includes 6 of 10, ben 5: 0.6*0.5 + 0.4*0.5 = 0.5 by chance. Kappa (0.7 - 0.5)/(1 - 0.5) = 0.4.
    """
    pairs = [("include", "include")] * 4 + [("exclude", "exclude")] * 3
    pairs += [("include", "exclude")] * 2 + [("exclude", "include")]
    entries = [entry for n, (ann, ben) in enumerate(pairs, 1) for entry in votes(n, ann, ben)]
    item = found(*entries, studies=10)["screening-full"]
    assert (item.items, item.equal) == (10, 7)
    assert item.kappa == pytest.approx(0.4, abs=CLOSE)
    assert item.low is not None
    assert item.high is not None
    assert item.low < 0.4 < item.high


def test_votes_that_are_still_blind_count_for_nothing_not_even_as_items() -> None:
    blind = ("ann", make.vote(record="pubmed:2"))
    assert found(*votes(1, "include", "exclude"), studies=2) == found(
        *votes(1, "include", "exclude"), blind, studies=2
    )
    assert found(blind, studies=2) == {}


def test_whoever_votes_after_the_others_could_be_seen_counts_not() -> None:
    third = ("cleo", make.vote(record="pubmed:1"))
    changed = ("ben", make.vote(record="pubmed:1"))
    item = found(*votes(1, "include", "exclude"), third, changed)["screening-full"]
    assert (item.items, item.equal) == (1, 0)


def test_titles_and_full_reports_are_counted_apart() -> None:
    item = found(*votes(1, "include", "include", stage="title"), *votes(1, "include", "exclude"))
    assert (item["screening-title"].equal, item["screening-full"].equal) == (1, 0)


def test_one_category_gives_no_kappa_and_says_why() -> None:
    item = found(*votes(1, "include", "include"))["screening-full"]
    assert item.kappa is None
    assert "the same answer" in item.note


def test_a_protocol_that_asks_for_one_vote_has_nothing_blind_to_compare() -> None:
    assert found(*votes(1, "include", "include"), text=asking(screeners=1)) == {}


# --- readings ---------------------------------------------------------------------------------------------


def test_numbers_agree_or_not_and_have_no_kappa() -> None:
    item = found(said("ann"), said("ann", weeks=24.0), said("ben"), said("ben", 0.1, weeks=24.0))["numbers"]
    assert (item.items, item.equal, item.kappa) == (2, 1, None)
    assert item.note == "numbers are no categories"


def test_a_result_that_one_of_two_found_is_a_disagreement() -> None:
    items = found(said("ann"), said("ann", weeks=24.0), said("ben"))
    assert (items["cell"].items, items["cell"].equal) == (2, 1)
    assert (items["numbers"].items, items["numbers"].equal) == (1, 1)


def test_a_correction_made_after_the_opening_changes_no_agreement() -> None:
    first = [said("ann"), said("ben", -0.7)]
    assert found(*first, said("ben", -0.5, LATER)) == found(*first)


def test_a_study_that_waits_for_its_second_reader_is_left_out() -> None:
    assert found(said("ann"), said("ann", weeks=24.0)) == {}


def test_imports_are_nobody() -> None:
    assert found(read("pubmed:1", difference(-0.5)), said("ann")) == {}


def test_categories_of_a_reading_have_a_kappa() -> None:
    nothing = {"shape": "no_numbers", "status": "not_measured", "reason": "not measured"}
    none = [(by, read("pubmed:2", nothing, imported=None)) for by in ("ann", "ben")]
    items = found(said("ann"), said("ben"), *none, studies=2)
    assert (items["usable"].items, items["usable"].kappa) == (2, 1.0)
    assert items["usable"].low is None  # no interval where the large-sample error is nought
    assert (items["shape"].items, items["spread"].items) == (1, 1)


def test_the_kind_of_values_is_compared_where_each_read_one_kind() -> None:
    item = found(said("ann", estimand="change"), said("ben", estimand="adjusted"))["estimand"]
    assert (item.items, item.equal) == (1, 0)


def test_of_three_blind_readers_the_first_two_by_name_count() -> None:
    entries = [said("cleo"), said("ben", -0.7), said("ann", -0.7)]
    item = found(*entries, text=asking(readers=3))["numbers"]
    assert (item.items, item.equal) == (1, 1)


def test_what_the_study_is_is_compared_too() -> None:
    one = make.characteristics(study="pubmed:1")
    other = make.characteristics(study="pubmed:1", design="crossover")
    items = found(("ann", one), said("ann"), ("ben", other), said("ben"))
    assert (items["design"].equal, items["condition-group"].equal, items["arms"].equal) == (0, 1, 1)


# --- judgements -------------------------------------------------------------------------------------------


def test_domains_are_compared_once_both_have_judged_alone() -> None:
    def judged(by: str, overall: str, first: str) -> Entry:
        domains = (("D1", first, ""), ("D2", "low", ""))
        return (by, make.judgement(subject="pubmed:1 ache", overall=overall, domains=domains, round="alone"))

    assert found(judged("ann", "low", "low")) == {}
    items = found(judged("ann", "low", "low"), judged("ben", "high", "high"))
    assert (items["rob2-overall"].equal, items["rob2-D1"].equal, items["rob2-D2"].equal) == (0, 0, 1)
    again = judged("ben", "low", "low")
    assert found(judged("ann", "low", "low"), judged("ben", "high", "high"), again) == items


@pytest.mark.parametrize("turn", [1, -1])
def test_who_came_first_changes_nothing(turn: int) -> None:
    assert found(*[said("ann"), said("ben", -0.7)][::turn]) == found(said("ann"), said("ben", -0.7))
