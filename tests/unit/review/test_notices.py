"""What readers of a published version are told today about the reports it used."""

from living.model.facts import Fact
from living.model.record import Notice
from living.review.notices import Warned, share_of, warnings, without
from living.review.snapshot import build_snapshot
from tests import factories as make
from tests.unit.review.scenes import (
    V1,
    Entry,
    changed,
    difference,
    ldn,
    read,
    seeded,
    then,
    toy,
    trial,
    version,
)

ALPHA, BETA, DELTA = "pubmed:90000001", "pubmed:90000002", "pubmed:90000004"
STATE = seeded()
V = version(STATE, "v3.2")


def report(key: str, *kinds: str, **kw: object) -> Fact:
    notices = tuple(Notice(kind=kind, record="pubmed:99") for kind in kinds)
    return make.record(id=key.partition(":")[2], identifiers=(), notices=notices, **kw)


def today(*entries: Entry) -> tuple[Warned, ...]:
    return warnings(then(STATE, *entries), V)


def seen(fact: Fact, day: str) -> Entry:
    return ("machine", fact, f"{day}T06:00:00Z")


def test_a_version_whose_reports_stand_has_no_notices() -> None:
    assert today() == ()


def test_a_retraction_is_told_with_its_weight_and_the_result_without_it() -> None:
    (found,) = today(seen(report(BETA, "retraction"), "2026-09-01"))
    assert (found.kind, found.study, found.date) == ("retraction", BETA, "2026-09-01")
    assert found.text == (
        "Beta 2021 (pubmed:90000002) was retracted on 2026-09-01. It supplied 24% of the weight in v3.2. "
        "Without it: no average (two studies; the protocol asks for three before an average is given)."
    )


def test_the_result_without_it_is_an_average_where_enough_studies_remain() -> None:
    facts = [fact for n in range(4) for fact in trial(str(n), read(f"pubmed:{n}", difference(0.5 * n)))]
    state = toy(*facts)
    told = warnings(then(state, report("pubmed:3", "retraction")), version(state))
    assert told[0].text.endswith("It supplied 25% of the weight in v1.0. Without it: 0.50 (−0.74 to 1.74).")


def test_the_date_is_the_day_the_notice_was_first_seen() -> None:
    first, again = (seen(report(BETA, "retraction"), day) for day in ("2026-09-01", "2026-10-01"))
    assert [found.date for found in today(first, again)] == ["2026-09-01"]
    worse = seen(report(BETA, "concern", "retraction"), "2026-11-01")
    concern = seen(report(BETA, "concern"), "2026-08-01")
    assert [found.date for found in today(concern, worse)] == ["2026-11-01"]


def test_it_disappears_when_the_source_takes_the_notice_back() -> None:
    assert today(report(BETA, "retraction"), report(BETA)) == ()


def test_a_concern_says_that_the_study_remains() -> None:
    (found,) = today(report(BETA, "concern"))
    assert found.kind == "concern"
    assert found.text == (
        "Beta 2021 (pubmed:90000002) carries an expression of concern; it remains included pending review."
    )


def test_of_a_concern_and_a_retraction_the_retraction_is_told() -> None:
    assert [found.kind for found in today(report(BETA, "concern", "retraction"))] == ["retraction"]


def test_errata_and_updates_make_no_notice() -> None:
    assert today(report(BETA, "erratum", "update")) == ()


def test_a_study_that_the_version_did_not_use_makes_no_notice() -> None:
    assert today(report(DELTA, "retraction")) == ()


def test_a_type_of_retracted_publication_is_enough() -> None:
    assert [found.kind for found in today(report(ALPHA, types=("Retracted Publication",)))] == ["retraction"]


def test_two_retracted_reports_are_told_in_the_order_of_the_studies() -> None:
    told = today(report(BETA, "retraction"), report(ALPHA, "retraction"))
    assert [found.study for found in told] == [ALPHA, BETA]


def test_a_record_of_the_study_that_came_after_the_version_is_not_in_it() -> None:
    late = make.record(id="95", identifiers=(), notices=(Notice(kind="retraction"),))
    assert today(late, make.link(a="pubmed:95", b=BETA)) == ()


def test_a_version_stays_as_it_was() -> None:
    before = V.model_dump_json()
    today(report(BETA, "retraction"))
    assert V.model_dump_json() == before


# --- shares ---------------------------------------------------------------------------------------


def test_the_shares_of_a_pool_are_those_printed_and_sum_over_studies() -> None:
    assert [share_of(V, key) for key in (ALPHA, BETA, "pubmed:90000003")] == ["38", "24", "38"]
    assert share_of(V, ALPHA, BETA) == "62"
    assert share_of(V, DELTA) == "0"


def test_two_studies_without_a_headline_average_share_their_own_pool_and_one_has_all() -> None:
    two = build_snapshot(ldn(V1))
    shares = [int(share_of(two, row.study)) for row in two.comparisons[0].analyses[0].contrasts]
    assert sum(shares) == 100
    assert shares[0] > shares[1] > 0
    one = build_snapshot(toy(*trial("1", read("pubmed:1", difference(0.1)))))
    assert share_of(one, "pubmed:1") == "100"


def test_without_the_only_study_nothing_is_left() -> None:
    one = build_snapshot(toy(*trial("1", read("pubmed:1", difference(0.1)))))
    assert without(one, "pubmed:1") == "no average (no study gives numbers for this yet)"


def test_the_model_that_is_used_is_the_version_s_own() -> None:
    facts = [fact for n in range(4) for fact in trial(str(n), read(f"pubmed:{n}", difference(0.5 * n)))]
    wald = build_snapshot(toy(*facts, text=changed("toy", ('interval = "HK-guarded"', 'interval = "wald"'))))
    assert without(wald, "pubmed:3") == "0.50 (−0.07 to 1.07)"
