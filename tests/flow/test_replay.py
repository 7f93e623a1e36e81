"""The replay, run once as a newcomer runs it: what it says, publishes and mails."""

import json
import shutil
import signal
import urllib.request
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from html import unescape
from pathlib import Path

import pytest

from deploy.replay.home import MARKER, Progress, claim, renewed, save
from living.config import Settings
from living.errors import Exit, UserError
from living.publish.doors import render_door
from living.publish.provenance import NO_PAYLOAD
from living.publish.studies import cell_anchor
from living.publish.verify import verify_folder
from living.review.recompute import recompute
from living.service.doors import Wish, look
from living.service.house import open_house
from living.service.letters import token
from tests.flow.replays import Replay, begun, ledgers, run, start

LDN, TEA = "ldn-chronic-pain", "glimmerleaf-tea"
MOST_LINES = 40
LONGEST_LINE = 110
HEADLINE = "Three small trials do not show whether low-dose naltrexone reduces chronic pain"


@pytest.fixture(scope="module")
def replay(tmp_path_factory: pytest.TempPathFactory) -> Replay:
    told = begun(tmp_path_factory.getbasetemp()).undisturbed.result()
    assert told.code == 0, told.complained
    return told


def snapshot(replay: Replay, topic: str, version: str) -> dict:
    return json.loads((replay.site / topic / version / "snapshot.json").read_bytes())


def analysis(document: dict, name: str) -> dict:
    found = [item for part in document["comparisons"] for item in part["analyses"] if item["id"] == name]
    return found[0]


def letters(replay: Replay) -> list[EmailMessage]:
    files = sorted((replay.home / "mail").glob("*.eml"))
    return [message_from_bytes(path.read_bytes(), policy=policy.default) for path in files]


def parts(letter: EmailMessage) -> tuple[str, str]:
    text, html = letter.get_body(("plain",)), letter.get_body(("html",))
    assert text
    assert html
    return text.get_content(), html.get_content()


# --- what it says -------------------------------------------------------------------------------------------


def test_it_tells_its_story_in_a_screenful_and_complains_of_nothing(replay: Replay) -> None:
    lines = replay.said.splitlines()
    assert len(lines) <= MOST_LINES
    assert [line for line in lines if len(line.replace(str(replay.home), "")) > LONGEST_LINE] == []
    assert replay.complained == ""
    assert "All is well: 4 versions and the store verify; no registry was asked too fast." in lines


def test_it_says_where_to_look(replay: Replay) -> None:
    for place in (f"/{LDN}/v1.0/", f"/{LDN}/v2.0/", f"/{TEA}/v1.0/", str(replay.home / "mail")):
        assert place in replay.said


# --- the first story ----------------------------------------------------------------------------------------


def test_the_review_has_two_trials_and_no_average_before_innova(replay: Replay) -> None:
    pain = analysis(snapshot(replay, LDN, "v1.0"), "pain")
    assert [(row["label"], row["estimate"]) for row in pain["contrasts"]] == [
        ("FINAL 2024", -0.34),
        ("Tsui 2024", 0.88),
    ]
    assert not pain["pool"]["pooled"]


def test_innova_makes_a_second_version_with_the_protocols_average(replay: Replay) -> None:
    second = snapshot(replay, LDN, "v2.0")
    pool = analysis(second, "pain")["pool"]
    assert [round(pool[name], 2) for name in ("estimate", "low", "high")] == [0.16, -1.42, 1.75]
    assert second["answer"]["headline"] == HEADLINE
    assert "225 people" in second["answer"]["lede"]
    assert second["release"]["decision"]["code"] == "new_evidence"
    assert second["release"]["date"] == "2026-06-18"


def test_the_numbers_of_innova_are_those_two_people_agreed_on(replay: Replay) -> None:
    studies = {study["label"]: study for study in snapshot(replay, LDN, "v2.0")["studies"]}
    innova = studies["INNOVA 2026"]
    assert "NCT04739995" in innova["registrations"]
    for cell in innova["cells"]:
        assert {item["by"] for item in cell["read_by"]} == {"reader-a", "reader-b"}
        assert cell["standing"] == "agreed"


def test_what_only_looks_alike_is_not_found_or_is_screened_out(replay: Replay) -> None:
    excluded = {study["key"]: study["criterion"] for study in snapshot(replay, LDN, "v2.0")["studies"]}
    assert excluded["pubmed:990000101"] == "E2"
    assert not any("990000102" in str(line) for line in ledgers(replay.home))


def test_a_poll_that_finds_nothing_moves_only_the_pulse(replay: Replay) -> None:
    lines = [json.dumps(line, default=str) for line in ledgers(replay.home) if LDN in line]
    assert not [line for line in lines if "2026-07" in line]
    status = json.loads((replay.site / LDN / "status.json").read_bytes())
    assert "2026-07-01" in json.dumps(status)
    assert "searched to 1 July 2026" in (replay.site / LDN / "v2.0" / "index.html").read_text()
    assert sorted(path.name for path in (replay.site / LDN).glob("v[0-9]*")) == ["v1.0", "v2.0"]


def test_every_number_leads_to_who_entered_it_the_words_and_the_bytes_received(replay: Replay) -> None:
    document, folder = snapshot(replay, LDN, "v2.0"), replay.site / LDN / "v2.0"
    stored = {path.name.partition(".")[0] for path in (replay.home / "payloads").rglob("*") if path.is_file()}
    studies = {study["key"]: study for study in document["studies"]}
    analyses = [item for part in document["comparisons"] for item in part["analyses"]]
    found = [one for item in analyses for one in item["contrasts"]]
    received = 0
    for one in found:
        study = studies[one["study"]]
        cell = next(cell for cell in study["cells"] if cell["id"] == one["cell"])
        page = (folder / "study" / f"{one['slug']}.html").read_text(encoding="utf-8")
        told = page.split(f'id="{cell_anchor(one["slug"], one["cell"])}"')[1].split("</section>")[0]
        assert all(f">{entry['seq']:,}</td>" in told for entry in cell["entries"])
        for quote in cell["quotes"]:
            assert quote["locator"] in unescape(told)
            report = next((item for item in study["reports"] if item["record"] == quote["report"]), {})
            assert f"sha256:{report['payload']}" in told if report.get("payload") else NO_PAYLOAD[1:] in told
            received += report.get("payload", "") in stored if report.get("payload") else 0
    assert len(found) >= 10
    assert received >= 4  # the numbers of INNOVA's article, which a poll brought


# --- the second story ---------------------------------------------------------------------------------------


def test_a_retraction_banners_the_version_that_used_it_and_changes_none_of_its_bytes(replay: Replay) -> None:
    first = replay.site / TEA / "v1.0"
    assert "was retracted on 2026-07-02" in (first / "index.html").read_text()
    assert "was retracted" not in (first / "page.html").read_text()
    assert verify_folder(first, recompute) == []


def test_the_next_version_is_without_the_retracted_trial(replay: Replay) -> None:
    assert sorted(path.name for path in (replay.site / TEA).glob("v[0-9]*")) == ["v1.0", "v1.1"]
    before, after = (analysis(snapshot(replay, TEA, name), "ache") for name in ("v1.0", "v1.1"))
    gone = {row["label"] for row in before["contrasts"]} - {row["label"] for row in after["contrasts"]}
    assert gone == {"CEDAR 2024 (invented)"}
    assert before["pool"]["pooled"]
    assert after["pool"]["pooled"]


def test_no_real_trial_is_called_retracted(replay: Replay) -> None:
    lines = [str(line) for line in ledgers(replay.home) if LDN in line]
    assert [line for line in lines if '"notices":[{' in line or "RetractionIn" in line] == []
    for version in ("v1.0", "v2.0"):
        assert "was retracted" not in (replay.site / LDN / version / "index.html").read_text()


def test_the_invented_topic_says_on_every_page_that_it_is_invented(replay: Replay) -> None:
    for page in (replay.site / TEA).rglob("*.html"):
        assert "This topic is invented" in page.read_text(), page


# --- pages and letters --------------------------------------------------------------------------------------


def test_every_page_says_that_it_is_a_replay(replay: Replay) -> None:
    pages = sorted(replay.site.rglob("*.html"))
    assert len(pages) > 10
    assert [page for page in pages if "replay" not in page.read_text().lower()] == []
    for topic in (LDN, TEA):
        assert json.loads((replay.site / topic / "status.json").read_bytes())["replay"] is True


def test_the_doors_of_letters_say_that_it_is_a_replay(replay: Replay, tmp_path: Path) -> None:
    home = shutil.copytree(replay.home, tmp_path / "home")
    house = open_house(Settings(home=home), lambda: datetime(2026, 7, 10, tzinfo=UTC), replay=True)
    try:
        reader = house.store.subscribers(LDN)[0]
        for wish in Wish:
            page = render_door(look(house, wish, token(house, wish.value, reader.id)))
            assert b"replay" in page.lower()
    finally:
        house.gateway.close()
        house.store.close()


def test_every_letter_says_in_text_and_html_that_it_is_a_replay(replay: Replay) -> None:
    assert len(letters(replay)) == 8
    for letter in letters(replay):
        assert str(letter["Subject"]).startswith("[Replay] ")
        for part in parts(letter):
            assert "replay" in part.lower()


def test_the_letters_on_a_version_say_the_change_and_can_be_left_with_one_click(replay: Replay) -> None:
    second = [letter for letter in letters(replay) if letter["X-Living-Version"] == f"{LDN} v2.0"]
    assert {str(letter["To"]).split("@")[0].strip("<") for letter in second} == {"anna", "bela"}
    for letter in second:
        assert "one trial added" in str(letter["Subject"])
        assert "0.16" in str(letter["Subject"])
        assert str(letter["List-Unsubscribe"]).startswith("<http://127.0.0.1:")
        assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_the_retraction_is_told_by_letter_before_the_version_without_it(replay: Replay) -> None:
    told = [letter for letter in letters(replay) if "cleo@" in str(letter["To"])]
    days = [parsedate_to_datetime(str(letter["Date"])).date().isoformat() for letter in told]
    assert days == ["2026-07-01", "2026-07-02", "2026-07-02"]
    assert "retract" in str(told[1]["Subject"]).lower()


def test_every_version_verifies_from_its_folder_alone(replay: Replay) -> None:
    for topic, version in ((LDN, "v1.0"), (LDN, "v2.0"), (TEA, "v1.0"), (TEA, "v1.1")):
        assert verify_folder(replay.site / topic / version, recompute) == []


# --- its folder, and its end --------------------------------------------------------------------------------


@pytest.fixture
def almost_done(replay: Replay, tmp_path: Path) -> Path:
    """A copy in which every step is done and the last check is not."""
    home = shutil.copytree(replay.home, tmp_path / "home", symlinks=True)
    progress = claim(home, "")
    progress.finished = False
    save(home, progress)
    return home


def test_the_site_stays_open_until_it_is_told_to_stop(almost_done: Path) -> None:
    process = start(almost_done)
    try:
        lines: list[str] = []
        while process.stdout and not any("stays open" in line for line in lines):
            lines.append(process.stdout.readline())
            assert lines[-1], process.stderr and process.stderr.read()
        address = next(line.split()[2] for line in lines if line.startswith("After it"))
        with urllib.request.urlopen(address, timeout=10) as answer:
            assert b"naltrexone" in answer.read()
        second = run(almost_done)
        assert second.code == Exit.HELD
        assert len(second.complained.splitlines()) == 1
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=20) == 0
        process.communicate()


def test_a_broken_promise_ends_the_replay_with_one_clear_line(almost_done: Path) -> None:
    page = almost_done / "site" / LDN / "v1.0" / "page.html"
    page.chmod(0o644)
    page.write_bytes(page.read_bytes() + b"<!-- altered -->")
    broken = run(almost_done)
    assert broken.code == Exit.BUG
    assert len(broken.complained.splitlines()) == 1
    assert "page.html" in broken.complained


def test_a_folder_of_somebody_else_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "living.db").write_bytes(b"a real review")
    refused = run(tmp_path)
    assert refused.code == Exit.BAD_INPUT
    assert len(refused.complained.splitlines()) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["living.db"]


def test_a_finished_replay_begins_anew_and_clears_only_its_own_folder(tmp_path: Path) -> None:
    home, outside = tmp_path / "home", tmp_path / "outside"
    outside.mkdir()
    (outside / "kept").touch()
    claim(home, "story")
    (home / "site").mkdir()
    (home / "living.db").touch()
    (home / "elsewhere").symlink_to(outside)
    save(home, Progress("story", done=["load"], finished=True))
    fresh = renewed(home, claim(home, "story"), "story")
    assert fresh == Progress("story")
    assert [path.name for path in home.iterdir()] == [MARKER]
    assert (outside / "kept").exists()


def test_a_replay_killed_while_clearing_clears_the_rest(tmp_path: Path) -> None:
    save(tmp_path, Progress("story", done=["load"], clearing=True))
    (tmp_path / "living.db").touch()
    assert renewed(tmp_path, claim(tmp_path, "story"), "story").done == []
    assert not (tmp_path / "living.db").exists()


def test_a_replay_of_another_story_begins_anew_and_one_of_this_goes_on(tmp_path: Path) -> None:
    save(tmp_path, Progress("story", done=["load"]))
    assert renewed(tmp_path, claim(tmp_path, "story"), "story").done == ["load"]
    assert renewed(tmp_path, claim(tmp_path, "other"), "other").done == []


@pytest.mark.parametrize("text", ["", "[]", '{"mark": "mine"}', "not json"])
def test_a_file_that_only_has_the_markers_name_is_no_marker(tmp_path: Path, text: str) -> None:
    (tmp_path / MARKER).write_text(text)
    with pytest.raises(UserError):
        claim(tmp_path, "story")
