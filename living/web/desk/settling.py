"""The page of the adjudicator: readings side by side, and one form that settles what differs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from urllib.parse import quote

from living.errors import NotAllowed, UserError
from living.model.facts import Quote
from living.model.numbers import Numbers
from living.service.adjudicating import DESCRIPTION, Choice, send_back, settle
from living.service.drafts import Kept
from living.service.kept_forms import settling_labels, still_unsaid
from living.service.policy import Act
from living.service.settling_views import CellView, SettlingView, own_numbers, study_to_settle
from living.web.desk.kept import Keeping
from living.web.desk.visit import Answer, Moved, Page, Route, Visit

ONE = "/desk/{topic}/settle/{study:path}"
MOST_QUOTES = 20


def study(visit: Visit) -> Answer:
    """A study's readings: agreements folded, differences side by side; what was chosen and not yet said."""
    view = _view(visit)
    keeping = Keeping(visit, "settle", view.study)
    kept = keeping.left()
    differ = keeping.differs(view.label, lambda: settling_labels(view))
    return differ or _page(keeping, view, kept, kept.fields if kept else {})


def decide(visit: Visit) -> Answer:
    """Settle the cells chosen, and send back those that readers should look at again."""
    view = _view(visit)
    keeping = Keeping(visit, "settle", view.study)
    answer, kept = keeping.posted()
    if answer is not None:
        return answer
    try:
        choices = [*_choices(visit, view)]
        back = [*_sent_back(visit, view)]
        if not choices and not back:
            raise UserError("nothing was chosen", fix="Choose a side, or enter what the report says")
        done = settle(visit.house, visit.topic, view.study, choices, visit.person.id) if choices else None
        for cell, words in back:
            send_back(visit.house, visit.topic, view.study, cell, words, visit.person.id)
    except NotAllowed:
        raise
    except UserError as fault:
        return _page(keeping, _view(visit), kept, keeping.typed, fault)
    said = {*(choice.cell for choice in choices), *(cell for cell, _ in back)}
    keeping.closed(kept, still_unsaid(view, keeping.typed, said))
    told = [_told(done.facts)] if done else []
    told += [f"Sent back: {len(back)}."] if back else []
    return Moved(f"/desk/{visit.topic}/settle/{quote(view.study, safe=':/')}", " ".join(told))


def _told(facts: int) -> str:
    return f"Settled: {facts}." if facts else "This had been settled so before; nothing changed."


def _view(visit: Visit) -> SettlingView:
    return study_to_settle(visit.house, visit.topic, visit.path["study"], visit.person.id)


def _page(
    keeping: Keeping,
    view: SettlingView,
    kept: Kept | None,
    typed: Mapping[str, str],
    fault: UserError | None = None,
) -> Page:
    stamps = {f"{cell.id}.stamp": cell.stamp for cell in view.waiting}
    if view.described_differ:
        stamps[f"{DESCRIPTION}.stamp"] = view.described_stamp
    draft = keeping.stands(kept, settling_labels(view), stamps)
    shown = {"study": view, "typed": typed, "fault": fault, "draft": draft}
    return Page("settle.html", shown, 400 if fault else 200)


def _choices(visit: Visit, view: SettlingView) -> Iterator[Choice]:
    for cell in (*view.waiting, *view.folded):
        what, _, side = visit.field(f"{cell.id}.choice").partition(":")
        if what in ("side", "own"):
            own = _own(visit, view, cell, side) if what == "own" else None
            quotes = _quotes(visit, view, f"{cell.id}.own.{side}") if what == "own" else ()
            yield _choice(visit, cell.id, side, own, quotes)
    what, _, side = visit.field(f"{DESCRIPTION}.choice").partition(":")
    if what == "side":
        yield _choice(visit, DESCRIPTION, side, None, ())


def _choice(visit: Visit, cell: str, side: str, own: Numbers | None, quotes: tuple[Quote, ...]) -> Choice:
    return Choice(
        cell=cell,
        stamp=visit.field(f"{cell}.stamp"),
        side=side,
        reason=visit.field(f"{cell}.reason").strip(),
        numbers=own,
        quotes=quotes,
        why=visit.field(f"{cell}.why").strip(),
    )


def _own(visit: Visit, view: SettlingView, cell: CellView, side: str) -> Numbers:
    start = f"{cell.id}.own.{side}."
    typed = {name.removeprefix(start): visit.field(name) for name in visit.said if name.startswith(start)}
    return own_numbers(visit.house, visit.topic, view.study, cell.id, side, typed)


def _quotes(visit: Visit, view: SettlingView, start: str) -> tuple[Quote, ...]:
    """The quotes typed beside one's own numbers; a row without words is none."""
    known = {key for key, _ in view.reports}
    found = []
    for n in range(MOST_QUOTES):
        row = f"{start}.q{n}"
        words, place = visit.field(f"{row}.text").strip(), visit.field(f"{row}.locator").strip()
        if not words:
            continue
        report, kind = visit.field(f"{row}.report"), visit.field(f"{row}.kind", "verbatim")
        if not place or report not in known or kind not in ("verbatim", "figure", "transcribed"):
            cell = start.partition(".own.")[0]
            raise UserError("a quote names its report and the place in it", where=cell, fix="Fill in both")
        found.append(Quote.model_validate({"report": report, "locator": place, "kind": kind, "text": words}))
    return tuple(found)


def _sent_back(visit: Visit, view: SettlingView) -> Iterator[tuple[str, str]]:
    for cell in (*(item.id for item in view.waiting), DESCRIPTION):
        if visit.field(f"{cell}.choice") == "back":
            words = visit.field(f"{cell}.reason").strip()
            if not words:
                raise UserError("say what to look at again", where=cell, fix="A sentence is needed")
            yield cell, words


ROUTES: tuple[Route, ...] = (
    Route("GET", ONE, Act.ADJUDICATE, study),
    Route("POST", ONE, Act.ADJUDICATE, decide),
)
