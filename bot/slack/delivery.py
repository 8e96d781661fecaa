"""One message of the board on its way to Slack: rendered, claimed, sent, and what came of it recorded.

A post's delivery id is stored before the call. If it is not known whether Slack took a post (no answer, or
the process died), the message is looked for in the channel before it is posted again.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any, TypeVarTuple

import structlog
from sqlalchemy import Connection

from bot.clock import Clock
from bot.slack.courier_errors import NOT_EDITABLE, SlackFailure, Trouble, is_content
from bot.slack.pacing import POST, UPDATE, Pacing
from bot.slack.post_office import Posted, PostOffice
from bot.slack.rendering import Rendered, Subjects
from bot.store import outbox
from bot.store.board import MessageState, Urgency
from bot.store.database import Database
from bot.store.errors import StoreError
from bot.store.lane import Priority
from bot.store.outbox import Entry
from bot.store.statements import new_id

log = structlog.stdlib.get_logger(__name__)

Ts = TypeVarTuple("Ts")

LEASE = timedelta(seconds=45)
"""For one call, or one search, and its record. Longer than either may take."""
BEGIN_WITHIN = 5.0
RECORD_PAUSES = (0.2, 0.5, 1.0, 2.0, 4.0)
"""Seconds between tries to record what Slack has answered: if that is lost, the message may be doubled."""
PATIENCE = 5
"""How often a refusal that is not understood is met again before the next place is tried."""
NO_PLACE = "no_place"
NOT_FOUND_HERE = frozenset({"missing_scope", "not_allowed_token_type"})
"""Of a search: the bot may post, but not read."""


class TokenRefusedError(Exception):
    """Slack does not know the bot's token any more, or lets it post nothing. Its text is Slack's code."""


class Deliveries:
    """Brings single entries up to date."""

    def __init__(
        self,
        database: Database,
        office: PostOffice,
        subjects: Subjects,
        clock: Clock,
        pacing: Pacing,
    ) -> None:
        self._database = database
        self._office = office
        self._subjects = subjects
        self._clock = clock
        self._pacing = pacing

    def wait(self, entry: Entry) -> float:
        """Seconds until the call for `entry` may be made."""
        if entry.ts:
            return self._pacing.update_in(entry.priority)
        return self._pacing.post_in(entry.channel) if entry.channel else 0.0

    async def deliver(self, entry: Entry) -> bool:
        """Do what can be done about `entry` now. Whether Slack was made to match.

        Raises `TokenRefusedError`, the errors of `bot.store.errors`, and what a renderer raises.
        """
        rendered = await self._database.read(
            self._subjects.renderers[entry.subject_kind], entry, priority=Priority.TICK
        )
        if rendered is None:
            await self._record(outbox.gone, entry)
            return False
        if entry.ts and entry.shown_hash == rendered.content:
            await self._record(outbox.shown, entry, rendered.content)
            return False
        if self.wait(entry) > 0:  # somebody else was quicker: it is looked at again
            return False
        if entry.ts:
            return await self._update(entry, Posted(entry.channel or "", entry.ts), rendered)
        if entry.channel is None:
            await self._turn_away(entry, NO_PLACE)
            return False
        self._pacing.count_post(entry.channel)
        if entry.state != MessageState.POSTING:
            return await self._post(entry, entry.channel, rendered)
        missing = await self._look_for(entry, entry.channel)
        return missing is not None and await self._post(missing, entry.channel, rendered)

    async def set_aside(self, entry: Entry) -> None:
        """Leave `entry`, which cannot be dealt with, for later."""
        not_before = self._clock.now() + timedelta(seconds=self._pacing.back_off(entry.attempts + 1))
        await self._record(partial(outbox.put_off, unsent=False), entry, "internal", not_before)

    async def _post(self, entry: Entry, channel: str, rendered: Rendered) -> bool:
        again = entry.delivery_id if entry.state == MessageState.POSTING else None
        delivery_id = again or new_id()
        entry = replace(entry, delivery_id=delivery_id)
        held = await self._claim(outbox.start_post, entry, rendered.content)
        if held is None:
            return False
        try:
            posted = await self._office.post(channel, held.thread_ts, _payload(held, rendered), delivery_id)
        except SlackFailure as failure:
            await self._post_failed(held, failure)
            return False
        self._pacing.went_well()
        await self._record(self._posted, held, posted)
        return True

    def _posted(self, connection: Connection, now: datetime, held: Entry, posted: Posted) -> None:
        outbox.posted(connection, now, held, posted.channel, posted.ts)
        self._subjects.delivered(connection, now, held)

    async def _update(self, entry: Entry, where: Posted, rendered: Rendered) -> bool:
        self._pacing.count_update()
        held = await self._claim(outbox.start_update, entry)
        if held is None:
            return False
        try:
            await self._office.update(where, _payload(held, rendered), held.delivery_id)
        except SlackFailure as failure:
            await self._update_failed(held, failure)
            return False
        self._pacing.went_well()
        await self._record(outbox.shown, held, rendered.content)
        return True

    async def _look_for(self, entry: Entry, channel: str) -> Entry | None:
        """Look for a post whose answer was lost. The entry, claimed, if it has to be posted again."""
        held = await self._claim(outbox.start_search, entry)
        if held is None:
            return None
        try:
            found = await self._office.find(
                channel, held.thread_ts, held.delivery_id or "", held.sent_at or self._clock.now()
            )
        except SlackFailure as failure:
            return await self._search_failed(held, failure)
        self._pacing.went_well()
        if found is None:
            return held
        log.info("message_found_again", key=held.key)
        await self._record(self._posted, held, found)
        return None

    async def _post_failed(self, held: Entry, failure: SlackFailure) -> None:
        match failure.trouble:
            case Trouble.PLACE | Trouble.THREAD:
                await self._turn_away(held, failure.code)
            case Trouble.CONTENT:
                await self._without_blocks(held, failure.code)
            case _:
                await self._later(held, failure, POST, unsent=failure.trouble is not Trouble.UNCERTAIN)

    async def _update_failed(self, held: Entry, failure: SlackFailure) -> None:
        match failure.trouble:
            case Trouble.THREAD if failure.code in NOT_EDITABLE and held.priority == Urgency.PROGRESS:
                await self._record(outbox.left_as_it_is, held, failure.code)  # not a new message for a number
            case Trouble.THREAD:
                log.info("message_vanished", key=held.key, error=failure.code)
                await self._record(outbox.vanished, held, failure.code)
            case Trouble.PLACE:
                await self._turn_away(held, failure.code)
            case Trouble.CONTENT:
                await self._without_blocks(held, failure.code)
            case _:
                await self._later(held, failure, UPDATE)

    async def _search_failed(self, held: Entry, failure: SlackFailure) -> Entry | None:
        """A double is better than a loss: where the bot may not look, it is posted again."""
        later = {Trouble.LIMITED, Trouble.UNSENT, Trouble.UNCERTAIN}
        if failure.trouble is Trouble.TOKEN and failure.code not in NOT_FOUND_HERE:
            later.add(Trouble.TOKEN)
        if failure.trouble in later:
            await self._later(held, failure, "search", unsent=False)
            return None
        log.info("message_not_looked_for", key=held.key, error=failure.code)
        return held

    async def _later(self, held: Entry, failure: SlackFailure, method: str, *, unsent: bool = True) -> None:
        seconds = self._pacing.back_off(held.attempts + 1)
        match failure.trouble:
            case Trouble.TOKEN:
                seconds = 0.0
            case Trouble.LIMITED:
                seconds = failure.seconds
                self._pacing.hold(method, seconds)
            case Trouble.REFUSED if held.attempts + 1 >= PATIENCE:
                await self._turn_away(held, failure.code)
                return
            case Trouble.UNSENT | Trouble.UNCERTAIN:
                self._pacing.went_wrong()
        log.warning("message_put_off", key=held.key, error=failure.code, seconds=round(seconds, 1))
        not_before = self._clock.now() + timedelta(seconds=seconds)
        await self._record(partial(outbox.put_off, unsent=unsent), held, failure.code, not_before)
        if failure.trouble is Trouble.TOKEN:
            raise TokenRefusedError(failure.code)

    async def _without_blocks(self, held: Entry, code: str) -> None:
        """Slack refused the blocks: the next try is plain. If that is refused too, nothing is left."""
        log.error("blocks_refused", key=held.key, error=code, plain=is_content(held.error))
        if is_content(held.error):
            await self._record(self._give_up, held, code)
        else:
            await self._record(outbox.put_off, held, code, None)

    async def _turn_away(self, held: Entry, code: str) -> None:
        log.warning("message_refused", key=held.key, channel=held.channel, error=code)
        if held.ts and not held.live:
            await self._record(outbox.vanished, held, code)
        else:
            await self._record(self._to_next_place, held, code)

    def _to_next_place(self, connection: Connection, now: datetime, held: Entry, code: str) -> None:
        if not outbox.next_place(connection, now, held, code):
            self._subjects.undeliverable(connection, now, held, code)

    def _give_up(self, connection: Connection, now: datetime, held: Entry, code: str) -> None:
        if outbox.fail(connection, now, held, code):
            self._subjects.undeliverable(connection, now, held, code)

    async def _claim(
        self,
        claim: Callable[[Connection, datetime, Entry, datetime, *Ts], Entry | None],
        entry: Entry,
        *args: *Ts,
    ) -> Entry | None:
        """`None` if another courier was quicker, or if this took so long that one may be by now."""
        asked_at, now = self._clock.monotonic(), self._clock.now()
        held = await self._database.write(
            claim, now, entry, now + LEASE, *args, priority=Priority.TICK, begin_within=BEGIN_WITHIN
        )
        late = self._clock.monotonic() - asked_at > LEASE.total_seconds() / 2
        return None if late else held

    async def _record(
        self, record: Callable[[Connection, datetime, Entry, *Ts], object], entry: Entry, *args: *Ts
    ) -> None:
        """Record what became of `entry`, again and again if the database fails: it cannot be asked later."""
        for pause in (*RECORD_PAUSES, None):
            try:
                await self._database.write(
                    record,
                    self._clock.now(),
                    entry,
                    *args,
                    priority=Priority.TICK,
                    begin_within=BEGIN_WITHIN,
                )
            except StoreError as error:
                if pause is None:
                    raise
                log.warning("message_not_recorded", key=entry.key, error=type(error).__name__)
                await self._clock.sleep(pause)
            else:
                return


def _payload(entry: Entry, rendered: Rendered) -> dict[str, Any]:
    plain = is_content(entry.error)  # its blocks were refused the last time
    return rendered.message.plain_payload() if plain else rendered.message.payload()
