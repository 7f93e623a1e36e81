"""Verbs of people who work on the evidence: studies, screen, extract, link, sign."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal

import typer

from living.cli import exchange
from living.cli.proposing import PROPOSAL, sign_proposed
from living.cli.terminal import (
    As,
    Json,
    Topic,
    house,
    print_json,
    print_table,
    put_new,
    speaker,
    text_in,
    told,
    topic_of,
)
from living.errors import UserError

Study = Annotated[str, typer.Argument(help="A record key of the study, as `living studies` shows it.")]
File = Annotated[Path, typer.Argument(help="The filled file.")]


class Verdict(StrEnum):
    """A screening vote, or taking one's own back."""

    INCLUDE = "include"
    EXCLUDE = "exclude"
    UNSURE = "unsure"
    WITHDRAW = "withdraw"


VOTES: dict[Verdict, Literal["include", "exclude", "unsure"]] = {
    Verdict.INCLUDE: "include",
    Verdict.EXCLUDE: "exclude",
    Verdict.UNSURE: "unsure",
}


class Stage(StrEnum):
    """What a screening vote rests on."""

    TITLE = "title"
    FULL_TEXT = "full_text"


class Relation(StrEnum):
    """What two records are to each other."""

    SAME_STUDY = "same_study"
    SAME_REPORT = "same_report"
    DIFFERENT = "different"


class Certainty(StrEnum):
    """A GRADE rating."""

    HIGH = "high"
    MODERATE = "moderate"
    LOW = "low"
    VERY_LOW = "very_low"


def add_to(app: typer.Typer) -> None:
    """Add these verbs to the command line."""
    for verb in (studies, screen, link, sign):
        app.command()(verb)
    extract = typer.Typer(help="Fill and hand in extraction forms.", no_args_is_help=True)
    extract.command("form")(extract_form)
    extract.command("submit")(extract_submit)
    extract.command("adjudicate")(extract_adjudicate)
    exchange.add_to(extract)
    app.add_typer(extract, name="extract")


def studies(topic: Topic = None, as_json: Json = False) -> None:
    """List the studies and where each stands."""
    from living.service.topics import evidence_of

    home = house()
    evidence = evidence_of(home, topic_of(home, topic))
    rows = [
        (
            key,
            evidence.label(key),
            item.status.replace("_", " "),
            item.criterion,
            ", ".join(evidence.studies.by_key[key].aliases),
        )
        for key, item in evidence.standing.items()
    ]
    columns = ("Key", "Study", "Status", "Criterion", "Other records")
    if as_json:
        print_json([dict(zip(columns, row, strict=True)) for row in rows])
        return
    print_table(columns, rows, "No studies yet.")


def screen(
    study: Study,
    verdict: Annotated[Verdict, typer.Argument(help="Whether it belongs.")],
    by: As,
    criterion: Annotated[str, typer.Option(help="The criterion an exclusion rests on, such as E2.")] = "",
    reason: Annotated[str, typer.Option(help="Why, in a few words.")] = "",
    stage: Annotated[
        Stage, typer.Option(help="Judged on title and abstract (which never include), or on the full report.")
    ] = Stage.FULL_TEXT,
    change: Annotated[
        bool, typer.Option("--change", help="Change your own vote where you are one of those who disagree.")
    ] = False,
    topic: Topic = None,
    as_json: Json = False,
) -> None:
    """Vote on whether a study belongs in the review, or take your vote back."""
    from living.service.people import vote
    from living.service.screening import withdraw

    home = house()
    named = topic_of(home, topic)
    by = speaker(home, by, "SCREEN", named)
    if verdict is Verdict.WITHDRAW:
        told(withdraw(home, named, study, by, reason), as_json)
        return
    said = vote(home, named, study, VOTES[verdict], by, criterion, reason, stage.value, change)
    told(said, as_json)


def extract_form(
    study: Study,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="Write it here instead of printing it.")
    ] = None,
    topic: Topic = None,
) -> None:
    """Write a commented form for a study, to fill in an editor."""
    from living.service.people import form_for

    home = house()
    text = form_for(home, topic_of(home, topic), study)
    if out is None:
        typer.echo(text)
        return
    put_new(out, text.encode())
    typer.echo(f"Form written to {out}. Fill it in, then: living extract submit {out} --as YOU")


def extract_submit(file: File, by: As, topic: Topic = None, as_json: Json = False) -> None:
    """Check a filled form and append it, whole or not at all."""
    from living.service.people import submit_form

    home = house()
    named = topic_of(home, topic)
    by = speaker(home, by, "EXTRACT", named)
    told(submit_form(home, named, text_in(file), str(file), by), as_json)


def extract_adjudicate(file: File, by: As, topic: Topic = None, as_json: Json = False) -> None:
    """Check adjudications of cells on which readers differ, and append them."""
    from living.service.people import adjudicate

    home = house()
    named = topic_of(home, topic)
    by = speaker(home, by, "ADJUDICATE", named)
    told(adjudicate(home, named, text_in(file), str(file), by), as_json)


def link(
    a: Annotated[str, typer.Argument(help="A record key, such as pubmed:38258677.")],
    b: Annotated[str, typer.Argument(help="The other record's key.")],
    relation: Annotated[Relation, typer.Argument(help="What the two are to each other.")],
    by: As,
    why: Annotated[str, typer.Option(help="The evidence for the ruling.")],
    topic: Topic = None,
    as_json: Json = False,
) -> None:
    """Rule whether two records are one study, one report, or different studies."""
    from living.service.people import rule_link

    home = house()
    named = topic_of(home, topic)
    by = speaker(home, by, "LINK", named)
    told(rule_link(home, named, a, b, relation.value, why, by), as_json)


def sign(
    version: Annotated[
        str, typer.Argument(help="The published version, such as v2.0, or `proposal` before it is published.")
    ],
    by: As,
    conclusion: Annotated[str, typer.Option(help="The conclusion in one sentence.")] = "",
    certainty: Annotated[Certainty | None, typer.Option(help="The GRADE rating, if there is one.")] = None,
    digest: Annotated[str, typer.Option(help="Of the proposal that you reviewed and approve.")] = "",
    topic: Topic = None,
    as_json: Json = False,
) -> None:
    """Sign a digest with a conclusion; `proposal` without --digest shows what would be signed."""
    from living.service.people import sign as put_signature

    home = house()
    named = topic_of(home, topic)
    by = speaker(home, by, "SIGN", named)
    rating = certainty.value if certainty else None
    if version == PROPOSAL:
        sign_proposed(home, named, digest, conclusion, rating, by, as_json)
        return
    if digest:
        raise UserError("a published version has one digest", where="--digest", fix="Leave it out")
    told(put_signature(home, named, version, conclusion, by, rating), as_json)
