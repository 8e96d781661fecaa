"""Where a card goes: where people can see it, or nowhere, and then it is said."""

from bot.demo.slack.people import ANA, BEN, CHIOMA, NO_BOT, OLD, OLU, PRIVATE, RANDOM, SHARED
from tests.scenarios.conftest import MOVES, Stage, open_stage, text

REPLICAS = "switch-traffic shop 3 --replicas-only"
DIRECT = "D0ANA"
TO_MOVES = '[[database]]\nmatch = "shop"\nchannel = "C0DBMOVES"\n'


async def ask(stage: Stage, channel: str) -> str:
    """Ana asks in a channel; what she alone reads there."""
    stage.planetscale.add_workflow("shop", 3, "verified_data")
    return await stage.type(REPLICAS, channel=channel)


async def test_in_a_direct_message(http_stage: Stage) -> None:
    """Where nobody else could see it, it is refused in words."""
    stage = http_stage
    assert await ask(stage, DIRECT) == text(
        """
        A second person has to see this, so ask in a channel where I am a member. Nothing was sent.
        """
    )
    assert stage.cards(DIRECT) == []
    assert stage.changes == []


async def test_asked_in_a_direct_message() -> None:
    """With a channel of its own the bot posts the card there, and the requester is told where."""
    async with open_stage(WORKFLOW_BOT_CHANNEL=RANDOM) as stage:
        assert await ask(stage, DIRECT) == "The card is in #random."
        assert stage.cards(RANDOM)[-1].splitlines()[1] == "Waiting for 1 approval · expires 02:44"
        await stage.press(BEN, "op_approve", stage.card(RANDOM))
        assert stage.changes == ["PATCH shop/workflows/3/switch-replicas"]


async def test_where_the_bot_may_not_post(http_stage: Stage) -> None:
    """In a channel without the bot the request ends, and the requester hears why in a direct message."""
    stage = http_stage
    assert await ask(stage, NO_BOT) == ""
    assert stage.cards(DIRECT) == [
        text(
            """
            Your request (switch replica reads, shop #3) could not be shown: Slack takes no message from \
                me in its channel.
            Nothing was sent. Invite me there, then ask again. @Ana
            """
        ),
    ]
    assert await stage.type("history shop 3") == text(
        """
        History of shop #3
        today 02:14 · Switch replica reads · shop #3 orders-to-customer
        Not possible since 02:14 · nothing was sent
        Slack does not let me post in this channel. Invite me with /invite, then ask again. Nothing was \
            sent.
        Asked by Ana
        Now: /workflow show shop 3
        """
    )
    await stage.pass_time(10)
    assert stage.changes == []


async def test_an_archived_channel(http_stage: Stage) -> None:
    """The same in a channel that is archived."""
    assert await ask(http_stage, OLD) == ""
    assert len(http_stage.cards(DIRECT)) == 1


async def test_the_next_place() -> None:
    """Where the bot may not post, the card goes to the bot's own channel, and the requester gets the link."""
    async with open_stage(WORKFLOW_BOT_CHANNEL=RANDOM) as stage:
        await ask(stage, NO_BOT)
        assert stage.cards(RANDOM)[-1].splitlines()[1] == "Waiting for 1 approval · expires 02:44"
        assert stage.cards(DIRECT) == [
            text(
                """
                I may not post where you asked, so your request (switch replica reads, shop #3) is in \
                    #random · card
                """
            ),
        ]
        await stage.press(CHIOMA, "op_approve", stage.card(RANDOM))
        assert stage.changes == ["PATCH shop/workflows/3/switch-replicas"]


async def test_a_channel_that_another_company_sees(http_stage: Stage) -> None:
    """No card is posted where people of other companies would read it."""
    stage = http_stage
    assert await ask(stage, SHARED) == text(
        """
        People of other companies see this channel, so nothing is asked here. Nothing was sent. \
        Ask in a channel of your own.
        """
    )
    assert stage.cards(SHARED) == []
    assert stage.changes == []


async def test_asked_in_a_shared_channel() -> None:
    """With a channel of the bot's own the card goes there, and never to the shared one."""
    async with open_stage(WORKFLOW_BOT_CHANNEL=RANDOM) as stage:
        stage.slack.channels[RANDOM].archived = True
        assert await ask(stage, SHARED) == "The card is in #random."
        assert stage.cards(SHARED) == []
        assert len(stage.cards(DIRECT)) == 1


async def test_the_policy_may_allow_shared_channels() -> None:
    """A team that wants cards in shared channels says so in the policy; outsiders still decide nothing."""
    policy = '[[database]]\nmatch = "shop"\nallow_shared_channels = true\n'
    async with open_stage(policy=policy) as stage:
        assert await ask(stage, SHARED) == ""
        card = stage.card(SHARED)
        assert await stage.press(OLU, "op_approve", card) == text(
            """
            Only full members of this workspace can approve. Nothing was changed. Ask one of them.
            """
        )
        await stage.press(BEN, "op_approve", card)
        assert stage.changes == ["PATCH shop/workflows/3/switch-replicas"]


async def test_the_policys_channel() -> None:
    """A database with a channel of its own has its cards there, wherever they are asked for."""
    async with open_stage(policy=TO_MOVES) as stage:
        assert await ask(stage, RANDOM) == "The card is in #db-moves."
        assert stage.cards(RANDOM) == []
        assert stage.cards(MOVES)[-1].splitlines()[1] == "Waiting for 1 approval · expires 02:44"
        assert await stage.type("verify-data shop 3", BEN, channel=RANDOM) == "The card is in #db-moves."
        assert stage.changes == ["PATCH shop/workflows/3/verify-data"]


async def test_a_private_channel(http_stage: Stage) -> None:
    """A private channel with the bot is as good as any."""
    stage = http_stage
    assert await ask(stage, PRIVATE) == ""
    await stage.press(BEN, "op_approve", stage.card(PRIVATE))
    assert stage.changes == ["PATCH shop/workflows/3/switch-replicas"]
    assert ANA in stage.slack.channels[PRIVATE].members
