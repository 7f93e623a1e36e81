"""The pages around letters in a real browser: the form, the links of letters, and the letters themselves."""

from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlencode

import pytest

from living.publish.letters import compose_confirmation
from living.publish.news import Kind
from living.publish.pages import Shell
from living.service.letters import OF_ALL, subscribe, token
from tests.browser import checks
from tests.browser.test_pages import browser
from tests.fakes import Browser, FakeMailer, Home, Reply, home_at, site_of
from tests.unit.publish import snapshots
from tests.unit.publish import test_letters as letters
from tests.unit.publish import test_letters_more as more

__all__ = ["browser"]
ANN = "ann@readers.example.org"
CHOICE = {"level": "new_study", "pace": "at_once"}


def served(home: Home, web: Browser) -> dict[str, Reply]:
    """Every page of the form and of the links as the web gives it, in the order of a visit."""
    asked = subscribe(home.house, "toy", "ben@readers.example.org", "new_study").id
    confirm, leave, manage = (
        f"/letters/{purpose}/{token(home.house, use, reader)}"
        for purpose, use, reader in (
            ("confirm", "confirm", asked),
            ("leave", "leave", asked),
            ("manage", "leave", home.reader("ann")),
        )
    )
    steps: dict[str, Callable[[], Reply]] = {
        "form": lambda: web.get("/toy/letters/"),
        "answer": lambda: asks(web, ANN),
        "fault": lambda: asks(web, "nobody"),
        "to-confirm": lambda: web.get(confirm),
        "confirmed": lambda: web.post(confirm),
        "manage": lambda: web.get(manage),
        "kept": lambda: web.post(manage, b"level=retraction&pace=weekly"),
        "leave": lambda: web.get(leave),
        "left": lambda: web.post(leave),
        "left-manage": lambda: web.post(manage, b"leave=yes") and web.get(manage),
        "unknown": lambda: web.get("/letters/manage/nobody"),
    }
    found = {name: step() for name, step in steps.items()}
    for number in range(OF_ALL):
        found["closed"] = asks(web, f"reader-{number}@readers.example.org")
    return found


def asks(web: Browser, address: str) -> Reply:
    return web.post("/toy/letters/", urlencode({"address": address, **CHOICE}).encode())


def written() -> dict[str, bytes]:
    """The page inside every kind of letter."""
    shell = Shell((letters.RETRACTED,), pulse=letters.PULSE)
    found = {kind: letters.letter(kind) for kind in KINDS}
    found["digest"] = more.compose_digest(more.ITEMS, snapshots.v2(), shell, letters.LINKS, letters.ENVELOPE)
    found["team"] = more.compose_brief(more.BRIEF, more.TOPIC, letters.LINKS, letters.ENVELOPE)
    found["confirm"] = compose_confirmation(more.TOPIC, letters.LINKS, letters.ENVELOPE)
    found["already"] = more.compose_choices(more.TOPIC, letters.LINKS, letters.ENVELOPE)
    return {name: letters.part(letters.received(one), "html").encode() for name, one in found.items()}


DOORS = (
    "form", "answer", "fault", "to-confirm", "confirmed", "manage", "kept", "leave", "left", "left-manage",
    "unknown", "closed",
)  # fmt: skip
KINDS: tuple[Kind, ...] = ("major", "retraction")
LETTERS = (*KINDS, "digest", "team", "confirm", "already")
PAGES = (*(f"{name}.html" for name in DOORS), *(f"letter-{name}.html" for name in LETTERS))


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("doors")
    with FakeMailer() as mailer:
        mail = {"smtp_host": "127.0.0.1", "smtp_port": mailer.port, "smtp_security": "none"}
        with home_at(tmp_path_factory.mktemp("home"), **mail) as home, site_of(home.house) as web:
            for name, reply in served(home, web).items():
                (folder / f"{name}.html").write_bytes(reply.body)
    for name, content in written().items():
        (folder / f"letter-{name}.html").write_bytes(content)
    return folder


def test_these_are_all_the_pages(site: Path) -> None:
    assert {path.name for path in site.iterdir()} == set(PAGES)
    said = {name: (site / f"{name}.html").read_text(encoding="utf-8") for name in DOORS}
    assert len(set(said.values())) == len(DOORS)


@pytest.mark.parametrize("page", PAGES)
def test_every_page_is_valid_html(site: Path, page: str) -> None:
    assert checks.faults_of_html((site / page).read_bytes()) == []


@pytest.mark.sampled(3)
@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize(("width", "scheme"), checks.SCREENS)
def test_every_page_stands_on_every_screen(browser, site: Path, page: str, width: int, scheme: str) -> None:  # type: ignore[no-untyped-def]
    assert checks.on_screen(browser, site, page, width, scheme) == []


@pytest.mark.sampled(2)
@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("width", [320, 1280])
def test_without_script_nothing_is_missing(browser, site: Path, page: str, width: int) -> None:  # type: ignore[no-untyped-def]
    assert checks.without_script(browser, site, page, width) == []


def test_a_keyboard_goes_through_the_form_in_the_order_of_the_eye(browser, site: Path) -> None:  # type: ignore[no-untyped-def]
    tab = browser.new_context(java_script_enabled=True).new_page()
    tab.goto((site / "form.html").as_uri())
    met = []
    for _ in range(6):
        tab.keyboard.press("Tab")
        met.append(tab.evaluate("document.activeElement.name || document.activeElement.className"))
    button = tab.evaluate("document.activeElement.tagName")
    assert met[0] == "skip"
    assert met[2:5] == ["address", "level", "pace"]
    assert button == "BUTTON"
    tab.context.close()
