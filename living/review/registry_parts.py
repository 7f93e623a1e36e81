"""What two contents of a registration say differently, part by part, in the register's own words."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from living.model.record import Item, Registration
from living.model.registration import About, What
from living.review.matching import Entry, Pair, difference, matched, words_changed
from living.review.registry_weights import A_FIFTH, HALF

Found = tuple[About, What, str, str]  # what changed and how, and what stood there before and after
Shown = Callable[[Item, Item | None], str]
Part = Callable[[Registration, Registration], Iterator[Found]]
PRIMARY: About = "primary_outcome"
SECONDARY: About = "secondary_outcome"
STOPPED = frozenset({"TERMINATED", "SUSPENDED", "WITHDRAWN", "WITHHELD", "UNKNOWN"})
ENDED = frozenset({"COMPLETED", "TERMINATED", "WITHDRAWN"})


def _outcomes(old: Registration, new: Registration) -> Iterator[Found]:
    if _listed(old) == _listed(new):
        return
    for pair in matched(_listed(old), _listed(new)):
        if pair.old and pair.new and pair.old.about != pair.new.about:
            what: What = "promoted" if pair.new.about == PRIMARY else "demoted"
            before, after = pair.old.item, pair.new.item
            yield PRIMARY, what, _outcome(before, after), _outcome(after, before)
        else:
            yield from _of_pair(pair, difference, _outcome)


def _listed(entry: Registration) -> list[Entry]:
    return [
        *(Entry(item, PRIMARY) for item in entry.primary_outcomes),
        *(Entry(item, SECONDARY) for item in entry.secondary_outcomes),
    ]


def _of_pair(pair: Pair, differs: Callable[[Item, Item], What | None], shown: Shown) -> Iterator[Found]:
    """What became of an item within its list, with its words before and after."""
    if pair.old and pair.new:
        old, new = pair.old.item, pair.new.item
        if what := differs(old, new):
            yield pair.new.about, what, shown(old, new), shown(new, old)
    elif pair.old:
        yield pair.old.about, "dropped", shown(pair.old.item, None), ""
    elif pair.new:
        yield pair.new.about, "added", "", shown(pair.new.item, None)


def _outcome(item: Item, other: Item | None) -> str:
    """An outcome with its time frame in one line; what describes it only where that is what differs."""
    frame, _, rest = item.detail.partition("\n")
    told = f"{item.name} ({frame})" if frame else item.name
    if other is None or not rest or rest == other.detail.partition("\n")[2]:
        return told
    return f"{told}: {' '.join(rest.split())}"


def _arm(item: Item, other: Item | None) -> str:
    """An arm or treatment in one line, with what describes it unless that is the same in the other."""
    told = (
        f"{item.name} ({_plain(item.type)})" if other is not None and item.type != other.type else item.name
    )
    if not item.detail or (other is not None and item.detail == other.detail):
        return told
    return f"{told}: {' '.join(item.detail.split())}"


def _arms(old: Registration, new: Registration) -> Iterator[Found]:
    yield from _items("arm", old.arms, new.arms)
    yield from _items("treatment", old.interventions, new.interventions)


def _items(about: About, old: Sequence[Item], new: Sequence[Item]) -> Iterator[Found]:
    if old == new:
        return
    for pair in matched([Entry(item, about) for item in old], [Entry(item, about) for item in new]):
        yield from _of_pair(pair, _described, _arm)


def _described(old: Item, new: Item) -> What | None:
    return words_changed((old.name, old.detail), (new.name, new.detail), also=(old.type, new.type))


def _people(old: Registration, new: Registration) -> Iterator[Found]:
    before, after = old.enrolment, new.enrolment
    if before == after:
        return
    what = _by_how_much(before, after, ended=new.status in ENDED)
    yield "sample_size", what, _counted(before), _counted(after)


def _counted(people: int | None) -> str:
    return "" if people is None else f"{people:,} people"


def _by_how_much(before: int | None, after: int | None, *, ended: bool) -> What:
    """Of a trial that has ended the number is how many came, and a shortfall no change of plan."""
    if before is None or after is None:
        return "stated"
    share = abs(after - before) / before if before else 1.0
    if share < A_FIFTH:
        return "slightly"
    if ended:
        return "reached"
    return "by_half" if share >= HALF else "by_a_fifth"


def _design(old: Registration, new: Registration) -> Iterator[Found]:
    fields: tuple[tuple[About, str, str], ...] = (
        ("allocation", old.allocation, new.allocation),
        ("masking", old.masking, new.masking),
    )
    for about, before, after in fields:
        if before != after:
            yield about, "changed" if before and after else "stated", _plain(before), _plain(after)


def _days(old: Registration, new: Registration) -> Iterator[Found]:
    fields: tuple[tuple[About, str, str], ...] = (
        ("start", old.start, new.start),
        ("primary_completion", old.primary_completion, new.primary_completion),
        ("completion", old.completion, new.completion),
    )
    for about, before, after in fields:
        if before != after:
            yield about, "moved", before, after


def _results(old: Registration, new: Registration) -> Iterator[Found]:
    if old.has_results == new.has_results:
        return
    if new.has_results:
        day = f", first on {new.results_first_posted}" if new.results_first_posted else ""
        yield "results", "posted", "none posted", f"posted{day}"
    else:
        yield "results", "taken_down", "posted", "none posted"


def status(old: Registration, new: Registration) -> Iterator[Found]:
    """Say how the state of a trial changed, with the register's reason where it gives one."""
    if old.status != new.status:
        why = f": {new.why_stopped}" if new.why_stopped else ""
        what: What = "stopped" if new.status in STOPPED else "changed"
        yield "status", what, _plain(old.status), f"{_plain(new.status)}{why}"


def _plain(code: str) -> str:
    return code.replace("_", " ").lower()


WHOLE: tuple[Part, ...] = (_outcomes, _people, _design, _arms, _results, _days)
