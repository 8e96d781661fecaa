"""Each stage of a live message, and who writes it."""

from collections.abc import Callable, Mapping

from bot.slack.cards.watch import live_copy as copy
from bot.slack.cards.watch import live_moved as moved
from bot.slack.cards.watch import live_trouble as trouble
from bot.slack.cards.watch import live_verified as verified
from bot.slack.cards.watch.live_told import StageText
from bot.slack.cards.watch.live_view import LiveView
from bot.workflows.observing.stage import LiveStageName, stage_of

_STAGES: Mapping[LiveStageName, Callable[[LiveView], StageText]] = {
    LiveStageName.PENDING: copy.pending,
    LiveStageName.COPYING: copy.copying,
    LiveStageName.INDEXING: copy.indexing,
    LiveStageName.CATCHING_UP: copy.catching_up,
    LiveStageName.THROTTLED: copy.held_back,
    LiveStageName.STANDING: copy.standing,
    LiveStageName.STOPPED: trouble.stopped,
    LiveStageName.COPIED: verified.copied,
    LiveStageName.VERIFYING: verified.verifying,
    LiveStageName.CLEAN: verified.clean,
    LiveStageName.STALE: verified.stale,
    LiveStageName.DIFFERS: verified.differs,
    LiveStageName.BROKE_OFF: verified.broke_off,
    LiveStageName.OUTDATED: verified.outdated,
    LiveStageName.NO_REPORT: verified.no_report,
    LiveStageName.MOVING: moved.moving,
    LiveStageName.CANCEL_WITH_TRAFFIC: moved.cancelling_with_traffic,
    LiveStageName.REPLICAS: moved.replicas,
    LiveStageName.PRIMARIES: moved.primaries,
    LiveStageName.CUT_OVER: moved.cut_over,
    LiveStageName.RESTORED: moved.restored,
    LiveStageName.COMPLETED: moved.completed,
    LiveStageName.CANCELLED: moved.cancelled,
    LiveStageName.ERROR: trouble.in_error,
    LiveStageName.ERROR_IN_SWITCH: trouble.in_error,
    LiveStageName.UNKNOWN: trouble.unknown,
}


def told_of(view: LiveView) -> StageText:
    """The stage that the workflow is in, in words."""
    return _STAGES[stage_of(view.observed, view.now)](view)
