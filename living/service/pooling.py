"""Pool a table that somebody brings: a CSV file in, effects and their pool out; no home, no store."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from living import stats
from living.errors import UserError
from living.stats.effects import effects

LABELS = ("study", "author", "label")  # a column of one of these names holds what the study is called


@dataclass(frozen=True)
class Measure:
    """An effect measure: the columns it needs, the function that makes it, and how it is shown."""

    columns: tuple[str, ...]
    function: Callable[..., stats.Effects]
    ratio: bool = False


MEANS = ("m1", "sd1", "n1", "m2", "sd2", "n2")
EVENTS = ("events1", "n1", "events2", "n2")
TIMES = ("events1", "time1", "events2", "time2")
MEASURES: dict[str, Measure] = {
    "MD": Measure(MEANS, stats.mean_difference),
    "SMD": Measure(MEANS, stats.standardised_mean_difference),
    "RR": Measure(EVENTS, stats.risk_ratio, ratio=True),
    "OR": Measure(EVENTS, stats.odds_ratio, ratio=True),
    "RD": Measure(EVENTS, stats.risk_difference),
    "IRR": Measure(TIMES, stats.rate_ratio, ratio=True),
    "IRD": Measure(TIMES, stats.rate_difference),
    "MC": Measure(("difference", "sd1", "sd2", "n", "r"), stats.paired_mean_difference),
    "SMCC": Measure(("difference", "sd_difference", "n"), stats.smd_change_sd),
    "SMCR": Measure(("difference", "sd1", "n", "r"), stats.smd_raw_sd),
    "GEN": Measure(("yi", "sei"), stats.generic),
}
GENERIC_VARIANCE = Measure(("yi", "vi"), effects)


@dataclass(frozen=True)
class StudyRow:
    """One line of the file: its effect with its own interval, or the reason why it has none."""

    study: str
    yi: float | None
    vi: float | None
    ci_low: float | None
    ci_high: float | None
    weight: float | None
    reason: str


@dataclass(frozen=True)
class Pooled:
    """What became of a file. Ratios are natural logarithms here; `ratio` says so.

    `result` holds the fields of `stats.PoolResult`, None with a `reason` where nothing can be pooled.
    """

    measure: str
    ratio: bool
    level: float
    studies: tuple[StudyRow, ...]
    result: dict[str, Any] | None
    reason: str
    warnings: tuple[str, ...]


def pool_file(
    path: Path, measure: str, *, tau2: str = "REML", interval: str = "HK-guarded", level: float = 0.95
) -> Pooled:
    """Read a CSV file and pool it.

    An empty cell or NA leaves its study out, with the reason; anything else that is not a number is an error.
    """
    _known("measure", measure, MEASURES)
    _known("tau2", tau2, stats.TAU2)
    _known("interval", interval, stats.INTERVALS)
    if not 0 < level < 1:
        raise UserError("lies between 0 and 1", where=f"--level {level:g}", fix="Try --level 0.95")
    header, lines = _table(path)
    chosen = MEASURES[measure]
    if measure == "GEN" and "sei" not in header and "vi" in header:
        chosen = GENERIC_VARIANCE
    _complete(path, measure, chosen, header)
    labels = [_label(row, number) for number, row in lines]
    columns = [
        [_number(path, number, label, row, name) for (number, row), label in zip(lines, labels, strict=True)]
        for name in chosen.columns
    ]
    return _pooled(measure, chosen, labels, chosen.function(*columns), tau2, interval, level)


def _pooled(
    name: str,
    measure: Measure,
    labels: Sequence[str],
    found: stats.Effects,
    tau2: str,
    interval: str,
    level: float,
) -> Pooled:
    ok = found.ok
    pool = stats.pool(found.yi[ok], found.vi[ok], tau2=tau2, interval=interval, level=level)
    refused = ""
    weights: tuple[float, ...] = ()
    result: dict[str, Any] | None = None
    if isinstance(pool, stats.NotEstimable):
        refused = pool.reason
    else:
        weights, result = pool.weights, _finite(asdict(pool))
    return Pooled(
        measure=name,
        ratio=measure.ratio,
        level=level,
        studies=tuple(_rows(labels, found, weights, level)),
        result=result,
        reason=refused,
        warnings=tuple(_warnings(len(labels) - int(ok.sum()), int(ok.sum()))),
    )


def _rows(
    labels: Sequence[str], found: stats.Effects, weights: Sequence[float], level: float
) -> Iterator[StudyRow]:
    lows, highs = stats.study_interval(found.yi, found.vi, level)
    waiting = iter(weights)
    for i, label in enumerate(labels):
        if found.ok[i]:
            yi, vi, low, high = (float(x[i]) for x in (found.yi, found.vi, lows, highs))
            yield StudyRow(label, yi, vi, low, high, next(waiting, None), "")
        else:
            reason = stats.REASONS[stats.Status(int(found.status[i]))]
            yield StudyRow(label, None, None, None, None, None, reason)


def _warnings(left_out: int, k: int) -> list[str]:
    found = []
    if left_out:
        found.append(f"left out: {left_out} of {left_out + k} studies; their rows say why")
    if k == 2:
        found.append("two studies only: the interval rests on one degree of freedom or on a normal tail")
    return found


def _finite(fields: dict[str, Any]) -> dict[str, Any]:
    """JSON knows no infinity: an unlimited number is null."""
    return {k: None if isinstance(v, float) and not math.isfinite(v) else v for k, v in fields.items()}


def _known(option: str, name: str, names: dict[str, Any]) -> None:
    if name not in names:
        raise UserError("is not known", where=f"--{option} {name}", fix=f"Choose from {', '.join(names)}")


def _table(path: Path) -> tuple[list[str], list[tuple[int, dict[str, str]]]]:
    """(column names, (line number, cells by column) of every row that is not blank)."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as fault:
        raise UserError(f"cannot be read ({fault.strerror})", where=str(path)) from fault
    except UnicodeDecodeError as fault:
        raise UserError(
            f"not UTF-8 text (byte {fault.start})", where=str(path), fix="Save it as UTF-8"
        ) from fault
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = [name.strip() for name in next(reader, [])]
        lines = [(reader.line_num, row) for row in reader if any(cell.strip() for cell in row)]
    except csv.Error as fault:
        raise UserError(f"not CSV ({fault})", where=f"{path} row {reader.line_num}") from fault
    _shaped(path, header, lines)
    return header, [(number, dict(zip(header, row, strict=True))) for number, row in lines]


def _shaped(path: Path, header: list[str], lines: list[tuple[int, list[str]]]) -> None:
    twice = sorted({name for name in header if name and header.count(name) > 1})
    if twice:
        raise UserError(f"the column {twice[0]} appears twice", where=f"{path} row 1")
    if not lines:
        raise UserError("holds no study", where=str(path), fix="One header row, then one row per study")
    for number, row in lines:
        if len(row) != len(header):
            raise UserError(
                f"{len(row)} cells under {len(header)} columns",
                where=f"{path} row {number}",
                fix="Put quotes around a cell that holds a comma",
            )


def _complete(path: Path, name: str, measure: Measure, header: list[str]) -> None:
    lacking = [column for column in measure.columns if column not in header]
    if lacking:
        needs = "yi and sei or vi" if name == "GEN" else ", ".join(measure.columns)
        raise UserError(
            f"the column {lacking[0]} is missing", where=f"{path} row 1", fix=f"{name} needs {needs}"
        )


def _label(row: dict[str, str], number: int) -> str:
    return next((row[name].strip() for name in LABELS if row.get(name, "").strip()), f"row {number}")


def _number(path: Path, line: int, label: str, row: dict[str, str], column: str) -> float:
    shown = row[column].strip().replace("\u2212", "-")
    if shown.upper() in ("", "NA"):
        return math.nan
    try:
        value = float(shown)
    except ValueError:
        value = math.nan
    if not math.isfinite(value) or "_" in shown:
        raise UserError(
            f"{row[column].strip()!r} is not a number",
            where=f"{path} row {line} ({label}) column {column}",
            fix="Use a decimal point; leave the cell empty if the number is unknown",
        )
    return value
