"""The team's page of agreement: what both have handed in, and nothing that is still blind."""

from __future__ import annotations

from living.service.people import submit_form
from tests.fakes import form
from tests.workbench.conftest import Desk

STUDIES = ("pubmed:90000001", "pubmed:90000002")
PLACE = "/desk/toy/agreement/"


def test_it_counts_what_two_have_read_and_leaves_out_what_is_blind(desk: Desk) -> None:
    ann, ben = desk.person("ann", "extractor"), desk.person("ben", "extractor")
    reader = desk.person("rita", "reader")
    assert "no agreement to report" in reader.get(PLACE).text
    submit_form(desk.home.house, "toy", form(STUDIES[0]), "form.toml", ann.id)
    page = reader.get(PLACE).text
    assert "no agreement to report" in page
    assert "One study is begun and not counted" in page
    submit_form(desk.home.house, "toy", form(STUDIES[0], mean=3.6), "form.toml", ben.id)
    submit_form(desk.home.house, "toy", form(STUDIES[1]), "form.toml", ann.id)
    page = reader.get(PLACE).text
    assert "Extraction: the numbers</th><td" in page
    assert 'data-th="Answered by two">1</td><td class="n" data-th="Alike">0</td>' in page
    assert "numbers are no categories" in page


def test_a_version_prints_the_agreement(desk: Desk) -> None:
    for name, mean in (("ann", 3.5), ("ben", 3.6)):
        submit_form(desk.home.house, "toy", form(STUDIES[0], mean=mean), "form.toml", name)
    submit_form(desk.home.house, "toy", form(STUDIES[0], mean=3.5), "form.toml", "ben")
    desk.home.turn()
    page = desk.home.page(f"{desk.home.versions[-1]}/index.html")
    assert 'id="agreement"' in page
    assert "numbers are no categories" in page
