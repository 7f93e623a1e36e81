"""A filled RoB 2 form: routed, compared with what its answers suggest, and every departure explained."""

from __future__ import annotations

from collections.abc import Iterator

from living.review.assessed import (
    OVERALL,
    REASON,
    Assessed,
    Missing,
    Typed,
    judgement_field,
    read,
    reason_field,
    too_long,
    words,
)
from living.review.rob2 import RISKS, VARIANTS, overall
from living.review.rob2.tables import UNASKED, Domain, Risk


def read_rob(typed: Typed, variant: str) -> Assessed:
    """Read a filled form of one variant; what is wrong stands in `faults`, nothing is raised.

    A judgement left blank is the one that the answers suggest. One that departs from it has a reason.
    Raises KeyError for a variant that there is not.
    """
    domains = VARIANTS[variant]
    suggested = {domain.id: domain.suggests(typed) for domain in domains}
    judged = {domain.id: _judged(typed, domain, suggested[domain.id]) for domain in domains}
    risks = [risk for risk in RISKS for told in judged.values() if told == risk]
    whole = overall(risks) if len(risks) == len(domains) else None
    told = read(typed, OVERALL) or whole or ""
    named = {
        **{name: risk for name, risk in suggested.items() if risk},
        **({OVERALL: whole} if whole else {}),
    }
    return Assessed(
        told,
        tuple((domain.id, judged[domain.id], read(typed, reason_field(domain.id))) for domain in domains),
        read(typed, REASON),
        tuple(answer for domain in domains for answer in domain.routed(typed).items()),
        named,
        (
            *_unanswered(typed, domains),
            *_departures(typed, domains, suggested),
            *_whole(typed, told, whole),
            *too_long(typed),
        ),
    )


def _judged(typed: Typed, domain: Domain, suggested: Risk | None) -> str:
    return read(typed, judgement_field(domain.id)) or suggested or ""


def _unanswered(typed: Typed, domains: tuple[Domain, ...]) -> Iterator[Missing]:
    for domain in domains:
        routed = domain.routed(typed)
        for question in domain.questions:
            if routed[question.id] in question.options or routed[question.id] == UNASKED:
                continue
            given = read(typed, question.id)
            known = ", ".join(question.options)
            told = f"'{given}' is no answer here; one of {known}" if given else "choose an answer"
            yield Missing(question.id, f"{question.id}: {told}")


def _departures(
    typed: Typed, domains: tuple[Domain, ...], suggested: dict[str, Risk | None]
) -> Iterator[Missing]:
    for domain in domains:
        told, found = read(typed, judgement_field(domain.id)), suggested[domain.id]
        if told and told not in RISKS:
            yield Missing(judgement_field(domain.id), f"{domain.id}: '{told}' is none of {', '.join(RISKS)}")
        elif told and found and told != found and not read(typed, reason_field(domain.id)):
            what = f"{domain.id}: the answers suggest {words(found)}; say why it is {words(told)}"
            yield Missing(reason_field(domain.id), what)


def _whole(typed: Typed, told: str, whole: Risk | None) -> Iterator[Missing]:
    if told and told not in RISKS:
        yield Missing(OVERALL, f"overall: '{told}' is none of {', '.join(RISKS)}")
    elif told and whole and told != whole and not read(typed, REASON):
        yield Missing(REASON, f"the domains suggest {words(whole)} overall; say why it is {words(told)}")
