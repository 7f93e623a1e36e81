"""Take a snapshot's results again from its own document, without the ledger behind it."""

from __future__ import annotations

import math
from collections.abc import Iterator

from pydantic import TypeAdapter, ValidationError

from living.errors import UserError
from living.model.facts import Arm, Cell, Characteristics
from living.model.judgements import CertaintyOut
from living.model.numbers import Numbers
from living.model.protocol import Protocol
from living.model.snapshot import CellOut, ComparisonOut, Snapshot, StudyOut
from living.review.analysis import comparisons
from living.review.answer import answer
from living.review.evidence import Basis
from living.review.flow import STATUSES, listed_counts
from living.review.horizon import horizon
from living.review.judged import Judgements, low_risk
from living.review.looks import Seen
from living.review.pairs import analyses
from living.review.protocol import parse, protocol_digest, rule_digest
from living.review.readings import Reading, Readings
from living.review.reconcile import reconcile

# Published numbers keep 12 significant digits, and platforms differ beyond the 13th; what is printed needs 3.
RELATIVE = 1e-9
NOTHING = 1e-12  # absolute: a sum that cancels to zero leaves the rounding of its terms
_NUMBERS: TypeAdapter[Numbers] = TypeAdapter(Numbers)


def recompute(snapshot: Snapshot) -> list[str]:
    """Return the results of a snapshot that do not follow from its data, each by its JSON Pointer.

    From the reported numbers of the included studies and the protocol's text in the document, every analysis
    is made again: who enters and by which cell, every derivation, weight, pool, sensitivity analysis, split
    and generated sentence. Numbers may differ by 1e-9 of their size, all else must be equal.
    """
    try:
        protocol = parse(snapshot.protocol_text, "/protocol_text")
        basis = basis_of(snapshot, protocol)
    except (UserError, ValidationError) as fault:
        return [f"nothing can be computed from the data: {' '.join(str(fault).split())}"]
    again = comparisons(basis)
    return [
        *_protocol(snapshot, protocol),
        *_differences(_json(snapshot.comparisons), _json(_as_much(snapshot, again)), "/comparisons"),
        *_answer(snapshot, protocol, again),
        *_flow(snapshot, again),
        *_judged(snapshot, basis),
        *_horizon(snapshot, basis, again),
        *_published(snapshot, again),
    ]


def basis_of(snapshot: Snapshot, protocol: Protocol) -> Basis:
    """Return what the analyses of a document rest on; of the studies that are not included, their data too.

    Raises ValidationError when a cell or a description in it can be none.
    """
    studies = snapshot.studies
    included = [study for study in studies if study.status == "included"]
    readings = Readings(tuple(_reading(cell) for study in studies for cell in study.cells), ())
    judged = Judgements(_grades(snapshot), {study.key: study.rob for study in studies})
    return Basis(
        protocol=protocol,
        included=tuple(study.key for study in included),
        labels={study.key: study.label for study in studies},
        what={study.key: _what(study) for study in studies if study.design},
        readings=readings,
        low_risk=low_risk(judged, readings),
        key_of={name: study.key for study in studies for name in (study.key, *study.aliases)},
        judged=judged,
        looks=_looks(snapshot),
    )


def _grades(snapshot: Snapshot) -> dict[str, CertaintyOut]:
    return {name: item.certainty for name, item in analyses(snapshot).items() if item.certainty}


def _looks(snapshot: Snapshot) -> dict[str, tuple[Seen, ...]]:
    """The looks of earlier versions are taken as printed: only the ledger knows them."""
    return {
        name: tuple((look, "as printed") for look in item.supplement.companion.earlier)
        for name, item in analyses(snapshot).items()
        if item.supplement and item.supplement.companion
    }


def _what(study: StudyOut) -> Characteristics:
    return Characteristics.model_validate(
        {
            "study": study.key,
            "label": study.label,
            "design": study.design,
            "condition": study.condition,
            "condition_group": study.condition_group,
            "available_from": study.available_from,
            "arms": tuple(Arm.model_validate(arm.model_dump()) for arm in study.arms),
        }
    )


def _reading(cell: CellOut) -> Reading:
    about = {name: getattr(cell, name) for name in Cell.model_fields}
    return Reading(
        Cell.model_validate(about),
        _NUMBERS.validate_python(cell.numbers),
        cell.quotes,
        cell.standing,
        (),
        population=cell.population,
        notes=cell.notes,
    )


def _protocol(snapshot: Snapshot, protocol: Protocol) -> Iterator[str]:
    printed, read = snapshot.protocol.model_dump(mode="json"), protocol.model_dump(mode="json")
    yield from _differences(printed, read, "/protocol")
    yield from _differences(
        snapshot.protocol_sha256, protocol_digest(snapshot.protocol_text), "/protocol_sha256"
    )
    yield from _differences(snapshot.rule_sha256, rule_digest(protocol), "/rule_sha256")


def _answer(snapshot: Snapshot, protocol: Protocol, again: tuple[ComparisonOut, ...]) -> Iterator[str]:
    """A signed headline is an editor's sentence; the rest of the answer is generated."""
    printed = snapshot.answer.model_dump(mode="json")
    computed = answer(protocol, again, snapshot.flow).model_dump(mode="json")
    if snapshot.answer.headline_signed:
        computed |= {name: printed[name] for name in ("headline", "headline_signed", "standing", "certainty")}
    yield from _differences(printed, computed, "/answer")


def _flow(snapshot: Snapshot, again: tuple[ComparisonOut, ...]) -> Iterator[str]:
    """The counts that the listed studies give; records that nobody has screened are not in the document.

    A document from before the boxes of PRISMA were counted has only some of them.
    """
    main = next(item for item in again[0].analyses if item.role == "primary")
    computed = {**listed_counts(snapshot.studies), "in_headline": len(main.contrasts)}
    if not snapshot.flow.by_place:
        counted = (*STATUSES, "awaiting_data", "excluded_by", "in_headline")
        computed = {name: computed[name] for name in counted}
    yield from _differences({name: getattr(snapshot.flow, name) for name in computed}, computed, "/flow")


def _judged(snapshot: Snapshot, basis: Basis) -> Iterator[str]:
    """Whether each judgement of risk of bias still is about the numbers that stand here."""
    for place, study in enumerate(snapshot.studies):
        computed = {
            "low_risk_of_bias": study.key in basis.low_risk,
            "rob": [item.model_dump(mode="json") for item in basis.rob(study.key)],
        }
        printed = study.model_dump(mode="json", include=set(computed))
        yield from _differences(printed, computed, f"/studies/{place}")


def _horizon(snapshot: Snapshot, basis: Basis, again: tuple[ComparisonOut, ...]) -> Iterator[str]:
    """The trials to come and what they might change, as of the day that the document states."""
    if snapshot.horizon is None:
        return
    computed = horizon(basis.protocol, again, snapshot.studies, snapshot.horizon.as_of)
    yield from _differences(
        snapshot.horizon.model_dump(mode="json"), computed.model_dump(mode="json"), "/horizon"
    )


def _as_much(snapshot: Snapshot, again: tuple[ComparisonOut, ...]) -> tuple[ComparisonOut, ...]:
    """Return what was made again as far as the document goes: early ones have nothing beside an analysis."""
    if any(item.supplement for item in analyses(snapshot).values()):
        return again
    return tuple(
        comparison.model_copy(
            update={
                "analyses": tuple(
                    item.model_copy(update={"supplement": None}) for item in comparison.analyses
                )
            }
        )
        for comparison in again
    )


def _published(snapshot: Snapshot, again: tuple[ComparisonOut, ...]) -> Iterator[str]:
    """Other reviews' results: from what they print, which is in the document, and from the studies here."""
    pools = [item.pool for item in snapshot.published]
    printed = [item.model_dump(mode="json") for item in snapshot.published]
    computed = [item.model_dump(mode="json") for item in reconcile(pools, again, snapshot.studies)]
    yield from _differences(printed, computed, "/published")


def _json(items: tuple[ComparisonOut, ...]) -> list[object]:
    return [item.model_dump(mode="json") for item in items]


def _differences(printed: object, again: object, path: str) -> Iterator[str]:
    """Name every place where two JSON documents differ."""
    if isinstance(printed, dict) and isinstance(again, dict):
        for key in sorted(printed.keys() | again.keys()):
            yield from _differences(printed.get(key), again.get(key), f"{path}/{_escaped(key)}")
    elif isinstance(printed, list) and isinstance(again, list) and len(printed) == len(again):
        for place, (one, other) in enumerate(zip(printed, again, strict=True)):
            yield from _differences(one, other, f"{path}/{place}")
    elif not _same(printed, again):
        yield f"{path} is {_shown(printed)}, from its data {_shown(again)}"


def _same(printed: object, again: object) -> bool:
    if isinstance(printed, float) and isinstance(again, float):
        return math.isclose(printed, again, rel_tol=RELATIVE, abs_tol=NOTHING)
    return type(printed) is type(again) and printed == again


def _shown(value: object) -> str:
    if isinstance(value, list):
        return f"a list of {len(value)}"
    return f"{value:.12g}" if isinstance(value, float) else repr(value)


def _escaped(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")
