"""What somebody types and has not said yet: kept at every pause, for its author alone, never analysed."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from living.errors import UserError
from living.model.values import canonical, later
from living.service.claims import renew
from living.service.house import House
from living.store.drafts import Draft, DraftMark, Sheaf

KEPT = timedelta(days=30)  # after the hand-in: long enough to ask what had been typed
LARGEST = 400_000  # characters of one draft; a form of forty cells has a tenth of it


@dataclass(frozen=True)
class Kept:
    """One saved state of a form. `beside`: other states that did not grow from it and wait for a choice."""

    revision: int
    at: str
    state: str
    fields: Mapping[str, str]
    beside: tuple[int, ...] = ()


@dataclass(frozen=True)
class OpenDraft:
    """A draft that was never handed in, for its author's list."""

    topic: str
    form: str
    subject: str
    at: str


@dataclass(frozen=True)
class Differing:
    """A field that two saved states of one form hold differently."""

    field: str
    one: str
    other: str


def keep(house: House, sheaf: Sheaf, fields: Mapping[str, str], base: int) -> Kept:
    """Save a form as it stands. On an older base it becomes a state beside the newer; none is overwritten.

    Raises UserError for more text than any form holds.
    """
    body = body_of(fields)
    if len(body) > LARGEST:
        raise UserError("the draft is too large to be kept", where=sheaf.subject, fix="Shorten the quotes")
    saved = house.store.save_draft(sheaf, base, body, house.now())
    renew(house, sheaf.topic, sheaf.subject, sheaf.by)
    return _kept(saved, house.store.draft_marks(sheaf))


def found(house: House, sheaf: Sheaf, revision: int | None = None) -> Kept | None:
    """Return a saved state: the one asked for, or the newest that is open. None when there is none."""
    chain = house.store.draft_marks(sheaf)
    if revision is None:
        revision = next((item.revision for item in reversed(_tips(chain))), 0)
    chosen = house.store.draft_at(sheaf, revision)
    return _kept(chosen, chain) if chosen else None


def settle(house: House, sheaf: Sheaf, mine: Kept, fields: Mapping[str, str]) -> Kept:
    """Go on with what a person chose from states that stood beside each other; all of them are kept."""
    base = mine.revision
    for other in mine.beside:
        passed = house.store.draft_at(sheaf, other)
        if passed is not None and passed.state == "open":
            house.store.save_draft(sheaf, other, passed.body, house.now(), "dropped")
        else:
            base = max(base, other)  # what was handed in is what a correction grows from
    if base != mine.revision:
        house.store.save_draft(sheaf, mine.revision, body_of(mine.fields), house.now(), "dropped")
    saved = house.store.save_draft(sheaf, base, body_of(fields), house.now())
    return _kept(saved, house.store.draft_marks(sheaf))


def hand_in_draft(house: House, sheaf: Sheaf, revision: int, fields: Mapping[str, str]) -> None:
    """Mark a draft as said. It is kept for a while and then deleted by `prune`."""
    house.store.save_draft(sheaf, revision, body_of(fields), house.now(), "handed_in")


def body_of(fields: Mapping[str, str]) -> str:
    """Return a form as the store keeps it."""
    return canonical(dict(fields))


def last_handed_in(house: House, sheaf: Sheaf) -> int:
    """Return the revision with which the form was last handed in; 0 when it never was."""
    chain = house.store.draft_marks(sheaf)
    return max((item.revision for item in chain if item.state == "handed_in"), default=0)


def open_drafts(house: House, person: str, topic: str | None = None) -> tuple[OpenDraft, ...]:
    """Return a person's own drafts that wait to be handed in, the oldest first."""
    newest = house.store.drafts_of(person, topic)
    return tuple(
        OpenDraft(item.topic, item.form, item.subject, item.at)
        for item in newest
        if item.state != "handed_in" and _tips(house.store.draft_marks(_sheaf(item)))
    )


def prune(house: House) -> int:
    """Delete drafts handed in long ago; returns how many saved states went."""
    return house.store.prune_drafts(later(house.now(), -KEPT))


def differences(one: Mapping[str, str], other: Mapping[str, str]) -> tuple[Differing, ...]:
    """Return what two states of a form hold differently, in the order of the form."""
    names = dict.fromkeys((*one, *other))
    pairs = ((name, one.get(name, ""), other.get(name, "")) for name in names)
    return tuple(Differing(*pair) for pair in pairs if pair[1].strip() != pair[2].strip())


def sheaf_of(house: House, topic: str, form: str, subjects: Sequence[str], by: str) -> Sheaf:
    """Return whose draft of what: under the first of these names that has any, else under the first.

    A study's key can change when records are joined; what was typed under an older one is still found.
    """
    plain = Sheaf(topic=topic, form=form, subject=subjects[0], by=by)
    known = house.store.draft_subjects(plain, subjects)
    return plain.model_copy(
        update={"subject": next((name for name in subjects if name in known), subjects[0])}
    )


def _kept(draft: Draft, chain: Sequence[DraftMark]) -> Kept:
    grown_from = _ancestors(draft, chain)
    others = [item.revision for item in _tips(chain) if item.revision != draft.revision]
    said = [item.revision for item in chain if item.state == "handed_in"][-1:]
    beside = tuple(sorted((*others, *(item for item in said if item not in grown_from))))
    return Kept(draft.revision, draft.at, draft.state, json.loads(draft.body), beside)


def _tips(chain: Sequence[DraftMark]) -> list[DraftMark]:
    """The open states from which nothing grew."""
    grown = {item.base for item in chain}
    return [item for item in chain if item.state == "open" and item.revision not in grown]


def _ancestors(draft: Draft, chain: Sequence[DraftMark]) -> set[int]:
    bases = {item.revision: item.base for item in chain}
    line, at = {draft.revision}, draft.revision
    while bases.get(at):
        at = bases[at]
        line.add(at)
    return line


def _sheaf(draft: Draft) -> Sheaf:
    return Sheaf(topic=draft.topic, form=draft.form, subject=draft.subject, by=draft.by)
