"""What runs the service: the two commands, the locks, the unit, the container, the proxies, the runbook."""

import os
import re
import shutil
import socket
import subprocess
import sys
import tomllib
from collections.abc import Callable
from configparser import ConfigParser
from itertools import pairwise
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from deploy import environment
from living.config import PREFIX, Settings
from living.errors import Exit

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
SCRIPTS = ["deploy/run", "deploy/env.sh", "deploy/lock", "tests/run", ".ci/run"]
PIN = re.compile(r"^([a-z0-9][a-z0-9._-]*)==(\S+)( ; .+)? \\$")
HASH = re.compile(r"^    --hash=sha256:[0-9a-f]{64}( \\)?$")
Start = Callable[..., subprocess.CompletedProcess[str]]
BASH = shutil.which("bash") or "/bin/bash"


def lines_of(lock: str) -> list[str]:
    return (DEPLOY / lock).read_text().splitlines()


def pins(lock: str) -> dict[str, str]:
    return {pin[1]: pin[2] for line in lines_of(lock) if (pin := PIN.match(line))}


def tool(name: str) -> str:
    place = shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin:/sbin")
    return place or pytest.skip(f"{name} is not installed")


def run(*command: str | Path, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        list(map(str, command)), capture_output=True, text=True, timeout=120, check=False, **more
    )


# --- the locks ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lock", environment.LOCKS.values())
def test_a_lock_holds_nothing_but_pins_and_their_hashes(lock: str) -> None:
    content = lines_of(lock)
    assert not [line for line in content if not PIN.match(line) and not HASH.match(line)]
    for line, following in pairwise([*content, ""]):
        assert not PIN.match(line) or HASH.match(following), line
    assert not {"torch", "jax", "tensorflow"} & set(pins(lock))


def test_the_tests_run_on_the_versions_that_are_deployed() -> None:
    assert pins("requirements.lock").items() <= pins("requirements-dev.lock").items()


def test_every_declared_dependency_is_locked_at_a_version_it_allows() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    wanted = project["project"]["dependencies"] + project["build-system"]["requires"]
    for lock, lines in [
        ("requirements.lock", wanted),
        ("requirements-dev.lock", wanted + project["project"]["optional-dependencies"]["dev"]),
    ]:
        for need in map(Requirement, lines):
            assert need.specifier.contains(pins(lock)[canonicalize_name(need.name)]), need


# --- the two commands ---------------------------------------------------------------------------------------


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Just enough of a checkout to start from, in a folder whose name has a space in it."""
    root = tmp_path / "a checkout"
    (root / "deploy").mkdir(parents=True)
    for name in ("run", "env.sh", "environment.py", *environment.LOCKS.values()):
        shutil.copy(DEPLOY / name, root / "deploy" / name)
    shutil.copy(ROOT / "pyproject.toml", root)
    return root


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A PATH with the few plain tools that the scripts use and no Python."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in ("dirname", "uname"):
        (folder / name).symlink_to(tool(name))
    return folder


@pytest.fixture
def start(checkout: Path, path: Path, tmp_path: Path) -> Start:
    """./deploy/run from another folder with an environment of nothing but PATH."""

    def start(*arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
        return run(
            BASH, checkout / "deploy/run", *arguments, env={"PATH": str(path), **env}, cwd=str(tmp_path)
        )

    return start


def put(path: Path, name: str, script: str) -> None:
    (path / name).write_text(f"#!{BASH}\n{script}\n")
    (path / name).chmod(0o755)


def test_no_python_at_all_is_said_plainly(start: Start) -> None:
    said = start()
    assert said.returncode == Exit.ENVIRONMENT
    assert "needs Python 3.11 or newer; none was found" in said.stderr
    assert "start this again" in said.stderr


def test_an_old_python_is_named(path: Path, start: Start) -> None:
    put(path, "python3", '[ "$1" = -V ] && echo "Python 3.9.2" && exit 0; exit 1')
    said = start()
    assert said.returncode == Exit.ENVIRONMENT
    assert "what is here is Python 3.9.2" in said.stderr


def test_a_shim_that_runs_no_python_is_passed_over(path: Path, start: Start) -> None:
    put(path, "python3.14", "exit 127")
    put(path, "python3", f'[ "$1" = -c ] && exec "{sys.executable}" "$@"; echo "taken: ${{@: -1}}"; exit 5')
    said = start()
    assert "taken: runtime" in said.stdout


def test_a_python_without_venv_says_which_package_has_it(path: Path, tmp_path: Path, start: Start) -> None:
    (tmp_path / "ensurepip.py").write_text("raise ImportError")
    put(path, "python3", f'exec "{sys.executable}" "$@"')
    said = start(PYTHONPATH=str(tmp_path))
    assert said.returncode == Exit.ENVIRONMENT
    assert "apt install python3-venv" in said.stderr
    assert "Traceback" not in said.stderr


def test_a_folder_that_cannot_be_written_is_one_clear_sentence(
    checkout: Path, path: Path, start: Start
) -> None:
    (checkout / ".venv").write_text("in the way")  # root may write anywhere, but not a folder where a file is
    put(path, "python3", f'exec "{sys.executable}" "$@"')
    said = start()
    assert said.returncode == Exit.ENVIRONMENT
    assert "cannot be written" in said.stderr
    assert "Traceback" not in said.stderr


def test_an_unreachable_package_index_ends_with_pip_s_last_words_and_what_to_do(
    checkout: Path, path: Path, start: Start
) -> None:
    put(path, "python3", f'exec "{sys.executable}" "$@"')
    said = start(PIP_CONFIG_FILE=os.devnull, PIP_INDEX_URL="http://127.0.0.1:1/simple", PIP_RETRIES="0")
    assert said.returncode == Exit.ENVIRONMENT
    assert "stopped at: installing" in said.stderr
    assert "could not be reached" in said.stderr
    assert not environment.is_current(checkout, "runtime")
    again = start(PIP_CONFIG_FILE=os.devnull, PIP_INDEX_URL="http://127.0.0.1:1/simple", PIP_RETRIES="0")
    assert "making .venv" not in again.stdout, "pip undid what it began, so nothing needs to be made again"


@pytest.fixture
def ready(checkout: Path, path: Path) -> Path:
    """A checkout whose setup is done, with a Python that prints what it was asked."""
    put(path, "python3", '[ "$1" = -c ] || echo "setup: ${@: -1}"')
    (checkout / ".venv/bin").mkdir(parents=True)
    put(checkout / ".venv/bin", "python", 'echo "$PWD|$LIVING_HOME|$*"')
    return checkout


@pytest.mark.parametrize(
    ("arguments", "asked"),
    [
        ([], "-m living run"),
        (["--port", "9000"], "-m living run --port 9000"),
        (["--replay"], "-m deploy.replay"),
        (["--no-serve", "--replay", "--port", "9000"], "-m deploy.replay --no-serve --port 9000"),
    ],
)
def test_run_starts_the_service_or_the_replay(
    ready: Path, start: Start, arguments: list[str], asked: str
) -> None:
    said = start(*arguments).stdout.splitlines()
    assert said == ["setup: runtime", f"{ready}||{asked}"]


def test_a_relative_living_home_is_relative_to_the_caller(ready: Path, tmp_path: Path, start: Start) -> None:
    assert f"|{tmp_path}/here|" in start(LIVING_HOME="here").stdout


# --- what setup remembers -----------------------------------------------------------------------------------


@pytest.fixture
def finished(checkout: Path) -> Path:
    """A checkout set up for the tests, as its stamp tells."""
    (checkout / ".venv/bin").mkdir(parents=True)
    (checkout / ".venv/bin/python").symlink_to(sys.executable)
    environment.write_stamp(checkout, environment.wanted_stamp(checkout, "dev"))
    return checkout


def test_what_serves_the_tests_also_serves_the_service(finished: Path) -> None:
    assert environment.is_current(finished, "dev")
    assert environment.is_current(finished, "runtime")


def test_what_serves_the_service_does_not_serve_the_tests(finished: Path) -> None:
    environment.write_stamp(finished, environment.wanted_stamp(finished, "runtime"))
    assert environment.is_current(finished, "runtime")
    assert not environment.is_current(finished, "dev")


def test_a_changed_lock_is_noticed(finished: Path) -> None:
    with (finished / "deploy/requirements.lock").open("a") as lock:
        lock.write("\n")
    assert not environment.is_current(finished, "runtime")


def test_a_changed_linter_setting_is_no_reason_to_install_again(finished: Path) -> None:
    project = finished / "pyproject.toml"
    project.write_text(project.read_text().replace("line-length = 110", "line-length = 100"))
    assert environment.is_current(finished, "dev")
    project.write_text(project.read_text().replace('version = "0.1.0"', 'version = "0.2.0"'))
    assert not environment.is_current(finished, "dev")


def test_a_moved_checkout_is_set_up_anew(finished: Path, tmp_path: Path) -> None:
    moved = finished.rename(tmp_path / "moved")
    assert not environment.is_current(moved, "runtime")


def test_a_setup_that_was_killed_is_not_taken_for_a_finished_one(finished: Path) -> None:
    environment.stamp_path(finished).write_text("{")
    assert not environment.is_current(finished, "runtime")


def test_a_python_that_went_away_is_noticed(finished: Path) -> None:
    (finished / ".venv/bin/python").unlink()
    (finished / ".venv/bin/python").symlink_to("/nonexistent/python3")
    assert not environment.is_current(finished, "runtime")


@pytest.mark.parametrize(
    ("said", "remedy"),
    [
        ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE", "Do not go on"),
        ("OSError: [Errno 28] No space left on device", "disk is full"),
        ("NewConnectionError: Failed to establish a new connection", "could not be reached"),
        ("SSLError(SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED]'))", "PIP_CERT"),
        ("ERROR: something new", "setup.log"),
    ],
)
def test_pip_s_trouble_comes_with_what_to_do(said: str, remedy: str) -> None:
    assert remedy in environment.explain("installing", said)


@pytest.mark.parametrize("script", SCRIPTS)
def test_a_script_is_sound_shell(script: str) -> None:
    checked = run(tool("shellcheck"), "--external-sources", script, cwd=str(ROOT))
    assert checked.returncode == 0, checked.stdout


@pytest.mark.parametrize("script", [name for name in SCRIPTS if not name.endswith(".sh")])
def test_a_script_can_be_started(script: str) -> None:
    assert os.access(ROOT / script, os.X_OK)


# --- the unit -----------------------------------------------------------------------------------------------


def unit() -> ConfigParser:
    parsed = ConfigParser(strict=False, interpolation=None)
    parsed.optionxform = str  # type: ignore[method-assign, assignment]
    parsed.read(DEPLOY / "living.service")
    return parsed


def test_the_unit_runs_the_service_under_a_watchdog() -> None:
    service = unit()["Service"]
    assert service["Type"] == "notify"
    assert service["WatchdogSec"]
    assert service["ExecStart"].endswith("/.venv/bin/living run")
    assert service["User"] != "root"
    hopeless = {int(code) for code in service["RestartPreventExitStatus"].split()}
    assert hopeless == {Exit.USAGE, Exit.HELD, Exit.BAD_INPUT}


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("StateDirectory", "living"),
        ("StateDirectoryMode", "0700"),
        ("NoNewPrivileges", "yes"),
        ("ProtectSystem", "strict"),
        ("ProtectHome", "yes"),
        ("PrivateDevices", "yes"),
        ("PrivateTmp", "yes"),
        ("CapabilityBoundingSet", ""),
        ("MemoryDenyWriteExecute", "yes"),
        ("RestrictAddressFamilies", "AF_INET AF_INET6 AF_UNIX"),
    ],
)
def test_the_unit_is_hardened(key: str, value: str) -> None:
    assert unit()["Service"][key] == value


def test_systemd_finds_no_fault_with_the_unit(tmp_path: Path) -> None:
    analyze = tool("systemd-analyze")
    text = (DEPLOY / "living.service").read_text()
    sample = tmp_path / "living.service"
    sample.write_text(re.sub(r"^ExecStart=\S+", "ExecStart=/bin/true", text, flags=re.MULTILINE))
    checked = run(analyze, "verify", sample)
    about_it = [line for line in checked.stderr.splitlines() if "living.service" in line]
    assert not about_it
    exposure = run(analyze, "security", "--offline=true", sample).stdout.split("living.service: ")[-1]
    assert float(exposure.split()[0]) < 2.0, exposure  # systemd's own scale: 10 is an open door


# --- the container ------------------------------------------------------------------------------------------


def test_the_container_installs_by_hash_and_does_not_run_as_root() -> None:
    text = (DEPLOY / "Containerfile").read_text().replace("\\\n", " ")
    steps = [line.split(None, 1) for line in text.splitlines() if line.strip() and not line.startswith("#")]
    names = [name for name, _ in steps]
    assert names.count("FROM") == 2
    assert any(
        "--require-hashes -r deploy/requirements.lock" in rest for name, rest in steps if name == "RUN"
    )
    last = dict(steps[len(names) - names[::-1].index("FROM") :])
    assert last["USER"] not in {"root", "0"}
    assert last["ENTRYPOINT"] == '["living"]'
    assert last["CMD"] == '["run"]'
    assert {"HEALTHCHECK", "VOLUME", "EXPOSE", "STOPSIGNAL"} <= last.keys()


def test_the_container_copies_only_what_exists_and_what_the_ignore_file_lets_through() -> None:
    text = (DEPLOY / "Containerfile").read_text()
    copied = set(" ".join(re.findall(r"^COPY (?!--from)(.+) \S+$", text, re.MULTILINE)).split())
    ignored = (DEPLOY / "Containerfile.dockerignore").read_text()
    let_through = set(re.findall(r"^!(.+)$", ignored, re.MULTILINE))
    assert copied == let_through
    assert not [name for name in copied if not (ROOT / name).exists()]


def test_compose_serves_on_loopback_only_and_keeps_state_in_a_volume() -> None:
    service = yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"]["living"]
    assert (DEPLOY / service["build"]["context"] / service["build"]["dockerfile"]).is_file()
    assert all(port.startswith("127.0.0.1:") for port in service["ports"])
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in service["security_opt"]
    assert service["volumes"] == ["state:/var/lib/living"]


# --- the proxies --------------------------------------------------------------------------------------------


def frozen_pattern() -> re.Pattern[str]:
    found = re.search(r'location ~ "(.+)" \{', (DEPLOY / "nginx.conf").read_text())
    assert found
    return re.compile(found[1])


@pytest.mark.parametrize(
    ("address", "is_frozen"),
    [
        ("/ldn-chronic-pain/v1.0/snapshot.json", True),
        ("/ldn-chronic-pain/v12.3/figures/forest.svg", True),
        ("/ldn-chronic-pain/v1.0/", False),
        ("/ldn-chronic-pain/v1.0/index.html", False),
        ("/ldn-chronic-pain/latest/snapshot.json", False),
        ("/ldn-chronic-pain/status.json", False),
        ("/", False),
    ],
)
def test_the_proxy_keeps_only_what_can_never_change(address: str, is_frozen: bool) -> None:
    assert bool(frozen_pattern().search(address)) is is_frozen


def test_nginx_accepts_its_sample(tmp_path: Path) -> None:
    nginx = tool("nginx")
    sample = (DEPLOY / "nginx.conf").read_text().replace("/var/cache/nginx/living", str(tmp_path / "cache"))
    sample = re.sub(r"listen 443 ssl;|listen 80;", lambda _: f"listen 127.0.0.1:{free_port()};", sample)
    sample = re.sub(r" *ssl_certificate.*;\n", "", sample)  # certificates are the reader's own
    places = "".join(f"{kind}_temp_path {tmp_path / kind};\n" for kind in ("client_body", "proxy", "fastcgi"))
    whole = f"pid {tmp_path}/pid;\nevents {{}}\nhttp {{\naccess_log off;\n{places}{sample}\n}}\n"
    (tmp_path / "nginx.conf").write_text(whole)
    checked = run(nginx, "-t", "-e", tmp_path / "error.log", "-p", tmp_path, "-c", tmp_path / "nginx.conf")
    assert checked.returncode == 0, checked.stderr


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def test_caddy_s_sample_closes_what_it_opens_and_forwards_to_the_service() -> None:
    text = (DEPLOY / "Caddyfile").read_text()
    assert text.count("{") == text.count("}")
    assert "reverse_proxy 127.0.0.1:8080" in text
    pattern = re.search(r"path_regexp (\S+)", text)
    assert pattern
    assert re.search(pattern[1], "/ldn-chronic-pain/v1.0/snapshot.json")
    assert not re.search(pattern[1], "/ldn-chronic-pain/latest/snapshot.json")


# --- the runbook --------------------------------------------------------------------------------------------


def test_the_runbook_explains_every_exit_code() -> None:
    explained = re.findall(r"^\| (\d) \|", (DEPLOY / "RUNBOOK.md").read_text(), re.MULTILINE)
    assert [int(code) for code in explained] == sorted(Exit)


@pytest.mark.parametrize("name", ["living.service", "Containerfile", "compose.yaml", "RUNBOOK.md"])
def test_every_setting_named_in_a_sample_is_a_setting(name: str) -> None:
    named = set(re.findall(r"\bLIVING_[A-Z_]*[A-Z]\b", (DEPLOY / name).read_text()))
    assert named <= {f"{PREFIX}{setting.upper()}" for setting in Settings.model_fields}


def test_the_runbook_names_only_files_that_are_there() -> None:
    text = (DEPLOY / "RUNBOOK.md").read_text()
    named = re.findall(r"(?:\./|-f |`|/opt/living/)(deploy/[\w./-]+|Caddyfile|nginx\.conf)", text)
    assert named
    for name in named:
        assert (ROOT / name).exists() or (DEPLOY / name).exists(), name
