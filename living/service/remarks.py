"""Remarks beside a study or a cell: who may read which, answers, and whom a remark names.

A remark on a cell is shown to those who may see every reading of that cell. One on a study is shown to all,
unless it is by somebody who has read the study, or begun to, and whose reading the viewer may not see yet.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass

from pydantic import ValidationError

from living.errors import NotAllowed, UserError
from living.model.facts import Cell, Extraction
from living.model.values import canonical
from living.review.blinding import Sight, sight
from living.review.evidence import Evidence
from living.service.accounts import names, person_of
from living.service.claims import known_study
from living.service.drafts import open_drafts
from living.service.house import House
from living.service.kept_forms import READING
from living.service.policy import EVERY_TOPIC, Act, Person, allow
from living.service.saying import said_in
from living.service.topics import evidence_of
from living.store import NewRemark, Remark

LONGEST = 4000  # characters: a page; longer things are a report
ERASED = "erased by an administrator"


@dataclass(frozen=True)
class RemarkView:
    """A remark as one person may read it.

    `cell` in words, `beside` the same as it is kept; `named`: whether it names that person.
    """

    id: int
    topic: str
    study: str
    label: str
    cell: str
    who: str
    by: str
    at: str
    text: str
    erased: bool
    done: bool
    answers: tuple[RemarkView, ...] = ()
    named: bool = False
    to: int | None = None
    beside: str = ""


@dataclass(frozen=True)
class Remarks:
    """Those on one study, and how many are held back from the viewer until the study is open."""

    shown: tuple[RemarkView, ...]
    held_back: int
    blind: bool


def remark(
    house: House, topic: str, study: str, text: str, by: str, cell: str = "", answers: int | None = None
) -> int:
    """Write a remark on a study, on one of its cells, or in answer to another. Returns its number."""
    evidence, key = evidence_of(house, topic), known_study(house, topic, study)
    said = said_in(text, "text").strip()
    if len(said) > LONGEST:
        raise UserError(
            f"{len(said)} characters", where="text", fix=f"At most {LONGEST:,}; write two remarks"
        )
    if answers is not None:
        first = house.store.remark_of(topic, answers)
        elsewhere = first is None or evidence.studies.key_of.get(first.study) != key
        if first is None or elsewhere or not _Eyes.of(house, topic, by).sees(first):
            raise UserError("there is no such remark here", where="answers", fix="Look at the study again")
        cell, answers = first.cell, first.answers or first.id
    new = NewRemark(study=key, cell=_cell(cell, evidence, key), by=by, text=said, answers=answers)
    return house.store.remark(topic, house.now(), new)


def remarks_on(house: House, topic: str, study: str, viewer: str) -> Remarks:
    """Return the remarks on a study that a person may read, each with its answers, oldest first."""
    eyes = _Eyes.of(house, topic, viewer)
    key = known_study(house, topic, study)
    records = frozenset(eyes.evidence.studies.by_key[key].records)
    found = house.store.remarks(topic, records)
    shown = [item for item in found if eyes.sees(item)]
    return Remarks(_threads(eyes, shown), len(found) - len(shown), not eyes.sight.open_to_all(key))


def remarks_to(house: House, topic: str, viewer: str) -> tuple[RemarkView, ...]:
    """Return what is addressed to a person and not dealt with: names them, or answers them. Newest first."""
    eyes = _Eyes.of(house, topic, viewer)
    found = house.store.remarks(topic)
    mine = {item.id for item in found if item.by == viewer}
    others = (item for item in found if item.by != viewer and not item.done and item.text)
    to_me = (item for item in others if (item.answers in mine or eyes.names_viewer(item)) and eyes.sees(item))
    return tuple(eyes.view(item) for item in reversed(list(to_me)))


def settle(house: House, topic: str, number: int, by: str, done: bool = True) -> str:
    """Mark a remark as dealt with, or open it again. Returns its study."""
    found = _seen(house, topic, number, by)
    house.store.remark_done(topic, found.id, done)
    return found.study


def erase(house: House, topic: str, number: int, by: str) -> str:
    """Overwrite what a remark said; an administrator does. Returns its study."""
    person = person_of(house, by)
    if person is None:
        raise NotAllowed("only an administrator erases remarks", where=topic)
    allow(person, Act.MANAGE, EVERY_TOPIC)
    found = house.store.remark_of(topic, number)
    if found is None:
        raise UserError("there is no such remark here", where=topic)
    house.store.erase_remark(topic, number, by, house.now())
    return found.study


def _seen(house: House, topic: str, number: int, by: str) -> Remark:
    found = house.store.remark_of(topic, number)
    if found is None or not _Eyes.of(house, topic, by).sees(found):
        raise UserError("there is no such remark here", where=topic, fix="Look at the study again")
    return found


@dataclass(frozen=True)
class _Eyes:
    """One viewer's sight of the remarks of a topic."""

    house: House
    topic: str
    viewer: str
    person: Person | None
    login: str
    evidence: Evidence
    sight: Sight
    called: dict[str, str]

    @classmethod
    def of(cls, house: House, topic: str, viewer: str) -> _Eyes:
        evidence = evidence_of(house, topic)
        account = house.store.account(viewer)
        may_see = sight(evidence.state, evidence.studies, evidence.protocol)
        login = (account.login or "") if account else ""
        return cls(house, topic, viewer, person_of(house, viewer), login, evidence, may_see, names(house))

    def sees(self, item: Remark) -> bool:
        if item.by == self.viewer:
            return True
        key = self.evidence.studies.key_of.get(item.study, item.study)
        return self._sees_cell(item.cell, key) if item.cell else self._sees_study(item.by, key)

    def _sees_cell(self, cell: str, key: str) -> bool:
        if not self.sight.open_to_all(key):
            return False
        wanted = Cell.model_validate_json(cell).model_copy(update={"study": key})
        return all(
            self.sight.extraction(line, self.viewer)
            for line, fact in self.evidence.state.of_kind(Extraction)
            if self.sight.home(fact.cell.study) == key
            and fact.cell.model_copy(update={"study": key}) == wanted
        )

    def _sees_study(self, by: str, key: str) -> bool:
        read = [
            self.sight.extraction(line, self.viewer)
            for line, fact in self.evidence.state.of_kind(Extraction)
            if line.by == by and fact.imported is None and self.sight.home(fact.cell.study) == key
        ]
        if not all(read):
            return False
        return self.sight.open_to_all(key) or not self._reads_now(by, key)

    def _reads_now(self, by: str, key: str) -> bool:
        """Whether the author has a form of this study open: words about it may hold what was read."""
        home = self.evidence.studies.key_of
        mine = open_drafts(self.house, by, self.topic)
        return any(item.form == READING and home.get(item.subject) == key for item in mine)

    def names_viewer(self, item: Remark) -> bool:
        text = item.text.casefold()
        words = {self.login, self.viewer, self.person.name if self.person else ""} - {""}
        return any(f"@{word.casefold()}" in text for word in words)

    def view(self, item: Remark, answers: tuple[RemarkView, ...] = ()) -> RemarkView:
        key = self.evidence.studies.key_of.get(item.study, item.study)
        return RemarkView(
            item.id,
            self.topic,
            key,
            self.evidence.label(key) if key in self.evidence.studies.by_key else key,
            cell_words(item.cell),
            self.called.get(item.by, item.by),
            item.by,
            item.at,
            item.text,
            not item.text,
            item.done,
            answers,
            self.names_viewer(item),
            item.answers,
            item.cell,
        )


def _threads(eyes: _Eyes, shown: Iterable[Remark]) -> tuple[RemarkView, ...]:
    found = list(shown)
    answers: dict[int, tuple[RemarkView, ...]] = {}
    for item in found:
        if item.answers is not None:
            answers[item.answers] = (*answers.get(item.answers, ()), eyes.view(item))
    return tuple(eyes.view(item, answers.get(item.id, ())) for item in found if item.answers is None)


def cell_words(cell: str) -> str:
    """Return what a cell's canonical JSON is about, in words; nothing for the study as a whole."""
    if not cell:
        return ""
    said = Cell.model_validate_json(cell)
    arms = f"{said.experimental} v {said.control}"
    return ", ".join(
        part for part in (said.outcome, arms, said.scale, f"{said.weeks:g} weeks", said.estimand) if part
    )


def _cell(text: str, evidence: Evidence, key: str) -> str:
    if not text:
        return ""
    try:
        cell = Cell.model_validate(json.loads(text))
    except (ValidationError, ValueError) as fault:
        raise UserError("this names no cell", where="cell", fix="Write the remark beside the cell") from fault
    if evidence.studies.key_of.get(cell.study) != key:
        raise UserError("the cell is of another study", where="cell", fix="Write it beside the cell")
    return canonical(cell.model_copy(update={"study": key}))
