"""What the machine does to the file: one clear sentence, and nothing half done."""

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import event

from living.errors import EnvironmentFault, Exit
from living.store import Store
from tests.factories import AT, TOPIC, record, vote
from tests.store.conftest import MIGRATIONS

NOBODY = 65534


def sentence(fault: pytest.ExceptionInfo[EnvironmentFault], path: Path) -> str:
    text = str(fault.value)
    assert fault.value.exit_code is Exit.ENVIRONMENT
    assert text.startswith(str(path))
    assert "\n" not in text
    return text


@contextmanager
def as_nobody() -> Iterator[None]:
    """Root may write everywhere; nobody may not."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.fixture
def readable_home() -> Iterator[Path]:
    """A folder everybody may read and nobody but its owner may write."""
    home = Path(tempfile.mkdtemp())
    home.chmod(0o755)
    yield home
    home.chmod(0o755)
    shutil.rmtree(home)


def test_a_folder_that_cannot_be_written_is_refused(readable_home: Path) -> None:
    readable_home.chmod(0o555)
    path = readable_home / "living.db"
    with as_nobody(), pytest.raises(EnvironmentFault, match="the store cannot be made here") as fault:
        Store.open(path, MIGRATIONS)
    assert "Permission denied" in sentence(fault, path)
    assert list(readable_home.iterdir()) == []


def test_a_file_where_the_folder_should_be_is_refused(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("in the way")
    with pytest.raises(EnvironmentFault, match="the store cannot be made here") as fault:
        Store.open(tmp_path / "home" / "living.db", MIGRATIONS)
    sentence(fault, tmp_path / "home" / "living.db")


def test_a_store_that_cannot_be_written_is_refused(readable_home: Path) -> None:
    path = readable_home / "living.db"
    Store.open(path, MIGRATIONS).close()
    path.chmod(0o444)
    with as_nobody(), pytest.raises(EnvironmentFault, match=r"cannot be opened|cannot be written") as fault:
        Store.open(path, MIGRATIONS).append(TOPIC, AT, [("reader-1", vote())])
    assert "right to write" in sentence(fault, path) or "may write there" in str(fault.value)


def test_a_store_locked_by_another_process_is_said_to_be_locked(path: Path) -> None:
    with Store.open(path, MIGRATIONS, busy_seconds=0.2) as store:
        store.append(TOPIC, AT, [("reader-1", vote())])
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(EnvironmentFault, match="locked by another process") as fault:
            store.append(TOPIC, AT, [("reader-1", vote())])
        sentence(fault, path)
        assert store.state(TOPIC).seq == 1, "readers are not locked out"
        other.execute("ROLLBACK")
        other.close()
        assert store.append(TOPIC, AT, [("reader-1", vote())]).last == 2


def test_a_full_disk_leaves_the_store_as_it_was(store: Store) -> None:
    store.append(TOPIC, AT, [("reader-1", vote())])
    store.close()
    event.listen(store._engine, "connect", lambda conn, _: conn.execute("PRAGMA max_page_count = 60"))
    with pytest.raises(EnvironmentFault, match="the disk is full") as fault:
        store.append(TOPIC, AT, (("machine", record(id=str(n))) for n in range(3000)))
    sentence(fault, store.path)
    assert store.verify(TOPIC).seq == 1
    assert store.known(TOPIC, "pubmed") == {}
    assert store.append(TOPIC, AT, [("reader-1", vote())]).last == 2


@pytest.mark.parametrize(
    ("at", "said"), [(0, "not a database, or is damaged"), (4096 * 3, "is damaged"), (4096 * 9, "is damaged")]
)
def test_a_damaged_file_is_found_at_the_start(path: Path, at: int, said: str) -> None:
    with Store.open(path, MIGRATIONS) as store:
        store.append(TOPIC, AT, (("machine", record(id=str(n))) for n in range(300)))
    with path.open("r+b") as file:
        file.seek(at)
        file.write(b"\xa5" * 4096)
    with pytest.raises(EnvironmentFault, match=said) as fault:
        Store.open(path, MIGRATIONS)
    assert "Restore it from a backup" in sentence(fault, path)


def test_a_file_cut_short_is_found_at_the_start(path: Path) -> None:
    with Store.open(path, MIGRATIONS) as store:
        store.append(TOPIC, AT, (("machine", record(id=str(n))) for n in range(300)))
    os.truncate(path, path.stat().st_size // 2)
    with pytest.raises(EnvironmentFault, match="is damaged"):
        Store.open(path, MIGRATIONS)


def test_a_file_that_is_no_database_is_left_alone(path: Path) -> None:
    path.parent.mkdir()
    path.write_text("dear diary, " * 1000)
    with pytest.raises(EnvironmentFault, match="not a database"):
        Store.open(path, MIGRATIONS)
    assert path.read_text().startswith("dear diary")
