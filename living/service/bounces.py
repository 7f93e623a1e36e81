"""Letters that came back, read from the reports that mail servers send."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from living.publish.bounces import read_report
from living.service.house import House


@dataclass(frozen=True)
class Returned:
    """What one file came to. `reader` is an opaque id."""

    file: str
    found: str
    reader: str = ""
    why: str = ""


def import_reports(house: House, files: Iterable[tuple[str, bytes]]) -> tuple[Returned, ...]:
    """Count what came back for good; reading a file again counts nothing twice."""
    return tuple(_import(house, name, content) for name, content in files)


def _import(house: House, name: str, content: bytes) -> Returned:
    report = read_report(content)
    if report is None:
        return Returned(name, "no delivery report")
    if not report.permanent:
        return Returned(name, f"not counted: {report.action}", why=report.why)
    if not report.letter:
        return Returned(name, "not counted: the report does not bring the letter's id back", why=report.why)
    counted = house.store.note_bounce(report.letter, house.now(), report.why, house.settings.bounces)
    if counted is None:
        return Returned(name, "not counted: no letter of ours", why=report.why)
    if not counted.new:
        return Returned(name, "known already", counted.subscriber, report.why)
    return Returned(
        name,
        "bounced, and the address is stopped" if counted.stopped else "bounced",
        counted.subscriber,
        report.why,
    )
