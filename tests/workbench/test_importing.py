"""What people see of imports: a look before anything is stored, nothing typed is lost, faults by place."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.fakes import site_of
from tests.hand_searched import SHAPES, home_with_hand_searches
from tests.workbench.conftest import Client, Desk

PLACE = "/desk/toy/imports/"
WORDS = {
    "source": "embase",
    "platform": "Embase.com",
    "day": "2026-02-01",
    "strategy": "#1 'invented remedy'/exp\n#2 <b>ache</b>",
    "encoding": "",
}
XSS = "<script>alert(1)</script>"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with home_with_hand_searches(tmp_path) as home, site_of(home.house) as browser:
        yield Desk(home, browser)


def sent(client: Client, name: str, content: bytes | None = None, **more: Any) -> Any:
    body = (SHAPES / name).read_bytes() if content is None else content
    said = {**WORDS, "do": "look", **more}
    return client.post(PLACE, files={"export": (name, body, "text/plain")}, **said)


def carried(page: str) -> dict[str, str]:
    """The fields of the form as a browser would send them again."""
    hidden = re.findall(r'type="hidden" name="(kept|file)" value="([^"]*)"', page)
    chosen = re.findall(r'<select id="[^"]*" name="(column:[a-z]+)">(.*?)</select>', page, re.DOTALL)
    columns = {
        name: html.unescape(found[1])
        for name, options in chosen
        if (found := re.search(r"<option selected>([^<]*)<", options))
    }
    return dict(hidden) | columns


def test_a_file_is_looked_at_and_then_imported_without_choosing_it_again(desk: Desk) -> None:
    ann, head = desk.person("ann", "screener"), desk.home.head()
    page = sent(ann, "synthetic_embase.ris")
    assert page.status == 200
    assert "What importing synthetic_embase.ris would do" in page.text
    assert "The invented ALPHA trial of an invented remedy" in page.text
    assert desk.home.head() == head
    done = ann.post(PLACE, **{**WORDS, **carried(page.text), "do": "import"})
    assert "Imported: synthetic_embase.ris, 3 entries, 3 of them new or changed." in done.text
    assert "embase:L9000000001" in desk.home.records()
    assert "1 February 2026" in done.text.replace("\u00a0", " ")
    again = ann.post(PLACE, **{**WORDS, **carried(page.text), "do": "import"})
    assert "Nothing new: this file was imported before, as the search of 2026-02-01." in again.text
    assert "This very file was imported before" in sent(ann, "synthetic_embase.ris").text


def test_what_was_typed_and_the_file_are_kept_when_something_is_wrong(desk: Desk) -> None:
    ann, head = desk.person("ann", "screener"), desk.home.head()
    page = sent(ann, "synthetic_embase.ris", day="1.2.2026", platform="Ovid <x>")
    assert page.status == 400
    assert "is no day" in page.text
    assert 'value="1.2.2026"' in page.text
    assert 'value="Ovid &lt;x&gt;"' in page.text
    assert "#2 &lt;b&gt;ache&lt;/b&gt;</textarea>" in page.text
    done = ann.post(PLACE, **{**WORDS, **carried(page.text), "do": "import"})
    assert "3 entries" in done.text
    assert desk.home.head() != head


def test_every_fault_stands_with_its_entry_and_line_and_nothing_is_stored(desk: Desk) -> None:
    ann, head = desk.person("ann", "screener"), desk.home.head()
    wrong = f"TY  - JOUR\nAU  - {XSS}\nER  - \n{XSS}\nTY  - JOUR\nTI  - A\n".encode()
    for do in ("look", "import"):
        page = sent(ann, "wrong.ris", wrong, do=do)
        assert page.status == 400
        assert "Nothing was stored. 3 entries are at fault" in page.text
        assert '<td class="n">1</td><td class="n">1</td><td>Has neither a title' in page.text
        assert "&lt;script&gt;alert(1)" in page.text
        assert XSS not in page.text
        assert "#2 &lt;b&gt;ache&lt;/b&gt;</textarea>" in page.text
    assert desk.home.head() == head
    assert not [sha for sha in desk.home.house.store.payloads() if not sha]


def test_the_columns_of_a_table_are_offered_and_chosen(desk: Desk) -> None:
    ann = desk.person("ann", "screener")
    page = sent(ann, "synthetic_german_excel.csv", encoding="windows-1252")
    assert page.status == 400
    assert "synthetic_german_excel.csv: no column has a heading that is known for titles" in page.text
    assert "<option>Überschrift</option>" in page.text
    fields = {**WORDS, **carried(page.text), "encoding": "windows-1252", "column:title": "Überschrift"}
    fields |= {"column:number": "Kennung", "column:authors": "Verfasser", "column:year": "Jahr"}
    look = ann.post(PLACE, **fields, do="look")
    assert look.status == 200
    assert "<option selected>Kennung</option>" in look.text
    done = ann.post(PLACE, **{**fields, **carried(look.text), "do": "import"})
    assert "2 entries" in done.text
    assert desk.home.records()["embase:A-1"].title.startswith("Erfundenes Mittel")


def test_a_table_s_headings_are_taken_as_they_suggest(desk: Desk) -> None:
    ann = desk.person("ann", "screener")
    page = sent(ann, "synthetic_ictrp.csv", source="ictrp")
    assert page.status == 200
    assert carried(page.text)["column:trial"] == "TrialID"
    assert "ictrp:CTRI/2020/01/900001" in page.text


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"kept": "0" * 64, "file": "x.ris"}, "The file is not here any more"),
        ({"kept": "../../etc/passwd"}, "The file is not here any more"),
        ({}, "No file was chosen"),
    ],
)
def test_a_file_that_is_not_there_is_asked_for(desk: Desk, fields: dict[str, str], told: str) -> None:
    page = desk.person("ann", "screener").post(PLACE, **WORDS, **fields, do="import")
    assert page.status == 400
    assert told in page.text
    assert 'value="Embase.com"' in page.text


def test_an_answer_of_a_registry_cannot_be_imported_by_its_name(desk: Desk) -> None:
    desk.home.poll("pubmed")
    head = desk.home.head()
    for sha in desk.home.house.store.payloads():
        page = desk.person("ann", "screener").post(PLACE, **WORDS, kept=sha, file="x", do="import")
        assert "The file is not here any more" in page.text
    assert desk.home.head() == head


def test_a_reader_sees_how_far_was_searched_and_hands_nothing_in(desk: Desk) -> None:
    reader = desk.person("rea", "reader")
    page = reader.get(PLACE)
    assert page.status == 200
    assert "WHO ICTRP" in page.text
    assert 'name="export"' not in page.text
    assert sent(reader, "synthetic_embase.ris").status == 403


def test_hostile_titles_are_shown_as_text_on_every_page_that_has_them(desk: Desk) -> None:
    ann = desk.person("ann", "screener", "editor", "adjudicator", "extractor")
    tags = {"TY": "JOUR", "TI": f"=cmd {XSS} \u202etxt", "AU": XSS, "JF": XSS, "AN": f"x{XSS}", "ER": ""}
    entry = "".join(f"{tag}  - {text}\n" for tag, text in tags.items())
    page = sent(ann, "evil.ris", entry.encode(), strategy=XSS, platform=XSS[:100])
    assert page.status == 200
    ann.post(PLACE, **{**WORDS, **carried(page.text), "strategy": XSS, "platform": XSS, "do": "import"})
    (key,) = [key for key in desk.home.records() if key.startswith("embase:")]
    desk.home.turn()
    for place in (
        PLACE,
        "/desk/toy/",
        "/desk/toy/screen/",
        "/desk/toy/studies/",
        f"/desk/toy/study/{key}",
        f"/desk/toy/screen/{key}",
        "/desk/toy/audit/",
    ):
        reply = ann.get(place)
        assert reply.status < 500
        assert XSS not in reply.text
        assert "\u202e" not in reply.text
    for path in desk.home.house.settings.site.rglob("*.html"):
        assert XSS not in path.read_text(encoding="utf-8")


def test_the_trail_and_the_record_say_where_it_came_from(desk: Desk) -> None:
    ann = desk.person("ann", "screener", "adjudicator")
    sent(ann, "synthetic_embase.ris", do="import")
    trail = ann.get("/desk/toy/audit/?kind=search").text
    assert "search by hand" in trail.lower()
    assert "Ann" in trail
    assert "synthetic_embase.ris" in trail
    page = ann.get("/desk/toy/screen/embase:L9000000003").text
    assert "Embase, from an exported file" in page


def test_the_queue_is_taken_away_as_a_file(desk: Desk) -> None:
    desk.home.poll("pubmed")
    reply = desk.person("rea", "reader").get("/desk/toy/to-screen.ris")
    assert reply.status == 200
    assert reply.headers["content-disposition"].startswith("attachment")
    assert "toy-to-screen.ris" in reply.headers["content-disposition"]
    assert reply.body.count(b"TY  - ") == len([1 for kind, _ in desk.home.queue if kind == "screen"])
