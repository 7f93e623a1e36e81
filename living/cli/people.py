"""Verbs about people: the first administrator, invitations, roles, closing, a way back in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from living.cli.terminal import Json, house, print_json, print_table

if TYPE_CHECKING:
    from living.service.house import House

Somebody = Annotated[str, typer.Argument(help="A login or an id, as `living people list` shows it.")]
RoleName = Annotated[
    str, typer.Argument(help="reader, screener, extractor, adjudicator, editor or administrator.")
]
InTopic = Annotated[str, typer.Option("--topic", "-t", help="The topic; without it, every topic.")]


def add_to(app: typer.Typer) -> None:
    """Add these verbs to the command line."""
    people = typer.Typer(help="Accounts and roles of the workbench.", no_args_is_help=True)
    for name, verb in (
        ("list", people_list),
        ("first", people_first),
        ("invite", people_invite),
        ("grant", people_grant),
        ("take", people_take),
        ("reset", people_reset),
        ("close", people_close),
    ):
        people.command(name)(verb)
    app.add_typer(people, name="people")


def people_list(as_json: Json = False) -> None:
    """List accounts, roles, and who has a second factor."""
    from living.service.roster import roster

    found = roster(house())
    if as_json:
        print_json(found)
        return
    rows = [
        (
            one.name,
            one.login or "-",
            one.id,
            one.state,
            "yes" if one.second else "no",
            "; ".join(f"{held.role}, {held.where}" for held in one.held),
        )
        for one in found
    ]
    columns = ("Name", "Login", "Key", "State", "Second factor", "Roles")
    print_table(columns, rows, "Nobody yet: `living people first` prints a link.")


def people_first() -> None:
    """Print a new one-time link that makes the first administrator; older ones stop working."""
    from living.service.accounts import first_link

    _link(first_link(house()))


def people_invite(
    name: Annotated[str, typer.Argument(help="The name that the team knows the person by.")],
    role: RoleName,
    topic: InTopic = "",
    address: Annotated[str, typer.Option(help="An e-mail address for letters about waiting work.")] = "",
) -> None:
    """Make an account and print the one-time link on which the person chooses login and password."""
    from living.service.accounts import CONSOLE, invite

    account, link = invite(house(), CONSOLE, name, role, topic, address)
    typer.echo(f"{name} is {account} on the ledger.")
    _link(link)


def people_grant(person: Somebody, role: RoleName, topic: InTopic = "") -> None:
    """Give somebody a role."""
    from living.service.accounts import CONSOLE, grant

    new = grant(house(), CONSOLE, person, role, topic)
    typer.echo("The role is given." if new else "Nothing new: the role was held already.")


def people_take(person: Somebody, role: RoleName, topic: InTopic = "") -> None:
    """Take a role from somebody."""
    from living.service.accounts import CONSOLE, take

    gone = take(house(), CONSOLE, person, role, topic)
    typer.echo("The role is taken." if gone else "Nothing new: the role was not held.")


def people_reset(person: Somebody) -> None:
    """Print a one-time link for a new password; the second factor is set up anew, sessions end."""
    from living.service.accounts import CONSOLE, reset_link

    _link(reset_link(house(), CONSOLE, person))


def people_close(
    person: Somebody,
    erase: Annotated[bool, typer.Option("--erase", help="Also erase login, name and address.")] = False,
) -> None:
    """Close an account: its sessions end, nobody can sign in with it; what it said stays."""
    from living.service.accounts import CONSOLE, close

    close(house(), CONSOLE, person, erase=erase)
    typer.echo("The account is closed." + (" Login, name and address are erased." if erase else ""))


def first_words(home: House) -> list[str]:
    """Return what a start says while nobody has an account."""
    from living.service.accounts import first_link

    if home.store.any_account():
        return [f"The workbench is at {home.settings.address}/desk/"]
    return [
        "Nobody has an account yet. This link makes the first administrator, once, within a day:",
        first_link(home),
    ]


def _link(link: str) -> None:
    typer.echo("Open this once; it is printed only here:")
    typer.echo(link)
