"""What the courier is told about the subjects of messages: how they read, and who cares for them."""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sqlalchemy import Connection

from bot.slack.cards.blocks.rich import Message
from bot.store.outbox import Entry


@dataclass(frozen=True, slots=True)
class Rendered:
    """A message as it should be now."""

    message: Message
    late: bool = False
    """It is over before it was told: right where it is in Slack, and not posted any more where it is not, but
    in the place of one that cannot be changed.
    """

    @property
    def content(self) -> str:
        """A hash that tells whether anything has changed."""
        written = json.dumps(self.message.payload(), sort_keys=True)
        return hashlib.sha256(written.encode("utf-8", "surrogatepass")).hexdigest()


Renderer = Callable[[Connection, Entry], Rendered | None]
"""Loads the state as it is now and renders it. `None`: there is nothing to show any more.

It runs in a read transaction and may touch nothing but the connection.
"""


class Undeliverable(Protocol):
    """Told when Slack takes a message nowhere, in the transaction that records it (which may run twice)."""

    def __call__(self, connection: Connection, now: datetime, entry: Entry, error: str, /) -> None:
        """`error`: Slack's code for the last place, or `no_place`."""
        ...


class Delivered(Protocol):
    """Told when a message was posted, in the transaction that records it (which may run twice)."""

    def __call__(self, connection: Connection, now: datetime, entry: Entry, /) -> None: ...


def nobody_minds(_connection: Connection, _now: datetime, _entry: Entry, /) -> None:
    """Nothing follows from a post."""


@dataclass(frozen=True, slots=True)
class Renderers:
    """What messages can be about."""

    renderers: Mapping[str, Renderer]
    """One for each `subject_kind` on the board."""
    undeliverable: Undeliverable
    delivered: Delivered = nobody_minds


def joined(*parts: Renderers) -> Renderers:
    """All subjects in one: each part hears of every message, and looks at those of its own kinds."""

    def undeliverable(connection: Connection, now: datetime, entry: Entry, error: str, /) -> None:
        for part in parts:
            part.undeliverable(connection, now, entry, error)

    def delivered(connection: Connection, now: datetime, entry: Entry, /) -> None:
        for part in parts:
            part.delivered(connection, now, entry)

    renderers = {kind: renderer for part in parts for kind, renderer in part.renderers.items()}
    return Renderers(renderers, undeliverable, delivered)
