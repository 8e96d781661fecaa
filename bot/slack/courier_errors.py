"""What a failed call to Slack means for the message that it was about.

Codes are Slack's own: https://docs.slack.dev/reference/methods/chat.postMessage and chat.update.
"""

from collections.abc import Mapping
from enum import Enum, auto
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError

DEFAULT_WAIT = 30.0
"""Seconds to wait where Slack limits the rate and does not say for how long."""


class Trouble(Enum):
    """What to do about it."""

    LIMITED = auto()
    """Certainly not done; not before `seconds` from now."""
    UNSENT = auto()
    """Certainly not done; Slack may take it a little later."""
    UNCERTAIN = auto()
    """Done or not done: look before doing it again."""
    TOKEN = auto()
    """The bot may do nothing at all here: somebody has to see to its token."""
    PLACE = auto()
    """Not in this channel."""
    THREAD = auto()
    """Not in this thread, or this message is not there."""
    CONTENT = auto()
    """Not these blocks."""
    REFUSED = auto()
    """Certainly not done, for a reason that is not known here."""


class SlackFailure(Exception):  # noqa: N818 - not every one is an error of somebody
    """A call that did not bring what it should. `code` is Slack's, or says how the call ended."""

    def __init__(self, trouble: Trouble, code: str, seconds: float = 0.0) -> None:
        super().__init__(code)
        self.trouble = trouble
        self.code = code
        self.seconds = seconds


_CODES: Mapping[Trouble, frozenset[str]] = {
    Trouble.LIMITED: frozenset({"ratelimited", "rate_limited", "message_limit_exceeded"}),
    Trouble.UNSENT: frozenset(
        {"service_unavailable", "request_timeout", "team_added_to_org", "external_channel_migrating"}
    ),
    # Slack says of these two that some of it may have been done.
    Trouble.UNCERTAIN: frozenset({"fatal_error", "internal_error"}),
    Trouble.TOKEN: frozenset(
        {
            "account_inactive",
            "invalid_auth",
            "missing_scope",
            "not_allowed_token_type",
            "not_authed",
            "token_expired",
            "token_revoked",
        }
    ),
    Trouble.PLACE: frozenset(
        {
            "access_denied",
            "cannot_dm_bot",
            "channel_not_found",
            "is_archived",
            "is_inactive",
            "messages_tab_disabled",
            "no_permission",
            "not_in_channel",
            "team_access_not_granted",
            "user_disabled",
            "user_not_found",
        }
    ),
    Trouble.THREAD: frozenset(
        {
            "cannot_reply_to_message",
            "cant_update_message",
            "edit_window_closed",
            "message_not_found",
            "restricted_action_non_threadable_channel",
            "restricted_action_thread_locked",
            "thread_not_found",
        }
    ),
    Trouble.CONTENT: frozenset(
        {"invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long", "msg_too_long"}
    ),
}
NOT_EDITABLE = frozenset({"cant_update_message", "edit_window_closed"})
"""The message is still there; Slack or the workspace's rules do not let it be changed."""
_MEANING = {code: trouble for trouble, codes in _CODES.items() for code in codes}


def is_content(code: str | None) -> bool:
    """Whether Slack refused the blocks."""
    return _MEANING.get(code or "") is Trouble.CONTENT


def failure_of(error: Exception) -> SlackFailure:
    """What `error`, one of `bot.slack.errors.SLACK_FAILURES`, means."""
    if isinstance(error, SlackApiError):
        return _answered(error.response)
    if isinstance(error, aiohttp.ClientConnectorError | aiohttp.ConnectionTimeoutError):
        return SlackFailure(Trouble.UNSENT, "no_connection")
    if isinstance(error, aiohttp.ClientError | TimeoutError):
        return SlackFailure(Trouble.UNCERTAIN, "no_answer")
    return SlackFailure(Trouble.REFUSED, type(error).__name__)  # raised by the SDK before anything was sent


def _answered(response: Any) -> SlackFailure:
    """`response`: the SDK's, or aiohttp's own where the body could not be read."""
    status: int = getattr(response, "status_code", None) or getattr(response, "status", None) or 0
    data = getattr(response, "data", None)
    code = data.get("error") if isinstance(data, Mapping) else None
    trouble = _MEANING.get(code) if isinstance(code, str) else None
    if status == 429 or trouble is Trouble.LIMITED:
        return SlackFailure(Trouble.LIMITED, "ratelimited", _retry_after(response))
    if status >= 500 or not isinstance(code, str):
        return SlackFailure(Trouble.UNCERTAIN, f"http_{status}")
    if trouble is None:
        trouble = Trouble.PLACE if code.startswith("restricted_action") else Trouble.REFUSED
    return SlackFailure(trouble, code)


def _retry_after(response: Any) -> float:
    headers = getattr(response, "headers", None) or {}
    try:
        seconds = float(next(value for name, value in headers.items() if name.lower() == "retry-after"))
    except (StopIteration, ValueError):
        return DEFAULT_WAIT
    return seconds if 0 < seconds < float("inf") else DEFAULT_WAIT
