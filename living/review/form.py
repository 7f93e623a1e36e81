"""The extraction form as a text file: an empty one to fill in, and a filled one read back and checked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from living.errors import UserError
from living.model.facts import Adjudication, Characteristics, Extraction
from living.model.protocol import Outcome, Protocol
from living.model.values import RecordKey, Value
from living.review.documents import build, load
from living.review.entry import check_characteristics, check_extraction, place_of
from living.review.evidence import Evidence
from living.review.examined import look_at, refuse_impossible, refuse_unanswered, settled


class Form(Value):
    """What one reader read of one study: what it is, and the cells found."""

    study: RecordKey
    characteristics: Characteristics | None = None
    extractions: tuple[Extraction, ...] = ()


class Ruling(Value):
    """A file of adjudications: of cells, and of what a study is (`settles` says why)."""

    adjudications: tuple[Adjudication, ...] = ()
    descriptions: tuple[Characteristics, ...] = ()


def read_form(text: str, where: str, evidence: Evidence, today: str, by: str = "") -> Form:
    """Read somebody's filled form and check it. Raises UserError, one line, naming file, place and fault.

    A warning of a check is refused until the form gives a reason for what it asks about.
    """
    data = load(text, where)
    _name_the_study(data)
    form = build(Form, data, where)
    if evidence.studies.study_of(form.study) is None:
        raise UserError(f"no study '{form.study}' here", where=where, fix="`living studies` lists them")
    if form.characteristics is None and not form.extractions:
        raise UserError("the form is empty: it has neither characteristics nor extractions", where=where)
    with _in_file(where):
        for fact in (form.characteristics, *form.extractions):
            _check(fact, form, evidence, where, today, by)
    return form


def read_ruling(text: str, where: str, evidence: Evidence, today: str) -> Ruling:
    """Read adjudications and check them as extractions are checked. Raises UserError."""
    ruling = build(Ruling, load(text, where), where)
    drafts = tuple(_as_extraction(item) for item in ruling.adjudications)
    for item, extraction in zip(ruling.adjudications, drafts, strict=True):
        study = evidence.studies.study_of(item.cell.study)
        if study is None:
            raise UserError(f"no study '{item.cell.study}' here", where=where)
        with _in_file(where):
            check_entry(extraction, evidence, "", None, (*settled(evidence, study.key), *drafts))
    for what in ruling.descriptions:
        if evidence.studies.study_of(what.study) is None:
            raise UserError(f"no study '{what.study}' here", where=where)
        if what.imported is not None or not what.settles.strip():
            raise UserError('a description that settles says why: settles = "..."', where=where)
        with _in_file(where):
            check_characteristics(what, evidence.protocol, today)
    if not ruling.adjudications and not ruling.descriptions:
        raise UserError("the file settles nothing: no adjudications and no descriptions", where=where)
    return ruling


def check_entry(
    extraction: Extraction,
    evidence: Evidence,
    by: str,
    what: Characteristics | None = None,
    beside: Sequence[Extraction] = (),
) -> None:
    """Raise UserError when a cell cannot be right, or when a check asks about it and nobody answered.

    `beside` are the form's other cells, `what` the form's own characteristics of the study.
    """
    study = evidence.studies.study_of(extraction.cell.study)
    known = what or (evidence.known_to(by, study.key) if study else None)
    check_extraction(extraction, evidence.protocol, known, beside)
    findings = look_at(extraction, evidence, by, what, beside)
    refuse_impossible(findings, place_of(extraction))
    refuse_unanswered(extraction, findings, place_of(extraction))


def _as_extraction(item: Adjudication) -> Extraction:
    return Extraction(
        cell=item.cell, numbers=item.numbers, quotes=item.quotes, notes=item.reason, reasons=item.reasons
    )


def blank_form(evidence: Evidence, key: str) -> str:
    """Return a commented form for a study. It shows what the source is, never what another reader entered."""
    study = evidence.studies.study_of(key)
    if study is None:
        raise UserError(f"no study '{key}' here", fix="`living studies` lists them")
    records = [evidence.state.records[name] for name in study.records]
    lines = [
        f"# Extraction form: {' '.join(records[0].title.split()) or study.key}",
        f"# Topic: {evidence.protocol.topic.title}. Records of this study: {', '.join(study.records)}.",
        "# Fill in what the reports say, delete the rest. Every number needs a quote that contains it;",
        '# where a number was read from a figure, kind = "figure"; never enter a number you did not see.',
        '# Where a check asks about a number: correct it, or add reasons = [["code", "why it stands"]].',
        "# Hand it in: living extract submit THIS-FILE --as YOU",
        "",
        f'study = "{study.key}"',
        "",
        *_characteristics_part(evidence.protocol),
        *[
            line
            for outcome in evidence.protocol.outcomes
            for line in _outcome_part(outcome, evidence.protocol, study.key)
        ],
        *SHAPES.splitlines(),
    ]
    return "\n".join(lines) + "\n"


@contextmanager
def _in_file(where: str) -> Iterator[None]:
    """Let a fault found in a form's content name the file as well as the cell."""
    try:
        yield
    except UserError as fault:
        if not fault.where or fault.where == where:
            raise
        raise UserError(fault.what, where=f"{where}, {fault.where}", fix=fault.fix) from fault


def _name_the_study(data: dict[str, Any]) -> None:
    """In the file a form names its study once; its parts belong to it unless they say otherwise."""
    study = data.get("study")
    what = data.get("characteristics")
    if isinstance(what, dict):
        what.setdefault("study", study)
    extractions = data.get("extractions")
    for extraction in extractions if isinstance(extractions, list) else ():
        if isinstance(extraction, dict) and isinstance(extraction.get("cell"), dict):
            extraction["cell"].setdefault("study", study)


def _check(
    fact: Characteristics | Extraction | None,
    form: Form,
    evidence: Evidence,
    where: str,
    today: str,
    by: str,
) -> None:
    if fact is None:
        return
    if fact.imported is not None:
        raise UserError("a reader's form cannot be an import: delete `imported`", where=where)
    if isinstance(fact, Characteristics) and fact.settles:
        raise UserError("a reader's form settles nothing: delete `settles`", where=where)
    home = evidence.studies.study_of(form.study)
    about = fact.study if isinstance(fact, Characteristics) else fact.cell.study
    if evidence.studies.study_of(about) != home:
        raise UserError(f"the form is about {form.study} and a part of it about {about}", where=where)
    if isinstance(fact, Characteristics):
        check_characteristics(fact, evidence.protocol, today)
    else:
        if [item.cell for item in form.extractions].count(fact.cell) > 1:
            raise UserError("the form fills this cell twice", where=place_of(fact), fix="Keep one of them")
        check_entry(fact, evidence, by, form.characteristics, form.extractions)


def _characteristics_part(protocol: Protocol) -> list[str]:
    groups = ", ".join(item.id for item in protocol.condition_groups) or "any word"
    return [
        "# --- What the study is (delete this part if it has been entered) ---",
        "# [characteristics]",
        '# label = ""             # first author and year of the main report, or the trial name and year',
        '# design = "parallel"    # parallel, crossover, cluster, factorial, multi_arm',
        '# condition = ""',
        f'# condition_group = ""   # {groups}',
        "# arms = [",
        '#   { id = "", label = "", intervention = "", dose_mg = 0.0, n_randomised = 0 },',
        f"#   # intervention: {', '.join(item.id for item in protocol.interventions)}, other",
        "# ]",
        "",
    ]


def _outcome_part(outcome: Outcome, protocol: Protocol, study: str) -> list[str]:
    estimand = "count" if outcome.type != "continuous" else "adjusted"
    shape = {"continuous": "reported_contrast", "binary": "event_counts", "rate": "event_rates"}[outcome.type]
    comparison = protocol.comparisons[0]
    scales = f"  # {', '.join(outcome.scales)}" if outcome.scales else ""
    return [
        f"# --- {outcome.label} ({outcome.importance}) ---",
        "# [[extractions]]",
        f'# cell.outcome = "{outcome.id}"',
        f'# cell.experimental = "{comparison.experimental}"   # the arm\'s id, or the intervention',
        f'# cell.control = "{comparison.control[0]}"',
        *([f'# cell.scale = "{outcome.scales[0]}"{scales}'] if outcome.scales else []),
        "# cell.weeks = 12",
        f'# cell.estimand = "{estimand}"'
        + ("   # adjusted, change, final, percent_change" if estimand != "count" else ""),
        f'# numbers.shape = "{shape}"   # the shapes stand at the end of this form',
        f'# quotes = [{{ report = "{study}", locator = "", kind = "verbatim", text = "" }}]',
        '# population = "not_stated"   # all_randomised, completers',
        "",
    ]


SHAPES = """\
# --- The shapes of numbers: one per extraction; every line can be used as it stands ---
# A difference as printed, experimental minus control (a ratio: numbers.measure = "RR", "OR", "HR" or "IRR"):
#   numbers.shape = "reported_contrast"
#   numbers.estimand = "adjusted"
#   numbers.estimate = 0.0
#   numbers.precision = { by = "ci", low = 0.0, high = 0.0 }
#   numbers.n_experimental = 0
#   numbers.n_control = 0
# precision can also be:
#   { by = "se", se = 0.0 }
#   { by = "t", t = 0.0, df = 0.0 }
#   { by = "p", p = 0.0, df = 0.0 }
#   { by = "not_reported" }
# Two arms of means:
#   numbers.shape = "arm_means"
#   numbers.values = "change"
#   numbers.experimental = { n = 0, mean = 0.0, spread = { by = "sd", sd = 0.0 } }
#   numbers.control = { n = 0, mean = 0.0, spread = { by = "sd", sd = 0.0 } }
# spread can also be:
#   { by = "se", se = 0.0 }
#   { by = "ci", low = 0.0, high = 0.0 }
#   { by = "quartiles", q1 = 0.0, q3 = 0.0 }   (then mean is the median)
# A crossover as a paired difference:
#   numbers.shape = "paired_difference"
#   numbers.values = "final"
#   numbers.n = 0
#   numbers.difference = 0.0
#   numbers.precision = { by = "se", se = 0.0 }
# A crossover as two period means (r only when it is reported):
#   numbers.shape = "paired_means"
#   numbers.values = "final"
#   numbers.n = 0
#   numbers.mean_experimental = 0.0
#   numbers.mean_control = 0.0
#   numbers.sd_experimental = 0.0
#   numbers.sd_control = 0.0
#   numbers.r = 0.0
# Participants with the event:
#   numbers.shape = "event_counts"
#   numbers.experimental = { events = 0, total = 0 }
#   numbers.control = { events = 0, total = 0 }
# Events over person-time (leave person_weeks out when it is not reported):
#   numbers.shape = "event_rates"
#   numbers.experimental = { events = 0, person_weeks = 0.0 }
#   numbers.control = { events = 0, person_weeks = 0.0 }
# Looked for and not usable (status: not_measured, no_usable_data, authors_asked):
#   numbers.shape = "no_numbers"
#   numbers.status = "not_measured"
#   numbers.reason = ""
"""
