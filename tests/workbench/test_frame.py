"""What every page carries: the way it belongs to, and a style sheet and script that a browser may keep."""

from __future__ import annotations

import re

import pytest

from living.service.policy import Person, Role
from living.web.desk.nav import ways
from living.web.desk.routes import ROUTES
from tests.workbench.conftest import Desk

BELONGS = [
    ("", "Waiting"),
    ("studies/", "Studies"),
    ("study/pubmed:1", "Studies"),
    ("read/pubmed:1", "Studies"),
    ("settle/pubmed:1", "Studies"),
    ("screen/pubmed:1", "Screening"),
    ("links/pubmed:1", "Links"),
    ("daily/pubmed:1", "Reports"),
    ("daily-ask/pubmed:1", "Reports"),
    (f"paper/{'a' * 64}/1", "Reports"),
    ("trust/pubmed:1", "Judgements"),
    ("rob/settle/pubmed:1", "Judgements"),
    ("grade/pain", "Judgements"),
    ("sign/preview/", "Sign"),
    ("audit/line/3", "Audit"),
]


@pytest.mark.parametrize(("page", "label"), BELONGS)
def test_a_page_marks_the_way_that_it_belongs_to(page: str, label: str) -> None:
    person = Person("p-all", "All", {"toy": frozenset(Role)})
    marked = [way.label for way in ways(person, "toy", f"/desk/toy/{page}", ROUTES) if way.here]
    assert marked == [label]


def test_every_page_of_a_topic_belongs_to_some_way() -> None:
    person = Person("p-all", "All", {"toy": frozenset(Role)})
    pages = [route.path.replace("{topic}", "toy") for route in ROUTES if "{topic}" in route.path]
    lost = [page for page in pages if not any(way.here for way in ways(person, "toy", page, ROUTES))]
    assert not lost


def test_the_sheet_and_the_script_are_kept_for_good_under_the_hash_of_their_bytes(desk: Desk) -> None:
    page = desk.stranger().get("/desk/sign-in").text
    for href in re.findall(r'"(/desk/desk-[0-9a-f]{16}\.(?:css|js))"', page):
        found = desk.stranger().get(href)
        assert found.status == 200
        assert found.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert "script-src 'self'" in found.headers["content-security-policy"]
        old = desk.stranger().get(re.sub("-[0-9a-f]{16}", "-0000000000000000", href))
        assert (old.body, old.headers["cache-control"]) == (found.body, "no-store")
    assert len(re.findall(r"/desk/desk-[0-9a-f]{16}\.", page)) == 2
