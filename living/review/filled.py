"""Facts back into the fields they were typed in: a form begun from what somebody has already said."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from living.model.facts import Characteristics, Extraction, Quote
from living.model.numbers import ArmMeans, EventCounts, NoNumbers, ReportedContrast
from living.model.values import Value
from living.review.checks.designs import FIRST_PERIOD
from living.review.datums import DATUMS, Datum
from living.review.fields import WHAT, placed
from living.review.typed import shown

EMPTY_QUOTE = {"report": "", "locator": "", "kind": "verbatim", "text": ""}
EMPTY_ARM = {"id": "", "label": "", "intervention": "", "dose": "", "n": ""}


def empty_cell(report: str) -> dict[str, str]:
    """Return the fields of a cell that was only opened."""
    return {"outcome": "", **placed({**EMPTY_QUOTE, "report": report}, "q0")}


def study_fields(what: Characteristics | None, report: str) -> dict[str, str]:
    """Return the fields of the part that says what a study is; with two empty arms when nothing is known."""
    if what is None:
        arms = [EMPTY_ARM, EMPTY_ARM]
        part = {"label": "", "design": "", "condition": "", "group": ""}
        quotes = [{**EMPTY_QUOTE, "report": report}]
    else:
        part = {
            "label": what.label,
            "design": what.design,
            "condition": what.condition,
            "group": what.condition_group,
        }
        arms = [
            {
                "id": arm.id,
                "label": arm.label,
                "intervention": arm.intervention,
                "dose": "" if arm.dose_mg is None else shown(arm.dose_mg),
                "n": "" if arm.n_randomised is None else str(arm.n_randomised),
            }
            for arm in what.arms
        ]
        quotes = [_quote(quote) for quote in what.quotes] or [{**EMPTY_QUOTE, "report": report}]
    fields = placed(part, WHAT)
    for index, arm in enumerate(arms):
        fields |= placed(arm, f"arm{index}")
    for index, quote in enumerate(quotes):
        fields |= placed(quote, f"{WHAT}.q{index}")
    return fields


def cells_fields(extractions: Sequence[Extraction]) -> dict[str, str]:
    """Return the fields of filled cells, in order."""
    fields: dict[str, str] = {}
    for index, extraction in enumerate(extractions):
        fields |= placed(_cell(extraction), f"c{index}")
    return fields


def _cell(extraction: Extraction) -> dict[str, str]:
    cell, datum = extraction.cell, datum_for(extraction)
    fields = {
        "outcome": cell.outcome,
        "experimental": cell.experimental,
        "control": cell.control,
        "scale": cell.scale,
        "weeks": shown(cell.weeks),
        "estimand": cell.estimand,
        "datum": datum.id if datum else "",
        **dict(_numbers(extraction.numbers)),
        "population": extraction.population,
        "notes": extraction.notes,
        **{f"reason.{code}": reason for code, reason in extraction.reasons},
    }
    for index, quote in enumerate(extraction.quotes):
        fields |= placed(_quote(quote), f"q{index}")
    return fields


def datum_for(extraction: Extraction) -> Datum | None:
    """Return the kind of datum that an extraction's numbers were given as, or None."""
    numbers = extraction.numbers
    fits = [item for item in DATUMS if isinstance(numbers, item.shape) and _given(numbers, item)]
    if isinstance(numbers, ArmMeans | EventCounts):
        first = FIRST_PERIOD in extraction.notes.lower()
        fits = [item for item in fits if bool(item.note) == first]
    if isinstance(numbers, ReportedContrast):
        fits = [item for item in fits if numbers.measure in {code for code, _ in item.asked[0].options}]
    return fits[0] if fits else None


def _given(numbers: Value, datum: Datum) -> bool:
    return all(_at(numbers, path) == value for path, value in datum.given)


def _at(value: object, path: str) -> object:
    for name in path.split("."):
        value = getattr(value, name, None)
    return value


def _numbers(value: Value, within: str = "") -> Iterator[tuple[str, str]]:
    """Yield each number under the path its field has; a level is typed in percent, once."""
    if isinstance(value, NoNumbers):
        yield from (("status", value.status), ("reason", value.reason))
        return
    for name, item in value:
        if isinstance(item, Value):
            yield from _numbers(item, f"{within}{name}.")
        elif name == "level":
            yield "level", shown(round(float(item) * 100, 6))
        elif isinstance(item, int | float):
            yield f"{within}{name}", shown(float(item))
        elif name == "measure":
            yield name, str(item)


def _quote(quote: Quote) -> dict[str, str]:
    return {"report": quote.report, "locator": quote.locator, "kind": quote.kind, "text": quote.text}
