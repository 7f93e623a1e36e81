"""refit.R: R's metafor fits the printed averages again, agrees, and notices one that was changed."""

import csv
import shutil
import subprocess
from functools import cache
from pathlib import Path

import pytest

from living.model.protocol import Analysis, Model, Sensitivity
from living.model.snapshot import SensitivityOut, Snapshot
from living.publish.bundle import render_version
from living.review.pools import pool
from tests.unit.publish import grown

R_SECONDS = 120


@cache
def has_metafor() -> bool:
    if shutil.which("Rscript") is None:
        return False
    asked = ["Rscript", "-e", "quit(status = !requireNamespace('metafor', quietly = TRUE))"]
    return subprocess.run(asked, capture_output=True, check=False, timeout=R_SECONDS).returncode == 0


@pytest.fixture(autouse=True)
def needs_metafor() -> None:
    if not has_metafor():
        pytest.skip("needs Rscript with the package metafor")


VARIANTS = (
    Sensitivity(id="dl-wald", label="DerSimonian-Laird, z", tau2="DL", interval="wald"),
    Sensitivity(id="pm-hk", label="Paule-Mandel, Hartung-Knapp", tau2="PM", interval="HK"),
    Sensitivity(id="sj", label="Sidik-Jonkman", tau2="SJ"),
    Sensitivity(id="ml", label="Maximum likelihood", tau2="ML"),
    Sensitivity(id="eb", label="Empirical Bayes", tau2="EB"),
    Sensitivity(id="he", label="Hedges", tau2="HE"),
    Sensitivity(id="ce", label="A common effect, z", tau2="CE", interval="wald"),
    Sensitivity(id="ce-hk", label="A common effect, guarded Hartung-Knapp", tau2="CE"),
    Sensitivity(id="bayes", label="Bayes", bayes_half_normal=0.5),
    Sensitivity(id="dose", label="5 mg or less", max_dose_mg=5.0),
)


def topic(k: int, ratio: bool = False) -> Snapshot:
    """A topic of k invented studies, its averages computed by the engine, its variants declared."""
    base = grown.topic(k, ratio)
    model = Model(tau2="REML", interval="HK-guarded")
    (comparison,) = base.comparisons
    (item,) = comparison.analyses
    found = tuple(
        SensitivityOut(
            id=one.id,
            label=one.label,
            pool=pool(item.contrasts, model, one),
            studies=tuple(study.study for study in item.contrasts),
        )
        for one in VARIANTS
    )
    item = item.model_copy(update={"pool": pool(item.contrasts, model), "sensitivity": found})
    declared = next(analysis for analysis in base.protocol.analyses if analysis.id == item.id)
    asked = Analysis.model_validate(declared.model_dump() | {"sensitivity": VARIANTS})
    return base.model_copy(
        update={
            "comparisons": (comparison.model_copy(update={"analyses": (item,)}),),
            "protocol": base.protocol.model_copy(update={"analyses": (asked,)}),
        }
    )


def written(folder: Path, snapshot: Snapshot) -> Path:
    for name, content in render_version(snapshot).items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder


def refit(folder: Path) -> subprocess.CompletedProcess[str]:
    command = ["Rscript", "--vanilla", str(folder / "refit.R")]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=R_SECONDS, cwd="/")


@pytest.mark.parametrize(("k", "ratio"), [(12, False), (12, True), (2, False)])
def test_metafor_agrees_with_every_average_it_can_fit(tmp_path: Path, k: int, ratio: bool) -> None:
    told = refit(written(tmp_path, topic(k, ratio)))
    assert told.returncode == 0, told.stdout + told.stderr
    assert "9 averages fitted again with metafor" in told.stdout
    assert "0 differ" in told.stdout
    lines = {line.split()[1]: line for line in told.stdout.splitlines()[1:-1]}
    assert lines["main"].endswith("agrees")
    assert lines["bayes"].endswith("left out (a Bayesian model, not metafor's)")
    assert lines["dose"].endswith("left out (other effects or studies than in the table contrasts)")


def test_what_is_not_pooled_is_left_out_with_the_reason(tmp_path: Path) -> None:
    told = refit(written(tmp_path, topic(1)))
    assert told.returncode == 0, told.stdout + told.stderr
    assert "left out (no average: one study" in told.stdout
    assert "0 averages fitted again" in told.stdout


@pytest.mark.parametrize("column", ["estimate", "high", "tau2", "i2", "prediction_low"])
def test_a_printed_number_that_does_not_follow_ends_with_a_failure(tmp_path: Path, column: str) -> None:
    place = written(tmp_path, topic(12)) / "data" / "raw" / "pools.csv"
    with place.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert rows[0][column]
    rows[0][column] = f"{float(rows[0][column]) + 1e-4:.12g}"
    with place.open("w", newline="") as file:
        out = csv.DictWriter(file, rows[0].keys())
        out.writeheader()
        out.writerows(rows)
    told = refit(tmp_path)
    assert told.returncode == 1, told.stdout
    assert f"DIFFERS: {column}" in told.stdout
