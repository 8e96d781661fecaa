"""`reverse-traffic`: move traffic back to the source."""

from dataclasses import replace

from bot.commands.model import ActionName
from bot.planetscale.calls import WorkflowCall
from bot.planetscale.models import Workflow
from bot.workflows.actions.model import Action, Preflight, Touches, Traces, warns
from bot.workflows.actions.words import (
    AGAIN,
    DONE,
    NOT_AGAIN,
    NOT_MEANWHILE,
    TRAFFIC_MOVED,
    WRITES_WAIT,
    After,
    Before,
    BreakOff,
    DialogWords,
    OfferedStep,
    Otherwise,
    Question,
    in_error,
    usually_seconds,
)
from bot.workflows.checks import others
from bot.workflows.checks.facts import Facts, source
from bot.workflows.checks.reasons import CUT_OVER, it_is
from bot.workflows.facts.kind import WorkflowKind
from bot.workflows.facts.states import COPIED, State, state_of
from bot.workflows.observing.happenings import Happening
from bot.workflows.recovery import BROKEN, OnTarget, can_reverse, on_target


def allowed(facts: Facts, workflow: Workflow) -> str | None:
    """In an error nobody knows which way traffic would move."""
    state = state_of(workflow.state)
    if state in CUT_OVER:
        gone = f"{facts.ref} is cut over: the tables in {source(workflow)} are gone."
        more = "reverse-cutover restores the routing rules."
        return f"{gone} {more}" if state is State.CUTOVER else gone
    if state in {State.COMPLETED, State.CANCELLED}:
        return it_is(facts, workflow)
    if can_reverse(workflow):
        return None
    in_doubt = state in BROKEN and on_target(workflow, facts.switch_tried_at) is not OnTarget.NOTHING
    if in_doubt:
        doubt = "which keyspace serves writes is not certain. PlanetScale support."
        return f"{it_is(facts, workflow)[:-1]}: {doubt}"
    return "No traffic is switched."


def _variant(seen: Workflow | None, _: WorkflowKind) -> Action:
    only_replicas = seen is not None and seen.primaries_switched is False and seen.replicas_switched
    return REVERSE_REPLICAS if only_replicas else REVERSE_TRAFFIC


def _is_done(read: Workflow) -> bool:
    back = read.replicas_switched is False and read.primaries_switched is False
    return back and state_of(read.state) in COPIED


_DID_NOT_FINISH = "Did not finish · PlanetScale shows: {state}"
_BROKE_OFF = (
    "⚠️ A reverse that breaks off can leave tables that refuse queries on both sides. "
    "Check the application now; then PlanetScale support.",
    "{said}",
)

REVERSE_TRAFFIC = Action(
    name=ActionName.REVERSE_TRAFFIC,
    flags=(),
    call=WorkflowCall.REVERSE_TRAFFIC,
    title="Reverse traffic",
    to_do="reverse traffic",
    variant=_variant,
    touches=Touches.WRITES,
    switches=False,
    goes_back=True,
    deletes=None,
    after_deletion=False,
    only_starts=False,
    starts_verification=False,
    ends_verification=False,
    flags_hold=False,
    is_heavy=False,
    heard_by_all=True,
    alone=None,
    moves_in=(State.REVERSING_TRAFFIC, State.REVERSING_TRAFFIC_FOR_CANCEL),
    leads_to=frozenset({State.REVERSING_TRAFFIC}),
    causes=frozenset({Happening.REVERSED, Happening.MOVING_LONG}),
    told_as=Happening.REVERSED,
    is_done=_is_done,
    preflight=Preflight(
        allowed=allowed, checks=(others.replication_back,), needs=frozenset(), in_doubt=warns
    ),
    traces=Traces(
        by="reversed_by",
        at="reversed_at",
        flags=(("replicas_switched", False), ("primaries_switched", False)),
        undone=("switch_replicas_at", "switch_primaries_at"),
    ),
    before=Before(
        briefly="reverse traffic, {ref}",
        asks="to move traffic of {ref} back to {source}. {need} Deletes nothing.",
        decides=(
            "All queries for {tables} go back to {source}: primary, replica and read-only. "
            "Writes wait for seconds, some may fail. Deletes nothing.",
            "❓ Whether the replication back, which carries the writes made on {target}{since_switch}, is "
            "healthy is not read by this bot.",
        ),
        happens=(
            "All queries for {tables} go back to {source}: primary, replica and read-only.",
            WRITES_WAIT,
            "Deletes nothing. Replication back carries the writes made on {target}{since_switch}; "
            "PlanetScale waits until it has caught up.",
            "❓ Whether the replication back is healthy is not read by this bot.",
        ),
        look_first=(),
        states=(),
        dialog=DialogWords(
            title="Reverse traffic of {ref} now?",
            text="All queries for {tables} go back to {source} ({where}) {moment}. "
            "Writes wait for seconds, some may fail. Deletes nothing.",
            yes="Approve and reverse",
        ),
        question=Question(text="Reverse traffic of {ref} now?", yes="Reverse now"),
        nobody_needed=" (reversing needs none)",
    ),
    meanwhile=usually_seconds(
        "moving traffic back",
        "⚠️ Writes to {tables} may be waiting or failing. Look at the application now.",
        still="reversing",
    ),
    after=After(
        fact="{source} [serves] everything again",
        stage=DONE,
        found_told=TRAFFIC_MOVED,
        card=(
            "Replication runs forward again: {target} is kept up to date.",
            "Next: find the cause. Verify again before the next switch: `/workflow verify-data {place}`",
        ),
        notice="{source} has served everything of {ref} again since {since}. Nothing was deleted.",
        next=(OfferedStep(label="Verify data", name=ActionName.VERIFY_DATA),),
    ),
    otherwise=Otherwise(
        unknown=("Traffic may be back on {source} or still on {target}." + NOT_AGAIN, NOT_MEANWHILE),
        check="Check the application now: queries on {tables}.",
        refused=("⚠️ Check the application now: queries on {tables}.", AGAIN),
        broke_off=BreakOff(
            stage=_DID_NOT_FINISH,
            card=_BROKE_OFF,
            told="Did not finish: {briefly}. {writes_now}, as PlanetScale reports it.",
        ),
        broke_off_in_error=in_error(*_BROKE_OFF, stage=_DID_NOT_FINISH),
    ),
)
REVERSE_REPLICAS = replace(
    REVERSE_TRAFFIC,
    touches=Touches.REPLICA_READS,
    before=replace(
        REVERSE_TRAFFIC.before,
        asks="to move replica reads of {ref} back to {source}. {need} Deletes nothing.",
        decides=(
            "Replica and read-only queries for {tables} go back to {source}. Writes were never moved. "
            "Deletes nothing.",
        ),
        happens=(
            "Replica and read-only queries for {tables} go back to {source}. Writes were never moved.",
            "Deletes nothing.",
        ),
        dialog=replace(
            REVERSE_TRAFFIC.before.dialog,
            text="Replica and read-only queries for {tables} go back to {source} ({where}) {moment}. "
            "Writes were never moved. Deletes nothing.",
        ),
    ),
    meanwhile=usually_seconds(
        "moving traffic back",
        "⚠️ Replica reads of {tables} may be failing. Look at the application now.",
        still="reversing",
    ),
    after=replace(
        REVERSE_TRAFFIC.after,
        card=(
            "Replication runs forward: {target} is kept up to date.",
            "Next: find the cause. Verify again before the next switch: `/workflow verify-data {place}`",
        ),
    ),
)
"""Only replica reads were switched: writes never moved."""
