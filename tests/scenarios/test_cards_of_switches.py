"""Switching traffic, stage by stage: what everybody reads, what the last press asks, and what was sent."""

from bot.demo.planetscale.world import Mutation
from bot.demo.slack.people import BEN
from tests.scenarios.conftest import Stage, text

REPLICAS = "switch-traffic shop 3 --replicas-only"
PRIMARIES = "switch-traffic shop 3"


async def test_replica_reads_from_asking_to_done(stage: Stage) -> None:
    """The card says at each stage what is so, and one request leaves, once a second person approved."""
    stage.planetscale.add_workflow("shop", 3, "verified_data")
    await stage.type(REPLICAS)
    assert stage.read() == text(
        """
        🔵 Moves reads · Switch replica reads · shop #3 orders-to-customer
        Replica and read-only queries for orders and line_items move from commerce to customer; writes stay. \
            Deletes nothing.
        ↩️ Way back: /workflow reverse-traffic shop 3, at any time, without a second person.
        Asked by @Ana · any full member here except Ana may approve, until 02:44 · runs at once when approved
        ☐ Look first: replication lag in the dashboard. This bot does not read it.
        ✅ 7 checks passed at 02:14 · verified clean at 00:14
        [Approve] [Deny] [Withdraw] [Say why] [Details] [Open in PlanetScale] [Ask someone]
        acme / shop / main · Writes: commerce
        """
    )
    assert stage.card().text == text(
        """
        Ana asks to switch replica reads of shop #3 from commerce to customer. 1 approval by 02:44 UTC. \
            Deletes nothing.
        """
    )
    assert stage.dialog("op_approve") == text(
        """
        Switch replica reads of shop #3 now?
        Replica and read-only queries for 2 tables move from commerce to customer (acme / shop / main) \
            as soon as you approve. Writes stay on commerce. Deletes nothing. Way back: reverse-traffic.
        [Approve and switch] [Go back]
        primary
        """
    )
    assert stage.changes == []
    await stage.press(BEN, "op_approve")
    assert stage.read() == text(
        """
        ⏳ Under way · Switch replica reads · shop #3 orders-to-customer
        PlanetScale has been switching since 02:14:10
        Replica and read-only queries for orders and line_items move from commerce to customer; writes \
            stay. Deletes nothing.
        ↩️ Way back: /workflow reverse-traffic shop 3, at any time, without a second person.
        Asked by Ana · approved by Ben
        [Details] [Open in PlanetScale]
        acme / shop / main · Writes: commerce
        """
    )
    await stage.pass_time(20, 1)
    assert stage.read() == text(
        """
        ✅ Done · Switch replica reads · shop #3 orders-to-customer
        Done in 14 s · customer has served replica reads since 02:14
        Now: watch errors and latency of replica reads on orders and line_items, for a quarter of an hour \
            at least. Next: /workflow switch-traffic shop 3 (writes)
        ↩️ Way back: /workflow reverse-traffic shop 3
        Asked by Ana · approved by Ben
        [Reverse traffic] [Switch primaries] [Details] [Open in PlanetScale]
        acme / shop / main · Writes: commerce
        """
    )
    assert stage.first.text == text(
        """
        Replica reads of shop #3 have been on customer since 02:14 UTC. Writes are on commerce. Way back: \
            /workflow reverse-traffic shop 3
        """
    )
    assert stage.replies() == [
        text(
            """
            Replica reads of shop #3 have been on customer since 02:14. Writes are on commerce. Way back: \
                /workflow reverse-traffic shop 3
            """
        ),
    ]
    assert len(stage.cards()) == 1
    assert stage.changes == ["PATCH shop/workflows/3/switch-replicas"]


async def test_writes_after_replica_reads(http_stage: Stage) -> None:
    """Moving writes says that they wait, and the way back; its end is told to the channel."""
    stage = http_stage
    stage.planetscale.add_workflow("shop", 3, "switched_replicas")
    await stage.type(PRIMARIES)
    assert stage.read() == text(
        """
        🟠 Moves writes · Switch primaries · shop #3 orders-to-customer
        Writes, and all reads from primaries, move from commerce to customer for orders and line_items. \
            Writes wait for seconds, some may fail. Deletes nothing.
        ↩️ Way back: /workflow reverse-traffic shop 3, until the cutover, without a second person.
        Asked by @Ana · any full member here except Ana may approve, until 02:44 · runs at once when approved
        ⚠️ customer is sharded and no global keyspace is set: tables with AUTO_INCREMENT need sequences.
        ☐ Look first: replication lag in the dashboard. This bot does not read it.
        ✅ 8 checks passed at 02:14 · verified clean at 22:14
        [Approve] [Deny] [Withdraw] [Say why] [Details] [Open in PlanetScale] [Ask someone]
        acme / shop / main · Writes: commerce
        """
    )
    assert stage.card().text == text(
        """
        Ana asks to move writes of shop #3 from commerce to customer. 1 approval by 02:44 UTC. Deletes \
            nothing, can be reversed.
        """
    )
    assert stage.dialog("op_approve") == text(
        """
        Switch primaries of shop #3: move writes to customer now?
        All queries for orders and line_items go from commerce to customer (acme / shop / main) as soon \
            as you approve. Writes wait for seconds, some may fail. Deletes nothing. Way back until the \
            cutover: reverse-traffic.
        [Approve and switch] [Go back]
        danger
        """
    )
    await stage.press(BEN, "op_approve")
    assert stage.read() == text(
        """
        ⏳ Under way · Switch primaries · shop #3 orders-to-customer
        PlanetScale has been switching since 02:14:10 · writes to 2 tables may be waiting
        Writes, and all reads from primaries, move from commerce to customer for orders and line_items. \
            Writes wait for seconds, some may fail. Deletes nothing.
        ↩️ Way back: /workflow reverse-traffic shop 3, until the cutover, without a second person.
        Asked by Ana · approved by Ben
        [Details] [Open in PlanetScale]
        acme / shop / main · Writes: not certain
        """
    )
    await stage.pass_time(15, 1)
    assert stage.read() == text(
        """
        ✅ Done · Switch primaries · shop #3 orders-to-customer
        Done in 9 s · customer has served writes since 02:14
        Now: watch errors and latency, and that new rows in orders get ids. Before the cutover: the \
            application stops naming commerce, and require_explicit_routing is out of customer's VSchema.
        ↩️ Way back: /workflow reverse-traffic shop 3 · replication back keeps commerce up to date
        Asked by Ana · approved by Ben
        [Reverse traffic] [What the cutover needs] [Details] [Open in PlanetScale]
        acme / shop / main · Writes: customer
        """
    )
    assert stage.cards()[1:] == [
        text(
            """
            Writes of shop #3 have been on customer since 02:14. Way back, until the cutover: \
                /workflow reverse-traffic shop 3
            """
        ),
    ]
    assert stage.changes == ["PATCH shop/workflows/3/switch-primaries"]


async def test_everything_at_once(http_stage: Stage) -> None:
    """Moving writes before replica reads were tried is said first, and warned of."""
    stage = http_stage
    stage.planetscale.add_workflow("shop", 3, "verified_data")
    await stage.type(PRIMARIES)
    assert stage.read() == text(
        """
        🟠 Moves writes · Switch primaries · shop #3 orders-to-customer
        Primary, replica and read-only queries for orders and line_items move from commerce to customer, all \
            at once. Writes wait for seconds, some may fail. Deletes nothing.
        ↩️ Way back: /workflow reverse-traffic shop 3, until the cutover, without a second person.
        Asked by @Ana · any full member here except Ana may approve, until 02:44 · runs at once when approved
        ⚠️ Replica reads have not been tried on customer. Better: --replicas-only first, look, then the \
            writes.
        ⚠️ customer is sharded and no global keyspace is set: tables with AUTO_INCREMENT need sequences.
        ☐ Look first: replication lag in the dashboard. This bot does not read it.
        ✅ 7 checks passed at 02:14 · verified clean at 00:14
        [Approve] [Deny] [Withdraw] [Say why] [Details] [Open in PlanetScale] [Ask someone]
        acme / shop / main · Writes: commerce
        """
    )
    await stage.press(BEN, "op_approve")
    await stage.pass_time(15, 1)
    assert stage.read() == text(
        """
        ✅ Done · Switch primaries · shop #3 orders-to-customer
        Done in 9 s · customer has served everything since 02:14
        Now: watch errors and latency, and that new rows in orders get ids. Before the cutover: the \
            application stops naming commerce, and require_explicit_routing is out of customer's VSchema.
        ↩️ Way back: /workflow reverse-traffic shop 3 · replication back keeps commerce up to date
        Asked by Ana · approved by Ben
        [Reverse traffic] [What the cutover needs] [Details] [Open in PlanetScale]
        acme / shop / main · Writes: customer
        """
    )
    assert stage.changes == ["PATCH shop/workflows/3/switch-primaries"]


async def test_writes_of_an_import(http_stage: Stage) -> None:
    """An import's card says that the application must be connected to PlanetScale already."""
    stage = http_stage
    stage.planetscale.add_workflow("shop", 5, "switched_replicas", name="rds-import", imported=True)
    await stage.type("switch-traffic shop 5")
    assert stage.read() == text(
        """
        🟠 Moves writes · Switch primaries · shop #5 rds-import
        Writes and reads are served by customer; the external database only gets replicated changes. Writes \
            wait for seconds, some may fail. Deletes nothing.
        ↩️ Way back: /workflow reverse-traffic shop 5, until it is completed, without a second person.
        Asked by @Ana · any full member here except Ana may approve, until 02:44 · runs at once when approved
        ⚠️ customer is sharded and no global keyspace is set: tables with AUTO_INCREMENT need sequences.
        ☐ Look first: replication lag in the dashboard. This bot does not read it.
        ☐ By approving you state: the application is connected to PlanetScale already. If it still writes to \
            the external database, the two diverge and data is lost.
        ✅ 8 checks passed at 02:14 · verified clean at 22:14
        [Approve] [Deny] [Withdraw] [Say why] [Details] [Open in PlanetScale] [Ask someone]
        acme / shop / main · Writes: commerce
        """
    )
    assert stage.dialog("op_approve") == text(
        """
        Switch primaries of shop #5: move writes to customer now?
        customer (acme / shop / main) serves writes and reads as soon as you approve. Writes wait for \
            seconds, some may fail. You state that the application is connected to PlanetScale. Deletes \
            nothing. Way back until it is completed: reverse-traffic.
        [Approve and switch] [Go back]
        danger
        """
    )
    await stage.press(BEN, "op_approve")
    await stage.pass_time(15, 1)
    assert stage.read() == text(
        """
        ✅ Done · Switch primaries · shop #5 rds-import
        Done in 9 s · customer has served writes since 02:14
        Now: watch errors and latency, and that nothing writes to the external database any more. Next, \
            when every application is connected to PlanetScale and works: /workflow complete shop 5
        ↩️ Way back: /workflow reverse-traffic shop 5 · replication back keeps the external database up to \
            date
        Asked by Ana · approved by Ben
        [Reverse traffic] [Details] [Open in PlanetScale]
        acme / shop / main · Writes: customer
        """
    )
    assert stage.changes == ["PATCH shop/workflows/5/switch-primaries"]


async def test_a_switch_that_takes_long_calls_people(http_stage: Stage) -> None:
    """After a minute the card warns and a message calls those who know; the end is still told."""
    stage = http_stage
    stage.planetscale.pace[Mutation.SWITCH_PRIMARIES] = 150.0
    stage.planetscale.add_workflow("shop", 3, "switched_replicas")
    await stage.type(PRIMARIES)
    await stage.press(BEN, "op_approve")
    await stage.pass_time(65, 5)
    assert stage.read() == text(
        """
        ⚠️ Takes long · Switch primaries · shop #3 orders-to-customer
        Still switching after 60 s · usually it takes seconds
        ⚠️ Writes to orders and line_items may be waiting or failing. Look at the application now.
        Do not cancel. Nothing can be sent to shop #3 from here meanwhile. If it goes on: PlanetScale support.
        Asked by Ana · approved by Ben
        [Details] [Open in PlanetScale]
        acme / shop / main · Writes: not certain
        """
    )
    assert stage.cards()[1:] == [
        text(
            """
            Still switching after 60 s: shop #3. Writes may be waiting.
            Look at the application now. Do not cancel. @Ana @Ben
            """
        ),
    ]
    refused = await stage.type("cancel shop 3")
    assert refused == text(
        """
        Ana's switch-traffic of shop #3 is under way · open
        shop #3 is switching primaries. Wait for it to end.
        Nothing was sent.
        """
    )
    await stage.pass_time(100, 5)
    assert stage.read().splitlines()[1] == "Done in 2 min · customer has served writes since 02:14"
    assert stage.changes == ["PATCH shop/workflows/3/switch-primaries"]


async def test_nobody_is_called_for_what_was_not_seen(http_stage: Stage) -> None:
    """While PlanetScale cannot be read nobody is told that it still switches: it may be done long since."""
    stage = http_stage
    stage.planetscale.add_workflow("shop", 3, "switched_replicas")
    await stage.type(PRIMARIES)
    await stage.press(BEN, "op_approve")
    held = stage.planetscale.trouble("down", times=None)
    await stage.pass_time(90, 5)
    assert not any(card.startswith("Still switching") for card in stage.cards())
    stage.planetscale.lift(held)
    await stage.pass_time(30, 5)
    assert "customer has served writes since 02:14" in stage.read().splitlines()[1]
    assert not any(card.startswith("Still switching") for card in stage.cards())


async def test_a_call_is_closed_where_it_was_made(http_stage: Stage) -> None:
    """Whoever was called in the channel because replica reads took long reads there that it is done."""
    stage = http_stage
    stage.planetscale.pace[Mutation.SWITCH_REPLICAS] = 90.0
    stage.planetscale.add_workflow("shop", 3, "verified_data")
    await stage.type(REPLICAS)
    await stage.press(BEN, "op_approve")
    await stage.pass_time(100, 5)
    called, done = stage.cards()[1:]
    assert called.startswith("Still switching after 60 s: shop #3.")
    assert done.startswith("Replica reads of shop #3 have been on customer since 02:14.")


async def test_nobody_is_urged_on_over_rows_that_differ(http_stage: Stage) -> None:
    """After a switch that was forced over rows that differ neither the card nor a button leads to writes."""
    stage, planetscale = http_stage, http_stage.planetscale
    planetscale.add_workflow("shop", 3, "running", tables={"orders": 1_000})
    planetscale.trouble("mismatch")
    planetscale.outside("shop", 3, "verify-data")
    stage.clock.advance(planetscale.workflow("shop", 3).verify_seconds + 1)
    await stage.settle()
    await stage.type(f'{REPLICAS} --force --reason "the sale begins"')
    title, said, _, style = stage.dialog("op_approve").split("\n")
    assert title == "Forced: Switch replica reads of shop #3 now?"
    assert said.startswith("Forced over: 17 rows differ in orders (2 shards).")
    assert style == "danger"
    assert stage.card().text.startswith("Forced: Ana asks to switch replica reads of shop #3")
    assert stage.read().splitlines()[:2] == [
        "⛔ Forced, moves reads · Switch replica reads · shop #3 orders-to-customer",
        "⛔ Forced over: 17 rows differ in orders (2 shards). Do not switch before you know why. "
        "Why: “the sale begins”",
    ]
    assert stage.style("op_approve") == "danger"
    await stage.press(BEN, "op_approve")
    await stage.pass_time(20)
    card = stage.read()
    assert "Rows differ: do not switch writes before you know why." in card
    assert "/workflow switch-traffic shop 3" not in card
    assert "[Switch primaries]" not in card
    assert "[Reverse traffic]" in card
