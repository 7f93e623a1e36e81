"""What waits to be judged: trust first, then risk of bias of results in use, then certainty."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from living.model.protocol import Analysis
from living.model.snapshot import ContrastOut, PoolOut
from living.review.analysis import enter
from living.review.evidence import Basis, Evidence
from living.review.judged import certainty, rob_of
from living.review.names import cell_id
from living.review.pools import pool
from living.review.selection import CHECKED, Scope
from living.review.trusted import SERIOUS
from living.review.work import ORDER, Task

Rows = dict[str, tuple[ContrastOut, ...]]
AGAIN = "what was judged has moved"


def to_judge(evidence: Evidence, person: str = "") -> tuple[Task, ...]:
    """Return what waits to be judged, most urgent kind first; of a person, without what waits for another.

    Only of studies that give an analysis of this review's own a number that people have settled: before that
    there is nothing to judge. Risk of bias waits for trust, certainty for the risk of bias of every study in
    the analysis. A task of certainty names the analysis in the place of a study.
    """
    basis = evidence.basis
    declared = [item for item in evidence.protocol.analyses if item.role != "continuity"]
    rows = {item.id: _rows(basis, item) for item in declared}
    settled = list(
        dict.fromkeys(
            (row.study, analysis.outcome, row.cell)
            for analysis in declared
            for row in rows[analysis.id]
            if row.standing in CHECKED
        )
    )
    tasks = [
        *_trust(evidence, dict.fromkeys(key for key, _, _ in settled), person),
        *_bias(evidence, basis, settled, person),
        *(task for item in declared for task in _certainty(evidence, basis, item, rows[item.id])),
    ]
    return tuple(
        sorted(tasks, key=lambda task: (ORDER.index(task.kind), task.since, task.study, task.detail))
    )


def in_plain_words(evidence: Evidence, key: str, result: str) -> str:
    """Return a result as people call it: its outcome, and the time and kind of value of a cell."""
    labels = {item.id: item.label for item in evidence.protocol.outcomes}
    for reading in evidence.readings.of_study(key):
        cell = reading.cell
        if cell_id(cell) == result:
            what = "" if cell.estimand == "count" else f", {cell.estimand.replace('_', ' ')}"
            return f"{labels.get(cell.outcome, cell.outcome)}, {cell.weeks:g} weeks{what}"
    return labels.get(result, result)


def _rows(basis: Basis, analysis: Analysis) -> tuple[ContrastOut, ...]:
    scope = Scope.of(basis.protocol, analysis)
    return enter(basis, scope, basis.protocol.models[analysis.models]).contrasts


def _trust(evidence: Evidence, keys: dict[str, None], person: str) -> Iterator[Task]:
    for key in keys:
        found = evidence.judged.trust.get(key)
        if _waits_for_another(evidence, ("trust", key, ""), person):
            continue
        if found is None:
            yield _task(evidence, "trust", key, _begun(evidence, "trust", key, "") or "not assessed yet")
        elif found.stale:
            yield _task(evidence, "judge_again", key, f"trustworthiness: {AGAIN}")


def _bias(
    evidence: Evidence, basis: Basis, settled: Sequence[tuple[str, str, str]], person: str
) -> Iterator[Task]:
    for key, outcome, cell in settled:
        trust = evidence.judged.trust.get(key)
        results = basis.rob(key)
        if trust is None or trust.overall == SERIOUS or rob_of(results, outcome, cell):
            continue
        if any(_waits_for_another(evidence, ("rob2", key, name), person) for name in (cell, outcome, "")):
            continue
        called = in_plain_words(evidence, key, cell)
        if any(one.stale and one.result in (cell, outcome, "") for one in results):
            yield _task(evidence, "judge_again", key, f"risk of bias, {called}: {AGAIN}")
            continue
        begun = next(filter(None, (_begun(evidence, "rob2", key, name) for name in (cell, outcome, ""))), "")
        yield _task(evidence, "rob", key, f"{called}: {begun or 'not judged yet'}")


def _certainty(
    evidence: Evidence, basis: Basis, analysis: Analysis, rows: tuple[ContrastOut, ...]
) -> Iterator[Task]:
    ready = rows and all(
        row.standing in CHECKED and rob_of(basis.rob(row.study), analysis.outcome, row.cell) for row in rows
    )
    if not ready:
        return
    found = certainty(evidence.judged, analysis.id, rows, _average(basis, analysis, rows))
    if found and not found.stale:
        return
    since = max(evidence.state.first_seen[row.study].seq for row in rows)
    yield Task("grade", analysis.id, analysis.label, AGAIN if found else "not rated yet", since)


def _average(basis: Basis, analysis: Analysis, rows: Sequence[ContrastOut]) -> PoolOut:
    model = basis.protocol.models[analysis.models]
    return pool(rows, model, minimum=max(2, model.headline_k))


def _task(evidence: Evidence, kind: str, key: str, detail: str) -> Task:
    named = next(item for item in ORDER if item == kind)
    return Task(named, key, evidence.label(key), detail, evidence.state.first_seen[key].seq)


def _waits_for_another(evidence: Evidence, subject: tuple[str, str, str], person: str) -> bool:
    """Whether somebody has judged already and only the others' judgement is missing."""
    begun = evidence.judged.begun.get(subject)
    return bool(begun and begun.kind == "waiting" and person in {line.by for line, _ in begun.lines})


def _begun(evidence: Evidence, tool: str, key: str, result: str) -> str:
    """How many have judged, or that they differ: never what anybody judged."""
    begun = evidence.judged.begun.get((tool, key, result))
    if begun is None:
        return ""
    if begun.kind == "differ":
        return "those who judged alone differ"
    return f"{len(begun.lines)} of {evidence.protocol.people.judges} have judged"
