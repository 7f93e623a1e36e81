"""Mantel-Haenszel and Peto pools, and the tests that go with them, against metafor's rma.mh and rma.peto."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from living import stats
from tests.oracle.golden_files import (
    CLOSED_FORM,
    Comparison,
    is_error,
    load,
    measured,
    numbers,
    paths,
    unsupported,
)

Json = dict[str, Any]
POOLS = {
    "RR": stats.mantel_haenszel_risk_ratio,
    "OR": stats.mantel_haenszel_odds_ratio,
    "RD": stats.mantel_haenszel_risk_difference,
    "IRR": stats.mantel_haenszel_rate_ratio,
    "IRD": stats.mantel_haenszel_rate_difference,
}
NAMES = {"b": "mu", "se": "se", "stat": "statistic", "p": "p", "ci_lb": "ci_low", "ci_ub": "ci_high"}
NAMES |= {"Q": "q", "Qp": "q_p", "k": "k"}


def tables(inputs: dict[str, np.ndarray]) -> tuple[np.ndarray, ...]:
    if "x1i" in inputs:
        return tuple(inputs[name] for name in ("x1i", "t1i", "x2i", "t2i"))
    first = inputs.get("n1i", inputs["ai"] + inputs.get("bi", 0))
    second = inputs.get("n2i", inputs["ci"] + inputs.get("di", 0))
    return inputs["ai"], first, inputs["ci"], second


def cases(kind: str) -> Iterator[tuple[str, str, tuple[np.ndarray, ...], Json]]:
    """(name, measure, table, wanted) of every data set that holds such a pool."""
    for name, analysis, measure, block in measured():
        if kind in block:
            columns = {key: numbers(analysis["input"][col]) for key, col in analysis["column_map"].items()}
            yield f"{name} {measure}", measure, tables(columns), block[kind]
    for path in paths("synthetic_zero_events.json.gz"):
        data = load(path)
        for case in data["rates"] + data["binary"]:
            given = tables({key: numbers(column) for key, column in case["input"].items()})
            if kind == "peto" and kind in case:
                yield case["id"], "OR", given, case[kind]
            for measure, want in case.get(kind, {}).items() if kind == "mantel_haenszel" else ():
                yield f"{case['id']} {measure}", measure, given, want


def compare(c: Comparison, feature: str, name: str, found: stats.TablePool, want: Json) -> None:
    for key, ours in NAMES.items():
        if key in want:
            c.same(feature, f"{name} {key}", getattr(found, ours), want[key], CLOSED_FORM)


def test_mantel_haenszel_pools_agree_with_rma_mh() -> None:
    c = Comparison()
    for kind in ("mantel_haenszel", "mantel_haenszel_nocorrect"):
        for name, measure, table, want in cases(kind):
            feature = f"Mantel-Haenszel {measure}"
            if is_error(want):
                unsupported[f"{feature}: reference refused"] += 1
                continue
            if want["b"] is None:
                assert POOLS[measure](*table).status == stats.Status.ZERO_CELL, name
            compare(c, feature, name, POOLS[measure](*table), want)
            compare_tests(c, name, measure, table, want, correct=kind == "mantel_haenszel")
    c.check()


def compare_tests(
    c: Comparison, name: str, measure: str, table: tuple[Any, ...], want: Json, correct: bool
) -> None:
    found = {}
    if measure == "OR":
        found["CMH"] = stats.cochran_mantel_haenszel(*table, correct=correct)
        found["BD"] = stats.breslow_day(*table, tarone=False)
        found["TA"] = stats.breslow_day(*table)
    elif measure == "IRR":
        found["CMH"] = stats.cochran_mantel_haenszel_rates(*table, correct=correct)
    for key, test in found.items():
        if key in want:
            c.same(f"tables {key}", name, test.statistic, want[key], CLOSED_FORM)
            c.same(f"tables {key}", f"{name} P", test.p, want[f"{key}p"], CLOSED_FORM)


def test_peto_pools_agree_with_rma_peto() -> None:
    c = Comparison()
    for name, _, table, want in cases("peto"):
        if is_error(want):
            unsupported["Peto: reference refused"] += 1
        else:
            found = stats.peto(*table)
            compare(c, "Peto", name, found, want)
            if "I2" in want:
                i2 = 100 * np.maximum(0, (found.q - found.q_df) / found.q)
                c.same("Peto", f"{name} I2", i2, want["I2"], CLOSED_FORM)
    c.check()
