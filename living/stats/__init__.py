"""Summary numbers to effects, effects to a pool: arrays in, arrays out, and no knowledge of reviews.

>>> from living import stats
>>> effects = stats.mean_difference(5.1, 2.0, [40, 60, 25], 5.9, 2.1, [41, 58, 26])
>>> result = stats.pool(effects.yi, effects.vi, tau2="REML", interval="HK-guarded")
>>> round(result.mu, 2), round(result.ci_low, 2), round(result.ci_high, 2)
(-0.8, -1.92, 0.32)
"""

from living.stats.adjusted import fit_iqwig, fit_kenward_roger, fit_wider
from living.stats.aggregate import Aggregated, aggregate
from living.stats.asymmetry import PREDICTORS, Asymmetry, egger, egger_random
from living.stats.bayes import TAU_PRIORS, BayesResult, Posterior, bayes
from living.stats.binary_asymmetry import deeks, harbord, macaskill, peters, schwarzer
from living.stats.cautions import CAUTIONS, Caution
from living.stats.clusters import design_effect, effective_n, se_of_clustered
from living.stats.consistency import Consistency, Explanation, Printed, check_printed, p_from_ci
from living.stats.conversions import (
    combined_mean,
    combined_n,
    combined_sd,
    estimate_from_ci,
    flipped,
    log_estimate_from_ci,
    log_se_from_ci_z,
    r_from_paired_se,
    scaled,
    sd_from_ci_t,
    sd_from_ci_z,
    sd_from_difference_se,
    sd_from_se,
    sd_of_difference,
    se_from_ci_t,
    se_from_ci_z,
    se_from_p_t,
    se_from_p_z,
    se_from_t,
    se_of_paired_difference,
)
from living.stats.correlations import correlation, correlation_from_z, fisher_z
from living.stats.cumulative import cumulative
from living.stats.effects import Effects, flip, generic, rescale
from living.stats.events import (
    NOTHING_ADDED,
    STANDARD_ZERO_CELLS,
    ZeroCells,
    odds_ratio,
    risk_difference,
    risk_ratio,
)
from living.stats.excess import EXCESS_TESTS, Excess, excess_significance
from living.stats.failsafe import FailSafe, orwin, rosenberg, rosenthal
from living.stats.fit import Fits, fit, leave_one_out
from living.stats.five_numbers import (
    mean_from_five_numbers_luo,
    mean_from_five_numbers_wan,
    mean_from_range_wan,
    sd_from_five_numbers_shi,
    sd_from_five_numbers_wan,
    skewed_five_numbers,
)
from living.stats.formulas import FORMULAS, Formula
from living.stats.fragility import (
    Fragility,
    fisher_p,
    fragility_index,
    fragility_of_pool,
)
from living.stats.futility import (
    Futility,
    futility,
)
from living.stats.genq import WeightedFits, fit_weighted
from living.stats.glass import GLASS_VARIANCES, glass_delta, glass_delta_unequal, smd_unequal
from living.stats.glmm import CountPool, glmm_odds_ratio, glmm_proportion, glmm_rate_ratio
from living.stats.gosh import Gosh, gosh
from living.stats.grade_facts import (
    Chances,
    GradeFacts,
    chances,
    chances_bayes,
    grade_facts,
)
from living.stats.granularity import (
    Check,
    grim,
    grimmer,
    sd_in_range,
    sd_of_extremes,
)
from living.stats.henmi_copas import HenmiCopas, henmi_copas
from living.stats.heterogeneity import QProfile, q_profile
from living.stats.influence import (
    Baujat,
    Blups,
    Influence,
    Residuals,
    baujat,
    blup,
    influence,
    standardised_residuals,
)
from living.stats.information import (
    Trials,
    adjusted_size,
    diversity,
    information_fraction,
    required_size_means,
    required_size_risks,
    required_trials,
)
from living.stats.intervals import INTERVALS, PREDICTIONS, study_interval
from living.stats.jackson import Q_WEIGHTS, Tau2Interval, generalised_q_interval
from living.stats.mantel_haenszel import (
    mantel_haenszel_odds_ratio,
    mantel_haenszel_rate_difference,
    mantel_haenszel_rate_ratio,
    mantel_haenszel_risk_difference,
    mantel_haenszel_risk_ratio,
)
from living.stats.means import (
    CORRECTIONS,
    VTYPES,
    bias_correction,
    mean_difference,
    smd_from_difference,
    standardised_mean_difference,
)
from living.stats.multilevel import Multilevel, multilevel, nested
from living.stats.multiverse import (
    Multiverse,
    Path,
    multiverse,
)
from living.stats.nagashima import BootstrapPrediction, bootstrap_prediction
from living.stats.paired import (
    CHANGE_VARIANCES,
    PAIRED_VARIANCES,
    paired_mean_difference,
    smd_average_sd,
    smd_change_sd,
    smd_raw_sd,
)
from living.stats.paired_pooled import smd_pooled_sd, smd_pooled_sd_unequal, smd_raw_sd_unequal
from living.stats.permutation import PermutationTest, permutation_test
from living.stats.pet_peese import PetPeese, pet_peese
from living.stats.peto import peto, peto_odds_ratio
from living.stats.pool import PoolResult, pool
from living.stats.profile import profile_likelihood
from living.stats.proportions import (
    arcsine_difference,
    arcsine_proportion,
    double_arcsine_proportion,
    double_root_rate,
    log_proportion,
    log_rate,
    logit_proportion,
    proportion,
    rate,
    root_rate,
)
from living.stats.puniform import PUniform, p_uniform_star
from living.stats.quantiles import (
    mean_from_quartiles_luo,
    mean_from_quartiles_wan,
    mean_from_range_luo,
    sd_from_iqr,
    sd_from_quartiles_wan,
    sd_from_range_wan,
    skewed_quartiles,
    skewed_range,
)
from living.stats.rank import RankTest, begg
from living.stats.rates import rate_difference, rate_ratio, root_rate_difference
from living.stats.ratios import RATIO_VARIANCES, paired_ratio_of_means, ratio_of_means
from living.stats.regression import Predictions, Regressions, meta_regression, predict
from living.stats.reported import (
    groups_against_p,
    se_against_sd,
    statistic_against_p,
)
from living.stats.robust import ROBUST, Robust, cluster_robust
from living.stats.safe import (
    ConfidenceSequence,
    SafeTest,
    confidence_sequence,
    log_t_ratio,
    safe_mixture,
    safe_t,
    safe_z,
)
from living.stats.selection import Selection, curve_selection, step_selection, three_parameter_selection
from living.stats.selection_weights import CURVES
from living.stats.sequential import (
    Look,
    Sequential,
    sequential,
)
from living.stats.shared_control import (
    contrast_covariance,
    shared_covariance_log_odds_ratio,
    shared_covariance_log_rate_ratio,
    shared_covariance_log_risk_ratio,
    shared_covariance_md,
    shared_covariance_risk_difference,
    shared_covariance_smd,
    split_control,
)
from living.stats.smd_reported import (
    ODDS_SCALES,
    log_odds_from_smd,
    smd_from_f,
    smd_from_log_odds,
    smd_from_p,
    smd_from_t,
)
from living.stats.spending import (
    SPENDING,
    Boundaries,
    boundaries,
    crossing,
    inflation,
)
from living.stats.status import REASONS, NotEstimable, Status
from living.stats.strata_tests import breslow_day, cochran_mantel_haenszel, cochran_mantel_haenszel_rates
from living.stats.subgroups import (
    Between,
    CommonSubgroups,
    LevelMean,
    SeparateSubgroups,
    subgroups,
    subgroups_common_tau2,
)
from living.stats.tables import TablePool, TableTest
from living.stats.tau2 import TAU2
from living.stats.tau2_se import TAU2_SE, tau2_se
from living.stats.trimfill import MISSING, TrimFill, trim_and_fill
from living.stats.within_people import paired_mean_difference_sweep, r_from_sd_of_change, sd_of_change

__all__ = [
    "CAUTIONS",
    "CHANGE_VARIANCES",
    "CORRECTIONS",
    "CURVES",
    "EXCESS_TESTS",
    "FORMULAS",
    "GLASS_VARIANCES",
    "INTERVALS",
    "MISSING",
    "NOTHING_ADDED",
    "ODDS_SCALES",
    "PAIRED_VARIANCES",
    "PREDICTIONS",
    "PREDICTORS",
    "Q_WEIGHTS",
    "RATIO_VARIANCES",
    "REASONS",
    "ROBUST",
    "SPENDING",
    "STANDARD_ZERO_CELLS",
    "TAU2",
    "TAU2_SE",
    "TAU_PRIORS",
    "VTYPES",
    "Aggregated",
    "Asymmetry",
    "Baujat",
    "BayesResult",
    "Between",
    "Blups",
    "BootstrapPrediction",
    "Boundaries",
    "Caution",
    "Chances",
    "Check",
    "CommonSubgroups",
    "ConfidenceSequence",
    "Consistency",
    "CountPool",
    "Effects",
    "Excess",
    "Explanation",
    "FailSafe",
    "Fits",
    "Formula",
    "Fragility",
    "Futility",
    "Gosh",
    "GradeFacts",
    "HenmiCopas",
    "Influence",
    "LevelMean",
    "Look",
    "Multilevel",
    "Multiverse",
    "NotEstimable",
    "PUniform",
    "Path",
    "PermutationTest",
    "PetPeese",
    "PoolResult",
    "Posterior",
    "Predictions",
    "Printed",
    "QProfile",
    "RankTest",
    "Regressions",
    "Residuals",
    "Robust",
    "SafeTest",
    "Selection",
    "SeparateSubgroups",
    "Sequential",
    "Status",
    "TablePool",
    "TableTest",
    "Tau2Interval",
    "Trials",
    "TrimFill",
    "WeightedFits",
    "ZeroCells",
    "adjusted_size",
    "aggregate",
    "arcsine_difference",
    "arcsine_proportion",
    "baujat",
    "bayes",
    "begg",
    "bias_correction",
    "blup",
    "bootstrap_prediction",
    "boundaries",
    "breslow_day",
    "chances",
    "chances_bayes",
    "check_printed",
    "cluster_robust",
    "cochran_mantel_haenszel",
    "cochran_mantel_haenszel_rates",
    "combined_mean",
    "combined_n",
    "combined_sd",
    "confidence_sequence",
    "contrast_covariance",
    "correlation",
    "correlation_from_z",
    "crossing",
    "cumulative",
    "curve_selection",
    "deeks",
    "design_effect",
    "diversity",
    "double_arcsine_proportion",
    "double_root_rate",
    "effective_n",
    "egger",
    "egger_random",
    "estimate_from_ci",
    "excess_significance",
    "fisher_p",
    "fisher_z",
    "fit",
    "fit_iqwig",
    "fit_kenward_roger",
    "fit_weighted",
    "fit_wider",
    "flip",
    "flipped",
    "fragility_index",
    "fragility_of_pool",
    "futility",
    "generalised_q_interval",
    "generic",
    "glass_delta",
    "glass_delta_unequal",
    "glmm_odds_ratio",
    "glmm_proportion",
    "glmm_rate_ratio",
    "gosh",
    "grade_facts",
    "grim",
    "grimmer",
    "groups_against_p",
    "harbord",
    "henmi_copas",
    "inflation",
    "influence",
    "information_fraction",
    "leave_one_out",
    "log_estimate_from_ci",
    "log_odds_from_smd",
    "log_proportion",
    "log_rate",
    "log_se_from_ci_z",
    "log_t_ratio",
    "logit_proportion",
    "macaskill",
    "mantel_haenszel_odds_ratio",
    "mantel_haenszel_rate_difference",
    "mantel_haenszel_rate_ratio",
    "mantel_haenszel_risk_difference",
    "mantel_haenszel_risk_ratio",
    "mean_difference",
    "mean_from_five_numbers_luo",
    "mean_from_five_numbers_wan",
    "mean_from_quartiles_luo",
    "mean_from_quartiles_wan",
    "mean_from_range_luo",
    "mean_from_range_wan",
    "meta_regression",
    "multilevel",
    "multiverse",
    "nested",
    "odds_ratio",
    "orwin",
    "p_from_ci",
    "p_uniform_star",
    "paired_mean_difference",
    "paired_mean_difference_sweep",
    "paired_ratio_of_means",
    "permutation_test",
    "pet_peese",
    "peters",
    "peto",
    "peto_odds_ratio",
    "pool",
    "predict",
    "profile_likelihood",
    "proportion",
    "q_profile",
    "r_from_paired_se",
    "r_from_sd_of_change",
    "rate",
    "rate_difference",
    "rate_ratio",
    "ratio_of_means",
    "required_size_means",
    "required_size_risks",
    "required_trials",
    "rescale",
    "risk_difference",
    "risk_ratio",
    "root_rate",
    "root_rate_difference",
    "rosenberg",
    "rosenthal",
    "safe_mixture",
    "safe_t",
    "safe_z",
    "scaled",
    "schwarzer",
    "sd_from_ci_t",
    "sd_from_ci_z",
    "sd_from_difference_se",
    "sd_from_five_numbers_shi",
    "sd_from_five_numbers_wan",
    "sd_from_iqr",
    "sd_from_quartiles_wan",
    "sd_from_range_wan",
    "sd_from_se",
    "sd_in_range",
    "sd_of_change",
    "sd_of_difference",
    "sd_of_extremes",
    "se_against_sd",
    "se_from_ci_t",
    "se_from_ci_z",
    "se_from_p_t",
    "se_from_p_z",
    "se_from_t",
    "se_of_clustered",
    "se_of_paired_difference",
    "sequential",
    "shared_covariance_log_odds_ratio",
    "shared_covariance_log_rate_ratio",
    "shared_covariance_log_risk_ratio",
    "shared_covariance_md",
    "shared_covariance_risk_difference",
    "shared_covariance_smd",
    "skewed_five_numbers",
    "skewed_quartiles",
    "skewed_range",
    "smd_average_sd",
    "smd_change_sd",
    "smd_from_difference",
    "smd_from_f",
    "smd_from_log_odds",
    "smd_from_p",
    "smd_from_t",
    "smd_pooled_sd",
    "smd_pooled_sd_unequal",
    "smd_raw_sd",
    "smd_raw_sd_unequal",
    "smd_unequal",
    "split_control",
    "standardised_mean_difference",
    "standardised_residuals",
    "statistic_against_p",
    "step_selection",
    "study_interval",
    "subgroups",
    "subgroups_common_tau2",
    "tau2_se",
    "three_parameter_selection",
    "trim_and_fill",
]
