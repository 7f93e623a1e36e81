"""Snapshots to publish: the two versions of the LDN review, with its real numbers.

They come from the trials' abstracts and from pools recomputed with REML and the guarded Hartung-Knapp rule.
"""

import math
from typing import Any

from living.model.decision import Cause, Decision, Shift
from living.model.facts import Quote, Searched
from living.model.flow import Flow
from living.model.protocol import (
    Analysis,
    Comparison,
    Criterion,
    Intervention,
    Model,
    Outcome,
    Protocol,
    Question,
    Scale,
    Sentences,
    Source,
    TopicHead,
    UpdateRule,
    Window,
)
from living.model.snapshot import (
    AnalysisOut,
    Answer,
    ArmOut,
    CellOut,
    ComparisonOut,
    ContrastOut,
    Derivation,
    EngineOut,
    NotPooledStudy,
    PoolOut,
    ReadBy,
    ReleaseOut,
    ReportOut,
    SensitivityOut,
    Snapshot,
    StudyOut,
    SubgroupLevelOut,
    SubgroupOut,
)
from living.model.values import digest
from living.publish.manifest import evidence_digest
from living.review.flow import listed_counts

Z = 1.959963984540054
HASH = digest("an invented payload")
TITLE = "Low-dose naltrexone for chronic pain"
GUARDED = "guarded Hartung-Knapp (never narrower than the z interval)"
TWO = "two studies; the protocol asks for three before an average is given"
WHY_X1 = "Single-blind, with the placebo always first"

CRITERIA = {
    "E1": "Randomised",
    "E2": "A pain population, not merely a trial in which pain was measured",
    "E3": "Oral naltrexone, maintenance dose up to 6 mg a day",
    "E4": "Compared with placebo or an active drug, co-interventions equal in both arms",
    "E5": "Blinded",
    "E6": "At least 2 weeks of treatment",
    "X1": "Not randomised",
    "X2": "Single arm",
    "X3": "Open label",
    "X4": "A fixed combination with another drug",
    "X5": "Serious concern about trustworthiness",
}


def protocol() -> Protocol:
    words = dict.fromkeys(Sentences.model_fields, "A generated sentence.")
    return Protocol(
        topic=TopicHead(
            id="ldn-chronic-pain",
            title=TITLE,
            short="LDN for chronic pain",
            version="1.0",
            provisional=(
                "Important difference in pain of 1.0 point on 0-10 (OMERACT)",
                "Upper dose of 6 mg a day, set knowing the FINAL trial",
            ),
            conflict_notes=(
                "Authors of the 2025 review ran Srinivasan 2021; they do not extract or judge it here.",
            ),
        ),
        question=Question(
            population="Adults with chronic pain (3 months or longer), whatever its cause",
            intervention="Oral naltrexone, maintenance dose up to 6 mg a day, for at least 2 weeks",
            comparators="C1 placebo; C2 an active drug. Two comparisons, never pooled together",
            outcomes="Critical: pain intensity, 30% or more pain relief, serious adverse events",
            design="Randomised, parallel or crossover",
        ),
        eligibility=tuple(Criterion(id=name, text=text) for name, text in CRITERIA.items()),
        sources=(
            Source(
                id="pubmed",
                label="PubMed",
                kind="pubmed",
                query="(naltrexone[mh] OR naltrexone[tiab]) AND (LDN[tiab] OR pain[tiab])",
                every_hours=6,
            ),
            Source(id="ctgov", label="ClinicalTrials.gov", kind="ctgov", query="naltrexone"),
            Source(id="central", label="Cochrane CENTRAL", kind="import", every_hours=2184),
        ),
        interventions=(Intervention(id="ldn", label="LDN"), Intervention(id="placebo", label="Placebo")),
        comparisons=(
            Comparison(
                id="placebo",
                label="Low-dose naltrexone against placebo",
                experimental="ldn",
                control=("placebo",),
                experimental_label="LDN",
                control_label="placebo",
            ),
            Comparison(
                id="active",
                label="Low-dose naltrexone against an active drug",
                experimental="ldn",
                control=("gabapentin",),
                experimental_label="LDN",
                control_label="active drug",
            ),
        ),
        scales=(Scale(id="nrs", label="0-10 numerical rating scale", low=0.0, high=10.0),),
        outcomes=(
            Outcome(
                id="pain",
                label="Pain intensity",
                importance="critical",
                type="continuous",
                better="lower",
                unit="points on a 0-10 scale",
                less="less pain",
                more="more pain",
            ),
        ),
        windows=(
            Window(id="primary", label="nearest 12 weeks, within 6 to 26", nearest=12.0, low=6.0, high=26.0),
        ),
        models={"random": Model(tau2="REML", interval="HK-guarded")},
        analyses=(
            Analysis(
                id="pain",
                label="Pain intensity",
                role="primary",
                comparison="placebo",
                outcome="pain",
                window="primary",
                measure="MD",
                estimands=("adjusted",),
                models="random",
            ),
        ),
        update_rule=UpdateRule(version="1"),
        sentences=Sentences(**words),
    )


# --- studies ------------------------------------------------------------------------------------------


def reader(by: str = "import", grade: str = "A", seq: int = 12) -> ReadBy:
    return ReadBy(by=by, at="2025-06-20T06:00:00Z", grade=grade, seq=seq)


def cell(study: str, record: str, said: str, quotes: tuple[Quote, ...], weeks: float, **more: Any) -> CellOut:
    facts: dict[str, Any] = {
        "id": f"pain_ldn-v-placebo_nrs_{weeks:g}w_adjusted",
        "study": record,
        "outcome": "pain",
        "outcome_label": "Pain intensity",
        "experimental": "ldn",
        "control": "placebo",
        "scale": "nrs",
        "scale_label": "0-10 numerical rating scale",
        "weeks": weeks,
        "estimand": "adjusted",
        "standing": "unverified",
        "numbers": {"shape": "reported_contrast"},
        "said": said,
        "quotes": quotes,
        "read_by": (reader(),),
    }
    return CellOut(**{**facts, **more})


def counts(record: str, outcome: str, label: str, said: str, source: str) -> CellOut:
    quote = Quote(report=record, locator="Table 2", kind="transcribed", text=source)
    return cell(
        "",
        record,
        said,
        (quote,),
        12.0,
        id=f"{outcome}_ldn-v-placebo_12w_count",
        outcome=outcome,
        outcome_label=label,
        scale="",
        scale_label="",
        estimand="count",
        numbers={"shape": "event_counts"},
        read_by=(reader(grade="B"),),
    )


def final() -> StudyOut:
    key = "pubmed:38258677"
    text = "between-group difference of -0.34 (-0.95 to 0.27; p=0.27"
    quote = Quote(
        report=key,
        locator="abstract",
        text=text,
        url="https://research.regionh.dk/en/publications/naltrexone-6-mg",
    )
    qsp = "a published data set of fibromyalgia trials, Tables 1-2"
    return StudyOut(
        key=key,
        slug="final-2024-38258677",
        label="FINAL 2024",
        status="included",
        decided_by="import, grade A",
        design="parallel",
        condition="fibromyalgia (women)",
        condition_group="fibromyalgia",
        available_from="2024-01",
        arms=(
            ArmOut(id="ldn", label="naltrexone", intervention="ldn", dose_mg=6.0, n_randomised=49),
            ArmOut(id="placebo", label="placebo", intervention="placebo", dose_mg=None, n_randomised=50),
        ),
        registrations=("NCT04270877", "EudraCT 2019-000702-30"),
        reports=(
            ReportOut(
                record=key,
                kind="article",
                title="Naltrexone 6 mg once daily versus placebo in women with fibromyalgia",
                container="Lancet Rheumatol",
                published="2024-01",
                doi="10.1016/S2665-9913(23)00278-3",
                url="https://pubmed.ncbi.nlm.nih.gov/38258677/",
                payload=HASH,
            ),
        ),
        cells=(
            cell(
                "final",
                key,
                "difference −0.34, 95% CI −0.95 to 0.27",
                (quote,),
                12.0,
                population="all_randomised",
            ),
            counts(key, "relief-30", "Participants with 30% or more pain relief", "20 of 49 v 13 of 50", qsp),
            counts(key, "any-ae", "Participants with any adverse event", "41 of 49 v 43 of 50", qsp),
        ),
        notes=("The published d of 0.23 is standardised by the baseline SD.",),
    )


def tsui() -> StudyOut:
    key = "pubmed:38408060"
    quote = Quote(
        report=key,
        locator="abstract",
        text="0.88 (-0.70 to 2.46)",
        url="https://pubmed.ncbi.nlm.nih.gov/38408060/",
    )
    return StudyOut(
        key=key,
        slug="tsui-2024-38408060",
        label="Tsui 2024",
        status="included",
        decided_by="import, grade A",
        design="multi_arm",
        condition="chronic pain with HIV and heavy alcohol use",
        condition_group="other",
        arms=(
            ArmOut(id="ldn", label="naltrexone", intervention="ldn", dose_mg=4.5, n_randomised=15),
            ArmOut(
                id="gabapentin",
                label="gabapentin",
                intervention="gabapentin",
                dose_mg=1800.0,
                n_randomised=15,
            ),
            ArmOut(id="placebo", label="placebo", intervention="placebo", dose_mg=None, n_randomised=15),
        ),
        registrations=("NCT04052139",),
        reports=(
            ReportOut(
                record=key,
                kind="article",
                title="Low-dose naltrexone or gabapentin for chronic pain in people with HIV",
                container="PLoS One",
                published="2024-02",
                doi="10.1371/journal.pone.0297948",
                url="https://pubmed.ncbi.nlm.nih.gov/38408060/",
                payload=HASH,
            ),
        ),
        cells=(
            cell(
                "tsui",
                key,
                "difference 0.88, 95% CI −0.70 to 2.46",
                (quote,),
                8.0,
                scale_label="BPI severity, 0-10",
            ),
        ),
    )


def innova() -> StudyOut:
    key = "pubmed:42385209"
    quote = Quote(
        report=key,
        locator="Table 3",
        kind="transcribed",
        text="a published data set of fibromyalgia trials, Table 3",
    )
    people = (reader("p-7f3a", "", 41), reader("p-c210", "", 42))
    return StudyOut(
        key=key,
        slug="innova-2026-42385209",
        label="INNOVA 2026",
        status="included",
        decided_by="two people",
        design="parallel",
        condition="fibromyalgia (women)",
        condition_group="fibromyalgia",
        arms=(
            ArmOut(id="ldn", label="naltrexone", intervention="ldn", dose_mg=4.5, n_randomised=48),
            ArmOut(id="placebo", label="placebo", intervention="placebo", dose_mg=None, n_randomised=50),
        ),
        registrations=("NCT04739995", "EUCTR2021-002534-16-ES"),
        reports=(
            ReportOut(
                record=key,
                kind="article",
                title="Low-dose naltrexone in women with fibromyalgia: the INNOVA trial",
                container="Eur J Pain",
                published="2026-06",
                doi="10.1002/ejp.70321",
                url="https://pubmed.ncbi.nlm.nih.gov/42385209/",
                payload=HASH,
            ),
        ),
        cells=(
            cell(
                "innova",
                key,
                "difference 0.49, 95% CI −0.32 to 1.31",
                (quote,),
                13.0,
                standing="agreed",
                read_by=people,
                population="all_randomised",
                notes="0.49 is near the raw level difference (0.50); the change difference is 0.31.",
            ),
            counts(
                key,
                "relief-30",
                "Participants with 30% or more pain relief",
                "5 of 47 v 9 of 49",
                "the same data set",
            ),
            counts(
                key,
                "any-ae",
                "Participants with any adverse event",
                "33 of 48 v 36 of 50",
                "the same data set",
            ),
        ),
    )


def listed(key: str, label: str, status: str, title: str, **more: Any) -> StudyOut:
    slug = f"{label} {key.partition(':')[2]}".lower().replace(" ", "-").replace("/", "-").replace("&", "and")
    url = f"https://pubmed.ncbi.nlm.nih.gov/{key[7:]}/" if key.startswith("pubmed:") else ""
    kind = "registration" if key.startswith("ctgov:") else "article"
    if key.startswith("ctgov:"):
        url = f"https://clinicaltrials.gov/study/{key[6:]}"
    reports = (ReportOut(record=key, kind=kind, title=title, url=url),)  # type: ignore[arg-type]
    return StudyOut(key=key, slug=slug, label=label, status=status, reports=reports, **more)  # type: ignore[arg-type]


def others() -> tuple[StudyOut, ...]:
    waiting = {"awaiting_data": True, "status": "included"}
    return (
        listed(
            "pubmed:23359310",
            "Younger 2013",
            title="Low-dose naltrexone for fibromyalgia, crossover trial",
            reason="percent change only, 12 weeks against 4, no washout",
            **waiting,
        ),
        listed(
            "pubmed:38226027",
            "Bested 2023",
            title="Low-dose naltrexone for fibromyalgia, crossover trial",
            reason="paired medians; two derivations of the standard error disagree",
            **waiting,
        ),
        listed(
            "pubmed:37045708",
            "Beaudette-Zlatanova 2023",
            title="Naltrexone for arthritis pain, crossover trial",
            reason="severity is in the posted registry results",
            **waiting,
        ),
        listed(
            "pubmed:19453963",
            "Younger & Mackey 2009",
            "excluded",
            "Naltrexone for fibromyalgia, pilot study",
            criterion="X1",
            reason=WHY_X1,
            decided_by="import, grade A",
        ),
        listed(
            "pubmed:20695007",
            "Cree 2010",
            "excluded",
            "Naltrexone and quality of life in multiple sclerosis",
            criterion="E2",
            reason="Pain Effects Scale is interference",
            decided_by="import, grade A",
        ),
        listed(
            "ctgov:NCT03278886",
            "NCT03278886",
            "awaiting_classification",
            "Naltrexone and nalmefene for pain in HIV",
            reason="results not found",
        ),
        listed(
            "ctgov:NCT05955313",
            "NCT05955313",
            "ongoing",
            "Low-dose naltrexone for vulvodynia",
            registry_status="RECRUITING",
            planned_n=300,
            expected="2026-12-31",
        ),
        listed(
            "ctgov:NCT06306157",
            "NCT06306157",
            "ongoing",
            "Low-dose naltrexone for complex regional pain syndrome",
            registry_status="NOT_YET_RECRUITING",
            planned_n=40,
            expected="2026-10",
        ),
    )


# --- analyses ------------------------------------------------------------------------------------------


def line(
    study: StudyOut, estimate: float, low: float, high: float, n: tuple[int, int], **more: Any
) -> ContrastOut:
    one = study.cells[0]
    se = (high - low) / (2 * Z)
    width = Derivation(
        formula="se_from_ci_z",
        source="Cochrane Handbook 6.5, 6.5.2.2",
        inputs={"low": low, "high": high, "level": 0.95},
        output="se",
        value=se,
    )
    facts: dict[str, Any] = {
        "study": study.key,
        "slug": study.slug,
        "label": study.label,
        "cell": one.id,
        "n_experimental": n[0],
        "n_control": n[1],
        "estimate": estimate,
        "se": se,
        "low": estimate - Z * se,
        "high": estimate + Z * se,
        "weight": None,
        "estimand": "adjusted",
        "weeks": one.weeks,
        "scale_label": one.scale_label,
        "dose_mg": study.arms[0].dose_mg if study.arms else None,
        "condition": study.condition,
        "standing": one.standing,
        "derivations": (width,),
        "said": one.said,
        "where": "; ".join(quote.locator for quote in one.quotes),
    }
    return ContrastOut(**{**facts, **more})


def events(study: StudyOut, at: int, a: int, n: int, c: int, m: int) -> ContrastOut:
    one = study.cells[at]
    log, se = math.log(a / n / (c / m)), math.sqrt(1 / a - 1 / n + 1 / c - 1 / m)
    return line(
        study,
        log,
        log - Z * se,
        log + Z * se,
        (n, m),
        cell=one.id,
        events_experimental=a,
        events_control=c,
        said=one.said,
        standing=one.standing,
        weeks=one.weeks,
        estimand="count",
        where=one.quotes[0].locator,
        derivations=(
            Derivation(
                formula="log_rr",
                source="Cochrane Handbook 6.5, 6.4.1.1",
                inputs={"a": float(a), "n": float(n), "c": float(c), "m": float(m)},
                output="log RR",
                value=log,
            ),
        ),
    )


def analysis(
    id_: str, label: str, contrasts: tuple[ContrastOut, ...], pool: PoolOut, **more: Any
) -> AnalysisOut:
    facts: dict[str, Any] = {
        "id": id_,
        "label": label,
        "role": "main",
        "comparison": "placebo",
        "outcome": id_,
        "outcome_label": label,
        "importance": "critical",
        "window": "nearest 12 weeks, within 6 to 26",
        "measure": "MD",
        "measure_label": "mean difference",
        "unit": "points on a 0-10 scale",
        "ratio": False,
        "better": "lower",
        "harm": False,
        "favours_low": "less pain with LDN",
        "favours_high": "less pain with placebo",
        "important_difference": None,
        "note": "",
        "contrasts": contrasts,
        "pool": pool,
        "funnel": "no funnel plot or small-study test with fewer than 10 studies",
    }
    return AnalysisOut(**{**facts, **more})


def ratio(
    id_: str, label: str, contrasts: tuple[ContrastOut, ...], pool: PoolOut, **more: Any
) -> AnalysisOut:
    facts = {
        "measure": "RR",
        "measure_label": "risk ratio",
        "unit": "participants",
        "ratio": True,
        "favours_low": "more people with relief with placebo",
        "favours_high": "more people with relief with LDN",
        "better": "higher",
    }
    return analysis(id_, label, contrasts, pool, **{**facts, **more})


def no_pool(k: int, reason: str = TWO) -> PoolOut:
    return PoolOut(pooled=False, reason=reason, k=k)


def two_pool() -> PoolOut:
    return PoolOut(
        pooled=True,
        k=2,
        n_experimental=64,
        n_control=65,
        method="REML",
        interval="HK-guarded",
        interval_label=GUARDED,
        estimate=0.0433635095307,
        se=0.566335505147,
        low=-7.15261133231,
        high=7.23933839137,
        p=0.951349849771,
        simple_low=-1.06663368372,
        simple_high=1.15336070279,
        tau2=0.370839243476,
        tau2_low=0.0,
        tau2_high=757.414435,
        i2=49.8305905,
        q=1.9932464036,
        q_df=1,
        q_p=0.158001852861,
    )


def three_pool(**more: Any) -> PoolOut:
    facts: dict[str, Any] = {
        "pooled": True,
        "k": 3,
        "n_experimental": 111,
        "n_control": 114,
        "method": "REML",
        "interval": "HK-guarded",
        "interval_label": GUARDED,
        "estimate": 0.163975100066,
        "se": 0.367996571882,
        "low": -1.41938635448,
        "high": 1.74733655461,
        "p": 0.699485084898,
        "simple_low": -0.557284927257,
        "simple_high": 0.885235127389,
        "tau2": 0.192274587269,
        "tau2_low": 0.0,
        "tau2_high": 15.0322593,
        "i2": 47.9341059,
        "q": 3.74761128653,
        "q_df": 2,
        "q_p": 0.153538236806,
        "prediction_reason": "given from 5 studies",
    }
    return PoolOut(**{**facts, **more})


def variants() -> tuple[SensitivityOut, ...]:
    every = ("FINAL 2024", "Tsui 2024", "INNOVA 2026")
    wald = three_pool(
        method="DL",
        interval="wald",
        interval_label="z interval",
        estimate=0.160489955619,
        low=-0.55070793932,
        high=0.871687850533,
        tau2=0.18249267275,
    )
    by_change = three_pool(
        estimate=0.0608351216275,
        low=-1.31030054084,
        high=1.43197078409,
        tau2=0.10575916375,
        i2=33.6162468,
        q=2.933380282,
        simple_low=-0.563750845483,
        simple_high=0.685421088739,
    )
    unverified = no_pool(1, "one study; the protocol asks for two before an average is given")
    return (
        SensitivityOut(id="dl-wald", label="DerSimonian-Laird with Wald interval", pool=wald, studies=every),
        SensitivityOut(
            id="innova-change",
            label="INNOVA by the difference of changes (0.31)",
            pool=by_change,
            studies=every,
        ),
        SensitivityOut(
            id="verified", label="verified numbers only", pool=unverified, studies=("INNOVA 2026",)
        ),
    )


def by_condition() -> SubgroupOut:
    fibromyalgia = PoolOut(
        pooled=True,
        k=2,
        method="REML",
        interval="HK-guarded",
        interval_label=GUARDED,
        estimate=0.0291895600961,
        low=-5.21166019521,
        high=5.2700393154,
        tau2=0.209563087206,
    )
    one = no_pool(1, "one study; the protocol asks for two before an average is given")
    return SubgroupOut(
        id="condition",
        label="Condition",
        levels=(
            SubgroupLevelOut(
                id="fibromyalgia",
                label="fibromyalgia",
                studies=("FINAL 2024", "INNOVA 2026"),
                pool=fibromyalgia,
            ),
            SubgroupLevelOut(id="other", label="other chronic pain", studies=("Tsui 2024",), pool=one),
        ),
        test="not tested: a test needs 10 studies and 3 in each group",
    )


NOT_POOLED = (
    NotPooledStudy(
        study="pubmed:23359310",
        slug="younger-2013-23359310",
        label="Younger 2013",
        reason="percent change; 12 weeks against 4, no washout",
        found="pain reduction 28.8% v 18.0%, P = 0.016",
    ),
    NotPooledStudy(
        study="pubmed:38226027",
        slug="bested-2023-38226027",
        label="Bested 2023",
        reason="paired medians; the standard errors from the IQR (0.65) and from P (0.39) disagree",
        found="FIQR −1.65 (median difference)",
    ),
    NotPooledStudy(
        study="pubmed:37045708",
        slug="beaudette-zlatanova-2023-37045708",
        label="Beaudette-Zlatanova 2023",
        reason="severity and its paired SE are in the posted registry results, not yet read",
    ),
)


# --- versions ------------------------------------------------------------------------------------------


def comparisons(
    contrasts: tuple[ContrastOut, ...], headline: dict[str, Any], trials: list[StudyOut]
) -> tuple[ComparisonOut, ...]:
    relief = [events(trials[0], 1, 20, 49, 13, 50)]
    harm = [events(trials[0], 2, 41, 49, 43, 50)]
    if len(trials) > 2:
        relief.append(events(trials[2], 1, 5, 47, 9, 49))
        harm.append(events(trials[2], 2, 33, 48, 36, 50))
    few = no_pool(
        len(relief),
        TWO if len(relief) == 2 else "one study; the protocol asks for three before an average is given",
    )
    none = no_pool(0, "no study is left under this condition")
    return (
        ComparisonOut(
            id="placebo",
            label="Low-dose naltrexone against placebo",
            experimental_label="LDN",
            control_label="placebo",
            analyses=(
                analysis(
                    "pain",
                    "Pain intensity",
                    contrasts,
                    role="primary",
                    important_difference=1.0,
                    note="Negative values mean less pain with LDN.",
                    not_pooled=NOT_POOLED,
                    **headline,
                ),
                ratio("relief-30", "Participants with 30% or more pain relief", tuple(relief), few),
                ratio(
                    "any-ae",
                    "Any adverse event",
                    tuple(harm),
                    few,
                    harm=True,
                    better="lower",
                    importance="important",
                    favours_low="fewer people with events with LDN",
                    favours_high="fewer people with events with placebo",
                ),
                ratio("sae", "Serious adverse events", (), none, harm=True, better="lower"),
            ),
        ),
        ComparisonOut(
            id="active",
            label="Low-dose naltrexone against an active drug",
            experimental_label="LDN",
            control_label="active drug",
            analyses=(
                analysis(
                    "active-pain",
                    "Pain intensity, LDN against an active drug",
                    (),
                    none,
                    comparison="active",
                    not_pooled=(
                        NotPooledStudy(
                            study="pubmed:38408060",
                            slug="tsui-2024-38408060",
                            label="Tsui 2024",
                            reason="SDs are in the registry, not yet read",
                            found="1.15 points, SE not derivable",
                        ),
                    ),
                ),
            ),
        ),
    )


def screened(studies: tuple[StudyOut, ...]) -> tuple[StudyOut, ...]:
    """Return the studies as people left them: every one judged on its full report."""
    return tuple(study.model_copy(update={"screened_on": "full_text"}) for study in studies)


def flow(studies: tuple[StudyOut, ...], in_headline: int) -> Flow:
    records = [report.record.partition(":")[0] for study in studies for report in study.reports]
    return Flow(
        records=len(records),
        by_source={name: records.count(name) for name in sorted(set(records))},
        studies=len(studies),
        records_awaiting_screening=0,
        in_headline=in_headline,
        **listed_counts(studies),
    )


def numbered(
    snapshot: Snapshot, version: str, previous: str, day: str, decision: Decision, replay: bool = True
) -> Snapshot:
    found = evidence_digest(snapshot.model_dump(mode="json"))
    release = ReleaseOut(
        version=version,
        previous=previous,
        date=day,
        at=f"{day}T06:00:00Z",
        digest=found,
        ledger_seq=57,
        ledger_head=digest("an invented ledger"),
        decision=decision,
        searched=(
            Searched(source="pubmed", label="PubMed", to=day),
            Searched(source="ctgov", label="ClinicalTrials.gov", to=day),
        ),
        replay=replay,
        engine=EngineOut(living="0.1.0", schema_id="living-snapshot/1"),
    )
    return snapshot.model_copy(update={"release": release})


def evidence(
    trials: list[StudyOut], comparison: tuple[ComparisonOut, ...], answer: Answer, **more: Any
) -> Snapshot:
    studies = screened((*trials, *others()))
    text = 'topic = "ldn-chronic-pain" # shortened for tests\n'
    facts: dict[str, Any] = {
        "topic": "ldn-chronic-pain",
        "title": TITLE,
        "short": "LDN for chronic pain",
        "public_note": "This is a replay: dates are virtual and the second readers are scripts.",
        "continues": "Hegde NC et al. Curr Pain Headache Rep 2025;29(1):96",
        "protocol": protocol(),
        "protocol_sha256": digest(text),
        "protocol_text": text,
        "rule_sha256": digest("rule 1"),
        "answer": answer,
        "comparisons": comparison,
        "studies": studies,
        "flow": flow(studies, len(trials)),
    }
    return Snapshot(**{**facts, **more})


def v1(**more: Any) -> Snapshot:
    """Evidence to mid-2025: two trials, both shown, no headline average."""
    trials = [final(), tsui()]
    contrasts = (line(trials[0], -0.34, -0.95, 0.27, (49, 50)), line(trials[1], 0.88, -0.70, 2.46, (15, 15)))
    answer = Answer(
        headline="Two small trials of low-dose naltrexone for chronic pain, too few for an average",
        headline_signed=False,
        lede="Two trials found −0.34 and 0.88. Two are too few for a dependable average, so none is given.",
        standing="Not checked by the review team; certainty not rated; 2 of 2 numbers rest on one source.",
        analysis="pain",
        n_numbers=2,
        n_unverified=2,
    )
    headline = {"pool": no_pool(2), "two_study_pool": two_pool()}
    decision = Decision(
        code="first_version",
        level="major",
        reason="nothing was published before",
        banner="First version: 5 studies included, 2 of them in the main analysis; 3 await data.",
        rule_sha256=digest("rule 1"),
    )
    snapshot = evidence(trials, comparisons(contrasts, headline, trials), answer, **more)
    return numbered(snapshot, "v1.0", "", "2025-06-20", decision)


def v2(**more: Any) -> Snapshot:
    """INNOVA added: three trials and their average."""
    trials = [final(), tsui(), innova()]
    contrasts = (
        line(trials[0], -0.34, -0.95, 0.27, (49, 50), weight=46.8361433),
        line(trials[1], 0.88, -0.70, 2.46, (15, 15), weight=16.0807923),
        line(trials[2], 0.49, -0.32, 1.31, (47, 49), weight=37.0830644),
    )
    answer = Answer(
        headline="Three small trials do not show whether low-dose naltrexone reduces chronic pain",
        headline_signed=False,
        lede=(
            "Three placebo-controlled trials, 225 people analysed: average difference 0.16 points on a "
            "0-10 scale (95% CI −1.42 to 1.75; below zero means less pain with LDN). That range includes "
            "an important benefit, no difference and an important harm."
        ),
        standing="Not checked by the review team; certainty not rated; 2 of 3 numbers rest on one source.",
        analysis="pain",
        n_numbers=3,
        n_unverified=2,
    )
    headline = {"pool": three_pool(), "sensitivity": variants(), "subgroups": (by_condition(),)}
    decision = Decision(
        code="new_evidence",
        level="major",
        reason="a newly eligible study was extracted and agreed",
        banner=(
            "Studies added: INNOVA 2026. Pain intensity: no average to 0.16 (−1.42 to 1.75). "
            "Conclusion under review."
        ),
        rule_sha256=digest("rule 1"),
        causes=(
            Cause(
                kind="added",
                study="pubmed:42385209",
                label="INNOVA 2026",
                text="INNOVA 2026 entered the analysis",
            ),
        ),
        shifts=(
            Shift(
                analysis="pain",
                cause="INNOVA 2026 entered with 0.49 (−0.32 to 1.31)",
                before=0.0433635095307,
                after=0.163975100066,
            ),
        ),
    )
    snapshot = evidence(trials, comparisons(contrasts, headline, trials), answer, **more)
    return numbered(snapshot, "v2.0", "v1.0", "2026-06-18", decision)
