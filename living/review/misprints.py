"""Trial numbers as papers print them: right ones, misprinted ones, and which known one may be meant."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from living.model.record import Record

DIGITS = 8  # of a number of ClinicalTrials.gov
NCT = re.compile(r"^NCT\d{8}$")
_BETWEEN = r"[\s#:.\-‐-―]{0,3}"
# The letters, whatever stands between, and 5 to 11 digits: with one too few or too many as well.
_NUMBER = re.compile(rf"\bNCT{_BETWEEN}(\d{{5,11}})(?!\d)", re.IGNORECASE)
# The same with letters for digits (O for 0, l or I for 1), or in two to four groups; read only where it comes
# to eight digits. A group has two digits or more: the next figure in the sentence is none of it.
_LETTERED = re.compile(rf"\bNCT{_BETWEEN}([\dOoIl]{{8}})(?![\dA-Za-z])")
_GROUPED = re.compile(rf"\bNCT{_BETWEEN}(\d{{2,6}}(?:[\s ,.\-‐-―]\d{{2,6}}){{1,3}})(?!\d)", re.IGNORECASE)
# The register's name and a bare number; all that were ever given begin with 0, as no year does.
_BARE = re.compile(r"\bclinical\s?trials?\.gov\b[^.\d]{0,40}(0\d{7})(?!\d)", re.IGNORECASE)
_OTHER = (
    ("CTIS", re.compile(r"\b(20\d{2}-5\d{5}-\d{2}-\d{2})(?!\d)")),
    ("EudraCT", re.compile(r"\b(20\d{2}-\d{6}-\d{2})(?!-?\d)")),
    ("ISRCTN", re.compile(r"\b(ISRCTN\s?\d{8})(?!\d)", re.IGNORECASE)),
    ("ACTRN", re.compile(r"\b(ACTRN\s?\d{14})(?!\d)", re.IGNORECASE)),
    ("DRKS", re.compile(r"\b(DRKS\s?\d{8})(?!\d)", re.IGNORECASE)),
    ("ChiCTR", re.compile(r"\b(ChiCTR(?:-[A-Z]{2,4})?-?\d{8,10})(?!\d)", re.IGNORECASE)),
    ("CTRI", re.compile(r"\b(CTRI/\d{4}/\d{2,3}/\d{6})(?!\d)", re.IGNORECASE)),
    ("IRCT", re.compile(r"\b(IRCT\d{11,14}N\d{1,3})(?!\d)", re.IGNORECASE)),
    ("jRCT", re.compile(r"\b(jRCTs?\d{9,10})(?!\d)", re.IGNORECASE)),
    ("UMIN", re.compile(r"\b(UMIN\s?\d{9})(?!\d)", re.IGNORECASE)),
    ("PACTR", re.compile(r"\b(PACTR\s?\d{15,16})(?!\d)", re.IGNORECASE)),
    ("TCTR", re.compile(r"\b(TCTR\s?\d{11})(?!\d)", re.IGNORECASE)),
    ("KCT", re.compile(r"\b(KCT\s?\d{7})(?!\d)", re.IGNORECASE)),
    ("ReBEC", re.compile(r"\b(RBR-?[0-9a-z]{5,7})\b", re.IGNORECASE)),
    ("UTN", re.compile(r"\b(U1111-\d{4}-\d{4})(?!\d)", re.IGNORECASE)),
)


@dataclass(frozen=True)
class Named:
    """A number of ClinicalTrials.gov as a record prints it. `whole`: it has the right count of digits.

    `clean` False: it could be read only with letters taken for digits, across gaps, or without its letters.
    """

    printed: str
    digits: str
    where: str
    clean: bool = True

    @property
    def whole(self) -> bool:
        return len(self.digits) == DIGITS

    @property
    def id(self) -> str:
        return f"NCT{self.digits}"


def numbers_named(record: Record) -> tuple[Named, ...]:
    """Return the numbers of ClinicalTrials.gov that a record names, each once, with where it stands.

    Of a registration those of its list of other numbers, without its own: its text may speak of other trials.
    """
    found: dict[str, Named] = {}
    for where, text in _texts(record):
        for named in _in_text(where, text):
            standing = found.setdefault(named.digits, named)
            if named.clean and not standing.clean:
                found[named.digits] = named
    return tuple(named for named in found.values() if not record.registration or named.id != record.id)


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


def slipped(digits: str) -> Iterator[str]:
    """Yield every way in which one slip prints a number of eight digits."""
    for at in range(len(digits)):
        yield digits[:at] + digits[at + 1 :]
        for one in "0123456789":
            yield digits[:at] + one + digits[at:]
            yield digits[:at] + one + digits[at + 1 :]
        if at + 1 < len(digits):
            yield digits[:at] + digits[at + 1] + digits[at] + digits[at + 2 :]
    yield from (digits + one for one in "0123456789")


def _in_text(where: str, text: str) -> Iterator[Named]:
    """Every number in a text, the plainly printed ones first; most texts hold none and are left at once."""
    small = text.lower()
    if "nct" in small:
        odd = [named for pattern in (_LETTERED, _GROUPED) for named in _oddly(pattern, where, text)]
        read = "".join(named.printed for named in odd)
        for match in _NUMBER.finditer(text):
            if len(match[1]) >= DIGITS or match[0] not in read:  # else it is the first group of a whole one
                yield Named(match[0], match[1], where)
        yield from odd
    if ".gov" in small:
        for match in _BARE.finditer(text):
            yield Named(match[0], match[1], where, clean=False)


def _oddly(pattern: re.Pattern[str], where: str, text: str) -> Iterator[Named]:
    for match in pattern.finditer(text):
        digits = re.sub(r"\D", "", re.sub("[Il]", "1", re.sub("[Oo]", "0", match[1])))
        if len(digits) == DIGITS and not match[1].isdigit():
            yield Named(match[0], digits, where, clean=False)


def _texts(record: Record) -> Iterable[tuple[str, str]]:
    if not record.registration:
        yield "its title", record.title
        for part in record.abstract:
            yield f"its abstract ({part.label.capitalize()})" if part.label else "its abstract", part.text
    for item in record.identifiers:
        yield "its list of accession numbers", item.value
