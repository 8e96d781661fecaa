"""Where a card goes: where people can see it, or nowhere, and then it is said."""

import pytest

from bot.demo.planetscale.world import State
from bot.demo.slack.model import BOT_USER, Message
from bot.demo.slack.people import ANA, BEN, CHIOMA, NO_BOT, OLD, OLU, PRIVATE, RANDOM, SHARED
from tests.scenarios.conftest import MOVES, Stage, open_stage, text, waits_until
from tests.scenarios.restarting import restarted

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
        assert await ask(stage, DIRECT) == "The card goes to #random."
        assert waits_until(stage.cards(RANDOM)[-1]) == "02:44"
        await stage.press(BEN, "op_approve", stage.card(RANDOM))
        assert stage.changes == ["PATCH shop/workflows/3/switch-replicas"]


async def test_where_the_bot_may_not_post(http_stage: Stage) -> None:
    """In a channel without the bot the request ends, and the requester reads why where they asked."""
    stage = http_stage
    await ask(stage, NO_BOT)
    await stage.settle()
    assert stage.slack.visible_text(stage.private()) == text(
        """
        Slack takes no message from me in this channel, so nobody could see your request. Nothing was sent. \
            Invite me with /invite, then ask again.
        """
    )
    assert stage.private().channel == NO_BOT
    assert stage.cards(DIRECT) == []
    assert await stage.type("history shop 3") == text(
        """
        Nothing was asked for on shop #3 through this bot. Now: /workflow show shop 3
        Left out: 1 request refused before anybody else saw it.
        [Refused at once (1)]
        """
    )
    await stage.pass_time(10)
    assert stage.changes == []


async def test_where_the_bot_may_not_post_and_slack_takes_no_answer(http_stage: Stage) -> None:
    """If Slack does not take the answer where it was asked, it comes as a direct message."""
    stage = http_stage
    stage.slack.fail("response_url", error="expired_url", times=None)
    await ask(stage, NO_BOT)
    await stage.pass_time(10)
    [told] = stage.cards(DIRECT)
    assert "Slack takes no message from me in this channel" in told


async def test_an_archived_channel(http_stage: Stage) -> None:
    """The same in a channel that is archived."""
    assert await ask(http_stage, OLD) == ""
    assert len(http_stage.cards(DIRECT)) == 1


async def test_the_next_place() -> None:
    """Where the bot may not post, the card goes to the bot's own channel, and the requester gets the link."""
    async with open_stage(WORKFLOW_BOT_CHANNEL=RANDOM) as stage:
        await ask(stage, NO_BOT)
        assert waits_until(stage.cards(RANDOM)[-1]) == "02:44"
        assert stage.cards(DIRECT) == [
            text(
                """
                I may not post where you asked, so your request (switch replica reads, shop #3) is in \
                    #random · open
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
        assert await ask(stage, SHARED) == "The card goes to #random."
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
        assert await ask(stage, RANDOM) == "The card goes to #db-moves."
        assert stage.cards(RANDOM) == []
        assert waits_until(stage.cards(MOVES)[-1]) == "02:44"
        assert await stage.type("verify-data shop 3", BEN, channel=RANDOM) == "The card goes to #db-moves."
        assert stage.changes == ["PATCH shop/workflows/3/verify-data"]


async def test_a_private_channel(http_stage: Stage) -> None:
    """A private channel with the bot is as good as any."""
    stage = http_stage
    assert await ask(stage, PRIVATE) == ""
    await stage.press(BEN, "op_approve", stage.card(PRIVATE))
    assert stage.changes == ["PATCH shop/workflows/3/switch-replicas"]
    assert ANA in stage.slack.channels[PRIVATE].members


def without_the_bot(stage: Stage) -> None:
    """The bot is no member of Ana's private channel."""
    stage.slack.channels[PRIVATE].members.discard(BOT_USER)


async def test_a_way_back_asked_where_the_bot_is_not(http_stage: Stage) -> None:
    """What its requester confirms alone is done wherever it is asked: they see the card, and how it ends."""
    stage = http_stage
    stage.planetscale.add_workflow("shop", 3, "switched_primaries")
    without_the_bot(stage)
    await stage.type("reverse-traffic shop 3", channel=PRIVATE)
    await stage.press(ANA, "op_confirm", stage.private())
    assert stage.slack.visible_text(stage.private()) == "Confirmed. The card goes to #dba-private."
    await stage.pass_time(30, 1)
    assert stage.changes == ["PATCH shop/workflows/3/reverse-traffic"]
    card, *told = stage.cards(DIRECT)
    assert card.splitlines()[1] == "Done in 8 s · commerce has served everything again since 02:14"
    assert told == [
        text(
            """
            I may not post in the channel of your request (reverse traffic, shop #3), so only you see it.
            Invite me there for the next one.
            """
        ),
        "commerce has served everything of shop #3 again since 02:14. Nothing was deleted.",
    ]


CREATE = "create shop main --name move --source-keyspace commerce --target-keyspace customer --tables orders"


@pytest.mark.parametrize(
    ("typed", "card"),
    [("verify-data shop 3", "Verification started at 02:14:10"), (CREATE, "Created · shop #4 move")],
)
async def test_what_needs_nobody_asked_where_the_bot_is_not(http_stage: Stage, typed: str, card: str) -> None:
    """Nothing is changed at PlanetScale that nobody is told of: at the least its requester sees the card."""
    stage = http_stage
    stage.planetscale.add_workflow("shop", 3, "running" if "verify" in typed else "cancelled")
    without_the_bot(stage)
    await stage.type(typed, channel=PRIVATE)
    await stage.pass_time(30)
    assert len(stage.changes) == 1
    assert stage.cards(DIRECT)[0].splitlines()[1] == card
    assert len(stage.cards(DIRECT)) == 2


async def test_the_bot_is_removed_while_it_runs(http_stage: Stage) -> None:
    """Once something was sent, its end is told: where the channel takes no message, to the requester."""
    stage = http_stage
    await ask(stage, PRIVATE)
    await stage.press(BEN, "op_approve", stage.card(PRIVATE))
    without_the_bot(stage)
    await stage.pass_time(60)
    assert stage.changes == ["PATCH shop/workflows/3/switch-replicas"]
    assert stage.cards(DIRECT) == [
        text(
            """
            Replica reads of shop #3 have been on customer since 02:14. Writes are on commerce. \
            Way back: /workflow reverse-traffic shop 3
            """
        )
    ]


async def test_the_bot_is_removed_while_nobody_knows(http_stage: Stage) -> None:
    """A card that cannot be kept right in its channel any more moves to the requester, with its end."""
    stage = http_stage
    await ask(stage, PRIVATE)
    stage.planetscale.trouble("late", on="mutation", seconds=90)
    await stage.press(BEN, "op_approve", stage.card(PRIVATE))
    without_the_bot(stage)
    await stage.pass_time(120)
    assert stage.cards(DIRECT)[0].splitlines()[1].startswith("It did happen")


async def unsettled(stage: Stage) -> None:
    """Ben approved, the bot lost the channel, and reads cannot settle it: only Ana has the card."""
    await ask(stage, PRIVATE)
    stage.planetscale.trouble("cut-off", on="mutation")
    await stage.press(BEN, "op_approve", stage.card(PRIVATE))
    stage.planetscale.workflow("shop", 3).state = State.COPYING
    without_the_bot(stage)
    await stage.pass_time(130, 13)
    unsettled_card(stage, DIRECT)


NEEDS_PERSON = "Outcome not known · a person has to say it"
SETTLED = "It did not happen, says Ben"


def unsettled_card(stage: Stage, channel: str) -> Message:
    """The one card in a channel that waits for somebody to say what happened."""
    (card,) = [one for one in stage.slack.messages(channel) if NEEDS_PERSON in stage.read(one)]
    return card


async def settle(stage: Stage, channel: str) -> None:
    """Ben says on the second card what happened; all cards then say so, and the workflow is free again."""
    first, card = unsettled_card(stage, DIRECT), unsettled_card(stage, channel)
    assert (
        stage.slack.visible_text(card).splitlines()[-2]
        == "[It happened] [It did not] [Details] [Open in PlanetScale]"
    )
    assert await stage.press(BEN, "op_did_not_happen", card) == ""
    assert [stage.read(one).splitlines()[1].startswith(SETTLED) for one in (first, card)] == [True, True]
    stage.planetscale.workflow("shop", 3).state = State.RUNNING
    await stage.type("verify-data shop 3", CHIOMA)
    assert stage.changes[1:] == ["PATCH shop/workflows/3/verify-data"]


async def test_others_can_settle_what_stands_in_a_direct_message(http_stage: Stage) -> None:
    """Invited again, the bot shows others what they have to settle, once; their press counts, and ends it."""
    stage = http_stage
    await unsettled(stage)
    stage.slack.channels[PRIVATE].members.add(BOT_USER)
    await stage.pass_time(15 * 60, 90)
    await settle(stage, PRIVATE)


async def test_others_can_settle_in_the_bots_own_channel(http_stage: Stage) -> None:
    """A bot that is given a channel of its own shows there what others have to settle."""
    stage = http_stage
    await unsettled(stage)
    stage.settings = stage.settings.model_copy(update={"channel": RANDOM})
    async with restarted(stage, after=11 * 60):
        await stage.pass_time(60, 5)
        await settle(stage, RANDOM)


async def test_no_link_into_a_direct_message(http_stage: Stage) -> None:
    """Nobody is sent to a message that they cannot open; once others can see the card, it is linked."""
    stage = http_stage
    await unsettled(stage)

    async def addresses() -> str:
        found = [await stage.type("approvals", BEN), await stage.type("history shop 3", BEN)]
        rows = [str(one.blocks) for one in stage.slack.ephemeral_for(BEN)[-2:]]
        await stage.type("verify-data shop 3", CHIOMA)
        found += [await stage.type("history shop 3", CHIOMA)]
        return "\n".join([*found, *rows, str(stage.private(CHIOMA).blocks)])

    assert "/archives/" not in await addresses()
    stage.slack.channels[PRIVATE].members.add(BOT_USER)
    await stage.pass_time(11 * 60, 60)
    shown = await addresses()
    assert f"/archives/{PRIVATE}/" in shown
    assert f"/archives/{DIRECT}/" not in shown


async def test_nobody_approves_in_a_direct_message() -> None:
    """A request that others have to decide never waits where only its requester sees it."""
    async with open_stage(WORKFLOW_BOT_CHANNEL=RANDOM) as stage:
        stage.slack.channels[RANDOM].archived = True
        await ask(stage, NO_BOT)
        await stage.settle()
        assert "nobody could see your request" in stage.slack.visible_text(stage.private())
        assert stage.cards(DIRECT) == []
        await stage.pass_time(10)
        assert stage.changes == []
