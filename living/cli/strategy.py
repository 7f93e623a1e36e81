"""Verbs of how sources are searched: try a query, see what it would lose, sign it, and what stands."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from living.cli.terminal import As, Json, house, print_json, speaker, topic_of
from living.errors import UserError

if TYPE_CHECKING:
    from living.model.protocol import Source
    from living.service.house import House
    from living.service.strategy import Trial

Where = Annotated[
    str | None,
    typer.Argument(help="A bundled topic or a topic's folder, whose protocol.toml holds the query to try."),
]
OneSource = Annotated[str | None, typer.Option("--source", help="Only this source.")]
Query = Annotated[str | None, typer.Option("--query", help="Try this query, and not the one in the file.")]


def add_to(app: typer.Typer) -> None:
    """Add these verbs to the command line."""
    verbs = typer.Typer(help="How the sources are searched: try, sign, see.", no_args_is_help=True)
    verbs.command("try")(try_query)
    verbs.command("sign")(sign)
    verbs.command("list")(strategies)
    app.add_typer(verbs, name="strategy")


def try_query(
    topic: Where = None, source: OneSource = None, query: Query = None, as_json: Json = False
) -> None:
    """Ask the registry what a changed search would list, and show what it gains and loses; change nothing."""
    from living.service.strategy import try_search

    home = house()
    name, wanted = _wanted(home, topic, source, query)
    if not wanted:
        _say_nothing_changed(name, as_json)
        return
    found = [try_search(home, name, item) for item in wanted]
    if as_json:
        print_json([_plain(item) for item in found])
        return
    for item in found:
        _show(item)


def sign(
    by: As,
    reason: Annotated[str, typer.Option(help="Why the source is searched like this.")],
    topic: Where = None,
    source: OneSource = None,
    query: Query = None,
    losing: Annotated[
        list[str] | None, typer.Option(help="A record that the search must list and does not; once for each.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Try a search once more and sign it: it may then come into force, and what it loses is accepted."""
    from living.service.strategy import sign_search

    home = house()
    name, wanted = _wanted(home, topic, source, query)
    who = speaker(home, by, "SIGN", name)
    if not wanted:
        _say_nothing_changed(name, as_json)
        return
    if len(wanted) > 1:
        known = ", ".join(item.id for item in wanted)
        raise UserError(
            "the searches of several sources were changed", fix=f"Sign each: --source, one of {known}"
        )
    trial, said = sign_search(home, name, wanted[0], reason, who, losing=losing or ())
    if as_json:
        print_json({"trial": _plain(trial), "facts": said.facts, "last_seq": said.last_seq})
        return
    _show(trial)
    typer.echo("Signed." if said.facts else "Signed already, with these very words and numbers.")
    if not trial.in_force:
        typer.echo(f"It comes into force with `living topics load {topic or name}`.")


def strategies(topic: Where = None, as_json: Json = False) -> None:
    """List how each source is searched, who signed that, and what must be listed."""
    from living.service.strategy_views import searches

    home = house()
    found = searches(home, _topic(home, topic))
    if as_json:
        print_json(found)
        return
    for item in found.sources:
        typer.echo(f"{item.label} ({item.id}), so searched since {item.since[:10]}: {item.query}")
        if item.translation:
            typer.echo(f"  read as: {item.translation}")
        typer.echo(
            f"  last full search: {item.census[:16].replace('T', ' ') or 'none yet'}; must be listed:"
            f" {len(item.canaries)}, missing: {len(item.missing)}"
        )
        for version in item.versions:
            why = f": {version.reason}" if version.reason else ""
            typer.echo(f"  {version.at[:10]} {version.what} by {version.by}{why}")
    for alarm in found.alarms:
        typer.echo(f"! {alarm.label}: {alarm.text}. {alarm.action}{':' if alarm.command else '.'}")
        if alarm.command:
            typer.echo(f"    {alarm.command}")


def _wanted(
    home: House, topic: str | None, source: str | None, query: str | None
) -> tuple[str, tuple[Source, ...]]:
    """The topic meant, and the searches: the query given, else what the topic's file has changed."""
    from living.service.strategy import in_file, source_named, with_query
    from living.service.topics import folder_of

    name = _topic(home, topic)
    if query is not None:
        return name, (with_query(source_named(home, name, source), query),)
    return name, in_file(home, name, folder_of(home, topic or name), source)


def _topic(home: House, topic: str | None) -> str:
    """A folder is called as its topic."""
    return topic_of(home, Path(topic).resolve().name if topic else None)


def _say_nothing_changed(topic: str, as_json: bool) -> None:
    if as_json:
        print_json([])
        return
    typer.echo(f"{topic}: the file searches every source as the protocol in force does; nothing to try.")
    typer.echo("To try the search in force, name a source; to try another, give --query.")


def _show(item: Trial) -> None:
    """Say what a search would find, gain and lose; `!` marks what every full search must list."""
    which = "the search in force" if item.in_force else "a changed search"
    typer.echo(f"{item.label}: {which}\n  query: {item.query}")
    if item.translation:
        typer.echo(f"  read as: {item.translation}")
    since = f"the last full search ({item.before_at[:10]}) found {item.before}" if item.before_at else ""
    typer.echo(f"  lists {item.found} entries; {since or 'there was no full search yet'}")
    must, others = item.compared.lost_included, len(item.compared.lost) - len(item.compared.lost_included)
    typer.echo(f"  lost: {len(must)} that must be listed, {others} others")
    for lost in item.compared.lost:
        standing = lost.standing.replace("_", " ")
        study = f"{lost.study}, {standing}" if lost.study else standing
        typer.echo(f"    {'!' if lost.counts else '-'} {lost.key} ({study}): {lost.title or 'no title'}")
    typer.echo(f"  gained: {len(item.gained)}{': ' if item.gained else ''}{' '.join(item.gained)}")


def _plain(item: Trial) -> dict[str, object]:
    lost = [vars(one) | {"must_be_listed": one.counts} for one in item.compared.lost]
    return {**{name: value for name, value in vars(item).items() if name != "compared"}, "lost": lost}
