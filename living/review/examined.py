"""The checks of one filled cell within its topic: what they are told, and what needs an answer."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches

from living.errors import UserError
from living.model.facts import Characteristics, Extraction
from living.review.checks import KINDS, Finding, examine, unanswered
from living.review.documents import MOST_SHOWN, refuse
from living.review.evidence import Evidence


def look_at(
    extraction: Extraction,
    evidence: Evidence,
    by: str,
    what: Characteristics | None = None,
    beside: Sequence[Extraction] = (),
) -> tuple[Finding, ...]:
    """Return what the checks see in a cell that somebody fills, told nothing that others have read.

    `beside`: the form's other cells; what the person said earlier of other cells is added. `what`: the form's
    own characteristics of the study, where it has any.
    """
    study = evidence.studies.study_of(extraction.cell.study)
    key = study.key if study else extraction.cell.study
    known = {item.cell: item for item in (*said_by(evidence, key, by), *beside)}
    about = what or evidence.known_to(by, key)
    return examine(extraction, evidence.protocol, about, tuple(known.values()), enrolment(evidence, key))


def said_by(evidence: Evidence, study: str, by: str) -> tuple[Extraction, ...]:
    """Return a person's latest extraction of each cell of a study."""
    latest = {
        fact.cell: fact
        for line, fact in evidence.state.of_kind(Extraction)
        if line.by == by and evidence.studies.key_of.get(fact.cell.study) == study
    }
    return tuple(latest.values())


def settled(evidence: Evidence, study: str) -> tuple[Extraction, ...]:
    """Return the settled cells of a study, as an adjudicator has them beside the open ones."""
    return tuple(
        Extraction(cell=item.cell, numbers=item.numbers, quotes=item.quotes)
        for item in evidence.readings.of_study(study)
    )


def enrolment(evidence: Evidence, study: str) -> int | None:
    """Return how many people a study's registration enrolled; None where none says so."""
    found = evidence.studies.by_key.get(study)
    names = found.records if found else ()
    records = [evidence.state.records[name] for name in names if name in evidence.state.records]
    sizes = [item.registration.enrolment for item in records if item.registration is not None]
    return max((size for size in sizes if size), default=None)


def refuse_impossible(findings: Sequence[Finding], where: str) -> None:
    """Raise UserError, one line, for what cannot be; no reason answers that."""
    faults = [f"[{item.code}] {item.field}: {item.saw}" for item in findings if item.level == "impossible"]
    if faults:
        refuse(faults, where)


def refuse_unanswered(extraction: Extraction, findings: Sequence[Finding], where: str) -> None:
    """Raise UserError, one line, for a warning without a reason, or for a reason that answers no check."""
    unknown = next((code for code, _ in extraction.reasons if code not in KINDS), None)
    if unknown is not None:
        near = get_close_matches(unknown, KINDS, n=1)
        told = f"reasons: no check '{unknown}'" + (f"; did you mean '{near[0]}'?" if near else "")
        raise UserError(told, where=where, fix="A warning names its code in brackets")
    open_ones = unanswered(extraction, findings)
    if not open_ones:
        return
    told = "; also ".join(f"[{item.code}] {item.field}: {item.saw}" for item in open_ones[:MOST_SHOWN])
    more = f"; and {len(open_ones) - MOST_SHOWN} more" if len(open_ones) > MOST_SHOWN else ""
    code = open_ones[0].code
    fix = f'{open_ones[0].suggestion} If it stands, say why: reasons = [["{code}", "..."]]'
    raise UserError(f"{told}{more}", where=where, fix=fix)
