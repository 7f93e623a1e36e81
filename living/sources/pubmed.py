"""PubMed through the E-utilities: search by windows, fetch by explicit ids, reconcile, or fail."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from lxml import etree

from living.errors import SourceChanged, SourceDown, SourceError
from living.sources.gateway import Answer, Gateway, Judge, judge_status, with_payload
from living.sources.pubmed_known import unmapped
from living.sources.pubmed_query import missing_clauses
from living.sources.pubmed_xml import PMID, SOURCE, deleted_in, ids_in, parse, refuse
from living.sources.run import Ask, Keep, Page, Run, batches, query_digest, refuse_loss

__all__ = ["deleted_in", "fetch", "parse", "unmapped"]

CEILING = 9_999  # PubMed lists no more, whatever is asked for
BATCH = 200
EMPTY_BATCH = (
    5  # so many ids, and not one of them nor another served: the server is out, they are not all withdrawn
)
FIRST_DAY = date(1900, 1, 1)
FINE = {"No items found."}  # an empty window is an answer


@dataclass(frozen=True)
class _Found:
    """One search: what it counted, what it listed, and how PubMed understood the query."""

    count: int
    ids: tuple[str, ...]
    translation: str
    payload: str


@dataclass
class _Web:
    """The E-utilities as one asker sees them."""

    gateway: Gateway
    base_url: str
    keep: Keep
    identity: Mapping[str, str]
    started_at: int = field(init=False)

    def __post_init__(self) -> None:
        self.started_at = self.gateway.requests

    def ask(self, tool: str, fields: Mapping[str, str], root: str, check: Judge | None = None) -> Answer:
        """Return an answer whose bytes were stored before anything read them, and that passed `check`."""

        def look(answer: Answer) -> None:
            # JSON is never stored: nobody asked for it, and a complaint about the rate quotes the key.
            passing = answer.status == 429 or answer.status >= 500
            kept = "" if passing or answer.body.lstrip()[:1] == b"{" else self.keep(answer)
            try:
                judge(answer, root)
                if check is not None:
                    check(answer)
            except SourceError as fault:
                raise with_payload(fault, kept) from None

        url = f"{self.base_url.rstrip('/')}/{tool}.fcgi"
        return self.gateway.post(SOURCE, url, {**fields, "db": "pubmed", **self.identity}, look)

    @property
    def requests(self) -> int:
        return self.gateway.requests - self.started_at


def fetch(
    gateway: Gateway, base_url: str, ask: Ask, keep: Keep, *, email: str, tool: str, api_key: str = ""
) -> Run:
    """Poll PubMed once. Returns a complete run; anything short of that is a SourceDown or SourceChanged.

    A run with `since` asks two windows, entered and modified, because each misses what the other sees. A
    census lists the whole topic. What is new, modified, named in `refetch`, or known and listed no longer is
    fetched.
    """
    identity = {"tool": tool, "email": email, **({"api_key": api_key} if api_key else {})}
    web = _Web(gateway, base_url, keep, identity)
    topic, listing = _list(web, ask)
    if listing.whole:
        refuse_loss(ask, len(listing.ids))
    unlisted = ask.known.keys() - listing.ids if listing.whole else set()
    asked = () if ask.list_only else _in_order(_wanted(ask, listing, unlisted))
    pages, missing = _fetch_all(web, asked, listing.ids)
    found, gone = _look(web, [pmid for pmid in missing if pmid in ask.look])
    absent = _without(missing, list(found))
    return Run(
        source=ask.source.id,
        listed=_in_order(listing.ids),
        asked=asked,
        absent=absent,
        pages=pages + found,
        gone=gone,
        whole=listing.whole,
        unlisted=_in_order(unlisted - set(absent)),
        windows=tuple(listing.windows),
        counts=listing.counts | _tally(listing.ids, asked, absent),
        translation=topic.translation,
        data_timestamp="",
        requests=web.requests,
        query_digest=query_digest(ask.source),
    )


def _wanted(ask: Ask, listing: _Listing, unlisted: set[str]) -> set[str]:
    """What is new or modified, what is due, and what the full search listed until now and lists no more."""
    due = {pmid for pmid in ask.refetch | ask.look if PMID.match(pmid)}
    return (listing.ids - ask.known.keys()) | listing.modified | due | (unlisted - ask.off)


def _tally(listed: set[str], asked: tuple[str, ...], absent: tuple[str, ...]) -> dict[str, int]:
    return {
        "listed": len(listed),
        "asked": len(asked),
        "received": len(asked) - len(absent),
        "absent": len(absent),
    }


def _in_order(ids: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(ids, key=int))


# --- listing ------------------------------------------------------------------------------------------


@dataclass
class _Listing:
    """All ids that one poll listed, and by which searches."""

    ids: set[str] = field(default_factory=set)
    modified: set[str] = field(default_factory=set)
    windows: list[str] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    whole: bool = False


def _list(web: _Web, ask: Ask) -> tuple[_Found, _Listing]:
    """Search the topic as a whole, which shows how it is understood, and then what the poll needs of it."""
    census = ask.census or ask.since is None
    topic = _search(web, ask.source.query, CEILING if census else 0)
    _recognise(topic, ask)
    listing = _Listing(counts={"topic": topic.count}, whole=census)
    if census:
        listing.ids = _census(web, ask, topic)
        listing.counts["census"] = len(listing.ids)
        listing.windows.append("census")
    if ask.since is not None:
        start, end = ask.since - timedelta(days=ask.source.overlap_days), ask.today + timedelta(days=1)
        entered = _window(web, ask.source.query, "crdt", start, end)
        listing.modified = _window(web, ask.source.query, "mdat", start, end)
        listing.ids |= entered | listing.modified
        listing.counts |= {"crdt": len(entered), "mdat": len(listing.modified)}
        listing.windows += [f"crdt {start}..{end}", f"mdat {start}..{end}"]
    return topic, listing


def _search(web: _Web, term: str, retmax: int) -> _Found:
    """Search until the listing agrees with its own count, as often as the gateway tries."""

    def check(answer: Answer) -> None:
        _found(answer, retmax)

    fields = {"term": term, "retmode": "xml", "retmax": str(retmax)}
    return _found(web.ask("esearch", fields, "eSearchResult", check), retmax)


def _found(answer: Answer, retmax: int) -> _Found:
    """Read a listing. Every warning about our own query is a fault: PubMed answers a broader one instead."""
    result = etree.fromstring(answer.body, _plain_parser())
    said = [" ".join(f"{item.tag} {item.text or ''}".split()) for item in _complaints(result)]
    if said:
        raise SourceChanged(SOURCE, f"did not search for all of our query: {'; '.join(said)}")
    found = _Found(
        count=_number(result, "Count"),
        ids=tuple(item.text or "" for item in result.iterfind("IdList/Id")),
        translation=result.findtext("QueryTranslation") or "",
        payload=answer.sha256,
    )
    odd = [pmid for pmid in found.ids if not PMID.match(pmid)]
    if odd:
        raise SourceChanged(SOURCE, f"listed {odd[0]!r}, which is no PMID")
    if len(set(found.ids)) != min(found.count, retmax):
        raise SourceDown(SOURCE, f"counts {found.count} records and lists {len(set(found.ids))}")
    return found


def _complaints(result: etree._Element) -> list[etree._Element]:
    raised = [*result.iterfind("ErrorList/*"), *result.iterfind("WarningList/*")]
    ceiling = "Restrictions achieved"  # told by the count as well, and handled there
    return [item for item in raised if item.text not in FINE and not (item.text or "").startswith(ceiling)]


def _number(result: etree._Element, name: str) -> int:
    text = (result.findtext(name) or "").strip()
    if not (text.isascii() and text.isdigit()):
        raise SourceChanged(SOURCE, f"a search result without {name}")
    return int(text)


def _recognise(topic: _Found, ask: Ask) -> None:
    """Refuse an answer to another question: each declared clause must stand in PubMed's own reading."""
    missing = missing_clauses(ask.source.clauses, topic.translation)
    if missing:
        what = f"understood the query without {'; '.join(missing)}: {topic.translation}"
        raise SourceChanged(SOURCE, what, payload=topic.payload)


def _census(web: _Web, ask: Ask, topic: _Found) -> set[str]:
    """Return every id of the topic: from the one listing, or by entry date when that is too short."""
    if topic.count <= CEILING:
        return set(topic.ids)
    ids = _window(web, ask.source.query, "crdt", FIRST_DAY, ask.today + timedelta(days=1))
    if len(ids) != topic.count:
        raise SourceDown(SOURCE, f"counts {topic.count} records and lists {len(ids)} by date of entry")
    return ids


def _window(web: _Web, query: str, tag: str, start: date, end: date) -> set[str]:
    """Return the ids of a window of whole days; a window with too many is halved until each part fits.

    One day can see more modified than can be listed, as when headings change: those are listed by their day
    of entry.
    """
    within = f'({query}) AND ("{start:%Y/%m/%d}"[{tag}] : "{end:%Y/%m/%d}"[{tag}])'
    found = _search(web, within, CEILING)
    if found.count <= CEILING:
        return set(found.ids)
    if start >= end and tag != "crdt":
        return _window(web, within, "crdt", FIRST_DAY, end + timedelta(days=1))
    if start >= end:
        raise SourceChanged(SOURCE, f"{found.count} records on the one day {start}: more than can be listed")
    middle = start + (end - start) // 2
    early = _window(web, query, tag, start, middle)
    return early | _window(web, query, tag, middle + timedelta(days=1), end)


# --- fetching -------------------------------------------------------------------------------------------


def _fetch_all(
    web: _Web, asked: tuple[str, ...], listed: set[str]
) -> tuple[tuple[Page, ...], tuple[str, ...]]:
    """Fetch in batches, then ask once more for what did not come: search and fetch are two back ends."""
    pages = _fetch(web, asked)
    missing = _without(asked, pages)
    if missing:
        pages += _fetch(web, missing)
    absent = _without(asked, pages)
    for batch in batches(asked, BATCH):
        if len(batch) >= EMPTY_BATCH and set(batch) <= set(absent) and not _serves(web, listed - set(asked)):
            raise SourceDown(SOURCE, f"served none of {len(batch)} records asked for ({batch[0]} ...)")
    return tuple(page for page in pages if page.ids), absent


def _serves(web: _Web, others: set[str]) -> bool:
    """Whether another record of the listing is served: then those that did not come are not there."""
    return bool(others) and bool(_fetch(web, (min(others),))[0].ids)


def _look(web: _Web, ids: list[str]) -> tuple[tuple[Page, ...], dict[str, str]]:
    """Look for each id by itself: an empty set, where others were served, proves that it is gone."""
    pages, gone = [], {}
    for pmid in ids:
        [page] = _fetch(web, (pmid,))
        if page.ids:
            pages.append(page)
        else:
            gone[pmid] = page.payload
    return tuple(pages), gone


def _fetch(web: _Web, ids: tuple[str, ...]) -> list[Page]:
    pages = []
    for batch in batches(ids, BATCH):
        answer = web.ask("efetch", {"id": ",".join(batch), "retmode": "xml"}, "PubmedArticleSet")
        came = set(ids_in(answer.body))
        pages.append(Page(answer.sha256, tuple(pmid for pmid in batch if pmid in came)))
    return pages


def _without(asked: tuple[str, ...], pages: list[Page]) -> tuple[str, ...]:
    came = {pmid for page in pages for pmid in page.ids}
    return tuple(pmid for pmid in asked if pmid not in came)


# --- judging --------------------------------------------------------------------------------------------


def judge(answer: Answer, root: str) -> None:
    """Judge the body, then the status: an outage can say 200, and a passing fault can say 400."""
    if answer.status == 429:
        judge_status(SOURCE, answer)
    try:
        refuse(answer.body, root)
    except SourceChanged as fault:
        if answer.status >= 500:
            judge_status(SOURCE, answer)
        if answer.status == 400 and re.search(rb"timeout|proxy_stream", answer.body, re.IGNORECASE):
            raise SourceDown(SOURCE, fault.what, payload=fault.payload) from None
        raise
    judge_status(SOURCE, answer)
    try:
        etree.fromstring(answer.body, _plain_parser())
    except etree.XMLSyntaxError as fault:
        raise SourceDown(SOURCE, f"XML that cannot be read: {fault.msg}", payload=answer.sha256) from None


def _plain_parser() -> etree.XMLParser:
    return etree.XMLParser(load_dtd=False, no_network=True, resolve_entities=False, huge_tree=False)
