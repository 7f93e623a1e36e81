"""The E-utilities over a record set: esearch, efetch, esummary, with their ceilings and their silences."""

from __future__ import annotations

import json
import re
from datetime import datetime
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
# As recorded; the session cookie and ids are ours.
HEADERS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "X-RateLimit-Limit,X-RateLimit-Remaining",
    "Cache-Control": "private",
    "Content-Security-Policy": "upgrade-insecure-requests",
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
        retstart, retmax = int(params.get("retstart", 0)), int(params.get("retmax", 20))
        if retstart > CEILING - 1:
            said = "Search Backend failed: Exception: 'retstart' cannot be larger than 9998."
            return xml(f"{SEARCH_HEAD}<eSearchResult><ERROR>{said}</ERROR></eSearchResult>\n")
        try:
            reading = self._read(params)
        except (Misread, ValueError) as fault:
            said = escape(f"Search Backend failed: Exception: cannot parse near {fault}")
            return xml(f"{SEARCH_HEAD}<eSearchResult><ERROR>{said}</ERROR></eSearchResult>\n")
        ids = sorted({self.records.articles[place].pmid for place in reading.found}, key=int, reverse=True)
        listed = ids[retstart : min(retstart + retmax, CEILING)]
        if params.get("retmode") == "json":
            return self._search_json(ids, listed, retstart, reading)
        return xml(SEARCH_HEAD + self._search_xml(ids, listed, retstart, retmax, reading))

    def _read(self, params: dict[str, str]) -> Reading:
        term = params.get("term", "")
        if params.get("mindate") and params.get("maxdate"):
            tag = params.get("datetype", "edat")
            term = f"({term}) AND ({params['mindate']}[{tag}] : {params['maxdate']}[{tag}])"
        return Reader(self.index, frozenset(self.unknown), frozenset(self._shown)).read(term)

    def _search_xml(
        self, ids: list[str], listed: list[str], start: int, retmax: int, reading: Reading
    ) -> str:
        id_list = "<IdList>\n" + "".join(f"<Id>{pmid}</Id>\n" for pmid in listed) + "</IdList>"
        errors = "".join(f"<PhraseNotFound>{escape(text)}</PhraseNotFound>" for text in reading.phrases)
        errors += "".join(f"<FieldNotFound>{escape(text)}</FieldNotFound>" for text in reading.fields)
        warnings = "".join(
            f"<QuotedPhraseNotFound>&quot;{escape(text)}&quot;</QuotedPhraseNotFound>"
            for text in reading.quoted
        )
        if retmax > CEILING:
            said = f"Restrictions achieved. start and count adjusted to {start}, {CEILING}"
            warnings += f"<OutputMessage>{said}</OutputMessage>"
        if not ids:
            warnings += "<OutputMessage>No items found.</OutputMessage>"
        return (
            f"<eSearchResult><Count>{len(ids)}</Count><RetMax>{len(listed)}</RetMax><RetStart>{start}</RetStart>"
            f"{id_list if listed else '<IdList/>'}<TranslationSet/>"
            f"<QueryTranslation>{escape(reading.translation, quote=False)}</QueryTranslation>"
            + (f"<ErrorList>{errors}</ErrorList>" if errors else "")
            + (f"<WarningList>{warnings}</WarningList>" if warnings else "")
            + "</eSearchResult>\n"
        )

    def _search_json(self, ids: list[str], listed: list[str], start: int, reading: Reading) -> Reply:
        result = {
            "count": str(len(ids)),  # strings, as PubMed sends them
            "retmax": str(len(listed)),
            "retstart": str(start),
            "idlist": listed,
            "querytranslation": reading.translation,
            "errorlist": {"phrasesnotfound": reading.phrases, "fieldsnotfound": reading.fields},
        }
        return json_bytes(json.dumps({"header": {"type": "esearch"}, "esearchresult": result}).encode())

    # --- efetch and esummary

    def efetch(self, params: dict[str, str]) -> Reply:
        if not params.get("id", "").strip():
            return xml("<eFetchResult>\n<ERROR>Supplied id parameter is empty.</ERROR>\n</eFetchResult>\n")
        # A letter is no obstacle: ABC123 is read as 123.
        ids = [str(int(digits[0])) for part in params["id"].split(",") if (digits := re.search(r"\d+", part))]
        if not any(pmid != "0" for pmid in ids):
            said = "ID list is empty! Possibly it has no correct IDs."
            return xml(f"<eFetchResult>\n<ERROR>{said}</ERROR>\n</eFetchResult>\n", 400)
        places = [place for pmid in dict.fromkeys(ids) for place in self._places.get(pmid, ())]
        if params.get("retmode") != "xml":
            return Reply(200, b"text was asked for\n", {"Content-Type": "text/plain; charset=UTF-8"})
        # In another order than asked: newest first.
        places.sort(key=lambda place: int(self._shown[place].pmid), reverse=True)
        body = b"\n".join(self._shown[place].raw for place in places)
        return Reply(
            200, FETCH_HEAD + body + b"\n</PubmedArticleSet>", {"Content-Type": "text/xml; charset=UTF-8"}
        )

    def esummary(self, params: dict[str, str]) -> Reply:
        result: dict[str, object] = {"uids": []}
        found: dict[str, object] = {"header": {"type": "esummary", "version": "0.3"}, "result": result}
        uids = []
        for position, uid in enumerate(params.get("id", "").split(",")):
            if not uid.isdigit():
                found["error"] = f"Invalid uid {uid} at position= {position}"
                continue
            uids.append(uid)
            held = self._places.get(uid)
            missing = {"uid": uid, "error": "cannot get document summary"}
            result[uid] = {"uid": uid, "title": self._shown[held[0]].words["ti"].strip()} if held else missing
        result["uids"] = uids
        return json_bytes(json.dumps(found).encode())
