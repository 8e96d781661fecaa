"""What a person's App Home shows, from the bot's rows. Functions of a connection, without Slack."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, select

from bot.approvals.people import NamedPeople, Person
from bot.approvals.readers import readers, reads_all
from bot.approvals.terms import Gate
from bot.kinds.workflow.running import running
from bot.operations.model import ENDED, OPEN, State, Story
from bot.operations.storage import stories
from bot.slack.cards.answers.home_page import (
    ASKED_SHOWN,
    RECENT_SHOWN,
    RUNNING_SHOWN,
    WAITING_SHOWN,
    HomePage,
)
from bot.slack.delivery.keys import card_key
from bot.slack.slack_services import SlackServices
from bot.store.schema import operations
from bot.watch.model import Watch
from bot.watch.storage import watch_repository
from bot.workflows.facts.states import is_active

LATEST: Final = 40
"""How many of the newest requests are looked at."""
READ_AT_MOST: Final = 4 * RUNNING_SHOWN
"""How many watches are read to find those that are shown: of some the workflow has ended."""
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

    def __init__(self, connection: Connection, services: SlackServices, now: datetime) -> None:
        self._connection, self._services, self._now = connection, services, now
        names = services.planetscale.names
        waiting = stories.waiting(connection)
        self._waiting = [one for one in waiting if one.operation.organization in names]
        latest = stories.latest(connection, names, LATEST)
        self._latest = [stories.as_of_now(connection, one) for one in latest]
        self._watched = running(connection, names)
        self._readers: dict[Place, NamedPeople] = {}
        self._names = names
        self._watches: dict[str, Watch | None] = {}
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
        links |= {watch.id: self._link(watch.live_key) for watch in running}
        return HomePage(
            waits=waits,
            asked=asked,
            running=running,
            hidden=hidden,
            recent=recent,
            links={key: link for key, link in links.items() if link},
            now=self._now,
            default=self._services.planetscale.default,
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

    def _running(self, person: Person) -> tuple[list[Watch], Counter[Place]]:
        """The watches that are shown, and how many more there are in which database."""
        seen = [one for one in self._watched if self._may_read(person, one[1])]
        hidden = Counter(place for _, place in seen)
        shown: list[Watch] = []
        for watch_id, place in seen[:READ_AT_MOST]:
            if len(shown) == RUNNING_SHOWN:
                break
            watch = self._watch(watch_id)
            hidden[place] -= 1
            if watch and (watch.observed is None or is_active(watch.observed.snapshot.state)):
                shown.append(watch)
        return shown, +hidden

    def _may_read(self, person: Person, place: Place) -> bool:
        """Whether the policy lets `person` read about the database of an organization."""
        if place not in self._readers:
            self._readers[place] = readers(self._services.policy, *place)
        return self._readers[place].admits(person)

    def _watch(self, watch_id: str) -> Watch | None:
        if watch_id not in self._watches:
            self._watches[watch_id] = watch_repository.load(self._connection, watch_id)
        return self._watches[watch_id]

    def _link(self, key: str) -> str | None:
        if key not in self._links:
            self._links[key] = self._services.links.to(self._connection, key)
        return self._links[key]


def _is_history(story: Story) -> bool:
    """Whether it ended, and people saw it: what was blocked was told to its requester alone."""
    return story.operation.state in ENDED and story.operation.state is not State.BLOCKED
