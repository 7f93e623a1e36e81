"""A row says what its extraction said, and a file what its rows said, whatever the words are."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from living.model.facts import Extraction
from living.review.rows import from_row, header_for, to_row
from living.service.sheets import Format, read, written
from tests.unit.review.checks.scene import KEY, cell, contrast, counts, means

WORD = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp")), max_size=30)
FORMULAS = st.sampled_from(
    ["=1+1", "+1", "-2", "@x", "'=1", "''", "'a", "\N{FULLWIDTH EQUALS SIGN}1", 'a,b\n"c"']
)
WORDS = (WORD | FORMULAS).map(str.strip).filter(bool)
SIZES = st.integers(1, 500)
VALUES = st.floats(-1e6, 1e6, allow_subnormal=False)
SPREADS = st.floats(1e-6, 1e6)


def shapes() -> st.SearchStrategy[dict[str, Any]]:
    arms = st.tuples(SIZES, VALUES, SPREADS)
    groups = st.tuples(st.integers(0, 9), st.integers(9, 99))
    return st.one_of(
        st.builds(means, arms, arms),
        st.builds(counts, groups, groups),
        st.builds(lambda at, half: contrast(at, at - half, at + half), VALUES, st.floats(1, 1e3)),
    )


def built(numbers: dict[str, Any], texts: list[str], weeks: float, notes: str) -> Extraction:
    plain = cell(numbers, notes=notes, weeks=weeks, reasons=[["grim", texts[0]]])
    quotes = [{"report": KEY, "locator": text, "text": text} for text in texts]
    return Extraction.model_validate(plain.model_dump() | {"quotes": quotes})


EXTRACTIONS = st.builds(
    built, shapes(), st.lists(WORDS, min_size=1, max_size=4), st.floats(0.1, 500), WORD.map(str.strip)
)


@given(EXTRACTIONS)
@settings(max_examples=40, deadline=None)
def test_a_row_says_what_its_extraction_said(extraction: Extraction) -> None:
    again, faults = from_row(to_row(extraction))
    assert faults == ()
    assert again == extraction


@given(st.lists(EXTRACTIONS, min_size=1, max_size=3), st.sampled_from(["csv", "xlsx"]))
@settings(max_examples=15, deadline=None)
def test_a_file_says_what_its_rows_said(extractions: list[Extraction], form: Format) -> None:
    header = [column.name for column in header_for(extractions)]
    content = written(form, header, [to_row(item) for item in extractions], [])
    lines = read("table", content).lines
    assert [from_row(line.items)[0] for line in lines] == extractions
