"""Every number leads, in two clicks, to who entered it, the words it was read from and the bytes received."""

import re
from html import unescape

import pytest

from living.model.facts import Adjudication, Extraction
from living.model.snapshot import AnalysisOut, ContrastOut, Snapshot
from living.publish import numerals, provenance, studies
from living.publish.bundle import render_version
from living.publish.view import analyses
from living.publish.words import opening
from living.review.names import slug_of
from tests.unit.review import scenes

LINK = re.compile(r'href="(study/[^"#]+\.html)#(cell-[0-9a-f]{10})"')


def text_of(markup: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", markup)).split())


def chain(files: dict[str, bytes], path: str) -> str:
    """The section of a study's page that an address leads to."""
    name, _, anchor = path.partition("#")
    page = files[name].decode()
    assert page.count(f'id="{anchor}"') == 1
    return page[page.index(f'id="{anchor}"') :].split("</section>")[0]


@pytest.fixture(scope="module")
def v2() -> Snapshot:
    return scenes.version(scenes.ldn(scenes.V2), "v2.0")


@pytest.fixture(scope="module")
def files(v2: Snapshot) -> dict[str, bytes]:
    return render_version(v2)


def every_number(snapshot: Snapshot) -> list[tuple[AnalysisOut, ContrastOut]]:
    return [(item, one) for item in analyses(snapshot) for one in item.contrasts]


def test_every_number_of_the_ldn_review_is_told_down_to_its_quote_and_payload(
    v2: Snapshot, files: dict[str, bytes]
) -> None:
    numbers = every_number(v2)
    assert len(numbers) >= 10
    for analysis, one in numbers:
        told = chain(files, studies.cell_path(one.slug, one.cell))
        words = text_of(told)
        study = next(item for item in v2.studies if item.key == one.study)
        cell = next(item for item in study.cells if item.id == one.cell)
        effect = numerals.effect(one.estimate, analysis.ratio)
        assert f'href="../index.html#analysis-{analysis.id}"' in told
        assert f"{analysis.label} : {effect} (" in words
        assert f"SE {numerals.standard_error(one.se)}" in words
        for step in one.derivations:
            assert f"<code>{step.formula}</code>" in told
            assert f"{step.output} {numerals.plain(step.value)}" in words
        assert cell.said in words
        assert cell.entries
        for entry in cell.entries:
            assert numerals.count(entry.seq) in words
            assert entry.said in words
        for quote in cell.quotes:
            assert " ".join(quote.text.split())[1:] in words
            payload = next((item.payload for item in study.reports if item.record == quote.report), "")
            assert (f"sha256:{payload}" if payload else opening(provenance.NO_PAYLOAD)) in words


def test_every_line_of_every_table_of_studies_leads_to_its_chain(
    v2: Snapshot, files: dict[str, bytes]
) -> None:
    pages = [page.decode() for name, page in files.items() if name.endswith(".html") and "/" not in name]
    linked = {link for page in pages for link in LINK.findall(page)}
    for _, one in every_number(v2):
        path, _, anchor = studies.cell_path(one.slug, one.cell).partition("#")
        assert (path, anchor) in linked
    for path, anchor in linked:
        assert f'id="{anchor}"' in files[path].decode()


def test_a_payload_that_was_received_is_named_by_its_hash() -> None:
    received = "ab" * 32
    state = scenes.ldn(scenes.V2)
    snapshot = scenes.version(state, "v2.0")
    with_payload = [
        item.model_copy(
            update={"reports": tuple(r.model_copy(update={"payload": received}) for r in item.reports)}
        )
        for item in snapshot.studies
    ]
    files = render_version(snapshot.model_copy(update={"studies": tuple(with_payload)}))
    _, one = every_number(snapshot)[0]
    told = text_of(chain(files, studies.cell_path(one.slug, one.cell)))
    assert f"Report as received: sha256:{received}" in told
    assert provenance.NO_PAYLOAD[1:] not in told


def test_readers_who_differed_are_shown_with_their_own_numbers_and_the_adjudication() -> None:
    first = scenes.difference(-1.0)
    cell = scenes.cell("pubmed:1")
    facts = scenes.trial("1", scenes.read("pubmed:1", first))
    one = Extraction.model_validate(scenes.read("pubmed:1", scenes.difference(-1.1), imported=None))
    other = Extraction.model_validate(scenes.read("pubmed:1", scenes.difference(-1.2), imported=None))
    ruling = Adjudication(cell=cell, numbers=one.numbers, quotes=one.quotes, reason="Table 2 prints it so.")
    state = scenes.toy(*facts, ("ann", one), ("ben", other), ("eve", ruling))
    snapshot = scenes.version(state)
    study = next(item for item in snapshot.studies if item.cells)
    entered = study.cells[0].entries
    assert [(item.kind, item.by) for item in entered] == [
        ("import", "import"),
        ("reading", "ann"),
        ("reading", "ben"),
        ("adjudication", "eve"),
    ]
    told = text_of(
        chain(render_version(snapshot), studies.cell_path(study.slug, study.cells[0].id)),
    )
    assert told.count("differs from what is used") == 2
    assert "eve (adjudication)" in told
    assert "Reason: Table 2 prints it so." in told


def test_what_a_reader_entered_stays_hidden_until_the_cell_is_settled() -> None:
    facts = scenes.trial("1", scenes.read("pubmed:1", scenes.difference(-1.0)))
    alone = scenes.read("pubmed:1", scenes.difference(-7.77), imported=None)
    snapshot = scenes.version(scenes.toy(*facts, ("ann", alone)))
    study = next(item for item in snapshot.studies if item.cells)
    assert [item.by for item in study.cells[0].entries] == ["import"]
    assert b"7.77" not in b"".join(render_version(snapshot).values())


@pytest.mark.parametrize("key", ["hand:a_b", "hand:a-b", "hand:10.1000/" + "x" * 180, "hand:试验"])
def test_every_study_has_an_address_of_its_own_that_a_file_may_have(key: str) -> None:
    slug = slug_of("Смит 2020", key)
    assert re.fullmatch(r"[a-z0-9][a-z0-9-]{0,93}", slug)
    assert slug != slug_of("Смит 2020", "hand:a.b")


def test_a_key_s_own_letters_stay_in_its_address() -> None:
    assert slug_of("Smith 2020", "ctgov:NCT04739995") == "smith-2020-nct04739995"
    assert slug_of("Smith 2020", "hand:a_b") != slug_of("Smith 2020", "hand:a-b")
