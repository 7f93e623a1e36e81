"""Verbs about letters: who asked for them, what waits, sending, and what came back."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from living.cli.terminal import Json, Topic, house, print_json, print_table, topic_of
from living.errors import UserError

Out = Annotated[Path, typer.Option("--out", "-o", help="Folder for --dry-run.")]


class Level(StrEnum):
    """Which changes a reader wants letters about."""

    EVERY_BULLETIN = "every_bulletin"
    NEW_STUDY = "new_study"
    CONCLUSIONS = "conclusions"
    RETRACTION = "retraction"


class Pace(StrEnum):
    """How often a reader wants letters; a retraction is told at once."""

    AT_ONCE = "at_once"
    WEEKLY = "weekly"
    MONTHLY = "monthly"


def add_to(app: typer.Typer) -> None:
    """Add these verbs to the command line."""
    for verb in (subscribe, subscribers, letters, send, bounces):
        app.command()(verb)


def subscribe(
    address: Annotated[str, typer.Argument(help="The reader's e-mail address.")],
    level: Annotated[Level, typer.Option(help="Which changes to write about.")] = Level.NEW_STUDY,
    pace: Annotated[Pace, typer.Option(help="At once, or one letter for all of a time.")] = Pace.AT_ONCE,
    topic: Topic = None,
    as_json: Json = False,
) -> None:
    """Note that somebody wants letters; a first letter asks them to confirm."""
    from living.service.letters import subscribe as note_wish

    home = house()
    reader = note_wish(home, topic_of(home, topic), address, level.value, pace=pace.value)
    if as_json:
        print_json({"id": reader.id, "state": reader.state})
    elif reader.state == "confirmed":
        typer.echo("This address is confirmed already; a letter will lead the reader to the choices.")
    else:
        typer.echo("Noted. A letter will ask the reader to confirm; nothing else is sent before.")


def subscribers(
    topic: Topic = None,
    addresses: Annotated[
        bool, typer.Option("--addresses", help="Show the addresses too; they are shown nowhere else.")
    ] = False,
    as_json: Json = False,
) -> None:
    """List the readers: what they want, how often, and whose address was stopped and why."""
    from living.service.outbox import readers

    home = house()
    found = readers(home, topic_of(home, topic), addresses=addresses)
    if as_json:
        print_json(found)
        return
    columns = ["Reader", "State", "Level", "Pace", "Bounces", "Stopped because"]
    rows = [
        [item.id[:8], item.state, item.level, item.pace, item.bounces, item.stopped or "-"] for item in found
    ]
    if addresses:
        columns.append("Address")
        rows = [[*row, item.address or "erased"] for row, item in zip(rows, found, strict=True)]
    print_table(columns, rows, "Nobody has asked for letters yet.")


def letters(
    topic: Topic = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Write the waiting letters to --out, send none.")
    ] = False,
    out: Out = Path("letters"),
    as_json: Json = False,
) -> None:
    """Show the outbox and what is held for digests, or write what would be sent as .eml files."""
    from living.service.outbox import drafts, held, outbox, places

    home = house()
    names = places(home, topic, () if topic else (topic_of(home, None),))
    if dry_run:
        written = [draft.path for name in names for draft in drafts(home, name, out)]
        print_json(written) if as_json else typer.echo(
            f"{len(written)} letters written to {out}; none was sent."
        )
        return
    found = [item for name in names for item in outbox(home, name)]
    if as_json:
        print_json(found)
        return
    rows: list[tuple[object, ...]] = [
        (item.event[:24], item.kind, item.subscriber[:8], item.state, item.attempts, item.error)
        for item in found
    ]
    rows += [
        (item.event[:24], item.kind, item.subscriber[:8], "held", 0, "")
        for name in names
        for item in held(home, name)
    ]
    print_table(("About", "Kind", "Reader", "State", "Tries", "Last error"), rows, "No letters yet.")


def send(
    topic: Topic = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Write what would go out to --out; send and mark nothing.")
    ] = False,
    out: Out = Path("letters"),
    as_json: Json = False,
) -> None:
    """Send the letters that are due now, or show what would go out."""
    from living.service.outbox import drafts, places
    from living.service.send import send_letters

    home = house()
    if dry_run:
        names = places(home, topic, home.store.topics())
        found = [draft for name in names for draft in drafts(home, name, out)]
        if as_json:
            print_json(found)
            return
        rows = [(item.topic, item.kind, item.reader[:8], item.subject) for item in found]
        print_table(("Topic", "Kind", "Reader", "Subject"), rows, "Nothing waits to go out.")
        if found:
            typer.echo(f"{len(found)} letters written to {out}; none was sent.")
        return
    if topic:
        raise UserError("letters are sent for all topics", where="--topic", fix="Leave it out")
    if not home.settings.smtp_host:
        raise UserError("no mail server is set", where="LIVING_SMTP_HOST", fix="Look with --dry-run")
    done = send_letters(home)
    if as_json:
        print_json(done)
    else:
        rest = f"{done.retry} to try again, {done.failed} failed, {done.unknown} unknown."
        paused = " Mail is paused." if home.settings.mail_paused else ""
        typer.echo(f"{done.sent} sent, {rest}{paused}")


def bounces(
    files: Annotated[
        list[str], typer.Argument(help="Delivery reports: files, folders of them, or - for standard input.")
    ],
    as_json: Json = False,
) -> None:
    """Read delivery reports that mail servers sent back (RFC 3464), and count what bounced."""
    from living.service.bounces import import_reports

    found = import_reports(house(), [read for name in files for read in _read(name)])
    if as_json:
        print_json(found)
        return
    rows = [(Path(item.file).name, item.found, item.reader[:8] or "-", item.why or "-") for item in found]
    print_table(("File", "What it is", "Reader", "What the server said"), rows, "No files there.")


def _read(name: str) -> list[tuple[str, bytes]]:
    """Return the files that a name stands for, with their bytes. Raises UserError where there are none."""
    if name == "-":
        return [("standard input", sys.stdin.buffer.read())]
    place = Path(name)
    try:
        paths = sorted(path for path in place.iterdir() if path.is_file()) if place.is_dir() else [place]
        return [(str(path), path.read_bytes()) for path in paths]
    except OSError as fault:
        raise UserError(f"cannot be read ({fault.strerror})", where=name) from fault
