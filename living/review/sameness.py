"""Whether two texts of a register say the same: in words, numbers and times, whatever their spelling."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from decimal import Decimal
from functools import lru_cache

from rapidfuzz.distance import OSA, Levenshtein

Time = tuple[float, str]  # how many, of `minutes` or of `months`
ARTICLES = frozenset({"a", "an", "the", "of", "and", "in", "on", "at"})
# Words of almost every outcome: they neither join two outcomes nor part them.
FRAMING = frozenset(
    {"change", "changes", "baseline", "from", "mean", "score", "scores", "measure", "measured"}
)
SPELLED = {
    word: str(number)
    for number, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve".split()
    )
} | {"fifteen": "15", "eighteen": "18", "twenty": "20", "thirty": "30", "fifty": "50", "percent": "%"}
MINUTES = {"minute": 1, "hour": 60, "day": 1440, "week": 10080}
MONTHS = {"month": 1, "year": 12}
MINUTES_IN_A_MONTH = 43830  # of a year of 365.25 days
UNITS = {
    "min": "minute", "mins": "minute", "h": "hour", "hr": "hour", "hrs": "hour", "d": "day", "wk": "week",
    "wks": "week", "w": "week", "mo": "month", "mos": "month", "mth": "month", "yr": "year", "yrs": "year",
    **{f"{unit}s": unit for unit in (*MINUTES, *MONTHS)}, **{unit: unit for unit in (*MINUTES, *MONTHS)},
}  # fmt: skip
BETWEEN = frozenset({"to", "and", "or", "through", "until"})
ANOTHER_UNIT = 0.1  # 12 weeks and 3 months are the same visit; in one unit nothing is rounded
LEAST_LETTERS = 5  # of a word that may hold a slip of the pen; of short words one letter makes another word
# One letter, and another thing: pairs that a count of letters would take for a slip of the pen.
APART = (
    ("micro", "macro"),
    ("abd", "add"),
    ("aff", "eff"),
    ("phagi", "phasi"),
    ("ile", "ili"),
    ("prostat", "prostrat"),
    ("ase", "ose"),
    ("ate", "ite"),
    ("anterior", "interior"),
    ("inferior", "interior"),
    ("neural", "neutral"),
    ("mental", "dental"),
)
_TOKEN = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:[.,]\d+)?|[^\W\d_]+|[<>≤≥%±]")
_THOUSANDS = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?")


@lru_cache(maxsize=8192)
def words_of(text: str) -> tuple[str, ...]:
    """Return a text as words, numbers and signs of comparison: small letters, no punctuation, no articles.

    Numbers are written one way: `4.50`, `4,5` and `4.5` are one number, `twelve` is 12.
    """
    return tuple(word for word in _tokens(text) if word not in ARTICLES)


def numbers_of(text: str) -> Counter[str]:
    """Return the numbers in a text that are no times, each with how often it stands there."""
    tokens = _tokens(text)
    timed = {place for place, _ in _timed(tokens)}
    return Counter(word for place, word in enumerate(tokens) if word[0].isdecimal() and place not in timed)


@lru_cache(maxsize=8192)
def times_of(text: str) -> frozenset[Time]:
    """Return the times in a text: `week 12`, `84 days` and `12 weeks` are one, as `1 year` and `12 mo`."""
    return frozenset(time for _, time in _timed(_tokens(text)))


def same_times(one: str, other: str) -> bool:
    """Return whether two texts name the same times; between weeks and months within a tenth."""
    left, right = times_of(one), times_of(other)
    rest = (left - right, right - left)
    return len(rest[0]) == len(rest[1]) and all(
        any(_about(time, candidate) for candidate in there)
        for here, there in (rest, rest[::-1])
        for time in here
    )


@lru_cache(maxsize=65536)
def same_text(one: str, other: str) -> bool:
    """Return whether two texts differ in nothing but case, punctuation, white space, spelling and slips.

    A number that differs, and a word that is missing, added or another, are never spelling.
    """
    left, right = words_of(one), words_of(other)
    if left == right:
        return True
    if _figures(left) != _figures(right):
        return False
    if "".join(left) == "".join(right):
        return True
    if len(left) != len(right):
        return False
    steps = Levenshtein.editops(left, right)
    return all(
        step.tag == "replace" and _spelled_alike(left[step.src_pos], right[step.dest_pos]) for step in steps
    )


@lru_cache(maxsize=65536)
def likeness(one: str, other: str) -> float:
    """Return the share of telling words that two texts have in common, from 0 to 1.

    A text whose telling words all stand in the other only says less of the same thing: 1.
    """
    left, right = _telling(one), _telling(other)
    if not left or not right:
        return 0.0
    common = len({*left} & {*right})
    rest = [word for word in right if word not in left]
    for word in (word for word in left if word not in right):
        found = next((item for item in rest if _spelled_alike(item, word)), None)
        if found is not None:
            rest.remove(found)
            common += 1
    if common == min(len(left), len(right)):
        return 1.0
    return 2 * common / (len(left) + len(right))


def _telling(text: str) -> list[str]:
    words = dict.fromkeys(words_of(text))
    return [word for word in words if word not in FRAMING and word not in UNITS and word[0].isalpha()]


def _spelled_alike(one: str, other: str) -> bool:
    """Whether two words are one word in two spellings, in one and many, or with one slip of the pen."""
    if not (one.isalpha() and other.isalpha()):
        return False
    if one.removesuffix("s") == other.removesuffix("s") and min(len(one), len(other)) > 2:
        return True
    short, long = sorted((one, other), key=len)
    if len(short) < LEAST_LETTERS or OSA.distance(one, other) > 1:
        return False
    if long[1:] == short:  # asymptomatic is not symptomatic; oedema is edema
        return long[0] in "ao" and short[0] == "e"
    return not any(
        one.replace(left, right) == other or other.replace(left, right) == one for left, right in APART
    )


def _figures(words: tuple[str, ...]) -> Counter[str]:
    return Counter(word for word in words if not word[0].isalpha())


@lru_cache(maxsize=8192)
def _tokens(text: str) -> tuple[str, ...]:
    plain = unicodedata.normalize("NFKC", text).casefold().replace(">=", "≥").replace("<=", "≤")
    return tuple(_written_one_way(token) for token in _TOKEN.findall(plain))


def _written_one_way(token: str) -> str:
    if not token[0].isdecimal():
        return SPELLED.get(token, token)
    number = token.replace(",", "") if _THOUSANDS.fullmatch(token) else token.replace(",", ".")
    return f"{Decimal(number).normalize():f}"


def _timed(tokens: tuple[str, ...]) -> list[tuple[int, Time]]:
    """The numbers before or after a unit of time, with where they stand: `2 to 4 weeks`, `weeks 5 and 6`."""
    found: dict[int, Time] = {}
    for place, token in enumerate(tokens):
        if token not in UNITS:
            continue
        numbers = _run(tokens, place, -1) or _run(tokens, place, 1)
        found |= {at: _time(float(tokens[at]), UNITS[token]) for at in numbers if at not in found}
    return sorted(found.items())


def _run(tokens: tuple[str, ...], place: int, step: int) -> list[int]:
    found: list[int] = []
    at = place + step
    while 0 <= at < len(tokens) and (tokens[at][0].isdecimal() or (found and tokens[at] in BETWEEN)):
        found += [at] if tokens[at][0].isdecimal() else []
        at += step
    return found


def _time(number: float, unit: str) -> Time:
    return (number * MONTHS[unit], "months") if unit in MONTHS else (number * MINUTES[unit], "minutes")


def _about(one: Time, other: Time) -> bool:
    if one[1] == other[1]:
        return False
    left, right = (value * MINUTES_IN_A_MONTH if unit == "months" else value for value, unit in (one, other))
    return abs(left - right) <= ANOTHER_UNIT * max(left, right)
