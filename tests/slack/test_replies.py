"""Private answers through Slack's `response_url`."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from bot.demo.clock import ManualClock
from bot.demo.slack.blockkit import TEXT_IN_BLOCKS, message_problems, text_length
from bot.slack.cards.blocks.controls import Button
from bot.slack.cards.blocks.plainer import ANSWER_WITHOUT_BUTTONS
from bot.slack.cards.blocks.rich import CUT, Card, Message
from bot.slack.replies.private_replies import Replies

URL = "https://hooks.slack.test/response"
Answer = Callable[[], httpx.Response]


def question() -> Message:
    card = Card()
    card.line("Go back now?")
    card.actions(Button("Yes", "op_confirm", "1"))
    return card.message()


async def sent(message: Message, *answers: httpx.Response | Exception) -> tuple[bool, list[Any], ManualClock]:
    """Whether Slack took it after these answers, what was posted, and the time that went by."""
    posted: list[Any] = []
    left = list(answers)

    def answer(request: httpx.Request) -> httpx.Response:
        posted.append(request.read())
        given = left.pop(0) if left else httpx.Response(200, text="ok")
        if isinstance(given, Exception):
            raise given
        return given

    clock = ManualClock()
    async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as http:
        taken = await Replies(None, http, clock).send(URL, message)  # type: ignore[arg-type]
    return taken, posted, clock


def no(code: str, status: int = 200) -> httpx.Response:
    return httpx.Response(status, json={"ok": False, "error": code})


@pytest.mark.parametrize(
    "busy",
    [
        httpx.Response(503, text="<html>busy</html>"),
        httpx.Response(429),
        no("ratelimited"),
        no("org_login_required"),
        no("service_unavailable"),
        no("internal_error", 500),
    ],
    ids=str,
)
async def test_a_busy_slack_is_asked_again(busy: httpx.Response) -> None:
    """While Slack is busy the same answer is sent again, whole, after a few seconds."""
    taken, posted, clock = await sent(question(), busy, busy)
    assert taken
    assert len(set(posted)) == 1
    assert clock.slept == [1.0, 3.0]


async def test_a_slack_that_stays_busy() -> None:
    """After three tries it is left to whoever asked, who may have another way to tell it."""
    busy = httpx.Response(503)
    taken, posted, _ = await sent(question(), busy, busy, busy)
    assert (taken, len(posted)) == (False, 3)


async def test_retry_after_of_an_answer() -> None:
    """Slack is not asked sooner than it wants, and nobody waits for it for minutes."""
    for asked, waited in (("2", 2.0), ("600", 5.0)):
        limited = httpx.Response(429, headers={"Retry-After": asked})
        taken, _, clock = await sent(question(), limited)
        assert (taken, clock.slept) == (True, [waited])


@pytest.mark.parametrize("times", [1, 2])
@pytest.mark.parametrize(
    "refusal", [no("invalid_blocks"), no("a_new_reason"), no("invalid_payload", 400)], ids=str
)
async def test_an_answer_keeps_its_buttons(refusal: httpx.Response, times: int) -> None:
    """Refused blocks are sent plainer with their buttons; without them the answer says how to get them."""
    taken, posted, clock = await sent(question(), *[refusal] * times)
    assert (taken, clock.slept, len(posted)) == (True, [], times + 1)
    last = posted[-1].decode()
    assert ("op_confirm" in last) is (times == 1)
    assert (ANSWER_WITHOUT_BUTTONS in last) is (times == 2)


@pytest.mark.parametrize(
    "end",
    [
        no("expired_url", 404),
        no("used_url", 404),
        httpx.Response(404, text="used_url"),
        httpx.ReadTimeout(""),
    ],
    ids=str,
)
async def test_an_address_that_is_spent(end: httpx.Response | Exception) -> None:
    """What cannot be taken there any more, or may have been taken, is not sent there again."""
    taken, posted, _ = await sent(question(), end)
    assert (taken, len(posted)) == (False, 1)


@pytest.mark.parametrize("monospaced", [True, False])
def test_a_message_that_would_be_too_long(monospaced: bool) -> None:
    """However much there is to say, Slack takes the message; it says that the end is left out."""
    card = Card()
    card.header("A long story")
    lines = [f"line {number} " + "x" * 80 for number in range(300)]
    if monospaced:
        card.monospaced(lines)
    for line in lines:
        card.line(line)
    card.actions(Button("Yes", "op_confirm", "1"))
    blocks = list(card.message().blocks)
    assert message_problems(blocks) == []
    assert text_length(blocks) < TEXT_IN_BLOCKS
    assert CUT in str(blocks)
    assert "line 0 " in str(blocks)
    assert blocks[-1]["type"] == "actions"


@pytest.mark.parametrize("sign", ["&", "<", "x", "表"])
def test_the_plain_text_fits_when_it_is_escaped(sign: str) -> None:
    """The plain text of a long card is short enough for an edit, whatever signs are in it."""
    card = Card()
    for _ in range(100):
        card.line(sign * 100)
    plain = card.message().plain
    assert len(plain) <= 3_700
    assert plain.endswith("…")
    assert plain[:-1].replace("&amp;", "").replace("&lt;", "").replace("&", "!") == plain[:-1].replace(
        "&amp;", ""
    ).replace("&lt;", "")
