"""Watches that this version of the bot cannot read: a newer one wrote them."""

import pytest
from sqlalchemy import Connection, text

from bot.store.errors import RowNotUnderstoodError
from bot.watch.storage import watch_repository
from bot.watch.storage.watch_rows import LEFT_OUT_FOR
from bot.workflows.own import ref_of
from tests.watch.conftest import Post


async def _spoil(post: Post, number: int, column: str, value: str) -> None:
    def spoil(connection: Connection) -> None:
        statement = text(f"UPDATE watches SET {column} = :value WHERE number = :number")  # noqa: S608
        connection.execute(statement, {"value": value, "number": number})

    await post.database.write(spoil)


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
async def test_one_watch_holds_up_no_other(post: Post, column: str, value: str, read_before: bool) -> None:
    """A watch that cannot be read is left out for a while; all others are read when they are due."""
    for number in (3, 4, 5):
        post.simulator.add_workflow("shop", number, "running")
        await post.begin(number)
    if read_before:
        await post.watcher.settle()
        post.clock.advance(600)
    await _spoil(post, 3, column, value)
    await post.watcher.settle()
    seen = await post.database.read(watch_repository.running, "acme")
    assert {ref_of(watch.ref).number for watch in seen} >= {4, 5}
    assert all(
        watch.observed and watch.observed.read_at == post.clock.now()
        for watch in seen
        if ref_of(watch.ref).number > 3
    )
    assert post.watcher.moving
    if column == "names":
        return  # nothing is made of them but when somebody is called
    with pytest.raises(RowNotUnderstoodError):
        await post.get(3)
    asked = len(post.simulator.requests)
    post.clock.advance(1)
    await post.watcher.settle()
    assert len(post.simulator.requests) == asked
    post.clock.advance(LEFT_OUT_FOR.total_seconds())
    await _spoil(post, 3, column, {"origin": "asked", "places": '["C1"]', "caused": "[]"}.get(column, "null"))
    await post.watcher.settle()
    assert (await post.get(3)).observed is not None
