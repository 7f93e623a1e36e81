"""Before a version is published or signed: what would be said, why, against what, and what is still open."""

from __future__ import annotations

from dataclasses import dataclass, replace

from living import __version__
from living.errors import UserError
from living.model.decision import Decision
from living.model.facts import Signature
from living.model.snapshot import SCHEMA, CellOut, EngineOut, ReleaseOut, Snapshot, StudyOut
from living.model.state import ReviewState
from living.publish.bundle import render_version
from living.publish.difference import DifferencePage, difference_page
from living.publish.figures import FOLDER as FIGURES
from living.publish.view import PageView, view
from living.review.answer import rating_of
from living.review.decide import next_number
from living.review.difference import difference
from living.review.evidence import Evidence
from living.review.particulars import declared
from living.review.recused import recused
from living.review.snapshot import snapshot_digest, snapshot_of
from living.service.accounts import names
from living.service.house import House
from living.service.notices import notices
from living.service.publish import present, publish_bound
from living.service.refresh import Foreseen, Refreshed, foresee, refresh
from living.service.saying import Said, said_in, say
from living.service.topics import evidence_of


@dataclass(frozen=True)
class Settled:
    """One number that the proposal uses, and who settled it; nobody has, while it is unverified."""

    study: str
    label: str
    what: str
    said: str
    standing: str
    people: tuple[str, ...]


@dataclass(frozen=True)
class Warned:
    """Something that an editor must know before signing, and the study it is about, if it is about one."""

    text: str
    study: str = ""


@dataclass(frozen=True)
class Proposal:
    """What would be before readers if an editor published now.

    `fresh`: the evidence is not that of the newest version. `publishes`: the rule makes a version of it; else
    it stays a bulletin. `whole` is False where data and methods changed both, and more versions follow this
    one. `digest` is what a signature is put on. `rating` is the GRADE rating that stands for the primary
    analysis; empty where there is none. `suggested`: the generated sentence. `signed` names who signed what
    is shown; `moved` is the difference from the newest version, None for the first and where nothing differs.
    """

    version: str
    newest: str
    newest_signed: bool
    fresh: bool
    publishes: bool
    whole: bool
    digest: str
    decision: Decision
    headline: str
    suggested: str
    rating: str
    analysis: str
    signed: bool
    settled: tuple[Settled, ...]
    unverified: int
    warnings: tuple[Warned, ...]
    moved: DifferencePage | None


def proposal(house: House, topic: str) -> Proposal:
    """Return what a refresh would come to now; nothing is stored."""
    seen, decision = _seen(house, topic)
    shown = _numbered(house, seen, decision)
    main = next(item for item in shown.comparisons[0].analyses if item.id == shown.answer.analysis)
    settled = _settled(house, shown)
    release = shown.release
    assert release is not None
    return Proposal(
        version=release.version,
        newest=seen.old.release.version if seen.old and seen.old.release else "",
        newest_signed=bool(seen.old and seen.old.answer.headline_signed),
        fresh=not seen.same,
        publishes=decision.level != "bulletin",
        whole=seen.whole,
        digest=release.digest,
        decision=decision,
        headline=shown.answer.headline,
        suggested=_generated(house, topic, shown),
        rating=rating_of(main),
        analysis=main.label,
        signed=shown.answer.headline_signed or _is_signed(seen, release.digest),
        settled=settled,
        unverified=sum(item.standing == "unverified" for item in settled),
        warnings=tuple(_warnings(house, evidence_of(house, topic), shown)),
        moved=difference_page(difference(seen.old, shown)) if seen.old and not seen.same else None,
    )


def preview(house: House, topic: str) -> PageView:
    """Return the page that would be published, laid out and not yet drawn."""
    seen, decision = _seen(house, topic)
    return view(_numbered(house, seen, decision))


def preview_figure(house: House, topic: str, name: str) -> bytes:
    """Return a figure of the page that would be published. Raises UserError when it has none such."""
    seen, decision = _seen(house, topic)
    shown = _numbered(house, seen, decision)
    digest = snapshot_digest(shown)
    if house.previews.get(topic, ("", {}))[0] != digest:
        house.previews[topic] = (digest, render_version(shown))
    found = house.previews[topic][1].get(f"{FIGURES}/{name}")
    if found is None:
        raise UserError("no such figure", where=topic)
    return found


def publish_now(house: House, topic: str) -> Refreshed:
    """Decide, publish what the rule makes a version of, and show it to readers as provisional."""
    publish_bound(house, topic)
    done = refresh(house, topic)
    publish_bound(house, topic)
    present(house, topic)
    return done


def sign_proposal(house: House, topic: str, digest: str, conclusion: str, certainty: str, by: str) -> Said:
    """Sign the digest that was shown with a conclusion: reviewed and approved.

    Raises UserError when the evidence has moved since it was shown, when data and methods must be published
    apart first, and when the certainty is not the GRADE rating that stands (none: `not_rated`).
    """
    sentence = " ".join(said_in(conclusion, "conclusion").split())

    def facts(evidence: Evidence) -> list[Signature]:
        seen, decision = _seen(house, topic)
        if not seen.whole:
            fix = "Publish first; then sign what remains"
            raise UserError("data and methods changed both and go before readers apart", where=topic, fix=fix)
        if seen.state is not evidence.state or snapshot_digest(seen.new) != digest:
            fix = "Look at what differs, then sign what is shown now"
            raise UserError("the evidence moved since this was shown", where="digest", fix=fix)
        rating = standing_rating(seen.new)
        if certainty != (rating or "not_rated"):
            stands = (
                f"the GRADE rating that stands is {rating.replace('_', ' ')}"
                if rating
                else "no GRADE rating stands"
            )
            raise UserError(stands, where="certainty", fix="Choose what stands, or rate certainty first")
        signed = {"digest": digest, "version": _version(seen, decision), "conclusion": sentence}
        return [Signature.model_validate(signed | {"certainty": rating or None})]

    return say(house, topic, by, facts)


def _seen(house: House, topic: str) -> tuple[Foreseen, Decision]:
    """The first evaluation that comes to anything; the last one always does."""
    seen = foresee(house, topic)
    while seen.decision is None:
        seen = foresee(house, topic, seen.reach)
    return seen, seen.decision


def _version(seen: Foreseen, decision: Decision) -> str:
    if decision.level == "bulletin" and seen.old and seen.old.release:
        return seen.old.release.version
    major, minor = next_number(seen.old, decision)
    return f"v{major}.{minor}"


def _numbered(house: House, seen: Foreseen, decision: Decision) -> Snapshot:
    """The snapshot under the number it would have, so that pages made for versions can show it."""
    if seen.same and decision.level == "bulletin" and seen.old:
        return seen.old
    release = ReleaseOut(
        version=_version(seen, decision),
        previous=seen.old.release.version if seen.old and seen.old.release else "",
        date=seen.at[:10],
        at=seen.at,
        digest=snapshot_digest(seen.new),
        ledger_seq=seen.state.seq,
        ledger_head=house.store.head(seen.state.topic).hash,
        decision=decision,
        searched=seen.searched,
        replay=house.replay,
        engine=EngineOut(living=__version__, schema_id=SCHEMA),
    )
    return seen.new.model_copy(update={"release": release})


def _generated(house: House, topic: str, shown: Snapshot) -> str:
    """The sentence that would stand there without a signature."""
    if not shown.answer.headline_signed:
        return shown.answer.headline
    evidence = evidence_of(house, topic)
    activated = evidence.state.protocol
    assert activated is not None
    lines = tuple(line for line in evidence.state.lines if not isinstance(line.fact, Signature))
    plain = replace(evidence, state=ReviewState(topic, lines))
    return snapshot_of(plain, activated).answer.headline


def _is_signed(seen: Foreseen, digest: str) -> bool:
    return any(fact.digest == digest for _, fact in seen.state.signatures)


def standing_rating(snapshot: Snapshot) -> str:
    """Return the GRADE rating that stands for the primary analysis; empty where there is none."""
    analyses = snapshot.comparisons[0].analyses
    return rating_of(next(item for item in analyses if item.id == snapshot.answer.analysis))


def _settled(house: House, shown: Snapshot) -> tuple[Settled, ...]:
    """Every number that an analysis uses, once, as the studies come."""
    used = {
        (row.study, row.cell)
        for comparison in shown.comparisons
        for analysis in comparison.analyses
        for row in analysis.contrasts
    }
    called = names(house)
    return tuple(
        _one(study, cell, called)
        for study in shown.studies
        for cell in study.cells
        if (study.key, cell.id) in used
    )


def _one(study: StudyOut, cell: CellOut, called: dict[str, str]) -> Settled:
    people = [who.by for who in cell.read_by if not who.grade] if cell.standing != "unverified" else []
    known = [called.get(who.removesuffix(" (adjudication)"), who) for who in people]
    marks = [" (adjudication)" if who.endswith(" (adjudication)") else "" for who in people]
    shown = tuple(name.removesuffix(mark) + mark for name, mark in zip(known, marks, strict=True))
    return Settled(study.key, study.label, cell.outcome_label, cell.said, cell.standing, shown)


def _warnings(house: House, evidence: Evidence, shown: Snapshot) -> list[Warned]:
    found = [Warned(item.text) for item in notices(evidence.state, shown)]
    away = recused(evidence.state, evidence.studies)
    for study in shown.studies:
        if study.status != "included":
            continue
        found += [Warned(note, study.key) for note in declared(evidence, study.key)]
        settled = [
            cell for cell in study.cells if cell.standing != "unverified"
        ]  # who read others is not told
        readers = {who.by for cell in settled for who in cell.read_by} & away.get(study.key, frozenset())
        if readers:
            text = "has numbers read by somebody who keeps away from it now"
            found.append(Warned(f"{study.label} {text}", study.key))
        if any(item.stale for item in study.rob):
            found.append(Warned(f"A risk-of-bias judgement of {study.label} is out of date", study.key))
        if study.trust and study.trust.stale:
            found.append(
                Warned(f"The assessment of trustworthiness of {study.label} is out of date", study.key)
            )
    included = {study.key for study in shown.studies if study.status == "included"}
    for task in evidence.queue():
        if task.study in included:
            found.append(Warned(f"{task.label}: {task.detail}", task.study))
    return list(dict.fromkeys(found))
