"""Whether somebody may ask for something here, and in which channels its card may stand."""

import asyncio
from dataclasses import dataclass

from bot.approvals.groups import unread_groups
from bot.approvals.people import Fits, NamedPeople, Person, Standing
from bot.approvals.policy import Rule
from bot.approvals.soundness import enough_approvers
from bot.approvals.terms import Gate
from bot.operations.model import Operation
from bot.operations.ports import Known, PrivateAnswer
from bot.operations.services import Services
from bot.operations.steps.assessment import rule_of
from bot.operations.steps.lookup import look_up


@dataclass(frozen=True, slots=True)
class Met:
    """Who asks, and where."""

    known: Known
    shown_to_others: bool | None
    """Whether people of other companies would see a card there; `None`: Slack could not say."""
    refusal: PrivateAnswer | None
    """Why not for one of these."""
    outside: bool = False
    """The bot is not in that channel: whether a card can stand there is found out when it is posted."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why somebody's request is refused."""

    answer: PrivateAnswer
    cause: str | None = None


def why_not_ask(rule: Rule, person: Person) -> Refusal | None:
    """Why the policy does not let them ask for it, or that it is not known whether it does."""
    match rule.requesters.fits(person):
        case Fits.YES:
            return None
        case Fits.NO:
            return Refusal(PrivateAnswer.NOT_ALLOWED)
        case Fits.IN_DOUBT:
            return Refusal(PrivateAnswer.BLOCKED, unread_groups(rule.requesters.unread_by(person)))


class Eligibility:
    """Asks Slack about the requester and the channel, and the policy about both."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def refused(self, operation: Operation) -> Refusal | None:
        """Why it would be refused whatever PlanetScale says: for who asks, or where. Changes nothing."""
        met = await self.meet(operation)
        if met.refusal:
            return Refusal(met.refusal)
        return why_not_ask(rule_of(self._services, operation, None), met.known.person)

    async def meet(self, operation: Operation) -> Met:
        """Ask Slack, at this moment, who asks and who would read along."""
        terms = self._services.policy.terms_for(operation.organization, operation.database)
        others = NamedPeople(
            users=NamedPeople.of(terms.approvers).users
        )  # one of them may be the requester's other id
        asking = look_up(self._services.people, operation.requester, NamedPeople.of(terms.requesters), others)
        known, (shown_to_others, outside) = await asyncio.gather(asking, self._channel(operation))
        refusal = self._refused(operation, known, shown_to_others=shown_to_others)
        return Met(known, shown_to_others, refusal, outside)

    async def _channel(self, operation: Operation) -> tuple[bool | None, bool]:
        """Whether others would see a card where it was asked, and whether the bot is not in there."""
        return await self._shown_to_others(operation), await self._is_outside(operation)

    async def _is_outside(self, operation: Operation) -> bool:
        private = operation.channel.startswith("D")
        return not private and await self._services.people.may_not_post(operation.channel)

    async def too_few(self, operation: Operation, rule: Rule, requester: Person) -> str | None:
        """A sentence, if the people whom the policy names cannot be enough: then nobody should wait.

        Never for what goes back: it waits for whoever comes.
        """
        if rule.gate is not Gate.PEER or operation.action.goes_back:
            return None
        if enough_approvers(rule.approvers, rule.required, requester.ids, {}):
            return None  # those who are named by id are enough: nobody has to be asked about a group
        groups = sorted(rule.approvers.groups)
        found = await asyncio.gather(*(self._services.people.members(group) for group in groups))
        members = {group: known for group, known in zip(groups, found, strict=True) if known is not None}
        if len(members) < len(groups):
            return None  # Slack cannot say: it is found out when somebody presses
        if enough_approvers(rule.approvers, rule.required, requester.ids, members):
            return None
        return f"The policy asks for {rule.required} of a few people, and besides you there are not enough."

    def channels(self, operation: Operation, rule: Rule, met: Met) -> tuple[str, ...]:
        """Where its card may stand, the best first; never where people of other companies would see it."""
        private = operation.channel.startswith("D")
        asked_in = operation.channel if met.shown_to_others is False and not private else None
        wanted = (rule.channel, asked_in, self._services.default_channel)
        return tuple(dict.fromkeys(place for place in wanted if place))

    async def _shown_to_others(self, operation: Operation) -> bool | None:
        """Whether people of other companies would see a card where this was asked, and the policy minds.

        `None`: Slack could not say, so no card may stand there.
        """
        terms = self._services.policy.terms_for(operation.organization, operation.database)
        if operation.channel.startswith("D") or terms.allow_shared_channels:
            return False
        return await self._services.people.shared(operation.channel)

    def _refused(
        self, operation: Operation, known: Known, *, shown_to_others: bool | None
    ) -> PrivateAnswer | None:
        if known.person.standing is Standing.UNKNOWN:
            return PrivateAnswer.WHO_ARE_YOU
        if known.person.standing is not Standing.MEMBER:
            return PrivateAnswer.NOT_A_MEMBER
        terms = self._services.policy.terms_for(operation.organization, operation.database)
        elsewhere = terms.channel or self._services.default_channel
        if elsewhere:
            return None
        if operation.channel.startswith("D"):
            return PrivateAnswer.ASK_IN_A_CHANNEL
        if shown_to_others is None:
            return PrivateAnswer.UNKNOWN_CHANNEL
        return PrivateAnswer.SHARED_CHANNEL if shown_to_others else None
