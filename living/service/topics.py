"""Topics: which there are, and bringing their files onto the ledger."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from living.errors import UserError
from living.model.facts import IMPORT, Fact, ProtocolActivated
from living.model.protocol import Protocol
from living.model.state import ReviewState
from living.model.values import canonical
from living.review.protocol import parse, protocol_digest
from living.review.seed import known_by, read_seed
from living.review.snapshot import protocol_of
from living.service.house import House

PROTOCOL, EVIDENCE = "protocol.toml", "evidence.toml"


@dataclass(frozen=True)
class Loaded:
    """What loading a topic did."""

    topic: str
    title: str
    activated: bool
    facts: int


def topic_folders(house: House) -> tuple[Path, ...]:
    """Return every folder with a protocol, by name. Raises UserError when there is none."""
    root = house.settings.topics_folder
    found = tuple(sorted(path.parent for path in root.glob(f"*/{PROTOCOL}")))
    if not found:
        raise UserError("no topic here: no folder with a protocol.toml", where=str(root))
    return found


def load_topic(house: House, folder: Path, until: str = "9999-12-31") -> Loaded:
    """Activate a topic's protocol when its text is new, and enter seed evidence that is not there yet.

    Both in one transaction, so a fault leaves the ledger as it was. `until` is the last day whose evidence is
    taken. Raises UserError naming file and fault.
    """
    text = _read(folder / PROTOCOL)
    protocol = parse(text, str(folder / PROTOCOL))
    topic = protocol.topic.id
    if topic != folder.name:
        fix = "Rename one of them"
        raise UserError(
            f"the topic's id is '{topic}' and its folder '{folder.name}'", where=str(folder), fix=fix
        )
    state = house.store.state(topic)
    entries: list[tuple[str, Fact]] = []
    if state.protocol is None or state.protocol.text != text:
        entries.append((IMPORT, ProtocolActivated(topic=topic, text=text, sha256=protocol_digest(text))))
    activated = bool(entries)
    entries += _new_seeds(folder, protocol, state, until)
    if entries:
        house.store.append(topic, house.now(), entries, after=state.seq)
    return Loaded(topic, protocol.topic.title, activated, len(entries) - activated)


def active(house: House, topic: str) -> tuple[ReviewState, Protocol]:
    """Return a topic's state and its protocol in force. Raises UserError for an unknown topic."""
    if topic not in house.store.topics():
        known = ", ".join(house.store.topics()) or "none"
        raise UserError(f"no topic '{topic}'; known: {known}", fix="Load it with `living topics load`")
    state = house.store.state(topic)
    return state, protocol_of(state)[1]


def only_topic(house: House, topic: str | None) -> str:
    """Return the topic named, or the only one there is. Raises UserError when that is not clear."""
    known = house.store.topics()
    if topic:
        return topic
    if len(known) == 1:
        return known[0]
    fix = f"Name one with --topic: {', '.join(known)}" if known else "Load one with `living topics load`"
    raise UserError(f"{len(known)} topics here", fix=fix)


def _new_seeds(folder: Path, protocol: Protocol, state: ReviewState, until: str) -> list[tuple[str, Fact]]:
    path = folder / EVIDENCE
    if not path.exists():
        return []
    known = {canonical(line.fact) for line in state.lines}
    seeds = known_by(read_seed(_read(path), str(path), protocol), until)
    return [(seed.by, seed.fact) for seed in seeds if canonical(seed.fact) not in known]


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError as fault:
        raise UserError("no such file", where=str(path)) from fault
    except UnicodeDecodeError as fault:
        raise UserError(
            f"not UTF-8 text (byte {fault.start})", where=str(path), fix="Save it as UTF-8"
        ) from fault
