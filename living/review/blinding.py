"""Who may see what others have read, voted and judged: nothing, until as many as the protocol asks have."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from living.model.facts import (
    IMPORT,
    MACHINE,
    Adjudication,
    Cell,
    Characteristics,
    Extraction,
    Judgement,
    LedgerLine,
    ScreeningVote,
)
from living.model.protocol import Protocol
from living.model.state import ReviewState
from living.review.identity import Studies

EVERYBODY = ""  # stands for no person in particular: sees what everybody may see, as readers of the site do
NEVER = 0  # no line has this number

Read = Extraction | Characteristics | Adjudication
Subject = tuple[str, str, str]


@dataclass(frozen=True)
class Sight:
    """What each person may see of the others' work; roles play no part in it.

    `handed_in`: by study, who has. `opened`: the last line of the hand-in with which enough people had read
    it; a study that is missing here is still blind. `cells`, `votes`, `alone`: who has read a cell, voted on
    a study, judged a subject on their own.
    """

    studies: Studies
    readers: int
    screeners: int
    judges: int
    handed_in: Mapping[str, frozenset[str]]
    opened: Mapping[str, int]
    cells: Mapping[Cell, frozenset[str]]
    votes: Mapping[str, Mapping[str, ScreeningVote]]
    alone: Mapping[Subject, frozenset[str]]
    together: Mapping[tuple[str, str], int]

    def may_see(self, line: LedgerLine, person: str = EVERYBODY) -> bool:
        """Return whether somebody may see what a ledger line says, whatever kind of fact it holds."""
        match line.fact:
            case Extraction() | Characteristics() | Adjudication():
                return self.extraction(line, person)
            case ScreeningVote():
                return self.vote(line, person)
            case Judgement():
                return self.judgement(line, person)
            case _:
                return True

    def extraction(self, line: LedgerLine, person: str = EVERYBODY) -> bool:
        """Return whether somebody may see what another read: a cell, a study's characteristics, a ruling.

        Nobody sees another's before enough people have handed in the study. What is said later shows once
        enough people, or the viewer, have read that very cell. One's own, and imports, always show.
        Raises TypeError when the line is about something else.
        """
        fact = line.fact
        if not isinstance(fact, Extraction | Characteristics | Adjudication):
            raise TypeError(f"line {line.seq} says {fact.kind}, which nobody reads from a report")
        if line.by == person or _nobodys(line):
            return True
        home = self.home(fact.study if isinstance(fact, Characteristics) else fact.cell.study)
        until = self.opened.get(home, NEVER)
        if until == NEVER or line.seq <= until or not isinstance(fact, Extraction):
            return until != NEVER
        readers = self.cells[_at(fact.cell, home)]
        return person in readers or len(readers) >= self.readers

    def vote(self, line: LedgerLine, person: str = EVERYBODY) -> bool:
        """Return whether somebody may see a vote: who has voted as far as that stage, or when all have.

        A vote taken back is none. Raises TypeError when the line is no vote.
        """
        fact = line.fact
        if not isinstance(fact, ScreeningVote):
            raise TypeError(f"line {line.seq} says {fact.kind} and is no vote")
        if line.by == person or _nobodys(line):
            return True
        voices = self._voices(self.home(fact.record), fact.stage)
        return person in voices or len(voices) >= self.screeners

    def judgement(self, line: LedgerLine, person: str = EVERYBODY) -> bool:
        """Return whether somebody may see a judgement: made together, or once enough judged the same alone.

        Judgements of numbers that have moved since are not the same. Raises TypeError when it is none.
        """
        fact = line.fact
        if not isinstance(fact, Judgement):
            raise TypeError(f"line {line.seq} says {fact.kind} and is no judgement")
        if line.by == person or _nobodys(line) or fact.round == "together":
            return True
        subject = _subject(fact, self.studies)
        settled = self.together.get(subject[:2], NEVER)
        return line.seq < settled or len(self.alone[subject]) >= self.judges

    def open_to_all(self, study: str) -> bool:
        """Return whether enough people have handed in a study, by the key of any of its records."""
        return self.home(study) in self.opened

    def wanted(self, study: str) -> str:
        """Return in words that a study waits for a reader, and nothing of what others have read."""
        if self.open_to_all(study):
            return "a cell was read later and needs another reader"
        return f"{len(self.handed_in.get(self.home(study), ()))} of {self.readers} people have read it"

    def home(self, record: str) -> str:
        """Return the key of the study a record belongs to; the record's own when it was never stored."""
        study = self.studies.study_of(record)
        return study.key if study else record

    def _voices(self, study: str, stage: str) -> frozenset[str]:
        """Who has voted as far as a stage: an exclusion, or a verdict on the full report, ends both."""
        return frozenset(
            name
            for name, vote in self.votes.get(study, {}).items()
            if stage == "title" or vote.stage == "full_text" or vote.vote == "exclude"
        )


def sight(state: ReviewState, studies: Studies, protocol: Protocol) -> Sight:
    """Return who may see what, from the facts alone: the order of people's names changes nothing."""
    people = protocol.people
    handed_in, opened = _opened(state, studies, people.readers)
    return Sight(
        studies,
        people.readers,
        people.screeners,
        people.judges,
        handed_in,
        opened,
        _readers(state, studies),
        _votes(state, studies),
        _alone(state, studies),
        _together(state, studies),
    )


def _nobodys(line: LedgerLine) -> bool:
    """Imports are seed evidence, on published pages already; machines read no reports."""
    return line.by in (IMPORT, MACHINE) or getattr(line.fact, "imported", None) is not None


def _opened(
    state: ReviewState, studies: Studies, needed: int
) -> tuple[dict[str, frozenset[str]], dict[str, int]]:
    handed_in: dict[str, set[str]] = defaultdict(set)
    opened: dict[str, int] = {}
    for home, run in _hand_ins(state, studies):
        if any(isinstance(line.fact, Extraction) for line in run):
            handed_in[home].add(run[0].by)
            if len(handed_in[home]) >= needed:
                opened.setdefault(home, run[-1].seq)
    return {key: frozenset(names) for key, names in handed_in.items()}, opened


def _hand_ins(state: ReviewState, studies: Studies) -> Iterator[tuple[str, list[LedgerLine]]]:
    """Yield each hand-in with its study: neighbouring lines that one person said at one instant."""
    home, run = "", list[LedgerLine]()
    for line in state.lines:
        about = _read_of(line, studies)
        if run and (about, line.by, line.at, line.seq) != (home, run[-1].by, run[-1].at, run[-1].seq + 1):
            yield home, run
            run = []
        if about:
            home, run = about, [*run, line]
    if run:
        yield home, run


def _read_of(line: LedgerLine, studies: Studies) -> str:
    """The study that a line says somebody has read; empty when it says nothing of the kind."""
    match line.fact:
        case Extraction(imported=None, cell=cell):
            study = studies.study_of(cell.study)
        case Characteristics(imported=None, study=key):
            study = studies.study_of(key)
        case _:
            return ""
    return study.key if study and not _nobodys(line) else ""


def _readers(state: ReviewState, studies: Studies) -> dict[Cell, frozenset[str]]:
    found: dict[Cell, set[str]] = defaultdict(set)
    for line, fact in state.of_kind(Extraction):
        home = studies.study_of(fact.cell.study)
        cell = _at(fact.cell, home.key if home else fact.cell.study)
        found[cell] |= set() if _nobodys(line) else {line.by}
    return {cell: frozenset(names) for cell, names in found.items()}


def _at(cell: Cell, home: str) -> Cell:
    return cell.model_copy(update={"study": home})


def _votes(state: ReviewState, studies: Studies) -> dict[str, dict[str, ScreeningVote]]:
    """Each person's latest vote on each study, but for those taken back."""
    found: dict[str, dict[str, ScreeningVote]] = defaultdict(dict)
    for line, vote in state.of_kind(ScreeningVote):
        study = studies.study_of(vote.record)
        if study is None or _nobodys(line):
            continue
        found[study.key].pop(line.by, None)
        if vote.vote != "withdrawn":
            found[study.key][line.by] = vote
    return dict(found)


def _alone(state: ReviewState, studies: Studies) -> dict[Subject, frozenset[str]]:
    found: dict[Subject, set[str]] = defaultdict(set)
    for line, fact in state.of_kind(Judgement):
        if fact.round == "alone":
            found[_subject(fact, studies)] |= set() if _nobodys(line) else {line.by}
    return {subject: frozenset(names) for subject, names in found.items()}


def _together(state: ReviewState, studies: Studies) -> dict[tuple[str, str], int]:
    """The last line on which people settled a subject together."""
    return {
        _subject(fact, studies)[:2]: line.seq
        for line, fact in state.of_kind(Judgement)
        if fact.round == "together"
    }


def _subject(fact: Judgement, studies: Studies) -> Subject:
    """What a judgement is about, whichever record of the study it names."""
    record, space, result = fact.subject.partition(" ")
    study = studies.study_of(record)
    return fact.tool, f"{study.key if study else record}{space}{result}", fact.judged
