"""Links between records as people rule on them: proposals side by side, confirmed, refused, split again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from living.errors import UserError
from living.model.facts import Fact, Link
from living.review.evidence import Evidence
from living.review.identity import latest_rulings
from living.review.misprints import numbers_named
from living.review.proposals import Misprint, Proposal
from living.review.reports import reports_of
from living.service.accounts import names
from living.service.house import House
from living.service.proposing import proposed
from living.service.record_views import RecordView, record_view
from living.service.saying import Said, said_in, say
from living.service.topics import evidence_of

Joins = Literal["same_report", "same_study"]
PAGE = 25
RELATIONS = {"same_report": "one report", "same_study": "one study", "different": "different studies"}
BY = {
    "databank": "its list of accession numbers",
    "id_in_text": "a number in its text",
    "registry_reference": "the register’s list of papers",
    "register_number": "a number that both registers name",
    "preprint": "the preprint’s own record, which names the article",
    "doi": "their DOI",
    "pmid": "their PMID",
    "seed": "the evidence the review began with",
}


@dataclass(frozen=True)
class LinkRow:
    """A proposal in the list: two records by key and title, what they may be, and why."""

    study: str
    a: str
    b: str
    title_a: str
    title_b: str
    relation: str
    score: int
    evidence: tuple[str, ...]


@dataclass(frozen=True)
class Ruling:
    """A ruling that stands on a pair, in words. `people`: a person's, or the seed's in their place."""

    a: str
    b: str
    relation: str
    by: str
    at: str
    why: str


@dataclass(frozen=True)
class Side:
    """One of two studies side by side: its records, the one the proposal is about first."""

    study: str
    label: str
    records: tuple[RecordView, ...]
    trials: tuple[str, ...]


@dataclass(frozen=True)
class PairView:
    """Two records side by side. `joined`: they are one study as things stand; `apart`: ruled different."""

    a: str
    b: str
    left: Side
    right: Side
    relation: str
    score: int | None
    evidence: tuple[str, ...]
    joined: bool
    apart: bool


@dataclass(frozen=True)
class Links:
    """One page of the proposals, the numbers to look up, the rulings that contradict, and those by people."""

    rows: tuple[LinkRow, ...]
    page: int
    near: tuple[int, ...]
    waiting: int
    misprints: tuple[Misprint, ...]
    contradictions: tuple[Ruling, ...]
    apart: tuple[Ruling, ...]


@dataclass(frozen=True)
class Member:
    """A record of a study, and the record whose report it repeats, if any."""

    record: RecordView
    same_as: str


@dataclass(frozen=True)
class StudyLinks:
    """One study's records and rulings, what is proposed for it, and the pair now looked at."""

    study: str
    label: str
    members: tuple[Member, ...]
    rulings: tuple[Ruling, ...]
    proposals: tuple[LinkRow, ...]
    pair: PairView | None


def links(house: House, topic: str, page: int = 1) -> Links:
    """Return one page of what waits for a ruling."""
    evidence, found = evidence_of(house, topic), proposed(house, topic)
    pages = max(1, -(-len(found.links) // PAGE))
    page = min(max(1, page), pages)
    shown = found.links[PAGE * (page - 1) : PAGE * page]
    rulings = _rulings(house, evidence)
    clash = {link.pair for link in evidence.studies.conflicts}
    return Links(
        rows=tuple(_row(evidence, item) for item in shown),
        page=page,
        near=tuple(sorted({1, pages, *range(max(1, page - 2), min(pages, page + 2) + 1)})),
        waiting=len(found.links),
        misprints=found.misprints,
        contradictions=tuple(item for pair, item in rulings if pair in clash),
        apart=tuple(item for _, item in rulings if item.relation == RELATIONS["different"]),
    )


def study_links(house: House, topic: str, study: str, other: str = "") -> StudyLinks:
    """Return one study's links; `other` is the record to look at beside it, proposed or not."""
    evidence = evidence_of(house, topic)
    key = _study(evidence, study)
    same = reports_of(evidence.state, evidence.studies)
    records = evidence.studies.by_key[key].records
    mine = [item for item in proposed(house, topic).links if key in _ends(evidence, item)]
    return StudyLinks(
        study=key,
        label=evidence.label(key),
        members=tuple(
            Member(record_view(evidence, name), same.report_of[name] if same.is_duplicate(name) else "")
            for name in records
        ),
        rulings=tuple(item for pair, item in _rulings(house, evidence) if set(pair) & set(records)),
        proposals=tuple(_row(evidence, item) for item in mine),
        pair=_pair(evidence, mine, study if study in records else key, other) if other else None,
    )


def confirm(house: House, topic: str, a: str, b: str, relation: Joins, why: str, by: str) -> Said:
    """Rule that two records are one study or one report.

    Where their studies were held apart by a ruling on other records, that is refused, with that ruling named:
    otherwise this one would be kept and not followed.
    """
    if relation not in ("same_report", "same_study"):
        raise UserError(
            f"'{relation[:40]}' joins nothing", where="relation", fix="Choose one study or one report"
        )

    def facts(evidence: Evidence) -> list[Fact]:
        pair = _two(evidence, a, b)
        if standing := [item for item in _apart(evidence, a, b) if item.pair != pair]:
            named = ", ".join(" and ".join(item.pair) for item in standing)
            fix = "Join them again there, or leave them apart"
            raise UserError(f"a ruling holds {named} apart", where="relation", fix=fix)
        return [Link(a=a, b=b, relation=relation, method="person", evidence=said_in(why, "why"))]

    return say(house, topic, by, facts)


def refuse(house: House, topic: str, a: str, b: str, why: str, by: str) -> Said:
    """Rule that two records are of different studies."""

    def facts(evidence: Evidence) -> list[Fact]:
        _two(evidence, a, b)
        return [Link(a=a, b=b, relation="different", method="person", evidence=said_in(why, "why"))]

    return say(house, topic, by, facts)


def split(house: House, topic: str, record: str, why: str, by: str) -> Said:
    """Part a record from its study: a ruling against each other member, so that no way round joins them."""

    def facts(evidence: Evidence) -> list[Fact]:
        found = evidence.studies.study_of(record)
        others = [key for key in found.records if key != record] if found else []
        if not others:
            raise UserError(f"'{record}' stands alone; there is nothing to part it from", where="record")
        text = said_in(why, "why")
        return [Link(a=record, b=key, relation="different", method="person", evidence=text) for key in others]

    return say(house, topic, by, facts)


def join_again(house: House, topic: str, a: str, b: str, why: str, by: str) -> Said:
    """Take back every ruling that holds the studies of two records apart, and join them."""

    def facts(evidence: Evidence) -> list[Fact]:
        _two(evidence, a, b)
        standing = _apart(evidence, a, b)
        if not standing:
            raise UserError(f"nothing holds {a} and {b} apart", where="relation")
        text = said_in(why, "why")
        return [
            Link(a=item.a, b=item.b, relation="same_study", method="person", evidence=text)
            for item in standing
        ]

    return say(house, topic, by, facts)


def _study(evidence: Evidence, record: str) -> str:
    found = evidence.studies.study_of(record)
    if found is None:
        raise UserError(
            f"no record '{record[:80]}' here", where="with", fix="Give a key such as pubmed:38258677"
        )
    return found.key


def _two(evidence: Evidence, a: str, b: str) -> tuple[str, str]:
    """The pair in order. Raises UserError unless both are stored and are two."""
    _study(evidence, a)
    _study(evidence, b)
    if a == b:
        raise UserError(f"both ends are {a}; a link joins two records", where="with")
    return (a, b) if a < b else (b, a)


def _apart(evidence: Evidence, a: str, b: str) -> list[Link]:
    """The rulings that hold the studies of two records apart."""
    left, right = (set(evidence.studies.by_key[_study(evidence, key)].records) for key in (a, b))
    return [
        link
        for link, _ in latest_rulings(evidence.state)
        if link.relation == "different"
        and ((link.a in left and link.b in right) or (link.a in right and link.b in left))
    ]


def _ends(evidence: Evidence, item: Proposal) -> tuple[str, str]:
    return evidence.studies.key_of[item.a], evidence.studies.key_of[item.b]


def _row(evidence: Evidence, item: Proposal) -> LinkRow:
    records = evidence.state.records
    return LinkRow(
        study=evidence.studies.key_of[item.a],
        a=item.a,
        b=item.b,
        title_a=records[item.a].title or item.a,
        title_b=records[item.b].title or item.b,
        relation=RELATIONS[item.relation],
        score=item.score,
        evidence=item.evidence,
    )


def _pair(evidence: Evidence, mine: list[Proposal], record: str, other: str) -> PairView:
    a, b = _two(evidence, record, other)
    ends = {evidence.studies.key_of[a], evidence.studies.key_of[b]}
    found = next((item for item in mine if set(_ends(evidence, item)) == ends), None)
    if found:
        a, b = found.pair
    return PairView(
        a=a,
        b=b,
        left=_side(evidence, a),
        right=_side(evidence, b),
        relation=RELATIONS[found.relation] if found else "",
        score=found.score if found else None,
        evidence=found.evidence if found else (),
        joined=len(ends) == 1,
        apart=len(ends) == 2 and bool(_apart(evidence, a, b)),
    )


def _side(evidence: Evidence, record: str) -> Side:
    study = evidence.studies.by_key[evidence.studies.key_of[record]]
    order = (record, *(key for key in study.records if key != record))
    named = [number.printed for key in order for number in numbers_named(evidence.state.records[key])]
    own = [evidence.state.records[key].id for key in order if evidence.state.records[key].registration]
    return Side(
        study.key,
        evidence.label(study.key),
        tuple(record_view(evidence, key) for key in order),
        tuple(dict.fromkeys((*own, *named))),
    )


def _rulings(house: House, evidence: Evidence) -> list[tuple[tuple[str, str], Ruling]]:
    """Every ruling that stands, by pair, the latest first."""
    called = names(house)
    lines = {line.seq: line for line in evidence.state.lines}
    found = sorted(latest_rulings(evidence.state), key=lambda item: -item[1])
    return [
        (
            link.pair,
            Ruling(
                link.a,
                link.b,
                RELATIONS[link.relation],
                BY.get(link.method, called.get(lines[seq].by, lines[seq].by)),
                lines[seq].at,
                link.evidence,
            ),
        )
        for link, seq in found
    ]
