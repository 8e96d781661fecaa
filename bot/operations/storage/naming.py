"""Which rows are about which subject: by the columns that name it."""

from typing import Any

from sqlalchemy import Column, ColumnElement, Table

from bot.subjects.model import Ref

NAMES = ("number",)
"""What names a subject in its database. A kind that is named by something else adds its column."""


def is_about(table: Table, ref: Ref) -> tuple[ColumnElement[bool], ...]:
    """The rows that are about this subject."""
    return tuple(table.c[name] == value for name, value in ref.columns.items())


def has_no_name(table: Table) -> ColumnElement[bool]:
    """The rows that are about what has no name yet."""
    return table.c.number.is_(None)


def in_order(table: Table) -> tuple[Column[Any], ...]:
    """What names a subject in a row, in the order in which subjects are listed."""
    return tuple(table.c[name] for name in ("organization", "database", *NAMES))
