"""What a careful operator would do next, and the way back. Commands are complete and can be pasted."""

from dataclasses import dataclass
from datetime import datetime

from bot.planetscale.models import Workflow
from bot.planetscale.refs import WorkflowRef
from bot.workflows.kind import Kind, kind_of
from bot.workflows.states import State, state_of
from bot.workflows.traffic import anything_switched
from bot.workflows.verification import Verdict, verification


@dataclass(frozen=True, slots=True)
class Guidance:
    """The next sensible step and the way back: a sentence each, with a command where there is one."""

    next: str | None = None
    next_command: str | None = None
    back_command: str | None = None
    back: str | None = None
    """How far the way back reaches, where it is not all of the way."""


_WAIT = {
    State.PENDING: "nothing to do, it has not started yet.",
    State.COPYING: "nothing to do until the copy is complete.",
    State.VERIFYING_DATA: "wait for the result of the verification.",
    State.COMPLETED: None,
    State.CANCELLED: None,
}


def guidance(ref: WorkflowRef, workflow: Workflow, now: datetime) -> Guidance:
    """The step that fits the state of `workflow`; nothing is offered for a state that is not known."""
    state = state_of(workflow.state)
    if state is None:
        return Guidance("nothing is offered for a state that this bot does not know. Use the dashboard.")
    if state in _WAIT:
        return Guidance(_WAIT[state])
    match state:
        case State.RUNNING | State.VERIFIED_DATA:
            return _before_the_switch(ref, workflow, now)
        case State.STOPPED | State.ERROR:
            return _after_trouble(ref, workflow)
        case State.SWITCHED_REPLICAS:
            return Guidance(
                "look at replica reads in the application, then move the writes:",
                _command("switch-traffic", ref),
                _command("reverse-traffic", ref),
            )
        case State.SWITCHED_PRIMARIES:
            return _after_the_switch(ref, workflow)
        case State.CUTOVER:
            return Guidance(
                "when all is well:",
                _command("complete", ref),
                _command("reverse-cutover", ref),
                "for the routing rules, not for the tables",
            )
        case State.REVERSED_CUTOVER:
            return Guidance("fix the application, then cut over again:", _command("cutover", ref))
        case _:
            return Guidance("wait for it to end. Nothing else should be sent meanwhile.")


def _before_the_switch(ref: WorkflowRef, workflow: Workflow, now: datetime) -> Guidance:
    verdict = verification(workflow, now).verdict
    if verdict is Verdict.CLEAN:
        return Guidance(None, _command("switch-traffic", ref, "--replicas-only"))
    if verdict is Verdict.DIFFERS:
        return Guidance(
            "do not switch. Look at the rows in the dashboard, then verify again:",
            _command("verify-data", ref),
        )
    return Guidance(None, _command("verify-data", ref))


def _after_the_switch(ref: WorkflowRef, workflow: Workflow) -> Guidance:
    back = _command("reverse-traffic", ref)
    match kind_of(workflow):
        case Kind.IMPORT:
            return Guidance(
                "when every application is connected to PlanetScale and works:",
                _command("complete", ref),
                back,
            )
        case Kind.MOVE | Kind.UNKNOWN:
            return Guidance(
                "when no application names the source keyspace any more:", _command("cutover", ref), back
            )


def _after_trouble(ref: WorkflowRef, workflow: Workflow) -> Guidance:
    if state_of(workflow.state) is State.ERROR and anything_switched(workflow):
        return Guidance("check the application now; then PlanetScale support.")
    if workflow.may_retry or workflow.may_restart or state_of(workflow.state) is State.STOPPED:
        return Guidance("find the cause, then:", _command("retry", ref))
    return Guidance("PlanetScale offers no retry. Cancel and create again, or PlanetScale support.")


def _command(action: str, ref: WorkflowRef, *flags: str) -> str:
    return " ".join(("/workflow", action, ref.database, str(ref.number), *flags))
