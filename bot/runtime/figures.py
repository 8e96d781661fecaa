"""What the rooms of the engine count and time. This one keeps nothing; `bot.metrics` serves what it is told.

No argument may be something that people or other systems name: each must be one of a few words that are known
beforehand, or the name of an organization of the settings.
"""

from contextlib import AbstractContextManager, nullcontext
from typing import Final


class Figures:
    """Each method may be called from any thread, takes no time worth speaking of, and never raises."""

    def ack(self, kind: str, sub_command: str) -> AbstractContextManager[None]:  # noqa: ARG002
        """Around what leads to the ack of a payload. `sub_command`: of a command; else empty."""
        return nullcontext()

    def operation_ended(self, action: str, outcome: str) -> None:
        """An operation has come to its end, and that is stored."""

    def request_left(self, action: str, seconds: float) -> None:
        """An operation's request is on its way, so long after the press, or the command, that let it go."""

    def asked_planetscale(self, organization: str, endpoint: str, result: str, seconds: float) -> None:
        """PlanetScale was asked, and this came of it: `ok`, or the kind of failure."""

    def asked_slack(self, method: str, result: str) -> None:
        """Slack was asked, and this came of it: `ok`, or the kind of trouble."""

    def transaction(self, access: str) -> AbstractContextManager[None]:  # noqa: ARG002
        """Around a transaction (`read` or `write`), from when it is asked for until its end is known."""
        return nullcontext()

    def taken_over(self, what: str) -> None:
        """What another process held, and let run out, is held by this one now."""

    def started(self, part: str) -> None:
        """A part of the process is started, for the first time."""

    def restarted(self, part: str) -> None:
        """A part of the process had died, and was started again."""

    def logged(self, level: str, event: str) -> None:
        """A line that warns or tells of an error, whether or not it is written: some are sampled."""


NO_FIGURES: Final = Figures()
"""Where nobody looks."""
