"""The two topics of the tests as ledgers: what was said, by whom, in which order."""

from pathlib import Path
from typing import Any

from living.model.facts import Cell, Characteristics, Extraction, Fact, LedgerLine, ProtocolActivated
from living.model.protocol import Protocol
from living.model.snapshot import AnalysisOut, Snapshot
from living.model.state import ReviewState
from living.review.compare import analyses
from living.review.evidence import Evidence, gather
from living.review.judged import grade_digest, rob_digest
from living.review.protocol import parse, protocol_digest
from living.review.seed import known_by, read_seed
from living.review.snapshot import build_snapshot, released, snapshot_digest
from tests import factories as make

ROOT = Path(__file__).resolve().parents[3]
FOLDERS = {"ldn": ROOT / "db/topics/ldn-chronic-pain", "toy": ROOT / "tests/payloads/topics/toy"}
TEXTS = {name: (folder / "protocol.toml").read_text(encoding="utf-8") for name, folder in FOLDERS.items()}
SEEDS = {
    name: read_seed(
        (folder / "evidence.toml").read_text(encoding="utf-8"), "evidence.toml", parse(TEXTS[name], name)
    )
    for name, folder in FOLDERS.items()
}
AT = "2026-07-01T06:00:00Z"
V1, V2 = "2025-06-30", "2026-06-30"  # the evidence of the first and of the second version of the LDN review

Entry = Fact | tuple[str, Fact] | tuple[str, Fact, str]


def ledger(topic: str, *entries: Entry) -> ReviewState:
    """Facts in this order; each alone (an import), with its author, or with author and instant."""
    lines = []
    for seq, entry in enumerate(entries, 1):
        by, fact, at = (*entry, AT)[:3] if isinstance(entry, tuple) else ("import", entry, AT)
        lines.append(LedgerLine(seq=seq, at=at, by=by, fact=fact))
    return ReviewState.of(topic, lines)


def activated(text: str) -> ProtocolActivated:
    return ProtocolActivated(
        topic=parse(text, "protocol.toml").topic.id, text=text, sha256=protocol_digest(text)
    )


def changed(name: str, *replacements: tuple[str, str]) -> str:
    """A protocol's text with each old passage, which must be there, replaced."""
    text = TEXTS[name]
    for old, new in replacements:
        assert old in text, old
        text = text.replace(old, new)
    return text


def ldn(until: str, *more: Entry, text: str = "") -> ReviewState:
    seeds = known_by(SEEDS["ldn"], until)
    return ledger("ldn-chronic-pain", activated(text or TEXTS["ldn"]), *(s.fact for s in seeds), *more)


def toy(*entries: Entry, text: str = "") -> ReviewState:
    """The toy protocol and these facts, without its seed."""
    return ledger("toy", activated(text or TEXTS["toy"]), *entries)


def seeded(*more: Entry, text: str = "") -> ReviewState:
    """The toy protocol with its seed: alpha, beta and gamma pooled, delta excluded."""
    return toy(*(seed.fact for seed in SEEDS["toy"]), *more, text=text)


def evidence(state: ReviewState) -> Evidence:
    assert state.protocol is not None
    return gather(state, parse(state.protocol.text, "protocol.toml"))


def protocol(name: str = "toy") -> Protocol:
    return parse(TEXTS[name], "protocol.toml")


def cell(study: str, **kw: Any) -> Cell:
    given = {
        "study": study,
        "outcome": "ache",
        "experimental": "remedy",
        "control": "placebo",
        "scale": "nrs",
        "weeks": 12.0,
        "estimand": "change",
    }
    return Cell.model_validate(given | kw)


def read(study: str, numbers: Any, imported: str | None = "A", **kw: Any) -> Extraction:
    """One filled cell of the toy topic."""
    own = {name: kw.pop(name) for name in ("population", "notes") if name in kw}
    return Extraction.model_validate(
        {
            "cell": cell(study, **kw),
            "numbers": numbers,
            "quotes": [{"report": study, "locator": "invented table", "text": "invented words"}],
            "imported": imported,
            **own,
        }
    )


def what(study: str, label: str, **kw: Any) -> Characteristics:
    dose = kw.pop("dose", 1.0)
    given = {
        "study": study,
        "label": label,
        "design": "parallel",
        "condition": "Invented ache",
        "condition_group": "ache",
        "arms": (
            {"id": "remedy", "label": "Remedy", "intervention": "remedy", "dose_mg": dose},
            {"id": "placebo", "label": "Placebo", "intervention": "placebo"},
        ),
        "imported": "A",
    }
    return Characteristics.model_validate(given | kw)


def trial(name: str, *extractions: Extraction, **kw: Any) -> tuple[Fact, ...]:
    """An included toy trial `pubmed:NAME`, seeded as known before the first poll."""
    key = f"pubmed:{name}"
    return (
        make.record(id=name, seeded=True, identifiers=(), title=f"Invented trial {name}"),
        what(key, f"Trial {name}", **kw),
        make.vote(record=key, imported="A"),
        *extractions,
    )


def difference(estimate: float, se: float = 0.4, **kw: Any) -> dict[str, Any]:
    """A reported difference in change with its standard error."""
    given = {
        "shape": "reported_contrast",
        "estimand": "change",
        "estimate": estimate,
        "precision": {"by": "se", "se": se},
        "n_experimental": 40,
        "n_control": 40,
    }
    return given | kw


def analysis(found: ReviewState | Snapshot, name: str) -> AnalysisOut:
    snapshot = build_snapshot(found) if isinstance(found, ReviewState) else found
    return analyses(snapshot)[name]


def then(state: ReviewState, *entries: Entry) -> ReviewState:
    """The state after these further facts."""
    more = ledger(state.topic, *entries).lines
    added = [line.model_copy(update={"seq": state.seq + line.seq}) for line in more]
    return ReviewState.of(state.topic, (*state.lines, *added))


def judged(state: ReviewState, subject: str, overall: str = "low", by: str = "ann") -> Entry:
    """A person's judgement of risk of bias, on the numbers of a result as they stand."""
    record, _, result = subject.partition(" ")
    found = evidence(state)
    key = found.studies.key_of[record]
    told = rob_digest(found.readings.of_study(key), result)
    return by, make.judgement(subject=subject, overall=overall, judged=told)


def graded(state: ReviewState, analysis: str, rating: str = "low", by: str = "ann") -> Entry:
    """A person's GRADE rating of an analysis as it stands."""
    found = analyses(build_snapshot(state))[analysis]
    told = grade_digest(found.contrasts, found.pool)
    return by, make.judgement(tool="grade", subject=analysis, overall=rating, judged=told)


def version(state: ReviewState, number: str = "v1.0", at: str = AT, previous: str = "") -> Snapshot:
    """The snapshot of a state, released under a number."""
    found = build_snapshot(state)
    major, _, minor = number.removeprefix("v").partition(".")
    bound = {"major": int(major), "minor": int(minor), "digest": snapshot_digest(found)}
    release = make.release(**bound, previous=previous)
    line = LedgerLine(seq=state.seq + 1, at=at, by="machine", fact=release)
    return released(ReviewState.of(state.topic, (*state.lines, line)), line, "f" * 64)
