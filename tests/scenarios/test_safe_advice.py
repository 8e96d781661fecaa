"""A workflow in error while the target serves traffic: nothing that people read leads to a lost table."""

import pytest

from bot.demo.planetscale.world import Mutation
from tests.scenarios.conftest import Stage, open_stage, text, titled
from tests.scenarios.watched import reads, told, watching

KEEP = "Do not cancel: writes may be on customer. Check the application now; then PlanetScale support."


async def test_writes_are_on_the_target_and_there_is_no_retry() -> None:
    """The live message, its call and every answer say the same: do not cancel, look, then support."""
    async with watching("switched_primaries", ago=3600.0) as stage:
        stage.planetscale.trouble("error-for-good", database="shop", number=3)
        await stage.pass_time(60, 15)
        assert KEEP in reads(stage)
        assert [KEEP in one for one in told(stage)] == [True]
        shown = await stage.type("show shop 3")
        assert "Do not cancel: writes may be on customer." in shown
        assert "Next: check the application now; then PlanetScale support." in shown
        assert await stage.type("retry shop 3") == text(
            f"""
            PlanetScale offers no retry. {KEEP}
            Nothing was sent.
            """
        )
        assert await stage.type("switch-traffic shop 3") == text(
            f"""
            shop #3 is in error. {KEEP}
            Nothing was sent.
            """
        )
        assert "deleting the copies could delete live data" in await stage.type("cancel shop 3")
        everything = "\n".join((*stage.cards(), shown))
        assert "Cancel and create" not in everything
        assert "[Retry]" not in everything
        assert stage.changes == []


@pytest.mark.parametrize("state", ["copying", "verified_data"])
async def test_nothing_is_on_the_target_and_there_is_no_retry(state: str) -> None:
    """Where nothing is served from the copies, the advice is to cancel, and the bot then lets it through."""
    async with watching(state) as stage:
        stage.planetscale.trouble("error-for-good", database="shop", number=3)
        await stage.pass_time(60, 15)
        assert "Cancel and create again, or PlanetScale support." in reads(stage)
        assert "Cancel and create again" in await stage.type("retry shop 3")
        await stage.type("cancel shop 3")
        assert titled(stage.cards()[-1], "Cancel · shop #3")


async def test_a_switch_of_which_planetscale_shows_nothing() -> None:
    """The bot itself sent a switch that left no trace: then nobody reads "cancel" anywhere."""
    async with open_stage() as stage:
        await stage.approved("switch-traffic shop 3", "switched_replicas", "ends-in-error")
        await stage.pass_time(15)
        workflow = stage.planetscale.workflow("shop", 3)
        workflow.replicas_switched = workflow.primaries_switched = False
        for name in ("switch_replicas", "switch_primaries"):
            workflow.times.pop(f"{name}_at", None)
            workflow.by.pop(f"{name}_by", None)
        stage.watches = True
        await stage.pass_time(60, 15)
        shown = await stage.type("show shop 3")
        [live] = [one for one in stage.cards() if one.startswith("Error")]
        for read in (shown, live):
            assert "Do not cancel: a switch was tried, and customer may serve live data." in read
            assert "Cancel and create" not in read


async def test_a_retry_that_may_start_over_while_the_target_serves(http_stage: Stage) -> None:
    """A retry that may throw away tables that serve traffic is refused, and the way back is named."""
    stage = http_stage
    stage.planetscale.add_workflow("shop", 3, "switched_replicas")
    stage.planetscale.trouble("ddl", database="shop", number=3)
    stage.planetscale.workflow("shop", 3).may_restart = True
    assert await stage.type("retry shop 3") == text(
        """
        A retry may start over: it would throw away the tables in customer. Do not cancel: replica reads \
            are on customer. Check the application now. Way back: /workflow reverse-traffic shop 3; else \
            PlanetScale support.
        Nothing was sent.
        """
    )
    assert stage.changes == []


async def test_since_when_something_is_under_way(watching_stage: Stage) -> None:
    """What is in the way says since when, where the bot saw it begin; else only that it is so."""
    stage = watching_stage
    stage.planetscale.add_workflow("shop", 3, "switched_replicas")
    stage.planetscale.pace[Mutation.SWITCH_PRIMARIES] = 120.0
    await stage.type("watch shop 3")
    await stage.pass_time(60, 15)
    stage.planetscale.outside("shop", 3, "switch-primaries")
    assert "shop #3 is switching primaries. Wait for it to end." in await stage.type("verify-data shop 3")
    await stage.pass_time(60, 15)
    assert "shop #3 has been switching primaries since 02:15" in await stage.type("verify-data shop 3")


async def test_since_when_the_routing_rules_are_back(watching_stage: Stage) -> None:
    """Whoever restores routing rules that are back already reads since when, as far as the bot saw it."""
    stage = watching_stage
    stage.planetscale.add_workflow("shop", 3, "cutover")
    await stage.type("watch shop 3")
    await stage.pass_time(60, 15)
    stage.planetscale.outside("shop", 3, "reverse-cutover")
    await stage.pass_time(60, 15)
    assert "The routing rules are back already, since 02:15" in await stage.type("reverse-cutover shop 3")
    assert "The routing rules have been back since 02:15" in await stage.type("complete shop 3")
