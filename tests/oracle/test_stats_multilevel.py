"""Dependent effects against metafor's rma.mv, robust and aggregate, and clubSandwich."""

import json
from collections.abc import Iterator
from typing import Any

import numpy as np

from living import stats
from tests.oracle.golden_files import (
    CLOSED_FORM,
    OWN,
    Comparison,
    is_error,
    load,
    measured,
    numbers,
    paths,
    unsupported,
)

Json = dict[str, Any]
# What golden/README.md allows for rma.mv, whose optimiser (nlminb) stops at a relative change of 1e-10 in the
# likelihood: the components themselves are then good to about 1e-5, and all that hangs on them.
OPTIMISED = {"rtol": 1e-4, "atol": 1e-6}
# The maximum itself is flat in the components, so it agrees much further.
MAXIMUM = {"rtol": 1e-9, "atol": 1e-9}
INTERVALS = {"z": "wald", "t": "wald-t"}


def clustered() -> Iterator[tuple[str, np.ndarray, np.ndarray, dict[str, Any], Json]]:
    """(name, yi, vi, columns of the input, block) of every data set with dependent effects."""
    for name, analysis, measure, block in measured():
        if "aggregate_CS" in block:
            rows = numbers(block["used_rows"]).astype(int) - 1
            first = next(iter(block["escalc"].values()))
            columns = {key: np.array(values)[rows] for key, values in analysis["input"].items()}
            yi, vi = numbers(first["yi"])[rows], numbers(first["vi"])[rows]
            yield f"{name} {measure}", yi, vi, columns, block


def inner_labels(columns: dict[str, Any], name: str, count: int) -> np.ndarray:
    return columns.get(name, np.arange(count))


def test_three_level_models_agree_with_rma_mv() -> None:
    c = Comparison()
    for name, yi, vi, columns, block in clustered():
        if "three_level" not in block:
            continue
        wanted = block["three_level"]
        outer = columns[wanted["outer"]]
        random = [outer, stats.nested(outer, inner_labels(columns, wanted["inner"], len(yi)))]
        for key in ("REML_z", "REML_t", "ML_z", "ML_t"):
            method, _, test = key.partition("_")
            found = stats.multilevel(yi, vi, random, method=method, interval=INTERVALS[test])
            assert isinstance(found, stats.Multilevel), name
            compare_model(c, f"three-level {key}", name, found, wanted[key])
        model = stats.multilevel(yi, vi, random)
        assert isinstance(model, stats.Multilevel)
        ranef = wanted["ranef_outer"]
        c.same("three-level random effects", name, model.effects[0], ranef["intrcpt"], OPTIMISED)
        c.same("three-level random effects", name, model.effects_se[0], ranef["se"], OPTIMISED)
        for kind in ("CR1", "CR2"):
            want = wanted[f"robust_{kind}" + "_clubSandwich" * (kind == "CR2")]
            robust = stats.cluster_robust(yi, model.marginal, outer, kind=kind)
            compare_robust(c, f"three-level robust {kind}", name, robust, want, OPTIMISED)
    c.check()


def compare_model(c: Comparison, feature: str, name: str, found: stats.Multilevel, want: Json) -> None:
    pairs = {"b": found.b, "se": found.se, "p": found.p, "ci_lb": found.ci_low, "ci_ub": found.ci_high}
    pairs |= {"stat": found.statistic} if "stat" in want else {}
    for column, mine in pairs.items():
        c.same(feature, f"{name} {column}", mine, want[column], OPTIMISED)
    c.same(feature, f"{name} QE", found.qe, want["QE"], CLOSED_FORM)
    if "QEp" in want:
        c.same(feature, f"{name} QEp", found.qe_p, want["QEp"], CLOSED_FORM)
    c.same(feature, f"{name} log-likelihood", found.log_likelihood, want["logLik"], MAXIMUM)
    sigma2 = found.sigma2 or (0.0,)
    c.same(feature, f"{name} sigma2", sigma2, want["sigma2"], OPTIMISED)


def compare_robust(
    c: Comparison, feature: str, name: str, found: Any, want: Json, tolerance: dict[str, float]
) -> None:
    assert isinstance(found, stats.Robust), name
    pairs = {"b": found.b, "se": found.se, "stat": found.statistic, "ddf": found.df, "p": found.p}
    pairs |= {"ci_lb": found.ci_low, "ci_ub": found.ci_high}
    for column, mine in pairs.items():
        c.same(feature, f"{name} {column}", mine, want[column], tolerance)


def test_shared_control_models_agree_with_rma_mv() -> None:
    c = Comparison()
    for path in paths("synthetic_designs.json.gz"):
        for case in load(path)["shared_control"]:
            study, arm = case["input"]["study"], case["input"]["arm"]
            random = {"fixed": [], "random_study": [study]}
            random["random_study_and_arm"] = [study, stats.nested(study, arm)]
            for measure, block in case["measures"].items():
                for key, groupings in random.items():
                    found = stats.multilevel(block["yi"], block["V"], groupings)
                    assert isinstance(found, stats.Multilevel)
                    name = f"{case['id']} {measure}"
                    compare_model(c, f"shared control {key}", name, found, block[key])
    c.check()


def test_robust_errors_of_a_plain_pool_agree_with_metafor_and_clubsandwich() -> None:
    c = Comparison()
    kinds = {"CR1": "CR1", "CR1_noadj": "CR0", "CR2_clubSandwich": "CR2"}
    for name, yi, vi, columns, block in clustered():
        want = block["robust"]
        tau2 = float(stats.fit(yi, vi, tau2="REML").tau2)
        for key, kind in kinds.items():
            if is_error(want.get(key)):
                unsupported["robust: reference refused"] += 1
                continue
            found = stats.cluster_robust(yi, vi + tau2, columns[want["cluster_col"]], kind=kind)
            compare_robust(c, f"robust {kind}", name, found, want[key], CLOSED_FORM)
    c.check()


def test_aggregated_effects_agree_with_aggregate() -> None:
    c = Comparison()
    for name, yi, vi, columns, block in clustered():
        cluster = columns[block["robust"]["cluster_col"]]
        for key, want in block["aggregate_CS"].items():
            if is_error(want):
                unsupported["aggregate: reference refused"] += 1
                continue
            found = stats.aggregate(yi, vi, cluster, float(key.removeprefix("rho")))
            order = {str(label): place for place, label in enumerate(found.labels)}
            place = [order[str(label)] for label in want["cluster"]]
            c.same("aggregate", f"{name} {key}", found.effects.yi[place], want["yi"], CLOSED_FORM)
            c.same("aggregate", f"{name} {key}", found.effects.vi[place], want["vi"], CLOSED_FORM)
    c.check()


def test_three_levels_with_a_moderator_agree_with_rma_mv_and_clubsandwich() -> None:
    c = Comparison()
    data = json.loads((OWN / "ours_multilevel.json").read_text())
    random = [data["district"], stats.nested(data["district"], data["school"])]
    for name, want in data["models"].items():
        x = want["x"] or None
        found = stats.multilevel(data["yi"], data["vi"], random, x)
        assert isinstance(found, stats.Multilevel)
        pairs = {"b": found.b, "se": found.se, "p": found.p, "sigma2": found.sigma2}
        pairs |= {"logLik": found.log_likelihood, "QE": found.qe}
        for column, mine in pairs.items():
            c.same("three-level moderator", f"{name} {column}", mine, want[column], OPTIMISED)
        for kind in ("CR0", "CR1", "CR2"):
            robust = stats.cluster_robust(data["yi"], found.marginal, data["district"], x, kind=kind)
            assert isinstance(robust, stats.Robust)
            pairs = {"b": robust.b, "se": robust.se, "p": robust.p}
            pairs["ddf"] = robust.df if kind == "CR2" else robust.df[0]
            for column, mine in pairs.items():
                c.same(f"three-level robust {kind}", f"{name} {column}", mine, want[kind][column], OPTIMISED)
    c.check()
