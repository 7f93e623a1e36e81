"""Facts of watching: what a source shows no more, how it is searched, and what was searched by hand."""

from __future__ import annotations

from typing import Literal

from pydantic import model_validator

from living.model.values import Count, Day, Exact, RecordKey, Sha256, Slug, Text, Value


class Sighting(Value):
    """Whether a source still shows an entry that is stored here; the latest of a record counts.

    `gone` is proven: `since` is the day of the first of two complete searches, a day or more apart, that it
    did not come in, and `proof` the stored answer of a direct look. `returned`: it came again. `aliased`: the
    source answers for it under the entry `current`.
    """

    kind: Literal["sighting"] = "sighting"
    record: RecordKey
    state: Literal["gone", "returned", "aliased"]
    since: Day
    proof: Sha256
    current: RecordKey | None = None

    @model_validator(mode="after")
    def _named(self) -> Sighting:
        if (self.state == "aliased") != (self.current is not None):
            raise ValueError("an entry that is aliased names its current one, and no other does")
        return self


class Strategy(Value):
    """An editor's signature on how a source is searched; it holds for this query in this reading.

    `translation`: how the source said it reads the query. `lost_included`: records of included studies that
    this search does not list; `lost` and `gained`: against the last full search before it.
    """

    kind: Literal["strategy"] = "strategy"
    source: Slug
    query: Exact
    query_digest: Sha256
    translation: str = ""
    found: Count
    lost_included: tuple[RecordKey, ...] = ()
    lost: Count = 0
    gained: Count = 0
    reason: Text


class Search(Value):
    """One search of a source that is searched by hand, with what its exported file (`payload`) came to.

    `found` entries were in the file: `stored` new or with other content, `unchanged` known as they are, and
    `repeated` twice in the file. `duplicates`: how many of the distinct ones have the DOI or PMID of a record
    of another source. `mapping`: of a CSV, which column is which field.
    """

    kind: Literal["search"] = "search"
    source: Slug
    platform: str = ""
    day: Day
    strategy: Text
    file: Text
    format: Literal["ris", "nbib", "csv"]
    mapping: tuple[tuple[str, str], ...] = ()
    payload: Sha256
    found: Count
    stored: Count
    unchanged: Count
    repeated: Count
    duplicates: Count

    @model_validator(mode="after")
    def _adds_up(self) -> Search:
        if self.found != self.stored + self.unchanged + self.repeated:
            raise ValueError("found is stored + unchanged + repeated")
        return self
