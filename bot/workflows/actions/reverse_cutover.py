"""`reverse-cutover`: restore the routing rules after a cutover. The tables stay deleted."""

from bot.commands.model import ActionName
from bot.planetscale.calls import WorkflowCall
from bot.planetscale.models import Workflow
from bot.workflows.actions.model import Action, Preflight, Touches, Traces, warns
from bot.workflows.actions.words import (
    AGAIN,
    DONE,
    NOT_AGAIN,
    NOT_MEANWHILE,
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
from bot.workflows.checks.facts import Facts
from bot.workflows.facts.moments import since
from bot.workflows.facts.states import State, state_of
from bot.workflows.observing.happenings import Happening


def _allowed(facts: Facts, workflow: Workflow) -> str | None:
    """Between the cutover and the end."""
    match state_of(workflow.state):
        case State.CUTOVER:
            return None
        case State.COMPLETED:
            instead = "the routing rules cannot be restored. Point the application at @primary."
            return f"{facts.ref} is completed: {instead}"
        case State.REVERSED_CUTOVER:
            at = since(facts.state_since)
            return f"The routing rules are back already{',' if at else ''}{at}."
        case _:
            return f"{facts.ref} is not cut over."


_CHECK_QUERIES = "⚠️ Check the application: queries that name {source} for {tables}."

REVERSE_CUTOVER = Action(
    name=ActionName.REVERSE_CUTOVER,
    flags=(),
    call=WorkflowCall.REVERSE_CUTOVER,
    title="Restore routing rules",
    to_do="restore the routing rules",
    variant=None,
    touches=Touches.ROUTING_RULES,
    switches=False,
    goes_back=True,
    deletes=None,
    after_deletion=True,
    only_starts=False,
    starts_verification=False,
    ends_verification=False,
    flags_hold=False,
    is_heavy=False,
    heard_by_all=True,
    alone=None,
    moves_in=(),
    leads_to=frozenset({State.REVERSED_CUTOVER}),
    causes=frozenset({Happening.RULES_RESTORED}),
    told_as=Happening.RULES_RESTORED,
    is_done=lambda read: state_of(read.state) is State.REVERSED_CUTOVER,
    preflight=Preflight(allowed=_allowed, checks=(), needs=frozenset(), in_doubt=warns),
    traces=Traces(by="reversed_cutover_by", at=None, undone=("cutover_at",)),
    before=Before(
        briefly="restore routing rules, {ref}",
        asks="to restore the routing rules of {ref}. {need} Deletes nothing.",
        decides=(
            "Queries that still name {source} for {tables} are routed to {target} again. Deletes nothing.",
            "It does not bring back the tables in {source}: they were deleted{cut_over}. "
            "Way on: cut over again when the application no longer names {source}.",
        ),
        happens=(
            "Queries that still name {source} for {tables} are routed to {target} again.",
            "It does not bring back the tables in {source}: they were deleted{cut_over}. "
            "All data stays in {target}.",
            "Deletes nothing. Buys time to change the application.",
            "Way on: cut over again when the application no longer names {source}.",
        ),
        look_first=(),
        states=(),
        dialog=DialogWords(
            title="Restore the routing rules of {ref}?",
            text="Queries that still name {source} are routed to {target} again ({where}) {moment}. "
            "Deletes nothing, and does not bring back the tables.",
            yes="Approve and restore",
        ),
        question=Question(text="Restore the routing rules of {ref}?", yes="Restore routing rules"),
    ),
    meanwhile=usually_seconds(
        "restoring the routing rules",
        "⚠️ Queries that name {source} for {tables} may be failing. Look at the application now.",
    ),
    after=After(
        fact="routing rules [are] back",
        stage=DONE,
        card=(
            "{serving}",
            "Now: point the application at @primary / @replica or leave the database name out.",
            "Next: `/workflow cutover {place}` again, then `complete`.",
        ),
        notice="Routing rules of {ref} are back. Writes: {target}. The tables in {source} stay deleted.",
        next=(OfferedStep(label="Cut over again", name=ActionName.CUTOVER),),
    ),
    otherwise=Otherwise(
        unknown=("The routing rules may be restored or not." + NOT_AGAIN, NOT_MEANWHILE),
        check="Check the application now: queries that name {source} for {tables}.",
        refused=("Check the application: queries that name {source} for {tables}.", AGAIN),
        broke_off=went_back("{serving}", _CHECK_QUERIES, "{said}"),
        broke_off_in_error=in_error("{serving}", _CHECK_QUERIES, "{said}"),
    ),
)
