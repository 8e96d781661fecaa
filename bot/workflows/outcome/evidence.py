"""What a later snapshot of a workflow says about one action, field by field, beside the snapshot before it.

Evidence is only ever compared with the earlier snapshot, never with a clock: PlanetScale's time and the bot's
are not the same. `updated_at` proves nothing and is not looked at. Whether PlanetScale sets a time when it
takes an action or when it has done it is not documented: a changed time proves *taken*, no more.
"""

from dataclasses import dataclass
from datetime import datetime

from bot.planetscale.calls import WorkflowCall
from bot.planetscale.models import Actor, Workflow

SOMEBODY_ELSE = "somebody else"


@dataclass(frozen=True, slots=True)
class Fields:
    """Where an action leaves its traces: names of fields of `Workflow`."""

    by: str
    """Who did it, as PlanetScale names them."""
    at: str | None = None
    """When. `None` where PlanetScale keeps no time: then `by` is the evidence."""
    flags: tuple[tuple[str, bool], ...] = ()
    """Flags, and the value that each has once the action is done."""
    undone: tuple[str, ...] = ()
    """Times that change when somebody takes the action back."""


FIELDS = {
    WorkflowCall.VERIFY_DATA: Fields("verify_data_by", "verify_data_at"),
    WorkflowCall.SWITCH_REPLICAS: Fields(
        "switch_replicas_by",
        "switch_replicas_at",
        flags=(("replicas_switched", True),),
        undone=("reversed_at",),
    ),
    WorkflowCall.SWITCH_PRIMARIES: Fields(
        "switch_primaries_by",
        "switch_primaries_at",
        flags=(("primaries_switched", True),),
        undone=("reversed_at",),
    ),
    WorkflowCall.REVERSE_TRAFFIC: Fields(
        "reversed_by",
        "reversed_at",
        flags=(("replicas_switched", False), ("primaries_switched", False)),
        undone=("switch_replicas_at", "switch_primaries_at"),
    ),
    WorkflowCall.CUTOVER: Fields("cutover_by", "cutover_at"),
    WorkflowCall.REVERSE_CUTOVER: Fields("reversed_cutover_by", undone=("cutover_at",)),
    WorkflowCall.COMPLETE: Fields("completed_by", "completed_at"),
    WorkflowCall.RETRY: Fields("retried_by", "retried_at"),
    WorkflowCall.CANCEL: Fields("cancelled_by", "cancelled_at"),
}


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


def evidence(call: WorkflowCall, before: Workflow, after: Workflow, own: Actor | None) -> Evidence:
    """What `after` shows of `call` that `before` did not. `own` is the account of the bot's token."""
    fields = FIELDS[call]
    who_before, who = _actor(before, fields.by), _actor(after, fields.by)
    new_actor = who is not None and (who_before is None or are_same(who_before, who) is False)
    if fields.at is None:
        taken, lost = new_actor, who is None and who_before is not None
    else:
        taken = _later(before, after, fields.at)
        lost = not taken and _moment(before, fields.at) != _moment(after, fields.at)
    if call is WorkflowCall.VERIFY_DATA:
        taken = taken or _another_verification(before, after)
    return Evidence(
        taken=taken,
        flagged=any(
            getattr(after, flag) is value and getattr(before, flag) is (not value)
            for flag, value in fields.flags
        ),
        lost=lost and not taken,
        undone=any(_later(before, after, field) for field in fields.undone),
        taken_along=call is WorkflowCall.SWITCH_REPLICAS and _with_primaries(before, after),
        done_by=_other(who, own) if taken or new_actor else None,
    )


def are_same(one: Actor, other: Actor) -> bool | None:
    """Whether two actors are the same account; `None` where they have nothing that could be compared."""
    if one.id is not None and other.id is not None:
        return one.id == other.id
    if one.display_name is not None and other.display_name is not None:
        return one.display_name == other.display_name
    return None


def _other(who: Actor | None, own: Actor | None) -> str | None:
    if who is None or own is None or are_same(who, own) is not False:
        return None
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
