"""What somebody does without the bot: told as such, with who it was and what can be done now."""

import pytest

from bot.demo.slack.people import BEN, DBAS
from tests.scenarios.conftest import MOVES, open_stage, text
from tests.scenarios.watched import first_lines, live, outside, reads, told, told_anywhere, watching

CALLS = {
    "switch-replicas": (
        "verified_data",
        text(
            """
        ⚠️ Replica reads switched outside this bot by dev@acme.example, without the two-person rule: \
            shop #3. @Ana
        Writes: commerce · Replica reads: customer
        ↩️ Way back: /workflow reverse-traffic shop 3
        [Reverse traffic]
        """
        ),
    ),
    "switch-primaries": (
        "switched_replicas",
        text(
            """
        ⚠️ Primaries switched outside this bot by dev@acme.example, without the two-person rule: shop \
            #3. @Ana
        Writes: customer · Replica reads: customer
        ↩️ Way back: /workflow reverse-traffic shop 3
        [Reverse traffic]
        """
        ),
    ),
    "cutover": (
        "switched_primaries",
        text(
            """
        ⚠️ Cut over outside this bot by dev@acme.example, without the two-person rule: shop #3. @Ana
        Deleted from commerce: tables orders and line_items. Writes: customer.
        ↩️ Way back for the routing rules only: /workflow reverse-cutover shop 3
        [Restore routing rules]
        """
        ),
    ),
    "complete": (
        "cutover",
        text(
            """
        ⚠️ Completed outside this bot by dev@acme.example, without the two-person rule: shop #3. @Ana
        orders and line_items live in customer. Writes: customer.
        ↩️ No way back.
        """
        ),
    ),
    "cancel": (
        "copying",
        text(
            """
        ⚠️ Cancelled outside this bot by dev@acme.example, without the two-person rule: shop #3. @Ana
        The copies in customer are deleted. Writes: commerce.
        ↩️ No way back: a new workflow copies from the beginning.
        """
        ),
    ),
    "reverse-traffic": (
        "switched_primaries",
        text(
            """
        Traffic of shop #3 was reversed outside this bot by dev@acme.example. @Ana
        Writes: commerce · Replica reads: commerce
        Next: find the cause, then verify again: /workflow verify-data shop 3
        [Verify data]
        """
        ),
    ),
    "reverse-cutover": (
        "cutover",
        text(
            """
        The routing rules of shop #3 were restored outside this bot by dev@acme.example. Writes: \
            customer. @Ana
        The tables in commerce stay deleted. Next: fix the application, then cut over again.
        """
        ),
    ),
}
REPLIES = {
    "retry": (
        "error",
        text(
            """
        shop #3 was retried outside this bot by dev@acme.example.
        PlanetScale continues or starts over; the live message shows it. Writes: commerce.
        """
        ),
    ),
}


@pytest.mark.parametrize("action", CALLS)
async def test_a_change_of_who_serves(action: str) -> None:
    """Whoever is called for the workflow is called: who did it, who serves writes now, and the way back."""
    state, expected = CALLS[action]
    async with watching(state) as stage:
        await outside(stage, action)
        assert stage.read(stage.card()) == expected
        assert len(told(stage)) == 1
        assert stage.replies() == []


@pytest.mark.parametrize("action", REPLIES)
async def test_a_change_that_moves_no_traffic(action: str) -> None:
    """It is told in the thread alone, and nobody is mentioned."""
    state, expected = REPLIES[action]
    async with watching(state) as stage:
        await outside(stage, action)
        assert stage.replies() == [expected]
        assert told(stage) == []


async def test_who_approves_hears_of_it() -> None:
    """Where the policy names approvers for the database, they are called as well: they were not asked."""
    policy = f'[approvals]\napprovers = ["{DBAS}"]\n'
    async with open_stage(watches=True, policy=policy) as stage:
        stage.planetscale.add_workflow("shop", 3, "switched_primaries")
        await stage.type("watch shop 3")
        await outside(stage, "cutover")
        assert first_lines(told(stage)) == [
            text(
                """
                ⚠️ Cut over outside this bot by dev@acme.example, without the two-person rule: shop \
                    #3. @Ana @dbas
                """
            ),
        ]
        assert stage.slack.live_markup(stage.card()) == [
            "user @Ana",
            "usergroup @dbas",
        ]


async def test_the_live_message_says_who_it_was() -> None:
    """While it goes on and afterwards, the live message says that it was not asked of the bot."""
    async with watching("switched_replicas") as stage:
        await stage.pass_time(14)
        stage.planetscale.outside("shop", 3, "switch-primaries")
        await stage.pass_time(3)
        assert reads(stage) == text(
            """
            Switching primaries since today 02:14:24 · shop #3 orders-to-customer
            ❓ Writes: not certain. Writes are being moved. PlanetScale reports replicas switched yes, \
                primaries switched no.
            Started outside this bot by dev@acme.example
            [Open in PlanetScale] \
                [⋯: Mention me instead | Bring to the bottom | Stop watching | Stream messages]
            """
        )
        await stage.pass_time(30, 5)
        assert reads(stage) == text(
            """
            Writes on customer since today 02:14 · shop #3 orders-to-customer
            Writes: customer · Replica reads: customer · commerce is kept up to date by replication back
            Before the cutover: application off commerce · require_explicit_routing: not in customer's \
                VSchema ✅
            ↩️ /workflow reverse-traffic shop 3
            [Reverse traffic] [Cut over …] [Open in PlanetScale] \
                [⋯: Mention me instead | Bring to the bottom | Stop \
                watching | Stream messages]
            """
        )


async def test_cancelled_with_traffic_on_the_target() -> None:
    """It is told while traffic moves back, which is when somebody can still look, and once more at its
    end."""
    async with watching("switched_replicas") as stage:
        await stage.pass_time(14)
        stage.planetscale.outside("shop", 3, "cancel")
        await stage.pass_time(3)
        assert reads(stage) == text(
            """
            Being cancelled · shop #3 orders-to-customer
            Writes: commerce · Replica reads: being moved
            Started outside this bot by dev@acme.example
            PlanetScale moves traffic back to commerce first, then deletes the copies in customer.
            [Open in PlanetScale] \
                [⋯: Mention me instead | Bring to the bottom | Stop watching | Stream messages]
            """
        )
        await stage.pass_time(120, 15)
        assert told(stage) == [
            text(
                """
                ⚠️ Being cancelled outside this bot by dev@acme.example: traffic moves back first. \
                    shop #3. @Ana
                Then the copies in customer are deleted. Look at the application now. Writes: commerce.
                Over: it has been cancelled since 02:15.
                """
            ),
            text(
                """
                ⚠️ Cancelled outside this bot by dev@acme.example, without the two-person rule: shop \
                    #3. @Ana
                The copies in customer are deleted. Writes: commerce.
                ↩️ No way back: a new workflow copies from the beginning.
                """
            ),
        ]
        assert reads(stage) == text(
            """
            Cancelled today 02:14 · shop #3 orders-to-customer
            The copies in customer are deleted. Writes: commerce.
            """
        )


@pytest.mark.parametrize("state", ["switched_replicas", "switched_primaries"])
async def test_cancelled_with_traffic_that_is_back_by_the_next_read(state: str) -> None:
    """However fast traffic moved back: that it did is told once, and the approvers are called."""
    policy = f'[approvals]\napprovers = ["{DBAS}"]\n'
    async with open_stage(watches=True, policy=policy) as stage:
        stage.planetscale.add_workflow("shop", 3, state)
        await stage.type("watch shop 3")
        await outside(stage, "cancel", seconds=30, step=30)
        assert stage.planetscale.workflow("shop", 3).state == "cancelling"
        assert told(stage) == [
            text(
                """
                ⚠️ Being cancelled outside this bot by dev@acme.example: traffic moved back to commerce \
                    first. shop #3. @Ana @dbas
                Then the copies in customer are deleted. Look at the application now. Writes: commerce.
                """
            ),
        ]
        await stage.pass_time(120, 15)
        assert first_lines(told(stage)[1:]) == [
            text(
                """
                ⚠️ Cancelled outside this bot by dev@acme.example, without the two-person rule: shop \
                    #3. @Ana @dbas
                """
            ),
        ]


async def test_verified_outside() -> None:
    """That the data is clean is told in the thread; nobody is mentioned for what they did not ask for."""
    async with watching("running", tables={"orders": 9_000_000}) as stage:
        await outside(stage, "verify-data", seconds=120)
        assert stage.replies() == [
            text(
                """
                Clean: shop #3, 1 table, no row differs. Verified outside this bot by \
                    dev@acme.example. Next: switch replica reads.
                Writes: commerce · Replica reads: commerce
                [Switch replica reads]
                """
            ),
        ]
        assert reads(stage) == text(
            """
            Verified clean today 02:15 · shop #3 orders-to-customer
            Writes: commerce · Replica reads: commerce
            1 table, all shards: no row differs, none missing, none extra. Counts as fresh until \
                tomorrow 02:15.
            [Switch replica reads] [Open in PlanetScale] \
                [⋯: Mention me instead | Bring to the bottom | Stop watching | \
                Stream messages]
            """
        )


async def test_verified_outside_with_differences() -> None:
    """That rows differ calls somebody, whoever asked for the verification."""
    async with watching("running", tables={"orders": 9_000_000, "line_items": 1_000_000}) as stage:
        stage.planetscale.trouble("mismatch")
        await outside(stage, "verify-data", seconds=120)
        assert told(stage) == [
            text(
                """
                17 rows differ in shop #3 (line_items). Do not switch. @Ana
                Look at the rows in the dashboard, then verify again.
                Writes: commerce · Replica reads: commerce
                [Verify data]
                """
            ),
        ]


async def test_created_outside() -> None:
    """It is found within a minute, and its live message says who started it, without the bot."""
    async with open_stage(watches=True, WORKFLOW_BOT_DATABASES="shop", WORKFLOW_BOT_CHANNEL=MOVES) as stage:
        stage.planetscale.add_workflow("shop", 2, "cancelled")
        await stage.pass_time(15)
        assert stage.cards() == []
        stage.planetscale.outside_create("shop")
        await stage.pass_time(61, 15)
        assert reads(stage) == text(
            """
            Copying · about 0 % · shop #3 orders-to-customer
            Writes: commerce · Replica reads: commerce · as of today 02:15
            ░░░░░░░░░░░░░░░░░░░░ about 2.32 M of 620 M rows
            No estimate yet
            orders ░░░░░░░░░░ 0 % about 2.32 M of 620 M
            commerce → customer (2 shards) · main · started outside this bot by \
                dev@acme.example, today 02:14
            [Open in PlanetScale] \
                [⋯: Mention me instead | Bring to the bottom | Stop watching | Stream messages]
            """
        )
        assert stage.slack.live_markup(stage.first) == []
        assert len(stage.slack.messages(MOVES)) == 1


async def test_what_one_asks_of_the_bot_is_not_told_as_outside() -> None:
    """Beside a change of somebody else, what the bot did is told by its card and its own result."""
    async with watching("verified_data") as stage:
        await outside(stage, "switch-replicas")
        await stage.type("switch-traffic shop 3")
        await stage.press(BEN, "op_approve", stage.card())
        await stage.pass_time(60, 5)
        assert first_lines(told(stage)) == [
            text(
                """
                ⚠️ Replica reads switched outside this bot by dev@acme.example, without the two-person \
                    rule: shop #3. @Ana
                """
            ),
            "✅ Done · Switch primaries · shop #3 orders-to-customer",
            text(
                """
                Writes of shop #3 have been on customer since 02:15. Way back, until the cutover: \
                    /workflow reverse-traffic shop 3 · open
                """
            ),
        ]
        assert stage.replies() == []


async def test_several_changes_in_a_row() -> None:
    """Each is told once and in order, however fast they follow each other."""
    async with watching("verified_data") as stage:
        await outside(stage, "switch-replicas", "switch-primaries", "reverse-traffic", "switch-replicas")
        assert first_lines(told_anywhere(stage)) == [
            text(
                """
                ⚠️ Replica reads switched outside this bot by dev@acme.example, without the two-person \
                    rule: shop #3. @Ana
                """
            ),
            text(
                """
                ⚠️ Primaries switched outside this bot by dev@acme.example, without the two-person \
                    rule: shop #3. @Ana
                """
            ),
            "Traffic of shop #3 was reversed outside this bot by dev@acme.example. @Ana",
            text(
                """
                ⚠️ Replica reads switched outside this bot by dev@acme.example, without the two-person \
                    rule: shop #3. @Ana
                """
            ),
        ]
        assert live(stage).ts == stage.first.ts


async def test_nobody_is_credited_with_what_others_did() -> None:
    """After a switch by the bot that was reversed, a later switch outside is not put down to it."""
    async with watching("verified_data") as stage:
        await stage.type("switch-traffic shop 3 --replicas-only")
        await stage.press(BEN, "op_approve")
        await stage.pass_time(60, 5)
        await outside(stage, "reverse-traffic", seconds=3600, step=60)
        stage.planetscale.pace = dict.fromkeys(stage.planetscale.pace, 600.0)
        await outside(stage, "switch-replicas", seconds=300)
        assert reads(stage).splitlines()[0].startswith("Still switching replica reads")
        assert "Started outside this bot by dev@acme.example" in reads(stage).splitlines()
        assert "approved by" not in reads(stage)


async def test_a_call_stays_one_when_more_follows() -> None:
    """A switch that is told late still calls, although that it was reversed is told right after it."""
    async with watching("verified_data") as stage:
        trouble = stage.planetscale.trouble("down", times=None, on="read")
        await outside(stage, "switch-primaries", "reverse-traffic", seconds=30, step=15)
        stage.planetscale.lift(trouble)
        await stage.pass_time(600, 30)
        called = [stage.slack.live_markup(one) for one in stage.slack.messages(MOVES)]
        assert ["user @Ana"] in called


async def test_a_switch_between_two_reads_tells_of_the_vschema() -> None:
    """Where a switch was never seen on its way, what the cutover needs is read all the same."""
    async with watching("switched_replicas") as stage:
        await stage.pass_time(60, 15)
        stage.planetscale.outside("shop", 3, "switch-primaries")
        await stage.pass_time(60, 60)
        assert "require_explicit_routing: not in customer's VSchema ✅" in reads(stage)
