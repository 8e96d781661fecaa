"""What each of Slack's error codes means, and what becomes of a message that it stands in the way of."""

from pathlib import Path

import pytest
from slack_sdk.errors import SlackApiError, SlackRequestError
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.demo.slack.people import DB_MOVES, RANDOM
from bot.slack.codes import meaning
from bot.slack.delivery import refusals
from bot.slack.delivery.courier import Courier
from bot.slack.delivery.slack_failures import Trouble, failure_of
from tests.rows import each_row
from tests.slack.courier_stage import Stage
from tests.slack.method_codes import CODES

LIMITS = {"message_limit_exceeded", "rate_limited", "ratelimited"}
NAMED = ["update_failed", "streaming_state_conflict", "missing_scope", "not_allowed_token_type"]
"""The codes that the courier knows by name, not only by their meaning."""


def one_of_each(codes: list[str]) -> list[str]:
    """A code of each meaning, and those that have a name of their own."""
    first = {meaning(code): code for code in reversed(codes)}
    return [code for code in codes if code in NAMED or code in first.values()]


@each_row("error", sorted(set().union(*CODES.values()) - LIMITS))
def test_a_code_is_its_meaning(error: str) -> None:
    """What Slack's refusals lead to goes by what their codes mean."""
    failure = failure_of(refused_with(error))
    assert (failure.trouble, failure.code) == (meaning(error), error)


@each_row("error", LIMITS)
def test_a_code_that_limits_the_rate(error: str) -> None:
    """Whatever the code for it: it was too much, and half a minute is waited."""
    failure = failure_of(refused_with(error))
    assert (failure.trouble, failure.seconds) == (Trouble.LIMITED, 30.0)


def test_few_codes_are_more_than_their_meaning() -> None:
    """What becomes of a message is the same for all codes of one meaning, but for those that are named.

    So one code of each meaning, and each that is named, stand for all others below.
    """
    sources = [file.read_text() for file in Path(refusals.__file__).parent.glob("*.py")]
    everywhere = set().union(*CODES.values())
    assert {code for code in everywhere if any(f'"{code}"' in one for one in sources)} == {
        *NAMED,
        "ratelimited",
    }


PASSING = (Trouble.UNSENT, Trouble.UNCERTAIN, Trouble.LIMITED, Trouble.TOKEN, Trouble.REFUSED, Trouble.CALL)


@pytest.mark.parametrize(
    "error", one_of_each([code for code in CODES["chat.postMessage"] if meaning(code) in PASSING])
)
async def test_a_passing_refusal_of_a_post(post: Stage, error: str) -> None:
    """Whatever Slack answers for twenty minutes that is not about the message: it is then there, once."""
    post.slack.fail("chat.postMessage", error=error, times=None)
    courier = post.courier()
    await post.want("a", "v1")
    await post.event("told", "a")
    await twenty_minutes(post, courier)
    await post.want("a", "v2")
    await twenty_minutes(post, courier)
    post.slack.faults.heal()
    healed = post.clock.monotonic()
    await post.settle(courier)
    assert post.shown() == ["v2", "told"]
    assert post.clock.monotonic() - healed < 400
    assert not post.refused


@pytest.mark.parametrize("error", one_of_each(["a_new_reason", *CODES["chat.update"]]))
async def test_a_refusal_of_an_edit(post: Stage, error: str) -> None:
    """Whatever Slack answers to an edit for twenty minutes: in the end the card shows what is so."""
    courier = post.courier()
    await post.want("a", "v1", places=[DB_MOVES, RANDOM])
    await post.settle(courier)
    post.slack.fail("chat.update", error=error, times=None)
    await post.want("a", "v2", places=[DB_MOVES, RANDOM])
    await twenty_minutes(post, courier)
    post.slack.faults.heal()
    await post.settle(courier)
    texts = {text.splitlines()[-1] for text in (*post.shown(), *post.shown(RANDOM))}
    assert texts == ({"v1", "v2"} if meaning(error) in GONE else {"v2"})
    assert courier.healthy
    assert not post.refused


GONE = (Trouble.MISSING, Trouble.THREAD)
"""Slack says that it is not there: nothing can be done about it."""


async def twenty_minutes(post: Stage, courier: Courier) -> None:
    until = post.clock.monotonic() + 1200
    while post.clock.monotonic() < until:
        await courier.run_once()
        post.clock.advance(min(courier.pause or 600, 600))


def test_what_the_sdk_refuses() -> None:
    """A call that the SDK does not even make is certainly not done."""
    assert failure_of(SlackRequestError("no")).trouble is Trouble.REFUSED


@pytest.mark.parametrize(
    ("header", "seconds"), [("7", 7.0), ("soon", 30.0), ("-1", 30.0), ("inf", 30.0), (None, 30.0)]
)
def test_retry_after_is_read(header: str | None, seconds: float) -> None:
    """`Retry-After` is obeyed; where it is missing or no sensible number, half a minute is waited."""
    assert failure_of(limited(header)).seconds == seconds


def refused_with(code: str) -> SlackApiError:
    answer = AsyncSlackResponse(
        client=None,
        http_verb="POST",
        api_url="",
        req_args={},
        data={"ok": False, "error": code},
        headers={},
        status_code=200,
    )
    return SlackApiError(code, answer)


def limited(header: str | None) -> SlackApiError:
    headers = {} if header is None else {"Retry-After": header}
    answer = AsyncSlackResponse(
        client=None, http_verb="POST", api_url="", req_args={}, data={}, headers=headers, status_code=429
    )
    return SlackApiError("limited", answer)
