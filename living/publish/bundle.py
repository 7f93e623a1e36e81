"""The files of one version: a pure function of the snapshot, the same bytes each time it is built."""

from __future__ import annotations

from collections.abc import Iterator

from markupsafe import Markup

from living.model.chain import Chain
from living.model.snapshot import Snapshot
from living.model.values import canonical, rounded
from living.publish import (
    cite,
    columns,
    figures,
    lsr,
    packages,
    provenance,
    reconciled,
    schemas,
    tables,
    words,
)
from living.publish.manifest import MANIFEST, manifest
from living.publish.pages import BODY_BEGINS, BODY_ENDS, told_of
from living.publish.standalone import CHAIN
from living.publish.view import AnalysisView, PageView, view

SNAPSHOT, SCHEMA, PAGE, PROTOCOL = "snapshot.json", "schema.json", "page.html", "protocol.toml"
REFIT = "refit.R"


def render_version(snapshot: Snapshot, chain: Chain | None = None) -> dict[str, bytes]:
    """Return every file of a version by its path; the manifest is the last.

    Without the `chain` of its ledger the folder holds no proof of the head it prints, and a check says so.
    Raises ValueError when the snapshot has no version number.
    """
    prepared = view(snapshot)
    files = {
        SNAPSHOT: canonical(rounded(snapshot.model_dump(mode="json"))).encode(),
        SCHEMA: _schema(),
        PROTOCOL: snapshot.protocol_text.encode(),
        PAGE: _page(prepared),
        **tables.files(snapshot),
        **cite.files(snapshot),
        REFIT: words.render("programs/refit.R"),
        **_figures(prepared),
        **{path: provenance.drawn(page) for path, page in provenance.pages(snapshot, prepared.release)},
        **dict(_beside(prepared)),
        **dict(_reviews(prepared)),
        lsr.PAGE: lsr.drawn(lsr.checklist(snapshot, prepared.release)),
    }
    if chain:
        files[CHAIN] = canonical(chain).encode()
    files |= packages.files(snapshot, files)
    return {**files, MANIFEST: manifest(snapshot, files)}


def _page(prepared: PageView) -> bytes:
    inner = words.pages().get_template("page/body.html").render(v=prepared, tables=columns.TABLES)
    body = Markup(BODY_BEGINS + inner + BODY_ENDS)
    head = cite.head(prepared.snapshot)
    return words.render("version.html", v=prepared, head=head, told=told_of(prepared.snapshot), body=body)


def _beside(prepared: PageView) -> Iterator[tuple[str, bytes]]:
    """Yield the page of every analysis whose figures do not stand in the version's own page."""
    for comparison in prepared.comparisons:
        for item in comparison.analyses:
            if item.page:
                told = told_of(prepared.snapshot)
                yield item.page, words.render("analysis.html", v=prepared, c=comparison, item=item, told=told)


def _reviews(prepared: PageView) -> Iterator[tuple[str, bytes]]:
    """Yield the page of other reviews' results, where there are any."""
    if prepared.reviews:
        told = told_of(prepared.snapshot)
        yield reconciled.PAGE, words.render("reviews.html", v=prepared, told=told)


def _schema() -> bytes:
    return schemas.readable("snapshot")


def _figures(prepared: PageView) -> dict[str, bytes]:
    flow = figures.drawn_flow(prepared.flow)
    return dict([*(found for item in prepared.figures for found in _of(item)), flow])


def _of(item: AnalysisView) -> Iterator[tuple[str, bytes]]:
    """Yield the figures of an analysis: its forest plot in two shapes, then what stands beside it."""
    for drawn, name in ((item.wide, item.analysis.id), (item.narrow, f"{item.analysis.id}.narrow")):
        content = words.render("figure.svg", f=drawn, comparison=item.comparison).lstrip()
        yield f"{figures.FOLDER}/{name}.svg", content
    yield from figures.drawn(item.beside)
