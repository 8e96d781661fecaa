"""`switch-traffic`: move replica reads, or writes and all reads, to the target."""

from dataclasses import replace

from bot.commands.model import ActionName
from bot.planetscale.calls import WorkflowCall
from bot.planetscale.models import Workflow
from bot.workflows.actions.model import (
    REPLICAS_ONLY,
    Action,
    Preflight,
    Touches,
    Traces,
    warns,
)
from bot.workflows.checks import switch
from bot.workflows.checks.facts import Facts, Need, target
from bot.workflows.checks.reasons import COPYING, IN_WORDS, first, it_is, still_copying
from bot.workflows.facts.kind import WorkflowKind
from bot.workflows.facts.moments import since
from bot.workflows.facts.states import State, state_of
from bot.workflows.facts.traffic import replicas_moved, writes_moved
from bot.workflows.observing.happenings import Happening
from bot.workflows.recovery import BROKEN


def allowed(facts: Facts, workflow: Workflow) -> str | None:
    """Writes, and what holds for replica reads as well."""
    state = state_of(workflow.state)
    if state in COPYING:
        return still_copying(workflow)
    if state in BROKEN:
        return f"{it_is(facts, workflow)} {first(facts, workflow)}"
    if state in IN_WORDS:
        return it_is(facts, workflow)
    if writes_moved(workflow):
        return f"Writes are on {target(workflow)} already."
    return None


def _allowed_for_replicas(facts: Facts, workflow: Workflow) -> str | None:
    reason = allowed(facts, workflow)
    if reason is None and replicas_moved(workflow):
        at = since(workflow.switch_replicas_at)
        return f"Replica reads are on {target(workflow)} already{',' if at else ''}{at}."
    return reason


def _variant(seen: Workflow | None, kind: WorkflowKind) -> Action:
    if kind is WorkflowKind.IMPORT:
        return IMPORT_PRIMARIES
    return PRIMARIES if seen is None or replicas_moved(seen) else ALL_AT_ONCE


_CHECKS = (
    switch.streams,
    switch.stopped_streams,
    switch.not_throttled,
    switch.schema_changes,
    switch.no_backup_running,
    switch.look_first,
)
_BROKE_OFF = frozenset({Happening.SWITCH_BROKE_OFF, Happening.MOVING_LONG})

REPLICAS = Action(
    name=ActionName.SWITCH_TRAFFIC,
    flags=(REPLICAS_ONLY,),
    call=WorkflowCall.SWITCH_REPLICAS,
    to_do="switch replica reads",
    variant=None,
    touches=Touches.REPLICA_READS,
    switches=True,
    goes_back=False,
    deletes=None,
    after_deletion=False,
    only_starts=False,
    starts_verification=False,
    ends_verification=False,
    flags_hold=False,
    is_heavy=False,
    heard_by_all=False,
    moves_in=(State.SWITCHING_REPLICAS,),
    # a switch of primaries that follows at once takes them along
    leads_to=frozenset({State.SWITCHING_REPLICAS, State.SWITCHED_REPLICAS, State.SWITCHING_PRIMARIES}),
    causes=frozenset({Happening.REPLICAS_SWITCHED}) | _BROKE_OFF,
    is_done=lambda read: bool(read.replicas_switched),
    preflight=Preflight(
        allowed=_allowed_for_replicas,
        checks=(switch.verified_for_replicas, *_CHECKS),
        needs=frozenset({Need.BACKUPS}),
        in_doubt=warns,
    ),
    traces=Traces(
        by="switch_replicas_by",
        at="switch_replicas_at",
        flags=(("replicas_switched", True),),
        undone=("reversed_at",),
        goes_along=True,
    ),
)
PRIMARIES = Action(
    name=ActionName.SWITCH_TRAFFIC,
    flags=(),
    call=WorkflowCall.SWITCH_PRIMARIES,
    to_do="switch primaries",
    variant=_variant,
    touches=Touches.WRITES,
    switches=True,
    goes_back=False,
    deletes=None,
    after_deletion=False,
    only_starts=False,
    starts_verification=False,
    ends_verification=False,
    flags_hold=False,
    is_heavy=True,
    heard_by_all=True,
    moves_in=(State.SWITCHING_PRIMARIES,),
    # replica reads that are not on the target yet move first
    leads_to=frozenset({State.SWITCHING_REPLICAS, State.SWITCHING_PRIMARIES, State.SWITCHED_PRIMARIES}),
    causes=frozenset({Happening.REPLICAS_SWITCHED, Happening.PRIMARIES_SWITCHED}) | _BROKE_OFF,
    is_done=lambda read: bool(read.primaries_switched) and state_of(read.state) is State.SWITCHED_PRIMARIES,
    preflight=Preflight(
        allowed=allowed,
        checks=(
            switch.replicas_first,
            switch.verified_for_writes,
            *_CHECKS,
            switch.sequences,
            switch.import_statement,
        ),
        needs=frozenset({Need.BACKUPS, Need.KEYSPACES}),
        in_doubt=warns,
    ),
    traces=Traces(
        by="switch_primaries_by",
        at="switch_primaries_at",
        flags=(("primaries_switched", True),),
        undone=("reversed_at",),
    ),
)
ALL_AT_ONCE = replace(PRIMARIES)
"""Replica reads are not switched yet: they move with the writes."""
IMPORT_PRIMARIES = replace(PRIMARIES)
"""The source is an external database, to which the bot's checks do not reach."""
