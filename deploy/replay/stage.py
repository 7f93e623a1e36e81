"""Everything the story is told with: the service, registries, mail server, site and clock."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import requests

from deploy.replay.mailbox import Mailbox
from living.config import Settings
from living.errors import EnvironmentFault, LivingError
from living.model.snapshot import Snapshot
from living.publish.bundle import SNAPSHOT
from living.review.evidence import Evidence, gather
from living.review.work import Task
from living.service.house import INSTANT, House, open_house
from living.service.send import send_letters
from living.service.topics import active
from living.web.serve import Site
from tests.standin import RecordSet, Standin

CONTACT = "replay@example.org"
DELIVERED = frozenset({"sent", "unknown"})  # unknown: a killed replay sent it, and nobody sends it twice
PATIENCE = 10.0  # seconds for an answer of our own site


class StoryBroken(LivingError):
    """What the story promises did not happen."""


def expect(true: object, promised: str) -> None:
    """Stop the story unless it is true."""
    if not true:
        raise StoryBroken(f"the story promised: {promised}")


@dataclass
class VirtualClock:
    """Stands still until it is moved."""

    now: datetime = datetime(2025, 1, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@dataclass
class Stage:
    """What a step works with. `noted` is remembered with the step, for later ones."""

    house: House
    standin: Standin
    mailbox: Mailbox
    site: Site
    clock: VirtualClock
    noted: dict[str, str] = field(default_factory=dict)

    def move_to(self, instant: str) -> None:
        """Set the virtual time of service and registries."""
        self.clock.now = datetime.strptime(instant, INSTANT).replace(tzinfo=UTC)
        self.standin.now = self.clock.now

    def evidence(self, topic: str) -> Evidence:
        return gather(*active(self.house, topic))

    def queue(self, topic: str, kind: str) -> tuple[Task, ...]:
        """Return what waits for people, of one kind."""
        return tuple(task for task in self.evidence(topic).queue() if task.kind == kind)

    def head(self, topic: str) -> str:
        """Return the last line of a topic's ledger as `number hash`."""
        head = self.house.store.head(topic)
        return f"{head.seq} {head.hash}"

    def versions(self, topic: str) -> tuple[str, ...]:
        return tuple(item.version for item in self.house.store.published(topic))

    def folder(self, topic: str, version: str) -> Path:
        return self.house.settings.site / topic / version

    def snapshot(self, topic: str, version: str) -> Snapshot:
        """Read a version as any reader can, from its folder."""
        return Snapshot.model_validate_json((self.folder(topic, version) / SNAPSHOT).read_bytes())

    def fixed_bytes(self, topic: str, version: str) -> str:
        """Return one hash over everything of a version that may never change: all but its shell."""
        folder, found = self.folder(topic, version), hashlib.sha256()
        files = (path for path in folder.rglob("*") if path.is_file() and path.name != "index.html")
        for path in sorted(files):
            found.update(f"{path.relative_to(folder)} {path.stat().st_size}\n".encode() + path.read_bytes())
        return found.hexdigest()

    def page(self, path: str) -> str:
        """Read a page of the site over HTTP."""
        return self._http("GET", path)

    def press(self, path: str) -> str:
        """Press the button of a page of the site."""
        return self._http("POST", path)

    def send(self, topic: str) -> None:
        """Send the letters that wait; none may be left over."""
        send_letters(self.house)
        stuck = [f"{item.kind} {item.state}" for item in self.house.store.letters(topic)]
        stuck = [item for item in stuck if item.rpartition(" ")[2] not in DELIVERED]
        expect(not stuck, f"every letter is delivered, not {', '.join(stuck)}")

    def _http(self, method: str, path: str) -> str:
        with requests.Session() as session:
            session.trust_env = False  # a proxy of this machine has nothing to do with loopback
            answer = session.request(method, f"{self.site.address}{path}", timeout=PATIENCE)
        expect(answer.status_code == 200, f"{path} is there, not {answer.status_code}")
        return answer.content.decode("utf-8")


@contextmanager
def opened(home: Path, records: RecordSet, port: int | None, noted: dict[str, str]) -> Iterator[Stage]:
    """Open everything, each on a free port of loopback; the site on `port` if one is asked for."""
    clock = VirtualClock()
    with ExitStack() as stack:
        standin = stack.enter_context(Standin(records, clock.now))
        mailbox = stack.enter_context(Mailbox(home / "mail"))
        house = open_house(_settings(home, standin, mailbox), clock, replay=True)
        stack.callback(house.store.close)
        stack.callback(house.gateway.close)
        site = _site(house, port, noted)
        stack.callback(site.stop)
        noted["port"] = str(site.port)
        house.settings = house.settings.model_copy(update={"public_url": site.address})
        site.start()
        yield Stage(house, standin, mailbox, site, clock, noted)


def _settings(home: Path, standin: Standin, mailbox: Mailbox) -> Settings:
    """Return settings that neither environment nor living.toml can change."""
    ours = {
        "home": home,
        "port": 0,
        "contact": CONTACT,
        "ncbi_url": standin.pubmed_url,
        "ctgov_url": standin.ctgov_url,
        "smtp_host": "127.0.0.1",
        "smtp_port": mailbox.port,
        "smtp_security": "none",
    }
    fixed = {name: item.get_default() for name, item in Settings.model_fields.items()}
    return Settings.model_construct(**{**fixed, **ours})


def _site(house: House, port: int | None, noted: dict[str, str]) -> Site:
    """Listen where asked; else where this replay listened before, so that links in its letters stay true."""
    if port is not None:
        house.settings = house.settings.model_copy(update={"port": port})
        return Site(house)
    for wanted in (int(noted.get("port", "0")), 0):
        house.settings = house.settings.model_copy(update={"port": wanted})
        try:
            return Site(house)
        except EnvironmentFault:
            continue
    raise EnvironmentFault("no port is free", where=house.settings.host)
