"""How people worked, as a snapshot shows it: agreement, full texts, questions, conflicts of interest."""

from __future__ import annotations

from typing import Literal

from living.model.values import Count, Num, Text, Value


class AgreementOut(Value):
    """How often two people who worked blind agreed on one field.

    `items` were answered by two people, `equal` of them alike; `kappa` (Cohen, two people; 95% `low` to
    `high`) only where it can be estimated, else `note` says why not.
    """

    field: Text
    label: Text
    items: Count
    equal: Count
    kappa: Num | None = None
    low: Num | None = None
    high: Num | None = None
    note: str = ""


class FullTextOut(Value):
    """How far the full text of a report has come."""

    record: Text
    status: Literal["sought", "obtained", "not_obtainable", "in_translation"]
    language: str = ""
    since: str = ""
    note: str = ""


class QuestionOut(Value):
    """A question to a study's authors; names and addresses of people are no part of it."""

    id: Text
    question: Text
    asked: str = ""
    answer: str = ""
    answered: str = ""
    status: Literal["to_ask", "asked", "answered", "no_answer"]


class RecusalOut(Value):
    """Somebody who keeps away from a study, by an opaque id, and why."""

    person: Text
    reason: Text
    at: Text
