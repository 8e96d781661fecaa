"""The worker: finds what there is to do and does it, one step of one operation at a time."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from functools import partial

import structlog

from bot.operations.leases import Leases
from bot.operations.model import Operation, State
from bot.operations.services import Services
from bot.operations.steps.assessment import Assessor
from bot.operations.steps.decision import Decider
from bot.operations.steps.direct_copies import DirectCopies
from bot.operations.steps.expiry import Expirer
from bot.operations.steps.preflight import Preparer
from bot.operations.steps.readback import Readback
from bot.operations.steps.sending import RequestSender
from bot.operations.storage import due_rows, repository
from bot.operations.storage.due_rows import Due
from bot.runtime.log_context import about_operation, from_now_about
from bot.runtime.loops import Loops, SetAside
from bot.runtime.tasks import Grace, end, until_first
from bot.store.errors import DatabaseDamagedError, MovedError, RowNotUnderstoodError, StoreError

log = structlog.stdlib.get_logger(__name__)

SWEEP_SECONDS = 1.0
"""How often it looks by itself; presses and commands wake it at once."""
STILL_SECONDS = 60.0
"""A worker of which no sweep has ended for so long stands still."""
CLAIM_LASTS = timedelta(seconds=150)
"""Longer than any request may take: whoever claimed an operation and is silent for so long is dead."""

AT_ONCE = 100
"""Steps for which nobody waits: with more beside it, what somebody has just asked for would be slow."""

_OF_ONE = (RowNotUnderstoodError, DatabaseDamagedError)
"""What is wrong with one operation, and says nothing of the others."""
_MOMENT = 0.01
"""Real seconds after which is looked whether a step only waits for its answer."""
ANSWERABLE_FOR = timedelta(days=1)
"""How long a private answer that is still owed is worth giving; Slack's own address for it dies sooner."""


class Worker:
    """Brings every operation on until it waits for somebody or has ended.

    `alone`: no other process works on this database, so a claim of another worker is one of the dead.
    """

    def __init__(self, services: Services, *, alone: bool) -> None:
        self._services = services
        self._alone = alone
        self._leases = Leases(services, alone=alone)
        self._all_given = False
        """Whether no private answer is owed that no step is about to give."""
        self._preparer = Preparer(services)
        self._assessor = Assessor(services)
        self._decider = Decider(services, self._assessor)
        self._direct_copies = DirectCopies(services)
        self._expirer = Expirer(services)
        self._readback = Readback(services)
        self._sender = RequestSender(services, self._assessor, self._readback)
        self._awake = asyncio.Event()
        self._busy: set[str] = set()
        """The operations that a step is at work on."""
        self._pressed: set[str] = set()
        """Those of them on which somebody pressed a button meanwhile."""
        self._more = False
        """Whether something is due that was not begun for want of room."""
        self._moved: set[str] = set()
        """The operations whose last step found them changed by somebody else."""
        self._tasks: set[asyncio.Task[None]] = set()
        self._unanswered: dict[str, asyncio.Task[None]] = {}
        """The steps whose request has left and was not answered yet: meanwhile the workflow is read."""
        self._loops = Loops("worker", services.clock, within=STILL_SECONDS, foreseen=StoreError)
        self._aside = SetAside("operation", services.clock)
        self._not_given = SetAside("private answer", services.clock)

    @property
    def moving(self) -> bool:
        """Whether it looks for work, and could look lately; `/readyz` tells."""
        return self._loops.moving

    def wake(self) -> None:
        """Something is new: look at once."""
        self._awake.set()

    def owes(self) -> None:
        """Somebody has to be answered privately: the next sweep looks who. From any thread."""
        self._all_given = False

    async def run(self, stop: asyncio.Event) -> None:
        """Work until `stop` is set; then `stop` this worker as well."""
        keeping = asyncio.create_task(self._leases.keep(), name="leases")
        try:
            while not stop.is_set():
                if keeping.done():
                    keeping.result()  # raises: what is held would be held for no longer
                await self._sweep()
                await until_first(asyncio.sleep(SWEEP_SECONDS), self._awake.wait(), stop.wait())
                self._awake.clear()
        finally:
            keeping.cancel()  # what is held lasts for longer than the steps may take to end

    async def stop(self, grace: Grace) -> None:
        """Let the steps that are under way come to their end, and hand back what is held.

        What is given up then is brought on by the next process; an answer that was awaited is read back.
        """
        await end(self._tasks, grace, "steps")
        # a transaction cannot be cut short: it is not waited for longer than for anything else
        await asyncio.wait({asyncio.create_task(self._leases.hand_back_all())}, timeout=grace.cancelled)

    async def settle(self, *, answered: bool = True) -> None:
        """Work until there is nothing to do at this moment; if not `answered`, but for awaited answers."""
        while await self._sweep():
            while steps := self._tasks - (set() if answered else set(self._unanswered.values())):
                await asyncio.wait(steps, timeout=None if answered else _MOMENT)

    async def _sweep(self) -> int:
        """Start a step for each operation that has something to do. How many were started."""
        started = 0
        with self._loops.one():
            await self._give_pending_replies()
            now = self._services.clock.now()
            due = await self._services.database.read(due_rows.due, self._services.worker, now)
            known = {one.id for one in due}
            self._aside.keep(known.__contains__)
            self._moved &= known
            begun = await self._leases.take(self._chosen(due, now))
            for operation_id in begun:
                self._start(operation_id)
            started = len(begun)
            await self._leases.hand_back_but(self._is_in_use)
        return started

    def _chosen(self, due: Sequence[Due], now: datetime) -> list[str]:
        """Of what may be begun, all for which somebody waits, and of the rest what there is room for."""
        may = [one for one in due if self._may_begin(one, now)]
        asked = [one.id for one in may if one.is_asked]
        others = [one.id for one in may if not one.is_asked]
        room = max(0, AT_ONCE - len(self._busy))
        self._more = len(others) > room
        return asked + others[:room]

    def _may_begin(self, due: Due, now: datetime) -> bool:
        """Whether a step of it would do something now, and is this worker's to begin."""
        works = self._has_work(due, now)
        if works and due.pressed and due.id in self._busy:
            self._pressed.add(due.id)
        return works and due.id not in self._busy and not self._aside.holds(due.id)

    def _has_work(self, due: Due, now: datetime) -> bool:
        """Whether there is something to do, of what was found to be due; a sweep that starts nothing ends."""
        # looked at first, and of all: from then on it is known how long it may still be sent
        is_late = due.state == State.READY and self._sender.is_late(due)
        if due.is_held_by_another(self._services.worker, now):
            return False
        if due.pressed or self._was_left(due, now):
            return True
        match due.state:
            case State.READY:
                return is_late or due.next_read_at is None or due.is_read_due(now)
            case State.EXECUTING:
                return self._is_dead(due.id, due.claimed_by, due.claimed_at)
            case State.SENDING:
                return due.is_read_due(now) or self._is_dead(due.id, due.claimed_by, due.claimed_at)
            case _:
                return True

    def _was_left(self, due: Due, now: datetime) -> bool:
        """Whether its lease ran out, and whoever held it is silent: something may be half done."""
        ran_out = due.leased_until is not None and due.leased_until <= now
        return ran_out and not self._leases.holds(due.id)

    def _is_in_use(self, operation_id: str) -> bool:
        return operation_id in self._busy or operation_id in self._unanswered

    async def _give_pending_replies(self) -> None:
        """At the start, private answers that a worker who died did not give; later, what the store held up.

        What a step of this worker is about to give is left to it.
        """
        if self._all_given:
            return
        self._all_given = True  # a step that fails from here on says so again
        try:
            now = self._services.clock.now()
            owed = await self._services.database.read(
                repository.with_pending_reply, self._services.worker, now, now - ANSWERABLE_FOR
            )
            for operation in owed:
                if operation.id not in self._busy and not await self._give(operation):
                    self._all_given = False
        except StoreError:
            self._all_given = False
            raise

    async def _give(self, operation: Operation) -> bool:
        """Whether its private answer is given; one that cannot be is tried again, and holds up no other."""
        if self._not_given.holds(operation.id):
            return False
        try:
            with about_operation(operation.id):
                await self._preparer.pending_replies.give(operation)
        except StoreError:
            raise
        except Exception as error:
            with about_operation(operation.id):
                log.exception("answer_failed")  # the worker's edge: the others are given
                self._not_given.put(operation.id, error)
            return False
        self._not_given.release(operation.id)
        return True

    def _start(self, operation_id: str) -> None:
        self._busy.add(operation_id)
        task = asyncio.create_task(self._step(operation_id), name=f"operation {operation_id}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _left(self, operation_id: str) -> None:
        """Its request is out: the step waits for the answer, and others may read meanwhile."""
        task = asyncio.current_task()
        if task:
            self._unanswered[operation_id] = task
            self._busy.discard(operation_id)

    async def _step(self, operation_id: str) -> None:
        from_now_about(operation_id)
        try:
            await self._work(operation_id)
        except MovedError:
            self._look_again(operation_id)
        except _OF_ONE as error:
            self._aside.put(operation_id, error)
        except StoreError as error:
            self._all_given = False  # it may have left a private answer owed: the next sweep looks
            log.error("step_not_written", error=str(error))
        except Exception as error:
            log.exception("step_failed")  # the worker's edge: the others go on
            self._aside.put(operation_id, error)
        else:
            self._aside.release(operation_id)
            self._moved.discard(operation_id)
        finally:
            if self._unanswered.get(operation_id) is asyncio.current_task():
                del self._unanswered[operation_id]
            else:
                self._busy.discard(operation_id)
            has_room = self._more and len(self._busy) <= AT_ONCE / 2
            if operation_id in self._pressed or has_room:
                self._pressed.discard(operation_id)
                self.wake()  # what is left need not wait for the next sweep

    def _look_again(self, operation_id: str) -> None:
        """Somebody else was faster: look at once at what is there now, and if that again was not so any more,
        with the next sweep.
        """
        if operation_id not in self._moved:
            self._moved.add(operation_id)
            self.wake()

    async def _work(self, operation_id: str) -> None:
        database = self._services.database
        tellings: list[asyncio.Task[None]] = []
        try:
            async for press, result in self._decider.settle(operation_id):
                tellings.append(asyncio.create_task(self._decider.tell(press, result)))
            operation = await database.read(repository.load, operation_id)
            step = await self._next_step(operation) if operation else None
            if operation:
                await (step or self._leave_in_order)(operation)
        finally:
            self._assessor.drop(operation_id)
            await asyncio.gather(*tellings)

    async def _next_step(self, operation: Operation) -> Callable[[Operation], Awaitable[None]] | None:
        """What its state asks for at this moment; `None`: nothing."""
        now = self._services.clock.now()
        is_its_time = _is_to_be_read(operation, now)
        match operation.state:
            case State.REQUESTED:
                return self._preparer.prepare
            case State.WAITING if self._direct_copies.is_due(operation, now):
                return self._direct_copies.hand_out
            case State.WAITING if self._expirer.is_due(operation, now):
                return self._expirer.expire
            case State.WAITING:
                return self._sender.assess_again if is_its_time else None
            case State.READY:
                goes = is_its_time or operation.next_read_at is None or self._sender.is_late(operation)
                return self._execute if goes else None
            case State.EXECUTING:
                return self._ready_again if await self._is_lost(operation) else None
            case State.SENDING if await self._is_lost(operation):
                return self._readback.lost
            case State.SENDING | State.UNDER_WAY | State.UNKNOWN | State.NEEDS_PERSON | State.NOT_SEEN:
                return self._read_back if is_its_time else None
            case _:
                return None

    async def _leave_in_order(self, operation: Operation) -> None:
        """Nothing is to be done now. What a worker that died, or one of another version, has not done, is."""
        if operation.owed and operation.id not in self._unanswered:
            await self._give(operation)
        await self._services.database.write(due_rows.plan, operation)

    async def _execute(self, operation: Operation) -> None:
        await self._sender.execute(operation, partial(self._left, operation.id))

    async def _read_back(self, operation: Operation) -> None:
        await self._readback.read_back(operation, lost=await self._is_lost(operation))

    async def _is_lost(self, operation: Operation) -> bool:
        """Whether the worker that claimed it will not come back to it, as its row says just now."""
        claim = await self._services.database.read(repository.claimed, operation.id)
        return self._is_dead(operation.id, *claim)

    def _is_dead(self, operation_id: str, by: str | None, at: datetime | None) -> bool:
        """Whether the worker that claimed it will not come back to it.

        This worker asks only about operations that it is not busy with: its own claim is one that failed,
        unless its request is out and the answer awaited. Who takes over a lease ends the claim made with it.
        """
        if operation_id in self._unanswered:
            return False
        if self._alone or by == self._services.worker or at is None:
            return True
        return self._services.clock.now() - at >= CLAIM_LASTS

    async def _ready_again(self, operation: Operation) -> None:
        """Claimed and certainly not sent: it is ready again, until its window closes."""
        now = self._services.clock.now()
        await self._services.database.write(repository.move, operation, State.READY, now)


def _is_to_be_read(operation: Operation, now: datetime) -> bool:
    return operation.next_read_at is not None and operation.next_read_at <= now
