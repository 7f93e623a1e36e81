"""What stands in for the world: a clock, a mail server with faults, a whole home, the real program."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from living.config import Settings
from living.model.record import Record
from living.service.house import House, open_house
from living.service.letters import confirm, subscribe, token
from living.service.people import submit_form, vote
from living.service.poll import Polled, link, poll, polled_sources
from living.service.send import send_letters
from living.service.topics import active, evidence_of, load_topic
from living.service.turn import Turned, turn
from living.sources.gateway import Gateway
from living.sources.registry import REGISTRIES
from living.store import Letter
from living.store.chain import no_salt
from living.web.serve import Site
from tests.standin import RecordSet, Standin, from_ctgov, from_pubmed_xml
from tests.standin.europepmc import Preprint
from tests.standin.isrctn import Trial
from tests.standin.poller import IN_NO_HURRY
from tests.standin.synthetic import article_set, article_xml, study_json

ROOT = Path(__file__).resolve().parent.parent
TOY = ROOT / "tests" / "payloads" / "topics" / "toy"
START = datetime(2026, 2, 2, 6, tzinfo=UTC)  # a Monday
EPSILON = "pubmed:90000005"
SETTINGS = {"pubmed": "ncbi_url"}  # of a registry's address, where it is not called as its kind


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self, now: datetime = START) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **how_far: float) -> None:
        self.now += timedelta(**how_far)


# --- mail ---------------------------------------------------------------------------------------------------


class FakeMailer:
    """A real mail server on loopback. `answers` holds its replies to RCPT and DATA, `hang_up` when it leaves.

    `hang_up`: `before` the text is read, or `after` it was read and before it was acknowledged.
    """

    def __init__(self) -> None:
        self.taken: list[EmailMessage] = []
        self.recipients: list[str] = []
        self.answers: dict[str, str] = {}
        self.hang_up = ""
        self.when_taken: Any = None
        self._controller = _Mailroom(self, hostname="127.0.0.1", port=_free_port())
        self._controller.start()
        self.port = self._controller.port

    def __enter__(self) -> FakeMailer:
        return self

    def __exit__(self, *_: object) -> None:
        self._controller.stop()

    async def handle_RCPT(  # noqa: N802 - aiosmtpd calls it so
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if "rcpt" in self.answers:
            return self.answers["rcpt"]
        envelope.rcpt_tos.append(address)
        return "250 fine"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.hang_up == "before":
            _close(server)
            return "421 bye"
        message = message_from_bytes(envelope.content or b"", policy=policy.default)
        assert isinstance(message, EmailMessage)
        self.taken.append(message)
        self.recipients += envelope.rcpt_tos
        if self.when_taken:
            self.when_taken()
        if self.hang_up == "after":
            _close(server)
        return self.answers.get("data", "250 taken")

    def subjects(self) -> list[str]:
        return [str(message["Subject"]) for message in self.taken]


class _Mailroom(Controller):
    def __init__(self, mailer: FakeMailer, **where: Any) -> None:
        super().__init__(mailer, ready_timeout=10.0, **where)

    def factory(self) -> SMTP:
        return SMTP(self.handler, enable_SMTPUTF8=True, decode_data=False)


def _close(server: SMTP) -> None:
    assert server.transport is not None
    server.transport.abort()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


free_port = _free_port


# --- the invented topic's registries ------------------------------------------------------------------------


def toy_article(number: int, name: str, *, day: str = "2020-01-15", **fields: Any) -> bytes:
    """An article of the invented topic; its search finds the words of the title."""
    title = fields.pop("title", f"The invented {name} trial of an invented remedy")
    return article_xml(90000000 + number, title, entered=day, **fields)


def epsilon_article(**fields: Any) -> bytes:
    given: dict[str, Any] = {"day": "2026-02-10", "published": "<Year>2026</Year>"}
    text = (
        "Ache fell: the mean was 3.5 (SD 2.0, n = 60) with the remedy and 4.5 (SD 2.0, n = 60) with placebo."
    )
    return toy_article(5, "EPSILON", abstract=text, **{**given, **fields})


def at(day: str) -> datetime:
    return datetime.fromisoformat(day).replace(tzinfo=UTC)


def articles(*found: bytes, since: str | None = None) -> RecordSet:
    return from_pubmed_xml(article_set(*found), at(since) if since else None)


def toy_records(*more: RecordSet) -> RecordSet:
    """What both registries hold of the invented topic: its four seeded articles and one registration."""
    seeded = articles(
        toy_article(1, "ALPHA", nct=["NCT99000001"]),
        toy_article(2, "BETA", day="2021-06-15"),
        toy_article(3, "GAMMA", day="2024-03-15"),
        toy_article(4, "DELTA", day="2019-05-01"),
    )
    registered = study_json(
        "NCT99000001",
        "Invented ALPHA",
        interventions=["Invented remedy"],
        status="COMPLETED",
        updated="2020-03-02",
    )
    records = seeded + from_ctgov([registered])
    for extra in more:
        records += extra
    return records


# --- a whole home -------------------------------------------------------------------------------------------


def settings_for(home: Path, **more: Any) -> Settings:
    """Settings that neither the environment nor a living.toml can change."""
    plain = {name: item.get_default() for name, item in Settings.model_fields.items()}
    given = {"home": home, "topics": TOY.parent, "port": 0, "contact": "review@example.org"}
    return Settings.model_construct(**{**plain, **given, **more})


@dataclass
class Home:
    """One LIVING_HOME with both registries on loopback and a clock of ours."""

    house: House
    standin: Standin
    clock: Clock
    topic: str = "toy"
    path: Path = field(default=Path())

    def move_to(self, moment: str) -> None:
        self.clock.now = at(moment)
        self.standin.now = self.clock.now

    def forward(self, **how_far: float) -> None:
        self.clock.forward(**how_far)
        self.standin.now = self.clock.now

    def turn(self) -> Turned:
        return turn(self.house, self.topic)

    def poll(self, source: str = "pubmed", *, linking: bool = True) -> Polled:
        _, protocol = active(self.house, self.topic)
        found = next(item for item in polled_sources(protocol) if item.id == source)
        polled = poll(self.house, self.topic, found)
        if linking:
            link(self.house, self.topic)
        return polled

    def include(self, study: str) -> None:
        for who in ("ann", "ben"):
            vote(self.house, self.topic, study, "include", who)

    def read(self, form: str, *who: str) -> None:
        for name in who or ("ann", "ben"):
            submit_form(self.house, self.topic, form, "form.toml", name)

    @property
    def versions(self) -> list[str]:
        return [item.version for item in self.house.store.published(self.topic)]

    @property
    def queue(self) -> list[tuple[str, str]]:
        return [(task.kind, task.study) for task in evidence_of(self.house, self.topic).queue()]

    def records(self) -> dict[str, Record]:
        return self.house.store.state(self.topic).records

    def head(self) -> tuple[int, str]:
        return tuple(self.house.store.head(self.topic))  # type: ignore[return-value]

    def hashes(self, source: str) -> dict[str, str]:
        """The content hash of every entry of a source, by id."""
        known = self.house.store.known(self.topic, source)
        return {name: marker.content_hash for name, marker in known.items()}

    def site(self, place: str) -> Path:
        return self.house.settings.site / self.topic / place

    def page(self, place: str) -> str:
        return self.site(place).read_text(encoding="utf-8")

    def frozen(self) -> dict[str, bytes]:
        """Every file of every version but its shell."""
        root = self.house.settings.site / self.topic
        return {
            str(path.relative_to(root)): path.read_bytes()
            for folder in sorted(root.glob("v[0-9]*"))
            for path in sorted(folder.rglob("*"))
            if path.is_file() and path.name != "index.html"
        }

    def letters(self) -> list[tuple[str, str]]:
        return [(letter.kind, letter.state) for letter in self.all_letters()]

    def all_letters(self) -> tuple[Letter, ...]:
        return self.house.store.letters(self.topic)

    def reader(self, name: str = "ann", level: str = "new_study") -> str:
        """Somebody who asked for letters and confirmed; returns the id."""
        found = subscribe(self.house, self.topic, f"{name}@readers.example.org", level)
        send_letters(self.house)  # the letter that asks, where there is a mail server
        assert confirm(self.house, token(self.house, "confirm", found.id)) is not None
        return found.id

    def quiet(self) -> None:
        """Every invariant that the store can check holds, and nobody was impolite to the registries."""
        assert self.house.store.verify_store() == ()
        assert not self.standin.crashes
        assert not self.standin.violations


@contextmanager
def home_at(
    path: Path,
    records: RecordSet | None = None,
    *,
    now: datetime = START,
    topics: Sequence[Path] = (TOY,),
    preprints: Sequence[Preprint] | None = None,
    trials: Sequence[Trial] | None = None,
    **settings: Any,
) -> Iterator[Home]:
    """Open a home whose registries are a stand-in; topics are loaded, nothing is searched or published."""
    clock = Clock(now)
    with ExitStack() as stack:
        found = toy_records() if records is None else records
        standin = stack.enter_context(
            Standin(
                found,
                now,
                ncbi_per_second=IN_NO_HURRY,
                ctgov_per_second=IN_NO_HURRY,
                preprints=preprints,
                trials=trials,
                others_per_second=IN_NO_HURRY,
            )
        )
        urls = {SETTINGS.get(kind, f"{kind}_url"): url for kind, url in standin.urls.items()}
        house = opened(path, clock, **{**urls, **settings})
        stack.callback(house.store.close)
        stack.callback(house.gateway.close)
        for folder in topics:
            load_topic(house, folder)
        yield Home(house, standin, clock, topics[0].name if topics else "toy", path)


def opened(path: Path, clock: Clock | None = None, **settings: Any) -> House:
    """Open a home as the service does, in no hurry and without patience for faults."""
    given = settings_for(path, **settings)
    paces = {given.base_url(kind).split("/")[2]: 0.0 for kind in REGISTRIES}
    gateway = Gateway(given.contact, "0", paces, total_deadline=5.0, attempts=2, sleep=lambda _: None)
    return open_house(given, clock or Clock(), gateway=gateway, salt=no_salt)


def form(
    study: str = EPSILON,
    *,
    mean: float = 3.5,
    control: float = 4.5,
    label: str = "Epsilon 2026",
    spread: float = 2.0,
    extra: str = "",
    words: str | None = None,
) -> str:
    """A filled extraction form of the invented topic, right unless told otherwise."""
    said = (
        words or f"the mean was {mean} (SD {spread}, n = 60) with the remedy and {control} (SD 2.0, n = 60)"
    )
    return f"""
study = "{study}"
[characteristics]
label = "{label}"
design = "parallel"
condition = "Invented ache"
condition_group = "ache"
arms = [
  {{ id = "remedy", label = "Invented remedy", intervention = "remedy", dose_mg = 1.0, n_randomised = 60 }},
  {{ id = "placebo", label = "Placebo", intervention = "placebo", n_randomised = 60 }},
]
[[extractions]]
cell.outcome = "ache"
cell.experimental = "remedy"
cell.control = "placebo"
cell.scale = "nrs"
cell.weeks = 12
cell.estimand = "final"
numbers.shape = "arm_means"
numbers.values = "final"
numbers.experimental = {{ n = 60, mean = {mean}, spread = {{ by = "sd", sd = {spread} }} }}
numbers.control = {{ n = 60, mean = {control}, spread = {{ by = "sd", sd = 2.0 }} }}
quotes = [{{ report = "{study}", locator = "abstract", text = "{said}" }}]
{extra}
"""


# --- the site -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Reply:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()


class Browser:
    """Asks a running site byte for byte what it is told to: no path is tidied up on the way."""

    def __init__(self, port: int) -> None:
        self.port = port

    def __call__(self, method: str, path: str, *, body: bytes | None = None, **headers: str) -> Reply:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.putrequest(method, path, skip_host="Host" in named)
            for name, value in named.items():
                connection.putheader(name, value)
            if body is not None and "Content-Length" not in named:
                connection.putheader("Content-Length", str(len(body)))
            connection.endheaders(body)
            answer = connection.getresponse()
            found = {name.lower(): value for name, value in answer.getheaders()}
            found |= {"set-cookie": "\n".join(answer.msg.get_all("Set-Cookie", []))}
            return Reply(answer.status, found, answer.read())
        finally:
            connection.close()

    def get(self, path: str, **headers: str) -> Reply:
        return self("GET", path, **headers)

    def head(self, path: str) -> Reply:
        return self("HEAD", path)

    def post(self, path: str, body: bytes = b"List-Unsubscribe=One-Click") -> Reply:
        return self("POST", path, body=body, Content_Type="application/x-www-form-urlencoded")


@contextmanager
def site_of(house: House) -> Iterator[Browser]:
    site = Site(house)
    site.start()
    try:
        yield Browser(site.port)
    finally:
        site.stop()


# --- the real program ---------------------------------------------------------------------------------------


def environment(home: Path, **settings: str) -> dict[str, str]:
    """The environment of a program of ours: this home, no other setting of the machine."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith("LIVING_")}
    ours = {f"LIVING_{name.upper()}": value for name, value in settings.items()}
    nowhere = {"LIVING_NCBI_URL": "http://127.0.0.1:9/e", "LIVING_CTGOV_URL": "http://127.0.0.1:9/c"}
    topics = {"LIVING_HOME": str(home), "LIVING_TOPICS": str(TOY.parent), "PYTHONUNBUFFERED": "1"}
    return plain | nowhere | topics | ours


def living(home: Path, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run a command of the real program to its end."""
    return subprocess.run(
        [sys.executable, "-m", "living", *arguments],
        cwd=ROOT,
        env=environment(home, **settings),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
