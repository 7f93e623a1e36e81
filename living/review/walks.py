"""The walk from another review's estimate to ours: one cause a step, each a pool made again."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from living.model.facts import PublishedPool
from living.model.snapshot import AnalysisOut, ContrastOut, PoolOut
from living.model.surroundings import Reproduction, Walk, WalkCause
from living.review.printed import is_ratio, kind_of, value
from living.review.remade import (
    HUNDREDTH,
    NAMES,
    House,
    Made,
    Row,
    Rule,
    comparable,
    input_rows,
    made,
    own_rows,
    row_of,
    rule_of,
)
from living.review.wording import spelled

SUM = 1e-10  # what the parts of a walk may miss its whole by
NOT_THEIRS = "what separates the print from this value cannot be told by cause"


@dataclass
class _Path:
    """The steps so far and the value they reached."""

    at: Made
    steps: list[Walk] = field(default_factory=list)

    def go(
        self, cause: WalkCause, text: str, after: Made, studies: Sequence[str] = (), *, apart: str = ""
    ) -> None:
        """Take a step. `apart` says why its two ends are not on one scale."""
        before, then = self.at.estimate, after.estimate
        shift = None if apart or before is None or then is None else then - before
        self.steps.append(
            Walk(
                cause=cause,
                text=text,
                studies=tuple(studies),
                before=before,
                after=then,
                low=after.low,
                high=after.high,
                k=after.k,
                shift=shift,
                reason=apart or after.reason,
            )
        )
        self.at = after


def walk(pool: PublishedPool, house: House, again: Reproduction) -> tuple[Walk, ...]:
    """Return the steps from a printed estimate to our own; none where ours asks no such question.

    Where the review's studies have numbers, every step is a pool of all that was changed so far, and the
    shifts sum to the whole. Where it prints none, the walk begins with our numbers of its studies, and says
    that the way from the print to there cannot be told.
    """
    wanted = house.analysis(pool.analysis) if pool.analysis else None
    start = value(pool.estimate, is_ratio(pool.measure))
    if wanted is None or not pool.between_arms or start is None:
        return ()
    path = _Path(Made(pool.k or 0, start))
    same = comparable(pool, house)
    if same is None or _on_other_points(pool):
        path.go("ours", _ours_text(wanted, pool), _ours(wanted, pool), apart=_apart(pool, wanted))
        return tuple(path.steps)
    printed = input_rows(pool)
    if printed and len(printed) == len(pool.inputs):
        rows, rule = printed, rule_of(pool, printed)
        told = "reproduced" if again.status == "reproduced" else "which is not the print"
        path.go("inputs", f"Their inputs pooled again by their rule ({rule.words}), {told}", made(rows, rule))
    elif pool.inputs:
        rows = own_rows(pool, wanted, house)
        rule = rule_of(pool, rows)
        _with_ours(path, pool, rows, rule, again)
    else:
        path.go("inputs", "Their result made again", Made(0, reason=again.reason))
        path.go("ours", _ours_text(wanted, pool), _ours(wanted, pool))
        return tuple(path.steps)
    _onwards(path, pool, wanted, house, rows, rule)
    assert adds_up(path.steps), f"{pool.id}: the parts of the walk miss its whole"
    return tuple(path.steps)


def adds_up(steps: Sequence[Walk]) -> bool:
    """Return whether the shifts of a walk sum to its whole, wherever all of them are numbers."""
    parts = [step.shift for step in steps]
    if not steps or None in parts or steps[0].before is None or steps[-1].after is None:
        return True
    whole = steps[-1].after - steps[0].before
    return abs(math.fsum(part for part in parts if part is not None) - whole) <= SUM


def _onwards(
    path: _Path, pool: PublishedPool, wanted: AnalysisOut, house: House, rows: tuple[Row, ...], rule: Rule
) -> None:
    """The steps that leave their studies for ours, then their rule for ours."""
    own = {row.study: row for row in _own_rows(wanted, pool)}
    rows = _comparators(path, pool, wanted, rows, rule)
    rows = _removed(path, wanted, house, rows, own, rule)
    rows = _replaced(path, house, rows, own, rule)
    known = {_key(house, row) for row in rows}
    new = [row for row in own.values() if row.study not in known]
    if new:
        rows = (*rows, *(row_of(row, wanted.comparison) for row in new))
        named = [row.label for row in new]
        path.go("added", f"{_many(named)} not among theirs", made(rows, rule), named)
    ours = _ours(wanted, pool)
    if rows and _differ(path.at, ours):
        path.go("method", f"Our rule: {_method(ours, wanted, pool)}", ours)
    elif not rows and not path.at.k:
        path.go("ours", _ours_text(wanted, pool), ours)


def _with_ours(
    path: _Path, pool: PublishedPool, rows: Sequence[Row], rule: Rule, again: Reproduction
) -> None:
    """The steps to our numbers of their studies: one where all have some, else one that cannot be told."""
    found = made(rows, rule)
    if again.status == "reproduced":
        path.go("inputs", f"{_of_theirs(pool, rows, rule)}, reproduced", found)
        return
    if again.status == "impossible":
        path.go("inputs", "Their result made again", Made(0, reason=again.reason))
        found = replace(found, reason=NOT_THEIRS)
    if rows:
        path.go("numbers", _of_theirs(pool, rows, rule), found, [row.label for row in rows])


def _of_theirs(pool: PublishedPool, rows: Sequence[Row], rule: Rule) -> str:
    """Say whose numbers stand in, for how many of their studies, and by which rule."""
    have, all_of = len({row.study for row in rows}), len({one.label for one in pool.inputs})
    named = "it is inferred to have pooled" if any(one.inferred for one in pool.inputs) else "it pooled"
    stated = "" if pool.tau2_method and pool.interval_method else "; its own rule is not stated in full"
    whole = "the" if have == all_of else f"{spelled(have)} of the"
    return f"Our numbers of {whole} {spelled(all_of)} studies {named} ({rule.words}{stated})"


def _comparators(
    path: _Path, pool: PublishedPool, wanted: AnalysisOut, rows: tuple[Row, ...], rule: Rule
) -> tuple[Row, ...]:
    """Comparisons are never pooled together here; a study without a number is named all the same."""
    other = [one.label for one in pool.inputs if one.comparison not in ("", wanted.comparison)]
    if not other:
        return rows
    left = tuple(row for row in rows if row.comparison in ("", wanted.comparison))
    text = "The other comparison set apart, as the two are never pooled together here"
    none = "" if len(left) < len(rows) else "none of them has a number here, so nothing moves"
    path.go("comparators", text, replace(made(left, rule), reason=none), list(dict.fromkeys(other)))
    return left


def _removed(
    path: _Path,
    wanted: AnalysisOut,
    house: House,
    rows: tuple[Row, ...],
    own: dict[str, ContrastOut],
    rule: Rule,
) -> tuple[Row, ...]:
    """Studies that do not meet our protocol, then those without a number that our analysis can use."""
    excluded: dict[str, list[Row]] = {}
    for row in rows:
        study = house.studies.get(row.study)
        if study is not None and study.status == "excluded":
            excluded.setdefault(study.criterion, []).append(row)
    for criterion, gone in excluded.items():
        rows = tuple(row for row in rows if row not in gone)
        named = [row.label for row in gone]
        path.go("criteria", f"{_many(named)} not eligible here ({criterion})", made(rows, rule), named)
    unusable = [row for row in rows if _key(house, row) not in own]
    if unusable:
        rows = tuple(row for row in rows if row not in unusable)
        named = [f"{row.label} ({_why(house, wanted, row)})" for row in unusable]
        told = f"{_many(named)} for which our analysis has no number"
        path.go("unusable", told, made(rows, rule), named)
    return rows


def _replaced(
    path: _Path, house: House, rows: tuple[Row, ...], own: dict[str, ContrastOut], rule: Rule
) -> tuple[Row, ...]:
    moved = [
        row
        for row in rows
        if not (_close(row.estimate, own[_key(house, row)].estimate))
        or not _close(row.se, own[_key(house, row)].se)
    ]
    if not moved:
        return rows
    rows = tuple(row_of(own[_key(house, row)], row.comparison) for row in rows)
    named = [row.label for row in moved]
    path.go("numbers", f"Our numbers for {_many(named).lower()}", made(rows, rule), named)
    return rows


def _key(house: House, row: Row) -> str:
    study = house.studies.get(row.study)
    return study.key if study else row.study


def _why(house: House, wanted: AnalysisOut, row: Row) -> str:
    study = house.studies.get(row.study)
    return house.reason(wanted, study.key) if study else "not known in this review"


def _own_rows(wanted: AnalysisOut, pool: PublishedPool) -> tuple[ContrastOut, ...]:
    level = _level(wanted, pool)
    if level is None:
        return wanted.contrasts
    return tuple(row for row in wanted.contrasts if row.label in level[0])


def _level(wanted: AnalysisOut, pool: PublishedPool) -> tuple[tuple[str, ...], PoolOut, str] | None:
    split, _, name = pool.group.partition("/")
    for group in wanted.subgroups:
        for level in group.levels:
            if (group.id, level.id) == (split, name):
                return level.studies, level.pool, level.label
    return None


def _ours(wanted: AnalysisOut, pool: PublishedPool) -> Made:
    """Our own value: the analysis, or the level of its split; two studies give theirs, one its own."""
    rows, level = _own_rows(wanted, pool), _level(wanted, pool)
    found = level[1] if level else wanted.pool
    if not found.pooled and level is None and wanted.two_study_pool and wanted.two_study_pool.pooled:
        found = wanted.two_study_pool
    if found.pooled:
        return Made(found.k, found.estimate, found.low, found.high)
    if len(rows) == 1:
        return Made(1, rows[0].estimate, rows[0].low, rows[0].high)
    return Made(len(rows), reason=found.reason or "no study gives numbers for this yet")


def _method(ours: Made, wanted: AnalysisOut, pool: PublishedPool) -> str:
    level = _level(wanted, pool)
    found = level[1] if level else wanted.pool
    if not found.pooled:
        found = wanted.two_study_pool or found
    if not found.pooled:
        return "one study, by itself" if ours.k == 1 else ours.reason
    few = "" if wanted.pool.pooled or level else "; two are too few for a headline here"
    return f"{NAMES.get(found.method, found.method)}, {found.interval_label}{few}"


def _ours_text(wanted: AnalysisOut, pool: PublishedPool) -> str:
    level = _level(wanted, pool)
    where = f", {level[2].lower()}" if level else ""
    return f"Ours: {wanted.measure_label}{where}"


def _on_other_points(pool: PublishedPool) -> bool:
    """A mean difference whose scale is not stated may be on any number of points."""
    return kind_of(pool.measure) == "MD" and not pool.unit


def _apart(pool: PublishedPool, wanted: AnalysisOut) -> str:
    if kind_of(pool.measure) != wanted.measure.partition("-")[0]:
        return f"{pool.measure} and {wanted.measure_label} are not on one scale"
    return "the print does not say on how many points its scale runs, so the two may not be on one scale"


def _differ(one: Made, other: Made) -> bool:
    """Whether two values are not the same; limits that agree as printed are (one study's own are rounded)."""
    if one.estimate is None or other.estimate is None or not _close(one.estimate, other.estimate):
        return True
    pairs = ((one.low, other.low), (one.high, other.high))
    return any(a is None or b is None or abs(a - b) > HUNDREDTH for a, b in pairs)


def _close(one: float, other: float) -> bool:
    return math.isclose(one, other, rel_tol=SUM, abs_tol=SUM)


def _many(named: Sequence[str]) -> str:
    return "One study" if len(named) == 1 else f"{spelled(len(named)).capitalize()} studies"
