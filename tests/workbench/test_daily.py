"""Full texts, files, questions, how a trial was done, and conflicts of interest, as people meet them."""

from pathlib import Path

from living.config import shipped
from living.model.values import digest
from tests.factories import record
from tests.fakes import Reply, home_at, site_of
from tests.papers import endless_pdf, pdf
from tests.workbench.conftest import Client, Desk

ALPHA = "pubmed:90000001"
PAPER = pdf("The first page", "Ache fell by 1.2 points (SD 2.1).")
SHA = digest(PAPER)
AT = "/desk/toy"
LDN = "ldn-chronic-pain"


def uploaded(client: Client, body: bytes = PAPER, name: str = "Alpha.pdf", record: str = ALPHA) -> Reply:
    file = {"file": (name, body, "application/pdf")}
    return client.post(f"{AT}/daily-upload/{ALPHA}", files=file, record=record)


def test_a_report_s_full_text_is_followed_from_sought_to_obtained(desk: Desk) -> None:
    ann = desk.person("ann", "extractor")
    for status in ("sought", "obtained", "sought"):
        page = ann.post(f"{AT}/daily-fulltext/{ALPHA}", record=ALPHA, status=status, language="Polish")
        assert f"Full text {status}, in Polish" in page.text
    assert "Sought, Polish" in ann.get(f"{AT}/daily/").text


def test_what_cannot_be_noted_comes_back_with_what_was_typed(desk: Desk) -> None:
    ann = desk.person("ann", "extractor")
    typed = {"record": ALPHA, "status": "lost", "note": "asked the <library>"}
    page = ann.post(f"{AT}/daily-fulltext/{ALPHA}", **typed)
    assert page.status == 400
    assert "is no status of a full text" in page.text
    assert "asked the &lt;library&gt;" in page.text
    other = ann.post(f"{AT}/daily-fulltext/{ALPHA}", record="pubmed:90000002", status="sought")
    assert (other.status, "is no report of this study" in other.text) == (400, True)


def test_an_uploaded_report_is_read_page_by_page_and_kept_only_as_a_download(desk: Desk) -> None:
    ann = desk.person("ann", "extractor")
    assert "Kept Alpha.pdf, 2 pages" in uploaded(ann).text
    page = ann.get(f"{AT}/paper/{SHA}/2")
    assert "Ache fell by 1.2 points (SD 2.1)." in page.text
    assert f"{AT}/paper/{SHA}/1" in page.text
    assert f"{AT}/paper/{SHA}/3" not in page.text
    assert "Ache fell" in ann.get(f"{AT}/paper/{SHA}/?page=2").text
    picture = ann.get(f"{AT}/paper/{SHA}/2/picture")
    assert (picture.headers["content-type"], picture.body[:4]) == ("image/png", b"\x89PNG")
    file = ann.get(f"{AT}/paper/{SHA}/original")
    assert file.body == PAPER
    assert file.headers["content-disposition"].startswith("attachment")
    assert file.headers["x-content-type-options"] == "nosniff"


def test_only_people_at_work_in_the_topic_get_a_file(desk: Desk) -> None:
    uploaded(desk.person("ann", "extractor"))
    reader, elsewhere = desk.person("rob", "reader"), desk.person("eve", "extractor", topic="magnesium")
    for client in (reader, elsewhere):
        for place in ("1", "1/picture", "original"):
            assert client.get(f"{AT}/paper/{SHA}/{place}").status == 403
    assert reader.get(f"{AT}/daily/{ALPHA}").status == 200
    assert uploaded(reader).status == 403
    assert desk.stranger().get(f"{AT}/paper/{SHA}/1").status == 303
    assert desk.browser.get(f"/uploads/{SHA[:2]}/{SHA}.pdf").status == 404


def test_what_is_no_pdf_is_refused_beside_the_field(desk: Desk) -> None:
    ann = desk.person("ann", "extractor")
    for body in (b"<html><script>alert(1)</script></html>", b"%PDF-1.4 nonsense", b""):
        page = uploaded(ann, body, "x.pdf")
        assert page.status == 400
        assert 'id="wrong-upload"' in page.text
    assert uploaded(ann, b"%PDF-" + b"0" * 31_000_000).status in (400, 413)
    odd = ann.get(f"{AT}/paper/{SHA}/1")
    assert (odd.status, "no such file here" in odd.text.lower()) == (400, True)


def test_a_hostile_page_says_so_and_the_rest_of_the_page_stands(desk: Desk, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setattr("living.service.uploads.SECONDS", 1.5)
    ann, body = desk.person("ann", "extractor"), endless_pdf()
    uploaded(ann, body)
    page = ann.get(f"{AT}/paper/{digest(body)}/1")
    assert (page.status, "takes too long to open" in page.text) == (200, True)


def test_a_question_is_asked_and_answered(desk: Desk) -> None:
    ann = desk.person("ann", "extractor")
    asked = ann.post(f"{AT}/daily-ask/{ALPHA}", question="Is 2.1 an SD or an SE?")
    assert "Is 2.1 an SD or an SE?" in asked.text
    early = ann.post(f"{AT}/daily-follow/{ALPHA}", id="q1", status="asked", day="2030-01-01", answer="")
    assert (early.status, "is still to come" in early.text, "2030-01-01" in early.text) == (400, True, True)
    ann.post(f"{AT}/daily-follow/{ALPHA}", id="q1", status="asked", day="2026-01-30")
    page = ann.post(f"{AT}/daily-follow/{ALPHA}", id="q1", status="answered", answer="An SD.")
    assert "Asked 30 January 2026, answered 2 February 2026" in page.text
    assert "An SD." in ann.get(f"{AT}/daily/").text
    empty = ann.post(f"{AT}/daily-follow/{ALPHA}", id="q1", status="answered", answer=" ")
    assert empty.status == 400


def test_how_a_trial_was_done_is_noted_with_where_it_stands(desk: Desk) -> None:
    ann = desk.person("ann", "extractor")
    typed = {
        "funder-said": "A public fund",
        "funder-report": ALPHA,
        "funder-locator": "page 7",
        "funder-text": "funded by the Invented Fund",
        "blinding-said": "Not asked",
    }
    page = ann.form(f"{AT}/daily-note/{ALPHA}", typed)
    assert "funded by the Invented Fund" in page.text
    half = ann.form(
        f"{AT}/daily-note/{ALPHA}", typed | {"rescue-locator": "page 2", "rescue-said": "Allowed"}
    )
    assert (half.status, "a quote has a place and words" in half.text, "page 2" in half.text) == (
        400,
        True,
        True,
    )
    fewer = ann.form(f"{AT}/daily-note/{ALPHA}", {"blinding-said": "Held"})
    assert "A public fund" not in fewer.text
    assert "Held" in fewer.text


def test_whoever_declares_a_conflict_says_nothing_more_about_the_study(desk: Desk) -> None:
    ann = desk.person("ann", "extractor")
    page = ann.post(f"{AT}/daily-recuse/{ALPHA}", reason="I ran this trial")
    assert "Ann keeps away from this study" in page.text
    refused = ann.post(f"{AT}/daily-ask/{ALPHA}", question="Is it mine?")
    assert (refused.status, "keeps away from this study" in refused.text) == (403, True)
    assert uploaded(desk.person("ben", "extractor")).status == 200


def test_an_editor_declares_for_others_and_nobody_lifts_what_an_editor_declared_about_them(
    desk: Desk,
) -> None:
    ann, ed = desk.person("ann", "extractor"), desk.person("ed", "editor")
    ben = desk.person("ben", "extractor")
    away = {"person": ann.id, "reason": "co-author"}
    assert ben.post(f"{AT}/daily-recuse/{ALPHA}", **away).status == 403
    assert "Ann keeps away from this study" in ed.post(f"{AT}/daily-recuse/{ALPHA}", **away).text
    assert ann.post(f"{AT}/daily-lift/{ALPHA}", person=ann.id, reason="no").status == 403
    assert ben.post(f"{AT}/daily-lift/{ALPHA}", **away).status == 403
    back = ed.post(f"{AT}/daily-lift/{ALPHA}", person=ann.id, reason="it was somebody else")
    assert "Ann keeps away" not in back.text


def test_trap_12_somebody_with_an_author_s_name_is_asked_before_they_read_the_study(desk: Desk) -> None:
    home = desk.home
    paper = record(id="90000077", authors=("Ramírez-Example A", "Sample B"))
    home.house.store.append(home.topic, home.house.now(), [("machine", paper)], after=home.head()[0])
    ann, ben = desk.person("ann", "extractor"), desk.person("ben", "extractor")
    called = {"name": "Ann Ramirez-Example", "address": None, "letters": "daily"}
    home.house.store.change_account(ann.id, home.house.now(), **called)
    study = paper.key
    page = ann.get(f"{AT}/daily/{study}").text
    assert "An author of this study has a name like yours" in page
    assert "has a name like an author" in ben.get(f"{AT}/daily/{study}").text
    ann.post(f"{AT}/daily-recuse/{study}", reason="it is me")
    assert "a name like yours" not in ann.get(f"{AT}/daily/{study}").text


def test_trap_12_a_trial_of_the_review_s_own_authors_is_flagged_before_anybody_reads_it(
    tmp_path: Path,
) -> None:
    srinivasan = "hand:srinivasan-2021"
    with (
        home_at(tmp_path / "home", topics=[shipped("db") / "topics" / LDN]) as home,
        site_of(home.house) as browser,
    ):
        desk = Desk(home, browser)
        ann = desk.person("ann", "extractor")
        home.include(srinivasan)
        for place in ("daily", "study", "read"):
            page = ann.get(f"/desk/{LDN}/{place}/{srinivasan}")
            assert page.status == 200
            assert "ran the trial Srinivasan 2021; they do not extract or judge it here" in page.text
        other = ann.get(f"/desk/{LDN}/daily/{next(iter(home.records()))}")
        assert "The protocol declares" not in other.text
