"""What weight live messages and news have: only what is wrong, and what is done, has a colour."""

from collections.abc import Mapping
from typing import Final

from bot.slack.cards.blocks.weight import Weight
from bot.slack.cards.watch.live_view import LiveView
from bot.workflows.observing.happenings import Happening
from bot.workflows.observing.stage import LiveStageName, stage_of

_NEWS: Final[Mapping[Happening, Weight]] = {
    Happening.DIFFERS: Weight.WRONG,
    Happening.VERIFICATION_BROKE_OFF: Weight.WRONG,
    Happening.SWITCH_BROKE_OFF: Weight.WRONG,
    Happening.MOVING_LONG: Weight.WRONG,
    Happening.CANCELLING_WITH_TRAFFIC: Weight.WRONG,
    Happening.STOPPED: Weight.WRONG,
    Happening.ERROR: Weight.WRONG,
    Happening.STREAM_ERROR: Weight.WRONG,
    Happening.GONE: Weight.WRONG,
    Happening.COPIED: Weight.DONE,
    Happening.CLEAN: Weight.DONE,
    Happening.COMPLETED: Weight.DONE,
}

_LIVE: Final[Mapping[LiveStageName, Weight]] = {
    LiveStageName.STOPPED: Weight.WRONG,
    LiveStageName.DIFFERS: Weight.WRONG,
    LiveStageName.BROKE_OFF: Weight.WRONG,
    LiveStageName.CANCEL_WITH_TRAFFIC: Weight.WRONG,
    LiveStageName.ERROR: Weight.WRONG,
    LiveStageName.ERROR_IN_SWITCH: Weight.WRONG,
    LiveStageName.COMPLETED: Weight.DONE,
}


def edge_of_live(view: LiveView) -> str | None:
    """The colour of the edge; `None`: it has none, as where it only tells what was known last."""
    if view.moved_to or view.watch.over or view.silent or view.watch.observed is None:
        return None
    weight = _LIVE.get(stage_of(view.observed, view.now))
    return weight.colour if weight else None


def edge_of_news(what: Happening, *, outside: bool) -> str | None:
    """The colour of the edge; `None`: it has none. `outside`: somebody did it outside the bot."""
    weight = Weight.WRONG if outside else _NEWS.get(what)
    return weight.colour if weight else None
