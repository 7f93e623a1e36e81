"""A record: one source's entry, as indexed there on the day it was read."""

from __future__ import annotations

from typing import Literal

from pydantic_core import to_json

from living.model.values import Count, RecordKey, Slug, Text, Value, canonical, digest

NoticeKind = Literal["retraction", "concern", "erratum", "update"]


class AbstractPart(Value):
    label: str = ""
    text: str


class Identifier(Value):
    """An id the entry states about itself or its trial: doi, pmc, pmid, nct, isrctn, eudract, ..."""

    scheme: Slug
    value: Text


class Notice(Value):
    """A later notice about this report, with the record key of the notice where the source gives one."""

    kind: NoticeKind
    record: RecordKey | None = None
    text: str = ""


class Reference(Value):
    """A registry's own pointer to a paper; BACKGROUND never links."""

    type: Literal["RESULT", "DERIVED", "BACKGROUND"]
    pmid: str


class Item(Value):
    """A named thing of a registration: an arm, an intervention, an outcome."""

    name: str
    type: str = ""
    detail: str = ""


class Registration(Value):
    """What a register says of a trial. Dates keep the text they were given in, never padded.

    `contacts`, `results` and `rest` are digests of sections that are compared but not shown; names and
    addresses of contacts stay in the raw payload.
    """

    status: str = ""
    last_known_status: str = ""
    why_stopped: str = ""
    allocation: str = ""
    masking: str = ""
    phases: tuple[str, ...] = ()
    enrolment: Count | None = None
    conditions: tuple[str, ...] = ()
    arms: tuple[Item, ...] = ()
    interventions: tuple[Item, ...] = ()
    primary_outcomes: tuple[Item, ...] = ()
    secondary_outcomes: tuple[Item, ...] = ()
    start: str = ""
    primary_completion: str = ""
    completion: str = ""
    last_update_posted: str = ""
    results_first_posted: str = ""
    has_results: bool = False
    results_pending: bool = False
    references: tuple[Reference, ...] = ()
    aliases: tuple[str, ...] = ()
    contacts: str = ""
    results: str = ""
    rest: str = ""


class Record(Value):
    """One source entry. `content_hash` covers what counts as content in that source and nothing else.

    `relations` are the entry's pointers to other entries in the source's own words, `RetractionOf pubmed:1`;
    those that are a notice about this report are also among `notices`.
    """

    kind: Literal["record"] = "record"
    source: Slug
    id: Text
    version: Count = 1
    title: str = ""
    abstract: tuple[AbstractPart, ...] = ()
    authors: tuple[str, ...] = ()
    container: str = ""
    published: str = ""
    entered: str = ""
    publication_status: str = ""
    types: tuple[str, ...] = ()
    headings: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    identifiers: tuple[Identifier, ...] = ()
    notices: tuple[Notice, ...] = ()
    relations: tuple[str, ...] = ()
    registration: Registration | None = None
    payload: str = ""
    seeded: bool = False
    content_hash: str = ""

    @property
    def key(self) -> str:
        return f"{self.source}:{self.id}"

    def canonical(self) -> str:
        """Return `canonical` of this record, several times as fast for a paper, of which there are many."""
        return _canonical(self, _FIELDS).decode()

    def hashed(self) -> Record:
        """Return this record with its content hash set.

        `payload` (where the bytes lie), `seeded` and `entered` (a date of the index, not of the paper) are
        no content. A parser that leaves a field empty because it is no content in its source leaves it out
        of the hash by the same act.
        """
        return self.model_copy(update={"content_hash": digest(_canonical(self, _CONTENT))})


_FIELDS = tuple(sorted(Record.model_fields))
_CONTENT = tuple(name for name in _FIELDS if name not in {"payload", "seeded", "entered", "content_hash"})


def _canonical(record: Record, names: tuple[str, ...]) -> bytes:
    """The fields of a paper's parts stand in canonical order, so no plain copy of them is made and sorted."""
    if record.registration is not None:
        return canonical(record.model_dump(mode="json", include=set(names))).encode()
    told = vars(record)
    return to_json({name: told[name] for name in names})
