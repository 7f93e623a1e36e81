"""Print how long the engine takes beside R's metafor (and PyMARE) on the same data, and whether they agree.

    python tests/benchmarks/stats_speed.py    # under five minutes; --slow runs R's longest case

A time counts only if the same run gives R's numbers to 1e-8; a row that does not says so. Every time is the
fastest of several runs on either side (R's long cases run once), without R's start-up. metafor's REML runs to
1e-12, and with half steps in the bootstrap, where whole ones do not converge; "default accuracy" rows time it
as it comes. "Rerun all" is the fit, subgroups (a fit for each of three levels and the test between them),
leave-one-out, cumulative, Egger, Begg, trim and fill, influence. PyMARE, if importable, fits REML alone.
Set OPENBLAS_NUM_THREADS=1: the blocks are small, and threads only get in each other's way.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from living import stats

SEED = 20260618
AGREE = 1e-8
SEARCHED = 1e-5  # PyMARE's search, and metafor's at its default accuracy, stop this near the maximum
FLOOR_2_20 = 0.045  # seconds a core: one division a study an iteration, measured on this kind of machine
WALL_2_20 = 3.0  # seconds, the goal of 2^20 subsets
SHORT_RUN, LONG_RUN = 11, 15  # studies whose subsets R pools by REML, without and with --slow
RESAMPLES, ASKED_OF_R = 10_000, 200
R_SCRIPT = Path(__file__).with_suffix(".R")

Numbers = dict[str, Any]


@dataclass(frozen=True)
class Task:
    """One row: what is timed, how often, its goal (times as fast as `beside`) and the number it must give.

    `theirs` names the case of the other side, `scale` makes its time one of the whole task.
    """

    label: str
    run: Callable[[], Any]
    times: int
    goal: float
    theirs: str
    value: Callable[[Any], Any]
    beside: str = "metafor"
    scale: float = 1.0
    agree: float = AGREE


def main() -> None:
    """Time every task, ask R for the same, print the table."""
    slow = "--slow" in sys.argv
    data = _data()
    theirs = _ask_r(data, slow=slow) | _ask_pymare(data)
    print(f"{'task':50} {'beside':8} {'ours':>10} {'theirs':>10} {'ratio':>9} {'goal':>7}        agreement")
    for task in [*_tasks(data), *_subset_tasks(data, slow), *_resampling_tasks(data)]:
        took, result = _timed(task.run, task.times)
        print(_row(task, took, result, theirs.get(task.theirs)), flush=True)
    _floor(data)


def _tasks(data: Numbers) -> Iterator[Task]:
    y20, v20 = _pair(data["k20"])
    y1000, v1000 = _pair(data["k1000"])
    value = _values("mu", "se", "tau2")
    one, many = "full result, k=20", "full result, k=1000"
    run_one = lambda: stats.pool(y20, v20, interval="HK")  # noqa: E731
    run_many = lambda: stats.pool(y1000, v1000, interval="HK")  # noqa: E731
    loose = ", default accuracy"
    yield Task(one, run_one, 300, 10, "full_20", value)
    yield Task(one + loose, run_one, 300, 10, "full_20_default", value, agree=SEARCHED)
    yield Task(many, run_many, 200, 1000, "full_1000", value)
    yield Task(many + loose, run_many, 200, 1000, "full_1000_default", value, agree=SEARCHED)
    yield Task(many, run_many, 200, 20, "pymare_1000", _values("mu", "tau2"), "PyMARE", agree=SEARCHED)
    for k, goal, times in ((20, 40, 200), (100, 150, 80)):
        data_k = data[f"k{k}"]
        yield Task(f"rerun all, k={k}", lambda s=data_k: _rerun(s), times, goal, f"rerun_{k}", _rerun_value)


def _subset_tasks(data: Numbers, slow: bool) -> Iterator[Task]:
    y, v = _pair(data["k15"])
    scaled = "" if slow else f" (R scaled from 2^{SHORT_RUN})"
    scale = 1.0 if slow else 2.0 ** (LONG_RUN - SHORT_RUN)
    mu = _values("mu")
    yield Task(
        f"GOSH REML, 2^15{scaled}",
        lambda: stats.gosh(y, v, tau2="REML"),
        3,
        700,
        "gosh_reml",
        mu,
        scale=scale,
    )
    yield Task("GOSH DL, 2^15", lambda: stats.gosh(y, v, tau2="DL"), 20, 150, "gosh_dl", mu)
    yield Task("GOSH common effect, 2^15", lambda: stats.gosh(y, v, tau2="CE"), 20, 1500, "gosh_ce", mu)


def _resampling_tasks(data: Numbers) -> Iterator[Task]:
    twelve = _pair(data["k12"])
    boot = np.array(data["boot_y"]), np.array(data["boot_v"])
    levels = data["levels3"]
    groups = (levels["outer"], stats.nested(levels["outer"], levels["inner"]))
    yield Task(
        "exact permutation, k=12 (R: all 2^12)", lambda: stats.permutation_test(*twelve), 20, 1500,
        "permutation_12", _values("p"), agree=0.0,
    )  # fmt: skip
    label, scale = f"bootstrap {RESAMPLES:,} REML, k=20", RESAMPLES / ASKED_OF_R
    run = lambda: stats.fit(*boot)  # noqa: E731
    yield Task(
        f"{label} (R: {ASKED_OF_R} x {scale:.0f})", run, 10, 700, "bootstrap",
        lambda fits: fits.tau2[:ASKED_OF_R], scale=scale,
    )  # fmt: skip
    yield Task(label, run, 10, 3, "pymare_boot", _values("tau2"), "PyMARE", agree=SEARCHED)
    yield Task(
        "three levels, k=100", lambda: stats.multilevel(levels["y"], levels["v"], groups), 20, 5,
        "three_level_100", _values("log_likelihood"),
    )  # fmt: skip


def _rerun(s: Numbers) -> dict[str, Any]:
    y, v = _pair(s)
    return {
        "full": stats.pool(y, v),
        "groups": stats.subgroups(y, v, s["group"]),
        "without": stats.leave_one_out(y, v, interval="wald"),
        "cumulative": stats.cumulative(y, v, interval="wald"),
        "egger": stats.egger_random(y, v),
        "begg": stats.begg(y, v),
        "filled": stats.trim_and_fill(y, v),
        "influence": stats.influence(y, v),
    }


def _rerun_value(found: dict[str, Any]) -> list[float]:
    """The numbers of everything rerun, in the order in which stats_speed.R tells them."""
    full, levels, between = found["full"], found["groups"].levels.values(), found["groups"].between
    egger, begg, filled = found["egger"], found["begg"], found["filled"]
    return [
        full.mu, full.tau2, *(level.mu for level in levels), *(level.tau2 for level in levels),
        between.statistic, *found["without"].mu, *found["cumulative"].mu, egger.statistic, egger.p,
        begg.tau, begg.p, filled.missing, filled.pooled.mu, *found["influence"].cooks_distance,
    ]  # fmt: skip


def _values(*names: str) -> Callable[[Any], Any]:
    return lambda result: np.concatenate([np.ravel(getattr(result, name)) for name in names])


def _timed(run: Callable[[], Any], times: int) -> tuple[float, Any]:
    took, result = float("inf"), None
    for _ in range(times):
        begun = time.perf_counter()
        result = run()
        took = min(took, time.perf_counter() - begun)
    return took, result


def _row(task: Task, took: float, result: Any, told: Numbers | None) -> str:
    start = f"{task.label:50} {task.beside:8} {_shown(took):>10}"
    if told is None:
        return f"{start} {'-':>10} {'-':>9} {task.goal:>6.0f}x {'':6} {task.beside} is not here"
    theirs = told["seconds"] * task.scale
    ratio = theirs / took
    agrees, agreement = _agreement(task, result, told)
    verdict = ("met" if ratio >= task.goal else "short") if agrees else "void"
    return f"{start} {_shown(theirs):>10} {ratio:>8.0f}x {task.goal:>6.0f}x {verdict:6} {agreement}"


def _agreement(task: Task, result: Any, told: Numbers) -> tuple[bool, str]:
    ours, theirs = np.ravel(task.value(result)), np.ravel(np.array(told["value"], dtype=float))
    if "rows" in told:
        ours = ours[np.array(told["rows"], dtype=int) - 1]
    worst = _distance(ours, theirs)
    if not worst <= task.agree:
        return False, f"DOES NOT COUNT: differs by {worst:.0e}"
    agreement = "exactly equal" if worst == 0 else f"agrees to {worst:.0e}"
    if "stopped" in told:
        agreement += (
            f" (the likelihood; components to {_distance(np.array(result.sigma2), told['stopped']):.0e})"
        )
    return True, f"{agreement}; numbers compared: {len(theirs):,}"


def _distance(ours: Any, theirs: Any) -> float:
    """The largest difference, relative to theirs or to a thousandth where they are smaller."""
    return float(np.max(np.abs(ours - np.array(theirs)) / np.maximum(1e-3, np.abs(theirs))))


def _shown(seconds: float) -> str:
    return f"{seconds:.2f} s" if seconds >= 1 else f"{seconds * 1000:.2f} ms"


def _floor(data: Numbers) -> None:
    """GOSH of 2^20 subsets has nobody to stand beside: it is held against the arithmetic it must do."""
    y, v = _pair(data["k20"])
    for threads in sorted({1, os.cpu_count() or 1}):
        took, _ = _timed(lambda n=threads: stats.gosh(y, v, tau2="REML", threads=n), 2)
        verdict = "met" if took <= WALL_2_20 else "short"
        floors = took * threads / FLOOR_2_20
        print(
            f"GOSH REML 2^20, threads {threads}: {_shown(took)}, goal {WALL_2_20:g} s {verdict};"
            f" {floors:.0f} times the floor of {FLOOR_2_20 * 1e3:.0f} ms a core"
        )


def _data() -> Numbers:
    source = np.random.default_rng(SEED)

    def studies(k: int) -> Numbers:
        v = source.uniform(0.02, 0.3, k)
        y = 0.2 + source.normal(0, 0.3, k) + source.normal(0, np.sqrt(v))
        return {"y": y.tolist(), "v": v.tolist(), "group": [("a", "b", "c")[i % 3] for i in range(k)]}

    data: Numbers = {f"k{k}": studies(k) for k in (12, LONG_RUN, 20, 100, 1000)}
    y, v = (np.array(part) for part in _pair(data["k20"]))
    drawn = source.integers(0, 20, size=(RESAMPLES, 20))
    data |= {"boot_y": y[drawn].tolist(), "boot_v": v[drawn].tolist()}
    outer = np.repeat(np.arange(25), 4)
    data["levels3"] = studies(100) | {"outer": outer.tolist(), "inner": np.tile(np.arange(4), 25).tolist()}
    return data


def _pair(studies: Numbers) -> tuple[list[float], list[float]]:
    return studies["y"], studies["v"]


def _ask_r(data: Numbers, *, slow: bool) -> Numbers:
    if shutil.which("Rscript") is None:
        print("R is not here: ours alone. (Debian: r-cran-metafor, r-cran-jsonlite)")
        return {}
    small = data | {name: data[name][:ASKED_OF_R] for name in ("boot_y", "boot_v")}
    with tempfile.TemporaryDirectory() as folder:
        given = Path(folder, "data.json")
        given.write_text(json.dumps(small))
        command = ["Rscript", str(R_SCRIPT), str(given), "slow" if slow else "quick"]
        found = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return dict(json.loads(found.stdout[found.stdout.index("{") :]))


def _ask_pymare(data: Numbers) -> Numbers:
    try:
        from pymare.estimators import VarianceBasedLikelihoodEstimator
    except ImportError:
        print("PyMARE not installed (pip install pymare): no ratio to it.")
        return {}
    estimator = VarianceBasedLikelihoodEstimator("REML")

    def fitted(y: list[Any], v: list[Any], times: int) -> tuple[float, Numbers]:
        rows, variances = np.atleast_2d(y).T, np.atleast_2d(v).T  # [studies, data sets]
        took, found = _timed(lambda: estimator.fit(rows, variances, np.ones((len(rows), 1))), times)
        return took, found.params_

    took, one = fitted(*_pair(data["k1000"]), 5)
    single = {"seconds": took, "value": [float(one["fe_params"][0, 0]), float(one["tau2"][0, 0])]}
    took, many = fitted(data["boot_y"], data["boot_v"], 2)
    return {"pymare_1000": single, "pymare_boot": {"seconds": took, "value": many["tau2"][0]}}


if __name__ == "__main__":
    main()
