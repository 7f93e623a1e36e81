"""A review whose end is known, told by the real service: every version holds what metafor computes."""

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from math import exp
from pathlib import Path
from typing import Any

import pytest

from deploy.replay import magnesium
from deploy.replay.magnesium import FOLDER, TOPIC, reference
from deploy.replay.stage import Stage, opened
from living.errors import UserError
from living.model.snapshot import Snapshot
from living.publish.verify import verify_folder
from living.review.compare import analyses
from living.review.difference import difference
from living.review.recompute import recompute
from living.service.checks import rebuild
from living.service.house import House
from living.service.topics import folder_of, topic_folders, usual_folders
from tests.fakes import Home, home_at
from tests.flow.replays import run
from tests.standin import RecordSet

# One trial, two, the first average, the last before ISIS-4, ISIS-4, the whole table. --soak tells all 22.
STOPS = (1, 2, 3, 13, 14, 22)
BEFORE, AFTER, LAST = "v4.0", "v5.0", "v6.0"
PRINTED_2007 = ["0.66", "0.53", "0.82"]  # abstract of CD002755.pub2, random effects, early mortality
PRINTED_1991 = (25, 657, 53, 644, "55%")  # abstract of Teo 1991, BMJ 303:1499
LONGEST_PAGE = 150_000


@dataclass(frozen=True)
class Told:
    stage: Stage
    said: tuple[str, ...]

    def version(self, name: str) -> Snapshot:
        return self.stage.snapshot(TOPIC, name)

    def folder(self, name: str) -> Path:
        return self.stage.folder(TOPIC, name)


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    """The story with six versions. Its steps hold every number against the reference and break otherwise."""
    with opened(tmp_path_factory.mktemp("magnesium"), RecordSet(), None, {}) as stage:
        said: list[str] = []
        for step in magnesium.chapter(STOPS).steps:
            stage.move_to(step.instant)
            said += step.act(stage)
        yield Told(stage, tuple(said))


def printed(fit: dict[str, Any]) -> str:
    estimate, low, high = (f"{exp(fit[name]):.2f}" for name in ("estimate", "low", "high"))
    return f"{estimate} ({low} to {high})"


# --- the story ----------------------------------------------------------------------------------------------


def test_every_step_says_what_the_reference_computes(told: Told) -> None:
    rows = reference()["steps"]
    for name, k in zip(told.stage.versions(TOPIC)[2:], STOPS[2:], strict=True):
        common, random = (printed(rows[k - 1][model]) for model in ("common", "random"))
        line = f"{name}: OR {common} with a common effect, {random} with random effects"
        assert line in told.said


def test_one_very_large_trial_turns_the_headline_and_not_the_average_of_random_effects(told: Told) -> None:
    before, after = told.version(BEFORE), told.version(AFTER)
    assert before.answer.headline.startswith("Early deaths were fewer with intravenous magnesium")
    assert after.answer.headline.startswith("14 trials together do not show whether")
    for snapshot in (before, after):
        high = analyses(snapshot)["death-random"].pool.high
        assert high is not None
        assert high < 0


def test_the_decision_on_the_large_trial_names_it_and_tells_both_averages(told: Told) -> None:
    release = told.version(AFTER).release
    assert release is not None
    assert release.decision.code == "new_evidence"
    assert "ISIS-4 1995" in release.decision.banner
    assert "0.61 (0.48 to 0.77) to 1.02 (0.96 to 1.08)" in release.decision.banner
    assert {cause.label for cause in release.decision.causes} == {"ISIS-4 1995"}


def test_the_difference_over_the_large_trial_is_that_trial(told: Told) -> None:
    course = difference(told.version(BEFORE), told.version(AFTER)).courses[0]
    assert [(move.cause, move.label) for move in course.moves] == [("added", "ISIS-4 1995")]
    rows = reference()["steps"]
    shift = rows[13]["common"]["estimate"] - rows[12]["common"]["estimate"]
    assert course.total == pytest.approx(shift, abs=1e-9)


def test_the_parts_of_a_difference_over_many_trials_make_the_whole(told: Told) -> None:
    for course in difference(told.version("v3.0"), told.version(LAST)).courses:
        shifts = [move.shift for move in course.moves if move.shift is not None]
        assert len(shifts) == len(course.moves) == 19
        assert course.total == pytest.approx(sum(shifts), abs=1e-9)


def test_the_last_version_lists_how_the_average_grew(told: Told) -> None:
    supplement = analyses(told.version(LAST))["death"].supplement
    assert supplement is not None
    for step, row in zip(supplement.cumulative[1:], reference()["steps"][1:], strict=True):
        assert step.label == row["label"]
        assert step.estimate == pytest.approx(row["common"]["estimate"], abs=1e-9)
        assert step.low == pytest.approx(row["common"]["low"], abs=1e-9)


def test_each_version_says_what_it_kept_of_the_one_before(told: Told) -> None:
    befores = [told.version(name).release.before for name in told.stage.versions(TOPIC)]  # type: ignore[union-attr]
    assert befores[0] is None
    kept = [(item.version, item.studies, item.studies_left, item.studies_new) for item in befores if item]
    assert kept == [
        ("v1.0", 1, 0, 1),
        ("v2.0", 2, 0, 1),
        ("v3.0", 3, 0, 10),
        ("v4.0", 13, 0, 1),
        ("v5.0", 14, 0, 8),
    ]


def test_the_reader_is_told_of_the_large_trial(told: Told) -> None:
    letters = [path.read_text(encoding="utf-8") for path in told.stage.mailbox.letters_to(magnesium.READER)]
    assert len([text for text in letters if f"X-Living-Version: {TOPIC} {AFTER}" in text]) == 1


# --- what is published --------------------------------------------------------------------------------------


def test_every_version_verifies_and_can_be_rebuilt_from_the_ledger_alone(told: Told) -> None:
    for name in told.stage.versions(TOPIC):
        assert verify_folder(told.folder(name), recompute) == []
        assert rebuild(told.stage.house, TOPIC, name).findings == ()


def test_every_page_says_that_it_is_a_demonstration_and_a_replay(told: Told) -> None:
    pages = sorted((told.stage.house.settings.site / TOPIC).rglob("*.html"))
    assert len(pages) > len(STOPS)
    for page in pages:
        text = page.read_text(encoding="utf-8")
        assert "A historical demonstration, not a current review" in text, page
        assert "replay" in text.lower(), page


def test_the_page_of_the_whole_table_is_small_enough(told: Told) -> None:
    assert len((told.folder(LAST) / "page.html").read_bytes()) <= LONGEST_PAGE


def test_no_registry_is_asked_anything(told: Told) -> None:
    assert told.stage.standin.violations == []
    assert all(source.kind == "import" for source in told.version(LAST).protocol.sources)


# --- what the topic says of itself --------------------------------------------------------------------------


def test_the_seed_is_the_table(told: Told) -> None:
    studies = {study.label: study for study in told.version(LAST).studies}
    for row in reference()["steps"]:
        cell = studies[row["label"]].cells[0]
        arms = [cell.numbers[side] for side in ("experimental", "control")]
        given = zip(row["events"], row["totals"], strict=True)
        assert arms == [{"events": events, "total": total} for events, total in given]
        assert cell.standing == "unverified"
        assert {quote.kind for quote in cell.quotes} == {"transcribed"}


def test_the_history_page_prints_the_reference() -> None:
    text = (FOLDER / "HISTORY.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\|[^|]+\| (\d+) \| ([\d.]+ \([^)]+\)) \| ([\d.]+ \([^)]+\)) \|$", text, re.MULTILINE)
    assert [int(row[0]) for row in rows] == [3, 11, 13, 14, 22]
    for k, common, random in rows:
        row = reference()["steps"][int(k) - 1]
        assert (common, random) == (printed(row["common"]), printed(row["random"]))


def test_the_analysis_that_continues_the_2007_review_gives_its_printed_result(told: Told) -> None:
    pool = analyses(told.version(LAST))["death-2007"].pool
    found = (pool.estimate, pool.low, pool.high)
    assert [f"{exp(value):.2f}" for value in found if value is not None] == PRINTED_2007


def test_the_reference_gives_the_printed_result_of_the_overview_of_1991() -> None:
    """Another table of the same seven trials: the counts differ between reviews, which HISTORY.md says."""
    early = reference()["overview_1991"]
    sums = [sum(row[name] for row in early["tables"]) for name in ("ai", "n1i", "ci", "n2i")]
    peto = early["peto"]
    assert (*sums, f"{1 - exp(peto['estimate']):.0%}") == PRINTED_1991
    assert peto["p"] < 0.001


# --- loaded as a topic like any other -----------------------------------------------------------------------


@pytest.fixture
def loaded(tmp_path: Path) -> Iterator[Home]:
    with home_at(tmp_path / "home", RecordSet(), topics=(FOLDER,)) as home:
        home.turn()
        yield home


def test_loaded_by_name_the_whole_table_is_one_version(loaded: Home) -> None:
    assert loaded.versions == ["v1.0"]
    found = Snapshot.model_validate_json(loaded.page("v1.0/snapshot.json"))
    assert found.flow.included == found.flow.in_headline == 22
    assert found.flow.by_place == {"imports": 22}


def test_both_printed_results_of_2007_are_made_again(loaded: Home) -> None:
    found = Snapshot.model_validate_json(loaded.page("v1.0/snapshot.json"))
    told = {item.pool.id: item.reproduction for item in found.published}
    assert told["li-2007-random"].status == "reproduced"
    fixed, upper = told["li-2007-fixed"], reference()["mantel_haenszel"]["high"]
    assert fixed.status == "reproduced"
    assert fixed.method.startswith("Mantel-Haenszel")
    assert fixed.high == pytest.approx(upper, abs=1e-6)
    assert f"{exp(upper):.2f}" == "1.04"


def test_a_start_leaves_the_demonstration_alone_and_it_can_be_loaded_by_name(tmp_path: Path) -> None:
    with home_at(tmp_path / "home", RecordSet(), topics=()) as home:
        house = opened_with_shipped_topics(home)
        assert FOLDER in topic_folders(house)
        assert FOLDER not in usual_folders(house)
        assert folder_of(house, TOPIC) == FOLDER
        with pytest.raises(UserError, match="no topic 'magnesium' to load"):
            folder_of(house, "magnesium")


def opened_with_shipped_topics(home: Home) -> House:
    home.house.settings = home.house.settings.model_copy(update={"topics": None})
    return home.house


# --- the whole story, as anybody can start it ---------------------------------------------------------------


@pytest.mark.soak
def test_the_replay_of_all_22_trials_ends_well(tmp_path: Path) -> None:
    whole = run(tmp_path / "home", "--story", "magnesium")
    assert whole.complained == ""
    assert "All is well: 22 versions and the store verify" in whole.said
    for row in reference()["steps"][2:]:
        line = f"v{row['k']}.0: OR {printed(row['common'])} with a common effect"
        assert line in " ".join(whole.said.split())
    shutil.rmtree(tmp_path / "home")
