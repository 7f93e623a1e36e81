"""Print how well the filter and the rank find randomised trials: python -m tests.benchmarks.rct_rank.

On recorded papers (LIVING_RECORDED names their folder): 1,000 in MEDLINE's text format, and PubMed's files. A
paper counts as a trial when its publication types say Randomized Controlled Trial or Controlled Clinical
Trial. These types are then hidden from the features, so that the label does not answer for itself.
"""

import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from lzma import open as unpacked
from pathlib import Path
from typing import Any

import numpy as np
from Bio import Medline
from scipy.optimize import minimize

from living.model.record import AbstractPart, Record
from living.review.ranking import FEATURES, features_of, passes_filter
from tests import linked

LABELS = frozenset({"randomized controlled trial", "controlled clinical trial"})
# Given by the indexer in the same act as the label: hidden with it.
TOLD = ("trial", "multicenter study", "evaluation study", "evaluation studies")
CUTS = (0, 2, 4, 6, 8)
View = Callable[[Record], Record]
VIEWS: dict[str, View] = {
    "all is shown": lambda record: record,
    "types of trials hidden": lambda record: _hidden(record),
    "as before indexing": lambda record: record.model_copy(update={"types": (), "headings": ()}),
}


@dataclass(frozen=True)
class Sample:
    """Papers of one source, and which of them the types call trials."""

    name: str
    papers: tuple[Record, ...]

    @property
    def labels(self) -> np.ndarray:
        return np.array([is_trial(paper) for paper in self.papers])


def is_trial(record: Record) -> bool:
    return bool(LABELS & {kind.lower() for kind in record.types})


def _hidden(record: Record) -> Record:
    kept = tuple(kind for kind in record.types if not any(word in kind.lower() for word in TOLD))
    return record.model_copy(update={"types": kept})


def samples(recorded: Path) -> tuple[Sample, ...]:
    """Return the recorded papers, those of the 1970s and of 2021 apart."""
    held = linked.corpus(recorded, baseline=True).papers.values()
    old = tuple(paper for paper in held if paper.published[:4].isdigit() and int(paper.published[:4]) < 1990)
    ids = {paper.id for paper in old}
    new = tuple(paper for paper in held if paper.id not in ids)
    return Sample("MEDLINE text", medline(recorded)), Sample("PubMed 2021", new), Sample("PubMed 1970s", old)


def medline(recorded: Path) -> tuple[Record, ...]:
    path = recorded / "pubmed" / "medline" / "robotreviewer_pubmed_test_1000.txt.xz"
    with unpacked(path, "rt", encoding="utf-8") as text:
        return tuple(_entry(item) for item in Medline.parse(text))  # type: ignore[no-untyped-call]


def _entry(item: Any) -> Record:
    return Record(
        source="pubmed",
        id=item["PMID"],
        title=item.get("TI", ""),
        abstract=(AbstractPart(text=item["AB"]),) if item.get("AB") else (),
        types=tuple(item.get("PT", ())),
        headings=tuple(item.get("MH", ())),
    )


# --- measures -----------------------------------------------------------------------------------------------


def scores(papers: Sequence[Record]) -> np.ndarray:
    return np.array([sum(feature.points for feature in features_of(paper)) for paper in papers])


def average_precision(labels: np.ndarray, ranks: np.ndarray) -> float:
    """Return the mean over trials of the precision at their place; ties share the precision of their end."""
    found = 0.0
    for value in np.unique(ranks[labels]):
        above = ranks >= value
        found += labels[ranks == value].sum() * labels[above].mean()
    return float(found / labels.sum())


def measured(labels: np.ndarray, chosen: np.ndarray) -> str:
    sensitivity = labels[chosen].sum() / labels.sum()
    precision = labels[chosen].mean() if chosen.any() else float("nan")
    return f"{sensitivity:6.1%} / {precision:5.1%} of {chosen.sum():,}"


def table(sample: Sample) -> None:
    """Print filter and rank on one sample, in each view."""
    labels = sample.labels
    print(f"\n{sample.name}: {len(labels):,} papers, {labels.sum():,} called trials ({labels.mean():.1%})")
    heads = ("filter alone", *(f"rank from {cut}" for cut in CUTS))
    print(f"{'sensitivity / precision':24}" + "".join(f"{head:>24}" for head in heads) + f"{'AP':>8}")
    for name, view in VIEWS.items():
        papers = [view(paper) for paper in sample.papers]
        passed, ranks = np.array([passes_filter(paper) for paper in papers]), scores(papers)
        cells = [measured(labels, passed), *(measured(labels, ranks >= cut) for cut in CUTS)]
        told = average_precision(labels, ranks)
        print(f"{name:24}" + "".join(f"{cell:>24}" for cell in cells) + f"{told:8.3f}")


# --- points -------------------------------------------------------------------------------------------------


def fitted(papers: Sequence[Record]) -> np.ndarray:
    """Return the logistic coefficients of the features, lightly held towards 0."""
    x, y = matrix(papers), np.array([is_trial(paper) for paper in papers], dtype=float)
    design = np.column_stack([np.ones(len(x)), x])

    def loss(beta: np.ndarray) -> float:
        told = design @ beta
        return float(np.logaddexp(0, told).sum() - y @ told + 0.5 * (beta[1:] ** 2).sum())

    return np.asarray(minimize(loss, np.zeros(design.shape[1]), method="L-BFGS-B").x[1:])


def matrix(papers: Sequence[Record]) -> np.ndarray:
    found = [{feature.id for feature in features_of(VIEWS["types of trials hidden"](p))} for p in papers]
    return np.array([[feature.id in ids for feature in FEATURES] for ids in found], dtype=float)


def points(sample: Sample) -> None:
    """Print what the points would be if fitted on one half, and what either table makes of the other half."""
    learned = [paper for paper in sample.papers if int(paper.id) % 2]
    rest = [paper for paper in sample.papers if not int(paper.id) % 2]
    coefficients = fitted(learned)
    labels, x = np.array([is_trial(paper) for paper in rest]), matrix(rest)
    ours = average_precision(labels, x @ np.array([feature.points for feature in FEATURES]))
    theirs = average_precision(labels, x @ coefficients)
    print(f"\npoints, and log odds fitted on odd PMIDs of {sample.name} ({len(learned):,} papers):")
    held = zip(FEATURES, coefficients, x.sum(axis=0), strict=True)
    print("; ".join(f"{item.id} {item.points:+d} ({c:+.1f}, {n:.0f})" for item, c, n in held if n))
    print(f"average precision on even PMIDs: points {ours:.3f}, log odds {theirs:.3f}")


def main(recorded: Path) -> None:
    held = samples(recorded)
    print(
        "label: publication type Randomized Controlled Trial or Controlled Clinical Trial. Its weakness: it"
    )
    print(
        "is given by hand and late (few papers of 2021 have it on their first day), long before 1990 seldom,"
    )
    print(
        "and wrongly at times; a paper counted as a mistake may be an unlabelled trial. The rank decides the"
    )
    print("order of the queue alone: a paper below any of these cut-offs waits in it like every other.")
    for sample in held:
        table(sample)
    points(held[0])
    points(held[2])


if __name__ == "__main__":
    folder = os.environ.get("LIVING_RECORDED")
    if not folder:
        sys.exit("LIVING_RECORDED is not set: it names the folder of recorded payloads")
    main(Path(folder))
