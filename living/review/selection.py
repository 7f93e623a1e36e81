"""Which cell of a study enters an analysis; a study enters by one cell or not at all."""

from __future__ import annotations

from dataclasses import dataclass

from living.model.facts import Arm, Cell, Characteristics
from living.model.numbers import NoNumbers
from living.model.protocol import Analysis, Comparison, Outcome, Protocol, Sensitivity, Window
from living.review.names import cell_id
from living.review.readings import Reading

PLAIN = Sensitivity(id="as-declared", label="As declared")
CHECKED = frozenset({"agreed", "adjudicated", "verified"})
POPULATIONS = ("all_randomised", "not_stated", "completers")


@dataclass(frozen=True)
class Scope:
    """An analysis with every name of it looked up in the protocol."""

    analysis: Analysis
    comparison: Comparison
    outcome: Outcome
    window: Window
    variant: Sensitivity = PLAIN

    @classmethod
    def of(cls, protocol: Protocol, analysis: Analysis, variant: Sensitivity = PLAIN) -> Scope:
        """Look the names up; `parse` has checked that they exist."""
        return cls(
            analysis,
            next(item for item in protocol.comparisons if item.id == analysis.comparison),
            next(item for item in protocol.outcomes if item.id == analysis.outcome),
            next(item for item in protocol.windows if item.id == analysis.window),
            variant,
        )


@dataclass(frozen=True)
class Chosen:
    reading: Reading


@dataclass(frozen=True)
class Passed:
    """Measured, or meant to be, and not in the analysis, with the reason."""

    reason: str
    reading: Reading | None = None


def arm(what: Characteristics | None, arm_id: str) -> Arm | None:
    """Return the arm of that id, or None."""
    return next((item for item in what.arms if item.id == arm_id), None) if what else None


def concerns(cell: Cell, what: Characteristics | None, scope: Scope) -> bool:
    """Return whether a cell is about this outcome and this comparison, whatever its time or values."""
    sides = []
    for side in (cell.experimental, cell.control):
        found = arm(what, side)
        sides.append(found.intervention if found else side)
    right = sides[0] == scope.comparison.experimental and sides[1] in scope.comparison.control
    return cell.outcome == scope.outcome.id and right


def is_primary(cell: Cell, what: Characteristics | None, protocol: Protocol) -> bool:
    """Return whether a cell holds what some primary analysis combines, whatever its time."""
    return any(
        analysis.role == "primary"
        and cell.estimand in analysis.estimands
        and concerns(cell, what, Scope.of(protocol, analysis))
        for analysis in protocol.analyses
    )


def choose(
    readings: tuple[Reading, ...], what: Characteristics | None, scope: Scope
) -> Chosen | Passed | None:
    """Choose the cell by which a study enters; None when nothing read of it concerns this analysis.

    Order of preference: the scale as ranked in the protocol, the time nearest the window's centre (ties as
    the window says), the kind of value as ranked in the analysis, all randomised before completers.
    """
    about = [reading for reading in readings if concerns(reading.cell, what, scope)]
    about.sort(
        key=lambda reading: cell_id(reading.cell)
    )  # of two that rank alike neither was first by chance
    if not about:
        return None
    fit = [reading for reading in about if _unfit(reading, scope) is None]
    usable = [reading for reading in fit if reading.usable]
    if not usable:
        return _why_none(about, fit, scope)
    best = min(usable, key=lambda reading: _rank(reading, scope))
    refusal = _refused(best, what, scope)
    return Passed(refusal, best) if refusal else Chosen(best)


def _unfit(reading: Reading, scope: Scope) -> str | None:
    cell, analysis, window = reading.cell, scope.analysis, scope.window
    alternative = scope.variant.alternative
    if alternative and alternative.study == cell.study:
        if cell.estimand != alternative.estimand:
            return "not the declared alternative"
    elif cell.estimand not in analysis.estimands:
        return f"only {cell.estimand.replace('_', ' ')} values, which this analysis does not combine"
    if not scope.variant.any_time and not window.holds(cell.weeks):
        return f"measured at {cell.weeks:g} weeks, outside the window {window.label}"
    if scope.outcome.scales and cell.scale not in scope.outcome.scales:
        return f"measured on {cell.scale or 'an unnamed scale'}, an outcome of its own"
    return None


def _why_none(about: list[Reading], fit: list[Reading], scope: Scope) -> Passed | None:
    """Why a study does not enter; what was measured at another time is told in the primary analysis only."""
    if not fit and scope.analysis.role != "primary":
        return None
    for reading in (*fit, *about):
        if isinstance(reading.numbers, NoNumbers):
            return Passed(reading.numbers.reason, next((item for item in about if item.usable), reading))
    first = about[0]
    return Passed(_unfit(first, scope) or "no usable numbers", first)


def _rank(reading: Reading, scope: Scope) -> tuple[int, float, float, int, int]:
    cell, window = reading.cell, scope.window
    scales = scope.outcome.scales
    later = -cell.weeks if window.ties == "later" else cell.weeks
    estimands = scope.analysis.estimands
    return (
        scales.index(cell.scale) if cell.scale in scales else len(scales),
        abs(cell.weeks - window.nearest),
        later,
        estimands.index(cell.estimand) if cell.estimand in estimands else len(estimands),
        POPULATIONS.index(reading.population) if reading.population in POPULATIONS else 1,
    )


def _refused(reading: Reading, what: Characteristics | None, scope: Scope) -> str | None:
    variant = scope.variant
    if variant.verified_only and reading.standing not in CHECKED:
        return "not yet agreed by two readers"
    if variant.design and (what is None or what.design != variant.design):
        return f"not a {variant.design} trial"
    if variant.max_dose_mg is not None:
        found = arm(what, reading.cell.experimental)
        if found is None or found.dose_mg is None:
            return "dose not known"
        if found.dose_mg > variant.max_dose_mg:
            return f"{found.dose_mg:g} mg, above {variant.max_dose_mg:g} mg"
    return None
