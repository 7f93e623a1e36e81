"""A folder is checked against its own promises, and what changed is named."""

import json
from pathlib import Path

import pytest

from living.model.values import canonical
from living.publish.bundle import render_version
from living.publish.verify import verify_folder
from tests.unit.publish import snapshots
from tests.unit.publish.chains import chained


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, content in render_version(*chained(snapshots.v2())).items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(content)
    (tmp_path / "index.html").write_text("the shell may change")
    return tmp_path


def edit(folder: Path, pointer: str, value: object) -> None:
    document = json.loads((folder / "snapshot.json").read_text())
    place = document
    *path, last = pointer.strip("/").split("/")
    for part in path:
        place = place[int(part)] if isinstance(place, list) else place[part]
    place[int(last) if isinstance(place, list) else last] = value
    (folder / "snapshot.json").write_text(canonical(document))


def test_a_folder_as_published_has_no_findings(folder: Path) -> None:
    assert verify_folder(folder) == []


def test_a_changed_digit_is_named_by_its_pointer(folder: Path) -> None:
    edit(folder, "/comparisons/0/analyses/0/contrasts/0/estimate", -0.35)
    findings = verify_folder(folder)
    assert (
        "snapshot.json: the value at /comparisons/0/analyses/0/contrasts/0/estimate was changed" in findings
    )
    assert "snapshot.json was changed: its SHA-256 is not the manifest's" in findings
    assert "the digest in /release/digest is not that of the evidence" in findings


def test_a_change_of_the_version_s_own_words_is_named_though_the_digest_holds(folder: Path) -> None:
    edit(folder, "/release/date", "2026-06-19")
    findings = verify_folder(folder)
    assert "snapshot.json: the value at /release/date was changed" in findings
    assert not [finding for finding in findings if "digest in" in finding]


def test_an_emptied_list_is_named(folder: Path) -> None:
    edit(folder, "/studies", [])
    findings = verify_folder(folder)
    assert "snapshot.json: the value at /studies was added" in findings
    assert any("is gone" in finding for finding in findings)


@pytest.mark.parametrize(
    "name", ["page.html", "figures/pain.svg", "data/contrasts.csv", "schema.json", "protocol.toml"]
)
def test_a_changed_file_is_named(folder: Path, name: str) -> None:
    content = (folder / name).read_bytes()
    (folder / name).write_bytes(content.replace(b"0", b"1", 1) if b"0" in content else content + b" ")
    assert f"{name} was changed: its SHA-256 is not the manifest's" in verify_folder(folder)


def test_a_missing_and_an_added_file_are_named(folder: Path) -> None:
    (folder / "data" / "cells.csv").unlink()
    (folder / "extra.html").write_text("not ours")
    assert verify_folder(folder) == [
        "data/cells.csv is missing",
        "extra.html is in the folder and not in the manifest",
    ]


def test_a_document_in_another_form_is_named(folder: Path) -> None:
    document = json.loads((folder / "snapshot.json").read_text())
    (folder / "snapshot.json").write_text(json.dumps(document, indent=1))
    assert "snapshot.json is not in canonical form" in verify_folder(folder)


def test_a_value_of_the_wrong_kind_breaks_the_schema(folder: Path) -> None:
    edit(folder, "/flow/records", "many")
    assert any("does not follow its schema at /flow/records" in finding for finding in verify_folder(folder))


@pytest.mark.parametrize(
    ("schema", "said"),
    [
        ('{"$ref": "http://127.0.0.1:9/schema"}', "127.0.0.1:9"),
        ('{"$ref": "file:///etc/hostname"}', "/etc/hostname"),
        ('{"$ref": "#/nowhere"}', "/nowhere"),
        ('{"type": 5}', "5 is not valid"),
        ('{"pattern": "("}', '"(" is not a "regex"'),
    ],
)
def test_a_schema_that_leads_elsewhere_or_is_none_is_a_finding(folder: Path, schema: str, said: str) -> None:
    (folder / "schema.json").write_text(schema)
    assert [
        finding for finding in verify_folder(folder) if "is no JSON Schema" in finding and said in finding
    ]


def test_half_a_character_cannot_be_held_against_a_schema_and_is_a_finding(folder: Path) -> None:
    text = (folder / "snapshot.json").read_text()
    (folder / "snapshot.json").write_text(text.replace("{", '{"odd": "\\ud800", ', 1))
    (folder / "schema.json").write_text('{"properties": {"odd": {"type": "integer"}}}')
    assert [finding for finding in verify_folder(folder) if "cannot be held against its schema" in finding]


@pytest.mark.parametrize("name", ["snapshot.json", "manifest.json", "schema.json"])
@pytest.mark.parametrize("levels", [150, 700, 5000])
def test_a_file_deeper_than_any_of_ours_is_a_finding(folder: Path, name: str, levels: int) -> None:
    text = (folder / name).read_text()
    (folder / name).write_text(
        text.replace("{", '{"odd": ' + '{"a": ' * levels + "0" + "}" * levels + ", ", 1)
    )
    assert [finding for finding in verify_folder(folder) if f"{name} is missing or is no " in finding]


def test_a_pattern_made_to_take_for_ever_takes_no_time(folder: Path) -> None:
    slow = {"properties": {"protocol_text": {"pattern": "^(([^!]+)+)+!$"}}}
    (folder / "schema.json").write_text(json.dumps(slow))
    assert any("does not follow its schema at /protocol_text" in finding for finding in verify_folder(folder))


@pytest.mark.parametrize("text", ["", "[]", '{"a": NaN}', '{"a": 1e999}', "[" * 100_000, "\xff"])
def test_a_snapshot_that_is_none_is_one_finding_not_a_crash(folder: Path, text: str) -> None:
    (folder / "snapshot.json").write_text(text)
    assert "snapshot.json is missing or is no JSON object" in verify_folder(folder)


def test_a_folder_without_a_manifest_says_so(tmp_path: Path) -> None:
    assert verify_folder(tmp_path) == ["manifest.json is missing or is no living-manifest/1"]


def test_a_manifest_cannot_point_out_of_its_folder(folder: Path) -> None:
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["files"]["../../etc/passwd"] = "0" * 64
    (folder / "manifest.json").write_text(canonical(manifest))
    assert "../../etc/passwd lies outside the version folder" in verify_folder(folder)


def test_the_results_are_recomputed_by_whoever_can(folder: Path) -> None:
    seen = []

    def recompute(snapshot):  # type: ignore[no-untyped-def]
        seen.append(snapshot.topic)
        return ["pain: 0.16 is not what its studies give"]

    assert verify_folder(folder, recompute) == ["pain: 0.16 is not what its studies give"]
    assert seen == ["ldn-chronic-pain"]
