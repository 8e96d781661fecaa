"""What functions of a connection count: only what was committed, and once."""

from collections.abc import Callable
from functools import partial
from typing import Final

from sqlalchemy import Connection

from bot.runtime.figures import NO_FIGURES, Figures
from bot.store.engine.transaction import after_commit

CARRIED: Final = "bot.figures"
"""Under this name the connections of a database carry its figures."""


def count(connection: Connection, tell: Callable[[Figures], None]) -> None:
    """Call `tell` with the figures once this transaction is committed, and never if it is not."""
    figures: Figures = connection.get_execution_options().get(CARRIED, NO_FIGURES)
    after_commit(connection, partial(tell, figures))
