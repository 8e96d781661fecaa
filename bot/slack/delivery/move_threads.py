"""The thread in which a move is told: under the live message of its workflow, where its cards stand too."""

import structlog
from sqlalchemy import Connection, select

from bot.operations.model import Operation
from bot.slack.delivery.keys import card_key
from bot.store.board import MessageState
from bot.store.errors import RowNotUnderstoodError
from bot.store.schema import messages
from bot.watch.storage import watch_repository

log = structlog.stdlib.get_logger(__name__)


def thread_of(connection: Connection, operation: Operation) -> str | None:
    """The key of the message under which the results of an operation are told.

    `None` where there is none that whoever sees the card could see too: the workflow is not watched, Slack
    takes its live message nowhere, or it stands in another channel than the card.
    """
    try:
        watch = watch_repository.find(connection, operation.ref) if operation.ref else None
    except RowNotUnderstoodError as error:
        log.error("left_out", reason=str(error))  # no watch may be in the way of an operation
        return None
    if watch is None:
        return None
    root, card = _channel(connection, watch.live_key), _channel(connection, card_key(operation.id))
    return watch.live_key if root and root == card else None


def _channel(connection: Connection, key: str) -> str | None:
    """Where a message of the board stands, or is about to; `None` where Slack takes it nowhere."""
    row = connection.execute(select(messages).where(messages.c.key == key)).one_or_none()
    if row is None or row.state == MessageState.FAILED:
        return None
    return row.posted_channel or next(iter(row.places[row.place_index :]), None)
