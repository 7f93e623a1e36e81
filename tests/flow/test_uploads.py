"""Reports' PDFs: kept for the team, drawn by a program of their own, refused with a reason."""

import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from living.errors import NotVerified, UserError
from living.model.values import digest
from living.service import uploads
from living.service.uploads import original, page_of, pages_of, picture_of, take_away, upload
from tests.fakes import Home, home_at
from tests.papers import endless_pdf, pdf

ALPHA = "pubmed:90000001"
TEXT = "Ache fell by 1.2 points (SD 2.1) with the remedy."
PAPER = pdf("The first page", TEXT, "The last page")


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    with home_at(tmp_path) as found:
        yield found


def kept(home: Home, body: bytes = PAPER, name: str = "Alpha 2020.pdf") -> str:
    return upload(home.house, home.topic, ALPHA, name, body, "ann").sha256


def files(home: Home) -> list[Path]:
    return sorted(path for path in (home.path / "uploads").rglob("*") if path.is_file())


def test_a_kept_file_is_shown_page_by_page_with_its_words(home: Home) -> None:
    sha = kept(home)
    page = page_of(home.house, home.topic, sha, 2)
    assert (page.paper.pages, page.previous, page.next) == (3, 1, 3)
    assert page.text.strip() == TEXT
    assert picture_of(home.house, home.topic, sha, 2).startswith(b"\x89PNG")
    assert (
        page_of(home.house, home.topic, sha, 1).previous,
        page_of(home.house, home.topic, sha, 3).next,
    ) == (0, 0)


def test_a_study_s_files_are_found_by_any_of_its_records(home: Home) -> None:
    kept(home)
    assert [item.name for item in pages_of(home.house, home.topic, ALPHA)] == ["Alpha 2020.pdf"]
    assert pages_of(home.house, home.topic, "pubmed:90000002") == ()
    assert pages_of(home.house, home.topic, "pubmed:1") == ()


def test_only_the_service_s_account_may_read_the_files(home: Home) -> None:
    sha = kept(home)
    page_of(home.house, home.topic, sha, 1)
    assert {stat.S_IMODE(path.stat().st_mode) for path in files(home)} == {0o600}
    assert stat.S_IMODE((home.path / "uploads").stat().st_mode) == 0o700
    assert not any(path.suffix == ".pdf" for path in (home.path / "site").rglob("*"))


def test_a_page_is_drawn_once(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    sha = kept(home)
    first = picture_of(home.house, home.topic, sha, 1)

    def never(*_: object) -> None:
        raise AssertionError("drawn again")

    monkeypatch.setattr(uploads, "_asked", never)
    assert picture_of(home.house, home.topic, sha, 1) == first


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "is no PDF"),
        (b"<!doctype html><script>alert(1)</script>", "is no PDF"),
        (b"%PDF-1.7\n" + b"\x00" * 5000, "is damaged"),
        (PAPER[:300], "is damaged"),
        (b"%PDF-" + b"0" * uploads.MOST_BYTES, "is larger than 30 MB"),
    ],
    ids=["empty", "html", "noise", "truncated", "huge"],
)
def test_what_is_no_readable_pdf_is_refused_and_not_kept(home: Home, body: bytes, said: str) -> None:
    with pytest.raises(UserError, match=said):
        kept(home, body)
    assert files(home) == []


def test_a_page_without_end_is_given_up_and_says_so(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "SECONDS", 1.5)
    sha = kept(home, endless_pdf())
    page = page_of(home.house, home.topic, sha, 1)
    assert "takes too long to open" in page.fault
    assert page.text == ""
    with pytest.raises(UserError, match="takes too long"):
        picture_of(home.house, home.topic, sha, 1)


def test_a_name_is_a_name_and_no_path_or_header(home: Home) -> None:
    for name, shown in (
        ("../../etc/passwd.pdf", "passwd.pdf"),
        ("C:\\papers\\a\r\nSet-Cookie: x=1.pdf", "aSet-Cookie x=1.pdf"),
        ("<b>.pdf", "b.pdf"),
        ("   ", "report.pdf"),
    ):
        sha = kept(home, pdf(name), name)
        assert original(home.house, home.topic, sha)[0].name == shown


def test_a_file_of_another_topic_or_of_none_is_not_found(home: Home) -> None:
    sha = kept(home)
    for topic, name in ((home.topic, "0" * 64), ("magnesium", sha)):
        with pytest.raises(UserError, match=r"no such file here|no topic"):
            page_of(home.house, topic, name, 1)
    for page in (0, 4, -1):
        with pytest.raises(UserError, match="It has pages 1 to 3"):
            page_of(home.house, home.topic, sha, page)
    with pytest.raises(UserError, match="no record"):
        upload(home.house, home.topic, "pubmed:1", "a.pdf", PAPER, "ann")


def test_a_file_taken_away_is_erased_and_can_come_back(home: Home) -> None:
    sha = kept(home)
    page_of(home.house, home.topic, sha, 1)
    assert take_away(home.house, home.topic, ALPHA, sha, "ben")
    assert files(home) == []
    assert pages_of(home.house, home.topic, ALPHA) == ()
    assert not take_away(home.house, home.topic, ALPHA, sha, "ben")
    assert kept(home) == sha
    assert original(home.house, home.topic, sha)[1] == PAPER


def test_bytes_of_two_reports_stay_until_both_are_taken_away(home: Home) -> None:
    sha = kept(home)
    upload(home.house, home.topic, "pubmed:90000002", "b.pdf", PAPER, "ann")
    take_away(home.house, home.topic, ALPHA, sha, "ann")
    assert original(home.house, home.topic, sha)[1] == PAPER
    home.house.store.upload_place(sha).write_bytes(b"other")
    with pytest.raises(NotVerified, match="not what its name says"):
        original(home.house, home.topic, sha)
    assert digest(PAPER) == sha
