"""A snapshot: the evidence, the rule, the results and their sources, complete in one document.

Its JSON Schema is `Snapshot.model_json_schema()`; its digest is taken over everything but `release`.
"""

from __future__ import annotations

from typing import Literal

from living.model.decision import Decision
from living.model.facts import Particular, Quote, Searched
from living.model.flow import Flow, FlowBefore, Stage
from living.model.judgements import CertaintyOut, RobOut, TrustOut
from living.model.protocol import Protocol
from living.model.record import Notice
from living.model.registration import RegistryWatch
from living.model.supplement import Supplement
from living.model.surroundings import Horizon, ProtocolVersion, PublishedOut
from living.model.teamwork import AgreementOut, FullTextOut, QuestionOut, RecusalOut
from living.model.values import Count, Exact, Num, Text, Value

SCHEMA = "living-snapshot/1"
Standing = Literal["unverified", "agreed", "adjudicated", "verified"]


class Derivation(Value):
    """One step from reported to used number: `formula` names an entry of the engine's table of formulas."""

    formula: Text
    source: str
    inputs: dict[str, Num]
    output: str
    value: Num


class ReadBy(Value):
    """Who entered a cell: opaque ids of people, or `import` with its grade."""

    by: Text
    at: Text
    grade: str = ""
    seq: Count


class AnswerOut(Value):
    """What a check asked about entered numbers, and why they stand."""

    check: Text
    answer: str


class EntryOut(Value):
    """What one reader, an import or an adjudication entered for a cell, with where each of them read it."""

    kind: Literal["reading", "import", "adjudication"]
    by: Text
    at: Text
    grade: str = ""
    seq: Count
    numbers: dict[str, object]
    said: str
    quotes: tuple[Quote, ...]
    reason: str = ""
    answers: tuple[AnswerOut, ...] = ()


class CellOut(Value):
    """One cell of a study with what was read, by whom and where.

    `entries` are what each of them entered, imports first: only of a settled cell, as readers work blind.
    """

    id: Text
    study: Text
    outcome: Text
    outcome_label: str
    experimental: str
    control: str
    scale: str
    scale_label: str
    weeks: Num
    estimand: str
    standing: Standing
    numbers: dict[str, object]
    said: str
    quotes: tuple[Quote, ...]
    read_by: tuple[ReadBy, ...]
    population: str = ""
    notes: str = ""
    entries: tuple[EntryOut, ...] = ()


class ReportOut(Value):
    """One report of a study: an article, a register entry, a notice.

    `noticed`: the day on which the retraction or expression of concern that stands was first seen here.
    `same_as`: the record of the same report that stood here first; this one is a duplicate of it.
    `superseded_by`: the record of the article that a preprint became.
    """

    record: Text
    kind: Literal["article", "registration", "preprint", "notice", "other"]
    title: str
    container: str = ""
    published: str = ""
    doi: str = ""
    url: str = ""
    notices: tuple[Notice, ...] = ()
    payload: str = ""
    first_seen: str = ""
    noticed: str = ""
    same_as: str = ""
    superseded_by: str = ""


class ArmOut(Value):
    id: str
    label: str
    intervention: str
    dose_mg: Num | None
    n_randomised: Count | None


class StudyOut(Value):
    """One study: where it stands and why, its reports and everything read from them.

    `registry`: registrations of which a later version says otherwise in something that weighs. `results_due`:
    a year after primary completion, blank where results are posted or none are to come.
    """

    key: Text
    slug: Text
    label: Text
    status: Literal["included", "excluded", "awaiting_classification", "ongoing", "stopped"]
    awaiting_data: bool = False
    criterion: str = ""
    reason: str = ""
    decided_by: str = ""
    design: str = ""
    condition: str = ""
    condition_group: str = ""
    available_from: str = ""
    arms: tuple[ArmOut, ...] = ()
    registrations: tuple[str, ...] = ()
    reports: tuple[ReportOut, ...] = ()
    cells: tuple[CellOut, ...] = ()
    notes: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    low_risk_of_bias: bool = False
    rob: tuple[RobOut, ...] = ()
    screened_on: Stage = ""
    registry_status: str = ""
    planned_n: Count | None = None
    expected: str = ""
    trust: TrustOut | None = None
    particulars: tuple[Particular, ...] = ()
    full_texts: tuple[FullTextOut, ...] = ()
    questions: tuple[QuestionOut, ...] = ()
    recused: tuple[RecusalOut, ...] = ()
    registry: tuple[RegistryWatch, ...] = ()
    results_due: str = ""


class ContrastOut(Value):
    """One study's line in an analysis. Ratio measures are on the log scale here and in every pool.

    `same_people`: a crossover, whose people stand in both numbers of people.
    """

    study: Text
    slug: Text
    label: Text
    cell: Text
    n_experimental: Count | None
    n_control: Count | None
    events_experimental: Count | None = None
    events_control: Count | None = None
    estimate: Num
    se: Num
    low: Num
    high: Num
    weight: Num | None
    estimand: str
    weeks: Num
    scale_label: str = ""
    dose_mg: Num | None = None
    condition: str = ""
    standing: Standing
    derivations: tuple[Derivation, ...]
    said: str
    where: str
    flags: tuple[str, ...] = ()
    same_people: bool = False


class PoolOut(Value):
    """The combined estimate, or the plain reason there is none.

    `low`/`high` follow `interval`; `simple_low`/`simple_high` are the z interval of the same model. `i2` in
    percent. `tau2_high` None with `tau2_high_beyond` says the limit lies beyond the search range.
    """

    pooled: bool
    reason: str = ""
    k: Count
    n_experimental: Count | None = None
    n_control: Count | None = None
    method: str = ""
    interval: str = ""
    interval_label: str = ""
    level: Num = 0.95
    estimate: Num | None = None
    se: Num | None = None
    low: Num | None = None
    high: Num | None = None
    p: Num | None = None
    simple_low: Num | None = None
    simple_high: Num | None = None
    tau2: Num | None = None
    tau2_low: Num | None = None
    tau2_high: Num | None = None
    tau2_high_beyond: bool = False
    i2: Num | None = None
    q: Num | None = None
    q_df: Count | None = None
    q_p: Num | None = None
    prediction_low: Num | None = None
    prediction_high: Num | None = None
    prediction_reason: str = ""


class SensitivityOut(Value):
    id: Text
    label: Text
    pool: PoolOut
    studies: tuple[str, ...]
    note: str = ""


class SubgroupLevelOut(Value):
    id: Text
    label: Text
    studies: tuple[str, ...]
    pool: PoolOut


class SubgroupOut(Value):
    id: Text
    label: Text
    levels: tuple[SubgroupLevelOut, ...]
    test: str
    q_between: Num | None = None
    q_df: Count | None = None
    p: Num | None = None


class NotPooledStudy(Value):
    """A study measured but not in this analysis, with the reason it is not."""

    study: Text
    slug: Text
    label: Text
    reason: Text
    found: str = ""


class AnalysisOut(Value):
    id: Text
    label: Text
    role: Literal["primary", "main", "continuity"]
    comparison: Text
    outcome: Text
    outcome_label: Text
    importance: Text
    window: Text
    measure: Text
    measure_label: Text
    unit: Text
    ratio: bool
    better: Literal["lower", "higher"]
    harm: bool
    favours_low: Text
    favours_high: Text
    important_difference: Num | None
    note: str
    standardiser: str = ""
    mixed_estimands: tuple[str, ...] = ()
    contrasts: tuple[ContrastOut, ...]
    pool: PoolOut
    two_study_pool: PoolOut | None = None
    sensitivity: tuple[SensitivityOut, ...] = ()
    subgroups: tuple[SubgroupOut, ...] = ()
    not_pooled: tuple[NotPooledStudy, ...] = ()
    funnel: str = ""
    certainty: CertaintyOut | None = None
    supplement: Supplement | None = None


class ComparisonOut(Value):
    id: Text
    label: Text
    experimental_label: Text
    control_label: Text
    analyses: tuple[AnalysisOut, ...]


class Answer(Value):
    """The first screen: headline, what it means, how sure. `certainty` is the rating of a signed headline."""

    headline: Text
    headline_signed: bool
    lede: Text
    standing: Text
    analysis: str = ""
    n_numbers: Count
    n_unverified: Count
    certainty: str = ""


class EngineOut(Value):
    living: str
    schema_id: str


class ReleaseOut(Value):
    """What a version says of itself; everything here is outside the digest.

    `before`: the included studies of the version before it, and what joined and left since.
    """

    version: Text
    previous: str
    date: Text
    at: Text
    digest: Text
    ledger_seq: Count
    ledger_head: Text
    decision: Decision
    searched: tuple[Searched, ...]
    replay: bool
    engine: EngineOut
    before: FlowBefore | None = None


class Snapshot(Value):
    schema_id: Literal["living-snapshot/1"] = "living-snapshot/1"
    topic: Text
    title: Text
    short: Text
    public_note: str
    continues: str
    protocol: Protocol
    protocol_sha256: Text
    protocol_text: Exact
    rule_sha256: Text
    answer: Answer
    comparisons: tuple[ComparisonOut, ...]
    studies: tuple[StudyOut, ...]
    flow: Flow
    horizon: Horizon | None = None
    protocol_history: tuple[ProtocolVersion, ...] = ()
    published: tuple[PublishedOut, ...] = ()
    agreement: tuple[AgreementOut, ...] = ()
    release: ReleaseOut | None = None
