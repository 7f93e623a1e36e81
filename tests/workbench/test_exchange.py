"""What people see of tables: what they may take away, and every fault by row and column."""

import csv
import io
from typing import Any

import pytest
from openpyxl import load_workbook

from tests.fakes import form
from tests.flow.test_exchange import ROW, table
from tests.workbench.conftest import Client, Desk

BETA = "pubmed:90000002"
PLACE = "/desk/toy/tables/"
GOOD = ROW | {
    "cell.study": BETA,
    "numbers.experimental.total": "40",
    "numbers.control.total": "40",
    "quotes.1.report": BETA,
    "quotes.1.text": "=12 of 40 and 9 of 40",
}


def rows_of(client: Client, path: str = "extractions/csv") -> list[dict[str, str]]:
    reply = client.get(PLACE + path)
    assert reply.status == 200
    return list(csv.DictReader(io.StringIO(reply.body.decode("utf-8-sig"), newline="")))


def sent(client: Client, content: bytes, name: str = "table.csv", **fields: Any) -> Any:
    return client.post(PLACE, files={"table": (name, content, "text/csv")}, **fields)


def test_a_table_is_handed_in_and_taken_away_again(desk: Desk) -> None:
    ann = desk.person("ann", "extractor")
    page = sent(ann, table(GOOD))
    assert "Stored: 1 extraction." in page.text
    assert [row["cell.outcome"] for row in rows_of(ann, "extractions/csv?mine=yes")] == ["any-ae"]
    again = sent(ann, ann.get(PLACE + "extractions/csv").body)
    assert "Nothing new: all of this had been said before." in again.text


def test_every_fault_stands_in_a_row_of_its_own_and_nothing_is_stored(desk: Desk) -> None:
    ann, head = desk.person("ann", "extractor"), desk.home.head()
    page = sent(ann, table(GOOD, GOOD | {"cell.weeks": "8,5", "numbers.control.total": "<script>"}))
    assert page.status == 400
    assert "Nothing of table.csv was stored. 2 things are to be put right" in page.text
    assert "has a decimal comma; write it with a point: 8.5" in page.text.replace("&#39;", "'")
    assert "&lt;script&gt;" in page.text
    assert "<script>" not in page.text.replace('<script type="module"', "")
    assert desk.home.head() == head


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"a;b\n1;2\n", "the columns are not separated by commas"),
        (b"", "The file is empty"),
        (b"PK\x03\x04nothing", "not readable as XLSX"),
    ],
)
def test_a_file_that_is_no_table_is_told_in_one_sentence(desk: Desk, content: bytes, words: str) -> None:
    page = sent(desk.person("ann", "extractor"), content)
    assert page.status == 400
    assert words.lower() in page.text.lower()


def test_no_file_is_a_fault_beside_the_field(desk: Desk) -> None:
    page = desk.person("ann", "extractor").post(PLACE)
    assert page.status == 400
    assert 'aria-describedby="wrong-table"' in page.text
    assert "No file was chosen" in page.text


def test_the_second_reader_takes_nothing_of_the_first_away(desk: Desk) -> None:
    ann, ben = desk.person("ann", "extractor"), desk.person("ben", "extractor", "editor", "adjudicator")
    desk.home.read(form(BETA, mean=3.4), ann.id)
    assert "3.4" not in ben.get(PLACE + "extractions/csv").text
    book = load_workbook(io.BytesIO(ben.get(PLACE + "extractions/xlsx").body))
    assert not any(cell.value == 3.4 for row in book["extractions"] for cell in row)
    assert [row["cell.study"] for row in rows_of(ben) if row["hidden"]] == [BETA]
    assert "Of 1 study others’ reading stands without content" in ben.get(PLACE).text
    desk.home.read(form(BETA), ben.id)
    assert [row["read_by"] for row in rows_of(ben)][-2:] == [ann.id, ben.id]


def test_a_reader_takes_away_and_hands_nothing_in(desk: Desk) -> None:
    reader = desk.person("rea", "reader")
    page = reader.get(PLACE)
    assert page.status == 200
    assert "Check and hand in" not in page.text
    assert sent(reader, table(GOOD)).status == 403


def test_an_empty_table_explains_its_columns(desk: Desk) -> None:
    reply = desk.person("ann", "extractor").get(PLACE + "empty/xlsx")
    assert reply.headers["content-type"].startswith("application/vnd.openxmlformats")
    assert "attachment" in reply.headers["content-disposition"]
    guide = load_workbook(io.BytesIO(reply.body))["columns"]
    told = {str(row[0].value): str(row[2].value) for row in guide}
    assert told["cell.outcome"] == "ache, any-ae"


def test_there_is_no_third_kind_of_table(desk: Desk) -> None:
    page = desk.person("ann", "extractor").get(PLACE + "extractions/ods")
    assert page.status == 400
    assert "There are: csv, xlsx" in page.text
