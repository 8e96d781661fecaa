"""How loudly each thing that happens to a workflow is told. `docs/watching.md` says the same in words."""

from collections.abc import Mapping
from typing import Final

from bot.watch.notifications.loudness import LoudnessRules
from bot.watch.ports import Loudness
from bot.workflows.observing.happenings import Happening

CALL, POST, THREAD = Loudness.CALL, Loudness.POST, Loudness.THREAD

_BY_ITSELF: Mapping[str, Loudness] = {
    Happening.COPIED: CALL,
    Happening.CLEAN: CALL,
    Happening.DIFFERS: CALL,
    Happening.VERIFICATION_BROKE_OFF: CALL,
    Happening.NO_REPORT: CALL,
    Happening.VERIFICATION_STANDS: CALL,
    Happening.STALE_SOON: THREAD,
    Happening.STALE: THREAD,
    Happening.MOVING_LONG: CALL,
    Happening.STOPPED: CALL,
    Happening.ERROR: CALL,
    Happening.STREAM_ERROR: CALL,
    Happening.THROTTLED: THREAD,
    Happening.THROTTLED_LONG: POST,
    Happening.SLOWER: POST,
    Happening.STANDING: CALL,
    Happening.INDEXING_LONG: THREAD,
    Happening.CANCELLING_LONG: THREAD,
    Happening.GOING_ON: THREAD,
    Happening.NOT_COMPLETED: THREAD,
    Happening.GONE: POST,
}
"""How it is told, whoever began. The start of a verification is an edit of the live message alone."""

_OUTSIDE: Mapping[str, Loudness] = {
    Happening.REPLICAS_SWITCHED: CALL,
    Happening.PRIMARIES_SWITCHED: CALL,
    Happening.CUT_OVER: CALL,
    Happening.COMPLETED: CALL,
    Happening.CANCELLED: CALL,
    Happening.CANCELLING_WITH_TRAFFIC: CALL,
    Happening.SWITCH_BROKE_OFF: CALL,
    Happening.CLEAN: POST,
    Happening.DIFFERS: CALL,
    Happening.VERIFICATION_BROKE_OFF: CALL,
    Happening.NO_REPORT: CALL,
    Happening.REVERSED: CALL,
    Happening.RETRIED: POST,
    Happening.RULES_RESTORED: CALL,
}
"""Somebody asked for it: how it is told when that was not through the bot."""

_PAST_THE_BOT = frozenset(
    {
        Happening.REPLICAS_SWITCHED,
        Happening.PRIMARIES_SWITCHED,
        Happening.CUT_OVER,
        Happening.COMPLETED,
        Happening.CANCELLED,
        Happening.CANCELLING_WITH_TRAFFIC,
    }
)
"""Where the bot did not do it, it was done without the two-person rule."""

_CALLS_NAMED = _PAST_THE_BOT | {
    Happening.REVERSED,
    Happening.RULES_RESTORED,
    Happening.SWITCH_BROKE_OFF,
    Happening.ERROR,
    Happening.STREAM_ERROR,
    Happening.STOPPED,
}
"""Whom the policy names is called as well: they would have been asked, or
somebody has to look."""

_LINKED = _PAST_THE_BOT | {Happening.REVERSED, Happening.RULES_RESTORED}
"""Done by the bot: one reply with a link to the card."""

_ON_THE_WAY = frozenset({Happening.CANCELLING_WITH_TRAFFIC})
"""Of these, what is not yet the end of the request."""

_CARD_TELLS = frozenset({Happening.MOVING_LONG, Happening.ERROR})
"""Told by itself; but of what the bot did the card tells it, and calls whom it concerns."""

LOUDNESS: Final = LoudnessRules(
    by_itself=_BY_ITSELF,
    outside=_OUTSIDE,
    calls_named=_CALLS_NAMED,
    linked=_LINKED,
    on_the_way=_ON_THE_WAY,
    card_tells=_CARD_TELLS,
)
