"""How people's judgements settle: alone first, as many as the protocol asks; together where they differ."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

from living.model.facts import IMPORT, MACHINE, Judgement, LedgerLine
from living.model.state import ReviewState
from living.review.identity import Studies

Line = tuple[LedgerLine, Judgement]
Subject = tuple[str, str]  # a study's key and the result that was judged, blank for all of it


@dataclass(frozen=True)
class Settled:
    """What counts of a subject. `lines`: the equal judgements, or the one made together.

    `alone` are the judgements of those who had judged by themselves before it was settled.
    """

    lines: tuple[Line, ...]
    alone: tuple[Line, ...] = ()

    @property
    def fact(self) -> Judgement:
        return self.lines[-1][1]

    @property
    def line(self) -> LedgerLine:
        return self.lines[-1][0]

    @property
    def by(self) -> str:
        return ", ".join(sorted({line.by for line, _ in self.lines}))

    @property
    def assessors(self) -> tuple[str, ...]:
        return tuple(sorted({line.by for line, _ in self.alone}))


@dataclass(frozen=True)
class Begun:
    """A subject that people have begun to judge and not settled: `differ`, or `waiting` for another."""

    kind: Literal["waiting", "differ"]
    lines: tuple[Line, ...]
    missing: int = 0


@dataclass(frozen=True)
class Rounds:
    """Every subject of one tool: what counts, and what has been begun since."""

    settled: dict[Subject, Settled]
    begun: dict[Subject, Begun]


def rounds(state: ReviewState, studies: Studies, tool: str, judges: int) -> Rounds:
    """Settle every subject of a tool that is about studies: RoB 2 or trustworthiness.

    A judgement made together counts at once. Judgements made alone count when as many people as the protocol
    asks judged the same numbers and came to the same, overall and in every domain; each person's latest since
    the last judgement together is taken. Nobody's judgement alone counts for anything, unless one is all that
    the protocol asks. A machine's or an import's judgement counts as nobody's.
    """
    found: dict[Subject, list[Line]] = {}
    for line, fact in state.of_kind(Judgement):
        record, _, result = fact.subject.partition(" ")
        study = studies.study_of(record) if fact.tool == tool else None
        if study and line.by not in (MACHINE, IMPORT):
            found.setdefault((study.key, result), []).append((line, fact))
    settled: dict[Subject, Settled] = {}
    begun: dict[Subject, Begun] = {}
    for subject, lines in found.items():
        counts, waiting = _settle(lines, judges)
        if counts:
            settled[subject] = counts
        if waiting:
            begun[subject] = waiting
    return Rounds(settled, begun)


def _settle(lines: list[Line], judges: int) -> tuple[Settled | None, Begun | None]:
    """Go through a subject's judgements in order; each settling one ends its round."""
    counts: Settled | None = None
    alone: dict[str, Line] = {}
    for line, fact in lines:
        if fact.round == "together":
            counts, alone = Settled(((line, fact),), tuple(alone.values())), {}
            continue
        alone.pop(line.by, None)
        alone[line.by] = (line, fact)
        same = tuple(one for one in alone.values() if verdict(one[1]) == verdict(fact))
        if len(same) >= judges:
            counts, alone = Settled(same, same), {}
    return counts, _begun(tuple(alone.values()), judges)


def _begun(alone: tuple[Line, ...], judges: int) -> Begun | None:
    if not alone:
        return None
    latest = alone[-1][1].judged  # who judged numbers that have moved since is asked again
    now = tuple(one for one in alone if one[1].judged == latest)
    missing = max(judges - len(now), 0)
    return Begun("waiting" if missing else "differ", now, missing)


def verdict(fact: Judgement) -> tuple[str, str, str, tuple[tuple[str, str], ...]]:
    """Return what two judgements must share to be the same: object, variant, overall, and every domain."""
    return fact.judged, fact.variant, fact.overall, tuple((name, told) for name, told, _ in fact.domains)


def joined(lines: Iterable[Line], said: Callable[[Judgement], str]) -> str:
    """Return what the judges of a subject said: once where all said the same, else each with who said it."""
    told = [(line.by, said(fact)) for line, fact in lines]
    if len({text for _, text in told}) <= 1:
        return told[0][1] if told else ""
    return "; ".join(f"{who}: {text}" for who, text in sorted(told) if text)


def joined_answers(lines: tuple[Line, ...]) -> tuple[tuple[str, str], ...]:
    """Return the answers of the judges of a subject; where they differ, each once, in order of name."""
    found: dict[str, list[str]] = {}
    for _, fact in sorted(lines, key=lambda one: one[0].by):
        for name, answer in fact.answers:
            found.setdefault(name, []).append(answer)
    return tuple((name, " / ".join(dict.fromkeys(answers))) for name, answers in found.items())
