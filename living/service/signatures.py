"""Who signed a version, as its pages and letters name it."""

from __future__ import annotations

from living.model.facts import LedgerLine
from living.model.snapshot import Snapshot
from living.model.state import ReviewState
from living.publish.pages import Signed
from living.review.snapshot import signature_on
from living.service.accounts import names
from living.service.house import House


def signed_by(house: House, state: ReviewState, line: LedgerLine, snapshot: Snapshot) -> Signed | None:
    """Return the signature on the version that a ledger line binds, with the signer's name, if there is one.

    A name that was erased leaves the id that the ledger holds.
    """
    found = signature_on(state, line, snapshot)
    if found is None:
        return None
    signed, fact = found
    name = names(house).get(signed.by, "")
    by = f"{name} ({signed.by})" if name and name != signed.by else signed.by
    return Signed(by, signed.at, fact.conclusion, (fact.certainty or "").replace("_", " "))
