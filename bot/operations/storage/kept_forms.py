"""Whose forms a row is written in. The connection carries them: no query knows the kinds of subject."""

from collections.abc import Callable, Mapping
from typing import Any, Final, Protocol

from sqlalchemy import Connection

from bot.operations.model import Operation, Story
from bot.subjects.row_forms import Forms

CARRIED: Final = "bot.forms"
"""What the database is opened with, for its connections: `FormsOfRow`."""


class RowForms(Forms, Protocol):
    """The same, with what only rows can tell."""

    def with_history(self, connection: Connection, story: Story, *, as_of_now: bool) -> Story:
        """The story with what its cards tell of earlier operations. `as_of_now`: and of later ones."""
        ...


FormsOfRow = Callable[[Mapping[Any, Any]], RowForms]
"""The forms of the kind of subject that a row of `operations` or `watches` is about."""


def forms_of(connection: Connection, row: Mapping[Any, Any]) -> RowForms:
    """The forms in which the subject of this row is written."""
    of_row: FormsOfRow = connection.get_execution_options()[CARRIED]
    return of_row(row)


def forms_for(connection: Connection, operation: Operation) -> RowForms:
    """The forms in which the row of an operation is written, or would be."""
    named = operation.ref.columns if operation.ref else {"database": operation.database}
    return forms_of(connection, {**named, "action": operation.action.name, "call": operation.action.code})
