"""Watches that this version of the bot cannot read: a newer one wrote them."""

import pytest
from sqlalchemy import Connection, text

from bot.store.errors import RowNotUnderstoodError
from bot.watch.storage import watch_repository
from bot.watch.storage.watch_rows import LEFT_OUT_FOR
from bot.workflows.own import ref_of
from tests.watch.conftest import WatchStage


async def _spoil(stage: WatchStage, number: int, column: str, value: str) -> None:
    def spoil(connection: Connection) -> None:
        statement = text(f"UPDATE watches SET {column} = :value WHERE number = :number")  # noqa: S608
        connection.execute(statement, {"value": value, "number": number})

    await stage.database.write(spoil)


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("origin", "mirrored"),
        ("sight", '{"workflow": 7}'),
        ("places", "7"),
        ("names", '"x"'),
        ("caused", "7"),
    ],
)
@pytest.mark.parametrize("read_before", [True, False])
async def test_one_watch_holds_up_no_other(
    stage: WatchStage, column: str, value: str, read_before: bool
) -> None:
    """A watch that cannot be read is left out for a while; all others are read when they are due."""
    for number in (3, 4, 5):
        stage.simulator.add_workflow("shop", number, "running")
        await stage.begin(number)
    if read_before:
        await stage.poller.settle()
        stage.clock.advance(600)
    await _spoil(stage, 3, column, value)
    await stage.poller.settle()
    seen = await stage.database.read(watch_repository.running, "acme")
    assert {ref_of(watch.ref).number for watch in seen} >= {4, 5}
    assert all(
        watch.observed and watch.observed.read_at == stage.clock.now()
        for watch in seen
        if ref_of(watch.ref).number > 3
    )
    assert stage.poller.moving
    if column == "names":
        return  # nothing is made of them but when somebody is called
    with pytest.raises(RowNotUnderstoodError):
        await stage.get(3)
    asked = len(stage.simulator.requests)
    stage.clock.advance(1)
    await stage.poller.settle()
    assert len(stage.simulator.requests) == asked
    stage.clock.advance(LEFT_OUT_FOR.total_seconds())
    await _spoil(
        stage, 3, column, {"origin": "asked", "places": '["C1"]', "caused": "[]"}.get(column, "null")
    )
    await stage.poller.settle()
    assert (await stage.get(3)).observed is not None
