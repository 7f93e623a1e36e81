"""The differences between the versions of a topic: computed from the ledger, put on the site once."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from itertools import combinations, pairwise
from pathlib import Path

from living import __version__
from living.errors import UserError
from living.model.difference import DIFFERENCE, Difference
from living.model.facts import LedgerLine, Release
from living.model.state import ReviewState
from living.publish.difference import DOCUMENT, PAGE, difference_json, place_of, render_difference
from living.publish.write import publish_page
from living.review.difference import difference
from living.service.house import House
from living.service.refresh import snapshot_at
from living.service.topics import known

ALL_PAIRS = (
    30  # versions; of more, neighbours and pairs with the latest stand ready, others are made when asked for
)


def difference_of(house: House, topic: str, older: str, newer: str) -> Difference:
    """Return the difference between two published versions. Raises UserError when one is not known."""
    state = house.store.state(known(house, topic))
    lines = _published(house, state)
    for version in (older, newer):
        if version not in lines:
            names = ", ".join(lines) or "none"
            raise UserError(f"no published version '{version}'", where=topic, fix=f"Known: {names}")
    order = list(lines)
    if order.index(older) > order.index(newer):
        raise UserError(f"{older} is newer than {newer}", where=topic, fix="Name the older version first")
    return difference(snapshot_at(house, state, lines[older]), snapshot_at(house, state, lines[newer]))


def difference_page(house: House, topic: str, pair: str, name: str = PAGE) -> bytes | None:
    """Return the page or document of a pair such as `v1.0...v3.0`; None where there is no such pair."""
    older, _, newer = pair.partition("...")
    if topic not in house.store.topics():
        return None
    order = [item.version for item in house.store.published(topic)]
    if older not in order or newer not in order or order.index(older) >= order.index(newer):
        return None
    found = difference_of(house, topic, older, newer)
    return (
        difference_json(found) if name == DOCUMENT else render_difference(found, _others(order, older, newer))
    )


def present_differences(house: House, topic: str) -> None:
    """Put every pair that should stand ready on the site, once: versions never change, so a pair does not.

    A pair made by another version of the program is made again.
    """
    state = house.store.state(topic)
    lines = _published(house, state)
    order = list(lines)
    for older, newer in _pairs(order):
        files = [house.settings.site / place_of(topic, older, newer, name) for name in (DOCUMENT, PAGE)]
        digests = (_digest(lines[older]), _digest(lines[newer]))
        if (str(files[0]), *digests) in house.compared and all(file.is_file() for file in files):
            continue
        if not (files[1].is_file() and _is_of(files[0], digests)):
            found = difference_of(house, topic, older, newer)
            others = _others(order, older, newer)
            publish_page(house.settings.site, place_of(topic, older, newer), render_difference(found, others))
            publish_page(house.settings.site, place_of(topic, older, newer, DOCUMENT), difference_json(found))
        house.compared.add((str(files[0]), *digests))


def _published(house: House, state: ReviewState) -> dict[str, LedgerLine]:
    """The ledger line of each committed version, oldest first."""
    lines = {release.version: line for line, release in state.releases}
    return {item.version: lines[item.version] for item in house.store.published(state.topic)}


def _pairs(order: Sequence[str]) -> Iterator[tuple[str, str]]:
    if len(order) <= ALL_PAIRS:
        yield from combinations(order, 2)
        return
    yield from dict.fromkeys([*pairwise(order), *((version, order[-1]) for version in order[:-1])])


def _others(order: Sequence[str], older: str, newer: str) -> list[str]:
    """The other versions before the newer one, so far as their difference from it stands ready for good."""
    before = list(order[: order.index(newer)])
    return [version for version in before if version != older] if len(before) < ALL_PAIRS else []


def _digest(line: LedgerLine) -> str:
    return line.fact.digest if isinstance(line.fact, Release) else ""


def _is_of(path: Path, digests: tuple[str, str]) -> bool:
    """Whether a document is of these two versions and was made by this version of the program."""
    try:
        found = json.loads(path.read_bytes())
        return (found["schema_id"], found["engine"], found["older"]["digest"], found["newer"]["digest"]) == (
            DIFFERENCE,
            __version__,
            *digests,
        )
    except (OSError, ValueError, KeyError, TypeError):
        return False
