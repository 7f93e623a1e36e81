"""The part of a form's page that keeps what is typed: drafts, "Save draft", and two states of one form."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from living.errors import UserError
from living.service import kept_forms as forms
from living.service.drafts import Kept, found
from living.service.kept_forms import KeptForm, Labels, Sheaf, page_of_form
from living.web.desk.visit import Answer, Data, Moved, Page, Visit

FRAME_FIELDS = frozenset({"csrf", "do", "key", "password", "base"})
SAVE, DROP, CHOOSE = "save", "drop", "choose"


@dataclass(frozen=True)
class Keeping:
    """One visitor's draft of one form: `form` and `subject` as `service/kept_forms.py` names them."""

    visit: Visit
    form: str
    subject: str

    @property
    def typed(self) -> dict[str, str]:
        return {name: self.visit.field(name) for name in self.visit.said if name not in FRAME_FIELDS}

    def left(self) -> Kept | None:
        """What the visitor left on the form and did not hand in."""
        return found(self.visit.house, self._sheaf())

    def posted(self) -> tuple[Answer | None, Kept | None]:
        """Keep what was posted, whatever it was posted for. An answer, when that was all there is to do."""
        do = self.visit.field("do")
        if do == CHOOSE:
            return self._chosen(), None
        kept = forms.keep(self.visit.house, self._sheaf(), self.typed, self._base())
        if do == DROP:
            forms.drop(self.visit.house, self._sheaf(), kept)
            return Moved(self.page(), "The draft is dropped."), kept
        if do == SAVE and self.visit.quick:
            return self._told(kept), kept
        if kept is not None and kept.beside and do != "look":
            return Moved(self.page(kept.revision)), kept
        return (Moved(self.page(), "Draft saved") if do == SAVE else None), kept

    def closed(self, kept: Kept | None, rest: dict[str, str] | None = None) -> None:
        """The form was handed in; `rest`: what was typed and is still unsaid."""
        forms.close(self.visit.house, self._sheaf(), kept, rest)

    def stands(self, kept: Kept | None, labels: Labels, now: dict[str, str]) -> KeptForm:
        """What the page says of its draft."""
        return forms.stands(self.visit.house, self._sheaf(), kept, labels, now)

    def differs(self, label: str, labels: Callable[[], Labels]) -> Page | None:
        """The choice between two states of the form, when the address asks for it."""
        asked = self.visit.asked.get("differ", "")
        if not asked:
            return None
        states = forms.two_states(self.visit.house, self._sheaf(), _number(asked) or 0, label, labels())
        result = self.subject.partition(" ")[2]
        hidden = {"do": CHOOSE, **({"result": result} if result else {})}
        action = self.page().partition("?")[0]
        return Page("read_difference.html", {"page": states, "action": action, "hidden": hidden})

    def page(self, differ: int | None = None) -> str:
        return page_of_form(self.visit.topic, self.form, self.subject, differ)

    def _chosen(self) -> Moved:
        other = (name for name in self.visit.said if self.visit.field(name) == "other")
        taken = tuple(name.removeprefix("take:") for name in other if name.startswith("take:"))
        forms.choose(self.visit.house, self._sheaf(), self._base() or 0, taken)
        return Moved(self.page(), "Your choice is kept; go on from here")

    def _told(self, kept: Kept | None) -> Data:
        if kept is None:
            raise UserError("it was handed in just so", where=self.subject, fix="Open the form again")
        beside = self.page(kept.revision) if kept.beside else ""
        return Data({"revision": kept.revision, "at": kept.at, "beside": beside, "page": self.page()})

    def _base(self) -> int | None:
        return _number(self.visit.field("base"))

    def _sheaf(self) -> Sheaf:
        visit = self.visit
        return forms.sheaf_for(visit.house, visit.topic, self.form, self.subject, visit.person.id)


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None
