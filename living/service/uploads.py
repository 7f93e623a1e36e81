"""Reports' PDFs for the team: taken in, drawn page by page in a process of its own, never published."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from living.errors import UserError
from living.model.values import digest
from living.service import page_program
from living.service.house import House
from living.service.saying import known_name
from living.service.topics import evidence_of, known
from living.store.uploads import Upload

log = logging.getLogger("living")
MOST_BYTES = 30_000_000
MOST_NAME = 120  # characters of a file's name
MOST_LOGGED = 600  # bytes of a program's last words
MAGIC = b"%PDF-"
HEAD = 1024  # bytes in which a PDF must say that it is one
SECONDS = 30.0  # for one question to the program, however slow the machine
AT_ONCE = threading.BoundedSemaphore(2)
FAULTS = {
    "damaged": "is damaged, or is no PDF at all",
    "locked": "is locked by a password",
    "too_large": "needs more memory to draw than is allowed",
    "too_many": f"has more than {page_program.MOST_PAGES} pages",
}


@dataclass(frozen=True)
class Paper:
    """A report's file as pages of the workbench name it."""

    sha256: str
    record: str
    name: str
    pages: int
    size: int
    by: str
    at: str


@dataclass(frozen=True)
class PaperPage:
    """One page: its text beside the picture, which has an address of its own. 0: there is no such page.

    `fault` says why there is neither picture nor text.
    """

    paper: Paper
    page: int
    text: str
    previous: int
    next: int
    fault: str = ""


def pages_of(house: House, topic: str, study: str) -> tuple[Paper, ...]:
    """Return the files of a study's reports, oldest first; none for a study that is not known."""
    found = evidence_of(house, topic).studies.study_of(study)
    records = found.records if found else ()
    return tuple(_paper(item) for item in house.store.uploads(topic) if item.record in records)


def page_of(house: House, topic: str, sha: str, page: int) -> PaperPage:
    """Return one page of a file, drawn now if it never was. Raises UserError when there is no such page."""
    paper = paper_of(house, topic, sha)
    text, fault = "", ""
    if not 1 <= page <= paper.pages:
        raise UserError(f"no page {page}", where=paper.name, fix=f"It has pages 1 to {paper.pages}")
    try:
        _, text = _drawn(house, paper, page)
    except UserError as refused:
        fault = str(refused)
    later = page + 1 if page < paper.pages else 0
    return PaperPage(paper, page, text, page - 1, later, fault)


def picture_of(house: House, topic: str, sha: str, page: int) -> bytes:
    """Return a page's picture (PNG). Raises UserError when there is no such page or it cannot be drawn."""
    paper = paper_of(house, topic, sha)
    if not 1 <= page <= paper.pages:
        raise UserError(f"no page {page}", where=paper.name, fix=f"It has pages 1 to {paper.pages}")
    return _drawn(house, paper, page)[0]


def paper_of(house: House, topic: str, sha: str) -> Paper:
    """Return a file of the topic. Raises UserError when this topic has none of that name."""
    found = house.store.upload(known(house, topic), sha)
    if found is None:
        raise UserError("no such file here", where=topic, fix="It was taken away, or the address is mistyped")
    return _paper(found)


def original(house: House, topic: str, sha: str) -> tuple[Paper, bytes]:
    """Return a file with its bytes, to be downloaded and never shown."""
    return paper_of(house, topic, sha), house.store.upload_bytes(sha)


def upload(house: House, topic: str, record: str, name: str, body: bytes, by: str) -> Paper:
    """Keep the PDF of a report. Raises UserError for what is no readable PDF; nothing is kept of it."""
    known_name(by)
    shown = _file_name(name)
    if record not in evidence_of(house, topic).state.records:
        raise UserError(f"no record '{record}' here", where=shown, fix="`living studies` lists them")
    if len(body) > MOST_BYTES:
        most = f"{MOST_BYTES // 1_000_000} MB"
        raise UserError(f"is larger than {most}", where=shown, fix="Save it with smaller pictures")
    if MAGIC not in body[:HEAD]:
        raise UserError("is no PDF", where=shown, fix="Choose the report's PDF file")
    pages = int(_asked(shown, body, "pages")[0]["pages"])
    if not 1 <= pages <= page_program.MOST_PAGES:
        raise UserError(FAULTS["too_many"] if pages else "has no pages", where=shown)
    sha = digest(body)
    kept = Upload(record=record, sha256=sha, name=shown, size=len(body), pages=pages, by=by, at=house.now())
    house.store.keep_upload(topic, kept, body)
    return _paper(kept)


def take_away(house: House, topic: str, record: str, sha: str, by: str) -> bool:
    """Take a file away from a report; False when it had none such. Quotes from it stay."""
    known_name(by)
    return house.store.remove_upload(known(house, topic), record, sha, house.now())


def _drawn(house: House, paper: Paper, page: int) -> tuple[bytes, str]:
    kept = house.store.page(paper.sha256, page)
    if kept is None:
        body = house.store.upload_bytes(paper.sha256)
        answer, picture = _asked(paper.name, body, "page", str(page))
        kept = picture, str(answer["text"])
        house.store.keep_page(paper.sha256, page, *kept)
    return kept


def _asked(name: str, body: bytes, *question: str) -> tuple[dict[str, Any], bytes]:
    """Ask the program about a PDF. Raises UserError when the PDF is at fault, in time or otherwise."""
    command = [sys.executable, "-I", str(Path(page_program.__file__)), *question]
    try:
        with AT_ONCE:
            told = subprocess.run(
                command, input=body, capture_output=True, check=False, timeout=SECONDS, env={}, cwd="/"
            )
    except subprocess.TimeoutExpired:
        raise UserError("takes too long to open", where=name, fix="Print it to a new PDF") from None
    if told.returncode:  # a hostile file, or a fault of ours: the log tells which
        words = told.stderr[-MOST_LOGGED:].decode(errors="replace").strip()
        log.warning("%s: the program that opens PDFs ended with %s. %s", name, told.returncode, words)
    line, _, picture = told.stdout.partition(b"\n")
    answer = json.loads(line) if told.returncode == 0 and line else {"fault": "damaged"}
    if "fault" in answer:
        raise UserError(
            FAULTS[answer["fault"]], where=name, fix="Open it elsewhere and print it to a new PDF"
        )
    return answer, picture


def _paper(kept: Upload) -> Paper:
    return Paper(kept.sha256, kept.record, kept.name, kept.pages, kept.size, kept.by, kept.at)


def _file_name(name: str) -> str:
    """The last part of a name, without what a path, a header or a page could take for something else."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    kept = "".join(char for char in last if char.isprintable() and char not in '<>:"|?*;').strip(". ")
    return kept[-MOST_NAME:] or "report.pdf"
