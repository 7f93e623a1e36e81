"""Facts: what sources said and what people decided. They are appended, superseded, and never changed."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from living.model.decision import Decision
from living.model.numbers import Numbers
from living.model.record import Record
from living.model.surveillance import Search, Sighting, Strategy
from living.model.values import Count, Day, Exact, Instant, Num, RecordKey, Sha256, Slug, Text, Value

Grade = Literal["A", "B", "C"]
Design = Literal["parallel", "crossover", "cluster", "factorial", "multi_arm"]
Proof = Literal["databank", "id_in_text", "registry_reference", "register_number", "doi", "pmid", "preprint"]
MACHINE = "machine"
IMPORT = "import"


class Quote(Value):
    """Where a number was read: the report's record, the place in it, and the words.

    `kind` is `verbatim` (the text stands there), `figure` (read from a figure) or `transcribed` (the original
    was not seen; `text` names who transcribed it and from which table).
    """

    report: RecordKey
    locator: Text
    kind: Literal["verbatim", "figure", "transcribed"] = "verbatim"
    text: Text
    url: str = ""


class Link(Value):
    """A ruling on the identity of two records. The latest on a pair counts, a person's before a machine's."""

    kind: Literal["link"] = "link"
    a: RecordKey
    b: RecordKey
    relation: Literal["same_report", "same_study", "different"]
    method: Proof | Literal["person", "seed"]
    evidence: Text

    @model_validator(mode="after")
    def _two(self) -> Link:
        if self.a == self.b:
            raise ValueError(f"a link joins two records; both ends are {self.a}")
        return self

    @property
    def pair(self) -> tuple[str, str]:
        return (self.a, self.b) if self.a < self.b else (self.b, self.a)


class ScreeningVote(Value):
    """One person's (or an import's) view of a study's eligibility; an exclusion names its criterion.

    `stage`: judged on title and abstract, or on the full report. `withdrawn` takes the person's vote back.
    """

    kind: Literal["screening_vote"] = "screening_vote"
    record: RecordKey
    vote: Literal["include", "exclude", "unsure", "withdrawn"]
    criterion: str = ""
    reason: str = ""
    stage: Literal["title", "full_text"] = "full_text"
    imported: Grade | None = None

    @model_validator(mode="after")
    def _named(self) -> ScreeningVote:
        if self.vote == "exclude" and not self.criterion:
            raise ValueError("an exclusion names its criterion (for example E2)")
        return self


class Arm(Value):
    """A group as randomised. `intervention` is an intervention id of the protocol, or `other`."""

    id: Slug
    label: Text
    intervention: Slug
    dose_mg: Num | None = None
    n_randomised: Count | None = None


class Characteristics(Value):
    """What a study is: its label, design, people and arms, with where that was read.

    `settles`: why an adjudicator describes it so where its readers differ; blank in a reader's own.
    """

    kind: Literal["characteristics"] = "characteristics"
    study: RecordKey
    label: Text
    design: Design
    condition: Text
    condition_group: Slug
    arms: tuple[Arm, ...] = ()
    available_from: str = ""
    notes: tuple[str, ...] = ()
    quotes: tuple[Quote, ...] = ()
    settles: str = ""
    imported: Grade | None = None


class Cell(Value):
    """What one number is about: a study, an outcome, a contrast of two arms, a time, a kind of value.

    `estimand` is `adjusted`, `change`, `final`, `percent_change` or `count`.
    """

    study: RecordKey
    outcome: Slug
    experimental: Slug
    control: Slug
    scale: str = ""
    weeks: Num
    estimand: Literal["adjusted", "change", "final", "percent_change", "count"]


class Extraction(Value):
    """One reader's (or an import's) filled cell: numbers, and where they stand.

    An import has a grade (A read in the study's own abstract or register page, B transcribed by a third
    party, C derived by arithmetic) and counts as no reader. `reasons`: for each check that asked about these
    numbers, why they stand (`review/checks`).
    """

    kind: Literal["extraction"] = "extraction"
    cell: Cell
    numbers: Numbers
    quotes: Annotated[tuple[Quote, ...], Field(min_length=1)]
    population: Literal["all_randomised", "completers", "not_stated"] = "not_stated"
    notes: str = ""
    reasons: tuple[tuple[str, str], ...] = ()
    imported: Grade | None = None


class Adjudication(Value):
    """The decision on a cell whose readers differ; the originals stay."""

    kind: Literal["adjudication"] = "adjudication"
    cell: Cell
    numbers: Numbers
    quotes: Annotated[tuple[Quote, ...], Field(min_length=1)]
    reason: Text
    reasons: tuple[tuple[str, str], ...] = ()


class Judgement(Value):
    """A rating (RoB 2, trustworthiness, GRADE) with the digest of what was judged, so that it goes stale.

    `subject`: of rob2 `RECORD RESULT`, of trust the record, of grade the analysis. `round`: one assessor's
    own, which counts only when as many as the protocol asks agree, or the one they settled on together.
    `answers` to the signalling questions, by question; `variant` of the tool (parallel, crossover, cluster).
    `domains`: id, judgement, and why it departs from what the answers suggest.
    """

    kind: Literal["judgement"] = "judgement"
    tool: Literal["rob2", "trust", "grade"]
    subject: Text
    judged: Sha256
    overall: Text
    domains: tuple[tuple[str, str, str], ...] = ()
    reason: str = ""
    round: Literal["alone", "together"] = "together"
    variant: str = ""
    answers: tuple[tuple[str, str], ...] = ()


class Particular(Value):
    """One thing about how a study was done that is no number of an outcome, with where it was read.

    `precedence`: where registry and paper disagree, which of them is used and why.
    """

    topic: Literal[
        "funder",
        "interests",
        "co_interventions",
        "rescue",
        "dropouts",
        "missing_data",
        "blinding",
        "precedence",
    ]
    said: Text
    quotes: tuple[Quote, ...] = ()


class Particulars(Value):
    """What one person noted of how a study was done; the latest of a study counts."""

    kind: Literal["particulars"] = "particulars"
    study: RecordKey
    items: Annotated[tuple[Particular, ...], Field(min_length=1)]


class FullText(Value):
    """How far the full text of a report has come. `language` as people say it, blank where not known."""

    kind: Literal["full_text"] = "full_text"
    record: RecordKey
    status: Literal["sought", "obtained", "not_obtainable", "in_translation"]
    language: str = ""
    note: str = ""


class AuthorQuestion(Value):
    """A question to a study's authors, and what came of it; the latest of an id counts."""

    kind: Literal["author_question"] = "author_question"
    id: Slug
    study: RecordKey
    question: Text
    asked: Day | None = None
    answer: str = ""
    answered: Day | None = None
    status: Literal["to_ask", "asked", "answered", "no_answer"] = "to_ask"


class Recusal(Value):
    """A person keeps away from a study for a conflict of interest, or does so no longer."""

    kind: Literal["recusal"] = "recusal"
    study: RecordKey
    person: Text
    reason: Text
    recused: bool = True


class Signature(Value):
    """An editor's signature on the digest of a version, with the conclusion sentence."""

    kind: Literal["signature"] = "signature"
    digest: Sha256
    version: Text
    conclusion: Text
    certainty: Literal["high", "moderate", "low", "very_low"] | None = None


class ProtocolActivated(Value):
    """The protocol in force from here on: its whole text."""

    kind: Literal["protocol_activated"] = "protocol_activated"
    topic: Slug
    text: Exact
    sha256: Sha256
    note: str = ""


class Searched(Value):
    """One source's last complete search, as a version states it."""

    source: Slug
    label: str
    to: Day | None = None


class Release(Value):
    """A number bound to a digest. Everything a version states about itself is here, on the ledger.

    `upto` is the last ledger line of its evidence; None means all that stood before this line.
    """

    kind: Literal["release"] = "release"
    major: Count
    minor: Count
    digest: Sha256
    previous: str = ""
    decision: Decision
    searched: tuple[Searched, ...] = ()
    replay: bool = False
    upto: Count | None = None

    @property
    def version(self) -> str:
        return f"v{self.major}.{self.minor}"


class PublishedInput(Value):
    """One study's line in another review's pool; its numbers are blank where that review prints none.

    Of a ratio, `estimate` is the logarithm. `study` is a record key of the study here, `comparison` one of
    our comparisons. `inferred`: that the study is in the pool was concluded by us, not printed.
    """

    label: Text
    study: str = ""
    estimate: Num | None = None
    se: Annotated[float, Field(strict=True, gt=0)] | None = None
    comparison: str = ""
    note: str = ""
    inferred: bool = False

    @model_validator(mode="after")
    def _whole(self) -> PublishedInput:
        if (self.estimate is None) != (self.se is None):
            raise ValueError("an estimate and its standard error stand together, or both are blank")
        return self


class PublishedPool(Value):
    """One printed result of another review, digit for digit, with its inputs where those are printed.

    `estimate`, `low` and `high` keep their printed text, so that rounding can be taken into account; `p` too
    ("<0.001"). `k` and `n` are of this result, `k_total` and `n_total` of the whole review. `model` is what
    it says of its method; `tau2_method` (CE a common effect by inverse variance, MH by Mantel and Haenszel)
    and `interval_method` are blank where it does not name them.
    `unit` is that of a mean difference, blank where the print does not say on which scale its points lie.
    `between_arms` False marks a before-after result, which is no comparison. `analysis` names the analysis of
    ours that asks the same question, `group` a level of its splits (`condition/fibromyalgia`). `corrigendum`
    says that the print was corrected or withdrawn later.
    """

    kind: Literal["published_pool"] = "published_pool"
    id: Slug
    review: Text
    doi: str = ""
    url: str = ""
    outcome: Text
    subgroup: str = ""
    k: Count | None = None
    n: Count | None = None
    k_total: Count | None = None
    n_total: Count | None = None
    measure: Text
    unit: str = ""
    model: str = ""
    tau2_method: Literal["", "CE", "MH", "DL", "PM", "REML", "ML", "HE", "SJ", "EB"] = ""
    interval_method: Literal["", "wald", "HK"] = ""
    estimate: Text
    low: str = ""
    high: str = ""
    p: str = ""
    i2: str = ""
    tau2: str = ""
    between_arms: bool = True
    analysis: str = ""
    group: str = ""
    inputs: tuple[PublishedInput, ...] = ()
    corrigendum: str = ""
    note: str = ""
    read_in: Text
    imported: Grade | None = None


class Withdrawal(Value):
    """A published version is withdrawn, or put back; its bytes stay."""

    kind: Literal["withdrawal"] = "withdrawal"
    version: Text
    reason: Text
    withdrawn: bool = True


class Retirement(Value):
    """The end of a topic's living mode, with the trigger that people named; or its return."""

    kind: Literal["retirement"] = "retirement"
    trigger: Text
    reason: Text
    retired: bool = True


Fact = Annotated[
    Record
    | Link
    | ScreeningVote
    | Characteristics
    | Extraction
    | Adjudication
    | Judgement
    | Particulars
    | FullText
    | AuthorQuestion
    | Recusal
    | Signature
    | ProtocolActivated
    | Release
    | PublishedPool
    | Withdrawal
    | Retirement
    | Sighting
    | Strategy
    | Search,
    Field(discriminator="kind"),
]


class LedgerLine(Value):
    """A fact with its order, time and author. `by` is an opaque id; names live outside the chain."""

    seq: Annotated[int, Field(ge=1)]
    at: Instant
    by: Text
    fact: Fact
