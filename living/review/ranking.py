"""In which order studies wait to be screened: likelier trials first, each with its reasons; none left out."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from living.model.protocol import Protocol
from living.model.record import Record
from living.model.state import ReviewState
from living.review.identity import NOT_A_TRIAL_REPORT, Studies

RANDOMISED_TYPES = frozenset({"randomized controlled trial", "equivalence trial", "pragmatic clinical trial"})
TRIAL_TYPES = frozenset({"controlled clinical trial", "clinical trial", "interventional"})
RANDOM = re.compile(r"(?<!non[- ])(?<!not )\brandom(?:i[sz]ed|i[sz]ation|ly|i[sz]e)\b", re.IGNORECASE)
CONTROL = re.compile(
    r"\bplacebo\b|\b(?:double|triple|single)[- ]blind|\bsham\b|\bcross-?over\b", re.IGNORECASE
)
TRIAL = re.compile(r"\btrial\b", re.IGNORECASE)
GROUPS = re.compile(r"\b(?:groups|arms)\b", re.IGNORECASE)
ABOUT_TRIALS = re.compile(
    r"\b(?:review|meta-?analys[ie]s|case (?:report|series)|protocol|comment|reply|letter)\b", re.IGNORECASE
)
# Cochrane's Highly Sensitive Search Strategy for PubMed, sensitivity-maximising version (2008; Handbook 5.1,
# box 6.4.a): (randomized controlled trial[pt] OR controlled clinical trial[pt] OR randomized[tiab] OR
# placebo[tiab] OR drug therapy[sh] OR randomly[tiab] OR trial[tiab] OR groups[tiab]) NOT (animals[mh] NOT
# humans[mh]). Both spellings of randomized count here.
FILTER_TYPES = frozenset({*RANDOMISED_TYPES, "controlled clinical trial"})
FILTER_WORDS = re.compile(r"\b(?:randomi[sz]ed|placebo|randomly|trial|groups)\b", re.IGNORECASE)
PLAIN_WORD = re.compile(r"[^\W\d_]{4,}")
# Words of an intervention's name that name no treatment, so that their presence says nothing.
SAYS_NOTHING = frozenset(
    "active another care control dose drug group high label named other oral placebo standard usual "
    "with".split()
)


@dataclass(frozen=True)
class Seen:
    """One record as the features look at it: its words, its types and its headings, in small letters."""

    title: str
    text: str
    types: frozenset[str]
    headings: frozenset[str]
    qualifiers: frozenset[str]
    allocation: str
    treatments: frozenset[str]

    @property
    def animals_only(self) -> bool:
        return "animals" in self.headings and "humans" not in self.headings

    @property
    def passes_filter(self) -> bool:
        """Whether Cochrane's sensitive filter would let it through."""
        named = bool(self.types & FILTER_TYPES) or "drug therapy" in self.qualifiers
        return (named or bool(FILTER_WORDS.search(self.text))) and not self.animals_only


@dataclass(frozen=True)
class Feature:
    """One thing looked for, what its presence adds to the rank, and how that is said to people."""

    id: str
    words: str
    points: int
    holds: Callable[[Seen], bool]


# The whole table: a study's rank is the sum of the points of the features that any of its records has. Points
# were set on one half of the recorded papers and measured on the other (tests/benchmarks/rct_rank.py).
FEATURES: tuple[Feature, ...] = (
    Feature("type", "indexed as a randomised trial", 4, lambda seen: bool(seen.types & RANDOMISED_TYPES)),
    Feature("allocation", "registered as randomised", 4, lambda seen: seen.allocation == "RANDOMIZED"),
    Feature("random", "says that it was randomised", 3, lambda seen: bool(RANDOM.search(seen.text))),
    Feature("named", "names a treatment of the protocol", 3, lambda seen: bool(seen.treatments)),
    Feature("control", "speaks of placebo, sham, blinding or crossover", 3,
            lambda seen: bool(CONTROL.search(seen.text))),
    Feature("title", "its title speaks of a trial or of randomisation", 2,
            lambda seen: bool(TRIAL.search(seen.title) or RANDOM.search(seen.title))),
    Feature("filter", "Cochrane’s sensitive filter for randomised trials lets it through", 1,
            lambda seen: seen.passes_filter),
    Feature("groups", "speaks of groups or arms", 1, lambda seen: bool(GROUPS.search(seen.text))),
    Feature("trial", "indexed or registered as a trial", 1, lambda seen: bool(seen.types & TRIAL_TYPES)),
    Feature("humans", "indexed as about humans", 1, lambda seen: "humans" in seen.headings),
    Feature("animals", "indexed as about animals only", -4, lambda seen: seen.animals_only),
    Feature("not_random", "registered without random allocation", -3,
            lambda seen: seen.allocation in ("NON_RANDOMIZED", "NA")),
    Feature("secondary", "indexed as a review, comment or editorial", -3,
            lambda seen: bool(seen.types & NOT_A_TRIAL_REPORT)),
    Feature("about", "its title says review, protocol, case report or comment", -2,
            lambda seen: bool(ABOUT_TRIALS.search(seen.title))),
)  # fmt: skip


@dataclass(frozen=True)
class Ranked:
    """A study's place in the queue: the sum of its reasons, each with its points."""

    study: str
    score: int
    reasons: tuple[tuple[str, int], ...]


def rank(keys: Iterable[str], state: ReviewState, studies: Studies, protocol: Protocol) -> tuple[Ranked, ...]:
    """Return the same studies, likelier trials first, then the longest known; none is added or left out.

    Only what sources say of a record counts, never what anybody voted: the order tells a second screener
    nothing of the first. Raises KeyError for a key that is no study's.
    """
    words = treatment_words(protocol)
    found = [_ranked(state, key, studies.by_key[key].records, words) for key in keys]
    return tuple(sorted(found, key=lambda item: (-item.score, state.first_seen[item.study].seq)))


def treatment_words(protocol: Protocol) -> frozenset[str]:
    """Return the words, in small letters, that name the protocol's experimental treatments."""
    experimental = {comparison.experimental for comparison in protocol.comparisons}
    labels = [item.label for item in protocol.interventions if item.id in experimental]
    found = {word.lower() for label in labels for word in PLAIN_WORD.findall(label)}
    return frozenset(found - SAYS_NOTHING)


def features_of(record: Record, words: frozenset[str] = frozenset()) -> tuple[Feature, ...]:
    """Return what is found of the table in one record; `words` name the treatments looked for."""
    seen = _look(record, words)
    return tuple(feature for feature in FEATURES if feature.holds(seen))


def passes_filter(record: Record) -> bool:
    """Return whether Cochrane's sensitive filter lets a record through. It keeps none from the queue."""
    return _look(record, frozenset()).passes_filter


def _ranked(state: ReviewState, key: str, records: Iterable[str], words: frozenset[str]) -> Ranked:
    found = {feature.id for record in records for feature in features_of(state.records[record], words)}
    reasons = tuple((feature.words, feature.points) for feature in FEATURES if feature.id in found)
    return Ranked(key, sum(points for _, points in reasons), reasons)


def _look(record: Record, words: frozenset[str]) -> Seen:
    text = " ".join((record.title, *(part.text for part in record.abstract)))
    entry = record.registration
    given = " ".join(f"{item.name} {item.detail}" for item in entry.interventions) if entry else ""
    said = {word.lower() for word in PLAIN_WORD.findall(f"{text} {given}")}
    named = [[part.strip("*") for part in heading.lower().split("/")] for heading in record.headings]
    return Seen(
        record.title,
        text,
        frozenset(kind.lower() for kind in record.types),
        frozenset(descriptor for descriptor, *_ in named),
        frozenset(qualifier for _, *qualifiers in named for qualifier in qualifiers),
        entry.allocation if entry else "",
        frozenset(said & words),
    )
