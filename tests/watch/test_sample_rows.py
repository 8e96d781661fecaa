"""The samples of a copy, on SQLite and on PostgreSQL."""

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

from sqlalchemy import Connection

from bot.kinds.workflow import sample_rows
from bot.planetscale.models import Workflow
from bot.store.engine.database import Database
from bot.watch.model import Origin, Watch
from bot.watch.polling.pace import Pace
from bot.watch.storage import watch_repository
from bot.workflows.observing.observe import first_sight
from tests.builders import NOW, REF, a_workflow, copying

PACE = Pace(15)


def begun(connection: Connection) -> Watch:
    return watch_repository.begin(connection, REF, places=("C1",), origin=Origin.ASKED, now=NOW)


def take(connection: Connection, watch_id: str, workflow: Workflow, seconds: float) -> None:
    at = NOW + timedelta(seconds=seconds)
    sample_rows.take(connection, watch_id, first_sight(workflow, at), at, PACE)


def part(seconds: float) -> Workflow:
    return copying({"name": "orders", "rows_copied": int(seconds), "rows_total": 10**9})


async def test_samples_are_thin_and_few(database: Database) -> None:
    """A copy of a day keeps at most about a thousand samples, the first and the newest among them."""
    seconds = [20.0 * number for number in range(24 * 180)]
    at_first = first_sight(part(0), NOW)

    def a_day(connection: Connection, watch_id: str) -> None:
        for moment in seconds:
            seen = replace(at_first, workflow=part(moment))
            sample_rows.take(connection, watch_id, seen, NOW + timedelta(seconds=moment), PACE)

    watch = await database.write(begun)
    await database.write(a_day, watch.id)
    samples = await database.read(sample_rows.samples_of, watch.id)
    assert 400 <= len(samples) <= sample_rows.MOST + 1
    assert [one.copied for one in samples] == sorted(one.copied for one in samples)
    assert (samples[0].at, samples[-1].at) == (NOW, NOW + timedelta(seconds=seconds[-2]))
    gaps = [later.at - sooner.at for sooner, later in pairwise(samples)]
    assert min(gaps) >= timedelta(seconds=40)
    assert max(gaps[-50:]) == timedelta(seconds=40)
    assert max(gaps) <= timedelta(hours=1)


async def test_what_a_sample_says(database: Database) -> None:
    """The rows of all tables together; no total where that of any table is not reported."""
    watch = await database.write(begun)
    known = copying({"name": "a", "rows_copied": 5, "rows_total": 10}, {"name": "b", "rows_total": 20})
    partly = copying({"name": "a", "rows_copied": 5, "rows_total": 10}, {"name": "b", "rows_copied": 2})
    huge = copying(*({"name": f"t{n}", "rows_copied": 2**63 - 1, "rows_total": 2**63 - 1} for n in range(3)))
    for number, workflow in enumerate((known, partly, huge, a_workflow())):
        await database.write(take, watch.id, workflow, 60.0 * number)
    samples = await database.read(sample_rows.samples_of, watch.id)
    assert [(one.copied, one.total, one.held) for one in samples] == [
        (5, 30, False),
        (7, None, False),
        (2**63 - 1, 2**63 - 1, False),
    ]
