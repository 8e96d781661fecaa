"""What becomes of a message of the board when Slack says no.

What concerns the workspace or the network, or is not known, is kept and tried for hours; what concerns the
place goes to the next one; what concerns the content is sent plainer; what cannot be edited is replaced.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final, Protocol

import structlog
from sqlalchemy import Connection

from bot.clock import Clock
from bot.slack.delivery import message_form
from bot.slack.delivery.pacing import POST, UPDATE, Pacing
from bot.slack.delivery.rendering import Renderers
from bot.slack.delivery.slack_failures import SlackFailure, Trouble
from bot.store import outbox
from bot.store.board import Urgency
from bot.store.outbox import Entry

log = structlog.stdlib.get_logger(__name__)

PATIENCE: Final = 600
"""How often a refusal that is not understood is met again before the next place is tried: for over a day."""
LONGEST_PAUSE: Final = 300.0
"""Seconds between two tries of what is refused for a reason that is not known."""
SEARCHES: Final = 10
"""How often a search is refused for such a reason before it is given up."""
LASTING: Final = 10
"""How often Slack fails to change a message, which takes minutes, before it is replaced."""
CLOSED: Final = timedelta(hours=1)
"""How long a place rests that does not let a message be brought up to date."""

_NEXT_PLACE: Final = frozenset({Trouble.PLACE, Trouble.THREAD, Trouble.PERSON})
_ELSEWHERE: Final = frozenset({Trouble.PLACE, Trouble.PERSON})
_FAILS_TO_CHANGE: Final = frozenset({"update_failed", "streaming_state_conflict"})
_NOT_FOUND_HERE: Final = frozenset({"missing_scope", "not_allowed_token_type"})
"""Of a search: the bot may post, but not read."""
_PASSES: Final = frozenset({Trouble.LIMITED, Trouble.UNSENT, Trouble.UNCERTAIN})


class TokenRefusedError(Exception):
    """Slack does not accept the bot's token, or lets it post nothing. Its text is Slack's code."""


class Record(Protocol):
    """Writes down what became of an entry, come what may."""

    def __call__(self, record: Callable[..., object], entry: Entry, /, *args: Any) -> Awaitable[None]: ...


class Refusals:
    """Decides, and records. Raises `TokenRefusedError` where it concerns the bot as a whole."""

    def __init__(self, renderers: Renderers, clock: Clock, pacing: Pacing, record: Record) -> None:
        self._renderers = renderers
        self._clock = clock
        self._pacing = pacing
        self._record = record

    async def of_post(self, held: Entry, failure: SlackFailure) -> None:
        """A post did not go well."""
        match failure.trouble:
            case trouble if trouble in _NEXT_PLACE:
                await self.turn_away(held, failure.code)
            case Trouble.CONTENT | Trouble.METADATA:
                await self._plainer(held, failure)
            case trouble:
                await self._later(held, failure, POST, unsent=trouble is not Trouble.UNCERTAIN)

    async def of_update(self, held: Entry, failure: SlackFailure) -> None:
        """A message that is in Slack could not be brought up to date."""
        lasts = failure.code in _FAILS_TO_CHANGE and held.attempts + 1 >= LASTING
        match failure.trouble:
            case Trouble.FIXED:
                await self.not_editable(held, failure.code)
            case _ if lasts:
                await self.not_editable(held, failure.code)
            case Trouble.MISSING | Trouble.THREAD:
                log.info("message_vanished", key=held.key, error=failure.code)
                await self._record(outbox.vanished, held, failure.code)
            case trouble if trouble in _ELSEWHERE:
                await self.turn_away(held, failure.code)
            case Trouble.CONTENT | Trouble.METADATA:
                await self._plainer(held, failure)
            case _:
                await self._later(held, failure, UPDATE)

    async def of_search(self, held: Entry, failure: SlackFailure) -> bool:
        """A lost post could not be looked for. Whether it is to be posted again at once: a double is better
        than a loss, where the bot may not look."""
        waits = failure.trouble in _PASSES
        waits |= failure.trouble is Trouble.TOKEN and failure.code not in _NOT_FOUND_HERE
        waits |= failure.trouble is Trouble.REFUSED and held.attempts + 1 < SEARCHES
        if waits:
            await self._later(held, failure, "search", unsent=False)
            return False
        log.info("message_not_looked_for", key=held.key, error=failure.code)
        return True

    async def of_removal(self, held: Entry, failure: SlackFailure) -> None:
        """A message that was replaced could not be taken away. Its successor says that it counts."""
        if failure.trouble is Trouble.MISSING:
            await self._record(outbox.vanished, held, failure.code)
        elif failure.trouble in _PASSES | {Trouble.TOKEN, Trouble.REFUSED}:
            await self._later(held, failure, UPDATE, kept=outbox.REPLACED)
        else:
            log.warning("message_not_removed", key=held.key, error=failure.code)
            await self._record(outbox.left_as_it_is, held, f"{outbox.REPLACED},{failure.code}")

    async def not_editable(self, held: Entry, code: str) -> None:
        """What people decide by is replaced by a new message; a mere number, or what is told once, is not."""
        matters = held.live or held.priority == Urgency.CARD
        if matters and held.copy_of is None and held.priority != Urgency.PROGRESS:
            log.warning("message_replaced", key=held.key, error=code)
            await self._record(outbox.replace_it, held, code)
        else:
            await self._record(outbox.left_as_it_is, held, code)

    async def turn_away(self, held: Entry, code: str) -> None:
        """Slack does not take it at this place."""
        log.warning("message_refused", key=held.key, channel=held.channel, error=code)
        if held.ts and not held.live:
            not_before = self._clock.now() + CLOSED  # no new message elsewhere; right again when it opens
            await self._record(outbox.put_off, held, code, not_before)
        else:
            await self._record(self._to_next_place, held, code)

    async def _later(
        self, held: Entry, failure: SlackFailure, method: str, *, unsent: bool = True, kept: str | None = None
    ) -> None:
        known = failure.trouble in _PASSES | {Trouble.TOKEN}
        if not known and held.attempts + 1 >= PATIENCE:
            await self.turn_away(held, failure.code)
            return
        seconds = await self._pause(held, failure, method, known=known)
        log.warning("message_put_off", key=held.key, error=failure.code, seconds=round(seconds, 1))
        not_before = self._clock.now() + timedelta(seconds=seconds)
        error = f"{kept},{failure.code}" if kept else message_form.with_code(held.error, failure.code)
        await self._record(partial(outbox.put_off, unsent=unsent), held, error, not_before)
        if failure.trouble is Trouble.TOKEN:
            raise TokenRefusedError(failure.code)

    async def _pause(self, held: Entry, failure: SlackFailure, method: str, *, known: bool) -> float:
        """Seconds until it is tried again, longer each time; the others wait as well, but for less."""
        if failure.trouble is Trouble.TOKEN:
            return 0.0
        if failure.trouble is Trouble.LIMITED:
            await self._pacing.hold(method, failure.seconds)
            return failure.seconds
        self._pacing.went_wrong()
        tries = held.attempts + 1
        return self._pacing.back_off(tries) if known else self._pacing.back_off(tries, LONGEST_PAUSE)

    async def _plainer(self, held: Entry, failure: SlackFailure) -> None:
        """The next try is plainer, or has no metadata. When nothing is left, what is there is replaced."""
        code = failure.code
        log.error("form_refused", key=held.key, error=code, before=held.error, reasons=failure.reasons)
        if failure.trouble is Trouble.METADATA and message_form.without_metadata(held.error):
            await self._later(held, SlackFailure(Trouble.REFUSED, code), UPDATE if held.ts else POST)
            return
        await self._record(outbox.put_off, held, message_form.with_code(held.error, code), None)

    async def in_no_form(self, held: Entry) -> None:
        """Slack has refused every form of it."""
        code = (held.error or "").rpartition(",")[2]
        if held.ts:
            await self.not_editable(held, code)
        else:
            await self._record(self._give_up, held, code)

    def _to_next_place(self, connection: Connection, now: datetime, held: Entry, code: str) -> None:
        if not outbox.next_place(connection, now, held, code):
            self._renderers.undeliverable(connection, now, held, code)

    def _give_up(self, connection: Connection, now: datetime, held: Entry, code: str) -> None:
        if outbox.fail(connection, now, held, code):
            self._renderers.undeliverable(connection, now, held, code)
