"""A process to be killed or raced: appends or polls, and prints what the store acknowledged."""

import sys
from pathlib import Path

from living.store import Cursor, Run, Store
from tests.factories import AT, TOPIC, record

PER_RUN = 3


def append(store: Store, name: str, times: int) -> None:
    for n in range(times):
        added = store.append(TOPIC, AT, [(name, record(id=f"{name}-{n}-{k}")) for k in range(PER_RUN)])
        print(added.last, flush=True)


def poll(store: Store, name: str, times: int) -> None:
    """Each run brings three records, and a cursor that says how many runs there were."""
    known = store.cursor(TOPIC, name)
    first = int(known.data_timestamp) + 1 if known else 1
    for n in range(first, first + times):
        facts = [("machine", record(source=name, id=f"{n}-{k}")) for k in range(PER_RUN)]
        run = Run(listed=PER_RUN, fetched=PER_RUN)
        store.complete_run(TOPIC, name, AT, facts, Cursor(data_timestamp=str(n)), run)
        print(n, flush=True)


if __name__ == "__main__":
    path, migrations, verb, name, times = sys.argv[1:]
    with Store.open(Path(path), Path(migrations)) as opened:
        {"append": append, "poll": poll}[verb](opened, name, int(times))
