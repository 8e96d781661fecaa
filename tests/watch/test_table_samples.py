"""What is kept of a copy for its picture, on both databases."""

from datetime import timedelta

from sqlalchemy import Connection, insert

from bot.kinds.workflow.sample_rows import sample_row
from bot.kinds.workflow.table_sample_rows import TableSamples, table_samples
from bot.planetscale.refs import WorkflowRef
from bot.store.engine.database import Database
from bot.store.schema import samples
from bot.watch.model import Origin, Over
from bot.watch.storage import watch_repository
from bot.workflows.observing.picture import TableSample
from tests.builders import NOW, REF, copying

LATER = NOW + timedelta(seconds=30)


def watched(connection: Connection, ref: WorkflowRef = REF, orders: int = 5) -> None:
    """A watch with two samples, the newer one written first."""
    watch = watch_repository.begin(connection, ref, places=("C1",), origin=Origin.ASKED, now=NOW)
    for at, rows in ((LATER, orders + 1), (NOW, orders)):
        workflow = copying({"name": "orders", "rows_copied": rows}, {"name": "line_items"})
        connection.execute(insert(samples).values(sample_row(watch.id, workflow, at, held=at == LATER)))


async def test_samples_come_by_table_and_in_order(database: Database) -> None:
    """The samples of a workflow come with the rows of each table, the newest last, and no other's."""
    await database.write(watched)
    await database.write(watched, WorkflowRef("acme", "shop", 4), 900)
    assert await database.read(table_samples, REF) == TableSamples(
        NOW,
        (
            TableSample(NOW, {"orders": 5, "line_items": 0}, held=False, state="copying"),
            TableSample(LATER, {"orders": 6, "line_items": 0}, held=True, state="copying"),
        ),
    )


async def test_what_was_never_watched_has_nothing(database: Database) -> None:
    """Of a workflow that was never watched there is nothing."""
    assert await database.read(table_samples, REF) == TableSamples()


async def test_samples_outlive_the_watch(database: Database) -> None:
    """When watching stops, the copy can still be drawn from what was kept."""

    def stopped(connection: Connection) -> None:
        watched(connection)
        watch = watch_repository.find(connection, REF)
        assert watch is not None
        watch_repository.swap(connection, watch, over=Over.STOPPED, over_at=LATER)

    await database.write(stopped)
    found = await database.read(table_samples, REF)
    assert found.watched_since is None
    assert [sample.at for sample in found.samples] == [NOW, LATER]
