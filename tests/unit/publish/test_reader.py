"""What a reader sees of certainty, people per thousand, harms, what is missing, and the checklist."""

import re
from html import unescape
from typing import Any

import pytest

from living.model.state import ReviewState
from living.publish import lsr, numerals
from living.publish.bundle import render_version
from living.publish.pages import Topic, TopicRow, VersionRow, render_site_index, render_topic_index
from living.publish.view import view
from living.review.retirement import Suggestion
from living.review.timeliness import Delay, Timeliness
from tests.unit.review import scenes
from tests.unit.review.scenes import difference, judged, read, then, toy, trial, version

COUNT = {"outcome": "any-ae", "scale": "", "estimand": "count"}
EVENTS = {"1": (10, 5), "2": (12, 6), "3": (8, 4)}


def counts(first: int, second: int, people: int = 50) -> dict[str, Any]:
    return {
        "shape": "event_counts",
        "experimental": {"events": first, "total": people},
        "control": {"events": second, "total": people},
    }


def counted(events: dict[str, tuple[int, int]]) -> ReviewState:
    facts = [
        fact
        for n, pair in events.items()
        for fact in trial(
            n, read(f"pubmed:{n}", difference(-1.0)), read(f"pubmed:{n}", counts(*pair), **COUNT)
        )
    ]
    return toy(*facts)


def page(state: ReviewState) -> str:
    return render_version(version(state))["page.html"].decode()


def words(markup: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", markup)).split())


def section(text: str, name: str) -> str:
    return words(text[text.index(f'<h2 id="{name}"') :].split("<h2 ")[1])


# --- certainty ----------------------------------------------------------------------------------------


def test_the_tile_reads_the_rating_when_there_is_one_and_says_so_when_there_is_none() -> None:
    state = counted(EVENTS)
    assert "Certainty (GRADE) Not yet rated" in words(page(state))
    rated = words(page(then(state, scenes.graded(state, "ache", "moderate"))))
    assert "Certainty (GRADE) Moderate rated by people" in rated
    assert "Moderate certainty There is probably less ache with remedy" in rated


def test_a_rating_of_other_numbers_is_to_be_made_again() -> None:
    state = counted(EVENTS)
    moved = then(
        state, scenes.graded(state, "ache", "high"), *trial("9", read("pubmed:9", difference(2.0, 0.1)))
    )
    told = words(page(moved))
    assert "Certainty (GRADE) To be rated again was high; the numbers have moved since" in told
    assert "There is less ache" not in told


def test_facts_for_a_rating_are_folded_and_called_no_rating() -> None:
    text = page(counted(EVENTS))
    fold = text[text.index("Facts for a rating of certainty, not a rating") :]
    assert "</details>" in fold
    assert view(version(counted(EVENTS))).headline.pointers  # type: ignore[union-attr]


def test_a_judgement_of_bias_stands_with_its_study_and_its_reasons_on_the_study_s_page() -> None:
    state = counted(EVENTS)
    files = render_version(version(then(state, judged(state, "pubmed:1 ache", "some_concerns"))))
    assert "Ache intensity: some concerns" in words(files["page.html"].decode())
    (name,) = [path for path in files if path.startswith("study/trial-1-")]
    assert "Ache intensity: some concerns" in words(files[name].decode())


# --- people per thousand and harms --------------------------------------------------------------------


def test_a_pooled_ratio_is_told_as_people_per_thousand_at_a_named_baseline() -> None:
    state = counted(EVENTS)
    absolute = scenes.analysis(state, "any-ae").supplement.absolute  # type: ignore[union-attr]
    assert absolute is not None
    told = section(page(state), "people")
    assert f"Of 1,000 people with placebo, about {absolute.control:.0f}" in told
    assert f"{absolute.experimental_low:.0f} to {absolute.experimental_high:.0f}" in told
    assert absolute.baseline_source in told
    assert "Certainty not rated" in told


def test_one_question_gives_one_number_of_people_however_many_ways_it_is_computed() -> None:
    prepared = view(version(counted(EVENTS)))
    (one,) = prepared.absolutes
    other = one.analysis.model_copy(update={"id": "again", "label": "Any adverse event, another model"})
    older = one.analysis.model_copy(update={"id": "older", "role": "continuity"})
    (comparison,) = version(counted(EVENTS)).comparisons
    more = comparison.model_copy(update={"analyses": (*comparison.analyses, other, older)})
    found = view(version(counted(EVENTS)).model_copy(update={"comparisons": (more,)})).absolutes
    assert [item.analysis.id for item in found] == ["any-ae"]


def test_without_an_average_the_page_says_why_there_are_no_people_per_thousand() -> None:
    told = words(page(counted({"1": (10, 5)})))
    assert "No number of people per 1,000 yet for participants with any adverse event" in told


def test_no_event_in_either_group_is_not_the_same_as_not_reported() -> None:
    none_had_it = section(page(counted({"1": (0, 0)})), "harms")
    assert "0 of 50 0 of 50" in none_had_it
    assert "Trial 1" in none_had_it.split("Who reported it")[1]
    silent = section(page(toy(*trial("1", read("pubmed:1", difference(-1.0))))), "harms")
    assert "not reported" in silent.split("Who reported it")[1]
    assert "none of the one study" in silent
    assert "0 of" not in silent


def test_a_harm_names_who_reported_it_and_who_did_not() -> None:
    state = then(counted(EVENTS), *trial("7", read("pubmed:7", difference(-0.5))))
    told = section(page(state), "harms")
    assert "30 of 150 15 of 150" in told
    assert "Trial 1, Trial 2, Trial 3 (not: Trial 7)" in told


def test_results_that_are_missing_are_not_called_assessed() -> None:
    told = section(page(then(counted(EVENTS), *trial("7"))), "missing")
    assert "not been assessed by people" in told
    assert "3 of 4 Awaiting data: nothing has been read from it yet: Trial 7" in told


# --- around the versions ------------------------------------------------------------------------------


def test_the_lists_tell_how_soon_reports_are_used_and_what_speaks_for_an_end() -> None:
    delays = Timeliness((Delay("pubmed:1", "v1.0", 3), Delay("pubmed:2", "v2.0", 8)))
    ending = (
        Suggestion("quiet", "No new study", True, "The last study came with v1.0."),
        Suggestion("relevance", "Nobody asks any more", None, "Only people can tell."),
    )
    topic, row = Topic("toy", "Toy"), VersionRow("v1.0", "2026-07-01", "first_version", "First version.")
    told = words(render_topic_index(topic, [row], timely=delays, ending=ending).decode())
    assert "median 5.5 days, 3 to 8 (two reports)" in told
    assert "No new study met: people are asked The last study came with v1.0." in told
    assert "Nobody asks any more for people to say" in told
    assert "median 5.5 days" in words(render_site_index([TopicRow(topic, row, timely=delays)]).decode())
    one = Timeliness((Delay("pubmed:1", "v1.0", 1),))
    assert "1 day (one report so far)" in words(render_topic_index(topic, [row], timely=one).decode())
    silent = words(render_topic_index(topic, [row]).decode())
    assert "How soon" not in silent
    assert "When updating may end" not in silent


# --- the checklist ------------------------------------------------------------------------------------


def test_the_checklist_has_every_item_of_both_statements_once_and_each_leads_somewhere() -> None:
    snapshot = version(counted(EVENTS))
    files = render_version(snapshot)
    assert snapshot.release
    found = lsr.checklist(snapshot, snapshot.release)
    ids = [item.id for part in found.sections for item in part.items]
    numbered = {re.match(r"\d+|L\d", name).group() for name in ids}  # type: ignore[union-attr]
    assert numbered == {str(n) for n in range(1, 28)} | {"L1", "L2", "L3", "L4"}
    anchors = set(re.findall(r' id="([^"]+)"', files["page.html"].decode()))
    for part in found.sections:
        for item in part.items:
            if item.href.startswith("#"):
                assert item.href[1:] in anchors, item
            elif item.href:
                assert item.href in files


def test_what_a_version_does_not_say_is_not_reported() -> None:
    snapshot = version(counted(EVENTS))
    assert snapshot.release
    found = lsr.checklist(snapshot, snapshot.release)
    open_items = [item.id for part in found.sections for item in part.items if not item.told]
    assert "25" in open_items
    assert "L4" in open_items
    text = render_version(snapshot)[lsr.PAGE].decode()
    assert text.count("not reported</span>") == found.unanswered == len(open_items)


# --- every link of every page -------------------------------------------------------------------------


def test_every_link_within_a_version_leads_to_a_file_and_an_anchor_that_exist() -> None:
    snapshot = scenes.version(scenes.ldn(scenes.V2), "v2.0")
    files = render_version(snapshot) | {"chain.json": b"written where the ledger is"}
    ids = {name: set(re.findall(r' id="([^"]+)"', files[name].decode())) for name in files if ".html" in name}
    ids["index.html"] = ids["page.html"] | {"main"}
    for name in [name for name in files if name.endswith(".html")]:
        for href in re.findall(r'<a [^>]*href="([^"]+)"', files[name].decode()):
            if href.startswith(("http://", "https://", "../../", "../diff/", "/")):
                continue
            path, _, anchor = unescape(href).partition("#")
            where = name if not path else path.removeprefix("../") if "/" in name else path
            if where.startswith("../"):
                continue
            assert where in files or where in ids, (name, href)
            assert not anchor or anchor in ids[where], (name, href)


@pytest.mark.parametrize(
    ("value", "said"),
    [(0.0, "0%"), (0.001, "<1%"), (0.126, "13%"), (1.0, "100%"), (None, "not given")],
)
def test_a_share_that_is_small_is_not_called_nothing(value: float | None, said: str) -> None:
    assert numerals.share(value) == said


@pytest.mark.parametrize(
    ("value", "said"), [(12.4, "12 more"), (-3.0, "3 fewer"), (0.2, "no difference"), (-0.4, "no difference")]
)
def test_people_per_thousand_are_whole_people(value: float, said: str) -> None:
    assert numerals.more_or_fewer(value) == said
