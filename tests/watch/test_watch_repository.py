"""The rows of watches, on SQLite and on PostgreSQL."""

import asyncio
from dataclasses import fields, replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import Connection

from bot.kinds.workflow.workflow_forms import WorkflowForms
from bot.operations.model import Operation, State
from bot.store.engine.database import Database
from bot.watch.model import Origin, Over, Watch
from bot.watch.polling import lease_rows
from bot.watch.storage import watch_repository
from bot.watch.storage.watch_repository import WatchMovedError
from bot.watch.storage.watch_rows import changed_columns
from bot.workflows.actions.create import CREATE
from bot.workflows.actions.switch_traffic import PRIMARIES
from bot.workflows.observing.observe import first_sight
from tests.builders import NOW, REF, a_workflow

LATER = NOW + timedelta(minutes=5)


def begun(connection: Connection, **differs: Any) -> Watch:
    given: dict[str, Any] = {"places": ("C1",), "origin": Origin.ASKED, "now": NOW, "mention": "U0ANA"}
    return watch_repository.begin(connection, REF, **given | differs)


def an_operation(**differs: Any) -> Operation:
    given: dict[str, Any] = {
        "id": "op",
        "organization": "acme",
        "database": "shop",
        "ref": REF,
        "action": PRIMARIES,
        "requester": "U0BEN",
        "team_id": "T0",
        "channel": "C2",
        "places": ("C2",),
        "names": {"U0BEN": "Ben"},
        "state": State.WAITING,
        "asked_at": NOW,
    }
    return Operation(**given | differs)


async def test_a_watch_comes_back_as_it_was_written(database: Database) -> None:
    """Everything that is known of a workflow outlives the process that read it."""
    first = await database.write(begun)
    observed = first_sight(a_workflow(), NOW)
    kept = await database.write(
        lambda c: watch_repository.swap(c, first, observed=observed, caused=("a", "b"), misses=2)
    )
    assert await database.read(watch_repository.load, first.id) == kept
    assert await database.read(watch_repository.find, REF) == kept
    assert await database.read(watch_repository.running, "acme") == [kept]


OBSERVED = first_sight(a_workflow(), NOW)
CHANGES: tuple[dict[str, Any], ...] = (
    {"places": ("C2", "C1")},
    {"origin": Origin.TOUCHED},
    {"started_by": "U0BEN"},
    {"mention": None},
    {"observed": OBSERVED},
    {"observed": replace(OBSERVED, read_at=LATER)},
    {"observed": replace(OBSERVED, read_at=LATER, doubts=(LATER,))},
    {"observed": None},
    {"looked_at": LATER, "changed_at": LATER, "drawn_at": LATER},
    {"silent_since": NOW, "missing_since": NOW},
    {"misses": 3},
    {"due_at": LATER},
    {"detail_due_at": None},
    {"essence": "copied 1234", "live_number": 7},
    {"over": Over.STOPPED, "over_at": LATER, "stopped_by": "U0BEN"},
    {"over": None},
    {"names": {"U0BEN": "Ben"}},
    {"caused": ("op:switched",)},
)
"""Each after the one before."""


async def test_what_changed_is_kept_and_the_rest_stays(database: Database) -> None:
    """Whatever of a watch changes is kept, and everything else stays as it was."""
    watch = await database.write(begun)
    for changes in CHANGES:
        watch = await database.write(partial(watch_repository.swap, before=watch, **changes))
        assert await database.read(watch_repository.load, watch.id) == watch
    never = {"id", "ref", "created_at", "fence"}
    assert {name for changes in CHANGES for name in changes} == {one.name for one in fields(Watch)} - never


def test_a_read_without_news_writes_little() -> None:
    """A read that shows nothing new costs the database its times, not all that is known of the workflow."""
    known = Watch(id="w", ref=REF, places=("C1",), origin=Origin.FOUND, observed=OBSERVED, created_at=NOW)
    read = replace(known, observed=replace(OBSERVED, read_at=LATER), looked_at=LATER, due_at=LATER, fence=1)
    assert changed_columns(WorkflowForms(), known, read) == {
        "read_at": LATER,
        "looked_at": LATER,
        "due_at": LATER,
        "fence": 1,
    }


async def test_the_second_of_two_changes_looks_again(database: Database) -> None:
    """Of two that change what they both have read one wins; the other is told, and changes nothing."""
    watch = await database.write(begun)
    await database.write(lambda c: watch_repository.swap(c, watch, misses=1))
    with pytest.raises(WatchMovedError):
        await database.write(lambda c: watch_repository.swap(c, watch, misses=7))
    after = await database.read(watch_repository.load, watch.id)
    assert after is not None
    assert after.misses == 1


async def test_people_at_the_same_moment_all_count(database: Database) -> None:
    """Twenty changes by people at one moment all happen: none fails because another was faster."""
    watch = await database.write(begun)
    calls = [database.write(watch_repository.call_instead, watch.id, f"U{n}", NOW) for n in range(10)]
    calls += [database.write(watch_repository.call_instead, watch.id, f"W{n}", NOW) for n in range(10)]
    assert all(await asyncio.gather(*calls))
    after = await database.read(watch_repository.load, watch.id)
    assert after is not None
    assert after.fence == 20


async def test_one_watch_for_a_workflow(database: Database) -> None:
    """However often a workflow is asked to be watched, it is watched once, and read at once."""
    first, *rest = await asyncio.gather(*(database.write(begun) for _ in range(5)))
    assert {watch.id for watch in rest} == {first.id}
    again = await database.write(lambda c: begun(c, now=LATER, mention="U0BEN"))
    assert (again.due_at, again.detail_due_at, again.mention) == (LATER, LATER, "U0ANA")


async def test_stopped_and_begun_again(database: Database) -> None:
    """A watch that was stopped is over; asked for again it starts anew, with a live message of its own."""
    watch = await database.write(begun)
    await database.write(lambda c: watch_repository.swap(c, watch, observed=first_sight(a_workflow(), NOW)))
    stopped = await database.write(watch_repository.stop, REF, "U0BEN", LATER)
    assert stopped is not None
    assert (stopped.over, stopped.over_at, stopped.stopped_by) == (Over.STOPPED, LATER, "U0BEN")
    assert await database.read(watch_repository.running, "acme") == []
    assert await database.write(watch_repository.stop, REF, "U0BEN", LATER) is None
    assert await database.write(watch_repository.call_instead, watch.id, "U0BEN", LATER) is None
    assert await database.write(watch_repository.to_the_bottom, watch.id, LATER) is None
    again = await database.write(lambda c: begun(c, now=LATER))
    assert (again.id, again.over, again.observed, again.live_number) == (watch.id, None, None, 2)


async def test_to_the_bottom(database: Database) -> None:
    """The live message goes on under a new name, and the old one is still known."""
    watch = await database.write(begun)
    moved = await database.write(watch_repository.to_the_bottom, watch.id, LATER)
    assert moved is not None
    before, after = moved
    assert (before.live_key, after.live_key) == (f"watch:{watch.id}:live:1", f"watch:{watch.id}:live:2")


async def test_an_operation_begins_a_watch(database: Database) -> None:
    """A workflow on which somebody asks for an action is watched where the card stands, and calls them."""
    await database.write(watch_repository.touched, an_operation(), NOW)
    watch = await database.read(watch_repository.find, REF)
    assert watch is not None
    assert (watch.places, watch.mention, watch.origin) == (("C2",), "U0BEN", Origin.TOUCHED)
    assert watch.names == {"U0BEN": "Ben"}
    assert (watch.due_at, watch.detail_due_at) == (NOW, NOW)


async def test_an_operation_wakes_a_watch(database: Database) -> None:
    """The workflow is read at once in full, its live message stays, and the requester is called."""
    await database.write(begun)
    await database.write(watch_repository.touched, an_operation(), LATER)
    watch = await database.read(watch_repository.find, REF)
    assert watch is not None
    assert (watch.places, watch.mention, watch.due_at, watch.detail_due_at) == (
        ("C1",),
        "U0BEN",
        LATER,
        LATER,
    )


async def test_a_create_is_watched_once_it_has_its_number(database: Database) -> None:
    """A workflow that was created through the bot is watched, as that, also if it was found first."""
    create = an_operation(action=CREATE, ref=None)
    await database.write(watch_repository.touched, create, NOW)
    assert await database.read(watch_repository.find, REF) is None
    await database.write(lambda c: begun(c, origin=Origin.FOUND, mention=None))
    await database.write(watch_repository.touched, replace(create, ref=REF), NOW)
    watch = await database.read(watch_repository.find, REF)
    assert watch is not None
    assert (watch.origin, watch.started_by, watch.mention) == (Origin.CREATED, "U0BEN", "U0BEN")


async def test_stopped_stays_stopped(database: Database) -> None:
    """An operation asked for before a watch was stopped does not bring it back; a later one does."""
    await database.write(begun)
    await database.write(watch_repository.stop, REF, "U0ANA", LATER)
    await database.write(watch_repository.touched, an_operation(asked_at=NOW), LATER)
    stopped = await database.read(watch_repository.find, REF)
    assert stopped is not None
    assert stopped.over is Over.STOPPED
    after_that = LATER + timedelta(seconds=1)
    await database.write(watch_repository.touched, an_operation(asked_at=after_that), after_that)
    again = await database.read(watch_repository.find, REF)
    assert again is not None
    assert (again.over, again.places) == (None, ("C2",))


async def test_an_operation_without_a_place_begins_nothing(database: Database) -> None:
    """Where nobody could be told, nothing is watched."""
    await database.write(watch_repository.touched, an_operation(places=()), NOW)
    assert await database.read(watch_repository.find, REF) is None


async def test_a_lease_has_one_holder(database: Database) -> None:
    """Of ten processes that claim a database at one moment one gets it; another may once it is over."""
    name, until = lease_rows.lease_name("acme", "shop"), NOW + timedelta(seconds=60)
    found = await asyncio.gather(
        *(database.write(lease_rows.claim, [name], f"w{n}", NOW, until) for n in range(10))
    )
    assert sum(name in held for held in found) == 1
    holder = next(f"w{n}" for n, held in enumerate(found) if held)
    assert await database.write(lease_rows.claim, [name], holder, NOW, until) == {name}
    assert (
        await database.write(lease_rows.claim, [name], "other", until - timedelta(seconds=1), until) == set()
    )
    assert await database.read(lease_rows.held_by_others, "other", NOW) == {name}
    assert await database.write(lease_rows.claim, [name], "other", until, until) == {name}


async def test_a_lease_is_let_go(database: Database) -> None:
    """A process that stops in order leaves its databases to the others at once."""
    name, until = lease_rows.lease_name("acme", "shop"), NOW + timedelta(seconds=60)
    await database.write(lease_rows.claim, [name], "w1", NOW, until)
    await database.write(lease_rows.let_go, "w1", NOW)
    assert await database.write(lease_rows.claim, [name], "w2", NOW, until) == {name}
