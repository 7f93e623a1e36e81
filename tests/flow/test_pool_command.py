"""`living pool`: a table of somebody's own, from the command line to the numbers and back."""

import json
import math
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from living import stats
from living.cli.main import app
from living.errors import UserError
from living.service.pooling import MEASURES, pool_file

MEANS = (
    "study,m1,sd1,n1,m2,sd2,n2\n"
    "Ada 2001,5.1,2,40,5.9,2.1,41\nBo 2002,5,1.5,30,5.8,2,28\nCy 2003,6,2,50,6.1,2,49\n"
)
COUNTS = "study,events1,n1,events2,n2\nAda 2001,4,123,11,139\nBo 2002,6,306,29,303\nCy 2003,3,231,11,220\n"
# One row of every measure's columns; r is a correlation, sd_difference an SD.
FIRST = {"r": 0.5, "n": 30, "n1": 40, "n2": 41, "events1": 4, "events2": 9, "time1": 90, "time2": 80}


@pytest.fixture
def table(tmp_path: Path) -> Path:
    return tmp_path / "trials.csv"


def told(*arguments: object) -> str:
    found = CliRunner().invoke(app, ["pool", *map(str, arguments)], catch_exceptions=False)
    assert found.exit_code == 0
    return found.output


def refusal(path: Path, measure: str = "SMD", **rules: object) -> str:
    with pytest.raises(UserError) as fault:
        pool_file(path, measure, **rules)
    return str(fault.value)


def test_the_numbers_are_those_of_the_engine(table: Path) -> None:
    table.write_text(MEANS)
    found = json.loads(told(table, "--measure", "SMD", "--tau2", "DL", "--interval", "wald", "--json"))
    effects = stats.standardised_mean_difference(
        [5.1, 5, 6], [2, 1.5, 2], [40, 30, 50], [5.9, 5.8, 6.1], [2.1, 2, 2], [41, 28, 49]
    )
    pool = stats.pool(effects.yi, effects.vi, tau2="DL", interval="wald")
    assert isinstance(pool, stats.PoolResult)
    assert [row["yi"] for row in found["studies"]] == effects.yi.tolist()
    assert [found["result"][key] for key in ("mu", "ci_low", "p", "tau2")] == [
        pool.mu,
        pool.ci_low,
        pool.p,
        pool.tau2,
    ]
    assert found["result"]["df"] is None
    assert [row["weight"] for row in found["studies"]] == list(pool.weights)


def test_a_person_reads_ratios_and_a_program_their_logarithms(table: Path) -> None:
    table.write_text(COUNTS)
    found = json.loads(told(table, "--measure", "RR", "--json"))
    assert found["ratio"] is True
    assert found["studies"][0]["yi"] == pytest.approx(math.log((4 / 123) / (11 / 139)))
    shown = told(table, "--measure", "RR", "--level", "0.9")
    assert "90% interval" in shown
    assert f"{(4 / 123) / (11 / 139):.2f} [" in shown
    assert "Pooled, k = 3" in shown


@pytest.mark.parametrize("variance", ["sei\nA,0.3,0.2\nB,0.1,0.1", "vi\nA,0.3,0.04\nB,0.1,0.01"])
def test_estimates_may_come_with_standard_errors_or_with_variances(table: Path, variance: str) -> None:
    table.write_text(f"study,yi,{variance}\n")
    found = pool_file(table, "GEN")
    assert [row.vi for row in found.studies] == pytest.approx([0.04, 0.01])
    assert any("two studies only" in warning for warning in found.warnings)


@pytest.mark.parametrize("measure", MEASURES)
def test_every_measure_takes_columns_named_like_its_arguments(table: Path, measure: str) -> None:
    columns = MEASURES[measure].columns
    rows = [[str(FIRST.get(name, 2.0 + i / 10)) for name in columns] for i in range(2)]
    table.write_text("\n".join(",".join(row) for row in (columns, *rows)))
    found = pool_file(table, measure)
    assert [row.reason for row in found.studies] == ["", ""]
    assert found.studies[0].study == "row 2"


def test_an_empty_cell_leaves_its_study_out_and_says_so(table: Path) -> None:
    table.write_text(MEANS.replace("5.8,2,28", "5.8,NA,28"))
    found = pool_file(table, "MD")
    assert found.studies[1].yi is None
    assert "missing" in found.studies[1].reason
    assert found.warnings[0].startswith("left out: 1 of 3")
    assert found.result is not None
    assert found.result["k"] == 2
    assert "missing" in told(table, "--measure", "MD")


def test_one_study_is_shown_and_not_pooled(table: Path) -> None:
    table.write_text("\n".join(MEANS.splitlines()[:2]))
    assert "Not pooled: one study only" in told(table, "--measure", "MD")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (MEANS.replace("1.5", "1;5"), "row 3 (Bo 2002) column sd1: '1;5' is not a number"),
        (MEANS.replace("1.5", "inf"), "row 3 (Bo 2002) column sd1: 'inf' is not a number"),
        (MEANS.replace("sd1", "sd"), "row 1: the column sd1 is missing. SMD needs m1, sd1, n1, m2, sd2, n2"),
        (MEANS.replace("m2", "m1"), "row 1: the column m1 appears twice"),
        (MEANS.replace("50,", "50,7,"), "row 4: 8 cells under 7 columns"),
        (MEANS.splitlines()[0], "holds no study"),
        ("", "holds no study"),
        (MEANS + '"open', "not CSV"),
    ],
)
def test_a_fault_in_the_file_names_the_row_and_the_column(table: Path, text: str, message: str) -> None:
    table.write_text(text)
    assert message in refusal(table)


def test_a_file_that_cannot_be_read_is_one_line(table: Path) -> None:
    assert "cannot be read" in refusal(table)
    table.write_bytes(b"study,m1\n\xff")
    assert "not UTF-8 text" in refusal(table)


def test_an_unknown_name_is_answered_with_the_known_ones(table: Path) -> None:
    table.write_text(MEANS)
    assert "--measure XY: is not known. Choose from MD, SMD" in refusal(table, "XY")
    assert "--tau2 XY" in refusal(table, tau2="XY")
    assert "HK-guarded" in refusal(table, interval="XY")
    assert "between 0 and 1" in refusal(table, level=95)


def test_the_command_needs_no_home_and_fails_with_the_documented_code(tmp_path: Path) -> None:
    run = subprocess.run(
        [sys.executable, "-m", "living", "pool", "absent.csv"],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={"PYTHONPATH": str(Path(__file__).parents[2]), "LIVING_HOME": str(tmp_path / "home")},
        check=False,
    )
    assert run.returncode == 4
    assert run.stderr.strip() == "living: absent.csv: cannot be read (No such file or directory)"
    assert not (tmp_path / "home").exists()
