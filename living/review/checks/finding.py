"""What a check is given, and what it says."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from living.model.facts import Arm, Characteristics, Extraction
from living.model.protocol import Outcome, Protocol, Scale
from living.review.checks.catalogue import KINDS, Level
from living.review.checks.passages import Passage, passages
from living.review.wording import MINUS


@dataclass(frozen=True)
class Finding:
    """One thing that a check saw in one extraction.

    `field`: dotted path into the extraction (`numbers.experimental.spread.sd`). `saw` and `why` are one
    sentence each; `source` is a citation; `suggestion` says what to look at.
    """

    code: str
    level: Level
    field: str
    saw: str
    why: str
    source: str
    suggestion: str = ""

    @property
    def title(self) -> str:
        return KINDS[self.code].title


@dataclass(frozen=True)
class Case:
    """One filled cell and all that a check may know of its study.

    `siblings`: the same reader's other cells of the study. `enrolment`: people, by the trial's registration.
    """

    extraction: Extraction
    protocol: Protocol
    what: Characteristics | None = None
    siblings: tuple[Extraction, ...] = ()
    enrolment: int | None = None

    @cached_property
    def outcome(self) -> Outcome | None:
        return next((o for o in self.protocol.outcomes if o.id == self.extraction.cell.outcome), None)

    @cached_property
    def scale(self) -> Scale | None:
        return next((s for s in self.protocol.scales if s.id == self.extraction.cell.scale), None)

    @cached_property
    def passages(self) -> tuple[Passage, ...]:
        return passages(self.extraction.quotes)

    @property
    def crossover(self) -> bool:
        return self.what is not None and self.what.design == "crossover"

    def arm(self, name: str) -> Arm | None:
        """Return the arm that a cell names, by its id or by an intervention that one arm alone has."""
        arms = self.what.arms if self.what else ()
        by_id = next((arm for arm in arms if arm.id == name), None)
        by_use = [arm for arm in arms if arm.intervention == name]
        return by_id or (by_use[0] if len(by_use) == 1 else None)

    def text_of(self, value: float) -> str:
        """Return a number as its quote prints it (trailing zeros count), else in its shortest form."""
        found = {token.text for item in self.passages for token in item.tokens if token.is_same(value)}
        shortest = f"{abs(value):.12g}"
        text = min(found, key=len) if found else shortest
        return f"-{text}" if value < 0 else text


def found(code: str, field: str, saw: str, suggestion: str = "") -> Finding:
    """Return the finding of a check that the catalogue knows."""
    kind = KINDS[code]
    return Finding(code, kind.level, field, saw, kind.why, kind.source, suggestion or kind.suggestion)


def shown(value: float) -> str:
    """Return a number for a sentence, with a real minus."""
    return f"{value:.3g}".replace("-", MINUS) if value != int(value) else f"{value:.0f}".replace("-", MINUS)


Findings = Iterator[Finding]
