"""The invented topic with sources that are searched by hand, and files to hand in."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from living.service.importing import Handed
from tests.fakes import TOY, Home, home_at

SHAPES = Path(__file__).parent / "payloads" / "imports"
SOURCES = """
[[sources]]
id = "embase"
label = "Embase"
kind = "import"
every_hours = 2184
stale_after_hours = 4368
[[sources]]
id = "ictrp"
label = "WHO ICTRP"
kind = "import"
every_hours = 2184
"""


def topic_with_hand_searches(folder: Path) -> Path:
    """Write the invented topic with two more sources, and return its folder."""
    place = folder / "topics" / "toy"
    place.mkdir(parents=True, exist_ok=True)
    text = (TOY / "protocol.toml").read_text(encoding="utf-8")
    (place / "protocol.toml").write_text(text + SOURCES, encoding="utf-8")
    (place / "evidence.toml").write_bytes((TOY / "evidence.toml").read_bytes())
    return place


@contextmanager
def home_with_hand_searches(folder: Path, **settings: Any) -> Iterator[Home]:
    """Open a home of the invented topic that is searched by hand too."""
    place = topic_with_hand_searches(folder)
    with home_at(folder / "home", topics=[place], **settings) as home:
        yield home


def handed(name: str, source: str = "embase", **more: Any) -> Handed:
    """A file of the shapes kept here, with what somebody says of its search."""
    given: dict[str, Any] = {
        "content": (SHAPES / name).read_bytes() if (SHAPES / name).exists() else b"",
        "day": "2026-02-01",
        "strategy": "'invented remedy'/exp AND 'ache'/exp",
        "platform": "Embase.com",
    }
    return Handed(source=source, file=name, **(given | more))
