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
PLAIN_WORD = re.compile(r"[^\W\d_]{4,}")
# Words of an intervention's name that name no treatment, so that their presence says nothing.
SAYS_NOTHING = frozenset(
    "active another care control dose drug group high label named other oral placebo standard usual "
    "with".split()
)


@dataclass(frozen=True)
class Seen:
    """One record as the features look at it: its words, its types and its headings, in small letters."""

    text: str
    types: frozenset[str]
    headings: frozenset[str]
    allocation: str
    treatments: frozenset[str]


@dataclass(frozen=True)
class Feature:
    """One thing looked for, what its presence adds to the rank, and how that is said to people."""

    id: str
    words: str
    points: int
    holds: Callable[[Seen], bool]


# The whole table: a study's rank is the sum of the points of the features that any of its records has.
FEATURES: tuple[Feature, ...] = (
    Feature("type", "indexed as a randomised trial", 4, lambda seen: bool(seen.types & RANDOMISED_TYPES)),
    Feature("allocation", "registered as randomised", 4, lambda seen: seen.allocation == "RANDOMIZED"),
    Feature("random", "says that it was randomised", 3, lambda seen: bool(RANDOM.search(seen.text))),
    Feature("named", "names a treatment of the protocol", 3, lambda seen: bool(seen.treatments)),
    Feature("control", "speaks of placebo, sham, blinding or crossover", 2,
            lambda seen: bool(CONTROL.search(seen.text))),
    Feature("trial", "indexed or registered as a trial", 1, lambda seen: bool(seen.types & TRIAL_TYPES)),
    Feature("humans", "indexed as about humans", 1, lambda seen: "humans" in seen.headings),
    Feature("animals", "indexed as about animals only", -4,
            lambda seen: "animals" in seen.headings and "humans" not in seen.headings),
    Feature("not_random", "registered without random allocation", -3,
            lambda seen: seen.allocation in ("NON_RANDOMIZED", "NA")),
    Feature("secondary", "indexed as a review, comment or editorial", -3,
            lambda seen: bool(seen.types & NOT_A_TRIAL_REPORT)),
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


def _ranked(state: ReviewState, key: str, records: Iterable[str], words: frozenset[str]) -> Ranked:
    looks = [_look(state.records[record], words) for record in records]
    reasons = tuple((feature.words, feature.points) for feature in FEATURES if any(map(feature.holds, looks)))
    return Ranked(key, sum(points for _, points in reasons), reasons)


def _look(record: Record, words: frozenset[str]) -> Seen:
    text = " ".join((record.title, *(part.text for part in record.abstract)))
    entry = record.registration
    given = " ".join(f"{item.name} {item.detail}" for item in entry.interventions) if entry else ""
    said = {word.lower() for word in PLAIN_WORD.findall(f"{text} {given}")}
    return Seen(
        text,
        frozenset(kind.lower() for kind in record.types),
        frozenset(heading.partition("/")[0].rstrip("*").lower() for heading in record.headings),
        entry.allocation if entry else "",
        frozenset(said & words),
    )
