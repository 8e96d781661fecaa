"""Which of the bot's calls can have caused what was seen of a workflow."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from bot.planetscale.calls import WorkflowCall
from bot.planetscale.models import Actor
from bot.subjects.model import Snapshot
from bot.workflows.actions.registry import CAUSED_BY, calls
from bot.workflows.facts.states import TRANSITIONAL, state_of
from bot.workflows.observing.happenings import Happened, Happening
from bot.workflows.outcome.evidence import doer, somebody_else

_VERIFICATIONS = frozenset(call.name for call in calls(lambda one: one.starts_verification))


def leading_to(snapshot: Snapshot) -> Collection[str]:
    """The calls that lead to the state in which a workflow is."""
    state = state_of(snapshot.state)
    return frozenset(call.name for call in calls(lambda one: state in one.leads_to))


def causes(happened: Happened) -> Collection[str]:
    """The calls that can have caused it."""
    what = happened.what
    if what is Happening.ERROR and state_of(happened.was_state or "") in TRANSITIONAL:
        what = Happening.MOVING_LONG  # whatever moved it broke it
    return frozenset(call.name for call in CAUSED_BY.get(what, ()))


def began(happened: Happened, call: str) -> datetime | None:
    """When that began of which the call could be the cause; `None` where it may have been any time."""
    if call not in _VERIFICATIONS:
        return happened.at
    vdiff = happened.workflow.vdiff  # its request has ended once the verification runs
    return vdiff.started_at if vdiff else None


def is_others(happened: Happened, call: str, own: Any) -> bool:
    """Whether PlanetScale names another account than `own`, the bot's as JSON, for what the call did."""
    return somebody_else(doer(WorkflowCall[call], happened.workflow), Actor.model_validate(own)) is not None
