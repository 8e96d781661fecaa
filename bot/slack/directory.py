"""Who somebody is at Slack. Asked anew every time: a role that was taken away must not linger here."""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, timedelta, timezone, tzinfo
from enum import Enum
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from slack_sdk.web.async_client import AsyncWebClient

from bot.clock import Clock
from bot.slack.delivery.slack_failures import failure_of
from bot.slack.errors import SLACK_FAILURES
from bot.slack.shared_lookups import PausedError, SharedLookups

_NOT_FROM_HERE = frozenset({"user_not_found", "user_not_visible"})
"""What Slack says of people of other workspaces: asking again changes nothing."""
LATELY: Final = 24 * 3600.0
"""Seconds for which it is remembered that a full member was seen in somebody."""
MEMBERS_KEPT: Final = 10_000
"""Of so many people."""


class MemberStanding(Enum):
    """What somebody is in the bot's workspace. Only a `MEMBER` may use the bot."""

    MEMBER = "full member"
    GUEST = "guest"
    FOREIGN = "from another workspace"
    BOT = "bot account"
    DEACTIVATED = "deactivated"


@dataclass(frozen=True, slots=True)
class Home:
    """The workspace that the bot is installed in, from `auth.test`."""

    team_id: str
    enterprise_id: str | None
    bot_user_id: str
    bot_id: str | None = None
    url: str = ""
    """The workspace's address, for links."""

    def sent(self, team_id: str | None, enterprise_id: str | None = None) -> bool:
        """Whether a payload with these ids is from the bot's own workspace (or its own organization)."""
        if team_id == self.team_id:
            return True
        return self.enterprise_id is not None and self.enterprise_id in {team_id, enterprise_id}


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody, as Slack describes them now."""

    id: str
    standing: MemberStanding
    zone: tzinfo
    name: str
    """What they call themselves there."""
    known_as: str | None = None
    """Their one id in the whole organization, where Slack gives one (Enterprise Grid)."""

    @property
    def ids(self) -> frozenset[str]:
        """All ids that are known to be theirs."""
        return frozenset({self.id, self.known_as or self.id})


class PeopleUnavailableError(Exception):
    """Slack could not say who somebody is. Nothing may be decided or told on a guess."""


class SlackDirectory:
    """Looks people up with `users.info`, asked once for all who wait for the same person."""

    def __init__(self, client: AsyncWebClient, home: Home, clock: Clock) -> None:
        self._lookups = SharedLookups(client, clock)
        self._home = home
        self._clock = clock
        self._members: dict[str, float] = {}
        """When a full member was seen in somebody last. Nothing is decided by it."""

    async def look_up(self, user_id: str) -> Member:
        """The person. Raises `PeopleUnavailableError` when Slack does not answer, or not clearly.

        Whom Slack says that it does not know, or not to this workspace, is not from here.
        """
        found = await self._asked(user_id)
        self._note(found)
        return found

    def was_member(self, user_id: str) -> bool:
        """Whether a full member was seen in them lately. Nothing may be told or decided by that."""
        seen_at = self._members.get(user_id)
        return seen_at is not None and self._clock.monotonic() - seen_at < LATELY

    def _note(self, found: Member) -> None:
        self._members.pop(found.id, None)
        if found.standing is MemberStanding.MEMBER:
            while len(self._members) >= MEMBERS_KEPT:
                self._members.pop(next(iter(self._members)))
            self._members[found.id] = self._clock.monotonic()

    async def _asked(self, user_id: str) -> Member:
        try:
            answer = await self._lookups.info(user_id)
        except PausedError as error:
            raise PeopleUnavailableError from error
        except SLACK_FAILURES as error:
            if failure_of(error).code in _NOT_FROM_HERE:
                return Member(user_id, MemberStanding.FOREIGN, UTC, user_id)
            raise PeopleUnavailableError from error
        user = answer.get("user")
        if not isinstance(user, Mapping) or user_id not in {user.get("id"), known_as(user)}:
            raise PeopleUnavailableError
        return Member(user_id, standing(user, self._home), zone_of(user), name_of(user), known_as(user))

    async def aliases(self, person: Member, users: Iterable[str]) -> frozenset[str]:
        """Those of `users` that are `person` under another id. Raises `PeopleUnavailableError`.

        Nobody is looked up outside of Enterprise Grid, nor where `person` is one of `users` as it is.
        """
        others = frozenset(users)
        if person.known_as is None or person.ids & others:
            return frozenset()
        found = await asyncio.gather(*(self.look_up(user) for user in sorted(others)))
        return frozenset(other.id for other in found if other.known_as == person.known_as)


def known_as(user: Mapping[str, Any]) -> str | None:
    """Who that is in the whole organization: in each of its workspaces one person may have another id."""
    grid = user.get("enterprise_user")
    found = grid.get("id") if isinstance(grid, Mapping) else None
    return found if isinstance(found, str) and found else None


def standing(user: Mapping[str, Any], home: Home) -> MemberStanding:
    """The standing that Slack's user object proves. What is not stated counts against the person."""
    if user.get("deleted"):
        return MemberStanding.DEACTIVATED
    if user.get("is_bot") or user.get("is_workflow_bot") or user.get("id") == "USLACKBOT":
        return MemberStanding.BOT
    if user.get("is_stranger") or not _of_this_workspace(user, home):
        return MemberStanding.FOREIGN
    if user.get("is_restricted") is not False or user.get("is_ultra_restricted") is not False:
        return MemberStanding.GUEST
    return MemberStanding.MEMBER


def _of_this_workspace(user: Mapping[str, Any], home: Home) -> bool:
    if user.get("team_id") == home.team_id:
        return True
    grid = user.get("enterprise_user")
    if not isinstance(grid, Mapping) or home.enterprise_id is None:
        return False
    teams = grid.get("teams")
    mine = isinstance(teams, list) and home.team_id in teams
    return mine and grid.get("enterprise_id") == home.enterprise_id


def name_of(user: Mapping[str, Any]) -> str:
    """The display name, else the real name, else the handle, else the id."""
    profile = user.get("profile")
    own = profile if isinstance(profile, Mapping) else {}
    names = (own.get("display_name"), own.get("real_name"), user.get("real_name"), user.get("name"))
    return next((name for name in names if isinstance(name, str) and name.strip()), str(user.get("id", "?")))


def zone_of(user: Mapping[str, Any]) -> tzinfo:
    """The person's time zone; UTC where Slack does not give a usable one."""
    try:
        return ZoneInfo(str(user["tz"]))
    except (KeyError, ValueError, ZoneInfoNotFoundError, OSError):
        pass
    offset = user.get("tz_offset")
    if isinstance(offset, int) and abs(offset) < 24 * 3600:
        return timezone(timedelta(seconds=offset))
    return UTC
