"""McGrath's ways from quantiles against our own R script (R's optim and integrate) and estmeansd's README.

The script is the published description written anew: an oracle for the search and the integrals, not for
the reading of the paper; the README's numbers, printed to seven digits, are.
"""

import json

import numpy as np

from living import stats
from living.stats.quantile_families import FAMILIES
from tests.oracle.golden_files import OWN, Comparison

# R's searches stop where the loss no longer changes, which leaves half the digits of a parameter.
SEARCHED = {"rtol": 1e-6, "atol": 0.0}
# R's moments integrate over a quantile function that is infinite at the ends.
INTEGRATED = {"rtol": 2e-5, "atol": 0.0}
# A lower loss than R's is no disagreement; a higher one is, beyond rounding of the quantiles.
ROUNDING = 1e-12
# estmeansd's search (L-BFGS-B with its default factor) stops within about 1e-5 of the best parameters.
STOPPED_EARLY = {"rtol": 1e-5, "atol": 0.0}
# estmeansd's Box-Cox answers come from 1100 draws: three standard errors of a mean and of an SD.
DRAWN = {"rtol": 0.0, "atol": 3 * 1.2973554 / 1100**0.5}


def test_the_nearest_distributions_and_powers_agree_with_our_r_script() -> None:
    c = Comparison()
    for case in json.loads((OWN / "ours_quantile_estimation.json").read_text())["cases"]:
        found = stats.quantile_estimation(*case["five"], case["n"])
        known = np.flatnonzero(np.isfinite(found.loss[0]))
        assert [list(FAMILIES)[i] for i in known] == list(case["fits"])
        for place, (name, want) in zip(known, case["fits"].items(), strict=True):
            excess = found.loss[0, place] - want["loss"]
            where = f"{case['id']} {name}"
            width = {"rtol": 0.0, "atol": ROUNDING + 1e-9 * want["loss"]}
            c.same(
                f"QE {name}",
                where,
                max(excess, 0.0),
                0.0,
                width,
            )
        chosen = case["fits"][str(found.family[0])]
        assert chosen["loss"] == min(fit["loss"] for fit in case["fits"].values())
        moments = [found.mean[0], found.sd[0]]
        c.same("QE mean and SD", case["id"], moments, [chosen["mean"], chosen["sd"]], INTEGRATED)
        if case["box_cox"]:
            power = stats.box_cox(*case["five"], case["n"])
            for name, want in case["box_cox"].items():
                mine = getattr(power, name)[0]
                c.same(f"BC {name}", case["id"], mine, want, SEARCHED | {"atol": 1e-7 * (want == 0)})
        else:
            assert stats.box_cox(*case["five"], case["n"]).status[0] == stats.Status.IMPOSSIBLE_INPUT
    c.check()


def test_the_examples_of_estmeansds_readme_come_back() -> None:
    c = Comparison()
    found = stats.quantile_estimation(2, None, 4, None, 9, 100)
    c.same("QE estmeansd README", "", [found.mean[0], found.sd[0]], [4.347284, 1.502171], STOPPED_EARLY)
    power = stats.box_cox(2, None, 4, None, 9, 100)
    for printed in ([4.204881, 1.277236], [4.210971, 1.337348]):
        c.same("BC estmeansd README", "", [power.mean[0], power.sd[0]], printed, DRAWN)
    c.check()
