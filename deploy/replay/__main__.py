"""`python -m deploy.replay`: tell the story, check everything, leave the site open."""

from __future__ import annotations

import argparse
import hashlib
import io
import os
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from deploy.replay import invented, ldn, magnesium
from deploy.replay.home import Progress, claim, renewed, save
from deploy.replay.registries import invented_records, ldn_records
from deploy.replay.stage import Stage, expect, opened
from deploy.replay.steps import Chapter, play
from living import __version__
from living.errors import Exit, LivingError
from living.service.checks import check_folder
from living.service.house import held
from living.service.publish import present
from tests.standin import RecordSet

HOME = Path("var/replay")


@dataclass(frozen=True)
class Story:
    """What can be told: its first words, chapters, what the registries hold, its files, where to look."""

    opening: str
    chapters: Callable[[], tuple[Chapter, ...]]
    records: Callable[[], RecordSet]
    folder: Path
    look: tuple[tuple[str, str], ...]


def _both_registries() -> RecordSet:
    return ldn_records(ldn.FOLDER) + invented_records(
        invented.FOLDER, invented.WORDS, invented.RETRACTED, invented.RETRACTED_ON, invented.NOTICE
    )


STORIES = {
    "review": Story(
        "A replay: the real service polls stand-ins of PubMed and ClinicalTrials.gov on this machine.\n"
        "Dates are virtual, the registries' texts synthetic, nothing here is current.",
        lambda: (ldn.chapter(), invented.chapter()),
        _both_registries,
        ldn.FOLDER,
        (
            ("Before INNOVA", f"{ldn.TOPIC}/v1.0"),
            ("After it", f"{ldn.TOPIC}/v2.0"),
            ("Invented retraction", f"{invented.TOPIC}/v1.0"),
        ),
    ),
    "magnesium": Story(
        "A replay: the real service is given a table of 2007 row by row and publishes a version for each.\n"
        "Days are virtual, years and numbers the table's; every average is held against R's metafor.",
        lambda: (magnesium.chapter(),),
        RecordSet,
        magnesium.FOLDER,
        (
            ("Before ISIS-4", f"{magnesium.TOPIC}/v13.0"),
            ("After it", f"{magnesium.TOPIC}/v14.0"),
            ("The whole table", f"{magnesium.TOPIC}/v22.0"),
        ),
    ),
}


def main() -> int:
    """Run the replay; return the exit code."""
    asked = _arguments()
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a path may hold what a terminal cannot show
    home = Path(os.environ.get("LIVING_HOME") or HOME).resolve()
    try:
        return _replay(home, STORIES[asked.story], asked.port, serve=not asked.no_serve)
    except LivingError as fault:
        print(f"replay: {fault}", file=sys.stderr)
        return int(fault.exit_code)
    except KeyboardInterrupt:
        print("Stopped. Start the replay again and it goes on where it was.", file=sys.stderr)
        return 128 + signal.SIGINT


def _arguments() -> argparse.Namespace:
    about = "Tell the whole story on this machine, without a network, at virtual dates."
    reader = argparse.ArgumentParser(prog="deploy/run --replay", description=about)
    named = "review (default): the whole loop; magnesium: a question whose answer is known, trial by trial"
    reader.add_argument("--story", choices=STORIES, default="review", help=named)
    reader.add_argument("--no-serve", action="store_true", help="end with the story; keep no site open")
    reader.add_argument("--port", type=int, help="port of the site; default: a free one")
    return reader.parse_args()


def _replay(home: Path, story: Story, port: int | None, *, serve: bool) -> int:
    mark = _mark(story)
    progress = claim(home, mark)
    with held(home):
        progress = renewed(home, progress, mark)
        print(f"{story.opening} State: {home}")
        if progress.done:
            print(f"Going on after the {len(progress.done)} steps done before.")
        chapters = story.chapters()
        with opened(home, story.records(), port, progress.noted) as stage:
            stage.move_to(_next_instant(chapters, progress))
            stage.house.store.recover_letters(stage.house.now())
            play(stage, chapters, home, progress)
            _check(stage)
            progress.finished = True
            save(home, progress)
            _where_to_look(stage, story, home)
            if serve:
                _wait()
    return int(Exit.OK)


def _next_instant(chapters: Sequence[Chapter], progress: Progress) -> str:
    steps = [step for chapter in chapters for step in chapter.steps]
    return next((step.instant for step in steps if step.id not in progress.done), steps[-1].instant)


def _check(stage: Stage) -> None:
    """Check every version from its folder, the store, and our manners towards the registries."""
    found, folders = list(stage.house.store.verify_store()), 0
    for topic in stage.house.store.topics():
        present(stage.house, topic)  # the pulse of every topic as of the last day
        for version in stage.versions(topic):
            folders += 1
            found += [f"{topic} {version}: {item}" for item in check_folder(stage.folder(topic, version))]
    found += [*stage.standin.violations, *stage.standin.crashes]
    expect(not found, f"all is well; found: {'; '.join(found[:5])}")
    print(f"\nAll is well: {folders} versions and the store verify; no registry was asked too fast.")


def _where_to_look(stage: Stage, story: Story, home: Path) -> None:
    for name, place in story.look:
        print(f"{name:20} {stage.site.address}/{place}/")
    print(f"{len(stage.mailbox.letters)} letters (.eml)     {home / 'mail'}")


def _wait() -> None:
    stop = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stop.set())
    print("The site stays open. Ctrl-C stops it; the next start tells the story anew.", flush=True)
    stop.wait()


def _mark(story: Story) -> str:
    """Return what tells this story from another: code and every file it is told from."""
    found = hashlib.sha256(__version__.encode() + story.opening.encode())
    for folder in (Path(__file__).parent, story.folder):
        for path in sorted(path for path in folder.rglob("*") if path.suffix in (".py", ".toml")):
            found.update(path.name.encode() + path.read_bytes())
    return found.hexdigest()


if __name__ == "__main__":
    sys.exit(main())
