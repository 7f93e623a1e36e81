"""Does the sign say what the words say? Reduction, improvement, in favour of, and the study's other cells."""

from __future__ import annotations

import re

from living.model.numbers import ArmMeans, PairedMeans, ReportedContrast
from living.review.checks.finding import Case, Findings, found, shown
from living.review.checks.passages import Passage, Token
from living.review.checks.sides import sides

_FALL = re.compile(
    r"\breduc\w*|\bdecreas\w*|\bfell\b|\bdropp?(?:ed)?\b|\bdeclin\w*|\blower(?:ed|ing)\b", re.IGNORECASE
)
_RISE = re.compile(r"\bincreas\w*|\brose\b|\bworsen\w*|\bwent up\b", re.IGNORECASE)
_RELIEF = re.compile(r"\bimprov\w*|\brelief\b|\brelieved\b", re.IGNORECASE)
_FAVOUR = re.compile(r"favou?r(?:ing|ed|s)?(?: of)?\s+(?:the\s+)?(?P<whom>[\w-]+)", re.IGNORECASE)
SURELY = (
    0.1  # of the longer difference: two differences of opposite sign and less than this are both nearly zero
)


def sign_of_change(case: Case) -> Findings:
    """A change entered as positive beside words of a fall, or the other way round."""
    numbers = case.extraction.numbers
    if not isinstance(numbers, ArmMeans | PairedMeans) or numbers.values == "final":
        return
    for side in sides(numbers):
        word = _told(case, side.mean)
        if word and (side.mean > 0) == (_means_fall(case, word)) and side.mean:
            saw = f"the quote says '{word}' and the change was entered as {shown(side.mean)}"
            yield found("sign", side.mean_field, saw)


def favours(case: Case) -> Findings:
    """A contrast that its words give to one arm, entered as being in favour of the other."""
    numbers = case.extraction.numbers
    if not isinstance(numbers, ReportedContrast) or case.outcome is None:
        return
    size = numbers.estimate if numbers.measure in ("MD", "SMD") else numbers.estimate - 1
    said = {whom for item in case.passages if item.has(numbers.estimate) for whom in _favoured(case, item)}
    if len(said) != 1 or not size:
        return
    whom = said.pop()
    for_experimental = (size < 0) == (case.outcome.better == "lower")
    if for_experimental != (whom == "experimental"):
        name = case.extraction.cell.experimental if whom == "experimental" else case.extraction.cell.control
        saw = f"the quote is in favour of {name}, and {shown(numbers.estimate)} is in favour of the other arm"
        yield found("sign", "numbers.estimate", saw)


def against_arms(case: Case) -> Findings:
    """A contrast whose sign is not that of the difference of the arms, entered in another cell."""
    numbers, cell = case.extraction.numbers, case.extraction.cell
    if not isinstance(numbers, ReportedContrast) or numbers.measure not in ("MD", "SMD"):
        return
    for item in case.siblings:
        other = item.cell
        same = (other.outcome, other.experimental, other.control, other.weeks, other.scale) == (
            cell.outcome,
            cell.experimental,
            cell.control,
            cell.weeks,
            cell.scale,
        )
        if not same or not isinstance(item.numbers, ArmMeans):
            continue
        arms = item.numbers.experimental.mean - item.numbers.control.mean
        near = min(abs(arms), abs(numbers.estimate)) < SURELY * max(abs(arms), abs(numbers.estimate))
        if arms * numbers.estimate < 0 and not near:
            saw = f"{shown(numbers.estimate)} here; the arms' {other.estimand} values differ by {shown(arms)}"
            yield found("against_arms", "numbers.estimate", saw)


def _told(case: Case, value: float) -> str:
    """The word of direction beside a number that is printed without a sign; empty where words disagree."""
    words = {
        word.group().lower()
        for item in case.passages
        for token in item.tokens
        if token.is_same(value) and not _has_sign(item, token)
        for pattern in (_FALL, _RISE, _RELIEF)
        for word in pattern.finditer(_clause(item, token))
    }
    ways = {_means_fall(case, word) for word in words}
    return min(words) if len(ways) == 1 else ""


def _means_fall(case: Case, word: str) -> bool:
    if _RELIEF.fullmatch(word):
        return case.outcome is not None and case.outcome.better == "lower"
    return _FALL.fullmatch(word) is not None


def _clause(item: Passage, token: Token) -> str:
    """The words around a number, within its own sentence."""
    before = re.split(r"[.;](?:\s|$)", item.text[max(token.start - 60, 0) : token.start])[-1]
    after = re.split(r"[.;](?:\s|$)", item.text[token.end : token.end + 30])[0]
    return f"{before} {after}"


def _has_sign(item: Passage, token: Token) -> bool:
    return item.text[token.start - 1 : token.start] in ("-", "+") if token.start else False


def _favoured(case: Case, item: Passage) -> set[str]:
    cell = case.extraction.cell
    names = {}
    for side, name in (("experimental", cell.experimental), ("control", cell.control)):
        arm = case.arm(name)
        words = {name, arm.intervention if arm else name, *(arm.label.split()[:1] if arm else ())}
        words |= {word for i in case.protocol.interventions if i.id in words for word in i.label.split()}
        names[side] = {word.lower() for word in words}
    return {
        side
        for match in _FAVOUR.finditer(item.text)
        for side, words in names.items()
        if match["whom"].lower() in words
    }


CHECKS = (sign_of_change, favours, against_arms)
