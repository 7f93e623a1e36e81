"""`living status` and `living poll --explain` in words, eighty columns wide."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from textwrap import wrap
from typing import TYPE_CHECKING

import typer

from living.cli.terminal import Json, house, print_json

if TYPE_CHECKING:
    from living.publish.surveillance import RunOut, SourceOut, WindowOut
    from living.service.explain import Plan
    from living.service.importing import HandSearch
    from living.service.status import Status, TopicStatus
    from living.sources.plan import Planned

WIDTH = 80
IDS_NAMED = 8  # in one list; --json has all
STATES = {
    "current": "on schedule",
    "alarm": "searched; something has to be looked into",
    "stale": "LATE",
    "failed": "THE LAST ATTEMPT FAILED",
    "never": "not searched yet",
}
FAULTS = {"down": "the source is down", "changed": "it answers otherwise", "refused": "not believed"}
ASKED = {"full": "a full search", "window": "the latest changes", "check": "a look at its date only"}


def status(as_json: Json = False) -> None:
    """Show on one screen what was searched, what waits, what is published, what failed."""
    from living.service.status import status_of

    found = status_of(house())
    if as_json:
        print_json(found)
        return
    for line in status_lines(found):
        typer.echo(line)


def status_lines(found: Status) -> Iterator[str]:
    """Yield the screen line by line."""
    yield f"State in {found.home}{' (REPLAY)' if found.replay else ''}; daemon: {found.daemon}"
    for topic in found.topics:
        yield ""
        yield from _topic(topic)
    yield ""
    yield from _wrapped(f"Letters: {found.letters}")
    yield from _wrapped(f"Last failure: {found.last_failure or 'none'}")


def when(instant: str | None) -> str:
    """Return an instant as people read it; nothing set means at once."""
    return f"{instant[:10]} {instant[11:16]} UTC" if instant else "now"


def _topic(topic: TopicStatus) -> Iterator[str]:
    version = topic.version or "no version yet"
    yield from _wrapped(f"{topic.title} ({topic.id}): {version}{topic.version_note}")
    yield from _wrapped(topic.said, 2)
    for source in topic.sources:
        yield from _source(source)
    yield from _by_hand(topic.by_hand)
    for alarm in topic.alarms:
        yield from _wrapped(f"! {alarm.label}, since {alarm.since[:10]}: {alarm.text}.", 2)
        yield from _wrapped(f"  {alarm.action}{':' if alarm.command else '.'}", 4)
        if alarm.command:
            yield f"      {alarm.command}"  # whole, to be copied
    yield from _wrapped(
        f"Waiting: {topic.to_screen} to screen, {topic.to_extract} to extract or verify, "
        f"{topic.to_adjudicate} to adjudicate; ids asked for and not received: {topic.absent}",
        2,
    )


def _source(source: SourceOut) -> Iterator[str]:
    changed = "; the question was changed, so it will be a full search" if source.changed else ""
    yield from _wrapped(f"{source.label}: {STATES[source.state]}. Next: {when(source.next_due)}{changed}", 2)
    if source.failure:
        failed = source.failure
        tries = f"{failed.tries} {'attempt' if failed.tries == 1 else 'attempts'} failed since"
        kind = f" ({FAULTS[failed.kind]})" if failed.kind else ""
        yield from _wrapped(f"{tries} {when(failed.since)}{kind}: {failed.text}", 4)
    if source.last:
        yield from _last(source.last)
    full = source.last_full
    if full and full != source.last:
        yield from _wrapped(f"last full search {when(full.at)}: {_known(full.found)} found", 4)
    missed: dict[str, list[str]] = defaultdict(list)
    for entry in source.open:
        missed[entry.first_missed[:10]].append(entry.id)
    for day, ids in missed.items():
        yield from _wrapped(f"open: asked for and not received since {day}: {_some(ids)}", 4)


def _last(run: RunOut) -> Iterator[str]:
    found = f", {_known(run.found)} found" if run.kind == "full" else ""
    asked = f"{ASKED[run.kind]} ({_windows(run.windows)}){found}"
    yield from _wrapped(f"last complete {when(run.at)}: {asked}", 4)
    traffic = f"{_many(run.requests, 'request')}, {_many(run.pages, 'page')}"
    if run.kind == "check":
        yield from _wrapped(f"nothing had to be read; {traffic}", 4)
        return
    sums = f"{run.listed} listed = {run.skipped} known + {run.fetched} read + {run.absent} missing"
    yield from _wrapped(f"{sums}; {run.new} new or changed; {traffic}", 4)


def _windows(windows: tuple[WindowOut, ...]) -> str:
    said = []
    for one in windows:
        days = f" {one.start} to {one.end}" if one.end else f" since {one.start}" if one.start else ""
        said.append(f"{one.what}{days}")
    return "; ".join(said)


def _by_hand(searches: tuple[HandSearch, ...]) -> Iterator[str]:
    """Sources that were searched on the same day and are due on the same day stand together."""
    told: dict[str, list[str]] = defaultdict(list)
    for item in searches:
        last = f"last on {item.last}" if item.last else "never yet"
        told[f"{last}, {'OVERDUE since' if item.overdue else 'due'} {item.due}"].append(item.label)
    for when_and_due, labels in told.items():
        yield from _wrapped(f"Searched by hand, {when_and_due}: {', '.join(labels)}", 2)


def plan_lines(plan: Plan) -> Iterator[str]:
    """Yield what one poll would ask, and why."""
    kind = "a full search" if plan.full else "the latest changes only"
    yield from _wrapped(f"{plan.label}: {kind}, because {plan.why}")
    yield from _wrapped(f"question: {plan.query}", 2)
    for item in plan.requests:
        yield from _wrapped(_request(item), 2, 10)
    yield from _wrapped(_how_many(plan), 2)
    ids: dict[str, list[str]] = defaultdict(list)
    for again in plan.again:
        ids[again.why].append(again.id)
    for why, names in ids.items():
        yield from _wrapped(f"read again, {why}: {_some(names)}", 2)
    if plan.canaries:
        yield from _wrapped(f"must come back (canaries): {_some(list(plan.canaries))}", 2)
    last = when(plan.last_complete) if plan.last_complete else "never"
    known = f"known here: {plan.known} {'entry' if plan.known == 1 else 'entries'}"
    yield from _wrapped(f"{known}; last complete search: {last}; next due: {when(plan.next_due)}", 2)


def _request(item: Planned) -> str:
    days = f" {item.start} to {item.end}" if item.end else f" since {item.start}" if item.start else ""
    more = "one more" if item.times else "one"
    each = f"; {more} for each {item.each} of those" if item.each else ""
    return f"{f'{item.times} x' if item.times else '+':>5} {item.to}: {item.what}{days}{each}"


def _how_many(plan: Plan) -> str:
    least = f"at least {_many(plan.fewest, 'request')}, one each {plan.pace:g} s: {plan.seconds:g} s"
    if plan.skips:
        return f"1 request if its data are still those of {plan.skips}, which were read; else {least}"
    return least


def _some(names: list[str]) -> str:
    more = len(names) - IDS_NAMED
    return f"{len(names)} ({', '.join(names[:IDS_NAMED])}{f' and {more} more' if more > 0 else ''})"


def _many(number: int | None, one: str) -> str:
    return f"{_known(number)} {one}{'' if number == 1 else 's'}"


def _known(number: int | None) -> str:
    return "(not recorded)" if number is None else str(number)


def _wrapped(text: str, indent: int = 0, hanging: int | None = None) -> list[str]:
    """A paragraph in the width of a screen; its later lines stand two further in, or where they are to."""
    first, later = " " * indent, " " * (indent + 2 if hanging is None else hanging)
    return wrap(text, WIDTH, initial_indent=first, subsequent_indent=later, break_on_hyphens=False) or [first]
