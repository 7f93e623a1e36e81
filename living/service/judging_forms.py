"""Judgements as text files: an empty one with its questions in comments, and a filled one handed in."""

from __future__ import annotations

from collections.abc import Iterator

from living.errors import UserError
from living.review.assessed import typed_in
from living.service.house import House
from living.service.judging import (
    JUDGED,
    VARIANT,
    NotFilled,
    Tool,
    judge_rob,
    judge_trust,
    rate_certainty,
)
from living.service.judging_sheets import Choice, Section, Sheet
from living.service.judging_views import grade_sheet, study_sheet
from living.service.saying import Said


def form_of(house: House, topic: str, tool: str, subject: str, result: str = "") -> str:
    """Return an empty form in TOML: of a study's trust, of a result's risk of bias, or of an analysis."""
    if tool == "grade":
        rated = grade_sheet(house, topic, subject)
        head = [f"# Certainty of the evidence (GRADE): {rated.label}", f"# {rated.result}"]
        return _text(head, [f'{JUDGED} = "{rated.judged}"'], rated.sheet)
    named: Tool = "trust" if tool == "trust" else "rob2"
    found = study_sheet(house, topic, named, subject, result, "", {})
    head = [f"# {found.title}: {found.label}", *(f"# {number}" for number in found.numbers)]
    fixed = [f'{JUDGED} = "{found.judged}"']
    if found.variant:
        fixed.append(f'{VARIANT} = "{found.variant}"   # parallel, crossover, cluster')
    return _text(head, fixed, found.sheet)


def hand_in(
    house: House,
    topic: str,
    tool: str,
    subject: str,
    result: str,
    text: str,
    where: str,
    by: str,
    *,
    together: bool = False,
) -> Said:
    """Check a filled form as the page does, and append it, whole or not at all. Raises UserError."""
    typed = typed_in(text, where)
    try:
        if tool == "grade":
            return rate_certainty(house, topic, subject, typed, by)
        if tool == "trust":
            return judge_trust(house, topic, subject, typed, by, together=together)
        return judge_rob(house, topic, subject, result, typed, by, together=together)
    except NotFilled as fault:
        raise UserError(fault.what, where=f"{where}, {fault.where}") from fault


def _text(head: list[str], fixed: list[str], sheet: Sheet) -> str:
    lines = [
        *head,
        "# Choose for each question; what does not apply stays empty. A reason stands in one line.",
        "",
        *fixed,
        f'overall = ""   # {_choices(sheet.overall.choices)}',
        'reason = ""    # in a sentence for readers',
        "",
    ]
    if any(part.questions for part in sheet.sections):
        lines += ["[answers]", *(line for part in sheet.sections for line in _asked(part))]
    for part in sheet.sections:
        lines += _judged(part)
    return "\n".join(lines) + "\n"


def _asked(part: Section) -> Iterator[str]:
    yield f"# --- {part.label} ---"
    for one in part.questions:
        yield f"# {one.asks}{f' ({one.hint})' if one.hint else ''}"
        yield f'"{one.number}" = ""   # {_choices(one.choices)}'


def _judged(part: Section) -> list[str]:
    facts = [f"# {fact.label}: {' '.join(fact.said.split())}" for fact in part.facts]
    asks = [] if part.questions else [f"# {part.judgement.asks}"]
    return [
        "",
        f"[domains.{part.id}]   # {part.label}",
        *facts,
        *asks,
        f'judgement = ""   # {_choices(part.judgement.choices)}',
        'reason = ""',
    ]


def _choices(choices: tuple[Choice, ...]) -> str:
    return ", ".join(_choice(one.value, one.word) for one in choices)


def _choice(value: str, word: str) -> str:
    """What may stand in the file; a letter, or nothing, is told in words too."""
    return f"{value or 'empty'} ({word})" if not value or value.isupper() else value
