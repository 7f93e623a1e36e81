"""What a registration says otherwise: a page of its versions, and what domain 5 offers to see."""

import html
import re

from living.model.record import Item
from living.review.snapshot import build_snapshot
from tests import factories as make
from tests.fakes import Reply
from tests.workbench.conftest import Client, Desk
from tests.workbench.test_judging import ALPHA, RESULT, ROB, trusted

TRIAL = "ctgov:NCT99000001"
HERE = f"/desk/toy/registration/{TRIAL}"
LINK = f'href="{HERE.replace(":", "%3A")}"'
ACHE, SLEEP = Item(name="Ache (NRS)", detail="12 weeks"), Item(name="Sleep <i>quality</i>", detail="12 weeks")
COURSE = {"status": "COMPLETED", "start": "2018-05", "primary_completion": "2019-11", "completion": ""}


def text(reply: Reply) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", reply.text)).split())


def version(desk: Desk, day: str, **kw: object) -> None:
    """A version of ALPHA's registration that the register posted on a day comes in."""
    given = {**COURSE, "primary_outcomes": (ACHE, SLEEP), "last_update_posted": day, **kw}
    record = make.registered(id="NCT99000001", registration=make.registration(**given))
    house = desk.home.house
    house.store.append("toy", house.now(), [("machine", record)], after=desk.home.head()[0])


def switched(desk: Desk) -> None:
    version(desk, "2020-01-10")
    version(desk, "2020-02-20", primary_outcomes=(ACHE,), start="2018-06")


def part(reply: Reply, name: str) -> str:
    """One domain of a sheet, as it stands in the page."""
    return reply.text.partition(f'<section class="part" id="{name}">')[2].partition("</section>")[0]


def judge(desk: Desk) -> Client:
    return trusted(desk)[0]


def test_a_dropped_outcome_is_offered_beside_domain_5_and_answers_nothing(desk: Desk) -> None:
    ann = judge(desk)
    switched(desk)
    sheet = ann.get(f"{ROB}?result={RESULT}")
    domain = part(sheet, "D5")
    told = " ".join(html.unescape(re.sub(r"<[^>]+>", " ", domain)).split())
    assert "Registration since 2020-02-20 The registration says otherwise: primary outcome dropped" in told
    assert "(major, after primary completion)" in told
    assert "Before: Sleep <i>quality</i> (12 weeks). Since then: not there" in told
    assert "what changed before that is not known" in told
    assert LINK in domain
    assert '<details class="more known" open>' in domain
    assert "checked" not in domain.replace('value="" checked', "")
    assert "says otherwise" not in "".join(part(sheet, name) for name in ("D1", "D2", "D3", "D4"))


def test_dates_and_spelling_are_not_offered_and_leave_the_sheet_closed(desk: Desk) -> None:
    ann = judge(desk)
    version(desk, "2020-01-10")
    version(
        desk, "2020-02-20", primary_outcomes=(ACHE, Item(name="SLEEP  <I>quality</I>.", detail="12 weeks"))
    )
    version(desk, "2020-03-20", start="2018-06")
    domain = part(ann.get(f"{ROB}?result={RESULT}"), "D5")
    assert "says otherwise" not in domain
    assert "no later version changes anything that weighs" in domain
    assert "open" not in domain.partition("<summary>")[0]


def test_where_no_version_was_read_domain_5_says_nothing_of_versions(desk: Desk) -> None:
    domain = part(judge(desk).get(f"{ROB}?result={RESULT}"), "D5")
    assert "versions read" not in domain


def test_every_version_and_change_stands_on_the_page_of_the_registration(desk: Desk) -> None:
    switched(desk)
    reply = desk.person("rea", "reader").get(HERE)
    told = text(reply)
    assert reply.status == 200
    assert "Primary outcome dropped major 20 February 2020, after primary completion" in told
    assert "One change of spelling, dates or small numbers" in told
    assert "Start moved noise" in told
    assert "is not known" in told
    assert told.count("not kept") == 2  # these versions came in without an answer that is stored
    assert "Sleep &lt;i&gt;quality&lt;/i&gt;" in reply.text
    assert "Primary outcome dropped minor major Holst 2023" in told


def test_the_study_s_page_leads_to_it_and_what_was_never_read_says_so(desk: Desk) -> None:
    rea = desk.person("rea", "reader")
    assert LINK in rea.get(f"/desk/toy/study/{ALPHA}").text
    assert "No version has been read from the register yet" in text(rea.get(HERE))


def test_what_is_no_registration_is_refused_in_words(desk: Desk) -> None:
    rea = desk.person("rea", "reader")
    for name, told in (
        (ALPHA, f"{ALPHA} is no registration"),
        ("ctgov:NCT00000000", "no registration ctgov:NCT00000000 is stored"),
    ):
        reply = rea.get(f"/desk/toy/registration/{name}")
        assert reply.status == 400
        assert told[1:] in text(reply)


def test_the_facts_beside_domain_5_are_not_in_the_digest_that_is_judged(desk: Desk) -> None:
    """A switch is a reason to look again, and no number moved: judgements that stand are not thrown away."""
    ann = judge(desk)
    before = re.search(r'name="judged" value="([0-9a-f]{64})"', ann.get(f"{ROB}?result={RESULT}").text)
    switched(desk)
    after = re.search(r'name="judged" value="([0-9a-f]{64})"', ann.get(f"{ROB}?result={RESULT}").text)
    assert before is not None
    assert after is not None
    assert before[1] == after[1]
    study = next(
        item for item in build_snapshot(desk.home.house.store.state("toy")).studies if item.key == ALPHA
    )
    assert [change.what for watch in study.registry for change in watch.changes] == ["dropped"]
