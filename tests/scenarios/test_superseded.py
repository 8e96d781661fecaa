"""What was approved is what is sent: if it is not so any more, nothing is."""

from bot.demo.planetscale.world import State
from bot.demo.slack.people import BEN, CHIOMA
from tests.scenarios.conftest import Stage, text

REPLICAS = "switch-traffic shop 3 --replicas-only"
PRIMARIES = "switch-traffic shop 3"


async def test_somebody_was_faster_outside(http_stage: Stage) -> None:
    """A switch that somebody made elsewhere meanwhile is not made again; there is nothing to ask again."""
    stage = http_stage
    stage.planetscale.add_workflow("shop", 3, "verified_data")
    await stage.type(REPLICAS)
    stage.planetscale.outside("shop", 3, "switch-replicas")
    await stage.pass_time(20, 5)
    await stage.press(BEN, "op_approve")
    assert stage.read() == text(
        """
        ⚪ Not sent · Switch replica reads · shop #3 orders-to-customer
        Out of date since 02:14 · nothing was sent
        What changed: Replica reads are on customer already, since 02:14.
        Ben's approval does not carry over. Next: /workflow show shop 3
        Asked by Ana at 02:14
        [Details] [Open in PlanetScale]
        acme / shop / main · Writes: commerce
        """
    )
    assert stage.first.text == text(
        """
        Switch replica reads, shop #3: Out of date since 02:14 UTC. Nothing was sent. Writes: commerce.
        """
    )
    assert stage.replies() == [
        text(
            """
            Out of date: Replica reads are on customer already, since 02:14.
            Nothing was sent. @Ana @Ben
            """
        ),
    ]
    assert stage.changes == []


async def test_a_verification_that_became_stale(http_stage: Stage) -> None:
    """A check that got worse since the card was drawn ends it; asking again shows the new state."""
    stage = http_stage
    stage.planetscale.add_workflow("shop", 3, "verified_data", ago=24 * 3600.0 - 300)
    await stage.type(REPLICAS)
    assert "verified clean yesterday 02:19" in stage.read()
    await stage.pass_time(600, 120)
    await stage.press(BEN, "op_approve")
    assert stage.read() == text(
        """
        ⚪ Not sent · Switch replica reads · shop #3 orders-to-customer
        Out of date since 02:24 · nothing was sent
        What changed: Verified clean yesterday 02:19; that is stale.
        Ben's approval does not carry over.
        Asked by Ana at 02:14
        [Ask again with the new state] [Details] [Open in PlanetScale]
        acme / shop / main · Writes: commerce
        """
    )
    assert stage.changes == []
    await stage.press(CHIOMA, "op_ask_again", stage.first)
    warned = [line for line in stage.cards()[-1].splitlines() if line.startswith("⚠️")]
    before = (
        "⚠️ The same was found out of date at 02:24: Verified clean yesterday 02:19; that is stale. · open"
    )
    assert warned == [
        before,
        "⚠️ Verified clean yesterday 02:19; that is stale.",
    ]


async def test_new_differences(http_stage: Stage) -> None:
    """Rows that a new verification found to differ stop a switch that was asked for before."""
    stage, planetscale = http_stage, http_stage.planetscale
    planetscale.add_workflow("shop", 3, "verified_data", tables={"orders": 1_000})
    await stage.type(REPLICAS)
    planetscale.trouble("mismatch")
    planetscale.outside("shop", 3, "verify-data")
    stage.clock.advance(planetscale.workflow("shop", 3).verify_seconds + 1)
    await stage.settle()
    await stage.press(BEN, "op_approve")
    assert stage.read() == text(
        """
        ⚪ Not sent · Switch replica reads · shop #3 orders-to-customer
        Out of date since 02:15 · nothing was sent
        What changed: 17 rows differ in orders (2 shards). Do not switch before you know why.
        Ben's approval does not carry over.
        Asked by Ana at 02:14
        [Ask again with the new state] [Details] [Open in PlanetScale]
        acme / shop / main · Writes: commerce
        """
    )
    assert stage.changes == []


async def test_an_improvement_keeps_the_approvals(http_stage: Stage) -> None:
    """A warning that is gone is no reason to ask people again."""
    stage, planetscale = http_stage, http_stage.planetscale
    planetscale.add_workflow("shop", 3, "verified_data", tables={"orders": 1_000})
    held = planetscale.trouble("throttle", database="shop", number=3)
    await stage.type(REPLICAS)
    assert "⚠️ Throttled" in stage.read()
    planetscale.lift(held)
    await stage.pass_time(180, 60)
    await stage.press(BEN, "op_approve")
    assert stage.changes == ["PATCH shop/workflows/3/switch-replicas"]


async def test_a_verification_made_meanwhile(http_stage: Stage) -> None:
    """Data that was verified clean since the card was drawn is better: the approvals count."""
    stage, planetscale = http_stage, http_stage.planetscale
    planetscale.add_workflow("shop", 3, "running", tables={"orders": 1_000})
    await stage.type(REPLICAS)
    assert "⚠️ The data has never been verified." in stage.read()
    planetscale.outside("shop", 3, "verify-data")
    stage.clock.advance(planetscale.workflow("shop", 3).verify_seconds + 1)
    await stage.settle()
    await stage.press(BEN, "op_approve")
    assert stage.changes == ["PATCH shop/workflows/3/switch-replicas"]


async def test_other_tables_than_were_shown(http_stage: Stage) -> None:
    """A deletion is approved table by table: if the list changed, nothing is deleted."""
    stage, planetscale = http_stage, http_stage.planetscale
    planetscale.add_workflow("shop", 3, "switched_primaries", ago=26 * 3600.0)
    await stage.type("cutover shop 3")
    workflow = planetscale.workflow("shop", 3)
    workflow.tables = (*workflow.tables, type(workflow.tables[0])("invoices", 10, 10))
    await stage.press(BEN, "op_approve")
    assert stage.read() == text(
        """
        ⚪ Not sent · Cut over · shop #3 orders-to-customer
        Out of date since 02:14 · nothing was sent
        What changed: PlanetScale lists other tables now than were shown.
        Ben's approval does not carry over.
        Asked by Ana at 02:14
        [Ask again with the new state] [Details] [Open in PlanetScale]
        acme / shop / main · Writes: customer
        """
    )
    assert stage.changes == []


async def test_traffic_that_moved_meanwhile(http_stage: Stage) -> None:
    """Copies on which there is traffic by now are not deleted, whoever approved that before."""
    stage, planetscale = http_stage, http_stage.planetscale
    planetscale.add_workflow("shop", 3, "copying")
    await stage.type("cancel shop 3")
    planetscale.workflow("shop", 3).state = State.SWITCHED_REPLICAS
    planetscale.workflow("shop", 3).replicas_switched = True
    await stage.press(BEN, "op_approve")
    assert stage.read() == text(
        """
        ⚪ Not sent · Cancel · shop #3 orders-to-customer
        Out of date since 02:14 · nothing was sent
        What changed: Replica reads are on customer. Reverse first: /workflow reverse-traffic shop 3
        Ben's approval does not carry over. Next: /workflow reverse-traffic shop 3, then ask again.
        Asked by Ana at 02:14
        [Details] [Open in PlanetScale]
        acme / shop / main · Writes: commerce
        """
    )
    assert stage.changes == []


async def test_two_approved_requests_run_one_after_the_other(http_stage: Stage) -> None:
    """Of two requests on one workflow that are approved together one is sent, the other is out of date."""
    stage = http_stage
    stage.planetscale.add_workflow("shop", 3, "verified_data")
    await stage.type(REPLICAS)
    await stage.type("cancel shop 3", CHIOMA)
    switch, cancel = (one for one in stage.slack.messages(stage.first.channel) if not one.thread_ts)
    await stage.slack.press(BEN, switch, "op_approve")
    await stage.slack.press(BEN, cancel, "op_approve")
    await stage.settle()
    await stage.pass_time(20)
    assert len(stage.changes) == 1
    told = [stage.read(card).splitlines()[1] for card in (switch, cancel)]
    assert told.count("Out of date since 02:14 · nothing was sent") == 1
