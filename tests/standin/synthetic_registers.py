"""Synthetic entries in the shape of Europe PMC's and ISRCTN's descriptions; none stands for a real one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from xml.sax.saxutils import escape, quoteattr

Json = dict[str, Any]


def preprint_json(
    own: str,
    title: str = "Low-dose naltrexone in a synthetic ache",
    *,
    doi: str = "",
    indexed: str = "2026-01-10",
    version: int = 1,
    versions: Sequence[str] = (),
    types: Sequence[str] = ("preprint",),
    abstract: str = "<h4>Methods</h4>A randomised synthetic trial.<h4>Results</h4>Less pain (p < 0.05).",
    corrections: Sequence[tuple[str, str, str, str]] = (),
    cited: int = 0,
    **more: Any,
) -> Json:
    """Return one preprint as `resultType=core` gives it. `corrections`: type, source, id, note."""
    found: Json = {
        "id": own,
        "source": "PPR",
        "doi": doi or f"10.5555/synthetic.{own.lower()}",
        "title": title,
        "authorString": "Invented A, Imagined B.",
        "authorList": {
            "author": [
                {"fullName": "Invented A", "firstName": "Ada", "lastName": "Invented", "initials": "A"},
                {"collectiveName": "The Synthetic Group"},
            ]
        },
        "pubYear": indexed[:4],
        "abstractText": abstract,
        "pubTypeList": {"pubType": list(types)},
        "bookOrReportDetails": {"publisher": "medRxiv", "yearOfPublication": int(indexed[:4])},
        "isOpenAccess": "N",
        "inEPMC": "N",
        "inPMC": "N",
        "citedByCount": cited,
        "hasEvaluations": "N",
        "versionNumber": version,
        "dateOfCreation": indexed,
        "firstIndexDate": indexed,
        "firstPublicationDate": indexed,
        **more,
    }
    if versions:
        listed = [
            {
                "id": name,
                "source": "PPR",
                "firstPublishDate": indexed,
                "versionNumber": number,
                "pubTypeList": {"pubType": ["preprint"]},
                "hasEvaluations": "N",
            }
            for number, name in enumerate(versions, start=1)
        ]
        found["versionList"] = {"version": listed}
    if corrections:
        found["commentCorrectionList"] = {
            "commentCorrection": [
                {
                    "type": kind,
                    "source": source,
                    "id": name,
                    "orderIn": place,
                    **({"note": note} if note else {}),
                }
                for place, (kind, source, name, note) in enumerate(corrections, start=1)
            ]
        }
    return found


def trial_xml(
    number: str,
    title: str = "Low-dose naltrexone for a synthetic ache",
    *,
    edited: str = "2026-01-15T09:30:00.123456789Z",
    version: int = 1,
    nct: str = "Nil known",
    eudract: str = "Nil known",
    secondary: Sequence[tuple[str, str]] = (),
    allocation: str = "Randomized controlled trial",
    override: str = "",
    outcome: str = "Pain",
    weeks: int = 12,
    drug: str = "Naltrexone",
    target: str = "60",
    final: str = "",
    outputs: Sequence[tuple[str, str, str]] = (),
    contact: str = "person@example.org",
    end: str = "2027-06-30T00:00:00.000Z",
) -> str:
    """Return one `fullTrial`. `secondary`: type and number; `outputs`: type, link, day of upload."""
    others = "".join(
        f"<secondaryNumber id='s{place}' numberType={quoteattr(kind)}>{escape(value)}</secondaryNumber>"
        for place, (kind, value) in enumerate(secondary)
    )
    shown = "".join(
        f'<output id="o{place}" outputType={quoteattr(kind)} artefactType="ExternalLink" '
        f'dateCreated="{day}T00:00:00.000Z" dateUploaded="{day}T00:00:00.000Z" peerReviewed="true" '
        f'patientFacing="false" createdBy=""><externalLink url={quoteattr(link)}/><description/></output>'
        for place, (kind, link, day) in enumerate(outputs)
    )
    return (
        f'<fullTrial><trial lastUpdated="{edited}" version="{version}" '
        f'publicIdentifierCanonical="ISRCTN{number}">'
        f'<isrctn dateAssigned="2025-11-03T00:00:00.000Z">{number}</isrctn>'
        f'<trialDescription thirdPartyFilesAcknowledgement="true"><acknowledgment>true</acknowledgment>'
        f"<title>{escape(title)}</title>"
        f"<scientificTitle>A synthetic trial of {escape(drug)}</scientificTitle>"
        f"<acronym/><studyHypothesis>Less pain.</studyHypothesis>"
        f"<plainEnglishSummary>A synthetic summary.</plainEnglishSummary>"
        f'<primaryOutcomes><outcomeMeasure id="m1"><variable>{escape(outcome)}</variable>'
        f"<method>0-10 scale</method><timepoints>{weeks} weeks</timepoints>"
        f"</outcomeMeasure></primaryOutcomes>"
        f"<primaryOutcome/><secondaryOutcomes/><secondaryOutcome>Sleep, by a diary</secondaryOutcome>"
        f"<ethicsApprovalRequired>Ethics approval required</ethicsApprovalRequired></trialDescription>"
        f"<externalRefs><doi>10.1186/ISRCTN{number}</doi><eudraCTNumber>{escape(eudract)}</eudraCTNumber>"
        f"<irasNumber/><clinicalTrialsGovNumber>{escape(nct)}</clinicalTrialsGovNumber>"
        f"<protocolSerialNumber>CPMS 1</protocolSerialNumber>"
        f"<secondaryNumbers>{others}</secondaryNumbers></externalRefs>"
        f"<trialDesign><studyDesign/><primaryStudyDesign>Interventional</primaryStudyDesign>"
        f"<interventionalTrialDesign><allocation>{escape(allocation)}</allocation>"
        f"<masking>Blinded (masking used)</masking></interventionalTrialDesign>"
        f"<overallEndDate>{end}</overallEndDate></trialDesign>"
        f"<participants><inclusion>Adults with pain</inclusion><exclusion>Opioids</exclusion>"
        f"<targetEnrolment>{target}</targetEnrolment><totalFinalEnrolment>{final}</totalFinalEnrolment>"
        f"<recruitmentStart>2026-02-01T00:00:00.000Z</recruitmentStart>"
        f"<recruitmentEnd>2027-01-31T00:00:00.000Z</recruitmentEnd>"
        f"<recruitmentStatusOverride>{override}</recruitmentStatusOverride></participants>"
        f"<conditions><condition><description>Chronic pain</description><diseaseClass1>Signs</diseaseClass1>"
        f"</condition></conditions>"
        f"<interventions><intervention><description>4.5 mg daily or placebo</description>"
        f"<interventionType>Drug</interventionType><phase>Phase II</phase>"
        f"<drugNames>{escape(drug)}</drugNames></intervention></interventions>"
        f"<results><basicReport/><plainEnglishReport/></results><outputs>{shown}</outputs>"
        f"<parties><contactId>c1</contactId></parties><attachedFiles/><miscellaneous/></trial>"
        f'<contact id="c1"><surname>Person</surname><contactDetails><email>{contact}</email></contactDetails>'
        f'</contact><sponsor id="p1"><organisation>Synthetic Hospital</organisation></sponsor></fullTrial>'
    )
