"""How a call to Slack fails."""

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError

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
