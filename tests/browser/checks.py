"""What every page has to stand in a browser, whoever serves it: rules shared by the tests of many pages."""

from pathlib import Path

import pytest

from tests.browser.test_pages import FAINT, opened

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed")
html5lib = pytest.importorskip("html5lib", reason="html5lib is not installed")

SCREENS = [(width, scheme) for width in (320, 390, 1280) for scheme in ("light", "dark")]
OPEN = "document.querySelectorAll('details').forEach(one => { one.open = true; })"


def faults_of_html(content: bytes) -> list[tuple[object, str]]:
    """What a strict reader of HTML stumbles over."""
    parser = html5lib.HTMLParser()
    parser.parse(content)
    return [(at, code) for at, code, _ in parser.errors]


def on_screen(browser: "sync_api.Browser", site: Path, page: str, width: int, scheme: str) -> list[str]:
    """What is wrong with a page on one screen, its folds open: axe, contrast, sideways, console."""
    tab = opened(browser, site, page, viewport={"width": width, "height": 844}, color_scheme=scheme)
    found = list(tab.complaints)
    sideways = tab.evaluate("document.documentElement.scrollWidth")
    tab.evaluate(OPEN)
    widest = max(sideways, tab.evaluate("document.documentElement.scrollWidth"))
    if widest > width:
        found.append(f"{widest} pixels wide on {width}")
    found += [f"faint: {words}" for words in tab.evaluate(FAINT)]
    for item in axe.Axe().run(tab).response["violations"]:
        found.append(f"{item['id']} ({item['impact']}): {item['nodes'][0]['html'][:140]}")
    tab.context.close()
    return found


def without_script(browser: "sync_api.Browser", site: Path, page: str, width: int) -> list[str]:
    """What a reader without script misses of a page: its heading, its ways on, room."""
    size = {"width": width, "height": 844}
    tab = opened(browser, site, page, viewport=size, java_script_enabled=False)
    found = list(tab.complaints)
    if not tab.locator("h1").first.is_visible():
        found.append("no heading")
    wide = tab.locator("body").bounding_box()
    if wide is None or wide["width"] > width:
        found.append(f"the body is {wide} on {width}")
    hidden = tab.locator("main button, main input")
    found += [f"hidden: {at}" for at in range(hidden.count()) if not hidden.nth(at).is_visible()]
    tab.context.close()
    return found
