"""QE and BC: what was put in comes back, units do not matter, and impossible numbers are refused."""

import doctest
from importlib import import_module

import numpy as np
import pytest
from scipy import stats as distributions
from scipy.integrate import quad

from living import stats
from living.stats import Status

N = 50
FIVE = [1 / N, 0.25, 0.5, 0.75, 1 - 1 / N]
SCENARIOS = {
    "range": ("low", "median", "high"),
    "quartiles": ("q1", "median", "q3"),
    "five_numbers": ("low", "q1", "median", "q3", "high"),
}
KNOWN = {
    "normal": distributions.norm(5, 2),
    "log-normal": distributions.lognorm(0.6, scale=np.exp(1.1)),
    "gamma": distributions.gamma(2.5, scale=3.0),
    "Weibull": distributions.weibull_min(1.7, scale=4.0),
    "beta": distributions.beta(2.0, 5.0),
}
# Golden sections and Gauss-Newton steps end within rounding of the exact parameters when the loss is 0.
RECOVERED = 1e-6


@pytest.mark.parametrize("module", ["quantile_estimation", "box_cox"])
def test_the_examples_run_as_printed(module: str) -> None:
    found = doctest.testmod(import_module(f"living.stats.{module}"))
    assert found.attempted == 2
    assert found.failed == 0


@pytest.mark.parametrize("name", KNOWN)
@pytest.mark.parametrize("scenario", ["range", "quartiles", "five numbers"])
def test_exact_quantiles_of_a_distribution_give_back_its_name_and_moments(name: str, scenario: str) -> None:
    given = list(KNOWN[name].ppf(FIVE))
    if scenario == "range":
        given[1] = given[3] = None
    if scenario == "quartiles":
        given[0] = given[4] = None
    found = stats.quantile_estimation(*given, N)
    assert str(found.family[0]) == name
    assert float(found.mean[0]) == pytest.approx(KNOWN[name].mean(), rel=RECOVERED)
    assert float(found.sd[0]) == pytest.approx(KNOWN[name].std(), rel=RECOVERED)


@pytest.mark.parametrize("factor", [1e-3, 1e4])
def test_the_unit_of_measurement_only_scales_the_answer(factor: float) -> None:
    five = np.array([2.0, 3.0, 4.5, 8.0, 20.0])
    for function in (stats.quantile_estimation, stats.box_cox):
        once, scaled = function(*five, N), function(*(factor * five), N)
        if function is stats.quantile_estimation and factor < 1:
            continue  # below 1 the beta distribution joins in
        assert scaled.mean == pytest.approx(factor * once.mean, rel=1e-6)
        assert scaled.sd == pytest.approx(factor * once.sd, rel=1e-6)


def test_rows_of_a_batch_do_not_know_of_each_other() -> None:
    low, median, high, n = [1.0, -1.0, 0.1], [2.0, 3.0, 0.4], [9.0, 9.0, 0.7], [30, 60, 90]
    for function in (stats.quantile_estimation, stats.box_cox):
        batch = function(low, None, median, None, high, n)
        for i in range(3):
            alone = function(low[i], None, median[i], None, high[i], n[i])
            assert batch.mean[i] == pytest.approx(alone.mean[0], rel=1e-12, nan_ok=True)


def test_with_a_negative_number_only_the_normal_is_fitted_and_no_power_exists() -> None:
    found = stats.quantile_estimation(None, -1.0, 2.0, 4.0, None, 40)
    assert str(found.family[0]) == "normal"
    assert np.isfinite(found.loss[0]).sum() == 1
    refused = stats.box_cox(None, -1.0, 2.0, 4.0, None, 40)
    assert refused.status[0] == Status.IMPOSSIBLE_INPUT
    assert np.isnan([refused.mean[0], refused.sd[0], refused.power[0]]).all()


@pytest.mark.parametrize(
    ("five", "n", "status"),
    [
        ((None, 3.0, 2.0, 4.0, None), 40, Status.IMPOSSIBLE_INPUT),
        ((None, 1.0, 2.0, 4.0, None), 2, Status.TOO_FEW_PARTICIPANTS),
        ((1.0, 1.5, 2.0, 3.0, 4.0), 4, Status.TOO_FEW_PARTICIPANTS),
        ((None, 2.0, 2.0, 2.0, None), 40, Status.NO_VARIANCE),
        ((None, 1.0, np.nan, 4.0, None), 40, Status.MISSING_INPUT),
        ((None, 1.0, 2.0, 4.0, None), 2e6, Status.IMPOSSIBLE_INPUT),
    ],
)
def test_what_cannot_be_fitted_has_a_reason_and_no_number(five: tuple, n: float, status: Status) -> None:
    for function in (stats.quantile_estimation, stats.box_cox):
        found = function(*five, n)
        assert found.status.tolist() == [status]
        assert np.isnan([found.mean[0], found.sd[0]]).all()


def test_half_a_range_is_no_scenario() -> None:
    with pytest.raises(ValueError, match="with the range, with the quartiles"):
        stats.quantile_estimation(1.0, None, 2.0, None, None, 40)


def test_quartiles_at_the_median_still_give_an_answer() -> None:
    found = stats.quantile_estimation(None, 1.0, 1.0, 3.0, None, 40)
    assert found.mean[0] > 0
    assert found.sd[0] > 0


def test_a_power_of_zero_is_the_log_normal() -> None:
    quartiles = np.exp(np.array([0.4, 1.0, 1.6]))
    found = stats.box_cox(None, *quartiles, None, 200)
    scale = float(found.scale[0])
    assert float(found.power[0]) == pytest.approx(0.0, abs=1e-6)
    assert float(found.mean[0]) == pytest.approx(np.exp(1.0 + scale**2 / 2), rel=1e-6)
    assert float(found.sd[0] / found.mean[0]) == pytest.approx(np.sqrt(np.expm1(scale**2)), rel=1e-6)


def test_a_power_of_one_is_the_normal_of_luo_and_wan_cut_at_zero() -> None:
    found = stats.box_cox(None, 9.0, 10.0, 11.0, None, 200)
    assert float(found.power[0]) == pytest.approx(1.0, abs=1e-6)
    assert float(found.mean[0]) == pytest.approx(10.0, rel=1e-9)
    assert float(found.sd[0]) == pytest.approx(float(stats.sd_from_quartiles_wan(9.0, 11.0, 200)), rel=1e-9)


@pytest.mark.parametrize("five", [(1.0, None, 6.0, None, 9.0), (0.2, 1.0, 6.0, 7.0, 9.0)])
def test_the_way_back_agrees_with_adaptive_quadrature(five: tuple) -> None:
    found = stats.box_cox(*five, 30)
    power, location, scale = (float(x[0]) for x in (found.power, found.location, found.scale))
    assert power > 0.1
    end = (location + 1 / power) / scale

    def part(function: object) -> float:
        return quad(lambda z: function(z) * distributions.norm.pdf(z), -end, end, epsabs=1e-13)[0]  # type: ignore[operator]

    def back(z: float) -> float:
        return max(1 + power * (location + scale * z), 0.0) ** (1 / power)

    mass = part(lambda _: 1.0)
    mean = part(back) / mass
    assert float(found.mean[0]) == pytest.approx(mean, rel=1e-9)
    assert float(found.sd[0]) == pytest.approx(
        (part(lambda z: (back(z) - mean) ** 2) / mass) ** 0.5, rel=1e-9
    )


def test_the_error_of_a_mean_from_quantiles_exceeds_that_of_the_mean_of_all_and_repeats() -> None:
    # No mean of quantiles is surer than the mean of all people; and the loss is not threefold.
    five = distributions.norm(50, 10).ppf(FIVE)
    found = stats.quantile_se(*five, N, method="qe", draws=200)
    assert isinstance(found, float)
    assert 10 / N**0.5 < found < 3 * 10 / N**0.5
    assert found == stats.quantile_se(*five, N, method="qe", draws=200)
    assert found != stats.quantile_se(*five, N, method="qe", draws=200, seed=2)


@pytest.mark.parametrize("method", ["qe", "bc"])
def test_four_times_the_people_halve_the_error(method: str) -> None:
    quartiles = np.exp(distributions.norm(2, 0.5).ppf([0.25, 0.5, 0.75]))
    few, many = (stats.quantile_se(None, *quartiles, None, n, method=method, draws=300) for n in (50, 200))
    assert few / many == pytest.approx(2.0, rel=0.35)  # type: ignore[operator]


def test_no_error_is_given_where_there_is_no_mean() -> None:
    assert stats.quantile_se(None, 3.0, 2.0, 4.0, None, 40, method="qe") == stats.NotEstimable(
        Status.IMPOSSIBLE_INPUT
    )
    assert stats.quantile_se(None, -1.0, 2.0, 4.0, None, 40, method="bc") == stats.NotEstimable(
        Status.IMPOSSIBLE_INPUT
    )
    with pytest.raises(ValueError, match="a method is one of"):
        stats.quantile_se(None, 1.0, 2.0, 4.0, None, 40, method="mln")


def test_each_name_of_provenance_gives_the_number_of_its_method() -> None:
    five = {"low": 1.0, "q1": 2.0, "median": 3.0, "q3": 5.0, "high": 9.0}
    for scenario in SCENARIOS:
        names = {"range": ("low", "median", "high"), "quartiles": ("q1", "median", "q3")}.get(
            scenario, tuple(five)
        )
        given = {name: five[name] for name in names}
        for way, function in (("qe", stats.quantile_estimation), ("bc", stats.box_cox)):
            found = function(*(given.get(name) for name in five), 40)
            for number in ("mean", "sd"):
                formula = stats.FORMULAS[f"{number}_from_{scenario}_{way}"]
                assert float(formula.function(**given, n=40)) == getattr(found, number)[0]
                assert formula.source.startswith("McGrath 2020")
