"""A snapshot is a function of the ledger: the same bytes each time; stale signatures fall away."""

import pytest

from living.errors import UserError
from living.model.facts import Signature
from living.model.record import Notice, Record
from living.model.snapshot import Snapshot
from living.model.values import canonical, rounded
from living.review.snapshot import build_snapshot, released, snapshot_digest
from tests import factories as make
from tests.unit.review.scenes import (
    AT,
    V2,
    Entry,
    difference,
    ldn,
    ledger,
    read,
    seeded,
    then,
    toy,
    trial,
    what,
)

HEAD = "f" * 64


def signed(digest: str, conclusion: str = "The invented remedy may help a little.") -> Signature:
    return make.signature(digest=digest, conclusion=conclusion)


# --- bytes ----------------------------------------------------------------------------------------


def test_the_same_ledger_gives_the_same_bytes() -> None:
    one, other = build_snapshot(ldn(V2)), build_snapshot(ldn(V2))
    assert canonical(one) == canonical(other)
    assert snapshot_digest(one) == snapshot_digest(other)


def test_a_snapshot_survives_its_own_json() -> None:
    found = build_snapshot(ldn(V2))
    assert Snapshot.model_validate_json(canonical(found)) == found
    printed = Snapshot.model_validate_json(canonical(rounded(found.model_dump(mode="json"))))
    assert snapshot_digest(printed) == snapshot_digest(found)


def test_the_digest_leaves_the_release_out_and_nothing_else() -> None:
    plain = build_snapshot(seeded())
    numbered = released(then(seeded(), make.release()), then(seeded(), make.release()).lines[-1], HEAD)
    assert numbered.release is not None
    assert snapshot_digest(numbered) == snapshot_digest(plain)
    other = plain.model_copy(update={"title": "Another title"})
    assert snapshot_digest(other) != snapshot_digest(plain)


def test_a_snapshot_without_a_protocol_is_the_user_s_to_mend() -> None:
    with pytest.raises(UserError, match="no protocol is active"):
        build_snapshot(ledger("toy", make.record()))


def test_the_protocol_in_force_is_the_latest_and_stands_inside() -> None:
    first = seeded()
    text = seeded(text=str(first.protocol and first.protocol.text) + "\n# amended\n").protocol
    assert text is not None
    found = build_snapshot(then(first, text))
    assert found.protocol_text.endswith("# amended\n")
    assert found.protocol_sha256 == text.sha256


# --- releases -------------------------------------------------------------------------------------


def test_a_release_is_rebuilt_as_it_was_from_its_own_line() -> None:
    at_release = then(seeded(), ("machine", make.release(digest=snapshot_digest(build_snapshot(seeded())))))
    later = then(at_release, *trial("7", read("pubmed:7", difference(2.0))))
    line = at_release.lines[-1]
    found = released(later, line, HEAD)
    assert found == released(at_release, line, HEAD)
    assert found.release is not None
    assert (found.release.version, found.release.ledger_seq) == ("v1.0", line.seq)
    assert (found.release.date, found.release.ledger_head) == (AT[:10], HEAD)
    assert found.release.digest == snapshot_digest(found)
    assert len(found.studies) + 1 == len(build_snapshot(later).studies)


def test_a_line_that_is_no_release_cannot_be_rebuilt() -> None:
    state = seeded()
    with pytest.raises(UserError, match="ledger line 2 is no release"):
        released(state, state.lines[1], HEAD)


# --- signatures -----------------------------------------------------------------------------------


def test_a_signed_conclusion_is_the_headline_and_nothing_else_moves() -> None:
    plain = build_snapshot(seeded())
    found = build_snapshot(then(seeded(), ("ed", signed(snapshot_digest(plain)))))
    assert (found.answer.headline, found.answer.headline_signed) == (
        "The invented remedy may help a little.",
        True,
    )
    assert found.answer.standing.startswith("Conclusion signed by an editor; certainty ")
    assert found.answer.standing.endswith(" numbers rest on one source.")
    kept = {
        name: getattr(plain.answer, name) for name in ("headline", "headline_signed", "standing", "certainty")
    }
    assert found.model_copy(update={"answer": found.answer.model_copy(update=kept)}) == plain


def test_a_signature_goes_stale_when_the_evidence_moves_and_holds_again_when_it_moves_back() -> None:
    state = then(seeded(), ("ed", signed(snapshot_digest(build_snapshot(seeded())))))
    key = "pubmed:90000002"
    moved = then(state, make.vote(record=key, vote="exclude", criterion="X1", imported="A"))
    assert not build_snapshot(moved).answer.headline_signed
    back = then(moved, make.vote(record=key, imported="A"))
    assert build_snapshot(back).answer.headline_signed


def test_signing_the_version_whose_headline_was_signed_is_signing_the_same_evidence() -> None:
    first = then(seeded(), ("ed", signed(snapshot_digest(build_snapshot(seeded())), "First sentence.")))
    again = then(first, ("ed", signed(snapshot_digest(build_snapshot(first)), "Second sentence.")))
    assert build_snapshot(again).answer.headline == "Second sentence."
    third = then(again, ("ed", signed(snapshot_digest(build_snapshot(again)), "Third sentence.")))
    assert build_snapshot(third).answer.headline == "Third sentence."


def test_a_signature_on_an_earlier_version_does_not_undo_the_one_that_stands() -> None:
    state = then(seeded(), ("ed", signed(snapshot_digest(build_snapshot(seeded())), "It stands.")))
    assert build_snapshot(then(state, ("ed", signed("0" * 64, "Of old.")))).answer.headline == "It stands."


def test_an_unknown_digest_signs_nothing() -> None:
    assert not build_snapshot(then(seeded(), ("ed", signed("0" * 64)))).answer.headline_signed


# --- the catalogue --------------------------------------------------------------------------------


def test_every_number_leads_to_a_reader_a_quote_and_a_record() -> None:
    found = build_snapshot(ldn(V2))
    reports = {report.record for study in found.studies for report in study.reports}
    for study in found.studies:
        for cell in study.cells:
            assert cell.read_by
            assert cell.quotes
            assert {quote.report for quote in cell.quotes} <= reports
    used = {(row.study, row.cell) for item in found.comparisons[0].analyses for row in item.contrasts}
    assert used <= {(study.key, cell.id) for study in found.studies for cell in study.cells}


def test_the_slugs_of_studies_are_unique_and_safe_in_addresses() -> None:
    slugs = [study.slug for study in build_snapshot(ldn(V2)).studies]
    assert len(set(slugs)) == len(slugs)
    assert all(slug.replace("-", "").isalnum() and slug.isascii() for slug in slugs)


def test_an_adjudicated_cell_names_both_readers_and_the_adjudicator() -> None:
    ann, bob = (read("pubmed:1", difference(value), imported=None) for value in (-0.4, -0.5))
    ruling = make.adjudication(cell=bob.cell, numbers=bob.numbers, quotes=bob.quotes)
    state = toy(*trial("1"), ("ann", ann), ("bob", bob), ("eve", ruling))
    (study,) = build_snapshot(state).studies
    assert [who.by for who in study.cells[0].read_by] == ["ann", "bob", "eve (adjudication)"]
    assert study.cells[0].standing == "adjudicated"


def test_a_report_that_is_only_typed_as_retracted_carries_the_notice_and_its_day() -> None:
    record = make.record(id="1", types=("Journal Article", "Retracted Publication"))
    (study,) = build_snapshot(toy(*trial("1"), ("m", record, "2026-08-02T00:00:00Z"))).studies
    assert study.reports[0].notices == (Notice(kind="retraction"),)
    assert study.reports[0].noticed == "2026-08-02"


@pytest.mark.parametrize(
    ("record", "kind"),
    [
        (make.record(), "article"),
        (make.record(types=("Preprint",)), "preprint"),
        (make.record(types=("Retraction of Publication",)), "notice"),
        (make.record(types=("Published Erratum",)), "notice"),
        (make.registered(), "registration"),
    ],
)
def test_a_report_says_what_kind_of_document_it_is(record: Record, kind: str) -> None:
    (study,) = build_snapshot(toy(record, make.vote(record=record.key, imported="A"))).studies
    assert study.reports[0].kind == kind


def test_an_included_study_without_primary_numbers_awaits_data() -> None:
    percent = {"shape": "paired_difference", "values": "percent_change", "n": 9, "difference": -1.0,
               "precision": {"by": "se", "se": 1.0}}  # fmt: skip
    for extraction, waits in (
        (read("pubmed:1", difference(-0.4)), False),
        (read("pubmed:1", difference(-0.4), weeks=40.0), False),
        (read("pubmed:1", percent, estimand="percent_change"), True),
        (read("pubmed:1", {"shape": "no_numbers", "status": "authors_asked", "reason": "asked"}), True),
    ):
        (study,) = build_snapshot(toy(*trial("1", extraction))).studies
        assert study.awaiting_data is waits
    out = make.vote(record="pubmed:1", vote="exclude", criterion="X1", imported="A")
    assert not build_snapshot(toy(*trial("1"), out)).studies[0].awaiting_data


def test_a_study_is_called_by_its_label_or_its_first_author_and_year_or_its_title() -> None:
    def label(*facts: Entry) -> str:
        return build_snapshot(toy(*facts, make.vote(imported="A"))).studies[0].label

    assert label(make.record(), what(make.STUDY, "Salt trial 2026")) == "Salt trial 2026"
    assert label(make.record(authors=("Example, Ann B",), published="2026 Feb")) == "Example 2026"
    assert label(make.record(authors=())) == "Low-dose salt for sore knees: a randomised trial"
    assert label(make.record(authors=(), title="")) == make.STUDY
