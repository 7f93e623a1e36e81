"""A living systematic review service: poll, extract, pool, decide, publish."""

__version__ = "0.1.0"
