"""The FINAL trial comes to a review that did not know it yet.

The protocol is the shipped one, the evidence that to the end of 2023, both registries stand on loopback. The
facts are the trial's, every sentence is ours (`synthetic_`).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from living.config import shipped
from living.service.topics import load_topic
from tests.fakes import Home, articles, at, home_at
from tests.standin import from_ctgov
from tests.standin.synthetic import article_xml, study_json

TOPIC = "ldn-chronic-pain"
PMID, NCT = "38258677", "NCT04270877"
PAPER, REGISTRATION = f"pubmed:{PMID}", f"ctgov:{NCT}"
KNOWN_UNTIL, APPEARS = "2023-12-31", "2024-01-15"

SYNTHETIC_PAIN = (
    "On a numeric rating scale of 0 to 10, 49 women on naltrexone and 50 on placebo differed at 12 weeks by "
    "-0.34 (95% CI -0.95 to 0.27; p=0.27)."
)
SYNTHETIC_RELIEF = "At least 30% less pain: 20 of 49 women on naltrexone and 13 of 50 on placebo."
SYNTHETIC_HARM = "Any adverse event: 41 of 49 on naltrexone, 43 of 50 on placebo."
SYNTHETIC_DESIGN = (
    "Ninety-nine women with fibromyalgia were randomised, double-blind, to low-dose naltrexone 6 mg "
    "once daily (49) or placebo (50) for 12 weeks. None was lost to follow-up."
)
SYNTHETIC_ABSTRACT = (
    f'<AbstractText Label="METHODS">{SYNTHETIC_DESIGN}</AbstractText>'
    f'<AbstractText Label="RESULTS">{SYNTHETIC_PAIN} {SYNTHETIC_RELIEF} {SYNTHETIC_HARM}</AbstractText>'
)


def synthetic_article() -> bytes:
    """FINAL's entry in PubMed: the real numbers and names of things, in words of ours."""
    return article_xml(
        PMID,
        "Synthetic entry: low-dose naltrexone 6 mg against placebo in women with fibromyalgia (FINAL)",
        abstract=SYNTHETIC_ABSTRACT,
        entered=APPEARS,
        types=("Journal Article", "Randomized Controlled Trial"),
        authors=(("Bruun", "KD"),),
        journal="Lancet Rheumatol",
        published="<Year>2024</Year><Month>Jan</Month>",
        nct=[NCT],
        doi="10.1016/S2665-9913(23)00278-3",
    )


def synthetic_registration() -> dict[str, object]:
    return study_json(
        NCT,
        "Synthetic entry: FINAL, naltrexone in women with fibromyalgia",
        interventions=["Naltrexone", "Placebo"],
        status="COMPLETED",
        updated="2023-11-20",
        first_posted="2020-02-17",
        enrolment=99,
    )


@contextmanager
def review_before_final(path: Path) -> Iterator[Home]:
    """A home with v1.0 as of January 2024; the next search finds FINAL."""
    topics = shipped("db") / "topics"
    records = articles(synthetic_article(), since=APPEARS)
    records += from_ctgov([synthetic_registration()], at(APPEARS))
    with home_at(path, records, now=at("2024-01-08"), topics=()) as home:
        home.topic = TOPIC
        load_topic(home.house, topics / TOPIC, until=KNOWN_UNTIL)
        home.turn()
        yield home
