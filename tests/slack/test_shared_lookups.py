"""One question to Slack for all who wait for the same person."""

import asyncio
from typing import Any

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.demo.clock import ManualClock
from bot.slack import shared_lookups
from bot.slack.shared_lookups import PausedError, SharedLookups


class Slack(AsyncWebClient):
    """Answers when it is let, with the number of the question; or as `limited` says."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []
        self.answering = asyncio.Event()
        self.limited: int | None = None

    async def users_info(self, *, user: str, **_: Any) -> AsyncSlackResponse:
        self.asked.append(user)
        number, status = len(self.asked), 429 if self.limited else 200
        if not self.limited:
            await self.answering.wait()
        headers = {"Retry-After": str(self.limited)}
        data = {"ok": status == 200, "number": number, "error": "ratelimited"}
        answer = AsyncSlackResponse(
            client=self,
            http_verb="GET",
            api_url="",
            req_args={},
            data=data,
            headers=headers,
            status_code=status,
        )
        if status != 200:
            raise SlackApiError("limited", answer)
        return answer


async def _turn() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_many_wait_for_few() -> None:
    """However many presses wait for one person, Slack is asked once for those that came meanwhile."""
    slack = Slack()
    lookups = SharedLookups(slack, ManualClock())
    first = asyncio.create_task(lookups.info("U1"))
    await _turn()
    others = [asyncio.create_task(lookups.info("U1")) for _ in range(30)]
    somebody_else = asyncio.create_task(lookups.info("U2"))
    await _turn()
    assert slack.asked == ["U1", "U2"]
    slack.answering.set()
    assert (await first)["number"] == 1
    assert {(await one)["number"] for one in others} == {3}
    assert (await somebody_else)["number"] == 2
    assert (await lookups.info("U1"))["number"] == 4


async def test_nobody_gets_an_answer_from_before() -> None:
    """Who asks while Slack is being asked gets an answer that it gave afterwards: roles are taken away."""
    slack = Slack()
    lookups = SharedLookups(slack, ManualClock())
    early = asyncio.create_task(lookups.info("U1"))
    await _turn()
    late = asyncio.create_task(lookups.info("U1"))
    slack.answering.set()
    assert ((await early)["number"], (await late)["number"]) == (1, 2)


async def test_one_who_goes_away_spoils_it_for_nobody() -> None:
    """A press that is not waited for any more takes nobody else's answer along."""
    slack = Slack()
    lookups = SharedLookups(slack, ManualClock())
    first, second = (asyncio.create_task(lookups.info("U1")) for _ in range(2))
    await _turn()
    first.cancel()
    slack.answering.set()
    assert (await second)["number"] == 1


async def test_an_answer_that_hangs(monkeypatch: pytest.MonkeyPatch) -> None:
    """A question that Slack does not answer holds up those that come after it for three seconds only."""
    monkeypatch.setattr(shared_lookups, "IN_TURN", 0.01)
    slack = Slack()
    lookups = SharedLookups(slack, ManualClock())
    hanging = asyncio.create_task(lookups.info("U1"))
    await _turn()
    after = asyncio.create_task(lookups.info("U1"))
    while len(slack.asked) < 2:  # noqa: ASYNC110 - nothing else tells
        await asyncio.sleep(0.001)
    slack.answering.set()
    assert ((await hanging)["number"], (await after)["number"]) == (1, 2)


@pytest.mark.parametrize(("pause", "asked"), [(2, 2), (30, 1)])
async def test_slack_wants_a_pause(pause: int, asked: int) -> None:
    """Until Slack's pause is over it is asked about nobody; a short one is waited for, a long one is said."""
    slack, clock = Slack(), ManualClock()
    slack.answering.set()
    lookups = SharedLookups(slack, clock)
    slack.limited = pause
    with pytest.raises(SlackApiError):
        await lookups.info("U1")
    slack.limited = None
    if asked == 2:
        assert (await lookups.info("U2"))["number"] == 2
        assert clock.slept == [2.0]
    else:
        with pytest.raises(PausedError):
            await lookups.info("U2")
        clock.advance(pause)
        assert (await lookups.info("U2"))["number"] == 2
