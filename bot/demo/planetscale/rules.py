"""What is allowed when, and what it leads through. Source: the public workflow state reference."""

from dataclasses import dataclass

from bot.demo.planetscale.world import Mutation, State, Workflow

COPIED = frozenset({State.RUNNING, State.VERIFIED_DATA})
SWITCHED = frozenset({State.SWITCHED_REPLICAS, State.SWITCHED_PRIMARIES})
BROKEN = frozenset({State.ERROR, State.STOPPED})


class NotAllowedError(Exception):
    """The state does not allow it. The text is what the API answers."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One mutation: from where, through which state (its own, if none), to where, in how many seconds."""

    legal: frozenset[State]
    via: State | None
    to: State
    stamp: str
    """Its evidence: the fields `{stamp}_at` and `{stamp}_by`, where they exist."""
    seconds: float
    refusal: str


RULES = {
    Mutation.VERIFY_DATA: Rule(
        COPIED,
        State.VERIFYING_DATA,
        State.VERIFIED_DATA,
        "verify_data",
        0.0,  # it depends on the rows: `Workflow.verify_seconds`
        "cannot verify data of workflow {name} while it is {state}",
    ),
    Mutation.SWITCH_REPLICAS: Rule(
        COPIED,
        State.SWITCHING_REPLICAS,
        State.SWITCHED_REPLICAS,
        "switch_replicas",
        14.0,
        "cannot switch replica traffic for workflow {name} at this time: it is {state}",
    ),
    Mutation.SWITCH_PRIMARIES: Rule(
        COPIED | {State.SWITCHED_REPLICAS},
        State.SWITCHING_PRIMARIES,
        State.SWITCHED_PRIMARIES,
        "switch_primaries",
        9.0,
        "cannot switch primary traffic for workflow {name} at this time: it is {state}",
    ),
    Mutation.REVERSE_TRAFFIC: Rule(
        SWITCHED,
        State.REVERSING_TRAFFIC,
        State.RUNNING,
        "reversed",
        8.0,
        "cannot reverse traffic for workflow {name}: no traffic can be reversed while it is {state}",
    ),
    Mutation.CUTOVER: Rule(
        frozenset({State.SWITCHED_PRIMARIES, State.REVERSED_CUTOVER}),
        State.CUTTING_OVER,
        State.CUTOVER,
        "cutover",
        41.0,
        "cannot cut over workflow {name}: not all read and write traffic is switched (it is {state})",
    ),
    Mutation.REVERSE_CUTOVER: Rule(
        frozenset({State.CUTOVER}),
        None,
        State.REVERSED_CUTOVER,
        "reversed_cutover",
        6.0,
        "cannot reverse the cutover of workflow {name} while it is {state}",
    ),
    Mutation.COMPLETE: Rule(
        frozenset({State.CUTOVER, State.REVERSED_CUTOVER}),
        None,
        State.COMPLETED,
        "completed",
        2.0,
        "cannot complete workflow {name} while it is {state}",
    ),
    Mutation.RETRY: Rule(
        BROKEN,
        None,
        State.COPYING,
        "retried",
        0.0,
        "cannot retry workflow {name} while it is {state}",
    ),
    Mutation.CANCEL: Rule(
        COPIED | SWITCHED | BROKEN | {State.PENDING, State.COPYING, State.VERIFYING_DATA},
        State.CANCELLING,
        State.CANCELLED,
        "cancelled",
        38.0,
        "cannot cancel workflow {name} while it is {state}",
    ),
}
Pace = dict[Mutation, float]


def usual_pace() -> Pace:
    """How many seconds each mutation takes once it is accepted."""
    return {mutation: rule.seconds for mutation, rule in RULES.items()}


def check(workflow: Workflow, mutation: Mutation) -> None:
    """Raise `NotAllowedError` where the state does not allow `mutation`."""
    rule = RULES[mutation]
    legal = rule.legal
    if workflow.imported and mutation in {Mutation.COMPLETE, Mutation.CUTOVER}:
        legal = frozenset({State.SWITCHED_PRIMARIES}) if mutation is Mutation.COMPLETE else frozenset()
    if workflow.course and not (mutation is Mutation.CANCEL and workflow.state is State.VERIFYING_DATA):
        msg = f"workflow {workflow.name} is busy: {workflow.course.mutation} is in progress"
        raise NotAllowedError(msg)
    hopeless = mutation is Mutation.RETRY and not (workflow.may_retry or workflow.may_restart)
    if workflow.state not in legal or hopeless:
        raise NotAllowedError(rule.refusal.format(name=workflow.name, state=workflow.state))
