"""The live message from the first switch of traffic to the end: who serves what, and the way back."""

from bot.slack.cards.blocks.rich import At, Line
from bot.slack.cards.blocks.templates import Parts
from bot.slack.cards.blocks.words import duration
from bot.slack.cards.watch.live_told import StageText, told, way_back, writes
from bot.slack.cards.watch.live_verified import connected, freshness
from bot.slack.cards.watch.live_view import LiveView
from bot.slack.cards.workflow.headline import headline
from bot.workflows.actions.registry import moving_in
from bot.workflows.facts.kind import WorkflowKind
from bot.workflows.facts.progress import finished_at
from bot.workflows.facts.states import State
from bot.workflows.facts.traffic import BEING_MOVED, switch_was_tried
from bot.workflows.observing.stage import CANCELS_WITHIN, MOVES_WITHIN

_VSCHEMA = {
    None: "not read",
    True: "still in {target}'s VSchema, remove it first",
    False: "not in {target}'s VSchema ✅",
}


def moving(view: LiveView) -> StageText:
    """Traffic, the routing rules or the workflow itself are on their way at this moment; or for too long."""
    usual = CANCELS_WITHIN if view.state is State.CANCELLING else MOVES_WITHIN
    slow = view.now - view.observed.entered_at > usual
    verb = headline(view.workflow, view.now)
    head = f"Still {verb[:1].lower()}{verb[1:]}" if slow else verb
    since = At(view.observed.entered_at, "{date_short_pretty} {time_secs}")
    lines = [Line(view.fill(template)) for template in (_meanwhile(view) if slow else ())]
    how = ", first seen " if view.observed.only_seen else " since "
    return StageText((head, how, since), (*_asked_by(view), *lines))


def _meanwhile(view: LiveView) -> tuple[str, ...]:
    """What to know and to look at, by what PlanetScale is carrying out."""
    only_replicas = view.traffic.replica_reads == BEING_MOVED
    action = moving_in(view.state, only_replicas=only_replicas) if view.state else None
    return action.meanwhile.slow if action else ()


def cancelling_with_traffic(view: LiveView) -> StageText:
    """It is being cancelled while it serves traffic, which goes back first."""
    stage = told(
        view,
        "Being cancelled",
        "PlanetScale moves traffic back to {source} first, then deletes the copies in {target}.",
    )
    return StageText(stage.head, (*_asked_by(view), *stage.body))


def _asked_by(view: LiveView) -> tuple[Line, ...]:
    if view.story:
        return (Line(("Asked by ", *view.by)),)
    account = view.account
    return (Line((f"Started outside this bot by {view.cut(account)}",)),) if account else ()


def replicas(view: LiveView) -> StageText:
    """Replica reads are on the target, writes are not."""
    by: Parts = ("By ", *view.by, " · ") if view.by else ()
    state = freshness(view)
    if not by and isinstance(state[0], str):
        state = (state[0][:1].upper() + state[0][1:], *state[1:])
    lines = (Line((*by, *state)), *connected(view), way_back(view))
    return StageText(
        (*view.fill("Replica reads on {target} since "), _since(view, "switch_replicas_at")), lines
    )


def primaries(view: LiveView) -> StageText:
    """Writes are on the target. How it ends from here depends on the kind of workflow."""
    kept = "the external database" if view.kind is WorkflowKind.IMPORT else "{source}"
    lines: list[Line] = []
    if view.kind is WorkflowKind.MOVE:
        vschema = _VSCHEMA[view.observed.explicit_routing]
        needs = f"Before the cutover: application off {{source}} · require_explicit_routing: {vschema}"
        lines.append(Line(view.fill(needs)))
    else:
        lines += connected(view)
    return StageText(
        (*view.fill("Writes on {target} since "), _since(view, "switch_primaries_at")),
        (*lines, way_back(view)),
        view.fill(f" · {kept} is kept up to date by replication back"),
    )


def cut_over(view: LiveView) -> StageText:
    """Cut over: the tables of the source are deleted."""
    stage = told(
        view,
        "",
        "If queries fail: restore the routing rules. When all is well: complete.",
        tail=" · {tables} {are} deleted from {source}",
    )
    return StageText(("Cut over ", _since(view, "cutover_at")), stage.body, stage.tail)


def restored(view: LiveView) -> StageText:
    """The routing rules were restored after a cutover."""
    serves = (
        f"{writes(view)} · queries that name {view.source} for these tables reach {view.target} again. "
        f"The tables in {view.source} stay deleted."
    )
    next_line = Line(("Next: fix the application, then cut over again",))
    return StageText(("Routing rules restored ", *view.entered), (next_line,), serves=(serves,))


def completed(view: LiveView) -> StageText:
    """Completed: the end that was meant."""
    closed = " The connection to the external database is closed." if view.kind is WorkflowKind.IMPORT else ""
    lives = Line((f"{view.tables} {view.lives} in {view.target}.{closed} {writes(view)}.",))
    head = "Import completed " if view.kind is WorkflowKind.IMPORT else "Completed "
    return StageText((head, _ended(view)), (lives,), after=_took(view), serves=())


def cancelled(view: LiveView) -> StageText:
    """Cancelled: the copies are deleted."""
    all_along = "" if switch_was_tried(view.workflow) else ", as all along"
    line = Line((f"The copies in {view.target} are deleted. {writes(view)}{all_along}.",))
    return StageText(("Cancelled ", _ended(view)), (line,), serves=())


def _ended(view: LiveView) -> At:
    return At(finished_at(view.workflow) or view.observed.entered_at)


def _took(view: LiveView) -> Parts:
    begun, ended = view.workflow.created_at, finished_at(view.workflow)
    return (f" · took {duration(ended - begun)}",) if begun and ended and ended >= begun else ()


def _since(view: LiveView, field: str) -> At:
    """PlanetScale's own time of it, else when it was first seen so."""
    return At(getattr(view.workflow, field) or view.observed.entered_at)
