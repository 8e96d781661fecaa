"""What goes wrong by itself: told in its own words, once, and told once when it is over."""

from bot.demo.slack.people import ANA
from tests.scenarios.conftest import open_stage, text
from tests.scenarios.watched import reads, told, watching

MINUTE, HOUR = 60.0, 3600.0


async def test_throttled_before_it_was_watched() -> None:
    """What was throttled when it was first read is not said to be so since then."""
    async with open_stage(watches=True) as stage:
        stage.planetscale.add_workflow("shop", 3, "copying", percent=20)
        stage.planetscale.trouble("throttle", times=None, database="shop", number=3, text="vplayer")
        await stage.pass_time(HOUR, HOUR)
        await stage.type("watch shop 3")
        assert "throttled, first seen today 03:14 · shop #3" in reads(stage)
        stage.planetscale.let_go("shop", 3)
        await stage.pass_time(5 * MINUTE, 15)
        assert "throttled" not in reads(stage)
        stage.planetscale.trouble("throttle", times=None, database="shop", number=3, text="vplayer")
        await stage.pass_time(2 * MINUTE, 15)
        assert "throttled since today 03:19" in reads(stage)


async def test_throttled_for_long() -> None:
    """At once in the live message, after half an hour in the thread, after four hours in the channel; that it
    goes on is told once."""
    async with watching("copying", percent=20) as stage:
        stage.planetscale.trouble("throttle", times=None, database="shop", number=3, text="vplayer")
        await stage.pass_time(2 * MINUTE, 15)
        assert reads(stage) == text(
            """
            Copying · about 20 % · throttled since today 02:14 · shop #3 orders-to-customer
            Writes: commerce · Replica reads: commerce · as of today 02:14
            Held back by the throttler on vreplication:80-:vplayer (stream 80-) to protect the \
                database. It goes on by itself. No estimate meanwhile.
            [Open in PlanetScale] \
                [⋯: Mention me instead | Bring to the bottom | Stop watching | Stream messages]
            """
        )
        assert stage.replies() == []
        await stage.pass_time(0.5 * HOUR, 180)
        assert stage.replies() == [
            text(
                """
                Throttled since 02:14 (stream 80-): shop #3. It goes on by itself.
                Writes: commerce
                """
            ),
        ]
        await stage.pass_time(3.5 * HOUR, 0.25 * HOUR)
        assert stage.replies()[1:] == [
            text(
                """
                Throttled since 02:14 (stream 80-): shop #3, about 20 %. It goes on by itself.
                Held back to protect the database. No estimate meanwhile. Writes: commerce.
                """
            ),
        ]
        stage.planetscale.let_go("shop", 3)
        await stage.pass_time(5 * MINUTE, 60)
        assert stage.replies()[2:] == [
            text(
                """
                Going on since 06:17 (was throttled for 4 h 2 min): shop #3.
                Writes: commerce
                """
            ),
        ]


async def test_throttled_for_a_short_time() -> None:
    """What is over before half an hour is told nowhere but in the live message."""
    async with watching("copying", percent=20) as stage:
        stage.planetscale.trouble("throttle", times=None, database="shop", number=3)
        await stage.pass_time(25 * MINUTE, 60)
        stage.planetscale.let_go("shop", 3)
        await stage.pass_time(10 * MINUTE, 60)
        assert stage.cards() == [stage.read()]
        assert stage.replies() == []


async def test_standing_without_a_reason() -> None:
    """After 45 minutes somebody is called, with what was ruled out and where to look; its end is told in the
    thread."""
    async with watching("copying", percent=20) as stage:
        stage.planetscale.trouble("stall", times=None, database="shop", number=3)
        await stage.pass_time(44 * MINUTE, 120)
        assert stage.cards() == [stage.read()]
        await stage.pass_time(2 * MINUTE, 60)
        assert reads(stage) == text(
            """
            No progress since today 02:14 · about 20 % · shop #3 orders-to-customer
            Writes: commerce · Replica reads: commerce · as of today 02:59
            Not throttled, no error reported, no table is at the index step.
            Look at: stream messages (menu), load on commerce. The application is not affected.
            [Open in PlanetScale] \
                [⋯: Mention me instead | Bring to the bottom | Stop watching | Stream messages]
            """
        )
        assert told(stage) == [
            text(
                """
                No progress since 02:14: shop #3, about 20 %. Writes: commerce. @Ana
                Not throttled, no error reported, no table is at the index step.
                Look at: stream messages (menu of the live message), load on commerce.
                """
            ),
        ]
        stage.planetscale.let_go("shop", 3)
        await stage.pass_time(10 * MINUTE, 60)
        assert stage.replies() == [
            text(
                """
                Going on since 03:01 (made no progress for 47 min): shop #3.
                Writes: commerce
                """
            ),
        ]
        assert len(told(stage)) == 1


async def test_building_indexes() -> None:
    """Rows stand still for hours while an index is built: nobody is woken for it; after six hours it is told
    in the thread."""
    tables = {"orders": 4_000_000_000, "line_items": 390_000_000}
    async with watching("copying", percent=91.1, tables=tables, target_shards=("-",)) as stage:
        await stage.pass_time(HOUR, 120)
        assert reads(stage) == text(
            """
            Copying · about 91 % · probably building indexes on orders since today 02:16 · shop #3 \
                orders-to-customer
            Writes: commerce · Replica reads: commerce · as of today 03:06
            Rows stand still while indexes are built. For a table of about 4 B rows this can take \
                hours. No estimate.
            [Open in PlanetScale] \
                [⋯: Mention me instead | Bring to the bottom | Stop watching | Stream messages]
            """
        )
        await stage.pass_time(5.5 * HOUR, 1800)
        assert stage.cards() == [stage.read()]
        assert stage.replies() == []


async def test_an_error() -> None:
    """Somebody is called with PlanetScale's words, without values of rows, and with the button that
    retries."""
    async with watching("copying", percent=20) as stage:
        said = "Duplicate entry '20931' for key 'line_items.PRIMARY'"
        stage.planetscale.trouble("error", database="shop", number=3, text=said)
        await stage.pass_time(30, 15)
        assert reads(stage) == text(
            """
            Error since today 02:14 · was copying, about 20 % · shop #3 orders-to-customer
            Writes: commerce · Replica reads: commerce
            It said: Duplicate entry … for key 'line_items.PRIMARY'
            PlanetScale allows a retry. It continues or starts over; which one is not known beforehand.
            [Retry] [Open in PlanetScale] \
                [⋯: Mention me instead | Bring to the bottom | Stop watching | Stream messages]
            """
        )
        assert told(stage) == [
            text(
                """
                Error: shop #3, was copying, about 20 %. Writes: commerce. @Ana
                It said: Duplicate entry … for key 'line_items.PRIMARY'
                PlanetScale allows a retry. It continues or starts over; which one is not known \
                    beforehand.
                [Retry]
                """
            ),
        ]
        await stage.press(ANA, "op_next.retry", stage.card())
        await stage.press(ANA, "op_confirm", stage.private())
        await stage.pass_time(MINUTE, 15)
        assert reads(stage).splitlines()[0] == "Copying · about 20 % · shop #3 orders-to-customer"
        assert stage.changes == ["PATCH shop/workflows/3/retry"]


async def test_an_error_is_told_once() -> None:
    """While the same error stands, nothing more is told."""
    async with watching("copying", percent=20) as stage:
        stage.planetscale.trouble("error", database="shop", number=3)
        await stage.pass_time(30, 15)
        before = stage.cards()
        await stage.pass_time(HOUR, 120)
        assert stage.cards() == before


async def test_stopped_by_a_schema_change() -> None:
    """Somebody is called: what stopped it, what to compare, and the button that retries."""
    async with watching("copying", percent=20) as stage:
        stage.planetscale.trouble("ddl", database="shop", number=3)
        await stage.pass_time(30, 15)
        assert reads(stage) == text(
            """
            Stopped since today 02:14 · about 20 % · shop #3 orders-to-customer
            Writes: commerce · Replica reads: commerce
            Replication stands still; customer falls behind. It said: Table 'orders': DDL encountered, \
                stopping
            A schema change stopped it (STOP): compare orders in commerce and customer, then retry.
            [Retry] [Open in PlanetScale] \
                [⋯: Mention me instead | Bring to the bottom | Stop watching | Stream messages]
            """
        )
        assert told(stage) == [
            text(
                """
                Stopped: shop #3, was copying, about 20 %. The copy falls behind. Writes: commerce. @Ana
                It said: Table 'orders': DDL encountered, stopping
                A schema change stopped it (STOP): compare orders in commerce and customer, then retry.
                [Retry]
                """
            ),
        ]


async def test_error_texts_are_kept_out_of_channels() -> None:
    """Where the policy says so, neither the call nor the live message quotes PlanetScale."""
    policy = '[[database]]\nmatch = "shop"\nhide_errors = true\n'
    async with watching("copying", percent=20, settings={"policy": policy}) as stage:
        stage.planetscale.trouble("error", database="shop", number=3, text="Unknown column 'ssn'")
        await stage.pass_time(30, 15)
        assert reads(stage) == text(
            """
            Error since today 02:14 · was copying, about 20 % · shop #3 orders-to-customer
            Writes: commerce · Replica reads: commerce
            What it said is kept out of channels.
            PlanetScale allows a retry. It continues or starts over; which one is not known beforehand.
            [Retry] [Open in PlanetScale] \
                [⋯: Mention me instead | Bring to the bottom | Stop watching | Stream messages]
            """
        )
        assert told(stage) == [
            text(
                """
                Error: shop #3, was copying, about 20 %. Writes: commerce. @Ana
                What it said is kept out of channels.
                PlanetScale allows a retry. It continues or starts over; which one is not known \
                    beforehand.
                [Retry]
                """
            ),
        ]


async def test_a_switch_outside_that_takes_long() -> None:
    """More than a minute of switching calls somebody: writes may be waiting."""
    async with watching("switched_replicas") as stage:
        stage.planetscale.pace = dict.fromkeys(stage.planetscale.pace, 600.0)
        stage.planetscale.outside("shop", 3, "switch-primaries")
        await stage.pass_time(90, 10)
        assert reads(stage) == text(
            """
            Still switching primaries since today 02:14:10 · shop #3 orders-to-customer
            ❓ Writes: not certain. Writes are being moved. PlanetScale reports replicas switched yes, \
                primaries switched no.
            Started outside this bot by dev@acme.example
            ⚠️ Writes to orders and line_items may be waiting or failing. Look at the application now.
            Do not cancel. Nothing can be sent to shop #3 from here meanwhile. If it goes on: \
                PlanetScale support.
            [Open in PlanetScale] \
                [⋯: Mention me instead | Bring to the bottom | Stop watching | Stream messages]
            """
        )
        assert told(stage) == [
            text(
                """
                Still switching since 02:14: shop #3. Writes may be waiting. @Ana
                Look at the application now. Do not cancel. If it goes on: PlanetScale support.
                Writes: not certain
                """
            ),
        ]


async def test_an_unknown_state() -> None:
    """It is shown as PlanetScale names it, and nothing is offered; a state nobody knows is no event."""
    async with watching("verified_data") as stage:
        stage.planetscale.trouble("unknown-state", times=None, database="shop", number=3)
        await stage.pass_time(MINUTE, 15)
        assert reads(stage) == text(
            """
            State resharding: not known to this bot · shop #3 orders-to-customer
            Writes: commerce · Replica reads: commerce
            Shown as PlanetScale names it; nothing is offered. Look at the dashboard, and act with pscale.
            [Open in PlanetScale] \
                [⋯: Mention me instead | Bring to the bottom | Stop watching | Stream messages]
            """
        )
        assert stage.cards() == [stage.read()]


async def test_an_answer_with_parts_missing() -> None:
    """What PlanetScale does not report is said to be not reported, and is no event."""
    async with watching("copying", percent=20) as stage:
        stage.planetscale.trouble("missing-parts", times=None, database="shop", number=3)
        await stage.pass_time(2 * MINUTE, 15)
        assert reads(stage) == text(
            """
            Copying · shop #3 orders-to-customer
            Writes: commerce · Replica reads: commerce · as of today 02:14
            Progress: not reported by PlanetScale
            No estimate yet
            commerce → customer · streams: not reported · main · started by ana@acme.example, today \
                00:58
            [Open in PlanetScale] [⋯: Mention me instead | Bring to the bottom | Stop watching]
            """
        )
        assert stage.cards() == [stage.read()]


async def test_more_rows_than_the_statistics_know() -> None:
    """Never more than 99 % before the copy is complete, and no time left."""
    async with watching("copying", percent=60) as stage:
        stage.planetscale.trouble("wrong-totals", times=None, database="shop", number=3)
        await stage.pass_time(15 * MINUTE, 60)
        assert reads(stage) == text(
            """
            Copying · 99 %, more rows than estimated · shop #3 orders-to-customer
            Writes: commerce · Replica reads: commerce · as of today 02:29
            ▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓░ about 620 M of 505 M rows
            No estimate · 16.6 k rows/s
            orders ▓▓▓▓▓▓▓▓▓░ 99 % about 620 M of 310 M
            line_items ░░░░░░░░░░ 0 % about 0 of 195 M
            commerce → customer (2 shards) · main · started by ana@acme.example, yesterday 22:23
            [Open in PlanetScale] \
                [⋯: Mention me instead | Bring to the bottom | Stop watching | Stream messages]
            """
        )


async def test_one_that_vanishes() -> None:
    """When PlanetScale has said for minutes that there is no such workflow, this is told and the watch
    ends."""
    async with watching("verified_data") as stage:
        del stage.planetscale.world.databases["shop"].workflows[3]
        await stage.pass_time(10 * MINUTE, 30)
        assert reads(stage) == text(
            """
            PlanetScale does not know shop #3 any more
            It has not been watched since today 02:16.
            Last known: verified clean today 00:14, read today 02:14
            Writes (then): commerce · Replica reads (then): commerce
            Now: /workflow list shop
            """
        )
        assert stage.replies() == [
            text(
                """
                PlanetScale does not know shop #3 any more. It is not watched any more.
                Writes: commerce, as it was last read. Now: /workflow list shop
                """
            ),
        ]
        asked = len(stage.planetscale.requests)
        await stage.pass_time(HOUR, 300)
        assert len(stage.planetscale.requests) == asked


async def test_a_verification_that_does_not_get_on() -> None:
    """After two hours without progress somebody is called, and what it was in the way of is possible again: a
    switch with --force."""
    async with watching("verifying_data", tables={"orders": 10**13}) as stage:
        asked = "switch-traffic shop 3 --replicas-only"
        assert "has been verifying data" in await stage.type(
            asked
        ) or "is verifying data" in await stage.type(asked)
        await stage.pass_time(125 * MINUTE, 500)
        assert told(stage) == [
            text(
                """
                The verification of shop #3 has not got on since 02:14. Writes: commerce. @Ana
                Nothing is known about the data. Look at it in the dashboard.
                You can still ask for cancel and verify-data; PlanetScale may refuse that while it runs.
                """
            ),
        ]
        assert "It has not got on since today 02:14. Look at it in the dashboard." in reads(stage)
        said = await stage.type(asked)
        assert "A verification runs and has not got on since 02:14" in said
        assert stage.changes == []
        assert await stage.type(f'{asked} --force --reason "the sale begins"') == ""
        assert "has not got on since 02:14. Nothing is known about the data." in stage.cards()[-1]
