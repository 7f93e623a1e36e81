"""Prints how many reference values agree, disagree and are not compared; writes them down when asked."""

from pathlib import Path

import numpy as np
import pytest
import scipy

from tests.oracle import golden_files as golden
from tests.oracle.methods import UNKNOWN_REASON, reason
from tests.oracle.validation import Results, Tally, page

VALIDATION = Path(__file__).resolve().parents[2] / "living" / "stats" / "VALIDATION.md"
MUTATION = Path(__file__).with_name("mutation.md")  # a section kept by hand


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--write-validation", action="store_true", help="write living/stats/VALIDATION.md anew")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    results = Results(golden.agree, golden.disagree, golden.unsupported, golden.relative, golden.absolute)
    features = results.features()
    if not features:
        return
    terminalreporter.section("reference values (agree / disagree / not compared)")
    total = Tally()
    for name, tally in features.items():
        total.add(tally)
        unknown = f"  {UNKNOWN_REASON}" if tally.missing and reason(name) == UNKNOWN_REASON else ""
        counts = f"{tally.agree:7d} {tally.disagree:5d} {tally.missing:7d}"
        terminalreporter.write_line(f"{name:34s} {counts}{unknown}")
    terminalreporter.write_line(
        f"in all: {total.agree} agree, {total.disagree} disagree, {total.missing} not compared"
    )
    if config.getoption("--write-validation", default=False):
        versions = f"numpy {np.__version__}, scipy {scipy.__version__}"
        mutation = MUTATION.read_text(encoding="utf-8") if MUTATION.exists() else ""
        VALIDATION.write_text(page(results, versions, mutation), encoding="utf-8")
        terminalreporter.write_line(f"written: {VALIDATION.name}")
