"""Publication is all or nothing, wherever it is stopped."""

from collections.abc import Callable
from pathlib import Path

import pytest

from living.errors import EnvironmentFault, NotVerified, UserError
from living.publish import write
from living.publish.bundle import render_version
from living.publish.verify import verify_folder
from tests.unit.publish import snapshots
from tests.unit.publish.chains import chained

TOPIC, VERSION = "ldn-chronic-pain", "v2.0"


class Stopped(BaseException):
    """The program ends here, as by kill -9: nothing may catch it."""


def stop_at(name: str, times: int = 1) -> Callable[[str], None]:
    left = [times]

    def failpoint(passed: str) -> None:
        if passed == name:
            left[0] -= 1
            if not left[0]:
                raise Stopped(name)

    return failpoint


@pytest.fixture(scope="module")
def files() -> dict[str, bytes]:
    return render_version(*chained(snapshots.v2()))


def publish(site: Path, files: dict[str, bytes], failpoint: Callable[[str], None] = write.passing) -> Path:
    return write.publish_version(site, TOPIC, VERSION, files, b"<p>shell</p>", failpoint)


def visible(site: Path) -> list[str]:
    topic = site / TOPIC
    return (
        sorted(path.name for path in topic.iterdir() if not path.name.startswith("."))
        if topic.exists()
        else []
    )


def test_a_published_folder_verifies(tmp_path: Path, files: dict[str, bytes]) -> None:
    place = publish(tmp_path, files)
    assert verify_folder(place) == []
    assert (place / "index.html").read_bytes() == b"<p>shell</p>"
    assert visible(tmp_path) == [VERSION]


ARROWS = [(name, 1) for name in write.FAILPOINTS if name.startswith("publish.")]


@pytest.mark.parametrize(("name", "times"), [*ARROWS, ("publish.file", 3), ("publish.file", 8)])
def test_a_crash_leaves_no_version_or_a_whole_one(
    tmp_path: Path, files: dict[str, bytes], name: str, times: int
) -> None:
    with pytest.raises(Stopped):
        publish(tmp_path, files, stop_at(name, times))
    assert visible(tmp_path) in ([], [VERSION])
    if visible(tmp_path):
        assert verify_folder(tmp_path / TOPIC / VERSION) == []
    assert verify_folder(publish(tmp_path, files)) == []
    assert not list((tmp_path / TOPIC).glob(".staging*"))


def test_every_failpoint_is_passed(tmp_path: Path, files: dict[str, bytes]) -> None:
    passed: list[str] = []
    publish(tmp_path, files, passed.append)
    publish(tmp_path, files, passed.append)
    write.move_latest(tmp_path, TOPIC, VERSION, b"", passed.append)
    assert set(passed) == set(write.FAILPOINTS)


def test_the_same_bytes_again_are_already_published(tmp_path: Path, files: dict[str, bytes]) -> None:
    before = (publish(tmp_path, files) / "manifest.json").stat().st_mtime_ns
    publish(tmp_path, files)
    assert (tmp_path / TOPIC / VERSION / "manifest.json").stat().st_mtime_ns == before


def test_other_bytes_under_a_published_number_are_refused(tmp_path: Path, files: dict[str, bytes]) -> None:
    place = publish(tmp_path, files)
    with pytest.raises(NotVerified, match=r"page\.html of v2\.0 was published with other bytes"):
        publish(tmp_path, {**files, "page.html": b"other"})
    assert verify_folder(place) == []


def test_the_shell_alone_may_change(tmp_path: Path, files: dict[str, bytes]) -> None:
    place = publish(tmp_path, files)
    write.rewrite_shell(tmp_path, TOPIC, VERSION, b"<p>signed</p>")
    assert (place / "index.html").read_bytes() == b"<p>signed</p>"
    assert verify_folder(place) == []


@pytest.mark.parametrize("name", ["replace.before", "replace.written"])
def test_a_crash_while_replacing_leaves_the_old_page(
    tmp_path: Path, files: dict[str, bytes], name: str
) -> None:
    place = publish(tmp_path, files)
    with pytest.raises(Stopped):
        write.rewrite_shell(tmp_path, TOPIC, VERSION, b"new", stop_at(name))
    assert (place / "index.html").read_bytes() == b"<p>shell</p>"


def test_latest_moves_and_never_points_nowhere(tmp_path: Path, files: dict[str, bytes]) -> None:
    publish(tmp_path, files)
    write.publish_version(tmp_path, TOPIC, "v1.0", render_version(snapshots.v1()), b"")
    write.move_latest(tmp_path, TOPIC, "v1.0", b"")
    with pytest.raises(Stopped):
        write.move_latest(tmp_path, TOPIC, VERSION, b"", stop_at("latest.linked"))
    assert (tmp_path / TOPIC / "latest").resolve().name == "v1.0"
    write.move_latest(tmp_path, TOPIC, VERSION, b"")
    assert (tmp_path / TOPIC / "latest").resolve().name == VERSION


def test_where_links_cannot_be_latest_is_a_page(
    tmp_path: Path, files: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(tmp_path, files)

    def refuse(*_: object, **__: object) -> None:
        raise OSError("no links here")

    monkeypatch.setattr(Path, "symlink_to", refuse)
    write.move_latest(tmp_path, TOPIC, VERSION, b"to v2.0")
    monkeypatch.undo()
    write.move_latest(tmp_path, TOPIC, "v3.0", b"to v3.0")
    assert (tmp_path / TOPIC / "latest" / "index.html").read_bytes() == b"to v3.0"


@pytest.mark.parametrize("odd", ["../evil", "a/../../b", "/etc", "", ".hidden", "a\\b", "a b", "x" * 200])
def test_a_name_that_leads_elsewhere_is_refused(tmp_path: Path, odd: str) -> None:
    with pytest.raises(UserError):
        write.publish_version(tmp_path, odd, VERSION, {"a": b""}, b"")
    with pytest.raises(UserError):
        write.publish_version(tmp_path, TOPIC, VERSION, {odd: b""}, b"")
    with pytest.raises(UserError):
        write.publish_page(tmp_path, odd, b"")
    assert not list(tmp_path.rglob("*"))


def test_a_full_disk_is_one_clear_sentence(
    tmp_path: Path, files: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(write.os, "fsync", full)
    with pytest.raises(EnvironmentFault, match="No space left on device"):
        publish(tmp_path, files)
    assert visible(tmp_path) == []


def test_lists_and_dated_pages_go_beside_the_versions(tmp_path: Path) -> None:
    write.publish_page(tmp_path, f"{TOPIC}/as-of/2026-07-01/index.html", b"as of")
    assert (tmp_path / TOPIC / "as-of" / "2026-07-01" / "index.html").read_bytes() == b"as of"
