"""Who presses, for operations: the person asked anew each time, user groups at most a minute old."""

from collections.abc import Mapping

import structlog
from slack_sdk.web.async_client import AsyncWebClient

from bot.approvals import people as approvals
from bot.clock import Clock
from bot.operations.ports import Known
from bot.slack.errors import SLACK_FAILURES
from bot.slack.people import People, PeopleUnavailableError, Standing

log = structlog.stdlib.get_logger(__name__)

GROUP_IS_FRESH_FOR = 60.0
"""Seconds. Slack allows about 20 of these look-ups a minute."""

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

    async def shared(self, channel: str) -> bool:
        """Whether people of other companies see this channel. False where Slack does not say."""
        try:
            answer = await self._client.conversations_info(channel=channel)
        except SLACK_FAILURES:
            return False
        found = answer.get("channel") or {}
        return bool(found.get("is_ext_shared") or found.get("is_pending_ext_shared"))

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
