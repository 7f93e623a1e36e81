"""Exported files of databases that are searched by hand: bytes in, records out, whole or with every fault."""
