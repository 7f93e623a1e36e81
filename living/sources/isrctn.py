"""The ISRCTN registry: one list of all that a search finds, whole, or by days of the last edit.

Written from public descriptions of the register's XML interface, among them readers that other projects keep
against the live register (stored copies, read in November 2026), and tested against a stand-in made from
them. No live answer was seen. What they agree on: the interface knows a query and a limit and ignores all
else, so there are no pages; every entry listed is whole; a filter that it does not understand is dropped
without a word.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from living.errors import SourceChanged, SourceDown
from living.sources.asker import Asker, Moved, again_if_moved, judge_body_first
from living.sources.gateway import Answer, Gateway
from living.sources.isrctn_xml import ISRCTN, SOURCE, edited, entries, isrctn_of, parse, total, unmapped
from living.sources.run import Ask, Keep, Page, Run, batches, query_digest, refuse_loss

__all__ = ["fetch", "parse", "unmapped"]

QUERY = "query/format/default"
LIMIT = 500  # entries of up to 30 KB; more at once would be a large body, and 1,000 is honoured
BATCH = 20  # numbers in one question
FIRST_DAY = date(1999, 1, 1)  # the register is of 2000


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

    Every run lists the whole search, and a listing is all there is to read. Known trials that it does not
    list are asked for by number. The register asks for no identity beyond the User-Agent: `email`, `tool`,
    `api_key` go nowhere.
    """
    web = Asker(gateway, SOURCE, base_url, keep)
    return again_if_moved(SOURCE, lambda: _crawl(web, ask))


def _crawl(web: Asker, ask: Ask) -> Run:
    pages, windows = _list(web, ask.source.query, ask.today)
    listed = {number for page in pages for number in page.ids}
    refuse_loss(ask, len(listed))
    unlisted = ask.known.keys() - listed
    due = {number for number in ask.refetch | ask.look if ISRCTN.match(number)}
    single = set() if ask.list_only else (due | unlisted - ask.off) - listed
    found = _by_number(web, _in_order(single))
    missing = single - {number for page in found for number in page.ids}
    gone = _look(web, _in_order(missing & ask.look), listed)
    asked = set() if ask.list_only else listed | single
    return Run(
        source=ask.source.id,
        listed=_in_order(listed),
        asked=_in_order(asked),
        absent=_in_order(missing),
        pages=() if ask.list_only else (*pages, *found),
        windows=windows,
        counts={
            "census": len(listed),
            "listed": len(listed),
            "asked": len(asked),
            "received": len(asked) - len(missing),
            "absent": len(missing),
        },
        translation="",
        data_timestamp="",
        requests=web.requests,
        query_digest=query_digest(ask.source),
        gone=gone,
        whole=True,
        unlisted=_in_order(unlisted - missing),
    )


def _in_order(numbers: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(numbers))


# --- listing --------------------------------------------------------------------------------------------


def _list(web: Asker, query: str, today: date) -> tuple[tuple[Page, ...], tuple[str, ...]]:
    """Return all that a search finds: from the one listing, or by day of the last edit."""
    answer, count = _search(web, query)
    if count <= LIMIT:
        return (_page(answer, count),), ("census",)
    pages = _between(web, query, FIRST_DAY, today + timedelta(days=1))
    listed = {number for page in pages for number in page.ids}
    if len(listed) != count:
        raise Moved(f"the register counts {count} trials and lists {len(listed)} by day of edit")
    return pages, (f"census by last edit, {len(pages)} parts",)


def _search(web: Asker, query: str) -> tuple[Answer, int]:
    answer = web.get(QUERY, {"q": query, "limit": str(LIMIT)}, judge)
    return answer, total(answer.body)


def _page(answer: Answer, count: int) -> Page:
    numbers = tuple(dict.fromkeys(isrctn_of(entry) for entry in entries(answer.body)))
    if len(numbers) != count:
        raise Moved(f"the register counts {count} trials and lists {len(numbers)}")
    return Page(answer.sha256, numbers)


def _between(web: Asker, query: str, start: date, end: date) -> tuple[Page, ...]:
    """Return the trials last edited in whole days, both ends included; too many are halved until they fit.

    A day without its time is not understood and would be dropped, and the whole register would come instead.
    """
    after = end + timedelta(days=1)
    term = f"({query}) AND lastEdited GE {start}T00:00:00 AND lastEdited LT {after}T00:00:00"
    answer, count = _search(web, term)
    if count <= LIMIT:
        return (_edited_between(answer, count, start, end),)
    if start >= end:
        raise SourceChanged(SOURCE, f"{count} trials edited on the one day {start}: more than can be listed")
    middle = start + (end - start) // 2
    early = _between(web, query, start, middle)
    return early + _between(web, query, middle + timedelta(days=1), end)


def _edited_between(answer: Answer, count: int, start: date, end: date) -> Page:
    for entry in entries(answer.body):
        if not start.isoformat() <= edited(entry)[:10] <= end.isoformat():
            what = (
                f"{isrctn_of(entry)}, edited {edited(entry) or 'at no known time'}, came for {start}..{end}"
            )
            raise SourceChanged(SOURCE, what, payload=answer.sha256)
    return _page(answer, count)


# --- by number ------------------------------------------------------------------------------------------


def _by_number(web: Asker, numbers: tuple[str, ...]) -> tuple[Page, ...]:
    """Return the answers that hold trials asked for. A number finds also the entries that only mention it."""
    pages = []
    for batch in batches(numbers, BATCH):
        answer, _ = _search(web, " OR ".join(batch))
        came = {isrctn_of(entry) for entry in entries(answer.body)}
        held = tuple(number for number in batch if number in came)
        pages += [Page(answer.sha256, held)] if held else []
    return tuple(pages)


def _look(web: Asker, numbers: tuple[str, ...], listed: set[str]) -> dict[str, str]:
    """Look for each number beside one that the register lists: only an answer with that one proves anything.

    The address of a single trial proves nothing: it answers a failure of the server for a number it lacks.
    """
    gone = {}
    for number in numbers if listed else ():
        witness = min(listed)
        answer, _ = _search(web, f"{number} OR {witness}")
        came = {isrctn_of(entry) for entry in entries(answer.body)}
        if witness not in came:
            raise SourceDown(SOURCE, f"lists {witness} and does not find it", payload=answer.sha256)
        if number not in came:
            gone[number] = answer.sha256
    return gone


# --- judging --------------------------------------------------------------------------------------------


def judge(answer: Answer) -> None:
    """Judge the body, then the status: failures come as pages of the web, whatever their status."""
    judge_body_first(SOURCE, answer, total)
