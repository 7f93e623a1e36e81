"""Every step from a reported to a used number, by the id that a snapshot prints; and how to take one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from living import stats
from living.model.snapshot import Derivation

NO_HALF = stats.ZeroCells(to="none")


class NotDerivable(Exception):  # a finding that ends one derivation, not a fault of the program
    """A number cannot be had from what was reported; the text says why."""


@dataclass(frozen=True)
class Step:
    """One named step: the engine's formula, and the options that belong to the name."""

    formula: str
    options: Mapping[str, Any] = field(default_factory=dict)

    @property
    def source(self) -> str:
        return stats.FORMULAS[self.formula].source

    def take(self, inputs: Mapping[str, float]) -> dict[str, float]:
        """Return the named outputs. Raises NotDerivable when the engine has no number for these inputs."""
        found = _taken(self.formula, tuple(self.options.items()), tuple(inputs.items()))
        if isinstance(found, str):
            raise NotDerivable(found)
        return dict(found)


@lru_cache(maxsize=1 << 15)
def _taken(
    formula: str, options: tuple[tuple[str, Any], ...], inputs: tuple[tuple[str, float], ...]
) -> tuple[tuple[str, float], ...] | str:
    """Return the named outputs, or why there are none; every version takes the same steps again."""
    found = stats.FORMULAS[formula].function(**dict(inputs), **dict(options))
    if isinstance(found, stats.Effects):
        status = stats.Status(int(found.status.flat[0]))
        if status is not stats.Status.OK:
            return stats.REASONS[status]
        return ("estimate", float(found.yi.flat[0])), ("se", float(found.vi.flat[0]) ** 0.5)
    value = float(found)
    if value != value:  # NaN
        return f"{formula} has no answer for these numbers"
    return ((formula.partition("_")[0], value),)


def _plain(*names: str) -> dict[str, Step]:
    return {name: Step(name) for name in names}


STEPS: dict[str, Step] = {
    **_plain("se_from_ci_z", "se_from_ci_t", "se_from_t", "se_from_p_z", "se_from_p_t"),
    **_plain("log_se_from_ci_z", "log_estimate_from_ci", "sd_from_se", "sd_from_ci_z", "sd_from_ci_t"),
    **_plain("r_from_paired_se", "mean_from_quartiles_luo", "sd_from_quartiles_wan", "scaled"),
    "md_from_arms": Step("mean_difference"),
    "d_from_arms": Step("standardised_mean_difference", {"correction": "none"}),
    "g_from_arms": Step("standardised_mean_difference", {"correction": "exact"}),
    "d_from_difference": Step("smd_from_difference", {"correction": "none"}),
    "g_from_difference": Step("smd_from_difference", {"correction": "exact"}),
    "md_paired": Step("paired_mean_difference"),
    "d_paired_average_sd": Step("smd_average_sd", {"variance": "SMCR"}),
    "g_paired_average_sd": Step("smd_average_sd", {"variance": "SMCR", "correction": "exact"}),
    "log_rr": Step("risk_ratio"),
    "log_or": Step("odds_ratio"),
    "rd": Step("risk_difference"),
    "log_rr_no_half": Step("risk_ratio", {"zero_cells": NO_HALF}),
    "log_or_no_half": Step("odds_ratio", {"zero_cells": NO_HALF}),
    "rd_no_half": Step("risk_difference", {"zero_cells": NO_HALF}),
    "log_irr": Step("rate_ratio"),
    "log_irr_no_half": Step("rate_ratio", {"zero_cells": NO_HALF}),
}


@dataclass
class Trail:
    """The steps taken so far towards one contrast."""

    steps: list[Derivation] = field(default_factory=list)

    def take(self, step: str, **inputs: float) -> tuple[float, ...]:
        """Take one step, record it, and return its outputs in order. Raises NotDerivable."""
        outputs = STEPS[step].take(inputs)
        numbers = {name: float(value) for name, value in inputs.items()}
        self.steps += [
            Derivation(formula=step, source=STEPS[step].source, inputs=numbers, output=name, value=value)
            for name, value in outputs.items()
        ]
        return tuple(outputs.values())
