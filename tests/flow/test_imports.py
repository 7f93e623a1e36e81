"""Searches by hand: a file becomes one search with its records, whole or not at all, in the ledger of all."""

from __future__ import annotations

import json
import lzma
import random
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from living.errors import Exit, UserError
from living.model.facts import MACHINE, Link, ScreeningVote
from living.model.record import Identifier, Record
from living.model.surveillance import Search
from living.publish.cite import ris_entry
from living.publish.words import visible
from living.review.protocol import parse
from living.service.importing import (
    FILE,
    NotImported,
    hand_searches,
    import_file,
    kept_file,
    preview,
)
from living.service.people import vote
from living.service.queue_export import _tags, queue_as_ris
from living.service.refresh import searched
from living.service.topics import active, evidence_of
from living.sources import pubmed_xml
from living.sources.files.entry import Found
from living.sources.files.reader import entries, opened
from living.sources.files.text import cleaned
from tests.factories import record
from tests.fakes import TOY, Home
from tests.hand_searched import SHAPES, handed, home_with_hand_searches
from tests.terminal import typed

ALPHA = "embase:L9000000001"
PROTOCOL = parse((TOY / "protocol.toml").read_text(encoding="utf-8"), "protocol.toml")


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    with home_with_hand_searches(tmp_path) as found:
        found.poll("pubmed")
        found.poll("ctgov")
        yield found


def searches(home: Home) -> list[Search]:
    return [search for _, search in home.house.store.state("toy").of_kind(Search)]


# --- one file, one search -----------------------------------------------------------------------------------


def test_a_file_is_one_search_by_a_person_and_records_read_by_machine(home: Home) -> None:
    before = home.head()[0]
    done = import_file(home.house, "toy", handed("synthetic_embase.ris"), "ann")
    lines = [line for line in home.house.store.state("toy").lines if line.seq > before]
    assert [(line.by, line.fact.kind) for line in lines[:4]] == [
        ("ann", "search"),
        (MACHINE, "record"),
        (MACHINE, "record"),
        (MACHINE, "record"),
    ]
    assert len({line.at for line in lines}) == 1
    (search,) = searches(home)
    assert (search.found, search.stored, search.unchanged, search.repeated, search.duplicates) == (
        3,
        3,
        0,
        0,
        1,
    )
    assert home.house.store.payload(search.payload) == (SHAPES / "synthetic_embase.ris").read_bytes()
    assert home.records()[ALPHA].payload == search.payload
    assert done.facts == 4
    home.quiet()


def test_the_same_file_again_adds_nothing_and_says_so(home: Home) -> None:
    import_file(home.house, "toy", handed("synthetic_embase.ris"), "ann")
    before = home.head()
    again = import_file(home.house, "toy", handed("synthetic_embase.ris"), "ben")
    assert (again.facts, again.preview.already) == (0, "2026-02-01")
    assert again.preview.counts.unchanged == 3
    assert home.head() == before


def test_the_same_file_with_other_words_corrects_what_was_said_of_it(home: Home) -> None:
    import_file(home.house, "toy", handed("synthetic_embase.ris", day="2026-01-31"), "ann")
    import_file(home.house, "toy", handed("synthetic_embase.ris", day="2026-01-01"), "ann")
    assert [(search.day, search.stored) for search in searches(home)] == [
        ("2026-01-31", 3),
        ("2026-01-01", 0),
    ]
    (embase, _) = hand_searches(home.house, "toy")
    assert (embase.last, embase.imports) == ("2026-01-01", 1)


def test_a_later_file_stores_what_is_new_and_what_changed(home: Home) -> None:
    import_file(home.house, "toy", handed("synthetic_embase.ris", day="2026-01-01"), "ann")
    text = (SHAPES / "synthetic_embase.ris").read_text(encoding="utf-8")
    more = text.replace("20 people took part", "21 people took part") + (
        "TY  - JOUR\nTI  - New\nU2  - L9000000009\nER  - \n" * 2
    )
    import_file(home.house, "toy", handed("later.ris", content=more.encode()), "ann")
    last = searches(home)[-1]
    assert (last.found, last.stored, last.unchanged, last.repeated) == (5, 2, 2, 1)
    assert "21 people" in home.records()["embase:L9000000002"].abstract[0].text


def test_nothing_is_stored_of_a_file_with_a_fault_and_all_its_faults_are_told(home: Home) -> None:
    before = home.head()
    text = (SHAPES / "synthetic_embase.ris").read_text(encoding="utf-8")
    wrong = text + "".join(f"TY  - JOUR\nAU  - {n}\nER  - \n" for n in range(60)) + "TY  - JOUR\n"
    with pytest.raises(NotImported, match=r"entry 4, line 52: .*; and 58 more\. Nothing was stored") as fault:
        import_file(home.house, "toy", handed("wrong.ris", content=wrong.encode()), "ann")
    assert (len(fault.value.faults), fault.value.total) == (50, 61)
    assert home.head() == before


def test_two_entries_under_one_number_are_not_taken_for_one(home: Home) -> None:
    text = "".join(f"TY  - JOUR\nTI  - {title}\nAN  - X1\nER  - \n" for title in ("One", "ONE.", "Another"))
    with pytest.raises(NotImported, match="entry 3, line 9: has the number or DOI of entry 1") as fault:
        preview(home.house, "toy", handed("wrong.ris", content=text.encode()))
    assert fault.value.total == 1


def test_a_look_stores_nothing(home: Home) -> None:
    before, payloads = home.head(), home.house.store.payloads()
    shown = preview(home.house, "toy", handed("synthetic_embase.ris"))
    assert (shown.counts.found, shown.counts.new, shown.counts.by_doi, shown.counts.by_pmid) == (3, 3, 0, 1)
    assert shown.counts.by_trial == 1
    assert shown.first[0] == (ALPHA, "The invented ALPHA trial of an invented remedy")
    assert (home.head(), home.house.store.payloads()) == (before, payloads)


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"source": "pubmed"}, "no source 'pubmed' that is searched by hand.*embase, ictrp"),
        ({"source": "none"}, "no source 'none'"),
        ({"day": "2026-02-30"}, "is no day"),
        ({"day": "2026-02-03"}, "cannot be the day of a search.*2026-02-02"),
        ({"day": "20260201"}, "cannot be the day"),
        ({"strategy": " "}, "strategy: says nothing"),
        ({"strategy": "x" * 100_001}, "says too much"),
        ({"content": b""}, "is empty"),
    ],
)
def test_a_search_that_says_too_little_is_refused(home: Home, said: dict[str, object], told: str) -> None:
    before, payloads = home.head(), home.house.store.payloads()
    with pytest.raises(UserError, match=told):
        import_file(home.house, "toy", replace(handed("synthetic_embase.ris"), **said), "ann")
    assert (home.head(), home.house.store.payloads()) == (before, payloads)


def test_a_file_that_was_kept_is_found_and_a_registry_s_answer_is_none(home: Home) -> None:
    import_file(home.house, "toy", replace(handed("synthetic_embase.ris"), file="../../etc/x<y>.ris"), "ann")
    seen = home.house.store.payload_seen(searches(home)[0].payload)
    assert seen is not None
    assert seen.url == f"{FILE}xy.ris"
    assert kept_file(home.house, seen.sha256).startswith(b"TY")
    others = [sha for sha in home.house.store.payloads() if sha != seen.sha256]
    with pytest.raises(UserError, match="not here any more"):
        kept_file(home.house, others[0])


def test_a_file_is_read_again_when_others_wrote_in_between(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    append, others = home.house.store.append, iter((True, True, False))

    def with_others(*said: Any, **more: Any) -> Any:
        if next(others, False):
            append("toy", home.house.now(), [("ben", vote_of("pubmed:90000004"))])
        return append(*said, **more)

    monkeypatch.setattr(home.house.store, "append", with_others)
    done = import_file(home.house, "toy", handed("synthetic_embase.ris"), "ann")
    assert done.facts == 4
    assert len(searches(home)) == 1
    home.quiet()


def test_an_import_that_is_stopped_in_the_middle_leaves_nothing(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, passes = home.head(), iter(range(9))

    def stopping(*said: Any) -> Iterator[Any]:
        last = next(passes)
        for item in entries(*said):
            if last and item.entry == 3:
                raise KeyboardInterrupt
            yield item

    monkeypatch.setattr("living.service.importing.entries", stopping)
    with pytest.raises(KeyboardInterrupt):
        import_file(home.house, "toy", handed("synthetic_embase.ris"), "ann")
    assert home.head() == before
    monkeypatch.undo()
    assert import_file(home.house, "toy", handed("synthetic_embase.ris"), "ann").facts == 4
    home.quiet()


def vote_of(study: str) -> ScreeningVote:
    return ScreeningVote(record=study, vote="unsure", reason="not sure")


# --- in the ledger of all -----------------------------------------------------------------------------------


def test_exact_ids_link_what_was_imported_to_what_the_registries_brought(home: Home) -> None:
    done = import_file(home.house, "toy", handed("synthetic_embase.ris"), "ann")
    rulings = {
        link.pair: link for line, link in home.house.store.state("toy").of_kind(Link) if line.by == MACHINE
    }
    assert rulings[(ALPHA, "pubmed:90000001")].relation == "same_report"
    assert rulings[("ctgov:NCT99000001", "embase:L9000000002")].relation == "same_study"
    assert done.linked >= 2
    evidence = evidence_of(home.house, "toy")
    study = evidence.studies.study_of(ALPHA)
    assert study is not None
    assert "pubmed:90000001" in study.records


def test_a_register_s_own_row_is_the_entry_that_the_registry_brought(home: Home) -> None:
    import_file(home.house, "toy", handed("synthetic_ictrp.csv", "ictrp"), "ann")
    studies = evidence_of(home.house, "toy").studies
    assert studies.key_of["ictrp:NCT99000001"] == studies.key_of["ctgov:NCT99000001"]
    assert studies.key_of["ictrp:CTRI/2020/01/900001"] != studies.key_of["ctgov:NCT99000001"]


def test_what_is_new_waits_to_be_screened_and_the_flow_counts_it_by_its_source(home: Home) -> None:
    import_file(home.house, "toy", handed("synthetic_embase.ris"), "ann")
    assert ("screen", "embase:L9000000003") in home.queue
    assert ("screen", ALPHA) not in home.queue  # its study is known from PubMed
    home.turn()
    flow = json.loads(home.page("v1.0/snapshot.json"))["flow"]
    assert flow["by_source"]["embase"] == 3
    assert flow["by_place"]["imports"] == 3
    assert flow["records"] == sum(flow["by_source"].values())
    assert flow["duplicates_by_machine"] >= 1
    home.quiet()


def test_versions_say_how_far_a_source_was_searched_by_hand(home: Home) -> None:
    import_file(home.house, "toy", handed("synthetic_embase.ris", day="2026-01-20"), "ann")
    home.turn()
    snapshot = json.loads(home.page("v1.0/snapshot.json"))
    said = {item["source"]: item["to"] for item in snapshot["release"]["searched"]}
    assert (said["embase"], said["ictrp"]) == ("2026-01-20", None)
    assert "Embase by hand every 91 days" in home.page("v1.0/prisma-lsr.html")
    assert "20 January 2026" in home.page("v1.0/index.html").replace("\u00a0", " ")


def test_the_whole_strategy_stands_on_the_page_about_the_sources(home: Home) -> None:
    said = "#1 'invented remedy'/exp  \r\n#2 <b>ache</b> & more"
    import_file(home.house, "toy", handed("synthetic_embase.ris", strategy=said), "ann")
    plain = said.replace("  \r\n", "\n")
    assert import_file(home.house, "toy", handed("synthetic_embase.ris", strategy=plain), "ann").facts == 0
    home.turn()
    assert "#1 &#39;invented remedy&#39;/exp\n#2 &lt;b&gt;ache&lt;/b&gt; &amp; more" in home.page(
        "surveillance/index.html"
    )


def test_a_search_that_found_nothing_new_makes_no_version(home: Home) -> None:
    import_file(home.house, "toy", handed("synthetic_embase.ris", day="2026-01-20"), "ann")
    home.turn()
    versions = home.versions
    import_file(home.house, "toy", handed("synthetic_embase.ris", day="2026-02-01"), "ann")
    home.turn()
    assert home.versions == versions
    _, protocol = active(home.house, "toy")
    assert {item.source: item.to for item in searched(home.house, "toy", protocol)}["embase"] == "2026-02-01"


def test_a_hand_search_is_due_when_its_interval_has_passed(home: Home) -> None:
    never, _ = hand_searches(home.house, "toy")
    assert (never.last, never.due, never.overdue) == ("", "2026-05-04", False)
    import_file(home.house, "toy", handed("synthetic_embase.ris"), "ann")
    embase, _ = hand_searches(home.house, "toy")
    assert (embase.last, embase.due, embase.platform) == ("2026-02-01", "2026-05-03", "Embase.com")
    assert (embase.found, embase.stored, embase.duplicates, embase.overdue) == (3, 3, 1, False)
    home.move_to("2026-05-03")
    assert not hand_searches(home.house, "toy")[0].overdue
    home.move_to("2026-05-04")
    assert hand_searches(home.house, "toy")[0].overdue


# --- what was recorded --------------------------------------------------------------------------------------


def test_recorded_medline_files_come_in_whole(home: Home, recorded: Path) -> None:
    folder = recorded / "pubmed" / "medline"
    body = lzma.decompress((folder / "robotreviewer_pubmed_test_1000.txt.xz").read_bytes())
    done = import_file(home.house, "toy", handed("recorded.nbib", content=body), "ann")
    distinct = len(set(re.findall(rb"^PMID- (\d+)", body, re.MULTILINE)))
    counts = done.preview.counts
    assert (counts.found, counts.new, counts.repeated) == (1000, distinct, 1000 - distinct)
    for path in sorted(folder.glob("biopython_*.txt")):
        import_file(home.house, "toy", handed(path.name, content=path.read_bytes()), "ann")
    stored = [key for key in home.records() if key.startswith("embase:")]
    assert len(stored) == distinct + 6
    home.quiet()


def test_recorded_articles_say_the_same_as_nbib_and_as_xml(recorded: Path) -> None:
    """The XML's own fields are written as NBIB has them and read again: two readers, one record."""
    body = lzma.decompress((recorded / "pubmed" / "update_pubmed21n1298_subset.xml.xz").read_bytes())
    chance = random.Random(20261122)
    articles = [found for found in pubmed_xml.parse(body) if found.title and found.abstract]
    for article in chance.sample(articles, 300):
        text = as_nbib(article)
        (found,) = entries(opened(text.encode(), "x.nbib"), "pubmed", "")
        assert isinstance(found, Found)
        assert found.record.id == article.id
        assert found.record.title == " ".join(article.title.split())
        assert found.record.authors == tuple(dict.fromkeys(article.authors))
        dois = [item.value for item in article.identifiers if item.scheme == "doi"]
        assert [item.value for item in found.record.identifiers if item.scheme == "doi"] == dois[:1]


def as_nbib(article: Record) -> str:
    doi = next((item.value for item in article.identifiers if item.scheme == "doi"), "")
    lines = [f"PMID- {article.id}", f"TI  - {' '.join(article.title.split())}"]
    lines += [f"AU  - {name}" for name in article.authors]
    lines += [f"LID - {doi} [doi]"] if doi else []
    return "\n".join([*lines, "SO  - J.", ""])


# --- the queue as a file ------------------------------------------------------------------------------------


def test_the_queue_is_taken_away_and_brings_the_same_titles_and_ids_back(home: Home) -> None:
    import_file(home.house, "toy", handed("synthetic_embase.ris"), "ann")
    found = queue_as_ris(home.house, "toy")
    waiting = {study for kind, study in home.queue if kind == "screen"}
    assert (found.studies, found.records >= found.studies) == (len(waiting), True)
    back = [
        item.record
        for item in entries(opened(found.content, "q.ris"), "embase", "")
        if isinstance(item, Found)
    ]
    assert len(back) == found.records
    for one in back:
        same = home.records()[f"embase:{one.id}"]
        assert (one.title, one.identifiers, one.authors) == (same.title, same.identifiers, same.authors)
    assert b"N1  - record embase:L9000000003\r\n" in found.content
    vote(home.house, "toy", "embase:L9000000003", "exclude", "ann", "X1", stage="title")
    vote(home.house, "toy", "embase:L9000000003", "exclude", "ben", "X1", stage="title")
    assert b"L9000000003" not in queue_as_ris(home.house, "toy").content


WORDS = st.text(st.characters(exclude_categories=("Cs", "Cc", "Co", "Cn")), max_size=60)
HOSTILE = st.sampled_from(
    ["ER  - ", "x\r\nER  - \r\nTY  - JOUR", "=1+1", "TI  - other", "\u2028AU  - x", "<b>x</b>"]
)


@settings(max_examples=60, deadline=None)
@given(title=WORDS | HOSTILE, author=WORDS | HOSTILE, doi=st.sampled_from(["", "10.5555/x(1)<2>"]))
def test_whatever_a_title_says_it_comes_back_as_one_entry(title: str, author: str, doi: str) -> None:
    ids = (Identifier(scheme="doi", value=doi),) if doi else ()
    one = record(
        title=title, authors=(author,) if author.strip() else (), identifiers=ids, types=("Article",)
    )
    text = ris_entry(_tags(one, PROTOCOL))
    (found,) = entries(opened(text.encode(), "q.ris"), "pubmed", "")
    assert isinstance(found, Found)
    assert found.record.id == one.id
    plain = one.title.replace("<b>", "").replace("</b>", "")
    assert found.record.title.split() == shown(plain)
    assert [item.value for item in found.record.identifiers] == [*([doi] if doi else []), one.id]


def shown(text: str) -> list[str]:
    """A text's words, without what cannot be seen in it."""
    return cleaned(visible(text)).split()


# --- the command line ---------------------------------------------------------------------------------------


def test_the_command_line_looks_imports_and_says_that_it_knows_a_file(tmp_path: Path) -> None:
    with home_with_hand_searches(tmp_path):
        pass
    topics = str(tmp_path / "topics")
    words = ("import", str(SHAPES / "synthetic_scopus.csv"), "--source", "embase", "--day", "2026-02-01")
    words += ("--strategy", "TITLE-ABS-KEY(invented)", "--as", "ann")
    look = typed(tmp_path / "home", *words, "--dry-run", topics=topics)
    assert look.returncode == 0, look.stderr
    assert "Nothing was stored." in look.stdout
    assert "EID" in look.stdout
    done = typed(tmp_path / "home", *words, "--json", topics=topics)
    assert json.loads(done.stdout)["counts"]["new"] == 2
    again = typed(tmp_path / "home", *words, topics=topics)
    assert "Nothing new: this file was imported before, as the search of 2026-02-01." in again.stdout
    wrong = tmp_path / "wrong.ris"
    wrong.write_text("TY  - JOUR\nTI  - A\n")
    words = (
        "import",
        str(wrong),
        "--source",
        "embase",
        "--day",
        "2026-02-01",
        "--strategy",
        "x",
        "--as",
        "ann",
    )
    refused = typed(tmp_path / "home", *words, topics=topics)
    assert refused.returncode == Exit.BAD_INPUT
    assert "entry 1, line 1: does not end" in refused.stderr
    out = tmp_path / "queue.ris"
    assert typed(tmp_path / "home", "queue", "export", "--out", str(out), topics=topics).returncode == 0
    assert out.read_bytes().count(b"TY  - ") == 2
