"""Posted results become suggestions: a person takes each over, compares it with the register, hands it in."""

from __future__ import annotations

import html
import json
import re
from pathlib import Path

import pytest

from living.model.facts import Extraction
from living.sources.ctgov_json import parse
from tests.fakes import Reply
from tests.workbench.conftest import Client, Desk
from tests.workbench.test_reading import BASE, KEY, beside, known, said

TRIAL = "ctgov:NCT05372913"  # a real register entry with posted results; of no topic here
READ = f"/desk/toy/read/{TRIAL}"
TABLE = "resultsSection.outcomeMeasuresModule.outcomeMeasures[2]"
STUDY = {
    "what.label": "Recorded 2024",
    "what.design": "parallel",
    "what.condition": "Invented ache",
    "what.group": "ache",
    "arm0.label": "W-GenZD Mobile Application Group",
    "arm0.intervention": "remedy",
    "arm1.label": "CBT-Lite Teletherapy Group",
    "arm1.intervention": "placebo",
}


@pytest.fixture
def ann(desk: Desk, recorded: Path) -> Client:
    entry = json.loads((recorded / "ctgov" / "results" / "NCT05372913.json").read_text())
    body = json.dumps(entry.get("study", entry)).encode()
    sha = desk.home.house.store.keep(
        body, source="ctgov", url="", status=200, content_type="application/json", at=desk.home.house.now()
    )
    for found in parse(body, sha):
        known(desk, found)
    return desk.person("ann", "extractor")


def fields_of(page: Reply) -> dict[str, str]:
    """What a browser would send of the form as it stands."""
    text = page.text[page.text.index('id="reading"') :]
    found = {
        html.unescape(name): html.unescape(value)
        for name, value in re.findall(r'<input[^>]* name="([^"]+)" value="([^"]*)"', text)
    }
    for name, options in re.findall(r'<select[^>]* name="([^"]+)"[^>]*>(.*?)</select>', text, re.DOTALL):
        chosen = re.search(r'value="([^"]*)" selected', options)
        found[name] = html.unescape(chosen[1]) if chosen else ""
    for name, value in re.findall(r'<textarea[^>]* name="([^"]+)"[^>]*>\n?(.*?)</textarea>', text, re.DOTALL):
        found[name] = html.unescape(value)
    return {name: value for name, value in found.items() if not name.endswith(".seen")}


def press(client: Client, do: str, page: Reply, **more: str) -> Reply:
    return client.form(READ, {**fields_of(page), **more, "do": do})


def taken_over(ann: Client) -> Reply:
    begun = ann.get(READ)
    begun = press(ann, "next", begun, **STUDY)
    return press(ann, f"use:{TRIAL}|o2.r0.OG000.OG001", begun)


def test_posted_tables_stand_beside_the_form_as_the_register_prints_them(ann: Client) -> None:
    page = ann.get(READ)
    assert "Patient Health Questionnaire, 8 Items (PHQ-8)" in page.text
    assert "10.65 (6.31)" in page.text
    assert "Suggestions only" in page.text


def test_a_suggestion_fills_numbers_place_and_words_and_nothing_is_said_yet(ann: Client, desk: Desk) -> None:
    page = taken_over(ann)
    fields = fields_of(page)
    row = max(name.partition(".")[0] for name in fields if re.match(r"c\d+\.from", name))
    assert fields[f"{row}.experimental.mean"] == "10.65"
    assert fields[f"{row}.control.spread.sd"] == "5.20"
    assert fields[f"{row}.experimental"] == "remedy"
    assert fields[f"{row}.q0.report"] == TRIAL
    assert fields[f"{row}.q0.locator"].startswith(TABLE)
    assert "Mean 10.65; Standard Deviation 6.31; Participants analyzed 71" in fields[f"{row}.q0.text"]
    assert fields[f"{row}.outcome"] == ""
    assert said(desk, Extraction) == []


def test_a_suggestion_is_handed_in_only_once_somebody_has_compared_it(ann: Client, desk: Desk) -> None:
    page = taken_over(ann)
    fields = fields_of(page)
    row = max(name.partition(".")[0] for name in fields if re.match(r"c\d+\.from", name))
    rest = {
        f"{row}.outcome": "ache", f"{row}.scale": "nrs", f"{row}.estimand": "final", f"{row}.weeks": "12",
        f"{row}.experimental.mean": "5.65", f"{row}.experimental.spread.sd": "2.31",
        f"{row}.control.mean": "5.16", f"{row}.control.spread.sd": "2.20", f"{row}.q0.kind": "figure",
    }  # fmt: skip
    page = press(ann, "next", page, **rest)
    refused = press(ann, "hand_in", page)
    assert refused.status == 400
    assert "compare them with the register" in beside(refused, f"{row}.seen")
    assert "The register gave 10.65; you changed it." in refused.text
    done = press(ann, "hand_in", refused, **{f"{row}.seen": "yes"})
    assert "Handed in: 1 cell" in done.text, re.findall(r'class="wrong"[^>]*>([^<]+)', done.text)
    (extraction,) = said(desk, Extraction)
    assert isinstance(extraction, Extraction)
    assert extraction.quotes[0].locator.startswith(TABLE)
    assert "experimental mean from 10.65 to 5.65" in extraction.notes


def test_what_the_register_does_not_suggest_cannot_be_taken_over(ann: Client) -> None:
    page = press(ann, "next", ann.get(READ), **STUDY)
    refused = press(ann, f"use:{TRIAL}|o99.r0.A.B", page)
    assert refused.status == 400
    assert "no longer suggests" in refused.text


def test_another_source_is_shown_by_a_button_that_keeps_what_was_typed(ann: Client) -> None:
    page = ann.get(READ)
    hidden = {"key": KEY.search(page.text)[1], "base": BASE.findall(page.text)[-1]}  # type: ignore[index]
    turned = ann.form(READ, {**hidden, **STUDY, "see": TRIAL})
    assert 'value="Recorded 2024"' in turned.text
