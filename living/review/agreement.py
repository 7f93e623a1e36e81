"""How often two people who worked blind said the same: of what is open to everybody, and nothing else."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Iterable, Iterator

from living.model.facts import Cell, Characteristics, Extraction, Judgement, LedgerLine, ScreeningVote
from living.model.numbers import ArmMeans, NoNumbers, Numbers
from living.model.teamwork import AgreementOut
from living.review.described import FIELDS
from living.review.evidence import Evidence
from living.review.readings import same_numbers
from living.stats.agreement import cohen_kappa
from living.stats.status import REASONS, Status

Pair = tuple[Hashable, Hashable]
Answers = dict[str, list[Pair]]
LABELS = {
    "screening-title": "Screening: verdict on title and abstract",
    "screening-full": "Screening: verdict on the full report",
    "cell": "Extraction: which results were found",
    "numbers": "Extraction: the numbers",
    "usable": "Extraction: whether there are usable numbers",
    "shape": "Extraction: the kind of numbers",
    "spread": "Extraction: the kind of spread or interval",
    "estimand": "Extraction: change, final or adjusted values",
    "population": "Extraction: who was analysed",
    "design": "The study: design",
    "condition-group": "The study: group of conditions",
    "arms": "The study: arms",
}
TOOLS = {"rob2": "Risk of bias", "trust": "Trustworthiness"}
NO_CATEGORIES = {
    "cell": "nobody lists the results that neither found, so chance has no share to take away",
    "numbers": "numbers are no categories",
    "arms": "arms are no categories",
}
TWO = 2


def agreement(evidence: Evidence) -> tuple[AgreementOut, ...]:
    """Return, field by field, how often two people agreed before either could see the other's work.

    Of a study that more than two have read blind, the first two by name count; so with votes and judgements.
    What is still blind is left out, down to its number. Fields that nobody answered twice are left out too.
    """
    answers: Answers = {}
    for source in (_votes, _readings, _described, _judgements):
        for field, pair in source(evidence):
            answers.setdefault(field, []).append(pair)
    order = [*(name for name in LABELS if name in answers), *sorted(set(answers) - set(LABELS))]
    return tuple(_agreement(field, answers[field]) for field in order)


def _agreement(field: str, pairs: list[Pair]) -> AgreementOut:
    tool, _, domain = field.partition("-")
    label = LABELS.get(field) or f"{TOOLS[tool]}: {domain.replace('_', ' ')}"
    equal = sum(one == other for one, other in pairs)
    out = AgreementOut(field=field, label=label, items=len(pairs), equal=equal)
    if field in NO_CATEGORIES:
        return out.model_copy(update={"note": NO_CATEGORIES[field]})
    found = cohen_kappa(_table(pairs))
    if found.status != Status.OK:
        return out.model_copy(update={"note": REASONS[Status(int(found.status))]})
    kappa, low, high = (float(value) for value in (found.kappa, found.low, found.high))
    if math.isclose(low, high):  # all alike: the large-sample error is nought whatever the number of items
        return out.model_copy(update={"kappa": kappa})
    return out.model_copy(update={"kappa": kappa, "low": low, "high": high})


def _table(pairs: list[Pair]) -> list[list[int]]:
    categories = sorted({str(one) for pair in pairs for one in pair})
    place = {name: n for n, name in enumerate(categories)}
    table = [[0] * len(categories) for _ in categories]
    for one, other in pairs:
        table[place[str(one)]][place[str(other)]] += 1
    return table


# --- what two people said blind ---------------------------------------------------------------------------


def _votes(evidence: Evidence) -> Iterator[tuple[str, Pair]]:
    needed = evidence.protocol.people.screeners
    for stage in ("title", "full_text"):
        said: dict[str, dict[str, tuple[LedgerLine, ScreeningVote]]] = {}
        for line, vote in evidence.state.of_kind(ScreeningVote):
            study = evidence.studies.study_of(vote.record)
            if study is None or vote.imported is not None or vote.stage != stage:
                continue
            votes = said.setdefault(study.key, {})
            if len(votes) >= needed:
                continue  # whoever votes now could see the others' votes
            votes.pop(line.by, None)
            if vote.vote != "withdrawn":
                votes[line.by] = (line, vote)
        for votes in said.values():
            if len(votes) >= max(needed, TWO) and all(
                evidence.sight.vote(line) for line, _ in votes.values()
            ):
                one, other = (votes[name][1].vote for name in sorted(votes)[:TWO])
                yield f"screening-{'title' if stage == 'title' else 'full'}", (one, other)


def _readings(evidence: Evidence) -> Iterator[tuple[str, Pair]]:
    for key, until in evidence.sight.opened.items():
        people = _read_blind(evidence, key, until)
        if len(people) < TWO:
            continue
        one, other = (people[name] for name in sorted(people)[:TWO])
        for cell in {**one, **other}:
            yield "cell", (cell in one, cell in other)
            if cell in one and cell in other:
                yield from _cell(one[cell], other[cell])
        yield from _estimands(one, other)


def _read_blind(evidence: Evidence, key: str, until: int) -> dict[str, dict[Cell, Extraction]]:
    """What each person had read of a study when its readings were opened."""
    people: dict[str, dict[Cell, Extraction]] = {}
    for line, fact in evidence.state.of_kind(Extraction):
        if line.seq <= until and fact.imported is None and evidence.sight.home(fact.cell.study) == key:
            cell = fact.cell.model_copy(update={"study": key})
            people.setdefault(line.by, {})[cell] = fact
    return people


def _cell(one: Extraction, other: Extraction) -> Iterator[tuple[str, Pair]]:
    yield "numbers", (True, same_numbers(one.numbers, other.numbers))
    nothing = [isinstance(item.numbers, NoNumbers) for item in (one, other)]
    yield "usable", (not nothing[0], not nothing[1])
    yield "population", (one.population, other.population)
    if any(nothing):
        return
    yield "shape", (one.numbers.shape, other.numbers.shape)
    spreads = _spread(one.numbers), _spread(other.numbers)
    if all(spreads):
        yield "spread", spreads


def _spread(numbers: Numbers) -> str:
    if isinstance(numbers, ArmMeans):
        return f"{numbers.experimental.spread.by} {numbers.control.spread.by}"
    precision = getattr(numbers, "precision", None)
    return precision.by if precision else ""


def _estimands(one: Iterable[Cell], other: Iterable[Cell]) -> Iterator[tuple[str, Pair]]:
    """The kind of values, where each of the two read one kind only of a result at a time."""

    def kinds(cells: Iterable[Cell]) -> dict[tuple[Hashable, ...], list[str]]:
        found: dict[tuple[Hashable, ...], list[str]] = {}
        for cell in cells:
            if cell.estimand != "count":
                about = (cell.outcome, cell.experimental, cell.control, cell.scale, cell.weeks)
                found.setdefault(about, []).append(cell.estimand)
        return found

    left, right = kinds(one), kinds(other)
    for about in left:
        if len(left[about]) == len(right.get(about, ())) == 1:
            yield "estimand", (left[about][0], right[about][0])


def _described(evidence: Evidence) -> Iterator[tuple[str, Pair]]:
    fields: dict[str, Callable[[Characteristics], object]] = {
        "design": FIELDS["design"],
        "condition-group": FIELDS["condition group"],
        "arms": lambda what: str(FIELDS["arms"](what)),
    }
    for key, until in evidence.sight.opened.items():
        people = {
            line.by: fact
            for line, fact in evidence.state.of_kind(Characteristics)
            if line.seq <= until and fact.imported is None and evidence.sight.home(fact.study) == key
        }
        if len(people) >= TWO:
            one, other = (people[name] for name in sorted(people)[:TWO])
            yield from ((name, (str(of(one)), str(of(other)))) for name, of in fields.items())


def _judgements(evidence: Evidence) -> Iterator[tuple[str, Pair]]:
    said: dict[tuple[str, str, str], dict[str, tuple[LedgerLine, Judgement]]] = {}
    for line, fact in evidence.state.of_kind(Judgement):
        if fact.round == "alone" and fact.tool in TOOLS:
            people = said.setdefault((fact.tool, fact.subject, fact.judged), {})
            if len(people) < max(evidence.protocol.people.judges, TWO):  # then the others' can be seen
                people[line.by] = (line, fact)
    for people in said.values():
        if len(people) < TWO or not all(evidence.sight.judgement(line) for line, _ in people.values()):
            continue
        one, other = (people[name][1] for name in sorted(people)[:TWO])
        yield f"{one.tool}-overall", (one.overall, other.overall)
        theirs = {name: judged for name, judged, _ in other.domains}
        for name, judged, _ in one.domains:
            if name in theirs:
                yield f"{one.tool}-{name}", (judged, theirs[name])
