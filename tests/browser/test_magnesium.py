"""A late version of a long story in a real browser: 22 trials, ratios, a common effect."""

from pathlib import Path

import pytest

from living.publish.bundle import render_version
from living.publish.difference import render_difference
from living.publish.pages import Shell, render_shell
from living.review.difference import difference
from tests.browser import checks
from tests.browser.test_figures import clashes
from tests.browser.test_pages import CLASHES, browser, opened
from tests.unit.review import magnesium

__all__ = ["browser"]
BEFORE, AFTER = "1994", "2004"  # before ISIS-4, and the whole table
PAGE_LIMIT = 150_000  # bytes
STUDY = "study/isis-4-1995-isis-4-1995.html"
PAGES = (
    "index.html", "prisma-lsr.html", "analysis-death-random.html", "analysis-death-2007.html",
    "difference.html", STUDY,
)  # fmt: skip


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("magnesium")
    older, newer = magnesium.versions(BEFORE, AFTER)
    files = render_version(newer)
    files["index.html"] = render_shell(newer, files["page.html"], Shell())
    files["difference.html"] = render_difference(difference(older, newer))
    for path, content in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    return folder


def test_every_page_is_valid_html_and_small_enough(site: Path) -> None:
    found = sorted(site.rglob("*.html"))
    assert len(found) == 22 + len(PAGES)  # of its own page each trial; page.html beside index.html
    for path in found:
        content = path.read_bytes()
        assert checks.faults_of_html(content) == [], path.name
        assert len(content) <= PAGE_LIMIT, path.name


@pytest.mark.sampled(3)
@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize(("width", "scheme"), checks.SCREENS)
def test_every_kind_of_page_stands_on_every_screen(
    browser, site: Path, page: str, width: int, scheme: str
) -> None:  # type: ignore[no-untyped-def]
    assert checks.on_screen(browser, site, page, width, scheme) == []


@pytest.mark.sampled(3)
@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("width", [320, 1280])
def test_without_script_nothing_is_missing(browser, site: Path, page: str, width: int) -> None:  # type: ignore[no-untyped-def]
    assert checks.without_script(browser, site, page, width) == []


@pytest.mark.sampled(3)
@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("width", [390, 1280])
def test_no_word_of_a_figure_on_a_page_is_cut_off_or_on_top_of_another(
    browser, site: Path, page: str, width: int
) -> None:  # type: ignore[no-untyped-def]
    tab = opened(browser, site, page, viewport={"width": width, "height": 844})
    tab.evaluate(checks.OPEN)
    assert tab.evaluate(CLASHES) == []
    tab.context.close()


def test_no_word_of_a_figure_s_file_is_cut_off_or_on_top_of_another(
    browser, site: Path, tmp_path: Path
) -> None:  # type: ignore[no-untyped-def]
    found = {path.name: path.read_bytes() for path in sorted((site / "figures").iterdir())}
    assert len(found) > 10
    assert clashes(browser, tmp_path, found) == {}


def test_a_common_effect_is_named_instead_of_a_variance_of_nought(site: Path) -> None:
    page = (site / "index.html").read_text(encoding="utf-8")
    start = page.index('<h4 id="death">') if '<h4 id="death">' in page else page.index("<h4 id=")
    first = page[start : page.index("</section>", start)]
    assert "A common effect is assumed: no variance between studies is estimated" in first
    assert "τ² 0.00" not in page


def test_what_one_trial_moved_of_a_ratio_is_told_as_a_factor(site: Path) -> None:
    page = (site / "index.html").read_text(encoding="utf-8")
    assert page.count('data-th="Shift">×') == page.count('data-th="Shift">')
    row = next(line for line in page.splitlines() if 'data-th="Cause"' in line and "ISIS-4" in line)
    assert "×1.67" in row
