"""The protocol as a file: read it, check every name in it, and take its digests."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from string import Formatter

from living.model.protocol import Analysis, Comparison, Protocol, Sentences, Source, Subgroup, Window
from living.model.values import canonical, digest
from living.review.documents import build, load, refuse, suggestion

# Measures that a sensitivity analysis may exchange: their numbers stand on one axis.
ONE_SCALE = ({"SMD-d", "SMD-g"}, {"RR", "OR"})

_ALWAYS = frozenset({"title", "short"})
_ANSWER = _ALWAYS | {"outcome", "experimental", "control", "unit", "below", "k", "k_word", "n", "d", "w"}
_ESTIMATE = _ANSWER | {"estimate", "low", "high", "level", "range_says"}
_SHIFT = _ALWAYS | {"outcome", "old", "new"}
# Which names each sentence may use. `below` says what a value below no difference means ("below zero means
# less pain with LDN"); `range_says` what the interval includes; `k_word` is k in words; `d` and `w` count the
# studies that await data and classification, `s` the scheduled sources. Numbers come formatted, signed.
SENTENCE_NAMES: Mapping[str, frozenset[str]] = {
    "headline_pooled_uncertain": _ESTIMATE,
    "headline_pooled_less": _ESTIMATE,
    "headline_pooled_more": _ESTIMATE,
    "headline_two": _ANSWER | {"a", "b"},
    "headline_one": _ESTIMATE | {"study"},
    "headline_none": _ANSWER,
    "lede_pooled": _ESTIMATE,
    "lede_two": _ANSWER | {"a", "b"},
    "lede_one": _ESTIMATE | {"study"},
    "lede_none": _ANSWER,
    "unsigned": _ALWAYS | {"n_unverified", "n_numbers"},
    "first_version": _ALWAYS | {"date", "n_studies", "k", "k_word", "d", "w"},
    "nothing_new": _ALWAYS | {"s", "date", "version", "w", "d"},
    "ongoing_only": _ALWAYS | {"date", "n_studies"},
    "awaiting": _ALWAYS | {"n_studies", "date"},
    "new_evidence": _SHIFT | {"n_studies", "studies"},
    "conclusions_confirmed": _SHIFT | {"date"},
    "conclusions_changed": _SHIFT | {"date"},
    "correction": _SHIFT | {"field", "study", "reason", "old_estimate", "new_estimate", "conclusion"},
    "verification": _ALWAYS | {"studies", "n_numbers", "readers"},
    "retraction": _SHIFT | {"report", "date", "weight", "versions", "without"},
    "concern": _ALWAYS | {"report", "date"},
    "methods_change": _SHIFT | {"what"},
    "scheduled_version": _ALWAYS | {"date", "months", "version"},
    "source_stale": _ALWAYS | {"source", "date", "interval"},
    "retired": _ALWAYS | {"date", "reason"},
}


def parse(text: str, where: str) -> Protocol:
    """Read a protocol and check that every name in it leads somewhere.

    `where` is the file as the reader of a message knows it. Raises UserError, one line, naming file, key and
    fault: TOML syntax, unknown or missing keys, wrong types, dangling names, duplicate ids.
    """
    protocol = build(Protocol, load(text, where), where)
    faults = list(_faults(protocol))
    if faults:
        refuse(faults, where)
    return protocol


def protocol_digest(text: str) -> str:
    """Return the SHA-256 of the protocol's whole text: a comment is part of it."""
    return digest(text)


def rule_digest(protocol: Protocol) -> str:
    """Return the SHA-256 of the update rule alone, whatever its layout in the file."""
    return digest(canonical(protocol.update_rule))


def fill(template: str, names: Mapping[str, object]) -> str:
    """Return a sentence with its names filled in and its first letter a capital."""
    filled = template.format_map(names)
    return filled[:1].upper() + filled[1:]


def _faults(protocol: Protocol) -> Iterator[str]:
    yield from _duplicates(protocol)
    for source in protocol.sources:
        yield from _source(source)
    for comparison in protocol.comparisons:
        yield from _comparison(comparison, protocol)
    for outcome in protocol.outcomes:
        for scale in outcome.scales:
            yield from _known(f"outcomes[{outcome.id}].scales", scale, _ids(protocol.scales))
    for item in protocol.scales:
        if not item.low < item.high:
            yield f"scales[{item.id}]: low {item.low:g} is not below high {item.high:g}"
    for window in protocol.windows:
        yield from _window(window)
    for subgroup in protocol.subgroups:
        yield from _subgroup(subgroup, protocol)
    for analysis in protocol.analyses:
        yield from _analysis(analysis, protocol)
    for outcome_id in protocol.supplementary.baselines:
        yield from _known("supplementary.baselines", outcome_id, _ids(protocol.outcomes))
    yield from _primaries(protocol)
    yield from _sentences(protocol.sentences)


def _ids(items: Iterable[object]) -> list[str]:
    return [str(getattr(item, "id", "")) for item in items]


def _known(path: str, name: str, known: Iterable[str]) -> Iterator[str]:
    names = list(known)
    if name not in names:
        yield f"{path}: nothing is called '{name}'{suggestion(name, names)}"


def _duplicates(protocol: Protocol) -> Iterator[str]:
    lists = {name: value for name, value in protocol if isinstance(value, tuple) and value}
    lists |= {f"analyses[{item.id}].sensitivity": item.sensitivity for item in protocol.analyses}
    lists |= {f"subgroups[{item.id}].levels": item.levels for item in protocol.subgroups}
    for path, items in lists.items():
        ids = _ids(items)
        for name in dict.fromkeys(ids):
            if ids.count(name) > 1:
                yield f"{path}: the id '{name}' is used {ids.count(name)} times"


def _source(source: Source) -> Iterator[str]:
    path = f"sources[{source.id}]"
    if source.by_machine and source.id != source.kind:
        yield f"{path}.id must be {source.kind!r}: its entries are known here by the name of their source"
    if source.by_machine and not source.query:
        yield f"{path}.query is missing: a source of kind {source.kind} is searched by its query"
    for clause in source.clauses:
        if clause not in source.query:
            yield f"{path}.clauses: the clause {clause} does not occur in the query"
    for canary in source.canaries:
        if any(char.isspace() for char in canary) or canary.startswith(f"{source.id}:"):
            yield f"{path}.canaries: '{canary}' is no id of the source; write it as the source does"
    if source.canaries and not source.by_machine:
        yield f"{path}.canaries: no full search of a source of kind import is made that could list them"


def _comparison(comparison: Comparison, protocol: Protocol) -> Iterator[str]:
    path, known = f"comparisons[{comparison.id}]", _ids(protocol.interventions)
    yield from _known(f"{path}.experimental", comparison.experimental, known)
    for control in comparison.control:
        yield from _known(f"{path}.control", control, known)
    if comparison.experimental in comparison.control:
        yield f"{path}: '{comparison.experimental}' is compared with itself"


def _window(window: Window) -> Iterator[str]:
    high = float("inf") if window.high is None else window.high
    if not window.low <= window.nearest <= high:
        yield (
            f"windows[{window.id}]: low {window.low:g}, nearest {window.nearest:g}, high {high:g}"
            " are not in this order"
        )


def _subgroup(subgroup: Subgroup, protocol: Protocol) -> Iterator[str]:
    path, cuts = f"subgroups[{subgroup.id}]", subgroup.cuts_mg
    if subgroup.by == "condition_group":
        for level in subgroup.levels:
            yield from _known(f"{path}.levels", level.id, _ids(protocol.condition_groups))
        if cuts:
            yield f"{path}.cuts_mg: a split by condition has no doses to cut at"
        return
    if any(low >= high for low, high in pairwise(cuts)):
        yield f"{path}.cuts_mg: the doses {', '.join(f'{cut:g}' for cut in cuts)} are not in rising order"
    if len(cuts) != len(subgroup.levels) - 1:
        yield f"{path}: {len(subgroup.levels)} levels need {len(subgroup.levels) - 1} cuts, not {len(cuts)}"


def _analysis(analysis: Analysis, protocol: Protocol) -> Iterator[str]:
    path = f"analyses[{analysis.id}]"
    yield from _known(f"{path}.comparison", analysis.comparison, _ids(protocol.comparisons))
    yield from _known(f"{path}.outcome", analysis.outcome, _ids(protocol.outcomes))
    yield from _known(f"{path}.window", analysis.window, _ids(protocol.windows))
    yield from _known(f"{path}.models", analysis.models, protocol.models)
    for subgroup in analysis.subgroups:
        yield from _known(f"{path}.subgroups", subgroup, _ids(protocol.subgroups))
    if analysis.measure.startswith("SMD") and not analysis.standardiser:
        yield f"{path}.standardiser is missing: {analysis.measure} names what it divides by"
    if analysis.measure.startswith("SMD") and {"change", "final"} <= set(analysis.estimands):
        yield f"{path}.estimands: a standardised difference may not mix change and final values"
    for variant in analysis.sensitivity:
        other = variant.measure or analysis.measure
        if other != analysis.measure and {other, analysis.measure} not in ONE_SCALE:
            where = f"{path}.sensitivity[{variant.id}].measure"
            yield f"{where}: {other} is not on the scale of {analysis.measure}"


def _primaries(protocol: Protocol) -> Iterator[str]:
    for comparison in protocol.comparisons:
        about = [item for item in protocol.analyses if item.comparison == comparison.id]
        primary = [item.id for item in about if item.role == "primary"]
        if about and len(primary) != 1:
            told = ", ".join(primary) or "none"
            yield f"analyses: comparison '{comparison.id}' needs one primary analysis and has {told}"


def _sentences(sentences: Sentences) -> Iterator[str]:
    for key, template in sentences:
        path, allowed = f"sentences.{key}", SENTENCE_NAMES[key]
        try:
            parts = list(Formatter().parse(template))
        except ValueError:
            yield f"{path}: a brace is opened or closed alone"
            continue
        for _, name, form, conversion in parts:
            if name is None:
                continue
            if form or conversion:
                yield f"{path}: {{{name}}} stands with its name only; numbers come formatted"
            elif name not in allowed:
                yield f"{path}: {{{name}}} is not filled there{suggestion(name, allowed)}"
