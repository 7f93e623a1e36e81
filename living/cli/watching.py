"""The verb about one registration: what its later versions say otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from living.cli.terminal import Json, Topic, house, print_json, print_table, topic_of

if TYPE_CHECKING:
    from living.service.registrations import ChangeRow, RegistrationView

COLUMNS = ("Posted", "What changed", "Weight", "When", "Before", "Since then")


def add_to(app: typer.Typer) -> None:
    """Add this verb to the command line."""
    app.command()(registration)


def registration(
    key: Annotated[str, typer.Argument(help="The registration's id, such as NCT04270877.")],
    every: Annotated[bool, typer.Option("--all", help="Also spelling, dates and small numbers.")] = False,
    topic: Topic = None,
    as_json: Json = False,
) -> None:
    """Show what later versions of a registration say otherwise, and how much that weighs."""
    from living.service.registrations import registration_view

    home = house()
    found = registration_view(home, topic_of(home, topic), key)
    if as_json:
        print_json(found)
        return
    typer.echo(f"{found.key}, {found.label}: {found.title or 'no title'}")
    typer.echo(_versions(found))
    if len(found.versions) > 1:
        rows = sorted((*found.changes, *(found.noise if every else ())), key=lambda row: -row.new_line)
        print_table(COLUMNS, [_row(row) for row in rows], "Nothing that weighs was changed.")
    if found.noise and not every:
        typer.echo(f"Left out, of spelling, dates or small numbers: {len(found.noise)}; --all shows them.")


def _versions(found: RegistrationView) -> str:
    if not found.versions:
        return "No version has been read from the register yet."
    first = found.versions[0]
    count = "One version" if len(found.versions) == 1 else f"{len(found.versions)} versions"
    return f"{count} read here since {first.seen}; what changed before that is not known."


def _row(row: ChangeRow) -> tuple[str, ...]:
    return (row.posted or row.seen, row.words, row.weight, row.when, row.before, row.after)
