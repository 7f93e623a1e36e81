"""Numbers as words and text inside generated sentences."""

from __future__ import annotations

import math

MINUS = "\N{MINUS SIGN}"
WORDS = (
    "no",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
)


def spelled(number: int) -> str:
    """Return a count as readers expect it: in words to twelve, in digits beyond."""
    return WORDS[number] if 0 <= number < len(WORDS) else str(number)


def signed(value: float, ratio: bool = False, digits: int = 2) -> str:
    """Return a number with a real minus sign; a logarithm of a ratio is shown as the ratio."""
    shown = math.exp(value) if ratio else value
    text = f"{shown:.{digits}f}"
    if float(text) == 0:
        text = text.lstrip("-")
    return text.replace("-", MINUS)


def interval(low: float, high: float, ratio: bool = False, digits: int = 2) -> str:
    """Return an interval as `low to high`."""
    return f"{signed(low, ratio, digits)} to {signed(high, ratio, digits)}"
