"""What changed between two sights of a record, and whether a person must see it."""

from typing import Any, get_args

import pytest

from living.model.record import AbstractPart, Identifier, Item, Notice, Record
from living.model.surveillance import Sighting
from living.review.record_changes import (
    NEWS,
    Change,
    is_news,
    is_retracted,
    noticed_on,
    sighted,
    standing_notice,
    typed_changes,
)
from tests import factories as make
from tests.unit.review.scenes import ledger

ARTICLE = make.record()
RETRACTED = Notice(kind="retraction", record="pubmed:9")
BY_TYPE = "Retracted Publication"
CONCERN = Notice(kind="concern", record="pubmed:8")


def article(**kw: Any) -> Record:
    return make.record(**kw)


def entry(**kw: Any) -> Record:
    return make.registered(registration=make.registration(**kw))


TABLE: list[tuple[str, Record | None, Record, tuple[str, ...]]] = [
    ("never stored", None, article(), ("NEW",)),
    ("stored as it was", article(), article(), ()),
    ("only where its bytes lie", article(), article(payload="f" * 64), ()),
    ("results posted", entry(), entry(has_results=True, results="a" * 64), ("RESULTS_POSTED",)),
    (
        "results edited",
        entry(has_results=True, results="a" * 64),
        entry(has_results=True, results="b" * 64),
        ("RESULTS_CHANGED",),
    ),
    ("status", entry(), entry(status="COMPLETED"), ("STATUS",)),
    (
        "primary outcome",
        entry(),
        entry(primary_outcomes=(Item(name="Pain", detail="8 weeks"),)),
        ("PRIMARY_OUTCOME",),
    ),
    ("enrolment", entry(), entry(enrolment=90), ("ENROLMENT",)),
    ("arms", entry(), entry(arms=(Item(name="Salt 2 g"),)), ("ARMS_DOSE",)),
    ("dose", entry(), entry(interventions=(Item(name="Salt", detail="2 g"),)), ("ARMS_DOSE",)),
    ("dates", entry(), entry(last_update_posted="2026-03-01", completion="2027-01"), ("DATES_ONLY",)),
    ("contacts", entry(), entry(contacts="c" * 64), ("CONTACTS_ONLY",)),
    ("contacts and dates", entry(), entry(contacts="c" * 64, start="2025-06"), ("DATES_ONLY",)),
    ("withheld", entry(), entry(status="WITHHELD"), ("WITHHELD",)),
    ("rest of the registration", entry(), entry(rest="d" * 64), ("OTHER",)),
    ("indexing", article(), article(headings=("Pain",)), ("PUBTYPE_OR_MESH",)),
    ("title", article(), article(title="Another title"), ("TEXT",)),
    ("abstract", article(), article(abstract=(AbstractPart(text="Other words"),)), ("TEXT",)),
    ("authors", article(), article(authors=("Example A",)), ("OTHER",)),
    ("ids of a registration", entry(), make.registered(identifiers=()), ("OTHER",)),
    ("retracted", article(), article(notices=(RETRACTED,)), ("RETRACTED",)),
    ("retracted by type", article(), article(types=(BY_TYPE,)), ("RETRACTED", "PUBTYPE_OR_MESH")),
    ("reinstated", article(notices=(RETRACTED,)), article(), ("REINSTATED",)),
    ("concern", article(), article(notices=(CONCERN,)), ("CONCERN",)),
    ("erratum", article(), article(notices=(Notice(kind="erratum"),)), ("ERRATUM",)),
    ("new version", article(), article(version=2), ("NEW_VERSION",)),
    ("updated by another paper", article(), article(notices=(Notice(kind="update"),)), ("NEW_VERSION",)),
    ("retracted when first seen", None, article(notices=(RETRACTED,)), ("NEW", "RETRACTED")),
    ("then retracted", article(notices=(CONCERN,)), article(notices=(CONCERN, RETRACTED)), ("RETRACTED",)),
    (
        "several at once",
        entry(),
        entry(status="COMPLETED", has_results=True, enrolment=58, last_update_posted="2026-04-01"),
        ("RESULTS_POSTED", "STATUS", "ENROLMENT"),
    ),
]  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "expected"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE]
)
def test_a_change_is_named_by_its_type(old: Record | None, new: Record, expected: tuple[str, ...]) -> None:
    assert typed_changes(old, new) == expected


def test_every_type_of_change_is_in_the_table() -> None:
    told_by_sightings = {"GONE", "RETURNED", "ALIASED"}
    assert {name for row in TABLE for name in row[3]} | told_by_sightings == set(get_args(Change))


@pytest.mark.parametrize(
    ("state", "current", "change", "news"),
    [
        ("gone", None, "GONE", True),
        ("returned", None, "RETURNED", True),
        ("aliased", "ctgov:NCT99000002", "ALIASED", False),
    ],
)
def test_what_became_of_an_entry_is_a_type_of_change(
    state: str, current: str | None, change: str, news: bool
) -> None:
    said = {"record": "ctgov:NCT99000001", "state": state, "since": "2026-02-02", "proof": "0" * 64}
    changes = sighted(Sighting.model_validate(said | {"current": current}))
    assert changes == (change,)
    assert is_news(changes) is news


QUIET = ("STATUS", "ENROLMENT", "DATES_ONLY", "CONTACTS_ONLY", "PUBTYPE_OR_MESH", "TEXT", "OTHER", "ALIASED")


@pytest.mark.parametrize("change", get_args(Change))
def test_dates_contacts_and_indexing_are_no_news_and_results_and_notices_are(change: Change) -> None:
    assert is_news((change,)) is (change not in QUIET)
    assert (change in NEWS) is (change not in QUIET)


def test_a_quiet_change_beside_news_is_news() -> None:
    assert is_news(("DATES_ONLY", "RESULTS_POSTED"))
    assert not is_news(())


def test_the_first_live_sight_of_a_seeded_record_is_no_change() -> None:
    seed = article(seeded=True, title="[Title as first written down]")
    assert typed_changes(seed, article()) == ()


@pytest.mark.parametrize(("notice", "change"), [(RETRACTED, "RETRACTED"), (CONCERN, "CONCERN")])
def test_a_notice_that_the_first_live_sight_brings_is_a_change(notice: Notice, change: str) -> None:
    assert typed_changes(article(seeded=True), article(notices=(notice,))) == (change,)


def test_the_second_live_sight_is_compared_as_any_other() -> None:
    assert typed_changes(article(), article(title="Another title")) == ("TEXT",)


def test_a_registration_whose_results_are_taken_down_has_changed_results() -> None:
    posted = entry(has_results=True, results="a" * 64)
    assert typed_changes(posted, entry(has_results=False, results="")) == ("RESULTS_CHANGED",)


@pytest.mark.parametrize(
    ("record", "standing"),
    [
        (article(), None),
        (article(notices=(Notice(kind="erratum"),)), None),
        (article(notices=(CONCERN,)), "concern"),
        (article(notices=(CONCERN, RETRACTED)), "retraction"),
        (article(types=("Retracted Publication",)), "retraction"),
        (article(types=("Retraction of Publication",)), None),
    ],
)
def test_the_gravest_notice_stands(record: Record, standing: str | None) -> None:
    assert standing_notice(record) == standing
    assert is_retracted(record) is (standing == "retraction")


def test_a_notice_is_dated_by_the_day_it_was_first_seen_and_again_after_a_reinstatement() -> None:
    bad, good = (
        article(notices=(RETRACTED,)),
        article(identifiers=(Identifier(scheme="doi", value="10.5/2"),)),
    )
    days = [("m", bad, f"2026-03-{day:02}T06:00:00Z") for day in (1, 2)]
    assert noticed_on(ledger("toy", ARTICLE, *days)) == {make.STUDY: "2026-03-01"}
    assert noticed_on(ledger("toy", ARTICLE, *days, good)) == {}
    again = ("m", bad, "2026-05-05T06:00:00Z")
    assert noticed_on(ledger("toy", *days, good, again)) == {make.STUDY: "2026-05-05"}
