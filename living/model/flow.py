"""The flow of records, reports and studies into a version, as PRISMA 2020 counts it."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from living.model.values import Count, Text, Value

Place = Literal["databases", "registers", "imports"]
Stage = Literal["", "title", "full_text"]


class Flow(Value):
    """PRISMA 2020 counts. Every box is the sum of the boxes it opens into:

    - `records` = `by_source` = `by_place` (databases, registers, and what people imported or entered)
    - `records` = `duplicates` + `records_awaiting_screening` + `records_screened`
    - `duplicates` = `duplicates_by_machine` + `duplicates_by_people`: further records of a report at hand
    - `records_screened` = `records_excluded` (on title and abstract) + `reports_sought`
    - `reports_sought` = `reports_not_retrieved` + `reports_awaited` + `reports_assessed`
    - `reports_assessed` = `reports_excluded` + `reports_awaiting_classification` + `reports_ongoing` +
      `reports_stopped` + `reports_included`, and `reports_excluded` = `reports_excluded_by`
    - `studies` = `studies_awaiting_screening` + `included` + `excluded` + `awaiting_classification` +
      `ongoing` + `stopped`
    - `excluded` = `excluded_by`; of them `excluded_on_title` fell on title and abstract
    - `included` >= `awaiting_data`, and `included` >= `in_headline`

    Votes are on studies, so all reports of a study share its fate. `reports_awaited`: passed on title and
    abstract, and nobody has judged the full report yet; `reports_not_retrieved` are those of them whose full
    text cannot be had. What was judged all the same was judged on what was at hand.
    """

    records: Count
    by_source: dict[str, Count]
    by_place: dict[Place, Count] = Field(default_factory=dict)
    duplicates: Count = 0
    duplicates_by_machine: Count = 0
    duplicates_by_people: Count = 0
    records_awaiting_screening: Count
    records_screened: Count = 0
    records_excluded: Count = 0
    reports_sought: Count = 0
    reports_not_retrieved: Count = 0
    reports_awaited: Count = 0
    reports_assessed: Count = 0
    reports_excluded: Count = 0
    reports_excluded_by: dict[str, Count] = Field(default_factory=dict)
    reports_awaiting_classification: Count = 0
    reports_ongoing: Count = 0
    reports_stopped: Count = 0
    reports_included: Count = 0
    studies: Count
    studies_awaiting_screening: Count = 0
    included: Count
    excluded: Count
    excluded_by: dict[str, Count]
    excluded_on_title: Count = 0
    awaiting_classification: Count
    awaiting_data: Count
    ongoing: Count
    stopped: Count = 0
    in_headline: Count


class FlowBefore(Value):
    """The studies of the version before, and what joined and left since (PRISMA 2020, updated reviews).

    `studies` - `studies_left` + `studies_new` are the included studies of this version, and so for reports.
    A study is the same as long as its key leads to it; of two that were joined, one has left.
    """

    version: Text
    studies: Count
    studies_left: Count
    studies_new: Count
    reports: Count
    reports_left: Count
    reports_new: Count
