"""When nobody knows whether it happened: it is read back, never sent again, and people are called."""

import asyncio

from bot.demo.planetscale.world import State
from bot.demo.slack.people import ANA, BEN, CHIOMA
from tests.scenarios.conftest import Stage, text

REPLICAS = "switch-traffic shop 3 --replicas-only"
PRIMARIES = "switch-traffic shop 3"
ONE_SWITCH = ["PATCH shop/workflows/3/switch-primaries"]


async def test_a_lost_answer(http_stage: Stage) -> None:
    """The answer is lost and the switch is seen under way: it is read back, and not sent again."""
    stage = http_stage
    await stage.approved(PRIMARIES, "switched_replicas", "lost-answer")
    assert stage.read().splitlines()[1] == text(
        """
        PlanetScale has been switching since 02:14:10 · writes to 2 tables may be waiting
        """
    )
    await stage.pass_time(15, 1)
    assert stage.read().splitlines()[1] == "Done in 9 s · customer has served writes since 02:14"
    assert stage.changes == ONE_SWITCH


async def test_nobody_knows_until_two_minutes_have_passed(http_stage: Stage) -> None:
    """A request that is lost ends as not seen; it says to look at the application, at once and at the end."""
    stage = http_stage
    await stage.approved(PRIMARIES, "switched_replicas", "cut-off")
    assert stage.read() == text(
        """
        ❓ Not known · Switch primaries · shop #3 orders-to-customer
        Outcome not known · asked at 02:14:10, no clear answer
        Writes may be on commerce or on customer. The request is not sent again.
        Last read 02:14:10: switched (replica reads). Nothing else is done to shop #3 from here until it is \
            known.
        Check the application now: writes to orders and line_items.
        Asked by Ana · approved by Ben
        [Details] [Open in PlanetScale]
        acme / shop / main · Writes: not certain
        """
    )
    assert stage.first.text == text(
        """
        Switch primaries, shop #3: Outcome not known, asked at 02:14:10 UTC, no clear answer. Check the \
            application. Writes: not certain.
        """
    )
    assert stage.cards()[1:] == [
        text(
            """
            Outcome not known: switch primaries, shop #3, asked at 02:14:10. It is not sent again.
            Check the application now. @Ana @Ben
            """
        ),
    ]
    await stage.pass_time(60, 3)
    assert stage.read().splitlines()[1:4] == [
        "Outcome not known · asked at 02:14:10, no answer",
        "Writes may be on commerce or on customer. The request is not sent again.",
        text(
            """
            Last read 02:15:02: switched (replica reads). Nothing else is done to shop #3 from here until \
                it is known.
            """
        ),
    ]
    assert await stage.type("cancel shop 3", CHIOMA) == text(
        """
        The outcome of Ana's switch-traffic of shop #3 is not known yet · open
        Replica reads are on customer. Reverse first: /workflow reverse-traffic shop 3
        Nothing was sent.
        """
    )
    await stage.pass_time(65, 3)
    assert stage.read() == text(
        """
        ❓ Not seen to happen · Switch primaries · shop #3 orders-to-customer
        Not seen to happen · unchanged for 2 min (02:16:11)
        Writes: commerce · Replica reads: customer
        A late effect is possible and would be told here. Check the application now: writes to orders and \
            line_items.
        Asked by Ana · approved by Ben
        [Ask again] [Details] [Open in PlanetScale]
        acme / shop / main
        """
    )
    assert stage.cards()[2:] == [
        text(
            """
            Not seen to happen: switch primaries, shop #3. Writes: commerce.
            Unchanged so far. Check the application. @Ana @Ben
            """
        ),
    ]
    assert stage.changes == ONE_SWITCH


async def test_it_happens_after_all(http_stage: Stage) -> None:
    """A request that lands minutes late is told on the card, and people are called."""
    stage = http_stage
    await stage.approved(PRIMARIES, "switched_replicas", "late", seconds=200.0)
    await stage.pass_time(130, 5)
    assert stage.read().splitlines()[1] == "Not seen to happen · unchanged for 2 min (02:16:11)"
    await stage.pass_time(120, 10)
    assert stage.read() == text(
        """
        ⚠️ Happened after all · Switch primaries · shop #3 orders-to-customer
        It happened after all, at 02:17 · customer serves writes
        Writes: customer · Replica reads: customer
        Check the application now: writes to orders and line_items.
        Asked by Ana · approved by Ben
        [Details] [Open in PlanetScale]
        acme / shop / main
        """
    )
    assert stage.cards()[3:] == [
        text(
            """
            Switch primaries, shop #3: it happened after all, seen at 02:17.
            Writes: customer · Replica reads: customer. Check the application. @Ana @Ben
            """
        ),
    ]
    assert stage.changes == ONE_SWITCH


async def test_it_happens_while_it_is_looked_for(http_stage: Stage) -> None:
    """A request that lands within the two minutes did happen: the card says since when it is known."""
    stage = http_stage
    await stage.approved(REPLICAS, "verified_data", "late", seconds=30.0)
    assert stage.read().splitlines()[1] == "Outcome not known · asked at 02:14:10, no clear answer"
    await stage.pass_time(60, 3)
    assert stage.read().splitlines()[1] == text(
        """
        It did happen · customer serves replica reads (known since 02:14:56)
        """
    )
    assert stage.changes == ["PATCH shop/workflows/3/switch-replicas"]


async def test_somebody_switches_more_while_it_is_looked_for(http_stage: Stage) -> None:
    """Replica reads that another switch of primaries took along are in place, not done by a lost request."""
    stage = http_stage
    await stage.approved(REPLICAS, "verified_data", "cut-off")
    stage.planetscale.outside("shop", 3, "switch-primaries")
    await stage.pass_time(60, 3)
    assert stage.read() == text(
        """
        ❓ Look before going on · Switch replica reads · shop #3 orders-to-customer
        In place, but not seen to be done by this request
        Writes: customer · Replica reads: customer
        It is so now, but not by this request alone. Look before going on. Next: /workflow show shop 3
        Asked by Ana · approved by Ben
        [Details] [Open in PlanetScale]
        acme / shop / main
        """
    )


async def test_somebody_switches_more_after_it_was_looked_for(http_stage: Stage) -> None:
    """Replica reads that primaries took along later are no late effect of a request that did not happen."""
    stage = http_stage
    await stage.approved(REPLICAS, "verified_data", "cut-off")
    await stage.pass_time(125, 15)
    over = stage.read()
    assert over.splitlines()[1] == "Not seen to happen · unchanged for 2 min (02:16:11)"
    stage.planetscale.outside("shop", 3, "switch-primaries")
    await stage.pass_time(90, 3)
    assert stage.planetscale.workflow("shop", 3).state == State.SWITCHED_PRIMARIES
    assert stage.read() == over


async def test_an_error_of_planetscales_own_proves_nothing(http_stage: Stage) -> None:
    """After a 5xx it is read back like a lost answer, and never sent again."""
    stage = http_stage
    await stage.approved(REPLICAS, "verified_data", "server-error")
    assert stage.read().splitlines()[1] == "Outcome not known · asked at 02:14:10, no clear answer"
    await stage.pass_time(125, 15)
    assert stage.read() == text(
        """
        ❓ Not seen to happen · Switch replica reads · shop #3 orders-to-customer
        Not seen to happen · unchanged for 2 min (02:16:11)
        Writes: commerce · Replica reads: commerce
        A late effect is possible and would be told here. Check the application now: replica reads of orders \
            and line_items.
        Asked by Ana · approved by Ben
        [Ask again] [Details] [Open in PlanetScale]
        acme / shop / main
        """
    )
    assert stage.changes == ["PATCH shop/workflows/3/switch-replicas"]


async def test_a_cutover_that_nobody_knows_of(http_stage: Stage) -> None:
    """Reversing is refused until it is known whether tables are gone."""
    stage = http_stage
    await stage.approved("cutover shop 3", "switched_primaries", "cut-off")
    assert stage.read() == text(
        """
        ❓ Not known · Cut over · shop #3 orders-to-customer
        Outcome not known · asked at 02:14:11, no clear answer
        Tables may be deleted, partly deleted or still there. The request is not sent again.
        Last read 02:14:11: switched (writes). Do not reverse traffic until this is known; it is refused \
            from here.
        Check the application now: queries on orders and line_items.
        Asked by Ana · approved by Ben
        [Details] [Open in PlanetScale]
        acme / shop / main · Writes: customer
        """
    )
    assert await stage.type("reverse-traffic shop 3") == text(
        """
        The outcome of Ana's cutover of shop #3 is not known yet · open
        Nothing was sent.
        """
    )
    assert stage.changes == ["PATCH shop/workflows/3/cutover"]


async def test_no_answer_at_all(http_stage: Stage) -> None:
    """While PlanetScale keeps silent the card says since when it is asked; what comes then is read back."""
    stage = http_stage
    stage.planetscale.add_workflow("shop", 3, "switched_replicas")
    await stage.type(PRIMARIES)
    silence = stage.planetscale.trouble("silent", on="mutation")
    await stage.slack.press(BEN, stage.card(), "op_approve")
    working = asyncio.create_task(stage.settle())
    await silence.struck.wait()
    while await stage.bot.working.courier.run_once():
        pass
    assert stage.read().splitlines()[1] == text(
        """
        Approved by Ben · asking PlanetScale since 02:14:10 · writes to 2 tables may be waiting
        """
    )
    stage.planetscale.lift(silence)
    await working
    await stage.pass_time(15, 1)
    assert stage.read().splitlines()[1] == "Done in 9 s · customer has served writes since 02:14"
    assert stage.changes == ONE_SWITCH


async def test_a_person_has_to_say_what_happened(http_stage: Stage) -> None:
    """Where reads cannot settle it, somebody who may approve does; until then all else is refused."""
    stage = http_stage
    await stage.approved(REPLICAS, "verified_data", "cut-off")
    stage.planetscale.workflow("shop", 3).state = State.COPYING
    await stage.pass_time(130, 5)
    assert stage.read() == text(
        """
        ❓ Not known · Switch replica reads · shop #3 orders-to-customer
        Outcome not known · a person has to say it
        Replica reads may have moved or not. The request is not sent again.
        Last read 02:16:01: copying. Reading on; nothing else is done to shop #3 from here until it is known.
        Check the application now: replica reads of orders and line_items.
        Look at it in the dashboard and in the application, then say here what happened.
        Whoever may approve this may say it. Until then other requests to shop #3 are refused.
        Asked by Ana · approved by Ben
        [It happened] [It did not] [Details] [Open in PlanetScale]
        acme / shop / main · Writes: commerce
        """
    )
    assert stage.cards()[-1] == text(
        """
        Outcome not known: switch replica reads, shop #3. Reads cannot settle it.
        Look at it, then say on the card what happened. @Ana @Ben
        """
    )
    assert await stage.type("verify-data shop 3", CHIOMA) == text(
        """
        The outcome of Ana's switch-traffic of shop #3 is not known yet · open
        Still copying, about 100 %.
        Nothing was sent.
        """
    )
    assert await stage.press(ANA, "op_did_not_happen", stage.first) == text(
        """
        You asked for this, so somebody else has to say what happened.
        """
    )
    await stage.press(BEN, "op_did_not_happen", stage.first)
    assert stage.read() == text(
        """
        ❓ Look before going on · Switch replica reads · shop #3 orders-to-customer
        It did not happen, says Ben (02:16:21)
        Said by a person, not read back. PlanetScale showed last: copying
        Writes: commerce · Replica reads: commerce · Next: /workflow show shop 3
        Asked by Ana · approved by Ben
        [Details] [Open in PlanetScale]
        acme / shop / main
        """
    )
    assert stage.cards()[-1] == text(
        """
        It did not happen, says Ben: switch replica reads, shop #3. Writes: commerce.
        This was not read back. Check the application. @Ana @Ben
        """
    )
    assert stage.changes == ["PATCH shop/workflows/3/switch-replicas"]
