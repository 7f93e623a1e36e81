"""How alike two titles are: their words, each weighed by how rare it is among the titles of a collection."""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from rapidfuzz.distance import OSA

LONG_WORD = 7  # letters from which one slip within a word is taken for the same word
# Up to so many titles the yardstick is taken anew with each; then whenever they have doubled. In between a
# new title moves no weight, so that one more record asks for a look at its own neighbours and nobody else's.
SMALL = 250
_WORDS = re.compile(r"[a-z0-9]+")
_IDLE = frozenset("a an and as at by for from in of on or the to versus vs with".split())


@dataclass(frozen=True)
class Yardstick:
    """How many titles there were when it was taken, and in how many of them each word stood."""

    titles: int = 0
    holding: Counter[str] = field(default_factory=Counter)
    _weights: dict[str, float] = field(default_factory=dict, compare=False, repr=False)  # worked out so far

    @classmethod
    def of(cls, titles: Iterable[frozenset[str]]) -> Yardstick:
        """Take it from titles, each as the set of its words."""
        listed = list(titles)
        return cls(len(listed), Counter(word for title in listed for word in title))

    def weight(self, word: str) -> float:
        """Return how much a word tells: log(1 + titles / titles with it), squared; a new one as if in one."""
        found = self._weights.get(word)
        if found is None:
            found = math.log(1 + self.titles / max(1, self.holding[word])) ** 2
            self._weights[word] = found
        return found

    def telling(self, words: Iterable[str]) -> tuple[str, ...]:
        """Return those of some words that stand in at most a quarter of the titles, the longest first."""
        most = max(2, self.titles // 4)
        found = (word for word in words if self.holding[word] <= most)
        return tuple(sorted(found, key=lambda word: (-len(word), word)))

    def likeness(
        self, left: frozenset[str], right: frozenset[str], *, within: bool, least: float = 0.0
    ) -> float:
        """Return the cosine of two titles, 0 to 1; long words may differ by one slip.

        `within`: a registration's title is often part of the paper's, so that half of it is how much of the
        shorter one stands in the longer one. What cannot come to `least` is answered with 0.
        """
        shared = math.fsum(map(self.weight, left & right))
        rest = (math.fsum(map(self.weight, words)) for words in (left - right, right - left))
        sizes = tuple(shared + size for size in rest)
        if not min(sizes) or _cosine(min(sizes), sizes, within=within) < least:  # had all the rest slips
            return 0.0
        return _cosine(shared + self._nearly(left - right, right - left), sizes, within=within)

    def _nearly(self, left: frozenset[str], right: frozenset[str]) -> float:
        """The weight of words that only a slip keeps apart, each matched once."""
        told = (sorted(word for word in words if _is_long(word)) for words in (left, right))
        ordered, others = sorted(told)  # the same whichever title came first
        rest, shared = set(others), 0.0
        for word in ordered:
            twin = next((name for name in sorted(rest) if _slip_within(word, name)), None)
            if twin:
                rest.discard(twin)
                shared += min(self.weight(word), self.weight(twin))
        return shared


def _cosine(shared: float, sizes: tuple[float, ...], *, within: bool) -> float:
    cosine = shared / math.sqrt(sizes[0] * sizes[1])
    return (cosine + shared / min(sizes)) / 2 if within else cosine


def due_for(count: int, small: int = SMALL) -> bool:
    """Return whether the yardstick is taken anew when so many titles are known.

    >>> [count for count in range(251, 1100) if due_for(count)]
    [500, 1000]
    """
    return count <= small or (count % small == 0 and (count // small).bit_count() == 1)


def words_of(title: str) -> tuple[str, ...]:
    """Return a title's words in order, in small plain letters, without markup and idle words.

    >>> words_of("The <i>Naïve</i> randomized trial")
    ('naive', 'randomised', 'trial')
    """
    plain = unicodedata.normalize("NFKD", re.sub(r"<[^>]{0,20}>", "", title))
    text = plain.encode("ascii", "ignore").decode().lower().replace("randomiz", "randomis")
    return tuple(word for word in _WORDS.findall(text) if word not in _IDLE)


def but_for_a_slip(left: frozenset[str], right: frozenset[str]) -> bool:
    """Return whether two titles have the same words, or at most one that differs, by a slip.

    >>> but_for_a_slip(frozenset({"reply", "fibromyalgia"}), frozenset({"reply", "fibromialgia"}))
    True
    """
    one, other = left - right, right - left
    if not one and not other:
        return True
    return len(one) == len(other) == 1 and _slip_within(*one, *other)


def one_title(left: str, right: str) -> bool:
    """Return whether two titles can be of one report: two thirds of the shorter one's words, or no title.

    A subtitle may be missing and a word be misspelt; a translation has no word in common: left to people.
    """
    mine, other = frozenset(words_of(left)), frozenset(words_of(right))
    return not mine or not other or 3 * len(mine & other) >= 2 * min(len(mine), len(other))


def _is_long(word: str) -> bool:
    return len(word) >= LONG_WORD and word.isalpha()


def _slip_within(word: str, other: str) -> bool:
    return abs(len(word) - len(other)) <= 1 and OSA.distance(word, other, score_cutoff=1) <= 1
