"""Every verb with its exit codes, and bad input: one clear line, and the store as before."""

import json
import shutil
import sqlite3
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from living.cli.main import main
from living.service.house import held
from living.service.poll import poll, polled_sources
from living.service.start import first_version
from living.service.topics import active
from tests.fakes import (
    EPSILON,
    TOY,
    Clock,
    articles,
    at,
    environment,
    epsilon_article,
    form,
    home_at,
    living,
    opened,
    toy_article,
    toy_records,
)
from tests.standin import Standin
from tests.standin.faults import Fault, cut, cut_gzip, html, says
from tests.standin.poller import IN_NO_HURRY

NOW = at("2026-02-11T06:00:00")


@pytest.fixture(scope="module")
def standin() -> Iterator[Standin]:
    records = toy_records(articles(epsilon_article()), articles(toy_article(6, "ZETA", day="2026-02-11")))
    with Standin(records, NOW, ncbi_per_second=IN_NO_HURRY, ctgov_per_second=IN_NO_HURRY) as standin:
        yield standin


@pytest.fixture(scope="module")
def ready(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with v1.0 in which EPSILON was found and included and waits to be read."""
    path = tmp_path_factory.mktemp("cli") / "home"
    with home_at(path, toy_records(articles(epsilon_article())), now=NOW) as home:
        first_version(home.house, "toy")
        home.turn()
        home.include(EPSILON)
    return path


@dataclass
class Said:
    code: int
    out: str
    err: str

    @property
    def json(self) -> object:
        return json.loads(self.out)


@dataclass
class Desk:
    """A person at a terminal, on a home of their own."""

    home: Path
    folder: Path
    run: Callable[..., Said]

    def __call__(self, *arguments: str | Path) -> Said:
        return self.run(*(str(item) for item in arguments))

    def file(self, text: str | bytes, name: str = "form.toml") -> Path:
        path = self.folder / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    def dump(self) -> list[str]:
        """Everything that was ever said, decided, searched or sent; a failed search may add its own line."""
        with sqlite3.connect(self.home / "living.db") as store:
            tables = "ledger", "record", "release", "published", "decision", "letter", "subscriber", "cursor"
            rows = [f"{name} {row}" for name in tables for row in store.execute(f"SELECT * FROM {name}")]
        store.close()
        return rows


@pytest.fixture
def desk(
    ready: Path,
    standin: Standin,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Iterator[Desk]:
    home = tmp_path / "home"
    shutil.copytree(ready, home, symlinks=True)
    urls = {"ncbi_url": standin.pubmed_url, "ctgov_url": standin.ctgov_url}
    for name, value in environment(home, **urls).items():
        if name.startswith("LIVING_"):
            monkeypatch.setenv(name, value)
    monkeypatch.setenv("LIVING_NCBI_API_KEY", "a-key-allows-ten-requests-a-second")

    def run(*arguments: str) -> Said:
        monkeypatch.setattr(sys, "argv", ["living", *arguments])
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        found = capsys.readouterr()
        code = ended.value.code
        assert isinstance(code, int)
        return Said(code, found.out, found.err)

    yield Desk(home, tmp_path, run)
    standin.heal()
    standin.unknown_phrases.clear()


# --- every verb ---------------------------------------------------------------------------------------------


def test_status_says_all_on_one_screen_and_as_json(desk: Desk) -> None:
    told = desk("status")
    assert told.code == 0
    assert len(told.out.splitlines()) <= 24
    assert "v1.0" in told.out
    assert "not running" in told.out
    found = desk("status", "--json").json
    assert isinstance(found, dict)
    assert [topic["version"] for topic in found["topics"]] == ["v1.0"]
    assert found["topics"][0]["to_extract"] >= 1


def test_status_names_the_daemon_that_runs_here(desk: Desk) -> None:
    with held(desk.home):
        assert "running (process " in desk("status").out


def test_the_queue_and_the_studies_are_listed_for_people_and_programs(desk: Desk) -> None:
    assert EPSILON in desk("queue").out
    tasks = desk("queue", "--json").json
    assert isinstance(tasks, list)
    assert ("extract", EPSILON) in [(task["kind"], task["study"]) for task in tasks]
    assert "pubmed:90000001" in desk("studies").out
    studies = desk("studies", "--json").json
    assert isinstance(studies, list)
    assert len(studies) == 5


def test_a_poll_says_what_came_and_explains_itself_without_asking(desk: Desk, standin: Standin) -> None:
    before, asked = desk.dump(), len(standin.log)
    explained = desk("poll", "--explain")
    assert explained.code == 0
    assert "known here: 5 entries" in explained.out
    plans = desk("poll", "--explain", "--json").json
    assert isinstance(plans, list)
    assert [plan["source"] for plan in plans] == ["pubmed", "ctgov"]
    assert (desk.dump(), len(standin.log)) == (before, asked)

    polled = desk("poll", "--json")
    assert polled.code == 0, polled.err
    found = polled.json
    assert isinstance(found, list)
    assert [(item["source"], item["ok"], item["stored"]) for item in found] == [
        ("pubmed", True, 1),
        ("ctgov", True, 0),
    ]
    assert "0 entries listed, 0 new or changed" in desk("poll", "--source", "pubmed").out


def test_a_form_is_written_filled_handed_in_twice_and_makes_a_version(desk: Desk) -> None:
    out = desk.folder / "blank.toml"
    assert desk("extract", "form", EPSILON, "--out", out).code == 0
    assert 'study = "pubmed:90000005"' in out.read_text()
    assert desk("extract", "form", EPSILON).out.startswith("# Extraction form")
    filled = desk.file(form())
    said = desk("extract", "submit", filled, "--as", "cleo", "--json").json
    assert isinstance(said, dict)
    assert said["facts"] == 2
    after = desk.dump()
    again = desk("extract", "submit", filled, "--as", "cleo")
    assert (again.code, again.out) == (0, "Nothing new: all of this had been said before.\n")
    assert desk.dump() == after
    assert desk("extract", "submit", filled, "--as", "dora").code == 0
    refreshed = desk("refresh", "--json").json
    assert isinstance(refreshed, dict)
    assert (refreshed["version"], refreshed["decision"]["code"]) == ("v2.0", "new_evidence")
    assert "nothing to decide" in desk("refresh").out
    rows = desk("versions", "--json").json
    assert isinstance(rows, list)
    assert [row["version"] for row in rows] == ["v1.0", "v2.0"]
    assert "v2.0" in desk("versions").out


def test_readers_who_differ_are_settled_by_a_third_person_only(desk: Desk) -> None:
    desk("extract", "submit", desk.file(form()), "--as", "cleo")
    desk("extract", "submit", desk.file(form(mean=3.6)), "--as", "dora")
    ruling = desk.file(
        """
[[adjudications]]
cell.study = "pubmed:90000005"
cell.outcome = "ache"
cell.experimental = "remedy"
cell.control = "placebo"
cell.scale = "nrs"
cell.weeks = 12
cell.estimand = "final"
numbers.shape = "arm_means"
numbers.values = "final"
numbers.experimental = { n = 60, mean = 3.5, spread = { by = "sd", sd = 2.0 } }
numbers.control = { n = 60, mean = 4.5, spread = { by = "sd", sd = 2.0 } }
quotes = [{ report = "pubmed:90000005", locator = "table 1", text = "3.5 and 4.5 (both SD 2.0, n = 60)" }]
reason = "The table says 3.5"
""",
        "ruling.toml",
    )
    before = desk.dump()
    refused = desk("extract", "adjudicate", ruling, "--as", "dora")
    assert (refused.code, desk.dump()) == (4, before)
    assert "third person" in refused.err
    assert desk("extract", "adjudicate", ruling, "--as", "edda").code == 0
    tasks = desk("queue", "--json").json
    assert isinstance(tasks, list)
    left = {task["kind"] for task in tasks if task["study"] == EPSILON}
    assert left.isdisjoint({"extract", "second_reader", "adjudicate", "verify"})


def test_screening_linking_and_signing_are_said_once(desk: Desk) -> None:
    for arguments in (
        ("screen", EPSILON, "exclude", "--as", "cleo", "--criterion", "X1", "--reason", "no control"),
        ("link", EPSILON, "pubmed:90000001", "different", "--as", "cleo", "--why", "other people"),
        ("sign", "v1.0", "--as", "cleo", "--conclusion", "It may help.", "--certainty", "low"),
    ):
        first = desk(*arguments, "--json").json
        assert isinstance(first, dict)
        assert first["facts"] == 1, arguments
        before = desk.dump()
        assert desk(*arguments).out.startswith("Nothing new")
        assert desk.dump() == before


def test_a_vote_says_whether_it_rests_on_the_title_or_on_the_full_report(desk: Desk) -> None:
    for stage in ((), ("--stage", "title"), ("--stage", "full_text")):
        said = desk("screen", EPSILON, "unsure", "--as", "cleo", *stage, "--json").json
        assert isinstance(said, dict)
        assert said["facts"] == 1, stage
    assert desk("screen", EPSILON, "unsure", "--as", "cleo").out.startswith("Nothing new")
    assert desk("screen", EPSILON, "unsure", "--as", "cleo", "--stage", "abstract").code != 0


def test_a_vote_is_taken_back_and_a_tie_is_broken_by_a_third_person(desk: Desk) -> None:
    assert "no vote to take back" in desk("screen", EPSILON, "withdraw", "--as", "dora").err
    desk("screen", EPSILON, "include", "--as", "dora")
    said = desk("screen", EPSILON, "withdraw", "--as", "dora", "--reason", "wrong paper", "--json").json
    assert isinstance(said, dict)
    assert said["facts"] == 1
    assert "no vote to take back" in desk("screen", EPSILON, "withdraw", "--as", "dora").err


def test_a_proposal_is_shown_first_and_signed_by_the_digest_that_was_shown(desk: Desk) -> None:
    desk("screen", EPSILON, "exclude", "--as", "cleo", "--criterion", "X1", "--reason", "no control")
    before = desk.dump()
    shown = desk("sign", "proposal", "--as", "cleo", "--json").json
    assert isinstance(shown, dict)
    assert f"Digest: {shown['digest']}" in desk("sign", "proposal", "--as", "cleo").out
    words = ("--as", "cleo", "--conclusion", "It may help.")
    rated = ("--certainty", str(shown["rating"])) if shown["rating"] else ()
    assert "moved since" in desk("sign", "proposal", *words, *rated, "--digest", "0" * 64).err
    assert "one digest" in desk("sign", "v1.0", *words, "--digest", "0" * 64).err
    assert desk.dump() == before
    signed = ("sign", "proposal", *words, *rated, "--digest", str(shown["digest"]))
    assert desk(*signed).out.startswith("Signed.")
    assert "This is signed." in desk("sign", "proposal", "--as", "cleo").out


def test_a_signature_can_be_taken_back_to_an_earlier_sentence(desk: Desk) -> None:
    for sentence in ("It may help.", "It does not help.", "It may help."):
        said = desk("sign", "v1.0", "--as", "cleo", "--conclusion", sentence, "--json").json
        assert isinstance(said, dict)
        assert said["facts"] == 1, sentence


def test_topics_are_listed_and_loading_one_again_changes_nothing(desk: Desk) -> None:
    before = desk.dump()
    assert "0 facts entered" in desk("topics", "load").out
    loaded = desk("topics", "load", TOY, "--json").json
    assert isinstance(loaded, list)
    assert (loaded[0]["activated"], loaded[0]["facts"]) == (False, 0)
    assert desk.dump() == before
    assert "toy" in desk("topics", "list").out


def test_seed_evidence_is_taken_up_to_a_day(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("LIVING_HOME", str(tmp_path / "fresh"))
    few = desk("topics", "load", "--until", "2020-12-31", "--json").json
    rest = desk("topics", "load", "--json").json
    none = desk("topics", "load", "--json").json
    assert all(isinstance(found, list) for found in (few, rest, none))
    assert [found[0]["facts"] > 0 for found in (few, rest, none)] == [True, True, False]  # type: ignore[index]


def test_readers_subscribe_and_the_outbox_is_shown_and_written_out(desk: Desk) -> None:
    told = desk("subscribe", "ann@readers.example.org", "--level", "conclusions", "--json")
    assert told.json == {"id": told.json["id"], "state": "pending"}  # type: ignore[index]
    assert "A letter will ask" in desk("subscribe", "ben@readers.example.org").out
    letters = desk("letters", "--json").json
    assert isinstance(letters, list)
    assert [letter["kind"] for letter in letters] == ["confirmation", "confirmation"]
    assert "queued" in desk("letters").out
    written = desk("letters", "--dry-run", "--out", desk.folder / "mail").out
    assert written.startswith("2 letters written")
    assert len(list((desk.folder / "mail").glob("*.eml"))) == 2
    assert [letter["state"] for letter in desk("letters", "--json").json] == ["queued", "queued"]  # type: ignore[union-attr, attr-defined]


def test_verify_names_a_changed_digit_and_needs_no_store(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = desk.home / "site" / "toy" / "v1.0"
    assert desk("verify", "--store").code == 0
    monkeypatch.setenv("LIVING_HOME", "/proc/nowhere")
    assert (desk("verify", folder).code, desk("verify", folder).out) == (0, "All is well.\n")
    snapshot = folder / "snapshot.json"
    document = json.loads(snapshot.read_text())
    pool = document["comparisons"][0]["analyses"][0]["pool"]
    text = snapshot.read_text()
    changed = text.replace(str(pool["estimate"]), str(pool["estimate"] + 0.001))
    assert changed != text
    snapshot.write_text(changed)
    told = desk("verify", folder, "--json")
    assert told.code == 5
    assert any("/comparisons/0/analyses/0/pool/estimate" in finding for finding in told.json["findings"])  # type: ignore[index, call-overload]
    assert "Traceback" not in told.err


def test_rebuild_gives_the_bytes_that_were_published_and_names_what_was_changed(desk: Desk) -> None:
    out = desk.folder / "again"
    assert "every byte as published" in desk("rebuild", "toy", "v1.0", "--check").out
    assert desk("rebuild", "toy", "v1.0", "--out", out).code == 0
    folder = desk.home / "site" / "toy" / "v1.0"
    published = [path.relative_to(folder) for path in folder.rglob("*") if path.is_file()]
    for name in published:
        assert name.name == "index.html" or (out / name).read_bytes() == (folder / name).read_bytes()
    assert len(published) > 5
    (folder / "page.html").write_text("other")
    told = desk("rebuild", "toy", "v1.0", "--check", "--json")
    assert (told.code, "page.html differs" in told.out) == (5, True)
    for broken in ("{", "[]", '{"answer": 1}'):
        (folder / "snapshot.json").write_text(broken)
        told = desk("rebuild", "toy", "v1.0", "--check")
        assert (told.code, told.err) == (5, "")


def test_the_store_s_check_finds_a_version_folder_that_was_touched(desk: Desk) -> None:
    (desk.home / "site" / "toy" / "v1.0" / "page.html").write_text("other")
    told = desk("verify", "--store")
    assert told.code == 5
    assert "page.html was changed" in told.out


def test_settings_are_listed_and_secrets_are_not_shown(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIVING_SMTP_PASSWORD", "very-secret")
    monkeypatch.setenv("LIVING_NCBI_API_KEY", "also-secret")
    for arguments in (("settings",), ("settings", "--json")):
        told = desk(*arguments)
        assert told.code == 0
        assert "secret" not in told.out.replace("SecretStr", "")


def test_version_and_help_are_there(desk: Desk) -> None:
    assert desk("--version").out.startswith("living 0.")
    assert "topics" in desk("--help").out
    assert desk().code == 2
    assert desk("no-such-verb").code == 2
    assert desk("poll", "--no-such-option").code == 2


# --- bad input ----------------------------------------------------------------------------------------------


def refused(desk: Desk, *arguments: str | Path, code: int = 4) -> str:
    """Run a command that must be refused: one line, no traceback, the store as before. Returns the line."""
    before = desk.dump()
    said = desk(*arguments)
    assert said.code == code, said
    lines = said.err.splitlines()
    assert len(lines) == 1, said.err
    assert lines[0].startswith("living: ")
    assert "Traceback" not in said.err + said.out
    assert desk.dump() == before
    return lines[0]


FORMS = {
    "an SD of 0": (form(spread=0.0, words="3.5 (SD 0.0, n = 60) and 4.5 (SD 2.0, n = 60)"), "sd"),
    "a quote without the number": (
        form(words="ache fell a little, n = 60, SD 2.0, 4.5"),
        "no quote contains",
    ),
    "an unknown study": (form("pubmed:1"), "no study 'pubmed:1'"),
    "a future date": (
        form().replace('design = "parallel"', 'design = "parallel"\navailable_from = "2099-01-01"'),
        "2099",
    ),
    "an unknown outcome": (form().replace('outcome = "ache"', 'outcome = "itch"'), "itch"),
    "an unknown key": (form().replace("weeks = 12", "wekes = 12"), "wekes"),
    "a mean off the scale": (form(mean=35.0), "35"),
    "no TOML": ("study = pubmed:90000005", "TOML"),
    "an import": (form().replace("[[extractions]]", '[[extractions]]\nimported = "A"'), "import"),
    "nothing": ('study = "pubmed:90000005"', "empty"),
    "events above denominators": (
        form(
            extra="""
[[extractions]]
cell = { outcome = "any-ae", experimental = "remedy", control = "placebo", weeks = 12, estimand = "count" }
numbers.shape = "event_counts"
numbers.experimental = { events = 61, total = 60 }
numbers.control = { events = 8, total = 60 }
quotes = [{ report = "pubmed:90000005", locator = "table 2", text = "61 of 60 and 8 of 60" }]
"""
        ),
        "61",
    ),
}


@pytest.mark.parametrize("fault", FORMS)
def test_a_form_that_cannot_be_right_is_refused_whole(desk: Desk, fault: str) -> None:
    text, named = FORMS[fault]
    path = desk.file(text)
    line = refused(desk, "extract", "submit", path, "--as", "cleo")
    assert named in line
    assert str(path) in line


def test_who_speaks_must_be_a_person(desk: Desk) -> None:
    for name in ("machine", "import", "", "Ann Smith", "ann@example.org", "-", "x" * 41):
        assert "cannot be a person's id" in refused(
            desk, "extract", "submit", desk.file(form()), f"--as={name}"
        )
        assert "cannot be a person's id" in refused(desk, "screen", EPSILON, "include", f"--as={name}")


OF_A_TOPIC = ("queue", "studies", "poll", "refresh", "versions", "letters")


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (("extract", "form", "pubmed:1"), "no study"),
        (("screen", "pubmed:1", "include", "--as", "cleo"), "no study"),
        (("screen", EPSILON, "exclude", "--as", "cleo"), "criterion"),
        (("screen", EPSILON, "exclude", "--as", "cleo", "--criterion", "E99"), "E99"),
        (("link", EPSILON, EPSILON, "same_study", "--as", "cleo", "--why", "x"), "joins two"),
        (("link", EPSILON, "pubmed:1", "same_study", "--as", "cleo", "--why", "x"), "no study"),
        (("link", EPSILON, "pubmed:90000001", "different", "--as", "cleo", "--why", " "), "--why"),
        (("sign", "v7.0", "--as", "cleo", "--conclusion", "x"), "v7.0"),
        (("sign", "v1.0", "--as", "cleo", "--conclusion", ""), "--conclusion"),
        (("rebuild", "toy", "v7.0", "--check"), "v7.0"),
        (("rebuild", "other", "v1.0", "--check"), "no topic 'other'"),
        (("rebuild", "toy", "v1.0"), "--check"),
        (("verify",), "--store"),
        (("verify", "/no/such/folder"), "no such folder"),
        (("poll", "--source", "embase"), "embase"),
        (("subscribe", "no-address"), "no-address"),
        (("subscribe", "two@at@example.org, x@example.org"), "no e-mail address"),
        (("extract", "submit", "/no/such/file", "--as", "cleo"), "cannot be read"),
        (("extract", "submit", "/", "--as", "cleo"), "cannot be read"),
        (("extract", "adjudicate", "/no/such/file", "--as", "cleo"), "cannot be read"),
        (("topics", "load", "/no/such/folder"), "no such file"),
        (("topics", "load", "/etc/passwd"), "cannot be read"),
        (("topics", "load", "--until", "June"), "June"),
        *(((verb, "--topic", "other"), "no topic 'other'") for verb in OF_A_TOPIC),
        (("subscribe", "ann@example.org", "--topic", "other"), "no topic 'other'"),
        (("extract", "form", EPSILON, "--topic", "other"), "no topic 'other'"),
    ],
)  # fmt: skip
def test_what_is_not_there_is_named_in_one_line(desk: Desk, arguments: tuple[str, ...], named: str) -> None:
    assert named in refused(desk, *arguments)


def test_a_file_that_is_not_text_is_refused(desk: Desk) -> None:
    assert "UTF-8" in refused(desk, "extract", "submit", desk.file(b"\xff\xfe\x00"), "--as", "cleo")


def test_a_form_is_never_overwritten_nor_written_where_nothing_can_be(desk: Desk) -> None:
    there = desk.file("mine")
    refused(desk, "extract", "form", EPSILON, "--out", there)
    assert there.read_text() == "mine"
    refused(desk, "extract", "form", EPSILON, "--out", desk.folder / "no" / "folder.toml", code=7)
    refused(desk, "letters", "--dry-run", "--out", there, code=7)


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        (("readers = 2", "readers = 2"), "folder 'broken'"),
        (('id = "toy"', 'id = "broken"\nfolour = "red"'), "folour"),
        (('scales = ["nrs"]', 'scales = ["nrx"]'), "nrx"),
        (('tau2 = "REML"', 'tau2 = "RMEL"'), "RMEL"),
        (('kind = "pubmed"', 'kind = "pubmde"'), "kind"),
        (('id = "pubmed"', 'id = "medline"'), "medline"),
        (("[topic]", "[topic"), "TOML"),
    ],
)
def test_a_protocol_with_a_typo_is_refused_naming_file_and_fault(
    desk: Desk, wrong: tuple[str, str], named: str
) -> None:
    folder = desk.folder / "broken"
    shutil.copytree(TOY, folder)
    text = (folder / "protocol.toml").read_text()
    if named != "folder 'broken'" and not wrong[0].startswith('id = "toy"'):
        text = text.replace('id = "toy"', 'id = "broken"')
    (folder / "protocol.toml").write_text(text.replace(*wrong, 1))
    line = refused(desk, "topics", "load", folder)
    assert named in line
    assert str(folder) in line


# --- sources that answer badly ------------------------------------------------------------------------------

ANSWERS: dict[str, tuple[Fault, str]] = {
    "broken XML": (says(b"<eSearchResult><Count>6</Count>", content_type="text/xml"), "esearch"),
    "HTML on 200": (html(), "esearch"),
    "a truncated gzip": (cut_gzip(), "efetch"),
    "half a page": (cut(400), "efetch"),
    "half a page under an honest length": (cut(400, honest=True), "efetch"),
    "nothing": (says(b""), "esearch"),
    "an error of the server": (says(b"boom", 500), ""),
}


@pytest.mark.parametrize("fault", ANSWERS)
def test_a_source_that_answers_badly_fails_its_run_and_moves_nothing(
    ready: Path, standin: Standin, tmp_path: Path, fault: str
) -> None:
    home = tmp_path / "home"
    shutil.copytree(ready, home, symlinks=True)
    house = opened(
        home, Clock(at("2026-02-12T06:00:00")), ncbi_url=standin.pubmed_url, ctgov_url=standin.ctgov_url
    )
    answer, path = ANSWERS[fault]
    standin.fault(answer, None, path=path or "/entrez/")
    try:
        source = polled_sources(active(house, "toy")[1])[0]
        head, cursor = house.store.head("toy"), house.store.cursor("toy", "pubmed")
        polled = poll(house, "toy", source)
        after = house.store.cursor("toy", "pubmed")
    finally:
        standin.heal()
    assert not polled.ok
    assert polled.error
    assert house.store.head("toy") == head
    assert cursor is not None
    assert after is not None
    assert (after.watermark, after.last_complete_at) == (cursor.watermark, cursor.last_complete_at)
    assert (after.failures, after.next_due_at) == (1, "2026-02-12T06:05:00Z")
    assert house.store.runs("toy", "pubmed")[0].outcome == "failed"
    assert house.store.verify_store() == ()
    house.store.close()


def test_a_poll_that_fails_says_so_in_one_line_and_exits_with_6(desk: Desk, standin: Standin) -> None:
    standin.unknown_phrases.add("invented remedy")
    told = desk("poll", "--source", "pubmed")
    assert told.code == 6
    assert told.out.count("\n") == 1
    assert "not searched" in told.out
    assert "Tried again 20" in told.out
    assert told.err == ""


def test_a_poll_while_another_process_searches_is_refused_with_3(desk: Desk) -> None:
    house = opened(desk.home)
    with house.alone("searching"):
        assert "another process is searching" in refused(desk, "poll", code=3)
    house.store.close()


def test_the_real_program_reports_as_the_command_line_does_here(ready: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    shutil.copytree(ready, home, symlinks=True)
    told = living(home, "versions", "--topic", "other")
    assert (told.returncode, told.stdout, len(told.stderr.splitlines())) == (4, "", 1)
    assert living(home, "versions").returncode == 0
