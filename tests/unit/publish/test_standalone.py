"""The verifier that anybody can run: one file, no library, and whatever is changed is named."""

import json
import random
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from living.model.chain import ChainPlace
from living.model.values import canonical
from living.publish import standalone
from living.publish.bundle import render_version
from tests.unit.publish import snapshots
from tests.unit.publish.chains import chained

PROGRAM = Path(standalone.__file__)
SEED, CHANGES = 20261122, 120
NUMBERLESS = re.compile(r"[0-9]")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Both versions beside each other, as a site has them."""
    root = tmp_path_factory.mktemp("site")
    before: ChainPlace | None = None
    for made in (snapshots.v1(), snapshots.v2()):
        snapshot, chain = chained(made, before)
        before = chain.head
        for name, content in render_version(snapshot, chain).items():
            path = root / chain.head.version / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
    return root


@pytest.fixture
def folder(site: Path, tmp_path: Path) -> Path:
    shutil.copytree(site, tmp_path / "copy")
    return tmp_path / "copy" / "v2.0"


def run(*arguments: str, isolated: bool = True) -> subprocess.CompletedProcess[str]:
    """A Python that knows no installed package, and not the checkout either."""
    flags = ["-I", "-S"] if isolated else ["-I"]
    command = [sys.executable, *flags, str(PROGRAM), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd="/")


def test_it_needs_nothing_but_python(folder: Path) -> None:
    told = run(str(folder))
    assert (told.returncode, told.stderr) == (0, "")
    assert told.stdout.splitlines() == [
        "skipped: schema and results; `living` is not installed here, and they need it",
        "All is well.",
    ]


def test_it_imports_nothing_that_python_does_not_bring() -> None:
    names = re.findall(r"^(?:from|import) (\w+)", PROGRAM.read_text(), re.MULTILINE)
    assert set(names) <= sys.stdlib_module_names | {"__future__"}


def test_with_the_package_the_results_are_computed_again(folder: Path) -> None:
    """The invented example was not computed by the engine, and the full check says exactly that."""
    assert standalone.check(folder) == ([], [])
    assert any(
        "nothing can be computed from the data" in found for found in standalone.check_all(folder).findings
    )


def test_a_changed_folder_ends_with_the_exit_code_of_a_failed_verification(folder: Path) -> None:
    page = folder / "page.html"
    page.write_bytes(page.read_bytes() + b" ")
    told = run(str(folder))
    assert told.returncode == 5
    assert "page.html was changed: its SHA-256 is not the manifest's\n" in told.stdout


@pytest.mark.parametrize("arguments", [(), ("/nowhere",), ("--help",), ("/", "/")])
def test_wrong_usage_is_one_line(arguments: tuple[str, ...]) -> None:
    told = run(*arguments)
    assert (told.returncode, len(told.stderr.splitlines())) == (2, 1)


# --- any digit ----------------------------------------------------------------------------------------------


def positions(text: str) -> list[int]:
    """Digits of a document: a seeded choice of all, and of each kind of place a digit can have."""
    dice = random.Random(SEED)
    kinds = {
        "any": r"[0-9]",
        "first of a number": r"(?<=[:\[,-])[0-9](?=[0-9])",
        "after the point": r"(?<=\.)[0-9]",
        "of an exponent": r"(?<=e-)[0-9]",
        "in a key": r"[0-9](?=[A-Za-z_0-9]*\":)",
        "in a text": r"(?<=[a-z ])[0-9]",
    }
    found: set[int] = set()
    for pattern in kinds.values():
        places = [match.start() for match in re.finditer(pattern, text)]
        found.update(dice.sample(places, min(len(places), CHANGES // len(kinds))))
    return sorted(found)


def leaf_at(text: str, place: int) -> str:
    """The pointer of the leaf whose characters hold a place, by a scan of its own."""
    stack: list[object] = []
    token = re.compile(r'"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*|[{}\[\],:]|true|false|null')
    key_next = False
    for match in token.finditer(text):
        part = match.group()
        if part == "{":
            stack.append("")
            key_next = True
        elif part == "[":
            stack.append(0)
            key_next = False
        elif part in "}]":
            stack.pop()
            key_next = False
        elif part == ",":
            if isinstance(stack[-1], int):
                stack[-1] += 1
            else:
                key_next = True
        elif part == ":":
            key_next = False
        elif key_next:
            stack[-1] = json.loads(part).replace("~", "~0").replace("/", "~1")
        if match.start() <= place < match.end():
            return "".join(f"/{item}" for item in stack)
    raise AssertionError(place)


def test_whichever_digit_of_the_snapshot_is_changed_its_field_is_named(folder: Path) -> None:
    path = folder / "snapshot.json"
    text = path.read_text()
    dice = random.Random(SEED)
    places = positions(text)
    assert len(places) > CHANGES // 2
    for place in places:
        digit = dice.choice([other for other in "0123456789" if other != text[place]])
        path.write_text(text[:place] + digit + text[place + 1 :])
        findings = standalone.check(folder).findings
        pointer = leaf_at(text, place)
        named = [found for found in findings if f"the value at {pointer}" in found]
        assert named, (pointer, text[place - 20 : place + 20], digit, findings)
        assert "snapshot.json was changed: its SHA-256 is not the manifest's" in findings


def test_a_digit_that_makes_no_number_still_has_its_field_named(folder: Path) -> None:
    path = folder / "snapshot.json"
    document = json.loads(path.read_text())
    assert document["flow"]["records"] >= 10
    changed = f'"records":0{document["flow"]["records"] % 10}'
    path.write_text(re.sub(r'"records":\d+', changed, path.read_text(), count=1))
    findings = standalone.check(folder).findings
    assert "snapshot.json is missing or is no JSON object" in findings
    assert "snapshot.json: the value at /flow/records was changed" in findings


def test_whichever_digit_of_another_file_is_changed_the_file_is_named(folder: Path) -> None:
    dice = random.Random(SEED)
    for path in sorted(folder.rglob("*")):
        if not path.is_file() or path.name in ("snapshot.json", "index.html"):
            continue
        content = path.read_bytes()
        places = [match.start() for match in re.finditer(rb"[0-9]", content)]
        for place in dice.sample(places, min(3, len(places))):
            digit = dice.choice([other for other in b"0123456789" if other != content[place]])
            path.write_bytes(content[:place] + bytes([digit]) + content[place + 1 :])
            name = path.relative_to(folder).as_posix()
            assert any(name in found for found in standalone.check(folder).findings), (name, place)
        path.write_bytes(content)
    assert standalone.check(folder).findings == []


# --- the chain ----------------------------------------------------------------------------------------------


def forged(folder: Path, **changes: object) -> list[str]:
    """The findings about the chain when somebody rewrites it and its hash in the manifest."""
    path = folder / "chain.json"
    chain = json.loads(path.read_text())
    for pointer, value in changes.items():
        place, _, last = pointer.rpartition("__")
        (chain[place] if place else chain)[last] = value
    path.write_text(canonical(chain))
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["files"]["chain.json"] = standalone.digest(path.read_bytes())
    manifest["self_sha256"] = standalone.manifest_digest(manifest)
    (folder / "manifest.json").write_text(canonical(manifest))
    return standalone.check(folder).findings


def chain_of(folder: Path) -> dict[str, object]:
    return json.loads((folder / "chain.json").read_text())  # type: ignore[no-any-return]


def test_a_seal_in_the_middle_cannot_be_exchanged(folder: Path) -> None:
    seals = chain_of(folder)["seals"]
    assert isinstance(seals, list)
    assert forged(folder, seals=[seals[0], "f" * 64, *seals[2:]]) == [
        "chain.json: its head does not follow from the head before it"
    ]


def test_a_line_cannot_be_left_out(folder: Path) -> None:
    seals = chain_of(folder)["seals"]
    assert isinstance(seals, list)
    assert "chain.json: its head does not follow from the head before it" in forged(folder, seals=seals[1:])


def test_the_line_that_binds_the_version_cannot_be_reworded(folder: Path) -> None:
    body = json.loads(chain_of(folder)["opened"]["body"])  # type: ignore[index]
    said = forged(folder, opened__body=canonical(body | {"digest": "0" * 64}))
    assert said == [
        "chain.json: the line it opens is not the one that was sealed",
        "the ledger's line says otherwise than /release/digest of snapshot.json",
    ]


def test_a_chain_from_elsewhere_is_no_proof(folder: Path) -> None:
    shutil.copy(folder.parent / "v1.0" / "chain.json", folder / "chain.json")
    findings = forged(folder)
    assert "chain.json: its head is not the one in /release/ledger_head" in findings
    assert "chain.json: it does not begin at the version before, /release/previous" in findings


def test_the_head_that_the_version_before_printed_is_compared_where_it_stands_beside(folder: Path) -> None:
    manifest = folder.parent / "v1.0" / "manifest.json"
    document = json.loads(manifest.read_text())
    manifest.write_text(canonical(document | {"ledger_head": "0" * 64}))
    assert standalone.check(folder).findings == [
        "chain.json: the head before it is not the one that v1.0 printed"
    ]
    shutil.rmtree(folder.parent / "v1.0")
    found, notes = standalone.check(folder)
    assert found == []
    assert notes == ["v1.0 is not beside this folder: the head it printed was not compared"]


def test_the_chain_opens_nothing_but_the_line_of_the_version(folder: Path) -> None:
    chain = chain_of(folder)
    assert sorted(chain) == ["after", "head", "opened", "schema_id", "seals", "topic"]
    assert json.loads(chain["opened"]["body"])["kind"] == "release"  # type: ignore[index]
    assert b"closed" not in (folder / "chain.json").read_bytes()


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"schema_id":"living-chain/1"}', "[" * 100_000, "\xff"])
def test_a_chain_that_is_none_is_a_finding_not_a_crash(folder: Path, text: str) -> None:
    (folder / "chain.json").write_text(text)
    assert any(found.startswith("chain.json") for found in standalone.check(folder).findings)


@pytest.mark.parametrize("part", ["after", "head", "seals", "opened", "topic"])
@pytest.mark.parametrize("odd", [None, 7, "x", [], {}, [None], {"seq": "1", "hash": []}])
def test_odd_parts_of_a_chain_are_findings_not_crashes(folder: Path, part: str, odd: object) -> None:
    assert forged(folder, **{part: odd})
