"""Rows to work with, and a transaction that stands still for as long as a test wants."""

import asyncio
import threading
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, insert, select

from bot.store.schema import leases, operations, presses

NOW = datetime(2026, 11, 23, 2, 14, 5, 123456, tzinfo=UTC)


def operation(**changes: Any) -> dict[str, Any]:
    """A row of `operations`: Ana asks to switch the primaries of shop #3."""
    values = {
        "id": "op3xxxxxxxxxxxxxxxxxxx",
        "trigger_id": "13345224609.738474920.8088930838d88f008e0",
        "organization": "acme",
        "database": "shop",
        "number": 3,
        "action": "switch-traffic",
        "arguments": {"replicas_only": False},
        "requester": "UANA",
        "team_id": "T1",
        "channel": "CDBMOVES",
        "state": "ready",
        "gate": "peer",
        "asked_at": NOW,
    }
    return values | changes


def press(**changes: Any) -> dict[str, Any]:
    """A row of `presses`: Ben presses Approve on the card of that operation."""
    values = {
        "operation_id": "op3xxxxxxxxxxxxxxxxxxx",
        "user_id": "UBEN",
        "trigger_id": "99.1",
        "kind": "approve",
        "received_at": NOW,
        "response_url": "https://hooks.slack.example/actions/T1/1/SECRETPART",
    }
    return values | changes


def add_operation(connection: Connection) -> None:
    connection.execute(insert(operations).values(operation()))


def add_press(connection: Connection, values: dict[str, Any]) -> int:
    added = insert(presses).values(values).returning(presses.c.id)
    press_id: int = connection.execute(added).scalar_one()
    return press_id


def add_lease(connection: Connection, name: str) -> None:
    """The smallest row there is."""
    connection.execute(insert(leases).values(name=name, holder="test", until=NOW))


def lease_names(connection: Connection) -> list[str]:
    return list(connection.scalars(select(leases.c.name).order_by(leases.c.name)))


class Held:
    """A transaction that adds a lease, says so, and goes on only when it is let go."""

    def __init__(self, name: str) -> None:
        self.begun = asyncio.Event()
        self._name = name
        self._loop = asyncio.get_running_loop()
        self._go = threading.Event()

    def __call__(self, connection: Connection) -> str:
        add_lease(connection, self._name)
        self._loop.call_soon_threadsafe(self.begun.set)
        if not self._go.wait(30):
            msg = "nobody let it go"
            raise TimeoutError(msg)
        return self._name

    def let_go(self) -> None:
        self._go.set()
