"""The data dictionary: every table of a version, its columns, their types, units and meanings."""

from __future__ import annotations

from typing import Literal, NamedTuple

Kind = Literal["string", "number", "integer", "boolean"]


class Column(NamedTuple):
    name: str
    kind: Kind
    meaning: str
    unit: str = ""


class Table(NamedTuple):
    """One table; `key` are the columns that together name a row, empty where two rows may say the same."""

    name: str
    title: str
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()

    @property
    def header(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)


def _text(name: str, meaning: str) -> Column:
    return Column(name, "string", meaning)


def _number(name: str, meaning: str, unit: str = "") -> Column:
    return Column(name, "number", meaning, unit)


def _count(name: str, meaning: str) -> Column:
    return Column(name, "integer", meaning)


SCALE = "unit of the analysis; natural logarithm where scale_of_estimate is log"

CONTRASTS = Table(
    "contrasts",
    "Every study's line in every analysis",
    (
        _text("comparison", "the comparison's id in the protocol"),
        _text("analysis", "the analysis's id in the protocol"),
        _text("outcome", "the outcome's id in the protocol"),
        _text("measure", "effect measure: MD, SMD-d, SMD-g, RR, OR, RD or IRR"),
        _text(
            "scale_of_estimate", "log: estimate, se and limits are of the natural logarithm; natural: as is"
        ),
        _text("study", "the study's key: its first record, as source:id"),
        _text("label", "first author and year, as shown"),
        _count("n_experimental", "people analysed in the experimental arm; empty: not stated"),
        _count("n_control", "people analysed in the control arm; empty: not stated"),
        _count("events_experimental", "people with the event in the experimental arm; empty: not a count"),
        _count("events_control", "people with the event in the control arm; empty: not a count"),
        _number("estimate", "experimental against control", SCALE),
        _number("se", "standard error of the estimate", SCALE),
        _number("low", "lower limit of this study alone, z interval at the protocol's level", SCALE),
        _number("high", "upper limit of this study alone, z interval at the protocol's level", SCALE),
        _number("weight_percent", "weight in the average; empty: no average", "percent"),
        _text("estimand", "adjusted, change, final, percent_change or count"),
        _number("weeks", "time from randomisation", "weeks"),
        _number("dose_mg", "daily dose of the experimental arm; empty: not stated", "mg per day"),
        _text("condition", "the people's condition, as extracted"),
        _text("standing", "unverified, agreed, adjudicated or verified"),
        _text("said", "the reported numbers in words"),
        _text("where", "where they stand in the report"),
        _text("cell", "the cell that the number came from; see the table cells"),
    ),
    ("analysis", "study", "cell"),
)
CELLS = Table(
    "cells",
    "Every number as it was read, with its quote and reader",
    (
        _text("study", "the study's key"),
        _text("label", "first author and year, as shown"),
        _text("cell", "the cell's id"),
        _text("outcome", "the outcome's id in the protocol"),
        _text("experimental", "the experimental arm's id"),
        _text("control", "the control arm's id"),
        _text("scale", "the measuring scale's id; empty: none"),
        _number("weeks", "time from randomisation", "weeks"),
        _text("estimand", "adjusted, change, final, percent_change or count"),
        _text("standing", "unverified, agreed, adjudicated or verified"),
        _text("said", "the reported numbers in words"),
        _text("numbers", "the reported numbers as JSON"),
        _text("population", "all_randomised, completers or not_stated"),
        _text("quote_kind", "verbatim, figure or transcribed, one per quote, separated by |"),
        _text("quote", "the words in which the number stands, separated by |"),
        _text("locator", "page, table or field, separated by |"),
        _text("report", "the report's record, separated by |"),
        _text("url", "the report's address, separated by |"),
        _text("read_by", "opaque ids of the readers, separated by |"),
        _text("grade", "of an import: A own abstract or register, B third party, C derived; separated by |"),
        _text("read_at", "when it was entered, UTC, separated by |"),
        _text("notes", "what the readers noted"),
    ),
    ("study", "cell"),
)
STUDIES = Table(
    "studies",
    "Every study with its standing and the reason for it",
    (
        _text("study", "the study's key"),
        _text("label", "first author and year, as shown"),
        _text("status", "included, excluded, awaiting_classification, ongoing or stopped"),
        Column("awaiting_data", "boolean", "included, and no usable number yet"),
        _text("criterion", "of an exclusion: the criterion's id in the protocol"),
        _text("reason", "the reason in words"),
        _text("design", "parallel, crossover, cluster, factorial or multi_arm"),
        _text("condition", "the people's condition, as extracted"),
        _text("condition_group", "the protocol's group of conditions"),
        _text("registrations", "register numbers, separated by |"),
        _text("reports", "records of its reports, separated by |"),
        _text("registry_status", "status in the register, where it has one"),
        _count("planned_n", "people planned"),
        _text("expected", "when results are expected, by the register"),
        _text("available_from", "when results became available"),
        _text("aliases", "other records that name the same study, separated by |"),
    ),
    ("study",),
)
POOLS = Table(
    "pools",
    "Every average, or the reason why there is none",
    (
        _text("comparison", "the comparison's id in the protocol"),
        _text("analysis", "the analysis's id in the protocol"),
        _text(
            "fit", "main; two_studies: shown beside, no result of the review; or a sensitivity analysis's id"
        ),
        _text("label", "the name as shown"),
        _text("measure", "effect measure: MD, SMD-d, SMD-g, RR, OR, RD or IRR"),
        _text(
            "scale_of_estimate", "log: estimate, se and limits are of the natural logarithm; natural: as is"
        ),
        Column("pooled", "boolean", "whether there is an average"),
        _text("reason", "why there is none"),
        _count("k", "studies"),
        _text(
            "method",
            "estimator of tau2 (REML, DL, PM, ML, HE, SJ, EB; CE: a common effect), or a Bayesian model",
        ),
        _text("interval", "wald, HK, HK-guarded (factor not below 1) or bayes"),
        _number("level", "level of the intervals"),
        _number("estimate", "the average", SCALE),
        _number("se", "its standard error under the named interval", SCALE),
        _number("low", "lower limit", SCALE),
        _number("high", "upper limit", SCALE),
        _number("p", "two-sided p of no effect"),
        _number("tau2", "variance between studies", "squared unit of the estimate"),
        _number("i2", "share of the variance that lies between studies, from tau2", "percent"),
        _number("q", "Cochran's Q"),
        _number("q_p", "p of Cochran's Q"),
        _number("prediction_low", "lower limit for a new study, t on k - 2", SCALE),
        _number("prediction_high", "upper limit for a new study, t on k - 2", SCALE),
        _text("left_out", "why refit.R cannot repeat it; empty: it does"),
    ),
    ("analysis", "fit"),
)
DICTIONARY = Table(
    "dictionary",
    "This data dictionary",
    (
        _text("table", "the table's name; data/TABLE.csv for spreadsheets, data/raw/TABLE.csv for programs"),
        _text("column", "the column's name"),
        _text("type", "string, number, integer or boolean"),
        _text("unit", "its unit; empty: none"),
        _text("meaning", "what it says"),
    ),
    ("table", "column"),
)
PUBLISHED = Table(
    "published",
    "Other reviews' printed results: checked, made again, beside ours",
    (
        _text("id", "the result's id"),
        _text("review", "the other review"),
        _text("doi", "its DOI"),
        _text("outcome", "what the result is about, as it says"),
        _text("subgroup", "of whom, as it says"),
        _text("measure", "its effect measure, as printed"),
        _text("model", "its method, as printed"),
        _count("k", "studies in the result; empty: not stated"),
        _count("k_total", "studies in the whole review; empty: not stated"),
        _count("n", "people in the result; empty: not stated"),
        _count("n_total", "people in the whole review; empty: not stated"),
        _text("estimate", "as printed, digit for digit; a ratio as a ratio"),
        _text("low", "lower limit as printed; empty: none printed"),
        _text("high", "upper limit as printed; empty: none printed"),
        _text("p", "P as printed; empty: none printed"),
        _text("i2", "I2 in percent as printed; empty: none printed"),
        _text("tau2", "tau2 as printed; empty: none printed"),
        Column("between_arms", "boolean", "false: a before-after change, no comparison of two arms"),
        _text("contradictions", "what in the print contradicts what"),
        _text("consistent", "what in the print agrees, and by which rule"),
        _text("not_checkable", "what could not be checked, and why"),
        _text("reproduction", "reproduced, not_reproduced, impossible or refused"),
        _text("reason", "why it was not reproduced"),
        _text("missing", "inputs that do not match or are not to be had"),
        _text("method", "the rule and the inputs by which it was made again"),
        _number("again_estimate", "made again; a ratio as its natural logarithm"),
        _number("again_low", "its lower limit"),
        _number("again_high", "its upper limit"),
        _text("analysis", "our analysis of the same question; empty: not asked here"),
        _text("corrigendum", "what was corrected later"),
        _text("note", "what else is known of it"),
        _text("read_in", "where it was read"),
        _text("grade", "A read in the review itself, B told by others, C derived"),
        _text("url", "address of where it was read"),
    ),
    ("id",),
)
WALKS = Table(
    "published-walks",
    "From other reviews' results to ours, one cause a step",
    (
        _text("id", "the result's id; see the table published"),
        _count("step", "the step's place, from 1"),
        _text("cause", "inputs, comparators, criteria, unusable, numbers, added, method or ours"),
        _text("said", "the cause in words"),
        _text("studies", "whom it concerns"),
        _number("before", "the estimate before; a ratio as its natural logarithm; empty: cannot be computed"),
        _number("after", "the estimate after it"),
        _number("low", "its lower limit"),
        _number("high", "its upper limit"),
        _count("k", "studies behind it"),
        _number("shift", "after less before; empty: one is missing, or they are not on one scale"),
        _text("reason", "why a number is missing"),
    ),
    ("id", "step"),
)
TABLES = (CONTRASTS, CELLS, STUDIES, POOLS, PUBLISHED, WALKS, DICTIONARY)
