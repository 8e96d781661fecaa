"""What nobody decides in time ends by itself, and somebody is reminded before."""

from bot.demo.slack.people import ANA, BEN, CHIOMA
from tests.scenarios.conftest import Stage, open_stage, text, waits_until

REPLICAS = "switch-traffic shop 3 --replicas-only"


async def test_a_reminder_and_then_the_end(http_stage: Stage) -> None:
    """At half time the requester is reminded, once; at its end the card says how far it came."""
    stage = http_stage
    stage.planetscale.add_workflow("shop", 3, "verified_data")
    await stage.type(REPLICAS)
    await stage.pass_time(14 * 60, 60)
    assert stage.replies() == []
    await stage.pass_time(2 * 60, 60)
    assert stage.replies() == [
        text(
            """
            Nobody has approved yet; the request expires at 02:44. Ask someone on the card. @Ana
            """
        ),
    ]
    await stage.pass_time(15 * 60, 60)
    assert stage.read() == text(
        """
        ⚪ Not sent · Switch replica reads · shop #3 orders-to-customer
        Expired at 02:44 with 0 of 1 approvals · nothing was sent
        Writes: commerce · Replica reads: commerce, as before
        Asked by Ana at 02:14
        [Ask again] [Details] [Open in PlanetScale]
        acme / shop / main
        """
    )
    assert stage.first.text == text(
        """
        Switch replica reads, shop #3: Expired at 02:44 UTC with 0 of 1 approvals. Nothing was sent. \
            Writes: commerce.
        """
    )
    assert stage.replies() == [
        "Nobody had approved at 02:29.",
        "Expired at 02:44 with 0 of 1 approvals. Nothing was sent. @Ana",
    ]
    assert stage.changes == []


async def test_a_reminder_after_the_approval(http_stage: Stage) -> None:
    """Once it is approved there is nobody left to ask, and a choice from before is answered so."""
    stage = http_stage
    stage.planetscale.add_workflow("shop", 3, "verified_data")
    await stage.type(REPLICAS)
    await stage.pass_time(16 * 60, 120)
    before = stage.first
    await stage.pass_time(60)
    await stage.press(BEN, "op_approve", stage.first)
    await stage.pass_time(20)
    assert stage.replies()[0] == "Nobody had approved at 02:30."
    assert await stage.press(ANA, "op_ask_someone", before, value=CHIOMA) == text(
        """
        Too late: it was sent, and ended at 02:31.
        """
    )
    assert len(stage.replies()) == 2


async def test_asking_again(http_stage: Stage) -> None:
    """Ask again makes a new card in the presser's name; the old one links to it and offers it no more."""
    stage = http_stage
    stage.planetscale.add_workflow("shop", 3, "verified_data")
    await stage.type(REPLICAS)
    await stage.pass_time(31 * 60, 300)
    old = stage.first
    await stage.press(CHIOMA, "op_ask_again", old)
    assert stage.read(old) == text(
        """
        ⚪ Not sent · Switch replica reads · shop #3 orders-to-customer
        Expired at 02:44 with 0 of 1 approvals · nothing was sent
        Writes: commerce · Replica reads: commerce, as before
        Asked again · open
        Asked by Ana at 02:14
        [Details] [Open in PlanetScale]
        acme / shop / main
        """
    )
    assert "Asked by @Chioma · any full member here except Chioma may approve" in stage.cards()[-1]
    await stage.press(BEN, "op_ask_again", old)
    assert len(stage.cards()) == 2
    await stage.press(ANA, "op_approve")
    assert stage.changes == ["PATCH shop/workflows/3/switch-replicas"]


async def test_asking_again_in_vain(http_stage: Stage) -> None:
    """If the new request is refused at once, the button stays: nothing came of it."""
    stage = http_stage
    stage.planetscale.add_workflow("shop", 3, "verified_data")
    await stage.type(REPLICAS)
    await stage.pass_time(31 * 60, 300)
    stage.planetscale.trouble("not-found", database="shop", number=3)
    assert await stage.press(ANA, "op_ask_again", stage.first) == text(
        """
        There is no workflow 3 in shop. Active: #3. All: /workflow list shop
        Nothing was sent.
        """
    )
    assert "[Ask again]" in stage.read()
    await stage.press(ANA, "op_ask_again", stage.first)
    assert waits_until(stage.cards()[-1]) == "03:15"


async def test_the_last_moment(http_stage: Stage) -> None:
    """A press that was received in time counts, however late it is decided; one at the very end does not."""
    stage = http_stage
    stage.planetscale.add_workflow("shop", 3, "verified_data")
    await stage.type(REPLICAS)
    stage.clock.advance(30 * 60 - 1)
    await stage.slack.press(BEN, stage.card(), "op_approve")
    stage.clock.advance(20)
    await stage.settle()
    assert stage.changes == ["PATCH shop/workflows/3/switch-replicas"]


async def test_a_moment_too_late(http_stage: Stage) -> None:
    """At the moment of expiry an approval does not count, also where the card is not redrawn yet."""
    stage = http_stage
    stage.planetscale.add_workflow("shop", 3, "verified_data")
    await stage.type(REPLICAS)
    stage.clock.advance(30 * 60)
    assert await stage.press(BEN, "op_approve", stage.first) == text(
        """
        Too late: this expired at 03:44. Nothing was sent.
        """
    )
    assert stage.read().splitlines()[1] == "Expired at 02:44 with 0 of 1 approvals · nothing was sent"
    assert stage.changes == []


async def test_how_long_it_waits_is_a_setting() -> None:
    """WORKFLOW_BOT_APPROVAL_TTL says how long, and the card says until when."""
    async with open_stage(WORKFLOW_BOT_APPROVAL_TTL="2s") as stage:
        stage.planetscale.add_workflow("shop", 3, "verified_data")
        await stage.type(REPLICAS)
        assert waits_until(stage.read()) == "02:14"
        await stage.pass_time(3)
        assert stage.read().splitlines()[1] == "Expired at 02:14 with 0 of 1 approvals · nothing was sent"
        assert stage.changes == []
