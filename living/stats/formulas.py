"""The names under which provenance prints how a number was derived; a name never changes its meaning."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from living.stats import (
    clusters,
    conversions,
    correlations,
    early_quantiles,
    effects,
    events,
    five_numbers,
    glass,
    lognormal_quantiles,
    means,
    paired,
    paired_pooled,
    peto,
    proportions,
    quantiles,
    rates,
    ratios,
    shared_control,
    smd_reported,
    variability,
    within_people,
)


class Formula(NamedTuple):
    """A function and the place where its formula is published."""

    function: Callable[..., Any]
    source: str


HANDBOOK = "Cochrane Handbook 6.3, section "
LOGNORMAL = "Shi, Tong, Wang & Genton 2020"

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
    "mean_from_range_wan": Formula(five_numbers.mean_from_range_wan, "Hozo 2005; Wan 2014"),
    "mean_from_five_numbers_luo": Formula(five_numbers.mean_from_five_numbers_luo, "Luo 2018"),
    "mean_from_five_numbers_wan": Formula(five_numbers.mean_from_five_numbers_wan, "Bland 2015; Wan 2014"),
    "sd_from_five_numbers_shi": Formula(five_numbers.sd_from_five_numbers_shi, "Shi 2020"),
    "sd_from_five_numbers_wan": Formula(five_numbers.sd_from_five_numbers_wan, "Wan 2014"),
    "mean_from_range_hozo": Formula(early_quantiles.mean_from_range_hozo, "Hozo 2005"),
    "sd_from_range_hozo": Formula(early_quantiles.sd_from_range_hozo, "Hozo 2005"),
    "sd_from_range_walter": Formula(early_quantiles.sd_from_range_walter, "Walter 2007"),
    "sd_from_five_numbers_bland": Formula(early_quantiles.sd_from_five_numbers_bland, "Bland 2015"),
    "mean_from_range_lognormal": Formula(lognormal_quantiles.mean_from_range_lognormal, LOGNORMAL),
    "sd_from_range_lognormal": Formula(lognormal_quantiles.sd_from_range_lognormal, LOGNORMAL),
    "mean_from_quartiles_lognormal": Formula(lognormal_quantiles.mean_from_quartiles_lognormal, LOGNORMAL),
    "sd_from_quartiles_lognormal": Formula(lognormal_quantiles.sd_from_quartiles_lognormal, LOGNORMAL),
    "mean_from_five_numbers_lognormal": Formula(
        lognormal_quantiles.mean_from_five_numbers_lognormal, LOGNORMAL
    ),
    "sd_from_five_numbers_lognormal": Formula(lognormal_quantiles.sd_from_five_numbers_lognormal, LOGNORMAL),
    "sd_of_change": Formula(within_people.sd_of_change, HANDBOOK + "6.5.2.8"),
    "r_from_sd_of_change": Formula(within_people.r_from_sd_of_change, HANDBOOK + "6.5.2.8"),
    "design_effect": Formula(clusters.design_effect, HANDBOOK + "23.1.4"),
    "effective_n": Formula(clusters.effective_n, HANDBOOK + "23.1.4"),
    "se_of_clustered": Formula(clusters.se_of_clustered, HANDBOOK + "23.1.5"),
    "split_control": Formula(shared_control.split_control, HANDBOOK + "23.3.4"),
}

EFFECTS: dict[str, Formula] = {
    "generic": Formula(effects.generic, HANDBOOK + "10.3"),
    "rescale": Formula(effects.rescale, HANDBOOK + "10.5.1"),
    "flip": Formula(effects.flip, HANDBOOK + "6.5.1.2"),
    "mean_difference": Formula(means.mean_difference, HANDBOOK + "10.5"),
    "standardised_mean_difference": Formula(means.standardised_mean_difference, "Hedges 1981"),
    "smd_from_difference": Formula(means.smd_from_difference, HANDBOOK + "6.5.2.3; Hedges 1981"),
    "glass_delta": Formula(glass.glass_delta, "Glass 1976; Hedges 1981"),
    "glass_delta_unequal": Formula(glass.glass_delta_unequal, "Bonett 2008"),
    "smd_unequal": Formula(glass.smd_unequal, "Bonett 2009"),
    "smd_from_t": Formula(smd_reported.smd_from_t, HANDBOOK + "6.5.2.3"),
    "smd_from_f": Formula(smd_reported.smd_from_f, HANDBOOK + "6.5.2.3"),
    "smd_from_p": Formula(smd_reported.smd_from_p, HANDBOOK + "6.5.2.3"),
    "log_odds_from_smd": Formula(smd_reported.log_odds_from_smd, "Chinn 2000; " + HANDBOOK + "10.6"),
    "smd_from_log_odds": Formula(smd_reported.smd_from_log_odds, "Chinn 2000; " + HANDBOOK + "10.6"),
    "ratio_of_means": Formula(ratios.ratio_of_means, "Hedges 1999; Lajeunesse 2015"),
    "paired_ratio_of_means": Formula(ratios.paired_ratio_of_means, "Lajeunesse 2011"),
    "correlation": Formula(correlations.correlation, "Hunter 2004, chapter 3"),
    "fisher_z": Formula(correlations.fisher_z, "Fisher 1921"),
    "unbiased_correlation": Formula(correlations.unbiased_correlation, "Olkin 1958"),
    "point_biserial_correlation": Formula(correlations.point_biserial_correlation, "Jacobs 2017"),
    "variability_ratio": Formula(variability.variability_ratio, "Nakagawa 2015; Senior 2020"),
    "cv_ratio": Formula(variability.cv_ratio, "Nakagawa 2015; Senior 2020"),
    "paired_variability_ratio": Formula(variability.paired_variability_ratio, "Senior 2020"),
    "paired_cv_ratio": Formula(variability.paired_cv_ratio, "Senior 2020"),
    "paired_mean_difference": Formula(paired.paired_mean_difference, "Elbourne 2002"),
    "smd_change_sd": Formula(paired.smd_change_sd, "Gibbons 1993"),
    "smd_raw_sd": Formula(paired.smd_raw_sd, "Becker 1988"),
    "smd_average_sd": Formula(paired.smd_average_sd, "Becker 1988 or " + HANDBOOK + "23.2.7.2, as named"),
    "smd_raw_sd_unequal": Formula(paired_pooled.smd_raw_sd_unequal, "Bonett 2008"),
    "smd_pooled_sd": Formula(paired_pooled.smd_pooled_sd, "Cousineau 2020"),
    "smd_pooled_sd_unequal": Formula(paired_pooled.smd_pooled_sd_unequal, "Bonett 2008"),
    "risk_ratio": Formula(events.risk_ratio, "Borenstein 2009, equations 5.1-5.3"),
    "odds_ratio": Formula(events.odds_ratio, "Borenstein 2009, equations 5.8-5.10"),
    "risk_difference": Formula(events.risk_difference, "Borenstein 2009, equations 5.13-5.15"),
    "peto_odds_ratio": Formula(peto.peto_odds_ratio, "Yusuf 1985; " + HANDBOOK + "10.4.2"),
    "arcsine_difference": Formula(proportions.arcsine_difference, "Ruecker 2009"),
    "risk_difference_at_averages": Formula(proportions.risk_difference_at_averages, "Hunter 2004"),
    "proportion": Formula(proportions.proportion, "Fleiss 2003, chapter 2"),
    "log_proportion": Formula(proportions.log_proportion, "Fleiss 2003, chapter 2"),
    "logit_proportion": Formula(proportions.logit_proportion, "Fleiss 2003, chapter 2"),
    "arcsine_proportion": Formula(proportions.arcsine_proportion, "Fleiss 2003, chapter 2"),
    "double_arcsine_proportion": Formula(proportions.double_arcsine_proportion, "Freeman 1950"),
    "rate": Formula(proportions.rate, "Rothman 2008, chapter 14"),
    "log_rate": Formula(proportions.log_rate, "Rothman 2008, chapter 14"),
    "root_rate": Formula(proportions.root_rate, "Rothman 2008, chapter 14"),
    "double_root_rate": Formula(proportions.double_root_rate, "Freeman 1950"),
    "root_rate_difference": Formula(rates.root_rate_difference, "Rothman 2008, chapter 14"),
    "rate_ratio": Formula(rates.rate_ratio, HANDBOOK + "6.7.1"),
    "rate_difference": Formula(rates.rate_difference, "Rothman 2008, chapter 14"),
}

FORMULAS: dict[str, Formula] = CONVERSIONS | EFFECTS
