"""Whose forms a row is written in. The connection carries them: no query knows the kinds of subject."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from sqlalchemy import Connection

from bot.subjects.forms import Forms

CARRIED: Final = "bot.forms"
"""What the database is opened with, for its connections: `FormsOfRow`."""

FormsOfRow = Callable[[Mapping[Any, Any]], Forms]
"""The forms of the kind of subject that a row of `operations` or `watches` is about."""


def forms_of(connection: Connection, row: Mapping[Any, Any]) -> Forms:
    """The forms in which the subject of this row is written."""
    of_row: FormsOfRow = connection.get_execution_options()[CARRIED]
    return of_row(row)
