"""Twelve traps that real trials of this review set, and what a person sees of each at the workbench.

The numbers are those that were printed; where a passage stands in for a real one, its words are ours.
"""

from __future__ import annotations

import csv
import html
import io
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from living.errors import UserError
from living.model.facts import MACHINE, Extraction
from living.review.rows import to_row
from living.service.people import submit_form
from tests.fakes import ROOT, at, home_at, site_of
from tests.unit.review.checks.scene import cell, contrast, counts, means, people
from tests.workbench.conftest import Client, Desk
from tests.workbench.test_linking import synthetic_paper

TOPIC = "ldn-chronic-pain"
LDN = ROOT / "db" / "topics" / TOPIC
FINAL, TSUI, YOUNGER = "pubmed:38258677", "pubmed:38408060", "pubmed:23359310"
INNOVA, PAULA, SRINIVASAN = "ctgov:NCT04739995", "hand:paula-2023", "hand:srinivasan-2021"
PILOT = "pubmed:19453963"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """The workbench of the review itself, with all that was known of its trials when it began."""
    with (
        home_at(tmp_path / "home", now=at("2026-11-01"), topics=(LDN,)) as home,
        site_of(home.house) as browser,
    ):
        yield Desk(home, browser)


@pytest.fixture
def ann(desk: Desk) -> Client:
    return desk.person("ann", "extractor", "screener")


def words(page: str) -> str:
    """A page as it is read, without its markup."""
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", page)).split())


def handed_in(client: Client, *extractions: Extraction) -> str:
    """What the page of tables says to these extractions."""
    rows = [to_row(item) for item in extractions]
    out = io.StringIO()
    writer = csv.DictWriter(out, list(dict.fromkeys(name for row in rows for name in row)))
    writer.writeheader()
    writer.writerows(rows)
    sent = {"table": ("traps.csv", out.getvalue().encode(), "text/csv")}
    return words(client.post(f"/desk/{TOPIC}/tables/", files=sent).text)


def of(study: str, extraction: Extraction) -> Extraction:
    """The same cell of a real trial."""
    quotes = tuple(item.model_copy(update={"report": study}) for item in extraction.quotes)
    place = extraction.cell.model_copy(update={"study": study})
    return extraction.model_copy(update={"cell": place, "quotes": quotes})


def paired(one: float, two: float) -> Extraction:
    numbers = {
        "shape": "paired_means",
        "values": "percent_change",
        "n": 28,
        "mean_experimental": -28.8,
        "mean_control": -18.0,
        "sd_experimental": one,
        "sd_control": two,
    }
    printed = f"28 people: 28.8 +/- {one}% reduction versus 18.0 +/- {two}% reduction; P = 0.016"
    return of(YOUNGER, cell(numbers, printed, scale="vas-100"))


def test_1_a_misprinted_registry_number_still_proposes_its_trial(desk: Desk, ann: Client) -> None:
    papers = (
        synthetic_paper("11000001", "An opioid antagonist in HIV", "Registered as NCT4052139."),
        synthetic_paper("11000002", "Mechanisms of pain", "Trial number NCT0427877."),
    )
    store = desk.home.house.store
    store.append(TOPIC, desk.home.house.now(), [(MACHINE, paper) for paper in papers])
    page = words(ann.get(f"/desk/{TOPIC}/links/").text)
    assert (
        "names “NCT4052139” in its abstract, which has 7 digits, not 8; NCT04052139 differs by one slip"
        in page
    )
    assert "names “NCT0427877” in its abstract" in page
    assert "NCT04270877 differs by one slip" in page


def test_2_the_reports_of_one_trial_are_one_study(ann: Client) -> None:
    page = "".join(words(ann.get(f"/desk/{TOPIC}/screen/?show=all&page={at}").text) for at in (1, 2))
    assert page.count("FINAL 2024, pubmed:38258677") == 1
    assert "pubmed:40214857" not in page  # its later reports are no studies of their own
    assert "pubmed:42586891" not in page
    study = words(ann.get(f"/desk/{TOPIC}/screen/{FINAL}").text)
    for record in ("38258677", "NCT04270877", "40214857", "42586891"):
        assert record in study


def test_3_responder_counts_that_were_added_are_seen_and_the_correction_is_shown(
    desk: Desk, ann: Client
) -> None:
    strict = people(counts((12, 49), (7, 50)), "12 of 49 and 7 of 50 had 50% relief", outcome="relief-50")
    added = people(counts((32, 49), (20, 50)), "20 of 49 v 13 of 50 had 30% relief", outcome="relief-30")
    figure = [item.model_copy(update={"kind": "figure"}) for item in added.quotes]
    page = handed_in(ann, of(FINAL, strict), of(FINAL, added.model_copy(update={"quotes": tuple(figure)})))
    assert "[added_counts] 32 is in no quote; 20 is, and 12 people of the higher bar make it 32" in page
    desk.home.turn()
    version = desk.home.versions[-1]
    assert "Corrected later" in words(desk.home.page(f"{version}/reviews.html"))
    assert "-0.25 (-0.59 to 0.09)".replace("-", "−") in words(desk.home.page(f"{version}/reviews.html"))


def test_4_half_widths_re_quoted_as_sds_are_unmasked_by_the_printed_p(ann: Client) -> None:
    page = handed_in(ann, paired(12.5, 14.6))
    assert "P of 0.016 needs a within-person correlation of −0.34" in page
    assert "read as half-widths of 95% intervals it is 0.8" in page
    assert "12.5 stands behind ±, and no quote says whether it is the SD, the SE or the half-width" in page
    page = handed_in(ann, paired(9.3, 10.8))
    assert "needs a within-person correlation of −1.45, which cannot be" in page
    assert "read as half-widths of 95% intervals it is 0.64" in page


def test_5_a_d_divided_by_the_baseline_sd_is_named(ann: Client) -> None:
    change = cell(
        means((47, -0.33, 2.2), (49, -0.64, 2.2), "change"), "-0.33 and -0.64 (2.2, 2.2), 47 v 49", weeks=13
    )
    printed = "d 0.19 (-0.21 to 0.60), 47 v 49; baseline 7.66 (1.55) v 7.47 (1.66)"
    d = cell(contrast(0.19, -0.21, 0.6, measure="SMD", estimand="adjusted"), printed, weeks=13)
    page = handed_in(ann, of(INNOVA, change), of(INNOVA, d))
    assert "[baseline_sd] 0.31 points as d 0.19 were divided by 1.63, the SD at baseline" in page


def test_6_a_reduction_and_an_arm_that_is_favoured_have_a_sign(ann: Client) -> None:
    numbers = {
        "shape": "paired_means",
        "values": "percent_change",
        "n": 28,
        "mean_experimental": 28.8,
        "mean_control": 18.0,
        "sd_experimental": 24.0,
        "sd_control": 27.9,
    }
    printed = "28.8% reduction (SD 24.0) versus 18.0% reduction (SD 27.9) in 28 people"
    page = handed_in(ann, of(YOUNGER, cell(numbers, printed, scale="vas-100")))
    assert "[sign] the quote says 'reduction' and the change was entered as 28.8" in page
    turned = contrast(-0.49, -1.31, 0.32, estimand="adjusted")
    page = handed_in(
        ann, of(INNOVA, cell(turned, "adjusted difference 0.49 (-0.32 to 1.31) favouring placebo", weeks=13))
    )
    assert "[sign] the quote is in favour of placebo, and −0.49 is in favour of the other arm" in page


def test_7_events_are_not_participants_and_a_rate_ratio_needs_person_time(ann: Client) -> None:
    printed = "8 adverse events with naltrexone and 52 adverse events with amitriptyline, of 60 and 60"
    wrong = people(counts((8, 60), (52, 60)), printed, control="amitriptyline", weeks=6)
    page = handed_in(ann, of(SRINIVASAN, wrong))
    assert "[events_not_people] the quote speaks of 52 events, and 52 people were entered" in page
    rates = {"shape": "event_rates", "experimental": {"events": 8}, "control": {"events": 52}}
    right = people(rates, printed, "ae-events", control="amitriptyline", weeks=6)
    page = handed_in(ann, of(SRINIVASAN, right))
    assert "[no_person_time] 52 events, and no person-time" in page
    answer = {"reasons": (("no_person_time", "not reported; the events are described only"),)}
    assert "Stored: 1 extraction" in handed_in(ann, of(SRINIVASAN, right.model_copy(update=answer)))


def test_8_an_adjusted_p_beside_a_plain_interval_is_explained(ann: Client) -> None:
    numbers = contrast(0.88, -0.7, 2.46, n_experimental=15, n_control=15)
    printed = "0.88 (-0.70, 2.46), p=0.55, in 15 and 15 people"
    page = handed_in(ann, of(TSUI, cell(numbers, printed, scale="bpi-severity", weeks=8)))
    assert "[adjusted_p]" in page
    assert "gives P 0.275 by z" in page
    assert "0.264 by t on 28 df; P 0.55 is printed" in page
    assert "Enter the interval, not P" in page


def test_9_arms_that_differ_in_more_than_the_drug_and_controls_used_twice_are_seen(
    desk: Desk, ann: Client
) -> None:
    printed = "-0.5 (-1.5 to 0.5)"
    factorial = cell(contrast(-0.5, -1.5, 0.5), printed, experimental="ldn-tdcs", scale="vas", weeks=3.71)
    page = handed_in(ann, of(PAULA, factorial))
    assert "[co_intervention] the arm 'ldn-tdcs' (LDN with active tDCS)" in page
    clean = cell(contrast(-0.5, -1.5, 0.5), printed, scale="vas", weeks=3.71)
    assert "Stored: 1 extraction" in handed_in(ann, of(PAULA, clean))
    low, high = (
        cell(contrast(at, at - 1, at + 1), f"{at} ({at - 1} to {at + 1})", experimental=arm, weeks=8)
        for at, arm in ((-0.5, "ldn"), (-0.7, "ldn-high"))
    )
    described = TWO_DOSES.replace("STUDY", TSUI)
    form = "\n".join([described, *(as_toml(of(TSUI, item)) for item in (low, high))])
    assert "'placebo' is the control of both 'ldn' and 'ldn-high'" in refused(desk, ann, form)


def test_10_a_crossover_in_fixed_order_is_not_randomised_and_stays_out(ann: Client) -> None:
    page = words(ann.get(f"/desk/{TOPIC}/screen/{PILOT}").text)
    assert "Younger and Mackey 2009" in page
    assert "Excluded, X1. Nothing waits here: the study has its verdict." in page
    assert "X1 Not randomised" in page


def test_11_unequal_periods_without_washout_are_asked_about_and_two_groups_refused(ann: Client) -> None:
    page = handed_in(ann, paired(23.98, 27.85))
    assert "[crossover_periods] periods of 12 weeks and 4 weeks and no washout in this crossover" in page
    groups = cell(means((28, 4.0, 2.0), (28, 5.0, 2.1)), "4.0 (2.0) and 5.0 (2.1), 28 people", scale="vas")
    page = handed_in(ann, of(YOUNGER, groups))
    assert "[crossover_independent] a crossover's two periods are the same people" in page


def test_12_review_authors_who_ran_a_trial_are_named_before_anybody_reads_it(ann: Client) -> None:
    page = words(ann.get(f"/desk/{TOPIC}/daily/{SRINIVASAN}").text)
    assert "The protocol declares: Authors of the 2025 review" in page
    assert "ran the trial Srinivasan 2021" in page


# --- the command line's form, for what a table does not hold: the study's arms ---

TWO_DOSES = """study = "STUDY"
[characteristics]
label = "Tsui 2024"
design = "multi_arm"
condition = "Chronic pain"
condition_group = "other"
arms = [
  { id = "ldn", label = "Naltrexone 4.5 mg", intervention = "ldn", n_randomised = 15 },
  { id = "ldn-high", label = "Naltrexone 6 mg", intervention = "ldn", n_randomised = 15 },
  { id = "placebo", label = "Placebo", intervention = "placebo", n_randomised = 15 },
]
"""


def as_toml(extraction: Extraction) -> str:
    """A cell as the form holds it; JSON's strings and numbers are TOML's too."""

    def inline(value: Any) -> str:
        if isinstance(value, dict):
            return "{ " + ", ".join(f"{name} = {inline(item)}" for name, item in value.items()) + " }"
        if isinstance(value, list | tuple):
            return "[" + ", ".join(inline(item) for item in value) + "]"
        return json.dumps(value)

    given = extraction.model_dump(exclude_none=True, exclude={"kind"})
    return "[[extractions]]\n" + "\n".join(f"{name} = {inline(value)}" for name, value in given.items())


def refused(desk: Desk, client: Client, form: str) -> str:
    """What the command line says to a form."""
    with pytest.raises(UserError) as caught:
        submit_form(desk.home.house, TOPIC, form, "form.toml", client.id)
    return str(caught.value)
