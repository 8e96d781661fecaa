"""The ways back: one person, two presses, and nothing in between that can fail."""

from bot.demo.slack.people import ANA, BEN, CHIOMA
from tests.scenarios.conftest import Stage, open_stage, text, titled, waits_until

REVERSE = "reverse-traffic shop 3"


async def test_reversing_traffic(stage: Stage) -> None:
    """Only the requester sees the question; their yes sends it, and the channel reads what is true."""
    stage.planetscale.add_workflow("shop", 3, "switched_primaries")
    assert await stage.type(REVERSE) == text(
        """
        Reverse traffic of shop #3 now?
        All queries for orders and line_items go back to commerce: primary, replica and read-only.
        Writes to these tables wait while it runs, usually for seconds. Some may fail.
        Deletes nothing. Replication back carries the writes made on customer since today 00:14; \
            PlanetScale waits until it has caught up.
        ❓ Whether the replication back is healthy is not read by this bot.
        [Reverse now] [Not now] [Say why] [Open in PlanetScale]
        """
    )
    assert stage.cards() == []
    await stage.press(ANA, "op_confirm", stage.private())
    assert stage.slack.visible_text(stage.private()) == "Confirmed. The card goes to #db-moves."
    assert stage.read() == text(
        """
        ⏳ Under way · Reverse traffic · shop #3 orders-to-customer
        PlanetScale has been moving traffic back since 02:14:10 · writes to 2 tables may be waiting
        All queries for orders and line_items go back to commerce: primary, replica and read-only. Writes \
            wait for seconds, some may fail. Deletes nothing.
        ❓ Whether the replication back, which carries the writes made on customer since today 00:14, is \
            healthy is not read by this bot.
        By Ana, without a second person (reversing needs none)
        [Details] [Open in PlanetScale]
        acme / shop / main · Writes: not certain
        """
    )
    await stage.pass_time(12, 1)
    assert stage.read() == text(
        """
        ✅ Done · Reverse traffic · shop #3 orders-to-customer
        Done in 8 s · commerce has served everything again since 02:14
        Replication runs forward again: customer is kept up to date.
        Next: find the cause. Verify again before the next switch: /workflow verify-data shop 3
        By Ana, without a second person (reversing needs none)
        [Verify data] [Details] [Open in PlanetScale]
        acme / shop / main · Writes: commerce
        """
    )
    assert stage.cards()[1:] == [
        "commerce has served everything of shop #3 again since 02:14. Nothing was deleted.",
    ]
    assert stage.changes == ["PATCH shop/workflows/3/reverse-traffic"]


async def test_reversing_replica_reads(http_stage: Stage) -> None:
    """Where writes were never moved, the question says so and nothing of replication back."""
    stage = http_stage
    stage.planetscale.add_workflow("shop", 3, "switched_replicas")
    assert await stage.type(REVERSE) == text(
        """
        Reverse traffic of shop #3 now?
        Replica and read-only queries for orders and line_items go back to commerce. Writes were never \
            moved.
        Deletes nothing.
        [Reverse now] [Not now] [Say why] [Open in PlanetScale]
        """
    )
    await stage.press(ANA, "op_confirm", stage.private())
    await stage.pass_time(12, 1)
    assert stage.read() == text(
        """
        ✅ Done · Reverse traffic · shop #3 orders-to-customer
        Done in 8 s · commerce has served everything again since 02:14
        Replication runs forward: customer is kept up to date.
        Next: find the cause. Verify again before the next switch: /workflow verify-data shop 3
        By Ana, without a second person (reversing needs none)
        [Verify data] [Details] [Open in PlanetScale]
        acme / shop / main · Writes: commerce
        """
    )
    assert stage.changes == ["PATCH shop/workflows/3/reverse-traffic"]


async def test_restoring_the_routing_rules(http_stage: Stage) -> None:
    """reverse-cutover says that it brings back no table."""
    stage = http_stage
    stage.planetscale.add_workflow("shop", 3, "cutover")
    assert await stage.type("reverse-cutover shop 3") == text(
        """
        Restore the routing rules of shop #3?
        Queries that still name commerce for orders and line_items are routed to customer again.
        It does not bring back the tables in commerce: they were deleted (today 00:14). All data stays \
            in customer.
        Deletes nothing. Buys time to change the application.
        Way on: cut over again when the application no longer names commerce.
        [Restore routing rules] [Not now] [Say why] [Open in PlanetScale]
        """
    )
    await stage.press(ANA, "op_confirm", stage.private())
    await stage.pass_time(10, 1)
    assert stage.read() == text(
        """
        ✅ Done · Restore routing rules · shop #3 orders-to-customer
        Done in 6 s · routing rules have been back since 02:14
        Writes: customer · Replica reads: customer
        Now: point the application at @primary / @replica or leave the database name out. Next: /workflow \
            cutover shop 3 again, then complete.
        By Ana, without a second person
        [Cut over again] [Details] [Open in PlanetScale]
        acme / shop / main
        """
    )
    assert stage.cards()[1:] == [
        text(
            """
            Routing rules of shop #3 are back. Writes: customer. The tables in commerce stay deleted.
            """
        ),
    ]
    assert stage.changes == ["PATCH shop/workflows/3/reverse-cutover"]


async def test_retrying_after_an_error(http_stage: Stage) -> None:
    """The question never promises whether the copy goes on or starts over; the card says what was seen."""
    stage = http_stage
    stage.planetscale.add_workflow("shop", 3, "error")
    assert await stage.type("retry shop 3") == text(
        """
        Retry shop #3?
        PlanetScale decides: if the error allows it, the copy continues where it stopped; otherwise it \
            starts over from the beginning.
        Starting over repeats about 414 M rows and its load on commerce.
        If it starts over, the copies in customer are thrown away and copied anew.
        It stopped with: Duplicate entry … for key 'line_items.PRIMARY'
        [Retry] [Not now] [Say why] [Open in PlanetScale]
        """
    )
    await stage.press(ANA, "op_confirm", stage.private())
    assert stage.read() == text(
        """
        ▶️ Started · Retry · shop #3 orders-to-customer
        Retry started at 02:14:10
        Continued at about 41 %.
        Next: /workflow show shop 3
        By Ana, without a second person
        [Details] [Open in PlanetScale]
        acme / shop / main · Writes: commerce
        """
    )
    assert stage.changes == ["PATCH shop/workflows/3/retry"]


async def test_retrying_after_a_schema_change(http_stage: Stage) -> None:
    """A stop by a schema change says which table to compare first."""
    stage = http_stage
    stage.planetscale.add_workflow("shop", 3, "stopped")
    assert await stage.type("retry shop 3") == text(
        """
        Retry shop #3?
        PlanetScale decides: if the error allows it, the copy continues where it stopped; otherwise it \
            starts over from the beginning.
        Starting over repeats about 414 M rows and its load on commerce.
        If it starts over, the copies in customer are thrown away and copied anew.
        It stopped with: Table 'orders': DDL encountered, stopping
        Compare the schema of orders in commerce and customer first: a retry goes on after the change.
        [Retry] [Not now] [Say why] [Open in PlanetScale]
        """
    )
    assert stage.changes == []


async def test_a_retry_before_any_row_goes_straight(http_stage: Stage) -> None:
    """With nothing copied there is nothing to lose, so nobody is asked."""
    stage = http_stage
    stage.planetscale.add_workflow("shop", 3, "error", percent=0)
    assert await stage.type("retry shop 3") == ""
    assert stage.read().splitlines()[1] == "Retry started at 02:14:10"
    assert stage.changes == ["PATCH shop/workflows/3/retry"]


async def test_not_now(http_stage: Stage) -> None:
    """A no closes the question, and nobody else hears of it."""
    stage = http_stage
    stage.planetscale.add_workflow("shop", 3, "switched_primaries")
    await stage.type(REVERSE)
    question = stage.private()
    await stage.press(ANA, "op_not_now", question)
    assert stage.slack.visible_text(stage.private()) == (
        "All right. Nothing was sent. To ask again: /workflow reverse-traffic shop 3"
    )
    assert await stage.press(ANA, "op_confirm", question) == text(
        """
        Too late: it is over since 02:14. Nothing was sent.
        """
    )
    assert stage.cards() == []
    assert stage.changes == []


async def test_a_question_is_open_for_two_minutes(http_stage: Stage) -> None:
    """A yes that comes later sends nothing."""
    stage = http_stage
    stage.planetscale.add_workflow("shop", 3, "switched_primaries")
    await stage.type(REVERSE)
    await stage.pass_time(121, 10)
    assert await stage.press(ANA, "op_confirm", stage.private()) == text(
        """
        Too late: it expired at 02:16. Nothing was sent.
        """
    )
    assert stage.cards() == []
    assert stage.changes == []


async def test_asking_again_replaces_the_open_question(http_stage: Stage) -> None:
    """A question that was lost from sight does not stand in the way of the same person."""
    stage = http_stage
    stage.planetscale.add_workflow("shop", 3, "switched_primaries")
    await stage.type(REVERSE)
    lost = stage.private()
    await stage.type(REVERSE)
    second = stage.private()
    assert await stage.press(ANA, "op_confirm", lost) == "Too late: it is over since 02:14. Nothing was sent."
    assert stage.changes == []
    await stage.press(ANA, "op_confirm", second)
    assert stage.changes == ["PATCH shop/workflows/3/reverse-traffic"]


async def test_an_open_question_is_in_nobody_elses_way(http_stage: Stage) -> None:
    """Somebody else may go back at once; of two who both say yes, one request is sent."""
    stage = http_stage
    stage.planetscale.add_workflow("shop", 3, "switched_primaries")
    await stage.type(REVERSE)
    stage.clock.advance(1)
    await stage.type(REVERSE, CHIOMA)
    await stage.slack.press(ANA, stage.private(), "op_confirm")
    await stage.slack.press(CHIOMA, stage.private(CHIOMA), "op_confirm")
    await stage.settle()
    await stage.pass_time(12, 1)
    assert stage.changes == ["PATCH shop/workflows/3/reverse-traffic"]
    second_lines = {card.splitlines()[1] for card in stage.cards() if titled(card, "Reverse traffic")}
    assert second_lines == {
        "Done in 8 s · commerce has served everything again since 02:14",
        "Out of date since 02:14 · nothing was sent",
    }


async def _switched(stage: Stage) -> None:
    """Writes were switched to the target through the bot; its card offers the way back."""
    stage.planetscale.add_workflow("shop", 3, "switched_replicas")
    await stage.type("switch-traffic shop 3")
    await stage.press(BEN, "op_approve")
    await stage.pass_time(15)


BACK = "op_next.reverse-traffic.switched_primaries"


async def test_the_button_of_a_card_asks_on_the_spot(http_stage: Stage) -> None:
    """Reverse traffic asks in a dialog of its own, by anybody, on a phone; then it is sent at once."""
    stage = http_stage
    await _switched(stage)
    assert stage.dialog(BACK, stage.first) == text(
        """
        Reverse traffic of shop #3 now?
        All queries for orders and line_items go back to commerce (acme / shop / main) now. \
            Writes wait for seconds, some may fail. Deletes nothing.
        [Reverse now] [Go back]
        primary
        """
    )
    assert await stage.press(BEN, BACK, stage.first) == ""
    await stage.pass_time(12, 1)
    assert (
        stage.cards()[-2].splitlines()[1] == "Done in 8 s · commerce has served everything again since 02:14"
    )
    assert "By Ben, without a second person (reversing needs none)" in stage.cards()[-2]
    assert stage.changes == [
        "PATCH shop/workflows/3/switch-primaries",
        "PATCH shop/workflows/3/reverse-traffic",
    ]


async def test_the_dialog_of_replica_reads_says_so(http_stage: Stage) -> None:
    """Where only replica reads were switched, the dialog tells of them alone, under `show` as on a card."""
    stage = http_stage
    stage.planetscale.add_workflow("shop", 3, "switched_replicas")
    await stage.type("show shop 3")
    back = "op_next.reverse-traffic.switched_replicas"
    assert stage.dialog(back, stage.private()).splitlines()[1] == (
        "Replica and read-only queries for orders and line_items go back to commerce "
        "(acme / shop / main) now. Writes were never moved. Deletes nothing."
    )
    await stage.press(ANA, back, stage.private())
    assert stage.changes == ["PATCH shop/workflows/3/reverse-traffic"]


async def test_a_dialog_counts_for_what_it_told_alone(http_stage: Stage) -> None:
    """Where things are not as the dialog told, cannot be read, or are warned of, the question is asked."""
    stage, planetscale = http_stage, http_stage.planetscale
    await _switched(stage)
    old, sent = stage.first, list(stage.changes)
    silence = planetscale.trouble("unavailable", on="read", times=None)
    unread = await stage.press(BEN, BACK, old)
    assert "PlanetScale could not be read just now" in unread
    await stage.press(BEN, "op_not_now", stage.private(BEN))
    planetscale.lift(silence)
    planetscale.add_workflow("shop", 3, "switched_replicas")
    changed = await stage.press(BEN, BACK, old)
    assert changed.splitlines()[1].endswith("Writes were never moved.")
    assert changed.splitlines()[-1] == "[Reverse now] [Not now] [Say why] [Open in PlanetScale]"
    assert stage.changes == sent


async def test_a_warning_is_read_before_it_is_sent(http_stage: Stage) -> None:
    """While an earlier request may still take effect, the dialog is not enough: the question says it."""
    stage, planetscale = http_stage, http_stage.planetscale
    await _switched(stage)
    old = stage.first
    planetscale.trouble("cut-off", on="mutation")
    await stage.press(BEN, BACK, old)
    await stage.pass_time(120, 15)
    sent = list(stage.changes)
    again = await stage.press(BEN, BACK, old)
    assert "⚠️ " in again
    assert stage.changes == sent


async def test_a_policy_of_second_persons_goes_ahead_of_a_dialog() -> None:
    """Where the policy has a second person agree to going back, the button's dialog replaces nobody."""
    async with open_stage(policy='[approvals]\npeer = ["reverse-traffic"]\nconfirm = []\n') as stage:
        stage.planetscale.add_workflow("shop", 3, "switched_primaries")
        await stage.type("show shop 3")
        await stage.press(ANA, BACK, stage.private())
        assert stage.changes == []
        assert waits_until(stage.cards()[-1])


async def test_going_back_while_planetscale_cannot_be_read(http_stage: Stage) -> None:
    """The question comes with what is last known, and the reverse is sent; it ends once it can be read."""
    stage, planetscale = http_stage, http_stage.planetscale
    planetscale.add_workflow("shop", 3, "switched_replicas")
    await stage.type("switch-traffic shop 3")
    await stage.press(BEN, "op_approve")
    await stage.pass_time(15)
    silence = planetscale.trouble("unavailable", on="read", times=None)
    assert await stage.type(REVERSE) == text(
        """
        Reverse traffic of shop #3 now?
        ❓ PlanetScale could not be read just now; last known 02:14: customer serves writes
        All queries for orders and line_items go back to commerce: primary, replica and read-only.
        Writes to these tables wait while it runs, usually for seconds. Some may fail.
        Deletes nothing. Replication back carries the writes made on customer since today 02:14; \
            PlanetScale waits until it has caught up.
        ❓ Whether the replication back is healthy is not read by this bot.
        [Reverse now] [Not now] [Say why] [Open in PlanetScale]
        """
    )
    await stage.press(ANA, "op_confirm", stage.private())
    assert stage.changes[1:] == ["PATCH shop/workflows/3/reverse-traffic"]
    await stage.pass_time(12, 3)
    planetscale.lift(silence)
    await stage.pass_time(6, 3)
    card = next(card for card in stage.cards() if titled(card, "Reverse traffic"))
    assert "commerce has served everything again" in card
    assert stage.changes[1:] == ["PATCH shop/workflows/3/reverse-traffic"]


async def test_a_reverse_that_breaks_off_calls_people(http_stage: Stage) -> None:
    """It says what PlanetScale shows, and to look at the application now."""
    stage = http_stage
    stage.planetscale.add_workflow("shop", 3, "switched_primaries")
    await stage.type(REVERSE)
    stage.planetscale.trouble("go-back", on="mutation")
    await stage.press(ANA, "op_confirm", stage.private())
    await stage.pass_time(12)
    assert stage.read() == text(
        """
        ⚠️ Broke off · Reverse traffic · shop #3 orders-to-customer
        Did not finish · PlanetScale shows: switched (writes)
        ⚠️ A reverse that breaks off can leave tables that refuse queries on both sides. Check the \
            application now; then PlanetScale support.
        By Ana, without a second person (reversing needs none)
        [Ask again] [Details] [Open in PlanetScale]
        acme / shop / main · Writes: customer
        """
    )
    assert stage.cards()[1:] == [
        text(
            """
            Did not finish: reverse traffic, shop #3. Writes: customer, as PlanetScale reports it.
            Check the application now. @Ana
            """
        ),
    ]
    assert stage.changes == ["PATCH shop/workflows/3/reverse-traffic"]


async def test_where_there_is_no_way_back(http_stage: Stage) -> None:
    """Going back from where nothing was done is refused in words, and nothing is asked."""
    stage = http_stage
    stage.planetscale.add_workflow("shop", 3, "running")
    stage.planetscale.add_workflow("crm", 4, "cutover")
    for asked, told in NO_WAY_BACK.items():
        assert await stage.type(asked) == f"{told}\nNothing was sent."
    assert stage.changes == []


NO_WAY_BACK = {
    "reverse-traffic shop 3": "No traffic is switched.",
    "reverse-traffic crm 4": (
        "crm #4 is cut over: the tables in commerce are gone. reverse-cutover restores the routing rules."
    ),
    "reverse-cutover shop 3": "shop #3 is not cut over.",
    "retry shop 3": "shop #3 is running: there is nothing to retry.",
}


async def test_the_policy_can_ask_for_a_second_person(http_stage: Stage) -> None:
    """Once all rows are copied, a retry needs a second person like everything that can cost days."""
    stage = http_stage
    stage.planetscale.add_workflow("shop", 3, "running")
    stage.planetscale.trouble("error", database="shop", number=3)
    await stage.type("retry shop 3")
    assert stage.read() == text(
        """
        ▶️ Starts work · Retry · shop #3 orders-to-customer
        PlanetScale decides: the copy continues where it stopped, or starts over from the beginning. If it \
            starts over, the copies in customer are thrown away and copied anew.
        Starting over repeats about 1.01 B rows (8 h 16 min of copying) and its load on commerce.
        It stopped with: Lost connection to MySQL server during query
        Asked by @Ana · any full member here except Ana may approve, until 02:44 · runs at once when approved
        ✅ 2 checks passed at 02:14
        [Approve] [Deny] [Withdraw] [Say why] [Details] [Open in PlanetScale] [Ask someone]
        acme / shop / main · Writes: commerce
        """
    )
    await stage.press(BEN, "op_approve")
    assert stage.changes == ["PATCH shop/workflows/3/retry"]
