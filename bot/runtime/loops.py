"""The loops of the process: none dies of a bad round, nor is held up by a bad item; each says if it moves."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

import structlog

from bot.clock import Clock

log = structlog.stdlib.get_logger(__name__)

FIRST_PAUSE: Final = 1.0
LONGEST_PAUSE: Final = 60.0
"""Seconds for which an item is left alone after it failed once, and after it failed again and again."""


class Loops:
    """The rounds of one loop, with its last edge."""

    def __init__(self, loop: str, clock: Clock, *, within: float, foreseen: type[Exception]) -> None:
        """`within`: seconds after which a loop of which no round has ended stands still. `foreseen`: what is
        no fault of the loop's own code, and is logged without a traceback.
        """
        self._loop = loop
        self._clock = clock
        self._within = within
        self._foreseen = foreseen
        self._ended_at = clock.monotonic()
        self._failed = False
        self.failures = 0
        """How many rounds have failed."""

    @property
    def moving(self) -> bool:
        """Whether the last round went well, and ended lately."""
        return not self._failed and self._clock.monotonic() - self._ended_at < self._within

    @contextmanager
    def one(self) -> Iterator[None]:
        """One round: what escapes it is logged and counted, and goes no further."""
        try:
            yield
        except Exception as error:  # the loop's last edge: the next round may go well
            self._failed = True
            self.failures += 1
            if isinstance(error, self._foreseen):
                log.error("round_failed", loop=self._loop, reason=str(error))
            else:
                log.exception("round_failed", loop=self._loop)
        else:
            self._failed = False
            self._ended_at = self._clock.monotonic()


class SetAside:
    """Items that a loop could not deal with. Each is left alone for a while, longer each time."""

    def __init__(self, kind: str, clock: Clock) -> None:
        self._kind = kind
        self._clock = clock
        self._held: dict[str, tuple[int, float]] = {}
        """How often each failed, and from when on it is tried again."""

    @property
    def count(self) -> int:
        """How many are set aside, or failed when they were tried last."""
        return len(self._held)

    def holds(self, item: str) -> bool:
        """Whether it is to be left alone now."""
        return item in self._held and self._clock.monotonic() < self._held[item][1]

    def put(self, item: str, error: Exception) -> None:
        """It failed. Told in the log the first time."""
        times = self._held.get(item, (0, 0.0))[0] + 1
        pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(times - 1, 10))
        self._held[item] = times, self._clock.monotonic() + pause
        if times == 1:
            log.error("set_aside", kind=self._kind, item=item, reason=str(error), held=self.count)

    def release(self, item: str) -> None:
        """It went well."""
        self._held.pop(item, None)

    def keep(self, wanted: Callable[[str], bool]) -> None:
        """Forget those about which nothing is to be done any more."""
        self._held = {item: held for item, held in self._held.items() if wanted(item)}
