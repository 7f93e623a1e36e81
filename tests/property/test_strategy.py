"""Whatever a search lists, what it gains and loses accounts for every entry, and all that is required."""

from hypothesis import given
from hypothesis import strategies as st

from living.review.evidence import gather
from living.review.protocol import parse
from living.review.strategy import canaries, compared, required
from tests.unit.review.scenes import TEXTS, seeded

PROTOCOL = parse(TEXTS["toy"], "protocol.toml")
EVIDENCE = gather(seeded(), PROTOCOL)
PUBMED = next(source for source in PROTOCOL.sources if source.id == "pubmed")
# Some of them are stored, some included, some neither.
ids = st.frozensets(st.integers(min_value=90000000, max_value=90000006).map(str))


@given(now=ids, before=ids)
def test_every_entry_is_kept_gained_or_lost(now: frozenset[str], before: frozenset[str]) -> None:
    found = compared(EVIDENCE, PUBMED, now, before)
    lost = {item.key.removeprefix("pubmed:"): item for item in found.lost}
    assert len(lost) == len(found.lost)
    assert {name for name, item in lost.items() if item.listed_before} == before - now
    assert set(found.gained) == now - before
    assert (found.found, found.before) == (len(now), len(before))


@given(now=ids, before=ids)
def test_what_must_be_listed_and_is_not_comes_first(now: frozenset[str], before: frozenset[str]) -> None:
    found = compared(EVIDENCE, PUBMED, now, before)
    missing = required(EVIDENCE, PUBMED) - now
    assert {key.removeprefix("pubmed:") for key in found.lost_included} == missing
    assert [item.counts for item in found.lost] == sorted((item.counts for item in found.lost), reverse=True)
    assert canaries(EVIDENCE, PUBMED) == required(EVIDENCE, PUBMED)
