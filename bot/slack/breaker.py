"""A circuit breaker for the bot's token: while Slack refuses it, nothing leaves, for people or PlanetScale.

Once a minute Slack is asked (`auth.test`) whether the token is right again. Then one round is tried, and
only when that went through does everything go on.
"""

from enum import Enum, auto
from typing import Final

import structlog

from bot.clock import Clock

log = structlog.stdlib.get_logger(__name__)

ASK_SECONDS: Final = 60.0
"""How often Slack is asked about a token that it refused."""
SICK_SECONDS: Final = 600.0
"""A process that Slack has refused for so long needs somebody to look at it."""


class _State(Enum):
    CLOSED = auto()
    OPEN = auto()
    TRIAL = auto()


class TokenBreaker:
    """Of one process, in memory: another process finds out by itself."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._state = _State.CLOSED
        self._since: float | None = None
        self._ask_at = 0.0
        self.refused: str | None = None
        """Slack's code, from the refusal of the token until something was delivered again."""

    @property
    def accepts(self) -> bool:
        """Whether people can be told in Slack, as far as is known."""
        return self.refused is None

    @property
    def unwell(self) -> str | None:
        """Why somebody has to look at this process, once Slack has refused the token for ten minutes."""
        if self._since is None or self._clock.monotonic() - self._since < SICK_SECONDS:
            return None
        return f"Slack has refused SLACK_BOT_TOKEN for over ten minutes: {self.refused}"

    @property
    def is_open(self) -> bool:
        """Whether no message may leave; `auth.test` may, in `ask_in` seconds."""
        return self._state is _State.OPEN

    @property
    def ask_in(self) -> float:
        """Seconds until Slack may be asked about the token again."""
        return max(0.0, self._ask_at - self._clock.monotonic())

    def refuse(self, code: str) -> None:
        """Slack refused the token."""
        if self.refused is None:
            self._since = self._clock.monotonic()
            log.error("token_refused", error=code)
        self.refused = code
        self._state = _State.OPEN
        self.ask_later(0.0)

    def ask_later(self, seconds: float) -> None:
        """Slack is asked again in a minute, and not before `seconds`."""
        self._ask_at = self._clock.monotonic() + max(ASK_SECONDS, seconds)

    def try_again(self) -> None:
        """Slack says that the token is right: what waits may be tried."""
        self._state = _State.TRIAL

    def went_through(self) -> None:
        """A round was made without a refusal of the token."""
        if self._state is not _State.TRIAL:
            return
        log.warning("token_accepted_again", error=self.refused)
        self._state, self._since, self.refused = _State.CLOSED, None, None
