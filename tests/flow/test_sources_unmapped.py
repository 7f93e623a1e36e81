"""All that was recorded is known to us but what is listed here, with the reason."""

import json
import lzma
from collections import Counter
from pathlib import Path
from typing import Any

from living.errors import SourceError
from living.sources import ctgov, pubmed
from tests.benchmarks.surveillance_speed import recorded_answers
from tests.flow.test_sources_entrez import single_files

# The June 2023 export of the beta held, beside each intervention, the terms it was mapped to.
ODD_STUDIES = {"interventions interventionMappedName": 47}
# A web page, which is refused before anything in it is read.
ODD_ARTICLES = {f"element {name}": 1 for name in ("html", "head", "title", "body", "pre")}


def test_every_name_and_kind_in_recorded_articles_is_known(recorded: Path) -> None:
    found: Counter[str] = Counter()
    for _, body in single_files(recorded):
        found.update(pubmed.unmapped(body))
    assert found == ODD_ARTICLES
    for number, body in enumerate(recorded_answers(recorded)):
        assert pubmed.unmapped(body) == {}, number


def test_every_field_and_word_in_recorded_studies_is_known(recorded: Path) -> None:
    found: Counter[str] = Counter()
    studies = 0
    with lzma.open(recorded / "ctgov/studies_v2.jsonl.xz") as lines:
        for line in lines:
            found.update(ctgov.unmapped(json.dumps(json.loads(line)["study"]).encode()))
            studies += 1
    for path in sorted((recorded / "ctgov").rglob("*.json")):
        for study in studies_of(path):
            found.update(study)
            studies += 1
    assert studies > 540
    assert found == ODD_STUDIES


def studies_of(path: Path) -> list[Counter[str]]:
    """What is odd in each file; pairs are lists of two copies of a study."""
    read: Any = json.loads(path.read_bytes())
    if isinstance(read, list):
        copies = [pair[day] for pair in read for day in ("before", "after") if day in pair]
        return [ctgov.unmapped(json.dumps(copy).encode()) for copy in copies]
    try:
        return [ctgov.unmapped(path.read_bytes())]
    except SourceError:
        assert "legacy" in path.name or "studies" not in read
        return []
