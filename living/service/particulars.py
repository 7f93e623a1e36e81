"""How a study was done, beside its numbers: funder, interests, co-interventions, dropouts, blinding."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import get_args

from living.errors import UserError
from living.model.facts import Particular, Particulars, Quote
from living.publish.provenance import CONDUCT
from living.review.evidence import Evidence
from living.review.particulars import particulars_of
from living.service.accounts import names
from living.service.house import House
from living.service.saying import Said, say
from living.service.topics import evidence_of

TOPICS: tuple[str, ...] = get_args(Particular.model_fields["topic"].annotation)


@dataclass(frozen=True)
class Noted:
    """One thing to note of a study, as it stands; `text`, `locator`, `report` are of its first quote."""

    topic: str
    label: str
    said: str = ""
    report: str = ""
    locator: str = ""
    text: str = ""


@dataclass(frozen=True)
class Written:
    """What somebody typed on one thing: words, and where it was read."""

    said: str
    report: str = ""
    locator: str = ""
    text: str = ""


@dataclass(frozen=True)
class Sheet:
    """All that may be noted of one study, with who noted last and on which day."""

    study: str
    label: str
    items: tuple[Noted, ...]
    by: str
    at: str


def particulars(house: House, topic: str, study: str) -> Sheet:
    """Return what was noted of a study. Raises UserError when it is not known."""
    evidence = evidence_of(house, topic)
    key = _key(evidence, study)
    line, fact = particulars_of(evidence.state, evidence.studies).get(key, (None, None))
    said = {item.topic: item for item in fact.items} if fact else {}
    items = tuple(_noted(name, said.get(name)) for name in TOPICS)  # type: ignore[call-overload]
    by = names(house).get(line.by, line.by) if line else ""
    return Sheet(key, evidence.label(key), items, by, line.at[:10] if line else "")


def note(house: House, topic: str, study: str, written: Mapping[str, Written], by: str) -> Said:
    """Note how a study was done; what is not named stays as it was, and blank words take a note away.

    Raises UserError for an unknown thing, a quote that is not whole, or a report that is not the study's.
    """

    def facts(evidence: Evidence) -> list[Particulars]:
        key = _key(evidence, study)
        _, fact = particulars_of(evidence.state, evidence.studies).get(key, (None, None))
        items = {item.topic: item for item in fact.items} if fact else {}
        for name, typed in written.items():
            found = _particular(name, typed, evidence.studies.by_key[key].records)
            if found:
                items[found.topic] = found
            else:
                items.pop(name, None)  # type: ignore[call-overload]
        order = sorted(items.values(), key=lambda item: TOPICS.index(item.topic))
        if not order:
            raise UserError("nothing is noted", where=key, fix="Write at least one thing")
        return [Particulars(study=key, items=tuple(order))]

    return say(house, topic, by, facts)


def _particular(name: str, typed: Written, records: tuple[str, ...]) -> Particular | None:
    if name not in TOPICS:
        raise UserError(f"'{name}' is nothing that is noted", where="note", fix=f"Known: {', '.join(TOPICS)}")
    if not typed.said.strip():
        if typed.locator.strip() or typed.text.strip():
            raise UserError("a quote without words of yours", where=name, fix="Say what it means")
        return None
    quotes = (_quote(name, typed, records),) if typed.locator.strip() or typed.text.strip() else ()
    return Particular.model_validate({"topic": name, "said": typed.said, "quotes": quotes})


def _quote(name: str, typed: Written, records: tuple[str, ...]) -> Quote:
    if not typed.locator.strip() or not typed.text.strip():
        fix = "Give both the place and the words, or neither"
        raise UserError("a quote has a place and words", where=name, fix=fix)
    report = typed.report or records[0]
    if report not in records:
        raise UserError(f"'{report}' is no report of this study", where=name, fix="Choose one of its reports")
    return Quote(report=report, locator=typed.locator, text=typed.text)


def _noted(name: str, item: Particular | None) -> Noted:
    if item is None:
        return Noted(name, CONDUCT[name])
    if not item.quotes:
        return Noted(name, CONDUCT[name], item.said)
    quote = item.quotes[0]
    return Noted(name, CONDUCT[name], item.said, quote.report, quote.locator, quote.text)


def _key(evidence: Evidence, study: str) -> str:
    found = evidence.studies.study_of(study)
    if found is None:
        raise UserError(f"no study '{study}' here", fix="`living studies` lists them")
    return found.key
