"""Tables as files of a spreadsheet: CSV and XLSX, written so that no text acts and read so that none can."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from openpyxl import Workbook, load_workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import InvalidFileException

from living.errors import UserError
from living.publish.tables import FORMULA_STARTS

Format = Literal["csv", "xlsx"]
Item = str | int | float
SHEET, HELP = "extractions", "columns"
MOST_BYTES = 1_000_000  # of a file as it comes
MOST_UNPACKED = 20_000_000  # of an XLSX once unpacked: a small file can unpack to a whole disk
MOST_PARTS = 200  # files within an XLSX; an ordinary one has a dozen
MOST_ROWS = 2_000
MOST_COLUMNS = 600
MOST_TEXT = 32_767  # characters in one cell of an XLSX; more is cut off by the programs that read it
DIGITS = 15  # of a number in an XLSX
MEDIA: dict[Format, str] = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
AGAIN, AS_CSV = "Save it again as XLSX, or as CSV UTF-8", "Save it again as CSV UTF-8"
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_ESCAPED = re.compile(r"_x[0-9A-Fa-f]{4}_|\r")  # what XLSX programs take for an escaped character
_FORBIDDEN = ("externalLinks/", "vbaProject", "embeddings/", "activeX/")


@dataclass(frozen=True)
class Line:
    """One row of a file by its number there (the header is row 1), each item under its column's name."""

    number: int
    items: dict[str, Item]


@dataclass(frozen=True)
class Table:
    """A header and the rows under it; rows without a word in them are left out."""

    header: tuple[str, ...]
    lines: tuple[Line, ...]

    def letter(self, column: str) -> str:
        """Return the letter under which a spreadsheet shows a column; nothing for one that is not there."""
        return get_column_letter(self.header.index(column) + 1) if column in self.header else ""


def written(
    form: Format, header: Sequence[str], rows: Iterable[dict[str, Item]], guide: Sequence[Sequence[str]]
) -> bytes:
    """Return a table as a file. `guide` explains the columns, on its own sheet where there are sheets."""
    return _csv(header, rows) if form == "csv" else _xlsx(header, rows, guide)


def read(name: str, content: bytes) -> Table:
    """Read a table from a file's bytes. Raises UserError, one line, for whatever is no plain table."""
    if len(content) > MOST_BYTES:
        raise UserError(f"larger than {MOST_BYTES:,} bytes", where=name, fix="Hand it in in parts")
    if not content.strip():
        raise UserError("the file is empty", where=name)
    table = _from_xlsx(name, content) if content.startswith(b"PK\x03\x04") else _from_csv(name, content)
    if not table.lines:
        raise UserError("there is no row under the header", where=name)
    return table


# --- CSV ---


def _csv(header: Sequence[str], rows: Iterable[dict[str, Item]]) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(header)
    writer.writerows([_safe(row.get(name, "")) for name in header] for row in rows)
    return out.getvalue().encode("utf-8-sig")


def _safe(item: Item) -> str:
    """One field; an apostrophe keeps text from being a formula, and is taken off again when read."""
    if not isinstance(item, str):
        return repr(item)
    led = item.startswith("'") and item[1:].startswith((*FORMULA_STARTS, "'"))
    return f"'{item}" if item.startswith(FORMULA_STARTS) or led else item


def _plain(text: str) -> str:
    return text[1:] if text.startswith("'") and text[1:].startswith((*FORMULA_STARTS, "'")) else text


def _from_csv(name: str, content: bytes) -> Table:
    text = _decoded(name, content)
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error as fault:
        raise UserError(
            f"not readable as CSV ({fault})", where=name, fix="Save it again as CSV UTF-8"
        ) from fault
    if rows and len(rows[0]) == 1 and re.search(r"[;\t]", rows[0][0]):
        fix = "Save it with commas between the columns, or as XLSX"
        raise UserError("the columns are not separated by commas", where=name, fix=fix)
    return _table(name, [[_plain(field) for field in row] for row in rows])


def _decoded(name: str, content: bytes) -> str:
    fix = "Save it as CSV UTF-8, or as XLSX"
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise UserError("the text is UTF-16, not UTF-8", where=name, fix=fix)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        raise UserError(f"not UTF-8 text (byte {fault.start})", where=name, fix=fix) from fault


# --- XLSX ---


def _xlsx(header: Sequence[str], rows: Iterable[dict[str, Item]], guide: Sequence[Sequence[str]]) -> bytes:
    book = Workbook(write_only=True)
    sheet = book.create_sheet(SHEET)
    sheet.freeze_panes = "A2"
    sheet.append([_cell(sheet, name, bold=True) for name in header])
    for row in rows:
        sheet.append([_cell(sheet, row.get(name, "")) for name in header])
    about = book.create_sheet(HELP)
    for line in guide:
        about.append([_cell(about, text) for text in line])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _cell(sheet: Any, item: Item, bold: bool = False) -> Any:
    """One cell: a number as a number, text as text whatever it begins with.

    A number of more digits than spreadsheets keep is written as text, so that it comes back as it was.
    """
    if item == "":
        return None
    if isinstance(item, float) and float(f"{item:.{DIGITS}g}") != item:
        item = repr(item)
    if isinstance(item, str) and (_CONTROL.search(item) or _ESCAPED.search(item) or len(item) > MOST_TEXT):
        told = f"an XLSX cannot hold the text '{item[:30]!r}...' unchanged"
        raise UserError(told, fix="Take the CSV instead")
    cell = WriteOnlyCell(sheet, item if not isinstance(item, str) else None)
    if isinstance(item, str):
        cell.value = item
        cell.data_type = "s"
        cell.quotePrefix = item.startswith(FORMULA_STARTS)
    if bold:
        cell.font = Font(bold=True)
    return cell


def _from_xlsx(name: str, content: bytes) -> Table:
    _refuse_odd_archive(name, content)
    try:
        book = load_workbook(io.BytesIO(content), read_only=True, keep_links=False, data_only=False)
        sheet = book[SHEET] if SHEET in book.sheetnames else book.worksheets[0]
        sheet.reset_dimensions()
        rows = [[_value(name, cell) for cell in row] for row in _rows(name, sheet)]
    except (
        InvalidFileException,
        KeyError,
        ValueError,
        IndexError,
        TypeError,
        AttributeError,
        SyntaxError,
    ) as fault:
        raise UserError("not readable as XLSX", where=name, fix=AGAIN) from fault
    return _table(name, rows)


def _rows(name: str, sheet: Any) -> Iterator[Any]:
    for place, row in enumerate(sheet.iter_rows()):
        if place > MOST_ROWS:
            raise UserError(f"more than {MOST_ROWS} rows", where=name, fix="Hand it in in parts")
        yield row[: MOST_COLUMNS + 1]


def _value(name: str, cell: Any) -> Item:
    value = cell.value
    if value is None:
        return ""
    where = f"{name}, row {cell.row}, column {get_column_letter(cell.column)}"
    if cell.data_type == "f":
        raise UserError("the cell holds a formula", where=where, fix="Paste its value")
    if cell.data_type == "e":
        raise UserError(f"the cell holds the error {value}", where=where)
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        shown = "true or false" if isinstance(value, bool) else "a date or a time"
        raise UserError(f"the cell holds {shown}", where=where, fix="Format it as text and type it again")
    return value


def _refuse_odd_archive(name: str, content: bytes) -> None:
    """Unpack a workbook within bounds, before anything reads it, and look for what no table needs."""
    left = MOST_UNPACKED
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
            if len(parts) > MOST_PARTS:
                raise UserError(f"holds {len(parts)} files, and a table of one sheet has a dozen", where=name)
            for part in parts:
                if any(odd in part.filename for odd in _FORBIDDEN):
                    raise UserError(
                        f"holds {part.filename}: links, macros and objects are not read", where=name
                    )
                with archive.open(part) as packed:
                    text = packed.read(left + 1)
                left -= len(text)
                if left < 0:
                    raise UserError(f"unpacks to more than {MOST_UNPACKED:,} bytes", where=name)
                if b"<!DOCTYPE" in text or b"<!ENTITY" in text:
                    raise UserError("declares a document type, which no spreadsheet does", where=name)
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError, OSError) as fault:
        raise UserError("not readable as XLSX", where=name, fix=AGAIN) from fault


# --- both ---


def _table(name: str, rows: Sequence[Sequence[Item]]) -> Table:
    if not rows:
        raise UserError("the file is empty", where=name)
    header = [str(item).strip() for item in rows[0]]
    while header and not header[-1]:
        header.pop()
    if len(rows) - 1 > MOST_ROWS or len(header) > MOST_COLUMNS:
        told = f"{len(rows) - 1} rows and {len(header)} columns"
        raise UserError(told, where=name, fix=f"At most {MOST_ROWS} rows and {MOST_COLUMNS} columns are read")
    lines = [_line(name, header, number, row) for number, row in enumerate(rows[1:], 2)]
    return Table(tuple(header), tuple(line for line in lines if line.items))


def _line(name: str, header: Sequence[str], number: int, row: Sequence[Item]) -> Line:
    beyond = next((at for at, item in enumerate(row) if at >= len(header) and item != ""), None)
    if beyond is not None:
        where = f"{name}, row {number}, column {get_column_letter(beyond + 1)}"
        raise UserError("a value stands under no heading", where=where, fix="Quote text that holds commas")
    return Line(number, {column: item for column, item in zip(header, row, strict=False) if item != ""})
