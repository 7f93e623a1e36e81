"""Nagashima's bootstrap prediction interval against R's pimeta."""

from living import stats
from tests.oracle.golden_files import CLOSED_FORM, Comparison, load, numbers, paths

# The reference drew 25,000 times: over 40 seeds, limits of that many draws have a standard deviation of 0.5%
# to 1.6% of the interval's width (three studies: t with 2 degrees of freedom). golden/README.md allows 2e-2;
# in units of the width 3e-2, where that is less.
SIMULATED = 2e-2
OF_THE_WIDTH = 3e-2
DRAWS = 100_000  # so that our own share of the noise is half of the reference's


def test_bootstrap_prediction_intervals_agree_with_pimeta() -> None:
    c = Comparison()
    for path in paths("packages_meta.json.gz"):
        for case in load(path)["metagen"]:
            want = (case.get("pimeta") or {}).get("boot")
            if want is None:
                continue
            found = stats.bootstrap_prediction(
                numbers(case["yi"]), numbers(case["vi"]), seed=20190601, draws=DRAWS
            )
            assert isinstance(found, stats.BootstrapPrediction)
            c.same("bootstrap prediction mu", case["id"], found.mu, want["mu"], CLOSED_FORM)
            c.same("bootstrap prediction tau2", case["id"], found.tau2, want["tau2"], CLOSED_FORM)
            for kind in ("pi", "ci"):
                low, high = want[f"{kind}_lower"], want[f"{kind}_upper"]
                limits = [getattr(found, f"{kind}_low"), getattr(found, f"{kind}_high")]
                at = {"rtol": SIMULATED, "atol": min(SIMULATED, OF_THE_WIDTH * (high - low))}
                c.same(f"bootstrap prediction {kind}", case["id"], limits, [low, high], at)
    c.check()
