"""Which method a compared feature belongs to, and why a reference value is not compared.

Both are lists of (start of the feature's name, answer); the first that fits wins. A feature that fits none is
shown as such on the page, so that nothing new in a reference passes unseen.
"""

UNKNOWN_METHOD = "(belongs to no named method yet)"
UNKNOWN_REASON = "no reason on record: the engine does not know this feature"

METHODS: list[tuple[str, str]] = [
    *(
        (f"escalc {m}", "two-by-two tables: RR, OR, RD, Peto, arcsine")
        for m in ("RR", "OR", "RD", "PETO", "AS")
    ),
    ("escalc zero cells", "two-by-two tables and rates with empty cells: every rule"),
    ("escalc 5", "two means, paired means: every measure and variance of metafor 5"),
    *((f"escalc {m}", "incidence rates") for m in ("IR",)),
    *((f"escalc {m} ", "proportions") for m in ("PR", "PLN", "PLO", "PAS", "PFT")),
    *((f"escalc {m}", "correlations") for m in ("COR", "ZCOR", "UCOR")),
    ("escalc", "two means, paired means: metafor 3.8"),
    ("crossover", "crossover trials: Elbourne's arithmetic"),
    ("shared control", "shared control groups: covariances and models"),
    ("conv.fivenum skewness", "skewness tests of quantiles (Shi 2023)"),
    ("conv.fivenum", "means and SDs from quantiles (Wan, Luo, Shi, log-normal, early ways)"),
    ("QE", "means and SDs from quantiles: quantile estimation (McGrath 2020)"),
    ("BC", "means and SDs from quantiles: Box-Cox (McGrath 2020)"),
    ("conv.wald", "standard errors from intervals"),
    *(
        (f"fit {m}", f"tau2 and heterogeneity: {m}")
        for m in ("DL2", "DL", "EB", "EE", "HE", "HSk", "HS", "ML")
    ),
    *((f"fit {m}", f"tau2 and heterogeneity: {m}") for m in ("PMM", "PM", "REML_unweighted", "REML", "SJ")),
    ("fit GENQ", "tau2: generalised Q with fixed weights"),
    ("se of tau2", "standard errors of tau2"),
    ("log-likelihood", "log-likelihoods"),
    ("levels", "confidence levels other than 95%"),
    ("test z", "mean: normal test and interval"),
    ("test t", "mean: t test and interval"),
    ("test knha", "mean: Hartung-Knapp"),
    ("test adhoc", "mean: Hartung-Knapp, never below 1"),
    ("Henmi-Copas", "mean: Henmi-Copas"),
    ("Q-profile", "tau2 intervals: Q-profile"),
    ("profile likelihood", "tau2 intervals: profile likelihood"),
    ("metagen tau2 interval", "tau2 intervals: Jackson, Biggerstaff-Jackson (meta)"),
    ("metagen prediction", "prediction intervals of meta"),
    ("prediction", "prediction intervals of metafor"),
    ("bootstrap", "prediction intervals: Nagashima's bootstrap"),
    ("metagen", "pooling as meta does it, Kenward-Roger and ad hoc variants among it"),
    ("bayesmeta", "Bayesian random effects"),
    ("leave1out", "leave-one-out"),
    ("cumulative", "cumulative analysis"),
    ("influence", "influence"),
    ("rstandard", "standardised residuals"),
    ("baujat", "Baujat's diagram"),
    ("blup", "shrunken study effects"),
    ("gosh", "all subsets (GOSH)"),
    ("trimfill", "trim and fill"),
    ("regtest", "regression tests for asymmetry"),
    ("ranktest", "rank test for asymmetry"),
    ("metabias", "asymmetry of trials that count events (Harbord, Peters, Deeks, ...)"),
    ("PET", "PET-PEESE"),
    ("fsn", "fail-safe numbers"),
    ("tes", "excess significance"),
    ("selmodel", "selection models"),
    ("p-uniform*", "p-uniform*"),
    ("permutation", "permutation tests"),
    ("subgroups", "subgroups"),
    ("meta-regression", "meta-regression"),
    ("robust", "robust variances"),
    ("aggregate", "aggregation within clusters"),
    ("three-level", "three-level models"),
    ("glmm", "models of counts (GLMM)"),
    ("tables", "tables: homogeneity and trend tests beside Mantel-Haenszel"),
    ("MH", "Mantel-Haenszel"),
    ("Mantel", "Mantel-Haenszel"),
    ("Peto", "Peto's method"),
    ("rtsa", "trial sequential analysis (RTSA)"),
    ("safe", "e-values: safe z and t tests"),
    ("file packages_netmeta", "network meta-analysis"),
    ("other: back_transformed", "back-transformations"),
    ("refusal", "refusals where there is no number"),
]

REASONS: list[tuple[str, str]] = [
    ("conv.fivenum", "the reference defines no such way for these quantiles: it gives nothing either"),
    (
        "escalc UCOR: reference's",
        "above the function's largest value: the reference's numerical integral missed",
    ),
    ("escalc COR UB", "the reference refuses (unbiased variance of a biased estimate)"),
    ("escalc AHW", "reliability coefficients are no effects of a treatment"),
    ("escalc ARAW", "reliability coefficients are no effects of a treatment"),
    ("escalc ABT", "reliability coefficients are no effects of a treatment"),
    ("escalc SMDH", "metafor 3.8 has another formula, since corrected; compared with metafor 5 instead"),
    ("escalc SMCRH", "metafor 3.8 has another formula, since corrected; compared with metafor 5 instead"),
    ("escalc CVR", "metafor 3.8 has another correction; compared with metafor 5 instead"),
    ("glmm OR UM.RS", "not offered: mixed-effects logistic model with random study effects"),
    ("glmm IRR UM.RS", "not offered: mixed-effects Poisson model with random study effects"),
    ("glmm log-likelihood", "the reference's is conditional on the random effects, ours marginal"),
    (
        "glmm OR CM.EL: degenerate",
        "the reference's Hessian is singular there: its standard error means nothing",
    ),
    ("trimfill REML pools", "the reference's iterations stop on the way; the filled studies are compared"),
    ("trimfill: reference takes", "the reference takes effects below a fixed size for zero"),
    ("trimfill: ties", "equal distances, whose order the reference leaves to rounding"),
    ("file packages_netmeta", "network meta-analysis is not offered"),
    (
        "other: back_transformed_hm",
        "back-transformation at a harmonic mean of sizes is not offered: misleading",
    ),
    ("bayesmeta SD", "the posterior's tail is so heavy that the reference's SD is its grid's"),
    ("selmodel: standard errors", "the reference's standard errors are of coarse integrals, or at a limit"),
    ("metabias Harbord of RR", "not offered: Harbord's score is of the odds ratio"),
    ("rtsa analysis", "the reference refuses"),
    ("fit PM", "the reference refuses: its iterations do not settle"),
    ("fit REML", "the reference refuses: its iterations do not settle"),
    ("fit GENQ", "the reference refuses"),
]


def method(feature: str) -> str:
    """The method that a feature belongs to."""
    return next((name for start, name in METHODS if feature.startswith(start)), UNKNOWN_METHOD)


def reason(feature: str) -> str:
    """Why a feature's reference values are not compared."""
    if "refused" in feature:
        return "the reference refuses, and so has no number"
    return next((why for start, why in REASONS if feature.startswith(start)), UNKNOWN_REASON)
