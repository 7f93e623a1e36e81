"""Other reviews' results as the page shows them: review by review, each print with what came of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from living.model.snapshot import AnalysisOut, Snapshot
from living.model.surroundings import Check, PublishedOut, Walk
from living.publish.numerals import MINUS
from living.publish.studies import analysis_anchor

PAGE = "reviews.html"
AGREES = {
    "contradicts": "No",
    "consistent": "Yes",
    "no_p": "Yes; no P to check",
    "not_checkable": "Cannot be checked",
}
AGAIN = {
    "reproduced": "Yes",
    "not_reproduced": "No, it comes out otherwise",
    "impossible": "Not possible",
    "refused": "Refused",
}


@dataclass(frozen=True)
class PrintView:
    """One printed result with its checks and our value; `apart` when the two may not be on one scale."""

    out: PublishedOut
    question: str
    printed: str
    agrees: str
    checks: tuple[Check, ...]
    again: str
    ours: Walk | None
    apart: bool
    label: str
    anchor: str


@dataclass(frozen=True)
class ReviewView:
    """One review; `contradicting`: its results that contradict themselves or one another."""

    name: str
    anchor: str
    doi: str
    url: str
    read_in: str
    told_by_others: bool
    prints: tuple[PrintView, ...]
    contradicting: tuple[PrintView, ...]
    again: int


def reviews(snapshot: Snapshot) -> tuple[ReviewView, ...]:
    """Return every other review of a snapshot with its printed results, in their order."""
    known = {item.id: item for comparison in snapshot.comparisons for item in comparison.analyses}
    names = dict.fromkeys(item.pool.review for item in snapshot.published)
    return tuple(
        _review(name, [item for item in snapshot.published if item.pool.review == name], known)
        for name in names
    )


def printed(out: PublishedOut) -> str:
    """Return a result as it was printed, digit for digit but with a real minus: `−0.34 (−0.62 to −0.06)`."""
    pool = out.pool
    whole = f"{pool.estimate} ({pool.low} to {pool.high})" if pool.low and pool.high else pool.estimate
    return whole.replace("-", MINUS)


def verdict(out: PublishedOut) -> str:
    """Return the one verdict on a print: any contradiction, else that on its P, else on its interval."""
    found = {check.id: check.verdict for check in out.checks}
    if "contradicts" in found.values():
        return "contradicts"
    if found.get("p") == "consistent":
        return "consistent"
    return "no_p" if found.get("interval") == "consistent" else "not_checkable"


def print_row(out: PublishedOut) -> Iterator[str | float | int | bool | None]:
    """Yield one result's row of the table `published`; numbers are as printed."""
    pool, again = out.pool, out.reproduction
    yield from (pool.id, pool.review, pool.doi, pool.outcome, pool.subgroup, pool.measure, pool.model)
    yield from (pool.k, pool.k_total, pool.n, pool.n_total)
    yield from (pool.estimate, pool.low, pool.high, pool.p, pool.i2, pool.tau2, pool.between_arms)
    for kind in ("contradicts", "consistent", "not_checkable"):
        yield "; ".join(check.said for check in out.checks if check.verdict == kind)
    yield from (again.status, again.reason, " | ".join(again.missing), again.method)
    yield from (again.estimate, again.low, again.high, out.analysis)
    yield from (pool.corrigendum, pool.note, pool.read_in, pool.imported or "", pool.url)


def walk_rows(out: PublishedOut) -> Iterator[tuple[str | float | int | None, ...]]:
    """Yield the rows of one result's walk to ours, in order."""
    for place, step in enumerate(out.walk, 1):
        numbers = (step.before, step.after, step.low, step.high, step.k, step.shift)
        yield out.pool.id, place, step.cause, step.text, " | ".join(step.studies), *numbers, step.reason


def _review(name: str, outs: Sequence[PublishedOut], known: dict[str, AnalysisOut]) -> ReviewView:
    first = outs[0].pool
    prints = tuple(_print(item, known) for item in outs)
    return ReviewView(
        name=name,
        anchor=f"review-{first.id}",
        doi=first.doi,
        url=first.url,
        read_in=first.read_in,
        told_by_others=any(item.pool.imported == "B" for item in outs),
        prints=prints,
        contradicting=tuple(one for one in prints if verdict(one.out) == "contradicts"),
        again=sum(item.reproduction.status == "reproduced" for item in outs),
    )


def _print(out: PublishedOut, known: dict[str, AnalysisOut]) -> PrintView:
    analysis = known.get(out.analysis)
    return PrintView(
        out=out,
        question=": ".join(text for text in (out.pool.outcome, out.pool.subgroup) if text),
        printed=printed(out),
        agrees=AGREES[verdict(out)],
        checks=_telling(out),
        again=AGAIN[out.reproduction.status],
        ours=out.walk[-1] if out.walk else None,
        apart=len(out.walk) == 1,
        label=_label(analysis, out) if analysis else "",
        anchor=analysis_anchor(analysis) if analysis else "",
    )


def _label(analysis: AnalysisOut, out: PublishedOut) -> str:
    levels = {
        f"{split.id}/{level.id}": f"{analysis.label}: {level.label}"
        for split in analysis.subgroups
        for level in split.levels
    }
    return levels.get(out.pool.group, analysis.label)


def _telling(out: PublishedOut) -> tuple[Check, ...]:
    """What is told of the checks: what contradicts, what came of P, else why there is nothing more."""
    kept = [check for check in out.checks if check.verdict == "contradicts" or check.id == "p"]
    return tuple(kept or out.checks)
