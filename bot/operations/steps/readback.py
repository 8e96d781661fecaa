"""Reading back: what happened after the request, until it is proven or a person is needed."""

from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from bot.operations.announce import announce
from bot.operations.events import Event
from bot.operations.model import ENDED, LATE_FOR, OUTCOME_OPEN, Operation, Outcome, State
from bot.operations.ports import Telling
from bot.operations.services import Services
from bot.operations.storage import attempt_rows, own_accounts, repository
from bot.operations.storage.attempt_rows import Attempt
from bot.operations.storage.repository import OperationMovedError
from bot.operations.subject_kind import Look, Seen, SubjectKind
from bot.subjects.model import Ref, Snapshot
from bot.subjects.reading_plan import Acceptance, Conclusion, End, conclude
from bot.subjects.verdicts import Proof

SLOW_AFTER = timedelta(seconds=60)
"""A switch usually takes seconds; after this people are called."""
"""How long a request that was not seen to happen is still looked after: it can land late."""

_AWAITED = OUTCOME_OPEN | {State.NOT_SEEN}
_STATES = {
    End.SUCCEEDED: State.SUCCEEDED,
    End.IN_PLACE: State.IN_PLACE,
    End.REFUSED: State.REFUSED,
    End.BROKE_OFF: State.BROKE_OFF,
    End.NOT_SEEN: State.NOT_SEEN,
    End.NEEDS_PERSON: State.NEEDS_PERSON,
}


@dataclass(frozen=True, slots=True)
class _Found:
    """One look, and what follows from all of them so far."""

    attempt: Attempt
    look: Look
    conclusion: Conclusion


class Readback:
    """Reads back what was sent."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def answered(
        self,
        attempt: Attempt,
        answer: Acceptance,
        snapshot: Snapshot | None,
        said: str | None,
        cause: str | None = None,
    ) -> None:
        """Write down how PlanetScale answered, look once, and conclude what can be concluded.

        An answer proves nothing by itself: also after a refusal it is looked at what is there.
        """
        now = self._services.clock.now()
        done = replace(attempt, answer=answer, answered_at=now, said=said, cause=cause)
        await self._services.database.write(self._answered, done, snapshot, repeatable=True)
        known = await self._services.database.read(attempt_rows.last_attempt, attempt.operation)
        done = replace(done, readings_known=known.readings_known if known else 0)
        # an answer that was read past meanwhile may carry what was before
        seen = Seen(now, snapshot) if snapshot and not done.readings_known else await self._read(done)
        await self._services.database.write(self._concluded, done, seen)

    async def read_back(self, operation: Operation, *, lost: bool = False) -> None:
        """Look again. While the answer is awaited that can only prove an end, or that it is under way.

        `lost`: whoever sent it is gone, so an answer that has not come does not come any more.
        """
        attempt = await self._services.database.read(attempt_rows.last_attempt, operation)
        if attempt is None:
            return
        if lost and attempt.answered_at is None:
            await self.answered(attempt, Acceptance.NONE, None, None)
        else:
            seen = await self._read(attempt)
            await self._services.database.write(self._concluded, attempt, seen)

    def seen(self, connection: Connection, ref: Ref, snapshot: Snapshot, began: datetime) -> None:
        """Somebody else (the watch, `show`, a check) read a subject in full: conclude what that proves.

        `began`: when it was asked for.
        """
        for operation in repository.awaited_on(connection, ref):
            attempt = attempt_rows.last_attempt(connection, operation)
            if attempt is None or began < _known_until(connection, attempt):
                continue
            with suppress(OperationMovedError):  # somebody else concludes at this moment
                self._conclude(connection, attempt, Seen(began, snapshot))

    async def lost(self, operation: Operation) -> None:
        """A worker died while sending: nobody knows the answer. From here on it is read, never sent."""
        await self.read_back(operation, lost=True)

    def _kind(self, attempt: Attempt) -> SubjectKind:
        return self._services.kind_of(attempt.operation)

    async def _read(self, attempt: Attempt) -> Seen:
        return await self._kind(attempt).look(attempt, self._services.clock.now)

    def _answered(self, connection: Connection, attempt: Attempt, snapshot: Snapshot | None) -> None:
        """Write down how it was answered. Whom the answer itself names is the bot, more surely than ever."""
        attempt_rows.answered(connection, attempt)
        self._learn(connection, attempt, snapshot)

    def _learn(self, connection: Connection, attempt: Attempt, snapshot: Snapshot | None) -> None:
        """Whom the other side names for what it took from the bot is the bot."""
        if attempt.answer is not Acceptance.ACCEPTED or snapshot is None:
            return
        if named := self._kind(attempt).named(attempt, snapshot):
            own_accounts.learn(connection, attempt.operation.organization, named, attempt.id)

    def _judged(self, connection: Connection, attempt: Attempt, seen: Seen) -> Look:
        """What it proves, with what is known of the bot's own account by then."""
        self._learn(connection, attempt, seen.snapshot)
        own = own_accounts.known(connection, attempt.operation.organization)
        return self._kind(attempt).judge(attempt, seen, own)

    def _concluded(self, connection: Connection, attempt: Attempt, seen: Seen) -> None:
        """Conclude from a look of one's own. Whatever else shows the workflow follows."""
        self._conclude(connection, attempt, seen)
        ref = attempt.operation.ref
        if ref and seen.snapshot:
            self._services.on_read(connection, ref, seen.snapshot, seen.at)

    def _conclude(self, connection: Connection, attempt: Attempt, seen: Seen) -> None:
        """Store the reading and what follows from all of them."""
        before = repository.load(connection, attempt.operation.id)
        if before is None or before.state not in _AWAITED or not attempt_rows.is_last(connection, attempt):
            return  # it has ended; or it was certainly not taken, and is ready or was sent again
        earlier = attempt_rows.series(connection, attempt)
        if len(earlier) > attempt.readings_known:
            return  # somebody else has looked since this look began: it may show what was before
        look = self._judged(connection, attempt, seen)
        attempt_rows.store(connection, attempt, look.reading)
        conclusion = conclude(
            attempt.answer, attempt.answered_at, (*earlier, look.reading), self._kind(attempt).errors
        )
        found = _Found(attempt, look, conclusion)
        now = self._services.clock.now()
        if before.state is State.NOT_SEEN:
            self._late(connection, before, found, now)
        else:
            self._next(connection, before, found, now)

    def _next(self, connection: Connection, before: Operation, found: _Found, now: datetime) -> None:
        outcome = _outcome(before.outcome, found)
        end = found.conclusion.end
        to = _STATES[end] if end else _meanwhile(before, found.attempt, outcome)
        if to in {State.UNKNOWN, State.NEEDS_PERSON}:
            outcome = replace(outcome, unknown_at=outcome.unknown_at or now)
        elif to in ENDED and outcome.unknown_at:
            outcome = replace(outcome, known_at=now)
        if to is State.REFUSED and found.attempt.cause:
            outcome = replace(outcome, by_hand=repository.nothing_open(connection, before, now))
        seen = found.look.reading.state is not None  # "still" is said of what was read, not of silence
        slow = seen and _is_slow(before, outcome, to, now)
        if slow:
            outcome = replace(outcome, slow=True)
        changes = _read_again(before, to, now) | dict(found.look.learned)
        after = repository.move(connection, before, to, now, outcome=outcome, **changes)
        if slow:
            self._services.board.tell(connection, after, Telling(Event.SLOW, in_thread=False), now)
        # who has to say what happened may not have been reached yet: the card is tried again once a minute
        waits = to is State.NEEDS_PERSON and _minute(before.next_read_at) != _minute(after.next_read_at)
        if slow or waits or to is not before.state or _shows(before.outcome) != _shows(outcome):
            announce(self._services.board, connection, before, after, now)

    def _late(self, connection: Connection, before: Operation, found: _Found, now: datetime) -> None:
        """It ended as not seen. If it lands after all, everybody hears of it; after a while nobody looks."""
        verdict = found.conclusion.verdict
        others = verdict.taken_along or verdict.done_by or repository.is_followed(connection, before)
        if not others and verdict.proof in {Proof.HAPPENED, Proof.FAILED, Proof.TAKEN}:
            look = found.look
            outcome = replace(
                before.outcome, late_effect_at=now, latest=look.snapshot, read_at=look.reading.at
            )
            after = repository.amend(connection, before, outcome=outcome, next_read_at=None)
            self._services.board.tell(connection, after, Telling(Event.LATE_EFFECT, in_thread=False), now)
            announce(self._services.board, connection, before, after, now)
            return
        over = before.ended_at is None or now - before.ended_at >= LATE_FOR
        repository.amend(connection, before, next_read_at=None if over else now + timedelta(seconds=30))


def _known_until(connection: Connection, attempt: Attempt) -> datetime:
    """A look that began before this one's latest news may show what was before."""
    readings = (one.at for one in attempt_rows.series(connection, attempt))
    sent_at = attempt.operation.sent_at or attempt.operation.asked_at
    return max((attempt.answered_at or sent_at, *readings))


def _read_again(before: Operation, to: State, now: datetime) -> dict[str, Any]:
    """When it is read again; what was not seen to happen can land late."""
    if to not in ENDED:
        return {"next_read_at": now + _patience(now - (before.sent_at or now), to)}
    return {"next_read_at": now + _patience(LATE_FOR, to)} if to is State.NOT_SEEN else {}


def _meanwhile(before: Operation, attempt: Attempt, outcome: Outcome) -> State:
    """Where it stands while it is read on. Who was asked to look may go on looking until an end is proven."""
    if before.state is State.NEEDS_PERSON:
        return State.NEEDS_PERSON
    if attempt.answered_at is None and not outcome.under_way_since:
        return before.state
    if attempt.answer is Acceptance.ACCEPTED or outcome.under_way_since:
        return State.UNDER_WAY
    return State.UNKNOWN


def _outcome(was: Outcome, found: _Found) -> Outcome:
    verdict, attempt, look = found.conclusion.verdict, found.attempt, found.look
    at, moving = look.reading.at, look.moving or verdict.proof is Proof.UNDER_WAY
    trouble = look.trouble if found.conclusion.end is End.BROKE_OFF else None
    return replace(
        was,
        said=attempt.said or was.said or trouble,
        accepted_at=was.accepted_at
        or (attempt.answered_at if attempt.answer is Acceptance.ACCEPTED else None),
        no_answer=was.no_answer or (attempt.answered_at is not None and attempt.answer is Acceptance.NONE),
        latest=look.snapshot or was.latest,
        read_at=was.read_at if look.reading.state is None else at,
        under_way_since=was.under_way_since or (at if moving else None),
        remark=verdict.remark or was.remark,
        cause=attempt.cause or was.cause,
    )


def _patience(passed: timedelta, to: State) -> timedelta:
    """When to look again: quickly at first, ever more slowly."""
    if to is State.NOT_SEEN:
        return timedelta(seconds=30)
    if passed < timedelta(seconds=15):
        return timedelta(seconds=1)
    if passed < timedelta(minutes=3):
        return timedelta(seconds=3)
    return timedelta(seconds=15) if passed < timedelta(minutes=30) else timedelta(minutes=1)


def _is_slow(before: Operation, outcome: Outcome, to: State, now: datetime) -> bool:
    since = before.sent_at
    waiting = to in {State.UNDER_WAY, State.UNKNOWN} and outcome.under_way_since is not None
    return waiting and not outcome.slow and since is not None and now - since >= SLOW_AFTER


def _shows(outcome: Outcome) -> tuple[Any, ...]:
    """What of an outcome a card shows. The time of a look is news once a minute, where people wait for it."""
    state = outcome.latest.state if outcome.latest else None
    said = (state, outcome.accepted_at, outcome.slow, outcome.remark, outcome.said)
    return (*said, _minute(outcome.read_at)) if outcome.no_answer else said


def _minute(moment: datetime | None) -> datetime | None:
    return moment.replace(second=0, microsecond=0) if moment else None
