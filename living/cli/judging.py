"""Verbs of people who judge: trustworthiness, risk of bias, certainty."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from living.cli.terminal import As, Json, Topic, house, put_new, speaker, text_in, told, topic_of

Study = Annotated[str, typer.Argument(help="A record key of the study, as `living studies` shows it.")]
Result = Annotated[str, typer.Argument(help="The result judged: an outcome, or the id of a cell.")]
File = Annotated[Path, typer.Argument(help="The filled file.")]
Together = Annotated[
    bool, typer.Option("--together", help="Settle it where those who judged alone differ, with a reason.")
]


class Tool(StrEnum):
    """What is judged."""

    TRUST = "trust"
    ROB = "rob"
    GRADE = "grade"


def add_to(app: typer.Typer) -> None:
    """Add these verbs to the command line."""
    judge = typer.Typer(help="Judge trustworthiness, risk of bias and certainty.", no_args_is_help=True)
    for name, verb in (("form", form), ("trust", trust), ("rob", rob), ("grade", grade)):
        judge.command(name)(verb)
    app.add_typer(judge, name="judge")


def form(
    tool: Annotated[Tool, typer.Argument(help="What is judged.")],
    subject: Annotated[str, typer.Argument(help="A study's record key, or an analysis.")],
    result: Annotated[str, typer.Argument(help="For risk of bias: the result judged.")] = "",
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="Write it here instead of printing it.")
    ] = None,
    topic: Topic = None,
) -> None:
    """Write an empty judgement with its questions and the facts on record, to fill in an editor."""
    from living.service.judging_forms import form_of

    home = house()
    text = form_of(home, topic_of(home, topic), tool.value, subject, result)
    if out is None:
        typer.echo(text)
        return
    put_new(out, text.encode())
    typer.echo(f"Form written to {out}.")


def trust(
    study: Study, file: File, by: As, together: Together = False, topic: Topic = None, as_json: Json = False
) -> None:
    """Hand in a filled assessment of a study's trustworthiness; it comes before risk of bias."""
    _hand_in("trust", study, "", file, by, together, topic, as_json)


def rob(
    study: Study,
    result: Result,
    file: File,
    by: As,
    together: Together = False,
    topic: Topic = None,
    as_json: Json = False,
) -> None:
    """Hand in a filled judgement of a result's risk of bias (RoB 2)."""
    _hand_in("rob", study, result, file, by, together, topic, as_json)


def grade(
    analysis: Annotated[str, typer.Argument(help="The analysis rated, as the protocol names it.")],
    file: File,
    by: As,
    topic: Topic = None,
    as_json: Json = False,
) -> None:
    """Hand in a filled rating of the certainty of an analysis (GRADE)."""
    _hand_in("grade", analysis, "", file, by, False, topic, as_json)


def _hand_in(
    tool: str,
    subject: str,
    result: str,
    file: Path,
    by: str,
    together: bool,
    topic: str | None,
    as_json: bool,
) -> None:
    from living.service.judging_forms import hand_in

    home = house()
    named = topic_of(home, topic)
    act = "GRADE" if tool == "grade" else "ADJUDICATE" if together else "JUDGE"
    who = speaker(home, by, act, named)
    said = hand_in(home, named, tool, subject, result, text_in(file), str(file), who, together=together)
    told(said, as_json)
