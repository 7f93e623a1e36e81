"""The real program as a service: started, watched, refused, stopped; and the metronome's own promises."""

import json
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from living.cli import watch
from living.daemon import Daemon
from living.errors import HeldElsewhere, UserError
from living.service.house import held, open_house
from living.service.pulse import last_failure
from living.service.start import first_version
from living.service.topics import load_topic
from living.service.turn import turn
from tests.fakes import (
    ROOT,
    TOY,
    Browser,
    Home,
    environment,
    free_port,
    home_at,
    living,
    settings_for,
    toy_records,
)
from tests.standin import Standin
from tests.standin.faults import hang
from tests.standin.poller import IN_NO_HURRY

MOST_LINES = 15
SOON = 30.0  # seconds within which a step of the program must have come; far more than it takes


class Service:
    """`living run` in a process of its own."""

    def __init__(self, home: Path, **settings: str) -> None:
        self.home, self.port = home, free_port()
        self._out = (home.parent / f"{home.name}.out").open("w+")
        self._err = (home.parent / f"{home.name}.err").open("w+")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "living", "run"],
            cwd=ROOT,
            env=environment(home, **{"port": str(self.port), **settings}),
            stdout=self._out,
            stderr=self._err,
        )
        self.browser = Browser(self.port)

    @property
    def said(self) -> str:
        return Path(self._out.name).read_text()

    @property
    def complained(self) -> str:
        return Path(self._err.name).read_text()

    def until(self, words: str) -> None:
        """Wait until it has said something."""
        end = time.monotonic() + SOON
        while words not in self.said and self.process.poll() is None and time.monotonic() < end:
            time.sleep(0.02)
        assert words in self.said, self.said + self.complained

    def page(self, path: str, words: str) -> str:
        """Wait until a page holds some words."""
        end = time.monotonic() + SOON
        while time.monotonic() < end:
            text = self.browser.get(path).text
            if words in text:
                return text
            time.sleep(0.05)
        raise AssertionError(f"{words!r} did not come:\n{text}\n{self.complained}")

    def stop(self, sign: int = signal.SIGTERM) -> int:
        self.process.send_signal(sign)
        return self.process.wait(SOON)

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self._out.close()
        self._err.close()


@contextmanager
def service(home: Path, **settings: str) -> Iterator[Service]:
    running = Service(home, **settings)
    try:
        yield running
    finally:
        running.close()


@pytest.fixture
def standin() -> Iterator[Standin]:
    with Standin(
        toy_records(), datetime.now(UTC), ncbi_per_second=IN_NO_HURRY, ctgov_per_second=IN_NO_HURRY
    ) as standin:
        yield standin


def urls(standin: Standin) -> dict[str, str]:
    return {
        "ncbi_url": standin.pubmed_url,
        "ctgov_url": standin.ctgov_url,
    }


# --- a day of its life --------------------------------------------------------------------------------------


def test_it_starts_publishes_searches_serves_and_stops_in_a_few_plain_lines(
    tmp_path: Path, standin: Standin
) -> None:
    with service(tmp_path / "home", **urls(standin)) as running:
        running.until("ClinicalTrials.gov: 1 entries listed")
        running.page("/toy/", "All 2 scheduled sources searched")
        health = json.loads(running.browser.get("/healthz").body)
        assert health["topics"]["toy"] == {
            "version": "v1.0",
            "sources": {"pubmed": "current", "ctgov": "current"},
        }
        second = living(tmp_path / "home", "run", port="0")
        assert (second.returncode, second.stdout) == (3, "")
        assert re.fullmatch(rf"living: .*held by process {running.process.pid} on .*\n", second.stderr)
        assert running.stop() == 0
        assert len(running.said.splitlines()) <= MOST_LINES
        link = re.search(r"http://127\.0\.0\.1:\d+/desk/link/[\w-]{43}\n", running.said)
        assert link, running.said
        assert f"http://127.0.0.1:{running.port}" in running.said
        assert running.said.endswith("Stopped; everything is stored.\n")
        assert "Ctrl-C" in running.said
        assert running.complained == ""
    with held(tmp_path / "home"):
        assert living(tmp_path / "home", "verify", "--store").returncode == 0


def test_without_a_network_the_site_is_up_the_banner_names_the_source_and_ctrl_c_stops_the_search(
    tmp_path: Path,
) -> None:
    dead = f"http://127.0.0.1:{free_port()}"
    with service(tmp_path / "home", ncbi_url=dead, ctgov_url=dead) as running:
        running.until("Searching the registries now")
        page = running.page("/toy/v1.0/", "PubMed")
        assert "PubMed has not been searched yet" in page
        asked = time.monotonic()
        assert running.stop(signal.SIGINT) == 0
        assert time.monotonic() - asked < 10
        assert len(running.complained.splitlines()) == 1
        assert "stopped on the way" in running.complained


def test_an_unreachable_source_is_named_with_its_next_try_and_the_text_points_to_the_replay(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With a gateway of little patience, which the real one would have to be waited for."""
    with home_at(
        tmp_path / "home", ncbi_url="http://127.0.0.1:9/e", ctgov_url="http://127.0.0.1:9/c"
    ) as home:
        first_version(home.house, "toy")
        turned = home.turn()
        page = home.page("v1.0/index.html")
        assert "PubMed was last searched successfully on no day yet; the last attempt failed" in page
        assert "It is tried next 2 February 2026, 06:05 UTC" in page
        watch._Teller()(turned)
    told = capsys.readouterr().out
    assert "PubMed: not searched" in told
    assert "./deploy/run --replay" in told


def test_it_speaks_to_systemd_when_systemd_listens(tmp_path: Path) -> None:
    address = str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(address)
        systemd.settimeout(SOON)
        with home_at(tmp_path / "home") as home:
            first_version(home.house, "toy")
        program = (
            "import sys, living.config as c, os; os.environ['NOTIFY_SOCKET'] = sys.argv.pop(); "
            "from living.cli import main; main()"
        )
        process = subprocess.Popen(
            [sys.executable, "-c", program, "run", address],
            cwd=ROOT,
            env=environment(tmp_path / "home", port="0"),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            told = [systemd.recv(100)]
            process.terminate()
            while told[-1] != b"STOPPING=1":
                told.append(systemd.recv(100))
            assert process.wait(SOON) == 0
        finally:
            process.kill()
            process.wait()
    assert told[0] == b"READY=1"


def test_killed_it_leaves_a_note_that_stops_nobody(tmp_path: Path) -> None:
    with service(tmp_path / "home") as running:
        running.until("Searching")
        running.process.kill()
        running.process.wait()
    assert (tmp_path / "home" / "daemon.pid").exists()
    assert "not running" in living(tmp_path / "home", "status").stdout
    with held(tmp_path / "home"):
        pass


# --- what stops it from starting ----------------------------------------------------------------------------


def refused(home: Path, code: int, *words: str, **settings: str) -> None:
    """It does not start: one line on stderr that says why, and the exit code."""
    told = living(home, "run", **{"port": "0", **settings})
    assert told.returncode == code, told
    lines = told.stderr.splitlines()
    assert len(lines) == 1, told.stderr
    for word in words:
        assert word in lines[0]


def test_a_port_that_is_taken_is_found_before_anything_is_published(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        refused(tmp_path / "home", 7, port, "LIVING_PORT", port=port)
    assert not (tmp_path / "home" / "site").exists()


def test_a_home_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    a_file = tmp_path / "file"
    a_file.write_text("not a folder")
    refused(a_file, 7, "LIVING_HOME")
    refused(Path("/proc/nowhere"), 7, "LIVING_HOME")


def test_a_typo_in_living_toml_is_named(tmp_path: Path) -> None:
    (tmp_path / "living.toml").write_text('contcat = "me@example.org"\n')
    refused(tmp_path, 4, "contcat", "Did you mean contact?")


def test_a_store_of_a_newer_program_is_refused_and_left_alone(tmp_path: Path) -> None:
    with home_at(tmp_path / "home"):
        pass
    with sqlite3.connect(tmp_path / "home" / "living.db") as store:
        store.execute("UPDATE alembic_version SET version_num = '9999'")
    store.close()
    refused(tmp_path / "home", 7, "9999", "newer program")


def test_a_topic_with_a_typo_stops_the_start_with_its_file_and_fault(tmp_path: Path) -> None:
    topics = tmp_path / "topics" / "toy"
    topics.mkdir(parents=True)
    text = (TOY / "protocol.toml").read_text().replace('tau2 = "REML"', 'tau2 = "RMEL"')
    (topics / "protocol.toml").write_text(text)
    refused(tmp_path / "home", 4, "protocol.toml", "RMEL", topics=str(topics.parent))


# --- the metronome ------------------------------------------------------------------------------------------


def test_a_machine_that_slept_three_days_searches_each_source_once(tmp_path: Path) -> None:
    with home_at(tmp_path / "home") as home:
        first_version(home.house, "toy")
        daemon = Daemon(home.house)
        daemon.tick()
        for _ in range(3):
            daemon.tick()
        assert _runs(home) == {"pubmed": 1, "ctgov": 1}
        home.forward(days=3)
        for _ in range(3):
            daemon.tick()
        assert _runs(home) == {"pubmed": 2, "ctgov": 2}


def test_a_clock_that_was_years_ahead_and_was_set_right_does_not_stop_the_searches(tmp_path: Path) -> None:
    with home_at(tmp_path / "home") as home:
        first_version(home.house, "toy")
        home.move_to("2031-02-03T06:00:00")
        home.turn()
        home.move_to("2026-02-03T06:00:00")
        assert [polled.ok for polled in home.turn().polled] == [True, True]
        assert home.turn().polled == ()


def _runs(home: Home) -> dict[str, int]:
    return {source: len(home.house.store.runs("toy", source)) for source in ("pubmed", "ctgov")}


def test_a_bug_in_one_topic_s_turn_ends_that_turn_and_shows_as_the_last_failure(tmp_path: Path) -> None:
    with home_at(tmp_path / "home") as home:
        first_version(home.house, "toy")

        class Breaking(Daemon):
            """Has a topic more, whose turn has a bug."""

            broken = 0

            def _steps(self):  # type: ignore[no-untyped-def]
                yield "turn of broken", self._break
                yield from super()._steps()

            def _break(self) -> None:
                self.broken += 1
                raise ZeroDivisionError("a bug")

        daemon = Breaking(home.house)
        daemon.tick()
        daemon.tick()
        assert _runs(home) == {"pubmed": 1, "ctgov": 1}
        assert last_failure(home.house) == "2026-02-02: turn of broken: ZeroDivisionError: a bug"
        assert daemon.broken == 1, "a bug is not met again at every tick"
        failures = home.house.store.operations(kind="failure")
        assert ["ZeroDivisionError" in str(failure.body["traceback"]) for failure in failures] == [True]
        home.forward(hours=1)
        home.turn()
        assert "ZeroDivisionError" in home.page("status.json")


def test_an_error_somebody_can_fix_is_met_again_at_every_tick_and_noted_once(tmp_path: Path) -> None:
    with home_at(tmp_path / "home") as home:
        met = []

        class Failing(Daemon):
            def _steps(self):  # type: ignore[no-untyped-def]
                yield "letters", self._fail

            def _fail(self) -> None:
                met.append(1)
                raise UserError("no", where="here")

        daemon = Failing(home.house)
        for _ in range(3):
            daemon.tick()
        assert len(met) == 3
        assert len(home.house.store.operations(kind="failure")) == 1


def test_a_failure_that_cannot_even_be_noted_does_not_stop_the_other_steps(tmp_path: Path) -> None:
    with home_at(tmp_path / "home") as home:
        done = []

        class Failing(Daemon):
            def _steps(self):  # type: ignore[no-untyped-def]
                yield "first", self._fail
                yield "second", lambda: done.append(1)

            def _fail(self) -> None:
                raise UserError("no", where="here")

        home.house.store.close()
        database = home.house.settings.database
        database.write_bytes(b"no database " * 500)
        for name in ("living.db-wal", "living.db-shm"):
            database.with_name(name).unlink(missing_ok=True)
        Failing(home.house).tick()
        assert done == [1]


def test_a_stop_in_the_middle_of_a_search_ends_it_and_records_no_failure(
    tmp_path: Path, standin: Standin
) -> None:
    house = open_house(settings_for(tmp_path / "home", **urls(standin)))
    load_topic(house, TOY)
    house.life.stopping.set()
    daemon = Daemon(house)
    daemon._guarded("turn of toy", lambda: turn(house, "toy"))
    assert house.store.runs("toy", "ctgov") == ()
    assert last_failure(house) == ""
    house.store.close()
    house.gateway.close()


def test_a_request_that_hangs_does_not_hold_up_the_stop_beyond_its_limit(
    tmp_path: Path, standin: Standin
) -> None:
    standin.fault(hang(1.5), None, path="/entrez/")
    with service(tmp_path / "home", **urls(standin)) as running:
        running.until("Searching")
        time.sleep(0.5)
        asked = time.monotonic()
        assert running.stop() == 0
        assert time.monotonic() - asked < 10


def test_the_watchdog_hears_of_progress_and_not_of_ticks(tmp_path: Path) -> None:
    with home_at(tmp_path / "home") as home:
        daemon = Daemon(home.house)
        assert not daemon.hung()
        home.house.life.seen_at -= 290
        assert not daemon.hung()
        home.house.life.seen_at -= 1000
        assert daemon.hung()
        home.house.life.rest(0.0)
        assert not daemon.hung()


def test_a_home_is_held_once_and_the_refusal_names_the_holder(tmp_path: Path) -> None:
    with held(tmp_path), pytest.raises(HeldElsewhere, match="process"), held(tmp_path):
        pass
    with held(tmp_path):
        pass


def test_a_second_search_or_publication_of_one_home_waits_its_turn(tmp_path: Path) -> None:
    with home_at(tmp_path / "home") as home:
        first_version(home.house, "toy")
        with home.house.alone("searching"):
            assert home.turn().polled == ()
        assert len(home.turn().polled) == 2
