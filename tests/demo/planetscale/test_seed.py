"""The world that the demo shows."""

from datetime import UTC, datetime, timedelta

from bot.demo.clock import ManualClock
from bot.demo.planetscale import views
from bot.demo.planetscale.seed import demo_world
from bot.demo.planetscale.simulator import Simulator
from bot.demo.planetscale.world import ENDED, State
from bot.planetscale import models

NOW = datetime(2026, 11, 23, 2, 14, tzinfo=UTC)


def test_the_demo_shows_every_kind_of_workflow() -> None:
    """The demo has a workflow in every stage that people have to deal with, and one of forty tables."""
    world = demo_world(NOW)
    states = {w.state for w in world.workflows()}
    assert states >= {
        State.COPYING,
        State.RUNNING,
        State.VERIFYING_DATA,
        State.VERIFIED_DATA,
        State.SWITCHED_REPLICAS,
        State.SWITCHED_PRIMARIES,
        State.CUTOVER,
        State.COMPLETED,
        State.CANCELLED,
        State.ERROR,
        State.STOPPED,
    }
    unverified = world.databases["warehouse"].workflows[60]
    assert (unverified.state, unverified.vdiff) == (State.RUNNING, None)
    a_day = timedelta(hours=24)
    switched = [w for w in world.workflows() if w.state is State.SWITCHED_PRIMARIES and NOW - w.since > a_day]
    assert {w.imported for w in switched} == {False, True}
    assert {w.imported for w in world.workflows() if w.state is State.COPYING} == {False, True}
    split = world.databases["shop"].workflows[7]
    assert (len(split.tables), views.percent(split, NOW)) == (40, 37)
    assert len({table.name for table in split.tables}) == 40
    assert len(world.databases["warehouse"].workflows) == 60


def test_the_demo_keeps_the_rule_of_one() -> None:
    """No branch of the demo has two active workflows."""
    for database in demo_world(NOW).databases.values():
        branches = [w.branch for w in database.workflows.values() if w.state not in ENDED]
        assert len(branches) == len(set(branches)), database.name


def test_the_bot_understands_every_workflow_of_the_demo() -> None:
    """The bot's models accept every workflow of the demo, now and on each of the next ten days."""
    clock = ManualClock(NOW)
    simulator = Simulator(clock, demo_world(NOW))
    for _ in range(10):
        now = simulator.now()
        for workflow in simulator.world.workflows():
            shown = models.Workflow.model_validate(views.workflow(workflow, now))
            assert (shown.name, shown.state) == (workflow.name, workflow.state)
        clock.advance(86_400)


def test_time_passes_in_the_demo() -> None:
    """After three days nothing is copying any more, but for the copy that is throttled."""
    clock = ManualClock(NOW)
    simulator = Simulator(clock, demo_world(NOW))
    clock.advance(3 * 86_400)
    simulator.now()
    copying = [w.database for w in simulator.world.workflows() if w.state is State.COPYING]
    assert copying == ["search"]
