"""Raw bytes are kept under their hash before anything reads them."""

from pathlib import Path

import pytest

from living.errors import EnvironmentFault, NotVerified
from living.model.values import digest
from living.store import Store
from tests.factories import AT

BODY = b"<PubmedArticleSet>" + bytes(range(256)) * 40
SEEN = {"source": "pubmed", "url": "https://example.org/efetch", "status": 200, "content_type": "text/xml"}


def place(store: Store, sha: str) -> Path:
    return store.path.parent / "payloads" / sha[:2] / f"{sha}.z"


@pytest.mark.parametrize("body", [BODY, b""], ids=["a page", "an empty answer"])
def test_bytes_come_back_as_they_came(store: Store, body: bytes) -> None:
    sha = store.keep(body, **SEEN, at=AT)
    assert sha == digest(body)
    assert store.payload(sha) == body


def test_where_bytes_came_from_first_is_remembered(store: Store) -> None:
    sha = store.keep(BODY, **SEEN, at=AT)
    assert store.keep(BODY, **(SEEN | {"url": "elsewhere"}), at="2027-01-01T00:00:00Z") == sha
    seen = store.payload_seen(sha)
    assert seen is not None
    assert (seen.url, seen.at, seen.size) == (SEEN["url"], AT, len(BODY))
    assert store.payloads() == (sha,)


def test_a_payload_whose_row_was_lost_in_a_crash_is_kept_again(store: Store) -> None:
    sha = store.keep(BODY, **SEEN, at=AT)
    place(store, sha).unlink()
    store.keep(BODY, **SEEN, at=AT)
    assert store.payload(sha) == BODY


def test_no_draft_is_left_beside_the_payloads(store: Store) -> None:
    sha = store.keep(BODY, **SEEN, at=AT)
    assert list(place(store, sha).parent.iterdir()) == [place(store, sha)]


def test_a_missing_payload_is_named(store: Store) -> None:
    with pytest.raises(NotVerified, match=f"{'ab' * 32}.*missing"):
        store.payload("ab" * 32)


@pytest.mark.parametrize("cut", [slice(0, 40), slice(0, 0), slice(5, None)])
def test_a_damaged_payload_is_named(store: Store, cut: slice) -> None:
    sha = store.keep(BODY, **SEEN, at=AT)
    place(store, sha).write_bytes(place(store, sha).read_bytes()[cut])
    with pytest.raises(NotVerified, match=f"{sha}.*damaged"):
        store.payload(sha)


def test_swapped_payloads_are_named(store: Store) -> None:
    one, two = (store.keep(body, **SEEN, at=AT) for body in (b"one", b"two"))
    place(store, one).write_bytes(place(store, two).read_bytes())
    with pytest.raises(NotVerified, match=f"{one}.*not what its name says"):
        store.payload(one)


def test_a_folder_that_cannot_take_payloads_is_one_clear_sentence(store: Store) -> None:
    (store.path.parent / "payloads").write_text("in the way")
    with pytest.raises(EnvironmentFault, match="the file could not be kept"):
        store.keep(BODY, **SEEN, at=AT)
    assert store.payloads() == ()
