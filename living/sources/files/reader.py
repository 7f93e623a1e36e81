"""Which format a file has, by what stands in it and not by its name, and its entries one after the other."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Literal

from living.errors import UserError
from living.sources.files import nbib, ris, table
from living.sources.files.entry import Fault, Found
from living.sources.files.table import Header, Mapping
from living.sources.files.text import encoding_of, lines_of

Format = Literal["ris", "nbib", "csv"]
FORMATS: tuple[Format, ...] = ("ris", "nbib", "csv")
MOST_BYTES = 400_000_000
LOOKED_AT = 40  # lines that may stand before the first entry
AS_WHAT = "Export it as RIS, as PubMed's NBIB, or as CSV"
_RIS = re.compile(r"TY {1,2}-")
_NBIB = re.compile(r"PMID ?-")
_SAYS = re.compile(rb"\S")
_NO_TEXT = {
    b"PK\x03\x04": "a spreadsheet or an archive",
    b"%PDF": "a PDF",
    b"\xd0\xcf\x11\xe0": "an old Office file",
    b"\x1f\x8b": "a packed file",
}


@dataclass(frozen=True)
class Opened:
    """A file that can be read: its format, how its text is encoded, and, of a table, its head."""

    content: bytes = field(repr=False)
    name: str
    format: Format
    encoding: str
    header: Header | None = None

    @property
    def mapping(self) -> Mapping:
        return self.header.mapping if self.header else ()


def opened(content: bytes, name: str, encoding: str = "", mapping: Mapping = ()) -> Opened:
    """Find out how a file is to be read. Raises UserError for what is none of the three formats.

    `mapping` belongs to a table alone.
    """
    _refuse_no_text(content, name)
    known = encoding_of(content, encoding, name)
    first = [line for _, line in islice(lines_of(content, known, name), LOOKED_AT)]
    tagged: Format = "ris" if any(_RIS.match(line) for line in first) else "nbib"
    if tagged == "ris" or any(_NBIB.match(line) for line in first):
        if mapping:
            told = f"is {tagged.upper()}, and only a table has columns to choose"
            raise UserError(told, where=name, fix="Leave the columns out")
        return Opened(content, name, tagged, known)
    if first and next((line for line in first if line.strip()), "").lstrip().startswith(("<", "{", "[")):
        raise UserError("is XML, a web page or JSON", where=name, fix=AS_WHAT)
    return Opened(content, name, "csv", known, table.header_of(content, known, name, mapping))


def readable(content: bytes, encoding: str) -> bool:
    """Return whether a file's beginning is text, in whatever format it goes on."""
    try:
        _refuse_no_text(content, "")
        return bool(list(islice(lines_of(content, encoding_of(content, encoding, ""), ""), LOOKED_AT)))
    except UserError:
        return False


def entries(file: Opened, source: str, payload: str) -> Iterator[Found | Fault]:
    """Yield every entry as a record of the source, or what is wrong with it; nothing is held in memory."""
    if file.header is not None:
        return table.parse(file.content, file.encoding, file.name, source, payload, file.header)
    parse = ris.parse if file.format == "ris" else nbib.parse
    return parse(file.content, file.encoding, file.name, source, payload)


def _refuse_no_text(content: bytes, name: str) -> None:
    if len(content) > MOST_BYTES:
        most = f"{MOST_BYTES // 1_000_000} MB"
        raise UserError(f"is larger than {most}", where=name, fix="Export it in parts")
    if not _SAYS.search(content):
        raise UserError("is empty", where=name, fix="Export it again")
    kind = next((told for mark, told in _NO_TEXT.items() if content.startswith(mark)), "")
    if kind:
        raise UserError(f"is {kind}", where=name, fix=AS_WHAT)
