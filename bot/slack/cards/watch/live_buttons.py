"""What can be pressed under a live message and under news: the way back, one next step, and a menu."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from bot.planetscale.calls import WorkflowCall
from bot.slack.cards.blocks.bars import TABLES_SHOWN
from bot.slack.cards.blocks.controls import Button, Control, Menu
from bot.slack.cards.operation.buttons import next_step
from bot.slack.cards.watch.live_view import LiveView
from bot.slack.cards.workflow.page_button import page_button
from bot.watch.model import Over
from bot.workflows.actions.registry import of_call
from bot.workflows.checks.allowed import Allowed
from bot.workflows.facts.kind import WorkflowKind
from bot.workflows.facts.states import ENDED
from bot.workflows.facts.verification import DataVerdict
from bot.workflows.observing.stage import LiveStageName, stage_of
from bot.workflows.observing.verifying import stands_since
from bot.workflows.own import observed_of

MENU: Final = "wa_menu"
"""A choice's value is one of the words below, a colon and the watch's id."""
MENTION: Final = "mention"
BOTTOM: Final = "bottom"
STOP: Final = "stop"
TABLES: Final = "tables"
STREAMS: Final = "streams"

W = WorkflowCall


@dataclass(frozen=True, slots=True)
class NextStep:
    """An action that may be asked for by a button, through the same gate as its command."""

    label: str
    call: WorkflowCall


REVERSE: Final = NextStep("Reverse traffic", W.REVERSE_TRAFFIC)
RESTORE: Final = NextStep("Restore routing rules", W.REVERSE_CUTOVER)
VERIFY: Final = NextStep("Verify data", W.VERIFY_DATA)
RETRY: Final = NextStep("Retry", W.RETRY)
SWITCH_REPLICAS: Final = NextStep("Switch replica reads", W.SWITCH_REPLICAS)
SWITCH_PRIMARIES: Final = NextStep("Switch primaries", W.SWITCH_PRIMARIES)
CUT_OVER: Final = NextStep("Cut over …", W.CUTOVER)
CUT_OVER_AGAIN: Final = NextStep("Cut over again", W.CUTOVER)
COMPLETE: Final = NextStep("Complete", W.COMPLETE)

LABELS: Final[Mapping[WorkflowCall, str]] = {
    step.call: step.label
    for step in (REVERSE, RESTORE, VERIFY, RETRY, SWITCH_REPLICAS, SWITCH_PRIMARIES, CUT_OVER, COMPLETE)
}
"""What the button of a request says, wherever it is offered."""

_NEXT: Mapping[LiveStageName, NextStep] = {
    LiveStageName.COPIED: VERIFY,
    LiveStageName.CLEAN: SWITCH_REPLICAS,
    LiveStageName.STALE: VERIFY,
    LiveStageName.DIFFERS: VERIFY,
    LiveStageName.BROKE_OFF: VERIFY,
    LiveStageName.OUTDATED: VERIFY,
    LiveStageName.NO_REPORT: VERIFY,
    LiveStageName.STOPPED: RETRY,
    LiveStageName.ERROR: RETRY,
    LiveStageName.REPLICAS: SWITCH_PRIMARIES,
    LiveStageName.CUT_OVER: COMPLETE,
    LiveStageName.RESTORED: CUT_OVER_AGAIN,
}


def live_buttons(view: LiveView) -> tuple[Control, ...]:
    """The way back first, at most one next step, and the menu; of an ended one its page is left, if it
    still has one.
    """
    if view.moved_to is not None or view.watch.over is Over.GONE:
        return ()
    ended = view.watch.observed is not None and view.state in ENDED
    if ended or view.watch.over is not None:
        return (page_button(view.named),)
    steps = (way_back(view), next_of(view))
    return (*(as_button(view, step) for step in steps if step), page_button(view.named), _menu(view))


def as_button(view: LiveView, step: NextStep) -> Button:
    """The button that asks for it as the command does."""
    return next_step(view.named, step.label, of_call(step.call), view.workflow, view.kind)


def way_back(view: LiveView) -> NextStep | None:
    """What takes back what was done last, where it can be taken back. It goes by what is known already."""
    if view.outcome_open:
        return None
    return next(
        (step for step in (REVERSE, RESTORE) if view.watch.observed and allowed(view).call(step.call)), None
    )


def next_of(view: LiveView) -> NextStep | None:
    """The next sensible step, where the state allows it and PlanetScale answers."""
    if view.watch.observed is None or view.silent or view.outcome_open:
        return None
    stage = stage_of(view.observed, view.now)
    step = _after_the_switch(view) if stage is LiveStageName.PRIMARIES else _NEXT.get(stage)
    if step is None or not allowed(view).call(step.call) or not _sensible(view, stage):
        return None
    return step


def _after_the_switch(view: LiveView) -> NextStep | None:
    """An import ends otherwise than a move; where it is not known which it is, nothing is offered."""
    match view.kind:
        case WorkflowKind.IMPORT:
            return COMPLETE
        case WorkflowKind.MOVE if not view.observed.explicit_routing:
            return CUT_OVER
        case _:
            return None


def _sensible(view: LiveView, stage: LiveStageName) -> bool:
    """What is known to be wrong is not offered."""
    return stage is not LiveStageName.REPLICAS or view.verification.verdict is not DataVerdict.DIFFERS


def allowed(view: LiveView) -> Allowed:
    """What the state of the workflow allows."""
    stands = stands_since(observed_of(view.watch.observed))
    return Allowed(view.named, view.workflow, view.now, view.kind, view.switch_tried_at, stands)


def _menu(view: LiveView) -> Menu:
    choices = [("Mention me instead", MENTION), ("Bring to the bottom", BOTTOM), ("Stop watching", STOP)]
    if view.watch.observed:
        tables = len(view.table_list)
        choices += [(f"All {tables} tables", TABLES)] if tables > TABLES_SHOWN else []
        choices += [("Stream messages", STREAMS)] if view.workflow.streams else []
    return Menu(MENU, tuple((label, f"{what}:{view.watch.id}") for label, what in choices))
