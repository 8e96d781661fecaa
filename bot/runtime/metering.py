"""What all processes together may do only so often, as whoever does it sees the count.

Requests to PlanetScale and calls of Slack have limits that hold for all processes of the bot. Where there may
be several (on PostgreSQL) `bot.store.meters` counts them in rows; what is alone counts in memory.
"""

from dataclasses import dataclass
from enum import IntEnum
from typing import Protocol


class Rank(IntEnum):
    """Who goes first where too little is there for all, whichever process asks for it."""

    FIRST = 0
    SECOND = 1
    LAST = 2


@dataclass(frozen=True, slots=True)
class Flow:
    """A bucket: at most `most` at once, and `a_second` flow in."""

    most: float
    a_second: float
    at_first: float = 0.0
    """What is in it when it is counted for the first time."""


@dataclass(frozen=True, slots=True)
class Portion:
    """What was given out, and what is so after that."""

    granted: int
    left: float
    """What is in the bucket now."""
    closed_for: float
    """Seconds in which nothing is given out at all."""


class NotCountedError(Exception):
    """The count could not be reached. What was given out, if anything, counts as used."""


class Meter(Protocol):
    """One count that all processes share."""

    async def take(
        self, flow: Flow, *, wanted: int = 1, kept: float = 0.0, rank: Rank = Rank.LAST
    ) -> Portion:
        """Up to `wanted`, as far as `kept` stay in the bucket: at once, or nothing.

        Who gets nothing holds up those of a higher number of rank in all processes for a moment, and asks
        again. What is given out counts as used, whatever becomes of it. Raises `NotCountedError`.
        """
        ...

    async def close(self, seconds: float) -> None:
        """Nothing is given out to anybody for `seconds`, or longer if it was closed for longer.

        Raises `NotCountedError`.
        """
        ...


class Meters(Protocol):
    """The counts by their names."""

    def named(self, name: str, *, closed_with: str | None = None) -> Meter:
        """The count of that name, which is closed while that of `closed_with` is."""
        ...
