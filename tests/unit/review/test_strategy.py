"""How a source is searched: what must be listed, what a change loses, and since when a search is in force."""

from living.model.facts import Strategy
from living.model.protocol import Source
from living.model.state import ReviewState
from living.model.surveillance import Sighting
from living.model.values import digest
from living.review.evidence import Evidence, gather
from living.review.protocol import parse
from living.review.strategy import (
    canaries,
    compared,
    in_force_since,
    required,
    signed_since,
    signed_strategy,
    versions,
)
from tests.unit.review.scenes import TEXTS, Entry, activated, changed, ledger, seeded

ALPHA, BETA, GAMMA = "90000001", "90000002", "90000003"
QUERY = "query = '\"invented remedy\"[tiab]'\nclauses = ['\"invented remedy\"[tiab]']"
OTHER = changed("toy", (QUERY, "query = 'balm[ti]'"))


def source(text: str = TEXTS["toy"], name: str = "pubmed") -> Source:
    return next(item for item in parse(text, "protocol.toml").sources if item.id == name)


def evidence(*more: Entry, text: str = TEXTS["toy"]) -> Evidence:
    return gather(seeded(*more, text=text), parse(text, "protocol.toml"))


def signed(query: Source, *lost: str, found: int = 3) -> Strategy:
    return Strategy(
        source=query.id,
        query=query.query,
        query_digest=query.query_digest,
        found=found,
        lost_included=lost,
        reason="as the protocol says",
    )


def sighted(number: str, state: str, **more: str) -> Sighting:
    given = {"record": f"pubmed:{number}", "state": state, "since": "2026-02-01", "proof": digest(number)}
    return Sighting.model_validate(given | more)


# --- what must be listed ------------------------------------------------------------------------------------


def test_records_of_included_studies_must_be_listed_by_their_source() -> None:
    assert canaries(evidence(), source()) == {ALPHA, BETA, GAMMA}


def test_what_the_protocol_names_must_be_listed_too() -> None:
    text = changed("toy", ("clauses = ['", "canaries = ['77']\nclauses = ['"))
    assert canaries(evidence(text=text), source(text)) == {"77", ALPHA, BETA, GAMMA}


def test_an_excluded_study_need_not_be_listed() -> None:
    assert "90000004" not in canaries(evidence(), source())


def test_what_was_accepted_for_this_very_query_is_not_missed() -> None:
    accepted = evidence(("ed", signed(source(), f"pubmed:{BETA}")))
    assert canaries(accepted, source()) == {ALPHA, GAMMA}
    assert required(accepted, source()) == {ALPHA, BETA, GAMMA}
    assert canaries(accepted, source(OTHER)) == {ALPHA, BETA, GAMMA}
    again = evidence(("ed", signed(source(), f"pubmed:{BETA}")), ("ed", signed(source())))
    assert canaries(again, source()) == {ALPHA, BETA, GAMMA}  # the latest signature counts


def test_an_entry_that_is_gone_is_not_missed_and_one_that_returned_is() -> None:
    gone = evidence(("machine", sighted(BETA, "gone")))
    assert canaries(gone, source()) == {ALPHA, GAMMA}
    back = evidence(("machine", sighted(BETA, "gone")), ("machine", sighted(BETA, "returned")))
    assert canaries(back, source()) == {ALPHA, BETA, GAMMA}


def test_of_an_alias_the_current_entry_must_be_listed() -> None:
    moved = evidence(("machine", sighted(BETA, "aliased", current="pubmed:90000055")))
    assert canaries(moved, source()) == {ALPHA, "90000055", GAMMA}


# --- what a change loses ------------------------------------------------------------------------------------


def test_a_search_is_compared_with_the_last_one_and_with_what_must_be_listed() -> None:
    found = compared(evidence(), source(), [ALPHA, "90000004", "9"], [ALPHA, BETA, "90000004", "8"])
    assert (found.found, found.before, found.gained) == (3, 4, ("9",))
    assert [(item.key, item.standing, item.counts, item.listed_before) for item in found.lost] == [
        (f"pubmed:{BETA}", "included", True, True),
        (f"pubmed:{GAMMA}", "included", True, False),
        ("pubmed:8", "not stored here", False, True),
    ]
    assert found.lost_included == (f"pubmed:{BETA}", f"pubmed:{GAMMA}")


def test_a_search_that_finds_all_of_it_loses_nothing() -> None:
    listed = [ALPHA, BETA, GAMMA]
    found = compared(evidence(), source(), listed, listed)
    assert (found.lost, found.gained, found.lost_included) == ((), (), ())


# --- since when, and by whose signature ---------------------------------------------------------------------


def history(*entries: Entry) -> ReviewState:
    return ledger("toy", *entries)


FIRST, SECOND = activated(TEXTS["toy"]), activated(OTHER)
REMARK = activated(TEXTS["toy"] + "\n# a remark\n")


def test_a_search_is_in_force_since_its_query_changed_last() -> None:
    assert in_force_since(history(), "pubmed") == 0
    assert in_force_since(history(FIRST, REMARK), "pubmed") == 1
    assert in_force_since(history(FIRST, REMARK, SECOND), "pubmed") == 3
    assert in_force_since(history(FIRST, SECOND, REMARK), "pubmed") == 3
    assert in_force_since(history(FIRST, SECOND, REMARK), "ctgov") == 1
    assert in_force_since(history(FIRST), "embase") == 0


def test_the_latest_signature_on_the_very_query_stands() -> None:
    assert signed_strategy(history(FIRST), source()) is None
    others = ("ed", signed(source())), ("ed", signed(source(OTHER)))
    said = history(FIRST, *others, ("eve", signed(source(), found=4)))
    stands = signed_strategy(said, source())
    assert stands is not None
    assert (stands[0].seq, stands[0].by, stands[1].found) == (4, "eve", 4)


def test_a_signature_is_later_than_an_instant_or_not() -> None:
    said = history(FIRST, ("ed", signed(source()), "2026-07-02T06:00:00Z"))
    assert signed_since(said, source(), "2026-07-01T06:00:00Z") is not None
    assert signed_since(said, source(), "2026-07-02T06:00:00Z") is None


def test_every_change_and_signature_is_told_in_order() -> None:
    said = history(FIRST, REMARK, ("ed", signed(source(OTHER))), SECOND)
    assert [(item.line.seq, item.query, item.signed is not None) for item in versions(said, "pubmed")] == [
        (1, source().query, False),
        (3, "balm[ti]", True),
        (4, "balm[ti]", False),
    ]
    assert [item.line.seq for item in versions(said, "ctgov")] == [1]
