"""Exported files of each database, as it writes them: what each entry says as a record."""

from __future__ import annotations

from pathlib import Path

import pytest

from living.model.record import Record
from living.sources.files.entry import Fault, Found
from living.sources.files.reader import entries, opened
from living.sources.files.table import Mapping

SHAPES = Path(__file__).parents[2] / "payloads" / "imports"
PAYLOAD = "a" * 64


def read(name: str, source: str = "embase", encoding: str = "", mapping: Mapping = ()) -> list[Record]:
    return read_bytes((SHAPES / name).read_bytes(), name, source, encoding, mapping)


def read_bytes(
    content: bytes, name: str = "file", source: str = "embase", encoding: str = "", mapping: Mapping = ()
) -> list[Record]:
    found = list(entries(opened(content, name, encoding, mapping), source, PAYLOAD))
    assert not [item for item in found if isinstance(item, Fault)]
    return [item.record for item in found if isinstance(item, Found)]


def ids(record: Record) -> dict[str, str]:
    return {item.scheme: item.value for item in record.identifiers}


# --- RIS ----------------------------------------------------------------------------------------------------


def test_embase_names_an_entry_by_its_own_number_and_its_pmid_only_where_it_states_one() -> None:
    alpha, talk, review = read("synthetic_embase.ris")
    assert alpha.key == "embase:L9000000001"
    assert alpha.title == "The invented ALPHA trial of an invented remedy"
    assert alpha.authors == ("Exämple, A.", "Sample, B.C.")
    assert alpha.container == "Journal of Invented Results"
    assert alpha.published == "2024"
    assert alpha.types == ("Article",)
    assert alpha.keywords == ("invented remedy", "ache")
    assert alpha.abstract[0].text == "Ache fell with the remedy. Nobody was harmed (P<.05)."
    assert ids(alpha) == {"doi": "10.5555/toy.alpha", "pmid": "90000001"}
    assert ids(talk) == {"nct": "NCT99000001"}
    assert review.types == ("Review",)
    assert {record.payload for record in (alpha, talk, review)} == {PAYLOAD}
    assert "example.org" not in alpha.model_dump_json()  # addresses of people stay in the file


def test_ovid_counts_its_entries_and_has_their_numbers_in_id() -> None:
    first, second = read("synthetic_ovid.ris")
    assert first.id == "9000000011"
    assert ids(first) == {"doi": "10.5555/toy.ovid1"}
    assert first.published == "2021"
    assert first.types == ("Article",)
    assert second.id == "90000002"
    assert ids(second) == {"pmid": "90000002"}  # in MEDLINE the number is the PMID


def test_scopus_has_its_number_within_an_address() -> None:
    first, second = read("synthetic_scopus.ris", "scopus")
    assert first.key == "scopus:2-s2.0-90000000021"
    assert ids(first) == {"doi": "10.5555/toy.scopus1", "pmid": "90000003"}
    assert first.container == "Invented Communications"
    assert second.id == "2-s2.0-90000000022"
    assert ids(second) == {}


def test_web_of_science_goes_on_on_lines_below() -> None:
    first, second = read("synthetic_wos.ris", "wos")
    assert first.id == "WOS:000900000000001"
    assert first.abstract[0].text.endswith("Conclusions: OR - as they say - nothing follows.")
    assert "Methods: Nothing was measured" in first.abstract[0].text
    assert first.published == "2010"
    assert second.published == "1911"


def test_the_cochrane_library_names_other_databases_in_one_field() -> None:
    gamma, entry = read("synthetic_central.ris", "central")
    assert gamma.id == "CN-90000031"
    assert ids(gamma) == {"doi": "10.5555/toy.gamma", "pmid": "90000003"}
    assert gamma.container == "Journal of invented results"
    assert ids(entry) == {"nct": "NCT99000001"}


def test_endnote_writes_one_keyword_a_line_and_its_id_is_nobody_s_number() -> None:
    first, thesis = read("synthetic_endnote.ris")
    assert first.id == "L9000000041"
    assert first.keywords == ("ache", "invented remedy", "nonhuman")
    assert thesis.id.startswith("no-number-")
    assert thesis.types == ("Thesis",)


def test_an_entry_without_a_number_is_named_by_its_doi_and_without_that_by_its_words() -> None:
    one = b"TY  - JOUR\nTI  - Invented  words\nAU  - A\nPY  - 2020\nDO  - doi:10.5555/TOY.Z.\nER  - \n"
    two = one.replace(b"DO  - doi:10.5555/TOY.Z.\n", b"")
    assert read_bytes(one)[0].id == "10.5555/toy.z"
    named = read_bytes(two)[0].id
    assert named == read_bytes(two.replace(b"Invented  words", b"invented WORDS"))[0].id
    assert named != read_bytes(two.replace(b"2020", b"2021"))[0].id


def test_a_name_is_never_longer_than_a_key_may_be() -> None:
    entry = f"TY  - JOUR\nTI  - A\nDO  - 10.5555/{'x' * 250}\nER  - \n".encode()
    (one,) = read_bytes(entry, source="s" * 80)
    assert one.id.startswith("no-number-")
    assert len(ids(one)["doi"]) == 258
    assert len(one.key) <= 200


def test_a_number_in_a_title_or_an_abstract_is_no_id_of_the_entry() -> None:
    text = (
        "TY  - JOUR\nTI  - Not NCT99000001\nAB  - PMID 90000001, doi 10.5555/x\n"
        "N1  - PMID: 90000001\nAN  - X1\nER  - \n"
    )
    assert read_bytes(text.encode())[0].identifiers == ()


# --- NBIB ---------------------------------------------------------------------------------------------------


def test_pubmed_s_own_format_keeps_headings_and_register_numbers() -> None:
    beta, letter = read("synthetic_pubmed.nbib", "pubmed-by-hand")
    assert beta.key == "pubmed-by-hand:90000002"
    assert beta.title == "The invented BETA trial of an invented remedy."
    assert ids(beta) == {
        "doi": "10.5555/toy.beta",
        "pmid": "90000002",
        "pmc": "PMC9000002",
        "nct": "NCT99000001",
    }
    assert beta.headings == ("*Ache/drug therapy", "Humans")
    assert beta.published == "2021 Jun 15"
    assert letter.types == ("Letter",)


# --- CSV ----------------------------------------------------------------------------------------------------


def test_a_register_s_table_gives_registrations() -> None:
    known, other = read("synthetic_ictrp.csv", "ictrp")
    assert known.id == "NCT99000001"
    assert known.title == "Invented ALPHA"
    assert known.published == "2020-02-01"
    assert known.registration is not None
    assert known.registration.enrolment == 60
    assert [item.name for item in known.registration.interventions] == [
        "Drug: Invented remedy",
        "Drug: Placebo",
    ]
    assert other.key == "ictrp:CTRI/2020/01/900001"
    assert ids(other) == {"ctri": "CTRI/2020/01/900001"}
    assert other.registration is not None
    assert other.registration.status == "RECRUITING"
    assert other.registration.enrolment is None  # two groups are told, and no sum
    assert other.registration.allocation == known.registration.allocation == "RANDOMIZED"


def test_a_table_and_a_ris_file_of_one_database_name_the_same_entries() -> None:
    by_table, by_ris = read("synthetic_scopus.csv", "scopus"), read("synthetic_scopus.ris", "scopus")
    assert [record.key for record in by_table] == [record.key for record in by_ris]
    assert by_table[0].identifiers == by_ris[0].identifiers
    assert by_table[0].authors == ("Seventh G.", "Eighth H.")
    assert by_table[0].abstract[0].text == 'It helped some, "they said". And more.'
    assert by_table[1].title.startswith("=HYPERLINK(")


def test_the_search_printed_above_a_table_s_head_is_passed_over() -> None:
    (alpha,) = read("synthetic_embase.csv")
    assert alpha.key == "embase:L9000000001"
    assert alpha.authors == ("Exämple A.", "Sample B.C.")
    assert ids(alpha) == {"doi": "10.5555/toy.alpha", "pmid": "90000001", "nct": "NCT99000001"}


def test_a_table_with_headings_of_its_own_is_read_as_told() -> None:
    told = (("title", "Überschrift"), ("authors", "Verfasser"), ("year", "Jahr"), ("number", "Kennung"))
    one, two = read("synthetic_german_excel.csv", "elsewhere", "windows-1252", told)
    assert one.title == "Erfundenes Mittel gegen Ärger – 5 µg genügen"
    assert one.authors == ("Müller K.", "Ähn L.")
    assert (one.id, one.published, two.id) == ("A-1", "2020", "A-2")


# --- text ---------------------------------------------------------------------------------------------------

PLAIN = "TY  - JOUR\nTI  - Ärger – with µ\nAN  - X1\nER  - \n"


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (PLAIN.encode(), ""),
        (PLAIN.encode("utf-8-sig"), ""),
        (PLAIN.encode("utf-16"), ""),
        (PLAIN.encode("utf-16-be"), "utf-16-be"),
        (PLAIN.encode("cp1252"), "windows-1252"),
        (PLAIN.replace("\n", "\r\n").encode(), "utf-8"),
        (PLAIN.replace("\n", "\r").encode(), ""),
    ],
)
def test_every_encoding_and_end_of_line_gives_the_same_record(content: bytes, encoding: str) -> None:
    (found,) = read_bytes(content, encoding=encoding)
    assert found == read_bytes(PLAIN.encode())[0]


def test_a_piece_of_the_file_may_end_anywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    content = PLAIN.replace("\n", "\r\n").encode() * 3
    whole = read_bytes(content.replace(b"X1", b"X2"))
    for size in (1, 2, 3, 7):
        monkeypatch.setattr("living.sources.files.text.PIECE", size)
        assert read_bytes(content.replace(b"X1", b"X2")) == whole


def test_controls_and_turned_directions_are_no_part_of_a_title() -> None:
    text = "TY  - JOUR\nTI  - Pain\x02 in \u202egnihton\u2028and more\x1b[31m\nAN  - X1\nER  - \n"
    assert read_bytes(text.encode())[0].title == "Pain in gnihton and more [31m"
