"""Who presses, and who reads: the person asked anew each time, groups and channels at most a minute old."""

from collections.abc import Mapping

import structlog
from slack_sdk.web.async_client import AsyncWebClient

from bot.approvals import people as approvals
from bot.clock import Clock
from bot.operations.ports import Known
from bot.slack.courier_errors import failure_of
from bot.slack.errors import SLACK_FAILURES
from bot.slack.people import People, PeopleUnavailableError, Standing

log = structlog.stdlib.get_logger(__name__)

GROUP_IS_FRESH_FOR = 60.0
"""Seconds. Slack allows about 20 of these look-ups a minute."""
CHANNEL_IS_FRESH_FOR = 60.0
"""Seconds. Of these it allows about 50 a minute."""
CHANNELS_KEPT = 1_000
"""Of so many channels it is remembered who reads them."""

_STANDINGS: Mapping[Standing, approvals.Standing] = {
    Standing.MEMBER: approvals.Standing.MEMBER,
    Standing.GUEST: approvals.Standing.GUEST,
    Standing.FOREIGN: approvals.Standing.FOREIGN,
    Standing.BOT: approvals.Standing.BOT,
    Standing.DEACTIVATED: approvals.Standing.DEACTIVATED,
}


class Approvers:
    """`bot.operations.ports.People`, over Slack. Whatever is in doubt is `Standing.UNKNOWN`."""

    def __init__(self, client: AsyncWebClient, people: People, clock: Clock) -> None:
        self._client = client
        self._people = people
        self._clock = clock
        self._groups: dict[str, tuple[float, frozenset[str]]] = {}
        self._channels: dict[str, tuple[float, bool]] = {}

    async def who(self, user_id: str, groups: frozenset[str]) -> Known:
        """The person, with those of `groups` that they belong to."""
        try:
            found = await self._people.look_up(user_id)
            mine = frozenset([group for group in groups if user_id in await self._members(group)])
        except PeopleUnavailableError:
            return Known(approvals.Person(user_id, approvals.Standing.UNKNOWN), user_id)
        return Known(approvals.Person(user_id, _STANDINGS[found.standing], mine), found.name)

    async def members(self, group: str) -> frozenset[str] | None:
        """Who is in a user group, as of a minute ago at most."""
        try:
            return await self._members(group)
        except PeopleUnavailableError:
            return None

    async def shared(self, channel: str) -> bool | None:
        """Whether people of other companies see this channel, as of a minute ago at most.

        `None`: Slack could not say. A channel that it does not show to the bot takes no message either.
        """
        now = self._clock.monotonic()
        held = self._channels.get(channel)
        if held and now - held[0] < CHANNEL_IS_FRESH_FOR:
            return held[1]
        try:
            found = (await self._client.conversations_info(channel=channel)).get("channel")
        except SLACK_FAILURES as error:
            code = failure_of(error).code
            log.warning("channel_not_read", channel=channel, error=code)
            return False if code == "channel_not_found" else None
        if not isinstance(found, Mapping):
            return None
        shared = bool(found.get("is_ext_shared") or found.get("is_pending_ext_shared"))
        self._channels.pop(channel, None)
        while len(self._channels) >= CHANNELS_KEPT:
            self._channels.pop(next(iter(self._channels)))
        self._channels[channel] = (now, shared)
        return shared

    async def _members(self, group: str) -> frozenset[str]:
        now = self._clock.monotonic()
        held = self._groups.get(group)
        if held and now - held[0] < GROUP_IS_FRESH_FOR:
            return held[1]
        try:
            answer = await self._client.usergroups_users_list(usergroup=group)
        except SLACK_FAILURES as error:
            log.warning("group_not_read", group=group, error=type(error).__name__)
            raise PeopleUnavailableError from error
        users = answer.get("users")
        if not isinstance(users, list):
            raise PeopleUnavailableError
        members = frozenset(str(user) for user in users)
        self._groups[group] = (now, members)
        return members
