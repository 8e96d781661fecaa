"""What this process counts and times, as Prometheus' client keeps it, in a registry of its own."""

from collections import defaultdict, deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector

from bot.clock import Clock
from bot.commands.model import ActionName
from bot.metrics import table
from bot.metrics.table import Figure
from bot.operations.model import ENDED
from bot.planetscale.errors import FailureKind
from bot.runtime.figures import Figures
from bot.store.errors import StoreError

WINDOW: Final = 60.0
"""Seconds of the budget."""
LEASE: Final = "operation"
"""What can be taken over."""
HELD_BACK: Final = frozenset({FailureKind.BUDGET.value, FailureKind.UNCOUNTED.value})
"""What came of a request that did not leave."""


class ProcessFigures(Figures):
    """Keeps what it is told. From any thread."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.registry = CollectorRegistry()
        """Of counters and histograms, and of the process itself: memory, processor, files."""
        ProcessCollector(registry=self.registry)
        self._acks = self._histogram(table.ACKS)
        self._operations_ended = self._counter(table.OPERATIONS_ENDED)
        self._press_to_request = self._histogram(table.PRESS_TO_REQUEST)
        self._planetscale_requests = self._counter(table.PLANETSCALE_REQUESTS)
        self._planetscale_seconds = self._histogram(table.PLANETSCALE_SECONDS)
        self._slack_calls = self._counter(table.SLACK_CALLS)
        self._database_seconds = self._histogram(table.DATABASE_SECONDS)
        self._database_errors = self._counter(table.DATABASE_ERRORS)
        self._leases_taken_over = self._counter(table.LEASES_TAKEN_OVER)
        self._restarts = self._counter(table.RESTARTS)
        self._log_lines = self._counter(table.LOG_LINES)
        self._left: dict[str, deque[float]] = defaultdict(deque)
        """By organization: when the requests of the last minute left."""
        self._begin_at_nought()

    def _begin_at_nought(self) -> None:
        """Series whose first rise matters: from nothing to one is no rise for Prometheus."""
        self._leases_taken_over.labels(LEASE)
        for action in ActionName:
            for state in ENDED:
                self._operations_ended.labels(action.value, state.value)

    @contextmanager
    def ack(self, kind: str, sub_command: str) -> Iterator[None]:
        began = self._clock.monotonic()
        try:
            yield
        finally:
            self._acks.labels(kind, sub_command).observe(self._clock.monotonic() - began)

    def operation_ended(self, action: str, outcome: str) -> None:
        self._operations_ended.labels(action, outcome).inc()

    def request_left(self, action: str, seconds: float) -> None:
        self._press_to_request.labels(action).observe(max(0.0, seconds))

    def asked_planetscale(self, organization: str, endpoint: str, result: str, seconds: float) -> None:
        self._planetscale_requests.labels(organization, endpoint, result).inc()
        if result not in HELD_BACK:
            self._planetscale_seconds.labels(organization).observe(seconds)
            self._lately(organization).append(self._clock.monotonic() - seconds)

    def requests_lately(self, organization: str) -> int:
        """How many requests have left for it in the last minute."""
        return len(self._lately(organization))

    def _lately(self, organization: str) -> deque[float]:
        """Without those that left before: also where nobody ever looks."""
        left, since = self._left[organization], self._clock.monotonic() - WINDOW
        while left and left[0] < since:
            left.popleft()
        return left

    def asked_slack(self, method: str, result: str) -> None:
        self._slack_calls.labels(method, result).inc()

    @contextmanager
    def transaction(self, access: str) -> Iterator[None]:
        began = self._clock.monotonic()
        try:
            yield
        except StoreError as error:
            self._database_errors.labels(type(error).__name__).inc()
            raise
        finally:
            self._database_seconds.labels(access).observe(self._clock.monotonic() - began)

    def taken_over(self, what: str) -> None:
        self._leases_taken_over.labels(what).inc()

    def started(self, part: str) -> None:
        self._restarts.labels(part)

    def restarted(self, part: str) -> None:
        self._restarts.labels(part).inc()

    def logged(self, level: str, event: str) -> None:
        self._log_lines.labels(level, event).inc()

    def _counter(self, figure: Figure) -> Counter:
        return Counter(figure.name, figure.help, figure.labels, registry=self.registry)

    def _histogram(self, figure: Figure) -> Histogram:
        return Histogram(
            figure.name, figure.help, figure.labels, registry=self.registry, buckets=figure.buckets
        )
