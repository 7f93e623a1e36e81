"""Effect sizes against metafor's escalc (3.8-1 for the data sets, 5.1-12 for the uncorrected forms)."""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from scipy.special import gammaln

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

Inputs = dict[str, Any]
ZERO_RULES = {
    "LS": stats.ZeroCells(),
    "to_all": stats.ZeroCells(to="all"),
    "drop00": stats.ZeroCells(drop00=True),
    "if0all": stats.ZeroCells(to="if0all"),
    "none": stats.ZeroCells(add=0.0, to="none"),
}
COUNTS = {"RR": stats.risk_ratio, "OR": stats.odds_ratio, "RD": stats.risk_difference}
COUNTS |= {"PETO": stats.peto_odds_ratio}
RATES = {"IRR": stats.rate_ratio, "IRD": stats.rate_difference}
SHARES = {"PR": stats.proportion, "PLN": stats.log_proportion, "PLO": stats.logit_proportion}
SHARES |= {"PAS": stats.arcsine_proportion, "PFT": stats.double_arcsine_proportion}
SINGLE_RATES = {"IR": stats.rate, "IRLN": stats.log_rate, "IRS": stats.root_rate}
SINGLE_RATES |= {"IRFT": stats.double_root_rate}
CORRELATIONS = {
    ("COR", "LS"): stats.correlation,
    ("COR", "AV"): partial(stats.correlation, average=True),
    ("ZCOR", "LS"): stats.fisher_z,
    ("UCOR", "LS"): stats.unbiased_correlation,
    ("UCOR", "UB"): partial(stats.unbiased_correlation, vtype="UB"),
}


def columns(analysis: dict[str, Any]) -> Inputs:
    return {name: numbers(analysis["input"][column]) for name, column in analysis["column_map"].items()}


def two_by_two(c: Inputs) -> tuple[Any, ...]:
    return (
        c["ai"],
        c["n1i"] if "n1i" in c else c["ai"] + c["bi"],
        c["ci"],
        c["n2i"] if "n2i" in c else c["ci"] + c["di"],
    )


def two_means(c: Inputs) -> tuple[Any, ...]:
    return tuple(c[name] for name in ("m1i", "sd1i", "n1i", "m2i", "sd2i", "n2i"))


def share(c: Inputs) -> tuple[Any, ...]:
    return c["xi"], c["ni"] if "ni" in c else c["xi"] + c["mi"]


def person_time(c: Inputs) -> tuple[Any, ...]:
    return tuple(c[name] for name in ("x1i", "t1i", "x2i", "t2i"))


def calculation(measure: str, variant: str, c: Inputs) -> Callable[[], stats.Effects] | None:
    """The function of ours that a measure and variant name, or None when there is none."""
    if measure == "AS":
        return lambda: stats.arcsine_difference(*two_by_two(c))
    if measure == "IRSD":
        return lambda: stats.root_rate_difference(*person_time(c))
    if measure in SHARES and variant == "LS":
        return lambda: SHARES[measure](*share(c))
    if measure in SINGLE_RATES and variant == "LS":
        return lambda: SINGLE_RATES[measure](c["xi"], c["ti"])
    if (measure, variant) == ("PR", "UB"):
        return lambda: stats.proportion(*share(c), unbiased=True)
    if (measure, variant) in CORRELATIONS:
        return lambda: CORRELATIONS[measure, variant](c["ri"], c["ni"])
    if measure in COUNTS and variant in ZERO_RULES:
        return lambda: COUNTS[measure](*two_by_two(c), ZERO_RULES[variant])
    if (measure, variant) == ("RD", "UB"):
        return lambda: stats.risk_difference(*two_by_two(c), unbiased=True)
    if (measure, variant) == ("RD", "AV"):
        return lambda: stats.risk_difference_at_averages(*two_by_two(c))
    if measure in RATES and variant in ZERO_RULES:
        return lambda: RATES[measure](*person_time(c), ZERO_RULES[variant])
    if measure == "MD" and "m1i" in c:
        return lambda: stats.mean_difference(*two_means(c))
    if measure == "SMD" and "m1i" in c and variant in stats.VTYPES:
        return lambda: stats.standardised_mean_difference(*two_means(c), vtype=variant)
    if measure == "ROM" and "m1i" in c and variant in stats.RATIO_VARIANCES:
        return lambda: stats.ratio_of_means(*two_means(c), vtype=variant)
    if measure == "VR":
        return lambda: stats.variability_ratio(c["sd1i"], c["n1i"], c["sd2i"], c["n2i"])
    if measure == "GEN":
        return lambda: stats.generic(c["yi"], np.sqrt(c["vi"]) if "vi" in c else c["sei"])
    return paired(measure, variant, c)


def paired(measure: str, variant: str, c: Inputs) -> Callable[[], stats.Effects] | None:
    """SMCRH, like SMDH, is left to metafor 5: version 3.8 has other formulas."""
    if variant not in ("LS", "LS2") or not {"m1i", "ri"} <= c.keys():
        return None
    difference, sd1, sd2, n, r = c["m1i"] - c["m2i"], c["sd1i"], c["sd2i"], c["ni"], c["ri"]
    change_sd = stats.sd_of_difference(sd1, sd2, r)
    return {
        "MC": lambda: stats.paired_mean_difference(difference, sd1, sd2, n, r),
        "SMCC": lambda: stats.smd_change_sd(difference, change_sd, n, vtype=variant),
        "SMCR": lambda: stats.smd_raw_sd(difference, sd1, n, r, vtype=variant),
        "ROMC": lambda: stats.paired_ratio_of_means(c["m1i"], sd1, c["m2i"], sd2, n, r, vtype=variant),
    }.get(measure)


def compare(c: Comparison, feature: str, where: str, found: stats.Effects, expected: dict[str, Any]) -> None:
    """A variance of zero in the reference is a refusal of ours: such a study cannot be weighted."""
    yi, vi = numbers(expected["yi"]), numbers(expected["vi"])
    weightless = ~(vi > 0)
    c.same(feature, where + " yi", found.yi, list(np.where(weightless, np.nan, yi)), CLOSED_FORM)
    c.same(feature, where + " vi", found.vi, list(np.where(weightless, np.nan, vi)), CLOSED_FORM)


def possible(
    inputs: Inputs, found: stats.Effects, expected: dict[str, Any]
) -> tuple[stats.Effects, dict[str, Any]]:
    """Both sides without the unbiased correlations for which the reference's numerical integral missed.

    There it exceeds r times the function's largest value, which is Gauss's, at r = 0.
    """
    third = (inputs["ni"] - 2) / 2
    largest = np.exp(gammaln(third) + gammaln(third - 1) - 2 * gammaln(third - 0.5))
    keep = np.abs(numbers(expected["yi"])) <= np.abs(inputs["ri"]) * largest
    unsupported["escalc UCOR: reference's integral missed"] += int((~keep).sum())
    kept = {name: list(numbers(expected[name])[keep]) for name in ("yi", "vi")}
    return stats.Effects(found.yi[keep], found.vi[keep], found.status[keep]), kept


def test_effects_of_every_data_set_agree_with_escalc() -> None:
    c = Comparison()
    for name, analysis, measure, block in measured():
        inputs = columns(analysis)
        for variant, expected in block["escalc"].items():
            feature = f"escalc {measure} {variant}"
            found = calculation(measure, variant, inputs)
            if found is None or is_error(expected):
                unsupported[feature] += 1
                continue
            mine = found()
            if measure == "UCOR":
                mine, expected = possible(inputs, mine, expected)
            compare(c, feature, name, mine, expected)
    c.check()


def zero_rule(variant: str) -> tuple[str, stats.ZeroCells]:
    measure, to, add, keep = variant.split("_")
    return measure, stats.ZeroCells(float(add), to, keep == "drop00")


def test_every_zero_cell_rule_agrees_with_escalc() -> None:
    c = Comparison()
    for path in paths("synthetic_zero_events.json.gz"):
        data = load(path)
        for case in data["rates"] + data["binary"]:
            inputs = {name: numbers(column) for name, column in case["input"].items()}
            for variant, expected in case["escalc"].items():
                measure, rule = zero_rule(variant)
                if measure in RATES:
                    found = RATES[measure](*person_time(inputs), rule)
                elif measure in COUNTS:
                    found = COUNTS[measure](*two_by_two(inputs), rule)
                else:
                    unsupported[f"escalc zero cells {measure}"] += 1
                    continue
                compare(c, f"escalc zero cells {measure}", f"{case['id']} {variant}", found, expected)
    c.check()


def test_corrected_and_uncorrected_forms_agree_with_the_newer_escalc() -> None:
    c = Comparison()
    for path in paths("escalc_v5.json.gz"):
        for analysis in load(path)["analyses"]:
            inputs = {name: numbers(column) for name, column in analysis["input"].items()}
            for key, expected in analysis["escalc"].items():
                measure, vtype, corrected = key.split("|")
                found = newer(measure, vtype, corrected == "corrected", inputs)
                if found is None or is_error(expected):
                    unsupported[f"escalc 5 {measure} {vtype}"] += 1
                else:
                    compare(
                        c, f"escalc 5 {measure} {vtype}", f"{analysis['id']} {corrected}", found, expected
                    )
    c.check()


def newer(measure: str, vtype: str, corrected: bool, c: Inputs) -> stats.Effects | None:
    correction = "exact" if corrected else "none"
    if measure == "MD" and vtype in ("LS", "UB", "HO"):
        return stats.mean_difference(*two_means(c), pooled_sd=vtype == "HO")
    if measure == "SMD" and vtype in stats.VTYPES:
        return stats.standardised_mean_difference(*two_means(c), correction=correction, vtype=vtype)
    if measure == "SMD1":
        arms = tuple(c[name] for name in ("m1i", "m2i", "sd2i", "n1i", "n2i"))
        return stats.glass_delta(*arms, correction=correction, vtype=vtype)
    if measure == "SMD1H":
        return stats.glass_delta_unequal(*two_means(c), correction=correction)
    if measure == "SMDH":
        return stats.smd_unequal(*two_means(c), correction=correction, vtype=vtype)
    if measure == "ROM":
        return stats.ratio_of_means(*two_means(c), corrected=corrected, vtype=vtype)
    if measure in ("D2ORN", "D2ORL"):
        d = stats.standardised_mean_difference(*two_means(c), correction="none")
        return stats.log_odds_from_smd(d, "normal" if measure == "D2ORN" else "logistic")
    if measure == "VR":
        return stats.variability_ratio(c["sd1i"], c["n1i"], c["sd2i"], c["n2i"], vtype=vtype)
    if measure == "CVR":
        return stats.cv_ratio(*two_means(c), corrected=corrected, vtype=vtype)
    if measure == "RPB":
        return stats.point_biserial_correlation(*two_means(c))
    return newer_paired(measure, vtype, corrected, c)


def newer_paired(measure: str, vtype: str, corrected: bool, c: Inputs) -> stats.Effects | None:
    correction = "exact" if corrected else "none"
    if not {"m1i", "ri"} <= c.keys():
        return None
    difference, sd1, sd2, n, r = c["m1i"] - c["m2i"], c["sd1i"], c["sd2i"], c["ni"], c["ri"]
    change_sd = stats.sd_of_difference(c["sd1i"], c["sd2i"], c["ri"])
    if measure == "MC":
        return stats.paired_mean_difference(difference, sd1, sd2, n, r)
    if measure == "SMCC":
        return stats.smd_change_sd(difference, change_sd, n, correction=correction, vtype=vtype)
    if measure == "SMCR":
        return stats.smd_raw_sd(difference, sd1, n, r, correction=correction, vtype=vtype)
    if measure == "SMCRP":
        return stats.smd_pooled_sd(difference, sd1, sd2, n, r, correction=correction)
    if measure == "ROMC":
        arms = tuple(c[name] for name in ("m1i", "sd1i", "m2i", "sd2i", "ni", "ri"))
        return stats.paired_ratio_of_means(*arms, corrected=corrected, vtype=vtype)
    if measure == "VRC":
        return stats.paired_variability_ratio(sd1, sd2, n, r, vtype=vtype)
    if measure == "CVRC":
        arms = tuple(c[name] for name in ("m1i", "sd1i", "m2i", "sd2i", "ni", "ri"))
        return stats.paired_cv_ratio(*arms, corrected=corrected, vtype=vtype)
    unequal = {"SMCRH": stats.smd_raw_sd_unequal, "SMCRPH": stats.smd_pooled_sd_unequal}.get(measure)
    return unequal and unequal(difference, sd1, sd2, n, r, correction=correction, vtype=vtype)


def test_crossover_arithmetic_agrees_with_elbournes() -> None:
    c = Comparison()
    for path in paths("synthetic_designs.json.gz"):
        for case in load(path)["crossover"]:
            i = {name: numbers(column) for name, column in case["input"].items()}
            difference, want = i["m1i"] - i["m2i"], case["elbourne"]
            found = stats.paired_mean_difference(difference, i["sd1i"], i["sd2i"], i["ni"], i["ri"])
            sd = stats.sd_of_difference(i["sd1i"], i["sd2i"], i["ri"])
            back = stats.r_from_paired_se(
                i["sd1i"], i["sd2i"], i["ni"], stats.se_from_t(difference, numbers(want["t_paired"]))
            )
            from_p = stats.se_from_p_t(difference, numbers(want["p_paired"]), i["ni"] - 1)
            for name, mine in (
                ("md", found.yi),
                ("se_md", found.se),
                ("sd_diff", sd),
                ("r_recovered_from_t", back),
            ):
                c.same("crossover arithmetic", f"{case['id']} {name}", mine, want[name], CLOSED_FORM)
            c.same("crossover arithmetic", f"{case['id']} se from P", from_p, want["se_md"], CLOSED_FORM)
            compare_designs(c, case, i)
    c.check()


def compare_designs(c: Comparison, case: dict[str, Any], i: Inputs) -> None:
    for variant, expected in case["escalc"].items():
        measure, vtype, _ = variant.split("_")
        found = paired(measure, vtype, i)
        if found is None:
            unsupported[f"escalc {measure} {vtype}"] += 1
        else:
            compare(c, f"escalc {measure} {vtype}", case["id"], found(), expected)
    for r, expected in case["MC_imputed_r"].items():
        found = stats.paired_mean_difference(0.0, i["sd1i"], i["sd2i"], i["ni"], float(r))
        c.same("crossover imputed r", f"{case['id']} r={r}", found.vi, expected["vi"], CLOSED_FORM)


def of_range(way: str, f: np.ndarray, n: float) -> tuple[Any, Any]:
    low, median, high = f[0], f[2], f[4]
    wan = stats.sd_from_range_wan(low, high, n)
    return {
        "luo/wan/shi": (stats.mean_from_range_luo(low, median, high, n), wan),
        "wan2014": (stats.mean_from_range_wan(low, median, high), wan),
        "hozo2005": (
            stats.mean_from_range_hozo(low, median, high, n),
            stats.sd_from_range_hozo(low, median, high, n),
        ),
        "walter2007": (median, stats.sd_from_range_walter(low, high, n)),
        "lnorm": (
            stats.mean_from_range_lognormal(low, median, high, n),
            stats.sd_from_range_lognormal(low, median, high, n),
        ),
    }[way]


def of_quartiles(way: str, f: np.ndarray, n: float) -> tuple[Any, Any]:
    three = f[1:4]
    wan = stats.sd_from_quartiles_wan(f[1], f[3], n)
    return {
        "luo/wan/shi": (stats.mean_from_quartiles_luo(*three, n), wan),
        "wan2014": (stats.mean_from_quartiles_wan(*three), wan),
        "lnorm": (
            stats.mean_from_quartiles_lognormal(*three, n),
            stats.sd_from_quartiles_lognormal(*three, n),
        ),
    }[way]


def of_five_numbers(way: str, f: np.ndarray, n: float) -> tuple[Any, Any]:
    ends = f[0], f[1], f[3], f[4]
    even = stats.mean_from_five_numbers_wan(*f)
    return {
        "luo/wan/shi": (
            stats.mean_from_five_numbers_luo(*f, n),
            stats.sd_from_five_numbers_shi(*ends, n),
        ),
        "wan2014": (even, stats.sd_from_five_numbers_wan(*ends, n)),
        "bland2015": (even, stats.sd_from_five_numbers_bland(*f)),
        "lnorm": (
            stats.mean_from_five_numbers_lognormal(*f, n),
            stats.sd_from_five_numbers_lognormal(*f, n),
        ),
    }[way]


# Which ways each set of quantiles has; the reference gives nothing for the others.
WAYS = {"luo/wan/shi": "123", "wan2014": "123", "hozo2005": "1", "walter2007": "1", "bland2015": "3"}
WAYS |= {"lnorm": "123"}
OF_QUANTILES = {"1": of_range, "2": of_quartiles, "3": of_five_numbers}


def skewed(scenario: str, f: np.ndarray, n: float) -> bool:
    found = {
        "1": lambda: stats.skewed_range(f[0], f[2], f[4], n),
        "2": lambda: stats.skewed_quartiles(f[1], f[2], f[3], n),
        "3": lambda: stats.skewed_five_numbers(*f, n),
    }[scenario]()
    return bool(found)


def test_means_from_medians_agree_with_conv_fivenum() -> None:
    """The reference refuses a skewed distribution; there ours must call it skewed, and nowhere else."""
    c = Comparison()
    for path in paths("packages_meta.json.gz"):
        for case in load(path)["conv_fivenum"]:
            for key, expected in case["results"].items():
                compare_five_numbers(c, key, numbers(case["fivenum"]), case["n"], expected)
    c.check()


def compare_five_numbers(
    c: Comparison, key: str, f: np.ndarray, n: float, expected: dict[str, float | None]
) -> None:
    case, way, shape = key.split("|")
    scenario = case[-1]
    way = "lnorm" if shape == "lnorm" else "luo/wan/shi" if way == "default" else way
    refused = expected["mean"] is None
    if scenario not in WAYS[way]:
        assert refused
        unsupported[f"conv.fivenum {key}"] += 1
        return
    with np.errstate(invalid="ignore"):
        scale = np.log(np.where(f > 0, f, np.nan)) if way == "lnorm" else f
    where = f"{key} n={n}"
    c.same("conv.fivenum skewness", where, float(skewed(scenario, scale, n)), float(refused), CLOSED_FORM)
    if not refused:
        found = OF_QUANTILES[scenario](way, f, n)
        c.same(f"conv.fivenum {key}", where, found, [expected["mean"], expected["sd"]], CLOSED_FORM)


def test_effects_from_intervals_agree_with_conv_wald() -> None:
    c = Comparison()
    for path in paths("packages_meta.json.gz"):
        for case in load(path)["conv_wald"]:
            low, high = case["ci"]
            c.same(
                "conv.wald", str(case["ci"]), stats.log_estimate_from_ci(low, high), case["yi"], CLOSED_FORM
            )
            c.same(
                "conv.wald", str(case["ci"]), stats.log_se_from_ci_z(low, high) ** 2, case["vi"], CLOSED_FORM
            )
    c.check()
