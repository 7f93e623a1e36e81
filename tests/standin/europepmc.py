"""Europe PMC over a dated set of preprints: search by query and cursor, as the guide of version 6.9 has it.

Made from the public guide and announcements; no live answer was seen. What they do not say is ours: the words
of an error, and that a listing shows the newest version alone (`every_version` shows them all).
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from typing import Any

from tests.standin.lucene import test_of
from tests.standin.records import normal
from tests.standin.reply import Question, Reply, json_bytes

Json = dict[str, Any]
LARGEST_PAGE = 1000
IDS = ("id", "source", "pmid", "pmcid")
MARKUP = re.compile(r"<[^<>]*>")


@dataclass(frozen=True)
class Preprint:
    """One state of one version of a preprint. A later state of the same id replaces it once it appears."""

    id: str
    appears: datetime
    data: Json = field(repr=False, compare=False)
    created: date
    gone: datetime | None = None


def from_europepmc(results: Iterable[Json], appears: datetime | None = None) -> tuple[Preprint, ...]:
    """Take whole records, each shown from `appears` on or from its first indexing."""
    found = []
    for data in results:
        created = date.fromisoformat(data["firstIndexDate"])
        moment = appears or datetime.combine(created, time(), UTC)
        found.append(Preprint(data["id"], moment, data, created))
    return tuple(found)


class EuropePmc:
    """The service as of a moment."""

    def __init__(self, preprints: Iterable[Preprint]) -> None:
        self.preprints = sorted(preprints, key=lambda item: item.appears)
        self.every_version = False
        self.repeats_last_cursor = False
        self._shown: dict[str, Preprint] = {}

    def move_to(self, now: datetime) -> None:
        """Set the clock."""
        latest = {item.id: item for item in self.preprints if item.appears <= now}
        self._shown = {name: one for name, one in latest.items() if one.gone is None or one.gone > now}

    def answer(self, question: Question) -> Reply:
        """Answer by path."""
        if not question.path.endswith("/rest/search"):
            return Reply(404, b"<!DOCTYPE html><html><body>404</body></html>", {"Content-Type": "text/html"})
        params = question.params
        try:
            test = test_of(params.get("query", ""), self._term, "AND")
            start = _place(params.get("cursorMark", "*"))
        except ValueError as fault:
            return json_bytes(
                json.dumps({"version": "6.9", "errCode": 400, "errMsg": str(fault)}).encode(), 400
            )
        found = [item for item in self._listed(params.get("query", "")) if test(item)]
        size = min(int(params.get("pageSize", 25)), LARGEST_PAGE)
        return json_bytes(json.dumps(self._page(params, found, start, size)).encode())

    def _listed(self, query: str) -> list[Preprint]:
        """A version that has been followed by another is found by its id alone."""
        followed = set() if self.every_version else set(self._followed())
        named = set(re.findall(r"EXT_ID:(\w+)", query))
        return [item for name, item in self._shown.items() if name not in followed or name in named]

    def _followed(self) -> Iterable[str]:
        for item in self._shown.values():
            listed = item.data.get("versionList", {}).get("version", [])
            last = max((one["versionNumber"] for one in listed), default=1)
            shown = any(one["versionNumber"] == last and one["id"] in self._shown for one in listed)
            if shown and item.data.get("versionNumber", 1) < last:
                yield item.id

    def _page(self, params: dict[str, str], found: list[Preprint], start: int, size: int) -> Json:
        shown = found[start : start + size]
        whole = params.get("resultType", "lite") == "core"
        results = [
            item.data if whole else {name: item.data[name] for name in IDS if name in item.data}
            for item in shown
        ]
        page: Json = {
            "version": "6.9",
            "hitCount": len(found),
            "request": {
                "queryString": params.get("query", ""),
                "resultType": params.get("resultType", "lite"),
                "cursorMark": params.get("cursorMark", "*").replace("*", "%2A"),
                "pageSize": size,
                "sort": "",
                "synonym": params.get("synonym", "false").lower() in ("true", "y", "yes"),
            },
            "resultList": {"result": results},
        }
        if start + size < len(found):
            page["nextCursorMark"] = _cursor(start + size)
        elif self.repeats_last_cursor and found:
            page["nextCursorMark"] = params.get("cursorMark", "*")
        return page

    def _term(self, token: str) -> Callable[[Preprint], bool]:
        name, colon, value = token.partition(":")
        if not colon:
            return lambda item: normal(token) in _words(item, "title", "abstractText", "keywordList")
        tests: dict[str, Callable[[Preprint], bool]] = {
            "SRC": lambda item: bool(item.data["source"].lower() == value.lower()),
            "EXT_ID": lambda item: item.id == value,
            "TITLE": lambda item: normal(value) in _words(item, "title"),
            "ABSTRACT": lambda item: normal(value) in _words(item, "abstractText"),
            "KW": lambda item: normal(value) in _words(item, "keywordList"),
            "DOI": lambda item: str(item.data.get("doi", "")) == value.strip('"'),
            "CREATION_DATE": lambda item: _within(item.created, value),
            "UPDATE_DATE": lambda item: _within(item.appears.date(), value),
        }
        return tests.get(name.upper(), lambda _item: False)


def _words(item: Preprint, *names: str) -> str:
    said = " ".join(json.dumps(item.data.get(name, ""), ensure_ascii=False) for name in names)
    return normal(MARKUP.sub(" ", said))


def _within(day: date, span: str) -> bool:
    low, _, high = span.strip("[]").partition(" TO ")
    return low <= day.isoformat() <= (high or low)


def _cursor(place: int) -> str:
    return base64.b64encode(b"at %d" % place).decode()


def _place(cursor: str) -> int:
    return 0 if cursor == "*" else int(base64.b64decode(cursor).removeprefix(b"at "))
