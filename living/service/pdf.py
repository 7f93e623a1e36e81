"""Print a published version as a PDF, through a Chromium that is installed here."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

from living.errors import EnvironmentFault, UserError
from living.publish.bundle import PAGE
from living.service.house import House

# The shell first: Chromium without its windows, as a server has it, and half the work to start.
BROWSERS = (
    "chromium-headless-shell",
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
)
PATIENCE = 120.0  # seconds; the largest page takes two
# The page runs no program and asks for nothing; whoever prints may be an account that can make no sandbox.
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-extensions",
    "--no-first-run",
    "--no-pdf-header-footer",
)


def print_pdf(house: House, topic: str, version: str, out: Path) -> Path:
    """Print the page of a published version on A4 and return where the PDF lies.

    Raises UserError for a version that is not published here, EnvironmentFault where no Chromium is installed
    or it does not print.
    """
    known = [item.version for item in house.store.published(topic)]
    if version not in known:
        fix = f"Known: {', '.join(known) or 'none'}"
        raise UserError(f"no published version '{version}'", where=topic, fix=fix)
    page = (house.settings.site / topic / version / PAGE).resolve()
    if not page.is_file():
        raise EnvironmentFault("the page is missing", where=str(page), fix="Restore the site from a backup")
    with tempfile.TemporaryDirectory() as scratch:
        printed = Path(scratch) / "page.pdf"
        _print(browser(), page, printed, Path(scratch) / "profile")
        try:
            out.parent.mkdir(parents=True, exist_ok=True)
            shutil.move(printed, out)
        except OSError as fault:
            raise EnvironmentFault(f"cannot write ({fault.strerror})", where=str(out)) from fault
    return out


def browser() -> str:
    """Return the Chromium that is installed here."""
    found = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if found is None:
        fix = f"Install Chromium, or open {PAGE} in a browser and print it"
        raise EnvironmentFault("a PDF needs Chromium, and none is installed here", fix=fix)
    return found


def _print(program: str, page: Path, out: Path, profile: Path) -> None:
    command = [program, *FLAGS, f"--user-data-dir={profile}", f"--print-to-pdf={out}", page.as_uri()]
    try:
        told = subprocess.run(command, capture_output=True, text=True, check=False, timeout=PATIENCE)
    except (OSError, subprocess.TimeoutExpired) as fault:
        raise EnvironmentFault(f"Chromium did not print: {fault}", where=program) from fault
    if told.returncode != 0 or not out.is_file():
        said = told.stderr.strip().splitlines()[-1:] or ["it said nothing"]
        raise EnvironmentFault(f"Chromium did not print: {said[0]}", where=program)
