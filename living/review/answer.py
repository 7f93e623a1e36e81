"""The first screen in words: generated until an editor has signed a sentence."""

from __future__ import annotations

from collections.abc import Sequence

from living.model.flow import Flow
from living.model.protocol import Protocol
from living.model.snapshot import AnalysisOut, Answer, ComparisonOut, ContrastOut
from living.review.conclusions import limit_of
from living.review.protocol import fill
from living.review.wording import interval, signed, spelled

NOT_HUMAN = frozenset({"unverified"})
UNRATED = "certainty not rated"  # what a protocol's sentences say until people have rated


def answer(protocol: Protocol, comparisons: Sequence[ComparisonOut], flow: Flow) -> Answer:
    """Return headline, lede and standing of the first comparison's primary analysis, all generated.

    A signed conclusion replaces the headline only (`snapshot_of`): the lede states nothing but numbers. Where
    a sentence says that certainty is not rated and people's rating holds, the rating stands in its place.
    """
    main = next(item for item in comparisons[0].analyses if item.role == "primary")
    headline, lede = _texts(protocol, main, _names(protocol, comparisons[0], main, flow))
    rows = main.contrasts
    unverified = sum(row.standing in NOT_HUMAN for row in rows)
    names = {"title": protocol.topic.title, "short": protocol.topic.short}
    standing = fill(
        protocol.sentences.unsigned, {**names, "n_unverified": unverified, "n_numbers": len(rows)}
    )
    return Answer(
        headline=_as_rated(headline, main),
        headline_signed=False,
        lede=lede,
        standing=_as_rated(standing, main),
        analysis=main.id,
        n_numbers=len(rows),
        n_unverified=unverified,
    )


def rated(analysis: AnalysisOut) -> str:
    """Return how certain people rate an analysis by GRADE; a rating of other numbers is none."""
    found = rating_of(analysis)
    return f"certainty {found.replace('_', ' ')} (GRADE)" if found else UNRATED


def rating_of(analysis: AnalysisOut) -> str:
    """Return the rating that holds for an analysis's numbers; empty where there is none."""
    found = analysis.certainty
    return "" if found is None or found.stale else found.rating


def _as_rated(sentence: str, analysis: AnalysisOut) -> str:
    told = rated(analysis)
    return sentence.replace(UNRATED, told).replace(UNRATED.capitalize(), told[:1].upper() + told[1:])


def _texts(protocol: Protocol, main: AnalysisOut, names: dict[str, object]) -> tuple[str, str]:
    words, k = protocol.sentences, len(main.contrasts)
    if main.pool.pooled:
        return fill(_pooled(protocol, main), names), fill(words.lede_pooled, names)
    if k == 2:
        return fill(words.headline_two, names), fill(words.lede_two, names)
    if k == 1:
        return fill(words.headline_one, names), fill(words.lede_one, names)
    return fill(words.headline_none, names), fill(words.lede_none, names)


def _pooled(protocol: Protocol, main: AnalysisOut) -> str:
    low, high = main.pool.low, main.pool.high
    if low is not None and low > 0:
        return protocol.sentences.headline_pooled_more
    if high is not None and high < 0:
        return protocol.sentences.headline_pooled_less
    return protocol.sentences.headline_pooled_uncertain


def _names(protocol: Protocol, comparison: ComparisonOut, main: AnalysisOut, flow: Flow) -> dict[str, object]:
    rows = main.contrasts
    names: dict[str, object] = {
        "title": protocol.topic.title,
        "short": protocol.topic.short,
        "outcome": main.outcome_label,
        "experimental": comparison.experimental_label,
        "control": comparison.control_label,
        "unit": main.unit,
        "below": below(main, comparison.experimental_label),
        "k": len(rows),
        "k_word": spelled(len(rows)),
        "n": _people(rows),
        "d": flow.awaiting_data,
        "w": flow.awaiting_classification,
    }
    if len(rows) == 2:
        names["a"], names["b"] = (f"{signed(row.estimate, main.ratio)} ({row.label})" for row in rows)
    return names | _numbers(protocol, main)


def _numbers(protocol: Protocol, main: AnalysisOut) -> dict[str, object]:
    pool, rows = main.pool, main.contrasts
    if pool.pooled and pool.estimate is not None and pool.low is not None and pool.high is not None:
        estimate, low, high = pool.estimate, pool.low, pool.high
    elif len(rows) == 1:
        estimate, low, high = rows[0].estimate, rows[0].low, rows[0].high
    else:
        return {}
    return {
        "study": rows[0].label,
        "estimate": signed(estimate, main.ratio),
        "low": signed(low, main.ratio),
        "high": signed(high, main.ratio),
        "level": f"{pool.level * 100:g}",
        "range_says": range_says(main, low, high),
    }


def below(main: AnalysisOut, experimental: str) -> str:
    """Return what a value on the low side means: `below zero means less pain with LDN`."""
    no_difference = "one" if main.ratio else "zero"
    if main.better == "lower":
        return f"below {no_difference} means {main.favours_low}"
    return f"above {no_difference} means {main.favours_high}"


def range_says(main: AnalysisOut, low: float, high: float) -> str:
    """Return what an interval includes, measured by the important difference; benefit is the better side."""
    limit = limit_of(main)
    sides = [("an important benefit", low <= -limit), ("an important harm", high >= limit)] if limit else []
    if main.better == "higher":
        sides = [(sides[0][0], high >= limit), (sides[1][0], low <= -limit)] if limit else []
    includes = [sides[0][0]] if sides and sides[0][1] else []
    includes += ["no difference"] if low <= 0 <= high else []
    includes += [sides[1][0]] if sides and sides[1][1] else []
    excluded = [name for name, inside in sides if not inside]
    told = f"That range includes {_listed(includes)}" if includes else "That range excludes no difference"
    return (
        f"{told}; {_listed(excluded)} {'lies' if len(excluded) == 1 else 'lie'} outside it."
        if excluded
        else f"{told}."
    )


def _listed(items: Sequence[str]) -> str:
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} and {items[-1]}"


def _people(rows: Sequence[ContrastOut]) -> str:
    """People analysed, those of a crossover once."""
    total = 0
    for row in rows:
        if row.n_experimental is None or row.n_control is None:
            return "an unreported number of"
        total += row.n_experimental + (0 if row.same_people else row.n_control)
    return f"{total:,}"


def estimate_of(analysis: AnalysisOut) -> str:
    """Return an analysis's average with its interval, or the plain word that there is none."""
    pool = analysis.pool
    if pool.pooled and pool.estimate is not None and pool.low is not None and pool.high is not None:
        return f"{signed(pool.estimate, analysis.ratio)} ({interval(pool.low, pool.high, analysis.ratio)})"
    return "no average"
