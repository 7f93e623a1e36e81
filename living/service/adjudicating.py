"""Settling what two readers read differently: pick a side or enter what the report says, with a reason."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from living.errors import NotAllowed, UserError
from living.model.facts import Adjudication, Characteristics, Fact, Quote
from living.model.numbers import Numbers
from living.model.values import canonical
from living.review.checks import unanswered
from living.review.evidence import Evidence
from living.review.examined import look_at, settled
from living.review.form import check_entry
from living.review.names import cell_id
from living.review.settling import Item, Settling, as_extraction, settling
from living.service.house import House
from living.service.saying import Said, said_in, say
from living.service.topics import evidence_of
from living.store import NewRemark

DESCRIPTION = "description"


@dataclass(frozen=True)
class Choice:
    """What the adjudicator says of one cell, or of the study's description.

    `cell` is the cell's id. `stamp`: what they had before them. `side`: whose reading it is; with `numbers`
    their own instead. `why` the numbers stand, where a check asks about them.
    """

    cell: str
    stamp: str
    side: str
    reason: str
    numbers: Numbers | None = None
    quotes: tuple[Quote, ...] = ()
    why: str = ""


class Moved(UserError):
    """Somebody read the cell again, or settled it, since the adjudicator looked."""


def settle(house: House, topic: str, study: str, choices: Sequence[Choice], by: str) -> Said:
    """Settle the cells chosen, all or none; the others wait on, and every reading stays as it was.

    Doing it twice says it once. Raises Moved when what was chosen from is no longer what stands.
    """
    if not choices:
        raise UserError("nothing was chosen", where=study, fix="Choose a side, or enter what the report says")

    def facts(evidence: Evidence) -> list[Fact]:
        found = for_settling(evidence, study)
        refuse_reader(evidence, found.study, by, study)
        rulings = [_ruling(evidence, found, choice, by) for choice in choices]
        drafts = tuple(as_extraction(item) for item in rulings if isinstance(item, Adjudication))
        for draft in drafts:
            with beside(cell_id(draft.cell)):
                check_entry(draft, evidence, "", None, (*settled(evidence, found.study), *drafts))
        return list(rulings)

    return say(house, topic, by, facts)


@contextmanager
def beside(cell: str) -> Iterator[None]:
    """Let what is wrong with a cell name it as the page does."""
    try:
        yield
    except UserError as fault:
        raise UserError(fault.what, where=cell, fix=fault.fix.partition(" If it stands")[0]) from fault


def send_back(house: House, topic: str, study: str, cell: str, words: str, by: str) -> int:
    """Ask the readers to look again, in a remark beside the cell; returns the remark's number."""
    evidence = evidence_of(house, topic)
    found = for_settling(evidence, study)
    text = said_in(words, f"{cell}: what to look at again")
    about = "" if cell == DESCRIPTION else canonical(_item(found, cell).cell)
    return house.store.remark(topic, house.now(), NewRemark(study=found.study, cell=about, by=by, text=text))


def numbers_like(given: Numbers, values: Mapping[str, object], where: str) -> Numbers:
    """Return numbers of the same shape with other values, by path. Raises UserError for what cannot be."""
    nested: dict[str, Any] = {}
    for path, value in values.items():
        *places, name = path.split(".")
        at = nested
        for place in places:
            at = at.setdefault(place, {})
        at[name] = value
    try:
        return type(given).model_validate(nested)
    except ValidationError as fault:
        first = fault.errors()[0]
        told = ".".join(str(part) for part in first["loc"])
        raise UserError(f"{told}: {first['msg']}", where=where, fix="See what the report prints") from fault


def for_settling(evidence: Evidence, study: str) -> Settling:
    """Return a study's readings side by side. Raises NotAllowed before its readers have handed in."""
    if evidence.studies.study_of(study) is None:
        raise UserError(f"no study '{study}' here", fix="`living studies` lists them")
    if not evidence.sight.open_to_all(study):
        fix = "They show to everybody once enough people have handed in the study"
        raise NotAllowed("its readings are still blind", where=study, fix=fix)
    return settling(evidence, study)


def refuse_reader(evidence: Evidence, study: str, by: str, where: str) -> None:
    """Raise NotAllowed for a reader of the study where the protocol asks a third person."""
    why = why_not(evidence, study, by)
    if why:
        raise NotAllowed(why, where=where, fix="Somebody who has not read this study settles it")


def why_not(evidence: Evidence, study: str, by: str) -> str:
    """Return why somebody cannot settle a study; empty when they can."""
    readers = evidence.sight.handed_in.get(evidence.sight.home(study), frozenset())
    if by in readers and evidence.protocol.people.adjudicator == "third_person":
        return f"'{by}' read this study; the protocol asks a third person"
    return ""


def _ruling(evidence: Evidence, found: Settling, choice: Choice, by: str) -> Adjudication | Characteristics:
    reason = said_in(choice.reason, f"{choice.cell}: the reason")
    if choice.cell == DESCRIPTION:
        return _description(found, choice, reason, by)
    item = _item(found, choice.cell)
    side = next((said for line, said in item.sides if line.by == choice.side), None)
    numbers = choice.numbers or (side.numbers if side else None)
    quotes = choice.quotes or (side.quotes if side else ())
    if numbers is None or not quotes:
        raise UserError("nobody of that name read this cell", where=choice.cell, fix="Choose a side again")
    ruling = Adjudication(
        cell=item.cell,
        numbers=numbers,
        quotes=quotes,
        reason=reason,
        reasons=side.reasons if side and choice.numbers is None else (),
    )
    ruling = _answered(evidence, ruling, choice.why.strip())
    said_already = item.ruling and item.ruling[0].by == by and canonical(item.ruling[1]) == canonical(ruling)
    if choice.stamp != item.stamp and not said_already:
        fix = "The page shows it as it stands; what you typed is kept"
        raise Moved("somebody read or settled it since you looked", where=choice.cell, fix=fix)
    return ruling


def _answered(evidence: Evidence, ruling: Adjudication, why: str) -> Adjudication:
    """Give the adjudicator's one sentence as the answer to every check that asks and has none."""
    if not why:
        return ruling
    draft = as_extraction(ruling)
    seen = look_at(draft, evidence, "", None, settled(evidence, ruling.cell.study))
    added = tuple((code, why) for code in dict.fromkeys(item.code for item in unanswered(draft, seen)))
    return ruling.model_copy(update={"reasons": (*ruling.reasons, *added)})


def _description(found: Settling, choice: Choice, reason: str, by: str) -> Characteristics:
    said = found.description
    side = next((what for line, what in (said.readers if said else ()) if line.by == choice.side), None)
    if said is None or side is None:
        raise UserError("nobody of that name described the study", where=DESCRIPTION, fix="Choose again")
    ruling = side.model_copy(update={"settles": reason})
    mine = said.settled and said.settled.by == by and canonical(said.what) == canonical(ruling)
    if choice.stamp != said.stamp and not mine:
        fix = "The page shows it as it stands; what you typed is kept"
        raise Moved("somebody described it again since you looked", where=DESCRIPTION, fix=fix)
    return ruling


def _item(found: Settling, cell: str) -> Item:
    item = next((item for item in found.items if item.id == cell and item.standing != "blind"), None)
    if item is None:
        known = ", ".join(item.id for item in found.items if item.waits) or "none"
        raise UserError(f"no cell '{cell}' to settle here", where=found.study, fix=f"Waiting: {known}")
    return item
