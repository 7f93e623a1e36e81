"""Conflicts of interest between people of the team and studies: declared, warned of, lifted."""

from __future__ import annotations

from dataclasses import dataclass

from living.errors import NotAllowed, UserError
from living.model.facts import Recusal
from living.review.evidence import Evidence
from living.review.particulars import authors_among, declared
from living.review.recused import recused, standing_recusals
from living.service.accounts import names
from living.service.house import House
from living.service.policy import Person, Role
from living.service.saying import Said, known_name, said_in, say
from living.service.topics import evidence_of

FOR_OTHERS = frozenset({Role.EDITOR, Role.ADMINISTRATOR})


@dataclass(frozen=True)
class RecusalRow:
    """Somebody who keeps away from a study, who said so, and why."""

    study: str
    label: str
    person: str
    name: str
    reason: str
    by: str
    at: str


@dataclass(frozen=True)
class Conflicts:
    """What speaks of a conflict between a study and its readers.

    `declared`: sentences of the protocol. `reviewers`: authors of this review who wrote a report of it.
    `team`: names of people with an account who may have. `mine`: the viewer may have, and has not said so.
    """

    study: str
    declared: tuple[str, ...]
    reviewers: tuple[str, ...]
    team: tuple[str, ...]
    mine: bool
    away: tuple[RecusalRow, ...]

    def __bool__(self) -> bool:
        return bool(self.declared or self.reviewers or self.team or self.mine or self.away)


def recusals(house: House, topic: str) -> tuple[RecusalRow, ...]:
    """Return who keeps away from what, in the order they were said."""
    evidence, shown = evidence_of(house, topic), names(house)
    rows = []
    for (record, person), (line, fact) in standing_recusals(evidence.state).items():
        key = evidence.studies.key_of.get(record, record)
        label = evidence.label(key)
        rows.append(
            RecusalRow(key, label, person, shown.get(person, person), fact.reason, line.by, line.at[:10])
        )
    return tuple(rows)


def conflicts(house: House, topic: str, study: str, viewer: Person) -> Conflicts:
    """Return what the study page and the reading page must say before anybody reads the study."""
    evidence = evidence_of(house, topic)
    found = evidence.studies.study_of(study)
    if found is None:
        raise UserError(f"no study '{study}' here", fix="`living studies` lists them")
    away = tuple(row for row in recusals(house, topic) if row.study == found.key)
    gone = {row.person for row in away}
    others = [name for person, name in names(house).items() if person not in gone and person != viewer.id]
    mine = viewer.id not in gone and bool(authors_among(evidence, found.key, [viewer.name]))
    return Conflicts(
        found.key,
        declared(evidence, found.key),
        authors_among(evidence, found.key, evidence.protocol.topic.authors),
        authors_among(evidence, found.key, others),
        mine,
        away,
    )


def may_say_of(person: Person, topic: str, whom: str) -> None:
    """Raise NotAllowed unless the person speaks of themselves, or may speak of others."""
    if whom != person.id and not person.roles_in(topic) & FOR_OTHERS:
        fix = "Ask an editor or an administrator"
        raise NotAllowed("you may declare a conflict of your own only", where=topic, fix=fix)


def recuse(house: House, topic: str, study: str, person: str, reason: str, by: str) -> Said:
    """Let somebody keep away from a study from now on; facts of theirs about it are refused on every way."""
    known_name(person)

    def facts(evidence: Evidence) -> list[Recusal]:
        key = _key(evidence, study)
        if person in recused(evidence.state, evidence.studies).get(key, frozenset()):
            return []
        return [Recusal(study=key, person=person, reason=said_in(reason, "reason"))]

    return say(house, topic, by, facts)


def lift(house: House, topic: str, study: str, person: str, reason: str, by: str) -> Said:
    """Let somebody come back to a study. Nobody lifts what another person declared about them."""

    def facts(evidence: Evidence) -> list[Recusal]:
        key = _key(evidence, study)
        records = evidence.studies.by_key[key].records
        standing = [
            (record, line)
            for (record, who), (line, _) in standing_recusals(evidence.state).items()
            if who == person and record in records
        ]
        if not standing:
            raise UserError(f"'{person}' does not keep away from this study", where=key)
        if by == person and any(line.by != by for _, line in standing):
            fix = "Ask an editor to lift it"
            raise NotAllowed("somebody else declared this conflict of yours", where=key, fix=fix)
        why = said_in(reason, "reason")
        return [Recusal(study=record, person=person, reason=why, recused=False) for record, _ in standing]

    return say(house, topic, by, facts)


def _key(evidence: Evidence, study: str) -> str:
    found = evidence.studies.study_of(study)
    if found is None:
        raise UserError(f"no study '{study}' here", fix="`living studies` lists them")
    return found.key
