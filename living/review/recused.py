"""Who keeps away from which study for a conflict of interest, and which facts that concerns."""

from __future__ import annotations

from living.model.facts import (
    Adjudication,
    AuthorQuestion,
    Characteristics,
    Extraction,
    Fact,
    FullText,
    Judgement,
    LedgerLine,
    Link,
    Particulars,
    Recusal,
    ScreeningVote,
)
from living.model.state import ReviewState
from living.review.identity import Studies


def standing_recusals(state: ReviewState) -> dict[tuple[str, str], tuple[LedgerLine, Recusal]]:
    """Return the recusals that stand, by record and person, with their lines; the latest of a pair counts.

    They are kept by the record they were said of, so that joining studies lifts none.
    """
    latest = {(fact.study, fact.person): (line, fact) for line, fact in state.of_kind(Recusal)}
    return {pair: found for pair, found in latest.items() if found[1].recused}


def recused(state: ReviewState, studies: Studies) -> dict[str, frozenset[str]]:
    """Return, by study key, the people who keep away from it; a study that nobody keeps away from is absent.

    Of records joined into one study, a recusal from any of them is one from the study.
    """
    found: dict[str, set[str]] = {}
    for record, person in standing_recusals(state):
        found.setdefault(studies.key_of.get(record, record), set()).add(person)
    return {key: frozenset(people) for key, people in found.items()}


def kept_from(fact: Fact, by: str, away: dict[str, frozenset[str]], studies: Studies) -> str:
    """Return the study that a fact is about and that this person keeps away from; empty when there is none.

    `away` is what `recused` returns. Whoever keeps away may still say that they do, or no longer do.
    """
    keys = (studies.key_of.get(record, record) for record in records_of(fact))
    return next((key for key in keys if by in away.get(key, frozenset())), "")


def records_of(fact: Fact) -> tuple[str, ...]:
    """Return the records of the studies that a person's fact is about; none for facts about no study."""
    match fact:
        case Extraction() | Adjudication():
            return (fact.cell.study,)
        case ScreeningVote() | FullText():
            return (fact.record,)
        case Characteristics() | Particulars() | AuthorQuestion():
            return (fact.study,)
        case Judgement(tool="rob2" | "trust"):
            return (fact.subject.split(" ", 1)[0],)
        case Link():
            return fact.pair
        case _:
            return ()
