"""How a call to Slack fails."""

from collections.abc import Mapping

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_slack_response import AsyncSlackResponse

SLACK_FAILURES = (
    SlackApiError,
    SlackClientError,
    aiohttp.ClientError,
    TimeoutError,
    # what slack_sdk raises over an answer that is not the JSON that it expects
    AttributeError,
    RecursionError,
    TypeError,
    ValueError,
)
"""Slack refused, answered something strange, or did not answer."""


def code_of(error: Exception) -> str | None:
    """Slack's code in its answer; `None` where it is no answer of Slack's, such as a proxy's page."""
    answer = error.response if isinstance(error, SlackApiError) else None
    data = answer.data if isinstance(answer, AsyncSlackResponse) else answer
    code = data.get("error") if isinstance(data, Mapping) else None
    return code if isinstance(code, str) else None


def kind_of(error: Exception) -> str:
    """What came instead of an answer, for whoever looks for the cause: a status, or the name of an error."""
    answer = error.response if isinstance(error, SlackApiError) else None
    return f"status {answer.status_code}" if isinstance(answer, AsyncSlackResponse) else type(error).__name__
