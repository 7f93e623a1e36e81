"""What an installed package brings along: all its code, words, migrations and topics."""

import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

ROOT = Path(__file__).resolve().parents[2]
SHIPPED = "living/_shipped"


@pytest.fixture(scope="module")
def contents(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """Every file of the wheel, built as the package index would get it."""
    out = tmp_path_factory.mktemp("wheel")
    built = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(out)],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert built.returncode == 0, built.stderr
    with ZipFile(next(out.glob("*.whl"))) as wheel:
        return {name: wheel.read(name) for name in wheel.namelist()}


def of_the_checkout(*folders: str) -> dict[str, Path]:
    return {
        str(path.relative_to(ROOT)): path
        for folder in folders
        for path in sorted((ROOT / folder).rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    }


def test_the_wheel_holds_every_topic_template_and_migration(contents: dict[str, bytes]) -> None:
    found = of_the_checkout("db", "templates")
    topics = {path.parent.name for path in found.values() if path.name == "protocol.toml"}
    assert topics == {"ldn-chronic-pain", "magnesium-mi"}
    for name, path in found.items():
        assert contents.get(f"{SHIPPED}/{name}") == path.read_bytes(), name


def test_the_wheel_holds_the_code_and_nothing_else(contents: dict[str, bytes]) -> None:
    code = of_the_checkout("living")
    assert {name for name in code if name.endswith(".py")} <= contents.keys()
    others = {name.split("/")[0] for name in contents} - {"living"}
    assert [name for name in others if not name.endswith(".dist-info")] == []
