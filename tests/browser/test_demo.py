"""The pages of the LDN example as people meet them: valid, accessible, enlarged, dark, printed."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from living.model.snapshot import Snapshot
from living.publish import pages
from living.publish.bundle import render_version
from tests.browser.test_pages import browser, opened
from tests.unit.review import scenes

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed")
html5lib = pytest.importorskip("html5lib", reason="html5lib is not installed")
__all__ = ["browser"]

PAGE_LIMIT = 150_000  # bytes
SHIFT = 0.01  # a tenth of what counts as good; rounding of line boxes gives less
KINDS = ("index", "prisma-lsr", "analysis-relief-30", "analysis-pain-continuity", "study")
OPEN = "document.querySelectorAll('details').forEach(one => { one.open = true; })"


def rated() -> Snapshot:
    """The example after invented judgements, so that every section has something to show."""
    state = scenes.ldn(scenes.V2)
    main = next(item for item in scenes.version(state).studies if item.status == "included")
    judgements = (
        scenes.graded(state, "pain", "low"),
        scenes.judged(state, f"{main.key} pain", "some_concerns"),
    )
    return scenes.version(scenes.then(state, *judgements), "v2.0", previous="v1.0")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo") / "ldn" / "v2.0"
    snapshot = rated()
    files = render_version(snapshot)
    pulse = pages.Pulse(
        "2026-07-01T06:00:00Z", (pages.SourcePulse("pubmed", "PubMed", "2026-07-01"),), to_screen=2
    )
    index = pages.render_shell(snapshot, files["page.html"], pages.Shell(pulse=pulse))
    for path, content in {**files, "index.html": index}.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    return folder


def every_page(site: Path) -> list[Path]:
    return sorted(site.rglob("*.html"))


def one_of(site: Path, kind: str) -> str:
    """A page of this kind: of the studies the one with the most to tell."""
    if kind != "study":
        return f"{kind}.html"
    found = max((site / "study").glob("*.html"), key=lambda path: path.stat().st_size)
    return f"study/{found.name}"


def folded_out(tab: "sync_api.Page") -> Iterator[str]:
    tab.evaluate(OPEN)
    for found in axe.Axe().run(tab).response["violations"]:
        yield f"{found['id']} ({found['impact']}): {found['nodes'][0]['html'][:140]}"


def test_every_page_is_valid_html(site: Path) -> None:
    assert len(every_page(site)) > 10
    for path in every_page(site):
        parser = html5lib.HTMLParser()
        parser.parse(path.read_bytes())
        assert [(at, code) for at, code, _ in parser.errors] == [], path.name


def test_every_page_is_small_enough_and_holds_no_script(site: Path) -> None:
    for path in every_page(site):
        text = path.read_text(encoding="utf-8")
        assert len(text.encode()) <= PAGE_LIMIT, path.name
        scripts = text.count("<script") - text.count('<script type="application/ld+json"')
        assert scripts == 0, path.name


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_axe_finds_nothing_on_any_kind_of_page(
    browser, site: Path, kind: str, width: int, scheme: str
) -> None:  # type: ignore[no-untyped-def]
    size = {"width": width, "height": 844}
    tab = opened(browser, site, one_of(site, kind), viewport=size, color_scheme=scheme)
    assert list(folded_out(tab)) == []
    assert tab.complaints == []
    tab.context.close()


@pytest.mark.parametrize("kind", KINDS)
def test_at_twice_the_size_text_scrolls_only_downwards(browser, site: Path, kind: str) -> None:  # type: ignore[no-untyped-def]
    """A window of 1280 enlarged to 200% has room for 640 of the page's own pixels."""
    size = {"width": 640, "height": 450}
    tab = opened(browser, site, one_of(site, kind), viewport=size, device_scale_factor=2)
    tab.evaluate(OPEN)
    assert tab.evaluate("document.documentElement.scrollWidth") <= 640
    tab.context.close()


@pytest.mark.parametrize("width", [390, 1280])
def test_letters_twice_as_large_scroll_only_downwards(browser, site: Path, width: int) -> None:  # type: ignore[no-untyped-def]
    tab = opened(browser, site, "index.html", viewport={"width": width, "height": 844})
    tab.add_style_tag(content="html{font-size:200%!important}")
    assert tab.evaluate("document.documentElement.scrollWidth") <= width
    tab.context.close()


@pytest.mark.sampled(2)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("width", [390, 1280])
def test_without_script_everything_is_there_and_looks_like_something(
    browser, site: Path, kind: str, width: int
) -> None:  # type: ignore[no-untyped-def]
    size = {"width": width, "height": 844}
    tab = opened(browser, site, one_of(site, kind), viewport=size, java_script_enabled=False)
    assert tab.complaints == []
    assert tab.locator("h1").is_visible()
    assert len(tab.screenshot(full_page=True)) > 50_000
    tab.context.close()


@pytest.mark.parametrize("kind", KINDS)
def test_every_page_prints_on_a4_with_its_folds_open_and_no_navigation(
    browser, site: Path, kind: str
) -> None:  # type: ignore[no-untyped-def]
    tab = opened(browser, site, one_of(site, kind))
    tab.emulate_media(media="print")
    assert not tab.locator("nav").is_visible()
    folded = tab.locator("details > *:not(summary)")
    assert all(folded.nth(at).is_visible() for at in range(folded.count()))
    assert tab.pdf(format="A4").startswith(b"%PDF")
    tab.context.close()


@pytest.mark.parametrize("width", [390, 1280])
def test_nothing_moves_while_a_page_arrives(browser, site: Path, width: int) -> None:  # type: ignore[no-untyped-def]
    tab = browser.new_context(viewport={"width": width, "height": 844}).new_page()
    tab.add_init_script(
        "window.moved = 0; new PerformanceObserver(seen => seen.getEntries().forEach(one => {"
        " window.moved += one.value; })).observe({type: 'layout-shift', buffered: true});"
    )
    tab.goto((site / "index.html").as_uri())
    height = tab.evaluate("document.documentElement.scrollHeight")
    for place in range(0, height, 800):
        tab.evaluate(f"window.scrollTo(0, {place})")
        tab.wait_for_timeout(15)
    assert tab.evaluate("window.moved") <= SHIFT
    assert tab.evaluate("document.documentElement.scrollHeight") == height
    tab.context.close()


@pytest.mark.parametrize(("width", "height"), [(390, 844), (1280, 800)])
def test_the_first_screen_holds_the_answer(browser, site: Path, width: int, height: int) -> None:  # type: ignore[no-untyped-def]
    tab = opened(browser, site, "index.html", viewport={"width": width, "height": height})
    for part in ("h1", ".lede"):
        box = tab.locator(part).first.bounding_box()
        assert box
        assert box["y"] + box["height"] <= height
    tab.context.close()


def test_a_number_leads_in_two_clicks_to_the_words_it_was_read_from(browser, site: Path) -> None:  # type: ignore[no-untyped-def]
    tab = opened(browser, site, "index.html")
    tab.locator(".first figcaption a").click()
    tab.locator("#table-pain tbody tr").first.get_by_role("link", name="source").click()
    tab.wait_for_url("**/study/*.html#cell-*")
    where = tab.url.partition("#")[2]
    chain = tab.locator(".chain", has=tab.locator(f"#{where}"))
    assert chain.locator("h3").all_inner_texts()[-2:] == ["Entered", "Read"]
    assert "abstract" in chain.inner_text()
    tab.context.close()
