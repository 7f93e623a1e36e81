"""The second story: a report is retracted, in a topic that is invented from end to end."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from deploy.replay.ldn import join, pain_of
from deploy.replay.stage import Stage, expect
from deploy.replay.steps import Chapter, Step
from living.service.people import vote
from living.service.publish import present, publish_bound
from living.service.refresh import refresh
from living.service.topics import load_topic
from living.service.turn import turn

TOPIC = "glimmerleaf-tea"
FOLDER = Path(__file__).parent / "topics" / TOPIC
WORDS = "Synthetic text of an invented trial of glimmerleaf tea. No such tea, trial or ache exists."
RETRACTED, NOTICE, RETRACTED_ON = "990000003", "990000009", "2026-07-02"
READER = "cleo@example.org"


def chapter() -> Chapter:
    """Return the story of the retraction."""
    return Chapter(
        "Glimmerleaf tea for Tuesday ache (invented: no real trial is used to tell a retraction)",
        (
            Step("tea-v1", "2026-07-01 17:00", "Four invented trials make v1.0; a reader subscribes", _first),
            Step("tea-retracted", "2026-07-02 10:00", "A poll finds one report retracted", _retracted),
            Step("tea-v1.1", "2026-07-02 15:00", "Two people exclude the trial; v1.1 is published", _without),
        ),
    )


def _first(stage: Stage) -> Iterator[str]:
    load_topic(stage.house, FOLDER)
    turn(stage.house, TOPIC)
    join(stage, TOPIC, READER, "retraction")
    expect(stage.versions(TOPIC)[:1] == ("v1.0",), "the invented topic has its v1.0")
    stage.noted["tea-v1.0"] = stage.fixed_bytes(TOPIC, "v1.0")
    yield f"v1.0: {_average(stage, 'v1.0')}"


def _retracted(stage: Stage) -> Iterator[str]:
    turn(stage.house, TOPIC)
    tasks = stage.queue(TOPIC, "retraction")
    expect(tasks, "the retraction is a task")
    expect(stage.versions(TOPIC) == ("v1.0",), "a retraction makes no version by itself")
    _untouched(stage)
    expect("was retracted on" in stage.page(f"/{TOPIC}/v1.0/"), "v1.0 says it above its answer")
    stage.send(TOPIC)
    kinds = [item.kind for item in stage.house.store.letters(TOPIC)]
    expect("retraction" in kinds, "a letter tells the retraction")
    told = stage.house.store.bulletins(TOPIC)[-1].decision.banner
    yield f"Banner on v1.0, whose own bytes stay; letter; queue: retraction, {tasks[0].label}"
    yield told.removeprefix(f"{tasks[0].label} was retracted on {RETRACTED_ON}. ")


def _without(stage: Stage) -> Iterator[str]:
    for by in ("screener-a", "screener-b"):
        vote(stage.house, TOPIC, f"pubmed:{RETRACTED}", "exclude", by, "X5", "Retracted (invented)")
    refresh(stage.house, TOPIC)
    publish_bound(stage.house, TOPIC)
    present(stage.house, TOPIC)
    stage.send(TOPIC)
    expect(stage.versions(TOPIC) == ("v1.0", "v1.1"), "v1.1 follows v1.0")
    _untouched(stage)
    yield f"v1.1, excluded by X5: {_average(stage, 'v1.1')}"


def _untouched(stage: Stage) -> None:
    same = stage.fixed_bytes(TOPIC, "v1.0") == stage.noted["tea-v1.0"]
    expect(same, "every fixed byte of v1.0 is as it was")


def _average(stage: Stage, version: str) -> str:
    pool = pain_of(stage.snapshot(TOPIC, version)).pool
    expect(pool.pooled and pool.estimate is not None, f"{version} has an average")
    return f"{pool.k} trials, average {pool.estimate:.2f} ({pool.low:.2f} to {pool.high:.2f})"
