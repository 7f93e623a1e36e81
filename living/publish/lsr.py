"""What a version reports of each item of PRISMA 2020 and its extension for living reviews, and where."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from living.model.protocol import Model
from living.model.snapshot import ReleaseOut, Snapshot
from living.publish import numerals, words
from living.publish.pages import told_of
from living.publish.view import analyses, headline_of
from living.review.answer import rating_of

PAGE = "prisma-lsr.html"
NOT_AGAIN = 10 * 365 * 24  # hours: a source due only after ten years is a table that was copied once


@dataclass(frozen=True)
class Item:
    """One item in our own short words. `told` empty: this version does not report it."""

    id: str
    asks: str
    told: str = ""
    href: str = ""


@dataclass(frozen=True)
class Section:
    label: str
    items: tuple[Item, ...]


@dataclass(frozen=True)
class Checklist:
    snapshot: Snapshot
    release: ReleaseOut
    sections: tuple[Section, ...]

    @property
    def unanswered(self) -> int:
        return sum(not item.told for section in self.sections for item in section.items)


def checklist(snapshot: Snapshot, release: ReleaseOut) -> Checklist:
    """Fill the checklist from a version; what the version does not say is left without an answer."""
    parts = {
        "Title, abstract, introduction": _opening(snapshot, release),
        "Methods": _methods(snapshot),
        "Living mode": _living(snapshot, release),
        "Results": _results(snapshot),
        "Discussion": _discussion(snapshot),
        "Other information": _other(snapshot),
    }
    return Checklist(snapshot, release, tuple(Section(label, tuple(items)) for label, items in parts.items()))


def drawn(found: Checklist) -> bytes:
    """Return the checklist's page."""
    return words.render("prisma-lsr.html", v=found, told=told_of(found.snapshot))


def _opening(s: Snapshot, release: ReleaseOut) -> Iterator[Item]:
    yield Item("1", "Named a systematic review", "In the suggested citation", "#data")
    yield Item(
        "1, living", "Named living, with its version", f"{release.version}, {numerals.day(release.date)}"
    )
    yield Item("2", "Summary", "The first screen: answer, certainty, currency, change", "#answer")
    yield Item("3", "Why this review", "", "")
    yield Item("3, living", "Which version or review comes before", _before(s, release), "#changed")
    yield Item(
        "4", "The question", f"{s.protocol.question.intervention}: people, comparisons, outcomes", "#methods"
    )


def _before(s: Snapshot, release: ReleaseOut) -> str:
    if release.previous:
        return f"Replaces {release.previous}"
    return f"First version; continues {s.continues}" if s.continues else "First version"


def _model(model: Model) -> str:
    spread = "a common effect" if model.tau2 == "CE" else f"τ² {model.tau2}"
    return f"{spread}, {words.interval_rule(model.interval)}"


def _methods(s: Snapshot) -> Iterator[Item]:
    p = s.protocol
    models = "; ".join(sorted({_model(model) for model in p.models.values()}))
    readers = numerals.counted(p.people.readers, "person", "people")
    screeners = numerals.counted(p.people.screeners, "person", "people")
    yield Item(
        "5", "Who may enter, who may not", _counted(p.eligibility, "criterion", "criteria"), "#methods"
    )
    yield Item("6", "Sources and their dates", _counted(p.sources, "source", "sources"), "#searches")
    yield Item("7", "Full search strategies", "Printed for each source searched by machine", "#searches")
    yield Item("8", "How studies were selected", f"{screeners.capitalize()} must agree", "#pooling")
    yield Item("9", "How data were collected", f"{readers.capitalize()} must agree on a number", "#pooling")
    yield Item("10a", "Outcomes sought", _counted(p.outcomes, "outcome", "outcomes"), "#results")
    yield Item("10b", "Other data sought", "Design, people, arms, doses, register entries", "#studies")
    yield Item("11", "How risk of bias is judged", "RoB 2 for each result, by people", "#studies")
    yield Item("12", "Effect measures", _measures(s), "#results")
    yield Item(
        "13a",
        "Which study enters which synthesis",
        "By outcome, arms, time and kind of value",
        "protocol.toml",
    )
    yield Item(
        "13b", "How data were prepared", "Each step with formula and source, study by study", "#studies"
    )
    yield Item("13c", "How results are shown", "Forest plots, each with its table", "#results")
    yield Item("13d", "How results are combined", models, "#pooling")
    yield Item("13e", "How differences between studies are explored", _splits(s), "#results")
    yield Item("13f", "Sensitivity analyses", _variants(s), "#results")
    yield Item(
        "14", "How missing results are judged", "Listed by outcome; not judged by the machine", "#missing"
    )
    yield Item("15", "How certainty is judged", "GRADE, by people, with facts beside it", "#certainty")


def _living(s: Snapshot, release: ReleaseOut) -> Iterator[Item]:
    rule, plan = s.protocol.update_rule, s.protocol.retirement
    yield Item("L1", "Schedule of the searches", "; ".join(_schedule(s)), "#searches")
    yield Item("L1", "What makes a new version", f"Rule {rule.version}, applied by machine", "#rule")
    yield Item(
        "L1",
        "When living mode may end",
        f"People decide; asked after {plan.stable_versions} stable versions with high certainty, or "
        f"{plan.quiet_months} months without a new or ongoing trial",
        "#rule",
    )
    yield Item("L1", "What led to this version", release.decision.banner, "#changed")
    yield Item("L2", "Methods changed since the last version", _amended(s), "#amendments")
    yield Item("L3", "Results changed since the last version", _changed(release), "#changed")
    yield Item("L4", "Authors and their roles in this version", "", "")


def _schedule(s: Snapshot) -> Iterator[str]:
    for item in s.protocol.sources:
        if item.by_machine:
            yield f"{item.label} every {numerals.counted(item.every_hours, 'hour', 'hours', words=False)}"
        elif item.every_hours < NOT_AGAIN:
            days = numerals.counted(-(-item.every_hours // 24), "day", "days", words=False)
            yield f"{item.label} by hand every {days}"


def _amended(s: Snapshot) -> str:
    count = len(s.protocol_history)
    if count < 2:
        return "No amendment so far" if count else ""
    return f"{numerals.counted(count - 1, 'amendment', 'amendments').capitalize()} so far"


def _changed(release: ReleaseOut) -> str:
    if not release.previous:
        return "First version: nothing to compare with"
    return f"{_counted(release.decision.causes, 'cause', 'causes')}, each with its shift"


def _results(s: Snapshot) -> Iterator[Item]:
    f = s.flow
    pooled = [item for item in analyses(s) if item.pool.pooled]
    rated = [item for item in analyses(s) if rating_of(item)]
    judged = sum(bool(study.rob) for study in s.studies)
    yield Item(
        "16a",
        "Flow of records and studies",
        f"{f.records} records, {f.included} studies included",
        "#studies",
    )
    yield Item("16b", "Excluded studies with reasons", f"{f.excluded} excluded, by criterion", "#excluded")
    yield Item("17", "Characteristics of each study", f"{f.included} studies", "#included")
    yield Item("18", "Risk of bias of each study", _of(judged, "study judged", "studies judged"), "#included")
    yield Item("19", "Result of each study", "In each analysis, each with its source", "#results")
    yield Item("20a", "What each synthesis rests on", "Studies, people and weights in its table", "#results")
    yield Item("20b", "Results of the syntheses", _of(len(pooled), "average", "averages"), "#results")
    yield Item("20c", "Causes of differences explored", _splits(s), "#results")
    yield Item("20d", "Results of sensitivity analyses", _variants(s), "#results")
    yield Item(
        "21", "Missing results", "Who has no result, outcome by outcome; not judged by people", "#missing"
    )
    yield Item(
        "22", "Certainty of the evidence", _of(len(rated), "analysis rated", "analyses rated"), "#certainty"
    )


def _discussion(s: Snapshot) -> Iterator[Item]:
    signed = "A conclusion signed by an editor" if s.answer.headline_signed else ""
    yield Item("23a", "Interpretation", signed, "#answer" if signed else "")
    yield Item("23b", "Limits of the evidence", "", "")
    yield Item(
        "23c",
        "Limits of the review's own process",
        _provisional(s),
        "#provisional" if s.protocol.topic.provisional else "",
    )
    yield Item("23d", "What it means for practice and research", "", "")


def _provisional(s: Snapshot) -> str:
    found = s.protocol.topic.provisional
    return (
        f"{numerals.counted(len(found), 'choice', 'choices').capitalize()} not yet confirmed" if found else ""
    )


def _other(s: Snapshot) -> Iterator[Item]:
    head = s.protocol.topic
    yield Item("24a", "Registration", head.registration, "#methods" if head.registration else "")
    yield Item("24b", "Protocol", f"Version {head.version}, whole", "protocol.toml")
    yield Item("24c", "Amendments", _amended(s), "#amendments")
    yield Item("25", "Support", "", "")
    yield Item(
        "26",
        "Competing interests",
        " ".join(head.conflict_notes),
        "#interests" if head.conflict_notes else "",
    )
    yield Item("27", "Data and code", "Everything on the page, with hashes to check it", "#data")


def _counted(found: tuple[object, ...], one: str, many: str) -> str:
    return numerals.counted(len(found), one, many).capitalize()


def _of(count: int, one: str, many: str) -> str:
    return numerals.counted(count, one, many).capitalize()


def _measures(s: Snapshot) -> str:
    return ", ".join(dict.fromkeys(item.measure_label for item in analyses(s)))


def _splits(s: Snapshot) -> str:
    main = headline_of(s)
    found = [item.label for item in main.subgroups] if main else []
    return (
        f"Main result by {', '.join(found)}".lower().capitalize() if found else "No split of the main result"
    )


def _variants(s: Snapshot) -> str:
    main = headline_of(s)
    count = len(main.sensitivity) if main else 0
    return f"{numerals.counted(count, 'variant', 'variants').capitalize()} of the main result"
