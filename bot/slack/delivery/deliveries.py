"""One message of the board on its way to Slack: rendered, claimed, sent, and what came of it recorded.

A post's delivery id is stored before the call. If it is not known whether Slack took a post (no answer, or
the process died), the message is looked for in the channel before it is posted again.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any, TypeVarTuple

import structlog
from sqlalchemy import Connection

from bot.clock import Clock
from bot.slack.delivery import message_form
from bot.slack.delivery.pacing import Pacing
from bot.slack.delivery.posting import MessagePoster, Posted
from bot.slack.delivery.refusals import Refusals
from bot.slack.delivery.rendering import Rendered, Renderers
from bot.slack.delivery.slack_failures import SlackFailure
from bot.store import outbox
from bot.store.board import MessageState
from bot.store.engine.database import Database
from bot.store.engine.lane import WorkPriority
from bot.store.engine.statements import new_id
from bot.store.errors import StoreError
from bot.store.outbox import Entry

log = structlog.stdlib.get_logger(__name__)

Ts = TypeVarTuple("Ts")

LEASE = timedelta(seconds=45)
"""For one call, or one search, and its record. Longer than either may take."""
BEGIN_WITHIN = 5.0
RECORD_PAUSES = (0.2, 0.5, 1.0, 2.0, 4.0)
"""Seconds between tries to record what Slack has answered: if that is lost, the message may be doubled."""
WITH_BUTTONS_AGAIN = timedelta(minutes=10)
"""How soon a message that Slack took without its buttons is tried with them again."""
BUTTONS_REFUSED = "buttons_refused"
NO_PLACE = "no_place"


class Deliveries:
    """Brings single entries up to date."""

    def __init__(
        self,
        database: Database,
        poster: MessagePoster,
        renderers: Renderers,
        clock: Clock,
        pacing: Pacing,
    ) -> None:
        self._database = database
        self._poster = poster
        self._renderers = renderers
        self._clock = clock
        self._pacing = pacing
        self._refusals = Refusals(renderers, clock, pacing, self._record)

    def wait(self, entry: Entry) -> float:
        """Seconds until the call for `entry` may be made."""
        if entry.ts:
            return self._pacing.update_in(entry.priority)
        return self._pacing.post_in(entry.channel) if entry.channel else 0.0

    async def deliver(self, entry: Entry) -> bool:
        """Do what can be done about `entry` now. Whether Slack was made to match.

        Raises `TokenRefusedError`, the errors of `bot.store.errors`, and what a renderer raises.
        """
        draft = await self._database.read(self._draft, entry, priority=WorkPriority.TICK)
        if draft is None:
            await self._record(outbox.gone, entry)
            return False
        if entry.ts and entry.shown_hash == draft.content:
            await self._record(outbox.shown, entry, draft.content)
            return False
        if self.wait(entry) > 0:  # somebody else was quicker: it is looked at again
            return False
        if entry.ts:
            return await self._bring_up_to_date(entry, Posted(entry.channel or "", entry.ts), draft)
        return await self._bring_there(entry, draft)

    def _draft(self, connection: Connection, entry: Entry) -> "_Draft | None":
        rendered = self._renderers.renderers[entry.subject_kind](connection, entry)
        counts = entry.copy_of is None and outbox.is_replaced(connection, entry.key)
        return _Draft(rendered, counts) if rendered else None

    async def _bring_up_to_date(self, entry: Entry, where: Posted, draft: "_Draft") -> bool:
        if entry.copy_of and (entry.error or "").startswith(outbox.REPLACED):
            return await self._remove(entry, where)
        payload = draft.payload(entry)
        if payload is None:
            await self._refusals.in_no_form(entry)
            return False
        return await self._update(entry, where, draft, payload)

    async def _bring_there(self, entry: Entry, draft: "_Draft") -> bool:
        if entry.channel is None:
            await self._refusals.turn_away(entry, NO_PLACE)
            return False
        if not await self._pacing.may_post(entry.channel):
            return False
        missing: Entry | None = entry
        if entry.state == MessageState.POSTING:
            missing = await self._look_for(entry, entry.channel)
        if missing and draft.rendered.late and not draft.counts:
            await self._record(outbox.gone, missing)
            return False
        return missing is not None and await self._post(missing, entry.channel, draft)

    async def set_aside(self, entry: Entry) -> None:
        """Leave `entry`, which cannot be dealt with, for later."""
        not_before = self._clock.now() + timedelta(seconds=self._pacing.back_off(entry.attempts + 1))
        await self._record(partial(outbox.put_off, unsent=False), entry, "internal", not_before)

    async def _post(self, entry: Entry, channel: str, draft: "_Draft") -> bool:
        payload = draft.payload(entry)
        if payload is None:
            await self._refusals.in_no_form(entry)
            return False
        again = entry.delivery_id if entry.state == MessageState.POSTING else None
        delivery_id = again or new_id()
        entry = replace(entry, delivery_id=delivery_id)
        held = await self._claim(outbox.start_post, entry, draft.content)
        if held is None:
            return False
        shown_id = None if message_form.without_metadata(held.error) else delivery_id
        try:
            posted = await self._poster.post(
                channel, held.thread_ts, payload, shown_id, broadcast=held.broadcast
            )
        except SlackFailure as failure:
            await self._refusals.of_post(held, failure)
            return False
        self._pacing.went_well()
        await self._record(self._posted, held, posted, self._again_at(held, draft, payload))
        return True

    def _posted(
        self, connection: Connection, now: datetime, held: Entry, posted: Posted, again_at: datetime | None
    ) -> None:
        outbox.posted(connection, now, held, posted.channel, posted.ts)
        if again_at:
            outbox.tell_again(connection, now, held, BUTTONS_REFUSED, again_at)
        self._renderers.delivered(connection, now, held)

    async def _update(self, entry: Entry, where: Posted, draft: "_Draft", payload: dict[str, Any]) -> bool:
        if not await self._pacing.may_update(entry.priority):
            return False
        held = await self._claim(outbox.start_update, entry)
        if held is None:
            return False
        shown_id = None if message_form.without_metadata(held.error) else held.delivery_id
        try:
            await self._poster.update(where, payload, shown_id)
        except SlackFailure as failure:
            await self._refusals.of_update(held, failure)
            return False
        self._pacing.went_well()
        again_at = self._again_at(held, draft, payload)
        if again_at:
            await self._record(outbox.tell_again, held, BUTTONS_REFUSED, again_at)
        else:
            await self._record(outbox.shown, held, draft.content)
        return True

    def _again_at(self, held: Entry, draft: "_Draft", payload: dict[str, Any]) -> datetime | None:
        """When what is there without its buttons, and still waits for somebody, is tried with them again."""
        lacks = held.live and message_form.lacks_buttons(draft.rendered.message, payload)
        return self._clock.now() + WITH_BUTTONS_AGAIN if lacks else None

    async def _remove(self, entry: Entry, where: Posted) -> bool:
        """Take away what was replaced."""
        if not await self._pacing.may_update(entry.priority):
            return False
        held = await self._claim(outbox.start_update, entry)
        if held is None:
            return False
        try:
            await self._poster.delete(where)
        except SlackFailure as failure:
            await self._refusals.of_removal(held, failure)
            return False
        self._pacing.went_well()
        await self._record(outbox.vanished, held, outbox.REPLACED)
        return True

    async def _look_for(self, entry: Entry, channel: str) -> Entry | None:
        """Look for a post whose answer was lost. The entry, claimed, if it has to be posted again."""
        held = await self._claim(outbox.start_search, entry)
        if held is None:
            return None
        try:
            found = await self._poster.find(
                channel, held.thread_ts, held.delivery_id or "", held.sent_at or self._clock.now()
            )
        except SlackFailure as failure:
            return held if await self._refusals.of_search(held, failure) else None
        self._pacing.went_well()
        if found is None:
            return held
        log.info("message_found_again", key=held.key)
        await self._record(self._posted, held, found, None)
        return None

    async def _claim(
        self,
        claim: Callable[[Connection, datetime, Entry, datetime, *Ts], Entry | None],
        entry: Entry,
        *args: *Ts,
    ) -> Entry | None:
        """`None` if another courier was quicker, or if this took so long that one may be by now."""
        asked_at, now = self._clock.monotonic(), self._clock.now()
        held = await self._database.write(
            claim, now, entry, now + LEASE, *args, priority=WorkPriority.TICK, begin_within=BEGIN_WITHIN
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
                    priority=WorkPriority.TICK,
                    begin_within=BEGIN_WITHIN,
                )
            except StoreError as error:
                if pause is None:
                    raise
                log.warning("message_not_recorded", key=entry.key, error=type(error).__name__)
                await self._clock.sleep(pause)
            else:
                return


@dataclass(frozen=True, slots=True)
class _Draft:
    """A message as it should be now."""

    rendered: Rendered
    counts: bool
    """It says that an earlier message, which cannot be changed, does not count any more."""

    @property
    def content(self) -> str:
        """A hash that tells whether anything has changed."""
        return f"{self.rendered.content} counts" if self.counts else self.rendered.content

    def payload(self, entry: Entry) -> dict[str, Any] | None:
        """In the form whose turn it is; `None` when Slack has refused all of them."""
        return message_form.payload(self.rendered.message, entry.error, counts=self.counts)
