"""Whether somebody may ask for something here, and in which channels its card may stand."""

from dataclasses import dataclass

from bot.approvals.decide import may_ask
from bot.approvals.people import Standing
from bot.approvals.policy import Rule
from bot.approvals.soundness import enough_approvers
from bot.approvals.terms import Gate
from bot.operations.looking import rule_of
from bot.operations.model import Operation
from bot.operations.parts import Parts
from bot.operations.ports import Answer, Known


@dataclass(frozen=True, slots=True)
class Met:
    """Who asks, and where."""

    known: Known
    shown_to_others: bool | None
    """Whether people of other companies would see a card there; `None`: Slack could not say."""
    refusal: Answer | None
    """Why not for one of these."""


class Requesting:
    """Asks Slack about the requester and the channel, and the policy about both."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def refused(self, operation: Operation) -> Answer | None:
        """Why it would be refused whatever PlanetScale says: for who asks, or where. Changes nothing."""
        met = await self.meet(operation)
        if met.refusal:
            return met.refusal
        rule = rule_of(self._parts.policy, operation, None)
        return None if may_ask(rule, met.known.person) else Answer.NOT_ALLOWED

    async def meet(self, operation: Operation) -> Met:
        """Ask Slack, at this moment, who asks and who would read along."""
        known = await self._parts.people.who(operation.requester, frozenset(self._groups(operation)))
        shown_to_others = await self._shown_to_others(operation)
        return Met(known, shown_to_others, self._refused(operation, known, shown_to_others=shown_to_others))

    async def too_few(self, rule: Rule, requester: str) -> str | None:
        """A sentence, if the people whom the policy names cannot be enough: then nobody should wait."""
        if rule.gate is not Gate.PEER or rule.approvers.anybody:
            return None
        members: dict[str, frozenset[str]] = {}
        for group in rule.approvers.groups:
            known = await self._parts.people.members(group)
            if known is None:
                return None  # Slack cannot say: it is found out when somebody presses
            members[group] = known
        if enough_approvers(rule.approvers, rule.required, requester, members):
            return None
        return f"The policy asks for {rule.required} of a few people, and besides you there are not enough."

    def channels(self, operation: Operation, rule: Rule, met: Met) -> tuple[str, ...]:
        """Where its card may stand, the best first; never where people of other companies would see it."""
        private = operation.channel.startswith("D")
        asked_in = operation.channel if met.shown_to_others is False and not private else None
        wanted = (rule.channel, asked_in, self._parts.default_channel)
        return tuple(dict.fromkeys(place for place in wanted if place))

    def _groups(self, operation: Operation) -> tuple[str, ...]:
        terms = self._parts.policy.terms_for(operation.organization, operation.database)
        return tuple(one for one in (*terms.approvers, *terms.requesters) if one.startswith("S"))

    async def _shown_to_others(self, operation: Operation) -> bool | None:
        """Whether people of other companies would see a card where this was asked, and the policy minds.

        `None`: Slack could not say, so no card may stand there.
        """
        terms = self._parts.policy.terms_for(operation.organization, operation.database)
        if operation.channel.startswith("D") or terms.allow_shared_channels:
            return False
        return await self._parts.people.shared(operation.channel)

    def _refused(self, operation: Operation, known: Known, *, shown_to_others: bool | None) -> Answer | None:
        if known.person.standing is Standing.UNKNOWN:
            return Answer.WHO_ARE_YOU
        if known.person.standing is not Standing.MEMBER:
            return Answer.NOT_A_MEMBER
        terms = self._parts.policy.terms_for(operation.organization, operation.database)
        elsewhere = terms.channel or self._parts.default_channel
        if elsewhere:
            return None
        if operation.channel.startswith("D"):
            return Answer.ASK_IN_A_CHANNEL
        if shown_to_others is None:
            return Answer.UNKNOWN_CHANNEL
        return Answer.SHARED_CHANNEL if shown_to_others else None
