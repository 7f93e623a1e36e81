"""Another review's result made again, from its printed inputs or from our numbers of its studies."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import isfinite

from living import stats
from living.model.facts import PublishedInput, PublishedPool
from living.model.snapshot import AnalysisOut, ComparisonOut, ContrastOut, StudyOut
from living.model.surroundings import Reproduction
from living.review.pools import INTERVAL_LABELS
from living.review.printed import is_ratio, kind_of, number, value
from living.review.wording import interval, signed, spelled

WITHIN = "a before-after change within one group is no comparison of two arms and is not made again as one"
NO_NUMBERS = "the review prints no study-level numbers"
NO_LIST = "and no list of the studies behind this result was found"
OURS = "from this review's numbers of the same studies"
THEIRS = "from the inputs printed with it"
SLACK = 1e-9  # the last digits of a decimal number that a computer holds in binary
HUNDREDTH = 0.005  # half of the second decimal, to which effects are usually printed
USUAL_TAU2, USUAL_INTERVAL = "DL", "wald"  # what most published reviews used where they do not say


NAMES = {"CE": "common effect", "MH": "Mantel-Haenszel"}
MANTEL_HAENSZEL = {
    "OR": stats.mantel_haenszel_odds_ratio,
    "RR": stats.mantel_haenszel_risk_ratio,
    "RD": stats.mantel_haenszel_risk_difference,
}


@dataclass(frozen=True)
class Row:
    """One study's effect in another review's pool; `study` is its key here, empty when it is not known.

    `counts` are events and people of both arms, where the effect is of such.
    """

    label: str
    study: str
    comparison: str
    estimate: float
    se: float
    counts: tuple[int, int, int, int] | None = None


@dataclass(frozen=True)
class Rule:
    """How to pool: an estimator of the spread, or a common effect, and an interval; of which measure."""

    tau2: str
    interval: str
    measure: str = ""

    @property
    def words(self) -> str:
        return f"{NAMES.get(self.tau2, self.tau2)}, {INTERVAL_LABELS[self.interval]}"


@dataclass(frozen=True)
class Made:
    """What some rows give under a rule; one study gives its own estimate, none gives nothing."""

    k: int
    estimate: float | None = None
    low: float | None = None
    high: float | None = None
    reason: str = ""


@dataclass(frozen=True)
class House:
    """What this review has: its analyses, and its studies by every name."""

    comparisons: Sequence[ComparisonOut]
    studies: dict[str, StudyOut]

    @classmethod
    def of(cls, comparisons: Sequence[ComparisonOut], studies: Sequence[StudyOut]) -> House:
        return cls(comparisons, {name: item for item in studies for name in (item.key, *item.aliases)})

    def analysis(self, name: str) -> AnalysisOut | None:
        return next((item for item in self._analyses() if item.id == name), None)

    def like(self, wanted: AnalysisOut, comparison: str) -> AnalysisOut | None:
        """Return the analysis of another comparison that measures the same in the same role, or itself."""
        if comparison in ("", wanted.comparison):
            return wanted
        asks = (wanted.outcome, wanted.measure)
        found = [
            item
            for item in self._analyses()
            if item.comparison == comparison and (item.outcome, item.measure) == asks
        ]
        return next((item for item in found if item.role == wanted.role), next(iter(found), None))

    def contrast(self, wanted: AnalysisOut, one: PublishedInput) -> ContrastOut | None:
        """Return this review's own line of an input's study, by the same measure."""
        study, found = self.studies.get(one.study), self.like(wanted, one.comparison)
        if study is None or found is None:
            return None
        return next((row for row in found.contrasts if row.study == study.key), None)

    def why_not(self, wanted: AnalysisOut, one: PublishedInput) -> str:
        """Return why this review has no such line."""
        study, found = self.studies.get(one.study), self.like(wanted, one.comparison)
        if study is None:
            return "not known in this review"
        if study.status == "excluded":
            return f"excluded here ({study.criterion})"
        return self.reason(found, study.key) if found else "no number here"

    def reason(self, wanted: AnalysisOut, study: str) -> str:
        """Return why a study is not in an analysis, or not in another of its outcome and comparison."""
        asks = (wanted.comparison, wanted.outcome)
        others = [item for item in self._analyses() if (item.comparison, item.outcome) == asks]
        passed = [one for item in (wanted, *others) for one in item.not_pooled if one.study == study]
        return passed[0].reason if passed else "no number here"

    def _analyses(self) -> Iterator[AnalysisOut]:
        for comparison in self.comparisons:
            yield from comparison.analyses


def reproduce(pool: PublishedPool, house: House) -> Reproduction:
    """Make a printed result again and compare it within rounding, or say why that cannot be done."""
    if not pool.between_arms:
        return Reproduction(status="refused", reason=WITHIN)
    ratio = is_ratio(pool.measure)
    if value(pool.estimate, ratio) is None:
        return _impossible(f"the print '{pool.estimate}' is no number to compare with")
    wanted = comparable(pool, house)
    printed = [one for one in pool.inputs if one.estimate is not None]
    if printed and len(printed) < len(pool.inputs):
        blank = tuple(one.label for one in pool.inputs if one.estimate is None)
        return _impossible(f"the review prints no numbers for {_listed(blank)}", blank)
    if printed:
        return _compared(pool, input_rows(pool), THEIRS, _unlike(pool, wanted, house))
    if not pool.inputs:
        return _impossible(f"{NO_NUMBERS}, {NO_LIST}")
    told = NO_NUMBERS
    if any(one.inferred for one in pool.inputs):
        told += "; which studies it pooled is our inference, not its statement"
    if wanted is None:
        names = tuple(one.label for one in pool.inputs)
        return _impossible(f"{told}; no analysis here has its measure", names)
    absent = tuple(
        f"{one.label}: {house.why_not(wanted, one)}"
        for one in pool.inputs
        if house.contrast(wanted, one) is None
    )
    if absent:
        return _impossible(f"{told}, and this review lacks {spelled(len(absent))} of them", absent)
    return _compared(pool, own_rows(pool, wanted, house), OURS, ())


def comparable(pool: PublishedPool, house: House) -> AnalysisOut | None:
    """Return our analysis of the same question if it is by the same measure."""
    wanted = house.analysis(pool.analysis) if pool.analysis else None
    if wanted is None or wanted.measure.partition("-")[0] != kind_of(pool.measure):
        return None
    return wanted


def input_rows(pool: PublishedPool) -> tuple[Row, ...]:
    """Return the inputs that are printed with numbers."""
    return tuple(
        Row(one.label, one.study, one.comparison, one.estimate, one.se)
        for one in pool.inputs
        if one.estimate is not None and one.se is not None
    )


def own_rows(pool: PublishedPool, wanted: AnalysisOut, house: House) -> tuple[Row, ...]:
    """Return this review's lines of the studies that another review pooled."""
    found = [(one, house.contrast(wanted, one)) for one in pool.inputs]
    return tuple(row_of(row, one.comparison or wanted.comparison) for one, row in found if row)


def row_of(row: ContrastOut, comparison: str) -> Row:
    """Return one of our own lines, with its counts where it has them."""
    counts = (row.events_experimental, row.n_experimental, row.events_control, row.n_control)
    known = tuple(item for item in counts if item is not None)
    whole = (known[0], known[1], known[2], known[3]) if len(known) == len(counts) else None
    return Row(row.label, row.study, comparison, row.estimate, row.se, whole)


def rules(pool: PublishedPool) -> tuple[Rule, ...]:
    """Return the rules that a review may have pooled by: the one it states, else the usual ones in order."""
    spreads = (pool.tau2_method,) if pool.tau2_method else (USUAL_TAU2, "REML", "PM", "CE", "MH")
    intervals = (pool.interval_method,) if pool.interval_method else (USUAL_INTERVAL, "HK")
    kind = kind_of(pool.measure)
    found = (Rule(spread, interval, kind) for spread in spreads for interval in intervals)
    return tuple(rule for rule in found if pool.tau2_method or rule.tau2 != "MH" or _by_counts(rule))


def _by_counts(rule: Rule) -> bool:
    """Mantel and Haenszel's method takes counts, gives z intervals, and is of these measures."""
    return rule.measure in MANTEL_HAENSZEL and rule.interval == "wald"


def rule_of(pool: PublishedPool, rows: Sequence[Row]) -> Rule:
    """Return the rule under which rows give the print, or the first that its review may have used."""
    found = rules(pool)
    return next((rule for rule in found if rows and not misses(pool, made(rows, rule))), found[0])


def made(rows: Sequence[Row], rule: Rule) -> Made:
    """Pool rows under a rule; one study gives its own estimate and z interval."""
    if not rows:
        return Made(0, reason="no study is left")
    yi, vi = [row.estimate for row in rows], [row.se**2 for row in rows]
    if len(rows) == 1:
        low, high = stats.study_interval(yi[0], vi[0], 0.95)
        return Made(1, yi[0], float(low), float(high))
    if rule.tau2 == "MH":
        return _mantel_haenszel(rows, rule)
    found = stats.pool(yi, vi, tau2=rule.tau2, interval=rule.interval)
    if isinstance(found, stats.NotEstimable):
        return Made(len(rows), reason=found.reason)
    return Made(len(rows), found.mu, found.ci_low, found.ci_high)


def _mantel_haenszel(rows: Sequence[Row], rule: Rule) -> Made:
    if not _by_counts(rule):
        return Made(len(rows), reason="Mantel and Haenszel's method gives no such measure or interval")
    tables = [row.counts for row in rows if row.counts]
    if len(tables) < len(rows):
        return Made(len(rows), reason="events and people of both arms are not given for every study")
    found = MANTEL_HAENSZEL[rule.measure](*([table[at] for table in tables] for at in range(4)))
    mu, low, high = (float(item) for item in (found.mu, found.ci_low, found.ci_high))
    if not all(isfinite(item) for item in (mu, low, high)):
        return Made(len(rows), reason="no event in any study")
    return Made(len(rows), mu, low, high)


def misses(pool: PublishedPool, found: Made) -> tuple[str, ...]:
    """Return which of estimate and limits do not round to the print; none of them when all do."""
    ratio, wrong = is_ratio(pool.measure), []
    for name, text, again in (
        ("estimate", pool.estimate, found.estimate),
        ("lower limit", pool.low, found.low),
        ("upper limit", pool.high, found.high),
    ):
        shown = number(text)
        if shown is None:
            continue
        low, high = shown.corners
        ends = (value(str(low), ratio), value(str(high), ratio))
        below = ends[0] is not None and again is not None and again < ends[0] - SLACK
        if again is None or below or ends[1] is None or again > ends[1] + SLACK:
            wrong.append(name)
    return tuple(wrong)


def _compared(
    pool: PublishedPool, rows: tuple[Row, ...], source: str, unlike: tuple[str, ...]
) -> Reproduction:
    rule = rule_of(pool, rows)
    found = made(rows, rule)
    wrong = misses(pool, found)
    stated = "" if pool.tau2_method and pool.interval_method else "; the rule is not stated in full"
    alone = "" if pool.low and pool.high else "; no interval is printed to compare with"
    method = f"{rule.words}, {source}{stated}{alone}"
    out = Reproduction(
        status="not_reproduced" if wrong else "reproduced",
        estimate=found.estimate,
        low=found.low,
        high=found.high,
        k=found.k,
        method=method,
    )
    if not wrong:
        return out
    ratio = is_ratio(pool.measure)
    again = found.reason or "no number"
    if found.estimate is not None and found.low is not None and found.high is not None:
        again = f"{signed(found.estimate, ratio)} ({interval(found.low, found.high, ratio)})"
    verb = "differs" if len(wrong) == 1 else "differ"
    told = f"made again it is {again}, not the print: {_listed(wrong)} {verb} beyond rounding"
    if pool.k is not None and pool.k != len(rows):
        unlike = (f"{spelled(pool.k)} studies are printed, {spelled(len(rows))} are listed", *unlike)
    if not unlike:
        told += "; no single input is known to be wrong"
    return out.model_copy(update={"reason": told, "missing": unlike})


def _unlike(pool: PublishedPool, wanted: AnalysisOut | None, house: House) -> tuple[str, ...]:
    """Name each printed input that differs from this review's own line of the study by more than 0.005."""
    found, ratio = [], is_ratio(pool.measure)
    for one in pool.inputs if wanted else ():
        own = house.contrast(wanted, one) if wanted else None
        if own is None or one.estimate is None or one.se is None:
            continue
        if max(abs(own.estimate - one.estimate), abs(own.se - one.se)) > HUNDREDTH:
            theirs = f"{signed(one.estimate, ratio)}, standard error {one.se:.3f}"
            ours = f"{signed(own.estimate, ratio)}, {own.se:.3f}"
            found.append(f"{one.label}: printed {theirs}; here {ours}")
    return tuple(found)


def _impossible(reason: str, missing: tuple[str, ...] = ()) -> Reproduction:
    return Reproduction(status="impossible", reason=f"cannot be reproduced because {reason}", missing=missing)


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
