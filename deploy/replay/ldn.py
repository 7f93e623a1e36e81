"""The first story: a real trial of 2026 comes to a review of 2025 and makes a new version."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from email import message_from_bytes, policy
from pathlib import Path

from deploy.replay.registries import ALCOHOL, INNOVA, KIDNEY
from deploy.replay.stage import Stage, expect
from deploy.replay.steps import Chapter, Step
from living.config import shipped
from living.model.snapshot import AnalysisOut, Snapshot
from living.review.compare import analyses
from living.review.snapshot import build_snapshot
from living.service.letters import subscribe, token
from living.service.people import submit_form, vote
from living.service.publish import present, publish_bound
from living.service.refresh import refresh
from living.service.topics import active, load_topic
from living.service.turn import turn

TOPIC = "ldn-chronic-pain"
FOLDER = shipped("db") / "topics" / TOPIC
FORMS = Path(__file__).parent / "forms"
KNOWN_UNTIL = "2025-06-20"
PAPER, REGISTRATION = f"pubmed:{INNOVA}", "ctgov:NCT04739995"
EVERYTHING, STUDIES = "anna@example.org", "bela@example.org"
HEADLINE = "Three small trials do not show whether low-dose naltrexone reduces chronic pain"
POOLED = (0.16, -1.42, 1.75)
DOOR = re.compile(r"/letters/confirm/[0-9a-f]{64}")


def chapter() -> Chapter:
    """Return the story of the LDN review."""
    title = "Low-dose naltrexone for chronic pain (real trials; numbers of the topic's seed evidence)"
    return Chapter(
        title,
        (
            Step("load", "2025-06-20 08:00", "The topic is loaded with what was known by this day", _load),
            Step("v1", "2025-06-20 15:00", "Both registries are searched; v1.0 is published", _first),
            Step("readers", "2025-06-21 09:00", "Two people subscribe and follow their links", _readers),
            Step("innova", "2026-06-16 15:00", "A poll finds the INNOVA trial's article in PubMed", _innova),
            Step("screen", "2026-06-16 17:00", "Two people screen out another find, on alcohol", _screen),
            Step("form-a", "2026-06-17 09:00", "The first reader hands in a form on INNOVA", _first_form),
            Step("form-b", "2026-06-17 14:00", "The second reader hands in another", _second_form),
            Step("v2", "2026-06-18 09:00", "The rule says new_evidence: v2.0 is published, mailed", _second),
            Step("nothing", "2026-07-01 15:00", "A poll finds nothing: only the pulse moves", _nothing),
        ),
    )  # fmt: skip


def _load(stage: Stage) -> Iterator[str]:
    load_topic(stage.house, FOLDER, until=KNOWN_UNTIL)
    standing = [item.status for item in stage.evidence(TOPIC).standing.values()]
    count = {name: standing.count(name) for name in ("included", "excluded", "ongoing")}
    yield f"{len(standing)} studies: {', '.join(f'{number} {name}' for name, number in count.items())}"


def _first(stage: Stage) -> Iterator[str]:
    turn(stage.house, TOPIC)
    _all_current(stage)
    expect(stage.versions(TOPIC) == ("v1.0",), "one version, v1.0")
    pain = pain_of(stage.snapshot(TOPIC, "v1.0"))
    expect(len(pain.contrasts) == 2 and not pain.pool.pooled, "two trials and no average in v1.0")
    found = {source: len(stage.house.store.known(TOPIC, source)) for source in ("pubmed", "ctgov")}
    each = " and ".join(f"{item.label} {item.estimate:.2f}" for item in pain.contrasts)
    yield f"{found['pubmed']} entries of PubMed and {found['ctgov']} of ClinicalTrials.gov are stored"
    yield f"Pain: {each}; two trials, so no headline average"


def _readers(stage: Stage) -> Iterator[str]:
    for address, level in ((EVERYTHING, "every_bulletin"), (STUDIES, "new_study")):
        join(stage, TOPIC, address, level)
    readers = stage.house.store.subscribers(TOPIC)
    expect(len(readers) == 2, "two confirmed readers")
    yield f"{len(readers)} readers are confirmed: one wants every bulletin, one new studies only"


def _innova(stage: Stage) -> Iterator[str]:
    turn(stage.house, TOPIC)
    _all_current(stage)
    state, _ = active(stage.house, TOPIC)
    expect(PAPER in state.records, "the article of INNOVA is stored")
    expect(f"pubmed:{KIDNEY}" not in state.records, "a kidney operation called LDN is not found")
    study = stage.evidence(TOPIC).studies.study_of(PAPER)
    expect(study and REGISTRATION in study.records, "the article is linked to its registration")
    tasks = [task for task in stage.queue(TOPIC, "extract") if study and task.study == study.key]
    expect(tasks, "INNOVA waits to be extracted")
    stage.send(TOPIC)
    yield "Linked to NCT04739995 by its accession number: an ongoing trial has a report"
    yield f"Queue: extract {tasks[0].label}, {tasks[0].study}: {tasks[0].detail}"


def _screen(stage: Stage) -> Iterator[str]:
    key = f"pubmed:{ALCOHOL}"
    for by in ("screener-a", "screener-b"):
        vote(stage.house, TOPIC, key, "exclude", by, "E2", "Alcohol use disorder; pain was merely measured")
    standing = stage.evidence(TOPIC).standing[key]
    expect((standing.status, standing.criterion) == ("excluded", "E2"), "it is excluded by E2")
    yield "Excluded by criterion E2: not a pain population, pain was merely measured"


def _first_form(stage: Stage) -> Iterator[str]:
    _submit(stage, "a")
    waiting = stage.queue(TOPIC, "second_reader")
    expect(waiting, "the cells wait for a second reader")
    made = refresh(stage.house, TOPIC)
    present(stage.house, TOPIC)
    stage.send(TOPIC)
    expect(not made.version and _trials_now(stage) == 2, "one reader's numbers are not used")
    yield f"{len(waiting)} cells wait for a second reader; still two trials, v1.0 stands"


def _second_form(stage: Stage) -> Iterator[str]:
    _submit(stage, "b")
    study = stage.evidence(TOPIC).studies.study_of(PAPER)
    left = [task for task in stage.evidence(TOPIC).queue() if study and task.study == study.key]
    expect(not left and _trials_now(stage) == 3, "the two readers agree")
    yield "All cells agree; nothing of INNOVA is left in the queue"


def _second(stage: Stage) -> Iterator[str]:
    refresh(stage.house, TOPIC)
    publish_bound(stage.house, TOPIC)
    present(stage.house, TOPIC)
    stage.send(TOPIC)
    snapshot = stage.snapshot(TOPIC, "v2.0")
    pool = pain_of(snapshot).pool
    found = tuple(round(value or 0.0, 2) for value in (pool.estimate, pool.low, pool.high))
    code = snapshot.release.decision.code if snapshot.release else ""
    expect(code == "new_evidence", "the rule says new_evidence")
    expect(snapshot.answer.headline.rstrip(".") == HEADLINE, f"the headline is: {HEADLINE}")
    expect(pool.k == 3 and found == POOLED, f"the average is {POOLED}, not {found}")
    stage.noted |= {"ldn-head": stage.head(TOPIC), "ldn-letters": str(len(stage.mailbox.letters))}
    stage.noted |= {f"ldn-{name}": stage.fixed_bytes(TOPIC, name) for name in stage.versions(TOPIC)}
    yield f"{snapshot.answer.headline}:"
    yield f"average difference {found[0]} points (95% CI {found[1]} to {found[2]})"


def _nothing(stage: Stage) -> Iterator[str]:
    before = json.loads(stage.page(f"/{TOPIC}/status.json"))
    turn(stage.house, TOPIC)
    stage.send(TOPIC)
    _all_current(stage)
    after = json.loads(stage.page(f"/{TOPIC}/status.json"))
    head = stage.head(TOPIC)
    expect(head == stage.noted["ldn-head"], "the ledger stands where it stood")
    for name in stage.versions(TOPIC):
        expect(stage.fixed_bytes(TOPIC, name) == stage.noted[f"ldn-{name}"], f"{name} is as it was")
    expect(str(len(stage.mailbox.letters)) == stage.noted["ldn-letters"], "nobody gets a letter")
    expect(after["version"] == before["version"] and "2026-07-01" in json.dumps(after), "the pulse moved")
    expect("searched to 1 July 2026" in stage.page(f"/{TOPIC}/v2.0/"), "v2.0 says how far was searched")
    number, _, digest = head.partition(" ")
    yield f"Ledger at line {number} ({digest[:12]}) as before; no version, no letter"


# --- what both stories use ----------------------------------------------------------------------------------


def pain_of(snapshot: Snapshot) -> AnalysisOut:
    """Return the analysis of the headline."""
    return analyses(snapshot)[snapshot.answer.analysis]


def join(stage: Stage, topic: str, address: str, level: str) -> None:
    """Subscribe, receive the letter, look at its link, press its button."""
    reader = subscribe(stage.house, topic, address, level)
    stage.send(topic)
    door = _door(stage, address) or f"/letters/confirm/{token(stage.house, 'confirm', reader.id)}"
    stage.page(door)
    stage.press(door)


def _door(stage: Stage, address: str) -> str:
    """Return the link of a letter; empty when a killed replay lost track of whether it was sent."""
    for path in stage.mailbox.letters_to(address):
        body = message_from_bytes(path.read_bytes(), policy=policy.default).get_body(("plain",))
        if body and (found := DOOR.search(body.get_content())):
            return found[0]
    return ""


def _submit(stage: Stage, reader: str) -> None:
    path = FORMS / f"innova-reader-{reader}.toml"
    submit_form(stage.house, TOPIC, path.read_text(encoding="utf-8"), path.name, f"reader-{reader}")


def _trials_now(stage: Stage) -> int:
    state, _ = active(stage.house, TOPIC)
    return len(pain_of(build_snapshot(state)).contrasts)


def _all_current(stage: Stage) -> None:
    for source in ("pubmed", "ctgov"):
        cursor = stage.house.store.cursor(TOPIC, source)
        day = f"{stage.clock.now:%Y-%m-%d}"
        expect(cursor and cursor.watermark == day, f"{source} is searched to {day}")
