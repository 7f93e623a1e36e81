"""The page of searches: how each source is searched, what must be listed; to try and sign another query."""

from __future__ import annotations

from living.errors import HeldElsewhere, LivingError, NotAllowed, SourceError, UserError
from living.model.protocol import Source
from living.service.policy import Act
from living.service.strategy import Trial, sign_search, source_named, try_search, with_query
from living.service.strategy_views import searches
from living.web.desk.visit import Answer, Moved, Page, Route, Visit

SEARCHES = "/desk/{topic}/searches/"
MOST = 200  # entries shown of those gained, and of those lost that need not be listed
TRY, SIGN = SEARCHES + "try/", SEARCHES + "sign/"


def look(visit: Visit) -> Answer:
    """How every source is searched, since when, by whose signature; and what is alarming."""
    return _page(visit)


def attempt(visit: Visit) -> Answer:
    """Ask the registry what a query would list, and show what it gains and loses; nothing is changed."""
    try:
        trial = try_search(visit.house, visit.topic, _wanted(visit))
    except (UserError, SourceError) as fault:
        return _page(visit, fault=fault)
    return _page(visit, trial)


def sign(visit: Visit) -> Answer:
    """Sign the search that was shown; what was typed comes back when it cannot be taken."""
    if not visit.password_fresh:
        raise NotAllowed("a signature takes the password", where=visit.topic)
    try:
        wanted, seen = _wanted(visit), visit.field("seen")
        if not seen:
            raise UserError("nothing was shown yet", where="query", fix="Try the query first")
        trial, said = sign_search(
            visit.house,
            visit.topic,
            wanted,
            visit.field("reason"),
            visit.person.id,
            losing=visit.fields("losing"),
            seen=seen,
        )
    except NotAllowed:
        raise
    except (UserError, SourceError) as fault:
        return _again(visit, fault)
    told = f"Signed: how {trial.label} is searched." if said.facts else "That was signed already."
    if not trial.in_force:
        told += " It comes into force when the topic's file holds this query and is loaded."
    return Moved(SEARCHES.format(topic=visit.topic), told)


def _wanted(visit: Visit) -> Source:
    source = source_named(visit.house, visit.topic, visit.field("source") or None)
    return with_query(source, visit.field("query").replace("\r\n", "\n"))


def _again(visit: Visit, fault: LivingError) -> Page:
    """Show the query as it is found now, with what was typed, and why it was not signed."""
    try:
        trial = try_search(visit.house, visit.topic, _wanted(visit))
    except (UserError, SourceError):
        return _page(visit, fault=fault)
    return _page(visit, trial, fault)


def _page(visit: Visit, trial: Trial | None = None, fault: LivingError | None = None) -> Page:
    found = searches(visit.house, visit.topic)
    typed = {name: visit.field(name) for name in ("source", "query", "reason")}
    lost = trial.compared.lost if trial else ()
    shown = {
        "s": found,
        "trial": trial,
        "lost": tuple(item for item in lost if item.counts) + tuple(i for i in lost if not i.counts)[:MOST],
        "more": max(0, sum(not item.counts for item in lost) - MOST),
        "now": typed | {"losing": visit.fields("losing")},
        "gained": trial.gained[:MOST] if trial else (),
        "fault": fault if isinstance(fault, UserError) or fault is None else UserError(str(fault)),
        "may_try": visit.person.may(Act.ORGANISE, visit.topic),
        "may_sign": visit.person.may(Act.SIGN, visit.topic),
    }
    return Page("strategy.html", shown, _status(fault))


def _status(fault: LivingError | None) -> int:
    """A registry that does not answer, and another search that goes on, are no mistake of who asks."""
    if fault is None:
        return 200
    return 503 if isinstance(fault, SourceError | HeldElsewhere) else 400


ROUTES: tuple[Route, ...] = (
    Route("GET", SEARCHES, Act.LOOK, look),
    Route("POST", TRY, Act.ORGANISE, attempt),
    Route("POST", SIGN, Act.SIGN, sign, password=True),
)
