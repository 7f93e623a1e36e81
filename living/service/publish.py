"""Put bound versions before readers, and keep the pages around them true."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from living.errors import EnvironmentFault, NotVerified
from living.model.snapshot import Snapshot
from living.model.state import ReviewState
from living.model.values import digest
from living.publish.bundle import PAGE
from living.publish.feeds import Entry, entries
from living.publish.manifest import MANIFEST
from living.publish.pages import (
    Bulletin,
    Notice,
    Pulse,
    Shell,
    Topic,
    TopicRow,
    VersionRow,
    render_as_of,
    render_latest,
    render_shell,
    render_site_index,
    render_topic_index,
    status_json,
)
from living.publish.write import move_latest, publish_page, publish_version, rewrite_shell
from living.review.notices import retirement_of
from living.review.retirement import suggestions
from living.review.snapshot import protocol_of, snapshot_digest
from living.review.timeliness import timeliness
from living.service import outputs
from living.service.alarms import tell_alarms
from living.service.differences import present_differences
from living.service.house import House
from living.service.letters import version_letters
from living.service.notices import notices, of_topic, passed, tell
from living.service.outputs import present_site_outputs, present_topic_outputs
from living.service.pulse import pulse, source_pulses
from living.service.refresh import snapshot_at
from living.service.signatures import signed_by
from living.service.surveillance import present_surveillance
from living.service.topics import evidence_of
from living.service.versions import files_of

BULLETINS_SHOWN = 20
PATIENCE = 60.0  # seconds; another process that publishes is done in one or two


def publish_bound(house: House, topic: str) -> tuple[str, ...]:
    """Publish every version that has a number and is not yet before readers, in order of number.

    Raises NotVerified for a number that other code bound to a digest which this code does not reproduce.
    """
    if not house.store.bound(topic):
        return ()
    with house.alone("publishing", PATIENCE):
        return _publish_bound(house, topic)


def _publish_bound(house: House, topic: str) -> tuple[str, ...]:
    done = []
    state = house.store.state(topic)
    for line, release in house.store.bound(topic):
        snapshot = snapshot_at(house, state, line)
        if snapshot_digest(snapshot) != release.digest:
            what = "the number is bound to evidence that this code computes otherwise"
            fix = "Start the code that bound it once; it completes the version"
            raise NotVerified(what, where=f"{topic} {release.version}", fix=fix)
        files = files_of(house, state, line)
        shell = render_shell(snapshot, files[PAGE], Shell())
        publish_version(house.settings.site, topic, release.version, files, shell, house.failpoint)
        house.failpoint("publication.written")
        house.store.commit_publication(
            topic,
            release.version,
            release.digest,
            house.now(),
            digest(files[MANIFEST]),
            version_letters(house, topic, release),
        )
        house.failpoint("publication.committed")
        done.append(release.version)
    return tuple(done)


def present(house: House, topic: str) -> None:
    """Render the pages around a topic's versions again: shells, lists, as-of pages, status, `latest`.

    Versions themselves are never touched. Only committed versions are named anywhere. What the pages say of
    notices is then told by letter, once, and so are alarms to the team.
    """
    with house.alone("publishing", PATIENCE):
        _present(house, topic)
        house.failpoint("presented")
        tell(house, topic)
        tell_alarms(house, topic)


def _present(house: House, topic: str) -> None:
    evidence = evidence_of(house, topic)
    state = evidence.state
    now = pulse(house, evidence)
    living = None if retirement_of(state) else now  # nothing is late where nothing is searched any more
    rows = version_rows(house, state)
    about = topic_of(house, state)
    timely = timeliness(state, _snapshots(house, state))
    site = house.settings.site
    for row in rows:
        _shell(house, state, row, rows[-1], living)
    publish_page(
        site,
        f"{topic}/index.html",
        render_topic_index(
            about,
            rows[::-1],
            living,
            bulletins(house, topic),
            _snapshots(house, state),
            of_topic(house, state),
            timely,
            suggestions(_snapshots(house, state), house.now()[:10]) if living else (),
        ),
        house.failpoint,
    )
    publish_page(
        site,
        f"{topic}/status.json",
        status_json(about, rows[-1] if rows else None, now, of_topic(house, state)[0]),
    )
    present_surveillance(house, topic, timely)
    _as_of(house, about, rows)
    present_topic_outputs(house, about, rows, _news(house, state, rows))
    present_differences(house, topic)
    if rows:
        move_latest(site, topic, rows[-1].version, render_latest(about, rows[-1].version), house.failpoint)
    present_site(house)


def present_site(house: House) -> None:
    """Render the list of all topics again, and what the site says to programs."""
    rows, every, news = [], {}, list[Entry]()
    for topic in house.store.topics():
        state = house.store.state(topic)
        versions = version_rows(house, state)
        now = Pulse(house.now(), source_pulses(house, topic, protocol_of(state)[1]))
        living = None if retirement_of(state) else now
        timely = timeliness(state, _snapshots(house, state))
        rows.append(TopicRow(topic_of(house, state), versions[-1] if versions else None, living, timely))
        every[topic] = versions
        news += _news(house, state, versions)
    publish_page(house.settings.site, "index.html", render_site_index(rows, replay=house.replay))
    present_site_outputs(house, rows, every, news)


def _news(house: House, state: ReviewState, rows: tuple[VersionRow, ...]) -> tuple[Entry, ...]:
    """What a topic's feed tells: its versions, bulletins, and the notices that stand on its versions."""
    lines = {release.version: line for line, release in state.releases}
    told = [(row, snapshot_at(house, state, lines[row.version])) for row in rows]
    standing = [(row, notice) for row, snapshot in told for notice in notices(state, snapshot)]
    return entries(topic_of(house, state), rows, bulletins(house, state.topic), standing)


def topic_of(house: House, state: ReviewState) -> Topic:
    """Return what the lists say of a topic."""
    head = protocol_of(state)[1].topic
    form = f"{house.settings.address}/{head.id}/letters/" if house.settings.smtp_host else ""
    return Topic(head.id, head.title, head.short, head.public_note, house.replay, head.continues, form)


def version_rows(house: House, state: ReviewState) -> tuple[VersionRow, ...]:
    """Return the committed versions, oldest first."""
    lines = {release.version: (line, release) for line, release in state.releases}
    rows: list[VersionRow] = []
    for published in house.store.published(state.topic):
        line, release = lines[published.version]
        snapshot = snapshot_at(house, state, line)
        rows.append(
            VersionRow(
                version=release.version,
                date=line.at[:10],
                code=release.decision.code,
                banner=release.decision.banner,
                signed=signed_by(house, state, line, snapshot) is not None,
                answer=snapshot.answer.headline,
                notice=_one_word(notices(state, snapshot)),
                since=tuple(row.version for row in rows),
            )
        )
    return tuple(rows)


def _snapshots(house: House, state: ReviewState) -> tuple[Snapshot, ...]:
    """Return the committed versions as they were, oldest first."""
    lines = {release.version: line for line, release in state.releases}
    found = house.store.published(state.topic)
    return tuple(snapshot_at(house, state, lines[item.version]) for item in found)


def bulletins(house: House, topic: str) -> tuple[Bulletin, ...]:
    """Return the latest bulletins, newest first; a look at the same evidence is told by the pulse alone."""
    told = [item for item in house.store.bulletins(topic) if item.decision.of_change]
    found = told[-BULLETINS_SHOWN:][::-1]
    return tuple(Bulletin(item.at[:10], item.decision.banner) for item in found)


def _shell(house: House, state: ReviewState, row: VersionRow, newest: VersionRow, now: Pulse | None) -> None:
    line = next(line for line, release in state.releases if release.version == row.version)
    snapshot = snapshot_at(house, state, line)
    page = _page(house.settings.site / state.topic / row.version / PAGE)
    signature = signed_by(house, state, line, snapshot)
    warned = notices(state, snapshot)
    shell = Shell(
        notices=warned,
        signature=signature,
        superseded_by=newest if newest is not row else None,
        pulse=replace(now, news="") if now and warned else now,  # a notice is told once
        history=passed(state, snapshot),
    )
    rewrite_shell(
        house.settings.site, state.topic, row.version, render_shell(snapshot, page, shell), house.failpoint
    )


def _page(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as fault:
        fix = "Restore the site from a backup, or write the version again with `living rebuild --out`"
        raise EnvironmentFault(f"cannot be read ({fault.strerror})", where=str(path), fix=fix) from fault


def _as_of(house: House, about: Topic, rows: tuple[VersionRow, ...]) -> None:
    """One page for each day on which the answer to "what was in force?" changes."""
    in_force = {row.date: row for row in rows}
    for day, row in in_force.items():
        publish_page(house.settings.site, f"{about.id}/as-of/{day}/index.html", render_as_of(about, day, row))


def as_of(house: House, topic: str, day: str) -> bytes | None:
    """Return the page that says which version was in force on a day; None for no topic or no day."""
    if topic not in house.store.topics() or not outputs.is_day(day):
        return None
    state = house.store.state(topic)
    rows = [row for row in version_rows(house, state) if row.date <= day]
    return render_as_of(topic_of(house, state), day, rows[-1] if rows else None)


def as_of_json(house: House, topic: str, day: str) -> bytes | None:
    """Return the same for programs."""
    if topic not in house.store.topics():
        return None
    state = house.store.state(topic)
    return outputs.as_of_json(topic_of(house, state), version_rows(house, state), day)


def _one_word(found: tuple[Notice, ...]) -> str:
    """The gravest notice on a version; that the topic is retired is said once, above the list."""
    return next((notice.kind for notice in found if notice.kind != "retired"), "")
