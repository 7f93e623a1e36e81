"""The flow of records and studies (PRISMA 2020), for one version and across versions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from living.model.flow import Flow
from living.model.snapshot import Snapshot
from living.publish.words import shorten

WIDTH = 360.0
MAIN_LEFT, MAIN_WIDTH = 1.0, 178.0
ASIDE_LEFT, ASIDE_WIDTH = 207.0, 152.0
PAD, LINE, GAP, ASIDE_GAP = 9.0, 17.0, 20.0, 6.0
MAIN_LENGTH, ASIDE_LENGTH = 21, 17
NAMES, COLUMN = 172.0, 84.0  # across versions: the words, one version
MAIN_STEP, ASIDE_STEP = 44.0, 26.0
MOST_COLUMNS = 12


@dataclass(frozen=True)
class Box:
    """A number of records or studies, and the parts that it is made of."""

    label: str
    count: int
    parts: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True)
class Stage:
    """One step down: who is here, and who leaves. `unit` says what is counted."""

    main: Box
    asides: tuple[Box, ...] = ()
    unit: str = "reports"


@dataclass(frozen=True)
class Text:
    y: float
    label: str
    count: int
    first: bool


@dataclass(frozen=True)
class Drawn:
    x: float
    y: float
    width: float
    height: float
    lines: tuple[Text, ...]

    @property
    def right(self) -> float:
        return self.width - PAD


@dataclass(frozen=True)
class Row:
    """One stage where it stands; `down` is the length of the arrow to the next, 0 after the last."""

    main: Drawn
    asides: tuple[Drawn, ...]
    down: float

    @property
    def arrow_x(self) -> float:
        return self.main.x + self.main.width / 2

    @property
    def arrow_y(self) -> float:
        return self.main.y + self.main.height

    @property
    def main_edge(self) -> float:
        return self.main.x + self.main.width

    @property
    def aside_edge(self) -> float:
        return ASIDE_LEFT

    @property
    def aside_y(self) -> float:
        return self.main.y + 18


@dataclass(frozen=True)
class Chart:
    id: str
    width: float
    height: float
    stages: tuple[Stage, ...]
    rows: tuple[Row, ...]


def stages(flow: Flow, names: Mapping[str, str], criteria: Mapping[str, str]) -> tuple[Stage, ...]:
    """Return the boxes of a flow from the top; each is the one above without those who left there.

    `names` of sources and of `criteria` by id. At the last but one box reports become studies.
    """
    open_ = flow.reports_awaiting_classification + flow.reports_ongoing + flow.reports_stopped
    duplicates = (
        ("found by machine", flow.duplicates_by_machine),
        ("found by people", flow.duplicates_by_people),
    )
    return (
        Stage(
            Box("Records found", flow.records, _named(flow.by_source, names)),
            _leaving(
                Box("Duplicates", flow.duplicates, _present(*duplicates)),
                Box("Not screened yet", flow.records_awaiting_screening),
            ),
        ),
        Stage(
            Box("Records screened", flow.records_screened),
            _leaving(Box("Excluded on title", flow.records_excluded)),
        ),
        Stage(
            Box("Reports sought", flow.reports_sought),
            _leaving(
                Box("Not retrieved", flow.reports_not_retrieved),
                Box("Not judged yet", flow.reports_awaited),
            ),
        ),
        Stage(
            Box("Reports assessed", flow.reports_assessed),
            _leaving(
                Box("Excluded", flow.reports_excluded, _named(flow.reports_excluded_by, criteria)),
                Box(
                    "Not included",
                    open_,
                    _present(
                        ("awaiting people", flow.reports_awaiting_classification),
                        ("ongoing", flow.reports_ongoing),
                        ("stopped", flow.reports_stopped),
                    ),
                ),
            ),
        ),
        Stage(Box("Reports included", flow.reports_included)),
        Stage(
            Box("Studies included", flow.included),
            _leaving(
                Box(
                    "No number for it",
                    flow.included - flow.in_headline,
                    _present(("awaiting data", flow.awaiting_data)),
                )
            ),
            unit="studies",
        ),
        Stage(Box("In the main analysis", flow.in_headline), unit="studies"),
    )


def stages_of(snapshot: Snapshot) -> tuple[Stage, ...]:
    protocol = snapshot.protocol
    names = {source.id: source.label for source in protocol.sources}
    criteria = {criterion.id: criterion.id for criterion in protocol.eligibility}
    return stages(snapshot.flow, {"hand": "added by hand", **names}, criteria)


def flowchart(snapshot: Snapshot) -> Chart:
    """Lay out the flow of one version."""
    found = stages_of(snapshot)
    rows, y = [], 1.0
    for at, stage in enumerate(found):
        main = _draw(stage.main, MAIN_LEFT, y, MAIN_WIDTH, MAIN_LENGTH)
        asides = tuple(_draw_asides(stage.asides, y))
        bottom = max(drawn.y + drawn.height for drawn in (main, *asides)) + GAP
        last = at == len(found) - 1
        rows.append(Row(main, asides, 0.0 if last else bottom - main.y - main.height))
        y = bottom
    return Chart("prisma-flow", WIDTH, y - GAP + 1, found, tuple(rows))


@dataclass(frozen=True)
class Count:
    x: float
    count: int
    new: bool

    @property
    def left(self) -> float:
        return self.x - 29

    @property
    def right(self) -> float:
        return self.x + 22

    @property
    def arrow_x(self) -> float:
        return self.x - 20


@dataclass(frozen=True)
class Across:
    """One box across versions: its number in each, `new` where it differs from the version before."""

    y: float
    label: str
    aside: bool
    counts: tuple[Count, ...]
    down: float

    @property
    def indent(self) -> float:
        return 14.0 if self.aside else 0.0

    @property
    def words_y(self) -> float:
        return 10.0 if self.aside else 18.5


@dataclass(frozen=True)
class Column:
    x: float
    version: str
    date: str


@dataclass(frozen=True)
class Columns:
    id: str
    width: float
    height: float
    columns: tuple[Column, ...]
    rows: tuple[Across, ...]
    left_out: int
    changed: bool


def across(snapshots: Sequence[Snapshot]) -> Columns | None:
    """Lay out the flow of several versions, oldest first, one column each; None without a numbered one."""
    numbered = [item for item in snapshots if item.release is not None]
    shown = numbered[-MOST_COLUMNS:]
    if not shown:
        return None
    every = [_counts(stages_of(item)) for item in shown]
    labels = list(dict.fromkeys(key for found in every for key in found))
    order = sorted(labels, key=lambda key: key[:2])
    tops = [30.0]
    for key in order:
        tops.append(tops[-1] + (ASIDE_STEP if key[1] else MAIN_STEP))
    rows = tuple(
        _across(key, tops[at], [found.get(key, 0) for found in every], _down(order, tops, at))
        for at, key in enumerate(order)
    )
    return Columns(
        id="flow-versions",
        width=max(WIDTH, NAMES + COLUMN * len(shown)),
        height=tops[-1],
        columns=tuple(
            Column(NAMES + COLUMN * (at + 0.5), item.release.version, item.release.date)
            for at, item in enumerate(shown)
            if item.release
        ),
        rows=rows,
        left_out=len(numbered) - len(shown),
        changed=any(count.new for row in rows for count in row.counts),
    )


Key = tuple[int, bool, str]


def _counts(found: Sequence[Stage]) -> dict[Key, int]:
    boxes: dict[Key, int] = {}
    for at, stage in enumerate(found):
        boxes[at, False, stage.main.label] = stage.main.count
        for aside in stage.asides:
            boxes[at, True, aside.label] = aside.count
    return boxes


def _down(order: Sequence[Key], tops: Sequence[float], at: int) -> float:
    """Return how far it is from a box of the main line to the next; 0 for what leaves and after the last."""
    following = [there for there in range(at + 1, len(order)) if not order[there][1]]
    return tops[following[0]] - tops[at] - 28.0 if following and not order[at][1] else 0.0


def _across(key: Key, y: float, counts: Sequence[int], down: float) -> Across:
    return Across(
        y=y,
        label=key[2],
        aside=key[1],
        counts=tuple(
            Count(NAMES + COLUMN * (at + 0.5), count, at > 0 and count != counts[at - 1])
            for at, count in enumerate(counts)
        ),
        down=down,
    )


def _draw_asides(boxes: Sequence[Box], y: float) -> Iterator[Drawn]:
    for box in boxes:
        drawn = _draw(box, ASIDE_LEFT, y, ASIDE_WIDTH, ASIDE_LENGTH)
        yield drawn
        y += drawn.height + ASIDE_GAP


def _draw(box: Box, x: float, y: float, width: float, length: int) -> Drawn:
    lines = ((box.label, box.count), *box.parts)
    texts = tuple(
        Text(PAD + LINE * at + 12, shorten(label, length), count, at == 0)
        for at, (label, count) in enumerate(lines)
    )
    return Drawn(x, y, width, 2 * PAD + LINE * len(lines) - 1, texts)


def _named(counts: Mapping[str, int], names: Mapping[str, str]) -> tuple[tuple[str, int], ...]:
    return tuple((names.get(name, name), count) for name, count in counts.items() if count)


def _leaving(*boxes: Box) -> tuple[Box, ...]:
    """Return the boxes that hold anybody."""
    return tuple(box for box in boxes if box.count)


def _present(*parts: tuple[str, int]) -> tuple[tuple[str, int], ...]:
    return tuple((label, count) for label, count in parts if count)
