"""Who reads a Home: looked up anew each time that something new is drawn."""

from typing import Final

from bot.approvals.people import People, Person, Standing
from bot.approvals.policy import Policy
from bot.slack.approvers import Approvers
from bot.slack.cards.answers import who_are_you_card
from bot.slack.cards.rich import Message
from bot.slack.readership import Readership

NOT_NOW: Final = who_are_you_card()
"""What is told where Slack cannot say who somebody is: it may be able to a little later."""


class HomeReaders:
    """Admits as questions are, and says besides in which user groups somebody is."""

    def __init__(self, readership: Readership, approvers: Approvers, policy: Policy) -> None:
        self._readership = readership
        self._approvers = approvers
        sections = (policy.base, *policy.organizations, *policy.databases)
        named = [section.requesters for section in sections]
        self._groups = frozenset[str]().union(*(People.of(ids).groups for ids in named))

    async def look_up(self, user_id: str, groups: frozenset[str]) -> Person | Message:
        """The person with those of `groups`, and of the policy's, that they are in; or why they see nothing.

        A group that cannot be read counts as one that they are not in: less is shown.
        """
        admitted = await self._readership.admit(user_id, None, None)
        if isinstance(admitted, Message):
            return admitted
        wanted = self._groups | groups
        mine = [group for group in wanted if user_id in (await self._approvers.members(group) or ())]
        return Person(user_id, Standing.MEMBER, frozenset(mine))
