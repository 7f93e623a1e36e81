"""What every test shares: no network beyond loopback, one Hypothesis profile, skips that are counted."""

import os
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import settings

IN_CI = bool(os.environ.get("LIVING_CI"))

settings.register_profile("here", deadline=None)
# The same examples in every run: a build must not fail by luck. Desks and --soak look for new ones.
settings.register_profile("ci", deadline=None, derandomize=True, database=None)
settings.register_profile("soak", deadline=None, max_examples=2000)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--soak", action="store_true", help="also run the tests that take minutes")


def pytest_configure(config: pytest.Config) -> None:
    settings.load_profile("soak" if config.getoption("--soak") else "ci" if IN_CI else "here")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--soak"):
        return
    left_out = {item for item in items if item.get_closest_marker("soak")} | not_drawn(items)
    if left_out:
        config.hook.pytest_deselected(items=list(left_out))
        items[:] = [item for item in items if item not in left_out]


def not_drawn(items: list[pytest.Item]) -> set[pytest.Item]:
    """The cases left out of tests that are many of a kind: the same ones in every run, and never all."""
    cases: dict[str, list[pytest.Item]] = {}
    for item in items:
        if item.get_closest_marker("sampled"):
            cases.setdefault(item.nodeid.partition("[")[0], []).append(item)
    drawn = set()
    for name, held in cases.items():
        one_in = max(marker.args[0] for marker in held[0].iter_markers("sampled"))
        drawn.update(Random(name).sample(held, -(-len(held) // one_in)))
    return {item for held in cases.values() for item in held} - drawn


@pytest.fixture
def drawn(request: pytest.FixtureRequest) -> Callable[[list[Any], int], list[Any]]:
    """Keep one in n of a list, in its order: the same in every run, all of it with --soak."""

    def draw(items: list[Any], one_in: int) -> list[Any]:
        if request.config.getoption("--soak"):
            return items
        kept = Random(request.node.name).sample(range(len(items)), -(-len(items) // one_in))
        return [items[place] for place in sorted(kept)]

    return draw


# --- the network --------------------------------------------------------------------------------------------

LOOPBACK = ("127.", "localhost", "::1", "0.0.0.0")
REACHES_OUT = {
    "socket.connect",
    "socket.sendto",
    "socket.sendmsg",
    "socket.getaddrinfo",
    "socket.gethostbyname",
}


class NetworkRefused(RuntimeError):
    """A test reached for the world; it should have used the stand-in."""


def refuse_the_world(event: str, arguments: tuple[object, ...]) -> None:
    if event not in REACHES_OUT:
        return
    target = arguments[0] if isinstance(arguments[0], str | bytes | None) else arguments[1]
    host = target[0] if isinstance(target, tuple) else target
    if isinstance(host, bytes):
        host = host.decode(errors="replace")
    if not host or host.startswith((*LOOPBACK, "/", "\0")):  # none: an own address; a path: a Unix socket
        return
    raise NetworkRefused(f"a test tried to reach {host}; only loopback is allowed")


# An audit hook sees every connection and every name look-up of the process, whichever library makes it.
sys.addaudithook(refuse_the_world)


# --- data that is not in the repository ---------------------------------------------------------------------


def folder_named_by(variable: str, what: str) -> Path:
    place = os.environ.get(variable)
    if not place:
        pytest.skip(f"{variable} is not set: {what} are not here")
    folder = Path(place).resolve()
    assert folder.is_dir(), f"{variable} names {place}, which is not a folder"
    return folder


@pytest.fixture(scope="session")
def recorded() -> Path:
    """Payloads as the registries really sent them."""
    return folder_named_by("LIVING_RECORDED", "recorded registry payloads")


@pytest.fixture(scope="session")
def golden() -> Path:
    """Reference results of other programs."""
    return folder_named_by("LIVING_GOLDEN", "reference results")


# --- skips --------------------------------------------------------------------------------------------------


def reason_of(report: pytest.TestReport | pytest.CollectReport) -> str:
    words = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    return words.removeprefix("Skipped: ")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):  # type: ignore[no-untyped-def]
    """CI installs what the tests need, so there a skip means that something broke unseen."""
    report = yield
    if IN_CI and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped, which CI does not accept: {reason_of(report)}"
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector):  # type: ignore[no-untyped-def]
    """The same for a module that skips itself as a whole."""
    report = yield
    if IN_CI and report.skipped:
        report.outcome = "failed"
        report.longrepr = f"skipped, which CI does not accept: {reason_of(report)}"
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    reasons = Counter(reason_of(report) for report in terminalreporter.stats.get("skipped", []))
    if reasons:
        terminalreporter.section("skipped, by reason")
        for reason, count in reasons.most_common():
            terminalreporter.line(f"{count:5d}  {reason}")
