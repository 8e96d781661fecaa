"""`complete` and `cancel`: what ends, what is deleted, and what stays."""

from bot.demo.slack.people import ANA, BEN
from tests.scenarios.conftest import Stage, text

A_DAY = 26 * 3600.0


async def test_completing_a_move(http_stage: Stage) -> None:
    """It deletes nothing and ends the last way back; afterwards nothing is left to do."""
    stage = http_stage
    stage.planetscale.add_workflow("shop", 3, "cutover", ago=A_DAY)
    await stage.type("complete shop 3")
    assert stage.read() == text(
        """
        ⛔ Ends the way back · Complete · shop #3 orders-to-customer
        Marks the move as finished and frees main. Deletes nothing: the tables left commerce at the cutover, \
            yesterday 00:14.
        ⛔ Ends the last way back: the routing rules cannot be restored any more (reverse-cutover).
        Asked by @Ana · any full member here except Ana may approve, until 02:44 · runs at once when approved
        ✅ 2 checks passed at 02:14 · cut over yesterday 00:14, routing rules never had to be restored
        [Approve] [Deny] [Withdraw] [Say why] [Details] [Open in PlanetScale] [Ask someone]
        acme / shop / main · Writes: customer
        """
    )
    assert stage.card().text == text(
        """
        Ana asks to complete shop #3. Deletes nothing; afterwards routing rules cannot be restored. 1 \
            approval by 02:44 UTC.
        """
    )
    assert stage.dialog("op_approve") == text(
        """
        Complete shop #3?
        Marks the move as finished (acme / shop / main). Deletes nothing. Afterwards the routing rules \
            cannot be restored any more.
        [Approve and complete] [Go back]
        primary
        """
    )
    assert stage.replies() == []
    await stage.press(BEN, "op_approve")
    await stage.pass_time(5, 1)
    assert stage.read() == text(
        """
        ✅ Done · Complete · shop #3 orders-to-customer
        Completed in 2 s · orders and line_items live in customer
        Whole move: 1 d 17 h, of which copying 8 h 16 min · deleted from commerce yesterday 00:14
        Nothing is left to do. main is free for the next workflow.
        Asked by Ana · approved by Ben
        [Details] [Open in PlanetScale]
        acme / shop / main · Writes: customer
        """
    )
    assert stage.replies() == [
        text(
            """
            shop #3 is completed: the tables orders, line_items live in customer. main is free for the next \
                workflow.
            """
        ),
    ]
    assert stage.changes == ["PATCH shop/workflows/3/complete"]


async def test_completing_an_import(http_stage: Stage) -> None:
    """For an import it closes the connection for good: another card, and another dialog."""
    stage = http_stage
    stage.planetscale.add_workflow(
        "shop", 5, "switched_primaries", ago=A_DAY, name="rds-import", imported=True
    )
    await stage.type("complete shop 5")
    assert stage.read() == text(
        """
        ⛔ Ends the way back · Complete import · shop #5 rds-import
        ⛔ Stops replication back to the external database, closes the connection for good and removes its \
            credentials. Deletes no tables.
        ↩️ No way back. Until now: /workflow reverse-traffic shop 5
        Asked by @Ana · any full member here except Ana may approve, until 02:44 · runs at once when approved
        ☐ By approving you state: every application is connected to PlanetScale and works
        ✅ 2 checks passed at 02:14 · writes on PlanetScale since yesterday 00:14
        [Approve] [Deny] [Withdraw] [Say why] [Details] [Open in PlanetScale] [Ask someone]
        acme / shop / main · Writes: customer
        """
    )
    assert stage.dialog("op_approve") == text(
        """
        Complete import shop #5?
        Replication back to the external database ends (acme / shop / main) as soon as you approve, and \
            its credentials are removed. It cannot be opened again. You state that every application is \
            connected to PlanetScale and works.
        [Approve and complete] [Go back]
        danger
        """
    )
    await stage.press(BEN, "op_approve")
    await stage.pass_time(5, 1)
    assert stage.read() == text(
        """
        ✅ Done · Complete import · shop #5 rds-import
        Completed in 2 s · the connection to the external database is closed
        Writes: customer · Replica reads: customer
        Whole move: 1 d 15 h, of which copying 8 h 16 min · Nothing is left to do. main is free for the \
            next workflow.
        Asked by Ana · approved by Ben
        [Details] [Open in PlanetScale]
        acme / shop / main
        """
    )
    assert stage.changes == ["PATCH shop/workflows/5/complete"]


async def test_cancelling_a_copy(http_stage: Stage) -> None:
    """The card says which copies are deleted, how many rows and how much work; the thread has the list."""
    stage = http_stage
    stage.planetscale.add_workflow("shop", 3, "copying")
    await stage.type("cancel shop 3")
    await stage.press(ANA, "op_say_why")
    await stage.slack.submit(ANA, {"reason": {"reason": "wrong vindex on line_items"}})
    await stage.settle()
    assert stage.read() == text(
        """
        ⛔ Deletes · Cancel · shop #3 orders-to-customer
        Why: “wrong vindex on line_items”
        ⛔ Deletes the copies of orders and line_items in customer: about 414 M rows, 2 h 34 min of copying. \
            commerce keeps all its data and serves everything.
        ↩️ No way back: a new workflow copies from the beginning.
        Asked by @Ana · any full member here except Ana may approve, until 02:44 · runs at once when approved
        ✅ 4 checks passed at 02:14 · no traffic is on customer
        [Approve deletion] [Deny] [Withdraw] [Details] [Open in PlanetScale] [Ask someone]
        acme / shop / main · Writes: commerce
        """
    )
    assert stage.card().text == text(
        """
        Ana asks to cancel shop #3: deletes the copies in customer (414 M rows). commerce is not \
            touched. 1 approval by 02:44 UTC. Why: “wrong vindex on lin…”
        """
    )
    assert stage.dialog("op_approve") == text(
        """
        Cancel shop #3: delete the copies in customer?
        The copies of orders and line_items in customer (acme / shop / main) are deleted as soon as you \
            approve: about 414 M rows, 2 h 34 min of copying. commerce is not touched. It cannot be \
            undone.
        [Approve and delete] [Go back]
        danger
        """
    )
    assert stage.replies() == [
        text(
            """
            ⛔ shop #3: the copies of 2 tables are deleted from customer when this is approved
            orders
            line_items
            """
        ),
    ]
    await stage.press(BEN, "op_approve")
    assert stage.read().splitlines()[2] == "PlanetScale has been cancelling since 02:14:11"
    await stage.pass_time(45, 1)
    assert stage.read() == text(
        """
        ✅ Done · Cancel · shop #3 orders-to-customer
        Cancelled in 39 s · the copies in customer are deleted
        Writes: commerce · Replica reads: commerce, as they were all along
        Next: /workflow create shop main -i
        Asked by Ana · approved by Ben · “wrong vindex on line_items”
        [Details] [Open in PlanetScale]
        acme / shop / main
        """
    )
    assert stage.replies()[1:] == [
        "shop #3 is cancelled: the copies in customer are deleted. Writes: commerce.",
    ]
    assert stage.changes == ["DELETE shop/workflows/3"]


async def test_what_keeps_a_workflow_from_being_cancelled(http_stage: Stage) -> None:
    """With traffic on the copies, or with the source gone, it is refused at once, also with --force."""
    stage, planetscale = http_stage, http_stage.planetscale
    planetscale.add_workflow("shop", 3, "switched_replicas")
    planetscale.add_workflow("crm", 4, "cutover", ago=A_DAY)
    assert await stage.type("cancel shop 3 --force") == text(
        """
        Replica reads are on customer. Reverse first: /workflow reverse-traffic shop 3
        Nothing was sent.
        """
    )
    assert await stage.type("cancel crm 4") == text(
        """
        crm #4 is cut over: the tables in commerce are gone, customer is the only copy.
        Nothing was sent.
        """
    )
    assert await stage.type("complete shop 3") == text(
        """
        shop #3 is not cut over yet; there is nothing to complete.
        Nothing was sent.
        """
    )
    planetscale.add_workflow("erp", 5, "reversed_cutover")
    assert await stage.type("complete erp 5") == text(
        """
        The routing rules are back: the application still needs them. Cut over again first.
        Nothing was sent.
        """
    )
    assert stage.cards() == []
    assert stage.changes == []


async def test_a_denied_cancel_goes_on_copying(http_stage: Stage) -> None:
    """After a Deny the card says that the copy goes on."""
    stage = http_stage
    stage.planetscale.add_workflow("shop", 3, "copying")
    await stage.type("cancel shop 3")
    await stage.press(BEN, "op_deny")
    assert stage.read() == text(
        """
        ⚪ Not sent · Cancel · shop #3 orders-to-customer
        Denied by @Ben at 02:14 · nothing was sent
        The copy goes on: about 41 %. Writes: commerce
        Asked by Ana at 02:14
        [Ask again] [Details] [Open in PlanetScale]
        acme / shop / main
        """
    )
    assert stage.changes == []
