"""Reference files: compared byte for byte, rewritten only on request."""

import difflib
from collections.abc import Callable
from pathlib import Path

import pytest

HERE = Path(__file__).parent
REWRITE = "--rewrite-golden"
MOST_LINES = 60


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        REWRITE, action="store_true", help="write the reference files anew (pytest tests/golden)"
    )


@pytest.fixture
def same_as_golden(request: pytest.FixtureRequest) -> Callable[[str, bytes], None]:
    """Compare bytes with the reference file of that name."""

    def check(name: str, found: bytes) -> None:
        path = HERE / name
        if request.config.getoption(REWRITE, default=False):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(found)
            return
        expected = path.read_bytes() if path.exists() else b""
        if found != expected:
            old, new = (text.decode(errors="replace").splitlines() for text in (expected, found))
            lines = list(difflib.unified_diff(old, new, "golden", "now", lineterm="", n=1))[:MOST_LINES]
            pytest.fail(
                f"{name} changed; pytest tests/golden {REWRITE} accepts it\n" + "\n".join(lines),
                pytrace=False,
            )

    return check
