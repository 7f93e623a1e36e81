"""Could whole-number answers have given this mean and this SD? GRIM, GRIMMER and what a range allows.

A printed number stands for the range of numbers that round to it. Each check answers with the range that the
other numbers allow, and says when it could not have failed, so that passing is no news.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, floor, sqrt

from living.stats.consistency import Printed

SLACK = 1e-9  # relative: the last digits of a decimal number that a computer holds in binary
MOST_TOTALS = 100_000  # beyond so many possible totals almost every pair of numbers is possible


@dataclass(frozen=True)
class Check:
    """One finding. `low` to `high` is what the other numbers allow the printed one to be, where known.

    `read`: whether the check could have failed at all; `why` says why not, or what contradicts what.
    """

    name: str
    consistent: bool
    read: bool
    why: str
    low: float | None = None
    high: float | None = None


def grim(mean: str, n: int, *, items: int = 1) -> Check:
    """GRIM: is the printed mean the mean of `n` people's whole-number scores?

    `mean` is the text as printed (trailing zeros count); `items` are averaged into one person's score. `low`
    and `high` are the nearest possible means. Raises ValueError on text that is no number or n < 1.
    **Source** Brown & Heathers 2017, Soc Psychol Personal Sci 8:363-369.

    >>> grim("5.27", 43).consistent
    False
    """
    printed, grains = Printed.parse(mean), _grains(n, items)
    totals = _totals(printed, grains)
    below, above = floor(printed.value * grains) / grains, ceil(printed.value * grains) / grains
    if _fine(printed, grains):
        return Check("GRIM", True, False, _too_fine(grains), below, above)
    why = "" if totals else f"{n} people cannot have the mean {printed.text}; the nearest are listed"
    return Check("GRIM", bool(totals), True, why, below, above)


def grimmer(mean: str, sd: str, n: int, *, items: int = 1) -> Check:
    """GRIMMER: do mean, SD (with n - 1) and size together allow `n` whole-number scores?

    A sum of squares must be a whole number, as odd or even as the sum, and at least what the sum requires;
    the check asks for one that rounds to the printed SD. These conditions are necessary; a print that meets
    them may still be impossible. Text and raises as `grim`; n >= 2.
    **Source** Anaya 2016, PeerJ Preprints 4:e2400v1; Allard 2018 (analytic GRIMMER).

    >>> grimmer("3.00", "0.82", 4).consistent, grimmer("3.00", "1.00", 4).consistent
    (True, False)
    """
    if n < 2:
        raise ValueError("a standard deviation needs two people")
    printed, spread, grains = Printed.parse(mean), Printed.parse(sd), _grains(n, items)
    totals = _totals(printed, grains)
    if not totals:
        return Check("GRIMMER", False, True, "the mean alone is impossible (GRIM)")
    if len(totals) > MOST_TOTALS:
        return Check("GRIMMER", True, False, _too_fine(grains))
    ranges = [_squares(total, spread, n, items) for total in totals]
    if _any_print_passes(spread, n, items):
        return Check("GRIMMER", True, False, _too_fine(grains))
    possible = any(low <= high for low, high in ranges)
    why = "" if possible else f"no {n} whole-number scores have the mean {mean} and the SD {sd}"
    return Check("GRIMMER", possible, True, why)


def sd_in_range(mean: str, sd: str, n: int, low: float, high: float) -> Check:
    """Is the printed SD possible for `n` values with this mean between `low` and `high` (a scale's ends)?

    The largest SD has everybody at the ends and at most one in between. Raises ValueError
    on an empty range or n < 2.
    **Source** Popoviciu 1935; Bhatia & Davis 2000, Am Math Monthly 107:353-357; exact for finite n here.
    """
    if not low < high or n < 2:
        raise ValueError("a range has a lower and a higher end, and an SD needs two people")
    m, s = Printed.parse(mean), Printed.parse(sd)
    first, last = (min(max(x, low), high) for x in m.corners)
    if first == last:
        return Check("SD against range", False, True, f"the mean lies outside {low:g} to {high:g}")
    kinks = (low + (high - low) * up / n for up in _ends_between(first, last, n, low, high))
    best = max(_largest_sd(x, n, low, high) for x in (first, last, *kinks))
    fits = s.corners[0] <= best * (1 + SLACK)
    why = "" if fits else f"values between {low:g} and {high:g} with this mean have an SD up to {best:.3g}"
    return Check("SD against range", fits, True, why, 0.0, best)


def sd_of_extremes(sd: str, n: int, smallest: str, largest: str) -> Check:
    """Is the printed SD possible when the smallest and the largest of `n` values are printed too?

    At least range / sqrt(2 (n - 1)) (all others in the middle), at most range / 2 x sqrt(n / (n - 1)) or,
    with an odd n, a little less. Raises ValueError unless largest > smallest and n >= 2.
    **Source** Thomson 1955, Biometrika 42:268-269 (bounds of the range over the SD).
    """
    s, least, most = Printed.parse(sd), Printed.parse(smallest), Printed.parse(largest)
    if not most.value > least.value or n < 2:
        raise ValueError("the largest value lies above the smallest, and an SD needs two people")
    widest, narrowest = most.corners[1] - least.corners[0], most.corners[0] - least.corners[1]
    low = max(narrowest, 0.0) / sqrt(2 * (n - 1))
    high = widest * sqrt((n // 2) * (n - n // 2) / (n * (n - 1)))
    fits = s.corners[0] <= high * (1 + SLACK) and low * (1 - SLACK) <= s.corners[1]
    why = "" if fits else f"{n} values from {smallest} to {largest} have an SD of {low:.3g} to {high:.3g}"
    return Check("SD against extremes", fits, True, why, low, high)


def _grains(n: int, items: int) -> int:
    if n < 1 or items < 1:
        raise ValueError("people and items are counted from 1")
    return n * items


def _totals(mean: Printed, grains: int) -> range:
    """Whole totals whose mean rounds to the print, either way at a half."""
    low, high = (x * grains for x in mean.corners)
    room = SLACK * max(1.0, abs(low), abs(high))
    return range(ceil(low - room), floor(high + room) + 1)


def _fine(mean: Printed, grains: int) -> bool:
    """Whether the possible means lie no further apart than printed ones."""
    return 1 / grains <= (mean.corners[1] - mean.corners[0]) * (1 + SLACK)


def _too_fine(grains: int) -> str:
    return f"with {grains} people and items every printed number of so few decimals is possible"


def _squares(total: int, sd: Printed, n: int, items: int) -> tuple[int, int]:
    """Least and greatest whole sum of squares of the scores (times items) that fit total and printed SD."""
    low, high = ((n - 1) * (items * max(x, 0.0)) ** 2 + total**2 / n for x in sd.corners)
    each, rest = divmod(total, n)
    least = n * each**2 + rest * (2 * each + 1)  # everybody as close to the mean as whole numbers allow
    room = SLACK * max(1.0, high)
    first, last = max(ceil(low - room), least), floor(high + room)
    return first + (first - total) % 2, last


def _any_print_passes(sd: Printed, n: int, items: int) -> bool:
    """Whether sums of squares (two apart) lie so dense that no printed SD of this size could miss them."""
    low, high = ((n - 1) * (items * max(x, 0.0)) ** 2 for x in sd.corners)
    return high - low >= 2 and sd.corners[0] > sqrt(n / (4 * (n - 1))) / items


def _ends_between(first: float, last: float, n: int, low: float, high: float) -> range:
    """How many people may stand at the upper end, everybody else at the lower, with a mean in the range."""
    share = n / (high - low)
    return range(ceil((first - low) * share - SLACK), floor((last - low) * share + SLACK) + 1)


def _largest_sd(mean: float, n: int, low: float, high: float) -> float:
    share = n * (mean - low) / (high - low)
    up = min(floor(share + SLACK), n)
    between = low + (share - up) * (high - low) if up < n else low
    squares = up * (high - mean) ** 2 + max(n - up - 1, 0) * (low - mean) ** 2
    if up < n:
        squares += (between - mean) ** 2
    return sqrt(squares / (n - 1))
