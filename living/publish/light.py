"""One light for one judgement of risk of bias: its kind, its sign and its word."""

from __future__ import annotations

from dataclasses import dataclass

JUDGEMENTS = ("low", "some", "high", "none")
LABELS = {"low": "low", "some": "some concerns", "high": "high", "none": "not judged"}
SIGNS = {"low": "+", "some": "?", "high": "×", "none": ""}


@dataclass(frozen=True)
class Light:
    """One judgement: `kind` is low, some, high or none."""

    kind: str
    reason: str = ""
    stale: bool = False

    @property
    def sign(self) -> str:
        return SIGNS[self.kind]

    @property
    def label(self) -> str:
        return LABELS[self.kind]


NOT_JUDGED = Light("none")


def kind_of(text: str) -> str:
    """Return the kind of a judgement, however it was written."""
    word = text.strip().lower().replace("_", " ")
    return {"low": "low", "some concerns": "some", "some": "some", "high": "high"}.get(word, "none")
