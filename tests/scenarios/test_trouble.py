"""When it does not go as asked: what is true is said, nothing is sent twice, and people are called."""

import re

from bot.demo.slack.people import BEN, CHIOMA
from tests.scenarios.conftest import Stage, text, titled

REPLICAS = "switch-traffic shop 3 --replicas-only"
PRIMARIES = "switch-traffic shop 3"
A_DAY = 26 * 3600.0
ONE_SWITCH = ["PATCH shop/workflows/3/switch-primaries"]


async def test_a_refused_switch(http_stage: Stage) -> None:
    """What PlanetScale said, and that nothing changed, which was read back; the button asks again."""
    stage = http_stage
    await stage.approved(PRIMARIES, "switched_replicas", "refuse", said="timed out waiting for replication")
    assert stage.read() == text(
        """
        ⚠️ Refused · Switch primaries · shop #3 orders-to-customer
        PlanetScale refused · writes are still on commerce (read back 02:14:10)
        It said: timed out waiting for replication
        Next: wait for the lag to fall or the write load to drop, then ask again.
        Asked by Ana · approved by Ben
        [Ask again] [Details] [Open in PlanetScale]
        acme / shop / main · Writes: commerce
        """
    )
    assert stage.cards()[1:] == [
        text(
            """
            Did not happen: switch primaries, shop #3. PlanetScale refused. Nothing changed. Writes: \
                commerce.
            It said: timed out waiting for replication. @Ana @Ben
            """
        ),
    ]
    assert stage.changes == ONE_SWITCH
    await stage.press(CHIOMA, "op_ask_again", stage.first)
    assert stage.read().splitlines()[-4:] == [
        "Next: wait for the lag to fall or the write load to drop, then ask again. Asked again · open",
        "Asked by Ana · approved by Ben",
        "[Details] [Open in PlanetScale]",
        "acme / shop / main · Writes: commerce",
    ]
    assert "Asked by @Chioma" in stage.cards()[-1]
    assert stage.changes == ONE_SWITCH


async def test_a_refused_switch_of_replica_reads(http_stage: Stage) -> None:
    """The lag is the usual cause: it says where to look."""
    stage = http_stage
    await stage.approved(REPLICAS, "verified_data", "refuse", said="replication lag is too high")
    assert stage.read() == text(
        """
        ⚠️ Refused · Switch replica reads · shop #3 orders-to-customer
        PlanetScale refused · replica reads are still on commerce (read back 02:14:10)
        It said: replication lag is too high
        Next: look at the lag in the dashboard, wait until it is low, ask again.
        Asked by Ana · approved by Ben
        [Ask again] [Details] [Open in PlanetScale]
        acme / shop / main · Writes: commerce
        """
    )


async def test_a_refused_cutover(http_stage: Stage) -> None:
    """Nothing was deleted, as PlanetScale reports it."""
    stage = http_stage
    await stage.approved("cutover shop 3", "switched_primaries", "refuse", said="not all traffic is switched")
    assert stage.read() == text(
        """
        ⚠️ Refused · Cut over · shop #3 orders-to-customer
        PlanetScale refused · shop #3 is still switched (writes) (read back 02:14:11)
        It said: not all traffic is switched
        As PlanetScale reports it nothing was deleted. reverse-traffic may still be possible. Next: \
            /workflow show shop 3, then ask again.
        Asked by Ana · approved by Ben
        [Ask again] [Details] [Open in PlanetScale]
        acme / shop / main · Writes: customer
        """
    )


async def test_a_refused_cancel_and_complete(http_stage: Stage) -> None:
    """The copies are still there; the routing rules can still be restored."""
    stage = http_stage
    await stage.approved("cancel shop 3", "copying", "refuse", said="busy")
    assert stage.read() == text(
        """
        ⚠️ Refused · Cancel · shop #3 orders-to-customer
        PlanetScale refused · shop #3 is still copying (read back 02:14:11)
        It said: busy
        The copies are still there as PlanetScale reports it.
        Asked by Ana · approved by Ben
        [Ask again] [Details] [Open in PlanetScale]
        acme / shop / main · Writes: commerce
        """
    )
    stage.planetscale.add_workflow("crm", 4, "cutover", ago=A_DAY)
    await stage.type("complete crm 4")
    stage.planetscale.trouble("refuse", on="mutation", text="busy")
    await stage.press(BEN, "op_approve")
    assert next(card for card in stage.cards() if titled(card, "Complete")) == text(
        """
        ⚠️ Refused · Complete · crm #4 orders-to-customer
        PlanetScale refused · crm #4 is still cut over (read back 02:14:13)
        It said: busy
        Nothing changed; reverse-cutover is still possible.
        Asked by Ana · approved by Ben
        [Ask again] [Details] [Open in PlanetScale]
        acme / crm / main · Writes: customer
        """
    )


async def test_a_switch_that_goes_back(http_stage: Stage) -> None:
    """It was accepted and did not happen: the application has to be looked at although all looks right."""
    stage = http_stage
    await stage.approved(PRIMARIES, "switched_replicas", "go-back")
    await stage.pass_time(15, 1)
    assert stage.read() == text(
        """
        ⚠️ Broke off · Switch primaries · shop #3 orders-to-customer
        Did not happen · PlanetScale accepted at 02:14:10 and went back at 02:14:19
        Writes: commerce, as PlanetScale reports it
        ⚠️ A switch that breaks off can leave tables that refuse writes although this looks right. Check the \
            application now. If writes fail: PlanetScale support, with shop #3 and the time.
        Asked by Ana · approved by Ben
        [Ask again] [Details] [Open in PlanetScale]
        acme / shop / main
        """
    )
    assert stage.cards()[1:] == [
        text(
            """
            Did not happen: switch primaries, shop #3. It broke off. Writes: commerce.
            Check the application now. @Ana @Ben
            """
        ),
    ]
    assert stage.changes == ONE_SWITCH


async def test_a_switch_of_replica_reads_that_goes_back(http_stage: Stage) -> None:
    """The same for replica reads."""
    stage = http_stage
    await stage.approved(REPLICAS, "verified_data", "go-back")
    await stage.pass_time(20, 1)
    assert stage.read() == text(
        """
        ⚠️ Broke off · Switch replica reads · shop #3 orders-to-customer
        Did not happen · PlanetScale accepted at 02:14:10 and went back at 02:14:24
        Writes: commerce · Replica reads: commerce, as PlanetScale reports it
        ⚠️ Check replica reads of orders and line_items in the application before asking again.
        Asked by Ana · approved by Ben
        [Ask again] [Details] [Open in PlanetScale]
        acme / shop / main
        """
    )


async def test_a_switch_that_ends_in_an_error(http_stage: Stage) -> None:
    """Who serves writes is not certain, the flags are quoted, and there is no button that could hurt."""
    stage = http_stage
    await stage.approved(PRIMARIES, "switched_replicas", "ends-in-error")
    await stage.pass_time(15)
    assert stage.read() == text(
        """
        ⚠️ Broke off · Switch primaries · shop #3 orders-to-customer
        Broke off · shop #3 is in error
        ❓ Which keyspace serves writes is not certain. PlanetScale reports: replicas switched yes, \
            primaries switched no.
        It said: switch-primaries did not finish: timed out waiting for the target's primaries · Do not \
            cancel: a switch was tried, and customer may serve live data. Check the application now; then \
            PlanetScale support, with shop #3 and the time.
        Asked by Ana · approved by Ben
        [Details] [Open in PlanetScale]
        acme / shop / main · Writes: not certain
        """
    )
    assert stage.cards()[1:] == [
        text(
            """
            Broke off: switch primaries, shop #3. PlanetScale shows an error. Writes: not certain.
            Check the application now. @Ana @Ben
            """
        ),
    ]
    assert await stage.type("cancel shop 3") == text(
        """
        shop #3 is in error and a switch was tried at 02:14. Which keyspace serves writes is not \
            certain; deleting the copies could delete live data. PlanetScale support.
        Nothing was sent.
        """
    )
    assert stage.changes == ONE_SWITCH


async def test_a_cutover_that_breaks_off(http_stage: Stage) -> None:
    """Tables may be gone: do not reverse, look at the application."""
    stage = http_stage
    await stage.approved("cutover shop 3", "switched_primaries", "ends-in-error")
    await stage.pass_time(50, 1)
    assert stage.read() == text(
        """
        ⚠️ Broke off · Cut over · shop #3 orders-to-customer
        Broke off · PlanetScale accepted at 02:14:11; shop #3 in error since 02:14:53
        ⚠️ Part of it may have happened: tables may be gone from commerce. Do not reverse traffic.
        It said: cutover did not finish: timed out waiting for the target's primaries · Writes: customer, as \
            PlanetScale reports it. Check the application; then PlanetScale support.
        Asked by Ana · approved by Ben
        [Details] [Open in PlanetScale]
        acme / shop / main
        """
    )
    assert stage.cards()[1:] == [
        text(
            """
            Broke off: cut over, shop #3. Part of it may have happened. Do not reverse traffic.
            Check the application now. @Ana @Ben
            """
        ),
    ]
    assert stage.changes == ["PATCH shop/workflows/3/cutover"]


async def test_a_cancel_that_breaks_off(http_stage: Stage) -> None:
    """Part of the copies may be deleted; the source serves everything."""
    stage = http_stage
    await stage.approved("cancel shop 3", "copying", "ends-in-error")
    await stage.pass_time(45, 1)
    assert stage.read() == text(
        """
        ⚠️ Broke off · Cancel · shop #3 orders-to-customer
        Broke off · shop #3 in error since 02:14:50
        Part of the copies may be deleted. Do not switch traffic.
        Writes: commerce · It said: cancel did not finish: timed out waiting for the target's primaries · \
            Next: ask again, or PlanetScale support.
        Asked by Ana · approved by Ben
        [Ask again] [Details] [Open in PlanetScale]
        acme / shop / main
        """
    )
    assert stage.cards()[1:] == [
        text(
            """
            Broke off: cancel, shop #3. PlanetScale shows an error. Writes: commerce.
            Check the application now. @Ana @Ben
            """
        ),
    ]
    assert stage.changes == ["DELETE shop/workflows/3"]


async def test_planetscale_asks_for_patience(http_stage: Stage) -> None:
    """A 429 was certainly not taken: it is sent again after the time that PlanetScale asks for."""
    stage = http_stage
    await stage.approved(REPLICAS, "verified_data", "rate-limited")
    waits = "Approved by Ben · PlanetScale answers 429 (1 try), next at 02:14:15, until 02:19"
    assert stage.read().splitlines()[1] == waits
    await stage.pass_time(4, 1)
    assert len(stage.changes) == 1
    await stage.pass_time(20, 1)
    assert stage.read().splitlines()[1] == "Done in 14 s · customer has served replica reads since 02:14"
    assert stage.changes == ["PATCH shop/workflows/3/switch-replicas"] * 2


async def test_too_late_to_run(http_stage: Stage) -> None:
    """Five minutes after the last approval nothing is sent any more, and the card says why."""
    stage, planetscale = http_stage, http_stage.planetscale
    planetscale.add_workflow("shop", 3, "verified_data")
    await stage.type(REPLICAS)
    down = planetscale.trouble("unavailable", times=None)
    await stage.press(BEN, "op_approve")
    waits = r"Approved by Ben · PlanetScale answers 503 \(1 try\), next at 02:14:1\d, until 02:19"
    assert re.fullmatch(waits, stage.read().splitlines()[1])
    await stage.pass_time(20, 4)
    assert re.search(r" \([2-9] tries\), next at 02:1[45]:\d\d, until 02:19$", stage.read().splitlines()[1])
    await stage.pass_time(300, 30)
    planetscale.lift(down)
    await stage.pass_time(10)
    assert stage.read() == text(
        """
        ⚪ Not sent · Switch replica reads · shop #3 orders-to-customer
        Approved at 02:14, but it could not be sent by 02:19 · nothing was sent
        PlanetScale has trouble of its own.
        Writes: commerce · Replica reads: commerce, as before · If it cannot wait: pscale workflow \
            switch-traffic shop 3 --replicas-only --org acme
        Asked by Ana at 02:14
        [Ask again] [Details] [Open in PlanetScale]
        acme / shop / main
        """
    )
    assert stage.replies() == [
        "Approved at 02:14, but it could not be sent by 02:19. Nothing was sent. @Ana",
    ]
    assert stage.changes == []
