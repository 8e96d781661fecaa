"""A board that remembers what was put on it by transactions that were committed, and by no others."""

from collections import Counter
from datetime import datetime

from sqlalchemy import Connection

from bot.operations.events import Event
from bot.operations.model import Operation
from bot.operations.ports import Telling
from bot.store.engine.transaction import after_commit


class CommittedBoard:
    """It outlives every crash: in the bot it is rows."""

    def __init__(self) -> None:
        self.shown: dict[str, str] = {}
        """The state that each card was drawn in last, by operation."""
        self.told: Counter[tuple[str, str]] = Counter()
        """How often each event was told, by operation and event."""

    def link(self, connection: Connection, operation_id: str) -> str | None:
        return f"https://slack/{operation_id}" if operation_id in self.shown else None

    def card(self, connection: Connection, operation: Operation, now: datetime) -> None:
        def draw() -> None:
            self.shown[operation.id] = operation.state.value

        after_commit(connection, draw)

    def tell(self, connection: Connection, operation: Operation, telling: Telling, now: datetime) -> None:
        event = f"{telling.event.value} to {telling.to}" if telling.to else telling.event.value

        def tell() -> None:
            self.told[operation.id, event] += 1

        after_commit(connection, tell)

    def outdate(
        self, connection: Connection, operation_id: str, now: datetime, event: Event | None = None
    ) -> None:
        """Older messages are the courier's."""

    def adopt(
        self, connection: Connection, operation: Operation, channel: str, ts: str, now: datetime
    ) -> None:
        """Copies of cards are the courier's."""
