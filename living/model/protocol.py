"""The protocol: what a review asks, where it looks, what it pools, and what counts as news."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from living.model.values import Day, Num, RecordKey, Slug, Text, Value, canonical, digest

Tau2 = Literal["CE", "DL", "PM", "REML", "ML", "HE", "SJ", "EB"]  # CE: a common effect, no spread
Interval = Literal["wald", "HK", "HK-guarded"]
Measure = Literal["MD", "SMD-d", "SMD-g", "RR", "OR", "RD", "IRR"]
Estimand = Literal["adjusted", "change", "final", "percent_change", "count"]
Flag = Annotated[bool, Field(strict=True)]
# Two in three effects within 0.61 to 1.65 (ratios), half an SD, or 10 people in 100; points have no default.
PRIOR_SD: dict[Measure, float] = {"RR": 0.5, "OR": 0.5, "IRR": 0.5, "SMD-d": 0.5, "SMD-g": 0.5, "RD": 0.1}


class TopicHead(Value):
    """`public_note` stands at the top of every page of the topic (an invented topic says so here).

    `authors` and `doi` (of the review as a whole, all versions) stand in citations; empty: none is named.
    `on_request`: a start leaves the topic alone until somebody loads it by name (a demonstration).
    """

    id: Slug
    title: Text
    short: Text
    version: Text
    registration: str = ""
    doi: Annotated[str, Field(pattern=r"^(10\.\d{4,9}/\S+)?$")] = ""
    authors: tuple[Text, ...] = ()
    continues: str = ""
    provisional: tuple[str, ...] = ()
    public_note: str = ""
    on_request: Flag = False
    conflict_notes: tuple[str, ...] = ()


class Question(Value):
    population: Text
    intervention: Text
    comparators: Text
    outcomes: Text
    design: Text


class Criterion(Value):
    """An eligibility criterion; its id is the reason an exclusion names.

    `trust` marks the one under which a serious concern about trustworthiness keeps a study out.
    """

    id: Annotated[str, Field(pattern=r"^[EX]\d+$")]
    text: Text
    trust: Flag = False


class Amendment(Value):
    """A change of the protocol after its registration. `registration`: where the change is registered."""

    date: Day
    what: Text
    why: Text
    registration: str = ""


class Source(Value):
    """One place that is searched. `kind` import: by hand, from an exported file; never polled.

    `canaries`: ids that every full search must list, beside those of included studies.
    """

    id: Slug
    label: Text
    kind: Literal["pubmed", "ctgov", "europepmc", "isrctn", "import"]
    query: str = ""
    clauses: tuple[str, ...] = ()
    every_hours: Annotated[int, Field(strict=True, ge=1)] = 24
    overlap_days: Annotated[int, Field(strict=True, ge=1)] = 7
    stale_after_hours: Annotated[int, Field(strict=True, ge=1)] = 48
    canaries: tuple[Text, ...] = ()

    @property
    def by_machine(self) -> bool:
        return self.kind != "import"

    @property
    def query_digest(self) -> str:
        """What identifies a search; another digest means that nothing found so far is complete."""
        return digest(canonical({"kind": self.kind, "query": self.query}))

    def by_hand(self) -> Source:
        """Return this source as one that no machine searches any more."""
        return self.model_copy(update={"kind": "import"})


class Intervention(Value):
    id: Slug
    label: Text


class Comparison(Value):
    """Experimental against control interventions; two comparisons are never pooled together."""

    id: Slug
    label: Text
    experimental: Slug
    control: Annotated[tuple[Slug, ...], Field(min_length=1)]
    experimental_label: Text
    control_label: Text


class Scale(Value):
    """A measuring scale; `to_unit` multiplies its points into the outcome's unit.

    `items`: how many whole-number answers make one person's score, which is their mean (1: one answer, or a
    sum of answers). None: answers are no whole numbers, or it is not known.
    """

    id: Slug
    label: Text
    low: Num
    high: Num
    to_unit: Num = 1.0
    items: Annotated[int, Field(strict=True, ge=1)] | None = None


class Outcome(Value):
    """What is measured. `scales` are ids in order of preference, first preferred.

    `less` and `more` say in words what a lower and a higher value is ("less pain"), for axes and sentences.
    """

    id: Slug
    label: Text
    importance: Literal["critical", "important"]
    type: Literal["continuous", "binary", "rate"]
    better: Literal["lower", "higher"]
    unit: Text
    less: Text
    more: Text
    harm: Flag = False
    scales: tuple[Slug, ...] = ()


class Window(Value):
    """Time points that count, in weeks from randomisation; the one nearest `nearest` is taken.

    Both ends belong to the window unless they are excluded ("2 to less than 6", "longer than 26").
    """

    id: Slug
    label: Text
    nearest: Num
    low: Num
    high: Num | None = None
    low_excluded: Flag = False
    high_excluded: Flag = False
    ties: Literal["later", "earlier"] = "later"

    def holds(self, weeks: float) -> bool:
        """Return whether a time point counts."""
        above = weeks > self.low if self.low_excluded else weeks >= self.low
        if self.high is None:
            return above
        return above and (weeks < self.high if self.high_excluded else weeks <= self.high)


class Model(Value):
    """Every choice of the pooling that can move the answer.

    `headline_k`: fewer studies give no headline average. `test_k`/`test_group_k`: studies needed, in all and
    in each group, before a subgroup difference is tested.
    """

    tau2: Tau2
    interval: Interval
    level: Num = 0.95
    headline_k: Annotated[int, Field(strict=True, ge=1)] = 3
    prediction_k: Annotated[int, Field(strict=True, ge=3)] = 5
    funnel_k: Annotated[int, Field(strict=True, ge=3)] = 10
    test_k: Annotated[int, Field(strict=True, ge=2)] = 10
    test_group_k: Annotated[int, Field(strict=True, ge=1)] = 3
    subgroup_k: Annotated[int, Field(strict=True, ge=1)] = 2
    zero_cells: Literal["add_half_when_any", "none"] = "add_half_when_any"
    paired_r: Num | None = None
    paired_r_source: str = ""


class Alternative(Value):
    """In this sensitivity analysis one study enters by another of its cells.

    `se_from` names the estimand whose standard error stands in when the cell has none of its own: a declared
    assumption, printed beside the result.
    """

    study: RecordKey
    estimand: Estimand
    se_from: Estimand | None = None


class Sensitivity(Value):
    """One named departure from the analysis; what is not named stays as it is.

    `measure`: another one on the same scale, Hedges' g for Cohen's d or an odds ratio for a risk ratio.
    """

    id: Slug
    label: Text
    measure: Measure | None = None
    tau2: Tau2 | None = None
    interval: Interval | None = None
    bayes_half_normal: Num | None = None
    paired_r: Num | None = None
    verified_only: Flag = False
    low_risk_of_bias_only: Flag = False
    design: Literal["parallel", "crossover"] | None = None
    max_dose_mg: Num | None = None
    any_time: Flag = False
    alternative: Alternative | None = None


class Level(Value):
    id: Slug
    label: Text


class Subgroup(Value):
    """Studies split by `condition_group`, or by dose at `cuts_mg` (a dose at a cut belongs above it)."""

    id: Slug
    label: Text
    by: Literal["condition_group", "dose"]
    levels: Annotated[tuple[Level, ...], Field(min_length=2)]
    cuts_mg: tuple[Num, ...] = ()


class Analysis(Value):
    """A named set of contrasts and the model that pools them.

    `estimands` are in order of preference. `role`: one `primary` analysis per comparison gives the headline.
    `important_difference`: in the outcome's unit; of a ratio the ratio itself (0.8).
    """

    id: Slug
    label: Text
    role: Literal["primary", "main", "continuity"]
    comparison: Slug
    outcome: Slug
    window: Slug
    measure: Measure
    estimands: Annotated[tuple[Estimand, ...], Field(min_length=1)]
    models: Slug
    important_difference: Num | None = None
    note: str = ""
    standardiser: str = ""
    sensitivity: tuple[Sensitivity, ...] = ()
    subgroups: tuple[Slug, ...] = ()


class UpdateRule(Value):
    """Which change makes which kind of version; `bulletin` changes no number."""

    version: Text
    new_study: Literal["major", "minor"] = "major"
    methods: Literal["major", "minor"] = "major"
    correction: Literal["major", "minor"] = "minor"
    verification: Literal["minor", "bulletin"] = "minor"
    removed_study: Literal["major", "minor"] = "minor"
    signed_conclusion: Literal["major", "minor"] = "minor"
    list_change: Literal["minor", "bulletin"] = "bulletin"
    months_without_version: Annotated[int, Field(strict=True, ge=1)] = 12
    conclusion_needs_studies: Annotated[int, Field(strict=True, ge=2)] = 5


class People(Value):
    """How many people must agree, and on what."""

    readers: Annotated[int, Field(strict=True, ge=1)] = 2
    screeners: Annotated[int, Field(strict=True, ge=1)] = 2
    judges: Annotated[int, Field(strict=True, ge=1)] = 2
    adjudicator: Literal["third_person", "any_reader"] = "third_person"


class Supplementary(Value):
    """Settings of what stands beside the analyses; the headline never follows from them.

    `alpha`, `beta`: errors of the sequential companion and of the optimal information size; the confidence
    sequence has level 1 - `alpha`. `prior_sd`: by measure, the spread of the normal mixture behind the
    e-value where an analysis names no important difference; any positive value is valid, it only decides
    which effects are found soonest.
    `relative_reduction`: of the risk, for ratios that name no important difference. `baseline`: the control
    risk of absolute effects, over the included studies, unless `baselines` declares one for the outcome.
    `draws`, `seed`: of the simulation of coming trials.
    """

    alpha: Annotated[float, Field(strict=True, gt=0, le=0.2)] = 0.05
    beta: Annotated[float, Field(strict=True, gt=0, le=0.5)] = 0.1
    prior_sd: dict[Measure, Annotated[float, Field(strict=True, gt=0)]] = PRIOR_SD
    relative_reduction: Annotated[float, Field(strict=True, gt=0, lt=1)] | None = None
    baseline: Literal["median", "pooled"] = "median"
    baselines: dict[Slug, Annotated[float, Field(strict=True, gt=0, lt=1)]] = Field(default_factory=dict)
    draws: Annotated[int, Field(strict=True, ge=100, le=100_000)] = 4000
    seed: Annotated[int, Field(strict=True, ge=0)] = 20260101


class RetirementRule(Value):
    """When people are to ask whether the review should go on being updated; nothing ends it by itself.

    `stable_versions`: the answer held with high certainty in so many versions. `quiet_months`: that long
    without a new study or an ongoing trial.
    """

    stable_versions: Annotated[int, Field(strict=True, ge=2)] = 3
    quiet_months: Annotated[int, Field(strict=True, ge=1)] = 24


class Sentences(Value):
    """The generated sentences. Names in braces are filled from the snapshot; `review.protocol` lists them.

    `headline_pooled_*`: the interval includes no difference, lies below it, or lies above it. None of the
    sentences rates certainty or names a cause: those are people's to say.
    """

    headline_pooled_uncertain: Text
    headline_pooled_less: Text
    headline_pooled_more: Text
    headline_two: Text
    headline_one: Text
    headline_none: Text
    lede_pooled: Text
    lede_two: Text
    lede_one: Text
    lede_none: Text
    unsigned: Text
    first_version: Text
    nothing_new: Text
    ongoing_only: Text
    awaiting: Text
    new_evidence: Text
    conclusions_confirmed: Text
    conclusions_changed: Text
    correction: Text
    verification: Text
    retraction: Text
    concern: Text
    methods_change: Text
    scheduled_version: Text
    source_stale: Text
    retired: Text


class Protocol(Value):
    """One review's protocol, whole. Build it with `review.protocol.parse`, which also checks every name."""

    topic: TopicHead
    question: Question
    eligibility: Annotated[tuple[Criterion, ...], Field(min_length=1)]
    sources: Annotated[tuple[Source, ...], Field(min_length=1)]
    interventions: Annotated[tuple[Intervention, ...], Field(min_length=2)]
    comparisons: Annotated[tuple[Comparison, ...], Field(min_length=1)]
    condition_groups: tuple[Level, ...] = ()
    scales: tuple[Scale, ...] = ()
    outcomes: Annotated[tuple[Outcome, ...], Field(min_length=1)]
    windows: Annotated[tuple[Window, ...], Field(min_length=1)]
    models: Annotated[dict[Slug, Model], Field(min_length=1)]
    subgroups: tuple[Subgroup, ...] = ()
    analyses: Annotated[tuple[Analysis, ...], Field(min_length=1)]
    update_rule: UpdateRule
    people: People = People()
    amendments: tuple[Amendment, ...] = ()
    supplementary: Supplementary = Supplementary()
    retirement: RetirementRule = RetirementRule()
    sentences: Sentences
