"""What to do about a workflow that is in error or has stopped: the one rule behind every text and button.

It looks first at what the target serves, or may serve: a cancel deletes the tables there, and a retry may
throw them away and copy them anew. What it advises is what the checks let through; they ask it, too.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from bot.planetscale.models import Workflow
from bot.workflows.facts.states import AFTER_CUTOVER, State, state_of
from bot.workflows.facts.traffic import replicas_moved, switch_was_tried, writes_moved

BROKEN = frozenset({State.STOPPED, State.ERROR})


class OnTarget(Enum):
    """What the target serves."""

    NOTHING = "nothing"
    REPLICAS = "replica reads"
    WRITES = "writes"
    PERHAPS = "perhaps"
    """A switch was tried, and what came of it is not certain."""
    ONLY_COPY = "only copy"
    """A cutover was begun: the source tables are gone, or may be."""


_WHY_KEEP = {
    OnTarget.REPLICAS: "replica reads are on {target}",
    OnTarget.WRITES: "writes are on {target}",
    OnTarget.PERHAPS: "a switch was tried, and {target} may serve live data",
    OnTarget.ONLY_COPY: "{target} may have the only copy of the tables",
}

_MAY_WRITE = "writes may be on {target}"

NOT_OFFERED = "PlanetScale offers no retry."


class NoRetry(Enum):
    """Why a retry is refused."""

    NOT_OFFERED = "not offered"
    MAY_START_OVER = "may start over"
    """And the tables that it would throw away serve traffic, or may. `may_restart: false` is no proof that it
    goes on where it stopped."""


class Step(Enum):
    """What comes next."""

    RETRY = "retry"
    CANCEL = "cancel"
    """And create again: nothing is lost by it but the copies."""
    REVERSE = "reverse"
    SUPPORT = "support"
    """There is nothing that can be sent without a risk for live data."""


@dataclass(frozen=True, slots=True)
class Recovery:
    """The next step, and what a cancel would delete."""

    step: Step
    on_target: OnTarget
    certain: bool
    """Whether the state leaves no doubt about what the target serves."""
    offered: bool = False
    """Whether PlanetScale says that a retry is possible. Where it says nothing, one is not refused."""

    @property
    def keeps(self) -> bool:
        """Whether the tables in the target must be kept."""
        return self.on_target is not OnTarget.NOTHING

    def warning(self, target: str) -> str:
        """`Do not cancel: writes are on customer.`, or nothing where a cancel would do no harm."""
        if not self.keeps:
            return ""
        return f"Do not cancel: {self.why_keep(target)}."

    def why_keep(self, target: str) -> str:
        """`writes are on customer`: what a cancel would destroy, where it would destroy anything."""
        if self.certain or self.on_target is OnTarget.ONLY_COPY:
            why = _WHY_KEEP[self.on_target]
        else:
            why = _MAY_WRITE if self.on_target is OnTarget.WRITES else _WHY_KEEP[OnTarget.PERHAPS]
        return why.format(target=target)

    @property
    def on_retry(self) -> str:
        """What is known beforehand of a retry."""
        what = "PlanetScale allows a retry. It" if self.offered else "On a retry it"
        return f"{what} continues or starts over; which one is not known beforehand."

    def instead(self, reverse: str) -> str:
        """What to do where nothing can be retried. `reverse`: the command of the way back, as it is shown."""
        match self.step:
            case Step.REVERSE:
                return f"Check the application now. Way back: {reverse}; else PlanetScale support."
            case Step.CANCEL:
                return f"{NOT_OFFERED} Cancel and create again, or PlanetScale support."
            case _:
                return "Check the application now; then PlanetScale support."


def recovery(workflow: Workflow, switch_tried_at: datetime | None = None) -> Recovery:
    """What to do about `workflow`, which is in error or has stopped.

    `switch_tried_at`: when the bot last sent a switch, whatever came of it.
    """
    served, stopped = on_target(workflow, switch_tried_at), state_of(workflow.state) is State.STOPPED
    certain = stopped and served is not OnTarget.PERHAPS
    return Recovery(_step(workflow, served), served, certain, _retry_offered(workflow))


def _step(workflow: Workflow, served: OnTarget) -> Step:
    if served is OnTarget.NOTHING:
        return Step.RETRY if _no_retry(workflow, served) is None else Step.CANCEL
    return Step.REVERSE if can_reverse(workflow) else Step.SUPPORT


def on_target(workflow: Workflow, switch_tried_at: datetime | None = None) -> OnTarget:
    """What the target of `workflow` serves, or may serve."""
    state = state_of(workflow.state)
    if state in AFTER_CUTOVER or workflow.cutover_at or workflow.cutover_by:
        return OnTarget.ONLY_COPY
    if writes_moved(workflow):
        return OnTarget.WRITES
    if replicas_moved(workflow):
        return OnTarget.REPLICAS
    tried = switch_tried_at is not None or switch_was_tried(workflow)
    reported = workflow.replicas_switched is False and workflow.primaries_switched is False
    doubtful = state is State.ERROR or (state is State.STOPPED and not reported)
    return OnTarget.PERHAPS if tried and doubtful else OnTarget.NOTHING


def _retry_offered(workflow: Workflow) -> bool:
    return bool(workflow.may_retry or workflow.may_restart)


def no_retry(workflow: Workflow, switch_tried_at: datetime | None = None) -> NoRetry | None:
    """Why what is in error or has stopped must not be retried; `None` if it may be."""
    return _no_retry(workflow, on_target(workflow, switch_tried_at))


def _no_retry(workflow: Workflow, served: OnTarget) -> NoRetry | None:
    offered = (workflow.may_retry, workflow.may_restart)
    if state_of(workflow.state) is State.ERROR and True not in offered and False in offered:
        return NoRetry.NOT_OFFERED
    if served is not OnTarget.NOTHING:
        return NoRetry.MAY_START_OVER
    return None


def can_reverse(workflow: Workflow) -> bool:
    """Whether the way back is open. In an error nobody knows which way traffic would move: a cutover that
    broke off looks the same, and then the source tables may be gone."""
    state = state_of(workflow.state)
    if state is State.ERROR or state in AFTER_CUTOVER | {State.CANCELLED}:
        return False
    if state is State.STOPPED and workflow.cutover_at:
        return False
    return replicas_moved(workflow) or writes_moved(workflow)
