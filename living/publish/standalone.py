"""Check a version folder against its own promises. One file, Python 3.11 or newer, nothing else.

    python verify.py FOLDER

It names every file that is not the manifest's, every value of snapshot.json that was changed (by its JSON
Pointer), and shows that the printed head of the ledger follows from the head of the version before. Where the
`living` package is installed, the schema is checked as well and every result is computed again from its data.
It opens no connection and writes nothing. Exit codes: 0 all is well, 2 wrong usage, 5 something is not.
"""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
import json
import math
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

MANIFEST, SNAPSHOT, CHAIN = "manifest.json", "snapshot.json", "chain.json"
MANIFEST_ID, CHAIN_ID = "living-manifest/1", "living-chain/1"
# Outside the manifest on purpose: the shell is rendered again when a fact about the version changes.
SHELL = "index.html"
POINTER_DIGITS = 16  # enough to name a changed value; the file's own hash is what proves that nothing changed
SIGNIFICANT_DIGITS = 12
DEEPEST = 100  # levels
MOST_NAMED = 20
GENESIS = "0" * 64  # what stands before a ledger's first line
PRINTED = ("version", "digest", "ledger_seq", "ledger_head")
DONE, USAGE, NOT_VERIFIED = 0, 2, 5


class Report(NamedTuple):
    """What was found wrong, and what could not be looked at; nothing found means all is well."""

    findings: list[str]
    notes: list[str]


def check(folder: Path) -> Report:
    """Check hashes, values, digest and chain of a version folder."""
    manifest = read_json(folder / MANIFEST)
    if not isinstance(manifest, dict) or manifest.get("schema_id") != MANIFEST_ID:
        return Report([f"{MANIFEST} is missing or is no {MANIFEST_ID}"], [])
    if not isinstance(manifest.get("files"), dict) or not isinstance(manifest.get("pointers"), dict):
        return Report([f"{MANIFEST} lists no files or no values"], [])
    findings = [*_manifest(folder, manifest), *_files(folder, manifest["files"])]
    findings += _strangers(folder, manifest["files"])
    document = read_json(folder / SNAPSHOT)
    if not isinstance(document, dict):
        findings.append(f"{SNAPSHOT} is missing or is no JSON object")
        return Report(findings + _values(_guessed(folder / SNAPSHOT), manifest["pointers"]), [])
    findings += _values(document, manifest["pointers"])
    if _bytes(folder / SNAPSHOT) != encoded(canonical(rounded(document))):
        findings.append(f"{SNAPSHOT} is not in canonical form")
    findings += _provenance(document, manifest)
    notes: list[str] = []
    findings += _chain(folder, document, notes)
    return Report(findings, notes)


# --- JSON ---------------------------------------------------------------------------------------------------


def canonical(value: object) -> str:
    """Return the one JSON text of a value: sorted keys, UTF-8, no spaces, no NaN."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def rounded(value: Any) -> Any:
    """Return a JSON value with every float at the published 12 significant digits."""
    if isinstance(value, float):
        return float(f"{value:.{SIGNIFICANT_DIGITS}g}") + 0.0
    if isinstance(value, dict):
        return {key: rounded(item) for key, item in value.items()}
    if isinstance(value, list):
        return [rounded(item) for item in value]
    return value


def digest(text: str | bytes) -> str:
    """Return the SHA-256 of a text (as UTF-8) or of bytes, in hexadecimal."""
    return hashlib.sha256(encoded(text) if isinstance(text, str) else text).hexdigest()


def encoded(text: str) -> bytes:
    """Return a text as UTF-8, also one that somebody put half a character into."""
    return text.encode("utf-8", "surrogatepass")


def pointers(document: object) -> dict[str, str]:
    """Return a hash for every leaf of a JSON document, by its JSON Pointer (RFC 6901)."""
    return {pointer: _leaf(value) for pointer, value in _leaves(document, "")}


def manifest_digest(manifest: dict[str, Any]) -> str:
    """Return the digest of a manifest: SHA-256 of all but `self_sha256`, canonical."""
    return digest(canonical({key: value for key, value in manifest.items() if key != "self_sha256"}))


def evidence_digest(document: dict[str, Any]) -> str:
    """Return the digest of a snapshot document: SHA-256 of all but `release`, canonical and rounded."""
    return digest(canonical(rounded({key: item for key, item in document.items() if key != "release"})))


def read_json(path: Path) -> Any:
    """Return what a file holds, or None where it is no JSON or no file of ours is nested so deep.

    No number in it is infinite.
    """
    try:
        found = json.loads(path.read_bytes(), parse_float=_finite, parse_constant=_finite)
    except (OSError, ValueError, RecursionError):
        return None
    return None if _too_deep(found) else found


def _too_deep(document: Any) -> bool:
    level: list[Any] = [[document]]
    for _ in range(DEEPEST):
        inner = (item.values() if isinstance(item, dict) else item for item in level)
        level = [item for items in inner for item in items if isinstance(item, (dict, list))]
        if not level:
            return False
    return True


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(text)
    return value


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|-?[0-9][0-9.eE+-]*')
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")


def _guessed(path: Path) -> Any:
    """Read a document in which a changed digit made a number that is none (02, 1e999), to name its place."""
    text = _bytes(path).decode("utf-8", "replace")
    try:
        found = json.loads(_TOKEN.sub(_readable, text))
    except (ValueError, RecursionError):
        return None
    return None if _too_deep(found) else found


def _readable(token: re.Match[str]) -> str:
    text = token.group()
    good = text.startswith('"') or (_NUMBER.fullmatch(text) and math.isfinite(float(text)))
    return text if good else json.dumps(text)


def _leaf(value: object) -> str:
    return digest(json.dumps(value, ensure_ascii=False))[:POINTER_DIGITS]


def _leaves(value: object, pointer: str) -> Iterator[tuple[str, object]]:
    """Walk to every scalar and every empty container: an emptied list must be noticed as well."""
    if isinstance(value, dict) and value:
        for key, item in value.items():
            yield from _leaves(item, f"{pointer}/{key.replace('~', '~0').replace('/', '~1')}")
    elif isinstance(value, list) and value:
        for index, item in enumerate(value):
            yield from _leaves(item, f"{pointer}/{index}")
    else:
        yield pointer, value


# --- files and values ---------------------------------------------------------------------------------------


def _manifest(folder: Path, manifest: dict[str, Any]) -> Iterator[str]:
    if manifest.get("self_sha256") != manifest_digest(manifest):
        yield f"{MANIFEST} was changed: its own SHA-256 is not what it says"
    elif _bytes(folder / MANIFEST) != encoded(canonical(manifest)):
        yield f"{MANIFEST} is not in canonical form"


def _files(folder: Path, promised: dict[str, str]) -> Iterator[str]:
    for name, expected in sorted(promised.items()):
        there = folder / name
        if not there.resolve().is_relative_to(folder.resolve()):
            yield f"{name} lies outside the version folder"
        elif not there.is_file():
            yield f"{name} is missing"
        elif digest(_bytes(there)) != expected:
            yield f"{name} was changed: its SHA-256 is not the manifest's"


def _strangers(folder: Path, promised: dict[str, str]) -> Iterator[str]:
    for there in sorted(folder.rglob("*")):
        name = there.relative_to(folder).as_posix()
        if there.is_file() and name not in (*promised, MANIFEST, SHELL):
            yield f"{name} is in the folder and not in the manifest"


def _values(document: Any, promised: dict[str, str]) -> list[str]:
    """Name the values that are not those the manifest was made from."""
    if not isinstance(document, dict):
        return []
    found = pointers(document)
    changed = [
        f"{SNAPSHOT}: the value at {pointer} was changed"
        for pointer in found
        if pointer in promised and promised[pointer] != found[pointer]
    ]
    gone = [f"{SNAPSHOT}: the value at {pointer} is gone" for pointer in promised if pointer not in found]
    new = [f"{SNAPSHOT}: the value at {pointer} was added" for pointer in found if pointer not in promised]
    every = changed + new + gone
    more = [f"{SNAPSHOT}: and {len(every) - MOST_NAMED} more"] if len(every) > MOST_NAMED else []
    return every[:MOST_NAMED] + more


def _provenance(document: dict[str, Any], manifest: dict[str, Any]) -> Iterator[str]:
    release = document.get("release")
    if not isinstance(release, dict):
        yield f"{SNAPSHOT} names no version"
        return
    if release.get("digest") != evidence_digest(document):
        yield "the digest in /release/digest is not that of the evidence"
    for name in PRINTED:
        if manifest.get(name) != release.get(name):
            yield f"{MANIFEST} and /release/{name} of {SNAPSHOT} differ"


# --- the chain ----------------------------------------------------------------------------------------------


def _chain(folder: Path, document: dict[str, Any], notes: list[str]) -> Iterator[str]:
    """The head that the version prints follows from the one before it, and binds this very evidence."""
    chain, release = read_json(folder / CHAIN), document.get("release")
    if not isinstance(chain, dict) or chain.get("schema_id") != CHAIN_ID:
        yield f"{CHAIN} is missing or is no {CHAIN_ID}"
        return
    after, head, line = (_object(chain.get(name)) for name in ("after", "head", "opened"))
    seals = chain.get("seals")
    if not (isinstance(release, dict) and isinstance(seals, list) and isinstance(after.get("seq"), int)):
        yield f"{CHAIN} lacks a part"
        return
    found = after.get("hash")
    for seq, seal in enumerate(seals, after["seq"] + 1):
        found = _linked(chain.get("topic"), seq, found, seal)
    if found != head.get("hash") or head.get("seq") != after["seq"] + len(seals):
        yield f"{CHAIN}: its head does not follow from the head before it"
    if (head.get("seq"), head.get("hash")) != (release.get("ledger_seq"), release.get("ledger_head")):
        yield f"{CHAIN}: its head is not the one in /release/ledger_head"
    if not seals or _sealed(line) != seals[-1] or line.get("seq") != head.get("seq"):
        yield f"{CHAIN}: the line it opens is not the one that was sealed"
    yield from _bound(line, chain.get("topic"), document)
    yield from _before(folder, after, release, notes)


def _object(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _linked(topic: object, seq: int, prev: object, seal: object) -> str:
    return digest(canonical({"prev": prev, "seal": seal, "seq": seq, "topic": topic}))


def _sealed(line: dict[str, Any]) -> str:
    """The body is spliced in as the text that it is stored as."""
    parts = {name: canonical(value) for name, value in line.items()} | {"body": str(line.get("body"))}
    return digest("{" + ",".join(f'"{name}":{parts[name]}' for name in sorted(parts)) + "}")


def _bound(line: dict[str, Any], topic: object, document: dict[str, Any]) -> Iterator[str]:
    """The ledger's own line gives the number to the digest of this evidence, with what the version states."""
    release = document["release"]
    try:
        body = json.loads(line["body"])
        said = {
            "version": f"v{body['major']}.{body['minor']}",
            "at": line["at"],
            "date": line["at"][:10],
            **{name: body[name] for name in ("digest", "previous", "decision", "searched", "replay")},
        }
    except (KeyError, TypeError, ValueError, RecursionError):
        yield f"{CHAIN}: the line it opens binds no version"
        return
    if topic != document.get("topic") or line.get("topic") != topic:
        yield f"{CHAIN}: it is the chain of another topic"
    for name, value in said.items():
        if canonical(rounded(value)) != canonical(rounded(release.get(name))):
            yield f"the ledger's line says otherwise than /release/{name} of {SNAPSHOT}"


def _before(folder: Path, after: dict[str, Any], release: dict[str, Any], notes: list[str]) -> Iterator[str]:
    """Compare with the version before where its folder stands beside this one."""
    previous = release.get("previous")
    if after.get("version") != previous:
        yield f"{CHAIN}: it does not begin at the version before, /release/previous"
    if not previous:
        if (after.get("seq"), after.get("hash")) != (0, GENESIS):
            yield f"{CHAIN}: the first version's chain does not begin at the first line"
        return
    name = str(previous)
    beside = (
        read_json(folder.resolve().parent / name / MANIFEST) if re.fullmatch(r"v\d+\.\d+", name) else None
    )
    if not isinstance(beside, dict):
        notes.append(f"{name} is not beside this folder: the head it printed was not compared")
    elif (beside.get("ledger_seq"), beside.get("ledger_head")) != (after.get("seq"), after.get("hash")):
        yield f"{CHAIN}: the head before it is not the one that {name} printed"


# --- the rest, where `living` is installed ------------------------------------------------------------------


def check_all(folder: Path) -> Report:
    """Check a folder; with `living` at hand also its form and every result."""
    report = check(folder)
    if importlib.util.find_spec("living") is None:
        skipped = "skipped: schema and results; `living` is not installed here, and they need it"
        return Report(report.findings, [*report.notes, skipped])
    more = importlib.import_module("living.publish.verify")
    return Report([*report.findings, *more.computed_again(folder)], report.notes)


def main(arguments: Sequence[str]) -> int:
    """Check the folder that is named and print what was found."""
    folders = [Path(item) for item in arguments if not item.startswith("-")]
    if len(folders) != 1 or len(arguments) != 1 or not folders[0].is_dir():
        print("usage: python verify.py FOLDER, the folder of one version", file=sys.stderr)
        return USAGE
    report = check_all(folders[0])
    for line in (*report.findings, *report.notes):
        print(line)
    print(f"{len(report.findings)} findings." if report.findings else "All is well.")
    return NOT_VERIFIED if report.findings else DONE


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
