"""The ISRCTN registry over a dated set of trials: one list for a query and a limit, newest first.

Made from public descriptions of the interface, among them readers that other projects keep against the live
register; no live answer was seen. As they say: everything but `q` and `limit` is ignored, plain words are
joined by OR, a field that does not exist finds nothing, a date without its time is no filter, and a number
that the register lacks is a failure of the server at the address of a single trial.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from lxml import etree

from tests.standin.lucene import test_of
from tests.standin.records import normal
from tests.standin.reply import Question, Reply, xml

SPACE = "{http://www.67bricks.com/isrctn}"
HTML = b"<!DOCTYPE html><html><body>An error has occurred</body></html>"
MOMENT = re.compile(r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}")
FIELDS = {
    "title": "trialDescription/title",
    "condition": "conditions/condition/description",
    "intervention": "interventions/intervention",
    "primaryStudyDesign": "trialDesign/primaryStudyDesign",
}


@dataclass(frozen=True)
class Trial:
    """One state of one entry; a later state of the same number replaces it from its own moment on."""

    number: str
    appears: datetime
    edited: str
    raw: str = field(repr=False)
    entry: etree._Element = field(repr=False, compare=False)
    gone: datetime | None = None


def from_isrctn(entries: Iterable[str], appears: datetime | None = None) -> tuple[Trial, ...]:
    """Take entries as the register gives them, each shown from `appears` on, or from its last edit."""
    found = []
    for raw in entries:
        entry = etree.fromstring(f'<all xmlns="{SPACE[1:-1]}">{raw}</all>')[0]
        trial = next(entry.iter(f"{SPACE}trial"))
        edited = trial.get("lastUpdated") or ""
        number = f"ISRCTN{trial.findtext(f'{SPACE}isrctn')}"
        moment = appears or datetime.fromisoformat(edited[:19]).replace(tzinfo=UTC)
        found.append(Trial(number, moment, edited, raw, entry))
    return tuple(found)


class Isrctn:
    """The register as of a moment."""

    def __init__(self, trials: Iterable[Trial]) -> None:
        self.trials = sorted(trials, key=lambda item: item.appears)
        self._shown: dict[str, Trial] = {}

    def move_to(self, now: datetime) -> None:
        """Set the clock."""
        latest = {item.number: item for item in self.trials if item.appears <= now}
        self._shown = {name: one for name, one in latest.items() if one.gone is None or one.gone > now}

    def answer(self, question: Question) -> Reply:
        """Answer by path."""
        path = question.path.partition("/api/")[2]
        if single := re.fullmatch(r"trial/(?:ISRCTN)?(\d{8})/format/default", path):
            held = self._shown.get(f"ISRCTN{single[1]}")
            return xml(_whole(held.raw)) if held else Reply(500, HTML, {"Content-Type": "text/html"})
        if path != "query/format/default":
            return Reply(404, HTML, {"Content-Type": "text/html"})
        if "q" not in question.params:
            return Reply(400, HTML, {"Content-Type": "text/html"})
        try:
            test = test_of(question.params["q"], _term, "OR")
        except ValueError:
            return Reply(500, HTML, {"Content-Type": "text/html"})
        found = [item for item in self._shown.values() if test(item)]
        found.sort(key=lambda item: item.number, reverse=True)
        listed = "".join(item.raw for item in found[: int(question.params.get("limit", 10))])
        return xml(
            f'<?xml version="1.0" encoding="UTF-8"?><allTrials totalCount="{len(found)}" '
            f'xmlns="{SPACE[1:-1]}">{listed}</allTrials>'
        )


def _whole(raw: str) -> str:
    return raw.replace("<fullTrial>", f'<fullTrial xmlns="{SPACE[1:-1]}">', 1)


def _term(token: str) -> Callable[[Trial], bool]:
    if compared := re.fullmatch(r"(\w+) (GE|LE|GT|LT) (\S+)", token):
        return _compared(*compared.groups())
    name, colon, value = token.partition(":")
    if not colon:
        return lambda item: (
            normal(token) in normal(" ".join(map(str, item.entry.itertext())))
            or (token.upper() == item.number)
        )
    place = "/".join(f"{SPACE}{part}" for part in FIELDS.get(name, "none").split("/"))
    return lambda item: any(
        normal(value) in normal(" ".join(map(str, found.itertext())))
        for found in item.entry.iterfind(f"{SPACE}trial/{place}")
    )


def _compared(name: str, sign: str, moment: str) -> Callable[[Trial], bool]:
    if name != "lastEdited" or not MOMENT.match(moment):
        return lambda _item: True  # not understood, and dropped without a word
    tests: dict[str, Callable[[str], bool]] = {
        "GE": lambda edited: edited[:19] >= moment[:19],
        "GT": lambda edited: edited[:19] > moment[:19],
        "LE": lambda edited: edited[:19] <= moment[:19],
        "LT": lambda edited: edited[:19] < moment[:19],
    }
    return lambda item: tests[sign](item.edited)
