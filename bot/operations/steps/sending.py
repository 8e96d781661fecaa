"""From *ready* to the request: looked at again, claimed by one, committed, sent once.

Whatever can wait comes before the claim: the reads, the budget, the connection. Between the commit of
*sending* and the first byte lies nothing but one more look at the clocks.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

import structlog
from sqlalchemy import Connection, insert, update

from bot.approvals.terms import Gate
from bot.operations.announce import announce
from bot.operations.model import OUTCOME_OPEN, Operation, Outcome, State
from bot.operations.services import Services
from bot.operations.steps.assessment import Assessment, Assessor
from bot.operations.steps.readback import Readback
from bot.operations.steps.recounting import Recounter
from bot.operations.steps.run_window import RUN_WINDOW, Approved, RunWindows, began_at
from bot.operations.storage import press_rows, repository
from bot.operations.storage.attempt_rows import NOT_TAKEN, Attempt, is_last, last_attempt
from bot.operations.storage.repository import OperationMovedError
from bot.operations.subject_kind import Checked, RequestError
from bot.runtime.tasks import give_up
from bot.store.schema import attempts
from bot.subjects.reading_plan import Acceptance

log = structlog.stdlib.get_logger(__name__)

LEAVES_WITHIN = 2.0
"""Seconds from the claim to the first byte, by both clocks: later it is not sent, for what was looked at is
old by then."""
TOO_SLOW = "the bot was too slow"
TRY_AGAIN = timedelta(seconds=3)
NOBODY_TOLD = "Slack refused the bot's token, so nobody could have been told."
FIRST_LOOK = timedelta(seconds=3)
"""After the request left: an answer that takes longer is not waited for before the workflow is read."""


class RequestSender:
    """Carries out what is ready."""

    def __init__(self, services: Services, assessor: Assessor, readback: Readback) -> None:
        self._services = services
        self._assessor = assessor
        self._readback = readback
        self._recounter = Recounter(services)
        self._windows = RunWindows(services.clock)

    def is_late(self, operation: Approved) -> bool:
        """Whether it may not be sent any more."""
        return not self._windows.is_open(operation)

    async def execute(self, operation: Operation, left: Callable[[], None] = lambda: None) -> None:
        """Check everything again, then send at most one request, and wait for its answer.

        `left`: told when the request leaves. From then on others may read the workflow, and bring the
        operation on.
        """
        if self.is_late(operation):
            await self._too_late(operation)
            return
        if await self._held_up(operation):
            return
        before = await self._still_allowed(operation)
        if before and not await self._held_up(operation):
            await self._claim_and_send(operation, before, left)

    async def assess_again(self, operation: Operation) -> None:
        """What waits for people ends at once when the workflow is not as it was shown to them."""
        others = await self._services.database.read(repository.open_on, operation)
        if any(other.state in OUTCOME_OPEN | {State.EXECUTING} for other in others):
            # it may be the bot itself that is changing it: see what comes of that
            await self._services.database.write(_read_next, operation, self._services.clock.now() + TRY_AGAIN)
            return
        looked, checked = await self._assessor.assess(operation)
        cause = None if checked.failure else self._what_changed(operation, looked.operation)
        if cause:
            await self._superseded(operation, looked, checked, cause)
        else:
            await self._services.database.write(_read_next, operation, None)

    async def _held_up(self, operation: Operation) -> bool:
        """Whether it waits because nobody can be told what comes of it. The way back does not wait."""
        if operation.action.goes_back or self._services.can_tell():
            return False
        await self._later(operation, _Why(NOBODY_TOLD, "Slack refuses the bot's token"))
        return True

    async def _still_allowed(self, operation: Operation) -> Checked | None:
        """As `_still_right`, if everybody counts still, too: Slack is asked beside PlanetScale.

        Once something was in the way, Slack is asked only when PlanetScale has answered.
        """
        counting = None if operation.outcome.tries else self._recounter.begin(operation)
        try:
            before = await self._still_right(operation)
            return before if before and await self._recounter.holds(operation, counting) else None
        finally:
            if counting:
                give_up(counting.task)

    async def _still_right(self, operation: Operation) -> Checked | None:
        """What was read, to send on, if nothing got worse since it was approved; else the operation ends."""
        looked, checked = await self._assessor.assess(operation)
        if checked.failure is not None and not operation.action.goes_back and not checked.missing:
            await self._later(operation, _Why.of(checked.failure))
            return None
        cause = self._what_changed(operation, looked.operation)
        if cause:
            await self._superseded(operation, looked, checked, cause)
            return None
        return checked

    def _what_changed(self, approved: Operation, now: Operation) -> str | None:
        """A sentence, if what would be sent is not what was approved or a check got worse."""
        report, earlier = now.report, approved.report
        if report and earlier and (worse := report.worse_than(earlier)):
            return " ".join(finding.sentence for finding in worse)
        if report and report.blocks:
            return " ".join(finding.sentence for finding in report.blocks)
        if now.digest != approved.digest:
            if (approved.required, approved.approvers) != (now.required, now.approvers):
                return "The policy asks for other approvals now."
            return self._services.kind_of(now).difference(approved, now)
        if approved.gate is Gate.NONE and now.gate is not Gate.NONE:
            return "The policy asks for somebody's consent now."
        return None

    async def _superseded(
        self, operation: Operation, looked: Assessment, checked: Checked, cause: str
    ) -> None:
        outcome = replace(operation.outcome, latest=checked.snapshot, read_at=looked.operation.checked_at)
        await self._end(replace(operation, outcome=outcome), State.SUPERSEDED, cause)

    async def _claim_and_send(self, operation: Operation, before: Checked, left: Callable[[], None]) -> None:
        departure = _Departure(left)
        try:
            leave = partial(self._leave, departure, operation, before)
            snapshot = await self._services.kind_of(operation).send(operation, leave)
        except _LateError:
            if departure.attempt is None:
                await self._too_late(operation)
            else:
                why, now = _Why("The bot was too slow.", TOO_SLOW), self._services.clock.now()
                await self._services.database.write(
                    self._not_sent, departure.attempt, why, now, repeatable=True
                )
        except RequestError as error:
            await self._failed(operation, departure.attempt, error)
        except repository.NotItsTurnError:
            await self._later(operation, _NOT_ITS_TURN)
        except asyncio.CancelledError:
            await self._cancelled(departure, operation)
            raise
        else:
            await self._readback.answered(departure.gone(), Acceptance.ACCEPTED, snapshot, None)

    async def _cancelled(self, departure: "_Departure", operation: Operation) -> None:
        """The process ends: the next one need not wait for it, and learns what is certain."""
        database = self._services.database
        if departure.attempt:
            await database.write(repository.let_go, operation.id)
        elif departure.claimed_at:  # within the claim, which may be committed; no byte has left
            await database.write(self._taken_back, operation, departure.claimed_at, repeatable=True)

    async def _leave(self, departure: "_Departure", operation: Operation, before: Checked) -> None:
        """The last thing before the first byte: claim, commit, and look at the clocks once more.

        Whoever was stopped on the way here (a busy machine, a suspended one) wakes up to find it too late.
        """
        clock = self._services.clock
        began, now = clock.monotonic(), clock.now()
        if self.is_late(operation):
            raise _LateError  # looking took too long
        departure.claimed_at = now
        departure.attempt = await self._services.database.write(
            self._committed, operation, before, now, begin_within=LEAVES_WITHIN, repeatable=True
        )
        passed = max(clock.monotonic() - began, (clock.now() - now).total_seconds())
        if passed > LEAVES_WITHIN or self.is_late(operation):
            raise _LateError
        departure.left()
        if operation.execute_by:
            seconds = (clock.now() - began_at(operation.execute_by)).total_seconds()
            self._services.figures.request_left(operation.action.name, seconds)

    async def _too_late(self, operation: Operation) -> None:
        cause = self._windows.trouble(operation) or operation.outcome.cause
        await self._end(operation, State.TOO_LATE, cause)

    async def _failed(self, operation: Operation, attempt: Attempt | None, error: RequestError) -> None:
        log.warning("not_carried_out", kind=error.kind, status=error.status)
        if attempt is None:  # it was not even claimed
            await self._later(operation, _Why.of(error), error.retry_after)
        else:
            await self._after(attempt, error)

    async def _after(self, attempt: Attempt, error: RequestError) -> None:
        """What follows from an error after the request may have left."""
        if error.certainly_nothing_changed:
            wait = max(TRY_AGAIN, timedelta(seconds=error.retry_after or 0))
            now = self._services.clock.now()
            await self._services.database.write(self._not_sent, attempt, _Why.of(error), now, wait)
            return
        answer = Acceptance.REFUSED if error.refused else Acceptance.NONE
        cause = f"{error.what} {error.todo}" if error.is_about_the_bot else None
        await self._readback.answered(attempt, answer, None, error.said, cause)

    def _committed(
        self, connection: Connection, operation: Operation, before: Checked, now: datetime
    ) -> Attempt:
        """Claim, and commit that the request is about to leave.

        Raises `OperationMovedError` if another was faster, and `_LateError` where the database's clock says
        so: this machine's may differ from that of the one that took the approval. Where the answer to the
        COMMIT of this very claim was lost, it is found again.
        """
        if found := self._own_attempt(connection, operation, now):
            return found
        passed = press_rows.since_consent(connection, operation.id)
        if passed is not None and passed >= RUN_WINDOW:
            raise _LateError
        mine = repository.claim(connection, operation, self._services.worker, now)
        outcome = replace(mine.outcome, cause=None, trouble=None)
        sending = repository.move(
            connection,
            mine,
            State.SENDING,
            now,
            sent_at=now,
            next_read_at=now + FIRST_LOOK,
            outcome=outcome,
        )
        announce(self._services.board, connection, operation, sending, now)
        values = {"operation_id": operation.id, "before": before.before, "sent_at": now}
        row = connection.execute(insert(attempts).returning(attempts.c.id), values).one()
        return Attempt(row[0], sending, before.before)

    def _own_attempt(self, connection: Connection, operation: Operation, at: datetime) -> Attempt | None:
        """What this worker committed with its claim of that moment."""
        mine = repository.own_claim(connection, operation, State.SENDING, self._services.worker, at)
        return last_attempt(connection, mine) if mine else None

    def _taken_back(self, connection: Connection, operation: Operation, at: datetime) -> None:
        """If the claim of that moment was committed: nothing was sent, and others may send it at once."""
        attempt = self._own_attempt(connection, operation, at)
        if attempt:
            self._not_sent(connection, attempt, _STOPPED, self._services.clock.now(), timedelta(0))

    def _not_sent(
        self,
        connection: Connection,
        attempt: Attempt,
        why: "_Why",
        now: datetime,
        wait: timedelta = TRY_AGAIN,
    ) -> None:
        """It certainly was not taken: it is ready again, until its window closes.

        Looks meanwhile that proved nothing change nothing about that.
        """
        sent = repository.held(connection, attempt.operation.id)
        if sent is None or sent.state is not State.SENDING or not is_last(connection, attempt):
            raise OperationMovedError  # what was read meanwhile says more
        answer = {"kind": NOT_TAKEN, "why": why.sentence}
        mine = attempts.c.id == attempt.id
        connection.execute(update(attempts).where(mine).values(answered_at=now, answer=answer))
        outcome = why.added_to(attempt.operation.outcome)
        again = repository.move(
            connection,
            sent,
            State.READY,
            now,
            sent_at=None,
            next_read_at=now + wait,
            outcome=outcome,
        )
        announce(self._services.board, connection, sent, again, now)

    async def _later(self, operation: Operation, why: "_Why", seconds: float | None = None) -> None:
        wait = max(TRY_AGAIN, timedelta(seconds=seconds or 0))
        now = self._services.clock.now()
        await self._services.database.write(self._put_off, operation, now + wait, why, now)

    def _put_off(
        self, connection: Connection, operation: Operation, until: datetime, why: "_Why", now: datetime
    ) -> None:
        outcome = why.added_to(operation.outcome)
        after = repository.amend(connection, operation, next_read_at=until, outcome=outcome)
        announce(self._services.board, connection, operation, after, now)

    async def _end(self, operation: Operation, state: State, cause: str | None) -> None:
        now = self._services.clock.now()
        await self._services.database.write(self._ended, operation, state, cause, now)

    def _ended(
        self, connection: Connection, operation: Operation, state: State, cause: str | None, now: datetime
    ) -> None:
        by_hand = state is State.TOO_LATE and repository.nothing_open(connection, operation, now)
        outcome = replace(operation.outcome, cause=cause, by_hand=by_hand)
        after = repository.move(connection, operation, state, now, outcome=outcome)
        announce(self._services.board, connection, operation, after, now)


@dataclass(frozen=True, slots=True)
class _Why:
    """Why it was not sent this time."""

    sentence: str
    brief: str

    @classmethod
    def of(cls, error: RequestError) -> "_Why":
        return cls(error.what, error.brief)

    def added_to(self, outcome: Outcome) -> Outcome:
        return replace(outcome, cause=self.sentence, trouble=self.brief, tries=outcome.tries + 1)


_NOT_ITS_TURN = _Why(
    "Another request on this workflow was under way.", "another request on this workflow goes first"
)
_STOPPED = _Why("The bot ended before it could send this.", "the bot was told to stop")


class _LateError(Exception):
    """It may not leave any more: nothing was sent."""


@dataclass(slots=True)
class _Departure:
    """A request on its way out."""

    left: Callable[[], None]
    claimed_at: datetime | None = None
    """When its claim was begun, whether or not that was committed."""
    attempt: Attempt | None = None
    """Once it is claimed and committed."""

    def gone(self) -> Attempt:
        """What has left was committed before."""
        if self.attempt is None:
            msg = "a request left without having been claimed"
            raise RuntimeError(msg)
        return self.attempt


def _read_next(connection: Connection, operation: Operation, at: datetime | None) -> None:
    repository.amend(connection, operation, next_read_at=at)
