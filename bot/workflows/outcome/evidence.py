"""What a later snapshot of a workflow says about one action, field by field, beside the snapshot before it.

Evidence is only ever compared with the earlier snapshot, never with a clock: PlanetScale's time and the bot's
are not the same. `updated_at` proves nothing and is not looked at. Whether PlanetScale sets a time when it
takes an action or when it has done it is not documented: a changed time proves *taken*, no more.
"""

from dataclasses import dataclass
from datetime import datetime

from bot.planetscale.calls import WorkflowCall
from bot.planetscale.models import Actor, Workflow
from bot.workflows.actions.registry import of_call

SOMEBODY_ELSE = "somebody else"


@dataclass(frozen=True, slots=True)
class Evidence:
    """How the evidence of an action differs from the snapshot before it."""

    taken: bool = False
    """The evidence field is new: PlanetScale took an action of this kind."""
    flagged: bool = False
    """A flag has the value that the action gives it, and had the other one before."""
    lost: bool = False
    """The evidence went backwards or is gone, which proves nothing but that something is strange."""
    undone: bool = False
    """There is a newer time of what takes the action back."""
    taken_along: bool = False
    """Replica reads moved with a switch of primaries, or after it: no trace of a switch of their own."""
    done_by: str | None = None
    """Who else did it, where PlanetScale names somebody other than the bot's own account."""

    @property
    def same(self) -> bool:
        """Whether everything is as it was before."""
        return not (self.taken or self.flagged or self.lost)


def named_for(call: WorkflowCall, before: Workflow, after: Workflow) -> Actor | None:
    """Whom PlanetScale names for an action that was sent, if it did not name them for it before."""
    who_before, who = doer(call, before), doer(call, after)
    return who if who is not None and (who_before is None or are_same(who_before, who) is False) else None


def doer(call: WorkflowCall, workflow: Workflow) -> Actor | None:
    """Whom PlanetScale names for the last action of this kind."""
    return _actor(workflow, of_call(call).traces.by)


def evidence(call: WorkflowCall, before: Workflow, after: Workflow, own: Actor | None) -> Evidence:
    """What `after` shows of `call` that `before` did not. `own` is the account of the bot's token."""
    traces = of_call(call).traces
    who_before, who = doer(call, before), doer(call, after)
    new_actor = named_for(call, before, after) is not None
    if traces.at is None:
        taken, lost = new_actor, who is None and who_before is not None
    else:
        taken = _later(before, after, traces.at)
        lost = not taken and _moment(before, traces.at) != _moment(after, traces.at)
    done_by = somebody_else(who, own) if taken or new_actor else None
    if traces.new_report:
        taken = taken or _another_verification(before, after)
    return Evidence(
        taken=taken,
        flagged=any(
            getattr(after, flag) is value and getattr(before, flag) is (not value)
            for flag, value in traces.flags
        ),
        lost=lost and not taken,
        undone=any(_later(before, after, field) for field in traces.undone),
        taken_along=traces.goes_along and _with_primaries(before, after),
        done_by=done_by,
    )


def are_same(one: Actor, other: Actor) -> bool | None:
    """Whether two actors are the same account; `None` where they have nothing that could be compared."""
    if one.id is not None and other.id is not None:
        return one.id == other.id
    if one.display_name is not None and other.display_name is not None:
        return one.display_name == other.display_name
    return None


def somebody_else(who: Actor | None, own: Actor | None) -> str | None:
    """PlanetScale's name for `who`, if that is certainly not `own`, the account of the bot's token.

    Two accounts of one name are not told apart: a token that is renewed often keeps its name, and nobody who
    reads "done by workflow-bot" would think of another one.
    """
    if who is None or own is None or are_same(who, own) is not False:
        return None
    return None if who.display_name and who.display_name == own.display_name else _called(who)


def _called(who: Actor) -> str:
    return who.display_name or SOMEBODY_ELSE


def _another_verification(before: Workflow, after: Workflow) -> bool:
    """A report that was not there before; one that `before` just did not carry is not another one."""
    if after.vdiff is None or after.vdiff.id is None:
        return False
    if before.vdiff is None:
        return before.verify_data_at is None
    return before.vdiff.id is not None and after.vdiff.id != before.vdiff.id


def _with_primaries(before: Workflow, after: Workflow) -> bool:
    """Whether primaries were switched since, and replica reads not before them."""
    if not _later(before, after, "switch_primaries_at"):
        return False
    replicas, primaries = after.switch_replicas_at, after.switch_primaries_at
    first = replicas is not None and primaries is not None and replicas < primaries
    return not (first and _later(before, after, "switch_replicas_at"))


def _later(before: Workflow, after: Workflow, field: str) -> bool:
    then, since = _moment(before, field), _moment(after, field)
    return since is not None and (then is None or since > then)


def _moment(workflow: Workflow, field: str) -> datetime | None:
    moment: datetime | None = getattr(workflow, field)
    return moment


def _actor(workflow: Workflow, field: str) -> Actor | None:
    actor: Actor | None = getattr(workflow, field)
    return actor
