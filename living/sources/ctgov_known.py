"""What ClinicalTrials.gov JSON is known to hold, so that the new is noticed: fields, listed words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from living.sources.ctgov_json import read, studies_in


def words(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


def fields(listed: str, **inner: Shape) -> dict[str, Shape]:
    """Return the shape of an object: names whose content is free, and names that are looked into."""
    return {**dict.fromkeys(listed.split()), **inner}


# What a field may hold: anything, one of so many words, or an object (or a list of them) with these fields.
Shape = frozenset[str] | Mapping[str, Any] | None

STATUS = words(
    "ACTIVE_NOT_RECRUITING COMPLETED ENROLLING_BY_INVITATION NOT_YET_RECRUITING RECRUITING SUSPENDED "
    "TERMINATED WITHDRAWN AVAILABLE NO_LONGER_AVAILABLE TEMPORARILY_NOT_AVAILABLE APPROVED_FOR_MARKETING "
    "WITHHELD UNKNOWN"
)
DAY = fields("date", type=words("ACTUAL ESTIMATED"))
OUTCOME = fields("measure description timeFrame")
ARM = words("EXPERIMENTAL ACTIVE_COMPARATOR PLACEBO_COMPARATOR SHAM_COMPARATOR NO_INTERVENTION OTHER")
INTERVENTION = words(
    "BEHAVIORAL BIOLOGICAL COMBINATION_PRODUCT DEVICE DIAGNOSTIC_TEST DIETARY_SUPPLEMENT DRUG GENETIC "
    "PROCEDURE RADIATION OTHER"
)
# As the OpenAPI of version 2.0.5 lists them: all modules, and the fields of those that a record is read from.
PROTOCOL = fields(
    "sponsorCollaboratorsModule oversightModule contactsLocationsModule ipdSharingStatementModule",
    identificationModule=fields(
        "nctId nctIdAliases orgStudyIdInfo briefTitle officialTitle acronym organization",
        secondaryIdInfos=fields("id type domain link"),
    ),
    statusModule=fields(
        "statusVerifiedDate delayedPosting whyStopped expandedAccessInfo studyFirstSubmitDate "
        "studyFirstSubmitQcDate resultsWaived resultsFirstSubmitDate resultsFirstSubmitQcDate "
        "dispFirstSubmitDate dispFirstSubmitQcDate lastUpdateSubmitDate",
        overallStatus=STATUS,
        lastKnownStatus=STATUS,
        startDateStruct=DAY,
        primaryCompletionDateStruct=DAY,
        completionDateStruct=DAY,
        studyFirstPostDateStruct=DAY,
        resultsFirstPostDateStruct=DAY,
        dispFirstPostDateStruct=DAY,
        lastUpdatePostDateStruct=DAY,
    ),
    descriptionModule=fields("briefSummary detailedDescription"),
    conditionsModule=fields("conditions keywords"),
    designModule=fields(
        "nPtrsToThisExpAccNctId expandedAccessTypes patientRegistry targetDuration bioSpec",
        studyType=words("EXPANDED_ACCESS INTERVENTIONAL OBSERVATIONAL"),
        phases=words("NA EARLY_PHASE1 PHASE1 PHASE2 PHASE3 PHASE4"),
        designInfo=fields(
            "interventionModel interventionModelDescription primaryPurpose observationalModel "
            "timePerspective",
            allocation=words("RANDOMIZED NON_RANDOMIZED NA"),
            maskingInfo=fields(
                "maskingDescription whoMasked", masking=words("NONE SINGLE DOUBLE TRIPLE QUADRUPLE")
            ),
        ),
        enrollmentInfo=fields("count", type=words("ACTUAL ESTIMATED")),
    ),
    armsInterventionsModule=fields(
        "",
        armGroups=fields("label description interventionNames", type=ARM),
        interventions=fields("name description armGroupLabels otherNames", type=INTERVENTION),
    ),
    outcomesModule=fields("", primaryOutcomes=OUTCOME, secondaryOutcomes=OUTCOME, otherOutcomes=OUTCOME),
    eligibilityModule=fields(
        "eligibilityCriteria healthyVolunteers sex genderBased genderDescription minimumAge maximumAge "
        "stdAges studyPopulation samplingMethod"
    ),
    referencesModule=fields(
        "seeAlsoLinks availIpds",
        references=fields("pmid citation retractions", type=words("BACKGROUND RESULT DERIVED")),
    ),
)
STUDY = fields(
    "resultsSection annotationSection documentSection derivedSection hasResults", protocolSection=PROTOCOL
)


def unmapped(body: bytes) -> Counter[str]:
    """Count the fields and the words of lists that are not known here, under the object they stand in.

    What is unknown is still compared: it counts among the `rest` of a registration.
    """
    studies = studies_in(read(body), "")
    return Counter(odd for study in studies for odd in unknown(study, STUDY, "study"))


def unknown(found: Mapping[str, Any], shape: Mapping[str, Shape], place: str) -> Iterator[str]:
    """Yield what stands in an object of that name and has no place in its shape."""
    for name, value in found.items():
        if name not in shape:
            yield f"{place} {name}"[:80]
            continue
        inner = shape[name]
        if inner is None:
            continue
        for item in value if isinstance(value, list) else [value]:
            if isinstance(inner, frozenset):
                if isinstance(item, str) and item not in inner:
                    yield f"{place} {name} {item}"[:80]
            elif isinstance(item, dict):
                yield from unknown(item, inner, name)
