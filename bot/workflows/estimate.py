"""How long a copy will still take, from what was seen of it: an estimate that says how uncertain it is."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Sample:
    """The rows of a copy at a moment, all tables together."""

    at: datetime
    copied: int
    total: int | None
    """`None` where the total of any table is not reported."""
    held: bool = False
    """Throttled or building indexes then: rows that stand still for a known reason."""


class Trend(StrEnum):
    """The rate beside that of an hour before."""

    STEADY = "steady"
    FASTER = "faster"
    SLOWER = "slower"


@dataclass(frozen=True, slots=True)
class Estimate:
    """What is left. `None` where nothing honest can be said; never negative, infinite or NaN."""

    rate: float | None
    """Rows a second, lately."""
    trend: Trend | None = None
    left: timedelta | None = None
    soonest: timedelta | None = None
    latest: timedelta | None = None
