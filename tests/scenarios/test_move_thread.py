"""One thread a move: what becomes of a workflow is told under its live message."""

from bot.demo.slack.model import Message
from bot.demo.slack.people import ANA, BEN, GIL, RANDOM
from tests.scenarios.conftest import A_DAY, MOVES, Stage, open_stage, text, titled
from tests.scenarios.watched import choose, live, outside

REPLICAS = "switch-traffic shop 3 --replicas-only"


def below(stage: Stage, root: Message) -> list[str]:
    """What stands in the thread of a message."""
    return [stage.read(one) for one in stage.slack.messages(root.channel) if one.thread_ts == root.ts]


async def test_a_request_from_its_card_to_its_result() -> None:
    """The live message is there first, the card that waits for people below it; once it is done, that is
    told in the live message's thread alone, with a link to the card."""
    async with open_stage(watches=True) as stage:
        stage.planetscale.add_workflow("shop", 3, "verified_data")
        await stage.type(REPLICAS)
        root, card = stage.slack.messages(MOVES)
        head, stages, *rest = stage.read(root).splitlines()
        assert head == "Verified clean today 00:14 · shop #3 orders-to-customer"
        assert stages == "Copied ✓ → Verified ● now → Replica reads → Writes → Cut over → Completed"
        waits = "⏳ Waits for approval: Switch replica reads, asked by Ana, until 02:44 · open"
        assert waits in rest
        assert f"/archives/{MOVES}/p{card.ts.replace('.', '')}" in str(root.blocks)
        assert titled(stage.read(card), "Switch replica reads · shop #3 orders-to-customer\n")
        await stage.press(BEN, "op_approve", card)
        await stage.pass_time(60, 4)
        assert below(stage, root) == [
            "Replica reads of shop #3 have been on customer since 02:14. Writes are on commerce. Way back: "
            "/workflow reverse-traffic shop 3 · open"
        ]
        assert [one.ts for one in stage.shown()] == [root.ts, card.ts]
        assert "Copied ✓ → Verified ✓ → Replica reads ● now → Writes → Cut over" in stage.read(root)
        assert waits not in stage.read(root)


async def test_what_calls_somebody_is_shown_in_the_channel() -> None:
    """What somebody did without the bot is told in the thread and in the channel: one message, which is
    brought up to date in both."""
    async with open_stage(watches=True) as stage:
        stage.planetscale.add_workflow("shop", 3, "verified_data")
        await stage.type("watch shop 3")
        await outside(stage, "switch-replicas")
        root, call = stage.shown()
        assert below(stage, root) == [stage.read(call)]
        assert stage.read(call).startswith("⚠️ Replica reads switched outside this bot")
        assert stage.slack.live_markup(call) == ["user @Ana"]


async def test_a_reply_without_a_call_is_not() -> None:
    """What is only to be known stands in the thread, and not in the channel."""
    async with open_stage(watches=True) as stage:
        stage.planetscale.add_workflow("shop", 3, "error")
        await stage.type("watch shop 3")
        await outside(stage, "retry")
        (root,) = stage.shown()
        assert [one.partition(" outside")[0] for one in below(stage, root)] == ["shop #3 was retried"]


async def test_what_comes_to_nothing_is_told_in_one_line() -> None:
    """A request that is denied or withdrawn has one reply in the thread of the move, with what it was."""
    async with open_stage(watches=True) as stage:
        stage.planetscale.add_workflow("shop", 3, "verified_data")
        await stage.type(REPLICAS)
        await stage.press(BEN, "op_deny")
        await stage.type("cancel shop 3")
        await stage.press(ANA, "op_withdraw")
        root, *cards = stage.shown()
        assert below(stage, root) == [
            "Switch replica reads: denied by Ben.\nNothing was sent. @Ana · open",
            "Cancel: withdrawn by Ana at 02:14. Nothing was sent. · open",
        ]
        assert len(cards) == 2


async def test_brought_to_the_bottom() -> None:
    """From then on all is told in the thread of the new live message; what was told stays where it is."""
    async with open_stage(watches=True) as stage:
        stage.planetscale.add_workflow("shop", 3, "verified_data")
        await stage.type("watch shop 3")
        await outside(stage, "switch-replicas")
        old = live(stage)
        await choose(stage, "Bring to the bottom")
        new = live(stage)
        await outside(stage, "switch-primaries")
        assert [len(below(stage, root)) for root in (old, new)] == [1, 1]
        assert "goes on below" in stage.read(old)


async def test_asked_for_in_another_channel() -> None:
    """Whoever sees the card reads there what became of it; the move's thread has one line with a link."""
    async with open_stage(watches=True) as stage:
        stage.planetscale.add_workflow("shop", 3, "verified_data")
        await stage.type("watch shop 3")
        await stage.type(REPLICAS, ANA, RANDOM)
        card = stage.card(RANDOM)
        await stage.press(BEN, "op_approve", card)
        await stage.pass_time(60, 4)
        assert below(stage, card) == [
            "Replica reads of shop #3 have been on customer since 02:14. Writes are on commerce. Way back: "
            "/workflow reverse-traffic shop 3"
        ]
        assert below(stage, live(stage)) == ["Replica reads switched at 02:14 by Ana, approved by Ben · open"]


async def test_where_slack_takes_no_live_message() -> None:
    """Without a live message in the channel all is told as a message of its own, or below the card."""
    async with open_stage(watches=True) as stage:
        stage.planetscale.add_workflow("shop", 3, "verified_data")
        stage.slack.fail("chat.postMessage", error="is_archived")
        await stage.type(REPLICAS)
        (card,) = stage.shown()
        await stage.press(BEN, "op_approve", card)
        await stage.pass_time(60, 4)
        assert below(stage, card) == [
            "Replica reads of shop #3 have been on customer since 02:14. Writes are on commerce. Way back: "
            "/workflow reverse-traffic shop 3"
        ]


async def a_move(stage: Stage) -> Message:
    """A move with a denial and a switch that somebody made without the bot; its live message."""
    stage.planetscale.add_workflow("shop", 3, "verified_data")
    await stage.type(REPLICAS)
    await stage.press(BEN, "op_deny")
    await stage.type(REPLICAS)
    await stage.press(BEN, "op_approve")
    await stage.pass_time(60, 5)
    await outside(stage, "switch-primaries")
    await stage.pass_time(A_DAY, 7200)
    for asked in ("cutover shop 3", "complete shop 3"):
        await stage.type(asked)
        await stage.press(BEN, "op_approve")
        await stage.pass_time(120, 5)
    return stage.first


async def test_the_record_of_a_move() -> None:
    """Once it is over, the live message says how each stage went, who asked and who decided, what was done
    without the bot and what went wrong; the report says the same, and reads nothing at PlanetScale."""
    async with open_stage(watches=True) as stage:
        root = await a_move(stage)
        told = stage.read(root)
        _, _, story = told.partition("\nStages\n")
        record, to_keep, page = story.rsplit("\n", 2)
        assert to_keep == "To keep: /workflow report shop 3 --format markdown"
        assert page == "[Open in PlanetScale]"
        assert record == text(
            """
            Copied Nov 22, 2026 23:08 · took 8 h 16 min
            Verified yesterday 00:14 · took 56 min
            Replica reads yesterday 02:14 · 2 h after the stage before
            Writes yesterday 02:15 · 1 min after the stage before
            Cut over today 04:16 · 1 d 2 h after the stage before
            Completed today 04:18 · 2 min after the stage before
            Requests
            yesterday 02:14 · Switch replica reads · asked by Ana
            → denied by Ben yesterday 02:14 · open
            yesterday 02:14 · Switch replica reads · asked by Ana
            → approved by Ben yesterday 02:14 · done yesterday 02:14 in 15 s · open
            today 04:16 · Cut over · asked by Ana
            → approved by Ben today 04:16 · done today 04:16 in 45 s · open
            today 04:18 · Complete · asked by Ana
            → approved by Ben today 04:18 · done today 04:18 in 5 s · open
            Without this bot
            yesterday 02:15 · writes switched by dev@acme.example at PlanetScale
            Went wrong
            Nothing that this bot saw.
            What this is from
            Stages: PlanetScale's times, as this bot read them last, today 04:18
            First watched yesterday 02:14
            What happened before that without a request of this bot was not seen by this bot.
            """
        )
        before = len(stage.planetscale.requests)
        report = await stage.type("report shop 3")
        assert len(stage.planetscale.requests) == before
        assert (
            report
            == text(
                """
            The move of shop #3 orders-to-customer
            Copied ✓ → Verified ✓ → Replica reads ✓ → Writes ✓ → Cut over ✓ → Completed ✓
            Stages
            """
            )
            + f"\n{record}\nNow: /workflow show shop 3"
        )


async def test_the_report_as_markdown() -> None:
    """It has the same sections as lists, with times in UTC and links to the cards."""
    async with open_stage(watches=True) as stage:
        await a_move(stage)
        told = await stage.type("report shop orders --format markdown")
        assert told.startswith("# The move of shop \\#3 orders-to-customer\n")
        assert [line for line in told.splitlines() if line.startswith("## ")] == [
            "## Stages",
            "## Requests",
            "## Without this bot",
            "## Went wrong",
            "## What this is from",
        ]
        assert "- Replica reads 2026-11-23 02:14 UTC · " in told
        assert f"[open]({stage.url}/archives/{MOVES}/p" in told


async def test_the_report_on_one_that_was_never_watched() -> None:
    """What its requests show is told, what they do not show is called unseen; nothing is made up."""
    async with open_stage() as stage:
        stage.planetscale.add_workflow("shop", 3, "verified_data")
        await stage.type(REPLICAS)
        await stage.press(BEN, "op_approve")
        await stage.pass_time(30, 5)
        told = await stage.type("report shop 3")
        assert "approved by Ben" in told
        assert await stage.type("report shop 9") == text(
            """
            This bot has seen nothing of shop #9: nobody asked for anything, and it was not watched.
            Now: /workflow show shop 9
            """
        )


async def test_the_report_is_for_readers() -> None:
    """A guest is told nothing of a move."""
    async with open_stage(watches=True) as stage:
        await stage.type(REPLICAS)
        assert "shop #3" not in await stage.type("report shop 3", GIL)
