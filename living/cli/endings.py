"""Verbs about what ends: a version that is withdrawn, a topic that is retired, and either's return."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from living.cli.terminal import As, Json, house, print_json, speaker

if TYPE_CHECKING:
    from living.service.house import House
    from living.service.saying import Said

Name = Annotated[str, typer.Argument(help="The topic.")]
Because = Annotated[str, typer.Option("--because", help="Why, in words that readers will see.")]
Back = Annotated[bool, typer.Option("--restore", help="Take it back.")]


class Trigger(StrEnum):
    """Why living mode ends."""

    ANSWERED = "answered"
    QUIET = "quiet"
    RELEVANCE = "relevance"
    SUPERSEDED = "superseded"


def add_to(app: typer.Typer) -> None:
    """Add these verbs to the command line."""
    for verb in (withdraw, retire):
        app.command()(verb)


def withdraw(
    topic: Name,
    version: Annotated[str, typer.Argument(help="The version, such as v1.0.")],
    because: Because,
    by: As,
    restore: Back = False,
    as_json: Json = False,
) -> None:
    """Withdraw a published version: its bytes stay, its page and the lists say so, readers get a letter."""
    from living.service.endings import withdraw as say

    home = house()
    by = speaker(home, by, "SIGN", topic)
    said = say(home, topic, version, because, by, restore=restore)
    _tell(home, topic, said, f"{version} is {'put back' if restore else 'withdrawn'}", as_json)


def retire(
    topic: Name,
    because: Because,
    by: As,
    trigger: Annotated[Trigger, typer.Option(help="Which of the triggers it is.")] = Trigger.RELEVANCE,
    restore: Back = False,
    as_json: Json = False,
) -> None:
    """End a topic's living mode: nothing is searched any more, every version says so, a last letter goes."""
    from living.service.endings import retire as say

    home = house()
    by = speaker(home, by, "SIGN", topic)
    said = say(home, topic, trigger.value, because, by, restore=restore)
    _tell(home, topic, said, f"{topic} is {'living again' if restore else 'retired'}", as_json)


def _tell(home: House, topic: str, said: Said, what: str, as_json: bool) -> None:
    from living.service.publish import present

    if said.facts:
        present(home, topic)
    if as_json:
        print_json(said)
    else:
        letters = "The pages say so; letters wait in the outbox."
        typer.echo(f"{what}. {letters}" if said.facts else "Nothing new: this had been said before.")
