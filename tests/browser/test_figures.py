"""Every figure in a real browser: no word cut off or on top of another, each readable on its ground."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from living.model.snapshot import Snapshot
from living.publish import figures, flowchart, timeline
from living.publish.bundle import render_version
from tests.browser.test_pages import CLASHES
from tests.unit.publish import grown, snapshots
from tests.unit.publish.test_layouts import STORY

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
VERSIONS = {
    "three differences": lambda: grown.topic(3),
    "twelve ratios": lambda: grown.topic(12, True),
    "twelve differences": lambda: grown.topic(12),
    "the first of the example": snapshots.v1,
    "the second of the example": snapshots.v2,
}


@pytest.fixture(scope="module")
def browser() -> Iterator["sync_api.Browser"]:
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine")
    with sync_api.sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield started
        started.close()


def drawn(version: Snapshot) -> dict[str, bytes]:
    return {path: content for path, content in render_version(version).items() if path.startswith("figures/")}


def past() -> dict[str, bytes]:
    lines = (timeline.timeline(STORY, ["2025-09-01"], frame) for frame in (timeline.WIDE, timeline.NARROW))
    found = {f"timeline {at}": figures.draw("timeline", one) for at, one in enumerate(lines)}
    return {**found, "flow": figures.draw("flow-versions", flowchart.across(STORY))}


def clashes(browser: "sync_api.Browser", folder: Path, found: dict[str, bytes]) -> dict[str, list[str]]:
    tab = browser.new_context(viewport={"width": 1000, "height": 900}).new_page()
    said = {}
    for name, content in found.items():
        page = folder / "figure.html"
        page.write_bytes(b'<meta charset="utf-8">' + content)
        tab.goto(page.as_uri())
        said[name] = tab.evaluate(CLASHES.replace("svg.forest", "svg"))
    tab.context.close()
    return {name: words for name, words in said.items() if words}


@pytest.mark.parametrize("version", VERSIONS.values(), ids=VERSIONS)
def test_no_word_of_any_figure_is_cut_off_or_on_top_of_another(browser, version, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    assert clashes(browser, tmp_path, drawn(version())) == {}


def test_no_word_of_a_topic_s_past_is_cut_off_or_on_top_of_another(browser, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    assert clashes(browser, tmp_path, past()) == {}


def test_everything_folded_away_is_open_in_print(browser, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    for path, content in render_version(grown.topic(3)).items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(content)
    tab = browser.new_context().new_page()
    tab.goto((tmp_path / "page.html").as_uri())
    folded = tab.locator("details table")
    assert folded.count() >= 4
    assert not folded.first.is_visible()
    tab.emulate_media(media="print")
    assert all(folded.nth(at).is_visible() for at in range(folded.count()))
    tab.context.close()
