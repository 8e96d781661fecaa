"""A watched workflow whose channel takes no message: somebody hears of it, and it can be mended."""

from bot.demo.slack.people import ANA, BEN, NO_BOT, RANDOM
from tests.scenarios.conftest import MOVES, open_stage, text
from tests.scenarios.watched import outside, reads

DIRECT = "D0ANA"
MINUTE = 60.0


async def test_where_the_bot_may_not_post() -> None:
    """Who watches in a channel without the bot reads so in a direct message, and is called there."""
    async with open_stage(watches=True) as stage:
        stage.planetscale.add_workflow("shop", 3, "verified_data")
        await stage.type("watch shop 3", ANA, NO_BOT)
        assert stage.cards(DIRECT) == [
            text(
                """
                Slack takes no message from me in #no-bots, so nobody sees shop #3 there.
                What needs somebody to act I tell you here. Invite me there, then: /workflow watch shop 3
                """
            ),
        ]
        await outside(stage, "switch-replicas")
        (_, call) = stage.cards(DIRECT)
        assert call.startswith("⚠️ Replica reads switched outside this bot by dev@acme.example")
        assert "@Ana" in call


async def test_watching_elsewhere_mends_it() -> None:
    """Typed again where the bot is, it is watched there, for whoever typed it."""
    async with open_stage(watches=True) as stage:
        stage.planetscale.add_workflow("shop", 3, "verified_data")
        await stage.type("watch shop 3", ANA, NO_BOT)
        assert (await stage.type("watch shop 3", BEN, MOVES)).startswith(
            "Watching shop #3 orders-to-customer from now on, in #db-moves."
        )
        assert reads(stage).startswith("Verified clean today 00:14 · shop #3 orders-to-customer")
        await outside(stage, "switch-replicas")
        assert stage.slack.live_markup(stage.card()) == ["user @Ben"]
        assert len(stage.cards(DIRECT)) == 1


async def test_a_request_elsewhere_mends_it() -> None:
    """A request in a channel where the bot is brings the live message there."""
    async with open_stage(watches=True) as stage:
        stage.planetscale.add_workflow("shop", 3, "verified_data")
        await stage.type("watch shop 3", ANA, NO_BOT)
        await stage.type("switch-traffic shop 3 --replicas-only", BEN, RANDOM)
        await stage.pass_time(30, 5)
        first_lines = [one.partition("\n")[0] for one in stage.cards(RANDOM)]
        assert sorted(first_lines) == [
            "Verified clean today 00:14 · shop #3 orders-to-customer",
            "🔵 Moves reads · Switch replica reads · shop #3 orders-to-customer",
        ]


async def test_a_channel_that_was_closed_for_a_while() -> None:
    """A live message that Slack refused is there again with the next change, once Slack takes it."""
    async with open_stage(watches=True) as stage:
        stage.planetscale.add_workflow("shop", 3, "verified_data")
        await stage.type("watch shop 3", ANA, MOVES)
        stage.slack.fail("chat.update", error="is_archived")
        stage.slack.fail("chat.postMessage", error="is_archived")
        await outside(stage, "switch-replicas")
        assert any("Slack takes no message" in one for one in stage.cards(DIRECT))
        await stage.pass_time(10 * MINUTE, 30)
        await outside(stage, "switch-primaries")
        newest = [one for one in stage.cards() if one.startswith("Writes on customer since ")]
        assert len(newest) == 1


async def test_it_is_said_once() -> None:
    """However much goes on in a channel without the bot, that nobody sees the live message is said once."""
    async with open_stage(watches=True) as stage:
        stage.planetscale.add_workflow("shop", 3, "running")
        await stage.type("watch shop 3", ANA, NO_BOT)
        await stage.type("verify-data shop 3", ANA, NO_BOT)
        await stage.pass_time(2 * MINUTE, 15)
        for _ in range(2):
            await stage.type("switch-traffic shop 3 --replicas-only", ANA, NO_BOT)
            await stage.pass_time(30, 5)
        assert sum("so nobody sees shop #3 there" in one for one in stage.cards(DIRECT)) == 1
