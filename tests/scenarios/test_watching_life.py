"""A whole life of a workflow in one live message, from `create` to completed."""

from bot.demo.slack.people import ANA, BEN
from tests.scenarios.conftest import MOVES, Stage, text, waits_until
from tests.scenarios.watched import first_lines, live, reads

CREATE = (
    "create shop main --name orders-to-customer --source-keyspace commerce --target-keyspace customer "
    "--tables orders,line_items"
)
A_DAY = 26 * 3600.0


def furnish(stage: Stage) -> None:
    """Two tables that are copied within some minutes, and nothing in the way."""
    tables = {"orders": 30_000_000, "line_items": 18_000_000}
    stage.planetscale.add_workflow("shop", 2, "cancelled", tables=tables)


async def approved(stage: Stage, button: str) -> str:
    """Ana presses a button of the live message, Ben approves what it asks for; the live message then."""
    message = live(stage)
    await stage.press(ANA, button, message)
    assert waits_until(stage.read(stage.card()))
    await stage.press(BEN, "op_approve", stage.card())
    await stage.pass_time(60, 4)
    return reads(stage, message)


async def test_from_create_to_completed(watching_stage: Stage) -> None:
    """One message follows the workflow through all of its life; each next step is a button below it that
    asks for approval, and people are called when it is their turn."""
    stage = watching_stage
    furnish(stage)
    await stage.type(CREATE)
    assert reads(stage, live(stage)) == text(
        """
        Waiting to start · shop #3 orders-to-customer
        Writes: commerce · Replica reads: commerce · as of today 02:14
        commerce → customer · streams: not reported · main · 2 tables · started by Ana, today 02:14
        [Open in PlanetScale] [⋯: Mention me instead | Bring to the bottom | Stop watching]
        """
    )
    await stage.pass_time(60, 15)
    assert reads(stage, live(stage)) == text(
        """
        Copying · about 0 % · shop #3 orders-to-customer
        Writes: commerce · Replica reads: commerce · as of today 02:14
        ░░░░░░░░░░░░░░░░░░░░  about 401 k of 48 M rows
        No estimate yet
        orders      ░░░░░░░░░░   1 %  about 401 k of 30 M
        line_items  ░░░░░░░░░░   0 %  about 0 of 18 M
        commerce → customer (2 shards) · main · started by Ana, today 02:14
        [Open in PlanetScale] [⋯: Mention me instead | Bring to the bottom | Stop watching | Stream messages]
        """
    )
    await stage.pass_time(1000, 60)
    assert reads(stage, live(stage)) == text(
        """
        Copying · about 78 % · shop #3 orders-to-customer
        Writes: commerce · Replica reads: commerce · as of today 02:31
        ▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓░░░░░  about 37.7 M of 48 M rows
        About 5 min left (4 to 7 min) · 36.7 k rows/s
        orders      ▓▓▓▓▓▓▓▓▓░  99 %  about 30 M of 30 M
        line_items  ▓▓▓▓░░░░░░  43 %  about 7.76 M of 18 M
        commerce → customer (2 shards) · main · started by Ana, today 02:14
        [Open in PlanetScale] [⋯: Mention me instead | Bring to the bottom | Stop watching | Stream messages]
        """
    )
    await stage.pass_time(1200, 120)
    assert reads(stage, live(stage)) == text(
        """
        Copied, not verified · shop #3 orders-to-customer
        Writes: commerce · Replica reads: commerce · copied in 28 min
        customer follows commerce by replication. Nothing compares the data until you verify it.
        [Verify data] [Open in PlanetScale] \
            [⋯: Mention me instead | Bring to the bottom | Stop watching | Stream messages]
        """
    )
    await stage.press(ANA, "op_next.verify-data", live(stage))
    assert reads(stage, live(stage)) == text(
        """
        Verifying · about 0 %, about 3 min left · shop #3 orders-to-customer
        Writes: commerce · Replica reads: commerce · since today 02:51
        [Open in PlanetScale] [⋯: Mention me instead | Bring to the bottom | Stop watching | Stream messages]
        """
    )
    await stage.pass_time(300, 30)
    assert reads(stage, live(stage)) == text(
        """
        Verified clean today 02:54 · shop #3 orders-to-customer
        Writes: commerce · Replica reads: commerce
        2 tables, all shards: no row differs, none missing, none extra. Counts as fresh until tomorrow \
            02:54.
        [Switch replica reads] [Open in PlanetScale] \
            [⋯: Mention me instead | Bring to the bottom | Stop watching | Stream \
            messages]
        """
    )
    assert await approved(stage, "op_next.switch-traffic") == text(
        """
        Replica reads on customer since today 02:56 · shop #3 orders-to-customer
        Writes: commerce · Replica reads: customer
        By Ana, approved by Ben · verified clean, fresh until tomorrow 02:54
        ↩️ /workflow reverse-traffic shop 3
        [Reverse traffic] [Switch primaries] [Open in PlanetScale] \
            [⋯: Mention me instead | Bring to the bottom | Stop \
            watching | Stream messages]
        """
    )
    assert await approved(stage, "op_next.switch-traffic") == text(
        """
        Writes on customer since today 02:57 · shop #3 orders-to-customer
        Writes: customer · Replica reads: customer · commerce is kept up to date by replication back
        Before the cutover: application off commerce · require_explicit_routing: not in customer's \
            VSchema ✅
        ↩️ /workflow reverse-traffic shop 3
        [Reverse traffic] [Cut over …] [Open in PlanetScale] \
            [⋯: Mention me instead | Bring to the bottom | Stop watching | \
            Stream messages]
        """
    )
    await stage.pass_time(A_DAY, 7200)
    assert await approved(stage, "op_next.cutover") == text(
        """
        Cut over today 04:58 · shop #3 orders-to-customer
        Writes: customer · Replica reads: customer · orders and line_items are deleted from commerce
        If queries fail: restore the routing rules. When all is well: complete.
        [Restore routing rules] [Complete] [Open in PlanetScale] \
            [⋯: Mention me instead | Bring to the bottom | Stop watching]
        """
    )
    assert await approved(stage, "op_next.complete") == text(
        """
        Completed today 04:59 · shop #3 orders-to-customer · took 1 d 2 h
        orders and line_items live in customer. Writes: customer.
        """
    )
    assert first_lines(stage.cards()) == [
        "⚪ Past · Create · shop orders-to-customer",
        "Completed today 04:59 · shop #3 orders-to-customer · took 1 d 2 h",
        "Copied in 28 min: shop #3. @Ana",
        "⚪ Past · Verify data · shop #3 orders-to-customer",
        "Clean: shop #3, 2 tables, no row differs. @Ana",
        "⚪ Past · Switch replica reads · shop #3 orders-to-customer",
        "⚪ Past · Switch primaries · shop #3 orders-to-customer",
        "shop #3: Done in 12 s · customer served writes from 02:57.",
        "⚪ Past · Cut over · shop #3 orders-to-customer",
        text(
            """
            shop #3: Cut over in 44 s · orders and line_items are deleted from commerce (read back \
                04:59:38).
            """
        ),
        "✅ Done · Complete · shop #3 orders-to-customer",
    ]
    assert [stage.cards()[place].splitlines()[2:] for place in (2, 4)] == [
        [
            "Over: it has been completed since today 04:59.",
            "[chart: Rows copied of shop #3 orders-to-customer]",
        ],
        ["Over: it has been completed since today 04:59."],
    ]
    assert "Over: verified clean at 02:54." in stage.cards()[3]
    assert stage.replies() == [
        "Create: created · shop #3 orders-to-customer. · open",
        "Verify data: verification started at 02:51:52. · open",
        text(
            """
            shop #3: Done in 16 s · customer served replica reads from 02:56.
            Since then: complete. · open
            """
        ),
        text(
            """
            ⛔ shop #3: 2 tables are deleted from commerce when this is approved
            orders
            line_items
            """
        ),
        text(
            """
            shop #3 is completed: the tables orders, line_items live in customer. main is free for the next \
                workflow. · open
            """
        ),
    ]
    posts = stage.slack.calls_to("chat.postMessage")
    assert len(posts) == len(stage.slack.messages(MOVES)), "nothing was posted twice"


async def test_the_calls_of_a_life(watching_stage: Stage) -> None:
    """When the copy is complete and when the data was found clean, somebody is called, with the next step
    as a button."""
    stage = watching_stage
    tables = {"orders": 9_000_000, "line_items": 1_000_000}
    stage.planetscale.add_workflow("shop", 3, "copying", percent=99.5, tables=tables)
    await stage.type("watch shop 3")
    await stage.pass_time(480, 60)
    assert stage.read(stage.card()) == text(
        """
        Copied in 9 min: shop #3. Next: verify the data. @Ana
        Writes: commerce · Replica reads: commerce
        [chart: Rows copied of shop #3 orders-to-customer]
        [Verify data]
        """
    )
    assert (
        stage.card().text
        == "Copied in 9 min: shop #3. Next: verify the data. Writes: commerce, Replica reads: commerce."
    )
    await stage.press(ANA, "op_next.verify-data", stage.card())
    await stage.pass_time(120, 15)
    assert stage.read(stage.card()) == text(
        """
        Clean: shop #3, 2 tables, no row differs. Next: switch replica reads. @Ana
        Writes: commerce · Replica reads: commerce
        [Switch replica reads]
        """
    )
    assert stage.card().text == text(
        """
        Clean: shop #3, 2 tables, no row differs. Next: switch replica reads. Writes: commerce, \
            Replica reads: commerce.
        """
    )


async def test_on_the_way(watching_stage: Stage) -> None:
    """While traffic moves, the live message says who asked, who approved, and what is being moved."""
    stage = watching_stage
    stage.planetscale.add_workflow("shop", 3, "switched_replicas")
    await stage.type("watch shop 3")
    await stage.type("switch-traffic shop 3")
    await stage.press(BEN, "op_approve")
    assert reads(stage, live(stage)) == text(
        """
        Switching primaries since today 02:14:11 · shop #3 orders-to-customer
        ❓ Writes: not certain. Writes are being moved. PlanetScale reports replicas switched yes, \
            primaries switched no.
        Asked by Ana, approved by Ben
        [Open in PlanetScale] [⋯: Mention me instead | Bring to the bottom | Stop watching | Stream messages]
        """
    )
    await stage.pass_time(30, 2)
    assert reads(stage, live(stage)).splitlines()[1] == text(
        """
        Writes: customer · Replica reads: customer · commerce is kept up to date by replication back
        """
    )


async def test_a_cancel_through_the_bot(watching_stage: Stage) -> None:
    """The card tells it; the live message ends, with one reply that links to the card."""
    stage = watching_stage
    stage.planetscale.add_workflow("shop", 3, "copying")
    await stage.type("watch shop 3")
    await stage.type("cancel shop 3")
    await stage.press(BEN, "op_approve")
    await stage.pass_time(120, 15)
    assert reads(stage) == text(
        """
        Cancelled today 02:14 · shop #3 orders-to-customer
        The copies in customer are deleted. Writes: commerce, as all along.
        """
    )
    assert first_lines(stage.cards()) == [
        "Cancelled today 02:14 · shop #3 orders-to-customer",
        "✅ Done · Cancel · shop #3 orders-to-customer",
    ]
    assert stage.replies() == [
        text(
            """
            ⛔ shop #3: the copies of 2 tables are deleted from customer when this is approved
            orders
            line_items
            """
        ),
        "shop #3 is cancelled: the copies in customer are deleted. Writes: commerce. · open",
    ]


async def test_a_verification_that_finds_differences(watching_stage: Stage) -> None:
    """Whoever asked is called: how many rows, where, and what not to do; no switch is offered."""
    stage = watching_stage
    stage.planetscale.add_workflow(
        "shop", 3, "running", tables={"orders": 9_000_000, "line_items": 1_000_000}
    )
    stage.planetscale.trouble("mismatch")
    await stage.type("verify-data shop 3")
    await stage.pass_time(300, 30)
    assert reads(stage, live(stage)) == text(
        """
        Data differs: 17 rows · shop #3 orders-to-customer
        Writes: commerce · Replica reads: commerce · verified today 02:15
        line_items  -80  12 differ · 0 only in commerce · 0 only in customer
        line_items  80-  3 differ · 2 only in commerce · 0 only in customer
        orders      all  equal
        Do not switch. Look at the rows in the dashboard, then verify again; rows changed during the \
            comparison can show up once.
        [Verify data] [Open in PlanetScale] \
            [⋯: Mention me instead | Bring to the bottom | Stop watching | Stream messages]
        """
    )
    assert stage.read(stage.card()) == text(
        """
        17 rows differ in shop #3 (line_items). Do not switch. @Ana
        Look at the rows in the dashboard, then verify again.
        Writes: commerce · Replica reads: commerce
        [Verify data]
        """
    )


async def test_a_verification_that_breaks_off(watching_stage: Stage) -> None:
    """Whoever asked is called: nothing is known about the data."""
    stage = watching_stage
    stage.planetscale.add_workflow(
        "shop", 3, "running", tables={"orders": 9_000_000, "line_items": 1_000_000}
    )
    stage.planetscale.trouble("breaks-off")
    await stage.type("verify-data shop 3")
    await stage.pass_time(300, 30)
    assert reads(stage, live(stage)) == text(
        """
        Verification broke off today 02:14 (error) · shop #3 orders-to-customer
        Writes: commerce · Replica reads: commerce
        Nothing is known about the data.
        [Verify data] [Open in PlanetScale] \
            [⋯: Mention me instead | Bring to the bottom | Stop watching | Stream messages]
        """
    )
    assert stage.read(stage.card()) == text(
        """
        Verification of shop #3 broke off: error @Ana
        Nothing is known about the data. Writes: commerce.
        [Verify data]
        """
    )


async def test_a_verification_that_turns_stale(watching_stage: Stage) -> None:
    """Two hours before and at its end it is told in the thread, once each, while nothing is switched."""
    stage = watching_stage
    stage.planetscale.add_workflow("shop", 3, "verified_data", ago=3600.0)
    await stage.type("watch shop 3")
    await stage.pass_time(A_DAY, 1800)
    assert reads(stage) == text(
        """
        Verified clean, but stale · shop #3 orders-to-customer
        Writes: commerce · Replica reads: commerce · verified yesterday 01:14
        PlanetScale counts a verification as stale after 24 h. Verify again before switching.
        [Verify data] [Open in PlanetScale] \
            [⋯: Mention me instead | Bring to the bottom | Stop watching | Stream messages]
        """
    )
    assert stage.replies() == [
        text(
            """
            The verification of shop #3 counts as stale from 01:14 on.
            Over: it has been stale since 01:14.
            """
        ),
        text(
            """
            The verification of shop #3 has counted as stale since 01:14.
            Verify again before switching. Writes: commerce.
            [Verify data]
            """
        ),
    ]
    assert stage.cards() == [stage.read()]
    await stage.type("verify-data shop 3")
    await stage.pass_time(3600, 180)
    assert [one.splitlines()[-1].partition(" at ")[0] for one in stage.replies()[:2]] == 2 * [
        "Over: verified clean"
    ]


async def test_one_that_is_cut_over_and_forgotten(watching_stage: Stage) -> None:
    """After seven days it is told once that the branch is still taken."""
    stage = watching_stage
    stage.planetscale.add_workflow("shop", 3, "cutover")
    await stage.type("watch shop 3")
    await stage.pass_time(8 * 86400, 6 * 3600)
    assert stage.replies() == [
        text(
            """
            main can have no other workflow until shop #3 is completed. Writes: customer.
            Next: /workflow complete shop 3
            [Complete]
            """
        ),
    ]
    assert stage.cards() == [stage.read()]
