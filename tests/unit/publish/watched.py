"""Views of sources for tests of the page: invented, with everything that can stand on it."""

from living.publish.surveillance import (
    AlarmOut,
    FailureOut,
    HandOut,
    OpenOut,
    OverdueOut,
    RunOut,
    SightingOut,
    SourceOut,
    SurveillanceOut,
    WindowOut,
    in_few_words,
)

QUERY = (
    '(naltrexone[mh] OR naltrexone[tiab]) AND ("low dose"[tiab] OR "low-dose"[tiab] OR '
    '"complex regional pain syndrome"[tiab] OR neuralgia[tiab] OR neuropathy[tiab])'
)
LONG = (
    'did not search for all of our query: QuotedPhraseNotFound "complex regional pain syndrome"[tiab]; '
    "PhraseNotFound aVeryLongWordThatNoBrowserWouldEverBreakByItselfUnlessItIsToldToDoSoInTheStyleSheet; "
    "it answered a broader question instead (payload b53538cca453 kept)"
)
EVERYTHING = WindowOut(what="everything", start="", end="")
LATELY = WindowOut(what="entered or changed", start="2026-11-15", end="2026-11-23")


def run(source: str, label: str, at: str, **told: object) -> RunOut:
    """A complete run that adds up, unless told otherwise."""
    given: dict[str, object] = {
        "source": source,
        "label": label,
        "at": at,
        "outcome": "complete",
        "kind": "full",
        "windows": (EVERYTHING, LATELY),
        "listed": 1312,
        "skipped": 1300,
        "fetched": 11,
        "absent": 1,
        "new": 2,
        "unchanged": 9,
        "found": 1309,
        "requests": 4,
        "pages": 1,
        "error": None,
    }
    return RunOut.model_validate(given | told)


def failed(source: str, label: str, at: str) -> RunOut:
    counts = dict.fromkeys(("listed", "skipped", "fetched", "absent", "new", "unchanged"), 0)
    nothing: dict[str, object] = {"found": None, "pages": None, "windows": (), **counts}
    return run(source, label, at, outcome="failed", error=LONG, **nothing)


def source(name: str, label: str, **told: object) -> SourceOut:
    last = run(name, label, "2026-11-22T06:00:00Z")
    given: dict[str, object] = {
        "id": name,
        "label": label,
        "query": QUERY,
        "reading": "",
        "every_hours": 6,
        "state": "current",
        "changed": False,
        "alarms": (),
        "last": last,
        "last_full": last,
        "next_due": "2026-11-22T12:00:00Z",
        "failure": None,
        "open": (),
        "sightings": (),
    }
    return SourceOut.model_validate(given | told)


def view(
    sources: tuple[SourceOut, ...], by_hand: tuple[HandOut, ...] = (), **told: object
) -> SurveillanceOut:
    retired = told.get("retired")
    given: dict[str, object] = {
        "topic": "ldn-chronic-pain",
        "title": "Low-dose naltrexone for chronic pain",
        "public_note": "",
        "replay": False,
        "said": in_few_words(sources, by_hand, str(retired) if retired else ""),
        "retired": None,
        "last_attempt": "2026-11-22T06:00:00Z",
        "sources": sources,
        "by_hand": by_hand,
        "overdue": (),
        "runs": tuple(item.last for item in sources if item.last),
    }
    return SurveillanceOut.model_validate(given | told)


def busy() -> SurveillanceOut:
    """Five sources, each with a trouble of its own, hand searches, open and gone entries, a replay."""
    missing = tuple(
        OpenOut(
            id=str(40000000 + number),
            href=f"https://pubmed.ncbi.nlm.nih.gov/{40000000 + number}/",
            first_missed="2026-11-19T06:00:00Z",
            last_missed="2026-11-22T06:00:00Z",
            times=13,
        )
        for number in range(3)
    )
    gone = SightingOut(
        record="pubmed:90000009",
        title="An <i>invented</i> trial <script>alert(1)</script> of an invented remedy",
        href="https://pubmed.ncbi.nlm.nih.gov/90000009/",
        state="gone",
        since="2026-11-02",
        current=None,
    )
    other = gone.model_copy(
        update={"record": "ctgov:NCT99000003", "state": "aliased", "current": "ctgov:NCT99000004"}
    )
    alarm = AlarmOut(
        kind="canary",
        text="the full search of 2026-11-22 does not list pubmed:90000001 (Invented 2020),"
        " which every full search must list",
        since="2026-11-20T06:00:00Z",
    )
    failure = FailureOut(
        kind="changed", text=LONG, since="2026-11-18T06:00:00Z", tries=17, next_try="2026-11-22T12:00:00Z"
    )
    never: dict[str, object] = {"last": None, "last_full": None, "next_due": None, "state": "never"}
    sources = (
        source(
            "pubmed", "PubMed", reading=QUERY, state="alarm", alarms=(alarm,), open=missing, sightings=(gone,)
        ),
        source("ctgov", "ClinicalTrials.gov", query="naltrexone", sightings=(other,), every_hours=24),
        source("europepmc", "Europe PMC (preprints)", state="failed", failure=failure),
        source("isrctn", "ISRCTN registry", state="stale", changed=True, every_hours=24),
        source("fifth", "A register with a very long name that nobody has searched yet", **never),
    )
    hand = HandOut(
        id="embase",
        label="Embase",
        last="2026-09-01",
        due="2026-12-01",
        overdue=False,
        platform="Ovid",
        found=1201,
        stored=1100,
        unchanged=81,
        repeated=20,
    )
    late: dict[str, object] = {
        "label": "SciELO and LILACS",
        "last": None,
        "due": "2026-11-01",
        "overdue": True,
    }
    late |= dict.fromkeys(("found", "stored", "unchanged", "repeated"), 0)
    overdue = OverdueOut(
        study="ctgov:NCT99000005",
        label="Invented 2023",
        registration="ctgov:NCT99000005",
        href="https://clinicaltrials.gov/study/NCT99000005",
        completed="2024-06",
        due="2025-06-30",
        days=510,
        pending=False,
        reported=False,
    )
    checked = {
        "kind": "check",
        "windows": (
            WindowOut(what="its data were still those of 21 November 2026, 14:00 UTC", start="", end=""),
        ),
        **dict.fromkeys(("listed", "skipped", "fetched", "absent", "new", "unchanged", "found", "pages"), 0),
        "requests": 1,
    }
    runs = (
        run("pubmed", "PubMed", "2026-11-22T06:00:00Z"),
        failed("europepmc", "Europe PMC (preprints)", "2026-11-22T06:00:00Z"),
        run("ctgov", "ClinicalTrials.gov", "2026-11-22T05:00:00Z", **checked),
        run(
            "pubmed",
            "PubMed",
            "2026-11-22T00:00:00Z",
            kind="window",
            windows=(LATELY,),
            found=None,
            requests=None,
        ),
    )
    return view(
        sources,
        replay=True,
        public_note="Everything here is invented.",
        by_hand=(hand, hand.model_copy(update=late)),
        overdue=(overdue, overdue.model_copy(update={"reported": True, "days": 3})),
        runs=runs * 7,
    )


def quiet() -> SurveillanceOut:
    """Two sources on schedule and nothing to tell."""
    return view((source("pubmed", "PubMed"), source("ctgov", "ClinicalTrials.gov")))


def unsearched() -> SurveillanceOut:
    """A review whose sources were never searched."""
    never: dict[str, object] = {"last": None, "last_full": None, "next_due": None, "state": "never"}
    return view(
        (source("pubmed", "PubMed", **never), source("ctgov", "ClinicalTrials.gov", **never)),
        last_attempt=None,
    )


def retired() -> SurveillanceOut:
    """A review that is updated no longer."""
    return view((source("pubmed", "PubMed", state="stale"),), retired="2026-08-01")
