"""The command line as a whole: its verbs, and what becomes of an error."""

from __future__ import annotations

import sys
from typing import NoReturn

import typer
from click import ClickException

from living import __version__
from living.cli import evidence, pooling, readers, watch
from living.errors import Exit, LivingError

app = typer.Typer(
    help="A living systematic review: watch the registries, extract, pool, decide, publish.",
    no_args_is_help=True,
    rich_markup_mode=None,
    add_completion=False,
    pretty_exceptions_enable=False,
)
for room in (watch, evidence, readers, pooling):
    room.add_to(app)


@app.callback()
def _options(
    version: bool = typer.Option(False, "--version", help="Print the version and stop.", is_eager=True),
) -> None:
    if version:
        typer.echo(f"living {__version__}")
        raise typer.Exit


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
    except ClickException as fault:
        fault.show()
        sys.exit(int(Exit.USAGE))
    sys.exit(int(code or 0))
