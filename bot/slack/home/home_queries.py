"""What a person's App Home shows, from the bot's rows. Functions of a connection, without Slack."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, select

from bot.approvals.people import NamedPeople, Person
from bot.approvals.readers import readers, reads_all
from bot.approvals.terms import Gate
from bot.operations.model import ENDED, OPEN, State, Story
from bot.operations.storage import stories
from bot.slack.cards.answers.home_page import (
    ASKED_SHOWN,
    RECENT_SHOWN,
    RUNNING_SHOWN,
    WAITING_SHOWN,
    HomePage,
    HomeRead,
    Shown,
)
from bot.slack.delivery.keys import card_key
from bot.slack.home.home_workflows import WatchMemory, workflows
from bot.slack.lists.keeping import ListKeeper
from bot.slack.slack_services import SlackServices
from bot.store.schema import operations

LATEST: Final = 40
"""How many of the newest requests are looked at."""
LATELY: Final = timedelta(days=1)


Place = tuple[str, str]
"""An organization and a database."""


def waits_for(story: Story, person: Person) -> bool:
    """Whether `person` could approve this request, or say what happened, and has not yet."""
    operation = story.operation
    own = operation.was_asked_by(person.ids) and operation.gate is Gate.PEER
    if own or not NamedPeople.of(operation.approvers).admits(person):
        return False
    if operation.state is State.NEEDS_PERSON:
        return True
    given = {decided.user for decided in story.approved_by}
    return operation.state is State.WAITING and operation.gate is Gate.PEER and person.ids.isdisjoint(given)


def groups_asked(connection: Connection) -> frozenset[str]:
    """The user groups that are asked to approve what waits."""
    waiting = operations.c.state.in_([State.WAITING, State.NEEDS_PERSON])
    named = connection.scalars(select(operations.c.approvers).where(waiting))
    return frozenset[str]().union(*(NamedPeople.of(ids or ()).groups for ids in named))


class Glance:
    """One look at the rows, in one transaction, for as many people as want to see it."""

    def __init__(
        self,
        connection: Connection,
        services: SlackServices,
        lists: ListKeeper,
        memory: WatchMemory,
        now: datetime,
    ) -> None:
        self._connection, self._services, self._now = connection, services, now
        self._lists = lists
        names = services.planetscale.names
        waiting = stories.waiting(connection)
        self._waiting = [one for one in waiting if one.operation.organization in names]
        latest = stories.latest(connection, names, LATEST)
        self._latest = [stories.as_of_now(connection, one) for one in latest]
        self._workflows = workflows(connection, names, self._waiting, lists, memory, now)
        self._readers: dict[Place, NamedPeople] = {}
        self._names = names
        self._links: dict[str, str | None] = {}

    def page(self, person: Person) -> HomePage:
        """What `person` sees; only of databases that the policy lets them read about."""
        waits = [one for one in self._seen(self._waiting, person) if waits_for(one, person)]
        latest = self._seen(self._latest, person)
        asked = self._asked(latest, person)
        above = {one.operation.id for one in (*waits[:WAITING_SHOWN], *asked[:ASKED_SHOWN])}
        recent = [one for one in latest if _is_history(one) and one.operation.id not in above]
        running, hidden = self._running(person)
        links = {
            story.operation.id: self._link(card_key(story.operation.id))
            for story in (*waits[:WAITING_SHOWN], *asked[:ASKED_SHOWN], *recent[:RECENT_SHOWN])
        }
        watches = [one.watch for one in running if one.watch]
        links |= {watch.id: self._link(watch.live_key) for watch in watches}
        return HomePage(
            waits=waits,
            asked=asked,
            running=running,
            hidden=hidden,
            recent=recent,
            links={key: link for key, link in links.items() if link},
            now=self._now,
            default=self._services.planetscale.default,
            reads=[
                self._read(name, person)
                for name in self._names
                if self._services.readership.reads_something(person, name)
            ],
            is_whole=all(reads_all(self._services.policy, name, person) for name in self._names),
        )

    def _seen(self, stories: Sequence[Story], person: Person) -> list[Story]:
        return [
            one
            for one in stories
            if self._may_read(person, (one.operation.organization, one.operation.database))
        ]

    def _asked(self, latest: Sequence[Story], person: Person) -> list[Story]:
        """Their own requests: the open ones first, then those that ended, the newest first.

        What was blocked was told to them at once, and is left out.
        """
        found = {one.operation.id: one for one in (*self._seen(self._waiting, person), *latest)}
        mine = [
            one
            for one in found.values()
            if one.operation.was_asked_by(person.ids) and (one.operation.state in OPEN or self._is_new(one))
        ]
        return sorted(
            mine,
            key=lambda one: (one.operation.state in OPEN, one.operation.asked_at, one.operation.id),
            reverse=True,
        )

    def _is_new(self, story: Story) -> bool:
        return _is_history(story) and self._now - story.operation.asked_at < LATELY

    def _running(self, person: Person) -> tuple[list[Shown], Counter[Place]]:
        """The active workflows that are shown, and how many more there are in which database."""
        seen = [one for one in self._workflows.shown if self._may_read(person, one.key[:2])]
        more = [place for place in self._workflows.more if self._may_read(person, place)]
        return seen[:RUNNING_SHOWN], Counter([*(one.key[:2] for one in seen[RUNNING_SHOWN:]), *more])

    def _read(self, organization: str, person: Person) -> HomeRead:
        """What was read of the lists of an organization, of what they may read."""
        found = self._lists.lists(organization, lambda name: self._may_read(person, (organization, name)))
        if found is None:
            return HomeRead(organization)
        return HomeRead(
            organization,
            len(found.listed.keys() - found.failed.keys()),
            min((one.read_at for one in found.listed.values()), default=None),
            found.failed,
            found.not_read,
            found.unlisted,
            known=True,
        )

    def _may_read(self, person: Person, place: Place) -> bool:
        """Whether the policy lets `person` read about the database of an organization."""
        if place not in self._readers:
            self._readers[place] = readers(self._services.policy, *place)
        return self._readers[place].admits(person)

    def _link(self, key: str) -> str | None:
        if key not in self._links:
            self._links[key] = self._services.links.to(self._connection, key)
        return self._links[key]


def _is_history(story: Story) -> bool:
    """Whether it ended, and people saw it: what was blocked was told to its requester alone."""
    return story.operation.state in ENDED and story.operation.state is not State.BLOCKED
