"""Print how long the engine takes beside R's metafor (and PyMARE) on the same data, and whether they agree.

    python tests/benchmarks/stats_speed.py     # some minutes with R; --quick leaves R's slow cases out

A time counts only if the same run gives R's numbers to 1e-8; a row that does not says so. R's start-up is not
counted; its REML runs to 1e-12, and with half steps in the bootstrap, where whole ones do not converge.
Set OPENBLAS_NUM_THREADS=1: the blocks are small, and threads only get in each other's way.
"""

from __future__ import annotations

import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from living import stats

SEED = 20260618
AGREE = 1e-8
FLOOR_2_20 = 0.045  # seconds a core: one division a study an iteration, measured on this kind of machine
R_SCRIPT = r"""
suppressMessages(library(metafor)); suppressMessages(library(jsonlite, warn.conflicts = FALSE))
args <- commandArgs(TRUE); d <- fromJSON(args[1]); slow <- args[2] == "slow"
time <- function(f, n) median(replicate(n, system.time(f())[["elapsed"]]))
ctl <- list(threshold = 1e-12, maxiter = 1000)
half <- list(threshold = 1e-12, maxiter = 10000, stepadj = 0.5)
out <- list()
full <- function(s) { r <- rma(s$y, s$v, method = "REML", test = "knha", control = ctl)
  confint(r); predict(r); r }
one <- function(name, f, n, value) out[[name]] <<- list(seconds = time(f, n), value = value)
r20 <- full(d$k20); one("full_20", function() full(d$k20), 5, c(coef(r20), r20$tau2))
r1000 <- full(d$k1000); one("full_1000", function() full(d$k1000), 1, c(coef(r1000), r1000$tau2))
all <- function(s) { r <- rma(s$y, s$v, method = "REML", control = ctl); leave1out(r); cumul(r)
  regtest(r); ranktest(r); trimfill(r); influence(r) }
one("rerun_20", function() all(d$k20), 1, NA)
if (slow) one("rerun_100", function() all(d$k100), 1, NA)
g <- function(s, m) gosh(rma(s$y, s$v, method = m, control = ctl), progbar = FALSE)
gg <- g(d$k10, "DL"); one("gosh_dl_10", function() g(d$k10, "DL"), 1, sum(gg$res$estimate))
gg <- g(d$k10, "EE"); one("gosh_ce_10", function() g(d$k10, "EE"), 1, sum(gg$res$estimate))
gg <- g(d$k10, "REML"); one("gosh_reml_10", function() g(d$k10, "REML"), 1, sum(gg$res$estimate))
if (slow) { f12 <- rma(d$k12$y, d$k12$v, method = "REML", control = ctl)
  one("permutation_12", function() permutest(f12, exact = TRUE, progbar = FALSE), 1, NA) }
b <- function(n) sapply(seq_len(n), function(i) rma(d$boot_y[i, ], d$boot_v[i, ], method = "REML",
  control = half)$tau2)
bb <- b(200); one("bootstrap_200", function() b(200), 1, bb)
s <- d$levels3; m <- function() rma.mv(s$y, s$v, random = ~ 1 | outer/inner, data = s)
mm <- m(); one("three_level_100", m, 3, NA)
cat(toJSON(out, digits = NA, auto_unbox = TRUE))
"""


@dataclass(frozen=True)
class Task:
    """One row: what is timed, how often, the number it must give, and R's name of it."""

    label: str
    run: Callable[[], Any]
    times: int
    value: Callable[[Any], list[float]] | None = None
    reference: str = ""
    scale: float = 1.0


def main() -> None:
    """Time every task, ask R for the same, print the table."""
    data = _data()
    theirs = _ask_r(data, slow="--quick" not in sys.argv)
    print(f"{'task':44} {'ours':>10} {'metafor':>10} {'ratio':>8}  agreement")
    for task in _tasks(data):
        took, result = _timed(task)
        told = theirs.get(task.reference)
        print(_row(task, took, result, told))
    _pymare(data)
    took, _ = _timed(Task("", lambda: stats.gosh(*_pair(data["k20"]), tau2="REML"), 1))
    print(f"GOSH REML 2^20, wall: {took:.2f} s, {took / FLOOR_2_20:.0f} times the floor of one core")


def _tasks(data: dict[str, Any]) -> list[Task]:
    y20, v20 = _pair(data["k20"])
    y100, v100 = _pair(data["k100"])
    y1000, v1000 = _pair(data["k1000"])
    ten, twelve = _pair(data["k10"]), _pair(data["k12"])
    levels = data["levels3"]
    groups = (levels["outer"], stats.nested(levels["outer"], levels["inner"]))
    boot = np.array(data["boot_y"]), np.array(data["boot_v"])
    pooled = _values("mu", "tau2")
    return [
        Task("full result, k=20", lambda: stats.pool(y20, v20, interval="HK"), 200, pooled, "full_20"),
        Task("full result, k=1000", lambda: stats.pool(y1000, v1000, interval="HK"), 20, pooled, "full_1000"),
        Task("rerun all, k=20", lambda: _rerun(y20, v20), 10, None, "rerun_20"),
        Task("rerun all, k=100", lambda: _rerun(y100, v100), 5, None, "rerun_100"),
        Task("GOSH REML, 2^10", lambda: stats.gosh(*ten, tau2="REML"), 20, _sum, "gosh_reml_10"),
        Task("GOSH DL, 2^10", lambda: stats.gosh(*ten, tau2="DL"), 50, _sum, "gosh_dl_10"),
        Task("GOSH common effect, 2^10", lambda: stats.gosh(*ten, tau2="CE"), 50, _sum, "gosh_ce_10"),
        Task("exact permutation, k=12", lambda: stats.permutation_test(*twelve), 5, None, "permutation_12"),
        Task("bootstrap 10,000 REML, k=20 (R: 200 x 50)", lambda: stats.fit(*boot), 3, _first_200,
             "bootstrap_200", 50.0),
        Task("three-level, k=100", lambda: stats.multilevel(levels["y"], levels["v"], groups), 5, None,
             "three_level_100"),
    ]  # fmt: skip


def _rerun(y: Any, v: Any) -> None:
    stats.pool(y, v)
    stats.leave_one_out(y, v, interval="wald")
    stats.cumulative(y, v, order=np.arange(len(y)), interval="wald")
    stats.egger_random(y, v)
    stats.begg(y, v)
    stats.trim_and_fill(y, v)
    stats.influence(y, v)


def _values(*names: str) -> Callable[[Any], list[float]]:
    return lambda result: [float(getattr(result, name)) for name in names]


def _sum(result: Any) -> list[float]:
    return [float(np.sum(result.mu))]


def _first_200(result: Any) -> list[float]:
    return [float(value) for value in result.tau2[:200]]


def _timed(task: Task) -> tuple[float, Any]:
    took, result = [], None
    for _ in range(task.times):
        begun = time.perf_counter()
        result = task.run()
        took.append(time.perf_counter() - begun)
    return statistics.median(took), result


def _row(task: Task, took: float, result: Any, told: dict[str, Any] | None) -> str:
    if told is None:
        return f"{task.label:44} {_shown(took):>10} {'-':>10} {'-':>8}  not asked"
    theirs = told["seconds"] * task.scale
    agreement = _agreement(task, result, told)
    return f"{task.label:44} {_shown(took):>10} {_shown(theirs):>10} {theirs / took:>7.0f}x  {agreement}"


def _agreement(task: Task, result: Any, told: dict[str, Any]) -> str:
    if task.value is None:
        return "compared in tests/oracle"
    ours, theirs = np.array(task.value(result)), np.ravel(np.array(told["value"], dtype=float))
    worst = float(np.max(np.abs(ours - theirs) / np.maximum(1e-3, np.abs(theirs))))
    return f"agrees to {worst:.0e}" if worst <= AGREE else f"DOES NOT COUNT: differs by {worst:.0e}"


def _shown(seconds: float) -> str:
    return f"{seconds:.2f} s" if seconds >= 1 else f"{seconds * 1000:.2f} ms"


def _data() -> dict[str, Any]:
    source = np.random.default_rng(SEED)

    def studies(k: int) -> dict[str, list[float]]:
        v = source.uniform(0.02, 0.3, k)
        y = 0.2 + source.normal(0, 0.3, k) + source.normal(0, np.sqrt(v))
        return {"y": y.tolist(), "v": v.tolist()}

    data: dict[str, Any] = {f"k{k}": studies(k) for k in (10, 12, 20, 100, 1000)}
    y, v = (np.array(part) for part in _pair(data["k20"]))
    drawn = source.integers(0, 20, size=(10_000, 20))
    data |= {"boot_y": y[drawn].tolist(), "boot_v": v[drawn].tolist()}
    outer = np.repeat(np.arange(25), 4)
    data["levels3"] = studies(100) | {"outer": outer.tolist(), "inner": np.tile(np.arange(4), 25).tolist()}
    return data


def _pair(studies: dict[str, list[float]]) -> tuple[list[float], list[float]]:
    return studies["y"], studies["v"]


def _ask_r(data: dict[str, Any], *, slow: bool) -> dict[str, Any]:
    if shutil.which("Rscript") is None:
        print("R is not here: ours alone. (Debian: r-cran-metafor, r-cran-jsonlite)")
        return {}
    small = data | {"boot_y": data["boot_y"][:200], "boot_v": data["boot_v"][:200]}
    with tempfile.TemporaryDirectory() as folder:
        given, code = Path(folder, "data.json"), Path(folder, "metafor.R")
        given.write_text(json.dumps(small))
        code.write_text(R_SCRIPT)
        command = ["Rscript", str(code), str(given), "slow" if slow else "quick"]
        found = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return dict(json.loads(found.stdout[found.stdout.index("{") :]))


def _pymare(data: dict[str, Any]) -> None:
    try:
        from pymare import Dataset
        from pymare.estimators import VarianceBasedLikelihoodEstimator
    except ImportError:
        print("PyMARE is not here (pip install pymare): no ratio to it.")
        return
    y, v = (np.array(part) for part in _pair(data["k1000"]))
    estimator = VarianceBasedLikelihoodEstimator("REML")
    ours, _ = _timed(Task("", lambda: stats.pool(y, v, interval="HK"), 20))
    theirs, _ = _timed(Task("", lambda: estimator.fit_dataset(Dataset(y, v)), 5))
    print(f"PyMARE, one REML fit, k=1000: {_shown(theirs)}, {theirs / ours:.0f} times our full result")


if __name__ == "__main__":
    main()
