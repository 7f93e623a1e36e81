"""The verb of anybody with a table: pool."""

from __future__ import annotations

from math import exp
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from living.cli.terminal import Json, print_json, print_table

if TYPE_CHECKING:
    from living.service.pooling import Pooled


def add_to(app: typer.Typer) -> None:
    """Add this verb to the command line."""
    app.command()(pool)


def pool(
    file: Annotated[Path, typer.Argument(help="A CSV file: a header row, then one row per study.")],
    measure: Annotated[
        str, typer.Option(help="MD, SMD, RR, OR, RD, IRR, IRD, MC, SMCC, SMCR, or GEN for yi with sei or vi.")
    ] = "GEN",
    tau2: Annotated[
        str, typer.Option(help="Estimator of the between-study variance: REML, DL, PM, CE, ...")
    ] = "REML",
    interval: Annotated[str, typer.Option(help="HK-guarded, HK, wald or wald-t.")] = "HK-guarded",
    level: Annotated[float, typer.Option(help="Confidence level.")] = 0.95,
    as_json: Json = False,
) -> None:
    """Pool a CSV file of your own; needs no topic and stores nothing."""
    from living.service.pooling import pool_file

    found = pool_file(file, measure, tau2=tau2, interval=interval, level=level)
    if as_json:
        print_json(found)
        return
    columns = ("Study", f"{found.measure} [{100 * level:g}% interval]", "Weight", "Left out because")
    print_table(columns, [*_studies(found), *_total(found)], "No studies.")
    for line in (*_below(found), *(f"Warning: {warning}." for warning in found.warnings)):
        typer.echo(line)


def _studies(found: Pooled) -> list[tuple[str, str, str, str]]:
    return [
        (row.study, _interval(found, row.yi, row.ci_low, row.ci_high), _percent(row.weight), row.reason)
        for row in found.studies
    ]


def _total(found: Pooled) -> list[tuple[str, str, str, str]]:
    if found.result is None:
        return []
    r = found.result
    return [(f"Pooled, k = {r['k']}", _interval(found, r["mu"], r["ci_low"], r["ci_high"]), "100.0%", "")]


def _below(found: Pooled) -> list[str]:
    if found.result is None:
        return [f"Not pooled: {found.reason}."]
    r = found.result
    tail = "normal" if r["df"] is None else f"t on {r['df']:g} df"
    high = "no upper limit" if r["tau2_high"] is None else f"{r['tau2_high']:.4g}"
    tau2 = f"tau2 = {r['tau2']:.4g} (Q-profile {r['tau2_low']:.4g} to {high})"
    lines = [
        f"Between studies: {r['tau2_method']}; interval: {r['interval_method']} ({tail}), P = {r['p']:.3g}.",
        f"{tau2}; I2 = {r['i2_tau2']:.1f}%; Q = {r['q']:.4g} on {r['q_df']} df, P = {r['q_p']:.3g}.",
    ]
    if r["pi_low"] is not None:
        low, high = (_shown(found, r[name]) for name in ("pi_low", "pi_high"))
        lines.append(f"A new study's true effect ({100 * found.level:g}% prediction, HTS): {low} to {high}.")
    return lines


def _interval(found: Pooled, middle: float | None, low: float | None, high: float | None) -> str:
    if middle is None or low is None or high is None:
        return ""
    return f"{_shown(found, middle)} [{_shown(found, low)}, {_shown(found, high)}]"


def _shown(found: Pooled, value: float) -> str:
    return f"{exp(value) if found.ratio else value:.2f}"


def _percent(weight: float | None) -> str:
    return "" if weight is None else f"{weight:.1f}%"
