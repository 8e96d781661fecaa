"""Who may ask questions: full members of the workspace, and of those only whom the policy lets ask."""

from bot.approvals.people import People as Named
from bot.approvals.policy import Policy
from bot.approvals.terms import Terms
from bot.slack.approvers import Approvers
from bot.slack.cards.answers import not_a_member_card, not_a_reader_card, who_are_you_card
from bot.slack.cards.rich import Message
from bot.slack.people import People, PeopleUnavailableError, Person, Standing


class Readership:
    """Looks somebody up each time they ask."""

    def __init__(self, people: People, approvers: Approvers, policy: Policy) -> None:
        self._people = people
        self._approvers = approvers
        self._policy = policy

    async def admit(self, user_id: str, organization: str | None, database: str | None) -> Person | Message:
        """The person, or why they are told nothing. What they ask about, as far as it is one of each."""
        try:
            person = await self._people.look_up(user_id)
        except PeopleUnavailableError:
            return who_are_you_card()
        if person.standing is not Standing.MEMBER:
            return not_a_member_card()
        named = Named.of(self._terms(organization, database).requesters)
        if named.anybody:
            return person
        known = await self._approvers.who(user_id, named.groups)
        return person if named.admits(known.person) else not_a_reader_card()

    def _terms(self, organization: str | None, database: str | None) -> Terms:
        if organization is None:
            return self._policy.base
        if database is None:
            return self._policy.terms_of(organization)
        return self._policy.terms_for(organization, database)
