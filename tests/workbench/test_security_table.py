"""deploy/SECURITY.md names tests; a promise without its test is none."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TABLE = (ROOT / "deploy" / "SECURITY.md").read_text(encoding="utf-8")
NAMED = re.findall(r"`(test_\w+\.py)::(test_\w+)`", TABLE)


def test_every_test_that_the_table_names_is_there() -> None:
    sources: dict[str, str] = {}
    for path in (ROOT / "tests").rglob("test_*.py"):
        sources[path.name] = sources.get(path.name, "") + path.read_text(encoding="utf-8")
    assert len(NAMED) > 30
    assert [f"{file}::{name}" for file, name in NAMED if f"def {name}(" not in sources.get(file, "")] == []


def test_every_row_names_a_test_or_says_why_there_is_none() -> None:
    rows = [line.split("|") for line in TABLE.splitlines() if line.startswith("| V")]
    assert len(rows) > 20
    assert [row[1] for row in rows if "::" not in row[3] and "Does not apply" not in row[2]] == []
