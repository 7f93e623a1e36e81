"""The E-utilities over a record set: esearch, efetch, esummary, with their ceilings and their silences."""

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta
from html import escape

from tests.standin.pubmed_query import Index, Misread, Reader, Reading
from tests.standin.records import Article, RecordSet
from tests.standin.reply import Question, Reply, json_bytes, xml

CEILING = 9_999
SEARCH_HEAD = (
    '<?xml version="1.0" encoding="UTF-8" ?>\n'
    '<!DOCTYPE eSearchResult PUBLIC "-//NLM//DTD esearch 20060628//EN" '
    '"https://eutils.ncbi.nlm.nih.gov/eutils/dtd/20060628/esearch.dtd">\n'
)
FETCH_HEAD = (
    b'<?xml version="1.0" ?>\n'
    b'<!DOCTYPE PubmedArticleSet PUBLIC "-//NLM//DTD PubMedArticle, 1st January 2025//EN" '
    b'"https://dtd.nlm.nih.gov/ncbi/pubmed/out/pubmed_250101.dtd">\n<PubmedArticleSet>\n'
)
SUMMARY_HEAD = (
    '<?xml version="1.0" encoding="UTF-8" ?>\n'
    '<!DOCTYPE eSummaryResult PUBLIC "-//NLM//DTD esummary v1 20041029//EN" '
    '"https://eutils.ncbi.nlm.nih.gov/eutils/dtd/20041029/esummary-v1.dtd">\n'
)
# As recorded; the session cookie and ids are ours, and the cookie is for this host, so that a jar takes it.
HEADERS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "X-RateLimit-Limit,X-RateLimit-Remaining",
    "Cache-Control": "private",
    "Connection": "Keep-Alive",
    "Content-Security-Policy": "upgrade-insecure-requests",
    "Keep-Alive": "timeout=4, max=40",
    "NCBI-SID": "STANDIN",
    "NCBI-PHID": "322C000000000000000000000000000.1.1.m_1",
    "Referrer-Policy": "origin-when-cross-origin",
    "Server": "Finatra",
    "Set-Cookie": "ncbi_sid=STANDIN; path=/",
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains; preload",
    "X-UA-Compatible": "IE=Edge",
    "X-XSS-Protection": "1; mode=block",
}


class Eutils:
    """PubMed as it stands at one moment of the clock."""

    def __init__(self, records: RecordSet) -> None:
        self.records = records
        self.index = Index(records)
        self.unknown: set[str] = set()
        self.understood_as: dict[str, str] = {}
        self._at: datetime | None = None
        self._shown: dict[int, Article] = {}
        self._places: dict[str, list[int]] = {}

    def move_to(self, now: datetime) -> None:
        """Set the clock: from here on only what has appeared by then exists."""
        if now == self._at:
            return
        shown = self.records.articles_at(now)
        places: dict[str, list[int]] = {}
        for place, article in shown.items():
            places.setdefault(article.pmid, []).append(place)
        self._shown, self._places, self._at = shown, places, now

    def answer(self, question: Question) -> Reply:
        """Answer by path; everything else is unknown here."""
        tool = question.path.rpartition("/")[2]
        answer = {
            "esearch.fcgi": self.esearch,
            "efetch.fcgi": self.efetch,
            "esummary.fcgi": self.esummary,
        }.get(tool)
        if answer is None:
            return Reply(404, b"<html><body>Not found</body></html>", {"Content-Type": "text/html"})
        reply = answer(question.params)
        return Reply(reply.status, reply.body, HEADERS | reply.headers)

    # --- esearch

    def esearch(self, params: dict[str, str]) -> Reply:
        in_json = params.get("retmode") == "json"
        try:
            retstart, retmax = int(params.get("retstart") or 0), int(params.get("retmax") or 20)
            reading = self._read(params)
        except (Misread, ValueError) as fault:
            return _search_error(f"Search Backend failed: Exception: cannot parse near {fault}", in_json)
        if retstart > CEILING - 1:
            said = "Search Backend failed: Exception: 'retstart' cannot be larger than 9998."
            return _search_error(said, in_json)
        ids = sorted({self.records.articles[place].pmid for place in reading.found}, key=int, reverse=True)
        listed = ids[retstart : min(retstart + retmax, CEILING)]
        if in_json:
            return self._search_json(ids, listed, retstart, retmax, reading)
        return xml(SEARCH_HEAD + self._search_xml(ids, listed, retstart, retmax, reading))

    def _read(self, params: dict[str, str]) -> Reading:
        term = params.get("term", "")
        tag = params.get("datetype", "edat")
        if params.get("mindate") and params.get("maxdate"):  # one alone is no window
            term = f"({term}) AND ({params['mindate']}[{tag}] : {params['maxdate']}[{tag}])"
        elif params.get("reldate") and self._at:
            start = self._at.date() - timedelta(days=int(params["reldate"]))
            term = f"({term}) AND ({start:%Y/%m/%d}[{tag}] : {self._at:%Y/%m/%d}[{tag}])"
        return Reader(self.index, frozenset(self.unknown), frozenset(self._shown), self.understood_as).read(
            term
        )

    def _search_xml(
        self, ids: list[str], listed: list[str], start: int, retmax: int, reading: Reading
    ) -> str:
        id_list = "<IdList>\n" + "".join(f"<Id>{pmid}</Id>\n" for pmid in listed) + "</IdList>"
        errors = "".join(f"<PhraseNotFound>{escape(text)}</PhraseNotFound>" for text in reading.phrases)
        errors += "".join(f"<FieldNotFound>{escape(text)}</FieldNotFound>" for text in reading.fields)
        warnings = "".join(f"<PhraseIgnored>{escape(text)}</PhraseIgnored>" for text in reading.ignored)
        warnings += "".join(
            f"<QuotedPhraseNotFound>&quot;{escape(text)}&quot;</QuotedPhraseNotFound>"
            for text in reading.quoted
        )
        warnings += "".join(f"<OutputMessage>{said}</OutputMessage>" for said in _remarks(ids, start, retmax))
        return (
            f"<eSearchResult><Count>{len(ids)}</Count><RetMax>{len(listed)}</RetMax><RetStart>{start}</RetStart>"
            f"{id_list if listed else '<IdList/>'}<TranslationSet/>"
            f"<QueryTranslation>{escape(reading.translation, quote=False)}</QueryTranslation>"
            + (f"<ErrorList>{errors}</ErrorList>" if errors else "")
            + (f"<WarningList>{warnings}</WarningList>" if warnings else "")
            + "</eSearchResult>\n"
        )

    def _search_json(
        self, ids: list[str], listed: list[str], start: int, retmax: int, reading: Reading
    ) -> Reply:
        result = {
            "count": str(len(ids)),  # strings, as PubMed sends them
            "retmax": str(len(listed)),
            "retstart": str(start),
            "idlist": listed,
            "translationset": [],
            "querytranslation": reading.translation,
            "errorlist": {"phrasesnotfound": reading.phrases, "fieldsnotfound": reading.fields},
            "warninglist": {
                "phrasesignored": reading.ignored,
                "quotedphrasesnotfound": [f'"{text}"' for text in reading.quoted],
                "outputmessages": _remarks(ids, start, retmax),
            },
        }
        return _search_reply(result)

    # --- efetch and esummary

    def efetch(self, params: dict[str, str]) -> Reply:
        if not params.get("id", "").strip():
            return xml("<eFetchResult>\n<ERROR>Supplied id parameter is empty.</ERROR>\n</eFetchResult>\n")
        # A letter is no obstacle: ABC123 is read as 123.
        ids = [str(int(digits[0])) for part in params["id"].split(",") if (digits := re.search(r"\d+", part))]
        if not any(pmid != "0" for pmid in ids):
            said = "ID list is empty! Possibly it has no correct IDs."
            return xml(f"<eFetchResult>\n<ERROR>{said}</ERROR>\n</eFetchResult>\n", 400)
        places = [place for pmid in dict.fromkeys(ids) for place in self._served(pmid)]
        if params.get("retmode") != "xml":  # the default is text
            return _as_text(ids, {self._shown[place].pmid: self._shown[place] for place in places})
        # In another order than asked: newest first.
        places.sort(key=lambda place: int(self._shown[place].pmid), reverse=True)
        body = b"\n".join(self._shown[place].raw for place in places)
        return Reply(
            200, FETCH_HEAD + body + b"\n</PubmedArticleSet>", {"Content-Type": "text/xml; charset=UTF-8"}
        )

    def _served(self, pmid: str) -> list[int]:
        """Return the versions that the fetch server has; it may still lack what the search lists."""
        return [
            place
            for place in self._places.get(pmid, ())
            if (served := self._shown[place].served) is None or (self._at is not None and served <= self._at)
        ]

    def esummary(self, params: dict[str, str]) -> Reply:
        given = [uid for uid in params.get("id", "").split(",") if uid]
        if not given:
            said = "<ERROR>Neither query_key nor id specified</ERROR>"
            return xml(f"{SUMMARY_HEAD}<eSummaryResult>\n\t{said}\n</eSummaryResult>\n")
        titles = {
            uid: self._shown[held[-1]].words["ti"].strip() if (held := self._served(uid)) else None
            for uid in given
            if uid.isdigit()
        }
        bad = [
            f"Invalid uid {uid} at position= {place}" for place, uid in enumerate(given) if not uid.isdigit()
        ]
        return (_summary_json if params.get("retmode") == "json" else _summary_xml)(titles, bad)


def _remarks(ids: list[str], start: int, retmax: int) -> list[str]:
    """Return what a search says of itself besides: that it listed less, or nothing."""
    less = [f"Restrictions achieved. start and count adjusted to {start}, {CEILING}"]
    return (less if retmax > CEILING else []) + ([] if ids else ["No items found."])


def _search_reply(result: dict[str, object]) -> Reply:
    found = {"header": {"type": "esearch", "version": "0.3"}, "esearchresult": result}
    return json_bytes(json.dumps(found).encode())


def _search_error(said: str, in_json: bool) -> Reply:
    if in_json:
        return _search_reply({"ERROR": said})
    return xml(f"{SEARCH_HEAD}<eSearchResult><ERROR>{escape(said, quote=False)}</ERROR></eSearchResult>\n")


def _as_text(ids: list[str], held: dict[str, Article]) -> Reply:
    missing = "id: {0} Error occurred: The following PMID is not available: {0}\n"
    texts = [f"{held[pmid].words['ti'].strip()}\n" if pmid in held else missing.format(pmid) for pmid in ids]
    return Reply(200, "\n".join(texts).encode(), {"Content-Type": "text/plain; charset=UTF-8"})


def _summary_json(titles: dict[str, str | None], bad: list[str]) -> Reply:
    """An unknown id is listed like any other, with an error inside; what is no number, at the top."""
    result: dict[str, object] = {"uids": list(titles)}
    for uid, title in titles.items():
        result[uid] = {"uid": uid} | ({"title": title} if title else {"error": "cannot get document summary"})
    head: dict[str, object] = {"header": {"type": "esummary", "version": "0.3"}}
    return json_bytes(json.dumps(head | ({"error": bad[-1]} if bad else {}) | {"result": result}).encode())


def _summary_xml(titles: dict[str, str | None], bad: list[str]) -> Reply:
    parts = [f"\t<ERROR>{escape(said)}</ERROR>\n" for said in bad]
    for uid, title in titles.items():
        item = f'\t<Item Name="Title" Type="String">{escape(title or "", quote=False)}</Item>\n'
        error = f"\t<ERROR>UID={uid}: cannot get document summary</ERROR>\n"
        parts.append(f"<DocSum>\n\t<Id>{uid}</Id>\n{item}</DocSum>\n" if title else error)
    return xml(f"{SUMMARY_HEAD}<eSummaryResult>\n{''.join(parts)}</eSummaryResult>\n")
