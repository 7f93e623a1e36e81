"""The planned review of unusual events: what the rules name, who has looked at it, and what is new since."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from living.review.trail import Trail
from living.review.unusual import RULE_WORDS, Found, unusual
from living.service.accounts import CONSOLE
from living.service.audit import Looking, looking
from living.service.house import House
from living.service.saying import said_in
from living.store import Operation

REVIEWED = "audit_reviewed"
LONGEST_NOTE = 2000


@dataclass(frozen=True)
class EventView:
    """One event. `lines` are numbers of the trail, `new` when nobody has looked at the trail since."""

    at: str
    who: str
    study: str
    label: str
    said: str
    lines: tuple[str, ...]
    new: bool


@dataclass(frozen=True)
class RuleView:
    """The events of one rule, newest first."""

    title: str
    why: str
    events: tuple[EventView, ...]
    new: int


@dataclass(frozen=True)
class Review:
    """A look at the trail that somebody recorded: up to which line of the facts and of the operations."""

    who: str
    at: str
    line: int
    operation: int
    note: str


@dataclass(frozen=True)
class Events:
    """All events by rule. `last_line` and `last_operation`: how far the viewer sees now."""

    rules: tuple[RuleView, ...]
    reviews: tuple[Review, ...]
    new: int
    last_line: int
    last_operation: int


def events(house: House, topic: str, viewer: str) -> Events:
    """Return what the rules name, without what the viewer may not see yet."""
    look = looking(house, topic, viewer)
    operations = house.store.operations()
    reviews = _reviews(look, operations)
    line, operation = (reviews[0].line, reviews[0].operation) if reviews else (0, 0)
    found: dict[str, list[EventView]] = {name: [] for name in RULE_WORDS}
    for event in _named(look):
        if all(_visible(look, look.trail, seq) for seq in event.lines):
            found[event.rule].append(_of_fact(look, event, line))
    for rule, item, said in _of_operations(operations, topic):
        found[rule].append(_of_operation(look, item, said, operation))
    rules = tuple(
        RuleView(RULE_WORDS[name].title, RULE_WORDS[name].why, tuple(told), sum(one.new for one in told))
        for name, told in found.items()
    )
    last = operations[-1].seq if operations else 0
    return Events(rules, reviews, sum(rule.new for rule in rules), look.evidence.state.seq, last)


def record_review(house: House, topic: str, by: str, line: int, operation: int, note: str) -> None:
    """Record that somebody has looked at the events up to a line. Raises UserError for an empty note."""
    text = said_in(note, "note")[:LONGEST_NOTE]
    upto = min(max(line, 0), house.store.state(topic).seq)
    done = house.store.operations()
    until = min(max(operation, 0), done[-1].seq if done else 0)
    body = {"topic": topic, "by": by, "line": upto, "operation": until, "note": text}
    house.store.log(house.now(), REVIEWED, body)


def _named(look: Looking) -> tuple[Found, ...]:
    """What the rules name, before anybody's sight, derived once for each state."""
    held = look.house.unusual.get(look.topic)
    if held is None or held[0] is not look.evidence.state:
        found = unusual(look.evidence.state, look.evidence.studies, look.evidence.protocol)
        held = look.house.unusual[look.topic] = (look.evidence.state, found)
    return held[1]


def _reviews(look: Looking, operations: Iterable[Operation]) -> tuple[Review, ...]:
    found = [item for item in operations if item.kind == REVIEWED and item.body["topic"] == look.topic]
    return tuple(
        Review(
            look.who(item.body["by"]), item.at, item.body["line"], item.body["operation"], item.body["note"]
        )
        for item in reversed(found)
    )


def _visible(look: Looking, trail: Trail, seq: int) -> bool:
    line = trail.line(seq)
    return line is not None and look.sight.may_see(line, look.viewer)


def _of_fact(look: Looking, event: Found, reviewed: int) -> EventView:
    last = look.trail.line(event.lines[-1])
    return EventView(
        last.at if last else "",
        look.who(event.by),
        event.study,
        look.label(event.study) if event.study else "",
        event.said,
        tuple(str(seq) for seq in event.lines),
        event.lines[-1] > reviewed,
    )


def _of_operations(operations: Iterable[Operation], topic: str) -> Iterator[tuple[str, Operation, str]]:
    """What the service itself noted: newest first, as the facts are."""
    for item in reversed(tuple(operations)):
        if item.body.get("topic", "") not in ("", topic):
            continue
        if item.kind == "sign_in_failures":
            yield "sign_in", item, f"{item.body['count']} sign-ins failed in a row under one name"
        elif item.kind == "role_granted" and item.body["by"] == item.body["account"]:
            yield "own_role", item, f"took the role {item.body['role']}"
        elif item.kind in ("remark_erased", "account_erased"):
            yield "erased", item, item.kind.replace("_", " ")


def _of_operation(look: Looking, item: Operation, said: str, reviewed: int) -> EventView:
    by = str(item.body.get("by", ""))
    who = "the console" if by == CONSOLE else look.who(by)
    return EventView(item.at, who, "", "", said, (f"o{item.seq}",), item.seq > reviewed)
