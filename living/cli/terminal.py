"""What every verb shares: its options, opening the home, printing for people or for programs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from living.errors import EnvironmentFault, UserError

WHOLE = ("Key", "Setting", "Topic")  # people copy these: never broken over lines

if TYPE_CHECKING:
    from living.service.house import House
    from living.service.saying import Said

Json = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
Topic = Annotated[str | None, typer.Option("--topic", "-t", help="The topic; needed when there are several.")]
As = Annotated[
    str,
    typer.Option(
        "--as", help="Who says so: a login or id from `living people list`; while there are none, any id."
    ),
]


def house() -> House:
    """Open the home that the settings name."""
    from living.config import load_settings
    from living.service.house import open_house

    return open_house(load_settings())


def topic_of(home: House, topic: str | None) -> str:
    """Return the topic meant."""
    from living.service.topics import only_topic

    return only_topic(home, topic)


def speaker(home: House, named: str, act: str, topic: str) -> str:
    """Return the id that facts carry for whoever --as names, when their roles allow the act."""
    from living.service.accounts import acting
    from living.service.policy import Act

    return acting(home, named, Act[act], topic)


def print_json(value: Any) -> None:
    """Print a value as JSON on one line."""
    typer.echo(json.dumps(value, ensure_ascii=False, sort_keys=True, default=_plain))


def print_table(columns: Sequence[str], rows: Sequence[Sequence[object]], nothing: str) -> None:
    """Print rows under their headings, or the sentence that says there are none."""
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table

    if not rows:
        typer.echo(nothing)
        return
    table = Table(box=SIMPLE_HEAD, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column, overflow="fold", no_wrap=column in WHOLE)
    for row in rows:
        table.add_row(*(str(cell) for cell in row))
    Console(highlight=False, markup=False).print(table)


def told(said: Said, as_json: bool) -> None:
    """Say what a form or a file came to on the ledger."""
    if as_json:
        print_json(said)
    elif said.facts:
        typer.echo(f"Stored: {said.facts} facts, up to ledger line {said.last_seq}.")
    else:
        typer.echo("Nothing new: all of this had been said before.")


def bytes_in(file: Path) -> bytes:
    """Return what is in a file. Raises UserError when it cannot be read."""
    try:
        return file.read_bytes()
    except OSError as fault:
        raise UserError(f"cannot be read ({fault.strerror})", where=str(file)) from fault


def text_in(file: Path) -> str:
    """Return the text of a file. Raises UserError when it cannot be read or is not UTF-8."""
    try:
        return bytes_in(file).decode("utf-8")
    except UnicodeDecodeError as fault:
        raise UserError(
            f"not UTF-8 text (byte {fault.start})", where=str(file), fix="Save it as UTF-8"
        ) from fault


def put_new(out: Path, content: bytes) -> None:
    """Write a file that is not there yet. Raises UserError when it is, EnvironmentFault when it cannot."""
    try:
        with out.open("xb") as file:
            file.write(content)
    except FileExistsError as fault:
        fix = "Name another file"
        raise UserError("exists already; nothing is overwritten", where=str(out), fix=fix) from fault
    except OSError as fault:
        raise EnvironmentFault(f"cannot write ({fault.strerror})", where=str(out)) from fault


def _plain(value: object) -> object:
    if hasattr(value, "model_dump"):
        return value.model_dump(mode="json")
    return vars(value) if hasattr(value, "__dict__") else str(value)
