"""A story whose end is known: one trial more at a time, until a very large one overrules the small ones.

Every number of every version is held against what R's metafor computes from the same rows.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from functools import cache, partial
from itertools import pairwise
from math import exp, isclose
from pathlib import Path
from typing import Any

from deploy.replay.ldn import join
from deploy.replay.stage import Stage, expect
from deploy.replay.steps import Chapter, Step
from living.config import shipped
from living.model.snapshot import AnalysisOut, PoolOut, Snapshot
from living.review.compare import analyses
from living.review.difference import difference
from living.service.topics import EVIDENCE, PROTOCOL, load_topic
from living.service.turn import turn

TOPIC = "magnesium-mi"
FOLDER = shipped("db") / "topics" / TOPIC
REFERENCE = Path(__file__).parents[2] / "tests" / "oracle" / "golden" / "ours_magnesium.json"
STUDIES = "\n[[studies]]\n"  # where one trial of the evidence file ends and the next begins
READER, JOINS_AT = "dora@example.org", 3
HEADLINE_K = 3
MEGATRIAL = "ISIS-4 1995"
MODELS = {"death": "common", "death-random": "random", "death-2007": "dl"}  # analysis: fit of the reference
CLOSE, ROUNDING = 1e-7, 1e-10  # relative and absolute; the reference stops its iterations at 1e-12
Trial = dict[str, Any]


def chapter(stops: Sequence[int] = ()) -> Chapter:
    """Return the story of the table: a version after every row, or only after the rows at `stops`."""
    title = "Magnesium after a heart attack (real trials, the table of the Cochrane review of 2007)"
    return Chapter(title, tuple(_steps(tuple(stops) or tuple(range(1, len(reference()["steps"]) + 1)))))


@cache
def reference() -> dict[str, Any]:
    """Return what metafor computed, with the rows it was computed from."""
    found: dict[str, Any] = json.loads(REFERENCE.read_text(encoding="utf-8"))
    return found


def _steps(stops: tuple[int, ...]) -> Iterator[Step]:
    """One step for each stop; the year is the table's, month and day are ours and keep its order."""
    trials = reference()["steps"]
    years = [trial["year"] for trial in trials]
    for number, (since, k) in enumerate(pairwise((0, *stops)), 1):
        trial = trials[k - 1]
        month = 1 + years[: k - 1].count(trial["year"])
        (ours, theirs), (n1, n2) = trial["events"], trial["totals"]
        title = f"{trial['label']}: {ours} of {n1} died with magnesium, {theirs} of {n2} without"
        when = f"{trial['year']}-{month:02}-15 09:00"
        yield Step(f"magnesium-{k:02}", when, title, partial(_on, number, trials[since:k]))


def _on(number: int, added: list[Trial], stage: Stage) -> Iterator[str]:
    """Enter these rows; they make the version of this number."""
    k = added[-1]["k"]
    load_topic(stage.house, _table_so_far(stage, k))
    turn(stage.house, TOPIC)
    wanted = tuple(f"v{n}.0" for n in range(1, number + 1))
    expect(stage.versions(TOPIC) == wanted, f"{number} times something new, {number} versions")
    now = stage.snapshot(TOPIC, wanted[-1])
    _is_the_table(now, k)
    _is_what_metafor_computes(now, added[-1])
    _is_on_the_page(stage, wanted[-1], now)
    if number > 1:
        _came_from(stage.snapshot(TOPIC, wanted[-2]), now, {trial["label"] for trial in added})
    if number == JOINS_AT:
        join(stage, TOPIC, READER, "new_study")
    stage.send(TOPIC)
    yield from _told(now, wanted[-1])


def _table_so_far(stage: Stage, rows: int) -> Path:
    """Write the topic with the first rows of its table into the replay's folder."""
    folder = stage.house.settings.home / "topics" / TOPIC
    folder.mkdir(parents=True, exist_ok=True)
    head, *trials = (FOLDER / EVIDENCE).read_text(encoding="utf-8").split(STUDIES)
    (folder / EVIDENCE).write_text(STUDIES.join([head, *trials[:rows]]), encoding="utf-8")
    (folder / PROTOCOL).write_bytes((FOLDER / PROTOCOL).read_bytes())
    return folder


def _is_the_table(now: Snapshot, k: int) -> None:
    rows = reference()["steps"][:k]
    for analysis in analyses(now).values():
        found = [(item.label, item.events_experimental, item.events_control) for item in analysis.contrasts]
        wanted = [(row["label"], *row["events"]) for row in rows]
        expect(found == wanted, f"{analysis.id} has these {k} trials")
    expect(now.flow.included == k == now.flow.in_headline, f"{k} trials are included")
    release = now.release
    expect(release and release.decision.level == "major", "a new trial makes a major version")
    code = "new_evidence" if release and release.previous else "first_version"
    expect(release and release.decision.code == code, f"the rule says {code}")


def _is_what_metafor_computes(now: Snapshot, trial: Trial) -> None:
    for name, model in MODELS.items():
        analysis = analyses(now)[name]
        row, fitted = analysis.contrasts[-1], trial[model]
        same = _same(row.estimate, trial["yi"]) and _same(row.se**2, trial["vi"])
        expect(same, f"{trial['label']} has metafor's log odds ratio")
        expect(analysis.pool.pooled == (trial["k"] >= HEADLINE_K), "an average from three trials on")
        average = _average(analysis)
        if fitted and average:
            parts = ("estimate", "se", "low", "high", "tau2", "i2")
            wrong = [part for part in parts if not _same(getattr(average, part), fitted[part])]
            expect(not wrong, f"{name} of {trial['k']} trials is metafor's; {', '.join(wrong)} differ")


def _average(analysis: AnalysisOut) -> PoolOut | None:
    return analysis.pool if analysis.pool.pooled else analysis.two_study_pool


def _same(ours: float | None, theirs: float) -> bool:
    return ours is not None and isclose(ours, theirs, rel_tol=CLOSE, abs_tol=ROUNDING)


def _is_on_the_page(stage: Stage, name: str, now: Snapshot) -> None:
    page = stage.page(f"/{TOPIC}/{name}/")
    expect(now.answer.headline in page, "the page begins with its answer")
    expect(now.public_note in page, "the page says that it is a demonstration")
    missing = [study.label for study in now.studies if study.label not in page]
    expect(not missing, f"every trial stands on the page; missing: {', '.join(missing)}")


def _came_from(before: Snapshot, now: Snapshot, added: set[str]) -> None:
    """The difference of two versions is what was added, and its parts make the whole."""
    told = difference(before, now)
    expect({cause.label for cause in told.causes} == added, f"the causes are {', '.join(sorted(added))}")
    for course in told.courses:
        shifts = [move.shift for move in course.moves]
        if course.total is not None and None not in shifts:
            parts = sum(shift for shift in shifts if shift is not None)
            whole = (course.after.estimate or 0.0) - (course.before.estimate or 0.0)
            expect(isclose(parts, whole, abs_tol=ROUNDING), f"the parts of {course.id} make the whole")
            expect(isclose(course.total, whole, abs_tol=ROUNDING), f"{course.id} moved by its total")


def _told(now: Snapshot, name: str) -> Iterator[str]:
    common, random = (analyses(now)[name].pool for name in ("death", "death-random"))
    if not common.pooled:
        yield f"{name}: {now.answer.headline}"
        return
    yield f"{name}: OR {_ratio(common)} with a common effect, {_ratio(random)} with random effects"
    overruled = now.studies[-1].label == MEGATRIAL
    if overruled:
        low, high = common.low or 0.0, common.high or 0.0
        expect(low < 0 < high, "the large trial overrules the small ones")
        yield now.answer.headline


def _ratio(pool: PoolOut) -> str:
    estimate, low, high = (exp(value or 0.0) for value in (pool.estimate, pool.low, pool.high))
    return f"{estimate:.2f} ({low:.2f} to {high:.2f})"
