"""What a careful operator would do next, and the way back. Commands are complete and can be pasted."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from bot.planetscale.models import Workflow
from bot.planetscale.refs import WorkflowRef
from bot.workflows.checks.allowed import Allowed
from bot.workflows.checks.check_words import names
from bot.workflows.checks.facts import source, target
from bot.workflows.facts.kind import WorkflowKind, kind_of
from bot.workflows.facts.schema_changes import schema_change
from bot.workflows.facts.states import State, state_of
from bot.workflows.facts.verification import DataVerdict, verification
from bot.workflows.recovery import Step, can_reverse, recovery


@dataclass(frozen=True, slots=True)
class Guidance:
    """The next sensible step and the way back: a sentence each, with a command where there is one."""

    next: str | None = None
    next_command: str | None = None
    back_command: str | None = None
    back: str | None = None
    """How far the way back reaches, where it is not all of the way."""
    first: tuple[str, ...] = ()
    """Sentences to read before the next step is taken: what it deletes, what it needs."""
    weighty: bool = False
    """The next step is for good, or needs what no API knows: not to be offered without all that is said."""


_WAIT = {
    State.PENDING: "nothing to do, it has not started yet.",
    State.COPYING: "nothing to do until the copy is complete.",
    State.VERIFYING_DATA: "wait for the result of the verification.",
    State.COMPLETED: None,
    State.CANCELLED: None,
}
_IF_IMPORT: Final = (
    "❓ Whether this is an import is not known. If it is, the application must be connected to PlanetScale "
    "already."
)
_SPLIT: Final = "If it still writes to the external database, the two diverge and data is lost."
_IMPORT_ENDS: Final = (
    "⛔ complete stops replication back to the external database, closes the connection and removes its "
    "credentials. It cannot be opened again."
)
_CONTRADICTS: Final = (
    "look again in a minute: the state and the flags that PlanetScale reports do not fit together. "
    "If it stays so: PlanetScale support."
)


def guidance(
    ref: WorkflowRef,
    workflow: Workflow,
    now: datetime,
    kind: WorkflowKind | None = None,
    switch_tried_at: datetime | None = None,
) -> Guidance:
    """The step that fits the state of `workflow`; nothing is offered for a state that is not known.

    `kind` is what the source keyspace says of it, if that was read; else the workflow's own word counts.
    `switch_tried_at`: when the bot last sent a switch, whatever came of it.
    """
    kind = kind or kind_of(workflow)
    found = _guidance(ref, workflow, now, kind, switch_tried_at)
    allowed = Allowed(ref, workflow, now, kind, switch_tried_at)
    back = found.back_command if allowed.text(found.back_command or "") else None
    if allowed.text(found.next_command or "") and back == found.back_command:
        return found
    return Guidance(_CONTRADICTS, back_command=back)


def _guidance(
    ref: WorkflowRef, workflow: Workflow, now: datetime, kind: WorkflowKind, switch_tried_at: datetime | None
) -> Guidance:
    state = state_of(workflow.state)
    if state is None:
        return Guidance(
            "nothing is offered for a state that this bot does not know. "
            "Look at the dashboard, and act with pscale."
        )
    if state in _WAIT:
        return Guidance(_WAIT[state])
    match state:
        case State.RUNNING | State.VERIFIED_DATA:
            return _before_the_switch(ref, workflow, now, kind)
        case State.STOPPED | State.ERROR:
            return _after_trouble(ref, workflow, switch_tried_at)
        case State.SWITCHED_REPLICAS:
            return Guidance(
                "look at replica reads in the application, then move the writes:",
                _command("switch-traffic", ref),
                _command("reverse-traffic", ref),
                first=_connected(kind),
                weighty=kind is not WorkflowKind.MOVE,
            )
        case State.SWITCHED_PRIMARIES:
            return _after_the_switch(ref, workflow, kind)
        case State.CUTOVER:
            return Guidance(
                "when all is well:",
                _command("complete", ref),
                _command("reverse-cutover", ref),
                "for the routing rules, not for the tables",
                weighty=True,
            )
        case State.REVERSED_CUTOVER:
            again = "fix the application, then cut over again, which deletes nothing more:"
            return Guidance(again, _command("cutover", ref))
        case _:
            return Guidance("wait for it to end. Nothing else should be sent meanwhile.")


def _before_the_switch(ref: WorkflowRef, workflow: Workflow, now: datetime, kind: WorkflowKind) -> Guidance:
    verdict = verification(workflow, now).verdict
    if verdict is DataVerdict.CLEAN:
        replicas_first = _command("switch-traffic", ref, "--replicas-only")
        return Guidance(None, replicas_first, first=_connected(kind), weighty=kind is not WorkflowKind.MOVE)
    if verdict is DataVerdict.DIFFERS:
        return Guidance(
            "do not switch. Look at the rows in the dashboard, then verify again:",
            _command("verify-data", ref),
        )
    return Guidance(None, _command("verify-data", ref))


def _connected(kind: WorkflowKind) -> tuple[str, ...]:
    """What an import needs before traffic is switched, and no API knows."""
    match kind:
        case WorkflowKind.IMPORT:
            return (f"⚠️ The application must be connected to PlanetScale already. {_SPLIT}",)
        case WorkflowKind.UNKNOWN:
            return (_IF_IMPORT,)
        case WorkflowKind.MOVE:
            return ()


def _after_the_switch(ref: WorkflowRef, workflow: Workflow, kind: WorkflowKind) -> Guidance:
    back = _command("reverse-traffic", ref)
    deletes = f"cutover deletes {_tables(workflow)} from {source(workflow)}"
    needs = (
        f"the application stops naming {source(workflow)}, and require_explicit_routing is out of "
        f"{target(workflow)}'s VSchema."
    )
    match kind:
        case WorkflowKind.IMPORT:
            return Guidance(
                "when every application is connected to PlanetScale and works:",
                _command("complete", ref),
                back,
                first=(_IMPORT_ENDS,),
                weighty=True,
            )
        case WorkflowKind.MOVE:
            return Guidance(
                "when that is so:",
                _command("cutover", ref),
                back,
                first=(f"⛔ {deletes}, for good.", f"Before the cutover: {needs}"),
                weighty=True,
            )
        case WorkflowKind.UNKNOWN:
            return Guidance(
                "find out which it is; both ends are for good.",
                back_command=back,
                first=(
                    f"⛔ Is it a move? {deletes}, for good.",
                    "Is it an import? It ends with complete, not with a cutover.",
                ),
            )


def _after_trouble(ref: WorkflowRef, workflow: Workflow, switch_tried_at: datetime | None) -> Guidance:
    found = recovery(workflow, switch_tried_at)
    back = _command("reverse-traffic", ref) if can_reverse(workflow) else None
    first = tuple(filter(None, (found.warning(target(workflow)),)))
    if found.step is not Step.RETRY:
        advice = found.instead("go back" if back else "")
        return Guidance(f"{advice[:1].lower()}{advice[1:]}", back_command=back, first=first)
    find = "find the cause"
    if schema_change(workflow):
        both = f"{source(workflow)} and {target(workflow)}"
        find = f"compare {_tables(workflow)} in {both}"
    return Guidance(f"{find}, then retry:", _command("retry", ref), back, first=(*first, found.on_retry))


def _tables(workflow: Workflow) -> str:
    return names([table.name for table in workflow.tables or ()]) or "the moved tables"


def _command(action: str, ref: WorkflowRef, *flags: str) -> str:
    return " ".join(("/workflow", action, ref.database, str(ref.number), *flags))
