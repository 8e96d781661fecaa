"""`cutover`: delete the moved tables from the source, and the routing rules."""

from dataclasses import replace

from bot.commands.model import ActionName
from bot.planetscale.calls import WorkflowCall
from bot.planetscale.models import Workflow
from bot.workflows.actions import switch_traffic
from bot.workflows.actions.model import Action, Preflight, Touches, Traces, needs_force
from bot.workflows.actions.words import (
    AGAIN,
    NOT_AGAIN,
    NOT_MEANWHILE,
    STATE,
    After,
    Before,
    BreakOff,
    DialogWords,
    OfferedStep,
    Otherwise,
    Question,
    usually_seconds,
)
from bot.workflows.checks import cutover_checks as checks
from bot.workflows.checks.facts import Facts, Need, source
from bot.workflows.checks.reasons import IN_WORDS, it_is
from bot.workflows.facts.deletion import What
from bot.workflows.facts.kind import WorkflowKind
from bot.workflows.facts.states import State, state_of
from bot.workflows.facts.traffic import writes_moved
from bot.workflows.observing.happenings import Happening


def _allowed(facts: Facts, workflow: Workflow) -> str | None:
    """Once writes are on the target, and once more after the routing rules were restored."""
    state = state_of(workflow.state)
    if state is State.REVERSED_CUTOVER:
        return None
    if state in IN_WORDS and state is not State.STOPPED:
        return it_is(facts, workflow)
    if workflow.primaries_switched is False or not writes_moved(workflow):
        first = " Switch first." if switch_traffic.allowed(facts, workflow) is None else ""
        return f"Writes are still on {source(workflow)}.{first}"
    if state is not State.SWITCHED_PRIMARIES:
        return it_is(facts, workflow)
    if workflow.replicas_switched is False:
        return f"Replica reads are still on {source(workflow)} although writes moved. PlanetScale support."
    return None


def _variant(seen: Workflow | None, _: WorkflowKind) -> Action:
    again = seen is not None and state_of(seen.state) is State.REVERSED_CUTOVER
    return CUTOVER_AGAIN if again else CUTOVER


_NAMES_NO_SOURCE = (
    STATE + "the application no longer names {source} for these tables "
    "(it uses @primary, @replica or no database name)"
)
_MAY_BE_FAILING = "⚠️ Queries on {tables} may be failing. Look at the application now."
_BROKE_OFF = (
    "⚠️ Part of it may have happened: tables may be gone from {source}. Do not reverse traffic.",
    "{said}",
    "{writes_now}, as PlanetScale reports it. Check the application; then PlanetScale support.",
)
_BROKE_OFF_TOLD = "Broke off: {briefly}. Part of it may have happened. Do not reverse traffic."

CUTOVER = Action(
    name=ActionName.CUTOVER,
    flags=(),
    call=WorkflowCall.CUTOVER,
    title="Cut over",
    to_do="cut over",
    variant=_variant,
    touches=Touches.ROUTING_RULES,
    switches=False,
    goes_back=False,
    deletes=What.SOURCE_TABLES,
    after_deletion=True,
    only_starts=False,
    starts_verification=False,
    ends_verification=False,
    flags_hold=True,
    is_heavy=True,
    heard_by_all=True,
    alone="delete the source tables for good",
    moves_in=(State.CUTTING_OVER,),
    leads_to=frozenset({State.CUTTING_OVER, State.CUTOVER}),
    causes=frozenset({Happening.CUT_OVER, Happening.MOVING_LONG}),
    told_as=Happening.CUT_OVER,
    is_done=lambda read: state_of(read.state) is State.CUTOVER,
    preflight=Preflight(
        allowed=_allowed,
        checks=(
            checks.not_an_import,
            checks.tables_named(What.SOURCE_TABLES),
            checks.soaked,
            checks.explicit_routing,
            checks.backed_up,
            checks.not_forced,
            checks.statements,
        ),
        needs=frozenset({Need.KEYSPACES, Need.VSCHEMA, Need.BACKUPS}),
        in_doubt=needs_force,
    ),
    traces=Traces(by="cutover_by", at="cutover_at"),
    before=Before(
        briefly="cut over, {ref}",
        asks="to cut over {ref}: DELETES {listed} from the keyspace {source} for good. {need}",
        decides=(
            "⛔ Deletes {the_tables}, with all rows, from {source} for good. "
            "Queries that still name {source} for {them} fail from then on.",
            "↩️ No way back for the tables: reverse-cutover only restores the routing rules. "
            "What is left is backups (last one: {backup}).",
        ),
        happens=(
            "⛔ Deletes {the_tables}, with all rows, from {source}. {they} cannot be brought back.",
            "Ends replication between {source} and {target} and removes the routing rules: a query that "
            "still names {source} for these tables fails from then on.",
            "↩️ No way back for the tables. reverse-cutover only restores the routing rules. "
            "What is left of the old tables is backups (last one: {backup}).",
        ),
        look_first=(),
        states=(_NAMES_NO_SOURCE, STATE + "errors and latency have been looked at since the switch"),
        dialog=DialogWords(
            title="Cut over {ref}: delete {n_tables} from {source}?",
            text="{tables} {are} deleted from {source} ({where}) {moment}. Nobody can bring {them} back. "
            "You state that the application no longer names {source} for {them} and that you looked at "
            "errors since the switch.",
            yes="Approve and delete",
        ),
        question=Question(text="Cut over {ref}?", yes="Delete and cut over"),
    ),
    meanwhile=usually_seconds(
        "cutting over", _MAY_BE_FAILING, stage_ends=" · tables are being deleted from {source}"
    ),
    after=After(
        fact="{tables} {are} deleted from {source}",
        stage="Cut over{took} · {fact} (read back {cut_over_second})",
        card=(
            "{serving} · routing rules are removed",
            "Now: look for “table not found” on {tables}.",
            "If there are any: restore the routing rules (not the tables), then fix the application.",
            "When all is well: `/workflow complete {place}`. Until then {branch} can have no other workflow.",
        ),
        notice="{ref} is cut over: {listed} {are} deleted from the keyspace {source}. "
        "If queries fail: /workflow reverse-cutover {place}",
        next=(
            OfferedStep(
                label="Application has errors: restore routing rules", name=ActionName.REVERSE_CUTOVER
            ),
            OfferedStep(label="Complete", name=ActionName.COMPLETE),
        ),
    ),
    otherwise=Otherwise(
        unknown=(
            "Tables may be deleted, partly deleted or still there." + NOT_AGAIN,
            "{last_read} Do not reverse traffic until this is known; it is refused from here.",
        ),
        check="Check the application now: queries on {tables}.",
        refused=(
            "As PlanetScale reports it nothing was deleted. reverse-traffic may still be possible.",
            AGAIN,
        ),
        broke_off=BreakOff(
            stage="Broke off · {so_far}it went back at {ended_second}",
            card=_BROKE_OFF,
            told=_BROKE_OFF_TOLD,
        ),
        broke_off_in_error=BreakOff(
            stage="Broke off · {so_far}{ref} in error since {ended_second}",
            card=_BROKE_OFF,
            told=_BROKE_OFF_TOLD,
        ),
        kept="Both keyspaces still have the tables · {writes_seen} · reverse-traffic is still possible",
    ),
)
CUTOVER_AGAIN = replace(
    CUTOVER,
    deletes=None,
    is_heavy=False,
    preflight=replace(
        CUTOVER.preflight, checks=(checks.not_an_import, checks.explicit_routing, checks.statements)
    ),
    before=Before(
        briefly=CUTOVER.before.briefly,
        asks="to cut over {ref} again: removes the routing rules, deletes nothing more. {need}",
        decides=(
            "Removes the routing rules again: queries that still name {source} for these tables fail from "
            "then on. Deletes nothing more: the tables left {source}{cut_over}.",
            "↩️ Way back: `/workflow reverse-cutover {place}` restores the rules{alone}.",
        ),
        happens=(
            "Deletes nothing more: the tables left {source}{cut_over}.",
            "Removes the routing rules again: a query that still names {source} for these tables fails from "
            "then on.",
            "↩️ Way back: `/workflow reverse-cutover {place}` restores them{alone}.",
        ),
        look_first=(),
        states=(_NAMES_NO_SOURCE,),
        dialog=DialogWords(
            title="Cut over {ref} again?",
            text="The routing rules ({where}) are removed {moment}: queries that still name {source} fail. "
            "You state that the application no longer does. Deletes nothing more. "
            "Way back: reverse-cutover.",
            yes="Approve and cut over",
        ),
        question=Question(text="Cut over {ref} again?", yes="Cut over"),
    ),
    meanwhile=usually_seconds("cutting over", _MAY_BE_FAILING),
    after=replace(
        CUTOVER.after,
        fact="the routing rules [are] removed again",
        stage="Cut over{took} · {fact} ({cut_over_second})",
        notice="{ref} is cut over again: the routing rules are removed. "
        "If queries fail: /workflow reverse-cutover {place}",
    ),
    otherwise=replace(
        CUTOVER.otherwise,
        unknown=("The routing rules may be removed or still there." + NOT_AGAIN, NOT_MEANWHILE),
        refused=("As PlanetScale reports it the routing rules are still there.", AGAIN),
        kept="{writes_seen} · the routing rules stay restored",
    ),
)
"""After the routing rules were restored: the tables are gone already, so nothing has to be waited for."""
