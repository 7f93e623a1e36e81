"""The command line as a whole: its verbs, and what becomes of an error."""

from __future__ import annotations

import sys
from typing import NoReturn

import typer

from living import __version__
from living.cli import (
    daily,
    endings,
    evidence,
    importing,
    judging,
    letters,
    people,
    pooling,
    readers,
    reviews,
    strategy,
    team,
    watch,
    watching,
)
from living.errors import Exit, LivingError

app = typer.Typer(
    help="A living systematic review: watch the registries, extract, pool, decide, publish.",
    no_args_is_help=True,
    rich_markup_mode=None,
    add_completion=False,
    pretty_exceptions_enable=False,
)
for room in (
    watch,
    watching,
    evidence,
    readers,
    reviews,
    letters,
    endings,
    pooling,
    people,
    judging,
    daily,
    team,
    strategy,
    importing,
):
    room.add_to(app)
# typer brings its own copy of click or uses the one beside it; a wrong command raises this either way.
WrongUsage: type[Exception] = typer.BadParameter.__mro__[1]


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"living {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: bool = typer.Option(
        False, "--version", help="Print the version and stop.", is_eager=True, callback=_print_version
    ),
) -> None:
    """Take the options of `living` itself."""


def main() -> NoReturn:
    """Run a command; an error somebody can fix is one line and a documented exit code."""
    try:
        code = app(standalone_mode=False)
    except LivingError as fault:
        typer.echo(f"living: {fault}", err=True)
        sys.exit(int(fault.exit_code))
    except typer.Abort:
        typer.echo("living: stopped", err=True)
        sys.exit(int(Exit.OK))
    except WrongUsage as fault:
        fault.show()  # type: ignore[attr-defined]
        sys.exit(int(Exit.USAGE))
    sys.exit(int(code or 0))
