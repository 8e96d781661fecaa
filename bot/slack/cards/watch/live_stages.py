"""Each stage of a live message, and who writes it."""

from collections.abc import Callable, Mapping

from bot.slack.cards.watch import live_copy as copy
from bot.slack.cards.watch import live_moved as moved
from bot.slack.cards.watch import live_trouble as trouble
from bot.slack.cards.watch import live_verified as verified
from bot.slack.cards.watch.live_told import Told
from bot.slack.cards.watch.live_view import LiveView
from bot.workflows.observing.stage import Stage, stage_of

_STAGES: Mapping[Stage, Callable[[LiveView], Told]] = {
    Stage.PENDING: copy.pending,
    Stage.COPYING: copy.copying,
    Stage.INDEXING: copy.indexing,
    Stage.CATCHING_UP: copy.catching_up,
    Stage.THROTTLED: copy.held_back,
    Stage.STANDING: copy.standing,
    Stage.STOPPED: trouble.stopped,
    Stage.COPIED: verified.copied,
    Stage.VERIFYING: verified.verifying,
    Stage.CLEAN: verified.clean,
    Stage.STALE: verified.stale,
    Stage.DIFFERS: verified.differs,
    Stage.BROKE_OFF: verified.broke_off,
    Stage.OUTDATED: verified.outdated,
    Stage.NO_REPORT: verified.no_report,
    Stage.MOVING: moved.moving,
    Stage.CANCEL_WITH_TRAFFIC: moved.cancelling_with_traffic,
    Stage.REPLICAS: moved.replicas,
    Stage.PRIMARIES: moved.primaries,
    Stage.CUT_OVER: moved.cut_over,
    Stage.RESTORED: moved.restored,
    Stage.COMPLETED: moved.completed,
    Stage.CANCELLED: moved.cancelled,
    Stage.ERROR: trouble.in_error,
    Stage.ERROR_IN_SWITCH: trouble.in_error,
    Stage.UNKNOWN: trouble.unknown,
}


def told_of(view: LiveView) -> Told:
    """The stage that the workflow is in, in words."""
    return _STAGES[stage_of(view.sight, view.now)](view)
