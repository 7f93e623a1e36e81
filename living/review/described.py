"""What a study is, where its readers agree; where they differ, in which fields and what stands meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from living.model.facts import Characteristics, LedgerLine
from living.model.state import ReviewState
from living.review.blinding import Sight
from living.review.identity import Studies

Described = tuple[LedgerLine, Characteristics]
FIELDS: dict[str, Callable[[Characteristics], object]] = {
    "label": lambda what: _words(what.label),
    "design": lambda what: what.design,
    "condition": lambda what: _words(what.condition),
    "condition group": lambda what: what.condition_group,
    "arms": lambda what: sorted(
        (arm.id, arm.intervention, arm.dose_mg, arm.n_randomised) for arm in what.arms
    ),
    "available from": lambda what: what.available_from,
}


@dataclass(frozen=True)
class Description:
    """A study's characteristics in use, each reader's own, and the names of the fields in which they differ.

    `settled`: the line on which an adjudicator said so, with a reason.
    """

    what: Characteristics
    readers: tuple[Described, ...] = ()
    differ: tuple[str, ...] = ()
    settled: LedgerLine | None = None

    @property
    def stamp(self) -> str:
        """What it was like when somebody looked: the ledger lines it rests on."""
        ruled = [self.settled.seq] if self.settled else []
        return "-".join(str(seq) for seq in (*(line.seq for line, _ in self.readers), *ruled))


def descriptions(state: ReviewState, studies: Studies, seen: Sight) -> dict[str, Description]:
    """Return what is said of each study, of what everybody may see: people's words before an import's.

    A reader's words stay blind with their readings: they count once enough people have handed in the study.
    An adjudicator's description holds until a reader's later one contradicts it. Where readers differ and
    nobody has settled it the latest is in use, and the difference waits for an adjudicator.
    """
    said: dict[str, list[Described]] = {}
    for line, fact in state.of_kind(Characteristics):
        study = studies.study_of(fact.study)
        if study and seen.extraction(line):
            said.setdefault(study.key, []).append((line, fact))
    return {key: _description(lines) for key, lines in said.items()}


def differing(one: Characteristics, other: Characteristics) -> tuple[str, ...]:
    """Return the fields in which two descriptions say different things; notes and quotes are none."""
    return tuple(name for name, of in FIELDS.items() if of(one) != of(other))


def _description(lines: list[Described]) -> Description:
    people = [(line, fact) for line, fact in lines if fact.imported is None]
    if not people:
        return Description(lines[-1][1])
    ruling = next((pair for pair in reversed(people) if pair[1].settles), None)
    latest = {line.by: (line, fact) for line, fact in people if not fact.settles}
    readers = tuple(latest[name] for name in sorted(latest))
    if ruling and not any(line.seq > ruling[0].seq and differing(fact, ruling[1]) for line, fact in readers):
        return Description(ruling[1], readers, settled=ruling[0])
    told = {name: None for _, fact in readers for name in differing(fact, readers[0][1])}
    return Description(people[-1][1], readers, tuple(name for name in FIELDS if name in told))


def _words(text: str) -> str:
    return " ".join(text.split()).casefold()
