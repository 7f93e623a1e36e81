"""The package as a whole: its example, its names and what importing it costs."""

import doctest
import importlib
import pkgutil
import subprocess
import sys
from pathlib import Path

import pytest

from living import stats

FOLDER = Path(stats.__path__[0])
MODULES = [name for _, name, _ in pkgutil.iter_modules([str(FOLDER)])]
WITH_EXAMPLES = [name for name in MODULES if ">>>" in (FOLDER / f"{name}.py").read_text(encoding="utf-8")]


@pytest.mark.parametrize("module", WITH_EXAMPLES)
def test_every_example_of_every_module_runs_as_printed(module: str) -> None:
    found = doctest.testmod(importlib.import_module(f"living.stats.{module}"))
    assert (found.attempted > 0, found.failed) == (True, 0)


def test_the_example_of_the_package_runs_as_printed() -> None:
    found = doctest.testmod(stats)
    assert found.attempted >= 4
    assert found.failed == 0


def test_every_exported_name_exists_and_is_explained() -> None:
    for name in stats.__all__:
        assert getattr(getattr(stats, name), "__doc__", None), name


def test_importing_the_package_leaves_the_slow_parts_of_scipy_alone() -> None:
    program = (
        "import sys; from living import stats; print(*(m for m in sys.modules if m.startswith('scipy.')))"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    loaded = run.stdout.split()
    assert "scipy.special" in loaded
    assert not {"scipy.stats", "scipy.optimize", "scipy.integrate"} & set(loaded)
