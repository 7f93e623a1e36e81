"""Signing before a version is published: what would be signed is shown first, with the digest to name."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from living.cli.terminal import print_json

if TYPE_CHECKING:
    from living.service.house import House
    from living.service.signing import Proposal

PROPOSAL = "proposal"


def sign_proposed(
    home: House, topic: str, digest: str, conclusion: str, rating: str | None, by: str, as_json: bool
) -> None:
    """Sign the proposal whose digest is named; without one, show what stands and sign nothing."""
    from living.service.signing import proposal, sign_proposal

    if not digest:
        found = proposal(home, topic)
        print_json(_plain(found)) if as_json else _show(found)
        return
    said = sign_proposal(home, topic, digest, conclusion, rating or "not_rated", by)
    if as_json:
        print_json(said)
    else:
        typer.echo(
            "Signed. The version that carries your sentence follows with the next turn of the service."
        )


def _plain(found: Proposal) -> dict[str, object]:
    shown = ("version", "newest", "fresh", "publishes", "whole", "digest", "headline", "suggested", "rating")
    plain: dict[str, object] = {name: getattr(found, name) for name in (*shown, "signed", "unverified")}
    return plain | {"decision": found.decision, "warnings": [item.text for item in found.warnings]}


def _show(found: Proposal) -> None:
    typer.echo(f"{found.version}: {found.decision.banner}")
    typer.echo(f"It would say: {found.headline}")
    typer.echo(f"GRADE rating that stands: {found.rating.replace('_', ' ') or 'none'}")
    if found.unverified:
        typer.echo(f"Numbers that rest on an import: {found.unverified}")
    for item in found.warnings:
        typer.echo(f"Still open: {item.text}")
    typer.echo(f"Digest: {found.digest}")
    typer.echo("Nothing is signed yet." if not found.signed else "This is signed.")
    if not found.whole:
        typer.echo("Data and methods changed both: publish first, then sign what remains.")
    elif not found.signed:
        typer.echo(
            "To sign it, give --digest with this digest, --conclusion, and --certainty where one stands."
        )
