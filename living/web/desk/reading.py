"""The pages of extraction: one study's form beside its sources, its drafts, and their differences."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote, urlencode

from living.errors import UserError
from living.service.drafts import Kept
from living.service.policy import Act
from living.service.reading import (
    begin_again,
    change,
    choose,
    hand_in,
    look,
    opened,
    save,
)
from living.service.reading_page import ReadingPage, difference_page, reading_page, typed_so_far
from living.service.recusals import conflicts
from living.web.desk.visit import Answer, Data, Moved, Page, Route, Visit

OWN = ("do", "see", "key", "base", "source", "csrf")  # of the page, no part of the form


def form(visit: Visit) -> Answer:
    """The form as its author left it."""
    revision = _number(visit.asked.get("rev", ""))
    kept = opened(visit.house, visit.topic, visit.person.id, visit.path["study"], revision)
    found = reading_page(
        visit.house,
        visit.topic,
        visit.person.id,
        visit.path["study"],
        kept=kept,
        source=visit.asked.get("source", ""),
    )
    return Page("read.html", _shown(visit, found))


def act(visit: Visit) -> Answer:
    """One press of a button of the form: whatever it was, what was typed is kept first."""
    do = visit.field("do")
    if do == "hand_in":
        return _hand_in(visit)
    if do == "again":
        return _on(visit, begin_again(visit.house, visit.topic, visit.person.id, visit.path["study"]))
    if do == "check":
        return _checked(visit)
    shown = visit.field("see") or visit.field("source")
    kept = change(
        visit.house,
        visit.topic,
        visit.person.id,
        visit.path["study"],
        _typed(visit),
        _base(visit),
        do or "save",
    )
    return _on(visit, kept, shown, do)


def draft(visit: Visit) -> Answer:
    """Save what is typed; the page's own script asks, and is told the revision and what stands beside it."""
    kept = save(visit.house, visit.topic, visit.person.id, visit.path["study"], _typed(visit), _base(visit))
    if not visit.quick:
        return _on(visit, kept, visit.field("source"))
    beside = _place(visit, "differ", rev=kept.revision) if kept.beside else ""
    return Data({"revision": kept.revision, "at": kept.at, "beside": beside})


def check(visit: Visit) -> Answer:
    """What can be said of what is typed so far, as a fragment for the page's own script."""
    if not visit.quick:
        return _checked(visit)
    sheet = typed_so_far(visit.house, visit.topic, visit.person.id, visit.path["study"], _typed(visit))
    return Page("read_notes.html", {"fields": tuple(item for item, _ in sheet.labelled)})


def differ(visit: Visit) -> Answer:
    """Two states of one form, field by field."""
    revision = _number(visit.asked.get("rev", ""))
    found = difference_page(visit.house, visit.topic, visit.person.id, visit.path["study"], revision)
    return Page("read_difference.html", {"page": found, "action": _place(visit, "differ"), "hidden": {}})


def settle(visit: Visit) -> Answer:
    """Go on with what was chosen, field by field; the other state stays in the draft's history."""
    taken = [name.removeprefix("take:") for name in visit.said if name.startswith("take:")]
    other = [name for name in taken if visit.field(f"take:{name}") == "other"]
    study, revision = visit.path["study"], _base(visit)
    kept = choose(visit.house, visit.topic, visit.person.id, study, revision, other)
    return _on(visit, kept, told="Your choice is kept; go on from here")


def _hand_in(visit: Visit) -> Answer:
    house, topic, by, study = visit.house, visit.topic, visit.person.id, visit.path["study"]
    done = hand_in(house, topic, by, study, _typed(visit), _base(visit), visit.field("key"))
    if done.told:
        return Moved(_place(visit, "read"), done.told)
    if done.looked is None:
        assert done.kept is not None
        return Moved(_place(visit, "differ", rev=done.kept.revision))
    found = reading_page(
        house,
        topic,
        by,
        study,
        kept=done.kept,
        source=visit.field("source"),
        looked=done.looked,
        press=visit.field("key"),
    )
    return Page("read.html", _shown(visit, found), 400)


def _checked(visit: Visit) -> Answer:
    """The whole page with every fault and finding beside its field, for browsers without script."""
    house, topic, by, study = visit.house, visit.topic, visit.person.id, visit.path["study"]
    kept = save(house, topic, by, study, _typed(visit), _base(visit))
    looked = look(house, topic, by, study, kept.fields)
    found = reading_page(
        house,
        topic,
        by,
        study,
        kept=kept,
        source=visit.field("source"),
        looked=looked,
        press=visit.field("key"),
    )
    return Page("read.html", _shown(visit, found))


def _shown(visit: Visit, found: ReadingPage) -> dict[str, object]:
    """The page, with what speaks of a conflict before anybody reads the study."""
    return {"page": found, "conflicts": conflicts(visit.house, visit.topic, found.study, visit.person)}


def _on(visit: Visit, kept: Kept, source: str = "", do: str = "", told: str = "") -> Moved:
    """Go on with the form where the press left it."""
    if kept.beside:
        return Moved(_place(visit, "differ", rev=kept.revision))
    act, _, what = do.partition(":")
    last = {"arm": "arms", "cell": "cells-end", "use": "cells-end", "turn": "cells-end"}.get(act, "")
    anchor = last or (what if act == "quote" else "")
    to = _place(visit, "read", **({"source": source} if source else {}))
    return Moved(f"{to}#{anchor}" if anchor else to, told or ("Draft saved" if do == "save" else ""))


def _place(visit: Visit, word: str, **asked: object) -> str:
    query = f"?{urlencode(asked)}" if asked else ""
    return f"/desk/{visit.topic}/{word}/{quote(visit.path['study'], safe=':/')}{query}"


def _typed(visit: Visit) -> Mapping[str, str]:
    return {name: values[-1] for name, values in visit.said.items() if values and name not in OWN}


def _base(visit: Visit) -> int:
    found = _number(visit.field("base"))
    if found is None:
        raise UserError("the form came without the state it began from", fix="Open it again")
    return found


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


READ = "/desk/{topic}/read/{study:path}"
DIFFER = "/desk/{topic}/differ/{study:path}"
ROUTES: tuple[Route, ...] = (
    Route("GET", READ, Act.EXTRACT, form),
    Route("POST", READ, Act.EXTRACT, act),
    Route("POST", "/desk/{topic}/draft/{study:path}", Act.EXTRACT, draft),
    Route("POST", "/desk/{topic}/check/{study:path}", Act.EXTRACT, check),
    Route("GET", DIFFER, Act.EXTRACT, differ),
    Route("POST", DIFFER, Act.EXTRACT, settle),
)
