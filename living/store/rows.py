"""Between a table's row and the frozen value it stands for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, TypeVar

from pydantic import BaseModel
from sqlalchemy import Connection, Row, Select, Table, select

V = TypeVar("V", bound=BaseModel)
T = TypeVar("T")


def of_table(table: Table, value: type[BaseModel]) -> Select[Any]:
    """Select the columns that the value has fields for."""
    return select(*(table.c[name] for name in value.model_fields))


def values(conn: Connection, query: Select[Any], kind: type[V]) -> tuple[V, ...]:
    return tuple(value_of(row, kind) for row in conn.execute(query))


def value(conn: Connection, query: Select[Any], kind: type[V]) -> V | None:
    row = conn.execute(query).one_or_none()
    return None if row is None else value_of(row, kind)


def value_of(row: Row[Any], kind: type[V]) -> V:
    return kind.model_validate(dict(row._mapping))


def batched(items: Iterable[T], size: int) -> Iterator[list[T]]:
    rest = iter(items)
    while batch := list(islice(rest, size)):
        yield batch
