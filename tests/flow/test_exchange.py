"""Extractions out to a table and in again: by the form's checks, whole or not at all, blind in between."""

import csv
import io
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook

from living.errors import UserError
from living.service.exchange import NotTaken, blank_table, extractions_table, hand_in_table
from living.service.people import submit_form
from living.service.sheets import MOST_ROWS, Format
from tests.fakes import EPSILON, Home, articles, at, epsilon_article, form, home_at, toy_records
from tests.terminal import typed

FORMATS: tuple[Format, ...] = ("csv", "xlsx")
ROW = {
    "cell.study": EPSILON,
    "cell.outcome": "any-ae",
    "cell.experimental": "remedy",
    "cell.control": "placebo",
    "cell.weeks": "12",
    "cell.estimand": "count",
    "numbers.shape": "event_counts",
    "numbers.experimental.events": "12",
    "numbers.experimental.total": "60",
    "numbers.control.events": "9",
    "numbers.control.total": "60",
    "quotes.1.report": EPSILON,
    "quotes.1.locator": "Table 2",
    "quotes.1.text": "=12 of 60 and 9 of 60",
}


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    with home_at(tmp_path / "home", toy_records(articles(epsilon_article())), now=at("2026-02-12")) as opened:
        opened.poll()
        opened.include(EPSILON)
        yield opened


def table(*rows: dict[str, Any]) -> bytes:
    """A CSV as a person saves it."""
    header = list(dict.fromkeys(name for row in rows for name in row))
    out = io.StringIO()
    writer = csv.DictWriter(out, header)
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


def sheet(*rows: dict[str, Any], title: str = "extractions") -> bytes:
    """An XLSX as a person saves it."""
    book = Workbook()
    page = book.active
    assert page is not None
    page.title = title
    header = list(dict.fromkeys(name for row in rows for name in row))
    page.append(header)
    for row in rows:
        page.append([row.get(name) for name in header])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def hand_in(home: Home, content: bytes, by: str = "ann", name: str = "table.csv") -> int:
    return hand_in_table(home.house, home.topic, name, content, by).said.facts


def refusal(home: Home, content: bytes, by: str = "ann") -> str:
    before = home.head()
    with pytest.raises(UserError) as caught:
        hand_in(home, content, by)
    assert home.head() == before
    assert "\n" not in str(caught.value)
    return str(caught.value)


def parsed(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


# --- out and in again ---


@pytest.mark.parametrize("kind", FORMATS)
def test_what_was_taken_out_says_nothing_new_when_it_is_handed_in(home: Home, kind: Format) -> None:
    home.read(form(), "ann", "ben")
    assert hand_in(home, table(ROW)) == 1
    before = home.head()
    for who in ("ann", "ben", "cleo"):
        assert hand_in(home, extractions_table(home.house, home.topic, who, kind), who) == 0
    assert home.head() == before


@pytest.mark.parametrize("kind", FORMATS)
def test_a_blank_table_can_be_filled_in_and_handed_in(home: Home, kind: Format) -> None:
    blank = blank_table(home.house, home.topic, kind)
    if kind == "csv":
        header = next(csv.reader(io.StringIO(blank.decode("utf-8-sig"))))
        filled = table({name: ROW.get(name, "") for name in header})
    else:
        book = load_workbook(io.BytesIO(blank))
        assert book.sheetnames == ["extractions", "columns"]
        header = [str(cell.value) for cell in book["extractions"][1]]
        numbers = ("cell.weeks", "events", "total")
        row = {
            name: float(ROW[name]) if name.endswith(numbers) else ROW[name] for name in header if name in ROW
        }
        filled = sheet({name: row.get(name) for name in header})  # type: ignore[arg-type]
        # openpyxl writes a text that begins with = as a formula: what a person's program does with one
        assert "the cell holds a formula" in refusal(home, filled)
        filled = sheet({name: row.get(name) for name in header} | {"quotes.1.text": "12 of 60 and 9 of 60"})
    assert hand_in(home, filled) == 1


def test_a_number_formatted_as_text_is_a_number_all_the_same(home: Home) -> None:
    assert hand_in(home, sheet(ROW | {"quotes.1.text": "12 of 60 and 9 of 60"})) == 1


def test_text_that_would_be_a_formula_is_led_by_an_apostrophe_and_comes_back_without(home: Home) -> None:
    hand_in(home, table(ROW))
    out = extractions_table(home.house, home.topic, "ann", "csv", mine=True)
    assert parsed(out)[0]["quotes.1.text"] == "'=12 of 60 and 9 of 60"
    cells = load_workbook(io.BytesIO(extractions_table(home.house, home.topic, "ann", "xlsx", mine=True)))
    page = cells["extractions"]
    kinds = {str(head.value): cell for head, cell in zip(page[1], page[2], strict=True)}
    assert kinds["quotes.1.text"].data_type == "s"
    assert kinds["numbers.control.events"].value == 9
    assert hand_in(home, out) == 0


# --- blindness ---


def test_what_a_person_may_not_see_yet_stands_without_content(home: Home) -> None:
    home.read(form(mean=3.4), "ann")
    for who in ("ben", "cleo"):
        rows = [row for row in parsed(extractions_table(home.house, home.topic, who, "csv")) if row["hidden"]]
        assert [(row["cell.study"], row["read_by"], row["read_at"]) for row in rows] == [(EPSILON, "", "")]
        assert not any(value for name, value in rows[0].items() if name not in ("hidden", "cell.study"))
        assert b"3.4" not in extractions_table(home.house, home.topic, who, "csv")
    home.read(form(), "ben")
    shown = [row["read_by"] for row in parsed(extractions_table(home.house, home.topic, "ben", "csv"))]
    assert shown[-2:] == ["ann", "ben"]


def test_nobody_learns_by_handing_in_a_guess_of_what_another_read(home: Home) -> None:
    home.read(form(), "ann")
    (mine,) = [
        row
        for row in parsed(extractions_table(home.house, home.topic, "ann", "csv"))
        if row["read_by"] == "ann"
    ]
    right, wrong = table(mine), table(mine | {"numbers.control.mean": "4.6"})
    assert refusal(home, right, "ben") == refusal(home, wrong, "ben")


def test_nobody_speaks_for_another(home: Home) -> None:
    home.read(form(), "ann", "ben")
    rows = parsed(extractions_table(home.house, home.topic, "ben", "csv"))
    changed = [row | {"numbers.control.mean": "4.6"} if row["read_by"] == "ann" else row for row in rows]
    assert "this row is of 'ann' and was changed" in refusal(home, table(*changed), "ben")


# --- what is wrong, by row and column ---

WRONG: dict[str, tuple[dict[str, str], str]] = {
    "a decimal comma": ({"cell.weeks": "12,5"}, "row 2, column E (cell.weeks): '12,5' has a decimal comma"),
    "half a person": (
        {"numbers.control.total": "60.5"},
        "column K (numbers.control.total): '60.5' is not a whole",
    ),
    "events above n": ({"numbers.control.events": "61"}, "61 participants with the event of 60 cannot be"),
    "an unknown outcome": ({"cell.outcome": "any-ea"}, "row 2: no outcome 'any-ea'; did you mean 'any-ae'?"),
    "an unknown study": ({"cell.study": "pubmed:404"}, "column A (cell.study): no study 'pubmed:404' here"),
    "an unknown shape": ({"numbers.shape": "counts"}, "is of kind 'counts'"),
    "a number that is in no quote": (
        {"quotes.1.text": "12 of 60"},
        "row 2: no quote contains control events 9",
    ),
    "a question without an answer": (
        {"quotes.1.text": "12 of 60 and 9 (25%) of 60"},
        "column J (numbers.control.events): [percentage] 9 (25%) is printed, and 9 of 60 is 15%",
    ),
    "a quote of a kind there is none of": (
        {"quotes.1.report": "", "quotes.1.locator": "", "quotes.1.text": "", "quotes.3.report": EPSILON}
        | {"quotes.3.locator": "Table 2", "quotes.3.text": "12 of 60 and 9 of 60", "quotes.3.kind": "seen"},
        "(quotes.3.kind): quotes[1].kind: 'seen' is not one of its values",
    ),
    "a reason for no check": ({"reasons.1.code": "x", "reasons.1.why": "y"}, "no check 'x'"),
}


@pytest.mark.parametrize(("changes", "words"), WRONG.values(), ids=WRONG)
def test_a_fault_names_its_row_and_column_and_nothing_is_stored(
    home: Home, changes: dict[str, str], words: str
) -> None:
    assert words in refusal(home, table(ROW | changes))


def test_one_bad_row_keeps_all_good_ones_out_and_every_fault_is_told(home: Home) -> None:
    other = ROW | {"cell.weeks": "8", "numbers.control.events": "8", "quotes.1.text": "12 of 60 and 8 of 60"}
    rows = [ROW, ROW | {"cell.weeks": "x", "numbers.control.total": "y"}, other | {"cell.scale": "vas"}]
    with pytest.raises(NotTaken) as caught:
        hand_in(home, table(*rows))
    assert [(item.row, item.name) for item in caught.value.faults] == [
        (3, "cell.weeks"),
        (3, "numbers.control.total"),
        (4, ""),
    ]
    assert "Nothing was stored" in str(caught.value)


def test_a_reason_answers_the_question(home: Home) -> None:
    odd = ROW | {"quotes.1.text": "12 of 60 and 9 (25%) of 60"}
    assert hand_in(home, table(odd | {"reasons.1.code": "percentage", "reasons.1.why": "a misprint"})) == 1


def test_a_cell_filled_twice_is_refused(home: Home) -> None:
    assert "row 3: fills the cell of row 2 again" in refusal(home, table(ROW, ROW))


def test_an_unknown_column_is_named(home: Home) -> None:
    told = refusal(home, table(ROW | {"numbers.control.evnts": "9"}))
    assert "column O (numbers.control.evnts): no column 'numbers.control.evnts'; did you mean" in told


# --- files that are no plain table ---


def bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 60_000_000)
    return out.getvalue()


def with_part(name: str, text: bytes) -> bytes:
    out = io.BytesIO(sheet(ROW))
    with zipfile.ZipFile(out, "a") as archive:
        archive.writestr(name, text)
    return out.getvalue()


NO_TABLE: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "the file is empty"),
    "a header alone": (table(ROW).split(b"\r\n")[0], "there is no row under the header"),
    "semicolons": (b"cell.study;cell.outcome\na;b\n", "not separated by commas"),
    "UTF-16": ("cell.study,x\n".encode("utf-16"), "the text is UTF-16"),
    "Latin-1": ("cell.study\nM\u00fcller\n".encode("latin-1"), "not UTF-8 text (byte 12)"),
    "an open quote": (b'cell.study\n"pubmed', "not readable as CSV"),
    "a value under no heading": (b"cell.study\na,b\n", "column B: a value stands under no heading"),
    "too many rows": (b"cell.study\n" + b"a\n" * (MOST_ROWS + 1), f"At most {MOST_ROWS} rows"),
    "too large": (b"a" * 1_000_001, "larger than 1,000,000 bytes"),
    "a bomb": (bomb(), "unpacks to more than 20,000,000 bytes"),
    "no workbook": (b"PK\x03\x04" + b"x" * 100, "not readable as XLSX"),
    "an archive of something else": (with_part("[Content_Types].xml.x", b"x")[:-40], "not readable as XLSX"),
    "macros": (with_part("xl/vbaProject.bin", b"x"), "links, macros and objects are not read"),
    "links": (with_part("xl/externalLinks/externalLink1.xml", b"<x/>"), "links, macros and objects"),
    "entities": (with_part("xl/x.xml", b'<!DOCTYPE x [<!ENTITY a "b">]><x/>'), "declares a document type"),
    "a formula": (sheet(ROW | {"cell.weeks": "=6+6"}), "row 2, column E: the cell holds a formula"),
    "true": (sheet(ROW | {"cell.weeks": True}), "the cell holds true or false"),
}


@pytest.mark.parametrize(("content", "words"), NO_TABLE.values(), ids=NO_TABLE)
def test_a_file_that_is_no_plain_table_is_refused_in_one_line(home: Home, content: bytes, words: str) -> None:
    assert words in refusal(home, content)


def test_a_byte_order_mark_does_no_harm(home: Home) -> None:
    assert hand_in(home, b"\xef\xbb\xbf" + table(ROW)) == 1


def test_the_form_and_the_table_say_the_same_of_the_same_numbers(home: Home) -> None:
    """The CLI's form, the browser's table: one set of checks."""
    odd = form(
        spread=0.25, words="3.5 (SD 0.25, n = 60) with the remedy and 4.5 (SD 2.0, n = 60) with placebo"
    )
    with pytest.raises(UserError) as by_form:
        submit_form(home.house, home.topic, odd, "form.toml", "ann")
    answered = odd + 'reasons = [["se_for_sd", "so it stands"], ["unequal_spread", "so it stands"]]\n'
    submit_form(home.house, home.topic, answered, "form.toml", "ann")
    (row,) = parsed(extractions_table(home.house, home.topic, "ann", "csv", mine=True))
    bare = {name: item for name, item in row.items() if not name.startswith("reasons")}
    told = refusal(home, table(bare))
    for sentence in ("an SD of 0.25 with n = 60", "the SDs are 0.25 and 2"):
        assert sentence in str(by_form.value)
        assert sentence in told


def test_the_command_line_does_the_same_in_the_same_words(home: Home, tmp_path: Path) -> None:
    registries = {"ncbi_url": home.standin.pubmed_url, "ctgov_url": home.standin.ctgov_url}

    def run(*words: str) -> tuple[int, str]:
        done = typed(home.path, "extract", *words, **registries)
        return done.returncode, done.stdout + done.stderr

    empty, filled, out = (str(tmp_path / name) for name in ("empty.xlsx", "filled.csv", "out.csv"))
    assert run("template", "-o", empty)[0] == 0
    Path(filled).write_bytes(table(ROW | {"cell.weeks": "12,5"}))
    code, told = run("import", filled, "--as", "ann")
    assert code == 4
    assert "row 2, column E (cell.weeks): '12,5' has a decimal comma; write it with a point: 12.5" in told
    Path(filled).write_bytes(table(ROW))
    assert "Stored: 1 facts" in run("import", filled, "--as", "ann")[1]
    assert run("export", "--mine", "-o", out, "--as", "ann")[0] == 0
    assert "Nothing new" in run("import", out, "--as", "ann")[1]
    assert "exists already" in run("export", "-o", out, "--as", "ann")[1]
    assert "the file's ending says what to write" in run("export", "-o", "out.ods", "--as", "ann")[1]
