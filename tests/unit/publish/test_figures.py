"""Every figure: the same bytes twice, inside its frame, named in words, and no number without its table."""

import html
import re
import xml.etree.ElementTree as ET

import pytest

from living.model.snapshot import Snapshot
from living.publish.bundle import render_version
from tests.unit.publish import drawings, grown, hostile, snapshots
from tests.unit.publish.drawings import SVG

PAGE_LIMIT = 150_000
CASES = [(k, ratio) for k in (1, 2, 3, 12) for ratio in (False, True)]
SLACK = 0.01  # coordinates are rounded to hundredths


def figures(files: dict[str, bytes]) -> dict[str, ET.Element]:
    return {
        path.removeprefix("figures/").removesuffix(".svg"): ET.fromstring(content)
        for path, content in files.items()
        if path.startswith("figures/")
    }


def pages(files: dict[str, bytes]) -> str:
    """Every page of a version, one after the other."""
    return "".join(content.decode() for path, content in files.items() if path.endswith(".html"))


def tables(files: dict[str, bytes]) -> dict[str, str]:
    """Every table of a version's pages that has a name, without its markup."""
    page = pages(files)
    found = re.findall(r'<table[^>]* id="table-([^"]+)">(.*?)</table>', page, re.DOTALL)
    return {name: html.unescape(re.sub("<[^>]+>", " ", inner)) for name, inner in found}


def beside(name: str, known: dict[str, str]) -> str:
    """The tables that stand for a figure: one, but for a forest plot that of its studies and its groups."""
    forest = name.removesuffix(".narrow")
    names = (name.replace("rob-summary-", "rob-"), forest, f"{forest}-groups")
    return " ".join(known[each] for each in names if each in known)


@pytest.fixture(
    scope="module", params=CASES, ids=lambda case: f"{case[0]}-{'ratio' if case[1] else 'difference'}"
)
def files(request: pytest.FixtureRequest) -> dict[str, bytes]:
    return render_version(grown.topic(*request.param, analyses=2))


def test_every_figure_is_the_same_twice() -> None:
    assert render_version(grown.topic(3)) == render_version(grown.topic(3))


def test_nothing_drawn_lies_outside_its_frame(files: dict[str, bytes]) -> None:
    for name, root in figures(files).items():
        _, _, width, height = map(float, (root.get("viewBox") or "").split())
        for shape, x, y in drawings.reach(root):
            assert -SLACK <= x <= width + SLACK, (name, shape, x)
            assert -SLACK <= y <= height + SLACK, (name, shape, y)


def test_every_figure_has_a_name_and_a_description_and_says_that_it_is_an_image(
    files: dict[str, bytes],
) -> None:
    for name, root in figures(files).items():
        named = {
            child.get("id"): (child.text or "").strip()
            for child in root
            if child.tag in (f"{SVG}title", f"{SVG}desc")
        }
        assert root.get("role") == "img", name
        assert (root.get("aria-labelledby") or "").split() == list(named), name
        assert all(named.values()), name


def test_every_number_in_a_figure_stands_in_its_table(files: dict[str, bytes]) -> None:
    known = tables(files)
    for name, root in figures(files).items():
        table = beside(name, known)
        assert table, name
        said = set().union(*(drawings.numbers(text) for text in drawings.words(root)))
        ticks = {"".join(text.itertext()) for text in root.iter(f"{SVG}text") if text.get("class") == "s m"}
        assert said - drawings.numbers(table) - ticks - {"95%"} == set(), name


def test_every_image_of_a_page_is_a_file_of_its_version_and_has_a_text(files: dict[str, bytes]) -> None:
    page = pages(files)
    images = re.findall(r'<img src="([^"]+)"[^>]* alt="([^"]+)"', page)
    assert images
    assert page.count("<img ") == len(images)
    assert {source for source, _ in images} <= set(files)
    assert all(text.endswith("has the same numbers.") for _, text in images)


def test_every_figure_of_a_version_is_shown_or_led_to_from_its_page(files: dict[str, bytes]) -> None:
    page = pages(files)
    for path in files:
        if path.startswith("figures/") and not path.endswith(".narrow.svg"):
            assert path in page


@pytest.mark.parametrize("ratio", [False, True])
def test_a_page_of_four_analyses_of_twelve_studies_and_every_figure_is_small_enough(ratio: bool) -> None:
    assert len(render_version(grown.topic(12, ratio, analyses=4))["page.html"]) <= PAGE_LIMIT


@pytest.mark.parametrize("version", [snapshots.v1, snapshots.v2, hostile.snapshot])
def test_figures_of_every_example_stay_in_their_frames(version) -> None:  # type: ignore[no-untyped-def]
    for name, root in figures(render_version(version())).items():
        _, _, width, height = map(float, (root.get("viewBox") or "").split())
        for shape, x, y in drawings.reach(root):
            assert -SLACK <= x <= width + SLACK, (name, shape, x)
            assert -SLACK <= y <= height + SLACK, (name, shape, y)


def test_where_nothing_is_judged_the_page_says_so_and_has_no_lights() -> None:
    unjudged: Snapshot = grown.topic(3, judged=False)
    files = render_version(unjudged)
    assert b"Risk of bias: no result here has been judged yet." in files["page.html"]
    assert not [path for path in files if "rob" in path]


def test_a_supplementary_figure_is_labelled_so_with_its_caution() -> None:
    files = render_version(grown.topic(3))
    page = files["page.html"].decode()
    fold = page[page.index("Looking again and again (supplementary)") :]
    assert fold.index("the headline never follows from it") < fold.index("figures/sequence-pain.svg")
    for name in ("sequence-pain", "boundary-pain"):
        title = figures(files)[name].findtext(f"{SVG}title") or ""
        assert "supplementary" in title


def brightness(colour: str) -> float:
    parts = [
        int(two, 16) / 255
        for two in re.findall("..", colour if len(colour) == 6 else "".join(c * 2 for c in colour))
    ]
    red, green, blue = (
        part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_signs_words_and_marks_stand_out_from_their_ground_on_screen_in_the_dark_and_in_print() -> None:
    style = figures(render_version(grown.topic(3)))["pain"].findtext(f"{SVG}style") or ""
    palettes = [dict(re.findall(r"--(\w+):#(\w+)", part)) for part in re.findall(r":root{([^}]*)}", style)]
    assert len(palettes) == 3
    for palette in palettes:
        paper = brightness(palette["paper"])
        for name in ("ink", "soft", "study", "pool", "good", "warn", "bad"):
            lighter, darker = sorted((paper, brightness(palette[name])), reverse=True)
            assert (lighter + 0.05) / (darker + 0.05) >= 4.5, name
