"""Fail-safe numbers and excess significance against metafor."""

from typing import Any

import numpy as np

from living import stats
from tests.oracle.golden_files import CLOSED_FORM, Comparison, is_error, number, unsupported
from tests.oracle.test_stats_diagnostics import extras

TESTS = {"exact": "exact", "chi2": "chi-square", "binom": "binomial"}
RULES = {"Rosenthal": stats.rosenthal, "Orwin": stats.orwin, "Rosenberg": stats.rosenberg}


def test_fail_safe_numbers_agree_with_fsn() -> None:
    c = Comparison()
    for name, yi, vi, wanted, _ in extras("fsn"):
        for kind, want in wanted.items():
            if is_error(want):
                unsupported[f"fsn {kind}: reference refused"] += 1
                continue
            found: Any = RULES[kind](yi, vi)
            assert isinstance(found, stats.FailSafe), name
            pairs = {"fsnum": found.n, "p": found.p, "meanes": found.mean, "target": found.target}
            for column, mine in pairs.items():
                c.same(f"fsn {kind}", f"{name} {column}", mine, want[column], CLOSED_FORM)
    c.check()


def test_excess_of_significant_studies_agrees_with_tes() -> None:
    c = Comparison()
    for name, yi, vi, want, _ in extras("tes"):
        found = stats.excess_significance(yi, vi, test=TESTS[want["test"]])
        assert isinstance(found, stats.Excess), name
        pairs = {"k": found.k, "O": found.observed, "E": found.expected, "theta": found.effect, "p": found.p}
        for column, mine in pairs.items():
            c.same("tes", f"{name} {column}", mine, want[column], CLOSED_FORM)
        ratio = np.inf if found.expected == 0 else found.observed / found.expected
        c.same("tes", f"{name} ratio", ratio, number(want["OEratio"]), CLOSED_FORM)
    c.check()
