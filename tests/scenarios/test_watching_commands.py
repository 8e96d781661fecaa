"""`watch`, `unwatch` and the menu of a live message: who may, what is answered, and what follows."""

from bot.demo.slack.people import ANA, BEN, GIL, RANDOM
from tests.scenarios.conftest import MOVES, open_stage, text, waits_until
from tests.scenarios.watched import choose, first_lines, live, outside, reads, told, watching

DIRECT = "D0ANA"


async def test_watching_starts_with_a_message() -> None:
    """The channel gets the live message; whoever typed it reads that they are mentioned, and how to stop."""
    async with open_stage(watches=True) as stage:
        stage.planetscale.add_workflow("shop", 3, "verified_data")
        assert await stage.type("watch shop 3") == text(
            """
            Watching shop #3 orders-to-customer from now on, in #db-moves.
            You are mentioned when somebody must act. To stop: /workflow unwatch shop 3
            """
        )
        assert reads(stage) == text(
            """
            Verified clean today 00:14 · shop #3 orders-to-customer
            Writes: commerce · Replica reads: commerce
            2 tables, all shards: no row differs, none missing, none extra. Counts as fresh until \
                tomorrow 00:14.
            [Switch replica reads] [Open in PlanetScale] \
                [⋯: Mention me instead | Bring to the bottom | Stop watching | \
                Stream messages]
            """
        )
        assert len(stage.slack.messages(MOVES)) == 1


async def test_watching_twice() -> None:
    """A workflow has one live message: the second time says where it is, and how to have it here."""
    async with watching("verified_data") as stage:
        assert await stage.type("watch shop 3", BEN) == text(
            """
            shop #3 is watched already, in #db-moves · open
            To be mentioned when somebody must act: “Mention me instead” in its menu. Look now: \
                /workflow show shop 3
            """
        )
        assert await stage.type("watch shop 3", BEN, RANDOM) == text(
            """
            shop #3 is watched already, in #db-moves · open
            To move it here: /workflow unwatch shop 3, then /workflow watch shop 3
            """
        )
        assert len(stage.slack.messages(MOVES)) == 1


async def test_watching_from_a_direct_message() -> None:
    """Nobody else would see it there: it goes to the bot's channel; without one it is refused in words."""
    async with open_stage(watches=True) as stage:
        stage.planetscale.add_workflow("shop", 3, "verified_data")
        assert await stage.type("watch shop 3", ANA, DIRECT) == text(
            """
            There is no channel for shop #3: a live message is for everybody, so it is not kept here.
            Type it in a channel where I am a member: /workflow watch shop 3
            """
        )
        assert stage.slack.messages(MOVES) == []
    async with open_stage(watches=True, WORKFLOW_BOT_CHANNEL=MOVES) as stage:
        stage.planetscale.add_workflow("shop", 3, "verified_data")
        assert await stage.type("watch shop 3", ANA, DIRECT) == text(
            """
            Watching shop #3 orders-to-customer from now on, in #db-moves.
            You are mentioned when somebody must act. To stop: /workflow unwatch shop 3
            """
        )
        assert len(stage.slack.messages(MOVES)) == 1


async def test_what_cannot_be_watched() -> None:
    """One that is not there, and one that has ended: said with the next step."""
    async with open_stage(watches=True) as stage:
        stage.planetscale.add_workflow("shop", 2, "completed")
        assert await stage.type("watch shop 9") == text(
            """
            There is no workflow 9 in shop. Active: none.
            All: /workflow list shop
            [List shop]
            """
        )
        assert await stage.type("watch shop 2") == text(
            """
            shop #2 has ended (completed): there is nothing to watch.
            Look at it: /workflow show shop 2
            """
        )
        assert stage.slack.messages(MOVES) == []


async def test_guests_may_not() -> None:
    """A guest changes nothing of what is watched, by no command and by no menu."""
    async with watching("verified_data") as stage:
        refused = text(
            """
            Only full members of this workspace can use this bot. Nothing was read. Ask one of them.
            """
        )
        assert await stage.type("unwatch shop 3", GIL) == refused
        for label in ("Mention me instead", "Bring to the bottom", "Stop watching", "Stream messages"):
            assert await choose(stage, label, GIL) == refused
        await outside(stage, "switch-replicas")
        assert stage.slack.live_markup(stage.card()) == ["user @Ana"]
        assert live(stage).ts == stage.first.ts


async def test_unwatching() -> None:
    """The message says that it is not watched any more and by whom; nothing more is told or read."""
    async with watching("verified_data") as stage:
        assert await stage.type("unwatch shop 3", BEN) == text(
            """
            shop #3 is not watched any more. The workflow itself goes on as it was.
            Again: /workflow watch shop 3
            """
        )
        assert reads(stage) == text(
            """
            Not watched any more since today 02:14 (Ben) · shop #3 orders-to-customer
            Last known: verified clean today 00:14, read today 02:14
            Writes (then): commerce · Replica reads (then): commerce
            Now: /workflow show shop 3 or /workflow watch shop 3
            [Open in PlanetScale]
            """
        )
        asked = len(stage.planetscale.requests)
        await outside(stage, "switch-replicas", seconds=600, step=60)
        assert told(stage) == []
        assert len(stage.planetscale.requests) == asked
        assert (
            await stage.type("unwatch shop 3")
            == "shop #3 is not watched. To watch it: /workflow watch shop 3"
        )


async def test_watching_again() -> None:
    """What was unwatched can be watched again, with a message of its own."""
    async with watching("verified_data") as stage:
        await stage.type("unwatch shop 3")
        await stage.type("watch shop 3", BEN)
        assert live(stage).ts == stage.card().ts
        await outside(stage, "switch-replicas")
        assert stage.slack.live_markup(stage.card()) == ["user @Ben"]


async def test_an_action_watches_again() -> None:
    """Whoever asks for an action on an unwatched workflow wants to know how it goes."""
    async with watching("running", tables={"orders": 9_000_000}) as stage:
        await stage.type("unwatch shop 3")
        await stage.pass_time(5)
        await stage.type("verify-data shop 3", BEN)
        assert (
            reads(stage, live(stage)).splitlines()[0]
            == "Verifying · about 0 %, about 1 min left · shop #3 orders-to-customer"
        )
        await stage.pass_time(120, 15)
        assert stage.slack.live_markup(stage.card()) == ["user @Ben"]


async def test_watching_where_slack_cannot_say_who_reads() -> None:
    """Where Slack does not say whether other companies read a channel, nothing is told there."""
    async with open_stage(watches=True) as stage:
        stage.planetscale.add_workflow("shop", 3, "verified_data")
        stage.slack.slow_down("conversations.info", times=None)
        assert await stage.type("watch shop 3") == text(
            """
            Slack could not say who reads this channel, so nothing is watched here.
            Again in a minute: /workflow watch shop 3
            """
        )
        assert stage.slack.messages(MOVES) == []


async def test_mention_me_instead() -> None:
    """Whoever chooses it is called from then on, and nobody else."""
    async with watching("verified_data") as stage:
        assert await choose(stage, "Mention me instead", BEN) == text(
            """
            From now on you, and nobody else, are mentioned when somebody must act on shop #3.
            Anybody can take over from you in the same menu. Look now: /workflow show shop 3
            """
        )
        await outside(stage, "switch-replicas")
        assert stage.slack.live_markup(stage.card()) == ["user @Ben"]


async def test_a_card_that_changes_takes_nobody_s_place() -> None:
    """Who took over is called from then on, also when an older request of somebody else comes to its end."""
    async with watching("verified_data") as stage:
        await stage.type("switch-traffic shop 3 --replicas-only")
        await choose(stage, "Mention me instead", BEN)
        await stage.pass_time(2000, 100)
        assert any("Expired" in one for one in told(stage))
        await outside(stage, "switch-replicas")
        assert stage.slack.live_markup(stage.card()) == ["user @Ben"]
        await stage.type("switch-traffic shop 3", ANA)
        await outside(stage, "reverse-traffic", "switch-primaries")
        assert stage.slack.live_markup(stage.card()) == ["user @Ana"]


async def test_bring_to_the_bottom() -> None:
    """The live message is posted anew below; the old one becomes a link to it, and only the new one moves.
    What was told before stands in the thread of the old one: the new one links back to it."""
    async with watching("verified_data") as stage:
        old = stage.first
        stage.slack.say(BEN, MOVES, "lunch?")
        assert await choose(stage, "Bring to the bottom", BEN) == text(
            """
            The live message of shop #3 is posted anew at the bottom; the old one links to it.
            For yourself only: /workflow show shop 3
            """
        )
        new = live(stage)
        assert new.ts == stage.card().ts
        assert reads(stage, old) == "The live message of shop #3 orders-to-customer goes on below · open"
        assert f"/p{new.ts.replace('.', '')}" in str(stage.first.blocks)
        assert "What was told before: open" in reads(stage, new)
        assert f"/p{old.ts.replace('.', '')}" in str(new.blocks) + str(new.attachments)
        assert "told before" not in reads(stage, old)
        await outside(stage, "switch-replicas")
        assert (
            reads(stage, new).splitlines()[0]
            == "Replica reads on customer since today 02:14 · shop #3 orders-to-customer"
        )
        assert reads(stage, old) == "The live message of shop #3 orders-to-customer goes on below · open"
        assert len(stage.slack.messages(MOVES)) == 4


async def test_stop_watching() -> None:
    """The menu does what `unwatch` does."""
    async with watching("verified_data") as stage:
        assert await choose(stage, "Stop watching", BEN) == text(
            """
            shop #3 is not watched any more. The workflow itself goes on as it was.
            Again: /workflow watch shop 3
            """
        )
        assert (
            reads(stage).splitlines()[0]
            == "Not watched any more since today 02:14 (Ben) · shop #3 orders-to-customer"
        )


async def test_stream_messages() -> None:
    """What each stream said last is for whoever asks, and for nobody else."""
    async with watching("copying", percent=20) as stage:
        assert await choose(stage, "Stream messages", BEN) == text(
            """
            2 streams of shop #3 · read today 03:14
            -80 copying
            23 Nov 00:58 UTC Stream -80: copy started
            80- copying
            23 Nov 00:58 UTC Stream 80-: copy started
            More: /workflow show shop 3
            """
        )
        assert len(stage.slack.messages(MOVES)) == 1


async def test_all_tables() -> None:
    """Beyond five tables the menu has the whole list, privately."""
    tables = {f"t{number}": 1_000_000 * number for number in range(1, 8)}
    async with watching("copying", percent=20, tables=tables) as stage:
        assert reads(stage) == text(
            """
            Copying · about 20 % · shop #3 orders-to-customer
            Writes: commerce · Replica reads: commerce · as of today 02:14
            ▓▓▓▓░░░░░░░░░░░░░░░░ about 5.6 M of 28 M rows
            No estimate yet
            7 tables: 2 reached their estimate · 1 below it · 4 not begun
            t3 ▓▓▓▓▓▓▓▓░░ 86 % about 2.6 M of 3 M
            commerce → customer (2 shards) · main · started by ana@acme.example, today 02:11
            [Open in PlanetScale] \
                [⋯: Mention me instead | Bring to the bottom | Stop watching | All 7 tables | Stream \
                messages]
            """
        )
        assert await choose(stage, "All 7 tables", BEN) == text(
            """
            7 tables of shop #3 · Copying · about 20 % · read today 03:14
            t1 ▓▓▓▓▓▓▓▓▓░ 99 % about 1 M of 1 M
            t2 ▓▓▓▓▓▓▓▓▓░ 99 % about 2 M of 2 M
            t3 ▓▓▓▓▓▓▓▓░░ 86 % about 2.6 M of 3 M
            t4 ░░░░░░░░░░ 0 % about 0 of 4 M
            t5 ░░░░░░░░░░ 0 % about 0 of 5 M
            t6 ░░░░░░░░░░ 0 % about 0 of 6 M
            t7 ░░░░░░░░░░ 0 % about 0 of 7 M
            More: /workflow show shop 3
            """
        )


async def test_a_live_message_that_somebody_deletes() -> None:
    """It is posted anew as soon as there is something to show."""
    async with watching("verified_data") as stage:
        world = stage.slack.world
        world.messages = [one for one in world.messages if one.ts != stage.first.ts]
        await outside(stage, "switch-replicas")
        assert (
            reads(stage, live(stage)).splitlines()[0]
            == "Replica reads on customer since today 02:14 · shop #3 orders-to-customer"
        )
        assert len(stage.slack.messages(MOVES)) == 2


async def test_a_button_of_the_live_message_goes_through_the_gate() -> None:
    """It asks as the command would: a card that waits for a second person, and nothing is sent."""
    async with watching("verified_data") as stage:
        await stage.press(BEN, "op_next.switch-traffic", live(stage))
        assert first_lines([stage.read(stage.card())]) == [
            "🔵 Moves reads · Switch replica reads · shop #3 orders-to-customer",
        ]
        assert waits_until(stage.read(stage.card())) == "02:44"
        assert stage.changes == []


async def test_a_waiting_request_is_out_of_date_early() -> None:
    """When the watch sees that the workflow is not as it was shown, a waiting card says so at once, without
    anybody pressing."""
    async with watching("verified_data") as stage:
        await stage.type("switch-traffic shop 3 --replicas-only", BEN)
        card = stage.card()
        await outside(stage, "switch-replicas", seconds=30, step=5)
        assert stage.read(card) == text(
            """
            ⚪ Not sent · Switch replica reads · shop #3 orders-to-customer
            Out of date since 02:14 · nothing was sent
            What changed: Replica reads are on customer already, since 02:14.
            Next: /workflow show shop 3
            Asked by Ben at 02:14
            [Details] [Open in PlanetScale]
            acme / shop / main · Writes: commerce
            """
        )
        assert stage.replies() == [
            text(
                """
                Switch replica reads: out of date: Replica reads are on customer already, since 02:14.
                Nothing was sent. @Ben · open
                """
            ),
        ]
        assert stage.changes == []
