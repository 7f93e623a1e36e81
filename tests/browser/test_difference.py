"""The page of a difference in a real browser: narrow, dark, printed, without script, and through axe."""

from pathlib import Path

import pytest

from living.publish.difference import render_difference
from living.review.difference import difference
from tests import factories as make
from tests.browser.test_pages import CLASHES, FAINT, browser, opened
from tests.unit.review import scenes

axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed")
__all__ = ["browser"]
LONG = "A trial with a very long name and more of it than any figure has room for, 2026"
FOUR = tuple(
    fact
    for name, value in (("1", -1.0), ("2", -0.5), ("3", 0.8), ("6", -0.9))
    for fact in scenes.trial(name, scenes.read(f"pubmed:{name}", scenes.difference(value)))
)
PAGES = ("ldn.html", "toy.html")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("differences")
    entered = scenes.trial("5", scenes.read("pubmed:5", scenes.difference(-30.0)))
    later = scenes.toy(
        *FOUR,
        scenes.read("pubmed:2", scenes.difference(1.4)),
        make.vote(record="pubmed:1", vote="exclude", criterion="X1", imported="A"),
        *(entered[0], entered[1].model_copy(update={"label": LONG}), *entered[2:]),
        text=scenes.changed("toy", ('interval = "HK-guarded"', 'interval = "wald"')),
    )
    toy = difference(scenes.version(scenes.toy(*FOUR)), scenes.version(later, "v3.0"))
    real = difference(scenes.version(scenes.ldn(scenes.V1)), scenes.version(scenes.ldn(scenes.V2), "v2.0"))
    (folder / "toy.html").write_bytes(render_difference(toy, ("v1.1", "v2.0")))
    (folder / "ldn.html").write_bytes(render_difference(real))
    return folder


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("width", [320, 390, 768, 1280])
def test_text_never_scrolls_sideways_and_no_word_of_a_figure_clashes(
    browser, site: Path, page: str, width: int
) -> None:  # type: ignore[no-untyped-def]
    tab = opened(browser, site, page, viewport={"width": width, "height": 844})
    assert tab.evaluate("document.documentElement.scrollWidth") <= width
    assert tab.evaluate(CLASHES) == []
    assert tab.complaints == []
    tab.context.close()


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_stands_out_from_its_ground(browser, site: Path, page: str, scheme: str) -> None:  # type: ignore[no-untyped-def]
    tab = opened(browser, site, page, color_scheme=scheme)
    assert tab.evaluate(FAINT) == []
    tab.context.close()


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("width", [390, 1280])
def test_axe_finds_nothing(browser, site: Path, page: str, width: int) -> None:  # type: ignore[no-untyped-def]
    tab = opened(browser, site, page, viewport={"width": width, "height": 844})
    for summary in tab.locator("summary").all():
        summary.click()
    found = axe.Axe().run(tab).response["violations"]
    assert [(item["id"], item["nodes"][0]["html"][:120]) for item in found] == []
    tab.context.close()


def test_the_printed_page_shows_every_table_in_black_on_white(browser, site: Path) -> None:  # type: ignore[no-untyped-def]
    tab = opened(browser, site, "ldn.html", color_scheme="dark")
    tab.emulate_media(media="print", color_scheme="dark")
    assert not tab.locator("nav").is_visible()
    assert tab.locator("svg.wide").first.is_visible()
    assert tab.locator("details table").first.is_visible()
    assert len(tab.pdf(format="A4")) > 10_000
    tab.context.close()
