"""Verbs of whoever runs the service: run, status, poll, topics, settings."""

from __future__ import annotations

import logging
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated

import typer

from living import __version__
from living.cli.people import first_words
from living.cli.status import plan_lines, status, when
from living.cli.terminal import Json, Topic, house, print_json, print_table, topic_of
from living.errors import Exit, UserError

if TYPE_CHECKING:
    from living.service.house import House
    from living.service.poll import Polled
    from living.service.topics import Loaded
    from living.service.turn import Turned

REPLAY = "Without a network, ./deploy/run --replay tells the whole story on loopback."


def add_to(app: typer.Typer) -> None:
    """Add these verbs to the command line."""
    for verb in (run, status, poll, refresh, settings):
        app.command()(verb)
    topics = typer.Typer(help="The topics here.", no_args_is_help=True)
    topics.command("list")(topics_list)
    topics.command("load")(topics_load)
    app.add_typer(topics, name="topics")


def run() -> None:
    """Start the service: topics, first version, site, and the daemon. Ctrl-C stops it."""
    from living.config import load_settings
    from living.daemon import Daemon
    from living.service.house import held, open_house
    from living.service.start import first_version
    from living.service.topics import usual_folders
    from living.web.serve import Site

    signal.signal(signal.SIGTERM, _stopped_before_the_start)
    home = open_house(load_settings())
    logging.basicConfig(level=home.settings.log_level, format="%(asctime)s %(levelname)s %(message)s")
    logging.getLogger("apscheduler").setLevel(logging.ERROR)  # it warns of every tick that had to wait
    with held(home.settings.home):
        site = Site(home)  # first of all, so that a port that is taken stops everything before it began
        home.settings = home.settings.model_copy(update={"port": site.port})
        typer.echo(f"living {__version__}; state in {home.settings.home.resolve()}")
        for folder in usual_folders(home):
            typer.echo(_loaded_or_kept(home, folder))
        for topic in home.store.topics():
            version = first_version(home, topic)
            typer.echo(f"{topic}: {version} is before readers")
        site.start()
        for line in first_words(home):
            typer.echo(line)
        typer.echo(f"Read it at {site.address}; ask how it is with {_here()} status")
        typer.echo("Searching the registries now, then as the protocol says. Ctrl-C stops.")
        try:
            finished = Daemon(home, _Teller()).run()
        finally:
            site.stop()
        typer.echo("Stopped; everything is stored.")
        if not finished:  # a request hangs; whatever it was for is done again at the next start
            sys.stdout.flush()
            os._exit(int(Exit.OK))


def _loaded_or_kept(home: House, folder: Path) -> str:
    """Load a topic; a search that nobody has signed stops no service: the one in force goes on."""
    from living.service.topics import QueryNotSigned, load_topic

    try:
        return _loaded(load_topic(home, folder))
    except QueryNotSigned as fault:
        return f"{folder.name}: as before. {fault}"


def _here() -> str:
    """Return this program as a second terminal would call it."""
    program = Path(sys.executable).with_name("living")
    if not program.exists():
        return "living"
    return str(program.relative_to(Path.cwd()) if program.is_relative_to(Path.cwd()) else program)


def _stopped_before_the_start(_signal: int, _frame: FrameType | None) -> None:
    """Every step may be stopped anywhere, so that a service stopped while it opens just ends."""
    raise SystemExit(int(Exit.OK))


def poll(
    topic: Topic = None,
    source: Annotated[str | None, typer.Option(help="Only this source.")] = None,
    explain: Annotated[
        bool, typer.Option("--explain", help="Say what would be asked, and ask nothing.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Search the sources now, due or not, and store what is new."""
    from living.service.explain import explained
    from living.service.poll import link, polled_sources
    from living.service.poll import poll as poll_source
    from living.service.topics import active

    home = house()
    name = topic_of(home, topic)
    _, protocol = active(home, name)
    wanted = [item for item in polled_sources(protocol) if source in (None, item.id)]
    if not wanted:
        known = ", ".join(item.id for item in polled_sources(protocol))
        raise UserError(f"no source '{source}' that is searched by machine", fix=f"Known: {known}")
    if explain:
        plans = [explained(home, name, item) for item in wanted]
        _show(plans, [line for plan in plans for line in (*plan_lines(plan), "")][:-1], as_json)
        return
    found = [poll_source(home, name, item) for item in wanted]
    link(home, name)
    _show(found, [told(item) for item in found], as_json)
    if not all(item.ok for item in found):
        raise typer.Exit(int(Exit.SOURCE))


def refresh(topic: Topic = None, as_json: Json = False) -> None:
    """Rerun the analyses, let the rule decide, and publish what it decided."""
    from living.service.publish import present, publish_bound
    from living.service.refresh import refresh as decide

    home = house()
    name = topic_of(home, topic)
    publish_bound(home, name)
    found = decide(home, name)
    publish_bound(home, name)
    present(home, name)
    if as_json:
        print_json(found)
    elif found.decision and not found.version and not found.decision.causes:
        typer.echo("The evidence is that of the last version; nothing to decide.")
    elif found.decision:
        made = ", ".join(found.versions) or "no new version"
        typer.echo(f"{found.decision.code} ({made}): {found.decision.banner}")


def topics_list(as_json: Json = False) -> None:
    """List the topics on the ledger."""
    from living.service.status import status_of

    found = status_of(house()).topics
    if as_json:
        print_json(found)
        return
    print_table(
        ("Topic", "Title", "Version"),
        [(item.id, item.title, item.version or "-") for item in found],
        "No topics.",
    )


def topics_load(
    topic: Annotated[
        str | None, typer.Argument(help="A bundled topic or a topic's folder; default: what a start loads.")
    ] = None,
    until: Annotated[str, typer.Option(help="The last day whose seed evidence is taken.")] = "9999-12-31",
    as_json: Json = False,
) -> None:
    """Read topic files: activate a changed protocol, enter seed evidence that is not there yet."""
    from living.service.topics import folder_of, load_topic, usual_folders

    home = house()
    folders = usual_folders(home) if topic is None else (folder_of(home, topic),)
    found = [load_topic(home, item, until) for item in folders]
    _show(found, [_loaded(item) for item in found], as_json)


def settings(as_json: Json = False) -> None:
    """List every setting with its value here and what it means."""
    from living.config import load_settings

    found = load_settings()
    fields = type(found).model_fields
    if as_json:
        print_json({name: str(getattr(found, name)) for name in fields})
        return
    rows = [
        (f"LIVING_{name.upper()}", str(getattr(found, name) or "-"), field.description or "")
        for name, field in fields.items()
    ]
    print_table(("Setting", "Value", "Meaning"), rows, "")


def told(item: Polled) -> str:
    """Return one poll in one line."""
    if not item.ok:
        return f"{item.label}: not searched: {item.error}. Tried again {when(item.next_due)}."
    absent = f", {item.absent} listed and not received" if item.absent else ""
    new = f"{item.stored} new or changed{absent}"
    return f"{item.label}: {item.listed} entries listed, {new}. Next: {when(item.next_due)}."


def _loaded(item: Loaded) -> str:
    what = "protocol activated" if item.activated else "protocol unchanged"
    return f"{item.topic}: {item.title} ({what}; {item.facts} facts entered)"


def _show(found: object, lines: Sequence[str], as_json: bool) -> None:
    if as_json:
        print_json(found)
        return
    for line in lines:
        typer.echo(line)


class _Teller:
    """Says what the first turn of each topic did; later ones speak through the pages and the log."""

    def __init__(self) -> None:
        self._said: set[str] = set()

    def __call__(self, turned: Turned) -> None:
        if turned.topic in self._said:
            return
        self._said.add(turned.topic)
        for item in turned.polled:
            typer.echo(told(item))
        if turned.polled and not any(item.ok for item in turned.polled):
            typer.echo(f"The site works without them. {REPLAY}")
