"""A file's bytes as numbered lines of plain text, or one clear sentence why they are none."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator

from living.errors import UserError

MOST_IN_A_LINE = 1_000_000  # characters; the longest known lines are reference lists of some 100,000
PIECE = 1 << 20  # bytes decoded at a time
UTF8 = "utf-8"
# What a person may declare where a file does not say it itself.
ENCODINGS = {
    "utf-8": UTF8,
    "utf8": UTF8,
    "utf-16": "utf-16",
    "utf-16-le": "utf-16-le",
    "utf-16-be": "utf-16-be",
    "windows-1252": "cp1252",
    "cp1252": "cp1252",
    "latin-1": "latin-1",
    "iso-8859-1": "latin-1",
}
DECLARE = "Save it as UTF-8, or declare what it is: windows-1252, latin-1 or utf-16"
MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_END = re.compile(r"\r\n|\r|\n")
# Controls, and what turns the direction of the text after it around: no part of a title, able to hide one.
_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff]+")


def encoding_of(content: bytes, declared: str, where: str) -> str:
    """Return how a file is encoded: as its own mark says, else as declared, else UTF-8.

    Raises UserError for an encoding that is not known here, and for one that the file's mark contradicts.
    """
    wanted = ENCODINGS.get(declared.strip().lower(), "") if declared.strip() else ""
    if declared.strip() and not wanted:
        known = "utf-8, utf-16, windows-1252, latin-1"
        raise UserError(
            f"no encoding '{declared.strip()[:30]}' is read here", where=where, fix=f"One of: {known}"
        )
    marked = next((name for mark, name in MARKS if content.startswith(mark)), "")
    said = marked.removesuffix("-sig")
    if marked and wanted and not wanted.startswith(said):
        fix = "Leave the encoding out"
        raise UserError(f"the file begins with the mark of {said.upper()}", where=where, fix=fix)
    return marked or wanted or UTF8


def lines_of(content: bytes, encoding: str, where: str) -> Iterator[tuple[int, str]]:
    """Yield each line with its number from 1, without its end, whichever end it has.

    Raises UserError naming the line of the first byte that is no text, and for lines beyond all measure.
    """
    number, rest = 0, ""
    for text in _decoded(content, encoding, where):
        *whole, rest = _END.split(rest + text) if not text.endswith("\r") else _held(rest + text)
        for line in whole:
            number += 1
            yield number, _measured(line, number, where)
        _measured(rest, number + 1, where)
    if rest:
        yield number + 1, rest.removesuffix("\r")


def cleaned(text: str) -> str:
    """Return a text on one line, with single spaces and without controls.

    >>> cleaned("Pain\\x00 after\\n  surgery\\u202e")
    'Pain after surgery'
    """
    return " ".join(_UNSEEN.sub(" ", text).split())


def _held(text: str) -> list[str]:
    """Split with the last carriage return held back: the next piece may begin with its line feed."""
    found = _END.split(text[:-1])
    return [*found[:-1], f"{found[-1]}\r"]


def _decoded(content: bytes, encoding: str, where: str) -> Iterator[str]:
    if encoding in (UTF8, "utf-8-sig") and (at := content.find(b"\x00")) >= 0:
        line = content.count(b"\n", 0, at) + 1
        raise UserError(
            "holds a null byte, so it is no UTF-8 text", where=f"{where}, line {line}", fix=DECLARE
        )
    decoder = codecs.getincrementaldecoder(encoding)(errors="strict")
    for start in range(0, max(len(content), 1), PIECE):
        piece = content[start : start + PIECE]
        try:
            text = decoder.decode(piece, final=start + PIECE >= len(content))
        except UnicodeDecodeError as fault:
            line = content.count(b"\n", 0, start + fault.start) + 1
            raise UserError(
                f"is not {encoding.removesuffix('-sig').upper()} text",
                where=f"{where}, line {line}",
                fix=DECLARE,
            ) from fault
        if "\x00" in text:
            raise UserError("holds a null character, so it is no text", where=where, fix=DECLARE)
        yield text


def _measured(line: str, number: int, where: str) -> str:
    if len(line) > MOST_IN_A_LINE:
        told = f"a line of more than {MOST_IN_A_LINE:,} characters"
        raise UserError(told, where=f"{where}, line {number}", fix="Export it again, without references")
    return line
