"""Where things stand in a forest plot."""

import math
import xml.etree.ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from living.publish.axis import MOST_TICKS, axis
from living.publish.bundle import render_version
from living.publish.forest import GLANCE, NARROW, PLAIN_SQUARE, WIDE, Shape, forest
from living.publish.view import analyses
from tests.unit.publish import snapshots

SVG = "{http://www.w3.org/2000/svg}"


def one(name: str, version=snapshots.v2):  # type: ignore[no-untyped-def]
    return next(item for item in analyses(version()) if item.id == name)


def figure(name: str, version=snapshots.v2) -> ET.Element:  # type: ignore[no-untyped-def]
    return ET.fromstring(render_version(version())[f"figures/{name}.svg"])


def words(root: ET.Element) -> str:
    return " ".join("".join(text.itertext()) for text in root.iter(f"{SVG}text"))


@pytest.mark.parametrize("shape", [WIDE, NARROW, GLANCE])
def test_everything_drawn_lies_inside_the_figure(shape: Shape) -> None:
    for item in analyses(snapshots.v2()):
        if item.contrasts:
            drawn = forest(item, shape)
            for row in drawn.rows:
                assert shape.left <= row.low <= row.mid <= row.high <= shape.right
                assert row.y < drawn.height
            assert drawn.axis_y < drawn.height


def test_squares_have_areas_in_proportion_to_the_weights() -> None:
    rows = forest(one("pain"), WIDE).rows
    areas = [row.square**2 / (row.contrast.weight or math.nan) for row in rows]
    assert max(areas) == pytest.approx(min(areas))


def test_without_an_average_all_squares_are_alike_and_the_reason_stands_in_its_place() -> None:
    drawn = forest(one("pain", snapshots.v1), WIDE)
    assert drawn.diamond is None
    assert {row.square for row in drawn.rows} == {PLAIN_SQUARE}
    assert "No average two studies; the protocol asks for three" in words(figure("pain", snapshots.v1))


def test_the_diamond_is_the_guarded_interval_and_the_dashed_line_the_simpler_one() -> None:
    drawn = forest(one("pain"), WIDE)
    assert drawn.diamond
    assert drawn.simple
    assert drawn.diamond.low < drawn.simple.low < drawn.diamond.mid < drawn.simple.high < drawn.diamond.high
    assert "0.16 (−1.42 to 1.75)" in words(figure("pain"))
    assert "(−0.56 to 0.89)" in words(figure("pain"))


def test_the_zone_too_small_to_matter_reaches_one_point_either_way() -> None:
    drawn = forest(one("pain"), WIDE)
    assert drawn.zone
    assert drawn.zone.low == pytest.approx(drawn.axis.x(-1.0))
    assert drawn.zone.high == pytest.approx(drawn.axis.x(1.0))


def test_both_directions_and_what_is_unverified_are_said_in_words() -> None:
    said = words(figure("pain"))
    assert "◀ less pain with LDN" in said
    assert "less pain with placebo ▶" in said
    assert said.count("†") == 3
    assert "† unverified: the number rests on one source" in said


def test_a_ratio_stands_on_a_log_axis_with_ratios_as_ticks() -> None:
    drawn = forest(one("relief-30"), WIDE)
    labels = [tick.label for tick in drawn.ticks]
    assert labels == ["0.1", "0.2", "0.5", "1", "2", "5", "10"]
    assert drawn.ticks[2].x + drawn.ticks[4].x == pytest.approx(2 * drawn.axis.null)


def test_a_figure_alone_has_a_title_a_description_and_its_own_style() -> None:
    root = figure("pain")
    assert root.get("role") == "img"
    assert root.find(f"{SVG}title") is not None
    assert root.find(f"{SVG}desc") is not None
    style = root.findtext(f"{SVG}style") or ""
    assert "prefers-color-scheme:dark" in style


def test_an_interval_far_longer_than_the_others_is_cut_with_an_arrow() -> None:
    item = one("pain")
    wild = item.contrasts[1].model_copy(update={"low": -90.0, "high": 91.0})
    drawn = forest(item.model_copy(update={"contrasts": (item.contrasts[0], wild, item.contrasts[2])}), WIDE)
    assert [row.cut_low and row.cut_high for row in drawn.rows] == [False, True, False]
    assert drawn.axis.reach < 20


@given(
    st.lists(st.tuples(st.floats(-50, 50), st.floats(0.01, 50)), min_size=1, max_size=12),
    st.booleans(),
)
def test_an_axis_has_few_ticks_reaches_its_points_and_is_symmetric(
    ends: list[tuple[float, float]], ratio: bool
) -> None:
    points = [middle / (10 if ratio else 1) for middle, _ in ends]
    spans = [(point - half, point + half) for point, (_, half) in zip(points, ends, strict=True)]
    found = axis(0, 100, spans, points, ratio)
    assert 3 <= len(found.ticks) <= MOST_TICKS
    assert found.reach >= max(abs(point) for point in points) - 1e-9
    assert found.ticks[0].x == pytest.approx(0)
    assert found.ticks[-1].x == pytest.approx(100)
    assert found.ticks[len(found.ticks) // 2].x == pytest.approx(50)


def test_the_axis_of_a_glance_follows_what_it_draws() -> None:
    """Wide trials, which it does not draw, must not make a dot of a narrow average."""
    drawn, glance = (forest(one("pain"), shape).axis for shape in (NARROW, GLANCE))
    assert glance.reach < drawn.reach
    pool = one("pain").pool
    assert not any(glance.beyond(value) for value in (pool.low, pool.high))
