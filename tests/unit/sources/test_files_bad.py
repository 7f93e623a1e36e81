"""Exported files that are cut, mangled, huge or hostile: a sentence for each fault, with its place."""

from __future__ import annotations

import random
import time
import tracemalloc

import pytest

from living.errors import UserError
from living.sources.files.entry import Fault, Found
from living.sources.files.reader import entries, opened
from living.sources.files.table import Mapping

GOOD = "TY  - JOUR\nTI  - A title\nAN  - X{}\nER  - \n\n"
MEDLINE = "PMID- {}\nTI  - A title\nSO  - J. 2020;1:1.\n\n"


def found(content: bytes, encoding: str = "", mapping: Mapping = ()) -> list[Found | Fault]:
    return list(entries(opened(content, "file.ris", encoding, mapping), "embase", ""))


def faults(text: str, mapping: Mapping = ()) -> list[str]:
    return [item.sentence for item in found(text.encode(), "", mapping) if isinstance(item, Fault)]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("TY  - JOUR\nTI  - A\n", "entry 1, line 1: does not end (no 'ER  - '); the file stops at line 2"),
        (
            GOOD + "TY  - JOUR\nTI  - B\n\nTY  - JOUR\nTI  - C\nER  - \n",
            "entry 2, line 6: does not end (no 'ER  - ') before line 9",
        ),
        (GOOD + "Lost words\n" + GOOD.format(2), "entry 2, line 6: text outside an entry: 'Lost words'"),
        (
            "TY  - JOUR\nAU  - Nobody\nER  - \n",
            "entry 1, line 1: has neither a title nor a number of its own nor a DOI",
        ),
        (MEDLINE.format("x1"), "entry 1, line 1: has the PMID 'x1', which is none"),
        (
            MEDLINE.format(1) + "PMID- 2\nTI  - Cut\n",
            "entry 2, line 5: PMID 2 is cut off: it has no field SO",
        ),
        (
            "PMID- 1\nno field\nSO  - J.\n",
            "entry 1, line 2: is neither a field nor more of one: 'no field'",
        ),
        ("Title,DOI\nA,10.5555/x\nB\n", "entry 2, line 3: has 1 cells under 2 headings"),
        ("Title,DOI\nA,10.5555/x,more\n", "entry 1, line 2: has 3 cells under 2 headings"),
        ('Title,DOI\n"A,10.5555/x\n', "entry 1, line 2: cannot be read as a row"),
    ],
)
def test_a_fault_names_its_entry_its_line_and_itself(text: str, told: str) -> None:
    said = faults(text)
    assert len(said) == 1
    assert said[0].startswith(told)


def test_every_fault_of_a_file_is_told_at_once() -> None:
    text = "".join(f"TY  - JOUR\nAU  - Nobody {n}\nER  - \n" for n in range(30))
    assert len(faults(text)) == 30


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "is empty"),
        (b"\n \n", "is empty"),
        (b"PK\x03\x04rest", "is a spreadsheet or an archive"),
        (b"%PDF-1.7", "is a PDF"),
        (b"<?xml version='1.0'?><!DOCTYPE x [<!ENTITY a SYSTEM 'file:///etc/passwd'>]><x>&a;</x>", "is XML"),
        (b"<html><body>Sign in</body></html>", "is XML, a web page or JSON"),
        (b'{"a": 1}', "is XML, a web page or JSON"),
        (b"Title;DOI\n", "there is no row under the headings"),
        (b"just some words\nand more\n", "no column has a heading that is known for titles"),
        (GOOD.encode() + b"\xff\xfe", "is not UTF-8 text"),
        (GOOD.replace("A title", "M\xfcller").encode("latin-1"), "line 2: is not UTF-8 text"),
        (GOOD.replace("A title", "A\x00title").encode(), "line 2: holds a null byte"),
        (b"T\x00Y\x00 \x00 \x00-\x00", "holds a null byte"),
        (GOOD.encode("utf-16")[:-1], "is not UTF-16 text"),
    ],
)
def test_a_file_that_cannot_be_read_is_told_in_one_sentence(content: bytes, told: str) -> None:
    with pytest.raises(UserError, match=told.replace("?", r"\?")) as fault:
        found(content)
    assert "file.ris" in str(fault.value)
    assert "\n" not in str(fault.value)


def test_an_encoding_is_declared_and_never_guessed() -> None:
    content = GOOD.replace("A title", "M\xfcller \x96").encode("latin-1")
    with pytest.raises(UserError, match="declare what it is"):
        found(content)
    (declared,) = found(content, "windows-1252")
    assert isinstance(declared, Found)
    assert declared.record.title == "Müller –"
    with pytest.raises(UserError, match="no encoding 'klingon' is read here"):
        found(content, "klingon")
    with pytest.raises(UserError, match="the file begins with the mark of UTF-8"):
        found(GOOD.encode("utf-8-sig"), "latin-1")


def test_a_mapping_to_what_is_not_there_says_what_is() -> None:
    table = b"Name,DOI\nA,10.5555/x\n"
    with pytest.raises(UserError, match=r"no column 'Title'.*There are: Name, DOI"):
        found(table, "", (("title", "Title"),))
    with pytest.raises(UserError, match="no field 'pages'"):
        found(table, "", (("pages", "Name"),))
    with pytest.raises(UserError, match=r"known for titles.*Name, DOI"):
        found(table)


def test_columns_are_chosen_of_a_table_alone() -> None:
    with pytest.raises(UserError, match="is RIS, and only a table has columns to choose"):
        found(GOOD.encode(), "", (("title", "TI"),))


# --- beyond measure -----------------------------------------------------------------------------------------


def test_a_field_of_ten_megabytes_is_refused_with_its_line() -> None:
    text = f"TY  - JOUR\nTI  - {'x' * 10_000_000}\nER  - \n"
    with pytest.raises(UserError, match="line 2: a line of more than 1,000,000 characters"):
        found(text.encode())


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("TY  - JOUR\nTI  - {}\nER  - \n".format("x" * 6000), "a title of 6,000 characters"),
        (
            "TY  - JOUR\nTI  - A\nAB  - {}\nER  - \n".format("x" * 200_000),
            "an abstract of 200,000 characters",
        ),
        ("TY  - JOUR\nTI  - A\nAN  - {}\nER  - \n".format("x" * 200), "a number of 200 characters"),
        ("TY  - JOUR\nTI  - A\n" + "AU  - B\n" * 20_000 + "ER  - \n", "more than 10,000 authors"),
        ("TY  - JOUR\nTI  - A\n" + "ZZ  - b\n" * 60_000 + "ER  - \n", "has 60,001 lines"),
        ("TY  - JOUR\nTI  - A\n" + "AB  - word\n" + "more words\n" * 60_000 + "ER  - \n", "has 60,002 lines"),
        (
            "PMID- 1\nTI  - A\n" + "      more of it, and more\n" * 60_000 + "SO  - J.\n",
            "characters; at most",
        ),
        ('Title\n"{}"\n'.format("x\n" * 600_000), "cannot be read as a row (field larger than"),
    ],
    ids=["title", "abstract", "number", "authors", "tags", "lines", "medline", "cell"],
)
def test_what_is_beyond_all_measure_is_a_fault_and_not_kept(text: str, told: str) -> None:
    (said,) = faults(text)
    assert told in said


@pytest.mark.parametrize("shape", [GOOD, MEDLINE], ids=["ris", "nbib"])
def test_entries_are_read_one_by_one(shape: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is held while a file is read is a few entries of it, however many it has."""
    monkeypatch.setattr("living.sources.files.text.PIECE", 10_000)
    content = "".join(shape.format(n) for n in range(1, 5_001)).encode()
    tracemalloc.start()
    assert sum(1 for _ in entries(opened(content, "big"), "embase", "")) == 5_000
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 1_000_000  # five thousand records are some twenty megabytes


LONG = 900_000  # characters: what a pattern that runs away would take hours for


@pytest.mark.parametrize(
    "text",
    [
        "TY  - JOUR\nTI  - A\nUR  - {}\nER  - \n".format("embase.com/" * (LONG // 11)),
        "TY  - JOUR\nTI  - A\nDO  - {}\nER  - \n".format("10.1234/" * (LONG // 8)),
        "TY  - JOUR\nTI  - A\nC3  - {}\nER  - \n".format("PUBMED " * (LONG // 7)),
        "TY  - JOUR\nTI  - A\nDA  - {}\nER  - \n".format("1" * LONG),
        "PMID- 1\nTI  - A\nLID - {}\nSO  - J.\n".format("x" * LONG),
        "PMID- 1\nTI  - A\nSI  - {}\nSO  - J.\n".format("ISRCTN/" * (LONG // 7)),
        "Title,Authors\nA,{}b\n".format(" " * LONG),
        "Title,Authors\nA,{}\n".format("., " * 3000),
        "Title,TrialID,Phase,Target size\nA,X1,{},{}\n".format(" " * LONG, "1" * (LONG // 2)),
        "{}\n".format(" " * LONG),
    ],
    ids=["embase", "doi", "pubmed", "day", "lid", "si", "authors", "initials", "register", "blank"],
)
def test_no_pattern_runs_away(text: str) -> None:
    begun = time.perf_counter()
    try:
        found(text.encode())
    except UserError as fault:
        assert "file.ris" in str(fault)  # noqa: PT017 - some of these can be read, some cannot
    assert time.perf_counter() - begun < 20


def test_whatever_bytes_come_in_end_in_entries_or_in_one_sentence() -> None:
    chance = random.Random(20261122)
    parts = [
        *(b"TY  - JOUR\n", b"ER  - \n", b"TI  - x\n", b"AU  -\n", b"1. \n", b"PMID- 1\n", b"SO  - y\n"),
        *(b"      z\n", b"Title,DOI\n", b'"', b",", b"\xff", b"\x00", b"\r", b"\n\n", b"\xef\xbb\xbf"),
        "Ω–".encode(),
    ]
    for _ in range(3000):
        content = b"".join(chance.choices(parts, k=chance.randrange(1, 14)))
        try:
            for item in entries(opened(content, "odd"), "embase", ""):
                assert isinstance(item, Found | Fault)
        except UserError as fault:
            assert "\n" not in str(fault)  # noqa: PT017 - most of these end in an error, some in none
