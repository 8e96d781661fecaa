"""What the tests of the watch's one step share: workflows in any state, as PlanetScale would report them."""

from datetime import UTC, datetime, timedelta
from typing import Any

from bot.planetscale.models import Workflow
from bot.workflows.facts.states import State
from bot.workflows.observing.happenings import Happened, Happening
from bot.workflows.observing.observe import observe
from bot.workflows.observing.observed_state import ObservedState
from tests.builders import a_workflow

T0 = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)

REPLICAS_ON = {
    *(State.SWITCHED_REPLICAS, State.SWITCHING_PRIMARIES, State.SWITCHED_PRIMARIES, State.CUTTING_OVER),
    *(State.REVERSING_TRAFFIC, State.REVERSING_TRAFFIC_FOR_CANCEL),
    *(State.CUTOVER, State.REVERSED_CUTOVER, State.COMPLETED),
}
PRIMARIES_ON = {
    *(State.SWITCHED_PRIMARIES, State.CUTTING_OVER, State.CUTOVER, State.REVERSED_CUTOVER, State.COMPLETED),
}


def minutes(count: float) -> datetime:
    """So many minutes after the tests' beginning."""
    return T0 + timedelta(minutes=count)


def in_state(state: str, **differs: Any) -> Workflow:
    """A workflow in `state`, with flags that fit, and no times."""
    bare = {"data_copy_completed_at": None, "verify_data_at": None, "started_at": None, "vdiff": None}
    flags = {"replicas_switched": state in REPLICAS_ON, "primaries_switched": state in PRIMARIES_ON}
    return a_workflow(**bare | flags | {"state": state} | differs)


def news(
    before: ObservedState, workflow: Workflow, at: datetime, *, in_detail: bool = True
) -> tuple[ObservedState, list[Happening]]:
    """The next sight, and what kinds of news there were."""
    after, found = observe(before, workflow, at, in_detail=in_detail)
    return after, kinds(found)


def kinds(found: tuple[Happened, ...]) -> list[Happening]:
    """What happened, without when."""
    return [happened.what for happened in found]
