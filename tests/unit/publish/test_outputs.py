"""What a version offers to programs: raw tables with a dictionary, citations, two package descriptions."""

import csv
import io
import json
import re
from html.parser import HTMLParser

import pytest

from living.model.snapshot import Snapshot
from living.model.values import digest
from living.publish import cite, columns, packages, tables
from living.publish.bundle import render_version
from tests.unit.publish import hostile, snapshots

ODD = "Quotes \" ' and {braces} & 5% of $x_1$ ]]> </script> 😀 \u202eעברית\u202c العربية"


def rows(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode(), newline="")))


def titled(title: str) -> Snapshot:
    """The second version under an odd title, with odd titles of its reports."""
    base = snapshots.v2()
    studies = tuple(
        study.model_copy(
            update={"reports": tuple(report.model_copy(update={"title": title}) for report in study.reports)}
        )
        for study in base.studies
    )
    return base.model_copy(update={"title": title, "studies": studies})


def with_head(**facts: object) -> Snapshot:
    base = snapshots.v2()
    head = base.protocol.topic.model_copy(update=facts)
    return base.model_copy(update={"protocol": base.protocol.model_copy(update={"topic": head})})


# --- tables ---------------------------------------------------------------------------------------------


def test_the_dictionary_names_every_column_of_every_table() -> None:
    files = render_version(snapshots.v2())
    said = {(row["table"], row["column"]) for row in rows(files["data/raw/dictionary.csv"])}
    found = {
        (table.name, column)
        for table in columns.TABLES
        for column in next(csv.reader(io.StringIO(files[f"data/raw/{table.name}.csv"].decode())))
    }
    assert said == found
    assert all(row["meaning"] for row in rows(files["data/raw/dictionary.csv"]))


@pytest.mark.parametrize("made", [snapshots.v1, snapshots.v2, hostile.snapshot])
def test_both_kinds_of_a_table_differ_in_nothing_but_the_apostrophes(made) -> None:  # type: ignore[no-untyped-def]
    files = tables.files(made())
    for table in columns.TABLES:
        human, machine = (rows(files[f"{place}{table.name}.csv"]) for place in ("data/", "data/raw/"))
        assert len(human) == len(machine)
        for one, other in zip(human, machine, strict=True):
            for name, text in other.items():
                assert one[name] in (text, f"'{text}")


def test_a_text_that_a_spreadsheet_would_run_is_kept_as_it_stands_for_programs() -> None:
    files = tables.files(titled("x").model_copy(update={"studies": hostile.snapshot().studies}))
    formula = '=HYPERLINK("http://invented.example","x")'
    raw = [value for row in rows(files["data/raw/studies.csv"]) for value in row.values()]
    safe = [value for row in rows(files["data/studies.csv"]) for value in row.values()]
    assert [value for value in raw if value.startswith(formula)]
    assert not [value for value in safe if value.startswith("=")]


def test_a_number_of_the_raw_tables_is_the_document_s_to_the_last_digit() -> None:
    files = render_version(snapshots.v2())
    document = json.loads(files["snapshot.json"])
    printed = [
        one["estimate"]
        for part in document["comparisons"]
        for item in part["analyses"]
        for one in item["contrasts"]
    ]
    assert [float(row["estimate"]) for row in rows(files["data/raw/contrasts.csv"])] == printed
    pools = [row for row in rows(files["data/raw/pools.csv"]) if row["fit"] == "main"]
    asked = [item for part in document["comparisons"] for item in part["analyses"]]
    assert [row["analysis"] for row in pools] == [item["id"] for item in asked]
    for row, item in zip(pools, asked, strict=True):
        assert (float(row["estimate"]) if row["estimate"] else None) == item["pool"]["estimate"]
        assert row["pooled"] == ("true" if item["pool"]["pooled"] else "false")


@pytest.mark.parametrize("table", columns.TABLES, ids=lambda table: table.name)
def test_the_key_of_a_table_names_each_of_its_rows_once(table: columns.Table) -> None:
    found = rows(tables.files(snapshots.v2())[f"data/raw/{table.name}.csv"])
    keys = [tuple(row[name] for name in table.key) for row in found]
    assert len(keys) == len(set(keys))


# --- citations ------------------------------------------------------------------------------------------


def test_the_version_is_cited_by_its_date_number_and_digest() -> None:
    snapshot = snapshots.v2()
    assert snapshot.release
    files = cite.files(snapshot)
    (said,) = json.loads(files["cite/version.json"])
    assert said["title"] == f"{snapshot.title}: a living systematic review"
    assert said["issued"] == {"date-parts": [[2026, 6, 18]]}
    assert said["number"] == "v2.0"
    assert snapshot.release.digest in said["note"]
    assert "DOI" not in said
    assert "author" not in said
    assert "doi" not in files["cite/version.bib"].decode()
    assert "DO  -" not in files["cite/version.ris"].decode()


def test_a_doi_and_authors_stand_in_every_form_of_the_citation() -> None:
    snapshot = with_head(doi="10.5555/invented.1", authors=("Doe, Jane", "The Example Group"))
    files = cite.files(snapshot)
    (said,) = json.loads(files["cite/version.json"])
    assert said["DOI"] == "10.5555/invented.1"
    assert said["author"] == [{"literal": "Doe, Jane"}, {"literal": "The Example Group"}]
    bibtex, ris = files["cite/version.bib"].decode(), files["cite/version.ris"].decode()
    assert "author = {{Doe, Jane} and {The Example Group}}" in bibtex
    assert "doi = {10.5555/invented.1}" in bibtex
    assert "AU  - Doe, Jane\r\nAU  - The Example Group\r\n" in ris
    assert ("citation_doi", "10.5555/invented.1") in cite.meta(snapshot)
    page = render_version(snapshot)["page.html"].decode()
    assert '<a href="https://doi.org/10.5555/invented.1">doi:10.5555/invented.1</a>' in page
    assert "it has no DOI" not in page


def test_without_a_doi_the_page_says_so() -> None:
    assert "it has no DOI" in render_version(snapshots.v2())["page.html"].decode()


def test_every_report_of_an_included_study_is_cited_once_and_no_other() -> None:
    snapshot = snapshots.v2()
    wanted = [
        report.record for study in snapshot.studies if study.status == "included" for report in study.reports
    ]
    cited = [item["note"] for item in json.loads(cite.files(snapshot)["cite/included.json"])]
    assert cited == list(dict.fromkeys(wanted))


@pytest.mark.parametrize("form", ["bib", "ris"])
def test_an_odd_title_breaks_no_citation(form: str) -> None:
    text = cite.files(titled(ODD))[f"cite/included.{form}"].decode()
    if form == "bib":
        for entry in re.split(r"\n(?=@)", text):
            escaped = entry.replace(r"\{", "").replace(r"\}", "")
            assert escaped.count("{") == escaped.count("}")
            assert r"\{braces\}" in entry
            assert r"5\% of \$x\_1\$" in entry
    else:
        assert all(re.match(r"[A-Z][A-Z0-9]  - ", line) for line in text.split("\r\n") if line)
    assert "😀" in text
    assert not re.search("[\u202a-\u202e]", text)


class Scripts(HTMLParser):
    """What stands in the script elements of a page, as a browser would read it."""

    def __init__(self, page: bytes) -> None:
        super().__init__()
        self.inside, self.texts = False, list[str]()
        self.feed(page.decode())

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.inside = tag == "script"

    def handle_endtag(self, tag: str) -> None:
        self.inside = False

    def handle_data(self, data: str) -> None:
        if self.inside:
            self.texts.append(data)


@pytest.mark.parametrize("made", [snapshots.v2, hostile.snapshot, lambda: titled(ODD)])
def test_the_page_carries_its_description_as_data_that_cannot_end_its_element(made) -> None:  # type: ignore[no-untyped-def]
    page = render_version(made())["page.html"]
    (text,) = Scripts(page).texts
    said = json.loads(text)
    assert said["@type"] == "MedicalScholarlyArticle"
    assert said["subjectOf"]["@type"] == "Dataset"
    assert not set("<>&") & set(text)


def test_reference_managers_find_title_date_and_number_in_the_page() -> None:
    page = render_version(snapshots.v2())["page.html"].decode()
    assert '<meta name="citation_publication_date" content="2026/06/18">' in page
    assert '<meta name="citation_technical_report_number" content="v2.0">' in page
    assert "citation_author" not in page  # the protocol names none, and none is made up


# --- packages -------------------------------------------------------------------------------------------


def test_the_data_package_describes_the_tables_as_they_are() -> None:
    files = render_version(snapshots.v2())
    package = json.loads(files["datapackage.json"])
    assert package["profile"] == "tabular-data-package"
    assert re.fullmatch(r"[a-z0-9._-]+", package["name"])
    for resource in package["resources"]:
        content = files[resource["path"]]
        assert resource["hash"] == f"sha256:{digest(content)}"
        assert resource["bytes"] == len(content)
        fields = [field["name"] for field in resource["schema"]["fields"]]
        assert fields == next(csv.reader(io.StringIO(content.decode())))
        casts = {"number": float, "integer": int, "boolean": ("true", "false").index, "string": str}
        for row in rows(content):
            for field in resource["schema"]["fields"]:
                if row[field["name"]]:
                    casts[field["type"]](row[field["name"]])


def test_the_crate_lists_every_file_with_its_hash() -> None:
    files = render_version(snapshots.v2())
    graph = {item["@id"]: item for item in json.loads(files["ro-crate-metadata.json"])["@graph"]}
    described = graph["ro-crate-metadata.json"]
    assert described["conformsTo"] == {"@id": "https://w3id.org/ro/crate/1.1"}
    assert described["about"] == {"@id": "./"}
    parts = {item["@id"] for item in graph["./"]["hasPart"]}
    assert parts == files.keys() - {"manifest.json", "datapackage.json", "ro-crate-metadata.json"}
    for name in parts:
        assert graph[name]["sha256"] == digest(files[name])
        assert graph[name]["encodingFormat"] != "application/octet-stream", name


def test_what_is_described_in_words_is_there() -> None:
    assert packages.WHAT.keys() - {"chain.json"} <= render_version(snapshots.v2()).keys()
