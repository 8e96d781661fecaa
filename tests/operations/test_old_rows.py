"""What is removed after the time that the policy says, and what never is."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from sqlalchemy import Connection, func, select

from bot.operations.model import State
from bot.operations.storage import stories
from bot.planetscale.refs import WorkflowRef
from bot.store import old_rows, outbox
from bot.store.board import Wanted, want
from bot.store.schema import metadata
from bot.watch.model import Origin
from bot.watch.storage import watch_repository
from tests.operations.conftest import BEN, GIL, Engine, open_engine

DAY = timedelta(days=1).total_seconds()
KEEP = timedelta(days=400)


def counted(connection: Connection) -> Mapping[str, int]:
    """How many rows each table has."""
    return {
        name: connection.scalar(select(func.count()).select_from(table)) or 0
        for name, table in metadata.tables.items()
    }


async def counts(engine: Engine) -> Mapping[str, int]:
    return await engine.services.database.read(counted)


async def clean_up(engine: Engine) -> None:
    """What the clean-up does, in portions of one row."""
    database, before = engine.services.database, engine.clock.now() - KEEP
    for table in old_rows.tables():
        while keys := await database.read(old_rows.find, table, before, 1):
            assert await database.write(old_rows.remove, table, keys, before) == 1


async def shown(engine: Engine, wanted: Wanted, thread_of: str | None = None) -> None:
    """A message that is in Slack."""

    def scene(connection: Connection) -> None:
        now = engine.clock.now()
        want(connection, now, replace(wanted, thread_of=thread_of))
        [entry] = [one for one in outbox.due(connection, now, 10) if one.key == wanted.key]
        held = outbox.start_post(connection, now, replace(entry, delivery_id="d"), now, "hash")
        assert held
        outbox.posted(connection, now, held, "C1", f"{wanted.key}.1")

    await engine.services.database.write(scene)


async def ended(engine: Engine) -> str:
    """A request that was carried out, with its messages in Slack, and a press that did not count."""
    operation_id = await engine.ask("switch-traffic shop 3 --replicas-only")
    card = Wanted(
        key=f"{operation_id}:card", places=("C1",), subject_kind="operation", subject_id=operation_id
    )
    await shown(engine, card)
    await shown(engine, replace(card, key=f"{operation_id}:reply"), thread_of=card.key)
    await engine.press(operation_id, GIL, "approve")
    await engine.press(operation_id, BEN, "approve")
    await engine.pass_time(60, 5)
    assert (await engine.get(operation_id)).state is State.SUCCEEDED
    return operation_id


async def test_what_is_old_is_removed_and_the_record_stays(database_url: str, tmp_path: Path) -> None:
    """Who asked, who agreed, how it ended, the audit log: all stays; how it was carried out does not."""
    async with open_engine(tmp_path, url=database_url) as engine:
        engine.simulator.add_workflow("shop", 3, "verified_data")
        operation_id = await ended(engine)
        before = await counts(engine)
        assert all(before[table] for table in ("attempts", "readings", "messages"))
        engine.clock.advance(399 * DAY)
        await clean_up(engine)
        assert await counts(engine) == before

        engine.clock.advance(2 * DAY)
        await clean_up(engine)
        after = await counts(engine)
        gone = {table: before[table] - after[table] for table in before if after[table] != before[table]}
        assert gone == {"readings": before["readings"], "presses": 1, "messages": 2}
        kept = await engine.services.database.read(stories.story, operation_id)
        assert kept is not None
        assert [one.user for one in kept.approved_by] == [BEN]


async def test_the_numbers_of_requests_go_on(engine: Engine) -> None:
    """Of the requests that were sent only the last is left: whom PlanetScale takes the bot for goes by it."""
    for number in (3, 4):
        engine.simulator.add_workflow("shop", number, "running")
        await engine.ask(f"verify-data shop {number}")
    await engine.pass_time(3600, 60)
    assert (await counts(engine))["attempts"] == 2
    engine.clock.advance(401 * DAY)
    await clean_up(engine)
    left = await counts(engine)
    assert (left["attempts"], left["readings"]) == (1, 0)


async def test_what_goes_on_keeps_its_rows(engine: Engine) -> None:
    """However old: the messages of a watched workflow, and of a request that is open, are drawn anew."""

    def watched(connection: Connection) -> str:
        ref = WorkflowRef("acme", "shop", 3)
        now = engine.clock.now()
        watch_repository.begin(connection, ref, places=("C1",), origin=Origin.ASKED, now=now)
        watch = watch_repository.find(connection, ref)
        assert watch is not None
        return watch.id

    engine.simulator.add_workflow("shop", 3, "running")
    open_id = await engine.ask("cancel shop 3")
    watch_id = await engine.services.database.write(watched)
    for key, kind, subject in (("card", "operation", open_id), ("live", "watch", watch_id)):
        await shown(engine, Wanted(key=key, places=("C1",), subject_kind=kind, subject_id=subject))
    before = await counts(engine)
    engine.clock.advance(500 * DAY)
    await clean_up(engine)
    assert await counts(engine) == before
