"""What readers of a published version are told today about the reports it used."""

from living.model.facts import Fact, Retirement, Withdrawal
from living.model.record import Notice
from living.review.answer import estimate_of
from living.review.compare import analyses
from living.review.notices import (
    Warned,
    fed,
    retired_sentence,
    retirement_of,
    share_of,
    taken_back,
    warnings,
    withdrawal_of,
    without,
)
from living.review.snapshot import build_snapshot, snapshot_digest
from tests import factories as make
from tests.unit.review.scenes import (
    V1,
    V2,
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


def test_a_retraction_is_recomputed_in_every_analysis_that_the_study_fed() -> None:
    version_of_ldn = version(ldn(V2), "v2.0")
    everywhere = {
        row.study
        for analysis in analyses(version_of_ldn).values()
        for row in analysis.contrasts
        if not row.study.startswith("ctgov")
    }
    for study in everywhere:
        said = fed(version_of_ldn, study)
        used = [
            item.id
            for item in analyses(version_of_ldn).values()
            if study in [row.study for row in item.contrasts]
        ]
        assert [item.analysis for item in said] == used
        (found,) = warnings(then(ldn(V2), report(study, "retraction")), version_of_ldn)
        assert found.fed == said
        for item in said:
            assert (item.label in found.text) or item.headline
            both = [text.startswith("no average") for text in (item.before, item.after)]
            assert all(both) or item.after in found.text


def test_the_result_without_a_study_is_that_of_an_analysis_made_without_it() -> None:
    facts = [fact for n in range(4) for fact in trial(str(n), read(f"pubmed:{n}", difference(0.5 * n)))]
    three = facts[: len(facts) // 4 * 3]
    (said,) = fed(build_snapshot(toy(*facts)), "pubmed:3")
    without_it = analyses(build_snapshot(toy(*three)))[said.analysis]
    assert (said.after, said.share, said.headline) == (estimate_of(without_it), "25", True)


def test_another_entry_of_the_same_report_speaks_for_it_whenever_it_was_found() -> None:
    late = make.record(id="95", identifiers=(), notices=(Notice(kind="retraction"),))
    same = make.link(a="pubmed:95", b=BETA, relation="same_report", method="doi")
    assert [(found.record, found.study) for found in today(late, same)] == [("pubmed:95", BETA)]
    apart = make.link(a="pubmed:95", b=BETA, relation="different", method="person")
    assert today(late, same, ("ann", apart)) == ()


def test_a_study_that_goes_by_another_key_today_is_still_found_in_the_version_that_used_it() -> None:
    joined = make.link(a=ALPHA, b=BETA, relation="same_study", method="person")
    (found,) = today(("ann", joined), report(BETA, "retraction"))
    assert (found.study, found.record) == (BETA, BETA)


# --- what was taken back ------------------------------------------------------------------------------------


def back(*entries: Entry) -> list[str]:
    return [item.text for item in taken_back(then(STATE, *entries), V)]


def test_a_notice_that_was_taken_back_leaves_a_line_with_both_days() -> None:
    (told,) = back(seen(report(BETA, "retraction"), "2026-09-01"), seen(report(BETA), "2026-10-01"))
    under = "Beta 2021 (pubmed:90000002) was under a retraction notice from 2026-09-01 to 2026-10-01"
    assert told == f"{under}; the source took it back."


def test_a_notice_that_stands_was_not_taken_back() -> None:
    assert back(seen(report(BETA, "retraction"), "2026-09-01")) == []


def test_a_concern_that_became_a_retraction_was_not_taken_back_and_the_retraction_may_be() -> None:
    worse = (
        seen(report(BETA, "concern"), "2026-08-01"),
        seen(report(BETA, "concern", "retraction"), "2026-09-01"),
    )
    assert back(*worse) == []
    assert len(back(*worse, seen(report(BETA, "concern"), "2026-10-01"))) == 1


def test_a_notice_may_come_and_go_twice() -> None:
    days = ("2026-08-01", "2026-09-01", "2026-10-01", "2026-11-01")
    facts = (report(BETA, "concern"), report(BETA), report(BETA, "concern"), report(BETA))
    told = back(*(seen(fact, day) for fact, day in zip(facts, days, strict=True)))
    assert ["2026-08-01" in told[0], "2026-10-01" in told[1], len(told)] == [True, True, 2]


# --- versions withdrawn, topics retired ---------------------------------------------------------------------


def test_a_version_is_withdrawn_until_it_is_put_back() -> None:
    gone = Withdrawal(version="v3.2", reason="Numbers of another trial")
    state = then(STATE, ("ann", gone))
    found = withdrawal_of(state, "v3.2")
    assert found is not None
    assert found[1].reason == "Numbers of another trial"
    assert withdrawal_of(state, "v3.1") is None
    again = then(STATE, ("ann", gone), ("ben", gone.model_copy(update={"withdrawn": False})))
    assert withdrawal_of(again, "v3.2") is None


def test_a_topic_is_retired_until_it_returns_and_says_so_in_the_protocol_s_words() -> None:
    end = Retirement(trigger="answered", reason="The question is answered.")
    found = retirement_of(then(STATE, ("ann", end, "2026-09-01T06:00:00Z")))
    assert found is not None
    assert (
        retired_sentence(V, *found) == "No longer updated since 2026-09-01. Reason: The question is answered."
    )
    assert retirement_of(STATE) is None
    assert (
        retirement_of(then(STATE, ("ann", end), ("ann", end.model_copy(update={"retired": False})))) is None
    )


def test_neither_changes_a_byte_of_any_version() -> None:
    said = (
        ("ann", Withdrawal(version="v1.0", reason="why")),
        ("ann", Retirement(trigger="quiet", reason="why"), "2027-01-01T00:00:00Z"),
    )
    assert snapshot_digest(build_snapshot(then(STATE, *said))) == snapshot_digest(build_snapshot(STATE))
