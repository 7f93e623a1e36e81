"""Extractions as tables on the command line: take them out, take an empty one, hand a filled one in."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from living.cli.terminal import As, Json, Topic, bytes_in, house, print_json, put_new, speaker, told, topic_of
from living.errors import UserError

Out = Annotated[
    Path, typer.Option("--out", "-o", help="Write it here; the ending says which: .csv or .xlsx.")
]


def add_to(extract: typer.Typer) -> None:
    """Add these verbs to `living extract`."""
    extract.command("export")(extract_export)
    extract.command("template")(extract_template)
    extract.command("import")(extract_import)


def extract_export(
    out: Out,
    by: As,
    mine: Annotated[bool, typer.Option("--mine", help="Your own extractions only.")] = False,
    topic: Topic = None,
) -> None:
    """Write everybody's extractions as a table; what you may not see yet stands without content."""
    from living.service.exchange import extractions_table

    home = house()
    named = topic_of(home, topic)
    by = speaker(home, by, "LOOK", named)
    put_new(out, extractions_table(home, named, by, _format(out), mine))
    typer.echo(f"Extractions written to {out}.")


def extract_template(out: Out, topic: Topic = None) -> None:
    """Write an empty table to fill in."""
    from living.service.exchange import blank_table

    home = house()
    put_new(out, blank_table(home, topic_of(home, topic), _format(out)))
    typer.echo(f"Empty table written to {out}. Fill it in, then: living extract import {out} --as YOU")


def extract_import(
    file: Annotated[Path, typer.Argument(help="The filled table, CSV or XLSX.")],
    by: As,
    topic: Topic = None,
    as_json: Json = False,
) -> None:
    """Check a filled table as forms are checked and append it, whole or not at all."""
    from living.service.exchange import NotTaken, hand_in_table

    home = house()
    named = topic_of(home, topic)
    by = speaker(home, by, "EXTRACT", named)
    try:
        taken = hand_in_table(home, named, file.name, bytes_in(file), by)
    except NotTaken as fault:
        for item in fault.faults:
            typer.echo(item.sentence, err=True)
        raise
    if as_json:
        print_json({"facts": taken.said.facts, "rows": taken.own, "others": taken.others})
    else:
        told(taken.said, as_json)


def _format(out: Path) -> Literal["csv", "xlsx"]:
    ending = out.suffix.lower()
    if ending not in (".csv", ".xlsx"):
        raise UserError("the file's ending says what to write", where=str(out), fix="Use .csv or .xlsx")
    return "csv" if ending == ".csv" else "xlsx"
