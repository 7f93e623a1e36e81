"""How numbers and dates are said to people; every number on a page or in a letter goes through here."""

from __future__ import annotations

import math
import re

MINUS = "−"
NOT_GIVEN = "not given"
MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
WORDS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
PLAIN_DIGITS = 6  # a number shown as it was read or derived; the JSON has all its digits
_DATE = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?(?:T(\d{2}:\d{2})(?::\d{2})?Z)?")

Pair = tuple[float | None, float | None]


def fixed(value: float, places: int) -> str:
    """Return a number with a real minus sign; what rounds to zero has none."""
    text = f"{value:.{places}f}"
    return (text if float(text) else text.lstrip("-")).replace("-", MINUS)


def effect(value: float | None, ratio: bool = False) -> str:
    """Return an estimate or a limit. Ratio measures arrive as logarithms and are shown as ratios."""
    if value is None:
        return NOT_GIVEN
    return _ratio(value) if ratio else fixed(value, 2)


def interval(pair: Pair, ratio: bool = False) -> str:
    """Return `−0.54 to 0.28`."""
    low, high = pair
    if low is None or high is None:
        return NOT_GIVEN
    return f"{effect(low, ratio)} to {effect(high, ratio)}"


def signed(value: float | None) -> str:
    """Return a shift with its sign, `+0.12`."""
    if value is None:
        return NOT_GIVEN
    text = fixed(value, 2)
    return text if text.startswith(MINUS) or not float(text) else f"+{text}"


def shift(value: float | None, ratio: bool = False) -> str:
    """Return how far an estimate moved: `+0.12`, or for a ratio the factor, `×0.67`."""
    if value is None:
        return NOT_GIVEN
    return f"×{_ratio(value)}" if ratio else signed(value)


def standard_error(value: float | None) -> str:
    return NOT_GIVEN if value is None else fixed(value, 3)


def tau2(value: float | None) -> str:
    return NOT_GIVEN if value is None else fixed(value, 2)


def percent(value: float | None) -> str:
    """Return a whole per cent; the value is already in per cent."""
    return NOT_GIVEN if value is None else f"{fixed(value, 0)}%"


def weight(value: float | None) -> str:
    """Return a study's weight, in per cent already, as a whole per cent; what is small is not nothing."""
    return "<1%" if value is not None and 0 < value < 0.5 else percent(value)


def share(value: float | None) -> str:
    """Return a proportion as a whole per cent; what is small and not nothing says so."""
    if value is None:
        return NOT_GIVEN
    return "<1%" if 0 < value < 0.005 else f"{fixed(100 * value, 0)}%"


def people(value: float) -> str:
    """Return a number of people per thousand: whole people."""
    return fixed(value, 0)


def more_or_fewer(value: float) -> str:
    """Return a difference of people per thousand: `12 more`, `3 fewer`, `no difference`."""
    size = fixed(abs(value), 0)
    if size == "0":
        return "no difference"
    return f"{size} {'more' if value > 0 else 'fewer'}"


def level(value: float) -> str:
    """Return a confidence level (0.95) as `95%`."""
    return f"{value * 100:.4g}%"


def statistic(value: float | None) -> str:
    """Return a test statistic with one decimal."""
    return NOT_GIVEN if value is None else fixed(value, 1)


def p_value(value: float | None) -> str:
    """Return `0.31`, or `<0.001`; three decimals below 0.10, where the second one carries the meaning."""
    if value is None:
        return NOT_GIVEN
    if value < 0.001:
        return "<0.001"
    return f"{value:.3f}" if value < 0.0995 else f"{value:.2f}"


def plain(value: float) -> str:
    """Return a number as it was read: no digits added, none of the first six lost."""
    text = f"{value:.{PLAIN_DIGITS}g}"
    return (text if float(text) else text.lstrip("-")).replace("e-", f"e{MINUS}").replace("-", MINUS)


def count(value: int | None) -> str:
    return NOT_GIVEN if value is None else f"{value:,}"


def counted(value: int, one: str, many: str, words: bool = True) -> str:
    """Return `one study`, `four studies`, `12 studies`."""
    said = WORDS[value] if words and value < len(WORDS) else f"{value:,}"
    return f"{said} {one if value == 1 else many}"


def weeks(value: float) -> str:
    return f"{plain(value)} {'week' if value == 1 else 'weeks'}"


def dose(value: float | None) -> str:
    return "dose not given" if value is None else f"{plain(value)} mg"


def day(text: str) -> str:
    """Return `18 June 2026`, `June 2026` or `2026`; a date in any other form is shown as it was given."""
    found = _DATE.fullmatch(text)
    if not found or (found[2] and not 1 <= int(found[2]) <= 12):
        return text
    parts = (str(int(found[3])) if found[3] else "", MONTHS[int(found[2]) - 1] if found[2] else "", found[1])
    return " ".join(part for part in parts if part)


def instant(text: str) -> str:
    """Return `18 June 2026, 06:00 UTC`."""
    found = _DATE.fullmatch(text)
    return f"{day(text)}, {found[4]} UTC" if found and found[4] else day(text)


def coordinate(value: float) -> str:
    """Return a coordinate of a drawing: two decimals, so that its bytes do not hang on the last bit."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def short_hash(text: str) -> str:
    return text[:12]


def _ratio(log_value: float) -> str:
    try:
        value = math.exp(log_value)
    except OverflowError:
        return ">1000"
    if value > 1000:
        return ">1000"
    if value < 0.01:
        return "<0.01"
    return fixed(value, 2 if value < 10 else 1 if value < 100 else 0)
