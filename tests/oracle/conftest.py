"""Prints how many reference values agree, disagree and are not supported, feature by feature."""

import pytest

from tests.oracle import golden_files as golden


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    features = sorted({*golden.agree, *golden.disagree, *golden.unsupported})
    if not features:
        return
    terminalreporter.section("reference values (agree / disagree / not supported)")
    for name in features:
        counts = (golden.agree[name], golden.disagree[name], golden.unsupported[name])
        terminalreporter.write_line(f"{name:34s} {counts[0]:7d} {counts[1]:5d} {counts[2]:7d}")
