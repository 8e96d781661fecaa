"""Who decides, and who reads: asked anew for each decision; for reading, groups are a minute old at most."""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import structlog
from slack_sdk.web.async_client import AsyncWebClient

from bot.approvals import people as approvals
from bot.approvals.groups import NOT_COMPARED, TOO_MANY
from bot.clock import Clock
from bot.operations.ports import Known
from bot.slack.delivery.slack_failures import failure_of
from bot.slack.directory import Member, MemberStanding, PeopleUnavailableError, SlackDirectory
from bot.slack.errors import SLACK_FAILURES

log = structlog.stdlib.get_logger(__name__)

GROUP_IS_FRESH_FOR = 60.0
"""Seconds, for whoever only reads. Slack allows about 20 of these look-ups a minute."""
CHANNEL_IS_FRESH_FOR = 60.0
"""Seconds. Of these it allows about 50 a minute."""
MOST_COMPARED = 30
"""Of so many members of a group Slack is asked who they are in the whole organization: one look-up each, of
which it allows about 100 a minute."""
CHANNELS_KEPT = 1_000
"""Of so many channels it is remembered who reads them."""

_STANDINGS: Mapping[MemberStanding, approvals.Standing] = {
    MemberStanding.MEMBER: approvals.Standing.MEMBER,
    MemberStanding.GUEST: approvals.Standing.GUEST,
    MemberStanding.FOREIGN: approvals.Standing.FOREIGN,
    MemberStanding.BOT: approvals.Standing.BOT,
    MemberStanding.DEACTIVATED: approvals.Standing.DEACTIVATED,
}


@dataclass(frozen=True, slots=True)
class UserGroup:
    """A user group, as Slack tells of it now."""

    users: frozenset[str] | None
    code: str | None = None
    """Why it could not be read."""

    def has(self, ids: frozenset[str]) -> bool:
        """Whether somebody with one of these ids is certainly in it."""
        return bool(self.users and not self.users.isdisjoint(ids))


class Approvers:
    """`bot.operations.ports.Directory`, over Slack. Whatever is in doubt is `Standing.UNKNOWN`."""

    def __init__(self, client: AsyncWebClient, people: SlackDirectory, clock: Clock) -> None:
        self._client = client
        self._people = people
        self._clock = clock
        self._groups: dict[str, tuple[float, UserGroup]] = {}
        self._channels: dict[str, tuple[float, bool]] = {}
        self._outside: set[str] = set()
        """The channels that Slack shows to the bot, or hides from it, without its being in them."""
        self._asked: dict[str, asyncio.Task[UserGroup]] = {}
        """The questions about groups that are under way: who asks the same meanwhile shares the answer."""

    async def who(self, user_id: str, *named: approvals.NamedPeople) -> Known:
        """The person, with those groups of `named` that they are in: nothing is remembered from before.

        Only groups on which it depends whether the person is among the named are asked for.
        """
        try:
            found = await self._people.look_up(user_id)
            also = frozenset[str]()
            for one in named:
                also |= await self._people.aliases(found, one.users)
        except PeopleUnavailableError:
            return Known(approvals.Person(user_id, approvals.Standing.UNKNOWN), user_id)
        member = found.standing is MemberStanding.MEMBER
        wanted = (
            {group for one in named for group in one.groups_to_ask(found.ids | also)} if member else set()
        )
        groups = dict(zip(sorted(wanted), await self._read(sorted(wanted)), strict=True))
        for one in named:
            depends_on = {group: groups[group] for group in one.groups_to_ask(found.ids | also) & wanted}
            groups |= await self.concerning(found, found.ids | also, depends_on)
        person = approvals.Person(
            user_id,
            _STANDINGS[found.standing],
            frozenset(name for name, group in groups.items() if group.has(found.ids | also)),
            found.known_as,
            also,
            {name: group.code for name, group in groups.items() if group.code},
        )
        return Known(person, found.name)

    def was_member(self, user_id: str) -> bool:
        """Whether this process lately saw a full member in them."""
        return self._people.was_member(user_id)

    async def concerning(
        self, person: Member, ids: frozenset[str], groups: Mapping[str, UserGroup]
    ) -> Mapping[str, UserGroup]:
        """The groups, where they may hold `person` under another id than `ids`: with their ids, if they do.

        Nobody is looked up outside of Enterprise Grid, nor where one of the groups holds one of `ids`.
        """
        if person.known_as is None or any(group.has(ids) for group in groups.values()):
            return groups
        found = await asyncio.gather(*(self._compared(person, ids, group) for group in groups.values()))
        return dict(zip(groups, found, strict=True))

    async def _compared(self, person: Member, ids: frozenset[str], group: UserGroup) -> UserGroup:
        users = group.users or frozenset()
        if len(users) > MOST_COMPARED:
            return UserGroup(None, TOO_MANY)
        try:
            theirs = await self._people.aliases(person, users)
        except PeopleUnavailableError:
            return UserGroup(None, NOT_COMPARED)
        return UserGroup(users | ids) if theirs else group

    async def members(self, group: str) -> frozenset[str] | None:
        """Who is in a user group now; `None` if Slack could not say."""
        return (await self._group(group)).users

    async def lately(self, groups: Iterable[str]) -> Mapping[str, UserGroup]:
        """These groups as of a minute ago at most: for reading, never for a decision."""
        wanted = sorted(set(groups))
        found = await asyncio.gather(*(self._lately(group) for group in wanted))
        return dict(zip(wanted, found, strict=True))

    async def _lately(self, group: str) -> UserGroup:
        now = self._clock.monotonic()
        held = self._groups.get(group)
        if held and now - held[0] < GROUP_IS_FRESH_FOR:
            return held[1]
        found = await self._group(group)
        if found.users is not None:
            self._groups[group] = (now, found)
        return found

    async def shared(self, channel: str) -> bool | None:
        """Whether people of other companies see this channel, as of a minute ago at most.

        `None`: Slack could not say. A channel that it does not show to the bot takes no message either.
        """
        found = await self._seen_outside(channel)
        if isinstance(found, bool):
            return found
        if found != "channel_not_found":
            return None
        self._note(channel, outside=True)
        return False

    async def only_ours(self, channel: str) -> bool:
        """Whether Slack says that nobody of another company sees this channel. In doubt, it does not."""
        return await self._seen_outside(channel) is False

    async def _seen_outside(self, channel: str) -> bool | str:
        """Whether people of other companies see it; or Slack's code where it does not say so."""
        now = self._clock.monotonic()
        held = self._channels.get(channel)
        if held and now - held[0] < CHANNEL_IS_FRESH_FOR:
            return held[1]
        try:
            found = (await self._client.conversations_info(channel=channel)).get("channel")
        except SLACK_FAILURES as error:
            code = failure_of(error).code
            log.warning("channel_not_read", channel=channel, error=code)
            return code
        if not isinstance(found, Mapping):
            return "strange_answer"
        self._note(channel, outside=found.get("is_member") is False)
        shared = bool(found.get("is_ext_shared") or found.get("is_pending_ext_shared"))
        self._channels.pop(channel, None)
        while len(self._channels) >= CHANNELS_KEPT:
            self._channels.pop(next(iter(self._channels)))
        self._channels[channel] = (now, shared)
        return shared

    async def may_not_post(self, channel: str) -> bool:
        """Whether the bot is not in this channel: then Slack may take no message from it there.

        As far as Slack says it; in some channels it takes them all the same.
        """
        await self.shared(channel)
        return channel in self._outside

    def _note(self, channel: str, *, outside: bool) -> None:
        self._outside.discard(channel)
        if outside and len(self._outside) < CHANNELS_KEPT:
            self._outside.add(channel)

    async def _read(self, groups: list[str]) -> list[UserGroup]:
        return await asyncio.gather(*(self._group(group) for group in groups))

    async def _group(self, group: str) -> UserGroup:
        task = self._asked.get(group)
        if task is None:
            task = self._asked[group] = asyncio.create_task(self._asking(group), name=f"group {group}")
            task.add_done_callback(lambda _: self._asked.pop(group, None))
        return await asyncio.shield(task)  # one who does not wait any longer spoils it for nobody

    async def _asking(self, group: str) -> UserGroup:
        try:
            answer = await self._client.usergroups_users_list(usergroup=group)
        except SLACK_FAILURES as error:
            code = failure_of(error).code
            log.warning("group_not_read", group=group, error=code)
            return UserGroup(None, code)
        users = answer.get("users")
        if not isinstance(users, list):
            return UserGroup(None, "strange_answer")
        return UserGroup(frozenset(str(user) for user in users))
