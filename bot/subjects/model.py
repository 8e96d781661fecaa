"""What the engine needs to know of a subject, whatever its kind: the rest is its kind's."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol

MOVING, WORKING, WAITING = 2, 1, 0
"""How urgent it is to read a subject: something is switched over; it works; it waits for people."""


class Ref(Protocol):
    """Which subject it is. Two that name the same one are equal; as text it is how people name it."""

    @property
    def organization(self) -> str: ...

    @property
    def database(self) -> str: ...

    @property
    def columns(self) -> Mapping[str, str | int]:
        """The columns that name it in a row, organization and database among them."""
        ...


class Snapshot(Protocol):
    """A subject as it was read at a moment."""

    @property
    def state(self) -> str:
        """As the other side names it."""
        ...

    def is_as(self, other: Any) -> bool:
        """Whether nothing that an action changes differs from another snapshot of the subject."""
        ...


class Observed(Protocol):
    """What is known of a subject from all its reads so far. A frozen dataclass with at least these fields."""

    @property
    def snapshot(self) -> Snapshot:
        """The last read."""
        ...

    @property
    def read_at(self) -> datetime:
        """When that was."""
        ...

    @property
    def entered_at(self) -> datetime:
        """Since when it is in its state."""
        ...

    @property
    def moved_at(self) -> datetime | None:
        """When it was last seen to get on; `None` for what does not."""
        ...

    @property
    def unsure(self) -> bool:
        """Whether another read in full, soon, has to say what is so."""
        ...


class HappenedToSubject(Protocol):
    """One thing that happened to a subject. A frozen dataclass with at least these fields."""

    @property
    def what(self) -> str:
        """Which kind of news, as its kind of subject names it."""
        ...

    @property
    def at(self) -> datetime:
        """When; where the other side keeps no time, when it was first seen."""
        ...

    @property
    def seen_at(self) -> datetime:
        """When the bot saw it."""
        ...

    @property
    def details(self) -> tuple[str, ...]:
        """What tells it from another of the same moment."""
        ...


class ActionTraits(Protocol):
    """What can be asked for, by what the engine needs to know of it."""

    @property
    def name(self) -> str:
        """As it is typed, and as the policy names it."""
        ...

    @property
    def code(self) -> str | None:
        """The request that it makes, as rows name it; `None` where rows name none."""
        ...

    @property
    def creates(self) -> bool:
        """Its subject is not there yet, and has no name to be found by."""
        ...

    @property
    def goes_back(self) -> bool:
        """A way back: it must be fast, and goes by the last known state where nothing can be read."""
        ...

    @property
    def only_starts(self) -> bool:
        """It is done once something has begun."""
        ...

    @property
    def starts_verification(self) -> bool:
        """It changes nothing that another request could depend on."""
        ...

    @property
    def heard_by_all(self) -> bool:
        """Its success is shown in the channel too; else it is a reply alone."""
        ...
