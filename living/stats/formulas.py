"""The names under which provenance prints how a number was derived; a name never changes its meaning."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from living.stats import conversions, effects, events, means, paired, quantiles, rates


class Formula(NamedTuple):
    """A function and the place where its formula is published."""

    function: Callable[..., Any]
    source: str


HANDBOOK = "Cochrane Handbook 6.3, section "

CONVERSIONS: dict[str, Formula] = {
    "se_from_ci_z": Formula(conversions.se_from_ci_z, HANDBOOK + "6.3.1"),
    "se_from_ci_t": Formula(conversions.se_from_ci_t, HANDBOOK + "6.5.2.3"),
    "log_se_from_ci_z": Formula(conversions.log_se_from_ci_z, HANDBOOK + "6.3.2"),
    "estimate_from_ci": Formula(conversions.estimate_from_ci, HANDBOOK + "6.3.1"),
    "log_estimate_from_ci": Formula(conversions.log_estimate_from_ci, HANDBOOK + "6.3.2"),
    "se_from_t": Formula(conversions.se_from_t, HANDBOOK + "6.5.2.3"),
    "se_from_p_z": Formula(conversions.se_from_p_z, HANDBOOK + "6.3.1"),
    "se_from_p_t": Formula(conversions.se_from_p_t, HANDBOOK + "6.5.2.3"),
    "sd_from_se": Formula(conversions.sd_from_se, HANDBOOK + "6.5.2.2"),
    "sd_from_ci_z": Formula(conversions.sd_from_ci_z, HANDBOOK + "6.5.2.2"),
    "sd_from_ci_t": Formula(conversions.sd_from_ci_t, HANDBOOK + "6.5.2.2"),
    "sd_from_difference_se": Formula(conversions.sd_from_difference_se, HANDBOOK + "6.5.2.3"),
    "sd_of_difference": Formula(conversions.sd_of_difference, HANDBOOK + "23.2.6"),
    "se_of_paired_difference": Formula(conversions.se_of_paired_difference, HANDBOOK + "23.2.6"),
    "r_from_paired_se": Formula(conversions.r_from_paired_se, HANDBOOK + "23.2.7.1"),
    "combined_n": Formula(conversions.combined_n, HANDBOOK + "6.5.2.10"),
    "combined_mean": Formula(conversions.combined_mean, HANDBOOK + "6.5.2.10"),
    "combined_sd": Formula(conversions.combined_sd, HANDBOOK + "6.5.2.10"),
    "scaled": Formula(conversions.scaled, HANDBOOK + "10.5.1"),
    "flipped": Formula(conversions.flipped, HANDBOOK + "6.5.1.2"),
    "sd_from_iqr": Formula(quantiles.sd_from_iqr, HANDBOOK + "6.5.2.5"),
    "mean_from_quartiles_wan": Formula(quantiles.mean_from_quartiles_wan, "Wan 2014, equation 14"),
    "sd_from_quartiles_wan": Formula(quantiles.sd_from_quartiles_wan, "Wan 2014, equation 16"),
    "mean_from_quartiles_luo": Formula(quantiles.mean_from_quartiles_luo, "Luo 2018, equation 15"),
    "sd_from_range_wan": Formula(quantiles.sd_from_range_wan, "Wan 2014, equation 9"),
    "mean_from_range_luo": Formula(quantiles.mean_from_range_luo, "Luo 2018, equation 7"),
}

EFFECTS: dict[str, Formula] = {
    "generic": Formula(effects.generic, HANDBOOK + "10.3"),
    "rescale": Formula(effects.rescale, HANDBOOK + "10.5.1"),
    "flip": Formula(effects.flip, HANDBOOK + "6.5.1.2"),
    "mean_difference": Formula(means.mean_difference, HANDBOOK + "10.5"),
    "standardised_mean_difference": Formula(means.standardised_mean_difference, "Hedges 1981"),
    "smd_from_difference": Formula(means.smd_from_difference, HANDBOOK + "6.5.2.3; Hedges 1981"),
    "glass_delta": Formula(means.glass_delta, "Glass 1976; Hedges 1981"),
    "paired_mean_difference": Formula(paired.paired_mean_difference, "Elbourne 2002"),
    "smd_change_sd": Formula(paired.smd_change_sd, "Gibbons 1993"),
    "smd_raw_sd": Formula(paired.smd_raw_sd, "Becker 1988"),
    "smd_average_sd": Formula(paired.smd_average_sd, "Becker 1988 or " + HANDBOOK + "23.2.7.2, as named"),
    "risk_ratio": Formula(events.risk_ratio, "Borenstein 2009, equations 5.1-5.3"),
    "odds_ratio": Formula(events.odds_ratio, "Borenstein 2009, equations 5.8-5.10"),
    "risk_difference": Formula(events.risk_difference, "Borenstein 2009, equations 5.13-5.15"),
    "rate_ratio": Formula(rates.rate_ratio, HANDBOOK + "6.7.1"),
    "rate_difference": Formula(rates.rate_difference, "Rothman 2008, chapter 14"),
}

FORMULAS: dict[str, Formula] = CONVERSIONS | EFFECTS
