"""Drawing one person's Home: who it is, what they may see, and whether Slack's rates let it be shown now."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import structlog
from sqlalchemy import Connection

from bot.approvals.people import Person
from bot.slack.cards.answers.brief_answers import who_are_you_card
from bot.slack.cards.answers.home_page import HomeView, home_view, told_view
from bot.slack.delivery.pacing import UPDATE, Pacing, Rates
from bot.slack.delivery.posting import CALL_SECONDS
from bot.slack.delivery.slack_failures import SlackFailure, Trouble, failure_of
from bot.slack.errors import SLACK_FAILURES
from bot.slack.home.home_queries import Glance, groups_asked
from bot.slack.home.home_workflows import WatchMemory
from bot.slack.lists.keeping import ListKeeper
from bot.slack.slack_services import SlackServices
from bot.store.engine.lane import WorkPriority
from bot.store.errors import StoreError

log = structlog.stdlib.get_logger(__name__)

NUMBERS_BETWEEN: Final = 60.0
"""Seconds between two drawings for one person where only numbers moved."""
AGAIN_SECONDS: Final = 10.0
"""How soon it is tried again after Slack could not say who somebody is, or the database failed."""

RATES: Final = Rates(updates_a_minute=60)
"""In any 60 s at most 60 Homes are drawn; Slack allows a little more than 100."""
OPENED, CHANGED, MOVED = 0, 6, 7
"""Of these 60, what is opened may have all, what changed the first 20, moving numbers the first 13."""

NOT_NOW: Final = who_are_you_card()
"""What is told where Slack cannot say who somebody is: it may be able to a little later."""

_FOR_NOW: Final = frozenset(
    {Trouble.LIMITED, Trouble.UNSENT, Trouble.UNCERTAIN, Trouble.TOKEN, Trouble.REFUSED}
)


@dataclass(slots=True)
class DrawnHome:
    """One person who opened their Home lately."""

    user: str
    opened_at: float
    stale: bool = True
    """Opened, and not drawn since."""
    lists_older_than: float | None = None
    """It was opened: lists that are older than so many seconds are still to be read for it."""
    person: Person | None = None
    """As Slack described them when it was drawn last; `None`: they were shown nothing."""
    shown: HomeView | None = None
    """What Slack has; `None` while that is not certain."""
    as_of: str = ""
    """The minute that it shows as its own time."""
    drawn_at: float = 0.0
    not_before: float = 0.0
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    def urgency(self, view: HomeView, now: float) -> int | None:
        """How urgent it is to draw `view` instead of what is shown; `None`: not at all."""
        if self.shown is None or view.essence != self.shown.essence:
            return CHANGED
        moved = view.content != self.shown.content and now - self.drawn_at >= NUMBERS_BETWEEN
        return MOVED if moved else None

    def is_right(self, view: HomeView, as_of: str | None) -> bool:
        """Whether Slack has exactly this, and, where `as_of` is given, as of that minute."""
        same = self.shown is not None and self.shown.content == view.content
        return same and as_of in {None, self.as_of}


class HomeRenderer:
    """Draws Homes, one at a time for each person. What fails is logged, counted, and tried again."""

    def __init__(self, services: SlackServices, lists: ListKeeper) -> None:
        self._services = services
        self._lists = lists
        self._memory = WatchMemory()
        self._clock = services.clock
        self._pacing = Pacing(services.clock, RATES, services.meters, "views.publish")
        self.failures = 0
        """How often Slack or the database did not let one be drawn."""

    def may_in(self, urgency: int) -> float:
        """Seconds until something so urgent may be drawn."""
        return self._pacing.update_in(urgency)

    async def views(
        self, people: Mapping[str, Person], priority: WorkPriority
    ) -> Mapping[str, HomeView] | None:
        """What these people should see now. `None` if the database does not say."""
        try:
            return await self._services.database.read(self._views, people, priority=priority)
        except StoreError as error:
            self._failed(type(error).__name__)
            return None

    async def draw(self, home: DrawnHome, urgency: int) -> bool:
        """Draw a Home, unless it is right already or has to wait. Whether Slack took it."""
        async with home.lock:
            if urgency == OPENED and not home.stale:
                return False
            if home.not_before > self._clock.monotonic() or self.may_in(urgency) > 0:
                return False
            opened, home.stale = home.stale, False
            try:
                groups = await self._services.database.read(groups_asked)
            except StoreError as error:
                self._failed(type(error).__name__)
                self._again(home, opened=opened)
                return False
            names = self._services.planetscale.names
            reader = await self._services.readership.reader(home.user, names, groups)
            if reader == NOT_NOW:
                self._again(home, opened=opened)
                if home.shown:
                    return False  # what is shown says as of when it is
            if isinstance(reader, Person):
                return await self._draw_for(home, reader, urgency, opened=opened)
            home.person = None
            return await self._publish(home, told_view(reader), urgency, opened=opened)

    async def _draw_for(self, home: DrawnHome, reader: Person, urgency: int, *, opened: bool) -> bool:
        found = await self.views({home.user: reader}, WorkPriority.PERSON)
        if found is None:
            self._again(home, opened=opened)
            return False
        home.person = reader
        return await self._publish(home, found[home.user], urgency, opened=opened)

    async def _publish(self, home: DrawnHome, view: HomeView, urgency: int, *, opened: bool) -> bool:
        as_of = f"{self._clock.now():%H:%M}"
        if home.is_right(view, as_of if opened and home.person else None):
            return False
        if not await self._pacing.may_update(urgency):
            home.stale = home.stale or opened
            return False
        home.drawn_at = self._clock.monotonic()
        try:
            async with asyncio.timeout(CALL_SECONDS):
                await self._services.client.views_publish(user_id=home.user, view=view.payload())
        except SLACK_FAILURES as error:
            await self._not_taken(home, view, failure_of(error), opened=opened)
            return False
        self._pacing.went_well()
        home.shown, home.as_of = view, as_of
        return True

    async def _not_taken(
        self, home: DrawnHome, view: HomeView, failure: SlackFailure, *, opened: bool
    ) -> None:
        """Later; or, where Slack will never take it, not until there is something else to show."""
        self._failed(failure.code)
        if failure.trouble not in _FOR_NOW:
            home.shown = view
            return
        home.stale = home.stale or opened
        if failure.trouble is Trouble.LIMITED:
            await self._pacing.hold(UPDATE, failure.seconds)
            return
        home.shown = None if failure.trouble is Trouble.UNCERTAIN else home.shown
        self._pacing.went_wrong()

    def _again(self, home: DrawnHome, *, opened: bool) -> None:
        home.stale = home.stale or opened
        home.not_before = self._clock.monotonic() + AGAIN_SECONDS

    def _failed(self, error: str) -> None:
        self.failures += 1
        log.warning("home_not_drawn", error=error, failures=self.failures)

    def _views(self, connection: Connection, people: Mapping[str, Person]) -> Mapping[str, HomeView]:
        now = self._services.clock.now()
        glance = Glance(connection, self._services, self._lists, self._memory, now)
        return {user: home_view(glance.page(person)) for user, person in people.items()}
