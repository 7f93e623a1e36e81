"""What ends: a version that is withdrawn, a topic that is retired; and either's return."""

from __future__ import annotations

from typing import Literal

from living.errors import UserError
from living.model.facts import Retirement, Withdrawal
from living.model.state import ReviewState
from living.review.notices import retirement_of, withdrawal_of
from living.service.house import House
from living.service.saying import Said, known_name, said_in
from living.service.topics import known, while_others_write

Trigger = Literal["answered", "quiet", "relevance", "superseded"]


def withdraw(house: House, topic: str, version: str, because: str, by: str, *, restore: bool = False) -> Said:
    """Withdraw a published version, or put it back. Its bytes stay; its page, the lists and letters say so.

    Saying what stands already adds nothing; another reason for it does.
    """
    published = [item.version for item in house.store.published(known(house, topic))]
    if version not in published:
        told = ", ".join(published) or "none"
        raise UserError(f"no published version '{version}'", where=topic, fix=f"Known: {told}")
    standing = withdrawal_of(house.store.state(topic), version)
    if restore and standing is None:
        raise UserError(f"{version} is not withdrawn", where=topic)
    fact = Withdrawal(version=version, reason=said_in(because, "--because"), withdrawn=not restore)
    return _say(house, topic, by, fact)


def retire(
    house: House, topic: str, trigger: Trigger, because: str, by: str, *, restore: bool = False
) -> Said:
    """End the living mode of a topic for a reason that people give, or begin it again.

    From then on nothing is searched by itself. Every version stays, and says that it is updated no longer.
    """
    standing = retirement_of(house.store.state(known(house, topic)))
    if restore and standing is None:
        raise UserError(f"{topic} is not retired", where=topic)
    fact = Retirement(trigger=trigger, reason=said_in(because, "--because"), retired=not restore)
    return _say(house, topic, by, fact)


def _say(house: House, topic: str, by: str, fact: Withdrawal | Retirement) -> Said:
    known_name(by)

    def say() -> Said:
        state = house.store.state(topic)
        if _standing(state, fact) == fact:
            return Said(0, state.seq)
        done = house.store.append(topic, house.now(), [(by, fact)], after=state.seq)
        return Said(1, done.last)

    return while_others_write(topic, say)


def _standing(state: ReviewState, fact: Withdrawal | Retirement) -> Withdrawal | Retirement | None:
    if isinstance(fact, Retirement):
        return next((said for _, said in reversed(list(state.of_kind(Retirement)))), None)
    about = (said for _, said in reversed(list(state.of_kind(Withdrawal))) if said.version == fact.version)
    return next(about, None)
