"""Verbs around a study's numbers: full texts, files, questions, how it was done, conflicts, the proposal."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from living.cli.terminal import (
    As,
    Json,
    Topic,
    bytes_in,
    house,
    print_json,
    print_table,
    speaker,
    told,
    topic_of,
)
from living.errors import NotAllowed, UserError

Study = Annotated[str, typer.Argument(help="A record key of the study, as `living studies` shows it.")]
Record = Annotated[str, typer.Argument(help="The report's record key, such as pubmed:38258677.")]


class FullTextStatus(StrEnum):
    """How far a full text has come."""

    SOUGHT = "sought"
    OBTAINED = "obtained"
    NOT_OBTAINABLE = "not_obtainable"
    IN_TRANSLATION = "in_translation"


class QuestionStatus(StrEnum):
    """How a question stands."""

    TO_ASK = "to_ask"
    ASKED = "asked"
    ANSWERED = "answered"
    NO_ANSWER = "no_answer"


class Thing(StrEnum):
    """What is noted of how a trial was done."""

    FUNDER = "funder"
    INTERESTS = "interests"
    CO_INTERVENTIONS = "co_interventions"
    RESCUE = "rescue"
    DROPOUTS = "dropouts"
    MISSING_DATA = "missing_data"
    BLINDING = "blinding"
    PRECEDENCE = "precedence"


def add_to(app: typer.Typer) -> None:
    """Add these verbs to the command line."""
    for verb in (fulltext, paper, ask, answer, note, recuse, proposal):
        app.command()(verb)


def fulltext(
    record: Record,
    status: Annotated[FullTextStatus, typer.Argument(help="How far it has come.")],
    by: As,
    language: Annotated[str, typer.Option(help="The language it is written in.")] = "",
    remark: Annotated[str, typer.Option(help="A remark, published with the study.")] = "",
    topic: Topic = None,
    as_json: Json = False,
) -> None:
    """Say how far the full text of a report has come."""
    from living.service.fulltexts import note_full_text

    home = house()
    named = topic_of(home, topic)
    who = speaker(home, by, "ORGANISE", named)
    told(note_full_text(home, named, record, status.value, who, language, remark), as_json)


def paper(
    record: Record,
    file: Annotated[Path, typer.Argument(help="The report's PDF, up to 30 MB.")],
    by: As,
    topic: Topic = None,
    as_json: Json = False,
) -> None:
    """Keep the PDF of a report for the team; it is never published."""
    from living.service.uploads import upload

    home = house()
    named = topic_of(home, topic)
    who = speaker(home, by, "ORGANISE", named)
    kept = upload(home, named, record, file.name, bytes_in(file), who)
    if as_json:
        print_json(kept)
    else:
        typer.echo(f"Kept {kept.name}, {kept.pages} pages. Only the team can read it.")


def ask(
    study: Study,
    question: Annotated[str, typer.Argument(help="The question, as it will be published.")],
    by: As,
    topic: Topic = None,
    as_json: Json = False,
) -> None:
    """Write down a question to a study's authors."""
    from living.service.questions import ask as put

    home = house()
    named = topic_of(home, topic)
    told(put(home, named, study, question, speaker(home, by, "ORGANISE", named)), as_json)


def answer(
    question: Annotated[str | None, typer.Argument(help="The question's id; none: list them all.")] = None,
    status: Annotated[QuestionStatus | None, typer.Argument(help="How it stands now.")] = None,
    by: Annotated[str, typer.Option("--as", help="Who says so: a person's id or login.")] = "",
    day: Annotated[str, typer.Option(help="The day, such as 2026-06-30; none: today.")] = "",
    words: Annotated[str, typer.Option(help="The answer, in the authors' words.")] = "",
    topic: Topic = None,
    as_json: Json = False,
) -> None:
    """List the questions to authors, or say what came of one."""
    from living.service.questions import follow, questions

    home = house()
    named = topic_of(home, topic)
    if question is None:
        found = questions(home, named)
        rows = [(row.id, row.label, row.status.replace("_", " "), row.question, row.answer) for row in found]
        columns = ("Id", "Study", "Stands", "Question", "Answer")
        print_json(found) if as_json else print_table(columns, rows, "No question is written down.")
        return
    if status is None or not by:
        raise UserError("say how it stands and who says so", where=question, fix="STATUS --as YOU")
    who = speaker(home, by, "ORGANISE", named)
    told(follow(home, named, question, status.value, who, day, words), as_json)


def note(
    study: Study,
    thing: Annotated[Thing, typer.Argument(help="What is noted.")],
    words: Annotated[str, typer.Argument(help="In your words; blank takes the note away.")],
    by: As,
    report: Annotated[str, typer.Option(help="The report it was read in, by its record key.")] = "",
    locator: Annotated[str, typer.Option(help="The place in it: page, table or registry field.")] = "",
    quote: Annotated[str, typer.Option(help="The words as they stand there.")] = "",
    topic: Topic = None,
    as_json: Json = False,
) -> None:
    """Note how a trial was done: funder, interests, dropouts, blinding and the like."""
    from living.service.particulars import Written
    from living.service.particulars import note as put

    home = house()
    named = topic_of(home, topic)
    who = speaker(home, by, "ORGANISE", named)
    written = {thing.value: Written(words, report, locator, quote)}
    told(put(home, named, study, written, who), as_json)


def recuse(
    study: Study,
    by: As,
    reason: Annotated[str, typer.Option(help="What the conflict is, or why there is none any more.")],
    person: Annotated[str, typer.Option(help="Whom it concerns, by id or login; none: yourself.")] = "",
    lift: Annotated[bool, typer.Option("--lift", help="They may work on the study again.")] = False,
    topic: Topic = None,
    as_json: Json = False,
) -> None:
    """Keep somebody away from a study for a conflict of interest."""
    from living.service.accounts import known_account, person_of
    from living.service.recusals import lift as take_back
    from living.service.recusals import may_say_of
    from living.service.recusals import recuse as keep_away

    home = house()
    named = topic_of(home, topic)
    who = speaker(home, by, "ORGANISE", named)
    speaking = person_of(home, who)
    whom = who
    if person and person not in (by, who):
        whom = known_account(home, person).id if speaking else person
    if speaking:
        may_say_of(speaking, named, whom)
    elif whom != who:
        raise NotAllowed("only somebody with an account declares for others", where=by)
    say_so = take_back if lift else keep_away
    told(say_so(home, named, study, whom, reason, who), as_json)


def proposal(topic: Topic = None, as_json: Json = False) -> None:
    """Show what would be published now, why, and what is still open."""
    from living.service.signing import proposal as proposed

    home = house()
    found = proposed(home, topic_of(home, topic))
    if as_json:
        print_json(
            {
                "version": found.version,
                "newest": found.newest or None,
                "publishes": found.publishes,
                "digest": found.digest,
                "decision": found.decision.model_dump(mode="json"),
                "headline": found.headline,
                "rating": found.rating or None,
                "unverified": found.unverified,
                "open": [warned.text for warned in found.warnings],
            }
        )
        return
    would = f"would make {found.version}" if found.publishes else "makes a bulletin, no version"
    typer.echo(f"{found.decision.code.replace('_', ' ').capitalize()}: {would}. {found.decision.reason}.")
    typer.echo(f"Answer: {found.headline}")
    typer.echo(f"Digest: {found.digest}")
    for warned in found.warnings:
        typer.echo(f"Open: {warned.text}")
