"""Verbs of sources that are searched by hand: import an exported file, and take the queue away as one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from living.cli.terminal import (
    As,
    Json,
    Topic,
    bytes_in,
    house,
    print_json,
    print_table,
    put_new,
    speaker,
    text_in,
    topic_of,
)
from living.errors import UserError

if TYPE_CHECKING:
    from living.service.importing import Imported, Preview


def add_to(app: typer.Typer) -> None:
    """Add these verbs to the command line."""
    app.command("import")(import_file)


def add_export_to(queue: typer.Typer) -> None:
    """Add the queue's export to `living queue`."""
    queue.command("export")(queue_export)


def import_file(
    file: Annotated[Path, typer.Argument(help="What a database exported: RIS, PubMed's NBIB, or CSV.")],
    by: As,
    source: Annotated[str, typer.Option(help="The protocol's id of the source, such as embase.")],
    day: Annotated[str, typer.Option(help="The day of the search, written as 2026-11-01.")],
    strategy: Annotated[str, typer.Option(help="The whole search strategy: a text file, or the words.")],
    platform: Annotated[str, typer.Option(help="Where it was searched, such as Ovid.")] = "",
    mapping: Annotated[
        list[str] | None,
        typer.Option(
            "--map", help="Of a CSV: FIELD=COLUMN, once for each; default: as its headings suggest."
        ),
    ] = None,
    encoding: Annotated[
        str,
        typer.Option(help="Where the file is not UTF-8 and does not say so: windows-1252, latin-1, utf-16."),
    ] = "",
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what it would do, and store nothing.")
    ] = False,
    topic: Topic = None,
    as_json: Json = False,
) -> None:
    """Import a hand search: the file becomes one search with its records, whole or not at all."""
    from living.service.importing import Handed, NotImported, preview
    from living.service.importing import import_file as import_it

    home = house()
    named = topic_of(home, topic)
    by = speaker(home, by, "ORGANISE", named)
    handed = Handed(
        source=source,
        file=file.name,
        content=bytes_in(file),
        day=day,
        strategy=_words(strategy),
        platform=platform,
        encoding=encoding,
        mapping=tuple(_pair(text) for text in mapping or ()),
    )
    try:
        if dry_run:
            shown = preview(home, named, handed)
            print_json({**_facts(shown), "stored": False}) if as_json else _tell(shown, "Nothing was stored.")
            return
        done = import_it(home, named, handed, by)
    except NotImported as fault:
        for item in fault.faults:
            typer.echo(item.sentence, err=True)
        raise
    if as_json:
        print_json({**_facts(done.preview), "stored": True, "facts": done.facts, "linked": done.linked})
    else:
        _tell(done.preview, _done(done))


def queue_export(
    out: Annotated[Path, typer.Option("--out", "-o", help="Write it here; it must not be there yet.")],
    form: Annotated[
        str, typer.Option("--format", help="ris, for reference managers and screening tools.")
    ] = "ris",
    topic: Topic = None,
) -> None:
    """Write every record that waits to be screened as RIS, with its key here."""
    from living.service.queue_export import queue_as_ris

    if form != "ris":
        raise UserError(f"no format '{form[:20]}'", where="--format", fix="There is: ris")
    home = house()
    found = queue_as_ris(home, topic_of(home, topic))
    put_new(out, found.content)
    typer.echo(
        f"{found.records} records of {found.studies} studies that wait to be screened written to {out}."
    )


def _words(strategy: str) -> str:
    """The text of the file that a strategy names, else the words themselves."""
    path = Path(strategy)
    try:
        there = len(strategy) < 1000 and path.is_file()
    except OSError:  # a strategy is no name of a file that could be
        there = False
    return text_in(path) if there else strategy


def _pair(text: str) -> tuple[str, str]:
    field, equals, column = text.partition("=")
    if not equals or not field.strip() or not column.strip():
        raise UserError(
            f"'{text[:60]}' names no column", where="--map", fix='Write it as title="Article Title"'
        )
    return field.strip(), column.strip()


def _facts(shown: Preview) -> dict[str, object]:
    """A preview for programs."""
    return {
        **vars(shown),
        "counts": vars(shown.counts),
        "mapping": [list(pair) for pair in shown.mapping],
    }


def _tell(shown: Preview, last: str) -> None:
    """Say what a file is to what is stored, for people."""
    counts = shown.counts
    typer.echo(f"{shown.file}: {shown.format.upper()} in {shown.encoding.upper()}, for {shown.label}")
    if shown.mapping:
        read = [(field, column) for field, column in shown.mapping]
        print_table(("Field", "Read from column"), read, "")
    rows = [
        ("Entries in the file", counts.found),
        ("  new", counts.new),
        ("  known, with other content now", counts.changed),
        ("  known as they are", counts.unchanged),
        ("  twice in the file", counts.repeated),
        ("With an id that another source has", counts.duplicates),
        ("  the same DOI", counts.by_doi),
        ("  the same PMID", counts.by_pmid),
        ("Name a trial that is registered here", counts.by_trial),
    ]
    width = max(len(str(number)) for _, number in rows)
    for label, number in rows:
        typer.echo(f"{label:<38}{number:>{width}}")
    for key, title in shown.first:
        typer.echo(f"  {key}  {title[:90]}")
    typer.echo(last)


def _done(done: Imported) -> str:
    if not done.facts:
        return f"Nothing new: this file was imported before, as the search of {done.preview.already}."
    stored = done.preview.counts.new + done.preview.counts.changed
    links = f" {done.linked} links follow from their ids." if done.linked else ""
    return f"Stored: the search and {stored} records.{links}"
