"""Who may read: full members of the workspace, and of those only the policy's readers of a database."""

from collections.abc import Iterable, Mapping

from bot.approvals import people as approvals
from bot.approvals.people import NamedPeople
from bot.approvals.policy import Policy
from bot.approvals.readers import readers, readers_by_section, reads_all
from bot.slack.approvers import Approvers, UserGroup
from bot.slack.cards.answers.brief_answers import (
    group_unread_card,
    not_a_member_card,
    not_a_reader_card,
    who_are_you_card,
)
from bot.slack.cards.blocks.rich import Message
from bot.slack.directory import Member, MemberStanding, PeopleUnavailableError, SlackDirectory

NOBODY: frozenset[str] = frozenset()
ADMITTED_KEPT = 10_000
"""Of so many it is remembered that they might read."""


class Readership:
    """Looks somebody up each time they ask."""

    def __init__(self, people: SlackDirectory, approvers: Approvers, policy: Policy) -> None:
        self._people = people
        self._approvers = approvers
        self._policy = policy
        self._admitted: dict[tuple[str, NamedPeople], None] = {}
        """Who was found to be among whom the policy names, where it names somebody."""

    def was_admitted(self, user_id: str, organization: str, database: str | None) -> bool:
        """Whether this process lately let them read there: enough to begin to read beside asking again."""
        named = readers(self._policy, organization, database)
        return self._people.was_member(user_id) and (named.anybody or (user_id, named) in self._admitted)

    async def admit(
        self, user_id: str, organization: str, database: str | None, also: NamedPeople | None = None
    ) -> Member | Message:
        """The person, if they may read about the database; else why they are told nothing.

        `also`: others who may. `database` is `None` where none is chosen yet.
        """
        found = await self._admit(user_id, organization, database, also)
        named = readers(self._policy, organization, database)
        self._admitted.pop((user_id, named), None)
        if also is None and not named.anybody and not isinstance(found, Message):
            while len(self._admitted) >= ADMITTED_KEPT:
                self._admitted.pop(next(iter(self._admitted)))
            self._admitted[user_id, named] = None
        return found

    async def _admit(
        self, user_id: str, organization: str, database: str | None, also: NamedPeople | None
    ) -> Member | Message:
        person = await self._full_member(user_id)
        if isinstance(person, Message):
            return person
        allowed = [readers(self._policy, organization, database), *([also] if also else [])]
        if any(named.anybody or person.ids & named.users for named in allowed):
            return person
        try:
            if await self._people.aliases(person, frozenset[str]().union(*(one.users for one in allowed))):
                return person
        except PeopleUnavailableError:
            return who_are_you_card()
        groups = await self._approvers.lately(group for named in allowed for group in named.groups)
        groups = await self._approvers.concerning(person, person.ids, groups)
        if any(group.has(person.ids) for group in groups.values()):
            return person
        return _not_a_reader(groups)

    async def reader(
        self, user_id: str, organizations: Iterable[str], groups: frozenset[str] = NOBODY
    ) -> approvals.Person | Message:
        """Somebody who may read about anything at all in these organizations; else why they see nothing.

        With those of `groups`, and of the policy's, that they are in. A group that cannot be read counts as
        one that they are not in: less is shown. What they may read of it is for `reads` to say.
        """
        admitted = await self.reading(user_id, organizations, groups)
        return admitted if isinstance(admitted, Message) else admitted[1]

    async def reading(
        self, user_id: str, organizations: Iterable[str], groups: frozenset[str] = NOBODY
    ) -> tuple[Member, approvals.Person] | Message:
        """As `reader`, with their account at Slack."""
        person = await self._full_member(user_id)
        if isinstance(person, Message):
            return person
        named = self._sections(organizations)
        members = await self._approvers.lately(groups.union(*(people.groups for people in named)))
        mine = frozenset(name for name, group in members.items() if group.has(person.ids))
        found = approvals.Person(user_id, approvals.Standing.MEMBER, mine, person.known_as)
        if any(people.admits(found) for people in named):
            return person, found
        return _not_a_reader(members)

    def reads(self, person: approvals.Person, organization: str, database: str) -> bool:
        """Whether they may read about a database."""
        return readers(self._policy, organization, database).admits(person)

    def reads_something(self, person: approvals.Person, organization: str) -> bool:
        """Whether there is anything in an organization that they may read about."""
        return any(people.admits(person) for people in self._sections([organization]))

    def reads_everything(self, person: approvals.Person, organizations: Iterable[str]) -> bool:
        """Whether there is nothing in these organizations that is kept from them."""
        return all(reads_all(self._policy, name, person) for name in organizations)

    async def standing(self, user_id: str) -> MemberStanding | None:
        """What somebody is in the workspace; `None` if Slack could not say."""
        try:
            return (await self._people.look_up(user_id)).standing
        except PeopleUnavailableError:
            return None

    async def _full_member(self, user_id: str) -> Member | Message:
        try:
            person = await self._people.look_up(user_id)
        except PeopleUnavailableError:
            return who_are_you_card()
        return person if person.standing is MemberStanding.MEMBER else not_a_member_card()

    def _sections(self, organizations: Iterable[str]) -> list[NamedPeople]:
        return [people for name in organizations for people in readers_by_section(self._policy, name)]


def _not_a_reader(groups: Mapping[str, UserGroup]) -> Message:
    """Why nothing is told: they are not named, or it is not known whether they are in a group that is."""
    unread = {name: group.code for name, group in groups.items() if group.code}
    return group_unread_card(unread) if unread else not_a_reader_card()
