"""What people noted around a study's numbers: how it was done, its full texts, questions, and conflicts."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from living.model.facts import AuthorQuestion, FullText, LedgerLine, Particular, Particulars, Recusal
from living.model.state import ReviewState
from living.model.teamwork import FullTextOut, QuestionOut, RecusalOut
from living.review.evidence import Evidence
from living.review.identity import Studies, Study
from living.review.recused import standing_recusals

MOST_INITIALS = 3  # letters after a surname in a registry's list of authors


@dataclass(frozen=True)
class Conduct:
    """What a snapshot says of how one study was done and dealt with."""

    particulars: tuple[Particular, ...] = ()
    full_texts: tuple[FullTextOut, ...] = ()
    questions: tuple[QuestionOut, ...] = ()
    recused: tuple[RecusalOut, ...] = ()


def conducts(state: ReviewState, studies: Studies) -> dict[str, Conduct]:
    """Return what was noted of each study, by study key; a study nothing was noted of is absent."""
    noted = particulars_of(state, studies)
    texts = full_texts_of(state)
    asked = questions_of(state)
    away = standing_recusals(state)
    found = {
        key: Conduct(
            noted[key][1].items if key in noted else (),
            tuple(_full_text(*texts[record]) for record in study.records if record in texts),
            tuple(_question(fact) for _, fact in asked.values() if fact.study in study.records),
            tuple(_recusals(away, study)),
        )
        for key, study in studies.by_key.items()
    }
    return {key: item for key, item in found.items() if item != Conduct()}


def particulars_of(state: ReviewState, studies: Studies) -> dict[str, tuple[LedgerLine, Particulars]]:
    """Return the latest particulars of each study, by study key, whichever of its records they name."""
    found: dict[str, tuple[LedgerLine, Particulars]] = {}
    for line, fact in state.of_kind(Particulars):
        found[studies.key_of.get(fact.study, fact.study)] = (line, fact)
    return found


def full_texts_of(state: ReviewState) -> dict[str, tuple[LedgerLine, FullText]]:
    """Return the latest status of each report's full text, by record."""
    return {fact.record: (line, fact) for line, fact in state.of_kind(FullText)}


def questions_of(state: ReviewState) -> dict[str, tuple[LedgerLine, AuthorQuestion]]:
    """Return the latest state of each question to authors, by its id, oldest question first."""
    return {fact.id: (line, fact) for line, fact in state.of_kind(AuthorQuestion)}


def declared(evidence: Evidence, key: str) -> tuple[str, ...]:
    """Return what the protocol declares of conflicts that names this study."""
    label = evidence.label(key)
    return tuple(note for note in evidence.protocol.topic.conflict_notes if label in note)


def authors_among(evidence: Evidence, key: str, names: Iterable[str]) -> tuple[str, ...]:
    """Return those of the names that an author of one of the study's reports also has.

    The surname and the first initial agree: a reason to ask, and no more than that.
    """
    study = evidence.studies.by_key[key]
    records = [evidence.state.records[name] for name in study.records]
    authors = {found for record in records for author in record.authors for found in _signs(author)}
    return tuple(name for name in names if authors & set(_signs(name)))


def _signs(name: str) -> Iterator[tuple[str, str]]:
    """Yield the ways to read a name: surname and first initial, without accents and case."""
    surname, comma, first = name.partition(",")
    words = name.replace(",", " ").replace(".", " ").split()
    if comma and first.strip():
        yield _plain(surname), _plain(first.strip()[:1])
    elif len(words) > 1 and words[-1].isupper() and len(words[-1]) <= MOST_INITIALS:
        yield _plain(" ".join(words[:-1])), _plain(words[-1][:1])
    elif len(words) > 1:
        yield _plain(words[-1]), _plain(words[0][:1])


def _plain(text: str) -> str:
    parts = unicodedata.normalize("NFKD", text.strip())
    return "".join(char for char in parts if not unicodedata.combining(char)).casefold()


def _full_text(line: LedgerLine, fact: FullText) -> FullTextOut:
    return FullTextOut(
        record=fact.record, status=fact.status, language=fact.language, since=line.at[:10], note=fact.note
    )


def _question(fact: AuthorQuestion) -> QuestionOut:
    return QuestionOut(
        id=fact.id,
        question=fact.question,
        asked=fact.asked or "",
        answer=fact.answer,
        answered=fact.answered or "",
        status=fact.status,
    )


def _recusals(away: dict[tuple[str, str], tuple[LedgerLine, Recusal]], study: Study) -> Iterator[RecusalOut]:
    """Each person once, with the reason given last, whichever records it was given for."""
    found: dict[str, RecusalOut] = {}
    for (record, person), (line, fact) in away.items():
        if record in study.records:
            found[person] = RecusalOut(person=person, reason=fact.reason, at=line.at[:10])
    yield from found.values()
