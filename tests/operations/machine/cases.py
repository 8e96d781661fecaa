"""What the oracle keeps of each request: what was asked, pressed and sent, as those who did it know it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bot.demo.planetscale.world import Mutation


@dataclass(frozen=True, slots=True)
class Terms:
    """What a policy says of a database. Users and groups; empty: any full member."""

    required: int
    """How many others have to agree."""
    approvers: frozenset[str] = frozenset()
    askers: frozenset[str] = frozenset()
    create_needs_others: bool = False


Policy = dict[str, Terms]
"""By database."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody asks for, as they wrote it or as the form before them said it."""

    action: str
    mutation: Mutation
    database: str
    number: int | None = None
    """Of a create, and where it was left out: none."""
    body: Mapping[str, object] | None = None
    """What a create is to say to PlanetScale."""


@dataclass(frozen=True, slots=True)
class Press:
    """A press as it was put, with the state that the operation was in at that moment."""

    trigger: str
    user: str
    kind: str
    matches: bool
    """Whether the button showed what is decided about."""
    at: datetime
    state: str
    moment: int
    """The directory's mark."""


@dataclass(slots=True)
class Left:
    """A request that left for PlanetScale."""

    at: datetime
    certainly_not_taken: bool = False


@dataclass(slots=True)
class Case:
    """An operation, as the one who asked for it knows it."""

    wish: Wish
    requester: str
    number: int | None
    """As it was typed, or as it was once found where it was left out."""
    moment: int
    """The directory's mark."""
    policy: int
    """Which policy was in force."""
    presses: list[Press] = field(default_factory=list)
    left: list[Left] = field(default_factory=list)
    trail: list[str] = field(default_factory=list)
    """The states that the audit log tells of."""
