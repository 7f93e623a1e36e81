"""Verbs about what is published: versions, their differences, verify, rebuild, print."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from living.cli.terminal import Json, Topic, house, print_json, print_table, topic_of
from living.errors import Exit, UserError


def add_to(app: typer.Typer) -> None:
    """Add these verbs to the command line."""
    for verb in (versions, diff, verify, rebuild, pdf):
        app.command()(verb)


def versions(topic: Topic = None, as_json: Json = False) -> None:
    """List the published versions."""
    from living.service.publish import version_rows

    home = house()
    rows = version_rows(home, home.store.state(topic_of(home, topic)))
    if as_json:
        print_json(rows)
        return
    print_table(
        ("Version", "Date", "Why", "Signed"),
        [(row.version, row.date, row.banner, "yes" if row.signed else "no") for row in rows],
        "No version is published yet.",
    )


def diff(
    topic: Annotated[str, typer.Argument(help="The topic.")],
    older: Annotated[str, typer.Argument(help="The older version, such as v1.0.")],
    newer: Annotated[str, typer.Argument(help="The newer version, such as v3.0.")],
    as_json: Json = False,
) -> None:
    """Show what changed between two published versions: each cause, and what it did to each average."""
    from living.service.differences import difference_of

    found = difference_of(house(), topic, older, newer)
    if as_json:
        print_json(found)
        return
    for course in found.courses:
        if course.kind == "analysis":
            typer.echo(course.said)
            for move in course.moves:
                typer.echo(f"  {move.said}")
    for cause in found.causes:
        if cause.kind in ("verification", "judgement", "notice", "list"):
            typer.echo(f"{cause.text}.")
    for note in found.notes:
        typer.echo(note)
    if not found.courses and not found.causes:
        typer.echo("Nothing differs.")


def verify(
    folder: Annotated[Path | None, typer.Argument(help="A version's folder.")] = None,
    store: Annotated[bool, typer.Option("--store", help="Check the store of this home instead.")] = False,
    as_json: Json = False,
) -> None:
    """Check a version's folder against itself, with no database: hashes, schema, digest, every result."""
    from living.service.checks import check_folder, check_store

    if store == (folder is not None):
        raise UserError("name a version's folder, or --store", fix="living verify var/site/TOPIC/v1.0")
    findings = check_store(house()) if folder is None else check_folder(folder)
    if as_json:
        print_json({"ok": not findings, "findings": findings})
    else:
        for finding in findings:
            typer.echo(finding)
        typer.echo("All is well." if not findings else f"{len(findings)} findings.")
    if findings:
        raise typer.Exit(int(Exit.NOT_VERIFIED))


def rebuild(
    topic: Annotated[str, typer.Argument(help="The topic.")],
    version: Annotated[str, typer.Argument(help="The version, such as v1.0.")],
    check: Annotated[bool, typer.Option("--check", help="Compare with what is published.")] = False,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="Write the rebuilt folder here.")] = None,
    as_json: Json = False,
) -> None:
    """Build a published version again from the ledger; compare its bytes, or its results under other code."""
    from living.service.checks import rebuild as build_again

    if not check and out is None:
        raise UserError("say what to do with it", fix="--check compares, --out FOLDER writes it")
    found = build_again(house(), topic, version, out)
    if as_json:
        print_json(found)
    else:
        for finding in found.findings:
            typer.echo(finding)
        typer.echo(found.told)
    if found.findings:
        raise typer.Exit(int(Exit.NOT_VERIFIED))


def pdf(
    topic: Annotated[str, typer.Argument(help="The topic.")],
    version: Annotated[str, typer.Argument(help="The version, such as v1.0.")],
    out: Annotated[Path | None, typer.Option("--out", "-o", help="File to write.")] = None,
    as_json: Json = False,
) -> None:
    """Print a published version on A4 as a PDF, through an installed Chromium."""
    from living.service.pdf import print_pdf

    written = print_pdf(house(), topic, version, out or Path(f"{topic}-{version}.pdf"))
    print_json({"pdf": str(written)}) if as_json else typer.echo(f"Printed to {written}.")
