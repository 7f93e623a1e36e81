"""The templates and the two environments that fill them: one that escapes markup, one for plain text."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from urllib.parse import quote, urlsplit

import nh3
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from living.model.snapshot import AnalysisOut
from living.publish import numerals, studies
from living.review.pools import INTERVAL_LABELS

HERE = Path(__file__).resolve().parent.parent
# A wheel carries the templates inside the package; a checkout has them at its root.
FOLDERS = (HERE / "_shipped" / "templates", HERE.parent / "templates")
TITLE_TAGS = {"i", "b", "em", "strong", "sub", "sup"}  # what PubMed titles really use
# Controls are no XML characters; direction overrides let one text pass for another.
_UNSEEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufffe\uffff]")


@cache
def pages() -> Environment:
    """Return the environment of every page, figure and HTML letter: all output is escaped."""
    return _environment(True, _visible)


@cache
def plain_text() -> Environment:
    """Return the environment of plain-text letters, where an escape would be read as it stands.

    A value can never add a line of its own: line ends inside values become spaces.
    """
    return _environment(False, _one_line)


def render(template: str, **facts: object) -> bytes:
    """Return a filled page as UTF-8."""
    return pages().get_template(template).render(**facts).encode()


def clean_title(text: str) -> Markup:
    """Return a title with the few tags that titles may carry and nothing else."""
    return Markup(nh3.clean(_UNSEEN.sub("\ufffd", text), tags=TITLE_TAGS, attributes={}))


def web_address(text: str) -> str:
    """Return an address that a link may hold, or nothing: only http and https lead out of a page."""
    try:
        parts = urlsplit(text.strip())
    except ValueError:
        return ""
    return text.strip() if parts.scheme in ("http", "https") and parts.netloc else ""


def doi_address(doi: str) -> str:
    return f"https://doi.org/{quote(doi.strip(), safe='/()')}"


def unit_of(analysis: AnalysisOut) -> str:
    """Return what one of the estimate is: standardised differences have no unit of their scale."""
    return "in standard deviations" if analysis.measure.startswith("SMD") else analysis.unit


def cell_path(cell: str, slug: str) -> str:
    """Return where the way of a cell's number is told; without a cell, its study's page."""
    return studies.cell_path(slug, cell) if cell else studies.study_path(slug)


def shorten(text: str, length: int) -> str:
    """Return a text that fits a drawing, where nothing wraps; the table beside it has the whole."""
    return text if len(text) <= length else f"{text[: length - 1].rstrip()}…"


def opening(text: str) -> str:
    """Return a text as a sentence begins: its first letter large, the others as they are."""
    return text[:1].upper() + text[1:]


def visible(text: str) -> str:
    """Return a text without controls, which XML has no place for, and without direction overrides."""
    return _UNSEEN.sub("\ufffd", text)


def plain_title(text: str) -> str:
    """Return a title without its few tags, for what is no page."""
    return str(clean_title(text).striptags())


def pooling(method: str) -> str:
    """Return how an average is named to readers: its estimator of the spread, or that there is none."""
    return "common effect" if method == "CE" else method


def interval_rule(interval: str) -> str:
    """Return how a rule for intervals is named to readers."""
    return INTERVAL_LABELS[interval]


def _visible(value: object) -> object:
    if isinstance(value, Markup) or not isinstance(value, str):
        return value
    return _UNSEEN.sub("\ufffd", value)


def _one_line(value: object) -> object:
    return " ".join(_UNSEEN.sub("\ufffd", value).split()) if isinstance(value, str) else value


def _environment(autoescape: bool, finalize: Callable[[object], object]) -> Environment:
    environment = Environment(
        autoescape=autoescape,
        finalize=finalize,
        loader=FileSystemLoader([str(folder) for folder in FOLDERS]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters.update(FILTERS)
    return environment


FILTERS: dict[str, Callable[..., object]] = {
    "effect": numerals.effect,
    "interval": numerals.interval,
    "signed": numerals.signed,
    "shift": numerals.shift,
    "se": numerals.standard_error,
    "tau2": numerals.tau2,
    "percent": numerals.percent,
    "weight": numerals.weight,
    "pooling": pooling,
    "interval_rule": interval_rule,
    "level": numerals.level,
    "share": numerals.share,
    "people": numerals.people,
    "more_or_fewer": numerals.more_or_fewer,
    "statistic": numerals.statistic,
    "p": numerals.p_value,
    "plain": numerals.plain,
    "count": numerals.count,
    "counted": numerals.counted,
    "weeks": numerals.weeks,
    "dose": numerals.dose,
    "day": numerals.day,
    "instant": numerals.instant,
    "coord": numerals.coordinate,
    "short_hash": numerals.short_hash,
    "unit": unit_of,
    "cell_path": cell_path,
    "shorten": shorten,
    "opening": opening,
    "clean_title": clean_title,
    "web_address": web_address,
    "doi_address": doi_address,
}
