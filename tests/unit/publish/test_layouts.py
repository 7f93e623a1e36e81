"""Where things stand in the figures beside the forest plot, and when there are none."""

import math
import re
import xml.etree.ElementTree as ET
from itertools import pairwise

import pytest

from living.model.flow import Flow
from living.model.protocol import Sensitivity
from living.model.snapshot import AnalysisOut, Snapshot
from living.publish import companion, cumulative, flowchart, funnel, lights, sensitivity, timeline
from living.publish.axis import steps_to
from living.publish.forest import NARROW, WIDE, forest
from living.publish.history import history
from living.publish.ladder import spaced
from living.publish.light import Light, kind_of
from living.publish.pages import Topic, VersionRow, render_topic_index
from tests.unit.publish import drawings, grown, snapshots


def analysis(k: int = 12, ratio: bool = False) -> AnalysisOut:
    return grown.analysis(k, ratio)


def rob(k: int = 12) -> lights.Lights:
    topic = grown.topic(k)
    return lights.judged(topic.studies, topic.comparisons[0].analyses[0])


# --- forest ---------------------------------------------------------------------------------------------


def test_groups_have_hollow_diamonds_of_their_own_beneath_the_average() -> None:
    drawn = forest(analysis(), WIDE)
    assert [row.label for row in drawn.levels] == ["Dose", "Below 5 mg a day", "5 to 6 mg a day"]
    assert drawn.levels[0].level is None
    assert all(row.at for row in drawn.levels[1:])
    assert drawn.pool_y < drawn.levels[0].y < drawn.axis_y


def test_a_group_without_an_average_has_no_diamond_and_all_such_groups_no_rows() -> None:
    assert [bool(row.at) for row in forest(analysis(3), WIDE).levels[1:]] == [False, True]
    assert forest(analysis(2), WIDE).levels == ()


def test_signs_mark_unverified_and_assumed_numbers_and_the_key_explains_those_that_occur() -> None:
    drawn = forest(analysis(3), NARROW)
    assert [row.marks for row in drawn.rows] == ["†", "‡", ""]
    assert [key.sign for key in drawn.keys] == ["†", "‡"]
    assert [key.sign for key in forest(analysis(12), NARROW, {}).keys] == ["†", "‡"]


def test_lights_stand_in_the_rows_only_where_somebody_judged() -> None:
    found = {one.study: Light("high") for one in analysis(3).contrasts[:1]}
    drawn = forest(analysis(3), WIDE, found)
    assert [bool(row.light) for row in drawn.rows] == [True, False, False]
    assert drawn.lit
    assert not forest(analysis(3), WIDE).lit


def test_large_counts_widen_their_columns_and_shorten_the_names_beside_them() -> None:
    item = analysis(3, ratio=True)
    large = {"events_experimental": 2216, "n_experimental": 29011, "label": "A trial with quite a long name"}
    many = (item.contrasts[0].model_copy(update=large), *item.contrasts[1:])
    drawn, usual = forest(item.model_copy(update={"contrasts": many}), WIDE), forest(item, WIDE)
    assert drawn.left_column < usual.left_column < usual.right_column == drawn.right_column
    assert len(drawn.rows[0].label) < len(large["label"])


# --- ladders --------------------------------------------------------------------------------------------


def test_growth_names_the_day_and_the_study_that_came() -> None:
    drawn = cumulative.cumulative(analysis(3))
    assert drawn
    assert [rung.line.label for rung in drawn.rungs] == [
        "January 2010: Alder 2010",
        "February 2011: Birch 2011",
        "March 2012: Cedar 2012",
    ]
    assert drawn.rungs[0].bars[0].at is None
    assert drawn.rungs[1].bars[0].at is not None


def test_one_study_has_not_grown() -> None:
    assert cumulative.cumulative(analysis(1)) is None


def test_labels_of_an_axis_that_would_touch_are_left_out_but_for_ends_and_middle() -> None:
    drawn = cumulative.cumulative(analysis(3, ratio=True))
    assert drawn
    assert spaced(drawn.ticks) == drawn.ticks
    for before, after in zip(drawn.ticks, drawn.ticks[1:], strict=False):
        assert after.x - before.x > 4 * (len(before.label) + len(after.label))


@pytest.mark.parametrize(
    ("change", "group"),
    [
        ({"paired_r": 0.5}, sensitivity.CORRELATION),
        ({"tau2": "DL"}, sensitivity.MODEL),
        ({"interval": "wald"}, sensitivity.MODEL),
        ({"bayes_half_normal": 1.0}, sensitivity.MODEL),
        ({"low_risk_of_bias_only": True}, sensitivity.STUDIES),
        ({"verified_only": True}, sensitivity.STUDIES),
        ({"max_dose_mg": 5.0}, sensitivity.STUDIES),
        ({}, sensitivity.MEASURE),
    ],
)
def test_a_declared_change_stands_with_its_kind(change: dict[str, object], group: str) -> None:
    assert sensitivity.kind_of(Sensitivity(id="x", label="x", **change)) == group  # type: ignore[arg-type]


def test_every_other_result_is_drawn_once_with_each_study_left_out() -> None:
    topic = grown.topic(3)
    item = topic.comparisons[0].analyses[0]
    labels = [group.label for group in sensitivity.groups(item, topic.protocol)]
    assert labels == [sensitivity.MODEL, sensitivity.MEASURE, sensitivity.OMITTED]
    drawn = sensitivity.sensitivity(item, topic.protocol)
    assert drawn
    said = [rung.line.label for rung in drawn.rungs if rung.bars]
    assert said[:2] == ["This review's result", "z interval of the same model"]
    assert said[-3:] == ["without Alder 2010", "without Birch 2011", "without Cedar 2012"]
    assert len(said) == len(set(said)) == 8


def test_the_two_study_average_stands_apart_as_no_result() -> None:
    version = snapshots.v1()
    item = version.comparisons[0].analyses[0]
    (group,) = sensitivity.groups(item, version.protocol)
    assert group.label == sensitivity.FEW
    assert "not a result of this review" in group.others[0].label


# --- funnel ---------------------------------------------------------------------------------------------


def test_there_is_no_funnel_below_the_protocol_s_number_of_studies() -> None:
    assert funnel.funnel(analysis(3)) is None
    assert funnel.funnel(analysis(12)) is not None


def test_contours_lie_where_a_single_study_would_have_that_p() -> None:
    drawn = funnel.funnel(analysis(12))
    assert drawn
    most = float(drawn.y_ticks[-1].label)
    for edge, z in zip(drawn.edges, (1.6449, 1.9600, 2.5758), strict=True):
        assert edge.high == pytest.approx(drawn.axis.x(z * most), abs=0.01)
        assert edge.low + edge.high == pytest.approx(2 * drawn.axis.null)


def test_precise_studies_stand_on_top() -> None:
    drawn = funnel.funnel(analysis(12))
    assert drawn
    by_se = sorted(drawn.dots, key=lambda dot: dot.contrast.se)
    assert [dot.y for dot in by_se] == sorted(dot.y for dot in drawn.dots)


# --- risk of bias ---------------------------------------------------------------------------------------


def test_the_judgement_of_the_cell_goes_before_that_of_the_outcome_and_the_study() -> None:
    topic = grown.topic(1)
    (study, *_), item = topic.studies, topic.comparisons[0].analyses[0]
    (one,) = study.rob
    every = tuple(
        one.model_copy(update={"result": result, "overall": overall})
        for result, overall in (("", "high"), ("pain", "some_concerns"), (item.contrasts[0].cell, "low"))
    )
    for known, kind in ((every, "low"), (every[:2], "some"), (every[:1], "high")):
        found = lights.judged((study.model_copy(update={"rob": known}),), item)
        assert lights.overall(found.get(study.key)).kind == kind


def test_a_judgement_of_another_outcome_is_none_of_this_one() -> None:
    topic = grown.topic(1)
    other = topic.studies[0].rob[0].model_copy(update={"result": "sleep"})
    study = topic.studies[0].model_copy(update={"rob": (other,)})
    assert lights.judged((study,), topic.comparisons[0].analyses[0]) == {}


def test_every_study_is_counted_once_in_each_domain() -> None:
    drawn = lights.traffic(analysis(), rob())
    assert drawn
    summed = lights.summary(drawn)
    assert [column.id for column in drawn.columns] == ["D1", "D2", "D3", "D4", "D5", "overall"]
    for at in range(len(drawn.columns)):
        assert sum(tally.counts[at] for tally in summed.tallies) == 12
    assert all(sum(share.count for share in bar.shares) == 12 for bar in summed.bars)
    assert drawn.stale


@pytest.mark.parametrize(
    ("written", "kind"),
    [
        ("low", "low"),
        ("some concerns", "some"),
        ("some_concerns", "some"),
        ("High", "high"),
        ("unclear", "none"),
    ],
)
def test_a_judgement_is_understood_however_it_is_written(written: str, kind: str) -> None:
    assert kind_of(written) == kind


def test_the_domain_for_crossover_trials_stands_after_randomisation() -> None:
    assert lights.domain_of("carryover") == "DS"
    assert lights.domain_of("missing") == "D3"
    assert lights.domain_of("a domain of another tool") == "a domain of another tool"
    assert list(lights.DOMAINS) == ["D1", "D1b", "DS", "D2", "D3", "D4", "D5"]


# --- flow -----------------------------------------------------------------------------------------------


FULL = Flow(
    records=60,
    by_source={"ctgov": 20, "pubmed": 40},
    duplicates=6,
    duplicates_by_machine=4,
    duplicates_by_people=2,
    records_awaiting_screening=3,
    records_screened=51,
    records_excluded=20,
    reports_sought=31,
    reports_awaited=2,
    reports_assessed=29,
    reports_excluded=11,
    reports_excluded_by={"E2": 6, "X1": 5},
    reports_awaiting_classification=2,
    reports_ongoing=3,
    reports_stopped=1,
    reports_included=12,
    studies=30,
    included=8,
    excluded=11,
    excluded_by={"E2": 6, "X1": 5},
    awaiting_classification=2,
    awaiting_data=4,
    ongoing=3,
    stopped=1,
    in_headline=3,
)


@pytest.mark.parametrize("flow", [snapshots.v1().flow, snapshots.v2().flow, FULL], ids=["v1", "v2", "full"])
def test_each_box_is_the_one_above_without_those_who_left(flow: Flow) -> None:
    found = flowchart.stages(flow, {}, {})
    assert [stage.unit for stage in found][-2:] == ["studies", "studies"]
    for stage, after in pairwise(found):
        if stage.unit == after.unit:
            assert after.main.count == stage.main.count - sum(aside.count for aside in stage.asides)
    for box in (box for stage in found for box in (stage.main, *stage.asides) if box.parts):
        assert sum(count for _, count in box.parts) <= box.count


def test_nobody_is_drawn_where_nobody_left() -> None:
    found = flowchart.stages(FULL.model_copy(update={"duplicates": 0}), {}, {})
    assert [box.label for box in found[0].asides] == ["Not screened yet"]


def test_across_versions_what_changed_is_marked_and_the_oldest_are_left_out_and_counted() -> None:
    drawn = flowchart.across([snapshots.v1(), snapshots.v2()])
    assert drawn
    last = drawn.rows[-1]
    assert [count.count for count in last.counts] == [2, 3]
    assert [count.new for count in last.counts] == [False, True]
    many = flowchart.across([snapshots.v1()] * (flowchart.MOST_COLUMNS + 2))
    assert many
    assert many.left_out == 2
    assert flowchart.across([]) is None


# --- timeline -------------------------------------------------------------------------------------------


def later(version: str, day: str, code: str, k: int) -> Snapshot:
    base = grown.topic(k)
    assert base.release
    decision = base.release.decision.model_copy(update={"code": code})
    release = base.release.model_copy(update={"version": version, "date": day, "decision": decision})
    return base.model_copy(update={"release": release})


STORY = (
    snapshots.v1(),
    snapshots.v2(),
    later("v2.1", "2026-06-25", "correction", 3),
    later("v3.0", "2028-02-02", "conclusions_changed", 12),
)


def test_versions_stand_on_their_days_in_order_and_apart() -> None:
    drawn = timeline.timeline(STORY, ["2025-09-01"], timeline.NARROW)
    assert drawn
    places = [point.x for point in drawn.points]
    assert places == sorted(places)
    assert min(after - before for before, after in pairwise(places)) >= timeline.APART
    assert [point.kind for point in drawn.points][-1] == "conclusions changed"
    assert drawn.points[0].x < drawn.bulletins[0] < drawn.points[1].x


def test_many_versions_stay_in_the_frame_with_the_first_and_the_last_named() -> None:
    many = [later(f"v{at + 1}.0", f"{2000 + at}-01-15", "new_evidence", 3) for at in range(30)]
    drawn = timeline.timeline(many, [], timeline.NARROW)
    assert drawn
    places = [point.x for point in drawn.points]
    assert timeline.NARROW.left <= places[0] < places[-1] <= timeline.NARROW.right
    assert all(before < after for before, after in pairwise(places))
    lanes = [point.lane for point in drawn.points]
    assert lanes[0] is not None
    assert lanes[-1] is not None
    assert None in lanes
    gaps = [after.x - before.x for before, after in pairwise(drawn.x_ticks)]
    assert min(gaps) >= timeline.YEAR - 0.5


def test_a_version_without_an_average_has_none_drawn_and_higher_values_stand_higher() -> None:
    drawn = timeline.timeline(STORY, [], timeline.WIDE)
    assert drawn
    assert drawn.points[0].mid is None
    second = drawn.points[1]
    assert second.low is not None
    assert second.mid is not None
    assert second.high is not None
    assert second.high < second.mid < second.low


def test_a_version_with_another_headline_is_on_the_axis_of_time_only() -> None:
    other = snapshots.v2()
    moved = other.model_copy(update={"answer": other.answer.model_copy(update={"analysis": "relief-30"})})
    drawn = timeline.timeline([moved, later("v3.0", "2027-01-01", "new_evidence", 3)], [], timeline.WIDE)
    assert drawn
    assert drawn.points[0].analysis is None
    assert drawn.points[0].mid is None


def test_a_topic_s_past_is_two_figures_with_their_tables_and_nothing_without_a_version() -> None:
    past = history(STORY, ["2025-09-01"])
    assert past
    assert past.versions == ("v1.0", "v2.0", "v2.1", "v3.0")
    assert past.wide.count("<svg") == past.narrow.count("<svg") == past.flow.count("<svg") == 1
    assert "xmlns" not in past.wide
    assert history([]) is None


def test_the_page_of_a_topic_shows_them_with_every_number_in_a_table() -> None:
    rows = [VersionRow(version, "2026-01-01", "first_version", "First.") for version in ("v3.0", "v1.0")]
    page = render_topic_index(Topic("x", "X"), rows, snapshots=STORY).decode()
    drawn = re.findall(r"<svg.*?</svg>", page, re.DOTALL)
    tables = " ".join(re.findall(r"<table.*?</table>", page, re.DOTALL))
    assert len(drawn) == 3
    for svg in drawn:
        root = ET.fromstring(svg.replace("<svg", f'<svg xmlns="{drawings.SVG[1:-1]}"'))
        _, _, width, height = map(float, (root.get("viewBox") or "").split())
        assert all(0 <= x <= width and 0 <= y <= height for _, x, y in drawings.reach(root))
        said = set().union(*(drawings.numbers(text) for text in drawings.words(root)))
        assert said
        assert said <= drawings.numbers(re.sub("<[^>]+>", " ", tables))


# --- companion ------------------------------------------------------------------------------------------


def test_each_date_has_the_usual_interval_and_the_one_that_stays_valid() -> None:
    drawn = companion.sequence(analysis(3))
    assert drawn
    assert [[bar.given.kind for bar in rung.bars] for rung in drawn.rungs] == [
        ["none", "none"],
        ["usual", "anytime"],
        ["usual", "anytime"],
    ]


def test_limits_beyond_the_figure_are_cut_and_the_others_stand_where_they_belong() -> None:
    item = analysis(3)
    assert item.supplement
    assert item.supplement.companion
    looks = item.supplement.companion.sequential.looks
    early = looks[0].model_copy(update={"boundary": 40.0})
    sequential = item.supplement.companion.sequential.model_copy(update={"looks": (early, *looks[1:])})
    changed = item.supplement.companion.model_copy(update={"sequential": sequential})
    drawn = companion.boundary(
        item.model_copy(update={"supplement": item.supplement.model_copy(update={"companion": changed})})
    )
    assert drawn
    assert [one.cut for one in drawn.looks] == [True, False, False]
    assert drawn.looks[0].upper == drawn.top
    assert drawn.once == pytest.approx(1.959964)
    assert drawn.looks[1].upper is not None
    assert drawn.looks[1].upper + (drawn.looks[1].lower or math.nan) == pytest.approx(2 * drawn.zero)


@pytest.mark.parametrize(("needed", "most"), [(1.0, 5), (0.93, 4), (7.2, 4), (0.0004, 4), (2000.0, 5)])
def test_marks_reach_what_is_needed_in_few_steps(needed: float, most: int) -> None:
    marks = steps_to(needed, most)
    assert marks[0][0] == 0
    assert marks[-1][0] >= needed - 1e-12
    assert len(marks) <= most + 1
