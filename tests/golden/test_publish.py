"""The files of both versions of the example, and the letter about the second, byte for byte."""

from collections.abc import Callable

import pytest

from living.publish.bundle import render_version
from living.publish.letters import Envelope, compose
from living.publish.news import Links
from living.publish.pages import Shell, render_shell
from tests.unit.publish import snapshots

Check = Callable[[str, bytes], None]
FILES = (
    "page.html",
    "snapshot.json",
    "data/contrasts.csv",
    "data/cells.csv",
    "figures/pain.svg",
    "figures/relief-30.svg",
)


@pytest.mark.parametrize("version", [snapshots.v1, snapshots.v2])
def test_the_files_of_a_version_are_as_they_were(version, same_as_golden: Check) -> None:  # type: ignore[no-untyped-def]
    snapshot = version()
    files = render_version(snapshot)
    for name in FILES:
        same_as_golden(f"publish/{snapshot.release.version}/{name}", files[name])
    shell = render_shell(snapshot, files["page.html"], Shell())
    same_as_golden(f"publish/{snapshot.release.version}/index.html", shell)


def test_the_letter_is_as_it_was(same_as_golden: Check) -> None:
    links = Links(
        "https://reviews.example.org/ldn-chronic-pain/v2.0/",
        "https://reviews.example.org/letters/leave/an-invented-token",
        "https://reviews.example.org/letters/an-invented-token",
    )
    envelope = Envelope(
        "Living reviews",
        "letters@example.org",
        "reader@example.org",
        "<v2.0.1@example.org>",
        "2026-06-18T06:00:00Z",
    )
    message = compose("major", snapshots.v2(), Shell(), links, envelope)
    same_as_golden("publish/letter.eml", message.as_bytes())
