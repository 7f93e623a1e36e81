"""Signalling questions and decision tables: which question applies, and what the answers suggest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Risk = Literal["low", "some_concerns", "high"]
Answers = Mapping[str, str]
RISKS: tuple[Risk, ...] = ("low", "some_concerns", "high")  # from least to most
WORDS = {
    "Y": "yes",
    "PY": "probably yes",
    "PN": "probably no",
    "N": "no",
    "NI": "no information",
    "NA": "does not apply",
}
YES, NO, UNKNOWN = frozenset({"Y", "PY"}), frozenset({"N", "PN"}), frozenset({"NI"})
NOT_YES, NOT_NO = NO | UNKNOWN, YES | UNKNOWN
UNASKED = "NA"
SKIPPED = frozenset({UNASKED})
ALL_OPTIONS = ("Y", "PY", "PN", "N", "NI")
WITHOUT_UNKNOWN = ("Y", "PY", "PN", "N")


@dataclass(frozen=True)
class Condition:
    """When a question is asked: `any` or `all` of these earlier answers are among those named."""

    need: Literal["any", "all"]
    answers: tuple[tuple[str, frozenset[str]], ...]

    @property
    def as_data(self) -> str:
        """The condition in one line for a page's script: `any|2.1=NI PY Y|2.2=NI PY Y`."""
        return "|".join((self.need, *(f"{name}={' '.join(sorted(wanted))}" for name, wanted in self.answers)))

    def holds(self, answers: Answers) -> bool:
        met = [answers.get(name, "") in wanted for name, wanted in self.answers]
        return any(met) if self.need == "any" else all(met)


@dataclass(frozen=True)
class Question:
    """One signalling question in our own words, under its published number. `hint` says when to say yes."""

    id: str
    asks: str
    hint: str = ""
    when: Condition | None = None
    options: tuple[str, ...] = ALL_OPTIONS

    @property
    def only_if(self) -> str:
        """When it is asked, in words; empty when it always is."""
        if self.when is None:
            return ""
        parts = (f"{name} {_told(wanted)}" for name, wanted in self.when.answers)
        return f"asked if {(' or ' if self.when.need == 'any' else ' and ').join(parts)}"


@dataclass(frozen=True)
class Row:
    """One line of a decision table: where the answers are among those named, the risk suggested."""

    when: Mapping[str, frozenset[str]]
    risk: Risk

    def fits(self, answers: Answers) -> bool:
        return all(answers.get(name, "") in wanted for name, wanted in self.when.items())


@dataclass(frozen=True)
class Domain:
    """One domain: its questions in order, and tables whose worst suggestion is the domain's."""

    id: str
    label: str
    questions: tuple[Question, ...]
    tables: tuple[tuple[Row, ...], ...]

    def routed(self, answers: Answers) -> dict[str, str]:
        """Return the answers to its questions, in order; those that are not asked are `NA`.

        What was answered to a question that does not apply is left out; a question that applies and has none
        of its answers is blank.
        """
        found: dict[str, str] = {}
        for question in self.questions:
            applies = question.when is None or question.when.holds(found)
            answer = answers.get(question.id, "")
            found[question.id] = UNASKED if not applies else answer if answer in question.options else ""
        return found

    def suggests(self, answers: Answers) -> Risk | None:
        """Return the risk that the answers suggest; None while a question that applies has no answer."""
        found = self.routed(answers)
        if "" in found.values():
            return None
        return worst(*(next(row.risk for row in table if row.fits(found)) for table in self.tables))


def worst(*risks: Risk) -> Risk:
    """Return the highest of some risks. Raises ValueError when there is none."""
    return max(risks, key=RISKS.index)


def any_of(**answers: frozenset[str]) -> Condition:
    """Return a condition that one of these answers meets; `q2_1` means question 2.1."""
    return Condition("any", _named(answers))


def all_of(**answers: frozenset[str]) -> Condition:
    """Return a condition that all of these answers meet; `q2_1` means question 2.1."""
    return Condition("all", _named(answers))


def row(risk: Risk, **answers: frozenset[str]) -> Row:
    """Return a line of a table; `q2_1` means question 2.1."""
    return Row(dict(_named(answers)), risk)


def _named(answers: Mapping[str, frozenset[str]]) -> tuple[tuple[str, frozenset[str]], ...]:
    return tuple((name.removeprefix("q").replace("_", "."), wanted) for name, wanted in answers.items())


def _told(wanted: frozenset[str]) -> str:
    told = {YES: "yes", NO: "no", NOT_YES: "no or not known", NOT_NO: "yes or not known"}
    return f"is {told[wanted]}"
