"""The hands: parse, call one verb, report. Everything heavy is imported by the command that needs it."""

from living.cli.main import main

__all__ = ["main"]
