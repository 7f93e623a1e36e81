"""What the registries really sent: all of it is read or refused, and polling loses none of it."""

import gzip
import json
import lzma
import random
import re
import tarfile
from datetime import date
from html import unescape
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from Bio import Entrez
from lxml import etree

from living.errors import SourceError
from living.model.record import Record
from living.sources import ctgov, pubmed
from living.sources.registry import REGISTRIES
from living.sources.run import marker
from tests.standin import RecordSet, Standin, from_ctgov_jsonl, from_pubmed_xml
from tests.standin.poller import IN_NO_HURRY, Poller, source
from tests.standin.records import ENTRY, article

TODAY = date(2026, 2, 2)
PUBMED_FILES = ("update_pubmed21n1298_subset.xml.xz", "baseline_pubmed20n0014.xml.xz")
UNPACK = {".xz": lzma.decompress, ".gz": gzip.decompress}
LARGE = 5_000_000  # packed bytes; read by the soak test
SEED = 20260202
EVERYTHING = {"pubmed": "all[sb]", "ctgov": "ALL"}


def unpacked(path: Path) -> bytes:
    return UNPACK.get(path.suffix, bytes)(path.read_bytes())


def data_files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file() and path.name != "PROVENANCE.md")


# --- reading --------------------------------------------------------------------------------------------


def test_every_recorded_file_is_read_or_refused_in_words(recorded: Path) -> None:
    read: dict[str, int] = {}
    refused: dict[str, str] = {}
    large = 0
    for path in data_files(recorded):
        name = str(path.relative_to(recorded))
        if path.stat().st_size > LARGE:
            large += 1
            continue
        try:
            read[name] = len(
                list(REGISTRIES["ctgov" if "ctgov" in name else "pubmed"].parse(unpacked(path), ""))
            )
        except SourceError as fault:
            refused[name] = str(fault)
    assert len(read) + len(refused) + large >= 137
    assert all(len(words) > 20 for words in refused.values())
    assert sum(read[name] for name in read if name.startswith("pubmed/special/")) > 100
    folders = {name.rpartition("/")[0] for name in refused}
    assert "pubmed/special" not in folders
    assert {name for name in refused if name.startswith("pubmed/efetch")} == {
        "pubmed/efetch/biopython_pubmed3.html",  # a web page
        "pubmed/efetch/metapub_pmid_xml.tar.xz",  # an archive; its members are read below
        "pubmed/efetch/retractobot_pubmed_retracted_publication.xml",  # an article without its set
    }


def test_every_single_answer_of_the_archive_is_read(recorded: Path) -> None:
    with tarfile.open(recorded / "pubmed/efetch/metapub_pmid_xml.tar.xz") as archive:
        bodies = [file.read() for member in archive if (file := archive.extractfile(member))]
    answers = [list(pubmed.parse(body)) for body in bodies]
    assert sorted(map(len, answers)) == [0] + [1] * 215
    assert sum(record.types == ("book",) for answer in answers for record in answer) == 1


def test_the_traits_of_the_special_files_are_seen(recorded: Path) -> None:
    def read(name: str) -> list[Record]:
        return list(pubmed.parse((recorded / f"pubmed/special/{name}.xml").read_bytes()))

    def kinds(name: str) -> list[set[str]]:
        return [{notice.kind for notice in record.notices} for record in read(name)]

    versions = [(record.id, record.version) for record in read("pmid_version_gt1")]
    assert ("30271887", 4) in versions
    assert len(versions) == len({pmid for pmid, _ in versions})
    assert len(pubmed.deleted_in((recorded / "pubmed/special/delete_citation_only.xml").read_bytes())) == 20
    assert all("retraction" in found for found in kinds("retracted_publication"))
    assert any("concern" in found for found in kinds("expression_of_concern"))
    assert all("erratum" in found for found in kinds("erratum_in"))
    assert any("update" in found for found in kinds("update_in_of"))
    assert not any("retraction" in found for found in kinds("retraction_notice"))
    assert all("<" not in record.title for record in read("title_markup"))
    assert all(record.title for record in read("vernacular_title_other_abstract"))
    assert all(record.abstract == () for record in read("no_abstract_letter"))
    assert all(any(i.scheme == "nct" for i in record.identifiers) for record in read("nct_databank"))
    assert all("Randomized Controlled Trial" in record.types for record in read("rct_publication_type"))
    assert any("-" in record.published for record in read("medline_date"))


def test_a_day_without_news_changes_no_hash(recorded: Path) -> None:
    pairs = json.loads((recorded / "ctgov/pairs/one_day_apart_2023-06-28_vs_29.json").read_bytes())
    assert len(pairs) == 10
    for pair in pairs:
        before, after = (next(ctgov.parse(json.dumps(pair[day]).encode())) for day in ("before", "after"))
        assert pair["before"] != pair["after"]
        assert before.content_hash == after.content_hash


def test_the_derived_section_never_reaches_a_hash(recorded: Path) -> None:
    held = from_ctgov_jsonl(recorded / "ctgov/studies_v2.jsonl.xz")
    for study in held.studies[::10]:
        bare = {name: part for name, part in study.data.items() if name != "derivedSection"}
        whole, without = (next(ctgov.parse(json.dumps(data).encode())) for data in (study.data, bare))
        assert whole.content_hash == without.content_hash


def test_no_person_named_as_a_contact_is_in_a_record(recorded: Path) -> None:
    held = from_ctgov_jsonl(recorded / "ctgov/studies_v2.jsonl.xz")
    seen = 0
    for study in held.studies:
        contacts = study.data["protocolSection"].get("contactsLocationsModule", {}).get("centralContacts", [])
        text = next(ctgov.parse(study.raw)).model_dump_json()
        for address in (contact.get("eMail") for contact in contacts):
            seen += 1
            described = json.dumps(study.data["protocolSection"].get("eligibilityModule", {}))
            assert not address or address not in text or address in described
    assert seen > 100


# --- two parsers ----------------------------------------------------------------------------------------


def bio_read(body: bytes) -> list[Any]:
    """Biopython's reading, or nothing where it refuses: no DTD, or one that it does not ship."""
    try:
        return list(Entrez.read(BytesIO(body))["PubmedArticle"])
    except (ValueError, RuntimeError, Entrez.Parser.NotXMLError, Entrez.Parser.CorruptedXMLError):
        return []


def bare(text: str) -> str:
    """Biopython keeps markup as text and white space as sent."""
    return "".join(re.sub(r"<[^<>]+>", "", unescape(text)).split())


def test_two_parsers_agree_on_what_an_article_says(recorded: Path) -> None:
    compared = 0
    for path in data_files(recorded / "pubmed/special") + data_files(recorded / "pubmed/efetch"):
        if path.suffix != ".xml":
            continue
        body = path.read_bytes()
        theirs = {str(item["MedlineCitation"]["PMID"]): item for item in bio_read(body)}
        ours = {record.id: record for record in pubmed.parse(body)} if theirs else {}
        assert theirs.keys() <= ours.keys()
        for pmid, item in theirs.items():
            same_article(ours[pmid], item)
            compared += 1
    assert compared >= 100


def same_article(ours: Record, theirs: Any) -> None:
    citation, data = theirs["MedlineCitation"], theirs["PubmedData"]
    told = citation["Article"]
    if ours.version == int(citation["PMID"].attributes["Version"]) and told["ArticleTitle"]:
        assert bare(ours.title) == bare(told["ArticleTitle"])
    assert ours.container == " ".join(told["Journal"]["Title"].split())
    assert set(ours.types) == {str(kind) for kind in told["PublicationTypeList"]}
    assert set(ours.languages) == set(told["Language"])
    assert ours.publication_status == data["PublicationStatus"]
    if "Abstract" in told:
        text = "".join(part.text for part in ours.abstract)
        assert bare(text) == bare("".join(told["Abstract"]["AbstractText"]))
    descriptors = {heading.split("/")[0].rstrip("*") for heading in ours.headings}
    assert descriptors == {str(item["DescriptorName"]) for item in citation.get("MeshHeadingList", [])}
    assert len(ours.authors) == len(told.get("AuthorList", []))
    dois = {str(item).lower() for item in data["ArticleIdList"] if item.attributes["IdType"] == "doi"}
    assert dois <= {item.value for item in ours.identifiers if item.scheme == "doi"}


# --- polling --------------------------------------------------------------------------------------------


def sample(recorded: Path) -> RecordSet:
    """About 600 articles and 60 studies, the same in every run."""
    chance = random.Random(SEED)
    entries = [match[0] for match in ENTRY.finditer(unpacked(recorded / "pubmed" / PUBMED_FILES[0]))]
    versions = ENTRY.finditer((recorded / "pubmed/special/pmid_version_gt1.xml").read_bytes())
    drawn = {*chance.sample(entries, 595), *(match[0] for match in versions)}
    studies = from_ctgov_jsonl(recorded / "ctgov/studies_v2.jsonl.xz").studies
    return RecordSet(
        articles=tuple(article(raw) for raw in sorted(drawn)), studies=tuple(chance.sample(studies, 60))
    )


@pytest.mark.parametrize("kind", ["pubmed", "ctgov"])
def test_a_poll_of_a_sample_loses_nothing_and_a_second_one_finds_nothing_new(
    recorded: Path, kind: str
) -> None:
    held = sample(recorded)
    limits = {"ncbi_per_second": IN_NO_HURRY, "ctgov_per_second": IN_NO_HURRY}
    with Standin(held, TODAY, **limits) as standin, Poller(standin) as poller:
        first = poller.poll(source(kind, EVERYTHING[kind]), TODAY)
        records = poller.records(first)
        expected = (
            {item.pmid for item in held.articles} if kind == "pubmed" else {s.nct for s in held.studies}
        )
        assert set(first.listed) == set(records) == expected
        assert first.absent == ()
        known = {key: marker(record) for key, record in records.items()}
        again = poller.poll(source(kind, EVERYTHING[kind]), TODAY, since=TODAY, known=known, census=True)
        assert (again.listed, again.asked) == (first.listed, ())
        reread = poller.poll(source(kind, EVERYTHING[kind]), TODAY, known=known, refetch=frozenset(known))
        assert {key: r.content_hash for key, r in poller.records(reread).items()} == {
            key: record.content_hash for key, record in records.items()
        }
        assert not standin.violations
        assert not standin.crashes


@pytest.mark.soak
def test_a_poll_of_everything_recorded_loses_nothing_at_the_real_pace(recorded: Path) -> None:
    held = RecordSet()
    for name in PUBMED_FILES:
        held += from_pubmed_xml(unpacked(recorded / "pubmed" / name))
    held += from_ctgov_jsonl(recorded / "ctgov/studies_v2.jsonl.xz")
    assert (len(held.articles), len(held.studies)) == (33_845, 509)
    with Standin(held, TODAY) as standin, Poller(standin, real_pace=True) as poller:
        papers = poller.poll(source("pubmed", EVERYTHING["pubmed"]), TODAY)
        trials = poller.poll(source("ctgov", EVERYTHING["ctgov"]), TODAY)
        assert (len(papers.listed), len(trials.listed)) == (33_843, 509)
        assert papers.absent == trials.absent == ()
        assert poller.records(papers).keys() == set(papers.listed)
        assert poller.records(trials).keys() == set(trials.listed)
        assert standin.violations == []
        assert standin.crashes == []


@pytest.mark.soak
def test_the_large_files_are_read_as_lxml_reads_them_at_once(recorded: Path) -> None:
    body = unpacked(recorded / "pubmed" / PUBMED_FILES[1])
    tree = etree.fromstring(body, etree.XMLParser(huge_tree=True, load_dtd=False, no_network=True))
    pmids = [found.findtext("MedlineCitation/PMID") for found in tree.iterfind("PubmedArticle")]
    assert [record.id for record in pubmed.parse(body)] == pmids
    assert len(pmids) == 30_000
