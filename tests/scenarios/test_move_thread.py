"""One thread a move: what becomes of a workflow is told under its live message."""

from bot.demo.slack.model import Message
from bot.demo.slack.people import ANA, BEN, RANDOM
from tests.scenarios.conftest import MOVES, Stage, open_stage, titled
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
        assert stage.read(root).startswith("Verified clean today 00:14 · shop #3 orders-to-customer\n")
        assert titled(stage.read(card), "Switch replica reads · shop #3 orders-to-customer\n")
        await stage.press(BEN, "op_approve", card)
        await stage.pass_time(60, 4)
        assert below(stage, root) == [
            "Replica reads of shop #3 have been on customer since 02:14. Writes are on commerce. Way back: "
            "/workflow reverse-traffic shop 3 · open"
        ]
        assert [one.ts for one in stage.shown()] == [root.ts, card.ts]


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
        stage.planetscale.add_workflow("shop", 3, "switched_replicas")
        await stage.type("watch shop 3")
        await outside(stage, "reverse-traffic")
        (root,) = stage.shown()
        assert [one.partition(" outside")[0] for one in below(stage, root)] == [
            "Traffic of shop #3 was reversed"
        ]


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
