"""Trial numbers as papers print them: right ones, misprinted ones, and which known one may be meant."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from living.model.record import Record

DIGITS = 8  # of a number of ClinicalTrials.gov
# The letters, whatever stands between, and 5 to 11 digits: with one too few or too many as well.
_NUMBER = re.compile(r"\bNCT[\s#:.\-‐-―]{0,3}(\d{5,11})(?!\d)", re.IGNORECASE)
_OTHER = (
    ("EudraCT", re.compile(r"\b(20\d{2}-\d{6}-\d{2})(?!\d)")),
    ("ISRCTN", re.compile(r"\b(ISRCTN\s?\d{8})(?!\d)", re.IGNORECASE)),
    ("ACTRN", re.compile(r"\b(ACTRN\s?\d{14})(?!\d)", re.IGNORECASE)),
    ("CTRI", re.compile(r"\b(CTRI/\d{4}/\d{2,3}/\d{6})(?!\d)", re.IGNORECASE)),
    ("ReBEC", re.compile(r"\b(RBR-?[0-9a-z]{5,7})\b", re.IGNORECASE)),
)


@dataclass(frozen=True)
class Named:
    """A number of ClinicalTrials.gov as a record prints it. `whole`: it has the right count of digits."""

    printed: str
    digits: str
    where: str

    @property
    def whole(self) -> bool:
        return len(self.digits) == DIGITS

    @property
    def id(self) -> str:
        return f"NCT{self.digits}"


def numbers_named(record: Record) -> tuple[Named, ...]:
    """Return the numbers of ClinicalTrials.gov that a paper names, each once, with where it stands."""
    found: dict[str, Named] = {}
    for where, text in _texts(record):
        for match in _NUMBER.finditer(text):
            found.setdefault(match[1], Named(match[0], match[1], where))
    return tuple(found.values())


def other_numbers(record: Record) -> frozenset[tuple[str, str]]:
    """Return the numbers of other registers that a record names, in one spelling: register and number."""
    return frozenset(
        (register, re.sub(r"\s", "", match[1]).upper())
        for _, text in _texts(record)
        for register, pattern in _OTHER
        for match in pattern.finditer(text)
    )


def meant(named: Named, known: Collection[str]) -> tuple[str, ...]:
    """Return the known numbers from which a printed one differs by one slip; none when it is known itself.

    A slip is a digit left out, put in twice or too many, changed, or swapped with its neighbour. `known` are
    whole ids (`NCT04052139`); looking for one takes a look-up per possible slip, however many are known.
    """
    if named.id in known:
        return ()
    return tuple(sorted(f"NCT{digits}" for digits in slips(named.digits) if f"NCT{digits}" in known))


def slips(digits: str) -> frozenset[str]:
    """Return every number of eight digits that one slip of the pen turns into this one."""
    if len(digits) == DIGITS - 1:
        return frozenset(digits[:at] + one + digits[at:] for at in range(DIGITS) for one in "0123456789")
    if len(digits) == DIGITS + 1:
        return frozenset(digits[:at] + digits[at + 1 :] for at in range(len(digits)))
    if len(digits) != DIGITS:
        return frozenset()
    changed = (digits[:at] + one + digits[at + 1 :] for at in range(DIGITS) for one in "0123456789")
    swapped = (digits[:at] + digits[at + 1] + digits[at] + digits[at + 2 :] for at in range(DIGITS - 1))
    return frozenset((*changed, *swapped)) - {digits}


def _texts(record: Record) -> Iterable[tuple[str, str]]:
    yield "its title", record.title
    for part in record.abstract:
        yield f"its abstract ({part.label.capitalize()})" if part.label else "its abstract", part.text
    for item in record.identifiers:
        yield "its list of accession numbers", item.value
