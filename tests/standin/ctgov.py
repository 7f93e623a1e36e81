"""ClinicalTrials.gov API v2 over a record set: version, studies, one study; with tokens bound to nothing."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from urllib.parse import urlencode

from tests.standin.ctgov_query import AREAS, PIECES, Query, Unreadable, at, cut_down
from tests.standin.records import RecordSet, Study, by_alias
from tests.standin.reply import Question, Reply, json_bytes, plain

API_VERSION = "2.0.5"
# As the OpenAPI of version 2.0.5 has it: any case, and zeros before the number.
NCT = re.compile(r"^[Nn][Cc][Tt]0*([1-9]\d{0,7})$")
ONLY_IDS = re.compile(r"^[\s,]*(?:NCT\d{8}[\s,]*)+$", re.IGNORECASE)
FILTERS = ("filter.ids", "filter.advanced", "filter.overallStatus")
PLAYED = {
    *(name for name in AREAS if name.startswith("query.")),
    *FILTERS, *(f"postF{name[1:]}" for name in FILTERS),
    "aggFilters", "fields", "sort", "countTotal", "pageSize", "pageToken",
}  # fmt: skip
# Known to the API and not played here: a test that sends one of these must hear of it.
NOT_PLAYED = {
    "format", "markupFormat", "query.patient", "filter.geo", "filter.synonyms", "postFilter.geo",
    "postFilter.synonyms", "geoDecay",
}  # fmt: skip
STATUSES = {
    "ACTIVE_NOT_RECRUITING", "COMPLETED", "ENROLLING_BY_INVITATION", "NOT_YET_RECRUITING", "RECRUITING",
    "SUSPENDED", "TERMINATED", "WITHDRAWN", "AVAILABLE", "NO_LONGER_AVAILABLE", "TEMPORARILY_NOT_AVAILABLE",
    "APPROVED_FOR_MARKETING", "WITHHELD", "UNKNOWN",
}  # fmt: skip
SORTABLE = {
    "LastUpdatePostDate",
    "StudyFirstPostDate",
    "ResultsFirstPostDate",
    "StartDate",
    "EnrollmentCount",
}
REFRESH = time(14)  # about 09:00 US Eastern, Monday to Friday


class Refused(Exception):
    """A 400: its words are the body."""


def refreshed(now: datetime) -> datetime:
    """Return the last refresh at or before a moment."""
    day = now.astimezone(UTC)
    stamp = datetime.combine(day.date(), REFRESH, UTC)
    while stamp > day or stamp.weekday() >= 5:
        stamp = datetime.combine(stamp.date() - timedelta(days=1), REFRESH, UTC)
    return stamp


def current_spelling(text: str) -> str:
    """Return an id as the register writes it, or nothing when it is none."""
    found = NCT.match(text.strip())
    return f"NCT{found[1].zfill(8)}" if found else ""


def _by_field(studies: list[Study], name: str, way: str) -> list[Study]:
    """Sort by a date or a number; studies without one come last, whichever the direction."""
    held = [study for study in studies if at(study.data, PIECES[name])]

    def value(study: Study) -> tuple[int, str]:
        text = str(at(study.data, PIECES[name])[0])
        return (int(text), "") if text.isdecimal() else (0, text)

    return sorted(held, key=value, reverse=way == "desc") + [s for s in studies if s not in held]


class Ctgov:
    """The register as of its last refresh; what appears later waits for the next one."""

    def __init__(self, records: RecordSet) -> None:
        self.records = records
        self.stamp = datetime.min.replace(tzinfo=UTC)
        self._shown: dict[str, Study] = {}
        self._aliases: dict[str, str] = {}

    def move_to(self, now: datetime) -> None:
        """Set the clock."""
        stamp = refreshed(now)
        if stamp != self.stamp:
            self.stamp = stamp
            self._shown = self.records.studies_at(stamp)
            self._aliases = by_alias(self._shown)

    def answer(self, question: Question) -> Reply:
        """Answer by path."""
        tag = f'W/"{self.stamp:%Y%m%dT%H%M%S}"'  # one tag for the whole data set
        path = question.path.partition("/api/v2/")[2].rstrip("/")
        try:
            if path == "version":
                reply = self._version()
            elif path == "studies":
                reply = self._studies(question.params)
            elif path.startswith("studies/"):
                reply = self._study(path.partition("/")[2], question.params)
            else:
                return Reply(
                    404, b"<!DOCTYPE html><html><body>404</body></html>", {"Content-Type": "text/html"}
                )
        except (Refused, Unreadable) as words:
            return plain(str(words), 400)
        if reply.status == 200 and question.headers.get("if-none-match") == tag:
            return Reply(304, b"", {"ETag": tag})
        return reply.with_headers(ETag=tag) if reply.status == 200 else reply

    def _version(self) -> Reply:
        stamp = f"{self.stamp:%Y-%m-%dT%H:%M:%S}"  # UTC, no zone
        return json_bytes(json.dumps({"apiVersion": API_VERSION, "dataTimestamp": stamp}).encode())

    # --- one study

    def _study(self, given: str, params: dict[str, str]) -> Reply:
        nct = current_spelling(given)
        if not nct:
            raise Refused("Parameter `nctId` has incorrect format")
        if nct in self._shown:
            return json_bytes(self._bytes(self._shown[nct], self._fields(params)))
        if nct in self._aliases:
            query = f"?{urlencode(params)}" if params else ""
            return Reply(301, b"", {"Location": f"/api/v2/studies/{self._aliases[nct]}{query}"})
        return plain(f"NCT number {nct} not found", 404)

    # --- many

    def _studies(self, params: dict[str, str]) -> Reply:
        for name in params:
            if name in NOT_PLAYED:
                raise NotImplementedError(f"the stand-in does not play {name}")
            if name not in PLAYED:
                raise Refused(f"`{name}` is unknown parameter")
        found, fields = self._search(params), self._fields(params)
        size = self._size(params.get("pageSize", ""))
        start = self._offset(params.get("pageToken", ""))
        page = found[start : start + size]
        more = b""
        if len(page) == size:  # a full last page still names a next one, which is empty
            more = b',"nextPageToken":"%s"' % base64.urlsafe_b64encode(b"at %d" % (start + size)).rstrip(b"=")
        total = b""
        if params.get("countTotal") == "true" and "pageToken" not in params:
            total = b',"totalCount":%d' % len(found)
        body = b",".join(self._bytes(study, fields) for study in page)
        return json_bytes(b'{"studies":[' + body + b"]" + total + more + b"}")

    def _size(self, text: str) -> int:
        if text and not text.isdecimal():
            raise Refused("Parameter `pageSize` has incorrect format")
        return min(int(text or 0) or 10, 1000)  # lowered without a word

    def _offset(self, token: str) -> int:
        """A token knows its place and nothing of the query it came from."""
        if not token:
            return 0
        try:
            return int(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)).removeprefix(b"at "))
        except ValueError:
            raise Refused("Parameter `pageToken` has incorrect format") from None

    def _search(self, params: dict[str, str]) -> list[Study]:
        queries = {name: params[name] for name in AREAS if name.startswith("query.") and params.get(name)}
        studies = list(self._shown.values())
        for name, text in queries.items():
            test = self._named(text) if ONLY_IDS.match(text) else Query(name, text).test
            studies = [study for study in studies if test(study)]
        if not any(ONLY_IDS.match(text) for text in queries.values()):  # else the API ignores the filters
            for prefix in ("filter.", "postFilter."):
                found = {
                    name.removeprefix(prefix): text for name, text in params.items() if prefix in name[:11]
                }
                studies = self._filtered(studies, found)
        if params.get("aggFilters"):
            studies = self._aggregated(studies, params["aggFilters"])
        return self._sorted(studies, params.get("sort", ""))

    def _named(self, text: str) -> Callable[[Study], bool]:
        wanted = {self._aliases.get(nct, nct) for nct in re.findall(r"NCT\d{8}", text.upper())}
        return lambda study: study.nct in wanted

    def _filtered(self, studies: list[Study], asked: dict[str, str]) -> list[Study]:
        if "ids" in asked:
            wanted = self._ids(asked["ids"])
            studies = [study for study in studies if study.nct in wanted]
        if asked.get("advanced"):
            studies = list(filter(Query("filter.advanced", asked["advanced"]).test, studies))
        if asked.get("overallStatus"):
            wanted = self._statuses(asked["overallStatus"])
            studies = [s for s in studies if wanted & set(map(str, at(s.data, PIECES["OverallStatus"])))]
        return studies

    def _aggregated(self, studies: list[Study], text: str) -> list[Study]:
        """Of all aggregations results alone are played; a key that does not exist finds nothing, with 200."""
        for part in re.split(r"[,|]", text):
            key, _, options = part.partition(":")
            if key in ("status", "phase", "studyType", "sex", "healthy", "docs", "funderType", "ages"):
                raise NotImplementedError(f"the stand-in does not play aggFilters={key}")
            wanted = options.split() if key == "results" else []
            studies = [s for s in studies if ("with" if s.data.get("hasResults") else "without") in wanted]
        return studies

    def _ids(self, text: str) -> list[str]:
        ids = [part.strip() for part in re.split(r"[,|]", text)] if text else []
        spelled = [current_spelling(nct) for nct in ids]
        if "" in spelled:
            raise Refused(f"Item {spelled.index('') + 1} in parameter `filter.ids` has incorrect format")
        return list(dict.fromkeys(self._aliases.get(nct, nct) for nct in spelled))

    def _statuses(self, text: str) -> set[str]:
        asked = set(re.split(r"[,|]", text))
        for status in sorted(asked - STATUSES):
            raise Refused(f"Invalid value in parameter `overallStatus`: `{status}`")
        return asked

    def _sorted(self, studies: list[Study], sort: str) -> list[Study]:
        # No order is promised; this one is neither by id nor by date.
        studies = sorted(studies, key=lambda study: (study.nct[::-1], study.nct))
        items = re.split(r"[,|]", sort) if sort else []
        if len(items) > 2:
            raise Refused("Parameter `sort` has incorrect format")
        for position, item in reversed(list(enumerate(items, start=1))):
            name, _, way = item.partition(":")
            if name == "@relevance":
                continue
            if name not in PIECES or way not in ("", "asc", "desc"):
                raise Refused(f"Item {position} in parameter `sort` has incorrect format")
            if name not in SORTABLE:
                raise Refused("Unsupported sort field type: text")
            studies = _by_field(studies, name, way or ("asc" if name == "EnrollmentCount" else "desc"))
        return studies

    def _fields(self, params: dict[str, str]) -> list[str]:
        names = [name.strip() for name in re.split(r"[,|]", params.get("fields", "")) if name.strip()]
        for name in names:
            if name not in PIECES and name not in PIECES.values():
                raise Refused(f"Parameter 'fields' contains invalid field name: '{name}'")
        return [PIECES.get(name, name) for name in names]

    def _bytes(self, study: Study, fields: list[str]) -> bytes:
        if not fields:
            return study.raw
        return json.dumps(cut_down(study.data, fields), ensure_ascii=False, separators=(",", ":")).encode()
