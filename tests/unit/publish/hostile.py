"""A snapshot full of malicious strings, plainly invented: what a source, a form or a protocol could carry."""

from typing import Any

from living.model.facts import Quote
from living.model.record import Notice
from living.model.snapshot import Answer, ReportOut, Snapshot
from tests.unit.publish import snapshots

SCRIPT = "<script>alert('invented')</script>"
ATTACKS = (
    SCRIPT,
    '"><img src=x onerror=alert(1)>',
    "'-alert(1)-'",
    "</title><svg onload=alert(1)>",
    "</style><b onmouseover=alert(1)>",
    "]]><x:script xmlns:x='http://www.w3.org/1999/xhtml'>alert(1)</x:script>",
    "<!--/body-->\n<iframe src='javascript:alert(1)'></iframe>",
    "{{ 7*7 }}{% include '/etc/passwd' %}",
    "\u202egnp.exe\u202c",
    "a\x00b\x0bc\x1bd",
    '=HYPERLINK("http://invented.example","x")',
)
EVERY = " ".join(ATTACKS)


def snapshot() -> Snapshot:
    """Return a version whose every text is an attack."""
    base = snapshots.v2()
    studies = tuple(_study(study, index) for index, study in enumerate(base.studies))
    answer = Answer(
        headline=EVERY,
        headline_signed=False,
        lede=EVERY,
        standing=EVERY,
        analysis="pain",
        n_numbers=3,
        n_unverified=2,
    )
    comparisons = tuple(_comparison(comparison) for comparison in base.comparisons)
    head = base.protocol.topic.model_copy(update={"provisional": ATTACKS, "conflict_notes": ATTACKS})
    question = base.protocol.question.model_copy(update={"population": EVERY})
    assert base.release
    decision = base.release.decision.model_copy(update={"banner": EVERY, "reason": EVERY})
    return base.model_copy(
        update={
            "title": EVERY,
            "public_note": EVERY,
            "continues": EVERY,
            "answer": answer,
            "studies": studies,
            "comparisons": comparisons,
            "protocol": base.protocol.model_copy(update={"topic": head, "question": question}),
            "release": base.release.model_copy(update={"decision": decision}),
        }
    )


def _study(study: Any, index: int) -> Any:
    attack = ATTACKS[index % len(ATTACKS)]
    quote = Quote(report="pubmed:1", locator=EVERY, text=EVERY, url="javascript:alert(1)")
    cells = tuple(
        cell.model_copy(update={"quotes": (quote,), "said": EVERY, "notes": EVERY}) for cell in study.cells
    )
    report = ReportOut(
        record="pubmed:1",
        kind="article",
        title=f"<i>In vitro</i> {EVERY}",
        container=EVERY,
        doi='10.1/"><script>',
        url="javascript:alert(1)",
        notices=(Notice(kind="concern", text=EVERY),),
    )
    return study.model_copy(
        update={
            "label": attack,
            "reason": EVERY,
            "notes": ATTACKS,
            "cells": cells,
            "reports": (report,),
            "condition": EVERY,
        }
    )


def _comparison(comparison: Any) -> Any:
    analyses = tuple(
        item.model_copy(
            update={
                "label": EVERY,
                "note": EVERY,
                "favours_low": SCRIPT,
                "favours_high": SCRIPT,
                "contrasts": tuple(_contrast(one, index) for index, one in enumerate(item.contrasts)),
                "pool": item.pool.model_copy(update={"reason": EVERY, "interval_label": EVERY}),
            }
        )
        for item in comparison.analyses
    )
    return comparison.model_copy(
        update={"label": EVERY, "experimental_label": SCRIPT, "control_label": SCRIPT, "analyses": analyses}
    )


def _contrast(one: Any, index: int) -> Any:
    update = {"label": ATTACKS[index], "said": EVERY, "where": EVERY, "flags": ATTACKS}
    return one.model_copy(update=update)
