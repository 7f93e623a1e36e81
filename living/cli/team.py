"""Verbs of working together: the queue, progress, claims, requests, remarks, and the audit trail."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from living.cli import importing
from living.cli.terminal import As, Json, Topic, house, print_json, print_table, put_new, speaker, topic_of
from living.errors import Exit, UserError

if TYPE_CHECKING:
    from living.service.audit import AuditLine
    from living.service.house import House
    from living.service.policy import Person

Study = Annotated[str, typer.Argument(help="A record key of the study, as `living studies` shows it.")]
Viewer = Annotated[str, typer.Option("--as", help="Who looks: a login or id; shows what waits for them.")]


def add_to(app: typer.Typer) -> None:
    """Add these verbs to the command line."""
    for verb in (progress, claim, assign, remark, remarks, audit):
        app.command()(verb)
    waiting = typer.Typer(invoke_without_command=True)
    waiting.callback()(queue)
    importing.add_export_to(waiting)
    app.add_typer(waiting, name="queue")


def queue(
    ctx: typer.Context,
    by: Viewer = "",
    kind: Annotated[str, typer.Option(help="Only tasks of this kind, such as screen or extract.")] = "",
    mine: Annotated[bool, typer.Option("--mine", help="Only what the person of --as can do now.")] = False,
    topic: Topic = None,
    as_json: Json = False,
) -> None:
    """Show what waits for people, most urgent first, and why it is not for the person of --as."""
    from living.service.tasks import only, waiting_for

    if ctx.invoked_subcommand:
        return
    home = house()
    name = topic_of(home, topic)
    if mine and not by:
        raise UserError("--mine asks for a person", where="--as", fix="Name one with --as")
    found = only(waiting_for(home, name, _viewer(home, name, by)), kind, "mine" if mine else "")
    if as_json:
        print_json([_task(item, named=bool(by)) for item in found])
        return
    rows = [
        (item.said_kind, item.label, item.study, item.detail, _about(item.why_not if by else "", item))
        for item in found
    ]
    print_table(("Task", "Study", "Key", "Why", "Who"), rows, "Nothing waits.")


def progress(topic: Topic = None, as_json: Json = False) -> None:
    """Show how far the studies have come, in counts that add up."""
    from living.service.progress import study_list

    home = house()
    found = study_list(home, topic_of(home, topic)).progress
    if as_json:
        print_json(found)
        return
    typer.echo(f"{found.studies} studies: {_counts(found.standings)}")
    typer.echo(f"{found.included} included: {_counts(found.reading)}")
    typer.echo(f"{found.imported} with numbers that rest on an import")
    typer.echo(f"{found.trusted} with settled trustworthiness, {found.judged} with risk of bias judged")


def claim(
    study: Study,
    by: As,
    release: Annotated[bool, typer.Option("--release", help="Give the claim back.")] = False,
    topic: Topic = None,
) -> None:
    """Say that you are at a study, for two hours; it blocks nobody's facts."""
    from living.service.claims import release as give_back
    from living.service.claims import take

    home = house()
    name = topic_of(home, topic)
    who = speaker(home, by, "REMARK", name)
    if release:
        give_back(home, name, study, who)
        typer.echo("Given back.")
        return
    typer.echo(f"Yours until {take(home, name, study, who).until[11:16]} UTC.")


def assign(
    study: Study,
    kind: Annotated[str, typer.Argument(help="The kind of task, as `living queue --json` names it.")],
    account: Annotated[str, typer.Argument(help="Whom to ask: a login or an id.")],
    by: As,
    take_back: Annotated[bool, typer.Option("--take-back", help="Take the request back.")] = False,
    topic: Topic = None,
) -> None:
    """Ask somebody to do a task that waits; others may still do it."""
    from living.service.accounts import known_account
    from living.service.assignments import assign as ask
    from living.service.assignments import unassign

    home = house()
    name = topic_of(home, topic)
    who, whom = speaker(home, by, "ORGANISE", name), known_account(home, account).id
    if take_back:
        gone = unassign(home, name, study, kind, whom, who)
        typer.echo("Taken back." if gone else "There was no such request.")
        return
    typer.echo("Asked." if ask(home, name, study, kind, whom, who) else "That was asked before.")


def remark(
    study: Study,
    text: Annotated[str, typer.Argument(help="What to say; @NAME tells that person.")],
    by: As,
    answers: Annotated[int | None, typer.Option(help="The number of the remark that this answers.")] = None,
    topic: Topic = None,
) -> None:
    """Write a remark to the team on a study; of a study still read blind, write nothing of what you read."""
    from living.service.remarks import remark as write

    home = house()
    name = topic_of(home, topic)
    number = write(home, name, study, text, speaker(home, by, "REMARK", name), answers=answers)
    typer.echo(f"Kept as remark {number}.")


def remarks(study: Study, by: As, topic: Topic = None, as_json: Json = False) -> None:
    """Show the remarks on a study that you may read."""
    from living.service.remarks import remarks_on

    home = house()
    name = topic_of(home, topic)
    found = remarks_on(home, name, study, speaker(home, by, "LOOK", name))
    if as_json:
        print_json(found.shown)
        return
    for one in (item for first in found.shown for item in (first, *first.answers)):
        state = " (dealt with)" if one.done else ""
        typer.echo(f"{one.id}, {one.who}, {one.at}{state}: {one.text or 'erased by an administrator'}")
    if found.held_back:
        typer.echo(f"{found.held_back} held back until enough people have handed in the study.")


def audit(
    by: Annotated[str, typer.Option("--as", help="Who looks; without it, what everybody may see.")] = "",
    person: Annotated[str, typer.Option(help="Only what this login or id said.")] = "",
    kind: Annotated[str, typer.Option(help="Only this kind, such as extraction, or operation.")] = "",
    study: Annotated[str, typer.Option(help="Only what is about the study of this record.")] = "",
    since: Annotated[str, typer.Option(help="From this day, UTC.")] = "",
    to: Annotated[str, typer.Option(help="To this day, UTC.")] = "",
    text: Annotated[str, typer.Option(help="Only lines with these words.")] = "",
    check: Annotated[bool, typer.Option("--check", help="Recompute the chain and stop.")] = False,
    events: Annotated[bool, typer.Option("--events", help="Show unusual events instead.")] = False,
    reviewed: Annotated[str, typer.Option(help="Record that --as has looked at all events: a note.")] = "",
    out: Annotated[Path | None, typer.Option("--out", "-o", help="Write the lines to this CSV file.")] = None,
    topic: Topic = None,
    as_json: Json = False,
) -> None:
    """Show the audit trail, newest first: who said what when, what it said before, and why."""
    from living.service.audit import Filters, as_csv, audit_lines
    from living.service.audit import as_json as exported

    home = house()
    name = topic_of(home, topic)
    viewer = speaker(home, by, "AUDIT", name) if by else ""
    if check:
        _check(home, name)
        return
    if events or reviewed:
        _events(home, name, viewer, reviewed, as_json)
        return
    known = home.store.account_called(person) if person else None
    filters = Filters(known.id if known else person, kind, study, since, to, text)
    found = audit_lines(home, name, viewer, filters)
    if out is not None:
        put_new(out, as_csv(found))
        typer.echo(f"{len(found)} lines written to {out}.")
    elif as_json:
        print_json(exported(found))
    else:
        columns = ("Key", "When", "Who", "What", "About", "Before", "Says", "Why")
        print_table(columns, [_line(item) for item in found], "Nothing passes these filters.")


def _check(home: House, topic: str) -> None:
    from living.service.audit import check_chain

    found = check_chain(home, topic)
    typer.echo(f"{'The chain holds' if found.sound else 'The chain is broken'}: {found.told}")
    if not found.sound:
        raise typer.Exit(int(Exit.NOT_VERIFIED))


def _events(home: House, topic: str, viewer: str, note: str, as_json: bool) -> None:
    from living.service.events import events, record_review

    found = events(home, topic, viewer)
    if note:
        if not viewer:
            raise UserError("a review is somebody's", where="--as", fix="Name the person with --as")
        record_review(home, topic, viewer, found.last_line, found.last_operation, note)
        typer.echo(f"Recorded: looked at everything up to line {found.last_line}.")
        return
    if as_json:
        print_json([{**vars(rule), "events": [vars(one) for one in rule.events]} for rule in found.rules])
        return
    rows = [
        (", ".join(one.lines), one.at, one.who, rule.title, f"{one.said}{f': {one.label}' * bool(one.label)}",
         "new" if one.new else "")
        for rule in found.rules
        for one in rule.events
    ]  # fmt: skip
    print_table(("Key", "When", "Who", "Rule", "What", ""), rows, "Nothing unusual.")


def _line(item: AuditLine) -> tuple[str, ...]:
    from living.service.audit import HELD_BACK

    about = ", ".join(part for part in (item.label, item.about) if part)
    says = HELD_BACK if item.held_back else item.new
    return (item.line, item.at, item.who, item.said_kind, about, item.old, says, item.why)


def _viewer(home: House, topic: str, by: str) -> Person:
    """Who looks; without accounts, or without a name, somebody with every role and nothing done yet."""
    from living.service.accounts import person_of
    from living.service.policy import Person, Role

    who = speaker(home, by, "LOOK", topic) if by else ""
    return person_of(home, who) or Person(who, who, {topic: frozenset(Role)})


def _task(item: object, *, named: bool) -> dict[str, object]:
    """The task as programs know it; why it is not for somebody only where somebody was named."""
    shown = {name: value for name, value in vars(item).items() if name not in ("claims", "asked")}
    shown["claimed_by"] = [one.by for one in vars(item)["claims"]]
    shown["asked_of"] = [one.account for one in vars(item)["asked"]]
    return shown if named else {name: value for name, value in shown.items() if name != "why_not"}


def _about(why_not: str, item: object) -> str:
    at_it = [f"{one.who} is at it" for one in vars(item)["claims"]]
    asked = [f"asked of {one.who}" for one in vars(item)["asked"]]
    return "; ".join([*([f"not for you: {why_not}"] if why_not else []), *at_it, *asked])


def _counts(parts: tuple[tuple[str, int], ...]) -> str:
    return ", ".join(f"{number} {words}" for words, number in parts)
