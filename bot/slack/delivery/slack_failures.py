"""What a failed call to Slack means for what it was about."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

import aiohttp
from slack_sdk.errors import SlackApiError

from bot.slack.codes import Trouble, meaning
from bot.slack.errors import code_of

__all__ = ["SlackFailure", "Trouble", "failure_of", "retry_after"]

DEFAULT_WAIT: Final = 30.0
"""Seconds to wait where Slack limits the rate and does not say for how long."""
MOST_REASONS: Final = 5
LONGEST_REASON: Final = 200


class SlackFailure(Exception):  # noqa: N818 - not every one is an error of somebody
    """A call that did not bring what it should. `code` is Slack's, or says how the call ended.

    `reasons`: what Slack says is wrong with blocks or arguments, for the log.
    """

    def __init__(
        self, trouble: Trouble, code: str, seconds: float = 0.0, reasons: tuple[str, ...] = ()
    ) -> None:
        super().__init__(code)
        self.trouble = trouble
        self.code = code
        self.seconds = seconds
        self.reasons = reasons


def failure_of(error: Exception) -> SlackFailure:
    """What `error`, one of `bot.slack.errors.SLACK_FAILURES`, means."""
    if isinstance(error, SlackApiError):
        return _answered(error.response, code_of(error))
    if isinstance(error, aiohttp.ClientConnectorError | aiohttp.ConnectionTimeoutError):
        return SlackFailure(Trouble.UNSENT, "no_connection")
    if isinstance(error, aiohttp.ClientError | TimeoutError):
        return SlackFailure(Trouble.UNCERTAIN, "no_answer")
    return SlackFailure(Trouble.REFUSED, type(error).__name__)  # raised by the SDK before anything was sent


def _answered(response: Any, code: str | None) -> SlackFailure:
    """`response`: the SDK's, or aiohttp's own where the body could not be read."""
    status: int = getattr(response, "status_code", None) or getattr(response, "status", None) or 0
    trouble = meaning(code) if code else None
    if status == 429 or trouble is Trouble.LIMITED:
        headers = getattr(response, "headers", None) or {}
        return SlackFailure(Trouble.LIMITED, "ratelimited", retry_after(headers))
    if status >= 500 or code is None or trouble is None:
        return SlackFailure(Trouble.UNCERTAIN, f"http_{status}")
    return SlackFailure(trouble, code, reasons=tuple(_reasons(getattr(response, "data", response))))


def _reasons(data: Any) -> Iterable[str]:
    metadata = data.get("response_metadata")
    said = metadata.get("messages") if isinstance(metadata, Mapping) else None
    for reason in said[:MOST_REASONS] if isinstance(said, list) else ():
        yield str(reason)[:LONGEST_REASON]


def retry_after(headers: Mapping[str, str]) -> float:
    """The seconds that Slack asks to wait; half a minute where it names no sensible number."""
    try:
        seconds = float(next(value for name, value in headers.items() if name.lower() == "retry-after"))
    except (StopIteration, ValueError):
        return DEFAULT_WAIT
    return seconds if 0 < seconds < float("inf") else DEFAULT_WAIT
