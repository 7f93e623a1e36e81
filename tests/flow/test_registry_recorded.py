"""The watch and the typed changes over what the registries really sent."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from living.model.record import Item, Record, Registration
from living.review.record_changes import NEWS, typed_changes
from living.review.registry_watch import registration_history, registry_histories
from living.sources import ctgov, pubmed
from tests.standin import from_ctgov_jsonl
from tests.unit.review.scenes import ledger


def pairs(recorded: Path) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    days = json.loads((recorded / "ctgov/pairs/one_day_apart_2023-06-28_vs_29.json").read_bytes())
    name = "NCT02552212_2023-12-12_vs_2024-01-03.json.gz"
    weeks = json.loads(gzip.decompress((recorded / "ctgov/pairs" / name).read_bytes()))
    return [
        (item["before"], item["after"]) for item in (*days, *(weeks if isinstance(weeks, list) else [weeks]))
    ]


def read(study: dict[str, Any]) -> Record:
    (found,) = ctgov.parse(json.dumps(study).encode())
    return found


def history_of(*versions: Record) -> list[tuple[str, str]]:
    found = registration_history(ledger("toy", *versions), versions[0].key)
    assert len(found.versions) == len(versions)
    return [(change.about, change.weight) for change in found.changes]


def test_of_all_recorded_pairs_no_registration_says_anything_otherwise(recorded: Path) -> None:
    found = pairs(recorded)
    assert len(found) == 11
    for before, after in found:
        assert before != after
        assert history_of(read(before), read(after)) == []
        assert typed_changes(read(before), read(after)) == ()


def every_registration(recorded: Path) -> list[Record]:
    held = from_ctgov_jsonl(recorded / "ctgov/studies_v2.jsonl.xz")
    return [record for study in held.studies for record in ctgov.parse(study.raw)]


def changed(record: Record, **fields: Any) -> Record:
    entry = record.registration
    assert entry is not None
    return record.model_copy(update={"registration": entry.model_copy(update=fields)}).hashed()


def entry_of(record: Record) -> Registration:
    assert record.registration is not None
    return record.registration


def respaced(item: Item) -> Item:
    return Item(name=item.name.casefold(), type=item.type, detail=item.detail.casefold())


def test_no_order_and_no_case_of_any_recorded_outcome_or_arm_is_more_than_noise(recorded: Path) -> None:
    records = every_registration(recorded)
    assert len(records) > 500
    lists = ("primary_outcomes", "secondary_outcomes", "arms", "interventions")
    for record in records:
        entry = entry_of(record)
        turned = {name: tuple(map(respaced, reversed(getattr(entry, name)))) for name in lists}
        weights = {weight for _, weight in history_of(record, changed(record, **turned))}
        assert weights <= {"noise"}, record.key


def test_any_recorded_primary_outcome_that_is_dropped_is_found_and_nothing_else(recorded: Path) -> None:
    dropped = 0
    for record in every_registration(recorded):
        outcomes = entry_of(record).primary_outcomes
        for place in range(len(outcomes)):
            rest = (*outcomes[:place], *outcomes[place + 1 :])
            found = history_of(record, changed(record, primary_outcomes=rest))
            assert [about for about, _ in found] == ["primary_outcome"], (record.key, place)
            assert found[0][1] in ("major", "minor")
            dropped += 1
    assert dropped > 500


def test_another_week_in_any_recorded_primary_outcome_is_never_noise(recorded: Path) -> None:
    moved = 0
    for record in every_registration(recorded):
        outcomes = entry_of(record).primary_outcomes
        if len(outcomes) != 1 or "12 weeks" not in outcomes[0].detail.partition("\n")[0]:
            continue
        later = outcomes[0].detail.replace("12 weeks", "24 weeks")
        found = history_of(
            record, changed(record, primary_outcomes=(outcomes[0].model_copy(update={"detail": later}),))
        )
        assert [weight for _, weight in found] != []
        assert "noise" not in {weight for _, weight in found}
        moved += 1
    assert moved > 0


def test_every_recorded_registration_can_be_watched_beside_all_others(recorded: Path) -> None:
    records = every_registration(recorded)
    found = registry_histories(ledger("toy", *records))
    assert len(found) == len({record.key for record in records})
    assert all(history.changes == () for history in found.values())


# --- typed changes ----------------------------------------------------------------------------------------


def special(recorded: Path, name: str) -> list[Record]:
    return list(pubmed.parse((recorded / f"pubmed/special/{name}.xml").read_bytes()))


SPECIAL = {
    "retracted": ("retraction", "RETRACTED"),
    "concern": ("concern", "CONCERN"),
    "erratum": ("erratum", "ERRATUM"),
    "update": ("update", "NEW_VERSION"),
}


@pytest.mark.parametrize("kind", SPECIAL)
def test_a_recorded_notice_that_comes_in_is_named_and_wakes_somebody(recorded: Path, kind: str) -> None:
    """Each record of special/ that carries such a notice, as it would have been without it and as it is."""
    notice, change = SPECIAL[kind]
    seen = 0
    for path in sorted((recorded / "pubmed/special").glob("*.xml")):
        for record in special(recorded, path.stem) if path.stem != "delete_citation_only" else ():
            if notice not in {item.kind for item in record.notices}:
                continue
            types = tuple(name for name in record.types if name.lower() != "retracted publication")
            before = record.model_copy(update={"notices": (), "types": types}).hashed()
            assert change in typed_changes(before, record), record.key
            assert change in NEWS
            assert change in typed_changes(None, record) or change == "NEW_VERSION"
            seen += 1
    assert seen > 0


def test_a_further_recorded_version_of_one_article_is_a_new_version(recorded: Path) -> None:
    further = [record for record in special(recorded, "pmid_version_gt1") if record.version > 1]
    assert 4 in {record.version for record in further}
    for record in further:
        before = record.model_copy(update={"version": record.version - 1}).hashed()
        assert typed_changes(before, record) == ("NEW_VERSION",)


def test_a_recorded_registration_whose_results_come_in_says_so(recorded: Path) -> None:
    seen = 0
    for record in every_registration(recorded):
        if not entry_of(record).has_results:
            continue
        before = changed(record, has_results=False, results="", results_first_posted="")
        assert "RESULTS_POSTED" in typed_changes(before, record)
        assert ("results", "minor") in history_of(before, record)
        seen += 1
    assert seen >= 40


def test_no_date_of_any_recorded_registration_wakes_anybody(recorded: Path) -> None:
    for record in every_registration(recorded):
        moved = changed(
            record,
            last_update_posted="2030-01-01",
            start="2030-01",
            primary_completion="2031",
            contacts="c" * 64,
        )
        assert set(typed_changes(record, moved)) == {"DATES_ONLY"}, record.key
        assert {weight for _, weight in history_of(record, moved)} <= {"noise"}
