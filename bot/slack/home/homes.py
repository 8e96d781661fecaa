"""The App Home: drawn when it is opened, and kept right for those who opened it lately, within Slack's rates.

Who has it open is kept in memory: each process keeps those that opened it there. After a restart a Home still
says as of when it is, and is drawn again when it is opened again.
"""

import asyncio
from collections.abc import Mapping
from typing import Any, Final

import structlog

from bot.approvals.people import Person
from bot.runtime.tasks import until_first
from bot.slack.handlers.button_presses import Pressed
from bot.slack.home.home_drawing import CHANGED, OPENED, DrawnHome, HomeRenderer
from bot.slack.lists.keeping import ListKeeper
from bot.slack.slack_services import SlackServices
from bot.store.engine.lane import WorkPriority

log = structlog.stdlib.get_logger(__name__)

KEPT_SECONDS: Final = 30 * 60.0
"""So long after somebody opened it, it is kept right."""
BETWEEN: Final = 10.0
"""Seconds between two drawings that nobody asked for, for one person."""
LOOK_SECONDS: Final = 2.0
"""The rows are looked at no more often than this, however often the board changes."""
SWEEP_SECONDS: Final = 10.0
"""And at least this often while somebody has it open: another process may have changed them."""
SHORTEST_PAUSE: Final = 0.1
READ_AGAIN: Final = 60.0
"""When a Home is opened, lists that are older than so many seconds are read again."""
REFRESHED: Final = 15.0
"""And where Refresh is pressed."""


class Homes:
    """Make it in a running loop. Either `run` it, or call `run_once` whenever something may have changed."""

    def __init__(self, services: SlackServices, lists: ListKeeper) -> None:
        self._services = services
        self._lists = lists
        self._clock = services.clock
        self._renderer = HomeRenderer(services, lists)
        self._workspace = services.home
        self._tasks = services.tasks
        self._homes: dict[str, DrawnHome] = {}
        self._look_at = 0.0
        self._owed = False
        self._loop = asyncio.get_running_loop()
        self._awake = asyncio.Event()
        self.pause = SWEEP_SECONDS
        """After `run_once`: in how many seconds there may be more to draw."""

    @property
    def failures(self) -> int:
        """How often Slack or the database did not let one be drawn."""
        return self._renderer.failures

    def opened(self, body: Mapping[str, Any]) -> None:
        """Take an `app_home_opened` event: whatever stands in it, and however often it is delivered."""
        event = body.get("event")
        user = event.get("user") if isinstance(event, Mapping) and event.get("tab") == "home" else None
        if not isinstance(user, str) or not user:
            return
        if not self._workspace.sent(body.get("team_id"), body.get("enterprise_id")):
            log.warning("home_of_another_workspace")
            return
        self._spawn(user, READ_AGAIN)

    def pressed(self, pressed: Pressed) -> None:
        """Take a press of Refresh: everything is read anew, but for what was read just now."""
        if not pressed.user_id or not self._workspace.sent(pressed.team_id, pressed.enterprise_id):
            log.warning("home_of_another_workspace")
            return
        self._spawn(pressed.user_id, REFRESHED)

    def _spawn(self, user: str, older_than: float) -> None:
        now = self._clock.monotonic()
        home = self._homes.setdefault(user, DrawnHome(user, now))
        home.opened_at, home.stale, home.lists_older_than = now, True, older_than
        self._tasks.spawn(self._opened(home), "home")

    async def _opened(self, home: DrawnHome) -> None:
        """Draw what is known; then what all databases say."""
        await self._draw_opened(home)
        await self._complete(home)

    async def _complete(self, home: DrawnHome) -> None:
        """Read all databases, if that is still to be done, and draw it once more with what they say."""
        person, older_than = home.person, home.lists_older_than
        if home.stale or person is None or older_than is None:
            return  # not drawn yet, or for somebody who may see nothing
        home.lists_older_than = None
        read = [await self._read(person, name, older_than) for name in self._services.planetscale.names]
        if any(read):
            home.stale = True
            await self._draw_opened(home)

    async def _read(self, person: Person, organization: str, older_than: float) -> bool:
        """Bring the lists of an organization up to date. Whether anything was read."""

        def may_read(database: str) -> bool:
            return self._services.readership.reads(person, organization, database)

        if not self._services.readership.reads_something(person, organization):
            return False
        first = self._services.databases.get(organization, ())
        return await self._lists.refresh(organization, may_read, first, older_than)

    async def _draw_opened(self, home: DrawnHome) -> None:
        if not await self._renderer.draw(home, OPENED):
            self.wake()  # it may have to wait: the loop sees to it

    def wake(self) -> None:
        """Something on the board has changed. From any thread; many calls are one."""
        self._loop.call_soon_threadsafe(self._awake.set)

    async def run(self, stop: asyncio.Event) -> None:
        """Keep Homes right until `stop` is set."""
        while not stop.is_set():
            try:
                await self.run_once()
            except Exception:  # the process's edge: the next round may go well
                log.exception("home_round_failed")
                self.pause = SWEEP_SECONDS
            await until_first(self._clock.sleep(self.pause), self._awake.wait(), stop.wait())

    async def run_once(self) -> int:
        """Draw what has to be drawn and may be drawn now. How many Homes Slack took."""
        self._awake.clear()
        self._forget()
        drawn = 0
        for home in [home for home in self._homes.values() if home.stale]:
            drawn += await self._draw(home, OPENED)
            if home.lists_older_than is not None and not home.stale:
                self._tasks.spawn(self._complete(home), "lists of a home")
        for home, urgency in await self._changed():
            taken = await self._draw(home, urgency)
            self._owed = self._owed or not taken
            drawn += taken
        self.pause = self._until_more()
        return drawn

    async def _draw(self, home: DrawnHome, urgency: int) -> bool:
        try:
            return await self._renderer.draw(home, urgency)
        except Exception:
            log.exception("home_failed")  # the loop's edge: the others are drawn
            return False

    def _forget(self) -> None:
        lately = self._clock.monotonic() - KEPT_SECONDS
        self._homes = {user: home for user, home in self._homes.items() if home.opened_at > lately}

    async def _changed(self) -> list[tuple[DrawnHome, int]]:
        """Whose Home is out of date: what changed first, and of these whoever has waited longest."""
        now = self._clock.monotonic()
        ready = [home for home in self._homes.values() if not home.stale and home.drawn_at + BETWEEN <= now]
        people = {home.user: home.person for home in ready if home.person}
        self._owed = bool(people) and now < self._look_at
        if self._owed or not people:
            return []
        self._look_at = now + LOOK_SECONDS
        views = await self._renderer.views(people, WorkPriority.TICK) or {}
        found = [(home, home.urgency(views[home.user], now)) for home in ready if home.user in views]
        due = [(home, urgency) for home, urgency in found if urgency is not None]
        return sorted(due, key=lambda one: (one[1], one[0].drawn_at))

    def _until_more(self) -> float:
        """At most a sweep: less where something was opened, or a look or a drawing had to wait."""
        now = self._clock.monotonic()
        waits = [SWEEP_SECONDS]
        if self._owed:
            waits.append(max(self._look_at - now, self._renderer.may_in(CHANGED)))
        soonest = min((home.not_before for home in self._homes.values() if home.stale), default=None)
        if soonest is not None:
            waits.append(max(soonest - now, self._renderer.may_in(OPENED)))
        return max(SHORTEST_PAUSE, min(waits))
