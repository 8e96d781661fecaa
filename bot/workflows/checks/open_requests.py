"""The bot's own requests that have not ended: what else is open where this one would go."""

from collections.abc import Iterable, Iterator

from bot.planetscale.calls import NewWorkflow, WorkflowCall
from bot.planetscale.models import Workflow
from bot.subjects.findings import OTHERS_WAIT, Finding, block, passed, warn
from bot.workflows.actions.registry import of_call
from bot.workflows.checks.check_words import linked
from bot.workflows.checks.facts import Facts, OpenRequest, RequestStage
from bot.workflows.facts.moments import stamp


def unsettled(others: Iterable[OpenRequest], where: str) -> Iterator[Finding]:
    """Requests that were sent and whose end is not read yet. `where` is `of shop #3` or `on main`."""
    others = tuple(others)
    sent = [other for other in others if other.stage in {RequestStage.RUNNING, RequestStage.UNKNOWN}]
    for other in sent:
        request = f"{other.who}'s {_command(other.call)} {where}"
        under_way = other.stage is RequestStage.RUNNING
        said = f"{request} is under way" if under_way else f"The outcome of {request} is not known yet"
        yield block("outcome", linked(said, other.link))
    if not sent and not any(other.stage is RequestStage.IN_DOUBT for other in others):
        yield passed("outcome", "No request is running")


def in_doubt(facts: Facts, workflow: Workflow) -> Iterator[Finding]:
    """Requests that were sent, were not seen to happen, and may still take effect.

    What deletes needs `--force` meanwhile; the end of an import, which has no such flag, waits.
    """
    weight = of_call(facts.call).preflight.in_doubt(facts.kind(workflow))
    for other in facts.others:
        if other.stage is not RequestStage.IN_DOUBT:
            continue
        request = f"{other.who}'s {_command(other.call)} of {facts.ref}"
        until = f" until {stamp(other.late_until)}" if other.late_until else ""
        said = f"The outcome of {request} is not known: it may still take effect{until}"
        yield Finding(weight, "outcome", linked(said, other.link))


def twins(others: Iterable[OpenRequest], call: WorkflowCall | NewWorkflow) -> Iterator[Finding]:
    """Requests for the very same."""
    same = [other for other in others if other.stage is RequestStage.WAITING and other.call == call]
    for other in same:
        asked = "This was asked for already" if other.own else f"{other.who} asked for the same"
        asked += f" at {stamp(other.asked_at)}"
        yield block("twin", linked(asked, other.link))
    if not same:
        yield passed("twin", "Nobody else asks for this")


def waiting(others: Iterable[OpenRequest], call: WorkflowCall) -> Iterator[Finding]:
    """Requests for something else."""
    for other in others:
        if (
            other.stage is RequestStage.WAITING
            and isinstance(other.call, WorkflowCall)
            and other.call != call
        ):
            wish = f"{other.who}'s request to {of_call(other.call).to_do} waits as well"
            yield warn(OTHERS_WAIT, linked(wish, other.link))


def _command(call: WorkflowCall | NewWorkflow) -> str:
    return of_call(None if isinstance(call, NewWorkflow) else call).name.value
