"""A store in a scratch folder, and another program's way in."""

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from living.model.values import digest
from living.store import NewSubscriber, Store, Subscriber
from tests.factories import AT, TOPIC

MIGRATIONS = Path(__file__).resolve().parents[2] / "db" / "migrations"


@pytest.fixture
def migrations() -> Path:
    return MIGRATIONS


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "home" / "living.db"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    with Store.open(path, MIGRATIONS) as store:
        yield store


@pytest.fixture
def insider(store: Store) -> Iterator[sqlite3.Connection]:
    """Somebody with the file and a database tool, and none of our settings."""
    connection = sqlite3.connect(store.path, isolation_level=None)
    yield connection
    connection.close()


@pytest.fixture
def subscribe(store: Store) -> Callable[..., Subscriber]:
    """A reader who asked and, unless told otherwise, confirmed."""

    def ask(name: str = "ann", *, level: str = "new_study", confirmed: bool = True) -> Subscriber:
        wish = NewSubscriber.model_validate(
            {
                "id": f"id-of-{name}",
                "topic": TOPIC,
                "address": f"{name}@example.org",
                "name": name.title(),
                "level": level,
                "confirm_hash": digest(f"confirm {name}"),
                "leave_hash": digest(f"leave {name}"),
            }
        )
        pending = store.subscribe(wish, AT)
        return (store.confirm(wish.confirm_hash, AT) or pending) if confirmed else pending

    return ask
