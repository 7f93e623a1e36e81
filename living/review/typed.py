"""What somebody typed into a number's field, read as a number, or the reason why it cannot be one."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from decimal import Decimal

LONGEST = 40  # characters; no printed number comes near, and a pattern never meets more
MINUSES = "\u2010\u2011\u2012\u2013\u2014\u2212\ufe63\uff0d"
_SPACES = "\u00a0\u2009\u202f"
_PLAIN = re.compile(r"-?(?:\d+(?:\.\d*)?|\.\d+)", re.ASCII)
_GROUPS = re.compile(r"-?\d{1,3}(?:[ ]\d{3})+(?:\.\d+)?", re.ASCII)
_COMMA = re.compile(r"-?\d+,\d+", re.ASCII)
_TWO_WAYS = re.compile(r"-?[1-9]\d{0,2},\d{3}", re.ASCII)
_THOUSANDS = re.compile(r"-?\d{1,3}(?:,\d{3})+\.\d+|-?\d{1,3}(?:,\d{3}){2,}", re.ASCII)
_POINTS = re.compile(r"-?\d{1,3}(?:\.\d{3})+,\d+|-?\d{1,3}(?:\.\d{3}){2,}", re.ASCII)


@dataclass(frozen=True)
class Typed:
    """One typed number. `said` tells how it was read where that is not obvious; a `fault` has no value."""

    value: float | None = None
    said: str = ""
    fault: str = ""


def number(text: str) -> Typed:
    """Return what a person's text says as a number.

    A real minus or a dash before the digits is a minus sign, a comma between digits a decimal comma, unless
    it may as well part thousands (`1,234`): that is refused, as is all that is no plain number.
    """
    plain = _plain(text)
    if not plain:
        return Typed(fault="Type a number here")
    if len(plain) > LONGEST:
        return Typed(fault=f"This is longer than any number ({LONGEST} characters)")
    if _TWO_WAYS.fullmatch(plain):
        small, large = plain.replace(",", "."), plain.replace(",", "")
        return Typed(fault=f"{text.strip()} can be {small} or {large}: type the one you mean")
    digits = _digits(plain)
    if digits is None:
        return Typed(fault=_why_not(plain))
    value = float(digits)
    if not math.isfinite(value):
        return Typed(fault="This is too large for a number")
    return Typed(value + 0.0, _read_as(text, digits))


def whole(text: str) -> Typed:
    """Return a count of people or events: a whole number, not negative."""
    found = number(text)
    if found.value is None:
        return found
    if found.value != int(found.value):
        return Typed(fault=f"{text.strip()} is no whole number: people and events are counted")
    if found.value < 0:
        return Typed(fault="A count cannot be negative")
    return found


def shown(value: float) -> str:
    """Return a number as a field shows it: plain digits with a hyphen for a minus, as keyboards type it."""
    return format(Decimal(repr(value)).normalize() + 0, "f")


def _plain(text: str) -> str:
    plain = re.sub(f"[{_SPACES}]", " ", text.strip())
    plain = f"-{plain[1:].lstrip()}" if plain[:1] and plain[0] in MINUSES else plain
    return plain[1:].lstrip() if plain.startswith("+") else plain


def _digits(plain: str) -> str | None:
    """Return the digits with a decimal point, or None."""
    if _PLAIN.fullmatch(plain):
        return plain
    if _GROUPS.fullmatch(plain):
        return plain.replace(" ", "")
    if _COMMA.fullmatch(plain):
        return plain.replace(",", ".")
    if _THOUSANDS.fullmatch(plain):
        return plain.replace(",", "")
    if _POINTS.fullmatch(plain):
        return plain.replace(".", "").replace(",", ".")
    return None


def _read_as(text: str, digits: str) -> str:
    as_typed = text.strip()
    if as_typed == digits:
        return ""
    return "read as " + digits.replace("-", "\u2212")


def _why_not(plain: str) -> str:
    if "%" in plain:
        return "Leave the percent sign out; a percentage is never a count of people"
    if plain[0] in "<>\u2264\u2265\u2248~":
        return "A bound is no exact number: choose 'not given' above and keep the bound in the quote"
    if "\u00b1" in plain or "+/-" in plain:
        return "One number to a field: what stands after \u00b1 belongs in a field of its own"
    if re.search(r"\d\s+to\s+|\d\s*[;/]\s*-?\d|\d\s+[-(]", plain):
        return "One number to a field"
    if re.fullmatch(r"-?\d+(\.\d+)?[eE][-+]?\d+", plain, re.ASCII):
        return "Write the number out, without e"
    return f"'{plain}' is no number"
