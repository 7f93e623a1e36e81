"""What people do: vote, extract, adjudicate, link, sign. Each is appended whole or not at all."""

from __future__ import annotations

from typing import Literal

from living.errors import UserError
from living.model.facts import (
    Fact,
    Link,
    ScreeningVote,
    Signature,
)
from living.review.evidence import Evidence
from living.review.form import blank_form, read_form, read_ruling
from living.review.judging_work import to_judge
from living.review.work import Task
from living.service.adjudicating import for_settling, refuse_reader
from living.service.house import House
from living.service.proposing import proposed
from living.service.refresh import snapshot_at
from living.service.saying import Said, said_in, say
from living.service.screening import refuse_tie_break
from living.service.signing import standing_rating
from living.service.topics import evidence_of


def queue(house: House, topic: str) -> tuple[Task, ...]:
    """Return what waits for people: numbers and studies first, then what is to be judged."""
    evidence = evidence_of(house, topic)
    return (*evidence.queue(proposed(house, topic).links), *to_judge(evidence))


def form_for(house: House, topic: str, study: str) -> str:
    """Return an empty commented form for a study."""
    return blank_form(evidence_of(house, topic), study)


def submit_form(house: House, topic: str, text: str, where: str, by: str) -> Said:
    """Check a filled form and append its facts."""

    def facts(evidence: Evidence) -> list[Fact]:
        form = read_form(text, where, evidence, house.now()[:10], by)
        return [*([form.characteristics] if form.characteristics else []), *form.extractions]

    return say(house, topic, by, facts)


def vote(
    house: House,
    topic: str,
    study: str,
    verdict: Literal["include", "exclude", "unsure"],
    by: str,
    criterion: str = "",
    reason: str = "",
    stage: Literal["title", "full_text"] = "full_text",
    change: bool = False,
) -> Said:
    """Record one person's screening vote on a study, from title and abstract or from the full report.

    Where screeners disagree, one of them cannot break the tie by the way: `change` says that it is meant.
    """

    def facts(evidence: Evidence) -> list[Fact]:
        _known_study(evidence, study)
        known = [item.id for item in evidence.protocol.eligibility]
        if verdict == "exclude" and criterion not in known:
            raise UserError(f"no criterion '{criterion}'", where=study, fix=f"Known: {', '.join(known)}")
        said = ScreeningVote(record=study, vote=verdict, criterion=criterion, reason=reason, stage=stage)
        if not change:
            refuse_tie_break(evidence, study, said, by)
        return [said]

    return say(house, topic, by, facts)


def adjudicate(house: House, topic: str, text: str, where: str, by: str) -> Said:
    """Check adjudications and append them; a third person gives them unless the protocol allows a reader."""

    def facts(evidence: Evidence) -> list[Fact]:
        found = read_ruling(text, where, evidence, house.now()[:10])
        about = [item.cell.study for item in found.adjudications]
        about += [item.study for item in found.descriptions]
        for study in about:
            refuse_reader(evidence, for_settling(evidence, study).study, by, where)
        return [*found.adjudications, *found.descriptions]

    return say(house, topic, by, facts)


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

    return say(house, topic, by, facts)


def sign(
    house: House, topic: str, version: str, conclusion: str, by: str, certainty: str | None = None
) -> Said:
    """Sign a published version's digest with a conclusion sentence; the version's bytes stay as they are.

    Raises UserError for a certainty other than the GRADE rating that stands for the version.
    """
    published = {item.version: item for item in house.store.published(topic)}
    if version not in published:
        known = ", ".join(published) or "none"
        raise UserError(f"no published version '{version}'", where=topic, fix=f"Known: {known}")
    state = house.store.state(topic)
    line = next(line for line, release in state.releases if release.version == version)
    rating = standing_rating(snapshot_at(house, state, line))
    if rating and certainty and certainty != rating:
        stands = f"the GRADE rating that stands is {rating.replace('_', ' ')}"
        raise UserError(stands, where="--certainty", fix="Sign what stands, or rate certainty first")
    signature = Signature.model_validate(
        {
            "digest": published[version].digest,
            "version": version,
            "conclusion": said_in(conclusion, "--conclusion"),
            "certainty": certainty,
        }
    )
    return say(house, topic, by, lambda _: [signature])


def _known_study(evidence: Evidence, key: str) -> None:
    if evidence.studies.study_of(key) is None:
        raise UserError(f"no study '{key}' here", fix="`living studies` lists them")
