"""A version is printed through the Chromium that is there; what is missing is named in one sentence."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from living.errors import EnvironmentFault, UserError
from living.service import pdf
from living.service.start import first_version
from tests.fakes import Home, home_at

A4 = (595, 842)  # points


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    with home_at(tmp_path_factory.mktemp("pdf") / "home") as home:
        first_version(home.house, "toy")
        home.turn()
        yield home


def test_a_version_is_printed_on_a4_and_nothing_of_it_changes(home: Home, tmp_path: Path) -> None:
    if not any(map(shutil.which, pdf.BROWSERS)):
        pytest.skip("needs a Chromium")
    before = {path: path.read_bytes() for path in home.site("v1.0").rglob("*") if path.is_file()}
    content = pdf.print_pdf(home.house, "toy", "v1.0", tmp_path / "out" / "toy.pdf").read_bytes()
    assert content.startswith(b"%PDF-")
    boxes = re.findall(rb"/MediaBox \[\s*0 0 ([\d.]+) ([\d.]+)", content)
    assert boxes
    assert {(round(float(width)), round(float(height))) for width, height in boxes} == {A4}
    assert {path: path.read_bytes() for path in home.site("v1.0").rglob("*") if path.is_file()} == before


def test_a_version_that_is_not_published_is_not_printed(home: Home, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"no published version 'v7\.0'.*Known: v1\.0"):
        pdf.print_pdf(home.house, "toy", "v7.0", tmp_path / "toy.pdf")


def test_without_a_chromium_it_says_what_to_do(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(EnvironmentFault, match="needs Chromium, and none is installed here"):
        pdf.print_pdf(home.house, "toy", "v1.0", tmp_path / "toy.pdf")


def test_a_chromium_that_fails_is_told_in_its_own_last_words(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = tmp_path / "chromium"
    broken.write_text("#!/bin/sh\necho 'no display of any kind' >&2\nexit 3\n")
    broken.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(EnvironmentFault, match="Chromium did not print: no display of any kind"):
        pdf.print_pdf(home.house, "toy", "v1.0", tmp_path / "toy.pdf")
    assert not (tmp_path / "toy.pdf").exists()
