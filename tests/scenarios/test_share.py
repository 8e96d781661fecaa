"""The button "Share in channel" under a private answer."""

from dataclasses import replace

import pytest

from bot.demo.slack.model import BOT_USER
from bot.demo.slack.people import ANA, BEN, PRIVATE, SHARED
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
    mine = [
        line
        for line in private.splitlines()
        if line != "[Share in channel]" and not line.startswith("You did not say which")
    ]
    assert shared[:-1] == mine


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
