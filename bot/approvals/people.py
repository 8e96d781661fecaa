"""Who somebody is, as far as the two-person rule asks, and whom a policy names."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Standing(StrEnum):
    """What somebody is in the bot's workspace. Only a `MEMBER` may ask or decide."""

    MEMBER = "member"
    GUEST = "guest"
    FOREIGN = "foreign"
    BOT = "bot"
    DEACTIVATED = "deactivated"
    UNKNOWN = "unknown"
    """Slack could not say, be it about the person or about a group that the policy names."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody, as Slack describes them at this moment."""

    id: str
    standing: Standing
    groups: frozenset[str] = frozenset()
    """The user groups they belong to; at least all that the policy names."""


@dataclass(frozen=True, slots=True)
class People:
    """Those whom a list of user and user-group ids names. An empty list excludes nobody."""

    users: frozenset[str] = frozenset()
    groups: frozenset[str] = frozenset()

    @classmethod
    def of(cls, ids: Iterable[str]) -> "People":
        """From Slack ids: `S…` is a user group, everything else a user."""
        named = frozenset(ids)
        groups = frozenset(name for name in named if name.startswith("S"))
        return cls(named - groups, groups)

    @property
    def ids(self) -> tuple[str, ...]:
        """All ids, sorted."""
        return tuple(sorted(self.users | self.groups))

    @property
    def anybody(self) -> bool:
        """Whether nobody is named, so that every full member fits."""
        return not (self.users or self.groups)

    def admits(self, person: Person) -> bool:
        """Whether `person` is a full member and, where somebody is named, among the named."""
        if person.standing is not Standing.MEMBER:
            return False
        return self.anybody or person.id in self.users or bool(person.groups & self.groups)
