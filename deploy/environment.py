"""Makes .venv hold what the lock says. deploy/env.sh runs it with the system's Python: standard library only.

A stamp inside .venv says which locks filled it. It goes before the first change and comes back after the last
one: a setup that was killed leaves no stamp, and the next start begins a fresh .venv. A setup refused by pip
leaves half a stamp: pip undid what it began (for want of a network, say), and the next start goes on there.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import re
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCKS = {"runtime": "requirements.lock", "dev": "requirements-dev.lock"}
CANNOT_RUN_HERE = 7  # the exit code for "the environment": see deploy/RUNBOOK.md
SAY_AGAIN_AFTER = 15  # seconds between signs of life when the output is a file or a CI log
PIP = ("-m", "pip", "--disable-pip-version-check", "--no-input")


class CannotRun(Exception):
    """Somebody at the keyboard can mend this; the message says how."""


def main(level: str) -> int:
    try:
        ensure(ROOT, level)
    except CannotRun as trouble:
        print(trouble, file=sys.stderr)
        return CANNOT_RUN_HERE
    except OSError as fault:
        print(
            f"{fault.filename} cannot be written ({fault.strerror}).\n"
            "Let this user write there, or copy the checkout to a folder of yours, then start this again.",
            file=sys.stderr,
        )
        return CANNOT_RUN_HERE
    except KeyboardInterrupt:
        print("\nStopped; the next start sets up again.", file=sys.stderr)
        return 130
    return 0


def ensure(root: Path, level: str) -> None:
    if is_current(root, level):
        return
    with only_one(root):
        if not is_current(root, level):  # somebody else may have done it while we waited
            fill(root, level)


def is_current(root: Path, level: str) -> bool:
    """The larger lock contains the smaller one, so a dev environment also serves the runtime."""
    stamp, wanted = read_stamp(root), wanted_stamp(root, level)
    return all(stamp.get(key) == value for key, value in wanted.items()) and can_run(root)


def wanted_stamp(root: Path, level: str) -> dict[str, str]:
    stamp = {
        "place": str(root),
        "project": project_digest(root),
        "runtime": digest(root / "deploy" / LOCKS["runtime"]),
    }
    if level == "dev":
        stamp["dev"] = digest(root / "deploy" / LOCKS["dev"])
    return stamp


def fill(root: Path, level: str) -> None:
    """Bring .venv to the lock: in place when a finished setup left it, from nothing otherwise."""
    before = read_stamp(root)
    if "dev" in before:
        level = "dev"  # never take the test tools away again
    print(
        f"Setting up .venv with Python {sys.version.split()[0]} (once; details in .venv/setup.log)",
        flush=True,
    )
    if before.get("place") == str(root) and can_run(root):
        stamp_path(root).unlink()
    else:
        make_venv(root / ".venv")
    try:
        install(root, level)
    except CannotRun:
        write_stamp(root, {"place": str(root)} | ({"dev": "unknown"} if "dev" in before else {}))
        raise
    write_stamp(root, wanted_stamp(root, level))


def install(root: Path, level: str) -> None:
    python, log = root / ".venv/bin/python", root / ".venv/setup.log"
    log.unlink(missing_ok=True)
    lock = root / "deploy" / LOCKS[level]
    count = len(re.findall(r"^[a-z0-9].*==", lock.read_text(), re.MULTILINE))
    step(f"installing {count} libraries", log, [python, *PIP, "install", "--require-hashes", "-r", lock])
    editable = [python, *PIP, "install", "--no-deps", "--no-build-isolation", "-e", root]
    step("installing living itself", log, editable)


def make_venv(folder: Path) -> None:
    try:
        import ensurepip  # noqa: F401
        import venv  # noqa: F401
    except ImportError:
        name = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"
        raise CannotRun(
            f"{sys.executable} has no venv module.\n"
            f"Install it (Debian, Ubuntu: apt install python3-venv, or {name}), then start this again."
        ) from None
    folder.mkdir(exist_ok=True)
    started = time.monotonic()
    command = [sys.executable, "-m", "venv", "--clear", str(folder)]
    made = subprocess.run(command, capture_output=True, text=True, check=False)
    if made.returncode:
        raise CannotRun(
            "Python could not make .venv. Its last words:\n" + last_words(made.stdout + made.stderr)
        )
    print(f"  making .venv: done in {time.monotonic() - started:.0f} s", flush=True)


def step(title: str, log: Path, command: list[str | Path]) -> None:
    """Run one long command into the log, with one line on the terminal that says how long it has taken."""
    started = time.monotonic()
    is_terminal = sys.stdout.isatty()
    if not is_terminal:
        print(f"  {title} ...", flush=True)
    with log.open("ab") as out:
        child = subprocess.Popen(
            [str(part) for part in command], stdout=out, stderr=out, stdin=subprocess.DEVNULL, close_fds=False
        )
        said = started
        try:
            while (code := poll(child)) is None:
                now = time.monotonic()
                if is_terminal:
                    print(f"\r  {title} ... {now - started:.0f} s", end="", flush=True)
                elif now - said >= SAY_AGAIN_AFTER:
                    print(f"  {title} ... {now - started:.0f} s", flush=True)
                    said = now
        except BaseException:
            child.kill()
            child.wait()
            raise
    start, end = "\r" if is_terminal else "", "stopped after" if code else "done in"
    print(f"{start}  {title}: {end} {time.monotonic() - started:.0f} s", flush=True)
    if code:
        raise CannotRun(explain(title, log.read_text(errors="replace")))


def poll(child: subprocess.Popen[bytes]) -> int | None:
    try:
        return child.wait(timeout=1)
    except subprocess.TimeoutExpired:
        return None


# What pip writes, and what a person can do about it; the first that matches is said.
NOT_REACHED = (
    "NewConnectionError|NameResolutionError|name resolution|ConnectTimeout|ReadTimeout|Read timed out"
    "|ProxyError|Connection refused|Network is unreachable|No matching distribution|Could not find a version"
)
REMEDIES = {
    "DO NOT MATCH THE HASHES": "A file is not the one the lock names. Do not go on: ask who serves it.",
    "No space left on device|Errno 28": "The disk is full: make room, then start this again.",
    "Permission denied|Errno 13|Read-only file system": "The folder cannot be written by this user.",
    "CERTIFICATE_VERIFY_FAILED|SSLError": "The index's certificate was refused: name yours in PIP_CERT.",
    NOT_REACHED: "The package index could not be reached. Check the network or the proxy, then start again\n"
    "(pip's own settings, such as HTTPS_PROXY and PIP_INDEX_URL, are honoured).",
}


def explain(title: str, said: str) -> str:
    remedy = next(
        (words for pattern, words in REMEDIES.items() if re.search(pattern, said)),
        "The whole story is in .venv/setup.log.",
    )
    return f"Setting up stopped at: {title}. pip's last words:\n{last_words(said)}\n{remedy}"


def last_words(said: str, lines: int = 6, width: int = 90) -> str:
    """The end of what was said; repeated attempts count once, and a long line loses its middle."""
    spoken = [line.strip() for line in said.splitlines() if line.strip()]
    retry = "WARNING: Retrying"
    once = [a for a, b in pairwise([*spoken, ""]) if not (a.startswith(retry) and b.startswith(retry))]
    short = [line if len(line) <= 2 * width else f"{line[:width]} ... {line[-width:]}" for line in once]
    return "\n".join(f"  | {line}" for line in short[-lines:])


@contextmanager
def only_one(root: Path) -> Iterator[None]:
    """Two setups of one folder at once would tear it: the second waits until the first is gone.

    pip inherits the lock, so a setup whose parent was killed still counts as running while its pip does.
    """
    with (root / "deploy" / LOCKS["runtime"]).open() as held:
        os.set_inheritable(held.fileno(), True)
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("Another start is setting up .venv; waiting for it.", flush=True)
            fcntl.flock(held, fcntl.LOCK_EX)
        except OSError:
            pass  # a file system without locks, such as some network ones: one person, one start
        yield


def can_run(root: Path) -> bool:
    """A system upgrade may take away the Python that .venv points to."""
    python = root / ".venv" / "bin" / "python"
    test = [str(python), "-c", "import sys; sys.exit(sys.version_info < (3, 11))"]
    return (
        os.access(python, os.X_OK) and subprocess.run(test, check=False, capture_output=True).returncode == 0
    )


def stamp_path(root: Path) -> Path:
    return root / ".venv" / "living-setup.json"


def read_stamp(root: Path) -> dict[str, str]:
    try:
        stamp = json.loads(stamp_path(root).read_text())
    except (OSError, ValueError):
        return {}
    return stamp if isinstance(stamp, dict) else {}


def write_stamp(root: Path, stamp: dict[str, str]) -> None:
    draft = stamp_path(root).with_suffix(".new")
    draft.write_text(json.dumps(stamp, indent=1) + "\n")
    draft.replace(stamp_path(root))


def project_digest(root: Path) -> str:
    """Only what an install reads: a changed linter setting is no reason to install again."""
    content = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    parts = [content["project"], content["build-system"], content.get("tool", {}).get("hatch")]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
