"""A letter of the outbox as the message that is sent."""

from __future__ import annotations

import json
from collections.abc import Sequence
from email.message import EmailMessage
from urllib.parse import urlsplit

from living.model.snapshot import Snapshot
from living.model.state import ReviewState
from living.publish.letters import (
    Envelope,
    compose,
    compose_alarm,
    compose_brief,
    compose_choices,
    compose_confirmation,
    compose_digest,
    compose_tasks,
)
from living.publish.news import Brief, Item, Links, Raised, Used
from living.publish.pages import Notice, Shell
from living.publish.tasks import TaskLine
from living.service.alarms import LETTER as ALARM_KIND
from living.service.house import House
from living.service.letters import ALREADY, token
from living.service.notices import TEAM_KIND, notice_in, notices
from living.service.publish import topic_of
from living.service.pulse import pulse
from living.service.refresh import snapshot_at
from living.service.signatures import signed_by
from living.service.teammail import task_lines
from living.service.topics import evidence_of
from living.store import CONFIRMATION, DIGEST, TASKS, Held, Leased, Letter

VERSION_KINDS = ("major", "minor")
SENDER = "Living review"


def compose_letter(house: House, leased: Leased, items: Sequence[Held] | None = None) -> EmailMessage:
    """Write one letter; `items` are those of a digest that is not in the outbox yet."""
    letter = leased.letter
    envelope = _envelope(house, leased)
    if letter.kind == TASKS:
        return compose_tasks(*_tasks(house, letter), house.replay, envelope)
    state = house.store.state(letter.topic)
    links = _links(house, letter)
    match letter.kind:
        case kind if kind == CONFIRMATION:
            return compose_confirmation(topic_of(house, state), links, envelope)
        case kind if kind == ALREADY:
            return compose_choices(topic_of(house, state), links, envelope)
        case kind if kind == TEAM_KIND:
            return compose_brief(_brief(house, letter), topic_of(house, state), links, envelope)
        case kind if kind == ALARM_KIND:
            return compose_alarm(_raised(house, letter), topic_of(house, state), links, envelope)
        case kind if kind == DIGEST:
            held = house.store.told_in(letter.id) if items is None else items
            snapshot = _snapshot(house, state, "")
            told = tuple(_item(house, state, one) for one in held)
            return compose_digest(told, snapshot, _shell(house, state, snapshot), links, envelope)
    snapshot = _snapshot(house, state, _version_of(letter))
    alert = (notice_in(letter.detail),) if letter.detail else ()
    shell = _shell(house, state, snapshot, alert)
    return compose(letter.kind, snapshot, shell, links, envelope)  # type: ignore[arg-type]


def _version_of(letter: Letter) -> str:
    """The version that a letter tells of; empty means the latest."""
    if letter.detail:
        return str(json.loads(letter.detail).get("version", ""))
    return letter.event if letter.kind in VERSION_KINDS else ""


def _shell(house: House, state: ReviewState, snapshot: Snapshot, alert: tuple[Notice, ...] = ()) -> Shell:
    now = pulse(house, evidence_of(house, state.topic))
    version = snapshot.release.version if snapshot.release else ""
    line = next(line for line, release in state.releases if release.version == version)
    signature = signed_by(house, state, line, snapshot)
    return Shell(notices=alert or notices(state, snapshot), signature=signature, pulse=now)


def _snapshot(house: House, state: ReviewState, version: str) -> Snapshot:
    lines = [line for line, release in state.releases if not version or release.version == version]
    return snapshot_at(house, state, lines[-1])


def _item(house: House, state: ReviewState, held: Held) -> Item:
    """One event of a digest: the version it names, or the bulletin stored under its digest."""
    for line, release in state.releases:
        if held.kind in VERSION_KINDS and release.version == held.event:
            causes = tuple(cause.text for cause in release.decision.causes)
            page = f"{house.settings.address}/{state.topic}/{release.version}/"
            return Item(line.at[:10], release.decision.banner, release.version, causes, page)
    decided = next(item for item in house.store.bulletins(state.topic) if item.inputs_digest == held.event)
    return Item(decided.at[:10], decided.decision.banner)


def _tasks(house: House, letter: Letter) -> tuple[tuple[TaskLine, ...], Links]:
    address = house.settings.address
    leaving = f"{address}/letters/leave/{token(house, 'leave', letter.subscriber)}"
    links = Links(page=f"{address}/desk/", unsubscribe=leaving, manage=f"{address}/desk/account/")
    return task_lines(house, house.store.told_to_team(letter.id)), links


def _brief(house: House, letter: Letter) -> Brief:
    said = json.loads(letter.detail)
    protocol = evidence_of(house, letter.topic).protocol
    criterion = next(
        (item.id for item in protocol.eligibility if "retract" in item.text.lower()), "CRITERION"
    )
    vote = f"living screen {said['study']} exclude --topic {letter.topic} --criterion {criterion}"
    vote += " --reason WHY --as YOUR-ID"
    return Brief(
        notice=notice_in(letter.detail),
        study=said.get("label", said["study"]),
        record=said.get("record", ""),
        versions=tuple(said.get("versions", ())),
        fed=tuple(Used(*one) for one in said.get("fed", ())),
        vote=vote if said["notice"] in ("retraction", "concern") else "",
    )


def _raised(house: House, letter: Letter) -> Raised:
    said = json.loads(letter.detail)
    page = f"{house.settings.address}/desk/{letter.topic}/searches/"
    return Raised(**said, page=page)


def _envelope(house: House, leased: Leased) -> Envelope:
    host = urlsplit(house.settings.address).hostname or "localhost"
    return Envelope(
        sender_name=SENDER,
        sender_address=house.settings.sender or f"living@{host}",
        to=leased.address,
        message_id=f"<{leased.letter.message_id}@{host}>",
        date=leased.letter.created_at,
    )


def _links(house: House, letter: Letter) -> Links:
    """The addresses in a letter. One secret leads to leaving and to choosing: whoever may end may change."""
    address, version = house.settings.address, _version_of(letter)
    leaving = token(house, "leave", letter.subscriber)
    return Links(
        page=f"{address}/{letter.topic}/{f'{version}/' if version else ''}",
        unsubscribe=f"{address}/letters/leave/{leaving}",
        manage=f"{address}/letters/manage/{leaving}",
        confirm=f"{address}/letters/confirm/{token(house, 'confirm', letter.subscriber)}",
    )
