"""What weight news of a workflow have: only what is wrong, and what is done, has a colour."""

from collections.abc import Mapping
from typing import Final

from bot.slack.cards.blocks.weight import Weight
from bot.workflows.observing.happenings import Happening

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


def edge_of_news(what: Happening, *, outside: bool) -> str | None:
    """The colour of the edge; `None`: it has none. `outside`: somebody did it outside the bot."""
    weight = Weight.WRONG if outside else _NEWS.get(what)
    return weight.colour if weight else None
