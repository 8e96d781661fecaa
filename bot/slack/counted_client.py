"""Slack's Web API, with each call counted by its method and by what came of it."""

from typing import Any

from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.runtime.figures import Figures
from bot.slack.delivery.slack_failures import failure_of
from bot.slack.errors import SLACK_FAILURES


class CountedClient(AsyncWebClient):
    """What it raises is what the SDK raises."""

    def __init__(self, figures: Figures, **given: Any) -> None:
        super().__init__(**given)
        self._figures = figures

    async def api_call(self, api_method: str, **given: Any) -> AsyncSlackResponse:
        """Every method of the client goes through this one."""
        try:
            answer = await super().api_call(api_method, **given)
        except SLACK_FAILURES as error:
            self._figures.asked_slack(api_method, failure_of(error).trouble.name.lower())
            raise
        self._figures.asked_slack(api_method, "ok")
        return answer
