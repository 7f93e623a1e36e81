"""One topic with all four sources: a preprint that becomes an article, a trial in two registers."""

import json
import re
import shutil
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from living.errors import UserError
from living.model.protocol import Source
from living.review.catalogue import catalogue
from living.review.flow import flow
from living.review.protocol import parse
from living.service.checks import check_store
from living.service.start import first_version
from living.service.topics import evidence_of
from tests.fakes import ROOT, TOY, Home, articles, at, epsilon_article, form, home_at, toy_records
from tests.standin import from_ctgov
from tests.standin.europepmc import from_europepmc
from tests.standin.isrctn import from_isrctn
from tests.standin.synthetic import study_json
from tests.standin.synthetic_registers import preprint_json, trial_xml

README = (ROOT / "README.md").read_text(encoding="utf-8")
MORE = """
[[sources]]
id = "europepmc"
label = "Europe PMC (preprints)"
kind = "europepmc"
query = '"invented remedy"'
clauses = ['"invented remedy"']
[[sources]]
id = "isrctn"
label = "ISRCTN registry"
kind = "isrctn"
query = '"invented remedy"'
"""
DRAFT, TRIAL, TWIN = "europepmc:PPR501", "ctgov:NCT99000005", "isrctn:ISRCTN99000005"
ARTICLE = "pubmed:90000005"
TITLE = "A draft of an invented remedy"


def with_more_sources(protocol: str, sources: str) -> str:
    """A protocol whose sources go on with these."""
    last = list(re.finditer(r"^\[\[sources\]\]$", protocol, re.MULTILINE))[-1].start()
    end = re.compile(r"^(?=\[(?!\[sources\]\]))", re.MULTILINE).search(protocol, last + 1)
    assert end
    return f"{protocol[: end.start()]}{sources}\n{protocol[end.start() :]}"


def test_the_lines_of_the_readme_add_both_sources_to_the_shipped_review() -> None:
    [block] = [item for item in re.findall(r"```toml\n(.*?)```", README, re.DOTALL) if "europepmc" in item]
    found = [Source.model_validate(item) for item in tomllib.loads(block)["sources"]]
    assert [(source.id, source.kind) for source in found] == [
        ("europepmc", "europepmc"),
        ("isrctn", "isrctn"),
    ]
    shipped = (ROOT / "db" / "topics" / "ldn-chronic-pain" / "protocol.toml").read_text(encoding="utf-8")
    sources = parse(with_more_sources(shipped, block), "protocol.toml").sources
    assert {"pubmed", "ctgov", "europepmc", "isrctn"} <= {source.id for source in sources}


def test_a_polled_source_by_another_name_than_its_kind_is_refused() -> None:
    odd = MORE.replace('id = "europepmc"', 'id = "preprints"')
    text = with_more_sources((TOY / "protocol.toml").read_text(encoding="utf-8"), odd)
    with pytest.raises(UserError, match=r"sources\[preprints\]\.id must be 'europepmc'"):
        parse(text, "protocol.toml")


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    """Both registers hold one trial, the preprint has two versions, its article comes in March."""
    topic = tmp_path / "topics" / "toy"
    shutil.copytree(TOY, topic)
    text = (topic / "protocol.toml").read_text(encoding="utf-8")
    (topic / "protocol.toml").write_text(with_more_sources(text, MORE), encoding="utf-8")
    versions = ["PPR501", "PPR640"]
    second = preprint_json("PPR640", TITLE, version=2, versions=versions, indexed="2026-02-12")
    became = [("Preprint of", "MED", "90000005", "CrossRef Pre-print loader")]
    preprints = (
        *from_europepmc([preprint_json("PPR501", TITLE, indexed="2026-02-09")]),
        *from_europepmc([second], at("2026-02-12")),
        *from_europepmc(
            [
                preprint_json(
                    "PPR640", TITLE, version=2, versions=versions, indexed="2026-02-12", corrections=became
                )
            ],
            at("2026-03-03"),
        ),
    )
    trials = from_isrctn(
        [trial_xml("99000005", "Invented EPSILON", nct="NCT99000005", drug="Invented remedy", target="120")],
        at("2026-02-09"),
    )
    registered = study_json(
        "NCT99000005",
        "Invented EPSILON trial",
        interventions=["Invented remedy"],
        updated="2026-02-09",
        enrolment=120,
    )
    records = toy_records(
        from_ctgov([registered], at("2026-02-09")),
        articles(epsilon_article(day="2026-03-01", nct=["NCT99000005"]), since="2026-03-01"),
    )
    with home_at(tmp_path / "home", records, topics=(topic,), preprints=preprints, trials=trials) as opened:
        first_version(opened.house, "toy")
        opened.turn()
        yield opened
        assert check_store(opened.house) == []
        opened.quiet()


def members(home: Home, record: str) -> tuple[str, ...]:
    study = evidence_of(home.house, "toy").studies.study_of(record)
    return study.records if study else ()


def test_a_preprint_is_found_followed_and_superseded_by_its_article(home: Home) -> None:
    home.move_to("2026-02-10T06:00:00")
    turned = home.turn()
    assert [(item.source, item.ok) for item in turned.polled] == [
        ("pubmed", True),
        ("ctgov", True),
        ("europepmc", True),
        ("isrctn", True),
    ]
    assert ("screen", DRAFT) in home.queue
    home.include(DRAFT)

    home.move_to("2026-02-13T06:00:00")
    home.turn()
    assert home.records()[DRAFT].version == 2
    assert "europepmc:PPR640" not in home.records()
    assert members(home, DRAFT) == (DRAFT,)

    home.move_to("2026-03-05T06:00:00")
    home.turn()
    together = members(home, ARTICLE)
    assert together == (TRIAL, DRAFT, TWIN, ARTICLE)  # in the order in which they were seen
    assert ("look_again", TRIAL) in home.queue
    [study] = [item for item in catalogue(evidence_of(home.house, "toy")) if item.key == TRIAL]
    told = {report.record: (report.kind, report.superseded_by) for report in study.reports}
    assert told[DRAFT] == ("preprint", ARTICLE)
    assert told[ARTICLE] == ("article", "")
    assert (told[TRIAL], told[TWIN]) == (("registration", ""), ("registration", ""))
    links = {report.record: report.url for report in study.reports}
    assert links[DRAFT] == "https://europepmc.org/article/PPR/PPR501"
    assert links[TWIN] == "https://www.isrctn.com/ISRCTN99000005"


def test_a_version_flags_the_preprint_and_names_what_stands_in_its_place(home: Home) -> None:
    for day in ("2026-02-10", "2026-03-05"):
        home.move_to(f"{day}T06:00:00")
        home.turn()
    home.include(TRIAL)
    home.read(form(TRIAL))
    assert home.turn().published == ("v2.0",)
    assert "(preprint, superseded by the article)" in home.page("v2.0/index.html")
    study = home.page("v2.0/study/epsilon-2026-nct99000005.html")
    [anchor] = re.findall(r'\(preprint, superseded by <a href="#(report-\w+)">the article</a>\)', study)
    [row] = re.findall(rf'<tr id="{anchor}">.*?</tr>', study)
    assert ARTICLE in row


def test_a_trial_that_two_registers_hold_is_one_study_from_the_first_poll(home: Home) -> None:
    home.move_to("2026-02-10T06:00:00")
    home.turn()
    assert set(members(home, TRIAL)) == {TRIAL, TWIN}
    asked = [study for kind, study in home.queue if kind == "screen"]
    assert len({TRIAL, TWIN} & set(asked)) == 1


def test_a_quiet_day_of_four_sources_stores_nothing(home: Home) -> None:
    home.move_to("2026-02-10T06:00:00")
    home.turn()
    before = home.head()
    home.forward(days=1)
    turned = home.turn()
    assert [(item.source, item.ok, item.stored) for item in turned.polled] == [
        (source, True, 0) for source in ("pubmed", "ctgov", "europepmc", "isrctn")
    ]
    assert home.head() == before


def test_what_the_sources_found_is_counted_in_its_place_and_dated(home: Home) -> None:
    home.move_to("2026-02-10T06:00:00")
    home.turn()
    evidence = evidence_of(home.house, "toy")
    counts = flow(evidence, catalogue(evidence), 0)
    assert counts.by_source == {"ctgov": 2, "europepmc": 1, "isrctn": 1, "pubmed": 4}
    assert counts.by_place == {"databases": 5, "registers": 3}
    told = {item["id"]: item["state"] for item in json.loads(home.page("status.json"))["sources"]}
    assert told == dict.fromkeys(("pubmed", "ctgov", "europepmc", "isrctn"), "current")
