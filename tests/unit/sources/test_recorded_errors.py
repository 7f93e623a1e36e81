"""Every error body that a registry was seen to send, and what it means to us."""

import json
from pathlib import Path

import pytest

from living.errors import SourceChanged, SourceDown, SourceError
from living.model.values import digest
from living.sources import ctgov, pubmed
from living.sources.gateway import Answer, Judge

XML, SEARCH = "PubmedArticleSet", "eSearchResult"

DOWN = {
    "ncbi_429_rate_limit.json": XML,
    "esearch_backend_db_not_supported.xml": SEARCH,
    "esearch_backend_open_connection.xml": SEARCH,
    "efetch_backend_timeout.xml": XML,
    "ncbi_500_html_excerpt.html": XML,
    "ctgov_classic_invalid_nct_id.html": "",
}
CHANGED = {
    "esearch_retstart_too_large_2022.xml": SEARCH,
    "esearch_retstart_too_large_current.xml": SEARCH,
    "efetch_id_list_empty_400.xml": XML,
    "efetch_id_param_empty_200.xml": XML,
    "efetch_unknown_pmid_text_mode.txt": XML,
    "esummary_missing_uid.json": XML,
    "esummary_invalid_uid.json": XML,
    "ctgov_404_unknown_nct.txt": "",
    "ctgov_400_malformed_nct.txt": "",
    "ctgov_400_filter_ids.txt": "",
    "ctgov_400_unknown_parameter.txt": "",
    "ctgov_400_bad_status.txt": "",
    "ctgov_400_unknown_area.txt": "",
    "ctgov_400_unbalanced_paren.txt": "",
    "ctgov_400_bracket.txt": "",
    "ctgov_400_bad_field.txt": "",
    "ctgov_400_sort_text_field.txt": "",
    "ctgov_400_sort_format.txt": "",
}
# These are answers by themselves; what they answer is judged by their reader.
FINE = {
    "efetch_unknown_pmid_empty_set.xml": XML,
    "esearch_phrase_not_found_but_hits.xml": SEARCH,
    "esearch_retmax_clamped_warning.xml": SEARCH,
    "ctgov_200_filter_ids_unknown.json": "",
    "ctgov_version.json": "",
}


def judge_of(root: str) -> Judge:
    return (lambda answer: pubmed.judge(answer, root)) if root else ctgov.judge


def answers(folder: Path, name: str) -> list[Answer]:
    entry = next(item for item in json.loads((folder / "index.json").read_text()) if item["file"] == name)
    body, listed = (folder / name).read_bytes(), entry["http_status"]
    statuses = listed if isinstance(listed, list) else [listed or 200]
    headers = {key.lower(): value for key, value in entry["headers"].items()}
    return [Answer("http://127.0.0.1/", status, headers, body, digest(body)) for status in statuses]


def test_every_recorded_error_has_its_place_in_this_table(recorded: Path) -> None:
    listed = {item["file"] for item in json.loads((recorded / "errors/index.json").read_text())}
    assert listed == DOWN.keys() | CHANGED.keys() | FINE.keys()


@pytest.mark.parametrize("name", [*DOWN, *CHANGED])
def test_a_recorded_error_is_what_it_means_whatever_its_status(recorded: Path, name: str) -> None:
    wanted: type[SourceError] = SourceDown if name in DOWN else SourceChanged
    for answer in answers(recorded / "errors", name):
        with pytest.raises(SourceError) as caught:
            judge_of({**DOWN, **CHANGED}[name])(answer)
        assert type(caught.value) is wanted
        assert "192.0.2.10" not in str(caught.value)


@pytest.mark.parametrize("name", list(FINE))
def test_an_answer_that_only_looks_like_an_error_passes(recorded: Path, name: str) -> None:
    for answer in answers(recorded / "errors", name):
        judge_of(FINE[name])(answer)
