"""What one reader read, voted or judged alone is on no page, export or answer before enough others have."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import pytest

from living.service.people import submit_form, vote
from living.service.policy import Role
from living.web.desk.routes import ROUTES
from living.web.desk.visit import Route
from tests.fakes import EPSILON, articles, epsilon_article, form, home_at, site_of, toy_records
from tests.workbench.asking import address, named, seated
from tests.workbench.conftest import Desk

QUOTED, NUMBER, REASON = "zebra words of a quotation", "6.1337", "okapi reason of a vote"
HIDDEN = (QUOTED.encode(), NUMBER.encode(), REASON.encode())
WORDS = f"{QUOTED}: the mean was {NUMBER} (SD 2.0, n = 60) with the remedy and 4.5 (SD 2.0, n = 60)"
OTHER = "pubmed:90000006"
VIEWERS = (*((role.value, (role,)) for role in Role), ("everything", tuple(Role)))
QUERIES = ("", "text=zebra", "page=1&kind=extraction", "format=json", "cell=ache&all=yes")
OF_TOPIC = [route for route in ROUTES if "{topic}" in route.path]
EVERY_TIME = re.compile(rb'name="key" value="[^"]*"')  # new on every form
LOOKS = [route for route in OF_TOPIC if route.method == "GET"]


def filled(mean: float = 6.1337, words: str = WORDS) -> str:
    return form(EPSILON, mean=mean, words=words)


@pytest.fixture(scope="module")
def half_read(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """One of two readers has handed in, one of two screeners has voted."""
    other = epsilon_article().replace(b"90000005", b"90000006").replace(b"EPSILON", b"ZETA")
    records = toy_records(articles(epsilon_article(), other))
    with home_at(tmp_path_factory.mktemp("blind") / "home", records) as home, site_of(home.house) as browser:
        home.move_to("2026-02-12")
        home.poll()
        desk = Desk(home, browser)
        ann, ben = desk.person("ann", "extractor", "screener"), desk.person("ben", "extractor", "screener")
        for person in (ann, ben):
            vote(home.house, "toy", EPSILON, "include", person.id)
        submit_form(home.house, "toy", filled(), "form.toml", ann.id)
        vote(home.house, "toy", OTHER, "exclude", ann.id, "E1", REASON)
        home.turn()
        yield desk


def answers(desk: Desk, route: Route, account: str, queries: Sequence[str]) -> Iterator[tuple[str, bytes]]:
    """Whatever a route says about the half-read study to somebody, looked at and posted to."""
    ann = desk.person("ann").id
    for study in (EPSILON, OTHER):
        for query in queries if route.method == "GET" else ("",):
            place = address(route, study=study, record=study) + (f"?{query}" if query else "")
            client = seated(desk, account)
            if route.method == "GET":
                reply = client.get(place)
            else:
                reply = client.form(
                    place, {"study": study, "by": ann, "person": ann, "q": "zebra"}, follow=False
                )
            yield place, reply.body + str(reply.headers).encode()


@pytest.mark.parametrize("route", OF_TOPIC, ids=named)
def test_no_page_or_answer_shows_anybody_what_one_reader_handed_in(half_read: Desk, route: Route) -> None:
    for name, roles in VIEWERS:
        account = half_read.person(f"the-{name}", *roles).id
        queries = QUERIES if name == "everything" else ("",)
        said = answers(half_read, route, account, queries)
        assert [place for place, body in said if any(hidden in body for hidden in HIDDEN)] == [], name


@pytest.mark.parametrize("route", LOOKS, ids=named)
def test_no_search_tells_a_hidden_word_from_one_that_is_nowhere(half_read: Desk, route: Route) -> None:
    client = seated(half_read, half_read.person("the-everything", *Role).id)
    place = address(route, study=EPSILON, record=EPSILON)
    for name in ("text", "q", "reason", "quote"):
        zebra, okapi, tapir = (
            EVERY_TIME.sub(b"", client.get(f"{place}?{name}={word}").body.replace(word.encode(), b""))
            for word in ("zebra", "okapi", "tapir")
        )
        assert zebra == okapi == tapir, name


def test_nothing_that_readers_of_the_site_are_given_holds_it(half_read: Desk) -> None:
    told = [
        path.name
        for path in half_read.home.house.settings.site.rglob("*")
        if path.is_file() and any(hidden in path.read_bytes() for hidden in HIDDEN)
    ]
    assert told == []


def test_no_answer_carries_a_tag_that_could_be_compared(half_read: Desk) -> None:
    viewer = half_read.person("the-extractor", "extractor").id
    for route in LOOKS:
        reply = seated(half_read, viewer).get(address(route, study=EPSILON, record=EPSILON))
        assert not {"etag", "last-modified"} & reply.headers.keys()


def test_once_both_have_read_the_adjudicator_sees_both(half_read: Desk) -> None:
    """Last, and the proof that the tests above looked for what there is."""
    ben = half_read.person("ben").id
    submit_form(half_read.home.house, "toy", filled(3.5, WORDS.replace(NUMBER, "3.5")), "form.toml", ben)
    viewer = half_read.person("the-adjudicator", "adjudicator").id
    seen = b"".join(body for route in LOOKS for _, body in answers(half_read, route, viewer, QUERIES[:1]))
    assert NUMBER.encode() in seen
    assert QUOTED.encode() in seen
