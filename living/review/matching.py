"""Which outcome or arm of one version of a registration is which of the next: one to one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz

from living.model.record import Item
from living.model.registration import About, What
from living.review.registry_weights import ANOTHER_OUTCOME
from living.review.sameness import likeness, numbers_of, same_text, same_times, times_of, words_of

Test = Callable[[Item, Item], bool]
Numbered = tuple[int, "Entry"]


@dataclass(frozen=True)
class Entry:
    """An item with the list it stands in: primary or secondary outcomes, arms or treatments."""

    item: Item
    about: About


@dataclass(frozen=True)
class Pair:
    """The same item in two versions; None where one version does not have it."""

    old: Entry | None
    new: Entry | None


def matched(old: Sequence[Entry], new: Sequence[Entry]) -> tuple[Pair, ...]:
    """Return each item of either version once, with its match; the order of the lists does not matter.

    Items that say the same find each other first, then those of one name and time, then of one name, then
    those that share most telling words: each time within one list before across two.
    """
    left, right = _numbered(old), _numbered(new)
    found = _unchanged(left, right)
    for test in TESTS:
        for across in (False, True):
            for a, b in _best(left, right, test, across):
                left.remove(a)
                right.remove(b)
                found.append(Pair(a[1], b[1]))
    return (*found, *(Pair(entry, None) for _, entry in left), *(Pair(None, entry) for _, entry in right))


def difference(old: Item, new: Item) -> What | None:
    """Return how an item changed; None when not a letter did."""
    if old == new:
        return None
    before, after = frame_of(old), frame_of(new)
    if _moved(before, after) or not same_times(old.name, new.name):
        return "time"
    return words_changed((old.name, _after(old)), (new.name, _after(new)), also=(before, after))


def words_changed(
    old: tuple[str, str], new: tuple[str, str], also: tuple[str, str] = ("", "")
) -> What | None:
    """Return how name and description changed, and `also` a further text; None when not a letter did.

    Defined by other numbers: a number in the name differs, or one in the description was replaced.
    """
    if (old, also[0]) == (new, also[1]):
        return None
    if all(same_text(a, b) for a, b in (*zip(old, new, strict=True), also)):
        return "respelled"
    gone, come = numbers_of(old[1]) - numbers_of(new[1]), numbers_of(new[1]) - numbers_of(old[1])
    if numbers_of(old[0]) != numbers_of(new[0]) or (gone and come):
        return "redefined"
    return "reworded"


def frame_of(item: Item) -> str:
    """Return the time frame of an outcome, the first line of its detail."""
    return item.detail.partition("\n")[0]


def _after(item: Item) -> str:
    return item.detail.partition("\n")[2]


def _moved(old: str, new: str) -> bool:
    """Whether a time frame names other times, or, where it names none, says something else."""
    if not same_times(old, new):
        return True
    return not times_of(old) and not same_text(old, new) and likeness(old, new) < 1


def _numbered(entries: Iterable[Entry]) -> list[Numbered]:
    return list(enumerate(entries))


def _unchanged(left: list[Numbered], right: list[Numbered]) -> list[Pair]:
    """Take out what is the same to the letter: nearly all of most versions, and found at once."""
    there: dict[Entry, list[Numbered]] = {}
    for numbered in reversed(right):
        there.setdefault(numbered[1], []).append(numbered)
    found = []
    for numbered in tuple(left):
        if same := there.get(numbered[1]):
            left.remove(numbered)
            right.remove(same.pop())
            found.append(Pair(numbered[1], numbered[1]))
    return found


def _best(
    left: Sequence[Numbered], right: Sequence[Numbered], test: Test, across: bool
) -> list[tuple[Numbered, Numbered]]:
    """The pairs that pass a test, the most alike first, none twice."""
    fits = [
        (-_closeness(a[1].item, b[1].item), words_of(a[1].item.name), a[0], b[0], a, b)
        for a in left
        for b in right
        if (a[1].about != b[1].about) is across and test(a[1].item, b[1].item)
    ]
    taken: set[tuple[str, int]] = set()
    found = []
    for *_, at, to, a, b in sorted(fits, key=lambda fit: fit[:4]):
        if not taken & {("left", at), ("right", to)}:
            taken |= {("left", at), ("right", to)}
            found.append((a, b))
    return found


def _closeness(old: Item, new: Item) -> float:
    return fuzz.ratio(f"{old.name}\n{old.detail}", f"{new.name}\n{new.detail}")


def _same(old: Item, new: Item) -> bool:
    return same_text(old.name, new.name) and same_text(old.detail, new.detail)


def _same_name_and_frame(old: Item, new: Item) -> bool:
    return same_text(old.name, new.name) and same_text(frame_of(old), frame_of(new))


def _same_name(old: Item, new: Item) -> bool:
    return same_text(old.name, new.name)


def _much_alike(old: Item, new: Item) -> bool:
    return likeness(old.name, new.name) >= ANOTHER_OUTCOME


TESTS: tuple[Test, ...] = (_same, _same_name_and_frame, _same_name, _much_alike)
