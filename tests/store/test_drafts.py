"""Drafts: rows are only added, each person has their own, and a form is handed in once."""

from living.store import Store
from living.store.drafts import Sheaf
from tests.factories import AT, STUDY, TOPIC

LATER = "2026-05-01T06:00:00Z"
MINE = Sheaf(topic=TOPIC, form="reading", subject=STUDY, by="ann")
HERS = MINE.model_copy(update={"by": "ben"})


def test_every_save_is_a_revision_and_none_is_overwritten(store: Store) -> None:
    first = store.save_draft(MINE, 0, '{"a":"1"}', AT)
    second = store.save_draft(MINE, first.revision, '{"a":"2"}', AT)
    assert (first.revision, second.revision, second.base) == (1, 2, 1)
    kept = store.draft_at(MINE, 1)
    assert kept is not None
    assert kept.body == '{"a":"1"}'


def test_a_save_that_comes_twice_adds_nothing(store: Store) -> None:
    once = store.save_draft(MINE, 0, "{}", AT)
    assert store.save_draft(MINE, 0, "{}", LATER) == once
    assert len(store.draft_marks(MINE)) == 1


def test_a_save_on_an_older_base_stands_beside_the_newer(store: Store) -> None:
    store.save_draft(MINE, 0, '{"a":"1"}', AT)
    store.save_draft(MINE, 1, '{"a":"2"}', AT)
    beside = store.save_draft(MINE, 1, '{"a":"3"}', AT)
    assert (beside.revision, beside.base) == (3, 1)


def test_nobody_is_given_another_s_draft(store: Store) -> None:
    store.save_draft(MINE, 0, '{"a":"1"}', AT)
    assert store.draft_marks(HERS) == ()
    assert store.draft_at(HERS, 1) is None
    assert store.drafts_of("ben") == ()
    assert [draft.body for draft in store.drafts_of("ann", TOPIC)] == ['{"a":"1"}']


def test_only_what_was_handed_in_long_ago_is_deleted(store: Store) -> None:
    store.save_draft(MINE, 0, '{"a":"1"}', AT)
    store.save_draft(HERS, 0, '{"a":"1"}', AT)
    store.save_draft(HERS, 1, '{"a":"1"}', AT, "handed_in")
    assert store.prune_drafts(AT) == 0
    assert store.prune_drafts(LATER) == 2
    assert store.draft_marks(HERS) == ()
    assert len(store.draft_marks(MINE)) == 1


def test_a_draft_somebody_went_on_with_after_handing_in_is_kept(store: Store) -> None:
    store.save_draft(MINE, 0, '{"a":"1"}', AT, "handed_in")
    store.save_draft(MINE, 1, '{"a":"2"}', AT)
    assert store.prune_drafts(LATER) == 0


def test_the_first_press_decides_what_a_key_led_to(store: Store) -> None:
    assert store.handed("k1") is None
    first = store.hand("k1", "ann", AT, "3 facts")
    assert store.hand("k1", "ann", LATER, "0 facts") == first
    assert store.handed("k1") == first
