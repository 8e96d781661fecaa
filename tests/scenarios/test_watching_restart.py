"""The bot is stopped and started again: the same message goes on, nothing is told twice or lost."""

from bot.demo.slack.people import ANA, BEN
from tests.scenarios.conftest import MOVES, open_stage, text
from tests.scenarios.restarting import restarted
from tests.scenarios.watched import choose, first_lines, live, outside, reads, told, told_anywhere, watching

MINUTE = 60.0


async def test_the_same_message_goes_on() -> None:
    """A copy that is watched when the bot stops is shown by the same message after its start, without
    another word."""
    async with watching("copying", percent=20) as stage:
        await stage.pass_time(5 * MINUTE, 60)
        message, posts = stage.first, len(stage.slack.calls_to("chat.postMessage"))
        async with restarted(stage, after=20 * MINUTE):
            await stage.pass_time(5 * MINUTE, 60)
            assert live(stage).ts == message.ts
            assert reads(stage) == text(
                """
                Copying · about 27 % · shop #3 orders-to-customer
                Writes: commerce · Replica reads: commerce · as of today 02:44
                ▓▓▓▓▓░░░░░░░░░░░░░░░ about 282 M of 1.01 B rows
                About 4 h left (3 to 6 h) · 44.6 k rows/s
                orders ▓▓▓▓░░░░░░ 45 % about 282 M of 620 M
                line_items ░░░░░░░░░░ 0 % about 0 of 390 M
                commerce → customer (2 shards) · main · started by ana@acme.example, today 00:58
                [Open in PlanetScale] \
                    [⋯: Mention me instead | Bring to the bottom | Stop watching | Stream messages]
                """
            )
            assert stage.cards() == [stage.read()]
            assert len(stage.slack.calls_to("chat.postMessage")) == posts


async def test_what_was_told_is_not_told_again() -> None:
    """However often the bot starts, each thing is told once."""
    async with watching("verified_data") as stage:
        await outside(stage, "switch-replicas")
        before = stage.cards()
        for _ in range(3):
            async with restarted(stage, after=MINUTE):
                await stage.pass_time(2 * MINUTE, 15)
        assert stage.cards() == before


async def test_what_happened_meanwhile_is_told_late() -> None:
    """What somebody did while the bot was down is told with its time, in order; only the last calls."""
    async with watching("verified_data") as stage:
        await stage.bot.stop()
        for action in ("switch-replicas", "switch-primaries", "cutover"):
            stage.planetscale.outside("shop", 3, action)
            stage.clock.advance(20 * MINUTE)
            stage.planetscale.now()
        async with restarted(stage):
            await stage.pass_time(2 * MINUTE, 15)
            assert told_anywhere(stage) == [
                text(
                    """
                    ⚠️ Replica reads switched outside this bot by dev@acme.example, without the \
                        two-person rule: shop #3. (at 02:14, told late)
                    Writes: customer · Replica reads: customer
                    """
                ),
                text(
                    """
                    ⚠️ Primaries switched outside this bot by dev@acme.example, without the two-person \
                        rule: shop #3. (at 02:34, told late)
                    Writes: customer · Replica reads: customer
                    """
                ),
                text(
                    """
                    ⚠️ Cut over outside this bot by dev@acme.example, without the two-person rule: \
                        shop #3. (at 02:54, told late) @Ana
                    Deleted from commerce: tables orders and line_items. Writes: customer.
                    ↩️ Way back for the routing rules only: /workflow reverse-cutover shop 3
                    [Restore routing rules]
                    """
                ),
            ]
            assert stage.slack.live_markup(stage.card()) == ["user @Ana"]
            assert reads(stage).splitlines()[0] == "Cut over today 02:54 · shop #3 orders-to-customer"


async def test_what_is_found_stays_found() -> None:
    """Workflows that were found have one live message each, however often the bot starts."""
    async with open_stage(watches=True, WORKFLOW_BOT_DATABASES="shop", WORKFLOW_BOT_CHANNEL=MOVES) as stage:
        stage.planetscale.add_workflow("shop", 3, "running")
        await stage.pass_time(MINUTE, 15)
        for _ in range(2):
            async with restarted(stage):
                await stage.pass_time(3 * MINUTE, 30)
        assert len(stage.slack.messages(MOVES)) == 1


async def test_a_restart_while_traffic_moves() -> None:
    """An operation that was under way is told once, by its card and by its own result."""
    async with watching("switched_replicas") as stage:
        await stage.type("switch-traffic shop 3")
        await stage.press(BEN, "op_approve")
        async with restarted(stage, after=5 * MINUTE):
            await stage.pass_time(2 * MINUTE, 15)
            assert first_lines(told(stage)) == [
                "✅ Done · Switch primaries · shop #3 orders-to-customer",
                text(
                    """
                    Writes of shop #3 have been on customer since 02:14. Way back, until the cutover: \
                        /workflow reverse-traffic shop 3 · open
                    """
                ),
            ]
            assert stage.replies() == []
            assert (
                reads(stage).splitlines()[0]
                == "Writes on customer since today 02:14 · shop #3 orders-to-customer"
            )


async def test_what_people_chose_is_remembered() -> None:
    """Who is called, and what is not watched any more, survives a restart."""
    async with watching("verified_data") as stage:
        await choose(stage, "Mention me instead", BEN)
        async with restarted(stage):
            await outside(stage, "switch-replicas")
            assert stage.slack.live_markup(stage.card()) == ["user @Ben"]
            await choose(stage, "Stop watching", ANA)
        async with restarted(stage):
            before = stage.cards()
            await outside(stage, "switch-primaries")
            assert stage.cards() == before
