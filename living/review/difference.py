"""The difference between any two versions of a topic: every number's way, and all that differs in words."""

from __future__ import annotations

from living import __version__
from living.errors import UserError
from living.model.difference import Course, Difference, VersionOf
from living.model.snapshot import Snapshot
from living.review.compare import compare
from living.review.courses import courses

PEOPLE = (
    "The protocol asks for another number of readers or screeners. A version does not hold what was "
    "unsettled, so what this settled is told with the studies it settled, not with the methods."
)


def difference(older: Snapshot, newer: Snapshot) -> Difference:
    """Return what became of every number between two released snapshots, cause after cause.

    The versions need not follow each other. Only the two documents are used: each cause is a pool made again
    from what they hold. Raises UserError for snapshots of two topics, or without a number.
    """
    if older.topic != newer.topic:
        raise UserError(f"{older.topic} and {newer.topic} are two topics", fix="Name two versions of one")
    found = courses(older, newer)
    moved = tuple(course for course in found if course.moves)
    return Difference(
        topic=newer.topic,
        title=newer.title,
        public_note=newer.public_note,
        replay=bool(newer.release and newer.release.replay),
        older=_version(older),
        newer=_version(newer),
        headline=newer.answer.analysis,
        courses=_headline_first(moved, newer.answer.analysis),
        still=tuple(item.label for item in found if item.kind == "analysis" and not item.moves),
        causes=compare(older, newer).causes,
        notes=_notes(older, newer),
        engine=__version__,
    )


def _version(snapshot: Snapshot) -> VersionOf:
    release = snapshot.release
    if release is None:
        raise UserError("a snapshot without a number is no version", where=snapshot.topic)
    return VersionOf(
        version=release.version,
        date=release.date,
        digest=release.digest,
        headline=snapshot.answer.headline,
        signed=snapshot.answer.headline_signed,
    )


def _headline_first(found: tuple[Course, ...], headline: str) -> tuple[Course, ...]:
    """The headline's analysis, its splits and variants, then the others as the protocol lists them."""
    return tuple(sorted(found, key=lambda course: course.analysis != headline))


def _notes(older: Snapshot, newer: Snapshot) -> tuple[str, ...]:
    """What the two documents cannot tell apart."""
    if older.protocol.people == newer.protocol.people:
        return ()
    return (PEOPLE,)
