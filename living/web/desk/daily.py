"""What reviewers need daily: full texts, questions to authors, how a trial was done, conflicts."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import quote

from living.errors import NotAllowed, UserError
from living.service import fulltexts
from living.service.accounts import names
from living.service.fulltexts import full_texts, note_full_text
from living.service.particulars import TOPICS, Written, note, particulars
from living.service.policy import Act
from living.service.questions import ask, follow, questions
from living.service.recusals import FOR_OTHERS, conflicts, lift, may_say_of, recusals, recuse
from living.service.uploads import MOST_BYTES, take_away, upload
from living.web.desk.visit import Answer, Moved, Page, Route, Visit

LIST, ONE = "/desk/{topic}/daily/", "/desk/{topic}/daily/{study:path}"
FORM_BYTES = 100_000  # of a form around its file
Said = Callable[[Visit, str], str]


def overview(visit: Visit) -> Answer:
    """Every report with its full text, every question, everybody who keeps away from a study."""
    house, topic = visit.house, visit.topic
    shown = {
        "reports": full_texts(house, topic),
        "questions": questions(house, topic),
        "recusals": recusals(house, topic),
    }
    return Page("daily.html", shown)


def study(visit: Visit) -> Answer:
    """One study: conflicts first, then its reports, questions, and how it was done."""
    return _page(visit)


def _full_text(visit: Visit, study: str) -> str:
    record, status = visit.field("record"), visit.field("status")
    _of_study(visit, study, record)
    language, text = visit.field("language"), visit.field("note")
    note_full_text(visit.house, visit.topic, record, status, visit.person.id, language, text)
    return "Noted."


def _upload(visit: Visit, study: str) -> str:
    sent = visit.files.get("file")
    if sent is None or not sent.content:
        raise UserError("no file came", where="file", fix="Choose the report's PDF")
    record = visit.field("record")
    _of_study(visit, study, record)
    kept = upload(visit.house, visit.topic, record, sent.name, sent.content, visit.person.id)
    return f"Kept {kept.name}, {kept.pages} pages. Only the team can read it."


def _remove(visit: Visit, study: str) -> str:
    record = visit.field("record")
    _of_study(visit, study, record)
    gone = take_away(visit.house, visit.topic, record, visit.field("sha256"), visit.person.id)
    return "The file was taken away." if gone else "It had been taken away before."


def _ask(visit: Visit, study: str) -> str:
    ask(visit.house, visit.topic, study, visit.field("question"), visit.person.id)
    return "The question is written down."


def _follow(visit: Visit, _study: str) -> str:
    name, status = visit.field("id"), visit.field("status")
    day, answer = visit.field("day"), visit.field("answer")
    follow(visit.house, visit.topic, name, status, visit.person.id, day, answer)
    return "Noted."


def _note(visit: Visit, study: str) -> str:
    written = {
        name: Written(
            visit.field(f"{name}-said"),
            visit.field(f"{name}-report"),
            visit.field(f"{name}-locator"),
            visit.field(f"{name}-text"),
        )
        for name in TOPICS
    }
    done = note(visit.house, visit.topic, study, written, visit.person.id)
    return "Noted." if done.facts else "Nothing changed."


def _recuse(visit: Visit, study: str) -> str:
    person = visit.field("person") or visit.person.id
    may_say_of(visit.person, visit.topic, person)
    if person not in names(visit.house):
        raise UserError("nobody here has this id", where="person", fix="Choose somebody of the team")
    recuse(visit.house, visit.topic, study, person, visit.field("reason"), visit.person.id)
    return "From now on nothing they say about this study is taken."


def _lift(visit: Visit, study: str) -> str:
    person = visit.field("person")
    may_say_of(visit.person, visit.topic, person)
    lift(visit.house, visit.topic, study, person, visit.field("reason"), visit.person.id)
    return "They may work on this study again."


def _of_study(visit: Visit, study: str, record: str) -> None:
    """Refuse a record that the address does not stand for: a form changes what its page shows."""
    if record not in {row.record for row in full_texts(visit.house, visit.topic, study)}:
        raise UserError(f"'{record[:80]}' is no report of this study", where="record")


def _done(form: str, said: Said) -> Callable[[Visit], Answer]:
    """Take one of the page's forms; what cannot be taken comes back with all that was typed."""

    def handler(visit: Visit) -> Answer:
        key = visit.path["study"]
        try:
            told = said(visit, key)
        except NotAllowed:
            raise
        except UserError as fault:
            return _page(visit, form, fault)
        return Moved(f"/desk/{visit.topic}/daily/{quote(key, safe=':/')}", told)

    return handler


def _page(visit: Visit, form: str = "", fault: UserError | None = None) -> Page:
    key, house, topic = visit.path["study"], visit.house, visit.topic
    sheet = particulars(house, topic, key)
    shown = {
        "study": sheet,
        "at": f"/desk/{topic}",
        "key": quote(sheet.study, safe=":/"),
        "conflicts": conflicts(house, topic, key, visit.person),
        "reports": full_texts(house, topic, key),
        "questions": questions(house, topic, key),
        "statuses": fulltexts.STATUSES,
        "team": sorted(names(house).items(), key=lambda item: item[1]),
        "for_others": bool(visit.person.roles_in(topic) & FOR_OTHERS),
        "may": visit.person.may(Act.ORGANISE, topic),
        "typed": {name: values[-1] for name, values in visit.said.items()} if fault else {},
        "form": form,
        "fault": fault,
    }
    return Page("study_daily.html", shown, 400 if fault else 200)


def _post(word: str, said: Said, most: int | None = None) -> Route:
    path = f"/desk/{{topic}}/daily-{word}/{{study:path}}"
    handler = _done(word, said)
    if most is None:
        return Route("POST", path, Act.ORGANISE, handler)
    return Route("POST", path, Act.ORGANISE, handler, most)


ROUTES: tuple[Route, ...] = (
    Route("GET", LIST, Act.LOOK, overview),
    Route("GET", ONE, Act.LOOK, study),
    _post("fulltext", _full_text),
    _post("upload", _upload, MOST_BYTES + FORM_BYTES),
    _post("remove", _remove),
    _post("ask", _ask),
    _post("follow", _follow),
    _post("note", _note),
    _post("recuse", _recuse),
    _post("lift", _lift),
)
