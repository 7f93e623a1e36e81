"""Who may do what: roles of people per topic, and the one table of what each role allows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from living.errors import NotAllowed

EVERY_TOPIC = ""  # a role given for it holds in every topic


class Role(StrEnum):
    """What somebody is in a topic. Nobody is blind to less for a higher role."""

    READER = "reader"
    SCREENER = "screener"
    EXTRACTOR = "extractor"
    ADJUDICATOR = "adjudicator"
    EDITOR = "editor"
    ADMINISTRATOR = "administrator"


class Act(StrEnum):
    """Kinds of things that people do at the workbench and on the command line."""

    LOOK = "look at the team's pages"
    REMARK = "write a remark"
    SCREEN = "screen"
    LINK = "rule on links"
    EXTRACT = "extract"
    ADJUDICATE = "adjudicate"
    JUDGE = "judge trustworthiness and risk of bias"
    GRADE = "rate certainty"
    ORGANISE = "assign, import searches, and keep full texts and questions"
    SIGN = "sign and publish"
    AUDIT = "read the audit trail"
    MANAGE = "manage people"


_EVERYBODY = frozenset(Role)
_WORKING = _EVERYBODY - {Role.READER}
MAY: Mapping[Act, frozenset[Role]] = {
    Act.LOOK: _EVERYBODY,
    Act.REMARK: _WORKING,
    Act.SCREEN: frozenset({Role.SCREENER}),
    Act.LINK: frozenset({Role.SCREENER, Role.ADJUDICATOR, Role.EDITOR}),
    Act.EXTRACT: frozenset({Role.EXTRACTOR}),
    Act.ADJUDICATE: frozenset({Role.ADJUDICATOR}),
    Act.JUDGE: frozenset({Role.EXTRACTOR, Role.ADJUDICATOR}),
    Act.GRADE: frozenset({Role.ADJUDICATOR, Role.EDITOR}),
    Act.ORGANISE: _WORKING,
    Act.SIGN: frozenset({Role.EDITOR}),
    Act.AUDIT: frozenset({Role.ADJUDICATOR, Role.EDITOR, Role.ADMINISTRATOR}),
    Act.MANAGE: frozenset({Role.ADMINISTRATOR}),
}


@dataclass(frozen=True)
class Person:
    """Somebody with an account: the opaque id that facts carry, the name shown to the team, the roles."""

    id: str
    name: str
    roles: Mapping[str, frozenset[Role]] = field(default_factory=dict)

    def roles_in(self, topic: str) -> frozenset[Role]:
        """Return the roles held in a topic, those for every topic among them."""
        everywhere = self.roles.get(EVERY_TOPIC, frozenset())
        return everywhere | self.roles.get(topic, frozenset())

    def may(self, act: Act, topic: str) -> bool:
        return bool(self.roles_in(topic) & MAY[act])


def allow(person: Person, act: Act, topic: str) -> None:
    """Raise NotAllowed when the person has no role in the topic that allows the act."""
    if person.may(act, topic):
        return
    needed = ", ".join(role for role in Role if role in MAY[act])
    raise NotAllowed(f"your roles do not let you {act}", where=topic, fix=f"It takes one of: {needed}")
