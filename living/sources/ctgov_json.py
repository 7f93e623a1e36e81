"""ClinicalTrials.gov JSON into Records: what a trial is, apart from what the register recomputes daily."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from living.errors import SourceChanged
from living.model.record import AbstractPart, Identifier, Item, Record, Reference, Registration
from living.model.values import canonical, digest
from living.sources.bodies import Json, json_object

SOURCE = "ctgov"
NCT = re.compile(r"^NCT\d{8}$")

POST_DATES = (
    "studyFirstPostDateStruct",
    "resultsFirstPostDateStruct",
    "dispFirstPostDateStruct",
    "lastUpdatePostDateStruct",
)
# The fields that a Registration shows under their own names; the rest of the entry is one digest, so that a
# change is typed by where it happened.
SHOWN = {
    "identificationModule": ("nctId", "nctIdAliases", "briefTitle", "officialTitle"),
    "statusModule": (
        "overallStatus",
        "lastKnownStatus",
        "whyStopped",
        "lastUpdatePostDateStruct",
        "studyFirstPostDateStruct",
        "resultsFirstPostDateStruct",
        "statusVerifiedDate",  # moves without news
        "lastUpdateSubmitDate",  # moves with each lastUpdatePostDate, and would hide that only dates did
    ),
    "descriptionModule": ("briefSummary", "detailedDescription"),
    "conditionsModule": ("conditions", "keywords"),
    "designModule": ("studyType", "phases"),
    "armsInterventionsModule": ("armGroups", "interventions"),
    "outcomesModule": ("primaryOutcomes", "secondaryOutcomes"),
    "eligibilityModule": ("eligibilityCriteria",),
}
SECTIONS = ("documentSection", "annotationSection")


def parse(body: bytes, payload: str = "") -> Iterator[Record]:
    """Yield the records of a page of studies, or of one study.

    Raises SourceDown for a web page and for JSON that is cut, SourceChanged for all else that is neither.
    """
    for study in studies_in(read(body), digest(body)):
        with _as_described(study):
            record = _record(study).model_copy(update={"payload": payload}).hashed()
        yield record


@contextmanager
def _as_described(study: Json) -> Iterator[None]:
    """Of a known field of another kind than described nothing is guessed: a person must look."""
    try:
        yield
    except (AttributeError, KeyError, TypeError, ValueError) as fault:
        what = f"{nct_id(study)}: a field of another kind than described ({type(fault).__name__})"
        raise SourceChanged(SOURCE, what) from fault


def read(body: bytes) -> Json:
    """Return a JSON object, or raise what the body deserves."""
    return json_object(SOURCE, body)


def studies_in(found: Json, payload: str) -> list[Json]:
    """Return the studies of a page, or the one study; refuse every other object, also the retired API's."""
    if "FullStudiesResponse" in found or "StudyFieldsResponse" in found:
        raise SourceChanged(SOURCE, "the envelope of the retired API", payload=payload)
    studies = found.get("studies", [found] if "protocolSection" in found else None)
    if not isinstance(studies, list) or not all(isinstance(study, dict) for study in studies):
        what = f"neither a page of studies nor a study: {', '.join(sorted(found))}"
        raise SourceChanged(SOURCE, what[:200], payload=payload)
    return studies


def nct_id(study: Json) -> str:
    """Return the current id of a study, whatever fields of it were asked for."""
    found = str(_at(study, "protocolSection", "identificationModule").get("nctId", ""))
    if not NCT.match(found):
        raise SourceChanged(SOURCE, f"a study whose id is {found!r}")
    return found


def aliases(study: Json) -> tuple[str, ...]:
    """Return the ids that this study answers for; they are never trials of their own."""
    with _as_described(study):
        return _sorted(_at(study, "protocolSection", "identificationModule").get("nctIdAliases", ()))


def listing(study: Json) -> tuple[str, str, bool]:
    """Return last update posted, status and whether results are posted: what a listing shows of a study."""
    with _as_described(study):
        status = _at(study, "protocolSection", "statusModule")
        return (
            _date(status, "lastUpdatePostDateStruct"),
            str(status.get("overallStatus", "")),
            bool(study.get("hasResults", False)),
        )


def _record(study: Json) -> Record:
    protocol = _at(study, "protocolSection")
    naming = _at(protocol, "identificationModule")
    first_posted = _date(_at(protocol, "statusModule"), "studyFirstPostDateStruct")
    return Record(
        source=SOURCE,
        id=nct_id(study),
        title=_line(naming.get("briefTitle")) or _line(naming.get("officialTitle")),
        abstract=_abstract(protocol),
        container="ClinicalTrials.gov",
        published=first_posted,
        entered=first_posted,
        types=_sorted([_at(protocol, "designModule").get("studyType", "")]),
        keywords=_sorted(_at(protocol, "conditionsModule").get("keywords", ())),
        identifiers=_identifiers(naming),
        registration=_registration(study, protocol),
    )


def _registration(study: Json, protocol: Json) -> Registration:
    status, design = _at(protocol, "statusModule"), _at(protocol, "designModule")
    arms, outcomes = _at(protocol, "armsInterventionsModule"), _at(protocol, "outcomesModule")
    updated, overall, has_results = listing(study)
    return Registration(
        status=overall,
        last_known_status=str(status.get("lastKnownStatus", "")),
        why_stopped=_line(status.get("whyStopped")),
        allocation=str(_at(design, "designInfo").get("allocation", "")),
        masking=str(_at(design, "designInfo", "maskingInfo").get("masking", "")),
        phases=_sorted(design.get("phases", ())),
        enrolment=_count(_at(design, "enrollmentInfo").get("count")),
        conditions=_sorted(_at(protocol, "conditionsModule").get("conditions", ())),
        arms=tuple(_arm(item) for item in _items(arms, "armGroups")),
        interventions=tuple(_intervention(item) for item in _items(arms, "interventions")),
        primary_outcomes=tuple(_outcome(item) for item in _items(outcomes, "primaryOutcomes")),
        secondary_outcomes=tuple(_outcome(item) for item in _items(outcomes, "secondaryOutcomes")),
        start=_date(status, "startDateStruct"),
        primary_completion=_date(status, "primaryCompletionDateStruct"),
        completion=_date(status, "completionDateStruct"),
        last_update_posted=updated,
        results_first_posted=_date(status, "resultsFirstPostDateStruct"),
        has_results=has_results,
        results_pending=not has_results and _submitted(study),
        references=_references(protocol),
        aliases=aliases(study),
        contacts=_digest(_contacts(study, protocol)),
        results=_digest(_results(study)),
        rest=_digest(_rest(study, protocol)),
    )


def _at(found: Json, *path: str) -> Json:
    """Follow a path of objects; a module that is not there is an empty one: the API omits, never nulls."""
    for name in path:
        inner = found.get(name)
        found = inner if isinstance(inner, dict) else {}
    return found


def _items(found: Json, name: str) -> list[Json]:
    listed = found.get(name)
    return [item for item in listed if isinstance(item, dict)] if isinstance(listed, list) else []


def _date(status: Json, name: str) -> str:
    return str(_at(status, name).get("date", ""))


def _count(value: object) -> int | None:
    return value if isinstance(value, int) and value >= 0 else None


def _line(value: object) -> str:
    return " ".join(unicodedata.normalize("NFC", str(value or "")).split())


def _lines(value: object) -> str:
    """Fold white space within lines and keep the lines, which hold lists of criteria."""
    folded = (_line(line) for line in str(value or "").splitlines())
    return "\n".join(line for line in folded if line)


def _sorted(values: Iterable[object]) -> tuple[str, ...]:
    return tuple(sorted({line for value in values if (line := _line(value))}))


def _abstract(protocol: Json) -> tuple[AbstractPart, ...]:
    naming, about = _at(protocol, "identificationModule"), _at(protocol, "descriptionModule")
    parts = (
        ("Official title", _line(naming.get("officialTitle"))),
        ("Brief summary", _lines(about.get("briefSummary"))),
        ("Detailed description", _lines(about.get("detailedDescription"))),
        ("Eligibility criteria", _lines(_at(protocol, "eligibilityModule").get("eligibilityCriteria"))),
    )
    return tuple(AbstractPart(label=label, text=text) for label, text in parts if text)


def _arm(item: Json) -> Item:
    given = [_line(name) for name in item.get("interventionNames", ())]
    detail = "\n".join(filter(None, (_lines(item.get("description")), *given)))
    return Item(name=_line(item.get("label")), type=str(item.get("type", "")), detail=detail)


def _intervention(item: Json) -> Item:
    others = ", ".join(_sorted(item.get("otherNames", ())))
    detail = "\n".join(filter(None, (_lines(item.get("description")), others)))
    return Item(name=_line(item.get("name")), type=str(item.get("type", "")), detail=detail)


def _outcome(item: Json) -> Item:
    """An outcome's time frame comes first in its detail: to move it is to change the outcome."""
    detail = "\n".join(filter(None, (_line(item.get("timeFrame")), _lines(item.get("description")))))
    return Item(name=_line(item.get("measure")), detail=detail)


def _references(protocol: Json) -> tuple[Reference, ...]:
    listed = _items(_at(protocol, "referencesModule"), "references")
    pairs = {(str(item.get("type", "")), str(item.get("pmid", "")).strip()) for item in listed}
    kinds = {"RESULT", "DERIVED", "BACKGROUND"}
    return tuple(
        Reference.model_validate({"type": kind, "pmid": pmid})
        for kind, pmid in sorted(pairs)
        if pmid and kind in kinds
    )


def _identifiers(naming: Json) -> tuple[Identifier, ...]:
    """The id itself, and the ids of other registers and funders, under the names used here."""
    found = {("nct", str(naming.get("nctId", "")))}
    for item in _items(naming, "secondaryIdInfos"):
        kind = str(item.get("type") or "other").lower().removesuffix("_number").replace("_", "-")
        value = _line(item.get("id"))
        if re.match(r"^ISRCTN\d{8}$", value, re.IGNORECASE):
            kind, value = "isrctn", value.upper()
        found.add((kind, value))
    return tuple(Identifier(scheme=scheme, value=value) for scheme, value in sorted(found) if value)


def _submitted(study: Json) -> bool:
    """Results handed in and not yet posted. The derived section says more, but it is no content."""
    noted = _at(study, "annotationSection", "annotationModule", "unpostedAnnotation")
    return bool(_items(noted, "unpostedEvents"))


# --- the parts that are compared and not shown --------------------------------------------------------------


def _contacts(study: Json, protocol: Json) -> Json:
    places = dict(_at(protocol, "contactsLocationsModule"))
    places.pop("locations_nested", None)  # an export's own copy of locations
    point = _at(study, "resultsSection", "moreInfoModule", "pointOfContact")
    return _unordered({**places, **({"pointOfContact": point} if point else {})})


def _results(study: Json) -> Json:
    results = dict(_at(study, "resultsSection"))
    more = {name: value for name, value in _at(results, "moreInfoModule").items() if name != "pointOfContact"}
    results.pop("moreInfoModule", None)
    return {**results, "moreInfoModule": more} if more else results


def _rest(study: Json, protocol: Json) -> Json:
    rest: Json = {name: study[name] for name in SECTIONS if study.get(name)}
    for module, content in protocol.items():
        if module == "contactsLocationsModule" or not isinstance(content, dict):
            continue
        hidden = {name: value for name, value in content.items() if name not in SHOWN.get(module, ())}
        rest[module] = _untyped(hidden) if module == "statusModule" else _unordered(hidden)
    return rest


def _untyped(status: Json) -> Json:
    """Drop the type of a post date (ESTIMATED becomes ACTUAL overnight), and the days that are shown."""
    kept: Json = {}
    for name, value in status.items():
        if name in POST_DATES:
            kept[name] = _at(status, name).get("date")
        elif name in ("startDateStruct", "primaryCompletionDateStruct", "completionDateStruct"):
            kept[name] = _at(status, name).get("type")
        else:
            kept[name] = value
    return kept


def _unordered(module: Json) -> Json:
    """Sort the lists that are sets (places, people, references), which the API may give in any order."""
    return {
        name: sorted(value, key=canonical) if isinstance(value, list) else value
        for name, value in module.items()
    }


def _digest(content: Json) -> str:
    return digest(canonical(_folded(content))) if content else ""


def _folded(value: object) -> object:
    """NFC and folded white space throughout, so that a re-flowed text is the same text."""
    if isinstance(value, str):
        return _line(value)
    if isinstance(value, dict):
        return {name: _folded(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_folded(item) for item in value]
    return value
