"""PubMed's reading of a query, compared with what was meant."""

import pytest

from living.sources.pubmed_query import missing_clauses, terms

TRANSLATION = (
    '("naltrexone"[MeSH Terms] OR "naltrexone"[Title/Abstract]) AND '
    '("low dose"[Title/Abstract] OR "naltrexone low"[Title/Abstract:~3] OR "4 5mg"[Title/Abstract])'
)


@pytest.mark.parametrize(
    "clause",
    [
        "naltrexone[mh]",
        '"naltrexone"[MeSH Terms]',
        '"low-dose"[tiab]',
        '"naltrexone low"[tiab:~3]',
        "4.5mg[tiab]",
        '"low dose"[tiab] OR 4.5mg[tiab]',
        "naltrexone",
    ],
)
def test_a_clause_is_found_in_either_spelling(clause: str) -> None:
    assert missing_clauses((clause,), TRANSLATION) == ()


@pytest.mark.parametrize(
    "clause", ["naltrexone[nm]", '"naltrexone low"[tiab:~2]', "LDN[tiab]", "lecanemab", "naltrexone[ti]"]
)
def test_a_clause_that_was_dropped_or_read_otherwise_is_named(clause: str) -> None:
    assert missing_clauses(("naltrexone[mh]", clause), TRANSLATION) == (clause,)


def test_a_term_keeps_its_field() -> None:
    assert terms('naltrexone[mh] OR "Low-Dose"[tiab]') == {
        ("naltrexone", "mesh terms"),
        ("low dose", "title/abstract"),
    }
