"""Which recorded papers and registrations truly belong together, worked out from the recordings by code.

Truth comes from one channel (an accession list, a registration's references, an id both carry); the channel
under test is another, or the same misprinted. The recorded papers and the recorded registrations have no
trial in common, so one side of most pairs is made from what the other side states, and is named `synthetic`:

* a registration under the number that a recorded paper states, titled so that its title tells nothing;
* a paper from a citation that a recorded registration prints: authors, title and year are real;
* a paper under a registration's official title, which stands beside its brief one;
* a second entry of a recorded paper, as another index would hold it.
"""

from __future__ import annotations

import json
import lzma
import re
import tarfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations, permutations
from pathlib import Path

from living.errors import SourceError
from living.model.facts import MACHINE, LedgerLine
from living.model.record import AbstractPart, Identifier, Record, Registration
from living.model.state import ReviewState
from living.review.identity import is_secondary, older
from living.review.misprints import numbers_named
from living.sources import ctgov_json, pubmed_xml

Pair = tuple[str, str]
Change = Callable[[Record], Record | None]
UPDATE, BASELINE = "update_pubmed21n1298_subset.xml.xz", "baseline_pubmed20n0014.xml.xz"
AT = "2026-01-01T00:00:00Z"
MADE = "synthetic"  # the source of a made second entry, and the first word of a made title
# `Authors. Title. Journal. 2006 Nov 22;296(20):2451-9.` as the register prints what it has from PubMed.
CITATION = re.compile(
    r"(?P<authors>.+?[A-Za-z;,][^.]*?)\. (?P<title>.+?[.?!]) "
    r"(?P<journal>[A-Z][^.?!]*?(?:\([^)]*\))?[^.]*?)\. (?P<year>(?:19|20)\d{2})"
)


@dataclass(frozen=True)
class Cited:
    """A paper as a registration lists it."""

    trial: str
    kind: str
    paper: Record


@dataclass(frozen=True)
class Corpus:
    """What was recorded: papers by PMID in their highest version, registrations, and what those cite."""

    papers: dict[str, Record]
    trials: dict[str, Record]
    cited: tuple[Cited, ...]


@dataclass(frozen=True)
class Scene:
    """Records to be linked, the pairs that truly belong together, and in words where truth comes from."""

    name: str
    truth_from: str
    records: tuple[Record, ...]
    truth: frozenset[Pair]
    also: frozenset[Pair] = frozenset()  # true as well, and not asked for
    unknown: frozenset[str] = frozenset()  # of pairs within these nothing is known; the rest is all labelled

    @property
    def state(self) -> ReviewState:
        lines = (
            LedgerLine.model_construct(seq=at, at=AT, by=MACHINE, fact=record)
            for at, record in enumerate(self.records, 1)
        )
        return ReviewState.of("linked", lines)


@lru_cache(maxsize=2)
def corpus(recorded: Path, *, baseline: bool = False) -> Corpus:
    """Read the recordings; the 30,000 papers of the 1970s only when asked for."""
    papers: dict[str, Record] = {}
    for body in _bodies(recorded / "pubmed", baseline=baseline):
        try:
            for record in pubmed_xml.parse(body):
                if record.id not in papers or record.version > papers[record.id].version:
                    papers[record.id] = record
        except SourceError:  # a book, a web page: read or refused in words, which another test is about
            continue
    trials: dict[str, Record] = {}
    cited: list[Cited] = []
    with lzma.open(recorded / "ctgov" / "studies_v2.jsonl.xz") as lines:
        for line in lines:
            study = json.loads(line)["study"]
            (trial,) = ctgov_json.parse(json.dumps(study).encode())
            trials[trial.id] = trial
            cited += _cited(trial.id, study)
    return Corpus(papers, trials, tuple(cited))


def _bodies(folder: Path, *, baseline: bool) -> Iterator[bytes]:
    for name in (UPDATE, BASELINE) if baseline else (UPDATE,):
        yield lzma.decompress((folder / name).read_bytes())
    for path in sorted((folder / "special").glob("*.xml")):
        yield path.read_bytes()
    with tarfile.open(folder / "efetch" / "metapub_pmid_xml.tar.xz") as packed:
        for member in packed:
            if (held := packed.extractfile(member)) is not None:
                yield held.read()


def _cited(trial: str, study: dict[str, dict[str, dict[str, list[dict[str, str]]]]]) -> Iterator[Cited]:
    for item in study["protocolSection"].get("referencesModule", {}).get("references", []):
        told = CITATION.match(item.get("citation", ""))
        if told and (pmid := item.get("pmid", "").strip()):
            authors = tuple(name.strip() for name in told["authors"].split(";")[0].split(","))
            paper = Record(
                source="pubmed",
                id=pmid,
                title=told["title"],
                authors=authors,
                published=told["year"],
                container=told["journal"],
                types=("Journal Article",),
            )
            yield Cited(trial, item["type"], paper.hashed())


# --- papers and the numbers they state ----------------------------------------------------------------------


def stated(record: Record) -> frozenset[str]:
    """Return the numbers of ClinicalTrials.gov in a paper's accession list."""
    return frozenset(item.value for item in record.identifiers if item.scheme == "nct")


def registration(number: str) -> Record:
    """Return a made registration under a real number. Its title shares no word with any paper's."""
    return Record(
        source="ctgov",
        id=number,
        title=f"{MADE}{number}",
        identifiers=(Identifier(scheme="nct", value=number),),
        registration=Registration(),
    ).hashed()


def without_list(record: Record) -> Record:
    """Return a paper without its accession list."""
    kept = tuple(item for item in record.identifiers if item.scheme in ("doi", "pmc", "pmid"))
    return record.model_copy(update={"identifiers": kept})


def accessions(held: Corpus, name: str, change: Callable[[Record], Record], *, single: bool = True) -> Scene:
    """Papers that state one number (or several), changed, among all registrations, real and made."""
    chosen = {pmid: paper for pmid, paper in held.papers.items() if bool(stated(paper))}
    numbers = sorted({number for paper in chosen.values() for number in stated(paper)})
    papers = [paper for paper in chosen.values() if (len(stated(paper)) == 1) == single]
    truth = {
        (f"ctgov:{number}", paper.key)
        for paper in papers
        for number in stated(paper)
        if not is_secondary(paper)  # a review states the numbers of the trials it is about
    }
    records = (*map(change, papers), *map(registration, numbers), *held.trials.values())
    return Scene(
        name,
        "the accession list",
        records,
        frozenset(truth),
        _members(truth),
        frozenset(paper.key for paper in papers),
    )


def _members(truth: Iterable[Pair]) -> frozenset[Pair]:
    """Return the pairs of papers that one trial joins."""
    by_trial: dict[str, set[str]] = {}
    for trial, paper in truth:
        by_trial.setdefault(trial, set()).add(paper)
    return frozenset(pair for found in by_trial.values() for pair in combinations(sorted(found), 2))


def in_text(held: Corpus) -> dict[str, frozenset[str]]:
    """Return the numbers that stand whole in each paper's title or abstract, by PMID."""
    return {
        pmid: frozenset(one.id for one in numbers_named(without_list(paper)) if one.whole)
        for pmid, paper in held.papers.items()
        if stated(paper)
    }


def misprinted(slip: Callable[[str, int], str]) -> Callable[[Record], Record]:
    """Return what prints every number of a paper's text with a slip, and drops its accession list."""

    def change(record: Record) -> Record:
        at = int(record.id) % 8
        parts = tuple(
            AbstractPart(label=part.label, text=NUMBER.sub(lambda found: slip(found[1], at), part.text))
            for part in record.abstract
        )
        title = NUMBER.sub(lambda found: slip(found[1], at), record.title)
        return without_list(record).model_copy(update={"abstract": parts, "title": title})

    return change


NUMBER = re.compile(r"NCT[\s#:.-]{0,3}(\d{8})(?!\d)", re.IGNORECASE)


def _swapped(digits: str, at: int) -> str:
    places = [place for place in range(7) if digits[place] != digits[place + 1]]
    place = next((one for one in places if one >= at), places[-1])
    return f"NCT{digits[:place]}{digits[place + 1]}{digits[place]}{digits[place + 2 :]}"


# How a number goes wrong in print, at a place that follows from the paper's own PMID.
SLIPS: dict[str, Callable[[str, int], str]] = {
    "a digit left out": lambda digits, at: f"NCT{digits[:at]}{digits[at + 1 :]}",
    "a digit doubled": lambda digits, at: f"NCT{digits[: at + 1]}{digits[at:]}",
    "a digit changed": lambda digits, at: f"NCT{digits[:at]}{(int(digits[at]) + 1) % 10}{digits[at + 1 :]}",
    "two digits swapped": _swapped,
    "O for 0": lambda digits, _: f"NCT{digits.replace('0', 'O', 1)}",
    "a space inside": lambda digits, at: f"NCT{digits[: max(2, min(6, at))]} {digits[max(2, min(6, at)) :]}",
    "spaces after NCT": lambda digits, _: f"NCT  {digits}",
    "without its letters": lambda digits, _: f"ClinicalTrials.gov number {digits}",
}


# --- registrations and what they list -----------------------------------------------------------------------


def listed(held: Corpus, name: str, *, visible: bool, by_one: bool = True) -> Scene:
    """Papers that registrations cite, as results of one or of several, among all they cite besides.

    What a sponsor calls RESULT and was printed in a year before the trial began is no result of it.
    """
    papers = {item.paper.key: item.paper for item in held.cited}
    claims: dict[str, set[str]] = {}
    for item in held.cited:
        if item.kind != "BACKGROUND" and not older(item.paper, held.trials[item.trial]):
            claims.setdefault(item.paper.key, set()).add(f"ctgov:{item.trial}")
    every = frozenset((trial, paper) for paper, trials in claims.items() for trial in trials)
    truth = frozenset(pair for pair in every if (len(claims[pair[1]]) == 1) == by_one)
    trials = held.trials.values() if visible else map(_without_references, held.trials.values())
    asked = {key: papers[key] for key in papers if (len(claims.get(key, "1")) == 1) == by_one}
    records = (*asked.values(), *trials)
    return Scene(
        name, "RESULT and DERIVED of the register", records, truth, every | _members(every), frozenset(papers)
    )


def _without_references(record: Record) -> Record:
    assert record.registration is not None
    return record.model_copy(
        update={"registration": record.registration.model_copy(update={"references": ()})}
    )


def two_titles(held: Corpus) -> Scene:
    """Papers made under the official titles of registrations whose brief title is another."""
    papers, truth = [], set()
    for number, trial in held.trials.items():
        official = next((part.text for part in trial.abstract if part.label == "Official title"), "")
        if official and official != trial.title:
            made = Record(source="pubmed", id=f"9{number[3:]}", title=official, types=("Journal Article",))
            papers.append(made.hashed())
            truth.add((trial.key, made.key))
    trials = map(_without_references, held.trials.values())
    return Scene("official title", "one registration, two titles", (*papers, *trials), frozenset(truth))


def other_registers(held: Corpus) -> Scene:
    """Papers made to name, in their text, the number that a registration has in another register."""
    papers, truth = [], set()
    for number, trial in held.trials.items():
        others = [
            item.value for item in trial.identifiers if item.scheme != "nct" and ELSEWHERE.match(item.value)
        ]
        if others:
            made = Record(
                source="pubmed",
                id=f"9{number[3:]}",
                title=f"{MADE}{number}",
                abstract=(AbstractPart(text=f"Registered as {others[0]}."),),
            )
            papers.append(made.hashed())
            truth.add((trial.key, made.key))
    records = (*papers, *held.trials.values())
    return Scene("other register", "the registration's other numbers", records, frozenset(truth))


KIN = (
    "ErratumFor",
    "ErratumIn",
    "RetractionOf",
    "RetractionIn",
    "ExpressionOfConcernFor",
    "ExpressionOfConcernIn",
)
ELSEWHERE = re.compile(
    r"^(20\d\d-\d{6}-\d\d(-\d\d)?|ISRCTN\d{8}|jRCTs?\d{9,10}|U1111-\d{4}-\d{4}|DRKS\d{8})$"
)


# --- two entries of one report ------------------------------------------------------------------------------


def copies(held: Corpus, name: str, change: Change) -> Scene:
    """Recorded papers, and beside every fifth its entry in another index, changed; None makes no entry."""
    papers = sorted(held.papers.values(), key=lambda paper: int(paper.id))
    made = [(paper.key, copy) for paper in papers[::5] if (copy := change(paper))]
    truth = frozenset((key, copy.key) for key, copy in made)
    records = (*papers, *(copy for _, copy in made))
    known = frozenset(paper.key for paper in papers)
    copied, of = dict(made), kin(held)
    also = pairs(
        (copied[key].key, other) for pair in of for key, other in permutations(pair) if key in copied
    )
    return Scene(name, "made from the entry itself", records, truth, also | of, known)


def kin(held: Corpus) -> frozenset[Pair]:
    """Return the recorded papers that PubMed gives as notice and report, or as preprint and article."""
    return pairs(
        (paper.key, other)
        for paper in held.papers.values()
        for relation in paper.relations
        for word, _, other in [relation.partition(" ")]
        if other.removeprefix("pubmed:") in held.papers
        and (word in KIN or "Preprint" in (*paper.types, *held.papers[other[7:]].types))
    )


def among_themselves(held: Corpus) -> Scene:
    """The recorded papers as they are: of most pairs nothing is known, of some what PubMed says (`kin`)."""
    papers = tuple(held.papers.values())
    known = frozenset(paper.key for paper in papers)
    return Scene("recorded papers as they are", "PubMed's own pointers", papers, kin(held), unknown=known)


def entry(paper: Record, **changes: object) -> Record:
    """Return a paper's entry in another index: the same words, no ids but those given."""
    kept = {"source": MADE, "identifiers": (), "relations": (), "notices": (), **changes}
    return paper.model_copy(update=kept).hashed()


def by_doi(paper: Record) -> Record | None:
    found = next((item.value for item in paper.identifiers if item.scheme == "doi"), "")
    link = Identifier(scheme="doi", value=f"https://doi.org/{found.upper()}") if found else None
    return entry(paper, identifiers=(link,), title=paper.title.upper()) if link else None


def by_pmid(paper: Record) -> Record | None:
    return entry(paper, identifiers=(Identifier(scheme="pmid", value=f"PMID: {paper.id}"),))


def by_title(paper: Record) -> Record | None:
    """As another index spells it: no markup, American, one letter of its longest word left out."""
    words = paper.title.rstrip(".]").lstrip("[").replace("isation", "ization").replace("aem", "em").split(" ")
    if len(words) < 5:  # a shorter title says nothing, and nothing is asked of it
        return None
    longest = max(range(len(words)), key=lambda at: len(words[at]))
    words[longest] = words[longest][:4] + words[longest][5:]
    return entry(paper, title=" ".join(words))


def by_half_a_title(paper: Record) -> Record | None:
    """Without what stands after the colon."""
    head, colon, _ = paper.title.partition(": ")
    return entry(paper, title=head) if colon and len(head.split()) > 4 else None


def pairs(found: Iterable[Pair]) -> frozenset[Pair]:
    """Return pairs in one order of their ends."""
    return frozenset((min(pair), max(pair)) for pair in found)


def wrong(scene: Scene, found: frozenset[Pair]) -> frozenset[Pair]:
    """Return the pairs that are known to be false: labelled ones that the labels do not join."""
    known = found - scene.truth - scene.also
    return frozenset(pair for pair in known if not set(pair) <= scene.unknown)
