"""A loopback stand-in of PubMed and ClinicalTrials.gov, used by the tests and by the replay."""

from tests.standin.records import RecordSet, from_ctgov, from_ctgov_jsonl, from_pubmed_xml
from tests.standin.server import Standin

__all__ = ["RecordSet", "Standin", "from_ctgov", "from_ctgov_jsonl", "from_pubmed_xml"]
