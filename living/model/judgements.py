"""Ratings by people as a snapshot shows them: risk of bias, trustworthiness, certainty."""

from __future__ import annotations

from living.model.values import Text, Value


class DomainOut(Value):
    id: Text
    judgement: Text
    reason: str = ""


class RobOut(Value):
    """A risk-of-bias judgement (RoB 2) of one result; `stale` when what it judged (`judged`) has moved.

    `answers` to the signalling questions; `assessors`: who judged on their own before it was settled.
    """

    result: str
    overall: Text
    domains: tuple[DomainOut, ...] = ()
    reason: str = ""
    by: Text
    at: Text
    judged: str = ""
    stale: bool = False
    variant: str = ""
    answers: tuple[tuple[str, str], ...] = ()
    assessors: tuple[str, ...] = ()


class EarlierRating(Value):
    """A rating of certainty that a later one replaced."""

    rating: Text
    by: Text
    at: Text
    reason: str = ""


class CertaintyOut(Value):
    """People's GRADE rating of one analysis with its reasons; `stale` when what it judged has moved.

    `earlier`: the ratings before it, oldest first.
    """

    rating: Text
    domains: tuple[DomainOut, ...] = ()
    reason: str = ""
    by: Text
    at: Text
    judged: str = ""
    stale: bool = False
    earlier: tuple[EarlierRating, ...] = ()


class TrustOut(Value):
    """An assessment of a study's trustworthiness (INSPECT-SR), before its risk of bias."""

    overall: Text
    domains: tuple[DomainOut, ...] = ()
    reason: str = ""
    by: Text
    at: Text
    judged: str = ""
    stale: bool = False
    assessors: tuple[str, ...] = ()
