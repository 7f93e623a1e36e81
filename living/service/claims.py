"""Claims: somebody is at a study, until when. A courtesy that expires by itself and blocks no fact."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from living.errors import UserError
from living.model.values import later
from living.service.accounts import names
from living.service.house import House
from living.service.topics import evidence_of
from living.store import Claim

LASTS = timedelta(hours=2)  # a sitting; whoever is still at it renews by saving


@dataclass(frozen=True)
class ClaimView:
    """Somebody at a study. `topic` where claims of several are listed."""

    topic: str
    study: str
    by: str
    who: str
    since: str
    until: str


def take(house: House, topic: str, study: str, by: str) -> ClaimView:
    """Claim a study, or hold it longer. Raises UserError when as many others as are needed hold it.

    There are as many places as people who read a study.
    """
    key = known_study(house, topic, study)
    now = house.now()
    until = later(now, LASTS)
    places = evidence_of(house, topic).protocol.people.readers
    if not house.store.claim(topic, key, by, now, until, places=places):
        others = [claim for claim in claims(house, topic) if claim.study == key]
        first = min(others, key=lambda claim: claim.until)
        what = f"{' and '.join(sorted(claim.who for claim in others))} have claimed this study"
        raise UserError(
            what,
            where=study,
            fix=f"The first claim ends at {first.until[11:16]} UTC; you may still work on it",
        )
    return ClaimView(topic, key, by, names(house).get(by, by), now, until)


def renew(house: House, topic: str, study: str, by: str) -> None:
    """Hold a claim longer while its holder saves; of who has none, nothing happens."""
    if any(claim.by == by and claim.study == study for claim in house.store.claims(topic, house.now())):
        now = house.now()
        house.store.claim(topic, study, by, now, later(now, LASTS))


def release(house: House, topic: str, study: str, by: str) -> None:
    """Give a claim back."""
    house.store.release_claim(topic, known_study(house, topic, study), by)


def claims(house: House, topic: str) -> tuple[ClaimView, ...]:
    """Return the claims that have not expired, by study."""
    called = names(house)
    return tuple(_view(topic, claim, called) for claim in house.store.claims(topic, house.now()))


def known_study(house: House, topic: str, study: str) -> str:
    """Return the key of the study that a record belongs to. Raises UserError when there is none."""
    found = evidence_of(house, topic).studies.study_of(study)
    if found is None:
        raise UserError(f"no study '{study[:80]}' here", where=topic, fix="`living studies` lists them")
    return found.key


def _view(topic: str, claim: Claim, called: Mapping[str, str]) -> ClaimView:
    return ClaimView(topic, claim.study, claim.by, called.get(claim.by, claim.by), claim.at, claim.until)
