"""The reading of a study at the workbench: begin, save, change, look over, hand in."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from living.errors import NotAllowed, UserError
from living.model.facts import Characteristics, Extraction, Fact
from living.review.checks import Finding, examine, unanswered
from living.review.entry import check_extraction
from living.review.evidence import Evidence
from living.review.examined import enrolment, look_at, said_by
from living.review.fields import WHAT, Fault, next_row, own_fields, placed, without
from living.review.filled import EMPTY_ARM, EMPTY_QUOTE, cells_fields, empty_cell, study_fields
from living.review.identity import Study
from living.review.recused import recused
from living.review.sheet import Sheet, Source, read_sheet
from living.review.suggested import filled_cell
from living.service import drafts
from living.service.drafts import Kept
from living.service.house import House
from living.service.saying import say
from living.service.sources_of_study import suggested_of
from living.service.topics import evidence_of
from living.store.drafts import Sheaf

FORM = "reading"
KEY = re.compile(r"[A-Za-z0-9_-]{16,64}")
ROW = re.compile(r"(?:arm\d{1,2}|c\d{1,2}|what\.q\d{1,2}|c\d{1,2}\.q\d{1,2})")


@dataclass(frozen=True)
class Looked:
    """A form as it was read and examined: what is wrong, and what the checks saw, both by field."""

    sheet: Sheet
    faults: tuple[Fault, ...]
    findings: Mapping[str, tuple[Finding, ...]] = field(default_factory=dict)  # by the field's full name


@dataclass(frozen=True)
class HandedIn:
    """What came of pressing "hand in": said (`told`), or faults to mend, or another state beside this one."""

    told: str = ""
    looked: Looked | None = None
    kept: Kept | None = None


def study_for(house: House, topic: str, by: str, key: str) -> tuple[Evidence, Study]:
    """Return the study of an address. Raises UserError for none, NotAllowed for who keeps away from it."""
    evidence = evidence_of(house, topic)
    study = evidence.studies.study_of(key)
    if study is None:
        raise UserError(f"no study '{key}' here", where=topic, fix="The list of studies has them all")
    if by in recused(evidence.state, evidence.studies).get(study.key, frozenset()):
        raise NotAllowed("you keep away from this study, so you do not read it", where=study.key)
    return evidence, study


def sheaf_for(house: House, topic: str, study: Study, by: str) -> Sheaf:
    names = (study.key, *(name for name in study.records if name != study.key))
    return drafts.sheaf_of(house, topic, FORM, names, by)


def opened(house: House, topic: str, by: str, key: str, revision: int | None = None) -> Kept:
    """Return the form as its author left it, or a fresh one; a fresh one is not yet kept."""
    evidence, study = study_for(house, topic, by, key)
    sheaf = sheaf_for(house, topic, study, by)
    kept = drafts.found(house, sheaf, revision)
    if kept is not None and kept.state != "dropped":
        return kept
    fresh = study_fields(_known(evidence, study.key, by), study.key)
    fresh |= placed(empty_cell(study.key), "c0")
    return Kept(drafts.last_handed_in(house, sheaf), "", "fresh", fresh)


def begin_again(house: House, topic: str, by: str, key: str) -> Kept:
    """Keep a draft made of what this person has handed in of the study, to be corrected."""
    evidence, study = study_for(house, topic, by, key)
    sheaf = sheaf_for(house, topic, study, by)
    waiting = drafts.found(house, sheaf)
    if waiting is not None:
        return waiting
    fields = study_fields(_known(evidence, study.key, by), study.key)
    fields |= cells_fields(said_by(evidence, study.key, by))
    return drafts.keep(house, sheaf, fields, drafts.last_handed_in(house, sheaf))


def save(house: House, topic: str, by: str, key: str, posted: Mapping[str, str], base: int) -> Kept:
    """Keep a form as it stands, whatever is wrong with it."""
    _, study = study_for(house, topic, by, key)
    return drafts.keep(house, sheaf_for(house, topic, study, by), own_fields(posted), base)


def change(
    house: House, topic: str, by: str, key: str, posted: Mapping[str, str], base: int, do: str
) -> Kept:
    """Keep a form with one part more or fewer: an arm, a cell, a quote, or a suggestion taken over.

    Raises UserError for a change that the form does not know.
    """
    evidence, study = study_for(house, topic, by, key)
    fields = own_fields(posted)
    act, _, what = do.partition(":")
    if act == "arm":
        fields |= placed(EMPTY_ARM, next_row(fields, "arm"))
    elif act == "cell":
        fields |= placed(empty_cell(study.key), next_row(fields, "c"))
    elif act == "quote" and (what == WHAT or re.fullmatch(r"c\d{1,2}", what)):
        fields |= placed({**EMPTY_QUOTE, "report": study.key}, next_row(fields, f"{what}.q"))
    elif act == "drop" and ROW.fullmatch(what):
        fields = without(fields, what)
    elif act in ("use", "turn"):
        fields |= _taken_over(house, evidence, study, fields, what, turned=act == "turn")
    elif act not in ("next", "save", "check"):
        raise UserError(f"the form has no '{do[:40]}'", where=study.key)
    return drafts.keep(house, sheaf_for(house, topic, study, by), fields, base)


def look(house: House, topic: str, by: str, key: str, fields: Mapping[str, str]) -> Looked:
    """Read a form and examine its cells; nothing is stored."""
    evidence, study = study_for(house, topic, by, key)
    return _look(evidence, study, by, own_fields(fields), house.now()[:10])


def hand_in(
    house: House, topic: str, by: str, key: str, posted: Mapping[str, str], base: int, press: str
) -> HandedIn:
    """Say all of a form in one transaction, once, however often it is pressed.

    1. What was pressed before under this key shows its first result.
    2. The form is kept as a draft, so that nothing that follows can lose it.
    3. Where another state stands beside it, the person chooses first.
    4. It is read and examined on the head it is appended to; any fault refuses it whole.
    """
    if not KEY.fullmatch(press):
        raise UserError("the form came without its key", where=key, fix="Open it again; the draft is kept")
    before = house.store.handed(press)
    if before is not None and before.by == by:
        return HandedIn(told=before.told)
    _, study = study_for(house, topic, by, key)
    fields, sheaf = own_fields(posted), sheaf_for(house, topic, study, by)
    kept = drafts.keep(house, sheaf, fields, base)
    if kept.beside:
        return HandedIn(kept=kept)
    looked = look(house, topic, by, study.key, fields)
    if looked.faults:
        return HandedIn(looked=looked, kept=kept)
    said = say(house, topic, by, lambda evidence: _facts(evidence, study, by, fields, house.now()[:10]))
    told = _told(looked, said.facts)
    drafts.hand_in_draft(house, sheaf, kept.revision, fields)
    return HandedIn(told=house.store.hand(press, by, house.now(), told).told)


def compared(house: House, topic: str, by: str, key: str, revision: int | None = None) -> tuple[Kept, Kept]:
    """Return a state of the form and the first that stands beside it. Raises UserError when none does."""
    _, study = study_for(house, topic, by, key)
    sheaf = sheaf_for(house, topic, study, by)
    mine = drafts.found(house, sheaf, revision)
    other = drafts.found(house, sheaf, mine.beside[0]) if mine and mine.beside else None
    if mine is None or other is None:
        raise UserError("nothing stands beside this draft", where=key, fix="Open the form")
    return mine, other


def choose(house: House, topic: str, by: str, key: str, revision: int, other: Sequence[str]) -> Kept:
    """Go on with a state, taking the named fields from the one beside it."""
    _, study = study_for(house, topic, by, key)
    mine, beside = compared(house, topic, by, key, revision)
    fields = dict(mine.fields)
    for name in other:
        fields.pop(name, None)
        if name in beside.fields:
            fields[name] = beside.fields[name]
    return drafts.settle(house, sheaf_for(house, topic, study, by), mine, own_fields(fields))


def fresh_key() -> str:
    """Return the key of one showing of a form; what is handed in under it is said once."""
    return secrets.token_urlsafe(18)


def _facts(evidence: Evidence, study: Study, by: str, fields: Mapping[str, str], today: str) -> list[Fact]:
    looked = _look(evidence, study, by, fields, today)
    if looked.faults:
        raise UserError("the study changed meanwhile", where=study.key, fix=looked.faults[0].what)
    sheet = looked.sheet
    for item in sheet.extractions:
        check_extraction(item, evidence.protocol, sheet.characteristics, sheet.extractions)
    return [*([sheet.characteristics] if sheet.characteristics else []), *sheet.extractions]


def _look(evidence: Evidence, study: Study, by: str, fields: Mapping[str, str], today: str) -> Looked:
    sheet = read_sheet(fields, Source(study.key, study.records, evidence.protocol, today))
    faults, findings = list(sheet.faults), dict[str, tuple[Finding, ...]]()
    for cell in sheet.cells:
        if cell.extraction is None:
            continue
        seen = _examined(evidence, study, by, cell.extraction, sheet)
        open_ones = unanswered(cell.extraction, seen)
        for finding in seen:
            name = f"{cell.row}.{finding.field.removeprefix('numbers.').removeprefix('cell.')}"
            name = name if name in fields else f"{cell.row}.datum"
            findings[name] = (*findings.get(name, ()), finding)
            if finding.level == "impossible":
                told = f"{finding.saw[:1].upper()}{finding.saw[1:]}. {finding.suggestion}"
                faults.append(Fault(name, told.strip()))
            elif finding in open_ones:
                words = f"{finding.title}: correct it, or say why it stands"
                faults.append(Fault(f"{cell.row}.reason.{finding.code}", words))
    return Looked(_asked_reasons(sheet, findings), tuple(dict.fromkeys(faults)), findings)


def _examined(
    evidence: Evidence, study: Study, by: str, extraction: Extraction, sheet: Sheet
) -> tuple[Finding, ...]:
    """Examine a cell by this form's own words: what others said the study is would tell of their reading."""
    if sheet.characteristics is not None:
        return look_at(extraction, evidence, by, sheet.characteristics, sheet.extractions)
    people = enrolment(evidence, study.key)
    return examine(extraction, evidence.protocol, None, sheet.extractions, people)


def _asked_reasons(sheet: Sheet, findings: Mapping[str, tuple[Finding, ...]]) -> Sheet:
    """Reasons for what no check asks about any more stay in the draft and are not said."""
    asked = {(name.split(".")[0], item.code) for name, found in findings.items() for item in found}
    cells = []
    for cell in sheet.cells:
        said = cell.extraction
        if said is not None:
            reasons = tuple(pair for pair in said.reasons if (cell.row, pair[0]) in asked)
            cell = replace(cell, extraction=said.model_copy(update={"reasons": reasons}))
        cells.append(cell)
    return replace(sheet, cells=tuple(cells))


def _known(evidence: Evidence, study: str, by: str) -> Characteristics | None:
    """What this person has said the study is, or an import; never what another reader said."""
    found: Characteristics | None = None
    for line, fact in evidence.state.of_kind(Characteristics):
        mine, imported = line.by == by, fact.imported is not None
        if evidence.studies.key_of.get(fact.study) == study and (mine or imported):
            found = fact if mine or found is None or found.imported is not None else found
    return found


def _taken_over(
    house: House, evidence: Evidence, study: Study, fields: Mapping[str, str], name: str, *, turned: bool
) -> dict[str, str]:
    record, _, which = name.rpartition("|")
    design = fields.get(f"{WHAT}.design", "")
    offered = {item.id: item for item in suggested_of(house, evidence, study, record, design)}
    if which not in offered or not offered[which].datum:
        raise UserError("the register no longer suggests this", where=study.key, fix="Open the form again")
    source = Source(study.key, study.records, evidence.protocol, house.now()[:10])
    what = read_sheet({name: text for name, text in fields.items() if not name.startswith("c")}, source)
    arms = what.characteristics.arms if what.characteristics else ()
    return filled_cell(offered[which], next_row(fields, "c"), record, arms, turned)


def _told(looked: Looked, facts: int) -> str:
    cells = len(looked.sheet.extractions)
    counted = f"{cells} {'cell' if cells == 1 else 'cells'}"
    return f"Handed in: {counted}" if facts else f"Nothing new: you had said all of this before ({counted})"
