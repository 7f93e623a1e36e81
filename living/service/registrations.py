"""What later versions of a registration say otherwise, as the team sees it, with the table of weights."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from living.errors import UserError
from living.model.registration import RegistryChange, Weight
from living.review.catalogue import URLS
from living.review.evidence import Evidence
from living.review.registry_watch import registration_history
from living.review.registry_weights import NAMES, PHASES, RULES, WORDS, in_words, sides
from living.service.house import House
from living.service.topics import evidence_of
from living.sources.registry import REGISTRIES


@dataclass(frozen=True)
class VersionRow:
    """One version as it came in: ledger line, the day it came, the register's own day, state, bytes."""

    line: int
    seen: str
    posted: str
    status: str
    payload: str


@dataclass(frozen=True)
class ChangeRow:
    """One change with both sides in words; `place` names it on its page."""

    words: str
    weight: Weight
    when: str
    posted: str
    seen: str
    before: str
    after: str
    rule: str
    old_line: int
    new_line: int
    place: str


@dataclass(frozen=True)
class RuleRow:
    """One line of the table of weights."""

    words: str
    before: Weight
    after: Weight
    source: str


@dataclass(frozen=True)
class RegistrationView:
    """One registration: its study, its versions, and what changed, the latest first, noise apart."""

    key: str
    study: str
    label: str
    title: str
    address: str
    versions: tuple[VersionRow, ...]
    changes: tuple[ChangeRow, ...]
    noise: tuple[ChangeRow, ...]


def registration_view(house: House, topic: str, named: str) -> RegistrationView:
    """Return one registration's history. Raises UserError when no such registration is stored."""
    evidence = evidence_of(house, topic)
    key = _key(evidence, named, topic)
    history, record = registration_history(evidence.state, key), evidence.state.records[key]
    rows = change_rows(history.changes)
    study = evidence.studies.key_of[key]
    return RegistrationView(
        key,
        study,
        evidence.label(study),
        record.title,
        URLS[record.source].format(record.id) if record.source in URLS else "",
        tuple(
            VersionRow(one.line, one.seen, one.posted, one.status.replace("_", " ").lower(), one.payload)
            for one in history.versions
        ),
        tuple(row for row in rows if row.weight != "noise"),
        tuple(row for row in rows if row.weight == "noise"),
    )


def change_rows(changes: Iterable[RegistryChange]) -> tuple[ChangeRow, ...]:
    """Return changes in words, the latest first."""
    numbered = [(change, f"change-{number}") for number, change in enumerate(changes, 1)]
    numbered.sort(key=lambda item: -item[0].new_line)
    return tuple(
        ChangeRow(
            in_words(change),
            change.weight,
            PHASES[change.when],
            change.posted,
            change.seen,
            *sides(change),
            RULES[change.about, change.what].source,
            change.old_line,
            change.new_line,
            place,
        )
        for change, place in numbered
    )


def weights() -> tuple[RuleRow, ...]:
    """Return the table of what each kind of change weighs, and by whose rule."""
    return tuple(
        RuleRow(f"{NAMES[about]} {WORDS[what]}", rule.before, rule.after, rule.source)
        for (about, what), rule in RULES.items()
    )


def _key(evidence: Evidence, named: str, topic: str) -> str:
    """The record that is meant: by its key, or by its id alone, whichever register gave it."""
    name = named.strip()
    candidates = (name,) if ":" in name else tuple(f"{source}:{name.upper()}" for source in REGISTRIES)
    for key in candidates:
        record = evidence.state.records.get(key)
        if record is not None and record.registration is not None:
            return key
    known = name in evidence.state.records
    told = f"{name} is no registration" if known else f"no registration {name} is stored"
    raise UserError(told, where=topic, fix="Name one by its id, such as NCT04270877, or as ctgov:NCT04270877")
