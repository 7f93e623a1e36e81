"""Searches by hand: hand an exported file in, look at what it would do, import it; take the queue away."""

from __future__ import annotations

from dataclasses import replace

from living.errors import NotAllowed, UserError
from living.service.import_forms import MOST_UPLOADED, Looked, import_page, look, refused
from living.service.importing import Handed, Imported, import_file, kept_file
from living.service.policy import Act
from living.service.queue_export import queue_as_ris
from living.web.desk.visit import Answer, File, Moved, Page, Route, Visit

PLACE = "/desk/{topic}/imports/"
ROOM_FOR_THE_FORM = 300_000  # bytes around the file: the strategy, the columns, the token
COLUMN = "column:"  # what the name of a field begins with that chooses a column


def imports(visit: Visit) -> Answer:
    """How far each source is searched by hand, and the form to hand a file in."""
    return _page(visit, Looked())


def hand_in(visit: Visit) -> Answer:
    """Look at a file, or import it; what was typed and the file itself are kept while something is wrong."""
    handed = _handed(visit, b"", "")
    try:
        handed = _with_file(visit, handed)
        if visit.field("do") != "import":
            return _page(visit, look(visit.house, visit.topic, handed))
        done = import_file(visit.house, visit.topic, handed, visit.person.id)
    except NotAllowed:
        raise
    except UserError as fault:
        return _page(visit, refused(visit.house, visit.topic, handed, fault))
    return Moved(PLACE.format(topic=visit.topic), _told(done))


def queue(visit: Visit) -> Answer:
    """Every record that waits to be screened, as RIS."""
    content = queue_as_ris(visit.house, visit.topic).content
    return File(content, "application/x-research-info-systems", f"{visit.topic}-to-screen.ris")


def _handed(visit: Visit, content: bytes, name: str) -> Handed:
    chosen = ((field, visit.field(field)) for field in visit.said if field.startswith(COLUMN))
    return Handed(
        source=visit.field("source"),
        file=name,
        content=content,
        day=visit.field("day").strip(),
        strategy=visit.field("strategy"),
        platform=visit.field("platform").strip(),
        encoding=visit.field("encoding"),
        mapping=tuple((field.removeprefix(COLUMN), column) for field, column in chosen if column),
    )


def _with_file(visit: Visit, handed: Handed) -> Handed:
    """The file that came now, else the one that was looked at before; a new one has columns of its own."""
    sent = visit.files.get("export")
    if sent is not None and sent.name:
        same = not visit.field("kept")
        return replace(handed, file=sent.name, content=sent.content, mapping=handed.mapping if same else ())
    if visit.field("kept"):
        content = kept_file(visit.house, visit.field("kept"))
        return replace(handed, file=visit.field("file"), content=content)
    raise UserError("no file was chosen", where="export", fix="Choose the file that the database exported")


def _told(done: Imported) -> str:
    shown = done.preview
    if not done.facts:
        return f"Nothing new: this file was imported before, as the search of {shown.already}."
    stored = shown.counts.new + shown.counts.changed
    return f"Imported: {shown.file}, {shown.counts.found:,} entries, {stored:,} of them new or changed."


def _page(visit: Visit, looked: Looked) -> Page:
    said = ("source", "platform", "day", "strategy", "encoding")
    shown = {
        "page": import_page(visit.house, visit.topic),
        "looked": looked,
        "typed": {name: visit.field(name) for name in said},
        "may_import": visit.person.may(Act.ORGANISE, visit.topic),
    }
    return Page("importing.html", shown, 400 if looked.fault else 200)


ROUTES: tuple[Route, ...] = (
    Route("GET", PLACE, Act.LOOK, imports),
    Route("POST", PLACE, Act.ORGANISE, hand_in, most_bytes=MOST_UPLOADED + ROOM_FOR_THE_FORM),
    Route("GET", "/desk/{topic}/to-screen.ris", Act.LOOK, queue),
)
