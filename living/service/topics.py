"""Topics: which there are, and bringing their files onto the ledger."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TypeVar

from living.errors import UserError
from living.model.facts import IMPORT, Fact, ProtocolActivated
from living.model.protocol import Protocol, Source
from living.model.state import ReviewState
from living.model.values import canonical
from living.review.evidence import Evidence, gather
from living.review.protocol import parse, protocol_digest
from living.review.published import known_then, read_published
from living.review.reconcile import printed_results
from living.review.seed import known_by, read_seed
from living.review.snapshot import protocol_of
from living.review.strategy import in_force_since, signed_strategy
from living.service.house import INSTANT, House
from living.store import HeadMoved

PROTOCOL, EVIDENCE, PUBLISHED = "protocol.toml", "evidence.toml", "published.toml"
TAKEN = frozenset({"desk", "letters", "healthz", "account", "people", "sign-in", "sign-out", "link"})
TRIES = 5  # others may append between reading and appending; what was read is then read again
T = TypeVar("T")


class QueryNotSigned(UserError):
    """A search was changed, and no editor has signed what it would lose; the old one stays in force."""


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


def usual_folders(house: House) -> tuple[Path, ...]:
    """Return the folders that a start loads: all but the topics that wait to be loaded by name."""
    folders = topic_folders(house)
    return tuple(folder for folder in folders if not _protocol(folder)[1].topic.on_request)


def folder_of(house: House, name: str) -> Path:
    """Return the folder of a shipped topic, or the folder a path names. Raises UserError for neither."""
    if len(Path(name).parts) > 1 or Path(name).is_dir():
        return Path(name).resolve()
    known = {folder.name: folder for folder in topic_folders(house)}
    if name not in known:
        raise UserError(f"no topic '{name}' to load", fix=f"There are: {', '.join(known)}; or give a folder")
    return known[name]


def load_topic(house: House, folder: Path, until: str = "9999-12-31") -> Loaded:
    """Activate a topic's protocol when its text is new, and enter seed evidence that is not there yet.

    So with other reviews' printed results: a new print of one supersedes the print that stands.

    Both in one transaction, so a fault leaves the ledger as it was. `until` is the last day whose evidence is
    taken; evidence from after today waits. Raises UserError naming file and fault, and QueryNotSigned when
    the protocol searches a source otherwise and nobody has signed that.
    """
    _refuse_no_day(until)
    text, protocol = _protocol(folder)
    topic = protocol.topic.id
    _refuse_odd_names(folder, protocol)
    until = min(until, house.now()[:10])

    def enter() -> Loaded:
        state = house.store.state(topic)
        entries: list[tuple[str, Fact]] = []
        if state.protocol is None or state.protocol.text != text:
            _refuse_unsigned(house, folder, state, protocol)
            entries.append((IMPORT, ProtocolActivated(topic=topic, text=text, sha256=protocol_digest(text))))
        activated = bool(entries)
        entries += _new_seeds(folder, protocol, state, until)
        entries += _new_prints(folder, protocol, state, until)
        if entries:
            house.store.append(topic, house.now(), entries, after=state.seq)
        return Loaded(topic, protocol.topic.title, activated, len(entries) - activated)

    return while_others_write(topic, enter)


def unsigned_searches(house: House, state: ReviewState, protocol: Protocol) -> tuple[Source, ...]:
    """Return the sources that a protocol searches otherwise than the one in force, without a signature.

    A signature counts for the change it was put on: it is later than the search in force. A source that was
    never searched completely has nothing to lose.
    """
    if state.protocol is None:
        return ()
    return tuple(
        source
        for source in changed_searches(protocol_of(state)[1], protocol)
        if _completely_searched(house, state.topic, source) and not _signed_since(state, source)
    )


def changed_searches(in_force: Protocol, protocol: Protocol) -> tuple[Source, ...]:
    """Return the sources searched by machine that a protocol has anew or searches otherwise.

    One that it searches by machine no longer is returned as it would be: by hand.
    """
    now = {source.id: source for source in protocol.sources if source.by_machine}
    before = {source.id: source for source in in_force.sources if source.by_machine}
    other = [item for item in now.values() if _digest_in(before, item.id) != item.query_digest]
    return (*other, *(item.by_hand() for item in before.values() if item.id not in now))


def _digest_in(sources: dict[str, Source], name: str) -> str:
    return sources[name].query_digest if name in sources else ""


def waiting_searches(house: House, topic: str) -> tuple[Source, ...]:
    """Return the searches in a shipped topic's file that wait for a signature before they come into force.

    A file that cannot be read is told by who loads it.
    """
    state = house.store.state(topic)
    path = house.settings.topics_folder / topic / PROTOCOL
    with suppress(UserError):
        text = _read(path)
        if state.protocol is not None and state.protocol.text != text:
            return unsigned_searches(house, state, parse(text, str(path)))
    return ()


def file_stamp(house: House, topic: str) -> str:
    """Return when a shipped topic's file was changed last; empty where there is none."""
    try:
        changed = (house.settings.topics_folder / topic / PROTOCOL).stat().st_mtime
    except OSError:
        return ""
    return datetime.fromtimestamp(changed, UTC).strftime(INSTANT)


def while_others_write(topic: str, attempt: Callable[[], T]) -> T:
    """Read and append, and again when somebody appended in between. Raises UserError when that never ends."""
    for _ in range(TRIES):
        try:
            return attempt()
        except HeadMoved:
            continue
    raise UserError("others keep writing to this topic; nothing was stored", where=topic, fix="Try again")


def protocol_in(folder: Path) -> Protocol:
    """Return the protocol in a topic's folder. Raises UserError naming file and fault."""
    return _protocol(folder)[1]


def active(house: House, topic: str) -> tuple[ReviewState, Protocol]:
    """Return a topic's state and its protocol in force. Raises UserError for an unknown topic."""
    known(house, topic)
    state = house.store.state(topic)
    held = house.gathered.get(topic)
    return state, held.protocol if held and held.state is state else protocol_of(state)[1]


def evidence_of(house: House, topic: str) -> Evidence:
    """Return a topic's evidence as it stands, derived once for each state. Raises UserError when unknown."""
    state, protocol = active(house, topic)
    held = house.gathered.get(topic)
    if held is None or held.state is not state:
        held = house.gathered[topic] = gather(state, protocol)
    return held


def known(house: House, topic: str) -> str:
    """Return the topic. Raises UserError when it is not on the ledger."""
    topics = house.store.topics()
    if topic not in topics:
        names = ", ".join(topics) or "none"
        raise UserError(f"no topic '{topic}'; known: {names}", fix="Load it with `living topics load`")
    return topic


def only_topic(house: House, topic: str | None) -> str:
    """Return the topic named, or the only one there is. Raises UserError when that is not clear."""
    if topic:
        return known(house, topic)
    topics = house.store.topics()
    if len(topics) == 1:
        return topics[0]
    fix = f"Name one with --topic: {', '.join(topics)}" if topics else "Load one with `living topics load`"
    raise UserError(f"{len(topics)} topics here", fix=fix)


def _protocol(folder: Path) -> tuple[str, Protocol]:
    text = _read(folder / PROTOCOL)
    return text, parse(text, str(folder / PROTOCOL))


def _refuse_odd_names(folder: Path, protocol: Protocol) -> None:
    """A topic is called as its folder, and a source searched by machine as its kind: records carry that."""
    topic = protocol.topic.id
    if topic != folder.name:
        what = f"the topic's id is '{topic}' and its folder '{folder.name}'"
        raise UserError(what, where=str(folder), fix="Rename one of them")
    if topic in TAKEN:
        what = f"'{topic}' is the first word of another address of the site"
        raise UserError(what, where=str(folder), fix="Give the topic another id")
    for source in protocol.sources:
        if source.kind != "import" and source.id != source.kind:
            what = f"source '{source.id}' is searched by machine and must have the id '{source.kind}'"
            raise UserError(what, where=str(folder / PROTOCOL))


def _refuse_unsigned(house: House, folder: Path, state: ReviewState, protocol: Protocol) -> None:
    waiting = unsigned_searches(house, state, protocol)
    if waiting:
        named = ", ".join(source.id for source in waiting)
        what = f"the search of {named} was changed, and nobody has signed what it would lose"
        where = str(folder / PROTOCOL)
        name = folder.name if folder.parent == house.settings.topics_folder else str(folder)
        fix = (
            f"The search in force stays. See the loss with `living strategy try {name}`, then"
            f" `living strategy sign {name} --source {waiting[0].id} --as EDITOR --reason WHY`"
        )
        raise QueryNotSigned(what, where=where, fix=fix)


def _completely_searched(house: House, topic: str, source: Source) -> bool:
    cursor = house.store.cursor(topic, source.id)
    return cursor is not None and cursor.last_complete_at is not None


def _signed_since(state: ReviewState, source: Source) -> bool:
    signed = signed_strategy(state, source)
    return signed is not None and signed[0].seq > in_force_since(state, source.id)


def _refuse_no_day(day: str) -> None:
    try:
        date.fromisoformat(day)
    except ValueError as fault:
        raise UserError(f"'{day}' is no day", where="--until", fix="Write it as 2025-06-30") from fault


def _new_seeds(folder: Path, protocol: Protocol, state: ReviewState, until: str) -> list[tuple[str, Fact]]:
    path = folder / EVIDENCE
    if not path.exists():
        return []
    said = {canonical(line.fact) for line in state.lines}
    seeds = known_by(read_seed(_read(path), str(path), protocol), until)
    return [(seed.by, seed.fact) for seed in seeds if canonical(seed.fact) not in said]


def _new_prints(folder: Path, protocol: Protocol, state: ReviewState, until: str) -> list[tuple[str, Fact]]:
    path = folder / PUBLISHED
    if not path.exists():
        return []
    stands = {pool.id: pool for pool in printed_results(state)}
    found = known_then(read_published(_read(path), str(path), protocol), until)
    return [(IMPORT, pool) for pool in found if stands.get(pool.id) != pool]


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError as fault:
        raise UserError("no such file", where=str(path)) from fault
    except OSError as fault:
        raise UserError(f"cannot be read ({fault.strerror})", where=str(path)) from fault
    except UnicodeDecodeError as fault:
        raise UserError(
            f"not UTF-8 text (byte {fault.start})", where=str(path), fix="Save it as UTF-8"
        ) from fault
