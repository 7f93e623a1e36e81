"""The shape of the file: sound, of a version this program knows, and with its triggers in place."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, text

from living.errors import EnvironmentFault
from living.store.engine import Connected
from living.store.tables import APPEND_ONLY

if TYPE_CHECKING:
    from alembic.config import Config

CHAINS = {"ledger": "AND topic = NEW.topic", "operation": ""}


def prepare(store: Connected, migrations: Path) -> None:
    """Check the file, bring it to this program's schema, and see that the triggers stand.

    Everything that is written happens in one transaction: a process killed on the way leaves the old store.
    """
    with store._reading() as conn:
        _check_sound(conn, store.path)
        ready = _revision(conn) == _head(migrations) and _standing(conn) == triggers()
    if ready:
        return
    with store._writing() as conn:
        _migrate(conn, migrations, store.path)
        _set_triggers(conn)
        if _standing(conn) != triggers():
            raise EnvironmentFault(
                "the triggers that protect the ledger could not be set", where=str(store.path)
            )


def triggers() -> dict[str, str]:
    """Every trigger by name, as SQLite stores its text."""
    refused = {
        f"{table}_refuses_{verb.lower()}": (
            f"CREATE TRIGGER {table}_refuses_{verb.lower()} BEFORE {verb} ON {table}\n"
            f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        )
        for table in APPEND_ONLY
        for verb in ("UPDATE", "DELETE")
    }
    # A connection that leaves recursive_triggers off could still REPLACE; a line that does not extend its
    # chain is refused whatever the connection says.
    extends = {
        f"{table}_extends_its_chain": (
            f"CREATE TRIGGER {table}_extends_its_chain BEFORE INSERT ON {table}\n"
            f"WHEN NEW.seq <> 1 + (SELECT coalesce(max(seq), 0) FROM {table} WHERE 1 {here})\n"
            f"OR NEW.seq > 1 AND NEW.prev IS NOT (SELECT hash FROM {table} WHERE seq = NEW.seq - 1 {here})\n"
            f"BEGIN SELECT RAISE(ABORT, '{table} grows only at its end'); END"
        )
        for table, here in CHAINS.items()
    }
    return refused | extends


def _check_sound(conn: Connection, path: Path) -> None:
    found = conn.execute(text("PRAGMA quick_check(1)")).scalar_one()
    if found != "ok":
        fix = "Restore it from a backup; published versions are untouched"
        raise EnvironmentFault(f"the store is damaged ({found})", where=str(path), fix=fix)


def _revision(conn: Connection) -> str | None:
    if "alembic_version" not in _names(conn, "table"):
        return None
    return conn.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()


def _migrate(conn: Connection, migrations: Path, path: Path) -> None:
    from alembic import command

    now, known = _revision(conn), _known(migrations)
    if now is not None and now not in known:
        raise EnvironmentFault(
            f"the store has schema {now}, and this program knows only up to {_head(migrations)}",
            where=str(path),
            fix="Start the newer program that wrote it, or restore the backup made before the upgrade",
        )
    if now is None and _names(conn, "table"):
        raise EnvironmentFault(
            "this is a database of another program", where=str(path), fix="Choose another LIVING_HOME"
        )
    if now != _head(migrations):
        command.upgrade(_config(migrations, conn), "head")


def _set_triggers(conn: Connection) -> None:
    for name in _standing(conn):
        conn.exec_driver_sql(f'DROP TRIGGER "{name}"')
    for statement in triggers().values():
        conn.exec_driver_sql(statement)


def _standing(conn: Connection) -> dict[str, str]:
    return _names(conn, "trigger")


def _names(conn: Connection, kind: str) -> dict[str, str]:
    rows = conn.execute(text("SELECT name, sql FROM sqlite_master WHERE type = :kind"), {"kind": kind})
    return {row.name: row.sql for row in rows}


# Alembic is imported only here and late: it costs more than everything else the store needs at start.


def _head(migrations: Path) -> str:
    from alembic.script import ScriptDirectory

    return ScriptDirectory.from_config(_config(migrations)).get_current_head() or ""


def _known(migrations: Path) -> set[str]:
    from alembic.script import ScriptDirectory

    return {script.revision for script in ScriptDirectory.from_config(_config(migrations)).walk_revisions()}


def _config(migrations: Path, conn: Connection | None = None) -> Config:
    from alembic.config import Config

    if not (migrations / "env.py").is_file():
        raise EnvironmentFault(
            "the migrations are not here", where=str(migrations), fix="Install the program again"
        )
    config = Config(attributes={"connection": conn})
    config.set_main_option("script_location", str(migrations).replace("%", "%%"))
    return config
