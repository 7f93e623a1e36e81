"""An analysis split by condition or dose: shown when groups are large enough to show, tested when to test."""

from __future__ import annotations

from collections.abc import Sequence

from living import stats
from living.model.protocol import Analysis, Model, Subgroup
from living.model.snapshot import ContrastOut, SubgroupLevelOut, SubgroupOut
from living.review.evidence import Basis
from living.review.pools import pool


def subgroups(
    basis: Basis, analysis: Analysis, model: Model, rows: Sequence[ContrastOut]
) -> tuple[SubgroupOut, ...]:
    """Return each declared split of an analysis, levels pooled apart, with the test or why there is none."""
    declared = {item.id: item for item in basis.protocol.subgroups}
    return tuple(_split(basis, declared[name], model, rows) for name in analysis.subgroups)


def _split(basis: Basis, split: Subgroup, model: Model, rows: Sequence[ContrastOut]) -> SubgroupOut:
    groups: dict[str, list[ContrastOut]] = {level.id: [] for level in split.levels}
    for row in rows:
        what = basis.what.get(row.study)
        level = level_of(split, row, what.condition_group if what else "")
        if level in groups:
            groups[level].append(row)
    levels = tuple(
        SubgroupLevelOut(
            id=level.id,
            label=level.label,
            studies=tuple(row.label for row in groups[level.id]),
            pool=pool(groups[level.id], model, minimum=max(2, model.subgroup_k)),
        )
        for level in split.levels
    )
    return _tested(split, levels, groups, model)


def level_of(split: Subgroup, row: ContrastOut, condition_group: str) -> str:
    """Return the id of the level that a study belongs to; empty when its dose or condition is not known."""
    if split.by == "condition_group":
        return condition_group
    if row.dose_mg is None:
        return ""
    return split.levels[sum(row.dose_mg >= cut for cut in split.cuts_mg)].id


def _tested(
    split: Subgroup, levels: tuple[SubgroupLevelOut, ...], groups: dict[str, list[ContrastOut]], model: Model
) -> SubgroupOut:
    filled = {name: rows for name, rows in groups.items() if rows}
    k = sum(len(rows) for rows in filled.values())
    enough = k >= model.test_k and len(filled) > 1
    if not enough or min(len(rows) for rows in filled.values()) < model.test_group_k:
        reason = f"not tested: a test needs {model.test_k} studies and {model.test_group_k} in each group"
        return SubgroupOut(id=split.id, label=split.label, levels=levels, test=reason)
    flat = [(row, name) for name, rows in filled.items() for row in rows]
    found = stats.subgroups(
        [row.estimate for row, _ in flat],
        [row.se**2 for row, _ in flat],
        [name for _, name in flat],
        tau2=model.tau2,
        interval=model.interval,
        level=model.level,
    ).between
    if isinstance(found, stats.NotEstimable):
        return SubgroupOut(id=split.id, label=split.label, levels=levels, test=f"not tested: {found.reason}")
    return SubgroupOut(
        id=split.id,
        label=split.label,
        levels=levels,
        test="chi-square between groups",
        q_between=found.statistic,
        q_df=found.df,
        p=found.p,
    )
