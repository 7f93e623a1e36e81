"""What people do: vote, extract, adjudicate, link, sign. Each is appended whole or not at all."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from living.errors import UserError
from living.model.facts import (
    IMPORT,
    MACHINE,
    Adjudication,
    Characteristics,
    Extraction,
    Fact,
    Link,
    ScreeningVote,
    Signature,
)
from living.model.values import canonical
from living.review.evidence import Evidence
from living.review.form import blank_form, read_form, read_ruling
from living.review.work import Task
from living.service.house import House
from living.service.topics import evidence_of, while_others_write

WHO = re.compile(r"[a-z0-9][a-z0-9._-]{0,39}")


@dataclass(frozen=True)
class Said:
    """What was appended: the number of facts, 0 when all had been said before."""

    facts: int
    last_seq: int


def queue(house: House, topic: str) -> tuple[Task, ...]:
    """Return what waits for people."""
    return evidence_of(house, topic).queue()


def form_for(house: House, topic: str, study: str) -> str:
    """Return an empty commented form for a study."""
    return blank_form(evidence_of(house, topic), study)


def submit_form(house: House, topic: str, text: str, where: str, by: str) -> Said:
    """Check a filled form and append its facts."""

    def facts(evidence: Evidence) -> list[Fact]:
        form = read_form(text, where, evidence, house.now()[:10])
        return [*([form.characteristics] if form.characteristics else []), *form.extractions]

    return _say(house, topic, by, facts)


def vote(
    house: House,
    topic: str,
    study: str,
    verdict: Literal["include", "exclude", "unsure"],
    by: str,
    criterion: str = "",
    reason: str = "",
    stage: Literal["title", "full_text"] = "full_text",
) -> Said:
    """Record one person's screening vote on a study, from title and abstract or from the full report."""

    def facts(evidence: Evidence) -> list[Fact]:
        _known_study(evidence, study)
        known = [item.id for item in evidence.protocol.eligibility]
        if verdict == "exclude" and criterion not in known:
            raise UserError(f"no criterion '{criterion}'", where=study, fix=f"Known: {', '.join(known)}")
        said = ScreeningVote(record=study, vote=verdict, criterion=criterion, reason=reason, stage=stage)
        return [said]

    return _say(house, topic, by, facts)


def adjudicate(house: House, topic: str, text: str, where: str, by: str) -> Said:
    """Check adjudications and append them; a third person gives them unless the protocol allows a reader."""

    def facts(evidence: Evidence) -> list[Fact]:
        rulings = read_ruling(text, where, evidence).adjudications
        if evidence.protocol.people.adjudicator == "third_person":
            for ruling in rulings:
                _refuse_reader(evidence, ruling, by, where)
        return list(rulings)

    return _say(house, topic, by, facts)


def rule_link(
    house: House,
    topic: str,
    a: str,
    b: str,
    relation: Literal["same_report", "same_study", "different"],
    why: str,
    by: str,
) -> Said:
    """Record a person's ruling on whether two records are one study."""

    def facts(evidence: Evidence) -> list[Fact]:
        _known_study(evidence, a)
        _known_study(evidence, b)
        if a == b:
            raise UserError(f"both ends are {a}; a link joins two records", where=topic)
        return [Link(a=a, b=b, relation=relation, method="person", evidence=said_in(why, "--why"))]

    return _say(house, topic, by, facts)


def sign(
    house: House, topic: str, version: str, conclusion: str, by: str, certainty: str | None = None
) -> Said:
    """Sign a published version's digest with a conclusion sentence; the version's bytes stay as they are."""
    published = {item.version: item for item in house.store.published(topic)}
    if version not in published:
        known = ", ".join(published) or "none"
        raise UserError(f"no published version '{version}'", where=topic, fix=f"Known: {known}")
    signature = Signature.model_validate(
        {
            "digest": published[version].digest,
            "version": version,
            "conclusion": said_in(conclusion, "--conclusion"),
            "certainty": certainty,
        }
    )
    return _say(house, topic, by, lambda _: [signature])


def _say(house: House, topic: str, by: str, facts: Callable[[Evidence], Sequence[Fact]]) -> Said:
    known_name(by)

    def say() -> Said:
        evidence = evidence_of(house, topic)
        mine = {canonical(fact) for fact in _standing(evidence, by)}
        new = [fact for fact in facts(evidence) if canonical(fact) not in mine]
        if not new:
            return Said(0, evidence.state.seq)
        entries = [(by, fact) for fact in new]
        done = house.store.append(topic, house.now(), entries, after=evidence.state.seq)
        return Said(len(new), done.last)

    return while_others_write(topic, say)


def _standing(evidence: Evidence, by: str) -> list[Fact]:
    """This person's latest fact on each thing, so that saying a thing twice adds nothing."""
    latest: dict[tuple[str, str], Fact] = {}
    for line in evidence.state.lines:
        if line.by == by:
            latest[(line.fact.kind, _about(line.fact))] = line.fact
    return list(latest.values())


def _about(fact: Fact) -> str:
    match fact:
        case Extraction() | Adjudication():
            return canonical(fact.cell)
        case ScreeningVote(record=record):
            return record
        case Link():
            return " ".join(fact.pair)
        case Characteristics(study=study):
            return study
        case Signature(digest=signed):
            return signed
        case _:
            return canonical(fact)


def known_name(by: str) -> None:
    """Refuse what cannot be a person's id."""
    if by in (MACHINE, IMPORT) or not WHO.fullmatch(by):
        fix = "Use small letters, digits, dot, dash or underscore"
        raise UserError(f"'{by}' cannot be a person's id", where="--as", fix=fix)


def said_in(text: str, where: str) -> str:
    """Return what somebody wrote. Raises UserError when it says nothing."""
    if not text.strip():
        raise UserError("says nothing", where=where, fix="A sentence is needed")
    return text


def _known_study(evidence: Evidence, key: str) -> None:
    if evidence.studies.study_of(key) is None:
        raise UserError(f"no study '{key}' here", fix="`living studies` lists them")


def _refuse_reader(evidence: Evidence, ruling: Adjudication, by: str, where: str) -> None:
    study = evidence.studies.study_of(ruling.cell.study)
    cell = ruling.cell.model_copy(update={"study": study.key}) if study else ruling.cell
    readers = {line.by for item in evidence.readings.open if item.cell == cell for line, _ in item.lines}
    if by in readers:
        raise UserError(f"'{by}' read this cell; the protocol asks a third person", where=where)
