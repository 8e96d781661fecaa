"""Cutting over: what is deleted is named in full, and nobody can miss it."""

from datetime import timedelta

from bot.demo.planetscale.world import Mutation
from bot.demo.slack.people import ANA, BEN
from tests.scenarios.conftest import MOVES, Stage, text

A_DAY = 26 * 3600.0


async def test_a_cutover_from_asking_to_done(http_stage: Stage) -> None:
    """The tables are on the card, in the dialog and in the thread; at the end it says what to look for."""
    stage = http_stage
    stage.planetscale.add_workflow("shop", 3, "switched_primaries", ago=A_DAY)
    await stage.type("cutover shop 3")
    assert stage.read() == text(
        """
        ⛔ Deletes · Cut over · shop #3 orders-to-customer
        ⛔ Deletes the tables orders and line_items, with all rows, from commerce for good. Queries that \
            still name commerce for them fail from then on.
        ↩️ No way back for the tables: reverse-cutover only restores the routing rules. What is left is \
            backups (last one: not known).
        Asked by @Ana · any full member here except Ana may approve, until 02:44 · runs at once when approved
        ⚠️ No backup of main in the 24 h before this check.
        ☐ By approving you state: the application no longer names commerce for these tables (it uses \
            @primary, @replica or no database name)
        ☐ By approving you state: errors and latency have been looked at since the switch
        ✅ 5 checks passed at 02:14 · writes on customer since yesterday 00:14 · customer's VSchema has no \
            require_explicit_routing
        [Approve deletion] [Deny] [Withdraw] [Say why] [Details] [Open in PlanetScale] [Ask someone]
        acme / shop / main · Writes: customer
        """
    )
    assert stage.card().text == text(
        """
        Ana asks to cut over shop #3: DELETES the tables orders, line_items from the \
            keyspace commerce for good. 1 approval by 02:44 UTC.
        """
    )
    assert stage.dialog("op_approve") == text(
        """
        Cut over shop #3: delete 2 tables from commerce?
        orders and line_items are deleted from commerce (acme / shop / main) as soon as you approve. \
            Nobody can bring them back. You state that the application no longer names commerce for them \
            and that you looked at errors since the switch.
        [Approve and delete] [Go back]
        danger
        """
    )
    assert stage.replies() == [
        text(
            """
            ⛔ shop #3: 2 tables are deleted from commerce when this is approved
            orders
            line_items
            """
        ),
    ]
    await stage.press(BEN, "op_approve")
    assert stage.read() == text(
        """
        ⏳ Under way · Cut over · shop #3 orders-to-customer
        PlanetScale has been cutting over since 02:14:11 · tables are being deleted from commerce
        ⛔ Deletes the tables orders and line_items, with all rows, from commerce for good. Queries that \
            still name commerce for them fail from then on.
        ↩️ No way back for the tables: reverse-cutover only restores the routing rules. What is left is \
            backups (last one: not known).
        Asked by Ana · approved by Ben
        [Details] [Open in PlanetScale]
        acme / shop / main · Writes: customer
        """
    )
    await stage.pass_time(45, 1)
    assert stage.read() == text(
        """
        ✅ Done · Cut over · shop #3 orders-to-customer
        Cut over in 42 s · orders and line_items are deleted from commerce (read back 02:14:53)
        Writes: customer · Replica reads: customer · routing rules are removed
        Now: look for “table not found” on orders and line_items. If there are any: restore the routing \
            rules (not the tables), then fix the application. When all is well: /workflow complete shop 3. \
            Until then main can have no other workflow.
        Asked by Ana · approved by Ben
        [Application has errors: restore routing rules] [Complete] [Details] [Open in PlanetScale]
        acme / shop / main
        """
    )
    assert stage.cards()[1:] == [
        text(
            """
            shop #3 is cut over: the tables orders, line_items are deleted from the \
                keyspace commerce. If queries fail: /workflow reverse-cutover shop 3
            """
        ),
    ]
    assert stage.changes == ["PATCH shop/workflows/3/cutover"]


async def test_the_buttons_of_a_finished_cutover(http_stage: Stage) -> None:
    """The card's buttons go the same way as commands: a card for `complete`, a question for the way back: on
    the button, or privately where it was typed."""
    stage = http_stage
    stage.planetscale.add_workflow("shop", 3, "switched_primaries", ago=A_DAY)
    await stage.type("cutover shop 3")
    await stage.press(BEN, "op_approve")
    await stage.pass_time(45)
    assert stage.dialog("op_next.reverse-cutover.cutover", stage.first) == text(
        """
        Restore the routing rules of shop #3?
        Queries that still name commerce are routed to customer again (acme / shop / main) now. \
            Deletes nothing, and does not bring back the tables.
        [Restore routing rules] [Go back]
        primary
        """
    )
    question = await stage.type("reverse-cutover shop 3", BEN)
    assert question.splitlines()[0] == "Restore the routing rules of shop #3?"
    assert await stage.press(BEN, "op_not_now", stage.private(BEN)) == ""
    assert stage.slack.visible_text(stage.private(BEN)) == (
        "All right. Nothing was sent. To ask again: /workflow reverse-cutover shop 3"
    )
    await stage.press(BEN, "op_next.complete", stage.first)
    assert stage.cards()[-1] == text(
        """
        ⛔ Ends the way back · Complete · shop #3 orders-to-customer
        Marks the move as finished and frees main. Deletes nothing: the tables left commerce at the cutover, \
            today 02:14.
        ⛔ Ends the last way back: the routing rules cannot be restored any more (reverse-cutover).
        Asked by @Ben · any full member here except Ben may approve, until 02:44 · runs at once when approved
        ⚠️ Cut over at 02:14, less than an hour before this check.
        ✅ 1 check passed at 02:14
        [Approve] [Deny] [Withdraw] [Say why] [Details] [Open in PlanetScale] [Ask someone]
        acme / shop / main · Writes: customer
        """
    )
    assert stage.changes == ["PATCH shop/workflows/3/cutover"]


async def test_a_cutover_of_many_tables(http_stage: Stage) -> None:
    """Forty tables: two by name on the card, all of them in the thread and behind a button."""
    stage = http_stage
    tables = {f"table_{number:02d}": 1_000 for number in range(40)}
    stage.planetscale.add_workflow("shop", 3, "switched_primaries", ago=A_DAY, tables=tables)
    await stage.type("cutover shop 3")
    assert stage.read().splitlines()[3] == text(
        """
        Asked by @Ana · any full member here except Ana may approve, until 02:44 · runs at once when approved
        """
    )
    names = sorted(tables)
    listed = "⛔ shop #3: 40 tables are deleted from commerce when this is approved"
    assert stage.replies() == ["\n".join([listed, *names])]
    told = await stage.press(BEN, "op_all_checks")
    assert told.endswith("\n".join(["40 tables of shop #3", *names]))
    assert stage.changes == []


async def test_too_soon_after_the_switch(http_stage: Stage) -> None:
    """A cutover within the hour needs --force, and its card says how short the time was."""
    stage = http_stage
    stage.planetscale.add_workflow("shop", 3, "switched_primaries", ago=52 * 60.0)
    assert await stage.type("cutover shop 3") == text(
        """
        1 warning needs --force: Writes moved at 01:22, less than 1 h before this check. \
        Recommended: a full day, with its peak.
        To go on, type it again with --force --reason="…". A second person still has to approve.
        """
    )
    await stage.type('cutover shop 3 --force --reason "the sale begins"')
    assert stage.read().splitlines()[1] == (
        "⛔ Forced over: Writes moved at 01:22, less than 1 h before this check. "
        "Recommended: a full day, with its peak. Why: “the sale begins”"
    )
    warned = [line for line in stage.read().splitlines() if line.startswith("⚠️")]
    assert warned == ["⚠️ No backup of main in the 24 h before this check."]


async def test_what_a_cutover_waits_for(http_stage: Stage) -> None:
    """It is refused while writes are on the source, and while the target's VSchema would break queries."""
    stage = http_stage
    planetscale = stage.planetscale
    planetscale.add_workflow("shop", 3, "switched_replicas")
    assert await stage.type("cutover shop 3") == text(
        """
        Writes are still on commerce. Switch first.
        Nothing was sent.
        """
    )
    planetscale.add_workflow("shop", 4, "switched_primaries", ago=A_DAY)
    keyspace = planetscale.world.databases["shop"].branches["main"].keyspaces["customer"]
    keyspace.require_explicit_routing = True
    assert await stage.type("cutover shop 4") == text(
        """
        customer's VSchema still has require_explicit_routing. Remove it first, or queries fail with \
            “table not found”.
        Nothing was sent.
        """
    )
    planetscale.add_workflow("crm", 5, "switched_primaries", ago=A_DAY, imported=True)
    assert await stage.type("cutover crm 5") == text(
        """
        This is an import. It ends with complete, not with a cutover.
        Nothing was sent.
        """
    )
    assert stage.cards() == []
    assert stage.changes == []


async def test_the_last_backup_stands_on_the_card(http_stage: Stage) -> None:
    """The card says from when the last backup is, and does not warn of a recent one."""
    stage = http_stage
    stage.planetscale.add_workflow("shop", 3, "switched_primaries", ago=A_DAY)
    done = stage.clock.now() - timedelta(hours=2)
    stage.planetscale.world.databases["shop"].branches["main"].backups.append(done)
    await stage.type("cutover shop 3")
    card = stage.read()
    assert "(last one: today 00:14)" in card
    assert "⚠️" not in card


async def test_cutting_over_again(http_stage: Stage) -> None:
    """After the routing rules were restored nothing more is deleted, and the card says so."""
    stage = http_stage
    stage.planetscale.add_workflow("shop", 3, "reversed_cutover")
    await stage.type("cutover shop 3")
    assert stage.read() == text(
        """
        🟠 Changes routing · Cut over · shop #3 orders-to-customer
        Removes the routing rules again: queries that still name commerce for these tables fail from then \
            on. Deletes nothing more: the tables left commerce (yesterday 22:14).
        ↩️ Way back: /workflow reverse-cutover shop 3 restores the rules, without a second person.
        Asked by @Ana · any full member here except Ana may approve, until 02:44 · runs at once when approved
        ☐ By approving you state: the application no longer names commerce for these tables (it uses \
            @primary, @replica or no database name)
        ✅ 3 checks passed at 02:14 · customer's VSchema has no require_explicit_routing
        [Approve] [Deny] [Withdraw] [Say why] [Details] [Open in PlanetScale] [Ask someone]
        acme / shop / main · Writes: customer
        """
    )
    assert stage.dialog("op_approve") == text(
        """
        Cut over shop #3 again?
        The routing rules (acme / shop / main) are removed as soon as you approve: queries that still \
            name commerce fail. You state that the application no longer does. Deletes nothing more. Way \
            back: reverse-cutover.
        [Approve and cut over] [Go back]
        primary
        """
    )
    assert stage.replies() == []
    await stage.press(BEN, "op_approve")
    await stage.pass_time(45, 1)
    assert stage.read() == text(
        """
        ✅ Done · Cut over · shop #3 orders-to-customer
        Cut over in 42 s · the routing rules are removed again (02:14:52)
        Writes: customer · Replica reads: customer · routing rules are removed
        Now: look for “table not found” on orders and line_items. If there are any: restore the routing \
            rules (not the tables), then fix the application. When all is well: /workflow complete shop 3. \
            Until then main can have no other workflow.
        Asked by Ana · approved by Ben
        [Application has errors: restore routing rules] [Complete] [Details] [Open in PlanetScale]
        acme / shop / main
        """
    )
    assert stage.changes == ["PATCH shop/workflows/3/cutover"]


async def test_what_the_cutover_needs(http_stage: Stage) -> None:
    """The card of a switch has a button that says, to one person, what has to be so before the cutover."""
    stage = http_stage
    stage.planetscale.add_workflow("shop", 3, "switched_replicas")
    await stage.type("switch-traffic shop 3")
    await stage.press(BEN, "op_approve")
    await stage.pass_time(15)
    assert await stage.press(ANA, "op_cutover_needs", stage.first) == text(
        """
        Before the cutover of shop #3
        • The application no longer names commerce for orders and line_items: it uses @primary, @replica \
            or no database name.
        • require_explicit_routing is out of customer's VSchema, or queries fail with “table not found”.
        • Errors and latency have been looked at for a full day, with its peak.
        • There is a recent backup of main: the cutover deletes the tables orders and line_items from \
            commerce for good.
        Then: /workflow cutover shop 3 (a second person approves)
        """
    )
    assert len(stage.slack.messages(MOVES)) == 2


async def test_there_is_one_time_of_the_deletion(http_stage: Stage) -> None:
    """However often it is cut over, every card names the one that deleted the tables, and none later."""
    stage = http_stage
    stage.planetscale.add_workflow("shop", 3, "switched_primaries", ago=A_DAY)
    stage.planetscale.pace[Mutation.CUTOVER] = (
        75.0  # it is read back in another minute than PlanetScale names
    )
    await stage.type("cutover shop 3")
    await stage.press(BEN, "op_approve")
    await stage.pass_time(100, 5)
    first = stage.planetscale.workflow("shop", 3).times["cutover_at"]
    await stage.pass_time(1800, 180)
    await stage.type("reverse-cutover shop 3")
    assert f"they were deleted (today {first:%H:%M})" in stage.slack.visible_text(stage.private())
    await stage.press(ANA, "op_confirm", stage.private())
    await stage.pass_time(600, 30)
    await stage.type("cutover shop 3")
    assert f"the tables left commerce (today {first:%H:%M})" in stage.read(stage.card())
    await stage.press(BEN, "op_approve")
    await stage.pass_time(100, 10)
    assert stage.planetscale.workflow("shop", 3).times["cutover_at"] > first
    await stage.type("complete shop 3")
    assert f"the tables left commerce at the cutover, today {first:%H:%M}." in stage.read(stage.card())
    await stage.press(BEN, "op_approve")
    await stage.pass_time(30)
    assert f"deleted from commerce {first:%H:%M}" in stage.read(stage.card())


async def test_a_cutover_that_deleted_nothing_is_not_the_time_of_the_deletion(http_stage: Stage) -> None:
    """Where the tables were deleted without the bot, no later cutover of its own is named for it."""
    stage = http_stage
    stage.planetscale.add_workflow("shop", 3, "reversed_cutover", ago=A_DAY)
    await stage.type("cutover shop 3")
    await stage.press(BEN, "op_approve")
    await stage.pass_time(60, 5)
    await stage.type("complete shop 3")
    assert "Deletes nothing: the tables left commerce at the cutover." in stage.read(stage.card())


async def test_a_backup_that_failed_is_not_the_last_one(http_stage: Stage) -> None:
    """The card of a cutover names the last backup that is good."""
    stage = http_stage
    stage.planetscale.add_workflow("shop", 3, "switched_primaries", ago=A_DAY)
    branch, now = stage.planetscale.world.databases["shop"].branches["main"], stage.planetscale.now()
    branch.backups = [now - timedelta(hours=5)]
    branch.failed_backups = [now - timedelta(minutes=10)]
    await stage.type("cutover shop 3")
    assert "(last one: yesterday 21:14)" in stage.read(stage.card())
