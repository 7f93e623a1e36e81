"""The files of a version: the same bytes each time, safe, and complete."""

import csv
import io
import json
import re
import xml.etree.ElementTree as ET
from html.parser import HTMLParser

import jsonschema_rs
import pytest
from jinja2 import UndefinedError

from living.model.snapshot import Snapshot
from living.publish import tables, words
from living.publish.bundle import render_version
from living.publish.manifest import pointers
from living.publish.pages import (
    Bulletin,
    Notice,
    Pulse,
    Shell,
    Signed,
    SourcePulse,
    Topic,
    TopicRow,
    VersionRow,
    body_of,
    render_as_of,
    render_latest,
    render_shell,
    render_site_index,
    render_topic_index,
    status_json,
)
from tests.unit.publish import hostile, snapshots

PAGE_LIMIT = 150_000  # bytes: what a reader on a slow line can wait for
VOID = {"meta", "link", "br", "hr", "img", "input", "source"}
ALLOWED_SCHEMES = ("https://", "http://", "#", "../", "data/", "figures/")
LATE = SourcePulse("ctgov", "ClinicalTrials.gov", "2026-11-14", "2026-11-22T06:00:00Z", "stale", "no answer")
PULSE = Pulse("2026-11-21T06:00:00Z", (SourcePulse("pubmed", "PubMed", "2026-11-21"), LATE), 1, 2, 0)
V1 = VersionRow("v1.0", "2025-06-20", "first_version", "First version.", answer="Two small trials")
V2 = VersionRow(
    "v2.0", "2026-06-18", "new_evidence", "One trial added.", signed=True, answer="Three small trials"
)
NOTE = "This is a replay: dates are virtual and the second readers are scripts."
TOPIC = Topic("ldn-chronic-pain", snapshots.TITLE, note=NOTE, replay=True)


class Elements(HTMLParser):
    """Every element of a page, and whether they are nested as they should be."""

    def __init__(self, page: bytes) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str]]] = []
        self.open: list[str] = []
        self.feed(page.decode())
        assert not self.open, f"never closed: {self.open}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        assert self.open[-1:] == [tag], f"{tag} closes what is not open"
        self.open.pop()


def every_page(snapshot: Snapshot) -> dict[str, bytes]:
    files = render_version(snapshot)
    page = files["page.html"]
    note = snapshot.public_note
    topic = Topic("ldn-chronic-pain", snapshot.title, note=note, replay=True, continues=snapshot.continues)
    row = VersionRow(
        "v2.0", "2026-06-18", "new_evidence", snapshot.answer.lede, answer=snapshot.answer.headline
    )
    pulse = Pulse("2026-11-21T06:00:00Z", (LATE,), news=snapshot.answer.lede)
    notice = Notice("retraction", snapshot.answer.lede, "2026-05-01", "javascript:alert(1)")
    shell = Shell((notice,), Signed(snapshot.title, "2026-06-20", snapshot.title), row, pulse)
    return {
        "page": page,
        "index": render_shell(snapshot, page, shell),
        "topic": render_topic_index(topic, [row], pulse, [Bulletin("2026-07-01", note)], [snapshot]),
        "site": render_site_index([TopicRow(topic, row, pulse), TopicRow(topic, None)], note, replay=True),
        "as-of": render_as_of(topic, "2026-07-01", row),
        "latest": render_latest(topic, "v2.0"),
        **{name: content for name, content in files.items() if name.endswith(".html") and "/" in name},
    }


@pytest.mark.parametrize("version", [snapshots.v1, snapshots.v2, hostile.snapshot])
def test_building_a_version_twice_gives_the_same_bytes(version) -> None:  # type: ignore[no-untyped-def]
    assert render_version(version()) == render_version(version())


def test_the_manifest_is_the_last_file() -> None:
    assert list(render_version(snapshots.v2()))[-1] == "manifest.json"


@pytest.mark.parametrize("version", [snapshots.v1, snapshots.v2])
def test_a_page_is_small_enough(version) -> None:  # type: ignore[no-untyped-def]
    assert len(render_version(version())["page.html"]) <= PAGE_LIMIT


def test_the_snapshot_file_follows_its_schema_and_reads_back_as_a_snapshot() -> None:
    files = render_version(snapshots.v2())
    jsonschema_rs.Draft202012Validator(json.loads(files["schema.json"]), offline=True).validate(
        json.loads(files["snapshot.json"])
    )
    assert Snapshot.model_validate_json(files["snapshot.json"]) == Snapshot.model_validate_json(
        files["snapshot.json"]
    )


def test_a_snapshot_without_a_number_is_not_published() -> None:
    with pytest.raises(ValueError, match="version number"):
        render_version(snapshots.v2().model_copy(update={"release": None}))


# --- the page ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("version", [snapshots.v1, snapshots.v2])
def test_every_page_carries_the_public_note_and_is_well_formed(version) -> None:  # type: ignore[no-untyped-def]
    for name, page in every_page(version()).items():
        assert NOTE in page.decode(), name
        Elements(page)


def test_a_replay_without_a_note_still_says_that_it_is_one() -> None:
    page = render_version(snapshots.v2(public_note=""))["page.html"]
    assert b"This is a replay" in page


def test_every_anchor_that_a_page_points_to_exists_once() -> None:
    for version in (snapshots.v1(), snapshots.v2()):
        found = Elements(render_shell(version, render_version(version)["page.html"], Shell())).found
        ids = [facts["id"] for _, facts in found if "id" in facts]
        assert len(ids) == len(set(ids))
        targets = {facts["href"][1:] for tag, facts in found if tag == "a" and facts["href"].startswith("#")}
        assert targets <= set(ids)


def test_every_number_in_an_analysis_leads_to_its_quote_and_reader() -> None:
    files = render_version(snapshots.v2())
    page = files["page.html"].decode()
    rows = re.findall(
        r'<a href="(study/[^"#]+)#(cell-[0-9a-f]{10})">source<span class="unseen"> of [^,<]+<', page
    )
    assert len(rows) == 7
    for path, anchor in rows:
        told = files[path].decode().split(f'id="{anchor}"')[1].split("</section>")[0]
        assert "Entered</h3>" in told
        assert "Ledger line" in told
        assert "<q>" in told or "original not seen" in told
    final = files["study/final-2024-38258677.html"].decode()
    assert "between-group difference of -0.34" in final
    assert snapshots.HASH in final


def test_the_first_screen_answers_in_order() -> None:
    page = render_version(snapshots.v2())["page.html"].decode()
    places = [
        page.index(words) for words in ("do not show whether", "How sure", "How current", 'id="changed"')
    ]
    assert places == sorted(places)


def test_two_studies_give_no_average_and_the_page_says_why() -> None:
    page = render_version(snapshots.v1())["page.html"].decode()
    assert "<strong>No average is given.</strong> Two studies; the protocol asks for three" in page
    assert "not a result of this review" in page


def test_the_shell_keeps_the_body_byte_for_byte() -> None:
    snapshot = snapshots.v1()
    page = render_version(snapshot)["page.html"]
    notice = Notice("retraction", "An invented notice.", "2026-05-01")
    index = render_shell(snapshot, page, Shell((notice,), Signed("A. Editor", "2026-06-20"), V2, PULSE))
    assert body_of(index) == body_of(page)
    text = index.decode()
    for words_ in ("Retraction, 1 May 2026", "Signed by A. Editor, 20 June 2026", "A newer version exists"):
        assert words_ in text
    assert text.index("An invented notice.") < text.index("<!--body-->")


def test_the_banner_names_a_late_source_and_when_it_is_tried_next() -> None:
    snapshot = snapshots.v2()
    text = render_shell(snapshot, render_version(snapshot)["page.html"], Shell(pulse=PULSE)).decode()
    assert "ClinicalTrials.gov was last searched successfully on 14 November 2026" in text
    assert "It is tried next 22 November 2026, 06:00 UTC." in text
    assert "All two scheduled sources" not in text


def test_an_unsigned_version_is_provisional_and_a_signed_one_is_not() -> None:
    snapshot = snapshots.v2()
    page = render_version(snapshot)["page.html"]
    assert b"Provisional</span>" in render_shell(snapshot, page, Shell())
    assert b"Provisional</span>" not in render_shell(
        snapshot, page, Shell(signature=Signed("A. Editor", "2026-06-20"))
    )


def test_the_list_of_versions_has_dates_and_links() -> None:
    text = render_topic_index(TOPIC, [V2, V1], PULSE).decode()
    assert text.index("18 June 2026") < text.index("20 June 2025")
    assert 'href="v1.0/index.html"' in text
    assert "two studies to extract" in text


def test_as_of_a_day_before_the_first_version_there_was_none() -> None:
    assert b"no version" in render_as_of(TOPIC, "2020-01-01", None)


def test_status_is_json_that_names_the_pulse() -> None:
    status = json.loads(status_json(TOPIC, V2, PULSE))
    assert status["version"] == "v2.0"
    assert [source["state"] for source in status["sources"]] == ["current", "stale"]
    assert status["public_note"] == NOTE


# --- malicious input -------------------------------------------------------------------------------------


def test_no_string_becomes_markup_on_any_page() -> None:
    for name, page in every_page(hostile.snapshot()).items():
        found = Elements(page).found
        tags = [tag for tag, _ in found]
        assert not {"iframe", "object"} & set(tags), name
        for tag, facts in found:
            assert tag != "script" or facts == {"type": "application/ld+json"}, name  # data, not a program
        for tag, facts in found:
            if tag in ("img", "source"):
                assert re.fullmatch(r"figures/[a-z0-9.-]+\.svg", facts.get("src") or facts["srcset"]), (
                    name,
                    facts,
                )
            assert not [attribute for attribute in facts if attribute.startswith("on")], (name, tag)
            for link in ("href", "src"):
                assert not facts.get(link, "").lower().lstrip().startswith(("javascript:", "data:text")), (
                    name,
                    facts,
                )
        assert not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\u202a-\u202e]", page.decode()), name
        assert "49" not in re.findall(r"\{\{ 7\*7 \}\}|>49<", page.decode())


def test_titles_keep_the_few_tags_they_may_have() -> None:
    cleaned = str(
        words.clean_title(
            "<i>In vitro</i> H<sub>2</sub>O <a href='x'>l</a><script>x</script> P<0.05 & <b onclick=x>b</b>"
        )
    )
    assert cleaned == "<i>In vitro</i> H<sub>2</sub>O l P&lt;0.05 &amp; <b>b</b>"


def test_figures_of_a_hostile_snapshot_are_well_formed_and_hold_no_script() -> None:
    files = render_version(hostile.snapshot())
    for name in [name for name in files if name.endswith(".svg")]:
        root = ET.fromstring(files[name])
        tags = {element.tag.rpartition("}")[2] for element in root.iter()}
        assert tags <= {
            "svg",
            "title",
            "desc",
            "style",
            "text",
            "tspan",
            "line",
            "rect",
            "path",
            "g",
            "circle",
        }


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "＝"])
def test_text_cannot_start_a_formula(start: str) -> None:
    assert tables.safe(f"{start}cmd|' /C calc'!A0").startswith("'")


def test_numbers_stay_numbers_in_tables() -> None:
    rows = list(csv.DictReader(io.StringIO(render_version(snapshots.v2())["data/contrasts.csv"].decode())))
    assert float(rows[0]["estimate"]) == -0.34
    assert rows[0]["weight_percent"] == "46.8361433"
    assert {row["scale_of_estimate"] for row in rows if row["measure"] == "RR"} == {"log"}


def test_no_cell_of_a_hostile_table_starts_a_formula() -> None:
    files = render_version(hostile.snapshot())
    for name in ("data/contrasts.csv", "data/cells.csv", "data/studies.csv"):
        for row in csv.reader(io.StringIO(files[name].decode(), newline="")):
            for field in row:
                assert not field.startswith(tables.FORMULA_STARTS) or float(field) is not None


def test_only_web_addresses_become_links() -> None:
    assert words.web_address("javascript:alert(1)") == ""
    assert words.web_address("//evil.example") == ""
    assert words.web_address("http://[") == ""
    assert words.web_address(" https://doi.org/10.1/x ") == "https://doi.org/10.1/x"


def test_a_missing_name_in_a_template_is_an_error_not_a_blank() -> None:
    with pytest.raises(UndefinedError):
        words.pages().from_string("{{ nothing }}").render()


def test_pointers_name_every_leaf_once_and_escape_their_names() -> None:
    assert set(pointers({"a/b": [1, {"~": None}], "c": [], "d": {}})) == {"/a~1b/0", "/a~1b/1/~0", "/c", "/d"}
