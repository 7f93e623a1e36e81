"""The page about the sources in a real browser: every screen, dark, printed, without script, through axe."""

from pathlib import Path

import pytest

from living.publish.surveillance import PAGE, render_surveillance
from living.publish.write import publish_page
from living.review.timeliness import Delay, Timeliness
from tests.browser.checks import SCREENS, faults_of_html, on_screen, without_script
from tests.browser.test_pages import browser, opened
from tests.unit.publish import watched

__all__ = ["browser"]
VIEWS = {
    "busy": watched.busy(),
    "quiet": watched.quiet(),
    "unsearched": watched.unsearched(),
    "retired": watched.retired(),
}
TIMELY = Timeliness((Delay("pubmed:1", "v2.0", 12), Delay("pubmed:2", "v2.0", 20)))


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("watched")
    for name, view in VIEWS.items():
        publish_page(folder, f"{name}/{PAGE}", render_surveillance(view, TIMELY))
    return folder


@pytest.mark.sampled(3)
@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize(("width", "scheme"), SCREENS)
def test_the_page_stands_on_every_screen(browser, site: Path, view: str, width: int, scheme: str) -> None:  # type: ignore[no-untyped-def]
    assert on_screen(browser, site, f"{view}/{PAGE}", width, scheme) == []


@pytest.mark.parametrize("view", VIEWS)
def test_its_html_is_strict_and_nothing_is_lost_without_script(browser, site: Path, view: str) -> None:  # type: ignore[no-untyped-def]
    assert faults_of_html((site / view / PAGE).read_bytes()) == []
    assert without_script(browser, site, f"{view}/{PAGE}", 390) == []


def test_what_is_wrong_stands_before_what_is_well(browser, site: Path) -> None:  # type: ignore[no-untyped-def]
    tab = opened(browser, site, f"busy/{PAGE}", viewport={"width": 390, "height": 844})
    first = tab.locator("main > p").first
    assert "3 of 5 sources are not searched as planned" in first.inner_text()
    assert first.bounding_box()["y"] < 844
    assert tab.locator("#source-europepmc").is_visible()
    tab.context.close()


def test_a_title_cannot_run(browser, site: Path) -> None:  # type: ignore[no-untyped-def]
    tab = opened(browser, site, f"busy/{PAGE}")
    assert tab.complaints == []
    assert tab.locator("#gone ~ .scroll script").count() == 0
    tab.context.close()


def test_printed_it_is_a_report_with_its_questions_open(browser, site: Path) -> None:  # type: ignore[no-untyped-def]
    tab = opened(browser, site, f"busy/{PAGE}", color_scheme="dark")
    tab.emulate_media(media="print", color_scheme="dark")
    assert not tab.locator("nav").is_visible()
    assert tab.locator("details code").first.is_visible()
    assert tab.evaluate("getComputedStyle(document.documentElement).backgroundColor") == "rgb(255, 255, 255)"
    assert len(tab.pdf(format="A4")) > 10_000
    tab.context.close()
