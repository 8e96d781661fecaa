"""Simulated time: how often somebody looks makes no difference."""

import json
from contextlib import suppress

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.demo.clock import ManualClock
from bot.demo.planetscale import views
from bot.demo.planetscale.copying import rows_copied, streams
from bot.demo.planetscale.rules import RULES, NotAllowedError
from bot.demo.planetscale.simulator import BEFALLS, HOLD_BACK, Simulator
from bot.demo.planetscale.world import State

Step = tuple[float, int, str]

waits = st.integers(0, 200_000).map(lambda halves: halves / 2)
happenings = st.sampled_from(
    [
        *RULES,
        "throttle",
        "throttle-slow",
        "stall",
        "go on",
        "go-back",
        "ends-in-error",
        "mismatch",
        "error",
        "error-for-good",
        "ddl",
    ]
)
stories = st.lists(st.tuples(waits, st.integers(1, 2), happenings), max_size=12)


def happen(simulator: Simulator, number: int, what: str) -> None:
    with suppress(NotAllowedError):
        attempt(simulator, number, what)


def attempt(simulator: Simulator, number: int, what: str) -> None:
    if what in BEFALLS:
        simulator.trouble(what, database="shop", number=number)
    elif what in {"go-back", "ends-in-error", "mismatch"}:
        simulator.trouble(what)
    elif what == "go on":
        for kind in HOLD_BACK:
            for trouble in simulator.troubles.on(kind):
                simulator.lift(trouble)
    else:
        simulator.outside("shop", number, what)


def tell(story: list[Step], states: tuple[State, State], looks: int) -> str:
    """Live through a story, looking so many times during each wait; everything there is to see at the end."""
    clock = ManualClock()
    simulator = Simulator(clock)
    for number, state in enumerate(states, 1):
        simulator.add_workflow(
            "shop", number, state, branch=f"b{number}", tables={"a": 5_000_003, "b": 70_000_001}
        )
    for wait, number, what in [*story, (86_400.0, 1, "verify-data")]:
        for _ in range(looks):
            clock.advance(wait / looks)
            simulator.now()
        if looks == 0:
            clock.advance(wait)
        happen(simulator, number, what)
    now = simulator.now()
    shown = [views.workflow(workflow, now) for workflow in simulator.world.workflows()]
    return json.dumps(shown) + str(simulator.effects)


@given(story=stories, states=st.tuples(*[st.sampled_from(State)] * 2), looks=st.sampled_from([1, 4, 16]))
@settings(deadline=None, max_examples=150)
def test_a_jump_ends_where_many_steps_end(story: list[Step], states: tuple[State, State], looks: int) -> None:
    """Whatever happens, the world after a jump is the world after many small steps, to the last field."""
    assert tell(story, states, 0) == tell(story, states, looks)


@given(percent=st.floats(0, 100), minutes=st.lists(st.integers(1, 300), min_size=1, max_size=10))
@settings(deadline=None, max_examples=60)
def test_a_copy_never_goes_back(percent: float, minutes: list[int]) -> None:
    """The rows of a copy only grow, and never beyond the table."""
    clock = ManualClock()
    simulator = Simulator(clock)
    workflow = simulator.add_workflow("shop", 1, "copying", percent=percent)
    seen = [0, 0]
    for minute in minutes:
        clock.advance(60 * minute)
        rows = rows_copied(streams(workflow), workflow.copied_for(simulator.now()))
        copied = [rows["orders"], rows["line_items"]]
        assert all(before <= after for before, after in zip(seen, copied, strict=True))
        assert copied[0] <= 620_000_000
        assert copied[1] <= 390_000_000
        seen = copied


def test_indexes_are_built_and_changes_caught_up() -> None:
    """While indexes are built and changes caught up, rows stand still and the state is `copying`."""
    clock = ManualClock()
    simulator = Simulator(clock)
    workflow = simulator.add_workflow(
        "shop", 1, "copying", percent=100, tables={"big": 40_000_000}, target_shards=("-",)
    )
    assert views.percent(workflow, simulator.now()) == 100
    clock.advance(40_000_000 / 46_500 / 4 + 299)
    assert simulator.workflow("shop", 1).state is State.COPYING
    clock.advance(2)
    assert simulator.workflow("shop", 1).state is State.RUNNING


def test_a_jump_does_everything_in_the_order_of_time() -> None:
    """What ends during one jump takes effect in the order of time, across workflows, each at its moment."""
    clock = ManualClock()
    simulator = Simulator(clock)
    start = simulator.now()
    for number, state in enumerate((State.CUTTING_OVER, State.SWITCHING_PRIMARIES, State.CANCELLING), 1):
        simulator.add_workflow("shop", number, state, branch=f"b{number}")
    simulator.later(20, lambda _: None)
    clock.advance(86_400)
    simulator.now()
    ended = [(effect.mutation, (effect.at - start).total_seconds()) for effect in simulator.effects]
    assert ended == [("switch-primaries", 9), ("cancel", 38), ("cutover", 41)]
