"""A program that searches every source of one topic that is due, and kills itself where it is told to.

python -m tests.flow.searching HOME TOPICS NCBI_URL CTGOV_URL [PLACE TIME]
"""

from __future__ import annotations

import os
import signal
import sys
from collections import Counter
from pathlib import Path

from living.service.poll import due, link, poll
from living.service.topics import active, folder_of, load_topic
from tests.fakes import opened


def main(home: Path, topics: Path, ncbi_url: str, ctgov_url: str, place: str = "", time: str = "0") -> None:
    """Search, and die without a word the `time`th time that `place` is passed (`pubmed poll.kept`)."""
    house = opened(home, topics=topics, ncbi_url=ncbi_url, ctgov_url=ctgov_url)
    passed: Counter[str] = Counter()
    doing = "all"

    def failpoint(name: str) -> None:
        here = f"{doing} {name}"
        passed[here] += 1
        if here == place and passed[here] == int(time):
            os.kill(os.getpid(), signal.SIGKILL)

    house.failpoint = failpoint
    [topic] = [load_topic(house, folder_of(house, folder.name)).topic for folder in topics.iterdir()]
    for source in due(house, topic, active(house, topic)[1]):
        doing = source.id
        found = poll(house, topic, source)
        if not found.ok:
            raise SystemExit(found.error)
    doing = "all"
    link(house, topic)
    print("\n".join(f"{name} {count}" for name, count in sorted(passed.items())))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), *sys.argv[3:])
