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
from bot.workflows.actions.words import (
    DONE,
    LOOK_AT_LAG,
    NOT_AGAIN,
    NOT_MEANWHILE,
    STATE,
    TRAFFIC_MOVED,
    WAY_BACK,
    WRITES_WAIT,
    After,
    Before,
    DialogWords,
    OfferedStep,
    Otherwise,
    Question,
    in_error,
    usually_seconds,
    went_back,
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

_WATCH_REPLICAS = (
    "Now: watch errors and latency of replica reads on {tables}, for a quarter of an hour at least."
)
_SUPPORT_IN_ERROR = "{keep}Check the application now; then PlanetScale support, with `{ref}` and the time."

REPLICAS = Action(
    name=ActionName.SWITCH_TRAFFIC,
    flags=(REPLICAS_ONLY,),
    call=WorkflowCall.SWITCH_REPLICAS,
    title="Switch replica reads",
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
    alone=None,
    moves_in=(State.SWITCHING_REPLICAS,),
    # a switch of primaries that follows at once takes them along
    leads_to=frozenset({State.SWITCHING_REPLICAS, State.SWITCHED_REPLICAS, State.SWITCHING_PRIMARIES}),
    causes=frozenset({Happening.REPLICAS_SWITCHED}) | _BROKE_OFF,
    told_as=Happening.REPLICAS_SWITCHED,
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
    before=Before(
        briefly="switch replica reads, {ref}",
        asks="to switch replica reads of {ref} from {source} to {target}. {need} Deletes nothing.",
        decides=(
            "Replica and read-only queries for {tables} move from {source} to {target}; writes stay. "
            "Deletes nothing.",
            WAY_BACK + ", at any time{alone}.",
        ),
        happens=(
            "Replica and read-only queries for {tables} move from {source} to {target}.",
            "Writes, and reads that do not ask for a replica, stay on {source}.",
            "Deletes nothing.",
            WAY_BACK + ", at any time{alone}.",
        ),
        look_first=LOOK_AT_LAG,
        states=(),
        dialog=DialogWords(
            title="Switch replica reads of {ref} now?",
            text="Replica and read-only queries for {n_tables} move from {source} to {target} ({where}) "
            "{moment}. Writes stay on {source}. Deletes nothing. Way back: reverse-traffic.",
            yes="Approve and switch",
        ),
        question=Question(text="Switch replica reads of {ref}?", yes="Switch replica reads"),
    ),
    meanwhile=usually_seconds(
        "switching", "⚠️ Replica reads of {tables} may be failing. Look at the application now."
    ),
    after=After(
        fact="{target} [serves] replica reads",
        stage=DONE,
        found_told=TRAFFIC_MOVED,
        card=(
            "{serving_in_doubt}",
            _WATCH_REPLICAS,
            "Next: `/workflow switch-traffic {place}` (writes)",
            WAY_BACK,
        ),
        card_if_rows_differ=(
            "{serving_in_doubt}",
            _WATCH_REPLICAS,
            "Rows differ: do not switch writes before you know why. Look at them, then verify again: "
            "`/workflow verify-data {place}`",
            WAY_BACK,
        ),
        notice="Replica reads of {ref} have been on {target} since {since}. Writes are on {source}. "
        "Way back: /workflow reverse-traffic {place}",
        next=(
            OfferedStep(label="Reverse traffic", name=ActionName.REVERSE_TRAFFIC),
            OfferedStep(label="Switch primaries", name=ActionName.SWITCH_TRAFFIC, if_clean=True),
        ),
    ),
    otherwise=Otherwise(
        unknown=(
            "Replica reads may have moved or not." + NOT_AGAIN,
            "{last_read} Reading on; nothing else is done to {ref} from here until it is known.",
        ),
        check="Check the application now: replica reads of {tables}.",
        refused=("Next: look at the lag in the dashboard, wait until it is low, ask again.",),
        broke_off=went_back(
            "{serving_reported}",
            "⚠️ Check replica reads of {tables} in the application before asking again.",
        ),
        broke_off_in_error=in_error(
            "❓ Which keyspace serves replica reads is not certain. PlanetScale reports: {reported_flags}.",
            "{said}",
            _SUPPORT_IN_ERROR,
        ),
    ),
)
PRIMARIES = Action(
    name=ActionName.SWITCH_TRAFFIC,
    flags=(),
    call=WorkflowCall.SWITCH_PRIMARIES,
    title="Switch primaries",
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
    alone="move production traffic",
    moves_in=(State.SWITCHING_PRIMARIES,),
    # replica reads that are not on the target yet move first
    leads_to=frozenset({State.SWITCHING_REPLICAS, State.SWITCHING_PRIMARIES, State.SWITCHED_PRIMARIES}),
    causes=frozenset({Happening.REPLICAS_SWITCHED, Happening.PRIMARIES_SWITCHED}) | _BROKE_OFF,
    told_as=Happening.PRIMARIES_SWITCHED,
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
    before=Before(
        briefly="switch primaries, {ref}",
        asks="to move writes of {ref} from {source} to {target}. {need} Deletes nothing, can be reversed.",
        decides=(
            "Writes, and all reads from primaries, move from {source} to {target} for {tables}. "
            "Writes wait for seconds, some may fail. Deletes nothing.",
            WAY_BACK + ", until the cutover{alone}.",
        ),
        happens=(
            "Writes, and all reads from primaries, move from {source} to {target} for {tables}."
            "{replicas_moved}",
            WRITES_WAIT,
            "Deletes nothing. Replication turns round and keeps {source} up to date.",
            WAY_BACK + ", until the cutover{alone}.",
        ),
        look_first=LOOK_AT_LAG,
        states=(),
        dialog=DialogWords(
            title="Switch primaries of {ref}: move writes to {target} now?",
            text="All queries for {tables} go from {source} to {target} ({where}) {moment}. "
            "Writes wait for seconds, some may fail. Deletes nothing. "
            "Way back until the cutover: reverse-traffic.",
            yes="Approve and switch",
        ),
        question=Question(text="Switch primaries of {ref}?", yes="Switch primaries"),
    ),
    meanwhile=usually_seconds(
        "switching", "⚠️ Writes to {tables} may be waiting or failing. Look at the application now."
    ),
    after=After(
        fact="{target} [serves] writes",
        stage=DONE,
        found_told=TRAFFIC_MOVED,
        card=(
            "{serving_in_doubt}",
            "Now: watch errors and latency, and that new rows in {first_table} get ids.",
            "Before the cutover: the application stops naming {source}, and require_explicit_routing is "
            "out of {target}'s VSchema.",
            WAY_BACK + " · replication back keeps {source} up to date",
        ),
        notice="Writes of {ref} have been on {target} since {since}. "
        "Way back, until the cutover: /workflow reverse-traffic {place}",
        next=(OfferedStep(label="Reverse traffic", name=ActionName.REVERSE_TRAFFIC),),
        explains_cutover=True,
    ),
    otherwise=Otherwise(
        unknown=("Writes may be on {source} or on {target}." + NOT_AGAIN, NOT_MEANWHILE),
        check="Check the application now: writes to {tables}.",
        refused=(
            "Check that the application can write to {tables}.",
            "Next: wait for the lag to fall or the write load to drop, then ask again.",
        ),
        broke_off=went_back(
            "{writes_read}, as PlanetScale reports it",
            "⚠️ A switch that breaks off can leave tables that refuse writes although this looks right. "
            "Check the application now.",
            "If writes fail: PlanetScale support, with `{ref}` and the time.",
        ),
        broke_off_in_error=in_error(
            "❓ Which keyspace serves writes is not certain. PlanetScale reports: {reported_flags}.",
            "{said}",
            _SUPPORT_IN_ERROR,
        ),
    ),
)
ALL_AT_ONCE = replace(
    PRIMARIES,
    before=replace(
        PRIMARIES.before,
        asks="to move all traffic of {ref} from {source} to {target}. {need} "
        "Deletes nothing, can be reversed.",
        decides=(
            "Primary, replica and read-only queries for {tables} move from {source} to {target}, "
            "all at once. Writes wait for seconds, some may fail. Deletes nothing.",
            WAY_BACK + ", until the cutover{alone}.",
        ),
        happens=(
            "Primary, replica and read-only queries for {tables} move from {source} to {target}, "
            "all at once.",
            WRITES_WAIT,
            "Deletes nothing. Replication turns round and keeps {source} up to date.",
            WAY_BACK + ", until the cutover{alone}.",
        ),
    ),
    after=replace(PRIMARIES.after, fact="{target} [serves] everything"),
)
"""Replica reads are not switched yet: they move with the writes."""
IMPORT_PRIMARIES = replace(
    PRIMARIES,
    before=replace(
        PRIMARIES.before,
        asks="to move writes of import {ref} to {target}. {need} Deletes nothing, can be reversed.",
        decides=(
            "Writes and reads are served by {target}; the external database only gets replicated changes. "
            "Writes wait for seconds, some may fail. Deletes nothing.",
            WAY_BACK + ", until it is completed{alone}.",
        ),
        happens=(
            "Writes and reads are served by {target}; the external database only gets replicated changes.",
            WRITES_WAIT,
            "Deletes nothing. Replication turns round and keeps the external database up to date.",
            WAY_BACK + ", until it is completed{alone}.",
        ),
        states=(
            STATE + "the application is connected to PlanetScale already. "
            "If it still writes to the external database, the two diverge and data is lost.",
        ),
        dialog=replace(
            PRIMARIES.before.dialog,
            text="{target} ({where}) serves writes and reads {moment}. "
            "Writes wait for seconds, some may fail. "
            "You state that the application is connected to PlanetScale. "
            "Deletes nothing. Way back until it is completed: reverse-traffic.",
        ),
    ),
    after=replace(
        PRIMARIES.after,
        card=(
            "{serving_in_doubt}",
            "Now: watch errors and latency, and that nothing writes to the external database any more.",
            "Next, when every application is connected to PlanetScale and works: "
            "`/workflow complete {place}`",
            WAY_BACK + " · replication back keeps the external database up to date",
        ),
        notice="Writes of {ref} have been on {target} since {since}. "
        "Way back, until it is completed: /workflow reverse-traffic {place}",
        explains_cutover=False,
    ),
)
"""The source is an external database."""
