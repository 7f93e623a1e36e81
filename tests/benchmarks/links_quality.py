"""Print how well links and proposals find what belongs together: python -m tests.benchmarks.links_quality.

On pairs labelled from the recordings by code (`tests/linked.py`); LIVING_RECORDED names their folder. With
`all` the 30,000 papers of the 1970s stand among the others too.
"""

import os
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from living.review.identity import new_links
from living.review.proposals import Proposal, proposals
from tests import linked
from tests.linked import SLIPS, Corpus, Scene, pairs, wrong

NOTE = """
recall: of the true pairs that the channel left open can show, linked or proposed. precision: of the
proposals that the labels know; of two recorded papers they know what PubMed says and no more. Papers of one
trial often differ in title, so that few are found by it. `near_miss` is flattered: each whole number that is
not known here is a made misprint. `near_title` is judged hardest by the official titles: their papers bear
the title of their own trial to the letter, and are near to its sponsor's other trials as well."""
WIDTHS = (7, 8, 7, 10, 8, 9, 9, 11)
BANDS = ((90, 100), (80, 90), (70, 80), (60, 70), (50, 60), (0, 50))


def scenes(held: Corpus) -> Iterator[Scene]:
    """Yield every labelled set."""
    yield linked.accessions(held, "accession list, one number", lambda paper: paper)
    yield linked.accessions(held, "accession list, several numbers", lambda paper: paper, single=False)
    yield linked.accessions(held, "list hidden, number in text", linked.without_list)
    for name, slip in SLIPS.items():
        yield linked.accessions(held, f"list hidden, {name}", linked.misprinted(slip))
    yield linked.listed(held, "listed by one registration", visible=True)
    yield linked.listed(held, "listed by several", visible=True, by_one=False)
    yield linked.listed(held, "references hidden, titles", visible=False)
    yield linked.two_titles(held)
    yield linked.other_registers(held)
    yield linked.copies(held, "same DOI, spelled otherwise", linked.by_doi)
    yield linked.copies(held, "same PMID", linked.by_pmid)
    yield linked.copies(held, "title with a slip, no id", linked.by_title)
    yield linked.copies(held, "half of the title, no id", linked.by_half_a_title)
    yield linked.among_themselves(held)


def findable(held: Corpus, scene: Scene) -> frozenset[linked.Pair]:
    """Return what can be found at all: where the list is hidden, papers that print their number elsewhere."""
    if "list hidden" not in scene.name:
        return scene.truth
    printed = linked.in_text(held)
    return frozenset(
        (trial, paper)
        for trial, paper in scene.truth
        if trial.partition(":")[2] in printed.get(paper.partition(":")[2], frozenset())
    )


def share(part: int, whole: int) -> str:
    return f"{part / whole:6.1%}" if whole else "     -"


def line(name: str, scene: Scene, can: frozenset[linked.Pair], held: Counter[str]) -> list[Proposal]:
    """Print one set's line and return its proposals."""
    links = pairs(link.pair for link in new_links(scene.state))
    found = [item for item in proposals(scene.state) if item.pair not in links]
    asked = pairs(item.pair for item in found)
    false, odd = wrong(scene, links), wrong(scene, asked)
    true = (asked & (scene.truth | scene.also)) - links
    held["links"] += len(links)
    held["false links"] += len(false)
    print(
        f"{name:36}{len(can):7,}{len(links & scene.truth):8,}{len(false):7,}{len(true):10,}{len(odd):8,}"
        f"{len(asked) - len(true) - len(odd):9,}{share(len((links | asked) & can), len(can)):>9}"
        f"{share(len(true), len(true) + len(odd)):>11}"
    )
    return found


def bands(heading: str, found: Iterable[tuple[str, int, bool]]) -> None:
    """Print how many proposals of each kind and score are true."""
    right: Counter[tuple[str, int]] = Counter()
    every: Counter[tuple[str, int]] = Counter()
    for kind, score, true in found:
        low = next(low for low, high in BANDS if low <= score < high)
        every[kind, low] += 1
        right[kind, low] += true
    print(f"\n{heading:20}" + "".join(f"{f'{low}-{high - 1}':>18}" for low, high in BANDS))
    for kind in sorted({kind for kind, _ in every}, key=lambda kind: -max(s for k, s in every if k == kind)):
        cells = ((right[kind, low], every[kind, low]) for low, _ in BANDS)
        print(
            f"{kind:20}" + "".join(f"{f'{a}/{b} {share(a, b).strip()}' if b else '-':>18}" for a, b in cells)
        )


def main(recorded: Path, *, baseline: bool) -> int:
    """Return the number of false links, which must be none."""
    held = linked.corpus(recorded, baseline=baseline)
    print(f"{len(held.papers):,} recorded papers, {len(held.trials):,} recorded registrations,", end=" ")
    print(f"{len(held.cited):,} citations; the other side of a pair is made (tests/linked.py)\n")
    print(f"{'':46}{'--- linked ---':>12}{'-- proposed for people --':>29}")
    names = ("true", "true", "false", "true", "false", "unknown", "recall", "precision")
    print(f"{'set':36}" + "".join(f"{name:>{width}}" for name, width in zip(names, WIDTHS, strict=True)))
    count: Counter[str] = Counter()
    told: list[tuple[str, int, bool]] = []
    for scene in scenes(held):
        found = line(scene.name, scene, findable(held, scene), count)
        true = scene.truth | scene.also
        odd = wrong(scene, pairs(item.pair for item in found))
        told += [(item.kinds[0], item.score, item.pair in true) for item in found if item.pair in true | odd]
    print(NOTE)
    bands("strongest evidence", told)
    print(f"\nlinks by exact ids: {count['links']:,}, of them false: {count['false links']}")
    return count["false links"]


if __name__ == "__main__":
    folder = os.environ.get("LIVING_RECORDED")
    if not folder:
        sys.exit("LIVING_RECORDED is not set: it names the folder of recorded payloads")
    sys.exit(min(1, main(Path(folder), baseline="all" in sys.argv[1:])))
