"""Opening a store: made, migrated or refused, and its triggers standing."""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlmodel import SQLModel

from living.errors import EnvironmentFault
from living.store import Store
from tests.factories import AT, TOPIC, vote
from tests.store.conftest import MIGRATIONS

ROOT = Path(__file__).resolve().parents[2]
NEXT = '''"""The next schema."""

import os, signal

import sqlalchemy as sa
from alembic import op

revision = "9999"
down_revision = "0004"


def upgrade() -> None:
    op.create_table("tomorrow", sa.Column("id", sa.Integer(), primary_key=True))
    op.execute("INSERT INTO tomorrow VALUES (1)")
    {}
    op.add_column("tomorrow", sa.Column("name", sa.String()))
'''


def newer(tmp_path: Path, dies: str = "") -> Path:
    """Migrations as a later program has them; `dies` runs half-way."""
    folder = tmp_path / "migrations"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(MIGRATIONS, folder, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "versions" / "9999_next.py").write_text(NEXT.format(dies))
    return folder


def open_elsewhere(path: Path, migrations: Path) -> int:
    code = "import sys, pathlib; from living.store import Store; Store.open(*map(pathlib.Path, sys.argv[1:]))"
    command = [sys.executable, "-c", code, str(path), str(migrations)]
    return subprocess.run(
        command, cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)}, check=False
    ).returncode


def names(path: Path, kind: str) -> set[str]:
    with sqlite3.connect(path) as connection:
        found = connection.execute("SELECT name FROM sqlite_master WHERE type = ?", (kind,)).fetchall()
    connection.close()
    return {name for (name,) in found}


def test_the_migrations_make_exactly_the_tables_the_code_uses(store: Store) -> None:
    with store._reading() as conn:
        differences = compare_metadata(MigrationContext.configure(conn), SQLModel.metadata)
    assert differences == []


def test_a_store_is_its_owner_s_alone(store: Store) -> None:
    assert store.path.stat().st_mode & 0o077 == 0


def test_a_folder_may_have_any_name(tmp_path: Path) -> None:
    path = tmp_path / "a home?mode=ro#50%20 ü" / "living.db"
    with Store.open(path, MIGRATIONS) as store:
        store.append(TOPIC, AT, [("reader-1", vote())])
    assert path.is_file()


def test_opening_again_changes_nothing(store: Store, insider: sqlite3.Connection) -> None:
    before = list(insider.iterdump())
    Store.open(store.path, MIGRATIONS).close()
    assert list(insider.iterdump()) == before


def test_an_older_store_is_migrated_with_its_facts(path: Path, tmp_path: Path) -> None:
    with Store.open(path, MIGRATIONS) as old:
        old.append(TOPIC, AT, [("reader-1", vote())])
    with Store.open(path, newer(tmp_path)) as store:
        assert store.verify(TOPIC).seq == 1
    assert "tomorrow" in names(path, "table")


def test_a_store_of_the_first_schema_keeps_its_readers_and_their_letters(path: Path, tmp_path: Path) -> None:
    first = tmp_path / "first"
    shutil.copytree(MIGRATIONS, first, ignore=shutil.ignore_patterns("__pycache__"))
    for newer_one in sorted((first / "versions").glob("*.py"))[1:]:
        newer_one.unlink()
    Store.open(path, first).close()
    reader = ("r1", TOPIC, "ann@example.org", "", "new_study", "confirmed", "c", "l", AT, AT, None)
    letter = (1, TOPIC, "v1.0", "r1", "major", "", "m1", "queued", 0, AT, "", "", AT, AT, "")
    with sqlite3.connect(path) as old:
        old.execute(f"INSERT INTO subscriber VALUES ({', '.join('?' * len(reader))})", reader)
        old.execute(f"INSERT INTO letter VALUES ({', '.join('?' * len(letter))})", letter)
    old.close()
    with Store.open(path, MIGRATIONS) as store:
        [kept] = store.subscribers(TOPIC)
        assert (kept.pace, kept.stopped, kept.level) == ("at_once", "", "new_study")
        [leased] = store.lease_letters(AT, "daemon", 10, 60)
        assert leased.address == "ann@example.org"
        assert store.verify_store() == ()
    with pytest.raises(sqlite3.IntegrityError, match="ck_subscriber_pace"), sqlite3.connect(path) as insider:
        insider.execute("UPDATE subscriber SET pace = 'hourly'")
    insider.close()


def test_a_newer_store_is_refused_and_left_alone(path: Path, tmp_path: Path) -> None:
    Store.open(path, newer(tmp_path)).close()
    with pytest.raises(EnvironmentFault, match="schema 9999, and this program knows only up to 0004"):
        Store.open(path, MIGRATIONS)
    assert "tomorrow" in names(path, "table")


def test_another_program_s_database_is_refused(path: Path) -> None:
    path.parent.mkdir()
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE recipe (name TEXT)")
    other.close()
    with pytest.raises(EnvironmentFault, match="a database of another program"):
        Store.open(path, MIGRATIONS)
    assert names(path, "table") == {"recipe"}


def test_a_migration_killed_half_way_heals_at_the_next_start(path: Path, tmp_path: Path) -> None:
    with Store.open(path, MIGRATIONS) as old:
        old.append(TOPIC, AT, [("reader-1", vote())])
    dying = newer(tmp_path, dies="os.kill(os.getpid(), signal.SIGKILL)")
    assert open_elsewhere(path, dying) == -signal.SIGKILL
    assert "tomorrow" not in names(path, "table")
    with Store.open(path, newer(tmp_path)) as store:
        assert store.verify(TOPIC).seq == 1
        assert store.verify_store() == ()
    assert "tomorrow" in names(path, "table")


def test_a_first_migration_killed_half_way_heals_at_the_next_start(path: Path, tmp_path: Path) -> None:
    assert (
        open_elsewhere(path, newer(tmp_path, dies="os.kill(os.getpid(), signal.SIGKILL)")) == -signal.SIGKILL
    )
    with Store.open(path, MIGRATIONS) as store:
        store.append(TOPIC, AT, [("reader-1", vote())])
        assert store.verify_store() == ()


def test_a_migration_that_fails_changes_nothing(path: Path, tmp_path: Path) -> None:
    Store.open(path, MIGRATIONS).close()
    with pytest.raises(ZeroDivisionError):
        Store.open(path, newer(tmp_path, dies="1 / 0"))
    Store.open(path, MIGRATIONS).close()
    assert "tomorrow" not in names(path, "table")


@pytest.mark.parametrize(
    "damage",
    [
        "DROP TRIGGER ledger_refuses_update",
        "DROP TRIGGER ledger_extends_its_chain",
        "CREATE TRIGGER stranger AFTER INSERT ON ledger BEGIN DELETE FROM record; END",
    ],
    ids=["missing", "weakened", "foreign"],
)
def test_the_triggers_stand_again_after_every_start(path: Path, damage: str) -> None:
    Store.open(path, MIGRATIONS).close()
    with sqlite3.connect(path) as insider:
        standing = insider.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' ORDER BY 1"
        ).fetchall()
        insider.executescript(damage)
        Store.open(path, MIGRATIONS).close()
        again = insider.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' ORDER BY 1"
        ).fetchall()
    insider.close()
    assert again == standing


def test_missing_migrations_are_one_clear_sentence(path: Path, tmp_path: Path) -> None:
    with pytest.raises(EnvironmentFault, match="the migrations are not here"):
        Store.open(path, tmp_path / "nowhere")
