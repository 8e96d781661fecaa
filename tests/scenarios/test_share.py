"""The button "Share in channel" under a private answer."""

from dataclasses import replace
from typing import Any

import pytest

from bot.demo.slack.model import BOT_USER
from bot.demo.slack.people import ANA, BEN, PRIVATE, RANDOM, SHARED
from tests.scenarios.conftest import MOVES, Stage, open_stage

SHARE = "qa_share"


def add_orders(stage: Stage, state: str = "verified_data") -> None:
    stage.planetscale.add_workflow("shop", 3, state, name="orders-to-customer")


@pytest.mark.parametrize("typed", ["show shop 3", "list shop", "show shop"])
async def test_an_answer_is_shared_as_it_is_now(stage: Stage, typed: str) -> None:
    """The press reads afresh and posts the same card for all, with the name of who shared it."""
    add_orders(stage)
    private = await stage.type(typed)
    assert stage.slack.messages(MOVES) == []
    before = len(stage.asked)
    assert await stage.press(ANA, SHARE, stage.private()) == ""
    assert len(stage.asked) > before
    shared = stage.cards()[0].splitlines()
    assert shared[-1] == "Shared by Ana"
    assert "You did not say which" not in stage.cards()[0]
    words = [line for line in shared[:-1] if not line.startswith("[")]
    assert words[-1].startswith("Next: /workflow ")
    assert words[-1] in private


async def test_what_is_shared_stays_true(http_stage: Stage) -> None:
    """Whoever reads it a day later sees when it was read, and no age or time of the sharer's own zone."""
    stage = http_stage
    stage.slack.people[ANA] = replace(stage.slack.people[ANA], tz="Asia/Tokyo")
    add_orders(stage)
    assert "verified clean 2 h ago" in await stage.type("show shop 3")
    await stage.press(ANA, SHARE, stage.private())
    assert stage.cards()[0].startswith("Running · verified clean · shop #3 orders-to-customer\n")
    assert " · read today 02:14\n" in stage.cards()[0]
    assert "ago" not in stage.cards()[0] + stage.slack.messages(MOVES)[0].text
    assert "09:14" in await stage.type("list shop")
    await stage.press(ANA, SHARE, stage.private())
    assert stage.cards()[1].startswith("Workflows in shop · 1 active, 0 ended · read today 02:14\n")
    assert "Since (UTC)" in stage.cards()[1]
    assert "23 Nov 00:14" in stage.cards()[1]


@pytest.mark.parametrize(
    "typed", ["show shop 3 --format json", "list shop --format csv", "show shop 9", "list x"]
)
async def test_data_and_mistakes_are_not_offered_to_others(stage: Stage, typed: str) -> None:
    """Only an answer in words can be shared."""
    add_orders(stage)
    assert "Share in channel" not in await stage.type(typed)


async def test_a_channel_of_several_companies_is_spared() -> None:
    """Where people of other companies read, nothing is shared unless the policy allows it."""
    for policy, posts in ((None, 0), ('[[database]]\nmatch = "shop"\nallow_shared_channels = true\n', 1)):
        async with open_stage(policy=policy) as stage:
            add_orders(stage)
            await stage.type("show shop 3", channel=SHARED)
            answer = await stage.press(ANA, SHARE, stage.private())
            assert len(stage.slack.messages(SHARED)) == posts
            assert ("People of other companies see this channel" in answer) is not posts


IN_DOUBT: list[dict[str, Any]] = [{"error": "ratelimited"}, {"status": 503}, {"error": "missing_scope"}]


@pytest.mark.parametrize("how", IN_DOUBT, ids=str)
async def test_in_doubt_who_reads_nothing_is_shared(how: dict[str, Any]) -> None:
    """If Slack does not say who reads a channel, nothing is posted; it is, once Slack says it."""
    async with open_stage() as stage:
        add_orders(stage)
        await stage.type("show shop 3")
        stage.slack.fail("conversations.info", **how)
        answer = await stage.press(ANA, SHARE, stage.private())
        assert answer == (
            "Slack could not say who reads this channel, so nothing was shared. Press again in a minute."
        )
        assert stage.slack.messages(MOVES) == []
        asked = next(one for one in stage.slack.ephemeral_for(ANA) if "Share in channel" in str(one.blocks))
        assert await stage.press(ANA, SHARE, asked) == ""
        assert len(stage.slack.messages(MOVES)) == 1


@pytest.mark.parametrize("how", IN_DOUBT, ids=str)
@pytest.mark.parametrize("line", ["switch-traffic shop 3", "watch shop 3"])
async def test_in_doubt_who_reads_a_card_goes_elsewhere(how: dict[str, Any], line: str) -> None:
    """If Slack does not say who reads a channel, no card stands there: it goes to the bot's own channel."""
    async with open_stage(WORKFLOW_BOT_CHANNEL=RANDOM, watches=True) as stage:
        add_orders(stage)
        stage.slack.fail("conversations.info", times=None, **how)
        await stage.type(line, channel=SHARED)
        assert stage.slack.messages(SHARED) == []
        assert "orders-to-customer" in "\n".join(stage.cards(RANDOM))


@pytest.mark.parametrize("how", IN_DOUBT, ids=str)
async def test_in_doubt_who_reads_nothing_is_asked(how: dict[str, Any]) -> None:
    """If Slack does not say who reads a channel and there is no other, the request is refused in words."""
    async with open_stage() as stage:
        add_orders(stage)
        stage.slack.fail("conversations.info", times=None, **how)
        assert await stage.type("switch-traffic shop 3", channel=SHARED) == (
            "Slack could not say who reads this channel, so nothing is asked here. Nothing was sent. "
            "Ask again in a minute."
        )
        await stage.type("watch shop 3", channel=SHARED)
        assert stage.slack.messages(SHARED) == []


async def test_who_reads_a_channel_is_asked_once_a_minute(http_stage: Stage) -> None:
    """Of many presses in a channel one asks Slack who reads it, and a channel that was opened is noticed."""
    stage = http_stage
    add_orders(stage)
    await stage.type("show shop 3")
    asked = stage.private()
    for _ in range(3):
        assert await stage.press(ANA, SHARE, asked) == ""
    assert len(stage.slack.calls_to("conversations.info")) == 1
    stage.slack.channels[MOVES].shared = True
    stage.clock.advance(61)
    assert "People of other companies see this channel" in await stage.press(ANA, SHARE, asked)
    assert len(stage.slack.messages(MOVES)) == 3


async def test_where_the_bot_is_not_it_says_how_to_invite_it(stage: Stage) -> None:
    """If Slack does not let the bot post, the person reads what to do."""
    add_orders(stage)
    stage.slack.world.channels[PRIVATE].members.discard(BOT_USER)
    await stage.type("show shop 3", channel=PRIVATE)
    answer = await stage.press(ANA, SHARE, stage.private())
    assert answer == "Slack does not let me post here. Invite me with /invite, then press again."


async def test_in_a_direct_message_there_is_nobody_to_share_with(stage: Stage) -> None:
    """There the person is told where to type it."""
    add_orders(stage)
    await stage.type("show shop 3", channel="D0ANA")
    answer = await stage.press(ANA, SHARE, stage.private())
    assert answer.startswith("Nobody else reads this.")
    assert "/workflow show shop 3" in answer


async def test_planetscales_words_stay_private_where_the_policy_says_so() -> None:
    """A policy that keeps PlanetScale's words out of channels holds for shared answers."""
    async with open_stage(policy='[[database]]\nmatch = "shop"\nhide_errors = true\n') as stage:
        add_orders(stage, "copying")
        stage.planetscale.trouble("error", database="shop", number=3, text="secret words of an error")
        assert "secret words" in await stage.type("show shop 3")
        await stage.press(ANA, SHARE, stage.private())
        assert "secret words" not in stage.cards()[0]
        assert "Shared by Ana" in stage.cards()[0]


@pytest.mark.parametrize(
    "value",
    ["/workflow cutover shop 3", "/workflow show shop", "show shop 3 -f json", "show shop 3 --chart", "x"],
)
async def test_a_forged_value_shares_nothing(stage: Stage, value: str) -> None:
    """A button's value that no private answer carries does nothing."""
    add_orders(stage)
    await stage.type("show shop 3")
    assert await stage.press(ANA, SHARE, stage.private(), value=value) == ""
    assert stage.slack.messages(MOVES) == []
    assert stage.changes == []


async def test_who_became_a_guest_shares_nothing(stage: Stage) -> None:
    """Who somebody is is asked of Slack at the press, not remembered from the question."""
    add_orders(stage)
    await stage.type("show shop 3", user=BEN)
    people = stage.slack.world.people
    people[BEN] = replace(people[BEN], restricted=True)
    answer = await stage.press(BEN, SHARE, stage.private(BEN))
    assert (
        answer == "Only full members of this workspace can use this bot. Nothing was read. Ask one of them."
    )
    assert stage.slack.messages(MOVES) == []


async def test_a_press_that_is_delivered_twice_shares_once(stage: Stage) -> None:
    """Slack may deliver a press again: the channel reads the answer once."""
    add_orders(stage)
    await stage.type("show shop 3")
    delivery = await stage.slack.press(ANA, stage.private(), SHARE)
    await stage.slack.redeliver(delivery)
    await stage.settle()
    assert len(stage.slack.messages(MOVES)) == 1


async def test_an_answer_whose_blocks_slack_refuses_is_shared_plainer(stage: Stage) -> None:
    """If Slack does not take the blocks, the channel reads the same words without them."""
    add_orders(stage)
    await stage.type("show shop 3")
    stage.slack.fail("chat.postMessage", error="invalid_blocks", times=1)
    assert await stage.press(ANA, SHARE, stage.private()) == ""
    [shared] = stage.slack.messages(MOVES)
    assert shared.blocks == []
    assert "orders-to-customer" in shared.text
    assert shared.text.endswith("Shared by Ana")


@pytest.mark.parametrize(
    ("how", "says"),
    [
        (
            {"error": "invalid_blocks", "times": None},
            "Slack did not take it, so nothing was shared. Press again in a minute.",
        ),
        (
            {"status": 500, "times": None},
            "Slack did not say whether it took it. Look at the channel, then press again if need be.",
        ),
    ],
    ids=["refused", "in doubt"],
)
async def test_what_slack_does_not_take_is_said(stage: Stage, how: dict[str, Any], says: str) -> None:
    """Who shares something reads that nothing was shared only where that is certain."""
    add_orders(stage)
    await stage.type("show shop 3")
    stage.slack.fail("chat.postMessage", **how)
    assert await stage.press(ANA, SHARE, stage.private()) == says
    assert stage.slack.messages(MOVES) == []
