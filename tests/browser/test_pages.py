"""The published pages in a real browser: narrow, dark, printed, and without script."""

import shutil
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from living.publish import pages, write
from living.publish.bundle import render_version
from living.service.pdf import BROWSERS
from tests.unit.publish import hostile, snapshots

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
CHROMIUM = next(filter(None, map(shutil.which, BROWSERS)), None)
TOPIC = "ldn-chronic-pain"
PAGES = (
    "index.html",
    f"{TOPIC}/index.html",
    f"{TOPIC}/v1.0/index.html",
    f"{TOPIC}/v2.0/index.html",
    f"{TOPIC}/v2.0/page.html",
    f"{TOPIC}/v2.0/prisma-lsr.html",
    f"{TOPIC}/v2.0/study/final-2024-38258677.html",
    f"{TOPIC}/as-of/2026-01-01/index.html",
    "hostile/v2.0/index.html",
)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    topic = pages.Topic(TOPIC, snapshots.TITLE, note=snapshots.v2().public_note, replay=True)
    late = pages.SourcePulse(
        "ctgov", "ClinicalTrials.gov", "2026-11-14", "2026-11-22T06:00:00Z", "stale", "no answer"
    )
    pulse = pages.Pulse("2026-11-21T06:00:00Z", (late,), 1, 2)
    rows = [
        pages.VersionRow(
            "v2.0", "2026-06-18", "new_evidence", "One trial added.", answer="Three small trials"
        ),
        pages.VersionRow("v1.0", "2025-06-20", "first_version", "First version.", answer="Two small trials"),
    ]
    notice = pages.Notice("concern", "An invented notice.", "2026-05-01", "https://example.org/notice")
    for name, version in ((TOPIC, snapshots.v1()), (TOPIC, snapshots.v2()), ("hostile", hostile.snapshot())):
        files = render_version(version)
        assert version.release
        shell = pages.Shell((notice,), None, rows[0], pulse)
        index = pages.render_shell(version, files["page.html"], shell)
        write.publish_version(folder, name, version.release.version, files, index)
    write.publish_page(folder, f"{TOPIC}/index.html", pages.render_topic_index(topic, rows, pulse))
    write.publish_page(
        folder, "index.html", pages.render_site_index([pages.TopicRow(topic, rows[0], pulse)], topic.note)
    )
    write.publish_page(
        folder, f"{TOPIC}/as-of/2026-01-01/index.html", pages.render_as_of(topic, "2026-01-01", rows[1])
    )
    return folder


@pytest.fixture(scope="module")
def browser() -> Iterator["sync_api.Browser"]:
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine")
    with sync_api.sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield started
        started.close()


def opened(browser: "sync_api.Browser", site: Path, page: str, **how: object) -> "sync_api.Page":
    tab = browser.new_context(**{"viewport": {"width": 1280, "height": 900}, **how}).new_page()
    tab.complaints = []
    tab.on("console", lambda message: tab.complaints.append(message.text))
    tab.on("pageerror", lambda fault: tab.complaints.append(str(fault)))
    tab.on("dialog", lambda dialog: (tab.complaints.append(f"dialog {dialog.message}"), dialog.dismiss()))
    tab.on("request", lambda request: _only_this(request.url, tab))
    tab.goto((site / page).as_uri())
    return tab


def _only_this(url: str, tab: "sync_api.Page") -> None:
    if not url.startswith(("file:", "data:,")):
        tab.complaints.append(f"asked for {url}")


@pytest.mark.sampled(2)
@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("width", [320, 390, 768, 1280])
def test_text_never_scrolls_sideways(browser, site: Path, page: str, width: int) -> None:  # type: ignore[no-untyped-def]
    tab = opened(browser, site, page, viewport={"width": width, "height": 844})
    assert tab.evaluate("document.documentElement.scrollWidth") <= width
    tab.context.close()


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("script", [True, False])
def test_a_page_asks_for_nothing_and_complains_of_nothing(
    browser, site: Path, page: str, script: bool
) -> None:  # type: ignore[no-untyped-def]
    tab = opened(browser, site, page, java_script_enabled=script)
    assert tab.complaints == []
    assert tab.locator("h1").inner_text()
    assert tab.locator(".told").inner_text()
    tab.context.close()


@pytest.mark.parametrize("page", PAGES)
def test_headings_descend_one_step_at_a_time_from_one_first(browser, site: Path, page: str) -> None:  # type: ignore[no-untyped-def]
    tab = opened(browser, site, page)
    levels = tab.evaluate("[...document.querySelectorAll('h1,h2,h3,h4,h5,h6')].map(h => +h.tagName[1])")
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    assert tab.locator("main").count() == tab.locator("header").count() == tab.locator("footer").count() == 1
    tab.context.close()


def test_a_keyboard_reaches_the_text_first(browser, site: Path) -> None:  # type: ignore[no-untyped-def]
    tab = opened(browser, site, f"{TOPIC}/v2.0/index.html")
    tab.keyboard.press("Tab")
    assert tab.evaluate("document.activeElement.textContent") == "Skip to the text"
    tab.keyboard.press("Enter")
    assert tab.evaluate("document.activeElement.id") == "main"
    tab.context.close()


def test_a_narrow_screen_gets_the_stacked_figure_and_a_wide_one_the_other(browser, site: Path) -> None:  # type: ignore[no-untyped-def]
    for width, shown, hidden in ((390, "svg.narrow", "svg.wide"), (1280, "svg.wide", "svg.narrow")):
        tab = opened(browser, site, f"{TOPIC}/v2.0/index.html", viewport={"width": width, "height": 844})
        assert tab.locator(shown).first.is_visible()
        assert not tab.locator(hidden).first.is_visible()
        tab.context.close()


def test_no_word_of_a_figure_is_cut_off_or_on_top_of_another(browser, site: Path) -> None:  # type: ignore[no-untyped-def]
    for width in (390, 1280):
        tab = opened(browser, site, f"{TOPIC}/v2.0/index.html", viewport={"width": width, "height": 844})
        assert tab.evaluate(CLASHES) == []
        tab.context.close()


@pytest.mark.sampled(2)
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("page", PAGES[:-1])
def test_every_text_stands_out_from_its_ground(browser, site: Path, page: str, scheme: str) -> None:  # type: ignore[no-untyped-def]
    tab = opened(browser, site, page, color_scheme=scheme)
    assert tab.evaluate(FAINT) == []
    tab.context.close()


def test_the_printed_page_is_a_report_without_navigation(browser, site: Path) -> None:  # type: ignore[no-untyped-def]
    tab = opened(browser, site, f"{TOPIC}/v2.0/index.html", color_scheme="dark")
    tab.emulate_media(media="print", color_scheme="dark")
    assert not tab.locator("nav").is_visible()
    assert tab.locator("svg.wide").first.is_visible()
    assert tab.evaluate("getComputedStyle(document.documentElement).backgroundColor") == "rgb(255, 255, 255)"
    assert len(tab.pdf(format="A4")) > 10_000
    tab.context.close()


# Words of a visible figure that leave it, or that overlap one another by more than a hair.
CLASHES = """() => [...document.querySelectorAll('svg.forest')].flatMap(svg => {
  if (!svg.checkVisibility()) return [];
  const frame = svg.getBoundingClientRect();
  const boxes = [...svg.querySelectorAll('text')].filter(t => t.textContent.trim())
    .map(t => ({text: t.textContent, box: t.getBoundingClientRect()}));
  const leaves = ({box}) => box.left < frame.left - 2 || box.right > frame.right + 2;
  const out = boxes.filter(leaves).map(b => b.text);
  boxes.forEach((a, i) => boxes.slice(i + 1).forEach(b => {
    const wide = Math.min(a.box.right, b.box.right) - Math.max(a.box.left, b.box.left);
    const high = Math.min(a.box.bottom, b.box.bottom) - Math.max(a.box.top, b.box.top);
    if (wide > 1 && high > 4) out.push(a.text + ' / ' + b.text);
  }));
  return out;
})"""

# Texts whose contrast with their ground is below WCAG's 4.5 to 1.
FAINT = """() => {
  const rgb = c => c.match(/[\\d.]+/g).map(Number);
  const linear = v => (v /= 255) <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4;
  const light = c => { const [r, g, b] = rgb(c).map(linear); return .2126 * r + .7152 * g + .0722 * b; };
  const ground = e => {
    for (; e; e = e.parentElement) {
      const c = getComputedStyle(e).backgroundColor;
      if (rgb(c)[3] !== 0) return c;
    }
    return 'rgb(255,255,255)';
  };
  const faint = [];
  for (const e of document.querySelectorAll('body *')) {
    const own = [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim());
    if (!own || !e.checkVisibility()) continue;
    const style = getComputedStyle(e);
    const ink = e.closest('svg') ? style.fill : style.color;
    if (rgb(ink)[3] === 0) continue;
    const [a, b] = [light(ink), light(ground(e.closest('svg') || e))].sort((x, y) => y - x);
    if ((a + .05) / (b + .05) < 4.5) faint.push(e.textContent.trim().slice(0, 40) + ' ' + ink);
  }
  return faint;
}"""
