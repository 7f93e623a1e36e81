"""The map of ARCHITECTURE.md as a test: who may import whom, what stays pure, what stays small.

Each rule is a function from source text to the list of its offences, tried below on small bad examples before
it is held against the service: a rule that cannot fail is not a rule.
"""

import ast
import socket
import sys
import tomllib
from collections.abc import Callable, Iterator
from functools import cache
from graphlib import CycleError, TopologicalSorter
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from jinja2 import Environment, nodes
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
SERVICE = ROOT / "living"
FILES = sorted(SERVICE.rglob("*.py"))
TEMPLATES = sorted(path for path in (ROOT / "templates").rglob("*") if path.is_file())

MAY_IMPORT = {
    "errors": "",
    "model": "errors",
    "stats": "",
    "review": "model stats errors",
    "sources": "model errors",
    "store": "model errors",
    "publish": "review model errors",
    "config": "errors",
    "service": "config errors model stats review sources store publish",
    "web": "service publish config model errors",
    "daemon": "service config model errors",
    "cli": "service config model errors daemon web",  # `living run` starts the metronome and the site
    "__init__": "",
    "__main__": "cli",
}
# The pure rooms, and the two that everybody leans on, name all they may use from outside.
OUTSIDE_ONLY = {
    "errors": set(),
    "model": {"pydantic", "pydantic_core", "annotated_types"},
    "stats": {"numpy", "scipy"},
    # rapidfuzz: slips of the pen in titles are counted by a measure that others have tested.
    "review": {"pydantic", "pydantic_core", "annotated_types", "rapidfuzz"},
    "config": {"pydantic", "pydantic_settings"},
}
# And these libraries have one room each.
AT_HOME = {
    "sqlmodel": "store", "sqlalchemy": "store", "sqlite3": "store", "alembic": "store",
    "requests": "sources", "urllib3": "sources", "Bio": "sources",
    "jinja2": "publish web", "fastapi": "web", "starlette": "web", "uvicorn": "web",
    "smtplib": "publish", "apscheduler": "daemon", "typer": "cli", "rich": "cli",
    "pydantic_settings": "config",
}  # fmt: skip
PURE = {"model", "stats", "review"}
TOO_LONG = 400  # lines; look for the missing room
NO_ROOMS = {"utils", "util", "helpers", "helper", "common", "base", "core", "misc"}


# --- reading code -------------------------------------------------------------------------------------------


def room_of(module: str) -> str:
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else "__init__"


def module_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


@cache
def parsed(source: str) -> ast.Module:
    return ast.parse(source)


@cache
def imports(source: str) -> list[str]:
    """Every imported name in full, `from a import b` as a.b; what only the type checker sees is left out."""
    found: list[str] = []

    def visit(node: ast.AST) -> None:
        match node:
            case ast.If(test=ast.Name("TYPE_CHECKING") | ast.Attribute(attr="TYPE_CHECKING")):
                return
            case ast.Import(names=names):
                found.extend(alias.name for alias in names)
            case ast.ImportFrom(module=module, names=names, level=level):
                found.extend(f"{'.' * level}{module or ''}.{alias.name}" for alias in names)
        for child in ast.iter_child_nodes(node):
            visit(child)

    visit(parsed(source))
    return found


def tops(source: str) -> set[str]:
    return {name.split(".")[0] for name in imports(source)}


def outside(source: str) -> set[str]:
    """The imported libraries that do not come with Python."""
    return tops(source) - set(sys.stdlib_module_names) - {"living"}


def dotted(node: ast.AST) -> str:
    match node:
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=value, attr=attr):
            return f"{dotted(value)}.{attr}"
    return "?"


# --- the rules ----------------------------------------------------------------------------------------------


def wrong_imports(room: str, source: str) -> list[str]:
    assert room in MAY_IMPORT, f"living/{room} is not on the map"
    allowed = {room, "__init__", *MAY_IMPORT[room].split()}
    found = []
    for name in imports(source):
        if name.startswith("."):
            found.append(f"{name} is relative")
        elif name.startswith("living.") and room_of(name) in set(MAY_IMPORT) - allowed:
            found.append(f"{room} may not import {name}")
    for library in sorted(tops(source) & set(AT_HOME) | outside(source)):
        if room in OUTSIDE_ONLY and library not in OUTSIDE_ONLY[room]:
            found.append(f"{room} may not use {library}")
        elif library in AT_HOME and room not in AT_HOME[library].split():
            found.append(f"{library} belongs in {AT_HOME[library]}")
    return found


WORLD = set(
    "asyncio builtins ctypes fcntl getpass glob http io locale logging mmap multiprocessing os platform"
    " random sched secrets select selectors shutil signal smtplib socket sqlite3 ssl subprocess sys tempfile"
    " threading time urllib uuid warnings zoneinfo".split()
)
HARMLESS = {"pathlib.PurePath", "pathlib.PurePosixPath", "urllib.parse"}
CLOCK_OR_LUCK = {"now", "utcnow", "today", "random", "uuid1", "uuid4", "rvs"}
TOUCHES_DISK = set(
    "read_text write_text read_bytes write_bytes mkdir unlink iterdir save savetxt savez load loadtxt memmap"
    " fromfile tofile".split()
)
SEEDED = {"default_rng", "PCG64", "Generator"}
BARE_CALLS = {"open", "print", "input", "exec", "eval", "__import__", "breakpoint"}


def impurities(source: str) -> list[str]:
    """Reaching for a clock, a disk, a network, the environment, luck or the terminal."""
    found = []
    for name in imports(source):
        if name.split(".")[0] in WORLD | {"pathlib"} and not any(name.startswith(fine) for fine in HARMLESS):
            found.append(f"imports {name}")
        if name.startswith("numpy.random"):
            found.append(f"imports {name}")
    tree = parsed(source)
    seeded = {id(node.func.value) for node in ast.walk(tree) if _seeded(node)}
    for node in ast.walk(tree):
        match node:
            case ast.Attribute() if id(node) in seeded:
                continue
            case ast.Attribute(value=ast.Name("np" | "numpy"), attr="random"):
                found.append(f"line {node.lineno}: {dotted(node)}")
            case ast.Attribute(attr=attr) if attr in CLOCK_OR_LUCK | TOUCHES_DISK:
                found.append(f"line {node.lineno}: {dotted(node)}")
            case ast.Call(func=ast.Name(id=name)) if name in BARE_CALLS:
                found.append(f"line {node.lineno}: {name}()")
            case ast.Global():
                found.append(f"line {node.lineno}: global")
    return found


def _seeded(node: ast.AST) -> bool:
    """A generator made from the caller's seed is a function like any other; one without is luck."""
    match node:
        case ast.Call(func=ast.Attribute(value=ast.Attribute(attr="random"), attr=maker), args=[_]):
            return maker in SEEDED
        case _:
            return False


def environment_reads(source: str) -> list[str]:
    found = [name for name in imports(source) if name.startswith("pydantic_settings") or name in ENVIRONMENT]
    return found + [dotted(node) for node in ast.walk(parsed(source)) if dotted(node) in ENVIRONMENT]


ENVIRONMENT = {"os.environ", "os.environb", "os.getenv", "os.putenv"}


def broad_excepts(source: str) -> list[int]:
    """Lines that catch everything, whichever way it is written."""
    everything = {"Exception", "BaseException"}

    def is_broad(kind: ast.expr | None) -> bool:
        match kind:
            case None:
                return True
            case ast.Tuple(elts=kinds):
                return any(is_broad(one) for one in kinds)
        return dotted(kind) in everything

    found = []
    for node in ast.walk(parsed(source)):
        match node:
            case ast.ExceptHandler(type=kind) if is_broad(kind):
                found.append(node.lineno)
            case ast.Call(func=func, args=kinds) if dotted(func).endswith("suppress") and any(
                map(is_broad, kinds)
            ):
                found.append(node.lineno)
    return found


def cycle(sources: dict[str, str]) -> list[str]:
    """The modules of one import cycle, or none. Importing a name from a package is importing the package."""
    graph = {}
    for module, source in sources.items():
        edges = set()
        for name in imports(source):
            edges.add(name if name in sources else name.rpartition(".")[0])
        graph[module] = {edge for edge in edges if edge in sources and edge != module}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as fault:
        return list(fault.args[1])
    return []


ARITHMETIC = (nodes.Add, nodes.Sub, nodes.Mul, nodes.Div, nodes.FloorDiv, nodes.Mod, nodes.Pow)
COMPUTING_FILTERS = set(
    "sort dictsort groupby unique sum min max round int float abs format random shuffle".split()
)


def computations(template: str) -> list[str]:
    """Sums, orders and number formats made by a template; they belong to review and to named filters."""
    tree = Environment(extensions=["jinja2.ext.do", "jinja2.ext.loopcontrols"]).parse(template)
    found = [(node.lineno, type(node).__name__.lower()) for node in tree.find_all(ARITHMETIC)]
    found += [
        (node.lineno, node.name) for node in tree.find_all(nodes.Filter) if node.name in COMPUTING_FILTERS
    ]
    return [f"line {line}: {name}" for line, name in sorted(found)]


def too_long(source: str) -> bool:
    """Past the limit; a list of what a package offers, names and nothing else, has no room to miss."""
    only_names = all(
        isinstance(node, ast.Import | ast.ImportFrom | ast.Expr)
        or (isinstance(node, ast.Assign) and dotted(node.targets[0]) == "__all__")
        for node in parsed(source).body
    )
    return len(source.splitlines()) > TOO_LONG and not only_names


# --- the rules, tried on bad examples -----------------------------------------------------------------------

CAUGHT: list[tuple[Callable[..., object], tuple[object, ...]]] = [
    (wrong_imports, ("model", "from living.store import Ledger")),
    (wrong_imports, ("model", "def late():\n    import living.service.poll")),
    (wrong_imports, ("store", "from living.review.pools import pool")),
    (wrong_imports, ("store", "from living import review")),
    (wrong_imports, ("web", "from living.store.ledger import append")),
    (wrong_imports, ("stats", "import pandas as pd")),
    (wrong_imports, ("review", "import numpy as np")),
    (wrong_imports, ("errors", "import requests")),
    (wrong_imports, ("service", "from sqlalchemy import select")),
    (wrong_imports, ("service", "import sqlite3")),
    (wrong_imports, ("service", "from sqlite3 import connect")),
    (wrong_imports, ("publish", "import requests")),
    (wrong_imports, ("cli", "from jinja2 import Template")),
    (wrong_imports, ("model", "from . import facts")),
    (impurities, ("import time",)),
    (impurities, ("from os import path",)),
    (impurities, ("from pathlib import Path",)),
    (impurities, ("import logging",)),
    (impurities, ("from datetime import datetime\nwhen = datetime.now()",)),
    (impurities, ("import datetime as d\nwhen = d.date.today()",)),
    (impurities, ("from uuid import uuid4",)),
    (impurities, ("import numpy as np\ndice = np.random.default_rng()",)),
    (impurities, ("from numpy.random import default_rng",)),
    (impurities, ("import numpy as np\nx = np.loadtxt('x')",)),
    (impurities, ("text = open('x')",)),
    (impurities, ("print('hello')",)),
    (impurities, ("def f():\n    global seen",)),
    (environment_reads, ("import os\nhome = os.environ['HOME']",)),
    (environment_reads, ("import os\nhome = os.getenv('HOME')",)),
    (environment_reads, ("from os import environ",)),
    (environment_reads, ("from pydantic_settings import BaseSettings",)),
    (broad_excepts, ("try:\n    f()\nexcept Exception:\n    pass",)),
    (broad_excepts, ("try:\n    f()\nexcept:\n    pass",)),
    (broad_excepts, ("try:\n    f()\nexcept (ValueError, BaseException):\n    pass",)),
    (broad_excepts, ("with contextlib.suppress(Exception):\n    f()",)),
    (cycle, ({"a": "import b", "b": "from c import x", "c": "def f():\n    import a"},)),
    (cycle, ({"p": "from p.x import X", "p.x": "from p import Y"},)),
    (computations, ("{{ a + b }}",)),
    (computations, ("{% set y = loop.index0 * 12 %}",)),
    (computations, ("{{ '%.2f' % x }}",)),
    (computations, ("{% for s in studies|sort(attribute='year') %}{% endfor %}",)),
    (computations, ("{{ counts|sum }}",)),
    (computations, ("{{ x|round(1) }}",)),
    (too_long, ("x = 1\n" * 401,)),
]
PASSED: list[tuple[Callable[..., object], tuple[object, ...]]] = [
    (wrong_imports, ("review", "from living.model.facts import Record\nfrom living import __version__")),
    (
        wrong_imports,
        ("store", "import sqlite3\nfrom sqlmodel import Session\nfrom living.model import Record"),
    ),
    (wrong_imports, ("web", "from fastapi import FastAPI\nfrom living.service.queue import queue")),
    (wrong_imports, ("model", "if TYPE_CHECKING:\n    from living.store import Ledger")),
    (impurities, ("from datetime import date\nfrom pathlib import PurePosixPath\nd = date(2026, 1, 1)",)),
    (impurities, ("from urllib.parse import quote",)),
    (impurities, ("import numpy as np\ndef f(seed):\n    return np.random.default_rng(seed)",)),
    (environment_reads, ("import os\nos.replace('a', 'b')",)),
    (broad_excepts, ("try:\n    f()\nexcept (OSError, ValueError):\n    pass",)),
    (cycle, ({"a": "import b\nimport c", "b": "import c", "c": "if TYPE_CHECKING:\n    import a"},)),
    (cycle, ({"p": "from p.x import X", "p.x": "import q", "q": ""},)),
    (
        computations,
        ("{# a + b #}{%- if a > 1 and b is none -%} 1 + 1 {{ 'a - b' }} {{ x|number }}{%- endif -%}",),
    ),
    (too_long, ("x = 1\n" * 400,)),
    (too_long, ("from a import b\n" * 500 + "__all__ = ['b']",)),
]


def label(case: object) -> str | None:
    return case.__name__ if callable(case) else None


@pytest.mark.parametrize(("rule", "arguments"), CAUGHT, ids=label)
def test_a_rule_catches_its_bad_example(rule: Callable[..., object], arguments: tuple[object, ...]) -> None:
    assert rule(*arguments)


@pytest.mark.parametrize(("rule", "arguments"), PASSED, ids=label)
def test_a_rule_lets_a_good_example_pass(rule: Callable[..., object], arguments: tuple[object, ...]) -> None:
    assert not rule(*arguments)


def test_a_connection_beyond_loopback_is_refused_and_loopback_is_not() -> None:
    """The guard in conftest.py; 192.0.2.1 is an address kept for documentation."""
    with socket.socket() as probe:
        probe.settimeout(0.2)
        with pytest.raises(RuntimeError, match="only loopback"):
            probe.connect(("192.0.2.1", 80))
        with pytest.raises(RuntimeError, match="only loopback"):
            socket.getaddrinfo("registry.example", 443)
        with pytest.raises(OSError, match="refused"):  # by nobody listening, not by us
            probe.connect(("127.0.0.1", 1))


# --- the rules, held against the service --------------------------------------------------------------------


def offences(rule: Callable[..., list[object]], files: list[Path]) -> Iterator[str]:
    for path in files:
        for offence in rule(path.read_text(encoding="utf-8")):
            yield f"{path.relative_to(ROOT)}: {offence}"


def in_rooms(rooms: set[str]) -> list[Path]:
    return [path for path in FILES if room_of(module_of(path)) in rooms]


def test_every_import_follows_the_map() -> None:
    found = []
    for path in FILES:
        room = room_of(module_of(path))
        found += [f"{path.relative_to(ROOT)}: {offence}" for offence in wrong_imports(room, path.read_text())]
    assert not found


def test_no_module_is_part_of_an_import_cycle() -> None:
    assert not cycle({module_of(path): path.read_text() for path in FILES})


def test_model_stats_and_review_are_pure() -> None:
    assert not list(offences(impurities, in_rooms(PURE)))


def test_only_config_reads_the_environment() -> None:
    assert not list(offences(environment_reads, in_rooms(set(MAY_IMPORT) - {"config"})))


def test_only_the_top_of_a_daemon_step_catches_everything() -> None:
    found = list(offences(broad_excepts, FILES))
    assert len(found) <= 1, found
    assert all(line.startswith("living/daemon.py:") for line in found), found


def test_every_room_has_a_name_that_says_what_it_is_for() -> None:
    names = {part for path in FILES for part in path.relative_to(SERVICE).with_suffix("").parts}
    assert not names & NO_ROOMS


def test_templates_neither_compute_nor_sort() -> None:
    assert not list(offences(computations, TEMPLATES))


def test_no_file_is_longer_than_a_reader_s_patience() -> None:
    assert not [str(path.relative_to(ROOT)) for path in FILES if too_long(path.read_text())]


def test_every_module_says_in_one_line_what_it_is_for() -> None:
    trees = {path: parsed(path.read_text()) for path in FILES}
    silent = [
        str(path.relative_to(ROOT))
        for path, tree in trees.items()
        if tree.body and not ast.get_docstring(tree)
    ]
    assert not silent


def test_every_library_the_service_imports_is_a_declared_dependency() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    declared = {canonicalize_name(Requirement(line).name) for line in project["dependencies"]}
    # These come with, and are re-exported by, a library that is declared.
    declared |= {"starlette", "pydantic-core", "annotated-types", "urllib3", "markupsafe", "click"}
    owners = packages_distributions()
    used = {library for path in FILES for library in outside(path.read_text())}
    undeclared = {
        lib for lib in used if not declared & {canonicalize_name(name) for name in owners.get(lib, [])}
    }
    assert not undeclared
