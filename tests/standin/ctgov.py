"""ClinicalTrials.gov API v2 over a record set: version, studies, one study; with tokens bound to nothing."""

from __future__ import annotations

import base64
import json
import re
from datetime import UTC, datetime, time, timedelta
from urllib.parse import urlencode

from tests.standin.ctgov_query import AREAS, PIECES, Query, Unreadable, at, cut_down
from tests.standin.records import RecordSet, Study, by_alias
from tests.standin.reply import Question, Reply, json_bytes, plain

API_VERSION = "2.0.5"
NCT = re.compile(r"^NCT\d{8}$")
PARAMETERS = {
    "query.cond", "query.intr", "query.titles", "query.term", "filter.ids", "filter.advanced",
    "filter.overallStatus", "fields", "sort", "countTotal", "pageSize", "pageToken", "format", "markupFormat",
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
        if question.headers.get("if-none-match") == tag:
            return Reply(304, b"", {"ETag": tag})
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
        return reply.with_headers(ETag=tag) if reply.status == 200 else reply

    def _version(self) -> Reply:
        stamp = f"{self.stamp:%Y-%m-%dT%H:%M:%S}"  # UTC, no zone
        return json_bytes(json.dumps({"apiVersion": API_VERSION, "dataTimestamp": stamp}).encode())

    # --- one study

    def _study(self, nct: str, params: dict[str, str]) -> Reply:
        if not NCT.match(nct):
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
            if name not in PARAMETERS:
                raise Refused(f"`{name}` is unknown parameter")
        found, fields = self._search(params), self._fields(params)
        size = min(int(params.get("pageSize", 10)) or 10, 1000)  # lowered without a word
        start = self._offset(params.get("pageToken", ""))
        page = found[start : start + size]
        more = b""
        if len(page) == size:  # a full last page still names a next one, which is empty
            more = b',"nextPageToken":"%s"' % base64.urlsafe_b64encode(b"at %d" % (start + size)).rstrip(b"=")
        total = b""
        if params.get("countTotal") == "true" and not start:
            total = b',"totalCount":%d' % len(found)
        body = b",".join(self._bytes(study, fields) for study in page)
        return json_bytes(b'{"studies":[' + body + b"]" + more + total + b"}")

    def _offset(self, token: str) -> int:
        """A token knows its place and nothing of the query it came from."""
        if not token:
            return 0
        try:
            return int(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)).removeprefix(b"at "))
        except ValueError:
            raise Refused("Parameter `pageToken` has incorrect format") from None

    def _search(self, params: dict[str, str]) -> list[Study]:
        wanted = self._ids(params.get("filter.ids", ""))
        studies = [self._shown[nct] for nct in wanted if nct in self._shown]
        studies = studies if "filter.ids" in params else list(self._shown.values())
        for name in AREAS:
            if params.get(name):
                test = Query(name, params[name]).test
                studies = [study for study in studies if test(study)]
        if statuses := params.get("filter.overallStatus"):
            studies = [
                s for s in studies if at(s.data, PIECES["OverallStatus"])[:1][0] in self._statuses(statuses)
            ]
        return self._sorted(studies, params.get("sort", ""))

    def _ids(self, text: str) -> list[str]:
        ids = [part.strip() for part in re.split(r"[,|]", text)] if text else []
        for position, nct in enumerate(ids, start=1):
            if not NCT.match(nct):
                raise Refused(f"Item {position} in parameter `filter.ids` has incorrect format")
        return list(dict.fromkeys(self._aliases.get(nct, nct) for nct in ids))

    def _statuses(self, text: str) -> set[str]:
        asked = set(re.split(r"[,|]", text))
        for status in sorted(asked - STATUSES):
            raise Refused(f"Invalid value in parameter `overallStatus`: `{status}`")
        return asked

    def _sorted(self, studies: list[Study], sort: str) -> list[Study]:
        if not sort:  # no order is promised; this one is neither by id nor by date
            return sorted(studies, key=lambda study: (study.nct[::-1], study.nct))
        name, _, way = sort.partition(":")
        if name not in PIECES or way not in ("", "asc", "desc"):
            raise Refused("Item 1 in parameter `sort` has incorrect format")
        if name not in SORTABLE:
            raise Refused("Unsupported sort field type: text")
        return sorted(studies, key=lambda s: str(at(s.data, PIECES[name])[:1]), reverse=way == "desc")

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
