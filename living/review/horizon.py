"""The trials to come: which are registered, which are overdue, and what the next one might change."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from functools import lru_cache
from math import sqrt

from living import stats
from living.model.facts import Characteristics, Link, ProtocolActivated, ScreeningVote
from living.model.protocol import Comparison, Protocol
from living.model.record import Record
from living.model.snapshot import AnalysisOut, ComparisonOut, StudyOut
from living.model.state import ReviewState
from living.model.surroundings import Coming, Horizon, NextTrial
from living.review.companion import prior_sd
from living.review.information import important, spread
from living.review.overdue import last_day, overdue
from living.review.quiet import quiet_lines
from living.review.wording import spelled

REPORTS = (
    "Each trial is taken to report what the primary analysis combines, on as many people as it plans, in two "
    "equal groups, with the spread between people of the included parallel studies."
)
UNKNOWN_ARMS = "A trial whose arms nobody has recorded yet is taken to ask the first comparison's question."
PREDICTED = (
    "With three studies or more its true effect is drawn around today's average with the error of that "
    "average and the variance between studies as they are estimated; with few studies both are uncertain, "
    "and the shares are too."
)
ABOUT_STUDIES = (Record, Link, ScreeningVote, Characteristics, ProtocolActivated)


def as_of(state: ReviewState) -> str:
    """Return the day on which anything was last heard or ruled about which studies there are.

    Numbers read from a study, judgements, signatures and versions say nothing about trials to come, and other
    dates or contacts of a registration are no news: none of them makes a snapshot another one by its day.
    """
    quiet = quiet_lines(state)
    heard = (line for line in reversed(state.lines) if isinstance(line.fact, ABOUT_STUDIES))
    return next((line.at[:10] for line in heard if line.seq not in quiet), "")


def horizon(
    protocol: Protocol, comparisons: Sequence[ComparisonOut], studies: Sequence[StudyOut], day: str
) -> Horizon:
    """Return the trials to come as of a day, soonest first, and what each might change in primary analyses.

    Trials that were stopped or withdrawn are not among the ongoing and so not here.
    """
    ongoing = [study for study in studies if study.status == "ongoing"]
    ongoing.sort(key=lambda study: (last_day(study.expected) or date.max, study.expected, study.key))
    trials = tuple(_next_trials(protocol, comparisons, ongoing))
    return Horizon(
        as_of=day,
        coming=tuple(
            Coming(
                study=study.key,
                slug=study.slug,
                label=study.label,
                status=study.registry_status,
                planned_n=study.planned_n,
                expected=study.expected,
                overdue_days=overdue(study.expected, day),
            )
            for study in ongoing
        ),
        next_trials=trials,
        assumptions=_assumptions(protocol, comparisons, trials),
    )


def _next_trials(
    protocol: Protocol, comparisons: Sequence[ComparisonOut], ongoing: Sequence[StudyOut]
) -> Iterator[NextTrial]:
    declared = {item.id: item for item in protocol.comparisons}
    for place, comparison in enumerate(comparisons):
        main = next(item for item in comparison.analyses if item.role == "primary")
        for study in ongoing:
            if study.planned_n and _compares(study, declared[comparison.id], first=place == 0):
                found = _next_trial(protocol, main, study, study.planned_n)
                if found:
                    yield found


def _compares(study: StudyOut, comparison: Comparison, first: bool) -> bool:
    """Whether a trial's arms are those of a comparison; without arms it is taken to be about the first."""
    arms = {arm.intervention for arm in study.arms}
    if not arms:
        return first
    return comparison.experimental in arms and not arms.isdisjoint(comparison.control)


def _next_trial(protocol: Protocol, main: AnalysisOut, study: StudyOut, n: int) -> NextTrial | None:
    model = protocol.models[next(item.models for item in protocol.analyses if item.id == main.id)]
    person, prior = spread(main.contrasts), prior_sd(protocol, main)
    if person is None or prior is None:
        return None
    se = person * sqrt(4 / n)
    settings = protocol.supplementary
    found = _simulated(
        tuple(row.estimate for row in main.contrasts),
        tuple(row.se**2 for row in main.contrasts),
        se,
        prior,
        important(main, settings),
        (model.tau2, model.interval),
        model.level,
        (settings.draws, settings.seed),
    )
    if isinstance(found, stats.NotEstimable):
        return None
    may_fire = main.pool.pooled and len(main.contrasts) >= protocol.update_rule.conclusion_needs_studies
    return NextTrial(
        study=study.key,
        label=study.label,
        analysis=main.id,
        n=n,
        se=se,
        draws=found.draws,
        seed=found.seed,
        fires=(found.changes or 0.0) if may_fire else 0.0,
        excludes_zero=found.excludes_none,
        moves_by_important=found.moves,
        width=found.width,
    )


@lru_cache(maxsize=256)
def _simulated(
    yi: tuple[float, ...],
    vi: tuple[float, ...],
    se: float,
    prior: float,
    limit: float | None,
    methods: tuple[str, str],
    level: float,
    drawing: tuple[int, int],
) -> stats.NextTrial | stats.NotEstimable:
    """The same numbers give the same shares, so a snapshot that is built again need not draw again."""
    return stats.next_trial(
        yi,
        vi,
        se,
        prior_sd=prior,
        important=limit,
        tau2=methods[0],
        interval=methods[1],
        level=level,
        draws=drawing[0],
        seed=drawing[1],
    )


def _assumptions(
    protocol: Protocol, comparisons: Sequence[ComparisonOut], trials: Sequence[NextTrial]
) -> str:
    """What the simulation takes for granted, or why there is none."""
    if not trials:
        return (
            "Nothing is simulated: that needs a trial to come that states its planned size and has arms of a "
            "comparison here, and at least one parallel study in the primary analysis that gives its size."
        )
    used = {trial.analysis for trial in trials}
    mains = [item for comparison in comparisons for item in comparison.analyses if item.id in used]
    needed = protocol.update_rule.conclusion_needs_studies
    told = [REPORTS, UNKNOWN_ARMS]
    if any(len(item.contrasts) >= stats.LEAST_FOR_PREDICTION for item in mains):
        told.append(PREDICTED)
    few = [item for item in mains if len(item.contrasts) < stats.LEAST_FOR_PREDICTION]
    if few:
        sds = ", ".join(f"{prior_sd(protocol, item) or 0.0:g}" for item in few)
        told.append(
            f"With fewer than three studies it is drawn around no effect with a standard deviation of {sds}, "
            "a declared prior and not a finding."
        )
    told.append("The interval after it is that of the model even where the protocol gives no headline yet.")
    if any(len(item.contrasts) < needed for item in mains):
        told.append(
            f"By the protocol's rule a conclusion on fewer than {spelled(needed)} studies is not changed by "
            "the category of its effect, so no result of one more trial can change it."
        )
    return " ".join(told)
