"""Which operation the lines of the log are about: all that is done for one is found by its id alone."""

import re
from contextlib import AbstractContextManager
from typing import Final

from structlog.contextvars import bind_contextvars, bound_contextvars, unbind_contextvars

OPERATION: Final = "operation"
_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")


def about_operation(operation_id: str) -> AbstractContextManager[None]:
    """The lines of this block, and of the tasks and transactions begun in it."""
    return bound_contextvars(**{OPERATION: operation_id})


def from_now_about(operation_id: str) -> None:
    """The lines of this task from here on; of a payload's, until its ack. What is no id is passed over."""
    if _ID.fullmatch(operation_id):
        bind_contextvars(**{OPERATION: operation_id})


def about_nothing() -> None:
    """What comes next has to do with something else."""
    unbind_contextvars(OPERATION)
