"""The courier: makes Slack match the message board, the most urgent first, as fast as Slack allows.

It posts what is not there, updates what is out of date, and skips what reads the same. Nothing is kept in
memory that a restart would miss, and several processes may each run one over the same database.
"""

import asyncio
from collections.abc import Collection
from datetime import datetime

import structlog
from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy import Connection

from bot.clock import Clock
from bot.runtime.log_context import from_now_about
from bot.runtime.metering import Meters
from bot.runtime.tasks import until_first
from bot.slack.breaker import TokenBreaker
from bot.slack.delivery.deliveries import Deliveries
from bot.slack.delivery.keys import operation_of_key
from bot.slack.delivery.pacing import Pacing, Rates
from bot.slack.delivery.posting import MessagePoster
from bot.slack.delivery.refusals import TokenRefusedError
from bot.slack.delivery.rendering import Rendered, Renderer, Renderers, Undeliverable
from bot.slack.delivery.slack_failures import SlackFailure, Trouble
from bot.store import outbox
from bot.store.engine.database import Database
from bot.store.engine.lane import WorkPriority
from bot.store.errors import StoreError
from bot.store.outbox import Entry

__all__ = ["Courier", "Rates", "Rendered", "Renderer", "Renderers", "Undeliverable"]

log = structlog.stdlib.get_logger(__name__)

SWEEP_SECONDS = 10.0
"""It looks at the board at least this often, without being woken: another process may have written there."""
STILL_SECONDS = 120.0
"""A courier that has not looked at the board for so long is stuck."""
DATABASE_SECONDS = 2.0
"""How soon it looks again after the database failed."""
SHORTEST_PAUSE = 0.001
"""So that a rounding error of a clock is never waited for in vain."""
LOOK_AT = 200
"""How many entries of an earlier version it chooses from."""


class Courier:
    """Make it in a running loop. Either `run` it, or call `run_once` whenever something may have changed."""

    def __init__(
        self,
        database: Database,
        client: AsyncWebClient,
        renderers: Renderers,
        clock: Clock,
        rates: Rates | None = None,
        *,
        breaker: TokenBreaker | None = None,
        meters: Meters | None = None,
    ) -> None:
        """`client` must not retry by itself: it can post twice. `breaker`: where others look at it too.
        `meters`: what several processes count with.
        """
        self._database = database
        self._poster = MessagePoster(client)
        self._clock = clock
        self._rates = rates or Rates()
        pacing = Pacing(clock, self._rates, meters)
        self._deliveries = Deliveries(database, self._poster, renderers, clock, pacing)
        self._in_hand: dict[str, str | None] = {}
        self._loop = asyncio.get_running_loop()
        self._awake = asyncio.Event()
        self._stop = asyncio.Event()
        self._looked_at: float | None = None
        self.breaker = breaker or TokenBreaker(clock)
        """Says whether Slack accepts the bot's token."""
        self.pause: float | None = None
        """After `run_once`: in how many seconds more can be delivered; `None`: nothing waits for time."""

    @property
    def refused(self) -> str | None:
        """Slack's code, while it refuses the bot's token."""
        return self.breaker.refused

    @property
    def healthy(self) -> bool:
        """False while Slack refuses the token, or when `run` does not move any more."""
        if self.refused:
            return False
        return self._looked_at is None or self._clock.monotonic() - self._looked_at < STILL_SECONDS

    def wake(self) -> None:
        """Something on the board has changed. From any thread; many calls are one."""
        self._loop.call_soon_threadsafe(self._awake.set)

    async def run(self, stop: asyncio.Event) -> None:
        """Deliver until `stop` is set; what is under way then is finished."""
        self._stop = stop
        self._looked_at = self._clock.monotonic()
        while not stop.is_set():
            try:
                await self.run_once()
            except Exception:  # the process's edge: the next round may go well
                log.exception("courier_round_failed")
                self.pause = DATABASE_SECONDS
            pause = SWEEP_SECONDS if self.pause is None else min(self.pause, SWEEP_SECONDS)
            await until_first(self._clock.sleep(pause), self._awake.wait(), self._stop.wait())

    async def run_once(self) -> int:
        """Deliver everything that can be delivered now. How many posts and updates Slack took.

        Failures of Slack and of the database are logged and tried again later, see `pause`.
        """
        if not await self._admitted():
            return 0
        delivered = await self._deliver_all()
        if self.breaker.is_open:  # whatever another delivery found to wait for
            self.pause = max(SHORTEST_PAUSE, self.breaker.ask_in)
        else:
            self.breaker.went_through()
        return delivered

    async def _admitted(self) -> bool:
        """Whether Slack accepts the bot's token; one that was refused is asked about once a minute."""
        if not self.breaker.is_open:
            return True
        self._looked_at = self._looked_at and self._clock.monotonic()
        if self.breaker.ask_in <= 0:
            try:
                await self._poster.ask_for_token()
            except SlackFailure as failure:
                if failure.trouble is Trouble.TOKEN:
                    self.breaker.refuse(failure.code)
                self.breaker.ask_later(failure.seconds)
            else:
                self.breaker.try_again()
                return True
        self.pause = max(SHORTEST_PAUSE, self.breaker.ask_in)
        return False

    async def _deliver_all(self) -> int:
        delivered, calls = 0, set[asyncio.Task[bool]]()
        try:
            while not self.breaker.is_open and not self._stop.is_set():
                self._awake.clear()
                entry, self.pause = await self._choose()
                if entry:
                    calls.add(asyncio.create_task(self._deliver(entry)))
                elif not calls:
                    break
                if entry is None or len(calls) >= self._rates.posters:
                    calls, ended = await self._until_news(calls)
                    delivered += sum(await asyncio.gather(*ended))
        except StoreError as error:
            log.warning("courier_without_database", error=type(error).__name__)
            self.pause = DATABASE_SECONDS
        except asyncio.CancelledError:
            for call in calls:
                call.cancel()
            raise
        finally:
            await asyncio.gather(*calls, return_exceptions=True)
        return delivered

    async def _until_news(
        self, calls: set[asyncio.Task[bool]]
    ) -> tuple[set[asyncio.Task[bool]], set[asyncio.Task[bool]]]:
        """Wait until a call has ended or there may be another to make.

        Returns the calls that go on, and those that have ended.
        """
        waiting: set[asyncio.Task[bool]] = set(calls)
        woken = asyncio.create_task(self._awake.wait())
        if len(calls) < self._rates.posters:
            waiting.add(woken)
        try:
            ended, _ = await asyncio.wait(
                waiting, timeout=self.pause or None, return_when=asyncio.FIRST_COMPLETED
            )
        finally:
            woken.cancel()
        return calls - ended, ended - {woken}

    async def _choose(self) -> tuple[Entry | None, float | None]:
        """The most urgent entry whose call may be made now, taken in hand. Else how many seconds to wait."""
        now = self._clock.now()
        lanes = {channel for channel in self._in_hand.values() if channel is not None}
        entries, next_at = await self._database.read(
            _agenda,
            now,
            lanes,
            tuple(self._in_hand),
            priority=WorkPriority.TICK,
            begin_within=DATABASE_SECONDS,
        )
        if self._looked_at is not None:
            self._looked_at = self._clock.monotonic()
        waits = [max(SHORTEST_PAUSE, (next_at - now).total_seconds())] if next_at else []
        for entry in entries:
            if self._is_in_hand(entry):
                continue
            wait = self._deliveries.wait(entry)
            if wait <= 0:
                self._in_hand[entry.key] = None if entry.ts else entry.channel
                return entry, 0.0
            waits.append(max(SHORTEST_PAUSE, wait))
        return None, min(waits, default=None)

    def _is_in_hand(self, entry: Entry) -> bool:
        """One call at a time for an entry, and one post at a time to a channel."""
        return entry.key in self._in_hand or (entry.ts is None and entry.channel in self._in_hand.values())

    async def _deliver(self, entry: Entry) -> bool:
        if operation_id := operation_of_key(entry.key):
            from_now_about(operation_id)
        try:
            return await self._deliveries.deliver(entry)
        except TokenRefusedError as error:
            self.breaker.refuse(str(error))
            return False
        except StoreError:
            raise
        except Exception:  # what cannot be rendered must not keep the others from being delivered
            log.exception("delivery_failed", key=entry.key)
            await self._deliveries.set_aside(entry)
            return False
        finally:
            del self._in_hand[entry.key]


def _agenda(
    connection: Connection, now: datetime, but_lanes: Collection[str], but_keys: Collection[str]
) -> tuple[list[Entry], datetime | None]:
    """What to choose from: the first of each channel, and of the updates, so that none holds up another."""
    heads = outbox.heads(connection, now, but_lanes, but_keys)
    earlier = outbox.due(connection, now, LOOK_AT, without_lane=True)
    entries = sorted((*heads, *earlier), key=lambda entry: entry.priority) if earlier else heads
    return entries, outbox.next_at(connection, now)
