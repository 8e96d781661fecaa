"""Who somebody is, as far as the two-person rule asks, and whom a policy names."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum, StrEnum


class Standing(StrEnum):
    """What somebody is in the bot's workspace. Only a `MEMBER` may ask or decide."""

    MEMBER = "member"
    GUEST = "guest"
    FOREIGN = "foreign"
    BOT = "bot"
    DEACTIVATED = "deactivated"
    UNKNOWN = "unknown"
    """Slack could not say."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody, as Slack describes them at this moment."""

    id: str
    """As Slack named them: on Enterprise Grid one person has an id in each workspace, and one in all."""
    standing: Standing
    groups: frozenset[str] = frozenset()
    """The user groups they belong to, of those that somebody wanted to know of."""
    known_as: str | None = None
    """The one id that is theirs in the whole organization, where Slack gives one."""
    also: frozenset[str] = frozenset()
    """More ids that are theirs, of those that somebody wanted to know of."""
    unread: Mapping[str, str] = field(default_factory=dict)
    """The groups of which Slack did not say who is in them, and its code for why."""

    @property
    def identity(self) -> str:
        """Who they are, whichever of their ids was used."""
        return self.known_as or self.id

    @property
    def ids(self) -> frozenset[str]:
        """All ids that are known to be theirs."""
        return self.also | {self.id, self.identity}


class Fits(Enum):
    """Whether somebody is among the people who are named."""

    YES = "yes"
    NO = "no"
    IN_DOUBT = "in doubt"
    """It depends on what Slack did not say."""


@dataclass(frozen=True, slots=True)
class NamedPeople:
    """Those whom a list of user and user-group ids names. An empty list excludes nobody."""

    users: frozenset[str] = frozenset()
    groups: frozenset[str] = frozenset()

    @classmethod
    def of(cls, ids: Iterable[str]) -> "NamedPeople":
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

    def groups_to_ask(self, ids: frozenset[str]) -> frozenset[str]:
        """The groups on which it depends whether whoever has these ids is among the named."""
        return frozenset() if self.anybody or ids & self.users else self.groups

    def fits(self, person: Person) -> Fits:
        """Whether `person` is a full member and, where somebody is named, among the named."""
        if person.standing is Standing.UNKNOWN:
            return Fits.IN_DOUBT
        if person.standing is not Standing.MEMBER:
            return Fits.NO
        if self.anybody or person.ids & self.users or person.groups & self.groups:
            return Fits.YES
        return Fits.IN_DOUBT if self.groups & person.unread.keys() else Fits.NO

    def admits(self, person: Person) -> bool:
        """Whether it is certain that `person` fits."""
        return self.fits(person) is Fits.YES

    def unread_by(self, person: Person) -> Mapping[str, str]:
        """The groups for which it is not certain whether `person` fits, and Slack's codes."""
        depends_on = self.groups_to_ask(person.ids)
        return {group: code for group, code in sorted(person.unread.items()) if group in depends_on}
