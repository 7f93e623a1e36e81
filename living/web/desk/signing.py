"""The page on which an editor sees what would be published, publishes it, and signs it."""

from __future__ import annotations

from living.errors import NotAllowed, UserError
from living.publish.columns import TABLES
from living.service.policy import Act
from living.service.signing import preview, preview_figure, proposal, publish_now, sign_proposal
from living.web.desk.visit import Answer, File, Moved, Page, Route, Visit

SIGN, PREVIEW = "/desk/{topic}/sign/", "/desk/{topic}/sign/preview/"
PUBLISH = "/desk/{topic}/sign/publish/"


def look(visit: Visit) -> Answer:
    """What would be before readers, why, against what, and what is still open."""
    return _page(visit)


def looked_through(visit: Visit) -> Answer:
    """The page as readers would have it."""
    return Page("preview.html", {"v": preview(visit.house, visit.topic), "tables": TABLES})


def figure(visit: Visit) -> Answer:
    """One figure of the preview."""
    name = visit.path["name"]
    return File(preview_figure(visit.house, visit.topic, name), "image/svg+xml", name, "picture")


def publish(visit: Visit) -> Answer:
    """Publish as provisional what the rule makes a version of."""
    done = publish_now(visit.house, visit.topic)
    told = (
        f"Published: {', '.join(done.versions)}." if done.versions else "The rule makes no version of this."
    )
    return Moved(SIGN.format(topic=visit.topic), told)


def sign(visit: Visit) -> Answer:
    """Sign the digest that was shown; what was typed comes back when it cannot be taken."""
    if not visit.password_fresh:
        raise NotAllowed("a signature takes the password", where=visit.topic)
    conclusion, certainty = visit.field("conclusion"), visit.field("certainty")
    try:
        if visit.field("meaning") != "approved":
            raise UserError("say that you reviewed and approve it", where="meaning", fix="Tick the box")
        sign_proposal(visit.house, visit.topic, visit.field("digest"), conclusion, certainty, visit.person.id)
    except NotAllowed:
        raise
    except UserError as fault:
        return _page(visit, conclusion, fault)
    told = "Signed. The version that carries your sentence follows with the next turn of the service."
    return Moved(SIGN.format(topic=visit.topic), told)


def _page(visit: Visit, conclusion: str = "", fault: UserError | None = None) -> Page:
    found = proposal(visit.house, visit.topic)
    shown = {"p": found, "d": found.moved, "conclusion": conclusion, "fault": fault}
    return Page("sign.html", shown, 400 if fault else 200)


ROUTES: tuple[Route, ...] = (
    Route("GET", SIGN, Act.SIGN, look),
    Route("GET", PREVIEW, Act.SIGN, looked_through),
    Route("GET", PREVIEW + "figures/{name}", Act.SIGN, figure),
    Route("POST", PUBLISH, Act.SIGN, publish),
    Route("POST", SIGN, Act.SIGN, sign, password=True),
)
