"""How a call to Slack fails."""

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError

SLACK_FAILURES = (SlackApiError, SlackClientError, aiohttp.ClientError, TimeoutError)
"""Slack refused, answered something strange, or did not answer."""
