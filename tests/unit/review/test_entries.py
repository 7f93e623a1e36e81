"""What each reader entered, as a version shows it beside the settled number."""

from living.review.checks.catalogue import KINDS
from living.review.entries import entries
from living.review.identity import link_studies
from living.review.readings import agree
from tests.factories import extraction, record
from tests.unit.review.scenes import ledger, protocol


def test_why_numbers_stand_that_a_check_asked_about_is_told_with_the_check_s_title() -> None:
    asked = extraction(reasons=(("se_for_sd", "Table 2 says SD"),))
    found = ledger("toy-topic", ("machine", record()), ("ann", asked), ("ben", extraction()))
    (reading,) = agree(found, link_studies(found), protocol()).settled
    ann, ben = entries(reading)
    assert [(one.check, one.answer) for one in ann.answers] == [(KINDS["se_for_sd"].title, "Table 2 says SD")]
    assert ben.answers == ()
