"""From a target to a model: the budget, the tries of a read, the judgement of an answer, a log line."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TypeVar

import structlog
from pydantic import TypeAdapter
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception, stop_after_attempt
from tenacity.wait import wait_exponential, wait_random

from bot.clock import Clock
from bot.planetscale.accesses import needed
from bot.planetscale.answers import code, message, shortened, understood, wait_asked
from bot.planetscale.budget import Budget, BudgetSpentError, RequestPriority
from bot.planetscale.discretion import LONGEST, without_row_values
from bot.planetscale.errors import FailureKind, PlanetScaleError, kind_of_status
from bot.planetscale.wire import Access, Leave, RawAnswer, Target, Timeouts, Wire
from bot.runtime.metering import NotCountedError

T = TypeVar("T")

TRIES = 3
HOLD_OFF_UNTOLD = 5.0
"""Seconds of silence after a 429 without a usable Retry-After."""
LONGEST_RETRY_AFTER = {RequestPriority.PERSON: 10.0, RequestPriority.BACKGROUND: 30.0}
"""Seconds. A read that is told to wait longer is given up at once."""

_log = structlog.get_logger(__name__)

Told = Callable[[str, str, float], None]
"""Hears of each request: the endpoint, `ok` or the kind of failure, and the seconds that it took."""


def nobody(_endpoint: str, _result: str, _seconds: float) -> None:
    """Where nobody counts."""


_backoff = wait_exponential(multiplier=0.5, max=5) + wait_random(0, 0.5)


class Sender:
    """Sends within the budget. Raises `PlanetScaleError`, and of its own nothing else; the error has no cause
    or context, for what lies beneath it may quote a header or a body.
    """

    def __init__(
        self,
        wire: Wire,
        access: Access,
        budget: Budget,
        clock: Clock,
        timeouts: Timeouts,
        told: Told = nobody,
    ) -> None:
        self._wire = wire
        self._access = access
        self._budget = budget
        self._clock = clock
        self._timeouts = timeouts
        self._told = told
        self._told_odd: set[str] = set()

    def use_token(self, token_id: str, token: str) -> bool:
        """Send with this token from the next request on; whether it is another one. Raises `ValueError`."""
        access = replace(self._access, token_id=token_id, token=token)
        changed, self._access = access != self._access, access
        self._wire.use(access)
        return changed

    async def close(self) -> None:
        """Close every connection."""
        await self._wire.close()

    async def read(self, target: Target, adapter: TypeAdapter[T], priority: RequestPriority) -> T:
        """GET, up to three times while the trouble may pass; every try counts in the budget."""
        tries = AsyncRetrying(
            stop=stop_after_attempt(TRIES),
            retry=retry_if_exception(lambda error: _may_pass(error, LONGEST_RETRY_AFTER[priority])),
            wait=_wait,
            sleep=self._clock.sleep,
            reraise=True,
        )
        async for attempt in tries:
            with attempt:
                return await self._send("GET", target, adapter, self._wire.read, read_for=priority)
        raise AssertionError  # not reached: tenacity returns or raises

    async def change(
        self,
        method: str,
        target: Target,
        adapter: TypeAdapter[T],
        content: bytes | None = None,
        leave: Leave | None = None,
    ) -> T:
        """Send a change, once, after `leave`. What that raises is raised as it is."""

        def exchange(path: str) -> Awaitable[RawAnswer | FailureKind]:
            return self._wire.change(method, path, content, leave)

        return await self._send(method, target, adapter, exchange)

    async def _send(
        self,
        method: str,
        target: Target,
        adapter: TypeAdapter[T],
        exchange: Callable[[str], Awaitable[RawAnswer | FailureKind]],
        *,
        read_for: RequestPriority | None = None,
    ) -> T:
        read = read_for is not None
        path = target.path()
        if path is None:
            raise PlanetScaleError(FailureKind.BAD_NAME, read=read)
        endpoint = f"{method} {target.template}"
        await self._take_token(endpoint, read_for)
        began = self._clock.monotonic()
        answer = await exchange(path)
        outcome = self._judged(answer, adapter, target, read=read)
        error = outcome if isinstance(outcome, PlanetScaleError) else None
        took = self._clock.monotonic() - began
        self._told(endpoint, error.kind.value if error else "ok", took)
        (_log.debug if error is None else _log.info)(
            "request to PlanetScale",
            method=method,
            path=target.template,
            status=answer.status if isinstance(answer, RawAnswer) else None,
            failure=error and error.kind.value,
            seconds=round(took, 3),
        )
        if isinstance(outcome, PlanetScaleError):
            await self._obey(outcome)
            raise outcome
        return outcome

    async def _obey(self, error: PlanetScaleError) -> None:
        """After a 429 nothing leaves for as long as was asked."""
        if error.kind is FailureKind.LIMITED:
            await self._budget.hold_off(HOLD_OFF_UNTOLD if error.retry_after is None else error.retry_after)

    async def _take_token(self, endpoint: str, read_for: RequestPriority | None) -> None:
        """Take the right to send one request, as soon as it is this one's turn."""
        read = read_for is not None
        priority = read_for or RequestPriority.CHANGE
        within = {
            RequestPriority.CHANGE: self._timeouts.change_budget,
            RequestPriority.PERSON: self._timeouts.person_budget,
            RequestPriority.BACKGROUND: self._timeouts.background_budget,
        }[priority]
        try:
            await self._budget.acquire(priority, within=within)
        except BudgetSpentError as spent:
            error = PlanetScaleError(FailureKind.BUDGET, read=read, retry_after=spent.seconds)
        except NotCountedError:
            error = PlanetScaleError(FailureKind.UNCOUNTED, read=read)
        else:
            return
        self._told(endpoint, error.kind.value, 0.0)
        raise error

    def _judged(
        self, answer: RawAnswer | FailureKind, adapter: TypeAdapter[T], target: Target, *, read: bool
    ) -> T | PlanetScaleError:
        if isinstance(answer, FailureKind):
            return PlanetScaleError(answer, read=read)
        if answer.status // 100 != 2:
            return self._refusal(answer, target, read=read)
        if answer.body is None:
            return PlanetScaleError(FailureKind.TOO_BIG, read=read, status=answer.status)
        odd: set[str] = set()
        model = understood(adapter, answer.body, odd)
        if model is None:
            return PlanetScaleError(FailureKind.NOT_UNDERSTOOD, read=read, status=answer.status)
        self._tell_odd(target, odd)
        return model

    def _tell_odd(self, target: Target, odd: set[str]) -> None:
        """What was not understood, each part once: an odd number can be in every answer from now on."""
        for field in sorted(odd - self._told_odd):
            self._told_odd.add(field)
            _log.warning("part not understood", field=field, path=target.template)

    def _refusal(self, answer: RawAnswer, target: Target, *, read: bool) -> PlanetScaleError:
        kind = kind_of_status(answer.status)
        wait = wait_asked(answer.headers.get("Retry-After"), self._clock.now())
        body = answer.body or b""
        said = message(body, self._access.token, most=LONGEST)
        safe = without_row_values(said, target.known | {self._access.token_id}) if said else ""
        return PlanetScaleError(
            kind,
            read=read,
            status=answer.status,
            said=shortened(safe),
            retry_after=wait,
            code=code(body),
            access=needed(target.template, read=read),
        )


def _may_pass(error: BaseException, longest: float) -> bool:
    return (
        isinstance(error, PlanetScaleError) and error.retryable_read and (error.retry_after or 0.0) <= longest
    )


def _wait(state: RetryCallState) -> float:
    error = state.outcome.exception() if state.outcome else None
    asked = error.retry_after if isinstance(error, PlanetScaleError) else None
    return max(_backoff(state), asked or 0.0)
