"""The live message of a workflow that stands still, is in error, or in a state that is not known."""

from bot.slack.cards.filling import Parts
from bot.slack.cards.headline import share
from bot.slack.cards.live_told import Told, told, with_share
from bot.slack.cards.live_view import LiveView
from bot.slack.cards.rich import Line, code
from bot.slack.cards.words import names
from bot.workflows.guidance import guidance, schema_change

_WAS = {
    "pending": "waiting to start",
    "running": "running",
    "verifying_data": "being verified",
    "verified_data": "verified",
    "switched_replicas": "switched (replica reads)",
    "switched_primaries": "switched (writes)",
    "cutover": "cut over",
    "reversed_cutover": "cut over, routing rules restored",
}


def stopped(view: LiveView) -> Told:
    """7.8"""
    behind = "" if view.workflow.primaries_switched else f"; {view.target} falls behind"
    first = Line((f"Replication stands still{behind}. ", *view.it_said(view.errors)))
    stage = Told(("Stopped", *view.since), (first, Line((what_to_do(view),))))
    return with_share(view, stage)


def what_to_do(view: LiveView) -> str:
    """What comes before a retry of what has stopped."""
    if not schema_change(view.workflow):
        return "Find the cause, then retry."
    rule = f" ({view.cut(view.workflow.on_ddl)})" if view.workflow.on_ddl else ""
    said = view.errors
    named = [name for name in view.table_list if f"'{name}'" in said or f"`{name}`" in said]
    tables = names([view.cut(name) for name in named], 2) or "the schemas"
    return (
        f"A schema change stopped it{rule}: compare {tables} in {view.source} and {view.target}, then retry."
    )


def in_error(view: LiveView) -> Told:
    """7.21"""
    body = (Line(view.it_said(view.errors)), Line((offered(view),)))
    return Told(("Error", *view.since, *was(view)), body)


def offered(view: LiveView) -> str:
    """Whether PlanetScale allows a retry."""
    if view.workflow.may_retry or view.workflow.may_restart:
        return "PlanetScale allows a retry. It continues or starts over; which one is not known beforehand."
    return "PlanetScale offers no retry. Cancel and create again, or PlanetScale support."


def in_error_after_switch(view: LiveView) -> Told:
    """7.21, when nobody knows which way traffic goes."""
    advice = guidance(view.watch.ref, view.workflow, view.now, view.kind).next or ""
    body = (Line(view.it_said(view.errors)), Line((f"{advice[:1].upper()}{advice[1:]}",)))
    return Told(("Error", *view.since, *was(view)), body)


def was(view: LiveView) -> Parts:
    """` · was copying, about 41 %`"""
    before, part = view.sight.previous, share(view.workflow)
    known = _WAS.get(before, before.replace("_", " ")) if before else None
    said = ", ".join(filter(None, (known and f"was {view.cut(known)}", part)))
    return (f" · {said}",) if said else ()


def unknown(view: LiveView) -> Told:
    """7.22"""
    stage = told(view, "", "Shown as PlanetScale names it; nothing is offered. Use the dashboard.")
    return Told(("State ", code(view.cut(view.workflow.state)), ": not known to this bot"), stage.body)
