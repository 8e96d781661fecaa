"""`complete`: end the workflow, and with it the last way back. An import is completed without a cutover."""

from dataclasses import replace

from bot.commands.model import ActionName
from bot.planetscale.calls import WorkflowCall
from bot.planetscale.models import Workflow
from bot.subjects.findings import Level
from bot.workflows.actions.model import Action, Preflight, Touches, Traces
from bot.workflows.actions.words import (
    AGAIN,
    LOOK,
    STATE,
    After,
    Before,
    DialogWords,
    Otherwise,
    Question,
    in_error,
    usually_seconds,
    went_back,
)
from bot.workflows.checks import others
from bot.workflows.checks.facts import Facts, Need
from bot.workflows.checks.reasons import IN_WORDS, it_is
from bot.workflows.facts.kind import WorkflowKind
from bot.workflows.facts.moments import since
from bot.workflows.facts.states import State, state_of
from bot.workflows.facts.traffic import writes_moved
from bot.workflows.observing.happenings import Happening


def _allowed(facts: Facts, workflow: Workflow) -> str | None:
    """After the cutover; of an import once writes are on the target."""
    state = state_of(workflow.state)
    imported = facts.kind(workflow) is WorkflowKind.IMPORT
    if state is State.CUTOVER or (imported and state is State.SWITCHED_PRIMARIES):
        return None
    if state is State.REVERSED_CUTOVER:
        at = since(facts.state_since)
        are = f"have been back{at}" if at else "are back"
        return f"The routing rules {are}: the application still needs them. Cut over again first."
    if (state in IN_WORDS and state is not State.STOPPED) or (imported and writes_moved(workflow)):
        return it_is(facts, workflow)
    if imported:
        return "Writes are still on the external database."
    return f"{facts.ref} is not cut over yet; there is nothing to complete."


def _in_doubt(kind: WorkflowKind) -> Level:
    """The end of an import cannot be taken back and has no `--force`: it waits."""
    return Level.WARN if kind is WorkflowKind.MOVE else Level.BLOCK


def _variant(_: Workflow | None, kind: WorkflowKind) -> Action:
    return COMPLETE_IMPORT if kind is WorkflowKind.IMPORT else COMPLETE


def _instead(latest: Workflow) -> str:
    if state_of(latest.state) is State.REVERSED_CUTOVER:
        return "Next: fix the application, cut over again, then complete."
    return LOOK


_NOTHING_LEFT = "Nothing is left to do. {branch} is free for the next workflow."
_MAY_BE_CLOSED = "The connection to the external database may be closed already."

COMPLETE = Action(
    name=ActionName.COMPLETE,
    flags=(),
    call=WorkflowCall.COMPLETE,
    title="Complete",
    to_do="complete",
    variant=_variant,
    touches=Touches.NOTHING,
    switches=False,
    goes_back=False,
    deletes=None,
    after_deletion=True,
    only_starts=False,
    starts_verification=False,
    ends_verification=False,
    flags_hold=False,
    is_heavy=False,
    heard_by_all=False,
    alone="end the last way back",
    moves_in=(),
    leads_to=frozenset({State.COMPLETED}),
    causes=frozenset({Happening.COMPLETED}),
    told_as=Happening.COMPLETED,
    is_done=lambda read: state_of(read.state) is State.COMPLETED,
    preflight=Preflight(
        allowed=_allowed,
        checks=(others.cut_over_long_ago,),
        needs=frozenset({Need.KEYSPACES}),
        in_doubt=_in_doubt,
    ),
    traces=Traces(by="completed_by", at="completed_at"),
    before=Before(
        briefly="complete, {ref}",
        asks="to complete {ref}. Deletes nothing; afterwards routing rules cannot be restored. {need}",
        decides=(
            "Marks the move as finished and frees {branch}. "
            "Deletes nothing: the tables left {source} at the cutover{cut_over_at}.",
            "⛔ Ends the last way back: the routing rules cannot be restored any more (reverse-cutover).",
        ),
        happens=(
            "Marks the move as finished and frees {branch} for the next workflow.",
            "Deletes nothing: the tables left {source} at the cutover{cut_over_at}.",
            "⛔ Ends the last way back: the routing rules cannot be restored any more (reverse-cutover).",
        ),
        look_first=(),
        states=(),
        dialog=DialogWords(
            title="Complete {ref}?",
            text="Marks the move as finished ({where}). Deletes nothing. "
            "Afterwards the routing rules cannot be restored any more.",
            yes="Approve and complete",
        ),
        question=Question(text="Complete {ref}?", yes="Complete"),
    ),
    meanwhile=usually_seconds("completing", None),
    after=After(
        fact="{tables} {live} in {target}",
        stage="Completed{took} · {fact}",
        card=("{whole_move}{deleted_when}", _NOTHING_LEFT),
        notice="{ref} is completed: {listed} {live} in {target}. {branch} is free for the next workflow.",
        next=(),
    ),
    otherwise=Otherwise(
        unknown=(
            "Traffic and data are not touched by this in either case. Reading on.",
            "{last_read}",
        ),
        check="",
        refused=("Nothing changed; reverse-cutover is still possible.",),
        broke_off=went_back("{serving}", "Traffic and data are not touched by this.", "{said}"),
        broke_off_in_error=in_error("{serving}", "Traffic and data are not touched by this.", "{said}"),
        kept="{writes_seen} · reverse-cutover is still possible",
        instead=_instead,
    ),
)
COMPLETE_IMPORT = replace(
    COMPLETE,
    title="Complete import",
    is_heavy=True,
    before=Before(
        briefly="complete import, {ref}",
        asks="to complete import {ref}: ends replication back. Deletes no tables. {need}",
        decides=(
            "⛔ Stops replication back to the external database, closes the connection for good and removes "
            "its credentials. Deletes no tables.",
            "↩️ No way back. Until now: `/workflow reverse-traffic {place}`",
        ),
        happens=(
            "⛔ Stops replication back to the external database, closes the connection and removes its "
            "credentials from PlanetScale. It cannot be opened again.",
            "Deletes no tables: the external database keeps what it has, and gets no change after this.",
            "↩️ No way back. Until now: `/workflow reverse-traffic {place}`",
        ),
        look_first=(),
        states=(STATE + "every application is connected to PlanetScale and works",),
        dialog=DialogWords(
            title="Complete import {ref}?",
            text="Replication back to the external database ends ({where}) {moment}, and its credentials are "
            "removed. It cannot be opened again. "
            "You state that every application is connected to PlanetScale and works.",
            yes="Approve and complete",
        ),
        question=Question(text="Complete import {ref}?", yes="Complete"),
    ),
    after=replace(
        COMPLETE.after,
        fact="the connection to the external database is closed",
        card=("{serving}", "{whole_move}", _NOTHING_LEFT),
        notice="Import {ref} is completed. Writes: {target}. {branch} is free again.",
    ),
    otherwise=Otherwise(
        unknown=(
            "The connection to the external database may be closed or not. "
            "{target} serves everything in either case.",
            "{last_read}",
        ),
        check="",
        refused=("As PlanetScale reports it nothing changed.", AGAIN),
        broke_off=went_back("{serving}", _MAY_BE_CLOSED, "{said}"),
        broke_off_in_error=in_error("{serving}", _MAY_BE_CLOSED, "{said}"),
        kept="{writes_seen} · reverse-traffic is still possible",
    ),
)
"""It closes the connection to the external database, for good."""
