"""The verb about other people's reviews: reconcile."""

from __future__ import annotations

from collections.abc import Iterator
from math import exp
from typing import Annotated

import typer

from living.cli.terminal import Json, house, print_json, topic_of
from living.model.surroundings import PublishedOut, Walk


def add_to(app: typer.Typer) -> None:
    """Add this verb to the command line."""
    app.command()(reconcile)


def reconcile(
    topic: Annotated[str | None, typer.Argument(help="The topic; needed when there are several.")] = None,
    as_json: Json = False,
) -> None:
    """Check other reviews' printed results, make them again, and walk from theirs to ours."""
    from living.service.reconciled import reconciled

    home = house()
    found = reconciled(home, topic_of(home, topic))
    if as_json:
        print_json(found)
        return
    for out in found:
        for line in _told(out):
            typer.echo(line)
    if not found:
        typer.echo("No result of another review is entered.")


def _told(out: PublishedOut) -> Iterator[str]:
    pool, again = out.pool, out.reproduction
    about = ", ".join(text for text in (pool.outcome, pool.subgroup) if text)
    whole = f"{pool.estimate} ({pool.low} to {pool.high})" if pool.low and pool.high else pool.estimate
    p = f", P {pool.p}" if pool.p else ""
    yield f"{pool.review}: {about}: {whole}, {pool.measure}{p}"
    if pool.corrigendum:
        yield f"  corrected later: {pool.corrigendum}"
    for check in out.checks:
        yield f"  {check.verdict.replace('_', ' ')}: {check.said}"
    told = "; ".join(text for text in (again.reason, again.method) if text)
    yield f"  {again.status.replace('_', ' ')}: {told}"
    for text in again.missing:
        yield f"    - {text}"
    for place, step in enumerate(out.walk, 1):
        yield f"  step {place}: {_step(step, out.ratio)}"


def _step(step: Walk, ratio: bool) -> str:
    about = f": {', '.join(step.studies)}" if step.studies else ""
    moved = "" if step.shift is None else f" (shift {_shift(step.shift, ratio)})"
    why = f"; {step.reason}" if step.reason else ""
    return f"{step.text}{about}: {_shown(step.before, ratio)} to {_shown(step.after, ratio)}{moved}{why}"


def _shown(value: float | None, ratio: bool) -> str:
    if value is None:
        return "no number"
    return f"{exp(value) if ratio else value:.2f}"


def _shift(value: float, ratio: bool) -> str:
    return f"by the factor {exp(value):.2f}" if ratio else f"{value:+.2f}"
