"""What stands beside an analysis: how its average grew, hangs together, and what asymmetry tests say."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import isclose

from living import stats
from living.model.protocol import Model
from living.model.snapshot import AnalysisOut, ContrastOut, PoolOut
from living.model.supplement import AsymmetryTest, Omitted, Step, Supplement
from living.review.absolute import absolute
from living.review.companion import companion
from living.review.evidence import Basis
from living.review.information import people
from living.review.pointers import pointers
from living.review.wording import spelled

UNDATED = "9999"  # a study whose day nobody recorded comes last
Tested = tuple[float, float] | str


def supplement(basis: Basis, model: Model, analysis: AnalysisOut) -> Supplement:
    """Return all that stands beside an analysis whose contrasts and average are known."""
    rows = in_order(basis, analysis.contrasts)
    dates = [available(basis, row) for row in rows]
    found = absolute(basis.protocol, analysis)
    return Supplement(
        cumulative=cumulative(rows, dates, model, given(analysis)),
        omitted=omitted(analysis.contrasts, model),
        asymmetry=asymmetry(analysis, model),
        companion=companion(basis, model, analysis, rows, dates),
        absolute=None if isinstance(found, str) else found,
        absolute_reason=found if isinstance(found, str) else "",
        pointers=pointers(basis, model, analysis),
    )


def available(basis: Basis, row: ContrastOut) -> str:
    """Return the day from which a study's evidence was to be had, as precisely as it is known, or nothing."""
    what = basis.what.get(row.study)
    return what.available_from if what else ""


def in_order(basis: Basis, rows: Sequence[ContrastOut]) -> tuple[ContrastOut, ...]:
    """Return studies by the day of their evidence, then by first appearance; those without a day come last.

    A day known only to its month or year counts from its beginning.
    """
    return tuple(sorted(rows, key=lambda row: available(basis, row) or UNDATED))


def given(analysis: AnalysisOut) -> PoolOut:
    """Return the average of all studies, whether the protocol gives it as the headline or not."""
    return analysis.two_study_pool or analysis.pool


def cumulative(
    rows: Sequence[ContrastOut], dates: Sequence[str], model: Model, whole: PoolOut
) -> tuple[Step, ...]:
    """Return the average after each study; it ends at the average of all. None for fewer than two."""
    if len(rows) < 2:
        return ()
    fits = stats.cumulative(*_arrays(rows), tau2=model.tau2, interval=model.interval, level=model.level)
    found = [_row(fits, place) for place in range(len(rows))]
    found[0] = (rows[0].estimate, rows[0].low, rows[0].high), ""
    found[-1] = (whole.estimate, whole.low, whole.high), whole.reason
    return tuple(
        Step(
            study=row.study,
            label=row.label,
            available=day,
            k=k,
            estimate=numbers[0],
            low=numbers[1],
            high=numbers[2],
            reason=failed if numbers[0] is None else _few(k, model),
        )
        for k, (row, day, (numbers, failed)) in enumerate(zip(rows, dates, found, strict=True), 1)
    )


def omitted(rows: Sequence[ContrastOut], model: Model) -> tuple[Omitted, ...]:
    """Return the average without each study in turn, for three studies or more."""
    if len(rows) < 3:
        return ()
    fits = stats.leave_one_out(*_arrays(rows), tau2=model.tau2, interval=model.interval, level=model.level)
    found = []
    for place, row in enumerate(rows):
        (estimate, low, high), failed = _row(fits, place)
        why = failed if estimate is None else _few(len(rows) - 1, model)
        found.append(
            Omitted(study=row.study, label=row.label, estimate=estimate, low=low, high=high, reason=why)
        )
    return tuple(found)


def asymmetry(analysis: AnalysisOut, model: Model) -> tuple[AsymmetryTest, ...]:
    """Return the small-study tests that the analysis's measure allows, or the one reason why there is none.

    Egger's and Begg's tests take any measure; a ratio's logarithm and its standard error depend on each
    other, so for counts of people Harbord's and Peters's tests stand beside them; so do those of a
    standardised difference, beside which stands Egger's regression on the size alone.
    """
    rows = analysis.contrasts
    if not rows:
        return ()
    if len(rows) < model.funnel_k:
        why = f"fewer than {spelled(model.funnel_k)} studies"
        return (AsymmetryTest(id="none", label="Small-study tests", reason=why),)
    if all(isclose(row.se, rows[0].se, rel_tol=1e-9) for row in rows):
        why = "all studies have the same standard error, so none is smaller than another"
        return (AsymmetryTest(id="none", label="Small-study tests", reason=why),)
    yi, vi = _arrays(rows)
    tests: list[tuple[str, str, Callable[[], Tested]]] = [
        ("egger", "Egger's regression", lambda: _line(stats.egger(yi, vi))),
        (
            "egger-random",
            "Egger's regression with a between-study variance",
            lambda: _line(stats.egger_random(yi, vi, tau2=model.tau2)),
        ),
        ("begg", "Begg's rank correlation", lambda: _rank(stats.begg(yi, vi))),
    ]
    if analysis.measure in ("RR", "OR"):
        tests += [
            ("harbord", "Harbord's score test", lambda: _counted(rows, _harbord)),
            ("peters", "Peters's regression on 1/n", lambda: _counted(rows, _peters)),
        ]
    if analysis.measure.startswith("SMD"):
        tests.append(("egger-size", "Egger's regression on 1/\N{SQUARE ROOT}n", lambda: _sized(rows)))
    return tuple(_test(name, label, run()) for name, label, run in tests)


def _test(name: str, label: str, found: Tested) -> AsymmetryTest:
    if isinstance(found, str):
        return AsymmetryTest(id=name, label=label, reason=found)
    return AsymmetryTest(id=name, label=label, statistic=found[0], p=found[1])


def _line(found: stats.Asymmetry | stats.NotEstimable) -> Tested:
    return found.reason if isinstance(found, stats.NotEstimable) else (found.statistic, found.p)


def _rank(found: stats.RankTest | stats.NotEstimable) -> Tested:
    return found.reason if isinstance(found, stats.NotEstimable) else (found.tau, found.p)


Counts = tuple[list[int], list[int], list[int], list[int]]


def _counted(rows: Sequence[ContrastOut], test: Callable[[list[float], Counts], Tested]) -> Tested:
    counts = [(r.events_experimental, r.n_experimental, r.events_control, r.n_control) for r in rows]
    known = [tuple(number for number in row if number is not None) for row in counts]
    if any(len(row) < 4 for row in known):
        return "a study does not give events and people of both groups"
    a, n, b, m = ([row[place] for row in known] for place in range(4))
    return test([row.estimate for row in rows], (a, n, b, m))


def _sized(rows: Sequence[ContrastOut]) -> Tested:
    sizes = [count for row in rows if (count := people(row))]
    if len(sizes) < len(rows):
        return "a study does not say how many people it analysed"
    return _line(stats.egger(*_arrays(rows), predictor="inverse-root-n", n=sizes))


def _harbord(_: list[float], counts: Counts) -> Tested:
    return _line(stats.harbord(*counts))


def _peters(yi: list[float], counts: Counts) -> Tested:
    return _line(stats.peters(yi, *counts))


def _arrays(rows: Sequence[ContrastOut]) -> tuple[list[float], list[float]]:
    return [row.estimate for row in rows], [row.se**2 for row in rows]


Numbers = tuple[float | None, float | None, float | None]


def _row(fits: stats.Fits, place: int) -> tuple[Numbers, str]:
    """One row of a batch: estimate and limits, or Nones with the reason."""
    status = stats.Status(int(fits.status[place]))
    if status not in (stats.Status.OK, stats.Status.SINGLE_STUDY):
        return (None, None, None), stats.REASONS[status]
    return (float(fits.mu[place]), float(fits.ci_low[place]), float(fits.ci_high[place])), ""


def _few(k: int, model: Model) -> str:
    if k == 1:
        return "one study, its own result"
    if k < model.headline_k:
        return f"{spelled(k)} studies: fewer than the {spelled(model.headline_k)} that a headline asks for"
    return ""
