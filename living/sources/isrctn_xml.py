"""ISRCTN XML into Records: what a trial is, apart from when its entry was last touched.

Written from public descriptions of the register's XML interface (format "default"), among them readers that
other projects keep against the live register (stored copies, read in November 2026). No live answer was seen.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator

from lxml import etree

from living.errors import SourceChanged
from living.model.record import AbstractPart, Identifier, Item, Record, Reference, Registration
from living.model.values import canonical, digest
from living.sources.bodies import Json, xml_root

SOURCE = "isrctn"
ISRCTN = re.compile(r"^ISRCTN[0-9]{8}$")
COUNT = re.compile(r"^[0-9]{1,9}$")
NAMESPACE = "{http://www.67bricks.com/isrctn}"
ROOT = f"{NAMESPACE}allTrials"
# The entry states how a trial stands only where somebody set it aside from its dates; what follows from dates
# alone would change by itself from one day to the next, so nothing is said then.
STATUSES = {
    "stopped": "TERMINATED", "suspended": "SUSPENDED", "withdrawn": "WITHDRAWN", "ongoing": "ACTIVE",
    "recruiting": "RECRUITING", "not yet recruiting": "NOT_YET_RECRUITING", "completed": "COMPLETED",
}  # fmt: skip
ALLOCATIONS = (
    (re.compile(r"\bnon-?\s?randomi[sz]ed", re.IGNORECASE), "NON_RANDOMIZED"),
    (re.compile(r"\brandomi[sz]ed", re.IGNORECASE), "RANDOMIZED"),
)
# Numbers of other registers, each in its own spelling; "Nil known" and "N/A" are none.
NUMBERS = (
    ("nct", re.compile(r"^NCT[0-9]{8}$", re.IGNORECASE)),
    ("ctis", re.compile(r"^20\d{2}-5\d{5}-\d{2}-\d{2}$")),
    ("eudract", re.compile(r"^20\d{2}-\d{6}-\d{2}(?=-00$|$)")),
)
TOUCHED = frozenset({"lastUpdated", "version", "id"})  # attributes that move with every edit, or name rows
PERSONS = frozenset({"contactDetails", "parties"})
# What a Registration or an abstract shows under its own name; the rest of an entry is one digest.
SHOWN = frozenset(
    "isrctn title scientificTitle studyHypothesis plainEnglishSummary primaryOutcomes primaryOutcome "
    "secondaryOutcomes secondaryOutcome externalRefs overallEndDate overallStartDate targetEnrolment "
    "totalFinalEnrolment recruitmentStart recruitmentStatusOverride overallStatusOverride inclusion "
    "exclusion conditions interventions outputs basicReport plainEnglishReport publicationDetails".split()
)
KNOWN = SHOWN | frozenset(
    "acknowledgment acronym trialWebsite ethicsApprovalRequired ethicsCommittees ethicsApproval "
    "studyDesign primaryStudyDesign secondaryStudyDesign trialSettings trialTypes "
    "interventionalTrialDesign recruitmentCountries trialCentres participantTypes ageRange "
    "lowerAgeLimit upperAgeLimit gender totalTarget healthyVolunteersAllowed patientInfoSheet "
    "recruitmentEnd recruitmentStartStatusOverride publicationPlan ipdSharingStatement intentToPublish "
    "dataPolicies publicationStage biomedRelated ipdSharingPlan trialDescription trialDesign "
    "participants results miscellaneous attachedFiles parties".split()
)
REPORTS = ("basicReport", "plainEnglishReport", "publicationDetails")
SECTIONS = ("trialDescription", "trialDesign", "participants", "results", "miscellaneous")
PMID_IN_LINK = re.compile(r"(?:pubmed\.ncbi\.nlm\.nih\.gov|ncbi\.nlm\.nih\.gov/pubmed)/([1-9]\d{0,8})\b")


def parse(body: bytes, payload: str = "") -> Iterator[Record]:
    """Yield the trials of an answer. Raises SourceDown or SourceChanged for what is no list of trials."""
    for entry in entries(body):
        yield _record(entry).model_copy(update={"payload": payload}).hashed()


def entries(body: bytes) -> list[etree._Element]:
    """Return the whole trials of an answer, each with its contacts, sponsors and funders."""
    return xml_root(SOURCE, body, ROOT).findall(f"{NAMESPACE}fullTrial")


def total(body: bytes) -> int:
    """Return how many trials the register says that the search finds."""
    said = xml_root(SOURCE, body, ROOT).get("totalCount") or ""
    if not COUNT.match(said):
        raise SourceChanged(SOURCE, "a list of trials without totalCount", payload=digest(body))
    return int(said)


def isrctn_of(entry: etree._Element) -> str:
    """Return the number of a trial."""
    said = _first(entry, "trial/isrctn").upper()
    found = said if said.startswith("ISRCTN") else f"ISRCTN{said}"
    if not ISRCTN.match(found):
        raise SourceChanged(SOURCE, f"a trial whose number is {said!r}")
    return found


def edited(entry: etree._Element) -> str:
    """Return when an entry was last touched, as the register writes it; empty where it does not say."""
    trial = entry.find(f"{NAMESPACE}trial")
    return "" if trial is None else trial.get("lastUpdated") or ""


def _record(entry: etree._Element) -> Record:
    trial = _need(entry, "trial")
    assigned = trial.find(f"{NAMESPACE}isrctn")
    day = _day("" if assigned is None else assigned.get("dateAssigned") or "")
    return Record(
        source=SOURCE,
        id=isrctn_of(entry),
        title=_first(trial, "trialDescription/title") or _first(trial, "trialDescription/scientificTitle"),
        abstract=_abstract(trial),
        container="ISRCTN registry",
        published=day,
        entered=day,
        types=_sorted([_first(trial, "trialDesign/primaryStudyDesign")]),
        identifiers=_identifiers(entry, trial),
        registration=_registration(entry, trial),
    )


def _registration(entry: etree._Element, trial: etree._Element) -> Registration:
    outputs = _outputs(trial)
    results = [item for item in outputs if "result" in item.get("outputType", "").lower()]
    posted = sorted(_day(item.get("dateUploaded", "")) for item in results)
    return Registration(
        status=_status(trial),
        allocation=_allocation(trial),
        masking=_first(trial, "trialDesign/interventionalTrialDesign/masking"),
        phases=_sorted(_all(trial, "interventions/intervention/phase")),
        enrolment=_enrolment(trial),
        conditions=_sorted(_all(trial, "conditions/condition/description")),
        interventions=tuple(_intervention(item) for item in _each(trial, "interventions/intervention")),
        primary_outcomes=_outcomes(trial, "primary"),
        secondary_outcomes=_outcomes(trial, "secondary"),
        start=_day(_first(trial, "trialDesign/overallStartDate"))
        or _day(_first(trial, "participants/recruitmentStart")),
        completion=_day(_first(trial, "trialDesign/overallEndDate")),
        last_update_posted=_day(edited(entry)),
        results_first_posted=posted[0] if posted else "",
        has_results=bool(results or _first(trial, "results/basicReport")),
        references=_references(outputs),
        contacts=_digest([_plain(item, frozenset()) for item in _each(entry, "contact")]),
        results=_digest(_reported(trial, results)),
        rest=_digest(_rest(entry, trial)),
    )


# --- finding ----------------------------------------------------------------------------------------------


def _path(names: str) -> str:
    return "/".join(f"{NAMESPACE}{name}" for name in names.split("/"))


def _need(element: etree._Element, name: str) -> etree._Element:
    found = element.find(_path(name))
    if found is None:
        raise SourceChanged(SOURCE, f"an entry without {name}")
    return found


def _each(element: etree._Element, names: str) -> list[etree._Element]:
    return element.findall(_path(names))


def _line(text: object) -> str:
    return " ".join(unicodedata.normalize("NFC", str(text or "")).split())


def _text(element: etree._Element | None) -> str:
    return "" if element is None else _line("".join(map(str, element.itertext())))


def _first(element: etree._Element, names: str) -> str:
    return _text(element.find(_path(names)))


def _all(element: etree._Element, names: str) -> list[str]:
    return [text for found in _each(element, names) if (text := _text(found))]


def _sorted(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted({value for value in values if value}))


def _day(moment: str) -> str:
    """Return the day of a moment: days of trials are written with a midnight that means nothing."""
    found = re.match(r"\d{4}-\d{2}-\d{2}(?=T|$)", moment)
    return found[0] if found else moment


# --- what is shown ----------------------------------------------------------------------------------------


def _abstract(trial: etree._Element) -> tuple[AbstractPart, ...]:
    parts = (
        ("Scientific title", _first(trial, "trialDescription/scientificTitle")),
        ("Study hypothesis", _first(trial, "trialDescription/studyHypothesis")),
        ("Plain English summary", _first(trial, "trialDescription/plainEnglishSummary")),
        ("Inclusion criteria", _first(trial, "participants/inclusion")),
        ("Exclusion criteria", _first(trial, "participants/exclusion")),
    )
    return tuple(AbstractPart(label=label, text=text) for label, text in parts if text)


def _identifiers(entry: etree._Element, trial: etree._Element) -> tuple[Identifier, ...]:
    """The number itself, and those of other registers that are whole; what is no such number is not one."""
    found = {("isrctn", isrctn_of(entry))}
    fields = ("clinicalTrialsGovNumber", "eudraCTNumber", "secondaryNumbers/secondaryNumber")
    for value in (text for name in fields for text in _all(trial, f"externalRefs/{name}")):
        for scheme, pattern in NUMBERS:
            if match := pattern.match("".join(value.split())):
                found.add((scheme, match[0].upper()))
                break
    if doi := _first(trial, "externalRefs/doi").lower():
        found.add(("doi", doi))
    return tuple(Identifier(scheme=scheme, value=value) for scheme, value in sorted(found))


def _status(trial: etree._Element) -> str:
    said = _first(trial, "trialDesign/overallStatusOverride") or _first(
        trial, "participants/recruitmentStatusOverride"
    )
    return STATUSES.get(said.lower(), said.upper().replace(" ", "_"))


def _allocation(trial: etree._Element) -> str:
    """Return the allocation in the words of ClinicalTrials.gov where it is plain, else as it is written."""
    places = ("interventionalTrialDesign/allocation", "secondaryStudyDesign", "studyDesign")
    said = [text for place in places if (text := _first(trial, f"trialDesign/{place}"))]
    for text in said:
        for pattern, word in ALLOCATIONS:
            if pattern.search(text):
                return word
    return said[0] if said else ""


def _enrolment(trial: etree._Element) -> int | None:
    for name in ("totalFinalEnrolment", "targetEnrolment"):
        if COUNT.match(said := _first(trial, f"participants/{name}")):
            return int(said)
    return None


def _intervention(item: etree._Element) -> Item:
    kind = _first(item, "interventionType")
    return Item(name=_first(item, "drugNames") or kind, type=kind, detail=_first(item, "description"))


def _outcomes(trial: etree._Element, rank: str) -> tuple[Item, ...]:
    """Measures with their time points first, which are what moves when an outcome is changed; or one text."""
    measures = _each(trial, f"trialDescription/{rank}Outcomes/outcomeMeasure")
    found = [
        Item(
            name=_first(one, "variable"),
            detail="\n".join(filter(None, (_first(one, "timepoints"), _first(one, "method")))),
        )
        for one in measures
    ]
    written = _first(trial, f"trialDescription/{rank}Outcome")
    return tuple(found) or ((Item(name=written),) if written else ())


def _outputs(trial: etree._Element) -> list[etree._Element]:
    return _each(trial, "outputs/output")


def _references(outputs: list[etree._Element]) -> tuple[Reference, ...]:
    """Papers that the entry links to in PubMed: results, the protocol, and others, which join nothing."""
    found = set()
    for output in outputs:
        link = output.find(_path("externalLink"))
        pmid = PMID_IN_LINK.search("" if link is None else link.get("url") or "")
        kind = output.get("outputType", "").lower()
        if pmid:
            role = "RESULT" if "result" in kind else "DERIVED" if "protocol" in kind else "BACKGROUND"
            found.add((role, pmid[1]))
    return tuple(Reference.model_validate({"type": role, "pmid": pmid}) for role, pmid in sorted(found))


# --- what is compared and not shown -------------------------------------------------------------------------


def _plain(element: etree._Element, left_out: frozenset[str]) -> Json:
    """Return an element as plain values, its children sorted: their order is no news."""
    named = {name: value for name, value in element.attrib.items() if name not in TOUCHED}
    inner = [_plain(child, left_out) for child in element if _name(child) not in left_out]
    return {
        "name": _name(element),
        **({"with": {str(name): _line(value) for name, value in named.items()}} if named else {}),
        **({"text": _line(element.text)} if _line(element.text) else {}),
        **({"of": sorted(inner, key=canonical)} if inner else {}),
    }


def _name(element: etree._Element) -> str:
    return etree.QName(element).localname


def _reported(trial: etree._Element, results: list[etree._Element]) -> list[Json]:
    texts = [item for name in REPORTS for item in _each(trial, f"results/{name}")]
    return [_plain(item, frozenset()) for item in (*results, *texts) if len(item) or _text(item)]


def _rest(entry: etree._Element, trial: etree._Element) -> list[Json]:
    hidden = [_plain(item, SHOWN | PERSONS) for name in SECTIONS for item in _each(trial, name)]
    others = [_plain(item, PERSONS) for name in ("sponsor", "funder") for item in _each(entry, name)]
    return hidden + others


def _digest(content: list[Json]) -> str:
    return digest(canonical(sorted(content, key=canonical))) if content else ""


def unmapped(body: bytes) -> Counter[str]:
    """Count the elements and the kinds of output of entries that are not known here."""
    found: Counter[str] = Counter()
    for entry in entries(body):
        trial = _need(entry, "trial")
        sections = [item for name in SECTIONS for item in _each(trial, name)]
        names = [_name(item) for part in (trial, *sections) for item in part]
        found.update(f"element {name}" for name in names if name not in KNOWN)
        kinds = (item.get("outputType", "").lower() for item in _outputs(trial))
        found.update(f"output {kind}" for kind in kinds if not re.search("result|protocol|pis", kind))
    return found
