"""The first words with Slack."""

from typing import Any

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.connect import BUSY_SECONDS, SlackRefusedError, check_app_token, find_home
from tests.slack.courier_stage import FragileClient, Fuse, Stage
from tests.slack.method_codes import CODES

BUSY: list[dict[str, Any]] = [
    {"status": 503},
    {"status": 500},
    {"how": "lose"},
    {"how": "garbage"},
    {"error": "ratelimited"},
    {"error": "internal_error"},
    {"error": "org_login_required"},
    {"error": "a_new_reason"},
]
BAD = ["invalid_auth", "account_inactive", "token_revoked", "token_expired", "not_authed", "missing_scope"]


@pytest.mark.parametrize("fault", BUSY, ids=str)
async def test_a_busy_slack_is_waited_for(post: Stage, fault: dict[str, Any]) -> None:
    """A bot that starts while Slack is busy goes on when it answers; its tokens are not blamed."""
    client = client_of(post)
    post.slack.fail("*", times=3, **fault)
    home = await find_home(client, post.clock)
    assert (home.team_id, len(post.slack.calls)) == ("T0ACME", 4)
    post.slack.fail("*", times=3, **fault)
    await check_app_token(client, post.slack.app_token, post.clock)
    assert post.clock.monotonic() < BUSY_SECONDS


async def test_retry_after_is_obeyed_at_the_start(post: Stage) -> None:
    """Slack is not asked again before it wants to be."""
    post.slack.slow_down("auth.test", retry_after=17, times=2)
    await find_home(client_of(post), post.clock)
    assert post.times("auth.test") == pytest.approx([0, 17, 34], abs=0.01)


@pytest.mark.parametrize("code", BAD)
async def test_a_bad_token_ends_it_at_once(post: Stage, code: str) -> None:
    """A token that Slack does not accept is named in one line, and nothing is waited for."""
    post.slack.fail("auth.test", error=code)
    with pytest.raises(SlackRefusedError, match=f"SLACK_BOT_TOKEN is not usable: Slack answered {code}"):
        await find_home(client_of(post), post.clock)
    assert post.clock.slept == []


@pytest.mark.parametrize("method", ["auth.test", "apps.connections.open"])
async def test_every_answer_is_one_line(post: Stage, method: str) -> None:
    """Whatever Slack answers for minutes, the start ends with a line that names the setting."""
    for code in CODES[method]:
        post.slack.faults.heal()
        post.slack.fail(method, error=code, times=None)
        with pytest.raises(SlackRefusedError, match=r"^SLACK_(BOT|APP)_TOKEN .*\.$") as caught:
            await both(post)
        assert len(str(caught.value).splitlines()) == 1


async def test_slack_cannot_be_reached_for_minutes(post: Stage) -> None:
    """An address where nothing answers is tried for minutes; then the line names its setting."""
    client = AsyncWebClient(token="xoxb-1", base_url="http://127.0.0.1:1/", retry_handlers=[])
    with pytest.raises(SlackRefusedError, match="did not answer at SLACK_API_URL"):
        await find_home(client, post.clock)
    assert 240 < post.clock.monotonic() <= 300


async def test_who_only_asks_does_not_wait(post: Stage) -> None:
    """`workflow-bot check` says at once what Slack answered."""
    post.slack.fail("auth.test", error="service_unavailable")
    with pytest.raises(SlackRefusedError, match="Slack answered service_unavailable"):
        await find_home(client_of(post))


async def both(post: Stage) -> None:
    await find_home(client_of(post), post.clock)
    await check_app_token(client_of(post), post.slack.app_token, post.clock)


def client_of(post: Stage) -> AsyncWebClient:
    return FragileClient(post, Fuse())
