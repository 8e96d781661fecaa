"""The two-person rule, from the typed command to what the channel reads."""

from bot.demo.slack.people import ANA, BEN, CHIOMA
from tests.scenarios.conftest import MOVES, Stage, text, waits_until

REPLICAS = "switch-traffic shop 3 --replicas-only"
PRIMARIES = "switch-traffic shop 3"


async def test_a_switch_of_replica_reads_from_asking_to_done(stage: Stage) -> None:
    """Ana cannot approve what she asks; Ben approves, one request leaves, the card says what is true."""
    stage.planetscale.add_workflow("shop", 3, "verified_data", name="orders-to-customer")
    assert await stage.type("switch-traffic shop 3 --replicas-only") == ""
    waiting = stage.cards()[-1]
    assert "Switch replica reads · shop #3 orders-to-customer" in waiting
    assert waits_until(waiting)
    told = await stage.press(ANA, "op_approve")
    assert told == "You asked for this, so somebody else has to approve it. You can withdraw it."
    await stage.press(BEN, "op_approve")
    await stage.pass_time(30)
    done = stage.slack.visible_text(
        next(message for message in stage.slack.messages(MOVES) if not message.thread_ts)
    )
    assert "customer has served replica reads" in done
    assert "approved by Ben" in done
    changes = [request.operation for request in stage.planetscale.requests if request.method != "GET"]
    assert changes == ["switch-replicas"]


async def test_a_denial_with_its_reason(stage: Stage) -> None:
    """One Deny ends it at once; the reason is asked afterwards and stands on the card."""
    stage.planetscale.add_workflow("shop", 3, "verified_data")
    await stage.type(REPLICAS)
    await stage.press(BEN, "op_deny")
    form = stage.slack.view_of(BEN)
    assert form is not None
    assert stage.slack.visible_text(form) == text(
        """
        Why not?
        Denied already. A reason helps whoever asked []
        [Save]
        [Leave it]
        """
    )
    assert stage.read() == text(
        """
        ⚪ Not sent · Switch replica reads · shop #3 orders-to-customer
        Denied by @Ben at 02:14 · nothing was sent
        Writes: commerce · Replica reads: commerce, as before
        Asked by Ana at 02:14
        [Ask again] [Details] [Open in PlanetScale]
        acme / shop / main
        """
    )
    await stage.slack.submit(BEN, {"reason": {"reason": "Not during the sale. Tomorrow at 9."}})
    await stage.settle()
    assert stage.read() == text(
        """
        ⚪ Not sent · Switch replica reads · shop #3 orders-to-customer
        Denied by @Ben at 02:14 · nothing was sent
        “Not during the sale. Tomorrow at 9.”
        Writes: commerce · Replica reads: commerce, as before
        Asked by Ana at 02:14
        [Ask again] [Details] [Open in PlanetScale]
        acme / shop / main
        """
    )
    assert stage.first.text == text(
        """
        Switch replica reads, shop #3: Denied by @Ben at 02:14 UTC. Nothing was sent. Writes: commerce.
        """
    )
    assert stage.replies() == [
        text(
            """
            Denied by Ben.
            Nothing was sent. @Ana
            """
        ),
    ]
    assert stage.changes == []


async def test_the_requester_withdraws(http_stage: Stage) -> None:
    """Withdraw is the requester's alone, and leaves no button behind."""
    stage = http_stage
    stage.planetscale.add_workflow("shop", 3, "verified_data")
    await stage.type(REPLICAS)
    told = await stage.press(BEN, "op_withdraw")
    assert told == "Only Ana, who asked for this, can withdraw it."
    assert await stage.press(ANA, "op_withdraw") == ""
    assert stage.read() == text(
        """
        ⚪ Not sent · Switch replica reads · shop #3 orders-to-customer
        Withdrawn by Ana at 02:14 · nothing was sent
        Writes: commerce · Replica reads: commerce, as before
        Asked by Ana at 02:14
        [Details] [Open in PlanetScale]
        acme / shop / main
        """
    )
    assert stage.changes == []


async def test_what_has_to_be_forced(http_stage: Stage) -> None:
    """A heavy warning needs --force, and the card says that it was forced."""
    stage = http_stage
    stage.planetscale.add_workflow("shop", 3, "running")
    refused = await stage.type(PRIMARIES)
    assert refused == text(
        """
        1 warning needs --force: The data has never been verified. Better: /workflow verify-data shop 3
        To go on, type it again with --force --reason="…". A second person still has to approve.
        """
    )
    assert stage.cards() == []
    await stage.type(f'{PRIMARIES} --force --reason "the sale begins"')
    assert stage.read() == text(
        """
        ⛔ Forced, moves writes · Switch primaries · shop #3 orders-to-customer
        ⛔ Forced over: The data has never been verified. Better: /workflow verify-data shop 3 \
            Why: “the sale begins”
        Primary, replica and read-only queries for orders and line_items move from commerce to customer, all \
            at once. Writes wait for seconds, some may fail. Deletes nothing.
        ↩️ Way back: /workflow reverse-traffic shop 3, until the cutover, without a second person.
        Asked by @Ana with --force · any full member here except Ana may approve, until 02:44 · runs at once \
            when approved
        ⚠️ Replica reads have not been tried on customer. Better: --replicas-only first, look, then the \
            writes.
        ⚠️ customer is sharded and no global keyspace is set: tables with AUTO_INCREMENT need sequences.
        ☐ Look first: replication lag in the dashboard. This bot does not read it.
        ✅ 6 checks passed at 02:14
        [Approve] [Deny] [Withdraw] [Details] [Open in PlanetScale] [Ask someone]
        acme / shop / main · Writes: commerce
        """
    )
    assert stage.changes == []


async def test_asking_for_the_same_twice(http_stage: Stage) -> None:
    """Who asks again reads that it was asked for already; another person reads by whom."""
    stage = http_stage
    stage.planetscale.add_workflow("shop", 3, "verified_data")
    await stage.type(REPLICAS)
    assert await stage.type(REPLICAS) == text(
        """
        This was asked for already at 02:14 · open
        Nothing was sent.
        """
    )
    assert await stage.type(REPLICAS, BEN) == text(
        """
        Ana asked for the same at 03:14 · open
        Nothing was sent.
        """
    )


async def test_what_was_denied_is_known_when_it_is_asked_again(stage: Stage) -> None:
    """Asked again after a denial, the card says who denied the same, when and why, until it is done."""
    stage.planetscale.add_workflow("shop", 3, "verified_data")
    await stage.type(REPLICAS)
    await stage.press(BEN, "op_deny")
    await stage.slack.submit(BEN, {"reason": {"reason": "Not during the sale."}})
    await stage.pass_time(60)
    await stage.type(REPLICAS)
    said = [line for line in stage.cards()[-1].splitlines() if "The same" in line]
    assert said == ["⚠️ The same was denied by Ben at 02:14: “Not during the sale.” · open"]
    await stage.press(ANA, "op_withdraw")
    await stage.type(PRIMARIES)
    assert "The same" not in stage.cards()[-1]
    await stage.press(ANA, "op_withdraw")
    await stage.type(REPLICAS)
    said = [line for line in stage.cards()[-1].splitlines() if "The same" in line]
    assert said == [
        "⚠️ The same was withdrawn by Ana at 02:15 · open",
        "⚠️ The same was denied by Ben at 02:14: “Not during the sale.” · open",
    ]
    await stage.press(CHIOMA, "op_approve")
    await stage.pass_time(30)
    assert "The same" not in stage.cards()[-1]
