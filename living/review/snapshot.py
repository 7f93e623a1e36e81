"""The snapshot: a pure function of the ledger up to a line, the protocol in it, and this code."""

from __future__ import annotations

from living import __version__
from living.errors import UserError
from living.model.facts import LedgerLine, ProtocolActivated, Release, Signature
from living.model.flow import FlowBefore
from living.model.protocol import Protocol
from living.model.snapshot import SCHEMA, EngineOut, ReleaseOut, Snapshot
from living.model.state import ReviewState
from living.model.values import canonical, digest, rounded
from living.review.agreement import agreement
from living.review.analysis import comparisons
from living.review.answer import answer, rated, rating_of
from living.review.catalogue import catalogue
from living.review.evidence import Evidence, gather
from living.review.flow import flow, flow_before
from living.review.history import protocol_history
from living.review.horizon import as_of, horizon
from living.review.protocol import parse, rule_digest
from living.review.reaches import evidence_until, reach_of
from living.review.reconcile import printed_results, reconcile


def protocol_of(state: ReviewState) -> tuple[ProtocolActivated, Protocol]:
    """Return the protocol in force. Raises UserError when none was activated."""
    activated = state.protocol
    if activated is None:
        raise UserError("no protocol is active", where=f"topic {state.topic}", fix="Load the topic first")
    return activated, parse(activated.text, f"{state.topic}/protocol.toml")


def build_snapshot(state: ReviewState) -> Snapshot:
    """Build the evidence, results and sources of a state, without a release block.

    Deterministic: the same lines, protocol and code give the same bytes. Raises UserError without a protocol.
    """
    activated, protocol = protocol_of(state)
    return snapshot_of(gather(state, protocol), activated)


def snapshot_of(evidence: Evidence, activated: ProtocolActivated) -> Snapshot:
    """Build the snapshot of evidence already gathered; see `build_snapshot`.

    A signed conclusion is the headline as long as the evidence it was signed on is unchanged; then it goes
    stale by itself and the generated sentence returns. Of several the latest that still holds counts: signing
    again, on a version whose headline was signed before, is signing the same evidence.
    """
    unsigned = _build(evidence, activated)
    signatures = [signature for _, signature in evidence.state.signatures]
    if not signatures:
        return unsigned
    same = {snapshot_digest(unsigned), *(snapshot_digest(_signed(unsigned, item)) for item in signatures)}
    standing = next((item for item in reversed(signatures) if item.digest in same), None)
    return _signed(unsigned, standing) if standing else unsigned


def _signed(unsigned: Snapshot, signature: Signature) -> Snapshot:
    said = unsigned.answer
    main = next(item for item in unsigned.comparisons[0].analyses if item.id == said.analysis)
    certain = f"certainty {signature.certainty.replace('_', ' ')}" if signature.certainty else rated(main)
    rest = f"{said.n_unverified} of {said.n_numbers} numbers rest on one source"
    update = {
        "headline": signature.conclusion,
        "headline_signed": True,
        "standing": f"Conclusion signed by an editor; {certain}; {rest}.",
        "certainty": signature.certainty or rating_of(main),
    }
    return unsigned.model_copy(update={"answer": said.model_copy(update=update)})


def _build(evidence: Evidence, activated: ProtocolActivated) -> Snapshot:
    protocol = evidence.protocol
    found = comparisons(evidence.basis)
    studies = catalogue(evidence)
    main = next(item for item in found[0].analyses if item.role == "primary")
    counts = flow(evidence, studies, len(main.contrasts))
    return Snapshot(
        topic=protocol.topic.id,
        title=protocol.topic.title,
        short=protocol.topic.short,
        public_note=protocol.topic.public_note,
        continues=protocol.topic.continues,
        protocol=protocol,
        protocol_sha256=activated.sha256,
        protocol_text=activated.text,
        rule_sha256=rule_digest(protocol),
        answer=answer(protocol, found, counts),
        comparisons=found,
        studies=studies,
        flow=counts,
        horizon=horizon(protocol, found, studies, as_of(evidence.state)),
        protocol_history=protocol_history(evidence.state),
        published=reconcile(printed_results(evidence.state), found, studies),
        agreement=agreement(evidence),
    )


def signature_on(
    state: ReviewState, line: LedgerLine, snapshot: Snapshot
) -> tuple[LedgerLine, Signature] | None:
    """Return the signature on the version that a ledger line binds, with its line; None while there is none.

    The latest one on its very digest; else the one, from before the version was bound, whose sentence the
    version carries as its headline: the version was made to carry it.
    """
    digests = {line.fact.digest} if isinstance(line.fact, Release) else set()
    every = tuple(reversed(state.signatures))
    direct = next((found for found in every if found[1].digest in digests), None)
    if direct or not snapshot.answer.headline_signed:
        return direct
    earlier = (found for found in every if found[0].seq < line.seq)
    return next((found for found in earlier if found[1].conclusion == snapshot.answer.headline), None)


def snapshot_digest(snapshot: Snapshot) -> str:
    """Return the SHA-256 over everything but the release block, at the published precision."""
    return digest(canonical(rounded(snapshot.model_dump(mode="json", exclude={"release"}))))


def released(state: ReviewState, line: LedgerLine, head: str) -> Snapshot:
    """Rebuild the snapshot of a release from the ledger before its own line, as far as its evidence reaches.

    `head` is the chain hash of that line. Raises UserError when the line is no release.
    """
    release = line.fact
    if not isinstance(release, Release):
        raise UserError(f"ledger line {line.seq} is no release", where=f"topic {state.topic}")
    plain = build_snapshot(evidence_until(state, reach_of(line, release), line.seq))
    before = _before(state, line, release, plain)
    return plain.model_copy(update={"release": _release_block(release, line, head, before)})


def _before(state: ReviewState, line: LedgerLine, release: Release, now: Snapshot) -> FlowBefore | None:
    """Return what became of the studies of the version before; None for the first."""
    for earlier, fact in state.releases:
        if fact.version != release.previous or earlier.seq >= line.seq:
            continue
        then = evidence_until(state, reach_of(earlier, fact), earlier.seq)
        return flow_before(then, protocol_of(then)[1], fact.version, now.studies)
    return None


def _release_block(release: Release, line: LedgerLine, head: str, before: FlowBefore | None) -> ReleaseOut:
    return ReleaseOut(
        version=release.version,
        previous=release.previous,
        date=line.at[:10],
        at=line.at,
        digest=release.digest,
        ledger_seq=line.seq,
        ledger_head=head,
        decision=release.decision,
        searched=release.searched,
        replay=release.replay,
        engine=EngineOut(living=__version__, schema_id=SCHEMA),
        before=before,
    )
