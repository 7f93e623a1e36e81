"""The register's query language as far as we ask it: words, quotes, AND OR NOT, AREA[...] and RANGE[...]."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

from tests.standin.records import Json, Study, normal

TOKEN = re.compile(r'\(|\)|"[^"]*"|(?:AREA|RANGE)\[[^\]]*\]|[\[\]]|[^\s()\[\]"]+')
# The names of fields that we ask for or search in, and where they lie.
PIECES = {
    "NCTId": "protocolSection.identificationModule.nctId",
    "NCTIdAlias": "protocolSection.identificationModule.nctIdAliases",
    "OrgStudyId": "protocolSection.identificationModule.orgStudyIdInfo.id",
    "SecondaryId": "protocolSection.identificationModule.secondaryIdInfos.id",
    "Acronym": "protocolSection.identificationModule.acronym",
    "BriefTitle": "protocolSection.identificationModule.briefTitle",
    "OfficialTitle": "protocolSection.identificationModule.officialTitle",
    "OverallStatus": "protocolSection.statusModule.overallStatus",
    "LastUpdatePostDate": "protocolSection.statusModule.lastUpdatePostDateStruct.date",
    "StudyFirstPostDate": "protocolSection.statusModule.studyFirstPostDateStruct.date",
    "ResultsFirstPostDate": "protocolSection.statusModule.resultsFirstPostDateStruct.date",
    "StartDate": "protocolSection.statusModule.startDateStruct.date",
    "CompletionDate": "protocolSection.statusModule.completionDateStruct.date",
    "BriefSummary": "protocolSection.descriptionModule.briefSummary",
    "Condition": "protocolSection.conditionsModule.conditions",
    "Keyword": "protocolSection.conditionsModule.keywords",
    "StudyType": "protocolSection.designModule.studyType",
    "Phase": "protocolSection.designModule.phases",
    "EnrollmentCount": "protocolSection.designModule.enrollmentInfo.count",
    "InterventionName": "protocolSection.armsInterventionsModule.interventions.name",
    "InterventionOtherName": "protocolSection.armsInterventionsModule.interventions.otherNames",
    "ArmGroupLabel": "protocolSection.armsInterventionsModule.armGroups.label",
    "InterventionMeshTerm": "derivedSection.interventionBrowseModule.meshes.term",
    "PrimaryOutcomeMeasure": "protocolSection.outcomesModule.primaryOutcomes.measure",
    "SecondaryOutcomeMeasure": "protocolSection.outcomesModule.secondaryOutcomes.measure",
    "LeadSponsorName": "protocolSection.sponsorCollaboratorsModule.leadSponsor.name",
    "CollaboratorName": "protocolSection.sponsorCollaboratorsModule.collaborators.name",
    "LocationFacility": "protocolSection.contactsLocationsModule.locations.facility",
    "LocationCity": "protocolSection.contactsLocationsModule.locations.city",
    "LocationCountry": "protocolSection.contactsLocationsModule.locations.country",
    "EligibilityCriteria": "protocolSection.eligibilityModule.eligibilityCriteria",
    "HasResults": "hasResults",
}
AREAS = {
    "query.intr": (
        "InterventionName",
        "InterventionOtherName",
        "InterventionMeshTerm",
        "ArmGroupLabel",
        "BriefTitle",
        "OfficialTitle",
        "Keyword",
    ),
    "query.cond": ("Condition", "BriefTitle", "OfficialTitle", "Keyword"),
    "query.titles": ("Acronym", "BriefTitle", "OfficialTitle"),
    "query.outc": ("PrimaryOutcomeMeasure", "SecondaryOutcomeMeasure"),
    "query.spons": ("LeadSponsorName", "CollaboratorName"),
    "query.lead": ("LeadSponsorName",),
    "query.locn": ("LocationFacility", "LocationCity", "LocationCountry"),
    "query.id": ("NCTId", "NCTIdAlias", "Acronym", "OrgStudyId", "SecondaryId"),
    "query.term": tuple(PIECES),
    "filter.advanced": tuple(PIECES),
}
CALLED = {
    "query.intr": "Intervention / treatment",
    "query.cond": "Condition or disease",
    "query.titles": "Title / acronym",
    "query.outc": "Outcome measure",
    "query.spons": "Sponsor / collaborator",
    "query.lead": "Lead sponsor",
    "query.locn": "Location terms",
    "query.id": "Study IDs",
    "query.term": "Other terms",
    "filter.advanced": "advanced filter",
}
# What the parser says it would have taken.
EXPECTED = (
    "{<EOF>, '(', ',', 'NOT', 'AND', 'OR', 'SEARCH', 'AREA', 'RANGE', 'DISTANCE', Coverage, Expansion, "
    "'TILT', 'ALL', 'MISSING', 'MIN', 'MAX', EscapedKeyword, BooleanLiteral, DecimalLiteral, DateLiteral, "
    "TimeLiteral, RadiusLiteral, StringLiteral, Term}"
)
Test = Callable[[Study], bool]


class Unreadable(Exception):
    """What the register says about a query it cannot parse; plain text, status 400."""


def at(found: object, path: str) -> list[object]:
    """Return the values at a dotted path, through lists."""
    if not path:
        return found if isinstance(found, list) else [found]
    name, _, rest = path.partition(".")
    if isinstance(found, list):
        return [value for item in found for value in at(item, path)]
    if isinstance(found, dict) and name in found:
        return at(found[name], rest)
    return []


@lru_cache(maxsize=200_000)
def _text(study: Study, piece: str) -> str:
    return normal(" | ".join(str(value) for value in at(study.data, PIECES[piece])).replace("|", " xx "))


class Query:
    """One parameter, read into a test of studies."""

    def __init__(self, parameter: str, text: str) -> None:
        self.parameter = parameter
        self.tokens, self.at = TOKEN.findall(text), 0
        self.test = self._either(AREAS[parameter])
        if self._peek():
            self._unreadable(f"extraneous input '{self._peek()}' expecting <EOF>")

    def _peek(self) -> str:
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def _take(self) -> str:
        self.at += 1
        return str(self.tokens[self.at - 1])

    def _unreadable(self, what: str) -> None:
        raise Unreadable(f"Error parsing query in {CALLED[self.parameter]}: {what}")

    def _either(self, area: tuple[str, ...]) -> Test:
        tests = [self._both(area)]
        while self._peek() == "OR":
            self._take()
            tests.append(self._both(area))
        return lambda study: any(test(study) for test in tests)

    def _both(self, area: tuple[str, ...]) -> Test:
        tests = [self._not(area)]
        while self._peek() and self._peek() not in ("OR", ")"):
            if self._peek() == "AND":
                self._take()
            tests.append(self._not(area))
        return lambda study: all(test(study) for test in tests)

    def _not(self, area: tuple[str, ...]) -> Test:
        if self._peek() == "NOT":
            self._take()
            inner = self._not(area)
            return lambda study: not inner(study)
        return self._one(area)

    def _one(self, area: tuple[str, ...]) -> Test:
        token = self._take() if self._peek() else ""
        if token == "(":
            inner = self._either(area)
            if self._peek() != ")":
                self._unreadable("missing ')' at '<EOF>'")
            self._take()
            return inner
        if token.startswith("AREA["):
            return self._not(self._area(token[5:-1]))
        if token.startswith("RANGE["):
            return self._range(token[6:-1], area)
        if token in ("", "[", "]", ")"):
            self._unreadable(f"mismatched input '{token or '<EOF>'}' expecting {EXPECTED}")
        if token == "ALL":
            return lambda _study: True
        wanted = normal(token)
        return lambda study: any(wanted in _text(study, piece) for piece in area)

    def _area(self, name: str) -> tuple[str, ...]:
        if name not in PIECES:
            self._unreadable(f"Unknown area name: `{name}`")
        return (name,)

    def _range(self, bounds: str, area: tuple[str, ...]) -> Test:
        low, _, high = (part.strip() for part in bounds.partition(","))

        def within(study: Study) -> bool:
            values = [str(value) for piece in area for value in at(study.data, PIECES[piece])]
            return any((low == "MIN" or low <= v) and (high == "MAX" or v <= high) for v in values)

        return within


def cut_down(data: Json, paths: list[str]) -> Json:
    """Return a study with only these paths, as `fields` does."""
    kept: Json = {}
    for path in paths:
        _copy(data, kept, path.split("."))
    return kept


def _copy(source: Json, target: Json, path: list[str]) -> None:
    name, rest = path[0], path[1:]
    if name not in source:
        return
    value = source[name]
    if not rest:
        target[name] = value
    elif isinstance(value, list):
        items = target.setdefault(name, [{} for _ in value])
        for inner, copy in zip(value, items, strict=True):
            _copy(inner, copy, rest)
    else:
        _copy(value, target.setdefault(name, {}), rest)
