"""Every figure in a real browser: no word cut off or on top of another, each readable on its ground."""

from pathlib import Path

import pytest

from living.model.snapshot import Snapshot
from living.publish import figures, flowchart, pages, timeline
from living.publish.bundle import render_version
from tests.browser.test_pages import CLASHES, FAINT, browser, opened
from tests.unit.publish import grown, snapshots
from tests.unit.publish.test_layouts import STORY

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed")
__all__ = ["browser"]
VERSIONS = {
    "three differences": lambda: grown.topic(3),
    "twelve ratios": lambda: grown.topic(12, True),
    "twelve differences": lambda: grown.topic(12),
    "the first of the example": snapshots.v1,
    "the second of the example": snapshots.v2,
}


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


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("figures")
    for path, content in render_version(grown.topic(12)).items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    rows = [pages.VersionRow("v3.0", "2028-02-02", "conclusions_changed", "Changed.", answer="An answer")]
    notes = [pages.Bulletin("2025-09-01", "A note.")]
    topic = pages.render_topic_index(pages.Topic("x", "X"), rows, None, notes, STORY)
    (folder / "topic.html").write_bytes(topic)
    return folder


@pytest.mark.parametrize("page", ["page.html", "topic.html"])
@pytest.mark.parametrize("width", [320, 390, 1280])
def test_pages_with_every_fold_open_scroll_only_downwards_and_axe_finds_nothing(
    browser, site: Path, page: str, width: int
) -> None:  # type: ignore[no-untyped-def]
    tab = opened(browser, site, page, viewport={"width": width, "height": 844})
    tab.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true; })")
    assert tab.evaluate("document.documentElement.scrollWidth") <= width
    found = axe.Axe().run(tab).response["violations"]
    assert [(item["id"], item["nodes"][0]["html"][:120]) for item in found] == []
    assert tab.complaints == []
    tab.context.close()


@pytest.mark.parametrize("page", ["page.html", "topic.html"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_stands_out_with_every_fold_open(browser, site: Path, page: str, scheme: str) -> None:  # type: ignore[no-untyped-def]
    tab = opened(browser, site, page, color_scheme=scheme)
    tab.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true; })")
    tab.evaluate(
        "document.querySelectorAll('.sign').forEach(one => one.remove())"
    )  # they stand on their lights
    assert tab.evaluate(FAINT) == []
    tab.context.close()


def test_everything_folded_away_is_open_in_print(browser, site: Path) -> None:  # type: ignore[no-untyped-def]
    tab = opened(browser, site, "page.html")
    folded = tab.locator("details table")
    assert folded.count() >= 4
    assert not folded.first.is_visible()
    tab.emulate_media(media="print")
    assert all(folded.nth(at).is_visible() for at in range(folded.count()))
    tab.context.close()


@pytest.mark.parametrize(("width", "name"), [(390, "relief-30.narrow"), (1280, "relief-30")])
def test_a_figure_in_a_file_of_its_own_has_a_shape_for_narrow_screens_too(
    browser, tmp_path: Path, width: int, name: str
) -> None:  # type: ignore[no-untyped-def]
    for path, content in render_version(snapshots.v2()).items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(content)
    tab = opened(browser, tmp_path, "page.html", viewport={"width": width, "height": 844})
    image = tab.locator("picture img").first
    image.scroll_into_view_if_needed()
    tab.wait_for_function("image => image.complete && image.naturalWidth > 0", arg=image.element_handle())
    assert str(image.evaluate("image => image.currentSrc")).endswith(f"/{name}.svg")
    tab.context.close()
