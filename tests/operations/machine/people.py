"""Who is who, and how that changes; with a memory, so that the oracle can ask what was true when."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from bot.approvals.people import NamedPeople, Person, Standing
from bot.demo.clock import ManualClock
from bot.operations.ports import Known

ANA, BEN, CHIOMA, DEV = "U0ANA", "U0BEN", "U0CHIOMA", "U0DEV"
GIL, BOT, DEE, FAY, NOBODY = "U0GIL", "U0BOT", "U0DEE", "U0FAY", "U0NOBODY"
MEMBERS = (ANA, BEN, CHIOMA, DEV)
EVERYBODY = (*MEMBERS, GIL, BOT, DEE, FAY, NOBODY)
DBAS = "S0DBAS"


@dataclass(frozen=True, slots=True)
class View:
    """Who is who at one moment. What is not said of somebody is that they are unknown."""

    standings: Mapping[str, Standing]
    groups: Mapping[str, frozenset[str]]
    silent: bool = False
    """Slack cannot say who anybody is."""

    def admits(self, user: str, named: frozenset[str]) -> bool:
        """A full member that Slack can name, and one of the named if any are."""
        if self.silent or self.standings.get(user) is not Standing.MEMBER:
            return False
        return not named or user in named or any(user in self.groups.get(one, ()) for one in named)


def _at_first() -> View:
    others = {
        GIL: Standing.GUEST,
        BOT: Standing.BOT,
        DEE: Standing.DEACTIVATED,
        FAY: Standing.FOREIGN,
    }
    return View(dict.fromkeys(MEMBERS, Standing.MEMBER) | others, {DBAS: frozenset({BEN, CHIOMA})})


@dataclass
class Directory:
    """Slack's side of who is who."""

    now: View = field(default_factory=_at_first)
    past: list[View] = field(default_factory=list)
    """Every view there ever was, the latest last."""
    clock: ManualClock = field(default_factory=ManualClock)
    looked: dict[str, tuple[datetime, View]] = field(default_factory=dict)
    """When the worker last asked about somebody and was answered, and what was so then."""
    misses: int = 0
    """How many look-ups from now on Slack cannot answer."""

    def __post_init__(self) -> None:
        self.past.append(self.now)

    @property
    def moment(self) -> int:
        """A mark for `ever`."""
        return len(self.past) - 1

    def ever(self, since: int, holds: Callable[[View], bool]) -> frozenset[bool]:
        """What `holds` said from that mark until now: one answer if nothing changed it."""
        return frozenset(holds(view) for view in self.past[since:])

    def change(self, user: str, standing: Standing) -> None:
        """Somebody becomes something else."""
        self._become(replace(self.now, standings={**self.now.standings, user: standing}))

    def regroup(self, group: str, members: frozenset[str]) -> None:
        """A user group has other members."""
        self._become(replace(self.now, groups={**self.now.groups, group: members}))

    def fall_silent(self, misses: int) -> None:
        """The next look-ups fail."""
        self.misses = misses
        self._become(replace(self.now, silent=misses > 0))

    def _become(self, view: View) -> None:
        self.now = view
        self.past.append(view)

    def answers(self) -> bool:
        """Whether Slack can answer the look-up that somebody makes now."""
        if not self.misses:
            return True
        self.misses -= 1
        if not self.misses:
            self._become(replace(self.now, silent=False))
        return False

    async def who(self, user_id: str, *named: NamedPeople) -> Known:
        if not self.answers():
            return Known(Person(user_id, Standing.UNKNOWN), user_id)
        self.looked[user_id] = (self.clock.now(), self.now)
        groups = {group for one in named for group in one.groups_to_ask(frozenset({user_id}))}
        mine = frozenset(group for group in groups if user_id in self.now.groups.get(group, ()))
        return Known(Person(user_id, self.now.standings.get(user_id, Standing.UNKNOWN), mine), user_id)

    def was_member(self, user_id: str) -> bool:
        return user_id in self.looked

    async def members(self, group: str) -> frozenset[str] | None:
        return None if self.now.silent else self.now.groups.get(group)

    async def shared(self, channel: str) -> bool:
        return False

    async def may_not_post(self, channel: str) -> bool:
        return False
