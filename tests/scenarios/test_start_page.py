"""`/workflow` alone: what one can do here and now."""

from pathlib import Path

from bot.demo.slack.people import ANA, BEN, GIL
from tests.scenarios.conftest import Stage, open_stage, waits_until


async def test_a_newcomer_reads_what_to_type_first(stage: Stage) -> None:
    """Where nothing is watched and nothing waits, three commands are named, and PlanetScale is not asked."""
    assert (await stage.type("")).splitlines() == [
        "Nothing is watched and nothing waits. Begin with one of these:",
        "/workflow list <DATABASE>  shows the workflows of a database.",
        "/workflow create <DATABASE> <BRANCH> -i  "
        "moves tables to another keyspace; a form asks for the rest.",
        "/workflow help  explains everything else.",
    ]
    assert stage.asked == []


async def test_a_bot_without_a_database_makes_one(tmp_path: Path) -> None:
    """Started where there is no database yet, the bot makes its tables by itself and takes requests down."""
    async with open_stage(DATABASE_URL=f"sqlite:///{tmp_path}/new.sqlite3") as stage:
        stage.planetscale.add_workflow("shop", 3, "verified_data")
        await stage.type("switch-traffic shop 3 --replicas-only")
        assert waits_until(stage.read())


async def test_the_only_database_is_named() -> None:
    """A bot that is set up for one database names it in what can be typed."""
    async with open_stage(WORKFLOW_BOT_DATABASES="shop") as stage:
        assert "/workflow list shop  shows" in await stage.type("")


async def test_it_shows_what_runs_and_what_waits(stage: Stage) -> None:
    """What is watched and what waits for a second person stands there, with links and the next step."""
    stage.watches = True
    stage.planetscale.add_workflow("shop", 3, "verified_data", name="orders-to-customer")
    await stage.type("switch-traffic shop 3 --replicas-only")
    lines = (await stage.type("", user=BEN)).splitlines()
    assert lines[0] == "Watched · 1"
    assert lines[1] == "shop #3 orders-to-customer · Running · verified clean 2 h ago · open"
    assert lines[2] == "Waiting for a second person · 1"
    assert lines[3].startswith("Switch replica reads · shop #3 orders-to-customer · asked by Ana · open")
    assert lines[-1] == "/workflow help  explains everything else."
    assert "/workflow show shop 3  shows one of them, read afresh." in lines
    assert len(lines) <= 8


async def test_many_are_counted(stage: Stage) -> None:
    """At most five that run and three that wait are shown; the others are counted."""
    for number in range(1, 9):
        stage.planetscale.add_workflow(
            "shop", number, "verified_data", name=f"move-{number}", branch=f"b{number}"
        )
        await stage.type(f"switch-traffic shop {number} --replicas-only")
    lines = (await stage.type("")).splitlines()
    assert "Watched · 8" in lines
    assert "and 3 more" in lines
    assert "Waiting for a second person · 8" in lines
    assert "and 5 more" in lines
    assert "/workflow approvals  shows all 8 requests that wait." in lines


async def test_a_private_question_is_not_waiting_for_a_second_person(stage: Stage) -> None:
    """What only its requester has to confirm is nobody else's business."""
    stage.planetscale.add_workflow("shop", 3, "switched_primaries", name="orders-to-customer")
    await stage.type("reverse-traffic shop 3", user=ANA)
    assert "Waiting" not in await stage.type("", user=BEN)


async def test_a_guest_is_told_nothing(stage: Stage) -> None:
    """Only full members see what runs."""
    stage.planetscale.add_workflow("shop", 3, "verified_data", name="orders-to-customer")
    await stage.type("switch-traffic shop 3 --replicas-only")
    assert await stage.type("", user=GIL) == (
        "Only full members of this workspace can use this bot. Nothing was read. Ask one of them."
    )
