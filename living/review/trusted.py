"""Trustworthiness before everything else: serious concerns keep a study out, under a named criterion."""

from __future__ import annotations

from dataclasses import replace

from living.model.judgements import TrustOut
from living.model.protocol import Criterion, Protocol
from living.review.judged import Judgements
from living.review.screening import Screened

SERIOUS = "serious_concerns"


def trust_criterion(protocol: Protocol) -> Criterion | None:
    """Return the criterion under which a serious concern excludes; None where the protocol names none."""
    return next((item for item in protocol.eligibility if item.trust), None)


def after_trust(standing: dict[str, Screened], judged: Judgements, protocol: Protocol) -> dict[str, Screened]:
    """Return the standings with studies of serious concern excluded, and listed with the reason.

    A study that screening excluded keeps that reason. A judgement that has gone stale still keeps its study
    out: a further notice or report is a reason to judge again, and none to trust meanwhile.
    """
    criterion = trust_criterion(protocol)
    if criterion is None:
        return standing
    return {
        key: _excluded(screened, judged.trust[key], criterion)
        if key in judged.trust and judged.trust[key].overall == SERIOUS and _could_enter(screened)
        else screened
        for key, screened in standing.items()
    }


def _could_enter(screened: Screened) -> bool:
    return screened.status not in ("excluded", "unscreened")


def _excluded(screened: Screened, trust: TrustOut, criterion: Criterion) -> Screened:
    reason = f"serious concerns about trustworthiness (INSPECT-SR): {trust.reason or criterion.text}"
    return replace(
        screened,
        status="excluded",
        criterion=criterion.id,
        reason=reason,
        decided_by=trust.by,
        conflict=False,
        stage="full_text",
    )
