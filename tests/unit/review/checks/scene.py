"""One filled cell of the LDN topic with its study, and what the checks see in it."""

from typing import Any

from living.model.facts import Characteristics, Extraction
from living.review.checks import Finding, examine
from tests.unit.review.scenes import protocol

LDN = protocol("ldn")
KEY = "pubmed:1"
ARMS = (("ldn", "ldn", 50), ("placebo", "placebo", 50))


def cell(numbers: dict[str, Any], words: str = "", **changes: Any) -> Extraction:
    """A cell of pain at 12 weeks on the 0-10 NRS, unless told otherwise."""
    own = {name: changes.pop(name) for name in ("notes", "population", "reasons") if name in changes}
    place = {
        "study": KEY,
        "outcome": "pain",
        "experimental": "ldn",
        "control": "placebo",
        "scale": "nrs",
        "weeks": 12,
        "estimand": numbers.get("values") or numbers.get("estimand") or "count",
    }
    quote = {"report": KEY, "locator": "Table 2", "text": words or "no number in words"}
    return Extraction.model_validate({"cell": place | changes, "numbers": numbers, "quotes": [quote], **own})


def means(
    one: tuple[int, float, float], two: tuple[int, float, float], values: str = "final"
) -> dict[str, Any]:
    def arm(n: int, mean: float, sd: float) -> dict[str, Any]:
        return {"n": n, "mean": mean, "spread": {"by": "sd", "sd": sd}}

    return {"shape": "arm_means", "values": values, "experimental": arm(*one), "control": arm(*two)}


def contrast(estimate: float, low: float, high: float, **more: Any) -> dict[str, Any]:
    interval = {"by": "ci", "low": low, "high": high}
    return {
        "shape": "reported_contrast",
        "estimand": "change",
        "estimate": estimate,
        "precision": interval,
    } | more


def counts(one: tuple[int, int], two: tuple[int, int]) -> dict[str, Any]:
    arms = [{"events": events, "total": total} for events, total in (one, two)]
    return {"shape": "event_counts", "experimental": arms[0], "control": arms[1]}


def people(numbers: dict[str, Any], words: str = "", outcome: str = "any-ae", **changes: Any) -> Extraction:
    return cell(numbers, words, outcome=outcome, scale="", estimand="count", **changes)


def study(
    design: str = "parallel", arms: tuple[tuple[str, str, int], ...] = ARMS, **changes: Any
) -> Characteristics:
    labels = changes.pop("labels", {})
    given = {
        "study": KEY,
        "label": "Invented 2020",
        "design": design,
        "condition": "Fibromyalgia",
        "condition_group": "fibromyalgia",
        "arms": [
            {"id": name, "label": labels.get(name, name), "intervention": use, "n_randomised": n}
            for name, use, n in arms
        ],
    }
    return Characteristics.model_validate(given | changes)


def seen(
    extraction: Extraction, what: Characteristics | None = None, *beside: Extraction, **more: Any
) -> dict[str, Finding]:
    """What the checks see, by code; the last of a code where there are several."""
    return {item.code: item for item in examine(extraction, LDN, what, beside, **more)}
