"""Preprints through Europe PMC: list ids by search, read whole records by id, reconcile, or fail.

Written from the reference guide of the web services, version 6.9, and the announcements of versions 6.6 and
6.9 (stored copies, read in November 2026), and tested against a stand-in made from them. No live answer was
seen.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta

from living.errors import SourceChanged, SourceDown
from living.sources.asker import Asker, Moved, again_if_moved, judge_body_first
from living.sources.bodies import Json, json_object
from living.sources.europepmc_json import (
    PPR,
    PREPRINTS,
    SOURCE,
    first_id,
    ids_of,
    latest_id,
    own_id,
    parse,
    results_in,
    unmapped,
    version_of,
)
from living.sources.gateway import Answer, Gateway
from living.sources.run import Ask, Keep, Page, Run, batches, query_digest, refuse_loss

__all__ = ["fetch", "parse", "unmapped"]

PAGE_SIZE = 1000  # the most that one page holds
BATCH = 50  # ids in one question, whose address stays below two thousand characters
PAGES_AT_MOST = 200  # a listing that does not end is a fault, not a large listing
EMPTY_BATCH = 5  # so many ids, and not one of them served: the service is out, they are not all withdrawn
ONLY_PREPRINTS = f"SRC:{PREPRINTS}"  # journal articles are read from PubMed


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
    """Poll Europe PMC once. Returns a complete run; all short of that is a SourceDown or SourceChanged.

    Every run lists the whole search; one with `since` also asks which entries were created or updated. What
    is new, moved or due is read whole. When the answers contradict each other, all is discarded and begun
    once more. The service needs no identity beyond the User-Agent: `email`, `tool`, `api_key` go nowhere.
    """
    web = Asker(gateway, SOURCE, base_url, keep)
    return again_if_moved(SOURCE, lambda: _crawl(web, ask))


def _crawl(web: Asker, ask: Ask) -> Run:
    query = f"({ask.source.query}) AND {ONLY_PREPRINTS}"
    listed, translation = _list(web, query)
    _recognise(ask, translation)
    refuse_loss(ask, len(listed))
    moved, windows = _window(web, ask, query)
    found = _Found()
    # What is not known is read even for a list alone: its record tells of which preprint it is a version.
    _read(web, (listed - ask.known.keys()) | moved | _due(ask), found)
    keys = found.keys_of(listed)
    refuse_loss(ask, len(keys))
    unlisted = ask.known.keys() - keys
    if ask.list_only:
        found = _Found()
    else:
        _read(web, unlisted - ask.off - found.asked, found)
    gone = _look(web, sorted(found.missing & ask.look), found) if listed else {}
    asked, absent = found.keys_of(found.asked), found.missing
    return Run(
        source=ask.source.id,
        listed=_in_order(keys),
        asked=_in_order(asked),
        absent=_in_order(absent),
        pages=found.pages(),
        windows=("census", *windows),
        counts={
            "census": len(listed),
            "window": len(moved),
            "listed": len(keys),
            "asked": len(asked),
            "received": len(asked) - len(absent),
            "absent": len(absent),
        },
        translation=translation,
        data_timestamp="",
        requests=web.requests,
        query_digest=query_digest(ask.source),
        gone=gone,
        aliases=found.renamed(ask.known),
        whole=True,
        unlisted=_in_order(unlisted - absent),
    )


def _due(ask: Ask) -> set[str]:
    return set() if ask.list_only else {name for name in ask.refetch | ask.look if PPR.match(name)}


def _in_order(ids: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(ids, key=lambda name: int(name.removeprefix(PREPRINTS))))


# --- listing --------------------------------------------------------------------------------------------


def _list(web: Asker, query: str) -> tuple[set[str], str]:
    """Return the ids of a search, as many as it counts, and the query as the service repeats it."""
    ids: set[str] = set()
    count, translation = 0, ""
    for answer, page in _pages(web, query, "idlist"):
        count, translation = page["hitCount"], _understood(page)
        ids |= {own_id(result) for result in results_in(page, answer.sha256)}
    if len(ids) != count:
        raise Moved(f"the service counts {count} preprints and lists {len(ids)}")
    return ids, translation


def _pages(web: Asker, query: str, detail: str) -> Iterator[tuple[Answer, Json]]:
    """Follow the cursor of one search: a page without one, or with the one it was asked by, is the last."""
    cursor, seen = "*", {"*"}
    fixed = {"query": query, "resultType": detail, "format": "json", "synonym": "false"}
    for _ in range(PAGES_AT_MOST):
        answer = web.get("search", {**fixed, "pageSize": str(PAGE_SIZE), "cursorMark": cursor}, judge)
        page = json_object(SOURCE, answer.body)
        yield answer, page
        more = str(page.get("nextCursorMark") or "")
        if not more or more == cursor:
            return
        if more in seen:
            raise SourceDown(SOURCE, "a listing that runs in a circle", payload=answer.sha256)
        seen.add(more)
        cursor = more
    raise SourceDown(SOURCE, f"a listing that has not ended after {PAGES_AT_MOST} pages")


def _understood(page: Json) -> str:
    asked = page.get("request")
    return " ".join(str(asked.get("queryString", "")).split()) if isinstance(asked, dict) else ""


def _recognise(ask: Ask, translation: str) -> None:
    """Refuse an answer to another question: each declared clause must stand in the query that is echoed."""
    missing = [clause for clause in ask.source.clauses if " ".join(clause.split()) not in translation]
    if missing:
        what = f"understood the query without {'; '.join(missing)}: {translation}"
        raise SourceChanged(SOURCE, what)


def _window(web: Asker, ask: Ask, query: str) -> tuple[set[str], tuple[str, ...]]:
    """Return the ids of the search that were created or updated since; whole days, both ends included."""
    if ask.since is None or ask.list_only:
        return set(), ()
    start, end = ask.since - timedelta(days=ask.source.overlap_days), ask.today + timedelta(days=1)
    span = f"[{start} TO {end}]"
    moved, _ = _list(web, f"({query}) AND (CREATION_DATE:{span} OR UPDATE_DATE:{span})")
    return moved, (f"created or updated {start}..{end}",)


# --- reading --------------------------------------------------------------------------------------------


@dataclass
class _Found:
    """Whole records that came. `keys`: of every version's id the id by which the preprint is known here."""

    asked: set[str] = field(default_factory=set)
    came: set[str] = field(default_factory=set)
    keys: dict[str, str] = field(default_factory=dict)
    best: dict[str, tuple[int, str]] = field(default_factory=dict)

    @property
    def missing(self) -> set[str]:
        return self.asked - self.came

    def take(self, results: list[Json], payload: str) -> set[str]:
        """Note the records asked for; return the ids of the higher versions that they name."""
        later = set()
        for result in results:
            names = ids_of(result)
            if not self.asked.intersection(names):
                continue
            self.came |= self.asked.intersection(names)
            self.keys |= dict.fromkeys(names, first_id(result))
            version = version_of(result)
            if version >= self.best.get(first_id(result), (0, ""))[0]:
                self.best[first_id(result)] = version, payload
            later |= {latest_id(result)} - {own_id(result)}
        return later

    def keys_of(self, ids: Iterable[str]) -> set[str]:
        return {self.keys.get(name, name) for name in ids}

    def pages(self) -> tuple[Page, ...]:
        """Return each payload with the preprints whose highest version it holds."""
        held: dict[str, list[str]] = {}
        for key, (_, payload) in self.best.items():
            held.setdefault(payload, []).append(key)
        return tuple(Page(payload, _in_order(keys)) for payload, keys in held.items())

    def renamed(self, known: Iterable[str]) -> dict[str, tuple[str, str]]:
        """Return the known ids that turned out to be later versions of another, with that and the answer."""
        found = {name: self.keys[name] for name in known if self.keys.get(name, name) != name}
        return {name: (key, self.best[key][1]) for name, key in found.items()}


def _read(web: Asker, ids: set[str], found: _Found) -> None:
    """Read whole records by id, once more what did not come, and then any higher version that they name."""
    found.asked |= ids
    later = _batches(web, _in_order(ids), found)
    later |= _batches(web, _in_order(ids - found.came), found)
    newest = {name for name in later if PPR.match(name)} - found.came - found.asked
    if newest:
        found.asked |= newest
        _batches(web, _in_order(newest), found)
        found.asked -= (
            newest - found.came
        )  # named by a record and not served: nothing that we know is missing


def _batches(web: Asker, ids: tuple[str, ...], found: _Found) -> set[str]:
    later: set[str] = set()
    for batch in batches(ids, BATCH):
        named = " OR ".join(f"EXT_ID:{name}" for name in batch)
        for answer, page in _pages(web, f"({named}) AND {ONLY_PREPRINTS}", "core"):
            later |= found.take(results_in(page, answer.sha256), answer.sha256)
        if len(batch) >= EMPTY_BATCH and not found.came.intersection(batch):
            raise SourceDown(SOURCE, f"served none of {len(batch)} preprints it knows ({batch[0]} ...)")
    return later


def _look(web: Asker, ids: list[str], found: _Found) -> dict[str, str]:
    """Look for each id by itself: no hit, in a run in which others were listed, proves that it is gone."""
    gone = {}
    for name in ids:
        for answer, page in _pages(web, f"EXT_ID:{name} AND {ONLY_PREPRINTS}", "core"):
            found.take(results_in(page, answer.sha256), answer.sha256)
            if name not in found.came and page["hitCount"] == 0:
                gone[name] = answer.sha256
    return gone


# --- judging --------------------------------------------------------------------------------------------


def judge(answer: Answer) -> None:
    """Judge the body, then the status: an error can come as a page of the web or as JSON of its own."""
    judge_body_first(SOURCE, answer, lambda body: json_object(SOURCE, body))
    page = json_object(SOURCE, answer.body)
    if "errCode" in page or "errMsg" in page:
        raise SourceChanged(SOURCE, f"an error told as an answer: {str(page.get('errMsg', ''))[:160]}")
    count = page.get("hitCount")
    if not isinstance(count, int) or isinstance(count, bool) or count < 0:
        raise SourceChanged(SOURCE, "a page of results without hitCount")
    results_in(page, answer.sha256)
