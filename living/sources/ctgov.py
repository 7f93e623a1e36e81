"""ClinicalTrials.gov API v2: one listing of the whole search, then the full records that moved."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from living.errors import SourceChanged, SourceDown
from living.sources.asker import Asker, Moved, again_if_moved, judge_body_first
from living.sources.bodies import Json
from living.sources.ctgov_json import (
    NCT,
    SOURCE,
    aliases,
    listing,
    nct_id,
    parse,
    read,
    studies_in,
)
from living.sources.ctgov_known import unmapped
from living.sources.gateway import Answer, Gateway
from living.sources.run import Ask, Keep, Page, Run, batches, query_digest, refuse_loss, registry_marker

__all__ = ["fetch", "parse", "unmapped"]

FIELDS = "NCTId,NCTIdAlias,OverallStatus,LastUpdatePostDate,ResultsFirstPostDate,HasResults"
PAGE_SIZE = 1000  # the API lowers more without a word
BATCH = 100
PAGES_AT_MOST = 1000  # a listing that does not end is a fault, not a large listing


def fetch(
    gateway: Gateway,
    base_url: str,
    ask: Ask,
    keep: Keep,
    *,
    email: str = "",
    tool: str = "",
    api_key: str = "",
) -> Run:
    """Poll the register once. Returns a complete run; all short of that is a SourceDown or SourceChanged.

    When the register refreshes its data, or contradicts itself, in the middle, all is discarded and begun
    once more. The API asks for no identity beyond the User-Agent: `email`, `tool`, `api_key` go nowhere.
    """
    web = Asker(gateway, SOURCE, base_url, keep)
    return again_if_moved(SOURCE, lambda: _crawl(web, ask))


def _crawl(web: Asker, ask: Ask) -> Run:
    stamp = _version(web)
    if ask.read == stamp and not (ask.refetch or ask.look or ask.list_only):
        return _nothing_new(web, ask, stamp)
    listed = _list(web, {"query.intr": ask.source.query, "fields": FIELDS})
    windows, counts = ["census"], {"census": len(listed)}
    if ask.since is not None:
        start = ask.since - timedelta(days=ask.source.overlap_days)
        counts["window"] = _cross_check(web, ask.source.query, start, listed)
        windows.append(f"LastUpdatePostDate {start}..")
    refuse_loss(ask, len(listed))
    unlisted = ask.known.keys() - listed.keys()
    asked = () if ask.list_only else _to_fetch(ask, listed, unlisted)
    fetched = _fetch_all(web, asked)
    gone = _look(web, [nct for nct in asked if nct not in fetched.came and nct in ask.look], fetched)
    absent = tuple(nct for nct in asked if nct not in fetched.came)
    if _version(web) != stamp:
        raise Moved("the data were refreshed during the run")
    received = len(asked) - len(absent)
    return Run(
        source=ask.source.id,
        listed=tuple(sorted(listed)),
        asked=asked,
        absent=absent,
        pages=tuple(fetched.pages),
        gone=gone,
        aliases=fetched.aliases,
        whole=True,
        unlisted=tuple(sorted(unlisted - set(absent))),
        windows=tuple(windows),
        counts=counts
        | {"listed": len(listed), "asked": len(asked), "received": received, "absent": len(absent)},
        translation="",
        data_timestamp=stamp,
        requests=web.requests,
        query_digest=query_digest(ask.source),
    )


def _nothing_new(web: Asker, ask: Ask, stamp: str) -> Run:
    """The register has not refreshed its data since they were read completely."""
    return Run(
        source=ask.source.id,
        listed=(),
        asked=(),
        absent=(),
        pages=(),
        windows=(f"dataTimestamp {stamp} unchanged",),
        counts={},
        translation="",
        data_timestamp=stamp,
        requests=web.requests,
        query_digest=query_digest(ask.source),
        fresh=False,
    )


def _ask(web: Asker, path: str, params: Mapping[str, str]) -> tuple[Answer, Json]:
    answer = web.get(path, params, judge)
    return answer, read(answer.body)


def _version(web: Asker) -> str:
    answer, found = _ask(web, "version", {})
    stamp = found.get("dataTimestamp")
    if not isinstance(stamp, str) or not stamp:
        raise SourceChanged(SOURCE, "a version without dataTimestamp", payload=answer.sha256)
    return stamp


# --- listing --------------------------------------------------------------------------------------------


def _list(web: Asker, params: Mapping[str, str]) -> dict[str, Json]:
    """Return every study of a search by id: as many as the first page announces, or the data moved."""
    found: dict[str, Json] = {}
    total = None
    for answer, page in _pages(web, params, PAGE_SIZE):
        total = page.get("totalCount") if total is None else total
        found |= {nct_id(study): study for study in studies_in(page, answer.sha256)}
    if not isinstance(total, int):
        raise SourceChanged(SOURCE, "a listing without totalCount")
    if len(found) != total:
        raise Moved(f"the register counts {total} studies and lists {len(found)}")
    return found


def _pages(web: Asker, params: Mapping[str, str], size: int) -> Iterator[tuple[Answer, Json]]:
    """Follow the tokens of one search. Only a missing token ends it: pages may be short or empty.

    A token sent with other parameters does not fail; it returns other studies. So it never leaves this loop.
    """
    more: dict[str, str] = {"countTotal": "true"}
    tokens = set()
    for _ in range(PAGES_AT_MOST):
        try:
            answer, page = _ask(web, "studies", {**params, "pageSize": str(size), **more})
        except SourceChanged:
            if "pageToken" not in more:
                raise
            # The first page was answered, so it is the token that is refused: how long one lives is unknown.
            raise Moved("the register no longer knows a page that it named") from None
        yield answer, page
        token = page.get("nextPageToken")
        if not token:
            return
        if not isinstance(token, str):
            raise SourceChanged(SOURCE, "a page token that is no text", payload=answer.sha256)
        if token in tokens:
            raise SourceDown(SOURCE, "a listing that runs in a circle", payload=answer.sha256)
        tokens.add(token)
        more = {"pageToken": token}
    raise SourceDown(SOURCE, f"a listing that has not ended after {PAGES_AT_MOST} pages")


def _cross_check(web: Asker, query: str, start: date, listed: Mapping[str, Json]) -> int:
    """Ask for what was updated since; it must be what the listing's own dates say."""
    term = f"AREA[LastUpdatePostDate]RANGE[{start},MAX]"
    window = _list(web, {"query.intr": query, "query.term": term, "fields": FIELDS})
    dated = {nct for nct, study in listed.items() if listing(study)[0] >= start.isoformat()}
    if window.keys() != dated:
        odd = sorted(window.keys() ^ dated)
        raise Moved(f"the window since {start} and the listing disagree about {len(odd)} studies ({odd[0]})")
    return len(window)


def _to_fetch(ask: Ask, listed: Mapping[str, Json], unlisted: set[str]) -> tuple[str, ...]:
    moved = {nct for nct, study in listed.items() if ask.known.get(nct) != _marker(study)}
    due = {nct for nct in ask.refetch | ask.look if NCT.match(nct)}
    return tuple(sorted(moved | due | (unlisted - ask.off)))


def _marker(study: Json) -> str:
    updated, status, has_results = listing(study)
    return registry_marker(updated, status, has_results=has_results)


# --- fetching -------------------------------------------------------------------------------------------


@dataclass
class _Fetched:
    """Full records that came, under which of the ids asked for, and which of those are ids of old."""

    pages: list[Page] = field(default_factory=list)
    came: set[str] = field(default_factory=set)
    aliases: dict[str, tuple[str, str]] = field(default_factory=dict)

    def take(self, studies: list[Json], wanted: set[str], payload: str) -> None:
        """Note the studies asked for; the answer to an alias is the study that it stands for now."""
        ids = []
        for study in studies:
            current = nct_id(study)
            names = {current, *aliases(study)} & wanted
            if names:
                ids.append(current)
                self.came |= names
                self.aliases |= dict.fromkeys(names - {current}, (current, payload))
        if ids:
            self.pages.append(Page(payload, tuple(ids)))


def _fetch_all(web: Asker, asked: tuple[str, ...]) -> _Fetched:
    """Fetch full records in batches, and once more what did not come."""
    fetched = _Fetched()
    for batch in (*batches(asked, BATCH), None):
        wanted = tuple(nct for nct in asked if nct not in fetched.came) if batch is None else batch
        for part in batches(wanted, BATCH):
            for answer, page in _pages(web, {"filter.ids": ",".join(part)}, BATCH):
                fetched.take(studies_in(page, answer.sha256), set(part), answer.sha256)
    return fetched


def _look(web: Asker, ids: list[str], fetched: _Fetched) -> dict[str, str]:
    """Look for each study at its own address. Only the register's own words prove that it is gone."""
    gone = {}
    for nct in ids:
        answer, found = _look_at(web, nct)
        if found is None:
            gone[nct] = answer.sha256
        else:
            fetched.take(studies_in(found, answer.sha256), {nct}, answer.sha256)
    return gone


def _look_at(web: Asker, nct: str) -> tuple[Answer, Json | None]:
    """Return the answer at a study's own address, and the study; None where the register denies it."""

    def judged(answer: Answer) -> None:
        if not _denied(nct, answer):
            judge(answer)

    answer = web.get(f"studies/{nct}", {}, judged)
    return answer, None if _denied(nct, answer) else read(answer.body)


def judge(answer: Answer) -> None:
    """Judge the body, then the status: errors are plain text, and a web page comes from the edge."""
    judge_body_first(SOURCE, answer, read)


def _denied(nct: str, answer: Answer) -> bool:
    """An HTML 404 comes from the edge and denies nothing."""
    return answer.status == 404 and f"NCT number {nct} not found".encode() in answer.body
