"""One part of what PlanetScale answers makes no sense."""

import pytest
import structlog.testing

from bot.demo.slack.people import ANA
from tests.scenarios.conftest import A_DAY, open_stage

ODD = [
    "tables.rows_copied=-1",
    "tables.rows_total=18446744073709551615",
    "tables.rows_percentage=-5",
    "tables.rows_copied=true",
    "tables.name=7",
    'tables="orders"',
    "tables=[null]",
    "streams=7",
    "streams=[1]",
    "streams.rows_copied=-9223372036854775809",
    "streams.component_throttled_at=-1",
    "streams.logs=[null, 3]",
    "streams.logs.created_at=9999999999999999",
    "streams.info={}",
    'vdiff="clean"',
    'vdiff.has_mismatch="perhaps"',
    "vdiff.table_reports=[5]",
    "vdiff.table_reports.mismatched_rows_count=-1",
    "vdiff.progress_percentage=1e300",
    'vdiff.completed_at="yesterday"',
    "workflow_errors=[]",
    "workflow_subtype=4",
    "may_retry=[]",
    "verified_data_stale={}",
    "actor=4",
    "switch_primaries_by=[]",
    'switch_primaries_at="0001-01-01T00:00:00Z"',
    'created_at="soon"',
    "updated_at=false",
    "branch=5",
    "target_keyspace=[]",
    "source_keyspace={}",
    "global_keyspace=true",
]
STRICT = ["state=5", "number=4", "name=null", 'primaries_switched="perhaps"', "replicas_switched=[]"]


@pytest.mark.parametrize("odd", ODD)
async def test_an_odd_part_hides_nothing_and_the_way_back_is_open(odd: str) -> None:
    """Whichever part makes no sense: who serves what is shown, and traffic can be taken back."""
    async with open_stage() as stage:
        stage.planetscale.add_workflow("shop", 3, "switched_primaries", ago=A_DAY)
        stage.planetscale.trouble("wrong-types", times=None, database="shop", number=3, text=odd)
        assert "Writes: " in await stage.type("show shop 3")
        assert "Reverse traffic of shop #3 now?" in await stage.type("reverse-traffic shop 3")
        await stage.press(ANA, "op_confirm", stage.private())
        await stage.pass_time(60, 10)
        assert stage.changes == ["PATCH shop/workflows/3/reverse-traffic"]


@pytest.mark.parametrize("odd", STRICT)
async def test_who_it_is_and_who_serves_what_is_never_guessed(odd: str) -> None:
    """An odd name, number, state or flag is an answer that the bot does not understand."""
    async with open_stage() as stage:
        stage.planetscale.add_workflow("shop", 3, "switched_primaries", ago=A_DAY)
        stage.planetscale.trouble("wrong-types", times=None, database="shop", number=3, text=odd)
        assert "does not understand" in await stage.type("show shop 3")


async def test_an_odd_part_is_logged_once_without_its_value() -> None:
    """Whoever runs the bot reads which part is odd: once, not at every read, and never what it holds."""
    async with open_stage() as stage:
        stage.planetscale.add_workflow("shop", 3, "copying")
        stage.planetscale.trouble(
            "wrong-types", times=None, database="shop", number=3, text='tables.rows_copied="ana@acme"'
        )
        with structlog.testing.capture_logs() as logs:
            for _ in range(3):
                await stage.type("show shop 3")
        assert [line["field"] for line in logs if line["event"] == "part not understood"] == ["rows_copied"]
        assert "ana@acme" not in repr(logs)
