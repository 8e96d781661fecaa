"""The live message of a workflow that stands still, is in error, or in a state that is not known."""

from bot.slack.cards.blocks.rich import Line, code
from bot.slack.cards.blocks.templates import Parts
from bot.slack.cards.blocks.words import names
from bot.slack.cards.watch.live_told import StageText, told, with_share
from bot.slack.cards.watch.live_view import LiveView
from bot.slack.cards.workflow.headline import share
from bot.workflows.facts.schema_changes import named_tables, schema_change
from bot.workflows.facts.states import State, in_words
from bot.workflows.recovery import BROKEN, Recovery, Step, recovery


def stopped(view: LiveView) -> StageText:
    """Replication has stopped: what PlanetScale said, and what to do."""
    behind = "" if view.workflow.primaries_switched else f"; {view.target} falls behind"
    first = Line((f"Replication stands still{behind}. ", *view.it_said(view.errors)))
    stage = StageText(("Stopped", *view.since), (first, *_advice(view)))
    return with_share(view, stage)


def in_error(view: LiveView) -> StageText:
    """In the state *error*: what it was doing, what PlanetScale said, and what to do."""
    body = (Line(view.it_said(view.errors)), *_advice(view))
    return StageText(("Error", *view.since, *was(view)), body)


def _advice(view: LiveView) -> tuple[Line, ...]:
    return tuple(Line(parts) for parts in (advice(view),) if parts)


def advice(view: LiveView) -> Parts:
    """What to do about what has stopped or is in error; nothing where it is neither."""
    if view.state not in BROKEN:
        return ()
    found = recovery(view.workflow, view.switch_tried_at)
    warning = found.warning(view.target)
    return (*((f"{warning} ",) if warning else ()), *_step(view, found))


def _step(view: LiveView, found: Recovery) -> Parts:
    if found.step is not Step.RETRY:
        return view.fill(found.instead("`/workflow reverse-traffic {place}`"))
    if view.state is State.STOPPED:
        return (_find_and_retry(view),)
    return (found.on_retry,)


def _find_and_retry(view: LiveView) -> str:
    """What comes before a retry of what has stopped."""
    if not schema_change(view.workflow):
        return "Find the cause, then retry."
    rule = f" ({view.cut(view.workflow.on_ddl)})" if view.workflow.on_ddl else ""
    tables = names([view.cut(name) for name in named_tables(view.workflow)], 2) or "the schemas"
    return (
        f"A schema change stopped it{rule}: compare {tables} in {view.source} and {view.target}, then retry."
    )


def was(view: LiveView) -> Parts:
    """` · was copying, about 41 %`"""
    before, part = view.observed.previous, share(view.workflow)
    known = in_words(before) if before else None
    said = ", ".join(filter(None, (known and f"was {view.cut(known)}", part)))
    return (f" · {said}",) if said else ()


def unknown(view: LiveView) -> StageText:
    """A state that this version does not know: it is named, and nothing is offered."""
    stage = told(
        view,
        "",
        "Shown as PlanetScale names it; nothing is offered. Look at the dashboard, and act with pscale.",
    )
    return StageText(("State ", code(view.cut(view.workflow.state)), ": not known to this bot"), stage.body)
