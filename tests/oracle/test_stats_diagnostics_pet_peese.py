"""PET-PEESE against the limit estimates of metafor's regtest."""

from living import stats
from living.stats.intervals import two_sided_p
from tests.oracle.golden_files import CLOSED_FORM, Comparison, is_error
from tests.oracle.test_stats_diagnostics import extras


def test_both_limits_and_the_choice_agree_with_regtest() -> None:
    c = Comparison()
    for name, yi, vi, wanted, _ in extras("regtest"):
        found = stats.pet_peese(yi, vi)
        if is_error(wanted["lm_sei"]):
            refused = found == stats.NotEstimable(stats.Status.COLLINEAR)
            c.same("PET-PEESE refused", name, float(refused), 1.0, CLOSED_FORM)
            continue
        assert isinstance(found, stats.PetPeese), name
        pet = wanted["lm_sei"]
        p = float(two_sided_p(pet["coef"][0] / pet["coef_se"][0], pet["dfs"]))
        c.same("PET-PEESE choice", name, float(found.chosen == "PEESE"), float(p < 0.1), CLOSED_FORM)
        want = wanted["lm_vi"] if p < 0.1 else pet
        limits = [want["limit_est"], want["limit_ci_lb"], want["limit_ci_ub"], want["coef_se"][0]]
        mine = [found.mu, found.ci_low, found.ci_high, found.se]
        c.same("PET-PEESE", f"{name} {found.chosen}", mine, limits, CLOSED_FORM)
    c.check()
