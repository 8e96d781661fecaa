"""A workflow's state in a few words: the first line of an answer, and a column of the list."""

from datetime import datetime

from bot.planetscale.models import Workflow
from bot.slack.cards.blocks.words import ago, coarse, plural
from bot.workflows.facts.progress import catching_up, copy_of, throttled
from bot.workflows.facts.states import State, state_of
from bot.workflows.facts.verification import DataVerdict, Verification, verification

STALE = "Verified clean, but stale"
_FIXED = {
    State.PENDING: "Waiting to start",
    State.SWITCHING_REPLICAS: "Switching replica reads",
    State.SWITCHING_PRIMARIES: "Switching primaries",
    State.SWITCHED_REPLICAS: "Replica reads switched",
    State.SWITCHED_PRIMARIES: "Writes switched",
    State.REVERSING_TRAFFIC: "Reversing traffic",
    State.REVERSING_TRAFFIC_FOR_CANCEL: "Being cancelled, traffic goes back first",
    State.CUTTING_OVER: "Cutting over",
    State.CUTOVER: "Cut over",
    State.REVERSED_CUTOVER: "Routing rules restored",
    State.COMPLETED: "Completed",
    State.CANCELLING: "Cancelling",
    State.CANCELLED: "Cancelled",
}


def headline(workflow: Workflow, now: datetime, *, brief: bool = False, in_detail: bool = True) -> str:
    """The state as a person says it. `brief` leaves out ages and names, for a column.

    `in_detail` is false for an entry of a list: that carries neither tables nor verification, so it says less
    rather than guess.
    """
    state = state_of(workflow.state)
    if state is None:
        return f"State {workflow.state}: not known to this bot"
    if not brief and (switched := _switched(workflow, now)):
        return switched
    if state in _FIXED:
        return _FIXED[state]
    match state:
        case State.COPYING:
            return _copying(workflow, now)
        case State.VERIFYING_DATA:
            return _verifying(verification(workflow, now))
        case State.STOPPED | State.ERROR:
            return " · ".join(filter(None, (state.value.capitalize(), share(workflow))))
        case _:
            found = verification(workflow, now)
            if not in_detail and found.verdict is DataVerdict.NO_REPORT and workflow.vdiff is None:
                return f"Copied · verification{' stale' if workflow.verified_data_stale else ''}: see show"
            return _copied(found, now, brief=brief)


def _switched(workflow: Workflow, now: datetime) -> str | None:
    target = workflow.target_keyspace.name if workflow.target_keyspace else "the target"
    match state_of(workflow.state):
        case State.SWITCHED_REPLICAS if workflow.switch_replicas_at:
            return f"Replica reads on {target} for {coarse(now - workflow.switch_replicas_at)}"
        case State.SWITCHED_PRIMARIES if workflow.switch_primaries_at:
            return f"Writes on {target} for {coarse(now - workflow.switch_primaries_at)}"
        case State.CUTOVER if workflow.cutover_at:
            return f"Cut over {ago(workflow.cutover_at, now)}"
        case _:
            return None


def _copying(workflow: Workflow, now: datetime) -> str:
    if catching_up(workflow):
        return "Copying, catching up"
    held = "throttled" if throttled(workflow, now) else None
    return " · ".join(filter(None, ("Copying", share(workflow), held)))


def share(workflow: Workflow) -> str | None:
    copy = copy_of(workflow)
    if copy is None or copy.percent is None or copy.finished:
        return None
    return "99 %, more rows than estimated" if copy.more_than_estimated else f"about {copy.percent} %"


def _verifying(found: Verification) -> str:
    return "Verifying" if found.percent is None else f"Verifying · about {found.percent} %"


def _copied(found: Verification, now: datetime, *, brief: bool) -> str:
    age = f" {ago(found.at, now)}" if found.at and not brief else ""
    match found.verdict:
        case DataVerdict.NEVER:
            return "Copied, not verified"
        case DataVerdict.CLEAN:
            return f"Running · verified clean{age}"
        case DataVerdict.STALE:
            return STALE
        case DataVerdict.DIFFERS:
            return f"Data differs: {plural(found.rows, 'row')}" if found.rows else "Data differs"
        case DataVerdict.BROKE_OFF:
            return "Verification broke off"
        case DataVerdict.OUTDATED:
            return f"Verified before {found.overtaken}"
        case _:
            return "Verification ended, no report"
