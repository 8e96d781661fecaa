"""What the streams of a workflow report, and what else is in the way of a switch."""

from datetime import timedelta

from tests.scenarios.conftest import Stage, text
from tests.scenarios.watched import told, watching

SAID = "Lost connection to MySQL server during query"


async def test_a_stream_that_reports_an_error() -> None:
    """An error of a stream is told once, keeps traffic where it is, and is told to be over once it is."""
    async with watching("running", percent=100.0) as stage:
        workflow = stage.planetscale.workflow("shop", 3)
        await stage.pass_time(60, 15)
        workflow.stream_error = SAID
        await stage.pass_time(120, 15)
        said = [f"Stream -80 of shop #3 reports an error. Writes: commerce. @Ana\nIt said: {SAID}"]
        assert told(stage) == [f"{said[0]}\nNext: /workflow show shop 3"]
        assert await stage.type("switch-traffic shop 3 --replicas-only") == text(
            f"""
            Stream -80 reports an error: {SAID}
            Nothing was sent.
            """
        )
        shown = (await stage.type("show shop 3")).splitlines()
        assert f"⚠️ All 2 streams report it: {SAID}" in shown
        workflow.stream_error = None
        await stage.pass_time(120, 15)
        assert told(stage) == [f"{said[0]}\nOver: no stream has reported an error since 02:17."]


async def test_what_stands_beside_a_switch(http_stage: Stage) -> None:
    """A running backup, and schema changes that were ignored, stand on the card of those who decide."""
    stage = http_stage
    workflow = stage.planetscale.add_workflow("shop", 3, "verified_data", on_ddl="IGNORE")
    branch = stage.planetscale.world.databases["shop"].branches[workflow.branch]
    branch.backups = [stage.clock.now() + timedelta(minutes=20)]
    await stage.type("switch-traffic shop 3 --replicas-only")
    warned = [line for line in stage.read().splitlines() if line.startswith("⚠️")]
    assert warned == [
        "⚠️ Schema changes were ignored while it ran (IGNORE). Compare the schemas first.",
        text(
            """
            ⚠️ A backup of main has been running since 01:54; with some Vitess versions a switch fails \
                meanwhile.
            """
        ),
    ]
